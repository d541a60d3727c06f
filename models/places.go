package models

import (
	"context"

	"gorm.io/gorm"

	"roomline/realtime/chat"
)

// mostPlaces is how many places are kept of a user, the latest ones.
const mostPlaces = 50

const (
	selectPlaces = `SELECT p.place FROM places p WHERE p.user_id = ? AND p.place IN (SELECT value FROM json_each(?))`
	putPlaces    = `INSERT INTO places (user_id, place, seen_at) SELECT ?, value, ? FROM json_each(?) WHERE true
ON CONFLICT (user_id, place) DO UPDATE SET seen_at = excluded.seen_at`
	dropPlaces = `DELETE FROM places WHERE user_id = ?1 AND place NOT IN (
	SELECT place FROM places WHERE user_id = ?1 ORDER BY seen_at DESC, place LIMIT ?2)`
)

// KnownPlaces returns which of the places the user of that name has signed in from; none if nobody has the name.
func (db *DB) KnownPlaces(ctx context.Context, name string, places ...string) ([]string, error) {
	var known []string
	err := db.view(ctx, func(tx *gorm.DB) error {
		row, err := userNamed(tx, name)
		if err != nil {
			return err
		}
		return fault("read known places", tx.Raw(selectPlaces, row.ID, jsonText(places)).Scan(&known).Error)
	})
	if chat.ErrorCode(err) == chat.CodeNotFound {
		err = nil
	}
	return known, err
}

// rememberPlaces stores where a user has signed in from, and forgets the places used longest ago if there are many.
func rememberPlaces(tx *gorm.DB, userID, now int64, places []string) error {
	if len(places) == 0 {
		return nil
	}
	if err := tx.Exec(putPlaces, userID, now, jsonText(places)).Error; err != nil {
		return fault("remember places", err)
	}
	return fault("forget places", tx.Exec(dropPlaces, userID, mostPlaces).Error)
}
