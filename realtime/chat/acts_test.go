package chat_test

import (
	"fmt"
	"time"

	"roomline/realtime/chat"
)

// mod makes the actor of a person in the admin space.
func mod(user string) chat.Actor { return chat.Actor{ID: user, Space: chat.SpaceAdmin} }

// noteSanction and those below note what moderators did as "mute mia", "mute mia lifted", "role ned moderator",
// "report 1 open 2", "audit member:mute", "held mia draft-0001 approved".
func (w *world) noteSanction(s chat.Sanction) {
	what := fmt.Sprintf("%s %s", s.Kind, s.User)
	if !s.LiftedAt.IsZero() {
		what += " lifted"
	}
	w.note(what)
	w.mu.Lock()
	defer w.mu.Unlock()
	w.sanctions = append(w.sanctions, s)
}

func (w *world) noteReport(r chat.Report) {
	w.note(fmt.Sprintf("report %d %s %d", r.ID, r.State, r.Count))
	w.mu.Lock()
	defer w.mu.Unlock()
	w.reports = append(w.reports, r)
}

func (w *world) noteEntry(e chat.Entry) {
	w.note("audit " + e.Act)
	w.mu.Lock()
	defer w.mu.Unlock()
	w.entries = append(w.entries, e)
}

func (w *world) noteHeld(author string, h chat.Held) {
	w.note(fmt.Sprintf("held %s %s %s", author, h.ID, h.State))
	w.mu.Lock()
	defer w.mu.Unlock()
	w.held = append(w.held, h)
}

// quiet forgets what was announced so far.
func (w *world) quiet() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.announced, w.notes, w.entries, w.sanctions, w.reports, w.held = nil, nil, nil, nil, nil, nil
}

// mutes and bans sanction somebody, by moss; 0 is until it is lifted.
func (w *world) mutes(user string, span time.Duration) {
	w.Helper()
	_, err := w.Mute(w.Context(), mod(moss), chat.SanctionRequest{User: user, For: span, Reason: "loud"})
	w.ok(err)
}

func (w *world) bans(user string, span time.Duration) {
	w.Helper()
	_, err := w.Ban(w.Context(), mod(moss), chat.SanctionRequest{User: user, For: span, Reason: "very loud"})
	w.ok(err)
}

// posts sends a text to a room.
func (w *world) posts(user, room, text string) chat.Message {
	w.Helper()
	m, err := w.Send(w.Context(), in(user), w.draftFor(room, text))
	w.ok(err)
	return m
}

func (w *world) draftFor(room, text string) chat.Draft {
	d := w.draft(text)
	d.Room = room
	return d
}
