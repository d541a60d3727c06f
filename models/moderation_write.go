package models

import (
	"strings"
	"time"

	"roomline/realtime/chat"
)

const (
	insertSanction = "INSERT INTO chat_sanctions (user_id, kind, reason, by_id, at, until) VALUES (?, ?, ?, ?, ?, ?) RETURNING id"
	liftSanction   = `UPDATE chat_sanctions SET lifted_at = ?, lifted_by = ?, lift_reason = ?
WHERE user_id = ? AND kind = ? AND lifted_at = 0`

	setRole      = "UPDATE users SET role = ? WHERE id = ? RETURNING id"
	dropSessions = "DELETE FROM sessions WHERE user_id = ?"

	// The author lies with it for those who look for a whole purge.
	insertRevision = `INSERT INTO chat_revisions (room_id, seq, rev, author_id, text, html, mentions, reactions, at, ended_at, ended_by, purge)
SELECT ?1, ?2, ?3, m.author_id, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11 FROM chat_messages m WHERE m.room_id = +?1 AND m.seq = +?2 RETURNING rev`
	deleteRevision = "DELETE FROM chat_revisions WHERE room_id = ? AND seq = ? AND rev = ?"

	insertReport = `INSERT INTO chat_reports (kind, state, room_id, seq, author_id, text, count, reasons, message, at,
	action, note, resolved_by, resolved_at, client_id, reply_to, hash)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id`
	updateReport = `UPDATE chat_reports SET state = ?, seq = ?, count = ?, reasons = ?, message = ?, action = ?, note = ?,
	resolved_by = ?, resolved_at = ? WHERE id = ? RETURNING id`
	insertReporter = "INSERT INTO chat_reporters (room_id, seq, user_id) VALUES (?, ?, ?) ON CONFLICT DO NOTHING RETURNING seq"

	insertRule = `INSERT INTO chat_rules (name, kind, action, off, words, only, pattern, most, seconds)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id`
	updateRule = `UPDATE chat_rules SET name = ?, kind = ?, action = ?, off = ?, words = ?, only = ?, pattern = ?, most = ?, seconds = ?
WHERE id = ? RETURNING id`
	deleteRule = "DELETE FROM chat_rules WHERE id = ? RETURNING id"

	insertEntry = `INSERT INTO chat_audit (id, at, actor_id, act, target_id, room, seq, reason, before, after, prev, hash, words)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`

	updateSent = "UPDATE chat_sends SET seq = ? WHERE user_id = ? AND client_id = ? RETURNING seq"

	// Of the rows of an author the one with the highest seq.
	keepLastPosts = `INSERT INTO chat_last_posts (room_id, user_id, sent_at)
SELECT room_id, author_id, sent_at FROM (
	SELECT room_id, author_id, sent_at, max(seq) FROM chat_messages
	WHERE room_id = +? AND seq >= +? AND author_id <> '' GROUP BY author_id)
WHERE true ON CONFLICT (room_id, user_id) DO UPDATE SET sent_at = excluded.sent_at`

	purgeRevisions = "DELETE FROM chat_revisions WHERE room_id = ? AND seq <= ?"
	purgeReports   = "UPDATE chat_reports SET text = '' WHERE room_id = +? AND seq > 0 AND seq <= +? AND text <> ''"
	// What was rejected never had a place: it goes with what was posted at that time.
	purgeRejected = `UPDATE chat_reports SET text = '' WHERE room_id = +?1 AND seq = 0 AND text <> '' AND state = 'resolved'
AND at <= (SELECT sent_at FROM chat_messages WHERE room_id = +?1 AND seq = +?2)`
	purgeReporters = "DELETE FROM chat_reporters WHERE room_id = ? AND seq <= ?"
)

// Restrictions implements chat.Reader.
func (w chatWriter) Restrictions(user string) (chat.Restrictions, error) {
	if bounds, ok := w.conn.known.bounds[user]; ok {
		if bounds == nil {
			return chat.Restrictions{}, nil
		}
		return *bounds, nil
	}
	bounds, err := w.reader.Restrictions(user)
	if err == nil {
		w.conn.known.keepBounds(user, bounds)
	}
	return bounds, err
}

// AddSanction implements chat.Writer.
func (w chatWriter) AddSanction(s *chat.Sanction) error {
	if err := w.LiftSanction(s.User, s.Kind, s.At, s.By.ID, ""); err != nil {
		return err
	}
	err := w.conn.first("add a sanction", insertSanction, func(row *row) { s.ID = row.int() },
		s.User, string(s.Kind), s.Reason, s.By.ID, millis(s.At), millis(s.Until))
	if err != nil || s.Kind != chat.SanctionBan || w.hosted {
		return err
	}
	number, ok := userNumber(s.User)
	if !ok {
		return nil
	}
	*w.accounts = true
	return w.conn.each("end a user's sessions", dropSessions, nil, number)
}

