package models

import (
	"fmt"
	"strings"
	"testing"

	"github.com/mattn/go-sqlite3"

	"roomline/realtime/chat"
)

func TestTheCauseOfARefusalIsLoggedOnce(t *testing.T) {
	var log lines
	db := openAt(t, Config{Path: fresh(t), Exclusive: true, PasswordMemory: 64, Logger: textLogger(&log)})
	fail := func(*conn) error {
		return fmt.Errorf("wrapped: %w", fault("read", sqlite3.Error{Code: sqlite3.ErrIoErr}))
	}
	for what, do := range map[string]func(func(*conn) error) error{
		"reads": func(fn func(*conn) error) error { return db.ask(t.Context(), fn) },
		"writes": func(fn func(*conn) error) error {
			return onWriter(t, db, func(c *conn) error { c.changed = true; return fn(c) })
		},
	} {
		for range 3 {
			wantCode(t, do(fail), chat.CodeUnavailable)
		}
		if err := do(func(*conn) error { return nil }); err != nil {
			t.Fatal(err)
		}
		if gone, back := log.count("takes no "+what), log.count("takes "+what+" again"); gone != 1 || back != 1 {
			t.Errorf("%s: logged %d times that they fail, %d that they succeed", what, gone, back)
		}
	}
	if log.count("disk I/O error") != 2 || log.count("Try again in a moment") > 0 {
		t.Errorf("the log does not have the causes: %s", log.text.String())
	}
}

func TestARefusalByTheChatIsNoFault(t *testing.T) {
	var log lines
	db := openAt(t, Config{Path: fresh(t), Exclusive: true, PasswordMemory: 64, Logger: textLogger(&log)})
	err := onWriter(t, db, func(c *conn) error {
		c.changed = true
		return chat.Errorf(chat.CodeUnavailable, "The room is being moved.")
	})
	wantCode(t, err, chat.CodeUnavailable)
	if err := db.Ping(t.Context()); err != nil || strings.Contains(log.text.String(), "takes no") {
		t.Errorf("it counts as a fault: %v, %s", err, log.text.String())
	}
}
