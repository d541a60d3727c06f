package chat_test

import (
	"math"
	"slices"
	"testing"

	"roomline/realtime/chat"
)

func numbers(messages []chat.Message) []int64 {
	list := []int64{}
	for _, m := range messages {
		list = append(list, m.Seq)
	}
	return list
}

// gaps makes a lobby with messages 1, 3, 5, 7, 9 and edits of the first in between.
func gaps(t *testing.T, limits chat.Limits) *world {
	w := newWorld(t, limits)
	first := w.says(mia, "first")
	for _, text := range []string{"b", "c", "d", "e"} {
		if _, err := w.Edit(t.Context(), in(mia), "lobby", first.Seq, text); err != nil {
			t.Fatal(err)
		}
		w.says(mia, text)
	}
	return w
}

func TestAPageOfHistory(t *testing.T) {
	type q = chat.HistoryQuery
	w := gaps(t, noLimits())
	for _, c := range []struct {
		query        q
		want         []int64
		older, newer bool
	}{
		{q{}, []int64{1, 3, 5, 7, 9}, false, false},
		{q{Limit: 5}, []int64{1, 3, 5, 7, 9}, false, false},
		{q{Limit: 4}, []int64{3, 5, 7, 9}, true, false},
		{q{Before: 9, Limit: 2}, []int64{5, 7}, true, true},
		{q{Before: 5, Limit: 2}, []int64{1, 3}, false, true},
		{q{Before: 4, Limit: 1}, []int64{3}, true, true},
		{q{Before: 1, Limit: 2}, []int64{}, false, true},
		{q{Before: 10, Limit: 1}, []int64{9}, true, false},
		{q{Before: math.MaxInt64, Limit: 1}, []int64{9}, true, false},
		{q{After: 1, Limit: 2}, []int64{3, 5}, true, true},
		{q{After: 5, Limit: 2}, []int64{7, 9}, true, false},
		{q{After: 6, Limit: 1}, []int64{7}, true, true},
		{q{After: 9, Limit: 2}, []int64{}, true, false},
		{q{After: math.MaxInt64, Limit: 2}, []int64{}, true, false},
		{q{Around: 5, Limit: 3}, []int64{3, 5, 7}, true, true},
		{q{Around: 5, Limit: 4}, []int64{1, 3, 5, 7}, false, true},
		{q{Around: 5, Limit: 1}, []int64{5}, true, true},
		{q{Around: 5, Limit: math.MaxInt}, []int64{1, 3, 5, 7, 9}, false, false},
		{q{Around: 1, Limit: 4}, []int64{1, 3}, false, true},
		{q{Around: 9, Limit: 4}, []int64{5, 7, 9}, true, false},
		{q{Around: 9, Limit: 50}, []int64{1, 3, 5, 7, 9}, false, false},
		{q{Around: 6, Limit: 1}, []int64{5}, true, true},
		{q{Around: 99, Limit: 1}, []int64{9}, true, false},
		{q{Around: math.MaxInt64, Limit: 2}, []int64{7, 9}, true, false},
	} {
		page, err := w.History(t.Context(), in(ned), "lobby", c.query)
		w.ok(err)
		if got := numbers(page.Messages); !slices.Equal(got, c.want) || page.HasOlder != c.older || page.HasNewer != c.newer {
			t.Errorf("%+v: %v, older %t, newer %t; want %v, %t, %t",
				c.query, got, page.HasOlder, page.HasNewer, c.want, c.older, c.newer)
		}
	}
}

func TestAnEmptyRoomHasAnEmptyPage(t *testing.T) {
	for _, limits := range []chat.Limits{noLimits(), chat.DefaultLimits()} {
		w := newWorld(t, limits)
		for _, query := range []chat.HistoryQuery{{}, {Before: 5}, {After: 5}, {Around: 5}, {Around: 1, Limit: 1}} {
			page, err := w.History(t.Context(), in(mia), "lobby", query)
			w.ok(err)
			if page.Messages == nil || len(page.Messages) != 0 || page.HasOlder || page.HasNewer {
				t.Errorf("%+v: %+v, want an empty list that is not nil", query, page)
			}
		}
	}
}

