package chat

import (
	"context"
	"math"
)

// Rooms returns the rooms of the actor's space in order of age. A space that the actor may not
// enter gets CodeForbidden.
func (s *Service) Rooms(ctx context.Context, a Actor) ([]RoomView, error) {
	_, rooms, err := s.Enter(ctx, a)
	return rooms, err
}

// Enter returns the actor's user and what Rooms returns, of one snapshot.
func (s *Service) Enter(ctx context.Context, a Actor) (User, []RoomView, error) {
	var user User
	var views []RoomView
	err := s.cfg.Store.Read(ctx, func(r Reader) error {
		in, err := s.person(r, a)
		if err != nil {
			return err
		}
		if err := s.authorize(toEnter, in); err != nil {
			return err
		}
		user = in.user
		rooms, err := r.RoomsRead(a.Space, user.ID)
		if err != nil {
			return err
		}
		views = make([]RoomView, len(rooms))
		for i, room := range rooms {
			views[i] = view(room.Room, room.Read)
		}
		return nil
	})
	if err != nil {
		return User{}, nil, fault("enter "+string(a.Space), err)
	}
	return user, views, nil
}

// Room returns a room as the actor sees it.
func (s *Service) Room(ctx context.Context, a Actor, slug string) (RoomView, error) {
	var v RoomView
	err := s.read(ctx, "read room", a, slug, func(r Reader, in scene) error {
		var err error
		v, err = viewed(r, in)
		return err
	})
	if err != nil {
		return RoomView{}, err
	}
	return v, nil
}

// Access returns the user and the room if the actor may read it now; else the refusal. Who
// holds something open for a user asks it again when rights may have changed.
func (s *Service) Access(ctx context.Context, a Actor, slug string) (User, Room, error) {
	var in scene
	err := s.read(ctx, "check access", a, slug, func(_ Reader, seen scene) error {
		in = seen
		return nil
	})
	return in.user, in.room, err
}

// MarkRead moves the actor's read pointer forward to the last message at or below seq, and
// returns where it stands; it never moves back. A seq above the newest message's gets
// CodeInvalid.
func (s *Service) MarkRead(ctx context.Context, a Actor, slug string, seq int64) (ReadState, error) {
	if err := checkSeq(seq); err != nil {
		return ReadState{}, err
	}
	var state ReadState
	err := s.cfg.Store.Write(ctx, func(w Writer) error {
		in, err := s.look(w, a, slug)
		if err != nil {
			return err
		}
		p, err := w.ReadPointer(in.room.ID, in.user.ID)
		if err != nil {
			return err
		}
		if seq > p.Seq {
			if p, err = advancePointer(w, in, p, seq); err != nil {
				return err
			}
		}
		state = ReadState{LastRead: p.Seq, Unread: in.room.Posts - p.Post}
		return nil
	}, nil)
	if err != nil {
		return ReadState{}, fault("mark read", err)
	}
	return state, nil
}

func advancePointer(w Writer, in scene, p ReadPointer, seq int64) (ReadPointer, error) {
	newest, err := w.Before(in.room.ID, math.MaxInt64, 1)
	if err != nil {
		return p, err
	}
	if len(newest) == 0 || seq > newest[0].Seq {
		return p, Errorf(CodeInvalid, "There is no message that far.")
	}
	last, err := w.Before(in.room.ID, seq+1, 1)
	if err != nil {
		return p, err
	}
	if len(last) == 0 || last[0].Seq <= p.Seq {
		return p, nil
	}
	p = ReadPointer{Seq: last[0].Seq, Post: last[0].Post}
	return p, w.SetReadPointer(in.room.ID, in.user.ID, p)
}

// viewed reads what is the user's own of a room.
func viewed(r Reader, in scene) (RoomView, error) {
	p, err := r.ReadPointer(in.room.ID, in.user.ID)
	if err != nil {
		return RoomView{}, err
	}
	return view(in.room, p), nil
}

func view(room Room, p ReadPointer) RoomView {
	return RoomView{Room: room, LastRead: p.Seq, Unread: room.Posts - p.Post}
}

// fillAuthors completes the authors of messages in place, with one question for all.
func fillAuthors(r Reader, messages []Message) error {
	if len(messages) == 0 {
		return nil
	}
	seen := make(map[string]bool)
	var ids []string
	for _, m := range messages {
		if !seen[m.Author.ID] {
			seen[m.Author.ID] = true
			ids = append(ids, m.Author.ID)
		}
	}
	users, err := r.Users(ids)
	if err != nil {
		return err
	}
	for i := range messages {
		id := messages[i].Author.ID
		user, ok := users[id]
		if !ok {
			user = User{ID: id, Name: "Former member", Role: RoleMember}
		}
		messages[i].Author = user
	}
	return nil
}
