package chat

import (
	"errors"
	"time"
)

// action is what somebody wants to do.
type action int

const (
	toEnter  action = iota // look at a space: which rooms are there
	toRead                 // a room and everything in it
	toType                 // let the others see that one writes
	toPost                 // a message
	toEdit                 // a message
	toDelete               // a message
	toReact                // to a message
	toCreate               // a room
	toInvite               // somebody to a private room
	toManage               // a room's settings and members
)

// scene is what a decision is made on, all of it read in one snapshot or transaction.
type scene struct {
	actor    Actor
	user     User      // zero: the account is gone
	room     Room      // zero: no room of that name; not looked at for toEnter
	standing Standing  // read for private rooms only, but by viewed
	message  Message   // for toEdit, toDelete and toReact; zero: no such message
	lastPost time.Time // for toPost in slow mode: when the user last posted there in it
	now      time.Time
}

func noRoom() *Error    { return Errorf(CodeNotFound, "There is no such room.") }
func noMessage() *Error { return Errorf(CodeNotFound, "There is no such message.") }

// authorize decides every read and every write; there is no other place that does.
func (s *Service) authorize(act action, in scene) error {
	if !in.user.Role.Valid() {
		return Errorf(CodeForbidden, "Your account is gone.")
	}
	mayModerate := in.user.Role.AtLeast(RoleModerator)
	mayEnter := in.actor.Space == SpaceGeneral || in.actor.Space == SpaceAdmin && mayModerate

	if act == toEnter {
		if !mayEnter {
			return Errorf(CodeForbidden, "This is for moderators only.")
		}
		return nil
	}
	if act == toCreate {
		if !mayEnter || in.actor.Space != SpaceGeneral || !in.user.Role.AtLeast(s.cfg.CreateRooms) {
			return Errorf(CodeForbidden, "You may not create rooms.")
		}
		return nil
	}
	if !mayEnter || in.room.ID == 0 || in.room.Space != in.actor.Space || in.room.Private && !in.standing.Belongs {
		return noRoom()
	}
	switch act {
	case toRead:
		return nil
	case toInvite, toManage:
		return authorizeRoom(act, in)
	}

	if in.room.Frozen && !mayModerate {
		return Errorf(CodeFrozen, "This room is frozen. Only moderators can write here now.")
	}
	switch act {
	case toType:
		return nil
	case toPost:
		if mayModerate {
			return nil
		}
		return slow(in)
	case toEdit, toDelete:
		return s.authorizeOwn(act, in)
	case toReact:
		if in.message.Seq == 0 || in.message.Deleted() {
			return noMessage()
		}
		return nil
	}
	return errors.New("chat: unknown action")
}

// authorizeRoom decides who may change a room that they may read. A private room is its
// members' own: whoever is in it may bring others, its creator and moderators in it do the rest.
func authorizeRoom(act action, in scene) error {
	created := in.room.CreatedBy != "" && in.room.CreatedBy == in.user.ID
	switch {
	case act == toInvite && !in.room.Private:
		return Errorf(CodeInvalid, "Everybody may enter this room.")
	case act == toInvite, in.user.Role.AtLeast(RoleModerator), created && in.room.Private:
		return nil
	}
	return Errorf(CodeForbidden, "You may not change this room.")
}

// authorizeOwn decides who may change a message that stands.
func (s *Service) authorizeOwn(act action, in scene) error {
	switch {
	case in.message.Seq == 0, in.message.Deleted() && act == toEdit:
		return noMessage()
	case in.message.Author.ID != in.user.ID:
		return Errorf(CodeForbidden, "This message is not yours.")
	}
	window := s.cfg.Limits.EditWindow
	if act == toEdit && window > 0 && in.now.Sub(in.message.SentAt) > window {
		return Errorf(CodeForbidden, "This message is too old to be edited.")
	}
	return nil
}

// slow decides when a member may post again in a room in slow mode.
func slow(in scene) error {
	pause := time.Duration(in.room.SlowMode) * time.Second
	if pause <= 0 || in.lastPost.IsZero() {
		return nil
	}
	// A clock that was set back must not make anybody wait longer than the pause.
	wait := min(in.lastPost.Add(pause).Sub(in.now), pause)
	if wait <= 0 {
		return nil
	}
	refusal := Errorf(CodeRateLimited, "This room is in slow mode. Wait a little before your next message.")
	refusal.RetryAfter = wait
	return refusal
}

// look reads who acts and where, and returns only what they may read.
func (s *Service) look(r Reader, a Actor, slug string) (scene, error) {
	if slug == "" {
		return scene{}, Errorf(CodeInvalid, "Name a room.")
	}
	in, err := s.person(r, a)
	if err != nil {
		return scene{}, err
	}
	if in.room, err = r.Room(slug); err != nil && !errors.Is(err, ErrMissing) {
		return scene{}, err
	}
	if in.room.Private {
		if in.standing, err = r.Standing(in.room.ID, in.user.ID); err != nil {
			return scene{}, err
		}
	}
	if err := s.authorize(toRead, in); err != nil {
		return scene{}, err
	}
	return in, nil
}

// person reads who acts. A user that is not there stays zero, and authorize decides.
func (s *Service) person(r Reader, a Actor) (scene, error) {
	user, err := r.User(a.ID)
	if err != nil && !errors.Is(err, ErrMissing) {
		return scene{}, err
	}
	return scene{actor: a, user: user, now: s.now()}, nil
}
