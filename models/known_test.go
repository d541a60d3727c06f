package models

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"gorm.io/gorm"

	"roomline/realtime/chat"
)

// writerSees returns the lobby and a user as a transaction of the store reads them.
func writerSees(t *testing.T, s *Store, user string) (room chat.Room, u chat.User) {
	t.Helper()
	err := s.Write(t.Context(), func(w chat.Writer) (err error) {
		if room, err = w.Room("lobby"); err != nil {
			return err
		}
		u, err = w.User(user)
		return err
	}, nil)
	if err != nil {
		t.Fatal(err)
	}
	return room, u
}

func TestTheWriterSeesWhatOthersChanged(t *testing.T) {
	for name, opener := range map[string]func(*testing.T, *DB) *DB{
		"in this process": func(_ *testing.T, db *DB) *DB { return db },
		"in another":      func(t *testing.T, db *DB) *DB { return openAt(t, Config{Path: db.Path()}) },
	} {
		t.Run(name, func(t *testing.T) {
			db := openTest(t)
			addUser(t, db, "ada", chat.RoleOwner)
			bob := addUser(t, db, "bob", chat.RoleOwner).Chat()
			other := opener(t, db)
			writerSees(t, db.Store(), bob.ID)
			for i, role := range []chat.Role{chat.RoleMember, chat.RoleModerator, chat.RoleOwner, chat.RoleMember} {
				if _, err := other.SetRole(t.Context(), "bob", role); err != nil {
					t.Fatal(err)
				}
				if err := other.change(t.Context(), rename("x")); err != nil {
					t.Fatal(err)
				}
				if room, u := writerSees(t, db.Store(), bob.ID); u.Role != role || len(room.Topic) != i+1 {
					t.Errorf("after change %d the writer sees role %s and topic %q", i+1, u.Role, room.Topic)
				}
			}
			err := other.change(t.Context(), func(tx *gorm.DB) error { return tx.Exec("DELETE FROM users WHERE name = 'bob'").Error })
			if err != nil {
				t.Fatal(err)
			}
			err = db.Store().Write(t.Context(), func(w chat.Writer) error { _, err := w.User(bob.ID); return err }, nil)
			if !errors.Is(err, chat.ErrMissing) {
				t.Errorf("the writer finds who is gone: %v", err)
			}
		})
	}
}

func TestTheWriterSeesWhatOthersPosted(t *testing.T) {
	db := openTest(t)
	other := openAt(t, Config{Path: db.Path()})
	room := lobby(t, db)
	const each = 50
	var wg sync.WaitGroup
	for n, s := range []*Store{db.Store(), other.Store()} {
		for range 2 {
			wg.Go(func() {
				for range each {
					err := s.Write(t.Context(), func(w chat.Writer) error {
						before, err := w.Room("lobby")
						if err != nil {
							return err
						}
						m, err := post(w, room, fmt.Sprint(n), newEpoch())
						if err == nil && m.Seq != before.Head+1 {
							t.Errorf("message %d was posted at head %d", m.Seq, before.Head)
						}
						return err
					}, nil)
					if err != nil {
						t.Error(err)
					}
				}
			})
		}
	}
	wg.Wait()
	if after := lobby(t, db); after.Head != 4*each || after.Posts != 4*each {
		t.Errorf("the room is %+v", after)
	}
}

