package chat

import (
	"errors"
	"strings"
	"time"
)

// action is what somebody wants to do.
type action int

const (
	toEnter    action = iota // look at a space: which rooms are there
	toRead                   // a room and everything in it
	toType                   // let the others see that one writes
	toPost                   // a message
	toEdit                   // a message
	toDelete                 // a message
	toReact                  // to a message
	toCreate                 // a room
	toInvite                 // somebody to a private room
	toManage                 // a room's settings and members
	toLeave                  // a private room
	toReport                 // a message
	toRename                 // oneself
	toModerate               // look at what moderators see, or do what is done to nobody
	toSanction               // somebody
	toSetRole                // of somebody
	toDismiss                // somebody's message, or restore it
	toKeep                   // how far one has read a room, and what one wants to be told of it
	toFind                   // people
)

// guest is a visitor without an account, where a host lets them read.
var guest = User{Name: "Guest", Role: RoleGuest}

// write is what a mute keeps from: all that others get to see. Deleting one's own message takes
// something away, and is left.
var write = map[action]bool{
	toType: true, toPost: true, toEdit: true, toReact: true, toCreate: true, toInvite: true, toManage: true,
	toReport: true, toRename: true,
}

// scene is what a decision is made on, all of it read in one snapshot or transaction.
type scene struct {
	actor    Actor
	user     User // zero: the account is gone
	held     Restrictions
	room     Room      // zero: no room of that name; not looked at for toEnter
	standing Standing  // read for private rooms only, but by viewed
	message  Message   // for what is done to one; zero: no such message
	target   User      // to whom it is done, or whose message it is; zero: the account is gone
	lastPost time.Time // for toPost in slow mode: when the user last posted there in it
	now      time.Time
	news     *news // of the transaction; nil in a snapshot
}

func noRoom() *Error    { return Errorf(CodeNotFound, "There is no such room.") }
func noMessage() *Error { return Errorf(CodeNotFound, "There is no such message.") }

// authorize decides every read and every write; there is no other place that does.
func (s *Service) authorize(act action, in scene) error {
	switch {
	case in.actor.host():
		return authorizeHost(act, in)
	case in.user == guest:
		return s.authorizeGuest(act, in)
	case !in.user.Role.Valid():
		return Errorf(CodeForbidden, "Your account is gone.")
	}
	if ban := in.held.Ban; ban.InForce(in.now) {
		return restricted(CodeBanned, "You are banned", ban, in.now)
	}
	mayModerate := in.user.Role.AtLeast(RoleModerator)
	mayEnter := in.actor.space() == SpaceGeneral || in.actor.space() == SpaceAdmin && mayModerate
	switch act {
	case toEnter, toFind:
		if !mayEnter {
			return modsOnly()
		}
		return nil
	case toCreate:
		if !mayEnter || in.actor.space() != SpaceGeneral || !in.user.Role.AtLeast(s.cfg.CreateRooms) {
			return Errorf(CodeForbidden, "You may not create rooms.")
		}
		return in.mayWrite(act)
	case toRename:
		return in.mayWrite(act)
	case toModerate, toSanction, toSetRole, toDismiss:
		return authorizeModeration(act, in)
	}
	if !mayEnter || in.room.ID == 0 || in.room.Space != in.actor.space() || in.room.Private && !in.standing.Belongs {
		return noRoom()
	}
	if err := in.mayWrite(act); err != nil {
		return err
	}
	switch act {
	case toRead, toLeave, toKeep:
		return nil
	case toInvite, toManage:
		return authorizeRoom(act, in)
	case toReport:
		return authorizeReport(in)
	}
	return s.authorizeWrite(act, in, mayModerate)
}

// authorizeHost lets a host do all that makes sense.
func authorizeHost(act action, in scene) error {
	switch act {
	case toType, toReact, toKeep, toRename:
		return Errorf(CodeForbidden, "The site itself does not do this.")
	case toRead, toLeave, toPost, toInvite, toManage:
		if in.room.ID == 0 {
			return noRoom()
		}
		if act == toInvite && !in.room.Private {
			return everybodyMay()
		}
	case toReport:
		return authorizeReport(in)
	case toEdit:
		if in.message.Seq == 0 || in.message.Deleted() {
			return noMessage()
		}
	case toDelete, toDismiss:
		if in.message.Seq == 0 {
			return noMessage()
		}
	case toSanction, toSetRole:
		if in.target.ID == "" {
			return noMember()
		}
	case toEnter, toFind, toCreate, toModerate:
	}
	return nil
}

// authorizeGuest lets a visitor without an account read what the host has chosen.
func (s *Service) authorizeGuest(act action, in scene) error {
	switch {
	case in.actor.space() != SpaceGeneral:
		return modsOnly()
	case act == toEnter:
		return nil
	case act == toFind, act == toCreate, act == toRename:
		return signIn()
	case in.room.ID == 0, in.room.Space != SpaceGeneral, in.room.Private, !s.cfg.Guests(in.room):
		return noRoom()
	case act == toRead:
		return nil
	}
	return signIn()
}

func signIn() *Error { return Errorf(CodeForbidden, "Sign in to do this.") }

func everybodyMay() *Error { return Errorf(CodeInvalid, "Everybody may enter this room.") }

func noMember() *Error { return Errorf(CodeNotFound, "There is no such member.") }

