package models

import (
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"gorm.io/gorm"

	"roomline/realtime/chat"
)

// store is a transaction that goes well.
func store(t *testing.T, s *Store, fn func(w chat.Writer) error) {
	t.Helper()
	if err := s.Write(t.Context(), fn, nil); err != nil {
		t.Fatal(err)
	}
}

// ban is a transaction that bans a user.
func ban(user chat.User) func(chat.Writer) error {
	return func(w chat.Writer) error {
		return w.AddSanction(&chat.Sanction{User: user.ID, Kind: chat.SanctionBan, At: time.Now()})
	}
}

func TestABanEndsTheSessionsOfItsUser(t *testing.T) {
	db := openTest(t)
	ada, bob := addUser(t, db, "ada", chat.RoleOwner), addUser(t, db, "bob", chat.RoleMember)
	first, _ := start(t, db, bob)
	second, _ := start(t, db, bob)
	others, _ := start(t, db, ada)
	found := func(tokens ...string) {
		t.Helper()
		for _, token := range tokens { // twice: the second time it is remembered
			_, _, err := db.FindSession(t.Context(), token)
			_, _, again := db.FindSession(t.Context(), token)
			if err := errors.Join(err, again); err != nil {
				t.Fatal(err)
			}
		}
	}
	found(first, second, others)
	refused := errors.New("refused by the test")
	err := db.Store().Write(t.Context(), func(w chat.Writer) error { return errors.Join(ban(bob.Chat())(w), refused) }, nil)
	if !errors.Is(err, refused) {
		t.Fatal(err)
	}
	store(t, db.Store(), func(w chat.Writer) error {
		return w.AddSanction(&chat.Sanction{User: bob.Chat().ID, Kind: chat.SanctionMute, At: time.Now()})
	})
	found(first, second, others)
	err = db.Store().Write(t.Context(), ban(bob.Chat()), func() {
		wantNoSession(t, db, first) // whoever hears of it finds none
	})
	if err != nil {
		t.Fatal(err)
	}
	wantNoSession(t, db, second)
	found(others)
	for _, id := range []string{"no-number", "", "01"} {
		store(t, db.Store(), ban(chat.User{ID: id}))
	}
	found(others)
}

func TestARoleThatTheChatGaveIsHeededAtOnce(t *testing.T) {
	db := openTest(t)
	bob := addUser(t, db, "bob", chat.RoleMember)
	token, _ := start(t, db, bob)
	for _, role := range []chat.Role{chat.RoleModerator, chat.RoleOwner, chat.RoleMember} {
		store(t, db.Store(), func(w chat.Writer) error { return w.SetRole(bob.Chat().ID, role) })
		if _, user, err := db.FindSession(t.Context(), token); err != nil || user.Role != role {
			t.Errorf("the session is of %+v, %v, want a %s", user, err, role)
		}
	}
	err := db.Store().Write(t.Context(), func(w chat.Writer) error { return w.SetRole("no-number", chat.RoleOwner) }, nil)
	if !errors.Is(err, chat.ErrMissing) {
		t.Error(err)
	}
}

func TestTheWriterSeesTheSanctionsOfOthers(t *testing.T) {
	for name, opener := range map[string]func(*testing.T, *DB) *DB{
		"in this process": func(_ *testing.T, db *DB) *DB { return db },
		"in another":      func(t *testing.T, db *DB) *DB { return openAt(t, Config{Path: db.Path()}) },
	} {
		t.Run(name, func(t *testing.T) {
			db := openTest(t)
			bob := addUser(t, db, "bob", chat.RoleMember).Chat()
			other := opener(t, db).Store()
			sees := func(muted bool) {
				t.Helper()
				for range 2 { // the second time it is known
					store(t, db.Store(), func(w chat.Writer) error {
						held, err := w.Restrictions(bob.ID)
						if held.Mute.InForce(time.Now()) != muted {
							t.Errorf("the writer sees %+v, want muted: %t", held, muted)
						}
						return err
					})
				}
			}
			sees(false)
			for range 2 {
				store(t, other, func(w chat.Writer) error {
					return w.AddSanction(&chat.Sanction{User: bob.ID, Kind: chat.SanctionMute, At: time.Now()})
				})
				sees(true)
				store(t, other, func(w chat.Writer) error {
					return w.LiftSanction(bob.ID, chat.SanctionMute, time.Now(), "", "")
				})
				sees(false)
			}
		})
	}
}

