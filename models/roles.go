package models

import (
	"context"
	"time"

	"gorm.io/gorm"

	"roomline/realtime/chat"
)

// SetRole gives a user a role, as an act of the server itself: whoever may open the database may
// do it, and it stands in the audit log. not_found: nobody has the name; invalid: there is no
// such role; forbidden: it would leave the site without an owner.
func (db *DB) SetRole(ctx context.Context, name string, role chat.Role) (User, error) {
	if !role.Valid() {
		return User{}, chat.Errorf(chat.CodeInvalid, "A role is one of %s, %s and %s.",
			chat.RoleMember, chat.RoleModerator, chat.RoleOwner)
	}
	var row userRow
	err := db.writer.do(ctx, func(c *conn) (err error) {
		if row, err = userNamed(c.gorm, name); err != nil {
			return err
		}
		was := chat.Role(row.Role)
		if was == role {
			return nil
		}
		if err := keepsOwner(c.gorm, row, role); err != nil {
			return err
		}
		row.Role = string(role)
		if err := c.gorm.Model(&userRow{}).Where("id = ?", row.ID).Update("role", row.Role).Error; err != nil {
			return fault("set a role", err)
		}
		accounts := true // forgotten below in any case
		target := row.user().Chat()
		_, err = chat.AppendEntry(chatWriter{reader{c, nil, &db.messageReads}, &accounts}, chat.Entry{
			At: db.cfg.Now().UTC().Truncate(time.Millisecond), Act: "member:role", Target: &target,
			Before: roleState(was), After: roleState(role),
		})
		return err
	}, db.recent.forget)
	if err != nil {
		return User{}, err
	}
	return row.user(), nil
}

// keepsOwner returns nil if there is an owner still when the user has that role.
func keepsOwner(tx *gorm.DB, user userRow, role chat.Role) error {
	if user.Role != string(chat.RoleOwner) || role == chat.RoleOwner {
		return nil
	}
	var others int64
	err := tx.Model(&userRow{}).Where("role = ? AND id <> ?", string(chat.RoleOwner), user.ID).Count(&others).Error
	if err != nil {
		return fault("count owners", err)
	}
	if others == 0 {
		return chat.Errorf(chat.CodeForbidden, "%s is the only owner. Make somebody else an owner first.", user.Name)
	}
	return nil
}

// roleState is what the audit log says of a role.
func roleState(role chat.Role) []byte {
	return []byte(jsonText(map[string]chat.Role{"role": role}))
}