func TestAPageIsBounded(t *testing.T) {
	w := gaps(t, chat.Limits{PageSize: 2, MaxPageSize: 3})
	for _, c := range []struct {
		query chat.HistoryQuery
		code  chat.Code
		n     int
	}{
		{chat.HistoryQuery{}, "", 2},
		{chat.HistoryQuery{Limit: 3}, "", 3},
		{chat.HistoryQuery{Limit: 4}, chat.CodeInvalid, 0},
		{chat.HistoryQuery{Limit: -1}, chat.CodeInvalid, 0},
		{chat.HistoryQuery{Before: -1}, chat.CodeInvalid, 0},
		{chat.HistoryQuery{After: -1}, chat.CodeInvalid, 0},
		{chat.HistoryQuery{Around: -1}, chat.CodeInvalid, 0},
		{chat.HistoryQuery{Before: 1, After: 1}, chat.CodeInvalid, 0},
		{chat.HistoryQuery{After: 1, Around: 1}, chat.CodeInvalid, 0},
	} {
		page, err := w.History(t.Context(), in(mia), "lobby", c.query)
		w.refused(err, c.code)
		if len(page.Messages) != c.n {
			t.Errorf("%+v: %d messages, want %d", c.query, len(page.Messages), c.n)
		}
	}
	w = gaps(t, chat.Limits{MaxPageSize: 3})
	page, err := w.History(t.Context(), in(mia), "lobby", chat.HistoryQuery{})
	if w.ok(err); len(page.Messages) != 3 {
		t.Errorf("%d messages without a default, want 3", len(page.Messages))
	}
}

func TestJoiningGivesTheLatestPageOrWhatChanged(t *testing.T) {
	w := gaps(t, chat.Limits{PageSize: 2, ReplayCap: 3}) // head 9
	room, err := w.Room(t.Context(), in(mia), "lobby")
	w.ok(err)
	at := func(rev int64) *chat.Position { return &chat.Position{Epoch: room.Epoch, Rev: rev} }
	for _, c := range []struct {
		name  string
		since *chat.Position
		want  []int64
		older bool
		reset string
	}{
		{"the first time", nil, []int64{7, 9}, true, ""},
		{"at the head", at(9), []int64{}, false, ""},
		{"behind", at(7), []int64{1, 9}, false, ""}, // the first message was edited at 8
		{"behind by as much as the cap", at(6), []int64{7, 1, 9}, false, ""},
		{"behind by more than the cap", at(4), []int64{7, 9}, true, "cap"},
		{"before everything", at(0), []int64{7, 9}, true, "cap"},
		{"ahead", at(10), []int64{7, 9}, true, "future"},
		{"in another log", &chat.Position{Epoch: "another", Rev: 9}, []int64{7, 9}, true, "epoch"},
		{"in no log", &chat.Position{}, []int64{7, 9}, true, "epoch"},
	} {
		j, err := w.Join(t.Context(), in(mia), "lobby", c.since)
		w.ok(err)
		got := numbers(j.Messages)
		if !slices.Equal(got, c.want) || j.Messages == nil || j.HasOlder != c.older || j.Reset != c.reset || j.Room != room {
			t.Errorf("%s: %v, older %t, reset %q, room %+v; want %v, %t, %q, %+v",
				c.name, got, j.HasOlder, j.Reset, j.Room, c.want, c.older, c.reset, room)
		}
	}
	_, err = w.Join(t.Context(), in(mia), "lobby", at(-1))
	w.refused(err, chat.CodeInvalid)
}

func TestARestoredRoomCannotBeContinued(t *testing.T) {
	w := gaps(t, noLimits())
	before, err := w.Room(t.Context(), in(mia), "lobby")
	w.ok(err)
	w.setLobby(func(r *chat.Room) { r.Epoch = "after the restore" })
	j, err := w.Join(t.Context(), in(mia), "lobby", &chat.Position{Epoch: before.Epoch, Rev: before.Head})
	w.ok(err)
	if j.Reset != "epoch" || len(j.Messages) != 5 {
		t.Errorf("reset %q with %d messages, want epoch with all 5", j.Reset, len(j.Messages))
	}
}
