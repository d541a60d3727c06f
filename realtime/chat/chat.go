// Package chat is the domain: rooms, messages and the people who write them, and
// every rule about who may do what. It knows no sockets, no HTTP and no database;
// it imports the standard library only.
//
// A room is a log. Every change of a room (a message posted, edited, deleted) takes
// the room's next number, rev, in the transaction that commits it. Whoever holds a
// Position {epoch, rev} can ask for everything after it.
package chat

import (
	"cmp"
	"strings"
	"time"
)

// Role is what a user may do beyond chatting. Roles are ordered: a moderator may all
// that a member may, an owner all that a moderator may.
type Role string

// The roles, lowest first.
const (
	RoleGuest     Role = "guest" // a visitor without an account, where a host lets them read
	RoleMember    Role = "member"
	RoleModerator Role = "moderator"
	RoleOwner     Role = "owner"
)

// AtLeast reports whether r includes the rights of other. An unknown role includes nothing.
func (r Role) AtLeast(other Role) bool { return r.rank() >= other.rank() && r.rank() > 0 }

// Valid reports whether r is a role of somebody with an account.
func (r Role) Valid() bool { return r.AtLeast(RoleMember) }

func (r Role) rank() int {
	switch r {
	case RoleGuest:
		return 1
	case RoleMember:
		return 2
	case RoleModerator:
		return 3
	case RoleOwner:
		return 4
	}
	return 0
}

// User is a person as the chat sees them. ID is the host's own id as text.
type User struct {
	ID     string `json:"id"`
	Name   string `json:"name"`
	Role   Role   `json:"role"`
	Avatar string `json:"avatar,omitempty"` // URL of a picture, "" for none; see Directory
}

// Clone returns a copy of u that shares no memory with it. Fiber reuses the memory of a
// request's strings, so a user read from a request has to be cloned before it is kept.
func (u User) Clone() User {
	return User{
		ID:     strings.Clone(u.ID),
		Name:   strings.Clone(u.Name),
		Role:   Role(strings.Clone(string(u.Role))),
		Avatar: strings.Clone(u.Avatar),
	}
}

// Space is one of the two worlds of rooms that are kept apart: members talk in the
// general one, moderators also in the admin one. A room of another space does not
// exist for the caller.
type Space string

// The spaces. On the wire each is a Socket.IO namespace of the same name.
const (
	SpaceGeneral Space = "general"
	SpaceAdmin   Space = "admin"

	spaceHost Space = "host" // of AsHost; no room is in it
)

// Actor is who asks, and in which space. It carries no rights: each method reads the
// user's rights in the snapshot or transaction that it works in.
type Actor struct {
	ID    string // user id; "": a visitor without an account
	Space Space  // "": SpaceGeneral
}

// AsUser returns the actor for what a user does in the general space.
func AsUser(id string) Actor { return Actor{ID: id, Space: SpaceGeneral} }

// AsModerator returns the actor for what a moderator does in the admin space: sanctions, the filter, reports.
func AsModerator(id string) Actor { return Actor{ID: id, Space: SpaceAdmin} }

func (a Actor) space() Space { return cmp.Or(a.Space, SpaceGeneral) }

// AsHost is the actor that a host app itself is: it may do everything in every room, in nobody's name.
func AsHost() Actor { return Actor{Space: spaceHost} }

func (a Actor) host() bool { return a.Space == spaceHost }

