package models

import (
	"strings"

	"roomline/realtime/chat"
)

const (
	knownUsers = 4096 // kept at most, about 150 bytes each
	knownRooms = 1024 // kept at most, about 300 bytes each
)

// known is what the writing connection has read of users, their sanctions and rooms and need
// not read again: every message asks for its author and its room. It holds what the transaction
// that runs would read. Another connection's commit, a change that GORM makes, and the
// undoing of a change all drop it; what Advance changes it changes too.
type known struct {
	version int64 // the data version as of which the rest holds
	users   map[string]chat.User
	bounds  map[string]*chat.Restrictions // by user, nil for none
	rooms   map[string]*chat.Room         // by slug
	byID    map[int64]*chat.Room          // the same rooms
}

// at is called when a transaction has begun, with its data version. It reports whether another connection has
// committed since the last one.
func (k *known) at(version int64) (changed bool) {
	if k.version == version {
		return false
	}
	k.forget()
	k.version = version
	return true
}

func (k *known) forget() {
	k.users, k.bounds, k.rooms, k.byID = nil, nil, nil, nil
}

func (k *known) keepUser(u chat.User) {
	if len(k.users) >= knownUsers || k.users == nil {
		k.users = make(map[string]chat.User)
	}
	k.users[u.ID] = u
}

func (k *known) keepBounds(user string, bounds chat.Restrictions) {
	if len(k.bounds) >= knownUsers || k.bounds == nil {
		k.bounds = make(map[string]*chat.Restrictions)
	}
	user = strings.Clone(user)
	k.bounds[user] = nil
	if bounds != (chat.Restrictions{}) {
		k.bounds[user] = &bounds
	}
}

func (k *known) keepRoom(room chat.Room) {
	if len(k.rooms) >= knownRooms || k.rooms == nil {
		k.rooms, k.byID = make(map[string]*chat.Room), make(map[int64]*chat.Room)
	}
	k.rooms[room.Slug], k.byID[room.ID] = &room, &room
}
