package realtime

import (
	"context"
	"fmt"
	"maps"
	"strings"

	"roomline/realtime/chat"
	"roomline/realtime/engineio"
	"roomline/realtime/socketio"
)

// DisconnectUser ends every connection of a user. They are told why ("signed_out", "banned", …)
// and do not come back by themselves.
func (c *Chat) DisconnectUser(user, reason string) { c.disconnectUser(user, farewell{reason: reason}) }

func (c *Chat) disconnectUser(user string, why farewell) {
	c.disconnect(userRoom(user), why, func(id identity) bool { return id.user.ID == user })
}

// DisconnectSession ends the connections of one web session (see Options.Session).
func (c *Chat) DisconnectSession(session, reason string) {
	c.disconnect(sessionRoom(session), farewell{reason: reason}, func(id identity) bool { return id.session == session })
}

// disconnect says goodbye to the sockets in a room of Socket.IO, and then ends the
// connections themselves: one may have a handshake behind it but no socket yet.
func (c *Chat) disconnect(room string, why farewell, whose func(identity) bool) {
	c.rights.Add(1)
	for _, s := range c.spaces {
		for _, socket := range s.namespace.To(room).Sockets() {
			if id, ok := socket.Handshake().Identity.Value.(identity); ok && whose(id) {
				s.dismiss(socket.Data().(*member), why)
			}
		}
	}
	var ended []*engineio.Session
	c.server.Engine().Each(func(session *engineio.Session) {
		if id, ok := session.Handshake().Identity.Value.(identity); ok && whose(id) {
			ended = append(ended, session)
		}
	})
	for _, session := range ended {
		session.Close("forced server close")
	}
}

// farewell is what a member hears last: "bye", and before it the sanction that is why, if it is one.
type farewell struct {
	reason   string
	sanction *sanctionEvent
}

// dismiss takes a member's socket out of the namespace. Nothing comes to it behind the farewell, nor
// between its parts: a poll that is held may be the last.
func (s *space) dismiss(m *member, why farewell) {
	m.leaveAll()
	var words []socketio.Prepared
	if why.sanction != nil {
		words = s.prepared(words, "sanction", *why.sanction)
	}
	words = s.prepared(words, "bye", bye{Reason: why.reason})
	_ = m.socket.DisconnectWith(words...) // gone already: nobody to tell
}

// prepared appends an event that can always be encoded.
func (s *space) prepared(words []socketio.Prepared, event string, data any) []socketio.Prepared {
	p, err := s.namespace.Prepare(event, data)
	if err != nil {
		s.chat.log.Error("event cannot be sent", "event", event, "error", err)
		return words
	}
	return append(words, p)
}

// RefreshUsers checks the identity and reads the rights of everybody connected again, and ends
// what they no longer may. Call it when users have changed behind the chat's back.
func (c *Chat) RefreshUsers(ctx context.Context) error {
	c.service.Forget("")
	c.service.ForgetRules()
	c.rights.Add(1)
	c.transport.Recheck(ctx)
	for _, s := range c.spaces {
		s.feed.Forget() // of names and roles
		for _, socket := range s.namespace.Sockets() {
			m, ok := socket.Data().(*member)
			if !ok {
				continue
			}
			if err := s.refresh(ctx, m); err != nil {
				return err
			}
		}
	}
	return nil
}

// RefreshUser reads the name and the rights of one user again, and ends what they have open and no longer may.
// Call it when the host has changed something about them; it has taken effect when it returns.
func (c *Chat) RefreshUser(ctx context.Context, user string) error {
	c.service.Forget(user)
	c.rights.Add(1)
	for _, s := range c.spaces {
		s.feed.Forget() // of the name and the role
		for _, socket := range s.namespace.To(userRoom(user)).Sockets() {
			m, ok := socket.Data().(*member)
			if !ok {
				continue
			}
			if err := s.refresh(ctx, m); err != nil {
				return err
			}
		}
	}
	return nil
}

// refresh holds one member against the rules as they are now.
func (s *space) refresh(ctx context.Context, m *member) error {
	m.refreshing.Lock()
	defer m.refreshing.Unlock()
	entered, err := s.chat.service.Enter(ctx, m.actor())
	if err != nil {
		if !s.expel(ctx, m, err) {
			return fmt.Errorf("realtime: refresh user %s: %w", m.id, err)
		}
		return nil
	}
	m.setProfile(entered.User)
	m.relist(entered.Rooms)
	m.tellMute(entered.Mute)
	for _, slug := range m.joined() {
		if _, err := s.mayStay(ctx, m, slug); err != nil {
			return err
		}
	}
	return nil
}

