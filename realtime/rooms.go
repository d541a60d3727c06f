package realtime

import (
	"context"
	"strings"
	"unicode/utf8"

	"roomline/realtime/chat"
	"roomline/realtime/socketio"
)

type roomReply struct {
	done
	Room chat.RoomView `json:"room"`
}

type createRequest struct {
	Name    string `json:"name"`
	Topic   string `json:"topic"`
	Private bool   `json:"private"`
}

func (c *Chat) createRoom(ctx context.Context, m *member, r createRequest) (roomReply, error) {
	room, err := c.service.CreateRoom(ctx, m.actor(), chat.NewRoom{Name: r.Name, Topic: r.Topic, Private: r.Private})
	return roomReply{ok, room}, err
}

type updateRequest struct {
	Room   string  `json:"room"`
	Name   *string `json:"name"`
	Topic  *string `json:"topic"`
	Notice *string `json:"notice"`
}

func (c *Chat) updateRoom(ctx context.Context, m *member, r updateRequest) (roomReply, error) {
	room, err := c.service.UpdateRoom(ctx, m.actor(), r.Room, chat.RoomChange{Name: r.Name, Topic: r.Topic, Notice: r.Notice})
	return roomReply{ok, room}, err
}

type levelRequest struct {
	Room  string     `json:"room"`
	Level chat.Level `json:"level"`
}

func (c *Chat) setLevel(ctx context.Context, m *member, r levelRequest) (roomReply, error) {
	room, err := c.service.SetLevel(ctx, m.actor(), r.Room, r.Level)
	return roomReply{ok, room}, err
}

type memberRequest struct {
	Room string `json:"room"`
	User string `json:"user"` // id
}

type membersReply struct {
	done
	Members []chat.User `json:"members"`
}

func (c *Chat) roomMembers(ctx context.Context, m *member, r roomRequest) (membersReply, error) {
	members, err := c.service.Members(ctx, m.actor(), r.Room)
	return membersReply{ok, members}, err
}

func (c *Chat) inviteMember(ctx context.Context, m *member, r memberRequest) (membersReply, error) {
	members, err := c.service.Invite(ctx, m.actor(), r.Room, r.User)
	return membersReply{ok, members}, err
}

func (c *Chat) removeMember(ctx context.Context, m *member, r memberRequest) (membersReply, error) {
	members, err := c.service.Remove(ctx, m.actor(), r.Room, r.User)
	return membersReply{ok, members}, err
}

type findRequest struct {
	Query string `json:"query"`
	Room  string `json:"room"`
	Limit int    `json:"limit"`
}

type usersReply struct {
	done
	Users []chat.User `json:"users"`
}

func (c *Chat) findUsers(ctx context.Context, m *member, r findRequest) (usersReply, error) {
	users, err := c.service.FindUsers(ctx, m.actor(), r.Room, r.Query, r.Limit)
	return usersReply{ok, users}, err
}

type messagesRequest struct {
	Room string  `json:"room"`
	Seqs []int64 `json:"seqs"`
}

type messagesReply struct {
	done
	Messages []chat.Message `json:"messages"`
}

func (c *Chat) getMessages(ctx context.Context, m *member, r messagesRequest) (messagesReply, error) {
	messages, err := c.service.Messages(ctx, m.actor(), r.Room, r.Seqs)
	return messagesReply{ok, messages}, err
}

type reactRequest struct {
	Room  string `json:"room"`
	Seq   int64  `json:"seq"`
	Emoji string `json:"emoji"`
	On    bool   `json:"on"`
}

func (c *Chat) reactMessage(ctx context.Context, m *member, r reactRequest) (messageReply, error) {
	message, err := c.service.React(ctx, m.actor(), r.Room, r.Seq, r.Emoji, r.On)
	return messageReply{ok, message}, err
}

// readers is everybody connected who may read a room.
func (s *space) readers(room chat.Room) socketio.Broadcast {
	switch {
	case room.Private:
		return s.namespace.To(privateRoom(room.Slug))
	case room.Unlisted, s.chat.opts.Authorize != nil: // others may not know of it
		return s.namespace.To(memberRoom(room.Slug))
	}
	return s.namespace.Except(guestsRoom)
}

// roomChanged tells those who may read a room what it is now: "room".
func (c *Chat) roomChanged(room chat.Room) {
	if s := c.spaces[room.Space]; s != nil {
		s.tell(s.readers(room), "room", room)
		if !room.Private && !room.Unlisted && s.chat.opts.Authorize == nil {
			s.tell(s.namespace.To(guestRoom(room.Slug)), "room", room)
		}
	}
}

// removedEvent is "removed": a room is none of the user's any more.
type removedEvent struct {
	Room string `json:"room"`
}

// memberChanged lets a user's sockets into a private room, or ends all they have of it.
func (c *Chat) memberChanged(room chat.Room, user string, belongs bool) {
	s := c.spaces[room.Space]
	if s == nil {
		return
	}
	c.rights.Add(1)
	own := s.namespace.To(userRoom(user))
	for _, socket := range own.Sockets() {
		m, ok := socket.Data().(*member)
		switch {
		case !ok:
		case belongs:
			socket.Join(privateRoom(room.Slug))
		default:
			socket.Leave(privateRoom(room.Slug))
			m.unfollow(room.Slug)
			s.presence.leave(room.Slug, m)
			m.stopTyping(room.Slug)
		}
	}
	if belongs {
		s.tell(own, "room", room)
	} else {
		s.tell(own, "removed", removedEvent{room.Slug})
	}
}

// mentionEvent is "mention".
type mentionEvent struct {
	Room string     `json:"room"`
	Seq  int64      `json:"seq"`
	From typingUser `json:"from"`
	Text string     `json:"text"` // the beginning of it
}

// mentionText is how much of a text a mention tells, in bytes.
const mentionText = 200

func (c *Chat) mentioned(room chat.Room, m chat.Message, users []string) {
	s := c.spaces[room.Space]
	if s == nil {
		return
	}
	rooms := make([]string, len(users))
	for i, user := range users {
		rooms[i] = userRoom(user)
	}
	text := m.Text
	if len(text) > mentionText {
		cut := mentionText
		for !utf8.RuneStart(text[cut]) {
			cut--
		}
		text = strings.TrimSpace(text[:cut]) + "…"
	}
	s.tell(s.namespace.To(rooms...), "mention", mentionEvent{room.Slug, m.Seq, typingUser{m.Author.ID, m.Author.Name}, text})
}

// tell emits what can always be encoded.
func (s *space) tell(to socketio.Broadcast, event string, data any) {
	if err := to.Emit(event, data); err != nil {
		s.chat.log.Error("event cannot be sent", "event", event, "namespace", s.namespace.Name(), "error", err)
	}
}
