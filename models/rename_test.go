package models

import (
	"testing"

	"roomline/realtime/chat"
)

func TestANewNameIsHeldToTheRulesOfSigningUp(t *testing.T) {
	db := openTest(t)
	addUser(t, db, "ada", chat.RoleOwner)
	bill := addUser(t, db, "bill", chat.RoleMember)
	for _, taken := range []string{"ada", "Ada", "\u0430da", "x", "two words", "\u202ebill", ""} {
		_, err := db.RenameUser(t.Context(), bill.ID, taken)
		wantCode(t, err, chat.CodeInvalid)
	}
	_, err := db.RenameUser(t.Context(), 99, "nobody")
	wantCode(t, err, chat.CodeNotFound)
	// Their own name, and what looks like it, is theirs.
	for _, free := range []string{"bill", "Bill", "bi11", "  William "} {
		if u, err := db.RenameUser(t.Context(), bill.ID, free); err != nil || u.ID != bill.ID || u.Role != chat.RoleMember {
			t.Errorf("%q: %+v, %v", free, u, err)
		}
	}
	if u, err := db.UserByName(t.Context(), "WILLIAM"); err != nil || u.Name != "William" || u.ID != bill.ID {
		t.Errorf("William is %+v, %v", u, err)
	}
	_, err = db.UserByName(t.Context(), "bill")
	wantCode(t, err, chat.CodeNotFound)
	if u, err := db.RenameUser(t.Context(), 1, "bi11"); err != nil || u.Role != chat.RoleOwner {
		t.Errorf("the name that became free: %+v, %v", u, err)
	}
}

func TestANewNameIsSeenAtOnce(t *testing.T) {
	db := openTest(t)
	ada := addUser(t, db, "ada", chat.RoleOwner)
	token, _, err := db.StartSession(t.Context(), ada.ID, Meta{})
	if err != nil {
		t.Fatal(err)
	}
	// Both the session and the writer remember whom they have seen.
	seen := func() (session, author string) {
		_, u, err := db.FindSession(t.Context(), token)
		if err != nil {
			t.Fatal(err)
		}
		err = transact(t, db, func(w chat.Writer) error {
			user, err := w.User(ada.Chat().ID)
			author = user.Name
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		return u.Name, author
	}
	seen()
	if _, err := db.RenameUser(t.Context(), ada.ID, "Lovelace"); err != nil {
		t.Fatal(err)
	}
	if session, author := seen(); session != "Lovelace" || author != "Lovelace" {
		t.Errorf("the session is of %s, the author is %s", session, author)
	}
}
