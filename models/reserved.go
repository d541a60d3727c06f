package models

import (
	"slices"

	"roomline/realtime/filter"
)

// chatWords are names that nobody may have: the chat itself speaks by the first, and the others stand for many.
var chatWords = []string{"Roomline", "system", "everyone", "all", "here", "channel"}

// DefaultReservedNames returns the names of Config.ReservedNames where none are given.
func DefaultReservedNames() []string {
	return []string{"admin", "administrator", "moderator", "owner", "support", "staff", "security", "official", "root"}
}

// checkReserved refuses names that look like reserved ones. The first account is the owner: it may say so.
func (db *DB) checkReserved(n name, first bool) error {
	isReserved := func(word string) bool { return filter.LooksLike(n.display, word) }
	if slices.ContainsFunc(chatWords, isReserved) || !first && slices.ContainsFunc(db.cfg.ReservedNames, isReserved) {
		return refuseField("name", "That name is reserved. Choose another.")
	}
	return nil
}
