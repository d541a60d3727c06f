package chat

import (
	"errors"
	"fmt"
	"time"
)

// Code is the machine-readable reason of a refusal; the codes are public names.
type Code string

// The codes of an Error. CodeInternal never stands in an Error: it is what an edge
// answers for every error that is none.
const (
	CodeInvalid     Code = "invalid"      // the request is malformed or out of bounds
	CodeNotFound    Code = "not_found"    // it does not exist, or the caller may not know of it
	CodeForbidden   Code = "forbidden"    // the caller may see it but not do this
	CodeIDReused    Code = "id_reused"    // the client message id was used for another content
	CodeRateLimited Code = "rate_limited" // too fast; RetryAfter says when to come back
	CodeMuted       Code = "muted"        // a sanction forbids writing; RetryAfter says until when, 0 if that is open
	CodeBanned      Code = "banned"       // a sanction forbids everything; RetryAfter likewise
	CodeFrozen      Code = "frozen"       // only moderators may write in the room now
	CodeUnavailable Code = "unavailable"  // the server cannot now; retry later with the same id
	CodeInternal    Code = "internal"     // a fault of the server
)

// Error is a refusal that its cause may see. All other errors are internal: who
// caused them sees a fixed sentence, the operator the detail.
type Error struct {
	Code       Code
	Message    string        // a sentence for people
	RetryAfter time.Duration // with CodeRateLimited, CodeMuted, CodeBanned and CodeUnavailable; 0 if unknown
	Field      string        // what of a form is wrong ("name", "topic", "notice"), "" for nothing in particular

	flood  bool // it counts towards Limits.FloodRefusals
	priced bool // it costs a token, as what is sent does
}

// Error implements error.
func (e *Error) Error() string { return string(e.Code) + ": " + e.Message }

// Errorf makes an Error with a formatted message.
func Errorf(code Code, format string, args ...any) *Error {
	return &Error{Code: code, Message: fmt.Sprintf(format, args...)}
}

// ErrorCode returns the code of err's Error, CodeInternal if it holds none, "" for nil.
func ErrorCode(err error) Code {
	if err == nil {
		return ""
	}
	var e *Error
	if errors.As(err, &e) {
		return e.Code
	}
	return CodeInternal
}
