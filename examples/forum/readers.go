package main

import (
	"context"
	"strings"

	"roomline/realtime"
	"roomline/realtime/chat"
	"roomline/realtime/socketio"
)

// A namespace of the forum's own, on the connection that the chat has anyway: how many look at a topic now.
//
//	client → "reading" {topic}          answered with how many read it
//	server → "readers" {topic, count}   to all who read it, when one comes or goes
const readersSpace = "/forum"

type reading struct {
	Topic int64 `json:"topic"`
}

type readers struct {
	Topic int64 `json:"topic"`
	Count int   `json:"count"`
}

// countReaders defines the namespace.
func (f *forum) countReaders() {
	space := f.chat.Of(readersSpace)
	tell := func(room string, _ *socketio.Socket) {
		if topic := topicOf(room); topic != 0 {
			there := space.To(room)
			if err := there.Emit("readers", readers{topic, len(there.Sockets())}); err != nil {
				f.log.Error("tell who reads a topic", "topic", topic, "error", err)
			}
		}
	}
	space.OnRooms(socketio.RoomHooks{Joined: tell, Left: tell})
	space.OnConnect(func(_ context.Context, s *socketio.Socket) {
		if user, in := realtime.UserOf(s); in {
			s.Join("user-" + user.ID) // to find them again: see notReading
		}
	})
	socketio.On(space, "reading", func(ctx context.Context, s *socketio.Socket, r reading) (readers, error) {
		user, _ := realtime.UserOf(s)
		room := roomOf(r.Topic)
		may, err := f.mayInRoom(ctx, user, chat.Room{Slug: room}, chat.PermitRead)
		if err != nil || !may {
			return readers{}, err // as of a topic that nobody reads
		}
		for _, before := range s.Rooms() {
			if strings.HasPrefix(before, "topic-") && before != room {
				s.Leave(before)
			}
		}
		s.Join(room)
		return readers{r.Topic, len(space.To(room).Sockets())}, nil
	})
}

// notReading takes a user out of the topics that they may not see any more.
func (f *forum) notReading(ctx context.Context, user User) error {
	for _, s := range f.chat.Of(readersSpace).To("user-" + user.ID).Sockets() {
		for _, room := range s.Rooms() {
			may, err := f.mayInRoom(ctx, chatUser(user), chat.Room{Slug: room}, chat.PermitRead)
			if err != nil {
				return err
			}
			if !may {
				s.Leave(room)
			}
		}
	}
	return nil
}
