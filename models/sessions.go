package models

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"strings"
	"time"

	"gorm.io/gorm"

	"roomline/realtime/chat"
)

// ErrNoSession is what FindSession returns for a token that nobody holds, or not any more.
var ErrNoSession = errors.New("models: no such session")

const (
	tokenSize    = 32  // random bytes
	purgeStep    = 500 // sessions removed by one write
	maxUserAgent = 300 // bytes kept
	maxAddress   = 64
)

// seenEvery bounds how often the use of a session is written down.
const seenEvery = time.Hour

// Session is a sign-in of a user on one device.
type Session struct {
	ID        int64
	UserID    int64
	UserAgent string
	Address   string
	CreatedAt time.Time
	SeenAt    time.Time // last use, an hour late at most
}

// Meta is what a session remembers of where it was started, cut to a sane length.
type Meta struct {
	UserAgent string
	Address   string
	Places    []string // see KnownPlaces
}

// sessionRow is a row of sessions.
type sessionRow struct {
	ID        int64 `gorm:"primaryKey"`
	UserID    int64
	TokenHash []byte
	UserAgent string
	Address   string
	CreatedAt int64 `gorm:"autoCreateTime:false"`
	SeenAt    int64
}

// TableName is GORM's hook.
func (sessionRow) TableName() string { return "sessions" }

func (r sessionRow) session() Session {
	return Session{
		ID: r.ID, UserID: r.UserID, UserAgent: r.UserAgent, Address: r.Address,
		CreatedAt: fromMillis(r.CreatedAt), SeenAt: fromMillis(r.SeenAt),
	}
}

const (
	selectSession = `SELECT s.id, s.user_id, s.created_at, s.seen_at,
	u.name, u.role, u.created_at
FROM sessions s JOIN users u ON u.id = s.user_id WHERE s.token_hash = +?`

	selectUse = "SELECT id, created_at, seen_at FROM sessions WHERE id = ? AND user_id = ?"

	// A time in the future is from before the clock was set back.
	touchSession = `UPDATE sessions SET seen_at = ?1, created_at = min(created_at, ?1)
WHERE id = ?2 AND (seen_at < ?3 OR seen_at > ?1) RETURNING user_id`
	touchUser = "UPDATE users SET seen_at = ?1 WHERE id = ?2 AND seen_at <> ?1"

	endSessions = "DELETE FROM sessions WHERE user_id = ? AND id <> ? RETURNING id"

	purgeSessions = `DELETE FROM sessions WHERE id IN (
	SELECT id FROM sessions WHERE created_at < ? OR seen_at < ? LIMIT ?)`
)

// StartSession begins a session of a user. The token is its only key: it is given here
// once and stored nowhere.
func (db *DB) StartSession(ctx context.Context, userID int64, meta Meta) (token string, s Session, err error) {
	token, hash := newToken()
	now := db.cfg.Now().UnixMilli()
	row := sessionRow{
		UserID: userID, TokenHash: hash[:], CreatedAt: now, SeenAt: now,
		UserAgent: cut(meta.UserAgent, maxUserAgent), Address: cut(meta.Address, maxAddress),
	}
	err = db.change(ctx, func(tx *gorm.DB) error {
		if err := tx.Create(&row).Error; err != nil {
			return fault("start a session", err)
		}
		if err := rememberPlaces(tx, userID, now, meta.Places); err != nil {
			return err
		}
		return fault("note who came", tx.Exec("UPDATE users SET seen_at = ? WHERE id = ?", now, userID).Error)
	})
	if err != nil {
		return "", Session{}, err
	}
	return token, row.session(), nil
}

// cut returns the first n bytes of text at most, whole characters only, in memory of its own.
func cut(text string, n int) string {
	return strings.Clone(strings.ToValidUTF8(text[:min(n, len(text))], ""))
}

// FindSession returns the session of a token, without UserAgent and Address, and its user with
// their rights of now; ErrNoSession if there is none or it has ended. It is one query, and none
// within a second of the last one unless users or sessions have changed here. It notes the use of
// the session once an hour without making the caller wait.
func (db *DB) FindSession(ctx context.Context, token string) (Session, User, error) {
	hash, ok := tokenHash(token)
	if !ok {
		return Session{}, User{}, ErrNoSession
	}
	f, changes, known := db.recent.get(hash)
	var err error
	if !known || db.isDue(f.session) {
		f.at = time.Now() // before the query: what is changed behind it is not in it
		err = db.ask(ctx, func(c *conn) error {
			return c.first("find a session", selectSession, func(row *row) {
				f.session = Session{ID: row.int(), UserID: row.int(), CreatedAt: fromMillis(row.int()), SeenAt: fromMillis(row.int())}
				f.user = User{ID: f.session.UserID, Name: row.text(), Role: chat.Role(row.text()), CreatedAt: fromMillis(row.int())}
			}, hash[:])
		})
		if err == nil {
			db.recent.put(hash, changes, f)
		}
	}
	if err := db.use(f.session, err); err != nil {
		return Session{}, User{}, err
	}
	return f.session, f.user, nil
}

