package chattest

import (
	"context"
	"errors"
	"reflect"
	"slices"
	"sync"
	"sync/atomic"

	"roomline/realtime/chat"
)

var errRefused = errors.New("refused by the test")

func writeIsSeen(f *fixture) {
	calls := 0
	var m chat.Message
	err := f.store.Write(f.Context(), func(w chat.Writer) (err error) {
		m, err = post(w, f.lobby, f.ada)
		return err
	}, func() { calls++ })
	if err != nil {
		f.Fatal(err)
	}
	if calls != 1 {
		f.Errorf("committed was called %d times before Write returned, want once", calls)
	}
	f.read(func(r chat.Reader) error {
		got, err := r.Message(m.RoomID, m.Seq)
		f.same("after the write", []chat.Message{got}, []chat.Message{m})
		return err
	})
}

func writerReadsItself(f *fixture) {
	f.write(func(w chat.Writer) error {
		m, err := post(w, f.lobby, f.ada)
		if err != nil {
			return err
		}
		sent := chat.Sent{UserID: f.ada.ID, ClientID: m.ID, RoomID: m.RoomID, Seq: m.Seq, Hash: [16]byte{1}}
		pointer := m.Seq
		err = errors.Join(
			w.RecordSent(sent),
			w.SetReadPointer(m.RoomID, f.ada.ID, pointer),
			w.SetLastPost(m.RoomID, f.ada.ID, m.SentAt),
		)
		if err != nil {
			return err
		}

		room, err := w.Room("lobby")
		if err != nil || room.Head != 1 || room.Posts != 1 {
			f.Errorf("the room is %+v, %v, want head and posts 1", room, err)
		}
		got, err := w.Message(m.RoomID, m.Seq)
		if err != nil || !reflect.DeepEqual(got, m) {
			f.Errorf("the message is %+v, %v", got, err)
		}
		changes, err := w.Changes(m.RoomID, 0, 10)
		f.same("changes", changes, []chat.Message{m})
		if err != nil {
			return err
		}
		if got, err := w.Sent(f.ada.ID, m.ID); err != nil || got != sent {
			f.Errorf("sent is %+v, %v", got, err)
		}
		if got, err := w.LastPost(m.RoomID, f.ada.ID); err != nil || got != m.SentAt {
			f.Errorf("the last post is at %v, %v", got, err)
		}
		if got, err := w.Standing(m.RoomID, f.ada.ID); err != nil || got.LastRead != pointer {
			f.Errorf("the read pointer is %+v, %v", got, err)
		}
		return nil
	})
}

func failedWrite(f *fixture) {
	before := f.post(f.lobby, f.ada)
	f.write(func(w chat.Writer) error {
		return w.RecordSent(chat.Sent{UserID: f.ada.ID, ClientID: before.ID, RoomID: before.RoomID, Seq: before.Seq})
	})
	lobby := f.room("lobby")
	err := f.store.Write(f.Context(), func(w chat.Writer) error {
		m, err := post(w, f.lobby, f.ada)
		if err != nil {
			return err
		}
		edited := before
		edited.Rev, edited.Text = m.Rev+1, "changed"
		err = errors.Join(
			w.UpdateMessage(edited),
			w.RecordSent(chat.Sent{UserID: f.ada.ID, ClientID: m.ID, RoomID: m.RoomID, Seq: m.Seq}),
			w.SetReadPointer(m.RoomID, f.ada.ID, m.Seq),
			w.SetLastPost(m.RoomID, f.ada.ID, m.SentAt),
			w.CreateRoom(&chat.Room{Slug: "attic", Space: chat.SpaceGeneral, Name: "Attic", Epoch: "an-epoch"}),
		)
		if err != nil {
			return err
		}
		return errRefused
	}, func() { f.Error("a failed write was announced") })
	if err != errRefused { //nolint:errorlint // as it is, not wrapped
		f.Fatalf("error is %v, want the function's own", err)
	}

	f.untouched(lobby)
	f.read(func(r chat.Reader) error {
		changes, err := r.Changes(f.lobby.ID, 0, 10)
		f.same("changes", changes, []chat.Message{before})
		_, missing := r.Sent(f.ada.ID, "message-2")
		f.missing("sent", missing)
		_, missing = r.Room("attic")
		f.missing("room", missing)
		if p, err := r.Standing(f.lobby.ID, f.ada.ID); err != nil || p.LastRead != 0 {
			f.Errorf("the read pointer is %+v, %v, want zero", p, err)
		}
		return err
	})
	f.write(func(w chat.Writer) error {
		if at, err := w.LastPost(f.lobby.ID, f.ada.ID); err != nil || !at.IsZero() {
			f.Errorf("the last post is at %v, %v, want never", at, err)
		}
		return nil
	})
	if m := f.post(f.lobby, f.ada); m.Seq != 2 {
		f.Errorf("the next message got number %d, want 2", m.Seq)
	}
}

