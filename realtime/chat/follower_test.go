package chat_test

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"reflect"
	"testing"
	"time"

	"roomline/realtime/chat"
)

// room is what a client knows of a room: its messages by seq.
type room map[int64]chat.Message

// follower is a client that stopped listening at a position.
type follower struct {
	chat.Position
	room
}

// apply takes changes as a client does, and reports those that break the promise: each once,
// ascending, none at or below the position.
func (f *follower) apply(t *testing.T, changes []chat.Message) {
	t.Helper()
	for _, m := range changes {
		if m.Rev <= f.Rev {
			t.Errorf("rev %d came at position %d", m.Rev, f.Rev)
		}
		f.Rev, f.room[m.Seq] = m.Rev, m
	}
}

// followers lets people act as the bytes say, and returns a follower of each moment and
// what the lobby is at the end.
func followers(t *testing.T, w *world, acts []byte) ([]follower, room) {
	t.Helper()
	lobby, err := w.Room(t.Context(), in(mia), "lobby")
	w.ok(err)
	all := []follower{{chat.Position{Epoch: lobby.Epoch}, room{}}}
	people := []string{mia, ned, moss, olive}
	var sent []chat.Draft
	for i, b := range acts {
		user := people[b%4]
		seq := int64(b>>4)*lobby.Head/16 + 1 // the higher, the later in what there is
		switch b >> 2 % 4 {
		case 0:
			sent = append(sent, w.draft(fmt.Sprintf("text %d", i)))
			_, err = w.Send(t.Context(), in(user), sent[len(sent)-1])
		case 1: // a retry, or another person's message that has the same id
			if len(sent) == 0 {
				continue
			}
			_, err = w.Send(t.Context(), in(user), sent[int(b)%len(sent)])
		case 2:
			_, err = w.Edit(t.Context(), in(user), "lobby", seq, fmt.Sprintf("edited %d", i%3))
		case 3:
			_, err = w.Delete(t.Context(), in(user), "lobby", seq)
		}
		if chat.ErrorCode(err) == chat.CodeInternal {
			t.Fatal(err)
		}
		w.pass(time.Second)

		lobby, err = w.Room(t.Context(), in(mia), "lobby")
		w.ok(err)
		j, err := w.Join(t.Context(), in(mia), "lobby", nil)
		w.ok(err)
		now := room{}
		for _, m := range j.Messages {
			now[m.Seq] = m
		}
		all = append(all, follower{chat.Position{Epoch: lobby.Epoch, Rev: lobby.Head}, now})
	}
	return all, all[len(all)-1].room
}

// checkFollowers lets a follower of every moment catch up, in each of the ways there are.
func checkFollowers(t *testing.T, acts []byte) {
	w := newWorld(t, noLimits())
	all, want := followers(t, w, acts)
	head := all[len(all)-1].Rev
	lobby, err := w.Room(t.Context(), in(mia), "lobby")
	w.ok(err)
	if int64(len(want)) != lobby.Posts || int64(len(w.announced)) != head {
		t.Errorf("%d messages of %d posts, %d announcements up to rev %d", len(want), lobby.Posts, len(w.announced), head)
	}

	ways := map[string]func(f *follower){
		"one join": func(f *follower) {
			j, err := w.Join(t.Context(), in(ned), "lobby", &f.Position)
			w.ok(err)
			if j.Reset != "" {
				t.Errorf("a follower at %d was reset: %s", f.Rev, j.Reset)
			}
			f.apply(t, j.Messages)
		},
		"changes in small steps": func(f *follower) {
			for f.Rev < head {
				changes, err := w.Changes(t.Context(), lobby.ID, f.Rev, 3)
				w.ok(err)
				if len(changes) == 0 {
					t.Fatalf("no change after %d, the head is %d", f.Rev, head)
				}
				f.apply(t, changes)
			}
		},
		"every announcement": func(f *follower) {
			for _, a := range w.announced[f.Rev:] {
				f.apply(t, []chat.Message{a.message})
			}
		},
	}
	for way, catchUp := range ways {
		for _, start := range all {
			f := follower{start.Position, maps.Clone(start.room)}
			catchUp(&f)
			if f.Rev != head || !reflect.DeepEqual(f.room, want) {
				t.Errorf("by %s from rev %d: at %d of %d with %d messages, want %d, or they differ",
					way, start.Rev, f.Rev, head, len(f.room), len(want))
			}
		}
	}
	for seq, m := range want {
		if m.Deleted() != (m.Text == "") {
			t.Errorf("message %d is deleted: %t, its text %q", seq, m.Deleted(), m.Text)
		}
	}
}

func TestAFollowerFromAnyPositionEndsWithWhatAFreshReaderSees(t *testing.T) {
	for seed := range uint64(20) {
		t.Run(fmt.Sprintf("seed %d", seed), func(t *testing.T) {
			random := rand.New(rand.NewPCG(seed, 0))
			acts := make([]byte, 60)
			for i := range acts {
				acts[i] = byte(random.Uint32())
			}
			checkFollowers(t, acts)
		})
	}
}

func FuzzFollowers(f *testing.F) {
	f.Add([]byte{0, 1, 2, 3, 0x08, 0x0c, 0x18, 0xfc})
	f.Add([]byte{0, 4, 5, 0x0c, 4, 0x0c, 8})
	f.Fuzz(func(t *testing.T, acts []byte) {
		checkFollowers(t, acts[:min(len(acts), 60)])
	})
}

// A gap is handed over whole or not at all.
func TestAFollowerThatIsResetGetsTheLatestPage(t *testing.T) {
	w := newWorld(t, chat.Limits{PageSize: 10, ReplayCap: 5})
	for range 30 {
		w.says(mia, "hello")
	}
	lobby, err := w.Room(t.Context(), in(mia), "lobby")
	w.ok(err)
	for rev := range lobby.Head {
		j, err := w.Join(t.Context(), in(mia), "lobby", &chat.Position{Epoch: lobby.Epoch, Rev: rev})
		w.ok(err)
		want := int(lobby.Head - rev)
		if want > 5 {
			want = 10
		}
		if len(j.Messages) != want || (j.Reset == "cap") != (want == 10) {
			t.Errorf("from %d: %d messages, reset %q, want %d", rev, len(j.Messages), j.Reset, want)
		}
	}
}
