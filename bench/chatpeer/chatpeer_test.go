package chatpeer

import (
	"io"
	"log/slog"
	"path/filepath"
	"testing"

	"roomline/models"
	"roomline/realtime/chat"
)

func TestAFurnishedDatabaseIsOneThatRoomlineServes(t *testing.T) {
	path := filepath.Join(t.TempDir(), "chat.db")
	tokens, err := Furnish(t.Context(), path, Plan{Users: 3, Rooms: 2, Messages: 120, Text: func(int) string { return "hello" }})
	if err != nil {
		t.Fatal(err)
	}
	db, err := models.Open(t.Context(), models.Config{Path: path, Logger: slog.New(slog.NewTextHandler(io.Discard, nil))})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	}()
	if len(tokens) != 3 {
		t.Fatalf("there are %d sessions for 3 users", len(tokens))
	}
	service := chat.New(chat.Config{Store: db.Store(), Limits: chat.Limits{TextLength: 100, ReplayCap: 500, PageSize: 50, MaxPageSize: 100, SendRate: -1}})
	for i, token := range tokens {
		_, user, err := db.FindSession(t.Context(), token)
		if err != nil {
			t.Fatal(err)
		}
		if user.Role != chat.RoleMember {
			t.Errorf("%s is %s, whom no limit holds", user.Name, user.Role)
		}
		actor := chat.Actor{ID: user.Chat().ID, Space: chat.SpaceGeneral}
		joined, err := service.Join(t.Context(), actor, RoomName(1), nil)
		if err != nil {
			t.Fatal(err)
		}
		if len(joined.Messages) != 50 || joined.Messages[49].Seq != int64(60+i) || !joined.HasOlder {
			t.Errorf("%s finds %d messages", user.Name, len(joined.Messages))
		}
		sent, err := service.Send(t.Context(), actor, chat.Draft{Room: RoomName(1), ID: "another-one", Text: "hello again"})
		if err != nil || sent.Seq != int64(61+i) {
			t.Errorf("%s sends message %d: %v", user.Name, sent.Seq, err)
		}
	}
}
