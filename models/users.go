package models

import (
	"context"
	"strconv"
	"time"

	"gorm.io/gorm"

	"roomline/realtime/chat"
)

// User is an account of the site.
type User struct {
	ID        int64
	Name      string
	Role      chat.Role
	CreatedAt time.Time
}

// Chat returns the user as the chat sees them.
func (u User) Chat() chat.User {
	return chat.User{ID: strconv.FormatInt(u.ID, 10), Name: u.Name, Role: u.Role}
}

// userRow is a row of users.
type userRow struct {
	ID           int64 `gorm:"primaryKey"`
	Name         string
	NameKey      string
	LookKey      string
	Role         string
	PasswordHash string
	CreatedAt    int64 `gorm:"autoCreateTime:false"`
}

// TableName is GORM's hook.
func (userRow) TableName() string { return "users" }

func (r userRow) user() User {
	return User{ID: r.ID, Name: r.Name, Role: chat.Role(r.Role), CreatedAt: fromMillis(r.CreatedAt)}
}

// CreateUser makes an account. The first one ever is the owner, all others are members.
// A name or password that cannot be had is a *chat.Error (invalid) that says why.
func (db *DB) CreateUser(ctx context.Context, name, password string) (User, error) {
	n, err := parseName(name)
	if err != nil {
		return User{}, err
	}
	if err := checkNewPassword(n, password); err != nil {
		return User{}, err
	}
	// Hashing is dear: ask before. The transaction below asks again, in effect.
	if err := db.view(ctx, func(tx *gorm.DB) error { return nameFree(tx, n) }); err != nil {
		return User{}, err
	}
	hash, err := db.hashPassword(ctx, password)
	if err != nil {
		return User{}, err
	}
	row := userRow{
		Name: n.display, NameKey: n.key, LookKey: n.look, PasswordHash: hash,
		Role: string(chat.RoleMember), CreatedAt: db.cfg.Now().UnixMilli(),
	}
	err = db.change(ctx, func(tx *gorm.DB) error {
		if err := nameFree(tx, n); err != nil {
			return err
		}
		var users int64
		if err := tx.Model(&userRow{}).Count(&users).Error; err != nil {
			return fault("count users", err)
		}
		if users == 0 {
			row.Role = string(chat.RoleOwner)
		}
		return fault("create a user", tx.Create(&row).Error)
	})
	if err != nil {
		return User{}, err
	}
	return row.user(), nil
}

// nameFree returns nil if nobody has the name or one that looks like it.
func nameFree(tx *gorm.DB, n name) error {
	var same int64
	err := tx.Model(&userRow{}).Where("name_key = ? OR look_key = ?", n.key, n.look).Count(&same).Error
	if err != nil {
		return fault("look for a name", err)
	}
	if same > 0 {
		return chat.Errorf(chat.CodeInvalid, "That name is taken, or looks too much like one that is. Choose another.")
	}
	return nil
}

// UserByName returns the account of a name, in any case; not_found if there is none.
func (db *DB) UserByName(ctx context.Context, name string) (User, error) {
	var row userRow
	err := db.view(ctx, func(tx *gorm.DB) (err error) {
		row, err = userNamed(tx, name)
		return err
	})
	return row.user(), err
}

// userNamed reads the whole row of a name.
func userNamed(tx *gorm.DB, name string) (userRow, error) {
	n, err := parseName(name)
	if err != nil {
		return userRow{}, noUser()
	}
	var rows []userRow
	if err := tx.Where("name_key = ?", n.key).Find(&rows).Error; err != nil {
		return userRow{}, fault("read a user by name", err)
	}
	if len(rows) == 0 {
		return userRow{}, noUser()
	}
	return rows[0], nil
}

func noUser() error {
	return chat.Errorf(chat.CodeNotFound, "There is nobody of that name.")
}

// CountUsers returns how many accounts there are.
func (db *DB) CountUsers(ctx context.Context) (int64, error) {
	var users int64
	err := db.view(ctx, func(tx *gorm.DB) error {
		return fault("count users", tx.Model(&userRow{}).Count(&users).Error)
	})
	return users, err
}

// SetRole gives a user a role. not_found: nobody has the name; invalid: there is no such
// role; forbidden: it would leave the site without an owner.
func (db *DB) SetRole(ctx context.Context, name string, role chat.Role) (User, error) {
	if !role.Valid() {
		return User{}, chat.Errorf(chat.CodeInvalid, "A role is one of %s, %s and %s.",
			chat.RoleMember, chat.RoleModerator, chat.RoleOwner)
	}
	var row userRow
	err := db.change(ctx, func(tx *gorm.DB) (err error) {
		if row, err = userNamed(tx, name); err != nil {
			return err
		}
		if row.Role == string(chat.RoleOwner) && role != chat.RoleOwner {
			var others int64
			err := tx.Model(&userRow{}).Where("role = ? AND id <> ?", string(chat.RoleOwner), row.ID).Count(&others).Error
			if err != nil {
				return fault("count owners", err)
			}
			if others == 0 {
				return chat.Errorf(chat.CodeForbidden, "%s is the only owner. Make somebody else an owner first.", row.Name)
			}
		}
		row.Role = string(role)
		return fault("set a role", tx.Model(&userRow{}).Where("id = ?", row.ID).Update("role", row.Role).Error)
	})
	if err != nil {
		return User{}, err
	}
	return row.user(), nil
}

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
		hash = nobodysHash()
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
	return chat.Errorf(chat.CodeForbidden, "That name and password do not match.")
}

// ChangePassword replaces a password by another. invalid: the old one is not right, or
// the new one cannot be had; not_found: there is no such user. The user's sessions stay:
// the caller ends them (EndSessions).
func (db *DB) ChangePassword(ctx context.Context, userID int64, old, replacement string) error {
	var row userRow
	err := db.view(ctx, func(tx *gorm.DB) error {
		result := tx.Where("id = ?", userID).Limit(1).Find(&row)
		if result.Error == nil && result.RowsAffected == 0 {
			return chat.Errorf(chat.CodeNotFound, "There is no such user.")
		}
		return fault("read a user", result.Error)
	})
	if err != nil {
		return err
	}
	wrong := chat.Errorf(chat.CodeInvalid, "The current password is not right.")
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
		if result.Error == nil && result.RowsAffected == 0 {
			return wrong
		}
		return fault("change a password", result.Error)
	})
}
