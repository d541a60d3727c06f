package chat

import (
	"context"
	"errors"
	"time"

	"roomline/realtime/filter"
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

	// CatchUp makes a Reader's Search know what was committed before, in the room of that slug, or
	// in all with "". It gives up where that would take long, and is not complete then.
	CatchUp(ctx context.Context, slug string) (complete bool, err error)

	// KeepsUsers reports whether the store has users of its own. Without them the chat needs a Directory.
	KeepsUsers() bool
}

// Reader reads within one snapshot. Messages come with Author.ID only.
type Reader interface {
	// Rooms returns the rooms of a space in order of id.
	Rooms(space Space) ([]Room, error)
	// RoomsOf returns the rooms of a space that the user may read by membership, in order of id:
	// the public ones, and the private ones that they belong to; unlisted ones are not among them.
	RoomsOf(space Space, user string) ([]RoomOf, error)
	// Room returns a room by slug, or ErrMissing.
	Room(slug string) (Room, error)
	// User returns a user with their rights as of this snapshot, or ErrMissing.
	User(id string) (User, error)
	// Users returns those of the users that exist, by id.
	Users(ids []string) (map[string]User, error)
	// UsersNamed returns those of the users that exist, by name as it was asked for. Names are
	// compared as sign-in does.
	UsersNamed(names []string) (map[string]User, error)
	// FindUsers returns the first limit users whose names begin so, in order of name. Names are compared by
	// filter.Fold.
	FindUsers(prefix string, limit int) ([]User, error)
	// MembersOf returns the ids of a private room's members, those who came first before others.
	MembersOf(room int64) ([]string, error)
	// Message returns the message of a room by seq, or ErrMissing.
	Message(room, seq int64) (Message, error)
	// Before returns the last limit messages with a seq below seq, ascending by seq.
	Before(room, seq int64, limit int) ([]Message, error)
	// After returns the first limit messages with a seq above seq, ascending by seq.
	After(room, seq int64, limit int) ([]Message, error)
	// Changes returns the first limit messages with a rev above rev, ascending by rev,
	// tombstones included, each once in its current state.
	Changes(room, rev int64, limit int) ([]Message, error)
	// Standing returns how the user stands to the room. A user without a read pointer has read nothing of a listed
	// room of a space they have entered, and everything of any other room.
	Standing(room int64, user string) (Standing, error)
	// Pointers returns how the users stand to the room, by id, as far as LastRead, Pointer, Entered and
	// Unread.Mentions go.
	Pointers(room int64, users []string) (map[string]Standing, error)
	// Sent returns what the user once sent under a client message id, or ErrMissing.
	Sent(user, clientID string) (Sent, error)
	// LastPost returns what SetLastPost stored last, zero for nothing.
	LastPost(room int64, user string) (time.Time, error)
	// SentBy returns the messages that the user sent, deleted ones too: the first limit with a client
	// id above after, ascending by it. Those that are held have no Seq.
	SentBy(user, after string, limit int) ([]Sent, error)
	// LatestOf returns the last limit messages of the author in those rooms that stand, those sent
	// last first. What was committed since CatchUp may be missing.
	LatestOf(author string, rooms []int64, limit int) ([]Message, error)

	// ReactedBy returns the first limit messages, in order of room and seq and after that place, at which the user has
	// set a reaction.
	ReactedBy(user string, after Place, limit int) ([]Message, error)
	// ReadsOf returns the seqs of the user's read pointers by the room's id.
	ReadsOf(user string) (map[int64]int64, error)
	// ReportedBy returns the reports that have a reason of the user, the oldest first.
	ReportedBy(user string) ([]Report, error)
	// Undelivered returns the rooms with changes that Delivered was not called with yet, those that lack least first,
	// and up to which rev it was; the audit log is the room with ID 0 and the Head of its last entry's ID.
	Undelivered(limit int) ([]Backlog, error)

	// Restrictions returns the user's sanctions that nobody has lifted.
	Restrictions(user string) (Restrictions, error)
	// Sanctions returns all sanctions that the user ever had, the latest first.
	Sanctions(user string) ([]Sanction, error)
	// Accounts returns the first limit accounts with a name from after on, exclusive, that begins so, in
	// order of name, compared as sign-in does. With restricted only those whom a sanction restricts at that time.
	Accounts(prefix, after string, limit int, restricted time.Time) ([]Account, error)
	// Restricted returns the first limit ids of users whom a sanction restricts at that time, in order of id.
	Restricted(at time.Time, limit int) ([]string, error)
	// Account returns an account, or ErrMissing.
	Account(id string) (Account, error)
	// Revisions returns the earlier states of a message, the oldest first.
	Revisions(room, seq int64) ([]Revision, error)
	// Purged returns the messages of the author whose last Revision is of a purge: the first limit of them
	// in order of room and seq, and how many there are in all.
	Purged(author string, limit int) (last []Revision, total int, err error)
	// Report returns a report, or ErrMissing.
	Report(id int64) (Report, error)
	// OpenReport returns the open report of a message, or ErrMissing.
	OpenReport(room, seq int64) (Report, error)
	// Reports returns the first limit reports in that state ("" for any) with an id below before, the latest first,
	// without those about messages of the user except, unless they are held.
	Reports(state ReportState, before int64, limit int, except string) ([]Report, error)
	// HeldAs returns the report of what the user sent under a client id and a rule held, or ErrMissing.
	HeldAs(user, clientID string) (Report, error)
	// HeldIn returns the open reports of what is held of the user in the room, the oldest first.
	HeldIn(room int64, user string) ([]Report, error)
	// Rules returns the rules of the filter in order of id.
	Rules() ([]Rule, error)
	// LastEntry returns the latest entry of the audit log, or ErrMissing.
	LastEntry() (Entry, error)
	// Entries returns the first q.Limit entries that fit, the latest first.
	Entries(q AuditQuery) ([]Entry, error)
	// EntriesAfter returns the first limit entries with an ID above after, ascending.
	EntriesAfter(after int64, limit int) ([]Entry, error)

	// Search returns the messages that stand and have what is looked for, those sent last first.
	// What was committed since CatchUp may be missing.
	Search(q Find) ([]Found, error)
}

