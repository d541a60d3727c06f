package recurring

import (
	"log/slog"
	"strconv"
	"strings"
	"testing"
	"time"
)

// logAt returns a Log, the time it goes by, and what it has written.
func logAt(now *time.Time) (*Log, *strings.Builder) {
	text := &strings.Builder{}
	l := New(slog.New(slog.NewTextHandler(text, nil)))
	l.now = func() time.Time { return *now }
	return l, text
}

// expect compares how many occurrences each line about a condition has counted.
func expect(t *testing.T, text *strings.Builder, message string, counts ...int) {
	t.Helper()
	var found, want []string
	for line := range strings.Lines(text.String()) {
		if strings.Contains(line, message) {
			_, times, _ := strings.Cut(strings.TrimSpace(line), "times=")
			found = append(found, times)
		}
	}
	for _, count := range counts {
		want = append(want, strconv.Itoa(count))
	}
	if strings.Join(found, " ") != strings.Join(want, " ") {
		t.Errorf("%q was logged with the counts %v, want %v", message, found, want)
	}
}

func TestConditionIsLoggedOnceWhenItBegins(t *testing.T) {
	now := time.Unix(1000, 0)
	l, text := logAt(&now)
	for range 100 {
		l.Warn("disk full")
	}
	l.Warn("door shut")
	expect(t, text, "disk full", 1)
	expect(t, text, "door shut", 1)
}

func TestLastingConditionIsLoggedAtGrowingIntervals(t *testing.T) {
	now := time.Unix(1000, 0)
	l, text := logAt(&now)
	for range 8 * 60 { // eight minutes, once a second
		l.Warn("disk full")
		now = now.Add(time.Second)
	}
	expect(t, text, "disk full", 1, 60, 120, 240)
}

func TestConditionThatReturnsAfterAnHourBeginsAnew(t *testing.T) {
	now := time.Unix(1000, 0)
	l, text := logAt(&now)
	l.Warn("disk full")
	l.Warn("disk full")
	now = now.Add(lastPause + time.Second)
	l.Warn("disk full")
	l.Warn("disk full")
	expect(t, text, "disk full", 1, 1)
}
