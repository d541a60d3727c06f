package chat

import (
	"context"
	"errors"
)

var errSoon = errors.New("soon")

// Mute keeps a member from writing; a mute in force is replaced.
func (s *Service) Mute(ctx context.Context, a Actor, r SanctionRequest) (Member, error) {
	return Member{}, errSoon
}

// Unmute lifts a mute.
func (s *Service) Unmute(ctx context.Context, a Actor, user, reason string) (Member, error) {
	return Member{}, errSoon
}

// Ban keeps a member out.
func (s *Service) Ban(ctx context.Context, a Actor, r SanctionRequest) (Member, error) {
	return Member{}, errSoon
}

// Unban lifts a ban.
func (s *Service) Unban(ctx context.Context, a Actor, user, reason string) (Member, error) {
	return Member{}, errSoon
}

// TakeDown deletes all messages of a member, and returns how many.
func (s *Service) TakeDown(ctx context.Context, a Actor, user, reason string) (Member, int, error) {
	return Member{}, 0, errSoon
}

// BringBack restores what TakeDown deleted, and returns how many.
func (s *Service) BringBack(ctx context.Context, a Actor, user, reason string) (Member, int, error) {
	return Member{}, 0, errSoon
}

// SetRole gives a user a role; the owner may.
func (s *Service) SetRole(ctx context.Context, a Actor, user string, role Role, reason string) (Member, error) {
	return Member{}, errSoon
}

// Accounts lists members, for moderators.
func (s *Service) Accounts(ctx context.Context, a Actor, q MemberQuery) (MemberPage, error) {
	return MemberPage{}, errSoon
}

// Profile is all that moderators see of a member.
func (s *Service) Profile(ctx context.Context, a Actor, user string) (Profile, error) {
	return Profile{}, errSoon
}

// Restrictions returns a user's sanctions that are in force. It asks for nobody's rights: it is for the host, at sign-in.
func (s *Service) Restrictions(ctx context.Context, user string) (Restrictions, error) {
	return Restrictions{}, errSoon
}

// Dismiss deletes a message of anybody, for moderators: a.Space is SpaceAdmin, the room any that they may read.
func (s *Service) Dismiss(ctx context.Context, a Actor, slug string, seq int64, reason string) (Message, error) {
	return Message{}, errSoon
}

// Restore brings back a message that a moderator deleted.
func (s *Service) Restore(ctx context.Context, a Actor, slug string, seq int64, reason string) (Message, error) {
	return Message{}, errSoon
}

// Original returns what a message said before it was edited or deleted.
func (s *Service) Original(ctx context.Context, a Actor, slug string, seq int64) (Original, error) {
	return Original{}, errSoon
}

// Freeze lets only moderators write in a room, or everybody again.
func (s *Service) Freeze(ctx context.Context, a Actor, slug string, on bool, reason string) (RoomView, error) {
	return RoomView{}, errSoon
}

// Slow makes members wait so many seconds between two messages in a room, 0 for none, 21,600 at most.
func (s *Service) Slow(ctx context.Context, a Actor, slug string, seconds int, reason string) (RoomView, error) {
	return RoomView{}, errSoon
}

// Report puts somebody else's message into the queue of the moderators.
func (s *Service) Report(ctx context.Context, a Actor, slug string, seq int64, reason string) error {
	return errSoon
}

// Reports returns a page of the queue, the latest first, and whether there are older ones.
func (s *Service) Reports(ctx context.Context, a Actor, q ReportQuery) ([]Report, bool, error) {
	return nil, false, errSoon
}

// Resolve decides a report; already: somebody else did before, and the report says what.
func (s *Service) Resolve(ctx context.Context, a Actor, d Decision) (r Report, already bool, err error) {
	return r, false, errSoon
}

// HeldOf returns what of the actor waits for review in a room, the oldest first.
func (s *Service) HeldOf(ctx context.Context, a Actor, slug string) ([]Held, error) {
	return nil, errSoon
}

// Rules returns the rules of the filter.
func (s *Service) Rules(ctx context.Context, a Actor) ([]Rule, error) { return nil, errSoon }

// PutRule stores a rule, a new one with ID 0.
func (s *Service) PutRule(ctx context.Context, a Actor, r Rule, reason string) (Rule, error) {
	return r, errSoon
}

// DeleteRule deletes a rule.
func (s *Service) DeleteRule(ctx context.Context, a Actor, id int64, reason string) error {
	return errSoon
}

// TryRule returns what a rule finds in a text, nil for nothing. Rules about habits find nothing in one text, but
// mentions that are too many.
func (s *Service) TryRule(ctx context.Context, a Actor, r Rule, text string) (*Match, error) {
	return nil, errSoon
}

// Audit returns a page of the audit log, the latest first, and whether there are older ones.
func (s *Service) Audit(ctx context.Context, a Actor, q AuditQuery) ([]Entry, bool, error) {
	return nil, false, errSoon
}

// VerifyAudit follows the whole chain. It returns how many entries hold, the hash of the last of them, and the id of
// the first that does not fit, 0 if all do. It asks for nobody's rights.
func (s *Service) VerifyAudit(ctx context.Context) (entries int64, head [32]byte, broken int64, err error) {
	return 0, head, 0, errSoon
}

// Act is an act of a moderator that the host does, and that belongs into the audit log.
type Act struct {
	Name   string // noun:verb
	User   string // id of whom it is done to, "" for nobody: nobody may be above the actor, or the actor
	Reason string // 1 to 500 characters
	Before any    // what it changes, as JSON; nil for nothing
	After  any
}

// Act does an act of the host in a transaction, with its entry in the audit log. Only moderators may.
func (s *Service) Act(ctx context.Context, a Actor, act Act, do func(Writer) error) error {
	return errSoon
}

// MayRename returns nil if the user may take another name, or why not.
func (s *Service) MayRename(ctx context.Context, user string) error { return errSoon }
