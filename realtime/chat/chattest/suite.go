package chattest

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"testing"
	"time"

	"roomline/realtime/chat"
)

// RunNames runs the part of the contract that a store with a host's users cannot keep: it finds
// users by name, lists them and gives them roles. Its parameters are RunStore's.
func RunNames(t *testing.T,
	open func(t *testing.T) chat.Store,
	addUser func(t *testing.T, s chat.Store, name string, role chat.Role) chat.User,
) {
	t.Run("users are found by name in any case, and by how it begins", func(t *testing.T) {
		namedUsers(newFixture(t, open, addUser))
	})
	t.Run("accounts come in pages in order of name, whatever its case", func(t *testing.T) {
		f := newFixture(t, open, addUser)
		listedAccounts(f, func(name string) chat.User { return addUser(t, f.store, name, chat.RoleMember) })
	})
	t.Run("a role that is given is the user's from then on", func(t *testing.T) {
		givenRole(newFixture(t, open, addUser))
	})
}

func newFixture(t *testing.T,
	open func(t *testing.T) chat.Store,
	addUser func(t *testing.T, s chat.Store, name string, role chat.Role) chat.User,
) *fixture {
	s := open(t)
	f := &fixture{T: t, store: s}
	f.ada, f.bob = addUser(t, s, "ada", chat.RoleOwner), addUser(t, s, "bob", chat.RoleMember)
	f.lobby, f.admin = f.room("lobby"), f.room("admin")
	f.write(func(w chat.Writer) error {
		return errors.Join(w.SetEntered(chat.SpaceGeneral, f.ada.ID), w.SetEntered(chat.SpaceGeneral, f.bob.ID))
	})
	return f
}

// RunStore runs the contract of chat.Store against a store. open returns a fresh store, with
// the empty rooms lobby (general) and admin, and closes it by t.Cleanup. addUser makes a
// user in a store that open returned; the ID of what it returns is the store's choice.
func RunStore(t *testing.T,
	open func(t *testing.T) chat.Store,
	addUser func(t *testing.T, s chat.Store, name string, role chat.Role) chat.User,
) {
	cases := []policy{
		{"a fresh store has the lobby and the admin room", freshRooms},
		{"a room comes back as it was created", createdRoom},
		{"a slug is taken once over both spaces", slugTaken},
		{"users come back with their rights", knownUsers},
		{"what is not there is missing", missingRows},

		{"a write is seen by every read after it", writeIsSeen},
		{"a writer reads what it wrote", writerReadsItself},
		{"a failed write leaves no trace", failedWrite},
		{"the end of the context does not cancel a write that began", cancelledInside},
		{"the caller always learns the outcome of a write", cancelledAnywhere},
		{"concurrent writes are numbered without a gap and announced in order", concurrentWrites},
		{"a read's error is returned as it is", failedRead},
		{"a read sees one snapshot while others write", snapshotRead},
		{"every snapshot is whole", wholeSnapshots},

		{"own and deleted messages are not unread", unreadCounts},
		{"a newcomer has read what there is", newcomer},

		{"a message comes back as it was stored", storedMessage},
		{"each room counts its own changes and posts", countedRooms},
		{"an update stores the changed fields and no others", updatedMessage},
		{"pages are exclusive, ascending and of one room", pages},
		{"changes are current states, once each, by rev, tombstones included", changes},
		{"changes may be asked for from everywhere, after any edits and deletions", anyChanges},
		{"a client message id is used once per user", usedIDs},
		{"of concurrent uses of a client message id one succeeds", racedIDs},
		{"the last post is that of the user in the room", lastPost},
		{"a read pointer belongs to one user in one room", readPointers},
		{"the rooms of a space come with how one user stands to them", roomsOf},
		{"a private room is among those of its members only", privateRooms},
		{"members come back in the order they came", memberOrder},
		{"a mention counts until it is read or its message deleted", countedMentions},
		{"a level is one user's in one room", levels},
		{"what is purged is gone, and the log goes on", purgedMessages},
		{"settings of a room come back as they were changed", updatedRoom},
		{"a search finds all its words, in a row where they are to be, in any case", searchedWords},
		{"pages of a search go back in time, and changes move nothing", searchedPages},
		{"a search finds an edit by its new words only, and nothing that is deleted", searchedChanges},
		{"a search is of the rooms that it names", searchedRooms},
		{"a search finds what is shown, folded, and no mention", searchedFolded},
	}
	for _, c := range slices.Concat(cases, moderationPolicies(), hostPolicies()) {
		t.Run(c.name, func(t *testing.T) { c.test(newFixture(t, open, addUser)) })
	}
}

