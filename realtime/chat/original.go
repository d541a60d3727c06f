package chat

import "time"

// Revision is a state of a message that it had before an edit or a deletion. Only moderators see it.
type Revision struct {
	RoomID    int64
	Seq       int64
	Rev       int64 // that the message had with it
	Text      string
	HTML      string
	Mentions  []User
	Reactions []Reaction
	At        time.Time // when it was written: sent, or edited
	EndedAt   time.Time // when it was edited, or deleted
	EndedBy   string    // by whom: user id
	Purge     bool      // it was deleted together with all of its author's
}

// Original is what a message said, for moderators.
type Original struct {
	Message   Message         // as everybody sees it
	Text      string          // as it is, or before it was deleted
	Revisions []PlainRevision // before that, the oldest first
}

// PlainRevision is a text that a message had. Its JSON form is the wire's.
type PlainRevision struct {
	Text string    `json:"text"`
	At   time.Time `json:"at"`
}
