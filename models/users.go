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
	FindKey      string
	Role         string
	PasswordHash string
	CreatedAt    int64 `gorm:"autoCreateTime:false"`
}

// TableName is GORM's hook.
func (userRow) TableName() string { return "users" }

func (r userRow) user() User {
	return User{ID: r.ID, Name: r.Name, Role: chat.Role(r.Role), CreatedAt: fromMillis(r.CreatedAt)}
}

// admission decides in tx whether somebody may make an account. With use it also takes what
// that costs; only then tx may write.
type admission func(tx *gorm.DB, use bool) error

// CreateUser makes an account. The first one ever is the owner, all others are members.
// A name or password that cannot be had is a *chat.Error (invalid) that says why.
func (db *DB) CreateUser(ctx context.Context, name, password string) (User, error) {
	return db.createUser(ctx, name, password, func(*gorm.DB, bool) error { return nil })
}

// CreateFirstUser is CreateUser where only the first account can be made; any other is forbidden.
func (db *DB) CreateFirstUser(ctx context.Context, name, password string) (User, error) {
	return db.createUser(ctx, name, password, func(*gorm.DB, bool) error {
		return chat.Errorf(chat.CodeForbidden, "New accounts are not open to everybody here.")
	})
}

// CreateInvitedUser is CreateUser where all but the first need an invite, and uses one up. An
// error as of CheckInvite says that the token is none.
func (db *DB) CreateInvitedUser(ctx context.Context, name, password, token string) (User, error) {
	return db.createUser(ctx, name, password, db.invited(token))
}

// createUser makes an account if it is the first or admit returns nil.
func (db *DB) createUser(ctx context.Context, name, password string, admit admission) (User, error) {
	n, err := parseName(name)
	if err != nil {
		return User{}, err
	}
	if err := checkNewPassword(n, password); err != nil {
		return User{}, err
	}
	// Hashing is dear: ask before. The transaction below asks again.
	err = db.view(ctx, func(tx *gorm.DB) error {
		_, err := db.enter(tx, n, admit, false)
		return err
	})
	if err != nil {
		return User{}, err
	}
	hash, err := db.hashPassword(ctx, password)
	if err != nil {
		return User{}, err
	}
	row := userRow{Name: n.display, NameKey: n.key, LookKey: n.look, FindKey: n.find, PasswordHash: hash, CreatedAt: db.cfg.Now().UnixMilli()}
	err = db.change(ctx, func(tx *gorm.DB) error {
		role, err := db.enter(tx, n, admit, true)
		if err != nil {
			return err
		}
		row.Role = string(role)
		return fault("create a user", tx.Create(&row).Error)
	})
	if err != nil {
		return User{}, err
	}
	return row.user(), nil
}

// enter returns the role that a new account of that name gets. Who is not admitted does not
// learn whether there is somebody of the name.
func (db *DB) enter(tx *gorm.DB, n name, admit admission, use bool) (chat.Role, error) {
	var users int64
	if err := tx.Model(&userRow{}).Count(&users).Error; err != nil {
		return "", fault("count users", err)
	}
	if users == 0 {
		return chat.RoleOwner, db.checkReserved(n, true)
	}
	if err := admit(tx, use); err != nil {
		return "", err
	}
	if err := db.checkReserved(n, false); err != nil {
		return "", err
	}
	return chat.RoleMember, nameFree(tx, n, 0)
}

// nameFree returns nil if nobody but that user (0: nobody) has the name or one that looks like it.
func nameFree(tx *gorm.DB, n name, but int64) error {
	var same int64
	err := tx.Model(&userRow{}).Where("(name_key = ? OR look_key = ?) AND id <> ?", n.key, n.look, but).Count(&same).Error
	if err != nil {
		return fault("look for a name", err)
	}
	if same > 0 {
		return refuseField("name", "That name is taken, or looks too much like one that is. Choose another.")
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

// userNumbered reads the whole row of a user, if there is one of that id.
func userNumbered(tx *gorm.DB, id int64) (row userRow, found bool, err error) {
	result := tx.Where("id = ?", id).Limit(1).Find(&row)
	return row, result.RowsAffected > 0, fault("read a user", result.Error)
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