// policy is a part of the contract.
type policy struct {
	name string
	test func(*fixture)
}

// fixture is a store under test with two users.
type fixture struct {
	*testing.T
	store        chat.Store
	ada, bob     chat.User
	lobby, admin chat.Room // as they were in the fresh store
}

// start is when the first message of a test was sent.
var start = time.Date(2024, 2, 29, 23, 59, 59, 7_000_000, time.UTC)

func (f *fixture) read(fn func(chat.Reader) error) {
	f.Helper()
	if err := f.store.Read(f.Context(), fn); err != nil {
		f.Fatalf("read: %v", err)
	}
}

func (f *fixture) write(fn func(chat.Writer) error) {
	f.Helper()
	if err := f.store.Write(f.Context(), fn, nil); err != nil {
		f.Fatalf("write: %v", err)
	}
}

func (f *fixture) room(slug string) (room chat.Room) {
	f.Helper()
	f.read(func(r chat.Reader) (err error) {
		room, err = r.Room(slug)
		return err
	})
	return room
}

// post stores a message in a transaction of its own and returns it as it should come back.
func (f *fixture) post(room chat.Room, author chat.User) (m chat.Message) {
	f.Helper()
	f.write(func(w chat.Writer) (err error) {
		m, err = post(w, room, author)
		return err
	})
	return m
}

// post stores a message and returns it as it should come back.
func post(w chat.Writer, room chat.Room, author chat.User) (chat.Message, error) {
	rev, posts, err := w.Advance(room.ID, true)
	if err != nil {
		return chat.Message{}, err
	}
	m := chat.Message{
		RoomID: room.ID, Room: room.Slug, Seq: rev, Rev: rev, Post: posts,
		ID: fmt.Sprintf("message-%d", rev), Kind: chat.KindText,
		Author: chat.User{ID: author.ID}, Text: fmt.Sprintf("text %d", rev),
		SentAt: start.Add(time.Duration(rev) * time.Millisecond),
	}
	return m, w.InsertMessage(m)
}

// change stores m as the room's next change and returns it as it should come back.
func (f *fixture) change(m chat.Message) chat.Message {
	f.Helper()
	f.write(func(w chat.Writer) error {
		rev, _, err := w.Advance(m.RoomID, false)
		if err != nil {
			return err
		}
		m.Rev = rev
		return w.UpdateMessage(m)
	})
	return m
}

// edit changes the text of m.
func (f *fixture) edit(m chat.Message) chat.Message {
	f.Helper()
	m.Text += ", edited"
	m.EditedAt = m.SentAt.Add(time.Minute)
	return f.change(m)
}

// remove makes m a tombstone.
func (f *fixture) remove(m chat.Message) chat.Message {
	f.Helper()
	m.Text, m.HTML, m.Mentions, m.Reactions = "", "", nil, nil
	m.DeletedAt, m.DeletedBy = m.SentAt.Add(time.Hour), m.Author.ID
	return f.change(m)
}

// same reports messages that are not the wanted ones, in that order.
func (f *fixture) same(what string, got, want []chat.Message) {
	f.Helper()
	if len(got) != len(want) {
		f.Errorf("%s: %d messages, want %d: %v, want %v", what, len(got), len(want), seqs(got), seqs(want))
		return
	}
	for i := range got {
		if !reflect.DeepEqual(got[i], want[i]) {
			f.Errorf("%s: message %d of %d:\n got %+v\nwant %+v", what, i+1, len(got), got[i], want[i])
		}
	}
}

// missing reports an error other than chat.ErrMissing.
func (f *fixture) missing(what string, err error) {
	f.Helper()
	if !errors.Is(err, chat.ErrMissing) {
		f.Errorf("%s: error %v, want ErrMissing", what, err)
	}
}

// untouched reports a room that differs from the wanted one.
func (f *fixture) untouched(want chat.Room) {
	f.Helper()
	if got := f.room(want.Slug); got != want {
		f.Errorf("room %s is %+v, want %+v", want.Slug, got, want)
	}
}

func seqs(messages []chat.Message) []int64 {
	list := make([]int64, len(messages))
	for i, m := range messages {
		list[i] = m.Seq
	}
	return list
}
