package realtime

import (
	"context"
	"time"

	"roomline/realtime/chat"
)

// bindGeneral registers the events of /general.
func (c *Chat) bindGeneral(s *space) {
	c.bindRooms(s)
	on(s, "message:delete", c.deleteMessage)
	on(s, "message:report", c.reportMessage)
	on(s, "room:create", c.createRoom)
	on(s, "room:update", c.updateRoom)
	on(s, "room:members", c.roomMembers)
	on(s, "room:invite", c.inviteMember)
	on(s, "room:remove", c.removeMember)
}

// bindRooms registers what every namespace with rooms understands. The names and shapes
// are public: see docs/events.md.
func (c *Chat) bindRooms(s *space) {
	on(s, "room:list", c.listRooms)
	on(s, "room:join", c.joinRoom)
	on(s, "room:leave", c.leaveRoom)
	on(s, "room:history", c.roomHistory)
	on(s, "room:search", c.searchRoom)
	on(s, "room:read", c.readRoom)
	on(s, "room:level", c.setLevel)
	on(s, "user:find", c.findUsers)
	on(s, "message:get", c.getMessages)
	on(s, "message:react", c.reactMessage)
	on(s, "message:send", c.sendMessage)
	on(s, "message:edit", c.editMessage)
	on(s, "typing", c.typing)
}

// done begins every acknowledgement of success.
type done struct {
	OK bool `json:"ok"` // true
}

var ok = done{OK: true}

type roomRequest struct {
	Room string `json:"room"`
}

type listReply struct {
	done
	Rooms []chat.RoomView `json:"rooms"`
}

func (c *Chat) listRooms(ctx context.Context, m *member, _ struct{}) (listReply, error) {
	rooms, err := c.service.Rooms(ctx, m.actor())
	return listReply{ok, rooms}, err
}

func (c *Chat) leaveRoom(_ context.Context, m *member, r roomRequest) (accepted, error) {
	if r.Room == "" {
		return accepted{}, chat.Errorf(chat.CodeInvalid, "Name a room.")
	}
	if !m.unfollow(r.Room) {
		return accepted{}, chat.Errorf(chat.CodeNotFound, "You are not in this room.")
	}
	m.space.presence.leave(r.Room, m)
	m.stopTyping(r.Room)
	return accepted{ok}, nil
}

type historyRequest struct {
	Room   string `json:"room"`
	Before int64  `json:"before"`
	After  int64  `json:"after"`
	Around int64  `json:"around"`
	At     string `json:"at"` // RFC 3339
	Limit  int    `json:"limit"`
}

type historyReply struct {
	done
	Messages []chat.Message `json:"messages"`
	HasOlder bool           `json:"hasOlder"`
	HasNewer bool           `json:"hasNewer"`
}

func (c *Chat) roomHistory(ctx context.Context, m *member, r historyRequest) (historyReply, error) {
	q := chat.HistoryQuery{Before: r.Before, After: r.After, Around: r.Around, Limit: r.Limit}
	if r.At != "" {
		var err error
		if q.At, err = time.Parse(time.RFC3339, r.At); err != nil {
			return historyReply{}, chat.Errorf(chat.CodeInvalid, "A time is written as RFC 3339 says.")
		}
	}
	page, err := c.service.History(ctx, m.actor(), r.Room, q)
	return historyReply{ok, page.Messages, page.HasOlder, page.HasNewer}, err
}

type readRequest struct {
	Room string `json:"room"`
	Seq  int64  `json:"seq"`
}

type readReply struct {
	done
	LastRead int64 `json:"lastRead"`
	Unread   int64 `json:"unread"`
	Mentions int64 `json:"mentions"`
}

// readEvent is "read": another socket of the same user has read on, or a message no longer mentions the user.
type readEvent struct {
	Room     string `json:"room"`
	Seq      int64  `json:"seq"`
	Unread   int64  `json:"unread"`
	Mentions int64  `json:"mentions"`
}

