package chat

import "time"

// SanctionKind is what a sanction keeps its user from.
type SanctionKind string

// The kinds of sanction.
const (
	SanctionMute SanctionKind = "mute" // from writing, whatever it is; reading goes on
	SanctionBan  SanctionKind = "ban"  // from everything
)

// Sanction is a mute or a ban. Its JSON form is the wire's; a Store fills By.ID only.
type Sanction struct {
	ID         int64        `json:"-"` // 0: there is none
	User       string       `json:"-"` // id
	Kind       SanctionKind `json:"kind"`
	Reason     string       `json:"reason"`
	By         User         `json:"by"` // the zero User: the server itself
	At         time.Time    `json:"at"`
	Until      time.Time    `json:"until,omitzero"`    // zero: until it is lifted
	LiftedAt   time.Time    `json:"liftedAt,omitzero"` // by somebody, or by another sanction of its kind that took its place
	LiftedBy   string       `json:"liftedBy,omitempty"`
	LiftReason string       `json:"liftReason,omitempty"`
}

// InForce reports whether the sanction holds at that time.
func (s Sanction) InForce(now time.Time) bool {
	return s.ID != 0 && s.LiftedAt.IsZero() && (s.Until.IsZero() || now.Before(s.Until))
}

// Left is for how long the sanction goes on, 0 if that is open.
func (s Sanction) Left(now time.Time) time.Duration {
	if s.Until.IsZero() {
		return 0
	}
	return max(0, s.Until.Sub(now))
}

// Restrictions are the mute and the ban of a user that nobody has lifted; they may be over.
type Restrictions struct {
	Mute, Ban Sanction
}

// Account is what a store knows of a user besides what the chat needs.
type Account struct {
	User
	JoinedAt time.Time `json:"joinedAt,omitzero"`
	SeenAt   time.Time `json:"seenAt,omitzero"` // about an hour late at the most
}

// Member is a user as moderators see them. Its JSON form is the wire's.
type Member struct {
	Account
	Mute *Sanction `json:"mute,omitempty"` // in force
	Ban  *Sanction `json:"ban,omitempty"`  // in force
}

// Profile is all that moderators see of a member.
type Profile struct {
	Member
	History []Sanction // of all times, the latest first
	Recent  []Message  // what they wrote last, the latest first, as far as the moderator may read it
	Purged  int        // messages that a purge took down and that can be brought back
}

// SanctionRequest asks for a mute or a ban.
type SanctionRequest struct {
	User   string        // id
	For    time.Duration // 0: until it is lifted; ten years at most
	Reason string        // 1 to 500 characters
}

// MemberQuery asks for members in order of name.
type MemberQuery struct {
	Query      string // a beginning of the name, "" for all
	After      string // MemberPage.After of the page before, "" for the first
	Sanctioned bool   // only those with a sanction in force
	Limit      int    // 100 at most, 0 for 50
}

// MemberPage is a page of members.
type MemberPage struct {
	Members []Member
	After   string // asks for the next page, "" if there is none
}
