// Package chattest holds the contract of chat.Store as tests, and the simplest store that
// keeps it: one in memory, for the tests of everything above.
package chattest

import (
	"context"
	"crypto/rand"
	"fmt"
	"sync"

	"roomline/realtime/chat"
)

// Store is a chat.Store in memory. It has the rooms lobby and admin and no users (SetUser).
// Its methods may be called concurrently.
//
// Every state it ever had is immutable: a snapshot is a pointer, a transaction works on a copy.
type Store struct {
	writing sync.Mutex // serialises writes, committed functions included

	mu    sync.Mutex // guards state, the pointer
	state *state
}

var _ chat.Store = (*Store)(nil)

// NewStore returns a store with two empty rooms, lobby in the general space and admin in
// the admin space.
func NewStore() *Store {
	s := &Store{state: newState()}
	for _, room := range []chat.Room{
		{Slug: "lobby", Space: chat.SpaceGeneral, Name: "Lobby", Epoch: rand.Text()},
		{Slug: "admin", Space: chat.SpaceAdmin, Name: "Admin", Epoch: rand.Text()},
	} {
		s.mustWrite(func(t *transaction) error { return t.CreateRoom(&room) })
	}
	return s
}

// KeepsUsers implements chat.Store.
func (s *Store) KeepsUsers() bool { return true }

// SetUser adds a user or replaces the one with its ID, without a change of the account's times.
func (s *Store) SetUser(u chat.User) {
	s.mustWrite(func(t *transaction) error {
		account := t.users[u.ID]
		account.User = u
		t.users[u.ID] = account
		return nil
	})
}

// SetAccount adds an account or replaces the one with its ID.
func (s *Store) SetAccount(a chat.Account) {
	s.mustWrite(func(t *transaction) error {
		t.users[a.ID] = a
		return nil
	})
}

// Forge replaces the audit log by what forge makes of it, which no Writer can.
func (s *Store) Forge(forge func([]chat.Entry) []chat.Entry) {
	s.mustWrite(func(t *transaction) error {
		entries, err := t.EntriesAfter(0, len(t.audit))
		t.audit = forge(entries)
		return err
	})
}

// RemoveUser makes a user's account gone; their messages stay.
func (s *Store) RemoveUser(id string) {
	s.mustWrite(func(t *transaction) error {
		delete(t.users, id)
		return nil
	})
}

// SetRoom replaces name, topic, epoch, frozen and slow mode of the room with that slug. It
// panics if there is none.
func (s *Store) SetRoom(room chat.Room) {
	s.mustWrite(func(t *transaction) error {
		old, err := t.Room(room.Slug)
		if err != nil {
			return err
		}
		log := t.logs[old.ID]
		log.room.Name, log.room.Topic, log.room.Epoch = room.Name, room.Topic, room.Epoch
		log.room.Frozen, log.room.SlowMode = room.Frozen, room.SlowMode
		if old.SlowMode == 0 && room.SlowMode > 0 {
			for _, m := range log.messages {
				t.posted[reader{old.ID, m.Author.ID}] = m.SentAt
			}
		}
		t.logs[old.ID] = log
		return nil
	})
}

func (s *Store) mustWrite(fn func(*transaction) error) {
	err := s.write(context.Background(), fn, nil)
	if err != nil {
		panic(fmt.Sprintf("chattest: %v", err))
	}
}

// Read implements chat.Store.
func (s *Store) Read(ctx context.Context, fn func(chat.Reader) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	return fn(s.snapshot())
}

// Write implements chat.Store.
func (s *Store) Write(ctx context.Context, fn func(chat.Writer) error, committed func()) error {
	return s.write(ctx, func(t *transaction) error { return fn(t) }, committed)
}

func (s *Store) write(ctx context.Context, fn func(*transaction) error, committed func()) error {
	s.writing.Lock()
	defer s.writing.Unlock()
	if err := ctx.Err(); err != nil {
		return err
	}
	t := &transaction{s.snapshot().clone()}
	if err := fn(t); err != nil {
		return err
	}
	s.mu.Lock()
	s.state = t.state
	s.mu.Unlock()
	if committed != nil {
		committed()
	}
	return nil
}

func (s *Store) snapshot() *state {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.state
}
