package main

import (
	"context"
	"log/slog"
	"net/http"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gofiber/fiber/v2"

	"roomline/realtime/chat"
)

func TestWhoSignsInIsKnownToPagesAndChat(t *testing.T) {
	nora := open(t, nil).as(t, "nora")
	if home := nora.sees("/"); !strings.Contains(home, `<a href="/account">Nora</a>`) {
		t.Errorf("the page does not know Nora: %s", home)
	}
	nora.line("/general").hears(`"user":{"id":"u_q2xd","name":"Nora","role":"member"}`)
}

func TestAForumsModeratorIsOneInTheChat(t *testing.T) {
	s := open(t, nil)
	s.as(t, "Olga").line("/admin").hears(`"name":"Olga","role":"moderator"`)
	s.as(t, "Nora").line("/admin").hears(`"code":"forbidden"`)
}

func TestATopicPageHasItsChat(t *testing.T) {
	s := open(t, nil)
	nora := s.as(t, "Nora")
	for range 2 {
		if text := nora.sees("/topics/1"); !strings.Contains(text, `<roomline-chat room="topic-1">`) {
			t.Errorf("the page has no chat: %s", text)
		}
	}
	page, err := s.chat.Service().History(t.Context(), chat.AsHost(), "topic-1", chat.HistoryQuery{})
	if err != nil {
		t.Fatal(err)
	}
	if len(page.Messages) != 1 || page.Messages[0].Kind != chat.KindSystem || page.Messages[0].Text != "Nora opened this topic." {
		t.Errorf("the chat begins with %+v", page.Messages)
	}
}

func TestANewTopicOpensItsRoom(t *testing.T) {
	s := open(t, nil)
	emil := s.as(t, "Emil")
	status, _ := emil.submit("/category/tools/new", "/category/tools", "title", strings.Repeat("A very long title. ", 6), "text", "Words.")
	if status != http.StatusSeeOther {
		t.Fatalf("a new topic is answered with %d", status)
	}
	room, err := s.chat.Service().Room(t.Context(), chat.AsHost(), "topic-5")
	if err != nil || room.Posts != 1 || !room.Unlisted {
		t.Errorf("the room is %+v, %v", room, err)
	}
	if status, text := emil.submit("/category/tools/new", "/category/tools", "title", "Win at our Casino", "text", "Words."); status != http.StatusUnprocessableEntity {
		t.Errorf("advertising is answered with %d %s", status, text)
	}
}

func TestAFormWithoutItsTokenIsRefused(t *testing.T) {
	nora := open(t, nil).as(t, "Nora")
	if status, _ := nora.do(http.MethodPost, "/signout", "", "application/x-www-form-urlencoded"); status != http.StatusForbidden {
		t.Errorf("a form of another site is answered with %d", status)
	}
	nora.sees("/account")
}

func TestAForumOfAnotherKindOfDatabaseIsToldWhy(t *testing.T) {
	db, err := openDatabase(filepath.Join(t.TempDir(), "forum.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := closeDatabase(db); err != nil {
			t.Error(err)
		}
	}()
	if err := db.Exec("PRAGMA journal_mode = DELETE").Error; err != nil {
		t.Fatal(err)
	}
	err = newForum(db, slog.New(slog.DiscardHandler), 1).openChat(context.Background())
	if err == nil || !strings.Contains(err.Error(), "_journal_mode=WAL") {
		t.Errorf("the error is %v", err)
	}
}

var _ fiber.Storage = sessionTable{}
