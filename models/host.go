package models

import (
	"slices"
	"time"

	"roomline/realtime/chat"
)

const (
	// A message has few reactions, and most have none: SQLite looks at each message once.
	selectReactedBy = selectMessages0 + `WHERE m.reactions <> '' AND (m.room_id, m.seq) > (+?2, +?3)
AND EXISTS (SELECT 1 FROM json_each(nullif(m.reactions, '')) e, json_each(e.value) u WHERE u.key > 0 AND u.value = +?1)
ORDER BY m.room_id, m.seq LIMIT +?4`
	selectMessages0 = messageColumns + "FROM chat_messages m JOIN chat_rooms r ON r.id = m.room_id "

	selectReadsOf = "SELECT room_id, seq FROM chat_reads WHERE user_id = +?"

	selectReportedBy = reportColumns + `WHERE EXISTS (SELECT 1 FROM json_each(nullif(t.reasons, '')) e
	WHERE json_extract(e.value, '$.u') = +?) ORDER BY t.id`

	selectUndelivered = roomColumns + `, ifnull(d.rev, 0) FROM chat_rooms r LEFT JOIN chat_delivered d ON d.room_id = r.id
WHERE r.head > ifnull(d.rev, 0) ORDER BY r.head - ifnull(d.rev, 0), r.id LIMIT +?`
	selectUndeliveredAudit = `SELECT ifnull(max(a.id), 0), ifnull((SELECT rev FROM chat_delivered WHERE room_id = 0), 0) FROM chat_audit a`
	putDelivered           = `INSERT INTO chat_delivered (room_id, rev) VALUES (?, ?)
ON CONFLICT (room_id) DO UPDATE SET rev = excluded.rev`

	// One part, in which nothing is that no document has.
	dropWords = "INSERT INTO chat_words (chat_words) VALUES ('optimize')"

	deleteRevisions = "DELETE FROM chat_revisions WHERE room_id = ? AND seq = ?"

	eraseReports = "UPDATE chat_reports SET text = '' WHERE author_id = +?"
	eraseHeld    = `UPDATE chat_reports SET state = 'resolved', action = 'reject', resolved_at = ?
WHERE author_id = +? AND kind = 'held' AND state = 'open'`
	eraseReasons = "UPDATE chat_reports SET reasons = ? WHERE id = ?"
)

// erasures forget what is kept of a user, who is their parameter.
func erasures() []string {
	return []string{
		"DELETE FROM chat_reads WHERE user_id = ?",
		"DELETE FROM chat_entered WHERE user_id = ?",
		"DELETE FROM chat_levels WHERE user_id = ?",
		"DELETE FROM chat_mentions WHERE user_id = ?",
		"DELETE FROM chat_last_posts WHERE user_id = ?",
		"DELETE FROM chat_members WHERE user_id = ?",
		"DELETE FROM chat_sanctions WHERE user_id = ?",
		eraseReports,
	}
}

// Restricted implements chat.Reader.
func (r reader) Restricted(at time.Time, limit int) ([]string, error) {
	var ids []string
	err := r.conn.each("list who is restricted", selectRestricted, func(row *row) { ids = append(ids, row.text()) }, at.UnixMilli())
	slices.Sort(ids)
	ids = slices.Compact(ids)
	return ids[:min(len(ids), limit)], err
}

// ReactedBy implements chat.Reader.
func (r reader) ReactedBy(user string, after chat.Place, limit int) ([]chat.Message, error) {
	return r.messages("read what a user reacted to", selectReactedBy, user, after.Room, after.Seq, int64(limit))
}

// ReadsOf implements chat.Reader.
func (r reader) ReadsOf(user string) (map[int64]int64, error) {
	reads := make(map[int64]int64)
	err := r.conn.each("read a user's pointers", selectReadsOf, func(row *row) { room := row.int(); reads[room] = row.int() }, user)
	return reads, err
}

// ReportedBy implements chat.Reader.
func (r reader) ReportedBy(user string) ([]chat.Report, error) {
	return r.reports("list what a user reported", selectReportedBy, user)
}

// Undelivered implements chat.Reader.
func (r reader) Undelivered(limit int) ([]chat.Backlog, error) {
	var list []chat.Backlog
	err := r.conn.first("look at the audit log", selectUndeliveredAudit, func(row *row) {
		if b := (chat.Backlog{Room: chat.Room{Head: row.int()}, Delivered: row.int()}); b.Room.Head > b.Delivered {
			list = append(list, b)
		}
	})
	if err != nil {
		return nil, err
	}
	err = r.conn.each("look for undelivered changes", selectUndelivered, func(row *row) {
		list = append(list, chat.Backlog{Room: row.room(), Delivered: row.int()})
	}, int64(limit-len(list)))
	return list, err
}

// Delivered implements chat.Writer.
func (w chatWriter) Delivered(room, rev int64) error {
	return w.conn.each("note what was delivered", putDelivered, nil, room, rev)
}

// DropRevisions implements chat.Writer.
func (w chatWriter) DropRevisions(room, seq int64) error {
	return w.conn.each("drop revisions", deleteRevisions, nil, room, seq)
}

// DropWords implements chat.Writer.
func (w chatWriter) DropWords() error {
	return w.conn.exec("drop words", dropWords)
}

// EraseUser implements chat.Writer.
func (w chatWriter) EraseUser(user string, at time.Time) error {
	if err := w.conn.each("reject what is held", eraseHeld, nil, millis(at), user); err != nil {
		return err
	}
	for _, statement := range erasures() {
		if err := w.conn.each("erase a user", statement, nil, user); err != nil {
			return err
		}
	}
	delete(w.conn.known.bounds, user)
	reports, err := w.ReportedBy(user)
	if err != nil {
		return err
	}
	for _, report := range reports {
		for i := range report.Reasons {
			if report.Reasons[i].User.ID == user {
				report.Reasons[i].Text = ""
			}
		}
		if err := w.conn.each("erase reasons", eraseReasons, nil, reasonsText(report.Reasons), report.ID); err != nil {
			return err
		}
	}
	return nil
}
