package models

import (
	"sync"
	"time"
)

const (
	// recentFor is how long a session that was found need not be looked for again: as long as
	// what another process changes may take to be heeded (promises.md, P8).
	recentFor = time.Second
	// recentSize is how many are remembered at the most, about 250 bytes each.
	recentSize = 4096
)

// recent remembers the sessions found within the last second, for clients that poll. What this
// process changes is forgotten before whoever changed it hears of it.
type recent struct {
	mu      sync.Mutex // guards what follows
	changes uint64     // of users or sessions
	found   map[[32]byte]foundSession
	sweep   *time.Timer // runs while found holds something
	closed  bool
}

type foundSession struct {
	session Session
	user    User
	at      time.Time
}

// get returns what was found under a hash, and the number of changes to hand to put.
func (r *recent) get(hash [32]byte) (f foundSession, changes uint64, ok bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	f, ok = r.found[hash]
	return f, r.changes, ok && time.Since(f.at) < recentFor
}

// put remembers what was read after the given number of changes, unless there were more since.
func (r *recent) put(hash [32]byte, changes uint64, f foundSession) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closed || changes != r.changes {
		return
	}
	if r.found == nil {
		r.found = make(map[[32]byte]foundSession)
		r.sweep = time.AfterFunc(recentFor, r.forgetOld)
	}
	for any := range r.found {
		if len(r.found) < recentSize {
			break
		}
		delete(r.found, any)
	}
	r.found[hash] = f
}

// forget forgets everything: users or sessions have changed.
func (r *recent) forget() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.changes++
	r.clearLocked()
}

func (r *recent) clearLocked() {
	r.found = nil
	if r.sweep != nil {
		r.sweep.Stop()
	}
}

func (r *recent) forgetOld() {
	r.mu.Lock()
	defer r.mu.Unlock()
	for hash, f := range r.found {
		if time.Since(f.at) >= recentFor {
			delete(r.found, hash)
		}
	}
	if len(r.found) == 0 {
		r.clearLocked()
		return
	}
	r.sweep.Reset(recentFor)
}

func (r *recent) close() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.closed = true
	r.clearLocked()
}
