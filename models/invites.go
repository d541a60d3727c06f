package models

import (
	"context"
	"errors"
	"time"
	"unicode/utf8"

	"gorm.io/gorm"

	"roomline/realtime/chat"
	"roomline/realtime/filter"
)

// The bounds of an invite, and of how many there may be.
const (
	maxInviteNote = 100 // characters
	maxInviteUses = 1000
	minInviteLife = time.Hour
	maxInviteLife = 90 * 24 * time.Hour

	maxOpenInvites = 200                 // at once
	listedInvites  = maxOpenInvites + 50 // all that are open, and some that are not
	keepInvites    = 90 * 24 * time.Hour // after they have expired
)

// InviteState tells whether an invite can still be used, or why not.
type InviteState string

// The states of an invite.
const (
	InviteOpen    InviteState = "open"
	InviteUsed    InviteState = "used up"
	InviteExpired InviteState = "expired"
	InviteRevoked InviteState = "revoked"
	InviteVoid    InviteState = "void" // whoever made it is no moderator now, or banned
)

// Invite is a link with which accounts can be made where registration needs one.
type Invite struct {
	ID        int64
	Note      string // what whoever made it wrote about it
	By        string // name of whoever made it
	Uses      int    // accounts it is good for
	Left      int    // of them, those that nobody has made yet
	State     InviteState
	CreatedAt time.Time
	ExpiresAt time.Time
}

// NewInvite is what a new invite should be.
type NewInvite struct {
	Note string        // 100 characters at most
	Uses int           // 1 to 1,000
	Life time.Duration // an hour to 90 days
}

// inviteRow is a row of invites. Maker, the name of whoever made it, and Standing are joined to it.
type inviteRow struct {
	ID        int64 `gorm:"primaryKey"`
	TokenHash []byte
	Note      string
	MadeBy    int64
	Uses      int
	Used      int
	CreatedAt int64 `gorm:"autoCreateTime:false"`
	ExpiresAt int64
	RevokedAt int64
	Maker     string `gorm:"->"`
	Standing  bool   `gorm:"->"` // they may still invite
}

// TableName is GORM's hook.
func (inviteRow) TableName() string { return "invites" }

func (r inviteRow) state(now time.Time) InviteState {
	switch {
	case r.RevokedAt != 0:
		return InviteRevoked
	case r.Used >= r.Uses:
		return InviteUsed
	case now.UnixMilli() >= r.ExpiresAt:
		return InviteExpired
	case !r.Standing:
		return InviteVoid
	}
	return InviteOpen
}

func (r inviteRow) invite(now time.Time) Invite {
	return Invite{
		ID: r.ID, Note: r.Note, By: r.Maker, Uses: r.Uses, Left: r.Uses - r.Used, State: r.state(now),
		CreatedAt: fromMillis(r.CreatedAt), ExpiresAt: fromMillis(r.ExpiresAt),
	}
}

const (
	// An invite holds only as long as whoever made it may make one: it must not outlive their rights.
	selectInvite = `SELECT i.*, u.name AS maker, u.role <> 'member' AND NOT EXISTS (
  SELECT 1 FROM chat_sanctions WHERE user_id = CAST(u.id AS TEXT) AND kind = 'ban' AND lifted_at = 0 AND (until = 0 OR until > @now)
) AS standing FROM invites i JOIN users u ON u.id = i.made_by `

	selectInvites = selectInvite +
		"ORDER BY i.revoked_at = 0 AND i.used < i.uses AND i.expires_at > @now AND standing DESC, i.id DESC LIMIT @most"

	countOpenInvites = "SELECT count(*) FROM invites WHERE revoked_at = 0 AND used < uses AND expires_at > ?"
	forgetInvites    = "DELETE FROM invites WHERE expires_at <= ?"
	useInvite        = "UPDATE invites SET used = used + 1 WHERE id = ?"
	revokeInvite     = "UPDATE invites SET revoked_at = ? WHERE id = ?"
)

// CreateInvite makes an invite in the transaction of w, which is one of this database's own.
// The token is its only key: it is given here once and stored nowhere. An invite that cannot
// be had is a *chat.Error (invalid) whose Field is note, uses or days.
func (db *DB) CreateInvite(w chat.Writer, by int64, wanted NewInvite) (token string, made Invite, err error) {
	tx, err := db.within(w)
	if err != nil {
		return "", Invite{}, err
	}
	if err := wanted.check(); err != nil {
		return "", Invite{}, err
	}
	now := db.cfg.Now()
	if err := tx.Exec(forgetInvites, now.Add(-keepInvites).UnixMilli()).Error; err != nil {
		return "", Invite{}, fault("forget old invites", err)
	}
	var open int64
	if err := tx.Raw(countOpenInvites, now.UnixMilli()).Scan(&open).Error; err != nil {
		return "", Invite{}, fault("count invites", err)
	}
	if open >= maxOpenInvites {
		return "", Invite{}, chat.Errorf(chat.CodeInvalid, "There are %d links that can still be used. Revoke some first.", open)
	}
	token, hash := newToken()
	row := inviteRow{
		TokenHash: hash[:], Note: filter.CleanLine(wanted.Note), MadeBy: by, Uses: wanted.Uses,
		CreatedAt: now.UnixMilli(), ExpiresAt: now.Add(wanted.Life).UnixMilli(),
	}
	if err := tx.Create(&row).Error; err != nil {
		return "", Invite{}, fault("create an invite", err)
	}
	row.Standing = true
	return token, row.invite(now), nil
}

