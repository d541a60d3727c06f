package models

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"roomline/realtime/chat"
)

// openClocked opens a fresh database whose time stands still until the test moves it.
func openClocked(t *testing.T) (*DB, *time.Time) {
	t.Helper()
	now := time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC)
	return openAt(t, Config{
		Path: filepath.Join(t.TempDir(), "roomline.db"), Exclusive: true, Now: func() time.Time { return now },
	}), &now
}

// transact runs fn in a transaction of the chat's.
func transact(t *testing.T, db *DB, fn func(chat.Writer) error) error {
	t.Helper()
	return db.Store().Write(t.Context(), fn, nil)
}

func invite(t *testing.T, db *DB, by User, wanted NewInvite) (token string, made Invite) {
	t.Helper()
	err := transact(t, db, func(w chat.Writer) (err error) {
		token, made, err = db.CreateInvite(w, by.ID, wanted)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return token, made
}

func revoke(t *testing.T, db *DB, id int64) error {
	t.Helper()
	return transact(t, db, func(w chat.Writer) error {
		_, err := db.RevokeInvite(w, id)
		return err
	})
}

func TestAnInviteMakesAsManyAccountsAsItIsGoodFor(t *testing.T) {
	db, _ := openClocked(t)
	ada := mustCreate(t, db, "ada", goodPassword)
	token, made := invite(t, db, ada, NewInvite{Note: "the choir", Uses: 2, Life: time.Hour})
	if made.Left != 2 || made.State != InviteOpen || made.ExpiresAt.Sub(made.CreatedAt) != time.Hour {
		t.Errorf("a new invite is %+v", made)
	}
	for _, name := range []string{"bob", "cleo"} {
		if err := db.CheckInvite(t.Context(), token); err != nil {
			t.Error(err)
		}
		if u, err := db.CreateInvitedUser(t.Context(), name, goodPassword, token); err != nil || u.Role != chat.RoleMember {
			t.Errorf("%s is %+v, %v", name, u, err)
		}
	}
	_, err := db.CreateInvitedUser(t.Context(), "dora", goodPassword, token)
	wantNoInvite(t, err, "used up")
	wantNoInvite(t, db.CheckInvite(t.Context(), token), "used up")
	listed, err := db.Invites(t.Context())
	if err != nil || len(listed) != 1 || listed[0].Left != 0 || listed[0].State != InviteUsed || listed[0].By != "ada" || listed[0].Note != "the choir" {
		t.Errorf("the list is %+v, %v", listed, err)
	}
}

func TestTwoAtOnceNeverExceedTheUsesOfAnInvite(t *testing.T) {
	db := openTest(t)
	token, _ := invite(t, db, mustCreate(t, db, "ada", goodPassword), NewInvite{Uses: 3, Life: time.Hour})
	var (
		group   sync.WaitGroup
		results = make(chan error, 8)
	)
	for i := range cap(results) {
		group.Go(func() {
			_, err := db.CreateInvitedUser(t.Context(), fmt.Sprintf("guest%d", i), goodPassword, token)
			results <- err
		})
	}
	group.Wait()
	close(results)
	made := 0
	for err := range results {
		if err == nil {
			made++
			continue
		}
		wantNoInvite(t, err, "used up")
	}
	if users, err := db.CountUsers(t.Context()); made != 3 || users != 4 || err != nil {
		t.Errorf("%d accounts were made, there are %d, %v", made, users, err)
	}
}

func TestANameThatIsTakenUsesNoInviteUp(t *testing.T) {
	db, _ := openClocked(t)
	ada := mustCreate(t, db, "ada", goodPassword)
	token, _ := invite(t, db, ada, NewInvite{Uses: 1, Life: time.Hour})
	for _, c := range []struct{ name, password string }{{"Ada", goodPassword}, {"x", goodPassword}, {"bob", "short"}} {
		_, err := db.CreateInvitedUser(t.Context(), c.name, c.password, token)
		wantCode(t, err, chat.CodeInvalid)
	}
	if _, err := db.CreateInvitedUser(t.Context(), "bob", goodPassword, token); err != nil {
		t.Error(err)
	}
}

func TestWhoIsNotInvitedDoesNotLearnWhichNamesAreTaken(t *testing.T) {
	db, now := openClocked(t)
	ada := mustCreate(t, db, "ada", goodPassword)
	expired, _ := invite(t, db, ada, NewInvite{Uses: 1, Life: time.Hour})
	withdrawn, made := invite(t, db, ada, NewInvite{Uses: 1, Life: 90 * 24 * time.Hour})
	if err := revoke(t, db, made.ID); err != nil {
		t.Fatal(err)
	}
	*now = now.Add(time.Hour)
	for token, says := range map[string]string{
		"": "Ask a moderator", expired: "expired", withdrawn: "withdrawn", strings.Repeat("A", 43): "not one of ours",
		expired[1:]: "not one of ours", expired + "A": "not one of ours", "\x00\xff": "not one of ours",
	} {
		for _, name := range []string{"ada", "bob"} {
			_, err := db.CreateInvitedUser(t.Context(), name, goodPassword, token)
			wantNoInvite(t, err, says)
		}
		wantNoInvite(t, db.CheckInvite(t.Context(), token), says)
	}
	if users, err := db.CountUsers(t.Context()); users != 1 || err != nil {
		t.Errorf("there are %d accounts, %v", users, err)
	}
}

func TestTheFirstAccountNeedsNoInvite(t *testing.T) {
	for name, create := range map[string]func(*DB, string) (User, error){
		"invite": func(db *DB, name string) (User, error) {
			return db.CreateInvitedUser(t.Context(), name, goodPassword, "")
		},
		"closed": func(db *DB, name string) (User, error) { return db.CreateFirstUser(t.Context(), name, goodPassword) },
	} {
		t.Run(name, func(t *testing.T) {
			db := openTest(t)
			names := []string{"ada", "bob", "cleo", "dora"}
			results := make([]error, len(names))
			var group sync.WaitGroup
			for i, name := range names {
				group.Go(func() { _, results[i] = create(db, name) })
			}
			group.Wait()
			made := 0
			for _, err := range results {
				if err == nil {
					made++
					continue
				}
				wantCode(t, err, chat.CodeForbidden)
			}
			if users, err := db.CountUsers(t.Context()); made != 1 || users != 1 || err != nil {
				t.Errorf("%d were first, there are %d, %v", made, users, err)
			}
		})
	}
}

func TestAnInviteIsBounded(t *testing.T) {
	db, now := openClocked(t)
	ada := mustCreate(t, db, "ada", goodPassword)
	for field, wrong := range map[string][]NewInvite{
		"note": {{strings.Repeat("é", 101), 1, time.Hour}, {"\xff", 1, time.Hour}},
		"uses": {{"", 0, time.Hour}, {"", -1, time.Hour}, {"", 1001, time.Hour}},
		"days": {{"", 1, time.Hour - 1}, {"", 1, 90*24*time.Hour + 1}, {"", 1, 0}},
	} {
		for _, wanted := range wrong {
			err := transact(t, db, func(w chat.Writer) error {
				_, _, err := db.CreateInvite(w, ada.ID, wanted)
				return err
			})
			wantCode(t, err, chat.CodeInvalid)
			if refusal, ok := err.(*chat.Error); !ok || refusal.Field != field {
				t.Errorf("%+v: %v is about %+v", wanted, err, refusal)
			}
		}
	}
	invite(t, db, ada, NewInvite{strings.Repeat("é", 100), 1000, 90 * 24 * time.Hour})
	err := transact(t, db, func(w chat.Writer) error {
		for range maxOpenInvites - 1 {
			if _, _, err := db.CreateInvite(w, ada.ID, NewInvite{Uses: 1, Life: time.Hour}); err != nil {
				return err
			}
		}
		_, _, err := db.CreateInvite(w, ada.ID, NewInvite{Uses: 1, Life: time.Hour})
		wantCode(t, err, chat.CodeInvalid)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	*now = now.Add(time.Hour)
	invite(t, db, ada, NewInvite{"", 1, time.Hour})
	listed, err := db.Invites(t.Context())
	if err != nil || len(listed) != 1+maxOpenInvites || listed[0].State != InviteOpen || listed[1].State != InviteOpen || listed[2].State != InviteExpired {
		t.Errorf("the list of %d begins with %+v, %v", len(listed), listed[:3], err)
	}
	*now = now.Add(keepInvites)
	invite(t, db, ada, NewInvite{"", 1, time.Hour})
	if listed, err = db.Invites(t.Context()); err != nil || len(listed) != 3 {
		t.Errorf("after the time they are kept there are %d, %v", len(listed), err)
	}
}

func TestAnInviteIsRevokedOnce(t *testing.T) {
	db, now := openClocked(t)
	ada := mustCreate(t, db, "ada", goodPassword)
	_, made := invite(t, db, ada, NewInvite{Uses: 1, Life: time.Hour})
	if err := revoke(t, db, made.ID); err != nil {
		t.Error(err)
	}
	wantCode(t, revoke(t, db, made.ID), chat.CodeInvalid)
	wantCode(t, revoke(t, db, made.ID+1), chat.CodeNotFound)
	_, old := invite(t, db, ada, NewInvite{Uses: 1, Life: time.Hour})
	*now = now.Add(time.Hour)
	wantCode(t, revoke(t, db, old.ID), chat.CodeInvalid)
}

func TestAnInviteHoldsAsLongAsWhoeverMadeItMayInvite(t *testing.T) {
	db, now := openClocked(t)
	addUser(t, db, "ada", chat.RoleOwner)
	mod := addUser(t, db, "mod", chat.RoleModerator)
	token, _ := invite(t, db, mod, NewInvite{Uses: 3, Life: 10 * 24 * time.Hour})
	void := func(why string) {
		t.Helper()
		wantNoInvite(t, db.CheckInvite(t.Context(), token), "withdrawn")
		_, err := db.CreateInvitedUser(t.Context(), "bob", goodPassword, token)
		wantNoInvite(t, err, "withdrawn")
		listed, err := db.Invites(t.Context())
		if err != nil || len(listed) != 1 || listed[0].State != InviteVoid {
			t.Errorf("%s: the list is %+v, %v", why, listed, err)
		}
	}
	good := func() {
		t.Helper()
		if err := db.CheckInvite(t.Context(), token); err != nil {
			t.Error(err)
		}
	}
	good()
	raise(t, db, mod, chat.RoleMember)
	void("whoever made it is a member")
	raise(t, db, mod, chat.RoleModerator)
	good()
	err := transact(t, db, func(w chat.Writer) error {
		return w.AddSanction(&chat.Sanction{User: mod.Chat().ID, Kind: chat.SanctionBan, Reason: "Enough.", At: *now, Until: now.Add(time.Hour)})
	})
	if err != nil {
		t.Fatal(err)
	}
	void("whoever made it is banned")
	*now = now.Add(time.Hour)
	good()
}

func TestAVoidInviteCanBeRevoked(t *testing.T) {
	db, _ := openClocked(t)
	mod := addUser(t, db, "mod", chat.RoleModerator)
	token, made := invite(t, db, mod, NewInvite{Uses: 1, Life: time.Hour})
	addUser(t, db, "ada", chat.RoleOwner)
	raise(t, db, mod, chat.RoleMember)
	if err := revoke(t, db, made.ID); err != nil {
		t.Error(err)
	}
	raise(t, db, mod, chat.RoleModerator)
	wantNoInvite(t, db.CheckInvite(t.Context(), token), "withdrawn")
}

func TestAnActThatFailsLeavesNoInvite(t *testing.T) {
	db, _ := openClocked(t)
	ada := mustCreate(t, db, "ada", goodPassword)
	var token string
	err := transact(t, db, func(w chat.Writer) (err error) {
		if token, _, err = db.CreateInvite(w, ada.ID, NewInvite{Uses: 1, Life: time.Hour}); err != nil {
			t.Error(err)
		}
		return chat.Errorf(chat.CodeForbidden, "No.")
	})
	wantCode(t, err, chat.CodeForbidden)
	wantNoInvite(t, db.CheckInvite(t.Context(), token), "not one of ours")
}

func TestOnlyATransactionOfTheDatabaseMakesInvites(t *testing.T) {
	db, other := openTest(t), openTest(t)
	err := transact(t, other, func(w chat.Writer) error {
		_, _, err := db.CreateInvite(w, 1, NewInvite{Uses: 1, Life: time.Hour})
		return err
	})
	if err == nil || chat.ErrorCode(err) != chat.CodeInternal {
		t.Errorf("a transaction of another database: %v", err)
	}
}

func TestTheTokensOfLinksAreNotInTheFiles(t *testing.T) {
	db := openTest(t)
	ada, bob := mustCreate(t, db, "ada", goodPassword), mustCreate(t, db, "bob", goodPassword)
	invited, _ := invite(t, db, ada, NewInvite{Uses: 1, Life: time.Hour})
	resetting := reset(t, db, ada, bob)
	if invited == resetting || len(invited) != 43 || len(resetting) != 43 {
		t.Errorf("the tokens are %q and %q", invited, resetting)
	}
	for _, path := range []string{db.Path(), db.Path() + "-wal"} {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for _, token := range []string{invited, resetting} {
			if bytes.Contains(text, []byte(token)) {
				t.Errorf("%s has a token", path)
			}
		}
	}
}

// wantNoInvite fails the test unless err refuses an invite in those words.
func wantNoInvite(t *testing.T, err error, says string) {
	t.Helper()
	refusal, ok := err.(*chat.Error)
	if !ok || refusal.Code != chat.CodeForbidden || refusal.Field != "invite" || !strings.Contains(refusal.Message, says) {
		t.Errorf("error is %v, want that the invite is refused as %q", err, says)
	}
}
