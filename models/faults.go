package models

import (
	"errors"
	"fmt"

	"github.com/mattn/go-sqlite3"

	"roomline/realtime/chat"
)

func cannotStore() *chat.Error {
	return chat.Errorf(chat.CodeUnavailable, "The server cannot store anything just now. Try again in a moment.")
}

// fileError is a fault of the database's files that lasts until an operator acts.
type fileError string

// Error implements error.
func (e fileError) Error() string { return string(e) }

// fileFault makes a fileError that people see as unavailable.
func fileFault(format string, args ...any) error {
	return fmt.Errorf("%w: %w", cannotStore(), fileError(fmt.Sprintf(format, args...)))
}

// concernsAll reports whether an error of one write means that others fail as well.
func concernsAll(err error) bool {
	var e fileError
	return passing(err) || errors.As(err, &e)
}

// fault wraps an error of the database with what was being done. One that may pass by
// itself (locked, full disk) carries chat's unavailable too; the cause stays for the log.
func fault(doing string, err error) error {
	if err == nil {
		return nil
	}
	if passing(err) {
		return fmt.Errorf("%s: %w: %w", doing, cannotStore(), err)
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
