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
	selectIdentity = "SELECT token, commits FROM chat_identity"
	countCommit    = "UPDATE chat_identity SET commits = commits + 1 RETURNING commits"
	setToken       = "UPDATE chat_identity SET token = ?, commits = commits + 1 RETURNING commits"
	renewEpochs    = "UPDATE chat_rooms SET epoch = lower(hex(randomblob(16)))"

	selectAuditHead  = "SELECT id, hash FROM chat_audit ORDER BY id DESC LIMIT 1"
	selectAuditEntry = "SELECT id, hash FROM chat_audit WHERE id = ?"

	fileOnly = "mode=ro&immutable=1" // opens the file without its log
)

// identity is what a database says of its own history.
type identity struct {
	token   string // random; "" for none yet
	commits int64  // that changed something
}

// lastState is what the mark beside the file says of the database as of the last commit.
type lastState struct {
	Token   string    `json:"token"`
	Commits int64     `json:"commits"`
	Copied  int64     `json:"copied"` // the file without its log has at least these commits
	Clean   bool      `json:"clean"`  // it was closed
	Audit   auditHead `json:"audit"`
	Lost    auditHead `json:"lost"` // a head that is not in the audit log
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
	shared bool // a server keeps the mark as well

	mu     sync.Mutex // guards what follows
	state  lastState
	failed bool // the last write of the mark did
}

// committed records a commit. audit is the head of the audit log, nil if it may not have changed.
func (h *history) committed(commits int64, audit *auditHead) {
	h.update(func(s *lastState) {
		s.Commits = max(s.Commits, commits)
		if audit != nil && audit.ID >= s.Audit.ID {
			s.Audit = *audit
		}
	})
}

// copied records how much the file has without its log.
func (h *history) copied(commits int64) {
	h.update(func(s *lastState) { s.Copied = max(s.Copied, commits) })
}

func (h *history) update(change func(*lastState)) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.shared {
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

// close records whether the database was closed with everything in its file.
func (h *history) close(clean bool) error {
	if !h.shared {
		h.update(func(s *lastState) {
			if s.Clean = clean; clean {
				s.Copied = s.Commits
			}
		})
	}
	return errors.Join(h.mark.Sync(), h.mark.Close())
}

func readIdentity(c *conn) (i identity, err error) {
	err = c.first("read the identity", selectIdentity, func(row *row) { i.token, i.commits = row.text(), row.int() })
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
