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
	mostTold    = 1000                  // requests of one member whose waits are remembered
)

// floods counts how often members are refused because they send too fast. A refusal counts only if the member could
// have known: not within Limits.FloodGrace after the first of several, since those requests may have been made before
// it was answered, as those of a client that was offline; and not if the same request was refused before and comes
// back as late as it was told to. One after which the member waits as long as it says no longer counts. Its methods may be called concurrently.
type floods struct {
	most  int // 0: nobody is counted
	grace time.Duration

	mu    sync.Mutex // guards what follows
	count map[string]*refusals
	sweep int // size at which old entries are forgotten
}

// refusals are those of one member.
type refusals struct {
	first, last time.Time            // of those that follow each other within the grace
	counted     []time.Time          // within floodWithin
	isCounted   bool                 // the last one is
	free        time.Time            // when the member may come again, as the last one says
	told        map[string]time.Time // when each request may come again
}

func newFloods(l Limits) *floods {
	f := &floods{most: l.FloodRefusals, grace: l.FloodGrace, count: make(map[string]*refusals), sweep: sweepAt(0)}
	if l.FloodMute <= 0 {
		f.most = 0
	}
	return f
}

// strike notes that a request is refused and told to wait, and reports whether the member is to be muted for it;
// counting begins anew then. The same request has the same key.
func (f *floods) strike(user, key string, now time.Time, wait time.Duration) bool {
	if f.most <= 0 {
		return false
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	r := f.count[user]
	if r == nil {
		r = &refusals{told: make(map[string]time.Time)}
		f.count[strings.Clone(user)] = r
	}
	if since(r.last, now, f.grace+1) > f.grace {
		r.first = now
	}
	r.last = now
	r.counted = slices.DeleteFunc(r.counted, func(at time.Time) bool { return now.Sub(at) > floodWithin })
	if r.isCounted && len(r.counted) > 0 && !now.Before(r.free.Add(-floodEarly)) {
		r.counted = r.counted[:len(r.counted)-1]
	}
	r.free = now.Add(wait)
	free, repeated := r.told[key]
	heeded := repeated && !now.Before(free.Add(-floodEarly))
	if len(r.told) >= mostTold {
		maps.DeleteFunc(r.told, func(_ string, free time.Time) bool { return free.Before(now.Add(-floodWithin)) })
	}
	if repeated || len(r.told) < mostTold {
		r.told[strings.Clone(key)] = r.free
	}
	if r.isCounted = !heeded && now.Sub(r.first) >= f.grace; r.isCounted {
		r.counted = append(r.counted, now)
	}
	if len(r.counted) >= f.most {
		delete(f.count, user)
		return true
	}
	if len(f.count) > f.sweep {
		maps.DeleteFunc(f.count, func(_ string, r *refusals) bool { return now.Sub(r.last) > max(floodWithin, f.grace) })
		f.sweep = sweepAt(len(f.count))
	}
	return false
}

// flooded returns err, after it has muted the actor if it is the refusal that is too much. The same request has the
// same key each time it is made.
func (s *Service) flooded(ctx context.Context, a Actor, key string, err error) error {
	var refusal *Error
	if !errors.As(err, &refusal) || !refusal.flood || !s.floods.strike(a.ID, key, s.cfg.Now(), refusal.RetryAfter) {
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
