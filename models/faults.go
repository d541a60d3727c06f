package models

import (
	"errors"
	"fmt"

	"github.com/mattn/go-sqlite3"

	"roomline/realtime/chat"
)

// fault wraps an error of the database with what was being done. One that may pass by
// itself (locked, full disk) carries chat's unavailable too; the cause stays for the log.
func fault(doing string, err error) error {
	if err == nil {
		return nil
	}
	if passing(err) {
		return fmt.Errorf("%s: %w: %w", doing,
			chat.Errorf(chat.CodeUnavailable, "The server cannot store anything just now. Try again in a moment."), err)
	}
	return fmt.Errorf("%s: %w", doing, err)
}

func passing(err error) bool {
	var e sqlite3.Error
	if !errors.As(err, &e) {
		return false
	}
	switch e.Code {
	case sqlite3.ErrBusy, sqlite3.ErrLocked, sqlite3.ErrFull, sqlite3.ErrIoErr,
		sqlite3.ErrReadonly, sqlite3.ErrCantOpen, sqlite3.ErrNomem:
		return true
	}
	return false
}
