package models

import (
	"context"
	"sync/atomic"
	"testing"
	"time"

	"roomline/realtime/chat"
	"roomline/realtime/chat/chattest"
)

// countingStore decorates a store as a host may: it counts the rows that are asked for one by one.
type countingStore struct {
	chat.Store
	asked *atomic.Int64
}

func (s countingStore) Read(ctx context.Context, fn func(chat.Reader) error) error {
	return s.Store.Read(ctx, func(r chat.Reader) error { return fn(countingReader{r, s.asked}) })
}

func (s countingStore) Write(ctx context.Context, fn func(chat.Writer) error, committed func()) error {
	return s.Store.Write(ctx, func(w chat.Writer) error { return fn(countingWriter{w, s.asked}) }, committed)
}

type countingReader struct {
	chat.Reader
	asked *atomic.Int64
}

func (r countingReader) Room(slug string) (chat.Room, error) {
	r.asked.Add(1)
	return r.Reader.Room(slug)
}

type countingWriter struct {
	chat.Writer
	asked *atomic.Int64
}

func (w countingWriter) Room(slug string) (chat.Room, error) {
	w.asked.Add(1)
	return w.Writer.Room(slug)
}

func TestDecoratedStoreKeepsTheContract(t *testing.T) {
	var asked atomic.Int64
	open := func(t *testing.T) chat.Store { return countingStore{openTest(t).Store(), &asked} }
	add := func(t *testing.T, s chat.Store, name string, role chat.Role) chat.User {
		return addUser(t, s.(countingStore).Store.(*Store).db, name, role).Chat()
	}
	chattest.RunStore(t, open, add)
	chattest.RunNames(t, open, add)
	if asked.Load() == 0 {
		t.Error("the decorator was never called")
	}
}

func TestInvitesAndResetsJoinDecoratedTransactions(t *testing.T) {
	db, _ := openClocked(t)
	owner := mustCreate(t, db, "olga", goodPassword)
	member := mustCreate(t, db, "mia", goodPassword)
	var asked atomic.Int64
	// Twice, and once with the rights of a host in between.
	decorated := chat.Hosted(countingStore{countingStore{db.Store(), &asked}, &asked}, nil,
		func(context.Context, chat.User, chat.Room, chat.Permission) (bool, error) { return true, nil })
	err := decorated.Write(t.Context(), func(w chat.Writer) error {
		_, made, err := db.CreateInvite(w, owner.ID, NewInvite{Uses: 1, Life: time.Hour})
		if err != nil {
			return err
		}
		if _, err := db.RevokeInvite(w, made.ID); err != nil {
			return err
		}
		_, _, err = db.CreateReset(w, owner.ID, member.ID)
		return err
	}, nil)
	if err != nil {
		t.Error(err)
	}
}

func TestInviteRefusesTransactionOfAnotherDatabase(t *testing.T) {
	db, _ := openClocked(t)
	owner := mustCreate(t, db, "olga", goodPassword)
	for name, other := range map[string]chat.Store{"another file": openTest(t).Store(), "memory": chattest.NewStore()} {
		var asked atomic.Int64
		err := countingStore{other, &asked}.Write(t.Context(), func(w chat.Writer) error {
			_, _, err := db.CreateInvite(w, owner.ID, NewInvite{Uses: 1, Life: time.Hour})
			return err
		}, nil)
		if err == nil {
			t.Errorf("%s: an invite was made in its transaction", name)
		}
	}
}
