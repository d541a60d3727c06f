package models

import (
	"context"
	"sync"
	"testing"
	"time"

	"roomline/realtime/chat"
)

func TestACommitOfAnotherProcessIsNoticed(t *testing.T) {
	server := openTest(t)
	addUser(t, server, "ada", chat.RoleOwner)
	addUser(t, server, "bob", chat.RoleMember)
	ctx, cancel := context.WithCancel(t.Context())
	changed := make(chan struct{}, 1)
	var wg sync.WaitGroup
	wg.Go(func() {
		server.Watch(ctx, time.Millisecond, func() {
			select {
			case changed <- struct{}{}:
			default:
			}
		})
	})
	defer wg.Wait()
	defer cancel()

	command := openAt(t, Config{Path: server.Path()})
	if _, err := command.SetRole(t.Context(), "bob", chat.RoleModerator); err != nil {
		t.Fatal(err)
	}
	<-changed
	if bob, err := server.UserByName(t.Context(), "bob"); err != nil || bob.Role != chat.RoleModerator {
		t.Errorf("bob is %+v, %v", bob, err)
	}
}

func TestOwnCommitsAreNotTakenForAnothers(t *testing.T) {
	db := openTest(t)
	addUser(t, db, "ada", chat.RoleOwner)
	if err := db.change(t.Context(), rename("own")); err != nil {
		t.Fatal(err)
	}
	if now := version(t, db); now != db.opened {
		t.Errorf("the version went from %d to %d by own commits", db.opened, now)
	}
	if err := openAt(t, Config{Path: db.Path()}).change(t.Context(), rename("other")); err != nil {
		t.Fatal(err)
	}
	if now := version(t, db); now == db.opened {
		t.Error("the version did not change by a commit of another opener")
	}
}

func version(t *testing.T, db *DB) (number int64) {
	t.Helper()
	err := onWriter(t, db, func(c *conn) (err error) {
		number, err = dataVersion(c)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return number
}

func TestWatchEndsWithTheDatabase(t *testing.T) {
	db := openTest(t)
	var wg sync.WaitGroup
	wg.Go(func() { db.Watch(t.Context(), time.Millisecond, func() { t.Error("nobody changed anything") }) })
	if err := db.Close(); err != nil {
		t.Error(err)
	}
	wg.Wait()
}
