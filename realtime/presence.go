package realtime

import (
	"cmp"
	"slices"
	"sync"
	"time"

	"roomline/realtime/chat"
	"roomline/realtime/socketio"
)

const (
	presenceNames = 200 // a room with more people online is told their number only
	presenceFirst = 100 // people named in the answer to a join
)

// presence knows who is in the rooms of a namespace. A person is in a room while one of
// their sockets is. Changes are collected and told once a second, so that somebody who
// comes back within it was never gone.
type presence struct {
	// set once
	namespace *socketio.Namespace
	every     time.Duration // changes of a room are told together, this often at most

	mu     sync.Mutex // guards what follows
	rooms  map[string]*attendance
	closed bool
}

// attendance is who is in one room.
type attendance struct {
	online map[string]*attendee // by user id
	told   map[string]bool      // users whom the last event left present; only those that changed since
	timer  *time.Timer          // runs while told holds something
}

type attendee struct {
	user    chat.User
	sockets map[*member]struct{}
}

// online is the part of a room's state in the answer to a join.
type online struct {
	Count int         `json:"count"`
	Users []chat.User `json:"users"` // the first hundred by name
}

// presenceEvent is "presence". Joined and Left are missing in rooms with many people.
type presenceEvent struct {
	Room   string      `json:"room"`
	Count  int         `json:"count"`
	Joined []chat.User `json:"joined,omitempty"`
	Left   []string    `json:"left,omitempty"` // user ids
}

func newPresence(n *socketio.Namespace, every time.Duration) *presence {
	return &presence{namespace: n, every: every, rooms: make(map[string]*attendance)}
}

// join puts a member's socket in a room and returns who is there, the member included.
func (p *presence) join(slug string, m *member) online {
	user := m.profile()
	p.mu.Lock()
	defer p.mu.Unlock()
	a := p.rooms[slug]
	if a == nil {
		a = &attendance{online: make(map[string]*attendee), told: make(map[string]bool)}
		p.rooms[slug] = a
	}
	who := a.online[user.ID]
	if who == nil {
		who = &attendee{sockets: make(map[*member]struct{}, 1)}
		a.online[user.ID] = who
		p.changedLocked(slug, a, user.ID, false)
	}
	who.user = user
	who.sockets[m] = struct{}{}
	return a.list()
}

// leave takes a member's socket out of a room.
func (p *presence) leave(slug string, m *member) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.leaveLocked(slug, m)
}

// leaveAll takes a member's socket out of every room.
func (p *presence) leaveAll(m *member) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for slug := range p.rooms {
		p.leaveLocked(slug, m)
	}
}

func (p *presence) leaveLocked(slug string, m *member) {
	a := p.rooms[slug]
	if a == nil {
		return
	}
	who := a.online[m.actor.ID]
	if who == nil {
		return
	}
	delete(who.sockets, m)
	if len(who.sockets) == 0 {
		delete(a.online, m.actor.ID)
		p.changedLocked(slug, a, m.actor.ID, true)
	}
}

// changedLocked notes that a user came or went; was is whether they were present before.
func (p *presence) changedLocked(slug string, a *attendance, user string, was bool) {
	if p.closed {
		return
	}
	if _, noted := a.told[user]; !noted {
		a.told[user] = was
	}
	if a.timer == nil {
		a.timer = time.AfterFunc(p.every, func() { p.tell(slug) })
	}
}

// tell sends what has changed in a room since the last time.
func (p *presence) tell(slug string) {
	p.mu.Lock()
	event, changed := p.collectLocked(slug)
	p.mu.Unlock()
	if changed {
		_ = p.namespace.To(memberRoom(slug)).Emit("presence", event) // always encodable
	}
}

func (p *presence) collectLocked(slug string) (presenceEvent, bool) {
	a := p.rooms[slug]
	if a == nil || p.closed {
		return presenceEvent{}, false
	}
	event := presenceEvent{Room: slug, Count: len(a.online)}
	for id, was := range a.told {
		switch who := a.online[id]; {
		case who != nil && !was:
			event.Joined = append(event.Joined, who.user)
		case who == nil && was:
			event.Left = append(event.Left, id)
		}
	}
	changed := len(event.Joined)+len(event.Left) > 0
	if event.Count > presenceNames {
		event.Joined, event.Left = nil, nil
	}
	clear(a.told)
	a.timer = nil
	if len(a.online) == 0 {
		delete(p.rooms, slug)
	}
	return event, changed
}

func (p *presence) close() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.closed = true
	for _, a := range p.rooms {
		if a.timer != nil {
			a.timer.Stop()
		}
	}
}

func (a *attendance) list() online {
	users := make([]chat.User, 0, len(a.online))
	for _, who := range a.online {
		users = append(users, who.user)
	}
	slices.SortFunc(users, func(x, y chat.User) int {
		return cmp.Or(cmp.Compare(x.Name, y.Name), cmp.Compare(x.ID, y.ID))
	})
	return online{Count: len(users), Users: users[:min(len(users), presenceFirst)]}
}