func (n NewInvite) check() error {
	wrong := func(field, sentence string, args ...any) error {
		e := chat.Errorf(chat.CodeInvalid, sentence, args...)
		e.Field = field
		return e
	}
	switch {
	case !utf8.ValidString(n.Note) || utf8.RuneCountInString(n.Note) > maxInviteNote:
		return wrong("note", "A note has at most %d characters.", maxInviteNote)
	case n.Uses < 1 || n.Uses > maxInviteUses:
		return wrong("uses", "A link is good for 1 to %d accounts.", maxInviteUses)
	case n.Life < minInviteLife || n.Life > maxInviteLife:
		return wrong("days", "A link is good for an hour at least and for %d days at most.", int(maxInviteLife.Hours()/24))
	}
	return nil
}

// RevokeInvite ends an invite in the transaction of w, which is one of this database's own,
// and returns it as it was. not_found: there is none; invalid: it has ended already.
func (db *DB) RevokeInvite(w chat.Writer, id int64) (was Invite, err error) {
	tx, err := db.within(w)
	if err != nil {
		return Invite{}, err
	}
	now := db.cfg.Now()
	row, found, err := findInvite(tx, "WHERE i.id = @key", id, now)
	switch {
	case err != nil:
		return Invite{}, err
	case !found:
		return Invite{}, chat.Errorf(chat.CodeNotFound, "There is no such invite.")
	}
	if was = row.invite(now); was.State != InviteOpen && was.State != InviteVoid {
		return Invite{}, chat.Errorf(chat.CodeInvalid, "That link cannot be used any more anyway: it is %s.", was.State)
	}
	return was, fault("revoke an invite", tx.Exec(revokeInvite, now.UnixMilli(), id).Error)
}

// Invites returns the invites: those that can be used first, then the latest others.
func (db *DB) Invites(ctx context.Context) ([]Invite, error) {
	now := db.cfg.Now()
	var rows []inviteRow
	err := db.view(ctx, func(tx *gorm.DB) error {
		return fault("list invites", tx.Raw(selectInvites, map[string]any{"now": now.UnixMilli(), "most": listedInvites}).Scan(&rows).Error)
	})
	invites := make([]Invite, len(rows))
	for i, row := range rows {
		invites[i] = row.invite(now)
	}
	return invites, err
}

// CheckInvite returns nil if an account can be made with the token, else a *chat.Error
// (forbidden) that says why not; its Field is invite.
func (db *DB) CheckInvite(ctx context.Context, token string) error {
	return db.view(ctx, func(tx *gorm.DB) error { return db.invited(token)(tx, false) })
}

// invited admits whoever has an invite.
func (db *DB) invited(token string) admission {
	refused := func(sentence string) error {
		e := chat.Errorf(chat.CodeForbidden, "%s", sentence)
		e.Field = "invite"
		return e
	}
	return func(tx *gorm.DB, use bool) error {
		if token == "" {
			return refused("New accounts are made with an invite link. Ask a moderator for one.")
		}
		now := db.cfg.Now()
		var row inviteRow
		hash, found := tokenHash(token)
		if found {
			var err error
			if row, found, err = findInvite(tx, "WHERE i.token_hash = @key", hash[:], now); err != nil {
				return err
			}
		}
		if !found {
			return refused("This invite link is not one of ours. Check that you have all of it.")
		}
		switch row.state(now) {
		case InviteRevoked, InviteVoid:
			return refused("This invite link was withdrawn. Ask for another one.")
		case InviteUsed:
			return refused("This invite link has been used up. Ask for another one.")
		case InviteExpired:
			return refused("This invite link has expired. Ask for another one.")
		case InviteOpen:
		}
		if !use {
			return nil
		}
		return fault("use an invite", tx.Exec(useInvite, row.ID).Error)
	}
}

func findInvite(tx *gorm.DB, where string, key any, now time.Time) (row inviteRow, found bool, err error) {
	result := tx.Raw(selectInvite+where, map[string]any{"now": now.UnixMilli(), "key": key}).Scan(&row)
	return row, result.RowsAffected > 0, fault("read an invite", result.Error)
}

// within returns GORM's view of the transaction of w, if that is one of this database.
func (db *DB) within(w chat.Writer) (*gorm.DB, error) {
	if w.Transaction() != any(db.writer.conn) {
		return nil, errors.New("the transaction is not one of this database")
	}
	return db.writer.conn.gorm, nil
}