// LiftSanction implements chat.Writer.
func (w chatWriter) LiftSanction(user string, kind chat.SanctionKind, at time.Time, by, reason string) error {
	delete(w.conn.known.bounds, user)
	return w.conn.each("lift a sanction", liftSanction, nil, millis(at), by, reason, user, string(kind))
}

// SetRole implements chat.Writer; a user that does not exist is chat.ErrMissing.
func (w chatWriter) SetRole(user string, role chat.Role) error {
	if w.hosted {
		return chat.Errorf(chat.CodeForbidden, "Roles are not given here, but by the site that this chat is part of.")
	}
	number, ok := userNumber(user)
	if !ok {
		return chat.ErrMissing
	}
	*w.accounts = true
	delete(w.conn.known.users, user)
	return w.conn.first("set a role", setRole, func(*row) {}, string(role), number)
}

// KeepRevision implements chat.Writer; a message that does not exist is chat.ErrMissing.
func (w chatWriter) KeepRevision(r chat.Revision) error {
	return w.conn.first("keep a revision", insertRevision, func(*row) {},
		r.RoomID, r.Seq, r.Rev, r.Text, r.HTML, mentionsText(r.Mentions), reactionsText(r.Reactions),
		millis(r.At), millis(r.EndedAt), r.EndedBy, r.Purge)
}

// DropRevision implements chat.Writer.
func (w chatWriter) DropRevision(room, seq, rev int64) error {
	return w.conn.each("drop a revision", deleteRevision, nil, room, seq, rev)
}

// InsertReport implements chat.Writer.
func (w chatWriter) InsertReport(r *chat.Report) error {
	return w.conn.first("insert a report", insertReport, func(row *row) { r.ID = row.int() },
		string(r.Kind), string(r.State), r.RoomID, r.Seq, r.Author.ID, r.Text, int64(r.Count), reasonsText(r.Reasons), r.Message,
		millis(r.At), string(r.Action), r.Note, resolverOf(*r), millis(r.ResolvedAt), r.ClientID, r.ReplyTo, r.Hash[:])
}

// UpdateReport implements chat.Writer; a report that does not exist is chat.ErrMissing.
func (w chatWriter) UpdateReport(r chat.Report) error {
	return w.conn.first("update a report", updateReport, func(*row) {},
		string(r.State), r.Seq, int64(r.Count), reasonsText(r.Reasons), r.Message, string(r.Action), r.Note,
		resolverOf(r), millis(r.ResolvedAt), r.ID)
}

// RecordReporter implements chat.Writer.
func (w chatWriter) RecordReporter(room, seq int64, user string) (first bool, err error) {
	err = w.conn.each("record a reporter", insertReporter, func(*row) { first = true }, room, seq, user)
	return first, err
}

// PutRule implements chat.Writer.
func (w chatWriter) PutRule(r *chat.Rule) error {
	values := []any{
		r.Name, string(r.Kind), string(r.Action), r.Off, listText(r.Words), r.Only, r.Pattern, int64(r.Most), int64(r.Seconds),
	}
	if r.ID != 0 {
		return w.conn.first("change a rule", updateRule, func(*row) {}, append(values, r.ID)...)
	}
	return w.conn.first("add a rule", insertRule, func(row *row) { r.ID = row.int() }, values...)
}

// DeleteRule implements chat.Writer.
func (w chatWriter) DeleteRule(id int64) error {
	return w.conn.first("delete a rule", deleteRule, func(*row) {}, id)
}

// InsertEntry implements chat.Writer.
func (w chatWriter) InsertEntry(e chat.Entry) error {
	w.conn.audited = true
	return w.conn.each("append to the audit log", insertEntry, nil,
		e.ID, millis(e.At), e.Actor.ID, e.Act, targetOf(e), e.Room, e.Seq, e.Reason, string(e.Before), string(e.After),
		e.Prev[:], e.Hash[:], strings.Join(wordsOf(e.Reason), ""))
}

// UpdateSent implements chat.Writer; what was not sent is chat.ErrMissing.
func (w chatWriter) UpdateSent(s chat.Sent) error {
	return w.conn.first("update a send", updateSent, func(*row) {}, s.Seq, s.UserID, s.ClientID)
}

// KeepLastPosts implements chat.Writer.
func (w chatWriter) KeepLastPosts(room, fromSeq int64) error {
	return w.conn.each("keep the last posts", keepLastPosts, nil, room, fromSeq)
}
