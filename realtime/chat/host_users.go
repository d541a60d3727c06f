package chat

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"unicode/utf8"
)

// maxUserID is the longest id, in bytes, that a host is asked for.
const maxUserID = 256

// plausible reports whether a host can have given out an id. Ids come from clients, too.
func plausible(id string) bool {
	return id != "" && len(id) <= maxUserID && utf8.ValidString(id) && !strings.ContainsRune(id, 0)
}

// users asks the host for the users that the last run lacked. A malformed id fails the whole question on a database
// with typed ids, so that after an error each id is asked for alone.
func (h *hosted) users(ctx context.Context, d *desk) (map[string]User, error) {
	users, err := h.directory.Users(ctx, d.ids)
	if err == nil || ctx.Err() != nil {
		return users, err
	}
	users = make(map[string]User, len(d.ids))
	for _, id := range d.ids {
		one, err := h.directory.Users(ctx, []string{id})
		user, exists := one[id]
		switch {
		case err == nil && exists:
			users[id] = user
		case err != nil && !h.unknown(ctx, id, err):
			return nil, err
		}
	}
	return users, nil
}

// unknown reports whether err, which the question for one id has failed with, says that there is no such user rather
// than that the host cannot answer: by what it is, or because the host does answer for a user who is known to exist.
// Of one who was there before it says nothing: they are not lost for a fault.
func (h *hosted) unknown(ctx context.Context, id string, err error) bool {
	if aboutValue(err) {
		return true
	}
	witness, known := h.known.witness(id)
	if known || witness == "" || ctx.Err() != nil {
		return false
	}
	answer, err := h.directory.Users(ctx, []string{witness})
	_, exists := answer[witness]
	return err == nil && exists
}

// aboutValue reports whether an error is about the value of an id: a missing row, a number that cannot be parsed, or one
// of the data exceptions of SQL (class 22), which drivers of PostgreSQL return with a method SQLState.
func aboutValue(err error) bool {
	var state interface{ SQLState() string }
	var number *strconv.NumError
	return errors.Is(err, ErrMissing) || ErrorCode(err) == CodeNotFound || errors.As(err, &number) ||
		errors.As(err, &state) && strings.HasPrefix(state.SQLState(), "22")
}