// seen returns the account of a user.
func seen(t *testing.T, db *DB, user User) (account chat.Account) {
	t.Helper()
	err := db.Store().Read(t.Context(), func(r chat.Reader) (err error) {
		account, err = r.Account(user.Chat().ID)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return account
}

func TestAnAccountSaysWhenItsUserCameAndWasSeen(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		db, c := openWithClock(t)
		defer func() { _ = db.Close() }()
		joined := c.Now().UTC()
		ada, err := db.CreateUser(t.Context(), "ada", "a long password, as it should be")
		if err != nil {
			t.Fatal(err)
		}
		if got := seen(t, db, ada); got != (chat.Account{User: ada.Chat(), JoinedAt: joined}) {
			t.Errorf("before the first session: %+v", got)
		}
		wants := func(at time.Time) {
			t.Helper()
			if got := seen(t, db, ada); got != (chat.Account{User: ada.Chat(), JoinedAt: joined, SeenAt: at.UTC()}) {
				t.Errorf("joined at %v and seen at %v, want %v and %v", got.JoinedAt, got.SeenAt, joined, at)
			}
		}
		c.advance(time.Hour)
		first, _ := start(t, db, ada)
		wants(c.Now())
		c.advance(2 * time.Hour)
		second, session := start(t, db, ada)
		wants(c.Now())
		for _, use := range []func() error{
			func() error { _, _, err := db.FindSession(t.Context(), first); return err },
			func() error { _, _, err := db.FindSession(t.Context(), second); return err },
			func() error { return db.UseSession(t.Context(), ada.Chat().ID, session.ID) },
		} {
			c.advance(2 * time.Hour)
			synctest.Wait() // the writer is idle
			if err := use(); err != nil {
				t.Fatal(err)
			}
			synctest.Wait() // and has noted the use
			wants(c.Now())
		}
		last := c.Now()
		c.advance(30 * time.Minute)
		if _, _, err := db.FindSession(t.Context(), second); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		wants(last)
		if _, err := db.EndSessions(t.Context(), ada.ID, 0); err != nil {
			t.Fatal(err)
		}
		wants(last)
	})
}

func TestAnEntryOfTheAuditLogCannotBeChanged(t *testing.T) {
	db := openTest(t)
	entry := chat.Entry{ID: 1, At: time.Now(), Act: "member:ban", Reason: "for a reason"}
	store(t, db.Store(), func(w chat.Writer) error { return w.InsertEntry(entry) })
	for _, text := range []string{
		"UPDATE chat_audit SET reason = 'another'",
		"UPDATE chat_audit SET id = 2",
		"DELETE FROM chat_audit",
		"DELETE FROM chat_audit WHERE id = 1",
		"INSERT OR REPLACE INTO chat_audit SELECT id, at, actor_id, act, target_id, room, seq, 'another', before, after, prev, hash, words FROM chat_audit",
		"REPLACE INTO chat_audit SELECT id + 2, at, actor_id, act, target_id, room, seq, 'another', before, after, prev, hash, words FROM chat_audit",
	} {
		if err := db.change(t.Context(), func(tx *gorm.DB) error { return tx.Exec(text).Error }); err == nil || !strings.Contains(err.Error(), "audit log") {
			t.Errorf("%s: %v", text, err)
		}
	}
	err := db.Store().Read(t.Context(), func(r chat.Reader) error {
		entries, err := r.EntriesAfter(0, 10)
		if len(entries) != 1 || entries[0].Reason != entry.Reason {
			t.Errorf("the entries are %+v", entries)
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}
