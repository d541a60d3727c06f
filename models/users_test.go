package models

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"

	"roomline/realtime/chat"
)

const goodPassword = "correct horse battery"

func mustCreate(t *testing.T, db *DB, name, password string) User {
	t.Helper()
	u, err := db.CreateUser(t.Context(), name, password)
	if err != nil {
		t.Fatalf("create %q: %v", name, err)
	}
	return u
}

func TestTheFirstAccountIsTheOwnerAndOnlyIt(t *testing.T) {
	db := openTest(t)
	names := []string{"ada", "bob", "cleo", "dora", "emil", "fritz"}
	var wg sync.WaitGroup
	for _, name := range names {
		wg.Go(func() {
			if _, err := db.CreateUser(t.Context(), name, goodPassword); err != nil {
				t.Errorf("create %s: %v", name, err)
			}
		})
	}
	wg.Wait()
	roles := map[chat.Role]int{}
	for _, name := range names {
		u, err := db.UserByName(t.Context(), name)
		if err != nil {
			t.Fatal(err)
		}
		if roles[u.Role]++; (u.Role == chat.RoleOwner) != (u.ID == 1) {
			t.Errorf("%s, the account number %d, is %s", name, u.ID, u.Role)
		}
	}
	if roles[chat.RoleOwner] != 1 || roles[chat.RoleMember] != len(names)-1 {
		t.Errorf("roles are %v", roles)
	}
	if n, err := db.CountUsers(t.Context()); err != nil || n != int64(len(names)) {
		t.Errorf("count is %d, %v", n, err)
	}
}

