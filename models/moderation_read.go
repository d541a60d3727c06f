package models

import (
	"math"
	"strings"
	"time"
	"unicode"

	"roomline/realtime/chat"
)

// As in reader.go a parameter is +? where SQLite would look at its value.
const (
	sanctionColumns = "SELECT id, user_id, kind, reason, by_id, at, until, lifted_at, lifted_by, lift_reason FROM chat_sanctions "
	// Left to choose, SQLite would read all that the user ever had.
	selectRestrictions = sanctionColumns + "INDEXED BY chat_sanctions_one WHERE user_id = +? AND lifted_at = 0"
	selectSanctions    = sanctionColumns + "WHERE user_id = +? ORDER BY id DESC"

	// Who is restricted at a time, some of them twice.
	selectRestricted = "SELECT user_id FROM chat_sanctions WHERE lifted_at = 0 AND until = 0 UNION ALL " +
		"SELECT user_id FROM chat_sanctions WHERE lifted_at = 0 AND until > +?1"

	accountColumns           = "SELECT u.id, u.name, u.role, u.created_at, u.seen_at "
	selectAccount            = accountColumns + "FROM users u WHERE u.id = +?"
	selectAccounts           = accountColumns + "FROM users u WHERE u.name_key >= +? AND u.name_key < +? ORDER BY u.name_key LIMIT +?"
	selectRestrictedAccounts = accountColumns + "FROM users u WHERE u.id IN (" + selectRestricted + `)
AND +u.name_key >= +?2 AND +u.name_key < +?3 ORDER BY u.name_key LIMIT +?4`

	revisionColumns = `SELECT v.room_id, v.seq, v.rev, v.text, v.html, v.mentions, v.reactions, v.at, v.ended_at, v.ended_by, v.purge
FROM chat_revisions v `
	selectRevisions = revisionColumns + "WHERE v.room_id = +? AND v.seq = +? ORDER BY v.rev"
	selectPurged    = revisionColumns + isPurged + "ORDER BY v.room_id, v.seq LIMIT +?"
	countPurged     = "SELECT count(*) FROM chat_revisions v " + isPurged
	isPurged        = `WHERE v.author_id = +? AND v.purge = 1
AND NOT EXISTS (SELECT 1 FROM chat_revisions l WHERE l.room_id = v.room_id AND l.seq = v.seq AND l.rev > v.rev) `

	reportColumns = `SELECT t.id, t.kind, t.state, t.room_id, r.slug, t.seq, t.author_id, t.text, t.count, t.reasons, t.message, t.at,
	t.action, t.note, t.resolved_by, t.resolved_at, t.client_id, t.reply_to, t.hash
FROM chat_reports t JOIN chat_rooms r ON r.id = t.room_id `
	selectReport     = reportColumns + "WHERE t.id = +?"
	selectOpenReport = reportColumns + "WHERE t.room_id = +? AND t.seq = +? AND t.state = 'open' AND t.kind <> 'held'"
	selectReports    = reportColumns + "WHERE t.id < +? AND (t.author_id <> ? OR t.kind = 'held') ORDER BY t.id DESC LIMIT +?"
	selectReportsIn  = reportColumns + "WHERE t.state = +?1 AND t.id < +?2 AND (t.author_id <> ?4 OR t.kind = 'held') ORDER BY t.id DESC LIMIT +?3"
	selectHeldAs     = reportColumns + "WHERE t.author_id = +? AND t.client_id = +? AND t.kind = 'held'"
	selectHeldIn     = reportColumns + "WHERE t.author_id = +? AND t.room_id = +? AND t.kind = 'held' AND t.state = 'open' ORDER BY t.id"

	selectRules = "SELECT id, name, kind, action, off, words, only, pattern, most, seconds FROM chat_rules ORDER BY id"

	auditColumns = `SELECT a.id, a.at, a.actor_id, a.act, a.target_id, a.room, a.seq, a.reason, a.before, a.after, a.prev, a.hash
FROM chat_audit a `
	selectLastEntry    = auditColumns + "WHERE a.id = (SELECT max(id) FROM chat_audit)"
	selectEntriesAfter = auditColumns + "WHERE a.id > +? ORDER BY a.id LIMIT +?"
	// Their parameters are: below which id, the acts from and to, the words, how many, the user.
	selectEntries       = auditColumns + auditFits + "ORDER BY a.id DESC LIMIT +?5"
	selectEntriesOfAct  = auditColumns + auditFits + "AND a.act = +?2 ORDER BY a.id DESC LIMIT +?5"
	selectEntriesOfUser = auditColumns + auditFits + "AND a.actor_id = +?6 UNION ALL " +
		auditColumns + auditFits + "AND a.target_id = +?6 AND a.target_id <> '' AND a.actor_id <> +?6 ORDER BY 1 DESC LIMIT +?5"
	auditFits = `WHERE a.id < +?1 AND +a.act >= +?2 AND +a.act < +?3
AND NOT EXISTS (SELECT 1 FROM json_each(+?4) WHERE instr(a.words, value) = 0) `

	selectLastPost = "SELECT sent_at FROM chat_last_posts WHERE room_id = +? AND user_id = +?"
	selectSentBy   = "SELECT client_id, room_id, seq, hash FROM chat_sends WHERE user_id = +? AND client_id > +? ORDER BY client_id LIMIT +?"
	selectLatestOf = messageColumns + `FROM chat_documents d
CROSS JOIN chat_rooms r ON r.id = d.room_id
CROSS JOIN chat_messages m ON m.room_id = d.room_id AND m.seq = d.seq
WHERE d.author_id = +?1 AND d.room_id IN (SELECT value FROM json_each(+?2)) AND m.deleted_at = 0
ORDER BY d.docid DESC LIMIT +?3`
)

