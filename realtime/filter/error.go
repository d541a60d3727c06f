package filter

import "fmt"

// Error says why a rule is refused.
type Error struct {
	Field   string // of the rule, as JSON names it; "" for the rules together
	Message string // a sentence for people
}

// Error implements error.
func (e *Error) Error() string { return e.Message }

// wrong returns the refusal of a field.
func wrong(field, format string, args ...any) *Error {
	return &Error{Field: field, Message: fmt.Sprintf(format, args...)}
}
