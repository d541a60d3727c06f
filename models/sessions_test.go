package models

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"roomline/realtime/chat"
)

// clock is a time that only the test moves.
type clock struct{ now atomic.Int64 }

func (c *clock) Now() time.Time           { return time.Unix(c.now.Load(), 0) }
func (c *clock) advance(by time.Duration) { c.now.Add(int64(by / time.Second)) }

func openWithClock(t *testing.T) (*DB, *clock) {
	t.Helper()
	c := &clock{}
	c.now.Store(1_700_000_000)
	return openAt(t, Config{Path: filepath.Join(t.TempDir(), "roomline.db"), Now: c.Now}), c
}

func start(t *testing.T, db *DB, user User) (string, Session) {
	t.Helper()
	token, s, err := db.StartSession(t.Context(), user.ID, Meta{UserAgent: "Firefox", Address: "192.0.2.7"})
	if err != nil {
		t.Fatal(err)
	}
	return token, s
}

func wantNoSession(t *testing.T, db *DB, token string) {
	t.Helper()
	if s, _, err := db.FindSession(t.Context(), token); !errors.Is(err, ErrNoSession) {
		t.Errorf("%q finds %+v, %v, want no session", token, s, err)
	}
}

func TestASessionIsFoundByItsTokenAlone(t *testing.T) {
	db, c := openWithClock(t)
	ada := addUser(t, db, "ada", chat.RoleOwner)
	token, started := start(t, db, ada)
	found, user, err := db.FindSession(t.Context(), token)
	if err != nil || user != ada {
		t.Fatalf("found %+v, %v", user, err)
	}
	want := Session{ID: started.ID, UserID: ada.ID, UserAgent: "Firefox", Address: "192.0.2.7", CreatedAt: c.Now().UTC(), SeenAt: c.Now().UTC()}
	if started != want {
		t.Errorf("started %+v, want %+v", started, want)
	}
	want.UserAgent, want.Address = "", ""
	if found != want {
		t.Errorf("found %+v, want %+v", found, want)
	}
	for _, other := range []string{
		"", "x", token[1:], token + "A", strings.ToUpper(token), token[:42] + "=",
		base64.RawURLEncoding.EncodeToString(make([]byte, tokenSize)),
	} {
		wantNoSession(t, db, other)
	}
	if again, _ := start(t, db, ada); again == token {
		t.Error("two sessions have one token")
	}
}

func TestASessionHasTheRightsOfNow(t *testing.T) {
	db := openTest(t)
	addUser(t, db, "ada", chat.RoleOwner)
	token, _ := start(t, db, addUser(t, db, "bob", chat.RoleModerator))
	if _, err := db.SetRole(t.Context(), "bob", chat.RoleMember); err != nil {
		t.Fatal(err)
	}
	if _, user, err := db.FindSession(t.Context(), token); err != nil || user.Role != chat.RoleMember {
		t.Errorf("bob is %+v, %v", user, err)
	}
}

func TestTheTokenIsNowhereInTheFiles(t *testing.T) {
	db := openTest(t)
	token, _ := start(t, db, addUser(t, db, "ada", chat.RoleOwner))
	secret, err := base64.RawURLEncoding.DecodeString(token)
	if err != nil || len(secret) != 32 {
		t.Fatalf("the token has %d bytes, %v", len(secret), err)
	}
	hash := sha256.Sum256(secret)
	hashed := false
	for _, suffix := range []string{"", "-wal"} {
		content, err := os.ReadFile(db.Path() + suffix)
		if err != nil {
			t.Fatal(err)
		}
		if bytes.Contains(content, []byte(token)) || bytes.Contains(content, secret) {
			t.Errorf("the token is in roomline.db%s", suffix)
		}
		hashed = hashed || bytes.Contains(content, hash[:])
	}
	if !hashed {
		t.Error("its hash is not there either: the search is wrong")
	}
}

func TestAnUnusedSessionEndsAfterAWeek(t *testing.T) {
	db, c := openWithClock(t)
	token, _ := start(t, db, addUser(t, db, "ada", chat.RoleOwner))
	c.advance(7*24*time.Hour + time.Second)
	wantNoSession(t, db, token)
	if list, err := db.Sessions(t.Context(), 1); err != nil || len(list) != 0 {
		t.Errorf("it is listed: %+v, %v", list, err)
	}
}

func TestAnOpenConnectionUsesItsSession(t *testing.T) {
	db, c := openWithClock(t)
	ada, ben := addUser(t, db, "ada", chat.RoleOwner), addUser(t, db, "ben", chat.RoleMember)
	_, s := start(t, db, ada)
	use := func(u User, session int64, want error) {
		t.Helper()
		if err := db.UseSession(t.Context(), u.Chat().ID, session); !errors.Is(err, want) {
			t.Errorf("got %v, want %v", err, want)
		}
	}
	use(ada, s.ID, nil)
	use(ben, s.ID, ErrNoSession)
	use(ada, s.ID+1, ErrNoSession)
	c.advance(7*24*time.Hour + time.Second)
	use(ada, s.ID, ErrNoSession)
	_, s = start(t, db, ada)
	if err := db.EndSession(t.Context(), ada.ID, s.ID); err != nil {
		t.Fatal(err)
	}
	use(ada, s.ID, ErrNoSession)
}

func TestAUsedSessionEndsAfterAMonth(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		db, c := openWithClock(t)
		defer func() { _ = db.Close() }()
		token, _ := start(t, db, addUser(t, db, "ada", chat.RoleOwner))
		for day := range 30 {
			synctest.Wait() // the writer is idle
			if _, _, err := db.FindSession(t.Context(), token); err != nil {
				t.Fatalf("day %d: %v", day, err)
			}
			synctest.Wait() // and has noted the use
			c.advance(24 * time.Hour)
		}
		c.advance(time.Second)
		wantNoSession(t, db, token)
	})
}

