package chat_test

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"roomline/internal/options"
	"roomline/realtime/chat"
	"roomline/realtime/chat/chattest"
)

// The people of the tests. Nobody of the name "gone" has an account.
const (
	mia   = "mia"   // a member
	ned   = "ned"   // another
	moss  = "moss"  // a moderator
	reed  = "reed"  // another
	olive = "olive" // the owner
	gone  = "gone"
)

// world is a service on a store in memory, with people, a clock, and what was announced.
type world struct {
	*testing.T
	*chat.Service
	store *chattest.Store

	mu        sync.Mutex // guards what follows
	clock     time.Time
	announced []announcement
	drafts    int
	notes     []string // what else was announced
	entries   []chat.Entry
	sanctions []chat.Sanction
	reports   []chat.Report
	held      []chat.Held
	broken    string // what of the store fails: see frailStore

	onAnnounced func() // called once, when a change is announced
	onWritten   func() // called once, when something was written or refused
}

type announcement struct {
	room    chat.Room
	message chat.Message
}

func (w *world) note(what string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.notes = append(w.notes, what)
}

// noteRecount notes a recount that concerns mentions.
func (w *world) noteRecount(room chat.Room, users []string) {
	if len(users) > 0 {
		w.note(fmt.Sprintf("recount %s %v", room.Slug, users))
	}
}

// noted reports other notes than these since the last time.
func (w *world) noted(want ...string) {
	w.Helper()
	w.mu.Lock()
	defer w.mu.Unlock()
	if !slices.Equal(w.notes, want) {
		w.Errorf("announced were %q, want %q", w.notes, want)
	}
	w.notes = nil
}

// marks is a Markup in which "@name" mentions, "*" makes HTML, and "https://" links.
type marks struct{}

func (marks) Names(text string) []string {
	var names []string
	for word := range strings.FieldsSeq(text) {
		if name, ok := strings.CutPrefix(word, "@"); ok {
			names = append(names, name)
		}
	}
	return names
}

func (m marks) Prepare(text string, ids map[string]string) (stored, html string, mentioned []string) {
	for _, name := range m.Names(text) {
		if id, ok := ids[name]; ok {
			text = strings.ReplaceAll(text, "@"+name, "<@"+id+">")
			mentioned = append(mentioned, id)
		}
	}
	if strings.Contains(text, "*") || len(mentioned) > 0 {
		html = "<b>" + text + "</b>"
	}
	return text, html, mentioned
}

func (marks) Fill(stored, html string, name func(string) string) (text, filled string) {
	for _, id := range []string{mia, ned, moss, reed, olive, gone} {
		stored = strings.ReplaceAll(stored, "<@"+id+">", "@"+name(id))
		html = strings.ReplaceAll(html, "<@"+id+">", "@"+name(id))
	}
	return stored, html
}

func (marks) Links(text string) []string {
	var links []string
	for word := range strings.FieldsSeq(text) {
		if strings.HasPrefix(word, "https://") {
			links = append(links, word)
		}
	}
	return links
}

func (marks) Emoji(s string) (string, bool) { return s, s == "👍" || s == "🌱" }

func (marks) EmojiOnly(text string) bool { return text == "🌱" }

// noLimits bounds nothing.
func noLimits() chat.Limits { return chat.Limits{} }

