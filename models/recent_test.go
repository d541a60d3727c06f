package models

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"roomline/realtime/chat"
)

func TestWhatWasJustFoundIsNotReadAgainUntilSomethingChanges(t *testing.T) {
	db := openTest(t)
	ada := addUser(t, db, "ada", chat.RoleOwner)
	token, session := start(t, db, ada)
	find := func(reads uint64, want error) User {
		t.Helper()
		before := db.Reads()
		_, user, err := db.FindSession(t.Context(), token)
		if !errors.Is(err, want) {
			t.Errorf("found %+v, %v", user, err)
		}
		if now := db.Reads() - before; now > reads { // on a slow day a second passes
			t.Errorf("it was read %d times, want %d", now, reads)
		}
		return user
	}
	find(1, nil)
	for range 10 {
		find(1, nil)
	}
	addUser(t, db, "bob", chat.RoleMember)
	find(1, nil)
	if err := db.EndSession(t.Context(), ada.ID, session.ID); err != nil {
		t.Fatal(err)
	}
	find(1, ErrNoSession)
	find(1, ErrNoSession)
}

func TestASessionIsRememberedForASecondAtMost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var r recent
		known := func(hash byte) bool { _, _, ok := r.get([32]byte{hash}); return ok }
		kept := func() int {
			r.mu.Lock()
			defer r.mu.Unlock()
			return len(r.found)
		}
		_, changes, _ := r.get([32]byte{1})
		r.put([32]byte{1}, changes, foundSession{at: time.Now()})
		time.Sleep(recentFor / 2)
		r.put([32]byte{2}, changes, foundSession{at: time.Now()})
		if !known(1) || !known(2) || known(3) {
			t.Error("what was found is not known")
		}
		time.Sleep(recentFor / 2)
		if known(1) || !known(2) {
			t.Error("the second has passed for one of them")
		}
		time.Sleep(2 * recentFor)
		if n := kept(); n != 0 {
			t.Errorf("%d are kept", n)
		}

		r.put([32]byte{1}, changes, foundSession{at: time.Now()})
		r.forget()
		r.put([32]byte{2}, changes, foundSession{at: time.Now()}) // was read before the change
		if known(1) || known(2) {
			t.Error("what was changed is known as it was")
		}
		_, changes, _ = r.get([32]byte{1})
		for i := range recentSize + 10 {
			r.put([32]byte{byte(i), byte(i >> 8)}, changes, foundSession{at: time.Now()})
		}
		if n := kept(); n != recentSize {
			t.Errorf("%d are kept", n)
		}
		r.close()
		r.put([32]byte{1}, changes, foundSession{at: time.Now()})
		if known(1) {
			t.Error("something is remembered after the end")
		}
	})
}

func TestAnotherProcessIsHeeded(t *testing.T) {
	db := openTest(t)
	token, session := start(t, db, addUser(t, db, "ada", chat.RoleOwner))
	if _, _, err := db.FindSession(t.Context(), token); err != nil {
		t.Fatal(err)
	}
	other := openAt(t, Config{Path: db.Path()})
	if err := other.EndSession(context.Background(), session.UserID, session.ID); err != nil {
		t.Fatal(err)
	}
	deadline := time.After(10 * time.Second)
	for {
		if _, _, err := db.FindSession(t.Context(), token); errors.Is(err, ErrNoSession) {
			return
		}
		select {
		case <-deadline:
			t.Fatal("the session is found for ever")
		case <-time.After(10 * time.Millisecond):
		}
	}
}
