package chat

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"
)

const (
	floodWithin = time.Minute           // in which Limits.FloodRefusals are counted
	floodEarly  = 50 * time.Millisecond // by which a client's timer may be early
)

// floods counts how often members are refused because they send too fast. Its methods may be called
// concurrently.
type floods struct {
	most int // 0: nobody is counted

	mu    sync.Mutex // guards what follows
	count map[string]refusals
	sweep int // size at which old entries are forgotten
}

// refusals are those of one member within floodWithin, and when the member may come again.
type refusals struct {
	at   []time.Time // never empty
	free time.Time
}

func newFloods(l Limits) *floods {
	f := &floods{most: l.FloodRefusals, count: make(map[string]refusals), sweep: sweepAt(0)}
	if l.FloodMute <= 0 {
		f.most = 0
	}
	return f
}

// strike counts a refusal that tells to wait, and reports whether they are too many; counting begins anew then. One
// that was heeded does not count any more: who has much to send and waits each time as long as is said floods nobody.
func (f *floods) strike(user string, now time.Time, wait time.Duration) bool {
	if f.most <= 0 {
		return false
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	r := f.count[user]
	if n := len(r.at); n > 0 && !now.Before(r.free.Add(-floodEarly)) {
		r.at = r.at[:n-1]
	}
	r.at = append(slices.DeleteFunc(r.at, func(at time.Time) bool { return now.Sub(at) > floodWithin }), now)
	r.free = now.Add(wait)
	if len(r.at) >= f.most {
		delete(f.count, user)
		return true
	}
	f.count[strings.Clone(user)] = r
	if len(f.count) > f.sweep {
		maps.DeleteFunc(f.count, func(_ string, r refusals) bool { return now.Sub(r.at[len(r.at)-1]) > floodWithin })
		f.sweep = sweepAt(len(f.count))
	}
	return false
}

// flooded returns err, after it has muted the actor if it is the refusal that is too much.
func (s *Service) flooded(ctx context.Context, a Actor, err error) error {
	var refusal *Error
	if !errors.As(err, &refusal) || !refusal.flood || !s.floods.strike(a.ID, s.cfg.Now(), refusal.RetryAfter) {
		return err
	}
	// The refusal stands whatever comes of this; the next flood tries again. Who hangs up is muted no less.
	if muting := s.muteFlood(context.WithoutCancel(ctx), a.ID); muting != nil {
		return errors.Join(err, muting)
	}
	return err
}

// muteFlood mutes a member who sends too fast again and again, and tells the admin room.
func (s *Service) muteFlood(ctx context.Context, user string) error {
	return s.write(ctx, "mute a flood", func(w Writer, n *news) error {
		in := scene{now: s.now(), news: n}
		if err := in.aim(w, user); err != nil {
			return err
		}
		held, err := w.Restrictions(user)
		if err != nil {
			return err
		}
		if !in.target.Role.Valid() || in.target.Role.AtLeast(RoleModerator) || held.Mute.InForce(in.now) {
			return nil
		}
		sanction := Sanction{
			User: user, Kind: SanctionMute, Reason: "Too many messages too fast.", By: newNames(w).find(""),
			At: in.now, Until: in.now.Add(s.cfg.Limits.FloodMute),
		}
		if err := s.sanction(w, in, held.Mute, sanction); err != nil {
			return err
		}
		return s.postNotice(w, in, fmt.Sprintf("<@%s> was muted for %s: too many messages too fast.", user, inWords(s.cfg.Limits.FloodMute)), user)
	})
}

// inWords is a duration as people say it, in its largest whole unit.
func inWords(d time.Duration) string {
	for _, unit := range []struct {
		of   time.Duration
		name string
	}{{24 * time.Hour, "day"}, {time.Hour, "hour"}, {time.Minute, "minute"}} {
		if n := d / unit.of; d >= unit.of && d%unit.of == 0 {
			if n == 1 {
				return "1 " + unit.name
			}
			return fmt.Sprintf("%d %ss", n, unit.name)
		}
	}
	return d.String()
}