func newWorld(t *testing.T, limits chat.Limits, changes ...func(*world, *chat.Config)) *world {
	limits = options.Explicit(limits) // tests set what they need; the rest is none
	w := &world{T: t, store: chattest.NewStore(), clock: time.Date(2025, 5, 1, 12, 0, 0, 0, time.UTC)}
	w.store.SetUser(chat.User{ID: mia, Name: "Mia", Role: chat.RoleMember})
	w.store.SetUser(chat.User{ID: ned, Name: "Ned", Role: chat.RoleMember})
	w.store.SetUser(chat.User{ID: moss, Name: "Moss", Role: chat.RoleModerator})
	w.store.SetUser(chat.User{ID: reed, Name: "Reed", Role: chat.RoleModerator})
	w.store.SetUser(chat.User{ID: olive, Name: "Olive", Role: chat.RoleOwner})
	for _, user := range []string{mia, ned, moss, reed, olive} {
		err := w.store.Write(t.Context(), func(tx chat.Writer) error {
			return errors.Join(tx.SetEntered(chat.SpaceGeneral, user), tx.SetEntered(chat.SpaceAdmin, user))
		}, nil)
		w.ok(err)
	}
	cfg := chat.Config{
		Store:       frailStore{w.store, w},
		Limits:      limits,
		Markup:      marks{},
		RoomChanged: func(room chat.Room) { w.note("room " + room.Slug) },
		MemberChanged: func(room chat.Room, user string, belongs bool) {
			w.note(fmt.Sprintf("member %s %s %v", room.Slug, user, belongs))
		},
		Mentioned: func(room chat.Room, m chat.Message, users []string) {
			w.note(fmt.Sprintf("mention %s %d %v", room.Slug, m.Seq, users))
		},
		Recounted:   func(room chat.Room, users []string) { w.noteRecount(room, users) },
		Sanctioned:  w.noteSanction,
		RoleChanged: func(user chat.User) { w.note(fmt.Sprintf("role %s %s", user.ID, user.Role)) },
		Reported:    w.noteReport,
		Audited:     w.noteEntry,
		HeldChanged: w.noteHeld,
		Now:         w.now,
		Committed: func(room chat.Room, m chat.Message) {
			w.mu.Lock()
			defer w.mu.Unlock()
			w.announced = append(w.announced, announcement{room, m})
			if w.onAnnounced != nil {
				w.onAnnounced()
				w.onAnnounced = nil
			}
		},
	}
	for _, change := range changes {
		change(w, &cfg)
	}
	w.Service = chat.New(cfg)
	return w
}

// in makes the actor of a person in the general space.
func in(user string) chat.Actor { return chat.Actor{ID: user, Space: chat.SpaceGeneral} }

func (w *world) now() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.clock
}

// pass moves the clock.
func (w *world) pass(d time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.clock = w.clock.Add(d)
}

// draft makes a draft for the lobby with an id not used before.
func (w *world) draft(text string) chat.Draft {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.drafts++
	return chat.Draft{Room: "lobby", ID: fmt.Sprintf("draft-%04d", w.drafts), Text: text}
}

// says sends a text to the lobby.
func (w *world) says(user, text string) chat.Message {
	w.Helper()
	m, err := w.Send(w.Context(), in(user), w.draft(text))
	w.ok(err)
	return m
}

// deletes deletes a message of the lobby.
func (w *world) deletes(user string, seq int64) chat.Message {
	w.Helper()
	m, err := w.Delete(w.Context(), in(user), "lobby", seq)
	w.ok(err)
	return m
}

// setLobby changes the settings of the lobby.
func (w *world) setLobby(change func(*chat.Room)) {
	w.Helper()
	room, err := w.Room(w.Context(), in(olive), "lobby")
	w.ok(err)
	change(&room.Room)
	w.store.SetRoom(room.Room)
}

func freeze(r *chat.Room) { r.Frozen = true }

func (w *world) ok(err error) {
	w.Helper()
	if err != nil {
		w.Fatal(err)
	}
}

// refused reports an error of another code, "" for none, and returns its refusal.
func (w *world) refused(err error, want chat.Code) chat.Error {
	w.Helper()
	if got := chat.ErrorCode(err); got != want {
		w.Errorf("got code %q (%v), want %q", got, err, want)
	}
	var refusal *chat.Error
	if !errors.As(err, &refusal) {
		return chat.Error{}
	}
	return *refusal
}

// heard reports announcements that are not of these messages in this order.
func (w *world) heard(want ...chat.Message) {
	w.Helper()
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.announced) != len(want) {
		w.Fatalf("%d changes were announced, want %d", len(w.announced), len(want))
	}
	for i, a := range w.announced {
		if !reflect.DeepEqual(a.message, want[i]) {
			w.Errorf("announcement %d is\n     %+v\nwant %+v", i+1, a.message, want[i])
		}
	}
}

// latest returns the whole lobby by seq.
func (w *world) latest() []chat.Message {
	w.Helper()
	j, err := w.Join(w.Context(), in(olive), "lobby", nil)
	w.ok(err)
	return j.Messages
}