// Room is a log of changes with a name. Its JSON form is the wire's.
type Room struct {
	ID       int64  `json:"-"`
	Slug     string `json:"slug"` // [a-z0-9-]{1,64}, unique over both spaces
	Space    Space  `json:"-"`
	Name     string `json:"name"`
	Topic    string `json:"topic"`
	Notice   string `json:"notice,omitempty"`   // a line above the conversation, for everybody
	Private  bool   `json:"private,omitempty"`  // only its members may know of it
	Unlisted bool   `json:"unlisted,omitempty"` // in no list: who may read it enters by its slug
	Epoch    string `json:"epoch"`              // random; a position of another epoch cannot be continued
	Head     int64  `json:"head"`               // rev of the latest change, 0 when empty
	Posts    int64  `json:"posts"`              // messages ever posted, deleted ones included
	Frozen   bool   `json:"frozen"`             // only moderators may write
	SlowMode int    `json:"slowMode"`           // seconds a member waits between two messages, 0 for none

	CreatedBy string `json:"-"` // user id, "" for the rooms that were always there
	Floor     int64  `json:"-"` // seq of the last message that was purged, 0 for none
	Purged    int64  `json:"-"` // messages that were purged: those with the lowest Post
}

// Level is what a user wants to be told of a room while not looking at it.
type Level string

// The levels.
const (
	LevelAll      Level = "all"      // every message
	LevelMentions Level = "mentions" // when mentioned; the default
	LevelNone     Level = "none"     // nothing
)

// Valid reports whether l is one of the levels.
func (l Level) Valid() bool { return l == LevelAll || l == LevelMentions || l == LevelNone }

// Kind tells what wrote a message.
type Kind string

// The kinds of message.
const (
	KindText   Kind = "text"   // a person
	KindSystem Kind = "system" // the server itself; its author is the zero User
	KindReport Kind = "report" // the queue of the moderators: Message.Report is what it shows
)

// Message is one message in its current state; its JSON form is the wire's
// (see MarshalJSON). A deleted message keeps its place and loses its text.
type Message struct {
	RoomID    int64
	Room      string // slug
	Seq       int64  // rev at which it was posted: its place in the room; never changes
	Rev       int64  // rev of its latest change
	Post      int64  // 1 for the room's first message, 2 for the second …; not on the wire
	ID        string // client message id, unique per author only
	Kind      Kind
	Author    User   // a Store fills ID only; Service fills the rest
	Text      string // as written, "" once deleted; a Store has it with Markup's placeholders for mentions
	HTML      string // Text as it is shown, "" if that is the same; placeholders likewise
	EmojiOnly bool   // Text is a few emoji and nothing else; Service fills it
	Mentions  []User // in order, each once; a Store fills ID only
	Reactions []Reaction
	ReplyTo   int64     // seq of the message it answers, 0 for none
	SentAt    time.Time // UTC, millisecond precision, as all times here
	EditedAt  time.Time // zero if never edited
	DeletedAt time.Time // zero if not deleted
	DeletedBy string    // user id
	Report    *Report   // of KindReport, as it then was
	Held      bool      // it waits for review: it has neither Seq nor Rev, and only its author knows of it

	notify []string // ids of the users to notify of their mention
}

// Reaction is one emoji at a message, and who set it, first to last; never nobody.
type Reaction struct {
	Emoji string
	Users []User // a Store fills ID only
}

// Deleted reports whether the message is a tombstone.
func (m Message) Deleted() bool { return !m.DeletedAt.IsZero() }

// Position is a place in a room's log: everything up to and including Rev is known.
type Position struct {
	Epoch string `json:"epoch"`
	Rev   int64  `json:"rev"`
}

// Standing is how a user stands to a room.
type Standing struct {
	LastRead int64 // seq up to which the user has read, 0 for nothing
	Pointer  bool  // LastRead is stored, not a default
	Entered  bool  // SetEntered was called for the room's space
	Level    Level // "" for the default
	Unread   Unread
	Belongs  bool // is a member of a private room
	Held     bool // something of theirs waits there for review

	FirstUnread  int64 // seq of the first message that Unread counts, 0 for none
	FirstMention int64 // seq of the first mention that Unread counts, 0 for none
}

// MostUnread is where the counts of Unread stop: it stands for that many or more.
const MostUnread = 100

// Unread counts the messages after a user's LastRead that are not deleted and not the user's own.
type Unread struct {
	Messages int64 // at most MostUnread
	Mentions int64 // of them, those that mention the user; at most MostUnread
}