// UseSession notes the use of a session that is known by its id; ErrNoSession if it has ended.
func (db *DB) UseSession(ctx context.Context, userID string, sessionID int64) error {
	var session Session
	err := db.ask(ctx, func(c *conn) error {
		return c.first("find a session", selectUse, func(row *row) {
			session = Session{ID: row.int(), CreatedAt: fromMillis(row.int()), SeenAt: fromMillis(row.int())}
		}, sessionID, userID)
	})
	return db.use(session, err)
}

// use notes the use of a session that was looked for, unless it has ended.
func (db *DB) use(s Session, err error) error {
	if errors.Is(err, chat.ErrMissing) {
		return ErrNoSession
	}
	if err != nil {
		return err
	}
	now := db.cfg.Now()
	if now.After(db.ends(s)) {
		return ErrNoSession
	}
	if db.isDue(s) {
		db.touch(s.ID, now)
	}
	return nil
}

// isDue reports whether the use of a session is to be written down: an hour after the last time, or if that is in the
// future, as the clock was set back.
func (db *DB) isDue(s Session) bool {
	ago := db.cfg.Now().Sub(s.SeenAt)
	return ago < 0 || ago >= db.seenEvery()
}

// newToken makes a secret key for somebody to hold. Only its hash is stored.
func newToken() (token string, hash [sha256.Size]byte) {
	var secret [tokenSize]byte
	_, _ = rand.Read(secret[:]) // never fails
	return base64.RawURLEncoding.EncodeToString(secret[:]), sha256.Sum256(secret[:])
}

// tokenHash returns the hash that newToken gave with a token, unless it cannot have made it.
func tokenHash(token string) (hash [sha256.Size]byte, ok bool) {
	if len(token) != base64.RawURLEncoding.EncodedLen(tokenSize) {
		return hash, false
	}
	secret, err := base64.RawURLEncoding.Strict().DecodeString(token)
	if err != nil {
		return hash, false
	}
	return sha256.Sum256(secret), true
}

// ends is when a session ends if it is not used again.
func (db *DB) ends(s Session) time.Time {
	idle, life := s.SeenAt.Add(db.cfg.SessionIdle), s.CreatedAt.Add(db.cfg.SessionLife)
	if idle.Before(life) {
		return idle
	}
	return life
}

// seenEvery is short of an hour when sessions are, or they would end while in use.
func (db *DB) seenEvery() time.Duration { return min(seenEvery, db.cfg.SessionIdle/8) }

// touch notes the use of a session. If the writer is busy the next use will do.
func (db *DB) touch(id int64, now time.Time) {
	seen, due := now.UnixMilli(), now.Add(-db.seenEvery()).UnixMilli()
	db.writer.offer(func(c *conn) error {
		var user int64
		err := c.each("touch a session", touchSession, func(row *row) { user = row.int() }, seen, id, due+1)
		if err == nil && user != 0 {
			err = c.each("note who was seen", touchUser, nil, seen, user)
		}
		if err != nil {
			db.cfg.Logger.Warn("note the use of a session", "error", err)
		}
		return err
	})
}

// Sessions returns the sessions of a user that have not ended, the latest used first.
func (db *DB) Sessions(ctx context.Context, userID int64) ([]Session, error) {
	var rows []sessionRow
	err := db.view(ctx, func(tx *gorm.DB) error {
		return fault("list sessions", tx.Where("user_id = ?", userID).Order("seen_at DESC, id DESC").Find(&rows).Error)
	})
	if err != nil {
		return nil, err
	}
	now := db.cfg.Now()
	sessions := make([]Session, 0, len(rows))
	for _, row := range rows {
		if s := row.session(); !now.After(db.ends(s)) {
			sessions = append(sessions, s)
		}
	}
	return sessions, nil
}

// EndSession ends one session of a user. It is no error if there is none: it has ended.
func (db *DB) EndSession(ctx context.Context, userID, sessionID int64) error {
	return db.change(ctx, func(tx *gorm.DB) error {
		return fault("end a session", tx.Where("id = ? AND user_id = ?", sessionID, userID).Delete(&sessionRow{}).Error)
	})
}

// EndSessions ends the sessions of a user but exceptID (0: all), and returns which.
func (db *DB) EndSessions(ctx context.Context, userID, exceptID int64) ([]int64, error) {
	var ended []int64
	err := db.change(ctx, func(tx *gorm.DB) error {
		return fault("end sessions", tx.Raw(endSessions, userID, exceptID).Scan(&ended).Error)
	})
	if err != nil {
		return nil, err
	}
	return ended, nil
}

// PurgeSessions removes the sessions that have ended, in steps that let others write
// between, and returns how many there were.
func (db *DB) PurgeSessions(ctx context.Context) (int64, error) {
	now := db.cfg.Now()
	created, seen := now.Add(-db.cfg.SessionLife).UnixMilli(), now.Add(-db.cfg.SessionIdle).UnixMilli()
	var total int64
	for {
		var removed int64
		err := db.change(ctx, func(tx *gorm.DB) error {
			result := tx.Exec(purgeSessions, created, seen, purgeStep)
			removed = result.RowsAffected
			return fault("purge sessions", result.Error)
		})
		if err != nil {
			return total, err
		}
		if total += removed; removed < purgeStep {
			return total, nil
		}
	}
}
