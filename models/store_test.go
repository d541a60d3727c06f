package models

import (
	"path/filepath"
	"strings"
	"testing"

	"gorm.io/gorm"

	"roomline/realtime/chat"
	"roomline/realtime/chat/chattest"
)

func TestStoreKeepsTheContract(t *testing.T) {
	open := func(t *testing.T) chat.Store { return openTest(t).Store() }
	add := func(t *testing.T, s chat.Store, name string, role chat.Role) chat.User {
		return addUser(t, s.(*Store).db, name, role).Chat()
	}
	chattest.RunStore(t, open, add)
	chattest.RunNames(t, open, add)
}

func TestHotQueriesUseTheirIndexes(t *testing.T) {
	db := openTest(t)
	for _, c := range []struct {
		name, query string
		args        []any
		use         string
	}{
		{"room by slug", selectRoom, []any{"lobby"}, "USING INDEX sqlite_autoindex_chat_rooms_1 (slug=?)"},
		{"rooms of a space", selectRooms, []any{"general"}, "SEARCH r USING INDEX chat_rooms_space (space=?)"},
		{"rooms and their reader", selectRoomsOf, []any{"7", "general"}, "SEARCH p USING PRIMARY KEY (user_id=? AND room_id=?) LEFT-JOIN"},
		{"rooms and their members", selectRoomsOf, []any{"7", "general"}, "SEARCH b USING PRIMARY KEY (room_id=? AND user_id=?) LEFT-JOIN"},
		{"rooms and unread mentions", selectRoomsOf, []any{"7", "general"}, "SEARCH n USING PRIMARY KEY (user_id=? AND room_id=? AND seq>?)"},
		{"latest page of a join, older history", selectBefore, []any{1, 100, 50}, "SEARCH m USING PRIMARY KEY (room_id=? AND seq<?)"},
		{"newer history", selectAfter, []any{1, 100, 50}, "SEARCH m USING PRIMARY KEY (room_id=? AND seq>?)"},
		{"replay of what was posted", selectChanges, []any{1, 100, 501}, "SEARCH m USING PRIMARY KEY (room_id=? AND seq>?)"},
		{"replay of what was changed", selectChanges, []any{1, 100, 501}, "SEARCH m USING INDEX chat_messages_changed (room_id=? AND rev>?)"},
		{"replay of both", selectChanges, []any{1, 100, 501}, "MERGE (UNION ALL)"},
		{"one message", selectMessage, []any{1, 100}, "SEARCH m USING PRIMARY KEY (room_id=? AND seq=?)"},
		{"last post", selectLastPost, []any{1, "7"}, "SEARCH chat_last_posts USING PRIMARY KEY (room_id=? AND user_id=?)"},
		{"sent", selectSent, []any{"7", "abcdefgh"}, "USING PRIMARY KEY (user_id=? AND client_id=?)"},
		{"read pointer", selectStanding, []any{"7", 1}, "SEARCH p USING PRIMARY KEY (user_id=? AND room_id=?)"},
		{"unread mentions", selectStanding, []any{"7", 1}, "SEARCH n USING PRIMARY KEY (user_id=? AND room_id=? AND seq>?)"},
		{"unread messages", selectStanding, []any{"7", 1}, "SEARCH m USING PRIMARY KEY (room_id=? AND seq>?)"},
		{"unread messages of all rooms", selectRoomsOf, []any{"7", "general"}, "SEARCH m USING PRIMARY KEY (room_id=? AND seq>?)"},
		{"pointers of many readers", selectPointers, []any{1, "[]"}, "SEARCH p USING PRIMARY KEY (user_id=? AND room_id=?)"},
		{"old messages", selectOldest, []any{1, 100, 200}, "SEARCH chat_messages USING PRIMARY KEY (room_id=? AND seq<?)"},
		{"mentions of old messages", purgeMarks, []any{1, 100}, "SEARCH chat_mentions USING COVERING INDEX chat_mentions_message (room_id=? AND seq<?)"},
		{"user by name", selectNamed, []any{"ada"}, "(name_key=?)"},
		{"users by the beginning of their name", selectFound, []any{"a", "b", 10}, "(find_key>? AND find_key<?)"},
		{"mentions of a message", deleteMentions, []any{1, 5}, "SEARCH chat_mentions USING COVERING INDEX chat_mentions_message (room_id=? AND seq=?)"},
		{"user", selectUser, []any{7}, "USING INTEGER PRIMARY KEY (rowid=?)"},
		{"users", selectUsers, []any{"[1,2]"}, "SEARCH users USING INTEGER PRIMARY KEY (rowid=?)"},
		{"search leads with the words, newest first", selectFoundWords, []any{"word", 5, "[1]", 10}, ":DESC"},
		{"search looks the messages up", selectFoundWords, []any{"word", 5, "[1]", 10}, "SEARCH m USING PRIMARY KEY (room_id=? AND seq=?)"},
		{"search looks the rooms up", selectFoundWords, []any{"word", 5, "[1]", 10}, "SEARCH r USING INTEGER PRIMARY KEY (rowid=?)"},
		{"document of a message", selectDocument, []any{1, 5}, "SEARCH chat_documents USING COVERING INDEX sqlite_autoindex_chat_documents_1 (room_id=? AND seq=?)"},
		{"number of a document", lastDocument, []any{1, 5}, "SEARCH chat_documents USING INTEGER PRIMARY KEY (rowid>? AND rowid<?)"},
		{"session", selectSession, []any{make([]byte, 32)}, "SEARCH s USING INDEX sqlite_autoindex_sessions_1 (token_hash=?)"},
		{"use of a session", selectUse, []any{1, 7}, "SEARCH sessions USING INTEGER PRIMARY KEY (rowid=?)"},
		{"purge", purgeSessions, []any{1, 1, 10}, "SEARCH sessions USING INDEX sessions_seen (seen_at<?)"},
	} {
		t.Run(c.name, func(t *testing.T) { wantPlan(t, db, c.use, c.query, c.args...) })
	}
}

