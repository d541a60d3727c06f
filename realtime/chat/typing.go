package chat

import (
	"context"
	"maps"
	"sync"
	"time"
)

// Typing notes that the actor began or stopped writing, and says whether the others should
// hear of it. Beginnings are told once in Limits.TypingEvery, the others dropped in silence;
// a stop is told once after a beginning was. Who may not write there gets the refusal.
func (s *Service) Typing(ctx context.Context, a Actor, slug string, on bool) (user User, tell bool, err error) {
	var in scene
	err = s.read(ctx, "note typing", a, slug, func(r Reader, seen scene) error {
		in = seen
		if err := s.authorize(toType, in); err != nil {
			return err
		}
		return permit(r, in, PermitWrite)
	})
	if err != nil {
		return User{}, false, err
	}
	return in.user, s.typing.tell(typist{in.user.ID, in.room.Slug}, in.user.Name, on, s.cfg.Now()), nil
}

// StopTyping notes that a user no longer writes in the rooms with those slugs, or with no slugs in any room. It returns
// the name that the others know them by, and the rooms in which they were told of it. It checks nobody's rights.
func (s *Service) StopTyping(user string, slugs ...string) (name string, rooms []string) {
	return s.typing.stop(user, slugs)
}

// typist is somebody writing in a room.
type typist struct {
	user string // id
	room string // slug
}

// told is what the others know of a typist.
type told struct {
	at   time.Time // of the last beginning
	on   bool
	name string
}

// typists remembers what was told of whom, for at least a minute. Its methods may be called
// concurrently.
type typists struct {
	every time.Duration

	mu    sync.Mutex // guards what follows
	told  map[typist]told
	sweep int // size at which old entries are forgotten
}

func newTypists(every time.Duration) *typists {
	return &typists{every: every, told: make(map[typist]told), sweep: sweepAt(0)}
}

// tell reports whether the news is one that should be told, and remembers it as told.
func (t *typists) tell(who typist, name string, on bool, now time.Time) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	last, known := t.told[who]
	if !on {
		if last.on {
			t.told[who] = told{at: last.at}
		}
		return last.on
	}
	if known && since(last.at, now, t.every) < t.every {
		return false
	}
	t.told[who] = told{at: now, on: true, name: name}
	if len(t.told) > t.sweep {
		maps.DeleteFunc(t.told, func(_ typist, x told) bool { return now.Sub(x.at) > max(t.every, time.Minute) })
		t.sweep = sweepAt(len(t.told))
	}
	return true
}

// stop notes that a user no longer writes in those rooms, or in any if there are none.
func (t *typists) stop(user string, slugs []string) (name string, rooms []string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	stop := func(who typist, last told) {
		if last.on {
			name, rooms = last.name, append(rooms, who.room)
			t.told[who] = told{at: last.at}
		}
	}
	for _, slug := range slugs {
		who := typist{user, slug}
		stop(who, t.told[who])
	}
	if len(slugs) == 0 {
		for who, last := range t.told {
			if who.user == user {
				stop(who, last)
			}
		}
	}
	return name, rooms
}
