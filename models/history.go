package models

import (
	"encoding/hex"
	"errors"
	"log/slog"
	"sync"

	"roomline/internal/dbfile"
	"roomline/realtime/chat"
)

const (
	selectIdentity = "SELECT token, commits, ifnull((SELECT head FROM chat_rooms WHERE id = ?), 0) FROM chat_identity"
	countCommit    = "UPDATE chat_identity SET commits = commits + 1 RETURNING commits"
	setToken       = "UPDATE chat_identity SET token = ?, commits = commits + 1 RETURNING commits"
	renewEpochs    = "UPDATE chat_rooms SET epoch = lower(hex(randomblob(16)))"

	selectAuditHead  = "SELECT id, hash FROM chat_audit ORDER BY id DESC LIMIT 1"
	selectAuditEntry = "SELECT id, hash FROM chat_audit WHERE id = ?"

	fileOnly = "mode=ro&immutable=1" // opens the file without its log
)

// identity is what a database says of its own history.
type identity struct {
	token string // random; "" for none yet
	point
}

// point is a moment of a history: a later one is not below it in any number. A commit that changes a room takes a rev there
// and is not counted, so that a message costs no page more.
type point struct {
	Commits int64 `json:"commits"`
	Room    int64 `json:"room"` // the one that was changed last
	Rev     int64 `json:"rev"`  // and its rev
}

// before reports whether a point lacks something of another one. Both are about the same room.
func (p point) before(other point) bool { return p.Commits < other.Commits || p.Rev < other.Rev }

// lastState is what the mark beside the file says of the database as of the last commit.
type lastState struct {
	Token  string    `json:"token"`
	Point  point     `json:"point"`
	Copied point     `json:"copied"` // the file without its log has at least this
	Clean  bool      `json:"clean"`  // it was closed
	Audit  auditHead `json:"audit"`
	Lost   auditHead `json:"lost"` // a head that is not in the audit log
}

// auditHead identifies an entry of the audit log, the zero value none.
type auditHead struct {
	ID   int64  `json:"id"`
	Hash string `json:"hash"` // hex
}

// history keeps the mark beside the file up to date. Its methods may be called concurrently.
type history struct {
	// set once
	logger *slog.Logger
	mark   *dbfile.Mark[lastState]
	path   string
	shared bool // a server keeps the mark as well
	owns   bool // this is the server

	mu     sync.Mutex // guards what follows
	state  lastState
	failed bool // the last write of the mark did
}

// committed records a commit: its count or, if it is 0, the rev that it took. audit is the head of the audit log, nil if
// it may not have changed.
func (h *history) committed(commits int64, change roomRev, audit *auditHead) {
	h.update(audit != nil, func(s *lastState) {
		s.Point.Commits = max(s.Point.Commits, commits)
		if change != (roomRev{}) {
			s.Point.Room, s.Point.Rev = change.room, change.rev
		}
		if audit != nil && audit.ID >= s.Audit.ID {
			s.Audit = *audit
		}
	})
}

// copied records how much the file has without its log.
func (h *history) copied(p point) {
	h.update(false, func(s *lastState) { s.Copied = p })
	h.renew()
}

// disown records that another program has put another state into the open file: the next start gives every room a new epoch.
func (h *history) disown() {
	h.update(true, func(s *lastState) { s.Token = "" })
}

// renew moves the server's mark to a new file. A copy of all files of the database that is written over them, mark
// included, is then recognised.
func (h *history) renew() {
	if !h.owns {
		return
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if state, found, err := h.mark.Read(); err == nil && found { // a command beside the server may have written it
		h.state = state
	}
	err := h.mark.Renew(h.path, h.state)
	if err != nil && !h.failed {
		h.logger.Error("renew the mark beside the database", "error", err)
	}
	h.failed = err != nil
}

// last returns the state as of the last commit.
func (h *history) last() lastState {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.state
}

// update changes the state and the mark. With others, another process may have changed the mark.
func (h *history) update(others bool, change func(*lastState)) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.shared || others {
		if state, found, err := h.mark.Read(); err == nil && found {
			h.state = state
		}
	}
	change(&h.state)
	err := h.mark.Write(h.state)
	if err != nil && !h.failed {
		h.logger.Error("write the mark beside the database", "error", err)
	}
	h.failed = err != nil
}

// close records whether the database was closed well, and whether its file has everything then.
func (h *history) close(clean, copied bool) error {
	if !h.shared {
		h.update(false, func(s *lastState) {
			if s.Clean = clean; clean && copied {
				s.Copied = s.Point
			}
		})
		h.renew()
	}
	return errors.Join(h.mark.Sync(), h.mark.Close())
}

// readIdentity returns the identity, with the rev of that room.
func readIdentity(c *conn, room int64) (i identity, err error) {
	i.Room = room
	err = c.first("read the identity", selectIdentity, func(row *row) { i.token, i.Commits, i.Rev = row.text(), row.int(), row.int() }, room)
	return i, err
}

// readAudit returns the head that a statement selects, the zero value for none.
func readAudit(c *conn, statement string, args ...any) (head auditHead, err error) {
	err = c.first("read the end of the audit log", statement, func(row *row) {
		var hash [32]byte
		head.ID = row.int()
		row.fill(hash[:])
		head.Hash = hex.EncodeToString(hash[:])
	}, args...)
	if errors.Is(err, chat.ErrMissing) {
		err = nil
	}
	return head, err
}