func (c *Chat) readRoom(ctx context.Context, m *member, r readRequest) (readReply, error) {
	state, err := c.service.MarkRead(ctx, m.actor(), r.Room, r.Seq)
	if err != nil {
		return readReply{}, err
	}
	err = m.socket.To(userRoom(m.id)).Emit("read", readEvent{r.Room, state.LastRead, state.Unread, state.Mentions})
	return readReply{ok, state.LastRead, state.Unread, state.Mentions}, err
}

type messageReply struct {
	done
	Message chat.Message `json:"message"`
}

type sendRequest struct {
	Room    string `json:"room"`
	ID      string `json:"id"`
	Text    string `json:"text"`
	ReplyTo int64  `json:"replyTo"`
}

// sendReply has the message, or what waits for review instead.
type sendReply struct {
	done
	Message chat.Message `json:"message,omitzero"`
	Held    *chat.Held   `json:"held,omitempty"`
}

func (c *Chat) sendMessage(ctx context.Context, m *member, r sendRequest) (sendReply, error) {
	message, err := c.service.Send(ctx, m.actor(), chat.Draft{Room: r.Room, ID: r.ID, Text: r.Text, ReplyTo: r.ReplyTo})
	if err == nil {
		c.service.StopTyping(m.id, r.Room) // the message itself says so
		m.setTyping(r.Room, false)
	}
	if message.Held {
		held := chat.Held{Room: message.Room, ID: message.ID, Text: message.Text, State: chat.HeldWaiting, At: message.SentAt}
		return sendReply{done: ok, Held: &held}, err
	}
	return sendReply{done: ok, Message: message}, err
}

type editRequest struct {
	Room string `json:"room"`
	Seq  int64  `json:"seq"`
	Text string `json:"text"`
}

func (c *Chat) editMessage(ctx context.Context, m *member, r editRequest) (messageReply, error) {
	message, err := c.service.Edit(ctx, m.actor(), r.Room, r.Seq, r.Text)
	return messageReply{ok, message}, err
}

type deleteRequest struct {
	Room string `json:"room"`
	Seq  int64  `json:"seq"`
}

func (c *Chat) deleteMessage(ctx context.Context, m *member, r deleteRequest) (messageReply, error) {
	message, err := c.service.Delete(ctx, m.actor(), r.Room, r.Seq)
	return messageReply{ok, message}, err
}

type typingRequest struct {
	Room string `json:"room"`
	On   bool   `json:"on"`
}

// typingEvent is "typing": somebody else writes, or has stopped.
type typingEvent struct {
	Room string     `json:"room"`
	User typingUser `json:"user"`
	On   bool       `json:"on"`
}

type typingUser struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

func (c *Chat) typing(ctx context.Context, m *member, r typingRequest) (accepted, error) {
	rights := c.rights.Load()
	user, tell, err := c.service.Typing(ctx, m.actor(), r.Room, r.On)
	if err != nil || !tell {
		return accepted{ok}, err
	}
	m.setTyping(r.Room, r.On)
	others := m.space.namespace.To(memberRoom(r.Room)).Except(userRoom(user.ID))
	event := typingEvent{r.Room, typingUser{user.ID, user.Name}, r.On}
	err = others.Volatile().Emit("typing", event)
	if r.On && m.left() { // the socket ended meanwhile, and what took this back came before it was sent
		event.On = false
		m.space.tell(others, "typing", event)
	}
	if r.On && c.rights.Load() != rights { // a mute may have taken back what was told before this was
		if _, _, err := c.service.Typing(ctx, m.actor(), r.Room, true); err != nil {
			c.stopTyping(user.ID)
		}
	}
	return accepted{ok}, err
}

// stopTyping takes back that a user writes in those rooms, or with none anywhere, where others were told so.
func (c *Chat) stopTyping(user string, slugs ...string) {
	name, rooms := c.service.StopTyping(user, slugs...)
	for _, slug := range rooms {
		for _, s := range c.spaces {
			s.tell(s.namespace.To(memberRoom(slug)).Except(userRoom(user)), "typing", typingEvent{slug, typingUser{user, name}, false})
		}
	}
}