// Restrictions implements chat.Reader.
func (r reader) Restrictions(user string) (chat.Restrictions, error) {
	var found chat.Restrictions
	err := r.conn.each("read a user's restrictions", selectRestrictions, func(row *row) {
		switch s := row.sanction(); s.Kind {
		case chat.SanctionMute:
			found.Mute = s
		case chat.SanctionBan:
			found.Ban = s
		}
	}, user)
	return found, err
}

// Sanctions implements chat.Reader.
func (r reader) Sanctions(user string) ([]chat.Sanction, error) {
	var sanctions []chat.Sanction
	err := r.conn.each("read a user's sanctions", selectSanctions, func(row *row) { sanctions = append(sanctions, row.sanction()) }, user)
	return sanctions, err
}

// Account implements chat.Reader.
func (r reader) Account(id string) (account chat.Account, err error) {
	if r.hosted {
		return account, chat.ErrMissing
	}
	number, ok := userNumber(id)
	if !ok {
		return account, chat.ErrMissing
	}
	err = r.conn.first("read an account", selectAccount, func(row *row) { account = row.account() }, number)
	return account, err
}

// Accounts implements chat.Reader.
func (r reader) Accounts(prefix, after string, limit int, restricted time.Time) ([]chat.Account, error) {
	from, to := fold(prefix), fold(prefix)+string(unicode.MaxRune)
	if after != "" {
		from = max(from, fold(after)+"\x00")
	}
	if r.hosted {
		return nil, nil
	}
	var accounts []chat.Account
	scan := func(row *row) { accounts = append(accounts, row.account()) }
	if restricted.IsZero() {
		err := r.conn.each("list accounts", selectAccounts, scan, from, to, int64(limit))
		return accounts, err
	}
	err := r.conn.each("list restricted accounts", selectRestrictedAccounts, scan, restricted.UnixMilli(), from, to, int64(limit))
	return accounts, err
}

// Revisions implements chat.Reader.
func (r reader) Revisions(room, seq int64) ([]chat.Revision, error) {
	return r.revisions("read revisions", selectRevisions, room, seq)
}

// Purged implements chat.Reader.
func (r reader) Purged(author string, limit int) (last []chat.Revision, total int, err error) {
	if last, err = r.revisions("read what was purged", selectPurged, author, int64(limit)); err != nil {
		return nil, 0, err
	}
	err = r.conn.first("count what was purged", countPurged, func(row *row) { total = int(row.int()) }, author)
	return last, total, err
}

func (r reader) revisions(doing, query string, args ...any) ([]chat.Revision, error) {
	var revisions []chat.Revision
	err := r.conn.each(doing, query, func(row *row) { revisions = append(revisions, row.revision()) }, args...)
	return revisions, err
}

