package models

import (
	"errors"
	"strings"
	"testing"
	"time"

	"roomline/realtime/chat"
)

// moderate asks for all that moderators do, once for a message.
func moderate(t *testing.T, db *DB, by chat.User, m chat.Message, i int64) error {
	now := time.Now()
	read := func(r chat.Reader) error {
		_, err1 := r.Restrictions(by.ID)
		_, err2 := r.Accounts("a", "", int(i), now)
		_, err3 := r.Reports("", i, 10, "")
		_, err4 := r.Reports(chat.ReportOpen, i, 10, "")
		_, err5 := r.HeldIn(m.RoomID, by.ID)
		_, err6 := r.Revisions(m.RoomID, m.Seq)
		_, _, err7 := r.Purged(by.ID, int(i))
		_, err8 := r.Entries(chat.AuditQuery{Before: i, Limit: 5, Query: "a b"})
		_, err9 := r.Entries(chat.AuditQuery{Before: i, Limit: 5, User: by.ID, Act: "a"})
		_, err10 := r.Entries(chat.AuditQuery{Before: i, Limit: 5, Act: "member:mute"})
		_, err11 := r.LatestOf(by.ID, []int64{i}, 5)
		_, err12 := r.SentBy(by.ID, m.ID, 5)
		_, err13 := r.Accounts("a", "", int(i), time.Time{})
		return errors.Join(err1, err2, err3, err4, err5, err6, err7, err8, err9, err10, err11, err12, err13)
	}
	err := db.Store().Write(t.Context(), func(w chat.Writer) error {
		r := chat.Report{Kind: chat.ReportMember, State: chat.ReportOpen, RoomID: m.RoomID, Seq: m.Seq, At: now}
		held := chat.Report{Kind: chat.ReportHeld, State: chat.ReportOpen, RoomID: m.RoomID, Author: by, ClientID: m.ID, At: now}
		_, err := w.RecordReporter(m.RoomID, m.Seq, by.ID)
		_, held2 := w.HeldAs(by.ID, "other-id")
		if !errors.Is(held2, chat.ErrMissing) {
			return held2
		}
		return errors.Join(err,
			w.AddSanction(&chat.Sanction{User: "someone", Kind: chat.SanctionMute, At: now}),
			w.KeepRevision(chat.Revision{RoomID: m.RoomID, Seq: m.Seq, Rev: m.Rev + 1000*(i+1), Purge: i%2 == 0}),
			w.InsertReport(&r), w.InsertReport(&held), w.UpdateReport(held),
			w.InsertEntry(chat.Entry{ID: i + 1, At: now, Act: "a"}),
			w.KeepLastPosts(m.RoomID, i), read(w))
	}, nil)
	return errors.Join(err, db.Store().Read(t.Context(), read))
}