func TestUseIsNotedOnceAnHour(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		db, c := openWithClock(t)
		defer func() { _ = db.Close() }()
		token, s := start(t, db, addUser(t, db, "ada", chat.RoleOwner))
		for _, step := range []struct {
			after time.Duration
			noted bool
		}{{59 * time.Minute, false}, {time.Minute, true}, {time.Minute, false}, {3 * time.Hour, true}} {
			c.advance(step.after)
			synctest.Wait()
			if _, _, err := db.FindSession(t.Context(), token); err != nil {
				t.Fatal(err)
			}
			synctest.Wait()
			after, _, err := db.FindSession(t.Context(), token)
			if err != nil {
				t.Fatal(err)
			}
			if noted := after.SeenAt.Equal(c.Now()) && !after.SeenAt.Equal(s.SeenAt); noted != step.noted {
				t.Errorf("%v later: seen at %v, now is %v", step.after, after.SeenAt, c.Now())
			}
			s = after
		}
	})
}

func TestASessionOfAClockSetBackEndsInTime(t *testing.T) {
	for _, ahead := range []time.Duration{time.Hour, 90 * 24 * time.Hour} {
		synctest.Test(t, func(t *testing.T) {
			db, c := openWithClock(t)
			defer func() { _ = db.Close() }()
			ada := addUser(t, db, "ada", chat.RoleMember)
			c.advance(ahead)
			token, _ := start(t, db, ada)
			c.advance(-ahead)
			synctest.Wait() // the writer is idle
			if _, _, err := db.FindSession(t.Context(), token); err != nil {
				t.Fatalf("set back by %v: %v", ahead, err)
			}
			synctest.Wait() // and has noted the use
			c.advance(7*24*time.Hour + time.Second)
			wantNoSession(t, db, token)
		})
	}
}

func TestFindingASessionDoesNotWaitForTheWriter(t *testing.T) {
	db, c := openWithClock(t)
	token, _ := start(t, db, addUser(t, db, "ada", chat.RoleOwner))
	c.advance(2 * time.Hour) // the use is to be noted
	err := db.Store().Write(t.Context(), func(chat.Writer) error {
		_, _, err := db.FindSession(t.Context(), token)
		return err
	}, nil)
	if err != nil {
		t.Error(err)
	}
}

func TestEndingSessions(t *testing.T) {
	db := openTest(t)
	ada, bob := addUser(t, db, "ada", chat.RoleOwner), addUser(t, db, "bob", chat.RoleMember)
	first, firstOf := start(t, db, ada)
	second, secondOf := start(t, db, ada)
	third, thirdOf := start(t, db, ada)
	others, othersOf := start(t, db, bob)
	list, err := db.Sessions(t.Context(), ada.ID)
	if err != nil || len(list) != 3 || list[0].ID != thirdOf.ID {
		t.Errorf("sessions are %+v, %v", list, err)
	}

	if err := db.EndSession(t.Context(), ada.ID, othersOf.ID); err != nil {
		t.Error(err)
	}
	if _, _, err := db.FindSession(t.Context(), others); err != nil {
		t.Errorf("ada ended bob's session: %v", err)
	}
	for range 2 {
		if err := db.EndSession(t.Context(), ada.ID, firstOf.ID); err != nil {
			t.Error(err)
		}
	}
	wantNoSession(t, db, first)

	ended, err := db.EndSessions(t.Context(), ada.ID, secondOf.ID)
	if err != nil || !slices.Equal(ended, []int64{thirdOf.ID}) {
		t.Errorf("ended %v, %v", ended, err)
	}
	wantNoSession(t, db, third)
	if _, _, err := db.FindSession(t.Context(), second); err != nil {
		t.Errorf("the session to be kept: %v", err)
	}
	if ended, err := db.EndSessions(t.Context(), ada.ID, 0); err != nil || len(ended) != 1 {
		t.Errorf("ended %v, %v", ended, err)
	}
	wantNoSession(t, db, second)
}

func TestPurgeRemovesWhatHasEndedOnly(t *testing.T) {
	db, c := openWithClock(t)
	ada := addUser(t, db, "ada", chat.RoleOwner)
	start(t, db, ada)
	start(t, db, ada)
	c.advance(6 * 24 * time.Hour)
	token, _ := start(t, db, ada)
	c.advance(2 * 24 * time.Hour)
	for _, want := range []int64{2, 0} {
		if n, err := db.PurgeSessions(t.Context()); err != nil || n != want {
			t.Errorf("purged %d, %v, want %d", n, err, want)
		}
	}
	if _, _, err := db.FindSession(t.Context(), token); err != nil {
		t.Errorf("a session in use was purged: %v", err)
	}
}

func TestASessionRemembersNoMoreThanIsSane(t *testing.T) {
	db := openTest(t)
	ada := addUser(t, db, "ada", chat.RoleOwner)
	_, s, err := db.StartSession(t.Context(), ada.ID, Meta{UserAgent: strings.Repeat("ä", 4096) + "\xff", Address: "2001:db8::7\xff"})
	if err != nil {
		t.Fatal(err)
	}
	if s.UserAgent != strings.Repeat("ä", maxUserAgent/2) || s.Address != "2001:db8::7" {
		t.Errorf("it remembers %q, %q", s.UserAgent, s.Address)
	}
}
