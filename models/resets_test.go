package models

import (
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"roomline/realtime/chat"
)

func reset(t *testing.T, db *DB, by, user User) (token string) {
	t.Helper()
	token, err := tryReset(t, db, by, user)
	if err != nil {
		t.Fatal(err)
	}
	return token
}

func tryReset(t *testing.T, db *DB, by, user User) (token string, err error) {
	t.Helper()
	return token, transact(t, db, func(w chat.Writer) (err error) {
		token, _, err = db.CreateReset(w, by.ID, user.ID)
		return err
	})
}

func TestAResetSetsThePasswordOnceAndEndsEverySession(t *testing.T) {
	db, _ := openClocked(t)
	ada, bob := mustCreate(t, db, "ada", goodPassword), mustCreate(t, db, "bob", goodPassword)
	session, _, err := db.StartSession(t.Context(), bob.ID, Meta{})
	if err != nil {
		t.Fatal(err)
	}
	other, _, err := db.StartSession(t.Context(), ada.ID, Meta{})
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := db.FindSession(t.Context(), session); err != nil {
		t.Fatal(err)
	}
	token := reset(t, db, ada, bob)
	if u, err := db.FindReset(t.Context(), token); err != nil || u.ID != bob.ID {
		t.Errorf("the link is for %+v, %v", u, err)
	}
	for _, bad := range []string{"short", "bob", strings.Repeat("x", 1<<20)} {
		_, err := db.ResetPassword(t.Context(), token, bad)
		wantCode(t, err, chat.CodeInvalid)
	}
	const better = "nine owls in a barn"
	if u, err := db.ResetPassword(t.Context(), token, better); err != nil || u.ID != bob.ID {
		t.Errorf("the password is of %+v, %v", u, err)
	}
	if _, err := db.Authenticate(t.Context(), "bob", better); err != nil {
		t.Error(err)
	}
	if _, err := db.Authenticate(t.Context(), "bob", goodPassword); err == nil {
		t.Error("the old password still signs in")
	}
	if _, _, err := db.FindSession(t.Context(), session); !errors.Is(err, ErrNoSession) {
		t.Errorf("a session of before: %v", err)
	}
	if _, _, err := db.FindSession(t.Context(), other); err != nil {
		t.Errorf("a session of somebody else: %v", err)
	}
	if _, err := db.ResetPassword(t.Context(), token, goodPassword); !errors.Is(err, ErrNoReset) {
		t.Errorf("used again: %v", err)
	}
}

func TestOfTwoWhoUseAResetAtOnceOneIsTooLate(t *testing.T) {
	db := openTest(t)
	ada, bob := mustCreate(t, db, "ada", goodPassword), mustCreate(t, db, "bob", goodPassword)
	token := reset(t, db, ada, bob)
	passwords := []string{"nine owls in a barn", "ten geese on a lake"}
	results := make([]error, len(passwords))
	var group sync.WaitGroup
	for i, password := range passwords {
		group.Go(func() { _, results[i] = db.ResetPassword(t.Context(), token, password) })
	}
	group.Wait()
	won := 0
	for i, err := range results {
		if err == nil {
			won++
			if _, err := db.Authenticate(t.Context(), "bob", passwords[i]); err != nil {
				t.Errorf("the password that was set: %v", err)
			}
		} else if !errors.Is(err, ErrNoReset) {
			t.Error(err)
		}
	}
	if won != 1 {
		t.Errorf("%d of two set a password", won)
	}
}