// wantPlan reports a query that is not run so, sorts, or reads a whole table.
func wantPlan(t *testing.T, db *DB, use, query string, args ...any) {
	t.Helper()
	plan := explain(t, db, query, args...)
	if !strings.Contains(plan, use) {
		t.Errorf("the plan lacks %q:\n%s", use, plan)
	}
	if strings.Contains(plan, "TEMP B-TREE") {
		t.Errorf("the plan sorts:\n%s", plan)
	}
	for line := range strings.Lines(plan) {
		// What is counted of a subquery is limited by it.
		if strings.HasPrefix(line, "SCAN") && !strings.HasPrefix(line, "SCAN (subquery") && !strings.Contains(line, "VIRTUAL TABLE INDEX 1:") && !strings.Contains(line, "json_each") && !strings.Contains(line, "VIRTUAL TABLE INDEX 262146:DESC") {
			t.Errorf("the plan reads a whole table:\n%s", plan)
		}
	}
}

func explain(t *testing.T, db *DB, query string, args ...any) string {
	t.Helper()
	var steps []struct{ Detail string }
	err := db.view(t.Context(), func(tx *gorm.DB) error {
		return tx.Raw("EXPLAIN QUERY PLAN "+query, args...).Scan(&steps).Error
	})
	if err != nil {
		t.Fatal(err)
	}
	var plan strings.Builder
	for _, step := range steps {
		plan.WriteString(step.Detail + "\n")
	}
	return plan.String()
}

func TestAfterCloseEverythingIsUnavailable(t *testing.T) {
	db, err := Open(t.Context(), Config{Path: filepath.Join(t.TempDir(), "roomline.db")})
	if err != nil {
		t.Fatal(err)
	}
	if err := db.Ping(t.Context()); err != nil {
		t.Errorf("ping before: %v", err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Errorf("second close: %v", err)
	}
	ran := false
	wantCode(t, db.Store().Read(t.Context(), func(chat.Reader) error { ran = true; return nil }), chat.CodeUnavailable)
	wantCode(t, db.Store().Write(t.Context(), func(chat.Writer) error { ran = true; return nil }, nil), chat.CodeUnavailable)
	wantCode(t, db.Ping(t.Context()), chat.CodeUnavailable)
	if ran {
		t.Error("a function ran on a closed database")
	}
}

func TestReadsAreCounted(t *testing.T) {
	db := openTest(t)
	ada := addUser(t, db, "ada", chat.RoleOwner)
	token, _, err := db.StartSession(t.Context(), ada.ID, Meta{})
	if err != nil {
		t.Fatal(err)
	}
	service := chat.New(chat.Config{Store: db.Store(), Limits: chat.Limits{SendRate: -1, SearchRate: -1, PageSize: -1, MaxPageSize: -1, ReplayCap: -1, TextLength: -1}})
	actor := chat.Actor{ID: ada.Chat().ID, Space: chat.SpaceGeneral}
	for _, c := range []struct {
		name            string
		do              func() error
		reads, messages uint64
	}{
		{"a session", func() error { _, _, err := db.FindSession(t.Context(), token); return err }, 1, 0},
		{"the rooms of a space", func() error { _, err := service.Rooms(t.Context(), actor); return err }, 1, 0},
		{"a room", func() error { _, err := service.Room(t.Context(), actor, "lobby"); return err }, 1, 0},
		{"a room and its messages", func() error { _, err := service.Join(t.Context(), actor, "lobby", nil); return err }, 1, 1},
		{"the first message sent: the filter is read", func() error {
			_, err := service.Send(t.Context(), actor, chat.Draft{Room: "lobby", ID: "abcdefg0", Text: "Hi"})
			return err
		}, 1, 0},
		{"a message sent", func() error {
			_, err := service.Send(t.Context(), actor, chat.Draft{Room: "lobby", ID: "abcdefgh", Text: "Hi"})
			return err
		}, 0, 0},
		{"a message sent again", func() error {
			_, err := service.Send(t.Context(), actor, chat.Draft{Room: "lobby", ID: "abcdefgh", Text: "Hi"})
			return err
		}, 0, 1},
	} {
		reads, messages := db.Reads(), db.MessageReads()
		if err := c.do(); err != nil {
			t.Errorf("%s: %v", c.name, err)
		}
		if reads, messages = db.Reads()-reads, db.MessageReads()-messages; reads != c.reads || messages != c.messages {
			t.Errorf("%s: %d reads and %d of messages, want %d and %d", c.name, reads, messages, c.reads, c.messages)
		}
	}
}
