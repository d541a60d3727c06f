package models

import (
	"context"
	"errors"
	"time"

	"gorm.io/gorm"

	"roomline/realtime/chat"
)

// ResetLife is how long the link to set a new password can be used.
const ResetLife = 24 * time.Hour

// ErrNoReset is what a token to set a password is worth that never was one, or is none any more.
var ErrNoReset = errors.New("models: no such reset")

// resetRow is a row of resets.
type resetRow struct {
	UserID    int64 `gorm:"primaryKey;autoIncrement:false"`
	TokenHash []byte
	MadeBy    int64
	ExpiresAt int64
}

// TableName is GORM's hook.
func (resetRow) TableName() string { return "resets" }

const (
	putReset = `INSERT INTO resets (user_id, token_hash, made_by, expires_at) VALUES (?, ?, ?, ?)
ON CONFLICT (user_id) DO UPDATE SET token_hash = excluded.token_hash, made_by = excluded.made_by, expires_at = excluded.expires_at`

	countBans = "SELECT count(*) FROM chat_sanctions WHERE user_id = ? AND kind = ? AND lifted_at = 0 AND (until = 0 OR until > ?)"
)

// CreateReset makes a token with which a user's password can be set once, in the transaction of
// w, which is one of this database's own; one that the user had is void. It is given here once
// and stored nowhere. not_found: there is no such user; forbidden: whoever makes it is not above them.
func (db *DB) CreateReset(w chat.Writer, by, userID int64) (token string, user User, err error) {
	tx, err := db.within(w)
	if err != nil {
		return "", User{}, err
	}
	row, found, err := userNumbered(tx, userID)
	if err != nil {
		return "", User{}, err
	}
	if !found {
		return "", User{}, chat.Errorf(chat.CodeNotFound, "There is no such user.")
	}
	if above, err := db.isAbove(tx, by, row); err != nil {
		return "", User{}, err
	} else if !above {
		return "", User{}, chat.Errorf(chat.CodeForbidden, "You may not set the password of %s.", row.Name)
	}
	token, hash := newToken()
	expires := db.cfg.Now().Add(ResetLife).UnixMilli()
	if err := tx.Exec(putReset, userID, hash[:], by, expires).Error; err != nil {
		return "", User{}, fault("create a reset", err)
	}
	return token, row.user(), nil
}

// FindReset returns the user whose password can be set with the token, or ErrNoReset.
func (db *DB) FindReset(ctx context.Context, token string) (User, error) {
	var row userRow
	err := db.view(ctx, func(tx *gorm.DB) (err error) {
		row, err = db.resetOf(tx, token)
		return err
	})
	return row.user(), err
}

// ResetPassword sets a user's password, ends all their sessions, and with that the token is
// used up. ErrNoReset: it is none; a password that cannot be had is a *chat.Error (invalid).
func (db *DB) ResetPassword(ctx context.Context, token, password string) (User, error) {
	user, err := db.FindReset(ctx, token)
	if err != nil {
		return User{}, err
	}
	n, err := parseName(user.Name)
	if err != nil {
		return User{}, err
	}
	if err := checkNewPassword(n, password); err != nil {
		return User{}, err
	}
	hash, err := db.hashPassword(ctx, password)
	if err != nil {
		return User{}, err
	}
	err = db.change(ctx, func(tx *gorm.DB) error {
		// Of two at once one is too late.
		row, err := db.resetOf(tx, token)
		if err != nil {
			return err
		}
		if err := tx.Model(&userRow{}).Where("id = ?", row.ID).Update("password_hash", hash).Error; err != nil {
			return fault("set a password", err)
		}
		if err := dropReset(tx, row.ID); err != nil {
			return err
		}
		return fault("end sessions", tx.Where("user_id = ?", row.ID).Delete(&sessionRow{}).Error)
	})
	return user, err
}

// resetOf reads whose password a token sets. It holds only as long as whoever made it may act
// upon that user: a link must neither outlive a moderator's rights nor open a moderator's account.
func (db *DB) resetOf(tx *gorm.DB, token string) (userRow, error) {
	hash, ok := tokenHash(token)
	if !ok {
		return userRow{}, ErrNoReset
	}
	var rows []resetRow
	if err := tx.Where("token_hash = ? AND expires_at > ?", hash[:], db.cfg.Now().UnixMilli()).Find(&rows).Error; err != nil {
		return userRow{}, fault("read a reset", err)
	}
	if len(rows) == 0 {
		return userRow{}, ErrNoReset
	}
	user, found, err := userNumbered(tx, rows[0].UserID)
	if err != nil {
		return userRow{}, err
	}
	above, err := db.isAbove(tx, rows[0].MadeBy, user)
	if err == nil && !(found && above) {
		err = ErrNoReset
	}
	if err != nil {
		return userRow{}, err
	}
	return user, nil
}

// isAbove reports whether somebody may act upon a user: moderators upon members, owners upon
// both, and nobody who is banned.
func (db *DB) isAbove(tx *gorm.DB, by int64, user userRow) (bool, error) {
	maker, found, err := userNumbered(tx, by)
	role := chat.Role(maker.Role)
	if err != nil || !found || !role.AtLeast(chat.RoleModerator) || chat.Role(user.Role).AtLeast(role) {
		return false, err
	}
	var bans int64
	err = tx.Raw(countBans, maker.user().Chat().ID, string(chat.SanctionBan), db.cfg.Now().UnixMilli()).Scan(&bans).Error
	return bans == 0, fault("look for a ban", err)
}

// dropReset voids the token that a user's password could be set with, if there is one.
func dropReset(tx *gorm.DB, userID int64) error {
	return fault("forget a reset", tx.Where("user_id = ?", userID).Delete(&resetRow{}).Error)
}