// mayStay reports whether a member may still be in a room, and takes them out of it, or out
// of the chat, if not.
func (s *space) mayStay(ctx context.Context, m *member, slug string) (bool, error) {
	_, _, err := s.chat.service.Access(ctx, m.actor(), slug)
	switch chat.ErrorCode(err) {
	case "":
		return true, nil
	case chat.CodeForbidden, chat.CodeNotFound:
		m.unfollow(slug)
		_ = m.socket.Emit("removed", removedEvent{slug}) // an error: the socket is gone
		s.presence.leave(slug, m)
		m.stopTyping(slug)
		return false, nil
	case chat.CodeBanned:
		s.expel(ctx, m, err)
		return false, nil
	}
	return false, fmt.Errorf("realtime: refresh user %s in %s: %w", m.id, slug, err)
}

// followAs begins live delivery of a room to a member whose rights were read when the
// counter of changes to rights stood at rights. If it has moved they are read again first.
// The lock makes a change that comes meanwhile wait and then find the room among those
// followed, so nothing is delivered after the change has taken effect.
func (m *member) followAs(ctx context.Context, room chat.Room, rights uint64) {
	counter := &m.space.chat.rights
	for {
		m.refreshing.Lock()
		if counter.Load() == rights {
			m.follow(room, room.Head)
			m.refreshing.Unlock()
			return
		}
		m.refreshing.Unlock()
		rights = counter.Load()
		stays, err := m.space.mayStay(ctx, m, room.Slug)
		if err != nil {
			m.space.chat.log.Error("rights cannot be read", "socket", m.socket.ID(), "error", err)
			m.Broken()
		}
		if !stays {
			return
		}
	}
}

// relist has the socket hear of the rooms that are listed for its user now and of no others, and tells it which are
// new and which are gone. Those it follows are told of where they are left.
func (m *member) relist(rooms []chat.RoomView) {
	before := make(map[string]bool)
	for _, heard := range m.socket.Rooms() {
		if slug, private := strings.CutPrefix(heard, privateRoom("")); private {
			before[slug] = true
		}
	}
	listed := m.setListed(rooms)
	maps.Copy(before, listed)
	for _, room := range rooms {
		m.listen(room)
		if before[room.Slug] || listed == nil && !room.Private {
			delete(before, room.Slug)
			continue
		}
		_ = m.socket.Emit("room", room) // gone: nobody to tell
	}
	for slug := range before {
		m.socket.Leave(privateRoom(slug))
		m.socket.Leave(guestRoom(slug))
		if !m.follows(slug) {
			_ = m.socket.Emit("removed", removedEvent{slug})
		}
	}
}

// expel ends the member's socket if err says that they may not be here, or the whole connection of
// somebody banned. It reports whether it did.
func (s *space) expel(ctx context.Context, m *member, err error) bool {
	switch chat.ErrorCode(err) {
	case chat.CodeForbidden, chat.CodeNotFound:
		s.dismiss(m, farewell{reason: "forbidden"})
		return true
	case chat.CodeBanned:
		why := farewell{reason: "banned"}
		if held, err := s.chat.service.Restrictions(ctx, m.id); err == nil && held.Ban.ID != 0 {
			ban := tellSanction(held.Ban)
			why.sanction = &ban
		}
		for _, other := range s.chat.spaces {
			for _, socket := range other.namespace.To(userRoom(m.id)).Sockets() {
				if socket.Session() == m.socket.Session() {
					other.dismiss(socket.Data().(*member), why)
				}
			}
		}
		m.socket.Session().Close("forced server close")
		return true
	}
	return false
}

// recheck holds a member against the rules once more if somebody's rights have changed since they
// were read: whoever changed them may have looked before the member could be found.
func (m *member) recheck(ctx context.Context, rights uint64) {
	if m.space.chat.rights.Load() != rights {
		m.refresh(ctx)
	}
}

// refresh holds a member against the rules as they are now; if they cannot be read the client has
// to come back.
func (m *member) refresh(ctx context.Context) {
	if err := m.space.refresh(ctx, m); err != nil {
		m.space.chat.log.Error("rights cannot be read", "socket", m.socket.ID(), "error", err)
		m.Broken()
	}
}
