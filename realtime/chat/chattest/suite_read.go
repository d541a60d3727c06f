package chattest

import (
	"errors"
	"sync"
	"sync/atomic"

	"roomline/realtime/chat"
)

func failedRead(f *fixture) {
	err := f.store.Read(f.Context(), func(chat.Reader) error { return errRefused })
	if err != errRefused { //nolint:errorlint // as it is, not wrapped
		f.Errorf("error is %v, want the function's own", err)
	}
}

func snapshotRead(f *fixture) {
	before := []chat.Message{f.post(f.lobby, f.ada), f.post(f.lobby, f.ada)}
	head := f.room("lobby")
	f.read(func(r chat.Reader) error {
		if got, err := r.Room("lobby"); err != nil || got != head {
			f.Errorf("the room is %+v, %v, want %+v", got, err, head)
		}

		// On a goroutine of its own: a store may keep a read and a write of one goroutine apart.
		written := make(chan error)
		go func() {
			written <- f.store.Write(f.Context(), func(w chat.Writer) error {
				rev, _, err := w.Advance(f.lobby.ID, false)
				if err != nil {
					return err
				}
				edited := before[0]
				edited.Rev, edited.Text = rev, "changed"
				if err := w.UpdateMessage(edited); err != nil {
					return err
				}
				_, err = post(w, f.lobby, f.bob)
				return errors.Join(err, w.SetReadPointer(f.lobby.ID, f.ada.ID, 1))
			}, nil)
		}()
		if err := <-written; err != nil {
			return err
		}

		if got, err := r.Room("lobby"); err != nil || got != head {
			f.Errorf("the room is then %+v, %v, want %+v", got, err, head)
		}
		got, err := r.After(f.lobby.ID, 0, 10)
		f.same("messages", got, before)
		if err != nil {
			return err
		}
		got, err = r.Changes(f.lobby.ID, 0, 10)
		f.same("changes", got, before)
		if p, err := r.Standing(f.lobby.ID, f.ada.ID); err != nil || p.LastRead != 0 {
			f.Errorf("the read pointer is %+v, %v, want zero", p, err)
		}
		return err
	})
	if now := f.room("lobby"); now.Head != head.Head+2 {
		f.Errorf("head is %d after the read, want %d", now.Head, head.Head+2)
	}
}

func wholeSnapshots(f *fixture) {
	const writes, reads = 60, 20
	var done atomic.Bool
	var readers, begun sync.WaitGroup
	for range 3 {
		begun.Add(1)
		readers.Go(func() {
			for i := 0; i < reads || !done.Load(); i++ {
				if err := f.store.Read(f.Context(), func(r chat.Reader) error { return f.whole(r, writes) }); err != nil {
					f.Errorf("read: %v", err)
				}
				if i == 0 {
					begun.Done()
				}
			}
		})
	}
	defer readers.Wait()
	defer done.Store(true)
	begun.Wait()
	first := f.post(f.lobby, f.ada)
	for i := range writes - 1 {
		if i%4 == 3 {
			first = f.edit(first)
			continue
		}
		f.post(f.lobby, f.bob)
	}
}

// whole reports a snapshot of the lobby whose numbers do not fit its messages.
func (f *fixture) whole(r chat.Reader, most int) error {
	room, err := r.Room("lobby")
	if err != nil {
		return err
	}
	changes, err := r.Changes(room.ID, 0, most)
	if err != nil {
		return err
	}
	posts, last := int64(len(changes)), int64(0)
	if posts > 0 {
		last = changes[posts-1].Rev
	}
	if room.Head != last || room.Posts != posts {
		f.Errorf("head %d and %d posts, but %d messages up to rev %d", room.Head, room.Posts, posts, last)
	}
	return nil
}
