package chat

import (
	"context"
	"encoding/json"
	"fmt"
	"time"
	"unicode/utf8"
)

const (
	maxReason   = 500                        // characters
	maxSanction = 10 * 365 * 24 * time.Hour  // longer is: until it is lifted
	lasting     = "until it is lifted"       // in the audit log, for an open end
	timeFormat  = "2006-01-02T15:04:05.000Z" // of the wire
)

// Mute keeps a member from writing, whatever it is; one in force is replaced. It has taken effect when
// Mute returns.
func (s *Service) Mute(ctx context.Context, a Actor, r SanctionRequest) (Member, error) {
	return s.sanctionMember(ctx, a, SanctionMute, r)
}

// Ban keeps a member out; one in force is replaced. It has taken effect when Ban returns: their sessions and
// connections have ended.
func (s *Service) Ban(ctx context.Context, a Actor, r SanctionRequest) (Member, error) {
	return s.sanctionMember(ctx, a, SanctionBan, r)
}

// Unmute lifts a mute; that of somebody who has none changes nothing.
func (s *Service) Unmute(ctx context.Context, a Actor, user, reason string) (Member, error) {
	return s.liftSanction(ctx, a, SanctionMute, user, reason)
}

// Unban lifts a ban likewise.
func (s *Service) Unban(ctx context.Context, a Actor, user, reason string) (Member, error) {
	return s.liftSanction(ctx, a, SanctionBan, user, reason)
}

// act runs fn on a member whom the actor may sanction, and returns them as they then are.
func (s *Service) act(ctx context.Context, doing string, as action, a Actor, user string, fn func(Writer, scene) error) (Member, error) {
	var m Member
	err := s.write(ctx, doing, func(w Writer, n *news) error {
		in, err := s.aimed(w, as, a, user)
		if err != nil {
			return err
		}
		in.news = n
		if err := fn(w, in); err != nil {
			return err
		}
		m, err = s.member(w, user)
		return err
	})
	return m, err
}

// aimed reads who acts on whom, if they may.
func (s *Service) aimed(r Reader, as action, a Actor, user string) (scene, error) {
	in, err := s.moderator(r, a)
	if err != nil {
		return in, err
	}
	if err := in.aim(r, user); err != nil {
		return in, err
	}
	return in, s.authorize(as, in)
}

func (s *Service) sanctionMember(ctx context.Context, a Actor, kind SanctionKind, r SanctionRequest) (Member, error) {
	reason, err := cleanReason(r.Reason)
	if err != nil {
		return Member{}, err
	}
	if r.For < 0 || r.For > maxSanction {
		return Member{}, wrong("minutes", "A sanction lasts up to ten years, or until it is lifted.")
	}
	return s.act(ctx, string(kind)+" member", toSanction, a, r.User, func(w Writer, in scene) error {
		held, err := w.Restrictions(r.User)
		if err != nil {
			return err
		}
		sanction := Sanction{User: r.User, Kind: kind, Reason: reason, By: in.user, At: in.now}
		if r.For > 0 {
			sanction.Until = in.now.Add(r.For)
		}
		return s.sanction(w, in, held.of(kind), sanction)
	})
}

// sanction stores a sanction of the scene's target, its entry in the audit log, and its news.
func (s *Service) sanction(w Writer, in scene, was, sanction Sanction) error {
	if err := w.AddSanction(&sanction); err != nil {
		return err
	}
	in.news.sanctions = append(in.news.sanctions, sanction)
	return s.record(w, in, Entry{
		Act: "member:" + string(sanction.Kind), Target: &in.target, Reason: sanction.Reason,
		Before: was.state(in.now), After: sanction.state(in.now),
	})
}

func (s *Service) liftSanction(ctx context.Context, a Actor, kind SanctionKind, user, reason string) (Member, error) {
	reason, err := cleanReason(reason)
	if err != nil {
		return Member{}, err
	}
	return s.act(ctx, "un"+string(kind)+" member", toSanction, a, user, func(w Writer, in scene) error {
		held, err := w.Restrictions(user)
		if err != nil {
			return err
		}
		was := held.of(kind)
		if !was.InForce(in.now) {
			return nil
		}
		if err := w.LiftSanction(user, kind, in.now, in.user.ID, reason); err != nil {
			return err
		}
		lifted := was
		lifted.LiftedAt, lifted.LiftedBy, lifted.LiftReason = in.now, in.user.ID, reason
		in.news.sanctions = append(in.news.sanctions, lifted)
		return s.record(w, in, Entry{Act: "member:un" + string(kind), Target: &in.target, Reason: reason, Before: was.state(in.now)})
	})
}

func (r Restrictions) of(kind SanctionKind) Sanction {
	if kind == SanctionBan {
		return r.Ban
	}
	return r.Mute
}

