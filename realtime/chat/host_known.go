package chat

import (
	"maps"
	"strings"
	"sync"
	"time"
)

// known is what a host has said of late. Its methods may be called concurrently.
type known struct {
	mu      sync.Mutex // guards what follows
	users   map[string]knownUser
	permits map[permitKey]knownPermit
	changes uint64 // how often something was forgotten
}

type knownUser struct {
	user   User
	exists bool
	at     time.Time
}

type permitKey struct {
	user, room string // id and slug
	what       Permission
}

type knownPermit struct {
	yes bool
	at  time.Time
}

func (k *known) user(id string) (knownUser, bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	u, ok := k.users[id]
	return u, ok
}

// witness returns the id of a user who exists, "" if there is none, and whether id is one of those.
func (k *known) witness(id string) (witness string, known bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.users[id].exists {
		return id, true
	}
	for other, user := range k.users {
		if user.exists {
			return other, false
		}
	}
	return "", false
}

func (k *known) permit(key permitKey) (knownPermit, bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	p, ok := k.permits[key]
	return p, ok
}

// forgotten returns how often something was forgotten. What was asked before may be of yore after.
func (k *known) forgotten() uint64 {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.changes
}

// keepUser keeps an answer, unless something was forgotten since the question.
func (k *known) keepUser(id string, u knownUser, asked uint64) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.changes != asked {
		return
	}
	keepSome(k.users)
	u.user = u.user.Clone()
	k.users[strings.Clone(id)] = u
}

func (k *known) keepPermit(key permitKey, p knownPermit, asked uint64) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.changes != asked {
		return
	}
	keepSome(k.permits)
	key.user, key.room = strings.Clone(key.user), strings.Clone(key.room)
	k.permits[key] = p
}

// keepSome makes room in what is only remembered to save questions.
func keepSome[K comparable, V any](m map[K]V) {
	for key := range m {
		if len(m) < knownMost {
			return
		}
		delete(m, key)
	}
}

// forget forgets a user and what they may do; everybody with "".
func (k *known) forget(user string) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.changes++
	if user == "" {
		clear(k.users)
		clear(k.permits)
		return
	}
	delete(k.users, user)
	maps.DeleteFunc(k.permits, func(key permitKey, _ knownPermit) bool { return key.user == user })
}
