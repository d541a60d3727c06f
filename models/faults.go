package models

import (
	"errors"
	"fmt"

	"github.com/mattn/go-sqlite3"
	"gorm.io/gorm"

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

// one returns the fault of a query for a single row, chat.ErrMissing if there was none.
func one(doing string, result *gorm.DB) error {
	if result.Error != nil {
		return fault(doing, result.Error)
	}
	if result.RowsAffected == 0 {
		return chat.ErrMissing
	}
	return nil
}
