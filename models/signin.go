package models

import (
	"context"

	"gorm.io/gorm"

	"roomline/realtime/chat"
)

// Authenticate returns the user who has the name and the password. Every failure that
// the caller could have caused is one and the same *chat.Error (forbidden) after the
// same work, whether the name exists or not.
func (db *DB) Authenticate(ctx context.Context, name, password string) (User, error) {
	if tooLong(password) {
		return User{}, noMatch()
	}
	var row userRow
	err := db.view(ctx, func(tx *gorm.DB) (err error) {
		row, err = userNamed(tx, name)
		return err
	})
	known := err == nil
	if !known && chat.ErrorCode(err) != chat.CodeNotFound {
		return User{}, err
	}
	hash := row.PasswordHash
	if !known {
		hash = db.nobodysHash()
	}
	match, err := db.verifyPassword(ctx, hash, password)
	if err != nil {
		return User{}, err
	}
	if !match || !known {
		return User{}, noMatch()
	}
	return row.user(), nil
}

func noMatch() error {
	e := chat.Errorf(chat.CodeForbidden, "That name and password do not match.")
	e.Field = "password"
	return e
}

// ChangePassword replaces a password by another. invalid: the old one is not right, or
// the new one cannot be had; not_found: there is no such user. The user's sessions stay:
// the caller ends them (EndSessions).
func (db *DB) ChangePassword(ctx context.Context, userID int64, old, replacement string) error {
	var row userRow
	err := db.view(ctx, func(tx *gorm.DB) (err error) {
		var found bool
		if row, found, err = userNumbered(tx, userID); err == nil && !found {
			err = chat.Errorf(chat.CodeNotFound, "There is no such user.")
		}
		return err
	})
	if err != nil {
		return err
	}
	wrong := refuseField("old", "The current password is not right.")
	if tooLong(old) {
		return wrong
	}
	if match, err := db.verifyPassword(ctx, row.PasswordHash, old); err != nil {
		return err
	} else if !match {
		return wrong
	}
	if err := checkNewPassword(name{display: row.Name, key: row.NameKey}, replacement); err != nil {
		return err
	}
	hash, err := db.hashPassword(ctx, replacement)
	if err != nil {
		return err
	}
	return db.change(ctx, func(tx *gorm.DB) error {
		// The old password may have been changed meanwhile: then it is not right any more.
		result := tx.Model(&userRow{}).Where("id = ? AND password_hash = ?", userID, row.PasswordHash).Update("password_hash", hash)
		switch {
		case result.Error != nil:
			return fault("change a password", result.Error)
		case result.RowsAffected == 0:
			return wrong
		}
		return dropReset(tx, userID)
	})
}
