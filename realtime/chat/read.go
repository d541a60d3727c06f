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

// Enter returns the actor's user and what Rooms returns, of one snapshot. What was posted before a user enters a
// space for the first time is not unread for them.
func (s *Service) Enter(ctx context.Context, a Actor) (Entered, error) {
	var e Entered
	entered := true
	err := s.cfg.Store.Read(ctx, func(r Reader) error {
		in, err := s.person(r, a)
		if err != nil {
			return err
		}
		if err := s.authorize(toEnter, in); err != nil {
			return err
		}
		e.User, e.Mute, e.Now = in.user, in.held.inForce(in.now).Mute, in.now
		rooms, err := s.roomsOf(r, in)
		if err != nil {
			return err
		}
		e.Rooms = make([]RoomView, 0, len(rooms))
		for _, room := range rooms {
			entered = entered && room.Standing.Entered
			in.room, in.standing = room.Room, room.Standing
			e.Rooms = append(e.Rooms, s.view(in))
		}
		return nil
	})
	if err != nil {
		return Entered{}, fault("enter "+string(a.space()), err)
	}
	if !entered {
		s.arrive(ctx, a, "")
	}
	return e, nil
}

// roomsOf returns the rooms of the actor's space that are listed for them; for a host all there are.
func (s *Service) roomsOf(r Reader, in scene) ([]RoomOf, error) {
	if in.actor.host() {
		return allRooms(r)
	}
	rooms, err := r.RoomsOf(in.actor.space(), in.user.ID)
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
	arrived := false
	err := s.read(ctx, "read room", a, slug, func(r Reader, in scene) error {
		var err error
		v, err = s.viewed(r, &in)
		arrived = in.standing.arrived(in.room)
		return err
	})
	if err != nil {
		return RoomView{}, err
	}
	if !arrived {
		s.arrive(ctx, a, slug)
	}
	return v, nil
}

// arrived reports whether it is stored where the user began to read the room.
func (st Standing) arrived(room Room) bool { return st.Pointer || st.Entered && !room.Unlisted }

// arrive stores where a user begins to read: at the end of the rooms of the space, and of the room of that slug. If it
// fails, everything stays read until the user comes again, so reading goes on while the store cannot write.
func (s *Service) arrive(ctx context.Context, a Actor, slug string) {
	if a.host() || a.ID == "" {
		return
	}
	_ = s.cfg.Store.Write(ctx, func(w Writer) error {
		if err := w.SetEntered(a.space(), a.ID); err != nil || slug == "" {
			return err
		}
		room, err := w.Room(slug)
		if err != nil {
			return err
		}
		standing, err := w.Standing(room.ID, a.ID)
		if err != nil || standing.arrived(room) {
			return err
		}
		return w.SetReadPointer(room.ID, a.ID, room.Head)
	}, nil)
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
		if seq > standing.LastRead {
			if err = advancePointer(w, in, standing.LastRead, seq); err != nil {
				return err
			}
			if standing, err = w.Standing(in.room.ID, in.user.ID); err != nil {
				return err
			}
		}
		state = ReadState{LastRead: standing.LastRead, Unread: standing.Unread.Messages, Mentions: standing.Unread.Mentions}
		return nil
	}, nil)
	if err != nil {
		return ReadState{}, fault("mark read", err)
	}
	return state, nil
}

func advancePointer(w Writer, in scene, from, seq int64) error {
	newest, err := w.Before(in.room.ID, math.MaxInt64, 1)
	if err != nil {
		return err
	}
	if len(newest) == 0 || seq > newest[0].Seq {
		return Errorf(CodeInvalid, "There is no message that far.")
	}
	last, err := w.Before(in.room.ID, seq+1, 1)
	if err != nil || len(last) == 0 || last[0].Seq <= from {
		return err
	}
	return w.SetReadPointer(in.room.ID, in.user.ID, last[0].Seq)
}

// viewed reads what is the user's own of a room.
func (s *Service) viewed(r Reader, in *scene) (RoomView, error) {
	var err error
	if in.standing, err = r.Standing(in.room.ID, in.user.ID); err != nil {
		return RoomView{}, err
	}
	v := s.view(*in)
	if in.room.SlowMode > 0 && !in.user.Role.AtLeast(RoleModerator) {
		if in.lastPost, err = r.LastPost(in.room.ID, in.user.ID); err != nil {
			return RoomView{}, err
		}
		v.Wait = slowWait(*in).Seconds()
	}
	return v, nil
}

// view is the room of a scene as its user sees it.
func (s *Service) view(in scene) RoomView {
	level := in.standing.Level
	if level == "" {
		level = LevelMentions
	}
	return RoomView{
		Room: in.room, LastRead: in.standing.LastRead,
		Unread: in.standing.Unread.Messages, Mentions: in.standing.Unread.Mentions,
		FirstUnread: in.standing.FirstUnread, FirstMention: in.standing.FirstMention, Level: level, Manage: s.authorize(toManage, in) == nil,
		Held: in.standing.Held,
	}
}
