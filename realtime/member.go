package realtime

import (
	"context"
	"math"
	"slices"
	"sync"

	"roomline/realtime/chat"
	"roomline/realtime/feed"
	"roomline/realtime/socketio"
)

// member is a person behind one socket, and the rooms that the socket follows.
type member struct {
	// set once
	space  *space
	socket *socketio.Socket
	id     string // the user's

	rights  uint64        // Chat.rights before the user's were read
	present []*attendance // rooms the member is in; guarded by presence.mu

	refreshing sync.Mutex // held while rights are read and followed: who reads them last has the last word

	mu    sync.Mutex // guards what follows
	gone  bool
	muted bool // as the member was told when rights were read last
	user  chat.User
	knows map[string]bool // the rooms listed for the user, by slug; nil: all that are public
	rooms []follow        // that the socket follows; mostly one
	types []string        // slugs of the rooms in which the socket has begun to write
}

type follow struct {
	slug string
	*feed.Follower[socketio.Prepared]
}

func (m *member) actor() chat.Actor { return chat.Actor{ID: m.id, Space: m.space.name} }

// Deliver makes the member a feed.Sink. Half of the outbox is kept for answers.
func (m *member) Deliver(events []socketio.Prepared) int {
	room := m.space.chat.limits.OutboxBytes / 2
	if room == 0 {
		room = math.MaxInt
	}
	return m.socket.TrySend(room, events...)
}

// Broken makes the member a feed.Sink: the client comes back and joins anew.
func (m *member) Broken() { m.socket.Session().Close("transport error") }

// resume goes on with deliveries that Deliver refused.
func (m *member) resume() {
	m.mu.Lock()
	follows := slices.Clone(m.rooms)
	m.mu.Unlock()
	for _, f := range follows {
		f.Resume()
	}
}

// joined returns the slugs of the rooms that the socket follows.
func (m *member) joined() []string {
	m.mu.Lock()
	defer m.mu.Unlock()
	slugs := make([]string, len(m.rooms))
	for i, f := range m.rooms {
		slugs[i] = f.slug
	}
	return slugs
}

// atLocked returns where in rooms a room is, or -1.
func (m *member) atLocked(slug string) int {
	return slices.IndexFunc(m.rooms, func(f follow) bool { return f.slug == slug })
}

// setListed notes the rooms that are listed for the user, where the host says which, and returns what was noted.
func (m *member) setListed(rooms []chat.RoomView) (before map[string]bool) {
	if m.id != "" && m.space.chat.opts.Authorize == nil {
		return nil
	}
	knows := make(map[string]bool, len(rooms))
	for _, room := range rooms {
		knows[room.Slug] = true
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	before, m.knows = m.knows, knows
	return before
}

// follows reports whether the socket follows a room.
func (m *member) follows(slug string) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.atLocked(slug) >= 0
}

// knowsOf reports whether a public room is listed for the user.
func (m *member) knowsOf(slug string) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.knows == nil || m.knows[slug]
}

// profile is the member's user as last seen.
func (m *member) profile() chat.User {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.user
}

func (m *member) setProfile(user chat.User) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.user = user
}

// greet is the first that the socket hears.
func (m *member) greet(e chat.Entered) error {
	h := hello{User: e.User, Rooms: e.Rooms, Limits: m.space.limits, Now: e.Now}
	if m.muted = e.Mute.ID != 0; m.muted { // nobody else knows the member yet
		mute := tellSanction(e.Mute)
		h.Sanction = &mute
	}
	return m.socket.Emit("hello", h)
}

// tellMute tells the socket of a mute that is in force, or that the one it was told of is not.
func (m *member) tellMute(mute chat.Sanction) {
	m.mu.Lock()
	was := m.muted
	m.muted = mute.ID != 0
	m.mu.Unlock()
	switch {
	case mute.ID != 0:
		_ = m.socket.Emit("sanction", tellSanction(mute)) // gone: nobody to tell
	case was:
		_ = m.socket.Emit("sanction", sanctionEvent{Kind: chat.SanctionMute, Lifted: true})
	}
}

// listen has the socket hear of a room that is listed for its user; of public ones members hear anyway.
func (m *member) listen(room chat.RoomView) {
	if room.Private {
		m.socket.Join(privateRoom(room.Slug))
	}
	if m.id == "" {
		m.socket.Join(guestRoom(room.Slug))
	}
}

// reserve makes a place for a room, or refuses.
func (m *member) reserve(slug string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	limit := m.space.chat.limits.RoomsPerSocket
	if limit > 0 && len(m.rooms) >= limit && m.atLocked(slug) < 0 {
		return chat.Errorf(chat.CodeInvalid, "A connection may be in %d rooms at most.", limit)
	}
	return nil
}

// follow begins live delivery of a room after rev. It runs behind the acknowledgement of
// the join, so nothing of the room comes before it.
func (m *member) follow(room chat.Room, rev int64) {
	var sink feed.Sink[socketio.Prepared] = m
	if m.space.name == chat.SpaceAdmin {
		sink = moderator{m}
	}
	f := m.space.feed.Follow(room.ID, rev, sink)
	m.mu.Lock()
	if m.gone {
		m.mu.Unlock()
		f.Stop()
		return
	}
	m.rooms = append(m.rooms, follow{room.Slug, f})
	m.mu.Unlock()
	m.socket.Join(memberRoom(room.Slug))
}

// unfollow ends live delivery of a room. It reports whether there was any.
func (m *member) unfollow(slug string) bool {
	m.mu.Lock()
	i := m.atLocked(slug)
	if i < 0 {
		m.mu.Unlock()
		return false
	}
	f := m.rooms[i]
	m.rooms = slices.Delete(m.rooms, i, i+1)
	m.mu.Unlock()
	f.Stop()
	m.socket.Leave(memberRoom(slug))
	return true
}

// setTyping notes that the user writes in a room by this socket, or no longer.
func (m *member) setTyping(slug string, on bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if i := slices.Index(m.types, slug); on && i < 0 && !m.gone {
		m.types = append(m.types, slug)
	} else if !on && i >= 0 {
		m.types = slices.Delete(m.types, i, i+1)
	}
}

// left reports whether the socket has ended.
func (m *member) left() bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.gone
}

// stopTyping takes back that the user writes in a room, if it was by this socket.
func (m *member) stopTyping(slug string) {
	m.mu.Lock()
	typing := slices.Contains(m.types, slug)
	m.mu.Unlock()
	if typing {
		m.setTyping(slug, false)
		m.space.chat.stopTyping(m.id, slug)
	}
}

// leaveAll is the end of the socket.
func (m *member) leaveAll() {
	m.mu.Lock()
	m.gone = true
	follows, types := m.rooms, m.types
	m.rooms, m.types = nil, nil
	m.mu.Unlock()
	if len(types) > 0 {
		m.space.chat.stopTyping(m.id, types...)
	}
	for _, f := range follows {
		f.Stop()
	}
	m.space.presence.leaveAll(m)
}

// on registers a typed event of the chat.
func on[T, R any](s *space, event string, h func(context.Context, *member, T) (R, error)) {
	socketio.On(s.namespace, event, func(ctx context.Context, socket *socketio.Socket, request T) (R, error) {
		return h(ctx, socket.Data().(*member), request)
	})
}
