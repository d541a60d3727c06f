package chat

import (
	"bytes"
	"encoding/json"
	"time"
)

// The types of moderation have times among fields that encoding/json writes well by itself. Their times are those
// of a Message: three digits of a second, of which time.Time would leave out the last if they are 0.

// stamp is a time as JSON, nil for none.
func stamp(t time.Time) json.RawMessage {
	if t.IsZero() {
		return nil
	}
	return appendTime(nil, t)
}

// stamped encodes v without escapes for HTML.
func stamped(v any) ([]byte, error) {
	var out bytes.Buffer
	e := json.NewEncoder(&out)
	e.SetEscapeHTML(false)
	err := e.Encode(v)
	return bytes.TrimRight(out.Bytes(), "\n"), err
}

// MarshalJSON implements json.Marshaler.
func (s Sanction) MarshalJSON() ([]byte, error) {
	type plain Sanction
	return stamped(struct {
		plain
		At         json.RawMessage `json:"at,omitempty"`
		Until      json.RawMessage `json:"until,omitempty"`
		LiftedAt   json.RawMessage `json:"liftedAt,omitempty"`
		LiftedBy   string          `json:"liftedBy,omitempty"`
		LiftReason string          `json:"liftReason,omitempty"`
	}{plain(s), stamp(s.At), stamp(s.Until), stamp(s.LiftedAt), s.LiftedBy, s.LiftReason})
}

// MarshalJSON implements json.Marshaler.
func (r Report) MarshalJSON() ([]byte, error) {
	type plain Report
	return stamped(struct {
		plain
		At         json.RawMessage `json:"at,omitempty"`
		Action     Resolution      `json:"action,omitempty"`
		Note       string          `json:"note,omitempty"`
		ResolvedBy *User           `json:"resolvedBy,omitempty"`
		ResolvedAt json.RawMessage `json:"resolvedAt,omitempty"`
	}{plain(r), stamp(r.At), r.Action, r.Note, r.ResolvedBy, stamp(r.ResolvedAt)})
}

// MarshalJSON implements json.Marshaler.
func (r Reason) MarshalJSON() ([]byte, error) {
	type plain Reason
	return stamped(struct {
		plain
		At json.RawMessage `json:"at,omitempty"`
	}{plain(r), stamp(r.At)})
}

// MarshalJSON implements json.Marshaler.
func (h Held) MarshalJSON() ([]byte, error) {
	type plain Held
	return stamped(struct {
		plain
		At     json.RawMessage `json:"at,omitempty"`
		Reason string          `json:"reason,omitempty"`
	}{plain(h), stamp(h.At), h.Reason})
}

// MarshalJSON implements json.Marshaler.
func (e Entry) MarshalJSON() ([]byte, error) {
	type plain Entry
	return stamped(struct {
		ID int64           `json:"id"`
		At json.RawMessage `json:"at,omitempty"`
		plain
	}{e.ID, stamp(e.At), plain(e)})
}

// MarshalJSON implements json.Marshaler.
func (r PlainRevision) MarshalJSON() ([]byte, error) {
	type plain PlainRevision
	return stamped(struct {
		plain
		At json.RawMessage `json:"at,omitempty"`
	}{plain(r), stamp(r.At)})
}

// MarshalJSON implements json.Marshaler. A struct that embeds a Member and has more fields needs its own.
func (m Member) MarshalJSON() ([]byte, error) {
	return stamped(struct {
		User
		JoinedAt json.RawMessage `json:"joinedAt,omitempty"`
		SeenAt   json.RawMessage `json:"seenAt,omitempty"`
		Mute     *Sanction       `json:"mute,omitempty"`
		Ban      *Sanction       `json:"ban,omitempty"`
	}{m.User, stamp(m.JoinedAt), stamp(m.SeenAt), m.Mute, m.Ban})
}
