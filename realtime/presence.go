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
	slug   string
	online map[string]*attendee // by user id
	sorted []*attendee          // online, by name, then id
	first  []byte               // the list of the first hundred as JSON; immutable, nil when it has to be made
	told   map[string]bool      // users whom the last event left present; only those that changed since
	timer  *time.Timer          // runs while told holds something
}

type attendee struct {
	user    chat.User
	sockets int
}

// online is the part of a room's state in the answer to a join.
type online struct {
	count int
	users []byte // the first hundred by name, as JSON
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
		a = &attendance{slug: slug, online: make(map[string]*attendee), told: make(map[string]bool)}
		p.rooms[slug] = a
	}
	who := a.online[user.ID]
	if who == nil {
		p.changedLocked(a, user.ID, false)
		who = &attendee{user: user}
		a.online[user.ID] = who
		a.insert(who)
	} else if who.user != user {
		a.remove(who)
		who.user = user
		a.insert(who)
	}
	if !slices.Contains(m.present, a) {
		m.present = append(m.present, a)
		who.sockets++
	}
	return a.list()
}

// leave takes a member's socket out of a room.
func (p *presence) leave(slug string, m *member) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if i := slices.IndexFunc(m.present, func(a *attendance) bool { return a.slug == slug }); i >= 0 {
		p.leaveLocked(m.present[i], m)
		m.present = slices.Delete(m.present, i, i+1)
	}
}

// leaveAll takes a member's socket out of every room.
func (p *presence) leaveAll(m *member) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, a := range m.present {
		p.leaveLocked(a, m)
	}
	m.present = nil
}

func (p *presence) leaveLocked(a *attendance, m *member) {
	who := a.online[m.id]
	if who.sockets--; who.sockets > 0 {
		return
	}
	delete(a.online, m.id)
	a.remove(who)
	p.changedLocked(a, m.id, true)
}

// changedLocked notes that a user came or went; was is whether they were present before.
func (p *presence) changedLocked(a *attendance, user string, was bool) {
	if p.closed {
		return
	}
	if _, noted := a.told[user]; !noted {
		a.told[user] = was
	}
	if a.timer == nil {
		a.timer = time.AfterFunc(p.every, func() { p.tell(a.slug) })
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
	named, changed := event.Count <= presenceNames, false
	for id, was := range a.told {
		who := a.online[id]
		if (who != nil) == was {
			continue
		}
		changed = true
		if !named {
			break // nobody is told more
		}
		if who != nil {
			event.Joined = append(event.Joined, who.user)
		} else {
			event.Left = append(event.Left, id)
		}
	}
	a.told = make(map[string]bool) // a map keeps the room it once needed
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

// find returns where somebody is in sorted, or would be.
func (a *attendance) find(who *attendee) int {
	i, _ := slices.BinarySearchFunc(a.sorted, who, func(x, y *attendee) int {
		return cmp.Or(cmp.Compare(x.user.Name, y.user.Name), cmp.Compare(x.user.ID, y.user.ID))
	})
	return i
}

func (a *attendance) insert(who *attendee) {
	i := a.find(who)
	a.sorted = slices.Insert(a.sorted, i, who)
	if i < presenceFirst {
		a.first = nil
	}
}

func (a *attendance) remove(who *attendee) {
	i := a.find(who)
	a.sorted = slices.Delete(a.sorted, i, i+1)
	if i < presenceFirst {
		a.first = nil
	}
}

func (a *attendance) list() online {
	if a.first == nil {
		b := []byte{'['}
		for i, who := range a.sorted[:min(len(a.sorted), presenceFirst)] {
			if i > 0 {
				b = append(b, ',')
			}
			b = who.user.AppendJSON(b)
		}
		a.first = append(b, ']')
	}
	return online{len(a.sorted), a.first}
}