func TestTheChatKnowsUsersByTheirNumberAsText(t *testing.T) {
	db := openTest(t)
	ada := mustCreate(t, db, "Ada", goodPassword)
	err := db.Store().Read(t.Context(), func(r chat.Reader) error {
		if u, err := r.User("1"); err != nil || u != ada.Chat() || u != (chat.User{ID: "1", Name: "Ada", Role: chat.RoleOwner}) {
			t.Errorf("user 1 is %+v, %v", u, err)
		}
		for _, id := range []string{"01", "+1", " 1", "1.0", "0x1"} {
			if _, err := r.User(id); !errors.Is(err, chat.ErrMissing) {
				t.Errorf("%q is taken for a user's id: %v", id, err)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestSigningInNeedsNameAndPassword(t *testing.T) {
	db := openTest(t)
	mustCreate(t, db, "Ada", goodPassword)
	for _, name := range []string{"Ada", "ada", "ADA", "  ada "} {
		if u, err := db.Authenticate(t.Context(), name, goodPassword); err != nil || u.Name != "Ada" {
			t.Errorf("%q: %+v, %v", name, u, err)
		}
	}
	var first error
	for _, try := range []struct{ why, name, password string }{
		{"wrong password", "Ada", "incorrect horse"},
		{"no password", "Ada", ""},
		{"unknown name", "bob", goodPassword},
		{"impossible name", "a\u202eb", goodPassword},
		{"look-alike of the name", "\u0410da", goodPassword},
		{"password with more behind it", "Ada", goodPassword + "x"},
		{"password beyond the bound", "Ada", strings.Repeat("x", 1<<20)},
	} {
		_, err := db.Authenticate(t.Context(), try.name, try.password)
		wantCode(t, err, chat.CodeForbidden)
		if first == nil {
			first = err
		}
		if err.Error() != first.Error() {
			t.Errorf("%s: %v differs from %v", try.why, err, first)
		}
	}
}

func TestAnUnknownNameCostsAsMuchAsAKnownOne(t *testing.T) {
	db := openTest(t)
	mustCreate(t, db, "Ada", goodPassword)
	for range cap(db.hashing) {
		db.hashing <- struct{}{} // no core is free
	}
	for _, name := range []string{"Ada", "nobody", "\u202e"} {
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error)
		go func() {
			_, err := db.Authenticate(ctx, name, goodPassword)
			done <- err
		}()
		cancel()
		if err := <-done; !errors.Is(err, context.Canceled) {
			t.Errorf("%q: error is %v, want that it waited for a core", name, err)
		}
	}
	// This returns at all, so it asked for no core.
	if _, err := db.Authenticate(t.Context(), "Ada", strings.Repeat("x", 1<<20)); err == nil {
		t.Error("a password of a megabyte is right")
	}
	if _, err := db.CreateUser(t.Context(), "bob", strings.Repeat("x", 1<<20)); err == nil {
		t.Error("a password of a megabyte can be had")
	}
}

func TestNobodysHashCostsWhatANewOneDoes(t *testing.T) {
	db := openAt(t, Config{Path: fresh(t)})
	real, err := db.hashPassword(t.Context(), goodPassword)
	if err != nil {
		t.Fatal(err)
	}
	cost := func(hash string) string { return hash[:strings.LastIndex(hash[:strings.LastIndex(hash, "$")], "$")] }
	if got, want := cost(db.nobodysHash()), cost(real); got != want || want != "$argon2id$v=19$m=19456,t=2,p=1" {
		t.Errorf("the costs are %s and %s", got, want)
	}
	if len(db.nobodysHash()) != len(real) {
		t.Error("the hashes differ in length")
	}
}

func TestWhichPasswordsCanBeHad(t *testing.T) {
	n, err := parseName("Margarete")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		why, password string
		ok            bool
	}{
		{"seven characters", "tr8%kQz", false},
		{"eight characters", "tr8%kQzv", true},
		{"eight characters of more bytes", "pässwörd", true},
		{"eight bytes, four characters", "äöüß", false},
		{"128 characters", strings.Repeat("tr8%kQzv", 16), true},
		{"128 characters of four bytes", strings.Repeat("🐙🦑", 64), true},
		{"129 characters", strings.Repeat("tr8%kQzv", 16) + "x", false},
		{"common", "password123", false},
		{"common in another case", "Password123", false},
		{"one character over and over", "zzzzzzzzzzzz", false},
		{"the name", "margarete", false},
		{"spaces", "a b c d e", true},
		{"not text", "tr8%kQzv\xff", false},
	} {
		err := checkNewPassword(n, c.password)
		if (err == nil) != c.ok {
			t.Errorf("%s: %v", c.why, err)
		}
		if !c.ok {
			wantCode(t, err, chat.CodeInvalid)
		}
	}
}

func TestEveryCommonPasswordIsLongEnoughToMatter(t *testing.T) {
	count := 0
	for line := range strings.Lines(commonPasswords) {
		count++
		word := strings.TrimSpace(line)
		if len(word) < minPassword || word != strings.ToLower(word) {
			t.Errorf("%q never matches", word)
		}
	}
	if count < 100 {
		t.Errorf("the list has %d lines", count)
	}
}

func TestPasswordsCountToTheirLastCharacter(t *testing.T) {
	db := openTest(t)
	long := strings.Repeat("tr8%kQzv", 16)
	mustCreate(t, db, "Ada", long)
	if _, err := db.Authenticate(t.Context(), "Ada", long[:127]+"w"); err == nil {
		t.Error("the last of 128 characters does not count")
	}
	if _, err := db.Authenticate(t.Context(), "Ada", long); err != nil {
		t.Error(err)
	}
	// Composed and decomposed are one text.
	mustCreate(t, db, "Bob", "gr\u00fc\u00dfe aus K\u00f6ln")
	if _, err := db.Authenticate(t.Context(), "Bob", "gru\u0308\u00dfe aus Ko\u0308ln"); err != nil {
		t.Errorf("the same password from another keyboard: %v", err)
	}
}

func TestChangingAPassword(t *testing.T) {
	db := openTest(t)
	ada := mustCreate(t, db, "Ada", goodPassword)
	const better = "another horse, another battery"
	wantCode(t, db.ChangePassword(t.Context(), ada.ID, "not the old one", better), chat.CodeInvalid)
	wantCode(t, db.ChangePassword(t.Context(), ada.ID, strings.Repeat("x", 1<<20), better), chat.CodeInvalid)
	wantCode(t, db.ChangePassword(t.Context(), ada.ID, goodPassword, "short"), chat.CodeInvalid)
	wantCode(t, db.ChangePassword(t.Context(), ada.ID+1, goodPassword, better), chat.CodeNotFound)
	if _, err := db.Authenticate(t.Context(), "Ada", goodPassword); err != nil {
		t.Fatalf("a refused change changed it: %v", err)
	}
	if err := db.ChangePassword(t.Context(), ada.ID, goodPassword, better); err != nil {
		t.Fatal(err)
	}
	if _, err := db.Authenticate(t.Context(), "Ada", goodPassword); err == nil {
		t.Error("the old password still signs in")
	}
	if _, err := db.Authenticate(t.Context(), "Ada", better); err != nil {
		t.Errorf("the new password does not: %v", err)
	}
}

func TestTheLastOwnerStaysOwner(t *testing.T) {
	db := openTest(t)
	addUser(t, db, "ada", chat.RoleOwner)
	addUser(t, db, "bob", chat.RoleMember)
	set := func(name string, role chat.Role) error {
		u, err := db.SetRole(t.Context(), name, role)
		if err == nil && u.Role != role {
			t.Errorf("%s is %s after being made %s", name, u.Role, role)
		}
		return err
	}
	wantCode(t, set("ada", chat.RoleMember), chat.CodeForbidden)
	wantCode(t, set("nobody", chat.RoleMember), chat.CodeNotFound)
	wantCode(t, set("bob", "king"), chat.CodeInvalid)
	for _, step := range []struct {
		name string
		role chat.Role
	}{{"ada", chat.RoleOwner}, {"BOB", chat.RoleOwner}, {"ada", chat.RoleModerator}} {
		if err := set(step.name, step.role); err != nil {
			t.Errorf("making %s %s: %v", step.name, step.role, err)
		}
	}
	wantCode(t, set("bob", chat.RoleMember), chat.CodeForbidden)
	if ada, err := db.UserByName(t.Context(), "ada"); err != nil || ada.Role != chat.RoleModerator {
		t.Errorf("ada is %+v, %v", ada, err)
	}
}

func TestARoleThatTheServerGivesStandsInTheAuditLog(t *testing.T) {
	db := openTest(t)
	addUser(t, db, "ada", chat.RoleOwner)
	addUser(t, db, "bob", chat.RoleMember)
	for _, role := range []chat.Role{chat.RoleModerator, chat.RoleModerator, chat.RoleOwner} {
		if _, err := db.SetRole(t.Context(), "bob", role); err != nil {
			t.Fatal(err)
		}
	}
	// What is refused or changes nothing is no act.
	_, err := db.SetRole(t.Context(), "nobody", chat.RoleOwner)
	wantCode(t, err, chat.CodeNotFound)
	var entries []chat.Entry
	err = db.Store().Read(t.Context(), func(r chat.Reader) (err error) {
		entries, err = r.EntriesAfter(0, 10)
		return err
	})
	if err != nil || len(entries) != 2 {
		t.Fatalf("the log is %+v, %v", entries, err)
	}
	for i, want := range []string{`{"role":"member"} {"role":"moderator"}`, `{"role":"moderator"} {"role":"owner"}`} {
		e := entries[i]
		if got := string(e.Before) + " " + string(e.After); e.Act != "member:role" || e.Actor.ID != "" || e.Target == nil || e.Target.ID != "2" || got != want {
			t.Errorf("entry %d is %+v from %s", e.ID, e, got)
		}
	}
	if n, _, broken, err := chat.New(chat.Config{Store: db.Store()}).VerifyAudit(t.Context()); n != 2 || broken != 0 || err != nil {
		t.Errorf("%d entries hold, %d does not, %v", n, broken, err)
	}
}
