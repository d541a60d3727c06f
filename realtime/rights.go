package realtime

import (
	"context"
	"fmt"

	"roomline/realtime/chat"
	"roomline/realtime/engineio"
)

// DisconnectUser ends every connection of a user. They are told why ("signed_out", "banned", …)
// and do not come back by themselves.
func (c *Chat) DisconnectUser(user, reason string) {
	c.disconnect(userRoom(user), reason, func(id identity) bool { return id.user.ID == user })
}

// DisconnectSession ends the connections of one web session (see Options.Session).
func (c *Chat) DisconnectSession(session, reason string) {
	c.disconnect(sessionRoom(session), reason, func(id identity) bool { return id.session == session })
}

// disconnect says goodbye to the sockets in a room of Socket.IO, and then ends the
// connections themselves: one may have a handshake behind it but no socket yet.
func (c *Chat) disconnect(room, reason string, whose func(identity) bool) {
	c.rights.Add(1)
	for _, s := range c.spaces {
		for _, socket := range s.namespace.To(room).Sockets() {
			s.dismiss(socket.Data().(*member), reason)
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

// dismiss takes a member's socket out of the namespace. It hears nothing after the goodbye.
func (s *space) dismiss(m *member, reason string) {
	m.leaveAll()
	_ = m.socket.DisconnectWith("bye", bye{Reason: reason}) // gone already: nobody to tell
}

// RefreshUsers checks the identity and reads the rights of everybody connected again, and ends
// what they no longer may. Call it when users have changed behind the chat's back.
func (c *Chat) RefreshUsers(ctx context.Context) error {
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

// refresh holds one member against the rules as they are now.
func (s *space) refresh(ctx context.Context, m *member) error {
	entered, err := s.chat.service.Enter(ctx, m.actor())
	if err != nil {
		if !s.expel(m, err) {
			return fmt.Errorf("realtime: refresh user %s: %w", m.id, err)
		}
		return nil
	}
	m.setProfile(entered.User)
	m.enterPrivate(entered.Rooms)
	m.leavePrivate(entered.Rooms)
	m.tellMute(entered.Mute)
	for _, slug := range m.joined() {
		_, _, err := s.chat.service.Access(ctx, m.actor(), slug)
		switch chat.ErrorCode(err) {
		case "":
		case chat.CodeForbidden, chat.CodeNotFound:
			m.unfollow(slug)
			s.presence.leave(slug, m)
		case chat.CodeBanned:
			s.expel(m, err)
			return nil
		default:
			return fmt.Errorf("realtime: refresh user %s in %s: %w", m.id, slug, err)
		}
	}
	return nil
}

// expel ends what a member has open if err says that they may not be here. The whole connection of
// somebody banned ends.
func (s *space) expel(m *member, err error) bool {
	switch chat.ErrorCode(err) {
	case chat.CodeForbidden, chat.CodeNotFound:
		s.dismiss(m, "forbidden")
		return true
	case chat.CodeBanned:
		s.chat.DisconnectUser(m.id, "banned")
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
