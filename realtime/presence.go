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
	online map[string]int32 // where in people somebody is, by user id
	people []attendee
	free   []int32         // places in people
	sorted []int32         // online, by name, then id: numbers, as moving pointers is dear
	first  []byte          // the list of the first hundred as JSON; immutable, nil when it has to be made
	told   map[string]bool // users whom the last event left present; only those that changed since
	timer  *time.Timer     // runs while told holds something
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
	switch {
	case m.id == "" && a == nil: // a guest only looks
		return online{users: []byte("[]")}
	case m.id == "":
		return a.list()
	case a == nil:
		a = &attendance{slug: slug, online: make(map[string]int32), told: make(map[string]bool)}
		p.rooms[slug] = a
	}
	at, in := a.online[user.ID]
	switch {
	case !in:
		p.changedLocked(a, user.ID, false)
		at = a.insert(attendee{user: user})
	case a.people[at].user != user:
		who := a.people[at]
		a.remove(at)
		who.user = user
		at = a.insert(who)
	}
	if !slices.Contains(m.present, a) {
		m.present = append(m.present, a)
		a.people[at].sockets++
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
	at := a.online[m.id]
	if a.people[at].sockets--; a.people[at].sockets == 0 {
		a.remove(at)
		p.changedLocked(a, m.id, true)
	}
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
		at, in := a.online[id]
		if in == was {
			continue
		}
		changed = true
		if !named {
			break // nobody is told more
		}
		if in {
			event.Joined = append(event.Joined, a.people[at].user)
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

// occupied returns how many rooms have somebody in them.
func (p *presence) occupied() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	n := 0
	for _, a := range p.rooms {
		if len(a.online) > 0 {
			n++
		}
	}
	return n
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

// find returns where in sorted somebody is, or would be.
func (a *attendance) find(user chat.User) int {
	i, _ := slices.BinarySearchFunc(a.sorted, user, func(at int32, user chat.User) int {
		other := &a.people[at].user
		return cmp.Or(cmp.Compare(other.Name, user.Name), cmp.Compare(other.ID, user.ID))
	})
	return i
}

// insert adds somebody who is not there, and returns their place in people.
func (a *attendance) insert(who attendee) int32 {
	at := int32(len(a.people))
	if last := len(a.free) - 1; last >= 0 {
		at, a.free = a.free[last], a.free[:last]
		a.people[at] = who
	} else {
		a.people = append(a.people, who)
	}
	a.online[who.user.ID] = at
	i := a.find(who.user)
	a.sorted = slices.Insert(a.sorted, i, at)
	if i < presenceFirst {
		a.first = nil
	}
	return at
}

func (a *attendance) remove(at int32) {
	user := a.people[at].user
	i := a.find(user)
	a.sorted = slices.Delete(a.sorted, i, i+1)
	if i < presenceFirst {
		a.first = nil
	}
	delete(a.online, user.ID)
	a.people[at] = attendee{}
	a.free = append(a.free, at)
}

func (a *attendance) list() online {
	if a.first == nil {
		b := []byte{'['}
		for i, at := range a.sorted[:min(len(a.sorted), presenceFirst)] {
			if i > 0 {
				b = append(b, ',')
			}
			b = a.people[at].user.AppendJSON(b)
		}
		a.first = append(b, ']')
	}
	return online{len(a.sorted), a.first}
}
