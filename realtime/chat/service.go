package chat

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"roomline/realtime/filter"

	"roomline/internal/options"
)

// Config makes a Service.
type Config struct {
	Store  Store
	Limits Limits // the zero value means DefaultLimits
	// Committed is called once for every change of a room after it is durable, in the
	// order of rev within a room, on the store's goroutine: it must not block. The
	// message has its author filled in. Nil for none.
	Committed func(Room, Message)
	// RoomChanged is called likewise when a room is new or its settings have changed, and
	// MemberChanged when somebody has become a member of a private room or is none any more.
	RoomChanged   func(Room)
	MemberChanged func(room Room, user string, belongs bool)
	// Mentioned is called likewise, after Committed, with those to be told that a new message mentions them.
	Mentioned func(room Room, m Message, users []string)
	// Recounted is called likewise when a change other than a post alters what is unread in a room: a message was
	// deleted or restored, or an edit changed whom it mentions. users are those for whom the count of mentions differs
	// although Mentioned was not called.
	Recounted func(room Room, users []string)
	// Sanctioned is called when a sanction has come into force, or with its LiftedAt set when it was
	// lifted; RoleChanged when a user's role has changed. They are called before the method returns
	// that did it, on its caller's goroutine: they may block.
	Sanctioned  func(Sanction)
	RoleChanged func(User)
	// Reported is called as Committed when a report is new or has changed, Audited with every new entry of
	// the audit log, HeldChanged with what became of a message that is held, for its author.
	Reported    func(Report)
	Audited     func(Entry)
	HeldChanged func(author string, h Held)
	// Markup makes texts what is shown; nil: they are shown as written, without mentions.
	Markup Markup
	// Directory finds the users of a host that keeps them itself; nil: the store keeps them.
	Directory *Directory
	// Authorize says what a host does not let its users do; nil: nothing.
	Authorize Authorize
	// BeforeSend may change, hold or reject a message before it is stored; nil: it does not.
	BeforeSend *BeforeSend
	// Guests says which public rooms of the general space are open to visitors without an account at all, by what is in
	// the Room; nil: none. It is called within a read of the store, and must not ask it; Authorize is asked of them too.
	Guests func(Room) bool
	// CreateRooms is the lowest role that may create rooms; "": RoleModerator.
	CreateRooms Role
	Now         func() time.Time // nil: time.Now
}

// RoomView is a room as one user sees it. Its JSON form is the wire's; a struct that
// embeds it may add to it.
type RoomView struct {
	Room
	LastRead int64 `json:"lastRead"` // seq of the last message the user has read
	Unread   int64 `json:"unread"`   // see Unread
	Mentions int64 `json:"mentions"`

	FirstUnread  int64 `json:"firstUnread,omitempty"`  // seq of the first unread message
	FirstMention int64 `json:"firstMention,omitempty"` // seq of the first unread one that mentions the user

	Level  Level `json:"level"`
	Manage bool  `json:"manage,omitempty"` // the user may change its settings and remove members

	Wait float64 `json:"wait,omitempty"` // seconds for which slow mode makes the user wait still; of Room and Join only
	Held bool    `json:"-"`              // something of theirs waits there for review: see HeldOf
}