func TestQueriesOfModerationUseTheirIndexes(t *testing.T) {
	db := openTest(t)
	for _, c := range []struct {
		name, query string
		args        []any
		use         string
	}{
		{"restrictions", selectRestrictions, []any{"7"}, "SEARCH chat_sanctions USING INDEX chat_sanctions_one (user_id=?)"},
		{"sanctions of a user", selectSanctions, []any{"7"}, "SEARCH chat_sanctions USING INDEX chat_sanctions_user (user_id=?)"},
		{"sanction to lift", liftSanction, []any{1, "7", "", "8", "mute"}, "SEARCH chat_sanctions USING INDEX chat_sanctions_one (user_id=? AND kind=?)"},
		{"who is restricted", selectRestricted, []any{1}, "SEARCH chat_sanctions USING COVERING INDEX chat_sanctions_until (until>?)"},
		{"accounts", selectAccounts, []any{"a", "b", 9}, "SEARCH u USING INDEX sqlite_autoindex_users_1 (name_key>? AND name_key<?)"},
		{"sessions of a user", dropSessions, []any{7}, "SEARCH sessions USING INDEX sessions_user (user_id=?)"},
		{"revisions", selectRevisions, []any{1, 5}, "SEARCH v USING PRIMARY KEY (room_id=? AND seq=?)"},
		{"purged messages", selectPurged, []any{"7", 9}, "SEARCH v USING INDEX chat_revisions_purge (author_id=?)"},
		{"number of purged messages", countPurged, []any{"7"}, "SEARCH v USING COVERING INDEX chat_revisions_purge (author_id=?)"},
		{"open report", selectOpenReport, []any{1, 5}, "SEARCH t USING INDEX chat_reports_open (room_id=? AND seq=?)"},
		{"reports", selectReports, []any{9, "7", 10}, "SEARCH t USING INTEGER PRIMARY KEY (rowid<?)"},
		{"reports of a state", selectReportsIn, []any{"open", 9, 10, "7"}, "SEARCH t USING INDEX chat_reports_state (state=? AND rowid<?)"},
		{"held by its id", selectHeldAs, []any{"7", "abcdefgh"}, "SEARCH t USING INDEX chat_reports_held (author_id=? AND client_id=?)"},
		{"held in a room", selectHeldIn, []any{"7", 1}, "SEARCH t USING INDEX chat_reports_waiting (author_id=? AND room_id=?)"},
		{"held by the standing", selectStanding, []any{"7", 1}, "SEARCH h USING COVERING INDEX chat_reports_waiting (author_id=? AND room_id=?)"},
		{"held by the rooms", selectRoomsOf, []any{"7", "general"}, "SEARCH h USING COVERING INDEX chat_reports_waiting (author_id=? AND room_id=?)"},
		{"last entry", selectLastEntry, nil, "SEARCH a USING INTEGER PRIMARY KEY (rowid=?)"},
		{"entries in order", selectEntriesAfter, []any{1, 9}, "SEARCH a USING INTEGER PRIMARY KEY (rowid>?)"},
		{"entries", selectEntries, []any{9, "", "~", "[]", 9}, "SEARCH a USING INTEGER PRIMARY KEY (rowid<?)"},
		{"entries of an act", selectEntriesOfAct, []any{9, "", "~", "[]", 9}, "SEARCH a USING INDEX chat_audit_act (act=? AND rowid<?)"},
		{"entries by a user", selectEntriesOfUser, []any{9, "", "~", "[]", 9, "7"}, "SEARCH a USING INDEX chat_audit_actor (actor_id=? AND rowid<?)"},
		{"entries about a user", selectEntriesOfUser, []any{9, "", "~", "[]", 9, "7"}, "SEARCH a USING INDEX chat_audit_target (target_id=? AND rowid<?)"},
		{"entries of a user", selectEntriesOfUser, []any{9, "", "~", "[]", 9, "7"}, "MERGE (UNION ALL)"},
		{"sent by a user", selectSentBy, []any{"7", "a", 9}, "SEARCH chat_sends USING PRIMARY KEY (user_id=? AND client_id>?)"},
		{"latest of a user", selectLatestOf, []any{"7", "[1]", 9}, "SEARCH d USING INDEX chat_documents_author (author_id=?)"},
		{"messages of a user", selectLatestOf, []any{"7", "[1]", 9}, "SEARCH m USING PRIMARY KEY (room_id=? AND seq=?)"},
		{"revisions of old messages", purgeRevisions, []any{1, 5}, "SEARCH chat_revisions USING PRIMARY KEY (room_id=? AND seq<?)"},
		{"what was rejected of old", purgeRejected, []any{1, 5}, "SEARCH chat_reports USING INDEX chat_reports_texts (room_id=? AND seq=?)"},
		{"reports of old messages", purgeReports, []any{1, 5}, "SEARCH chat_reports USING INDEX chat_reports_texts (room_id=? AND seq>? AND seq<?)"},
		{"reads of a user", selectReadsOf, []any{"7"}, "SEARCH chat_reads USING"},
		{"revisions of a message to drop", deleteRevisions, []any{1, 5}, "SEARCH chat_revisions USING PRIMARY KEY (room_id=? AND seq=?)"},
		{"texts of what is held", eraseHeld, []any{1, "7"}, "SEARCH chat_reports USING INDEX chat_reports_waiting (author_id=?)"},
		{"last entry to deliver", selectUndeliveredAudit, nil, "SEARCH a"},
		{"reporters of old messages", purgeReporters, []any{1, 5}, "SEARCH chat_reporters USING PRIMARY KEY (room_id=? AND seq<?)"},
	} {
		t.Run(c.name, func(t *testing.T) { wantPlan(t, db, c.use, c.query, c.args...) })
	}
	// They are sorted: there are few of them.
	plan := explain(t, db, selectRestrictedAccounts, 1, "a", "b", 9)
	if !strings.Contains(plan, "SEARCH u USING INTEGER PRIMARY KEY (rowid=?)") || strings.Contains(plan, "SCAN") {
		t.Errorf("restricted accounts are read so:\n%s", plan)
	}
}