func cancelledInside(f *fixture) {
	ctx, cancel := context.WithCancel(f.Context())
	defer cancel()
	announced := false
	err := f.store.Write(ctx, func(w chat.Writer) error {
		cancel()
		_, err := post(w, f.lobby, f.ada)
		return err
	}, func() { announced = true })
	if err != nil || !announced {
		f.Errorf("error %v, announced %t, want a committed write", err, announced)
	}
	if head := f.room("lobby").Head; head != 1 {
		f.Errorf("head is %d, want 1", head)
	}
}

func cancelledAnywhere(f *fixture) {
	const writers = 40
	var stored, announced atomic.Int64
	var wg sync.WaitGroup
	for i := range writers {
		ctx, cancel := context.WithCancel(f.Context())
		if i%4 == 0 {
			cancel()
		}
		wg.Go(func() {
			err := f.store.Write(ctx, func(w chat.Writer) error {
				_, err := post(w, f.lobby, f.ada)
				return err
			}, func() { announced.Add(1) })
			if err == nil {
				stored.Add(1)
			}
		})
		wg.Go(cancel)
	}
	wg.Wait()
	f.Logf("%d of %d writes took place", stored.Load(), writers)
	if head := f.room("lobby").Head; head != stored.Load() || head != announced.Load() {
		f.Errorf("head is %d after %d writes without error and %d announced", head, stored.Load(), announced.Load())
	}
}

func concurrentWrites(f *fixture) {
	const writers, each = 16, 12 // every third write fails
	var running atomic.Int64
	alone := func() func() {
		if running.Add(1) != 1 {
			f.Error("two functions of the store run at once")
		}
		return func() { running.Add(-1) }
	}
	var announced []int64 // by the store's goroutine alone
	var wg sync.WaitGroup
	for range writers {
		wg.Go(func() {
			last := int64(0)
			for i := range each {
				var seq int64
				err := f.store.Write(f.Context(), func(w chat.Writer) error {
					defer alone()()
					m, err := post(w, f.lobby, f.ada)
					if err == nil && i%3 == 2 {
						return errRefused
					}
					seq = m.Seq
					return err
				}, func() {
					defer alone()()
					announced = append(announced, seq)
				})
				if refused := i%3 == 2; refused != errors.Is(err, errRefused) || !refused && err != nil {
					f.Errorf("write %d: error %v", i, err)
				}
				if err == nil && seq <= last {
					f.Errorf("number %d came after %d was acknowledged", seq, last)
				}
				last = max(last, seq)
			}
		})
	}
	wg.Wait()

	const stored = writers * each * 2 / 3
	if len(announced) != stored || !slices.IsSorted(announced) || announced[stored-1] != stored {
		f.Errorf("announced %v, want 1 to %d in order", announced, stored)
	}
	f.read(func(r chat.Reader) error {
		all, err := r.After(f.lobby.ID, 0, stored+1)
		if got := seqs(all); !slices.Equal(got, announced) {
			f.Errorf("stored %v, want what was announced", got)
		}
		return err
	})
}