// Report implements chat.Reader.
func (r reader) Report(id int64) (chat.Report, error) {
	return r.report("read a report", selectReport, id)
}

// OpenReport implements chat.Reader.
func (r reader) OpenReport(room, seq int64) (chat.Report, error) {
	return r.report("read a message's report", selectOpenReport, room, seq)
}

// HeldAs implements chat.Reader.
func (r reader) HeldAs(user, clientID string) (chat.Report, error) {
	return r.report("read what is held", selectHeldAs, user, clientID)
}

func (r reader) report(doing, query string, args ...any) (report chat.Report, err error) {
	err = r.conn.first(doing, query, func(row *row) { report = row.report() }, args...)
	return report, err
}

// HeldIn implements chat.Reader.
func (r reader) HeldIn(room int64, user string) ([]chat.Report, error) {
	return r.reports("list what is held", selectHeldIn, user, room)
}

// Reports implements chat.Reader.
func (r reader) Reports(state chat.ReportState, before int64, limit int, except string) ([]chat.Report, error) {
	if state == "" {
		return r.reports("list reports", selectReports, below(before), except, int64(limit))
	}
	return r.reports("list reports of a state", selectReportsIn, string(state), below(before), int64(limit), except)
}

func (r reader) reports(doing, query string, args ...any) ([]chat.Report, error) {
	var reports []chat.Report
	err := r.conn.each(doing, query, func(row *row) { reports = append(reports, row.report()) }, args...)
	return reports, err
}

// below is the bound of a page that ends before a number, 0 for the latest.
func below(before int64) int64 {
	if before == 0 {
		return math.MaxInt64
	}
	return before
}

// Rules implements chat.Reader.
func (r reader) Rules() ([]chat.Rule, error) {
	var rules []chat.Rule
	err := r.conn.each("read rules", selectRules, func(row *row) { rules = append(rules, row.rule()) })
	return rules, err
}

// LastEntry implements chat.Reader.
func (r reader) LastEntry() (entry chat.Entry, err error) {
	err = r.conn.first("read the last entry", selectLastEntry, func(row *row) { entry = row.entry() })
	return entry, err
}

// Entries implements chat.Reader.
func (r reader) Entries(q chat.AuditQuery) ([]chat.Entry, error) {
	from, to := actRange(q.Act)
	args := []any{below(q.Before), from, to, jsonText(wordsOf(q.Query)), int64(q.Limit)}
	switch {
	case q.User != "":
		return r.entries("list a user's entries", selectEntriesOfUser, append(args, q.User)...)
	case q.Act != "" && !strings.HasSuffix(q.Act, ":"):
		return r.entries("list an act's entries", selectEntriesOfAct, args...)
	}
	return r.entries("list entries", selectEntries, args...)
}

// EntriesAfter implements chat.Reader.
func (r reader) EntriesAfter(after int64, limit int) ([]chat.Entry, error) {
	return r.entries("read entries", selectEntriesAfter, after, int64(limit))
}

func (r reader) entries(doing, query string, args ...any) ([]chat.Entry, error) {
	var entries []chat.Entry
	err := r.conn.each(doing, query, func(row *row) { entries = append(entries, row.entry()) }, args...)
	return entries, err
}

// LastPost implements chat.Reader.
func (r reader) LastPost(room int64, user string) (at time.Time, err error) {
	err = r.conn.each("read a user's last post", selectLastPost, func(row *row) { at = fromMillis(row.int()) }, room, user)
	return at, err
}

// SentBy implements chat.Reader.
func (r reader) SentBy(user, after string, limit int) ([]chat.Sent, error) {
	var list []chat.Sent
	err := r.conn.each("read what a user sent", selectSentBy, func(row *row) {
		sent := chat.Sent{UserID: user, ClientID: row.text(), RoomID: row.int(), Seq: row.int()}
		row.fill(sent.Hash[:])
		list = append(list, sent)
	}, user, after, int64(limit))
	return list, err
}

// LatestOf implements chat.Reader.
func (r reader) LatestOf(author string, rooms []int64, limit int) ([]chat.Message, error) {
	return r.messages("read a user's latest messages", selectLatestOf, author, jsonText(rooms), int64(limit))
}
