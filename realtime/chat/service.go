package chat

import (
	"time"
)

// Config makes a Service.
type Config struct {
	Store  Store
	Limits Limits
	// Committed is called once for every change of a room after it is durable, in the
	// order of rev within a room, on the store's goroutine: it must not block. The
	// message has its author filled in. Nil for none.
	Committed func(Room, Message)
	Now       func() time.Time // nil: time.Now
}

// RoomView is a room as one user sees it.
type RoomView struct {
	Room
	LastRead int64 // seq of the last message the user has read
	Unread   int64 // messages posted after it
}

// Joined is the answer to Join: one snapshot of a room.
type Joined struct {
	Room     RoomView
	Messages []Message // with Reset or without since: the latest page by seq; else the changes by rev
	HasOlder bool      // there are messages below the lowest seq of a page; false for changes
	Reset    string    // why since could not be continued ("epoch", "future", "cap"), "" if it was or there was none
}

// Page is a stretch of a room's history in order of seq.
type Page struct {
	Messages []Message
	HasOlder bool
	HasNewer bool
}

// HistoryQuery asks for a page. At most one of Before, After and Around is set (seqs, above 0);
// none asks for the latest page. Limit 0 is the default page size.
type HistoryQuery struct {
	Before, After, Around int64
	Limit                 int
}

// Draft is a message to be sent.
type Draft struct {
	Room    string
	ID      string // client message id: 8 to 64 of A-Z a-z 0-9 _ -
	Text    string
	ReplyTo int64
}

// Service is the one door to the rules. All its methods may be called concurrently;
// they return *Error for what the caller may hear and other errors for faults.
// Every method answers CodeNotFound for a room that the actor may not know of, in the
// same words as for one that does not exist.
type Service struct{ cfg Config }

// New returns a Service on cfg.Store.
func New(cfg Config) *Service { return &Service{cfg: cfg} }