func TestWhatIsUndoneIsNotKnown(t *testing.T) {
	refused := errors.New("refused by the test")
	for name, undone := range map[string]func(w chat.Writer) error{
		"with an error": func(chat.Writer) error { return refused },
		"with a panic":  func(chat.Writer) error { panic("at the test's wish") },
		"by the database": func(w chat.Writer) error {
			return w.InsertMessage(chat.Message{RoomID: 1, Seq: 1, Rev: 77})
		},
		"on a full disk": func(w chat.Writer) error {
			return w.InsertMessage(chat.Message{RoomID: 1, Seq: 99, Rev: 99, Text: strings.Repeat("x", 1<<20)})
		},
		"with a room created": func(w chat.Writer) error {
			attic := chat.Room{Slug: "attic", Space: chat.SpaceGeneral, Name: "Attic"}
			if err := w.CreateRoom(&attic); err != nil {
				return err
			}
			_, seen := w.Room("attic")
			_, _, advanced := w.Advance(attic.ID, true)
			return errors.Join(seen, advanced, refused)
		},
	} {
		t.Run(name, func(t *testing.T) {
			db := openTest(t)
			ada := addUser(t, db, "ada", chat.RoleOwner).Chat()
			room := lobby(t, db)
			if err := pragma(t, db, "max_page_count = 64"); err != nil {
				t.Fatal(err)
			}
			write := func(fn func(w chat.Writer) error) error { return db.Store().Write(t.Context(), fn, nil) }
			posts := func(id string, seq int64) {
				t.Helper()
				err := write(func(w chat.Writer) error {
					_, seen := w.Room("lobby")
					m, err := post(w, room, ada.ID, id)
					if m.Seq != seq || m.Post != seq {
						t.Errorf("%s is number %d and post %d, want %d", id, m.Seq, m.Post, seq)
					}
					return errors.Join(seen, err)
				})
				if err != nil {
					t.Errorf("%s: %v", id, err)
				}
			}
			posts("first-id", 1)
			err := write(func(w chat.Writer) error {
				_, err := post(w, room, ada.ID, "undone-id")
				return errors.Join(err, undone(w))
			})
			if err == nil {
				t.Fatal("it went well")
			}
			if room, _ := writerSees(t, db.Store(), ada.ID); room.Head != 1 || room.Posts != 1 {
				t.Errorf("the writer sees %+v, want one message", room)
			}
			err = write(func(w chat.Writer) error { _, err := w.Room("attic"); return err })
			if !errors.Is(err, chat.ErrMissing) {
				t.Errorf("the writer sees a room that was not made: %v", err)
			}
			posts("second-id", 2)
		})
	}
}

func TestAFailedCommitIsNotKnown(t *testing.T) {
	db := openTest(t)
	room := lobby(t, db)
	// A reference that is checked at the end lets every statement pass and the commit fail.
	if err := db.change(t.Context(), func(tx *gorm.DB) error {
		return tx.Exec("CREATE TABLE late (room INTEGER REFERENCES chat_rooms (id) DEFERRABLE INITIALLY DEFERRED)").Error
	}); err != nil {
		t.Fatal(err)
	}
	err := db.writer.do(t.Context(), func(c *conn) error {
		w := chatWriter{reader{c, false, &db.messageReads}, new(bool)}
		if _, err := w.Room("lobby"); err != nil {
			return err
		}
		if _, err := post(w, room, "1", "lost-id-"); err != nil {
			return err
		}
		return c.exec("break a rule", "INSERT INTO late VALUES (99)")
	}, func() { t.Error("a failed commit was announced") })
	if err == nil {
		t.Fatal("the commit went well")
	}
	ada := addUser(t, db, "ada", chat.RoleOwner).Chat()
	if room, _ := writerSees(t, db.Store(), ada.ID); room.Head != 0 || room.Posts != 0 {
		t.Errorf("the writer sees %+v, want an empty room", room)
	}
}

func TestWhatIsKnownIsBounded(t *testing.T) {
	var k known
	for i := range int64(2*knownUsers + 10) {
		k.keepUser(chat.User{ID: fmt.Sprint(i)})
		k.keepBounds(fmt.Sprint(i), chat.Restrictions{Mute: chat.Sanction{ID: i % 2}})
		k.keepRoom(chat.Room{ID: i, Slug: fmt.Sprint(i)})
		if len(k.users) > knownUsers || len(k.bounds) > knownUsers || len(k.rooms) > knownRooms || len(k.rooms) != len(k.byID) {
			t.Fatalf("%d users, %d and %d rooms are kept", len(k.users), len(k.rooms), len(k.byID))
		}
	}
}

func TestAReadOnlyRefusalKeepsWhatIsKnown(t *testing.T) {
	db := openTest(t)
	ada := addUser(t, db, "ada", chat.RoleOwner).Chat()
	writerSees(t, db.Store(), ada.ID)
	_ = db.Store().Write(t.Context(), func(chat.Writer) error { return errors.New("refused by the test") }, nil)
	if _, err := db.UserByName(t.Context(), "ada"); err != nil {
		t.Fatal(err)
	}
	err := onWriter(t, db, func(c *conn) error {
		if len(c.known.users) != 1 || len(c.known.rooms) != 1 {
			t.Errorf("%d users and %d rooms are known, want one each", len(c.known.users), len(c.known.rooms))
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}
