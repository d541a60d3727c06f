package chat

import (
	"context"
	"errors"
	"time"
)

// ErrMissing is what a Reader's single-row methods return when there is no such row.
var ErrMissing = errors.New("chat: no such row")

// Store keeps rooms and their logs. It knows no rules: Service decides inside the
// functions it hands to Read and Write. Package chattest holds the contract as tests.
type Store interface {
	// Read runs fn on one consistent snapshot. fn's error is returned as it is.
	// The Reader is void when fn returns.
	Read(ctx context.Context, fn func(Reader) error) error

	// Write runs fn in a transaction and returns after it is durable. All writes of a
	// store are run one after another on one goroutine; several may share a commit, but
	// an fn that fails leaves no trace and fails alone (its error is returned as it is).
	// committed, if not nil, is called after the commit, before Write returns, in the
	// order of the transactions; it must not block. When the commit fails no fn of it
	// took place, and Write returns an error.
	//
	// Once fn has begun, the end of ctx no longer cancels it: Write waits for the
	// outcome, so that a caller always learns it. fn must not call the Store.
	Write(ctx context.Context, fn func(Writer) error, committed func()) error
}

// Reader reads within one snapshot. Messages come with Author.ID only.
type Reader interface {
	// Rooms returns the rooms of a space in order of id.
	Rooms(space Space) ([]Room, error)
	// RoomsRead returns what Rooms returns, and how far the user has read each.
	RoomsRead(space Space, user string) ([]RoomRead, error)
	// Room returns a room by slug, or ErrMissing.
	Room(slug string) (Room, error)
	// User returns a user with their rights as of this snapshot, or ErrMissing.
	User(id string) (User, error)
	// Users returns those of the users that exist, by id.
	Users(ids []string) (map[string]User, error)
	// Message returns the message of a room by seq, or ErrMissing.
	Message(room, seq int64) (Message, error)
	// Before returns the last limit messages with a seq below seq, ascending by seq.
	Before(room, seq int64, limit int) ([]Message, error)
	// After returns the first limit messages with a seq above seq, ascending by seq.
	After(room, seq int64, limit int) ([]Message, error)
	// Changes returns the first limit messages with a rev above rev, ascending by rev,
	// tombstones included, each once in its current state.
	Changes(room, rev int64, limit int) ([]Message, error)
	// ReadPointer returns how far the user has read the room.
	ReadPointer(room int64, user string) (ReadPointer, error)
	// Sent returns what the user once sent under a client message id, or ErrMissing.
	Sent(user, clientID string) (Sent, error)
}

// Writer writes within one transaction, and reads what it wrote.
type Writer interface {
	Reader
	// CreateRoom stores a room and sets its ID. Slug and Space are taken as they are.
	CreateRoom(room *Room) error
	// Advance takes the room's next rev and returns it. With post it counts a message too:
	// the second result is that message's Post.
	Advance(room int64, post bool) (rev, posts int64, err error)
	// InsertMessage stores a new message.
	InsertMessage(m Message) error
	// UpdateMessage stores Rev, Text, EditedAt, DeletedAt and DeletedBy of the message at RoomID and Seq.
	UpdateMessage(m Message) error
	// RecordSent stores what a client message id was used for; the pair of user and
	// client id is unique, and outlives the message.
	RecordSent(s Sent) error
	// LastPost returns what SetLastPost stored last, zero for nothing.
	LastPost(room int64, user string) (time.Time, error)
	// SetLastPost stores when the user posted in the room. Only slow mode asks for it, so it is
	// stored in rooms in slow mode only; who turns it on stores it for what was posted before.
	SetLastPost(room int64, user string, at time.Time) error
	// SetReadPointer stores how far the user has read the room.
	SetReadPointer(room int64, user string, p ReadPointer) error
}

// Sent remembers the use of a client message id.
type Sent struct {
	UserID   string
	ClientID string
	RoomID   int64
	Seq      int64
	Hash     [16]byte // of room, text and replyTo: tells a retry from another message
}

// RoomRead is a room and how far one user has read it.
type RoomRead struct {
	Room Room
	Read ReadPointer
}