// Writer writes within one transaction, and reads what it wrote.
type Writer interface {
	Reader
	// Transaction returns a value that stands for this transaction while it runs: comparable, and equal to no
	// other store's. Whoever keeps tables of their own in the same database knows by it that the transaction is
	// theirs. A decorated Writer returns that of the Writer it decorates.
	Transaction() any
	// CreateRoom stores a room and sets its ID, and its Epoch if it has none. Slug and Space are taken as they are.
	CreateRoom(room *Room) error
	// Advance takes the room's next rev and returns it. With post it counts a message too:
	// the second result is that message's Post.
	Advance(room int64, post bool) (rev, posts int64, err error)
	// InsertMessage stores a new message.
	InsertMessage(m Message) error
	// UpdateRoom stores Name, Topic, Notice, Frozen and SlowMode of the room with that ID.
	UpdateRoom(room Room) error
	// SetMember makes the user a member of the private room, or no member.
	SetMember(room int64, user string, belongs bool) error
	// SetLevel stores the user's level in the room.
	SetLevel(room int64, user string, level Level) error
	// RecordMention remembers that the message mentions the user, and ForgetMention that it no longer does.
	RecordMention(room, seq int64, user string) error
	ForgetMention(room, seq int64, user string) error
	// Purge deletes the first limit messages with a seq not above upTo, and all that is kept of them
	// but the use of their client ids (Revisions, and the texts of reports too, with those of what was rejected by then), and moves the room's Floor and Purged. It returns how many it deleted.
	Purge(room, upTo int64, limit int) (n int, err error)
	// UpdateMessage stores Rev, Text, HTML, Mentions, Reactions, EditedAt, DeletedAt and DeletedBy
	// of the message at RoomID and Seq. A mention that was recorded of a message that is deleted by
	// it, is not counted any more.
	UpdateMessage(m Message) error
	// RecordSent stores what a client message id was used for; the pair of user and
	// client id is unique, and outlives the message.
	RecordSent(s Sent) error
	// SetLastPost stores when the user posted in the room. Only slow mode asks for it, so it is
	// stored in rooms in slow mode only; who turns it on stores it for what was posted before.
	SetLastPost(room int64, user string, at time.Time) error
	// KeepLastPosts does SetLastPost for all who posted in the room, from that seq on.
	KeepLastPosts(room, fromSeq int64) error

	// AddSanction stores a sanction and sets its ID. One of the same kind that nobody has lifted is lifted
	// by it, at the same time. A store that keeps accounts ends the sessions of a user who is banned.
	AddSanction(s *Sanction) error
	// LiftSanction lifts the user's sanction of that kind, if there is one.
	LiftSanction(user string, kind SanctionKind, at time.Time, by, reason string) error
	// SetRole gives a user a role. Where the host keeps the roles it is a refusal (CodeForbidden).
	SetRole(user string, role Role) error
	// KeepRevision stores a state of a message that is about to be replaced.
	KeepRevision(r Revision) error
	// DropRevision forgets one: its message has that state again.
	DropRevision(room, seq, rev int64) error
	// InsertReport stores a report and sets its ID.
	InsertReport(r *Report) error
	// UpdateReport stores State, Seq, Count, Reasons, Message, Action, Note, ResolvedBy and ResolvedAt of the
	// report with that ID.
	UpdateReport(r Report) error
	// RecordReporter remembers that the user reported the message, and returns whether that is new.
	RecordReporter(room, seq int64, user string) (first bool, err error)
	// PutRule stores a rule, a new one with ID 0, whose ID it sets; ErrMissing if there is none of that ID.
	PutRule(r *Rule) error
	// DeleteRule deletes a rule, or returns ErrMissing.
	DeleteRule(id int64) error
	// InsertEntry appends to the audit log, under the ID it has.
	InsertEntry(e Entry) error
	// DropRevisions forgets all earlier states of a message.
	DropRevisions(room, seq int64) error
	// EraseUser forgets all that is kept of a user but their messages, the use of their client ids, and entries of the
	// audit log: read pointers, levels, memberships, mentions, sanctions, the texts of what of theirs was reported or
	// held (what is held is resolved as rejected), and the texts of their reasons.
	EraseUser(user string, at time.Time) error
	// DropWords has the index of a search that has caught up hold nothing of what is not found any more. Where there
	// are a million messages, it may take seconds.
	DropWords() error
	// Delivered stores that a host has heard of the changes of a room up to rev (see Undelivered).
	Delivered(room, rev int64) error
	// UpdateSent stores the Seq of what was held and is posted now.
	UpdateSent(s Sent) error
	// SetReadPointer stores the seq up to which the user has read the room.
	SetReadPointer(room int64, user string, seq int64) error
	// SetEntered records that the user has entered the space. The first time, it sets a read pointer at the end of each
	// listed public room of the space where the user has none.
	SetEntered(space Space, user string) error
}

// Sent remembers the use of a client message id.
type Sent struct {
	UserID   string
	ClientID string
	RoomID   int64
	Seq      int64    // 0 while it is held for review
	Hash     [16]byte // of room, text and replyTo: tells a retry from another message
}

// Place is where a message is: those of a room follow each other, the rooms in order of id.
type Place struct{ Room, Seq int64 }

// Backlog is a room of which a host has not heard all.
type Backlog struct {
	Room      Room
	Delivered int64 // rev, or id of an entry
}

// RoomOf is a room and how one user stands to it.
type RoomOf struct {
	Room     Room
	Standing Standing
}

// Find is what Search looks for in the words of Searchable.
type Find struct {
	Rooms  []int64
	Terms  []Term // all of them, at least one
	Before int64  // below this Place, 0 for all
	Limit  int
}

// Term is a word, or several that follow each other, as in Searchable.
type Term = filter.Term

// Found is a message that fits.
type Found struct {
	Message Message
	Place   int64 // above 0, higher the later it was sent, and never changed
}
