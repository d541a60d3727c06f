package realtime

import (
	"context"

	"roomline/realtime/chat"
	"roomline/realtime/socketio"
)

type joinRequest struct {
	Room  string         `json:"room"`
	Since *chat.Position `json:"since"`
}

type joinReply struct {
	done
	Room     joinedRoom  `json:"room"`
	Held     []chat.Held `json:"held,omitempty"` // of the user, waiting for review
	Messages messageList `json:"messages"`
	HasOlder bool        `json:"hasOlder"`
	Reset    *reset      `json:"reset,omitempty"`
}

type joinedRoom struct {
	chat.RoomView
	Online online `json:"online"`
}

type reset struct {
	Reason string `json:"reason"`
}

func (c *Chat) joinRoom(ctx context.Context, m *member, r joinRequest) (joinReply, error) {
	if err := m.reserve(r.Room); err != nil {
		return joinReply{}, err
	}
	// A second join starts anew: what the first one still had to say lies before the answer.
	m.unfollow(r.Room)
	rights := c.rights.Load()
	reply, err := c.enterRoom(ctx, m, r)
	if err == nil && reply.Room.Held {
		reply.Held, err = c.waiting(ctx, m, r.Room)
	}
	if err != nil {
		m.space.presence.leave(r.Room, m)
		return joinReply{}, err
	}
	reply.done = ok
	reply.Room.Online = m.space.presence.join(r.Room, m)
	room := reply.Room.Room
	socketio.AfterAck(ctx, func() {
		m.followAs(ctx, room, rights)
	})
	return reply, nil
}

// enterRoom answers a join from the feed's ring, or else from the store. Rights are read from the
// store either way.
func (c *Chat) enterRoom(ctx context.Context, m *member, r joinRequest) (joinReply, error) {
	// The ring has the cards of reports for everybody; the store knows whom each is hidden from.
	if m.space.name != chat.SpaceAdmin && (r.Since == nil || r.Since.Rev >= 0) {
		for range recallTries {
			view, err := c.service.Room(ctx, m.actor(), r.Room)
			if err != nil {
				return joinReply{}, err
			}
			reply, newer := m.space.recall(ctx, view, r.Since)
			if reply != nil {
				return *reply, nil
			}
			if !newer {
				break
			}
		}
	}
	joined, err := c.service.Join(ctx, m.actor(), r.Room, r.Since)
	if err != nil {
		return joinReply{}, err
	}
	reply := joinReply{Messages: messageList{plain: joined.Messages}, HasOlder: joined.HasOlder}
	reply.Room.RoomView = joined.Room
	if joined.Reset != "" {
		reply.Reset = &reset{joined.Reset}
	}
	return reply, nil
}

// recallTries is how often a join is tried from the ring before it is answered from the store.
const recallTries = 3

// recall answers a join from the ring, if the ring is at view's head: the counts of view are of that moment. It returns
// nil otherwise, and whether the ring was ahead of view, so that a newer view may fit. The store also knows why a
// position cannot be continued.
func (s *space) recall(ctx context.Context, view chat.RoomView, since *chat.Position) (reply *joinReply, newer bool) {
	var known snapshot
	var ok bool
	switch {
	case since == nil:
		known, ok = s.feed.Latest(ctx, view.Room, s.chat.service.PageSize(view.Room))
	case since.Epoch == view.Epoch && since.Rev >= view.Floor:
		known, ok = s.feed.Since(ctx, view.Room, since.Rev)
		most := s.chat.limits.Chat.ReplayCap
		ok = ok && (most <= 0 || len(known.Entries) <= most)
	}
	if !ok || known.Epoch != view.Epoch || known.Head != view.Head {
		return nil, ok && known.Epoch == view.Epoch && known.Head > view.Head
	}
	messages := s.tails.share(view.ID, messageList{encoded: known.Entries, head: s.head}, known.HasOlder)
	reply = &joinReply{Messages: messages, HasOlder: known.HasOlder}
	reply.Room.RoomView = view
	return reply, false
}
