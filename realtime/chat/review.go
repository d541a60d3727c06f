package chat

import "time"

// ReportKind is how something came into the queue of the moderators.
type ReportKind string

// The kinds of report.
const (
	ReportMember ReportKind = "report" // members reported a message
	ReportFlag   ReportKind = "flag"   // a rule let it pass and told
	ReportHeld   ReportKind = "held"   // a rule holds it back: it is nowhere else yet
)

// ReportState is open until a moderator has decided.
type ReportState string

// The states of a report.
const (
	ReportOpen     ReportState = "open"
	ReportResolved ReportState = "resolved"
)

// Resolution is what a moderator decides of a report.
type Resolution string

// The resolutions. Those of messages that are held are the last three.
const (
	AgreeDelete Resolution = "agree-and-delete" // the message goes
	AgreeMute   Resolution = "agree-and-mute"   // the message goes, and its author is muted
	Keep        Resolution = "keep"             // the message is fine
	Ignore      Resolution = "ignore"           // the report is not worth an answer
	Approve     Resolution = "approve"          // what is held gets its place in the log now
	Reject      Resolution = "reject"           // it never does
	RejectMute  Resolution = "reject-and-mute"  // it never does, and its author is muted
)

// Report is an item of the queue: one message, however many report it, with its text as it was
// then. Its JSON form is the wire's; a Store fills the ids of users only.
type Report struct {
	ID      int64       `json:"id"`
	Kind    ReportKind  `json:"kind"`
	State   ReportState `json:"state"`
	RoomID  int64       `json:"-"`
	Room    string      `json:"room"`          // slug
	Seq     int64       `json:"seq,omitempty"` // of the message; 0 while it is held
	Author  User        `json:"author"`
	Text    string      `json:"text"`    // as it was when it was first reported
	Count   int         `json:"count"`   // who reported it
	Reasons []Reason    `json:"reasons"` // the first 20 of them
	Message int64       `json:"message"` // seq of its card in the admin room

	At         time.Time  `json:"at"`
	Action     Resolution `json:"action,omitempty"`
	Note       string     `json:"note,omitempty"`
	ResolvedBy *User      `json:"resolvedBy,omitempty"`
	ResolvedAt time.Time  `json:"resolvedAt,omitzero"`

	// of a message that is held
	ClientID string   `json:"-"`
	ReplyTo  int64    `json:"-"`
	Hash     [16]byte `json:"-"`
}

// Reason is what somebody says of a message that they report; a rule says its name, as the zero User.
type Reason struct {
	User User      `json:"user"`
	Text string    `json:"text"`
	At   time.Time `json:"at"`
}

// ReportQuery asks for reports, the latest first.
type ReportQuery struct {
	State  ReportState // "" for both
	Before int64       // id, 0 for the latest
	Limit  int         // 100 at most, 0 for 50
}

// Decision resolves a report.
type Decision struct {
	Report int64
	Action Resolution
	Note   string        // the reason, which the author reads who is muted or whose message is rejected; may be empty
	For    time.Duration // of a mute; 0: an hour
}

// Held is a message that waits for review, as its author sees it, and what became of it.
type Held struct {
	Room   string    `json:"room"`
	ID     string    `json:"id"` // client message id
	Text   string    `json:"text,omitempty"`
	State  HeldState `json:"state"`
	At     time.Time `json:"at"`
	Reason string    `json:"reason,omitempty"` // why it was rejected
}

// HeldState is where a message that was held stands.
type HeldState string

// The states of what was held.
const (
	HeldWaiting  HeldState = "waiting"
	HeldApproved HeldState = "approved" // it has its place in the log
	HeldRejected HeldState = "rejected"
)