// Entered is who enters a space, and what they find there.
type Entered struct {
	User  User
	Rooms []RoomView
	Mute  Sanction // in force; ID 0 for none
	Now   time.Time
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

// HistoryQuery asks for a page. At most one of Before, After and Around (seqs, above 0) and At is
// set; none asks for the latest page. Limit 0 is the default page size.
type HistoryQuery struct {
	Before, After, Around int64
	At                    time.Time // around the first message sent then or later
	Limit                 int
}

// Draft is a message to be sent.
type Draft struct {
	Room    string
	ID      string // client message id: 8 to 64 of A-Z a-z 0-9 _ -
	Text    string
	ReplyTo int64
}

// ReadState is how far a user has read a room.
type ReadState struct {
	LastRead int64 // seq of the last message read, 0 for none
	Unread   int64 // see Unread
	Mentions int64
}

// Service is the one door to the rules. All its methods may be called concurrently;
// they return *Error for what the caller may hear and other errors for faults.
// Every method answers CodeNotFound for a room that the actor may not know of, in the
// same words as for one that does not exist, and CodeForbidden for an actor whose
// account is gone. Slices it returns are never nil without an error.
type Service struct {
	cfg     Config
	sends   *pace
	changes *pace // edits and deletions
	finds   *pace // searches
	reports *pace
	typing  *typists
	floods  *floods
	habits  *filter.History
	rules   atomic.Pointer[rules]

	deciding chan struct{} // a place for each call of BeforeSend.Decide
}

// New returns a Service on cfg.Store. It panics if a limit is no finite number.
func New(cfg Config) *Service {
	cfg.Limits = options.MustResolve("chat: Config.Limits", cfg.Limits, DefaultLimits())
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.Committed == nil {
		cfg.Committed = func(Room, Message) {}
	}
	if cfg.RoomChanged == nil {
		cfg.RoomChanged = func(Room) {}
	}
	if cfg.MemberChanged == nil {
		cfg.MemberChanged = func(Room, string, bool) {}
	}
	if cfg.Mentioned == nil {
		cfg.Mentioned = func(Room, Message, []string) {}
	}
	if cfg.Recounted == nil {
		cfg.Recounted = func(Room, []string) {}
	}
	if cfg.Sanctioned == nil {
		cfg.Sanctioned = func(Sanction) {}
	}
	if cfg.RoleChanged == nil {
		cfg.RoleChanged = func(User) {}
	}
	if cfg.Reported == nil {
		cfg.Reported = func(Report) {}
	}
	if cfg.Audited == nil {
		cfg.Audited = func(Entry) {}
	}
	if cfg.HeldChanged == nil {
		cfg.HeldChanged = func(string, Held) {}
	}
	if cfg.Markup == nil {
		cfg.Markup = plain{}
	}
	if cfg.BeforeSend != nil && cfg.BeforeSend.Decide == nil {
		cfg.BeforeSend = nil
	}
	if cfg.CreateRooms == "" {
		cfg.CreateRooms = RoleModerator
	}
	cfg.Store = Hosted(cfg.Store, cfg.Directory, cfg.Authorize)
	s := &Service{
		cfg:     cfg,
		sends:   newPace(cfg.Limits.SendBurst, cfg.Limits.SendRate),
		changes: newPace(cfg.Limits.SendBurst, cfg.Limits.SendRate),
		finds:   newPace(cfg.Limits.SearchBurst, cfg.Limits.SearchRate),
		reports: newPace(cfg.Limits.ReportBurst, cfg.Limits.ReportRate),
		typing:  newTypists(cfg.Limits.TypingEvery),
		floods:  newFloods(cfg.Limits),
		habits:  filter.NewHistory(),

		deciding: make(chan struct{}, mostDeciding),
	}
	s.ForgetRules()
	return s
}

// now is the time as messages keep it.
func (s *Service) now() time.Time { return s.cfg.Now().UTC().Truncate(time.Millisecond) }

// read runs fn on a snapshot, on the room as the actor may see it.
func (s *Service) read(ctx context.Context, doing string, a Actor, slug string, fn func(Reader, scene) error) error {
	return fault(doing, s.cfg.Store.Read(ctx, func(r Reader) error {
		in, err := s.look(r, a, slug)
		if err != nil {
			return err
		}
		return fn(r, in)
	}))
}

// change runs fn in a transaction, on the room as the actor may see it. fn returns the
// message as it then is, and whether it changed it; a change is announced.
func (s *Service) change(ctx context.Context, doing string, a Actor, slug string,
	fn func(Writer, scene) (m Message, changed bool, err error),
) (Message, error) {
	var m Message
	err := s.write(ctx, doing, func(w Writer, news *news) error {
		in, err := s.look(w, a, slug)
		if err != nil {
			return err
		}
		in.news = news
		var changed bool
		if m, changed, err = fn(w, in); err != nil {
			return err
		}
		m, err = s.settle(w, in, m, changed)
		return err
	})
	if err != nil {
		return Message{}, err
	}
	return m, nil
}

// settle fills a message, and notes it as news if it has changed.
func (s *Service) settle(r Reader, in scene, m Message, changed bool) (Message, error) {
	if m.Held { // its text is as it was written
		return m, nil
	}
	if m.Author.ID == in.user.ID && m.Kind == KindText && len(m.Reactions) == 0 && !mayHold(&m) { // mostly
		m.Author = in.user
	} else {
		one := []Message{m}
		if err := s.fill(r, one, in.user); err != nil {
			return m, err
		}
		m = one[0]
	}
	if changed {
		in.news.messages = append(in.news.messages, committed{in.room, m})
	}
	return m, nil
}

// fault says what failed if err is no refusal: those are answers, and stay as they are.
func fault(doing string, err error) error {
	if err == nil || ErrorCode(err) != CodeInternal {
		return err
	}
	return fmt.Errorf("%s: %w", doing, err)
}

// found turns a missing row into the refusal and leaves other errors.
func found(err error, refusal *Error) error {
	if errors.Is(err, ErrMissing) {
		return refusal
	}
	return err
}