// state is what the audit log says of a sanction: nothing if it is not in force.
func (s Sanction) state(now time.Time) json.RawMessage {
	if !s.InForce(now) {
		return nil
	}
	until := lasting
	if !s.Until.IsZero() {
		until = s.Until.UTC().Format(timeFormat)
	}
	return state("until", until)
}

// state is a JSON object of pairs of names and values.
func state(pairs ...any) json.RawMessage {
	object := make(map[string]any, len(pairs)/2)
	for i := 0; i+1 < len(pairs); i += 2 {
		object[fmt.Sprint(pairs[i])] = pairs[i+1]
	}
	data, err := json.Marshal(object)
	if err != nil {
		return nil // of numbers, texts and truths there is none
	}
	return data
}

// SetRole gives a user a role. Only an owner may, and not to himself, so that one always stays. Its reason
// may be empty.
func (s *Service) SetRole(ctx context.Context, a Actor, user string, role Role, reason string) (Member, error) {
	if !role.Valid() {
		return Member{}, wrong("role", "A role is %s, %s or %s.", RoleMember, RoleModerator, RoleOwner)
	}
	reason, err := cleanRemark(reason)
	if err != nil {
		return Member{}, err
	}
	return s.act(ctx, "set role", toSetRole, a, user, func(w Writer, in scene) error {
		was := in.target.Role
		if was == role {
			return nil
		}
		if err := w.SetRole(user, role); err != nil {
			return err
		}
		in.target.Role = role
		in.news.roles = append(in.news.roles, in.target)
		return s.record(w, in, Entry{
			Act: "member:role", Target: &in.target, Reason: reason, Before: state("role", was), After: state("role", role),
		})
	})
}

// Act is an act of a moderator that the host does, and that belongs into the audit log.
type Act struct {
	Name   string // noun:verb
	User   string // id of whom it is done to, "" for nobody: those above the actor and the actor himself are refused
	Reason string // 1 to 500 characters
	Before any    // what it changes, a JSON object; nil for nothing
	After  any
}

// Act does an act of the host in a transaction, with its entry in the audit log. Only moderators may. do may set
// what the act has changed.
func (s *Service) Act(ctx context.Context, a Actor, act *Act, do func(Writer) error) error {
	reason, err := cleanReason(act.Reason)
	if err != nil {
		return err
	}
	return s.write(ctx, act.Name, func(w Writer, n *news) error {
		as := toModerate
		if act.User != "" {
			as = toSanction
		}
		in, err := s.aimed(w, as, a, act.User)
		if err != nil {
			return err
		}
		in.news = n
		if err := do(w); err != nil {
			return err
		}
		e := Entry{Act: act.Name, Reason: reason}
		if act.User != "" {
			e.Target = &in.target
		}
		if e.Before, err = object(act.Before); err != nil {
			return err
		}
		if e.After, err = object(act.After); err != nil {
			return err
		}
		return s.record(w, in, e)
	})
}

// object is v as JSON, nil for nil.
func object(v any) (json.RawMessage, error) {
	if v == nil {
		return nil, nil
	}
	data, err := json.Marshal(v)
	if err != nil {
		return nil, fmt.Errorf("encode what an act has changed: %w", err)
	}
	return data, nil
}

// MayRename returns nil if the user may take another name, or why not.
func (s *Service) MayRename(ctx context.Context, user string) error {
	return fault("ask for a rename", s.cfg.Store.Read(ctx, func(r Reader) error {
		in, err := s.person(r, Actor{user, SpaceGeneral})
		if err != nil {
			return err
		}
		return s.authorize(toRename, in)
	}))
}

// Restrictions returns a user's sanctions that are in force. It asks for nobody's rights: it is the host's, who
// asks at sign-in.
func (s *Service) Restrictions(ctx context.Context, user string) (Restrictions, error) {
	var held Restrictions
	err := s.cfg.Store.Read(ctx, func(r Reader) error {
		var err error
		held, err = r.Restrictions(user)
		return err
	})
	return held.inForce(s.now()), fault("read restrictions", err)
}

func (r Restrictions) inForce(now time.Time) Restrictions {
	if !r.Mute.InForce(now) {
		r.Mute = Sanction{}
	}
	if !r.Ban.InForce(now) {
		r.Ban = Sanction{}
	}
	return r
}

// cleanRemark is cleanReason for a reason that may be left out.
func cleanRemark(reason string) (string, error) { return cleanReasonOf(reason, 0) }

// cleanReason returns why something is done as it is stored: 1 to 500 characters in one line.
func cleanReason(reason string) (string, error) { return cleanReasonOf(reason, 1) }

func cleanReasonOf(reason string, least int) (string, error) {
	if utf8.RuneCountInString(reason) > 2*maxReason { // before it is looked at in whole
		return "", wrong("reason", "The reason is too long: at most %d characters.", maxReason)
	}
	return cleanLine("reason", reason, least, maxReason)
}
