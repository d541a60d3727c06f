package chat

import (
	"encoding/json"
	"time"
)

// Entry is one act of a moderator, or of the server itself, in the audit log: append-only, each
// bound to the one before by its hash. It never holds the text of a message. Its JSON form is the
// wire's; a Store fills the ids of users only.
type Entry struct {
	ID     int64           `json:"id"` // 1, 2, 3, … without gaps
	At     time.Time       `json:"at"`
	Actor  User            `json:"actor"` // the zero User: the server itself
	Act    string          `json:"act"`   // the event's name, as "member:mute"
	Target *User           `json:"target,omitempty"`
	Room   string          `json:"room,omitempty"` // slug
	Seq    int64           `json:"seq,omitempty"`
	Reason string          `json:"reason,omitempty"`
	Before json.RawMessage `json:"before,omitempty"` // what it changed, a JSON object as it was
	After  json.RawMessage `json:"after,omitempty"`  // and as it is
	Prev   [32]byte        `json:"-"`                // Hash of the entry before; zero for the first
	Hash   [32]byte        `json:"-"`                // Sum
}

// AuditQuery asks for entries, the latest first. Empty fields ask for any.
type AuditQuery struct {
	Before int64  // id, 0 for the latest
	Limit  int    // 100 at most, 0 for 50
	Query  string // words of the reason
	Act    string // "member:mute", or "member:" for all of them
	User   string // id of actor or target
}
