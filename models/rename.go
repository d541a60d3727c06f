package models

import (
	"context"

	"gorm.io/gorm"

	"roomline/realtime/chat"
)

// RenameUser gives a user another name, under the rules of CreateUser; it may look like the one
// they have. A name that cannot be had is a *chat.Error (invalid); not_found: there is no such
// user. The name they had is anybody's from then on.
func (db *DB) RenameUser(ctx context.Context, userID int64, wanted string) (User, error) {
	n, err := parseName(wanted)
	if err != nil {
		return User{}, err
	}
	var row userRow
	err = db.change(ctx, func(tx *gorm.DB) error {
		var found bool
		if row, found, err = userNumbered(tx, userID); err != nil {
			return err
		}
		if !found {
			return chat.Errorf(chat.CodeNotFound, "There is no such user.")
		}
		if err := nameFree(tx, n, userID); err != nil {
			return err
		}
		if lookOf(row.Name) != n.look { // the name that they have may be reserved by now
			if err := db.checkReserved(n, false); err != nil {
				return err
			}
		}
		row.Name, row.NameKey, row.LookKey, row.FindKey = n.display, n.key, n.look, n.find
		return fault("rename a user", tx.Model(&row).Select("name", "name_key", "look_key", "find_key").Updates(&row).Error)
	})
	if err != nil {
		return User{}, err
	}
	return row.user(), nil
}
