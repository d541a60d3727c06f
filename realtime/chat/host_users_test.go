package chat_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"roomline/realtime/chat"
)

// sqlError is an error as drivers of PostgreSQL return it.
type sqlError struct{ state string }

func (e sqlError) Error() string    { return "ERROR (SQLSTATE " + e.state + ")" }
func (e sqlError) SQLState() string { return e.state }

// askingHost makes a world with the users of a host, whose function Users fails where fails says so.
func askingHost(t *testing.T, fails func(ids []string) error) *world {
	d := newDirectory()
	return newWorld(t, noLimits(), func(_ *world, cfg *chat.Config) {
		cfg.Directory = d.chats()
		ask := cfg.Directory.Users
		cfg.Directory.Users = func(ctx context.Context, ids []string) (map[string]chat.User, error) {
			if err := fails(ids); err != nil {
				return nil, err
			}
			return ask(ctx, ids)
		}
	})
}

func TestMalformedIDsAreUnknownUsers(t *testing.T) {
	_, noNumber := strconv.Atoi("me!")
	for name, failure := range map[string]error{
		"data exception of SQL":      fmt.Errorf("find users: %w", sqlError{"22P02"}),
		"number that does not parse": fmt.Errorf("parse the id: %w", noNumber),
		"missing row":                fmt.Errorf("find users: %w", chat.ErrMissing),
		"error of an unknown kind":   errors.New("no UUID"),
	} {
		t.Run(name, func(t *testing.T) {
			w := askingHost(t, func(ids []string) error {
				if slices.ContainsFunc(ids, func(id string) bool { return strings.Contains(id, "!") }) {
					return failure
				}
				return nil
			})
			w.says(mia, "hello")
			for _, id := range []string{"me!", "!", "not a user!"} {
				for method, do := range map[string]func() error{
					"Mute": func() error {
						_, err := w.Mute(t.Context(), chat.AsModerator(moss), sanction(id))
						return err
					},
					"Profile": func() error { _, err := w.Profile(t.Context(), chat.AsModerator(moss), id); return err },
					"AsHost":  func() error { _, err := w.Ban(t.Context(), chat.AsHost(), sanction(id)); return err },
				} {
					if code := chat.ErrorCode(do()); code != chat.CodeNotFound {
						t.Errorf("%s of %q is %q, want not_found", method, id, code)
					}
				}
				if unread, err := w.Unread(t.Context(), id); len(unread) != 0 || err != nil {
					t.Errorf("Unread of %q is %v, %v", id, unread, err)
				}
			}
		})
	}
}

func TestHostIsNotAskedForImpossibleIDs(t *testing.T) {
	w, d := hosted(t)
	w.says(mia, "hello")
	d.questions()
	for _, id := range []string{"a\x00b", "\xff\xfe", strings.Repeat("x", 257)} {
		_, err := w.Unread(t.Context(), id)
		w.ok(err)
	}
	d.wants(t)
}

func TestFailingHostIsNotMistakenForMissingUsers(t *testing.T) {
	broken := false
	w := askingHost(t, func([]string) error {
		if broken {
			return errors.New("connection refused")
		}
		return nil
	})
	w.says(mia, "hello")
	broken = true
	if _, err := w.Profile(t.Context(), chat.AsModerator(moss), ned); chat.ErrorCode(err) != chat.CodeInternal {
		t.Errorf("while the host fails, a user is %v", err)
	}
}

func TestUserOnceSeenSurvivesAFailedLookup(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		failing := ""
		w := askingHost(t, func(ids []string) error {
			if slices.Contains(ids, failing) {
				return errors.New("timeout")
			}
			return nil
		})
		w.says(mia, "hello")
		w.says(ned, "hello")
		failing = mia
		time.Sleep(time.Minute) // what the host said is stale
		if _, err := w.Enter(t.Context(), chat.AsUser(mia)); chat.ErrorCode(err) != chat.CodeInternal {
			t.Errorf("a user whose lookup fails once is %v", err)
		}
	})
}

func TestActorWithoutSpaceIsInTheGeneralOne(t *testing.T) {
	w := newWorld(t, noLimits())
	for _, a := range []chat.Actor{{ID: mia}, chat.AsUser(mia)} {
		m, err := w.Send(t.Context(), a, w.draft("hello"))
		w.ok(err)
		_, err = w.Join(t.Context(), a, "lobby", nil)
		w.ok(err)
		_, err = w.React(t.Context(), a, "lobby", m.Seq, "👍", true)
		w.ok(err)
	}
	if _, err := w.Join(t.Context(), chat.Actor{ID: moss}, "admin", nil); chat.ErrorCode(err) != chat.CodeNotFound {
		t.Errorf("the admin room without its space is %v", err)
	}
	_, err := w.Mute(t.Context(), chat.AsModerator(moss), sanction(mia))
	w.ok(err)
}

func TestUnreadOfNoRoomsCountsNone(t *testing.T) {
	w := newWorld(t, noLimits())
	_, err := w.Enter(t.Context(), chat.AsUser(ned))
	w.ok(err)
	w.says(mia, "hello")
	for _, c := range []struct {
		slugs []string
		want  int
	}{{nil, 1}, {[]string{}, 0}, {make([]string, 0, 4), 0}, {[]string{"lobby"}, 1}} {
		unread, err := w.Unread(t.Context(), ned, c.slugs...)
		w.ok(err)
		if len(unread) != c.want {
			t.Errorf("Unread of %#v has %d rooms, want %d", c.slugs, len(unread), c.want)
		}
	}
}