// authorizeWrite decides what is done in a room that the user may read.
func (s *Service) authorizeWrite(act action, in scene, mayModerate bool) error {
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

// mayWrite refuses what a mute keeps from.
func (in scene) mayWrite(act action) error {
	if mute := in.held.Mute; write[act] && mute.InForce(in.now) {
		return restricted(CodeMuted, "You are muted", mute, in.now)
	}
	return nil
}

// restricted is the refusal of a sanction.
func restricted(code Code, what string, s Sanction, now time.Time) *Error {
	e := Errorf(code, "%s.", what)
	if !s.Until.IsZero() {
		e = Errorf(code, "%s until %s.", what, s.Until.UTC().Format("2 January 2006 15:04 UTC"))
	}
	if s.Reason != "" {
		e.Message += " Reason: " + s.Reason
	}
	e.RetryAfter = s.Left(now)
	return e
}

func modsOnly() *Error { return Errorf(CodeForbidden, "This is for moderators only.") }

// authorizeModeration decides what moderators do. Nobody acts on himself or on somebody of the same rank; but
// an owner may make another owner less.
func authorizeModeration(act action, in scene) error {
	own := in.target.ID == in.user.ID
	switch {
	case in.actor.space() != SpaceAdmin, !in.user.Role.AtLeast(RoleModerator):
		return modsOnly()
	case act == toModerate:
		return nil
	case act == toDismiss && in.message.Seq == 0:
		return noMessage()
	case act == toDismiss && in.message.Kind == KindReport:
		return Errorf(CodeForbidden, "A report is resolved, not deleted.")
	case act != toDismiss && in.target.ID == "":
		return noMember()
	case act == toSetRole && in.user.Role != RoleOwner:
		return Errorf(CodeForbidden, "Only the owner gives roles.")
	case own && act != toDismiss:
		return Errorf(CodeForbidden, "You cannot do this to yourself.")
	case act != toSetRole && !own && in.target.Role == RoleOwner:
		return Errorf(CodeForbidden, "Nobody can do this to an owner.")
	case act != toSetRole && !own && in.target.Role.AtLeast(in.user.Role):
		return Errorf(CodeForbidden, "Only an owner can do this to a moderator.")
	}
	return nil
}

// authorizeReport decides who may report a message.
func authorizeReport(in scene) error {
	switch m := in.message; {
	case m.Seq == 0, m.Deleted():
		return noMessage()
	case m.Author.ID == in.user.ID:
		return Errorf(CodeInvalid, "This is your own message.")
	case m.Kind != KindText:
		return Errorf(CodeInvalid, "Only what somebody wrote can be reported.")
	}
	return nil
}

// authorizeRoom decides who may change a room that they may read. A private room is its
// members' own: whoever is in it may bring others, its creator and moderators in it do the rest.
func authorizeRoom(act action, in scene) error {
	created := in.room.CreatedBy != "" && in.room.CreatedBy == in.user.ID
	switch {
	case act == toInvite && !in.room.Private:
		return everybodyMay()
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
	case in.message.Author.ID != in.user.ID, in.message.Kind != KindText:
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
	wait := slowWait(in)
	if wait == 0 {
		return nil
	}
	refusal := Errorf(CodeRateLimited, "This room is in slow mode. Wait a little before your next message.")
	refusal.RetryAfter = wait
	return refusal
}

// slowWait is how long a member has to wait in slow mode, 0 for not at all.
func slowWait(in scene) time.Duration {
	pause := time.Duration(in.room.SlowMode) * time.Second
	if pause <= 0 || in.lastPost.IsZero() {
		return 0
	}
	return max(0, pause-since(in.lastPost, in.now, pause))
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
	return in, permit(r, in, PermitRead)
}

// person reads who acts. A user that is not there stays zero, and authorize decides.
func (s *Service) person(r Reader, a Actor) (scene, error) {
	a.ID = strings.Clone(a.ID) // a host may pass a string of its request
	in := scene{actor: a, now: s.now()}
	switch {
	case a.host():
		in.user = User{Name: serverName, Role: RoleOwner}
		return in, nil
	case a.ID == "" && s.cfg.Guests != nil:
		in.user = guest
		return in, nil
	}
	var err error
	if in.user, err = r.User(a.ID); err != nil && !errors.Is(err, ErrMissing) {
		return scene{}, err
	}
	in.held, err = r.Restrictions(a.ID)
	return in, err
}

// moderator reads who acts, if they may moderate.
func (s *Service) moderator(r Reader, a Actor) (scene, error) {
	in, err := s.person(r, a)
	if err != nil {
		return in, err
	}
	return in, s.authorize(toModerate, in)
}

// lookOver is look for moderators: from the admin space they see the rooms of both, but no private room
// that they are not in.
func (s *Service) lookOver(r Reader, a Actor, slug string) (scene, error) {
	in, err := s.moderator(r, a)
	if err != nil {
		return in, err
	}
	room, err := r.Room(slug)
	if err != nil {
		return in, found(err, noRoom())
	}
	within := Actor{a.ID, room.Space}
	if a.host() {
		within = a
	}
	there, err := s.look(r, within, slug)
	if err != nil {
		return in, err
	}
	there.actor = a
	return there, nil
}

// aim reads to whom something is done; zero if they have no account.
func (in *scene) aim(r Reader, user string) error {
	if user == "" {
		return nil
	}
	var err error
	if in.target, err = r.User(user); errors.Is(err, ErrMissing) {
		return nil
	}
	return err
}
