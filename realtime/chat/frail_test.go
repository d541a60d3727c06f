package chat_test

import (
	"context"
	"errors"

	"roomline/realtime/chat"
)

// frailStore fails where the world says: at "entry", the audit log takes none; at "commit", everything has gone well
// and the commit does not.
type frailStore struct {
	chat.Store
	w *world
}

var errBroken = errors.New("the disk is full")

// breaks makes the store fail so from now on, "" not at all.
func (w *world) breaks(where string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.broken = where
}

func (w *world) breaksAt(where string) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.broken == where {
		return errBroken
	}
	return nil
}

func (s frailStore) Write(ctx context.Context, fn func(chat.Writer) error, committed func()) error {
	return s.Store.Write(ctx, func(tx chat.Writer) error {
		err := fn(frailWriter{tx, s.w})
		if written := s.w.onWritten; written != nil {
			s.w.onWritten = nil
			written()
		}
		if err != nil {
			return err
		}
		return s.w.breaksAt("commit")
	}, committed)
}

type frailWriter struct {
	chat.Writer
	w *world
}

func (f frailWriter) InsertEntry(e chat.Entry) error {
	if err := f.w.breaksAt("entry"); err != nil {
		return err
	}
	return f.Writer.InsertEntry(e)
}
