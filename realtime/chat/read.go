package chat

import (
	"context"
	"errors"
	"math"
)

// Rooms returns the rooms of the actor's space in order of age. A space that the actor may not
// enter gets CodeForbidden.
func (s *Service) Rooms(ctx context.Context, a Actor) ([]RoomView, error) {
	entered, err := s.Enter(ctx, a)
	return entered.Rooms, err
}

// Enter returns the actor's user and what Rooms returns, of one snapshot.
func (s *Service) Enter(ctx context.Context, a Actor) (Entered, error) {
	var e Entered
	err := s.cfg.Store.Read(ctx, func(r Reader) error {
		in, err := s.person(r, a)
		if err != nil {
			return err
		}
		if err := s.authorize(toEnter, in); err != nil {
			return err
		}
		e.User, e.Mute = in.user, in.held.inForce(in.now).Mute
		rooms, err := s.roomsOf(r, in)
		if err != nil {
			return err
		}
		e.Rooms = make([]RoomView, 0, len(rooms))
		for _, room := range rooms {
			in.room, in.standing = room.Room, room.Standing
			e.Rooms = append(e.Rooms, s.view(in))
		}
		return nil
	})
	if err != nil {
		return Entered{}, fault("enter "+string(a.Space), err)
	}
	return e, nil
}

// roomsOf returns the rooms of the actor's space that are listed for them; for a host all there are.
func (s *Service) roomsOf(r Reader, in scene) ([]RoomOf, error) {
	if in.actor.host() {
		return allRooms(r)
	}
	rooms, err := r.RoomsOf(in.actor.Space, in.user.ID)
	if err != nil {
		return nil, err
	}
	listed, asked := rooms[:0], error(nil)
	for _, room := range rooms {
		in.room = room.Room
		if in.user == guest && s.authorize(toRead, in) != nil {
			continue
		}
		yes, err := permitted(r, in, PermitRead)
		switch {
		case errors.Is(err, errUnasked):
			asked = err // of all of them at once
		case err != nil:
			return nil, err
		case yes:
			listed = append(listed, room)
		}
	}
	return listed, asked
}

func allRooms(r Reader) ([]RoomOf, error) {
	var list []RoomOf
	for _, space := range []Space{SpaceGeneral, SpaceAdmin} {
		rooms, err := r.Rooms(space)
		if err != nil {
			return nil, err
		}
		for _, room := range rooms {
			list = append(list, RoomOf{Room: room})
		}
	}
	return list, nil
}

// Room returns a room as the actor sees it.
func (s *Service) Room(ctx context.Context, a Actor, slug string) (RoomView, error) {
	var v RoomView
	err := s.read(ctx, "read room", a, slug, func(r Reader, in scene) error {
		var err error
		v, err = s.viewed(r, in)
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
		if err := s.authorize(toKeep, in); err != nil {
			return err
		}
		standing, err := w.Standing(in.room.ID, in.user.ID)
		if err != nil {
			return err
		}
		p := standing.Read
		if seq > p.Seq {
			if p, err = advancePointer(w, in, p, seq); err != nil {
				return err
			}
		}
		state = ReadState{LastRead: p.Seq, Unread: in.room.after(p)}
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
func (s *Service) viewed(r Reader, in scene) (RoomView, error) {
	var err error
	if in.standing, err = r.Standing(in.room.ID, in.user.ID); err != nil {
		return RoomView{}, err
	}
	v := s.view(in)
	if in.room.SlowMode > 0 && !in.user.Role.AtLeast(RoleModerator) {
		if in.lastPost, err = r.LastPost(in.room.ID, in.user.ID); err != nil {
			return RoomView{}, err
		}
		v.Wait = slowWait(in).Seconds()
	}
	return v, nil
}

// after counts the messages that are kept after a read pointer.
func (room Room) after(p ReadPointer) int64 { return room.Posts - max(p.Post, room.Purged) }

// view is the room of a scene as its user sees it.
func (s *Service) view(in scene) RoomView {
	read, level := in.standing.Read, in.standing.Level
	if level == "" {
		level = LevelMentions
	}
	return RoomView{
		Room: in.room, LastRead: read.Seq, Unread: in.room.after(read),
		Mentions: in.standing.Mentions, Level: level, Manage: s.authorize(toManage, in) == nil,
		Held: in.standing.Held,
	}
}
