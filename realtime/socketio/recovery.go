package socketio

import (
	"context"
	"encoding/json"
	"slices"
	"time"
)

// Recovery configures connection state recovery: a client whose connection broke and who comes
// back in time is given its socket again, with the id, the rooms and the data it had, and every
// event that it missed, once and in order. Official clients do this by themselves.
//
// What counts as an event is each Emit that is neither volatile nor acknowledged; it carries one
// argument more, its offset. (A client takes the last argument of any event for an offset if it is
// a string: let that of a volatile event be something else.) Not recovered are sockets that
// either side disconnected from the namespace, and those that come back with another
// Identity.Key. Middleware always runs again; Socket.Recovered tells it.
type Recovery struct {
	Store RecoveryStore
	// MaxDisconnection is how long a client may be away; 2 minutes if 0.
	MaxDisconnection time.Duration
	// NewData returns a pointer into which Socket.Data is decoded when it is restored: it is
	// what Data returns then. Nil: Data is of the types that encoding/json makes.
	NewData func() any
}

const defaultMaxDisconnection = 2 * time.Minute

// RecoveryStore keeps what recovery needs, by namespace: the journal of its events and the state
// of its sockets. Its methods may be called concurrently, those of one pid or one journal one
// after another. Offsets are ordered: they are microseconds of the clock, or a little ahead.
type RecoveryStore interface {
	// Start is called once, before anything else: states that say Connected are from a
	// process that did not come to say goodbye, and count as left at that time.
	Start(ctx context.Context, now time.Time) error
	// Head returns the offset of the newest entry, 0 if there is none.
	Head(ctx context.Context, namespace string) (uint64, error)
	// Append keeps an entry before it is sent.
	Append(ctx context.Context, namespace string, e Entry) error
	// Between returns the entries after an offset and up to another, in order.
	Between(ctx context.Context, namespace string, after, end uint64) ([]Entry, error)
	// Save keeps the state of a socket, in place of an older one.
	Save(ctx context.Context, namespace string, s State) error
	// Load returns the state of a socket; false if there is none.
	Load(ctx context.Context, namespace, pid string) (State, bool, error)
	// Delete forgets the state of a socket.
	Delete(ctx context.Context, namespace, pid string) error
	// Trim forgets entries before an offset, and states that left before a time.
	Trim(ctx context.Context, offset uint64, left time.Time) error
}

// Entry is one event as it was sent to rooms, or to everybody if there are none.
type Entry struct {
	Offset        uint64
	Rooms, Except []string
	Packet        [][]byte // the text of the packet, then its attachments
	Hole          bool     // an event before this one could not be kept
}

// State is what is restored of a socket.
type State struct {
	PID, SID string
	Key      string            // Identity.Key of its connection
	Rooms    map[string]uint64 // with the offset behind which it was in each
	Data     json.RawMessage   // nil if none
	Received uint64            // the client has everything up to here
	Left     time.Time         // zero: connected
}

// concerns reports whether an entry was for the socket with that state.
func (e Entry) concerns(st *State) bool {
	in := func(room string) bool {
		since, in := st.Rooms[room]
		return room == st.SID || in && since < e.Offset
	}
	return (len(e.Rooms) == 0 || slices.ContainsFunc(e.Rooms, in)) && !slices.ContainsFunc(e.Except, in)
}
