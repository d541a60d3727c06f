package realtime

import (
	"context"
	"math"
	"time"

	"roomline/realtime/chat"
)

// bindAdmin registers the events of /admin: those of its room, and the acts of moderators. Who may
// do them, and within which bounds, is chat.Service's to say.
func (c *Chat) bindAdmin(s *space) {
	c.bindRooms(s)
	on(s, "message:delete", c.dismissMessage)
	on(s, "message:restore", c.restoreMessage)
	on(s, "message:original", c.originalMessage)
	on(s, "room:freeze", c.freezeRoom)
	on(s, "room:slow", c.slowRoom)
	on(s, "stats", c.watchStats)
	c.bindMembers(s)
	c.bindQueue(s)
}

// adminRoom is where moderators talk.
const adminRoom = "admin"

// minutes is a duration as moderators ask for one.
type minutes int64

// duration does not wrap around: what is far too long stays so.
func (m minutes) duration() time.Duration {
	const most = math.MaxInt64 / int64(time.Minute)
	return time.Duration(max(-most, min(most, int64(m)))) * time.Minute
}

// listed makes an empty list one on the wire too.
func listed[T any](all []T) []T {
	if all == nil {
		return []T{}
	}
	return all
}

type messageAct struct {
	Room   string `json:"room"`
	Seq    int64  `json:"seq"`
	Reason string `json:"reason"`
}

// dismissMessage deletes a message of anybody, or without a reason one's own among moderators.
func (c *Chat) dismissMessage(ctx context.Context, m *member, r messageAct) (messageReply, error) {
	if r.Reason == "" && r.Room == adminRoom {
		return c.deleteMessage(ctx, m, deleteRequest{r.Room, r.Seq})
	}
	message, err := c.service.Dismiss(ctx, m.actor(), r.Room, r.Seq, r.Reason)
	return messageReply{ok, message}, err
}

func (c *Chat) restoreMessage(ctx context.Context, m *member, r messageAct) (messageReply, error) {
	message, err := c.service.Restore(ctx, m.actor(), r.Room, r.Seq, r.Reason)
	return messageReply{ok, message}, err
}

type messagePlace struct {
	Room string `json:"room"`
	Seq  int64  `json:"seq"`
}

type originalReply struct {
	done
	Text      string               `json:"text"`
	Revisions []chat.PlainRevision `json:"revisions"`
	Message   chat.Message         `json:"message"`
}

func (c *Chat) originalMessage(ctx context.Context, m *member, r messagePlace) (originalReply, error) {
	original, err := c.service.Original(ctx, m.actor(), r.Room, r.Seq)
	return originalReply{ok, original.Text, listed(original.Revisions), original.Message}, err
}

type freezeRequest struct {
	Room   string `json:"room"`
	On     bool   `json:"on"`
	Reason string `json:"reason"`
}

func (c *Chat) freezeRoom(ctx context.Context, m *member, r freezeRequest) (roomReply, error) {
	room, err := c.service.Freeze(ctx, m.actor(), r.Room, r.On, r.Reason)
	return roomReply{ok, room}, err
}

type slowRequest struct {
	Room    string `json:"room"`
	Seconds int    `json:"seconds"`
	Reason  string `json:"reason"`
}

func (c *Chat) slowRoom(ctx context.Context, m *member, r slowRequest) (roomReply, error) {
	room, err := c.service.Slow(ctx, m.actor(), r.Room, r.Seconds, r.Reason)
	return roomReply{ok, room}, err
}