func TestAResetIsVoid(t *testing.T) {
	const better = "nine owls in a barn"
	for name, c := range map[string]struct {
		then func(t *testing.T, db *DB, by, user User)
	}{
		"when a newer one is made": {func(t *testing.T, db *DB, by, user User) { reset(t, db, by, user) }},
		"when its user has changed the password": {func(t *testing.T, db *DB, _, user User) {
			if err := db.ChangePassword(t.Context(), user.ID, goodPassword, "ten geese on a lake"); err != nil {
				t.Error(err)
			}
		}},
		"when its user has risen to whoever made it": {func(t *testing.T, db *DB, _, user User) { raise(t, db, user, chat.RoleModerator) }},
		"when whoever made it is banned": {func(t *testing.T, db *DB, by, _ User) {
			err := transact(t, db, func(w chat.Writer) error {
				return w.AddSanction(&chat.Sanction{User: by.Chat().ID, Kind: chat.SanctionBan, Reason: "Enough.", At: time.Now()})
			})
			if err != nil {
				t.Error(err)
			}
		}},
		"when whoever made it is no moderator now": {func(t *testing.T, db *DB, by, _ User) { raise(t, db, by, chat.RoleMember) }},
	} {
		t.Run(name, func(t *testing.T) {
			db := openTest(t)
			addUser(t, db, "ada", chat.RoleOwner)
			mod, bob := addUser(t, db, "mod", chat.RoleModerator), mustCreate(t, db, "bob", goodPassword)
			token := reset(t, db, mod, bob)
			c.then(t, db, mod, bob)
			if _, err := db.FindReset(t.Context(), token); !errors.Is(err, ErrNoReset) {
				t.Errorf("it is found: %v", err)
			}
			if _, err := db.ResetPassword(t.Context(), token, better); !errors.Is(err, ErrNoReset) {
				t.Errorf("it is used: %v", err)
			}
		})
	}
}

func raise(t *testing.T, db *DB, user User, role chat.Role) {
	t.Helper()
	if _, err := db.SetRole(t.Context(), user.Name, role); err != nil {
		t.Error(err)
	}
}

func TestAResetEndsAfterADay(t *testing.T) {
	db, now := openClocked(t)
	ada, bob := addUser(t, db, "ada", chat.RoleOwner), addUser(t, db, "bob", chat.RoleMember)
	token := reset(t, db, ada, bob)
	*now = now.Add(ResetLife - 1)
	if _, err := db.FindReset(t.Context(), token); err != nil {
		t.Error(err)
	}
	*now = now.Add(1)
	if _, err := db.FindReset(t.Context(), token); !errors.Is(err, ErrNoReset) {
		t.Errorf("a day later: %v", err)
	}
	for _, rubbish := range []string{"", "A", strings.Repeat("A", 43), strings.Repeat("A", 1<<20), token[1:], token + "="} {
		if _, err := db.FindReset(t.Context(), rubbish); !errors.Is(err, ErrNoReset) {
			t.Errorf("%.50q: %v", rubbish, err)
		}
	}
}

func TestNobodyResetsThePasswordOfWhoIsNotBelowThem(t *testing.T) {
	db, _ := openClocked(t)
	people := map[string]User{}
	for name, role := range map[string]chat.Role{
		"owner": chat.RoleOwner, "coowner": chat.RoleOwner, "mod": chat.RoleModerator, "comod": chat.RoleModerator,
		"bob": chat.RoleMember, "cleo": chat.RoleMember,
	} {
		people[name] = addUser(t, db, name, role)
	}
	for _, c := range []struct {
		by, user string
		may      bool
	}{
		{"owner", "mod", true}, {"owner", "bob", true}, {"mod", "bob", true},
		{"owner", "owner", false}, {"owner", "coowner", false},
		{"mod", "owner", false}, {"mod", "comod", false}, {"mod", "mod", false},
		{"bob", "bob", false}, {"bob", "cleo", false}, {"bob", "mod", false},
	} {
		_, err := tryReset(t, db, people[c.by], people[c.user])
		if (err == nil) != c.may {
			t.Errorf("%s for %s: %v", c.by, c.user, err)
		}
		if !c.may {
			wantCode(t, err, chat.CodeForbidden)
		}
	}
	_, err := tryReset(t, db, people["owner"], User{ID: 99})
	wantCode(t, err, chat.CodeNotFound)
	_, err = tryReset(t, db, User{ID: 99}, people["bob"])
	wantCode(t, err, chat.CodeForbidden)
}
