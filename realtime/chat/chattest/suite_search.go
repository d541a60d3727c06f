package chattest

import (
	"math"
	"strings"
	"time"

	"roomline/realtime/chat"
)

// says stores a message of a text, sent so long after the start.
func (f *fixture) says(room chat.Room, text string, after time.Duration) (m chat.Message) {
	f.Helper()
	f.write(func(w chat.Writer) error {
		rev, posts, err := w.Advance(room.ID, true)
		if err != nil {
			return err
		}
		m = chat.Message{
			RoomID: room.ID, Room: room.Slug, Seq: rev, Rev: rev, Post: posts, ID: "some-client-id",
			Kind: chat.KindText, Author: chat.User{ID: f.ada.ID}, Text: text, SentAt: start.Add(after),
		}
		return w.InsertMessage(m)
	})
	return m
}

// find catches up and searches.
func (f *fixture) find(q chat.Find) (found []chat.Found) {
	f.Helper()
	if complete, err := f.store.CatchUp(f.Context(), ""); err != nil || !complete {
		f.Fatalf("catch up: complete: %t, %v", complete, err)
	}
	f.read(func(r chat.Reader) (err error) {
		found, err = r.Search(q)
		return err
	})
	return found
}

// finds reports what is found if it is not these messages, in that order.
func (f *fixture) finds(want []chat.Message, terms []chat.Term, rooms ...chat.Room) {
	f.Helper()
	q := chat.Find{Terms: terms, Limit: 100}
	for _, room := range rooms {
		q.Rooms = append(q.Rooms, room.ID)
	}
	var got []chat.Message
	for _, found := range f.find(q) {
		got = append(got, found.Message)
	}
	f.same("searched", got, want)
}

// words are terms of one word each; one that ends in * may go on, and _ joins several in a row.
func words(list ...string) []chat.Term {
	terms := make([]chat.Term, len(list))
	for i, word := range list {
		rest, prefix := strings.CutSuffix(word, "*")
		terms[i] = chat.Term{Words: strings.Split(rest, "_"), Prefix: prefix}
	}
	return terms
}

func searchedWords(f *fixture) {
	first := f.says(f.lobby, "The quick BROWN fox,\njumps; over (the) lazy dog", 0)
	second := f.says(f.lobby, "brown bread and quick oats", time.Second)
	f.says(f.lobby, "quickly", 2*time.Second)
	both := []chat.Message{second, first}
	for _, c := range []struct {
		terms []chat.Term
		want  []chat.Message
	}{
		{words("quick", "brown"), both},
		{words("brown", "quick"), both},
		{words("quick_brown"), both[1:]},
		{words("brown_quick"), nil},
		{words("fox_jumps_over_the"), both[1:]},
		{words("the_lazy_d*"), both[1:]},
		{words("quick", "br*"), both},
		{words("ick"), nil},
		{words("quick", "bread"), both[:1]},
		{words("quick", "missing"), nil},
		{words("and"), both[:1]},
		{words("or"), nil},
	} {
		f.finds(c.want, c.terms, f.lobby)
	}
}

func searchedPages(f *fixture) {
	later := f.says(f.admin, "word", time.Hour)
	var want []chat.Message
	for i := range 5 {
		want = append(want, f.says(f.lobby, "a word", time.Duration(i)*time.Millisecond/2)) // two in a millisecond
	}
	var got []chat.Message
	q := chat.Find{Rooms: []int64{f.lobby.ID, f.admin.ID}, Terms: words("word"), Limit: 2}
	last := int64(math.MaxInt64)
	for page := f.find(q); len(page) > 0; page = f.find(q) {
		for _, found := range page {
			if found.Place <= 0 || found.Place >= last {
				f.Errorf("place %d comes after %d", found.Place, last)
			}
			last = found.Place
			got = append(got, found.Message)
			// Neither what is new nor a change moves what follows.
			f.says(f.admin, "the newest word", 2*time.Hour)
			if found.Message.RoomID == f.lobby.ID {
				f.change(found.Message)
			}
		}
		q.Before = last
	}
	if len(got) != 6 || got[0].Seq != later.Seq || got[0].RoomID != f.admin.ID || got[5].Seq != want[0].Seq {
		f.Errorf("the pages have %v", seqs(got))
	}
}

func searchedChanges(f *fixture) {
	old := f.says(f.lobby, "the first words", 0)
	f.says(f.lobby, "between", time.Second)
	newer := f.says(f.lobby, "some words", time.Minute)
	f.finds([]chat.Message{newer, old}, words("words"), f.lobby)

	edited := old
	edited.Text, edited.EditedAt = "other words", start.Add(time.Hour)
	edited = f.change(edited)
	f.finds([]chat.Message{newer, edited}, words("words"), f.lobby) // in its old place
	f.finds([]chat.Message{edited}, words("other"), f.lobby)
	f.finds(nil, words("first"), f.lobby)

	f.remove(edited)
	f.finds([]chat.Message{newer}, words("words"), f.lobby)
	f.finds(nil, words("other"), f.lobby)
	f.finds(nil, words("first"), f.lobby)
}

func searchedRooms(f *fixture) {
	one, two := f.says(f.lobby, "a word", 0), f.says(f.admin, "a word", time.Second)
	f.finds([]chat.Message{one}, words("word"), f.lobby)
	f.finds([]chat.Message{two}, words("word"), f.admin)
	f.finds([]chat.Message{two, one}, words("word"), f.lobby, f.admin)
	f.finds(nil, words("word"))
	f.finds(nil, words("1"), f.lobby, f.admin) // what the store knows of a message is no word of it
	f.finds(nil, words("2"), f.lobby, f.admin)
}

func searchedFolded(f *fixture) {
	text := "<p>Der <strong>Weg</strong> nach <em>Łódź</em>, <span class=\"mention\" data-user=\"12\">&lt;@12&gt;</span></p>"
	m := f.says(f.lobby, "Der **Weg** nach *Łódź*, <@12>", 0)
	m.HTML = text
	m = f.change(m)
	f.finds([]chat.Message{m}, words("weg_nach_lodz"), f.lobby)
	f.finds(nil, words("strong"), f.lobby)
	f.finds(nil, words("12"), f.lobby)
	japanese := f.says(f.lobby, "東京都に行く", time.Second)
	f.finds([]chat.Message{japanese}, words("京都"), f.lobby)
	f.finds([]chat.Message{japanese}, words("都に_に行"), f.lobby)
	f.finds([]chat.Message{japanese}, words("く*"), f.lobby)
	f.finds(nil, words("東都"), f.lobby)
}
