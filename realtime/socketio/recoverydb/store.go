// Package recoverydb keeps what connection state recovery needs in an SQLite file, so that
// clients are recovered by the process that follows one that was killed.
//
//	store, err := recoverydb.Open("recovery.db")
//	…
//	cfg.Recovery = &socketio.Recovery{Store: store}
//
// What a method has returned from is in the file: a process that is killed loses nothing. A power
// cut may lose the last moments, but never corrupts the file, which has a write-ahead log and
// synchronous=NORMAL. A client that had heard of the lost moments then hands in an offset that no
// entry has, and none will get, since offsets come from the clock: it starts anew. To one that had
// not they are as if they had never been. That is right here: after a power cut few machines are back
// within Recovery.MaxDisconnection, while to wait for the disk would delay each event. What must
// never be lost has no place in a journal that forgets within minutes.
//
// A file that was restored from a copy, or that lacks what was stored last, recovers nobody: a small file beside it tells.
//
// The file grows to the size of the most that was kept at once, which is then used again.
package recoverydb

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math"
	"sync"
	"time"

	"roomline/internal/dbfile"
	"roomline/realtime/socketio"
)

// Store is a socketio.RecoveryStore. A write that has begun is not interrupted when its context
// ends: it takes microseconds, but for one in hundreds that puts away the log too.
type Store struct {
	// set once
	lock             *dbfile.Lock
	mark             *dbfile.Mark[lastEntry]
	writing, reading *sql.DB // one connection, and some; they keep their statements prepared

	appending sync.Mutex // held from an entry to the mark that it is there
}

// lastEntry is what the mark beside the file has: the entry that was appended last, 0 for none.
type lastEntry struct {
	Offset uint64 `json:"offset"`
}

var _ socketio.RecoveryStore = (*Store)(nil)

// trimAtOnce is how many rows one statement deletes: others write in between.
const trimAtOnce = 200

// write runs a statement, and returns how many rows it changed.
func (s *Store) write(ctx context.Context, doing, statement string, args ...any) (int64, error) {
	result, err := s.writing.ExecContext(context.WithoutCancel(ctx), statement, args...)
	if err != nil {
		return 0, fmt.Errorf("recoverydb: %s: %w", doing, err)
	}
	return result.RowsAffected()
}

// Start implements socketio.RecoveryStore.
func (s *Store) Start(ctx context.Context, now time.Time) error {
	_, err := s.write(ctx, "start", `UPDATE states SET left_at = ? WHERE left_at IS NULL`, now.UnixMicro())
	return err
}

// Append implements socketio.RecoveryStore.
func (s *Store) Append(ctx context.Context, namespace string, e socketio.Entry) error {
	record := encodeEntry(e)
	s.appending.Lock()
	defer s.appending.Unlock()
	if _, err := s.write(ctx, "append an entry", `INSERT INTO entries VALUES (?, ?, ?)`, namespace, e.Offset, record); err != nil {
		return err
	}
	if err := s.mark.Write(lastEntry{e.Offset}); err != nil {
		return fmt.Errorf("recoverydb: mark an entry: %w", err)
	}
	return nil
}

// Save implements socketio.RecoveryStore.
func (s *Store) Save(ctx context.Context, namespace string, st socketio.State) error {
	left := sql.NullInt64{Int64: st.Left.UnixMicro(), Valid: !st.Left.IsZero()}
	_, err := s.write(ctx, "save a state", `REPLACE INTO states VALUES (?, ?, ?, ?)`, namespace, st.PID, left, encodeState(st))
	return err
}

// Delete implements socketio.RecoveryStore.
func (s *Store) Delete(ctx context.Context, namespace, pid string) error {
	_, err := s.write(ctx, "delete a state", `DELETE FROM states WHERE namespace = ? AND pid = ?`, namespace, pid)
	return err
}

// Trim implements socketio.RecoveryStore. It ends early with ctx.
func (s *Store) Trim(ctx context.Context, offset uint64, left time.Time) error {
	// From namespace to namespace: an index on offset alone would make each Append a third dearer.
	if err := s.trim(ctx, `DELETE FROM entries WHERE (namespace, offset) IN (
		WITH RECURSIVE names (name) AS (
			SELECT min(namespace) FROM entries UNION ALL
			SELECT (SELECT min(namespace) FROM entries WHERE namespace > name) FROM names WHERE name IS NOT NULL)
		SELECT namespace, offset FROM names CROSS JOIN entries ON namespace = name WHERE offset < ? LIMIT ?)`, clamp(offset)); err != nil {
		return err
	}
	return s.trim(ctx, `DELETE FROM states WHERE (namespace, pid) IN (
		SELECT namespace, pid FROM states WHERE left_at < ? LIMIT ?)`, left.UnixMicro())
}

func (s *Store) trim(ctx context.Context, statement string, bound int64) error {
	for n := int64(trimAtOnce); n == trimAtOnce; {
		err := ctx.Err()
		if err == nil {
			n, err = s.write(ctx, "trim", statement, bound, trimAtOnce)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// Head implements socketio.RecoveryStore.
func (s *Store) Head(ctx context.Context, namespace string) (offset uint64, err error) {
	row := s.reading.QueryRowContext(ctx, `SELECT coalesce(max(offset), 0) FROM entries WHERE namespace = ?`, namespace)
	if err := row.Scan(&offset); err != nil {
		return 0, fmt.Errorf("recoverydb: find the newest entry: %w", err)
	}
	return offset, nil
}

// Between implements socketio.RecoveryStore.
func (s *Store) Between(ctx context.Context, namespace string, after, end uint64) ([]socketio.Entry, error) {
	entries, err := s.between(ctx, namespace, clamp(after), clamp(end))
	if err != nil {
		return nil, fmt.Errorf("recoverydb: read entries: %w", err)
	}
	return entries, nil
}

func (s *Store) between(ctx context.Context, namespace string, after, end int64) (entries []socketio.Entry, err error) {
	rows, err := s.reading.QueryContext(ctx,
		`SELECT offset, entry FROM entries WHERE namespace = ? AND offset > ? AND offset <= ? ORDER BY offset`, namespace, after, end)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var offset uint64
		var record []byte
		if err := rows.Scan(&offset, &record); err != nil {
			return nil, err
		}
		e, err := decodeEntry(offset, record)
		if err != nil {
			return nil, err
		}
		entries = append(entries, e)
	}
	return entries, rows.Err()
}

// Load implements socketio.RecoveryStore.
func (s *Store) Load(ctx context.Context, namespace, pid string) (socketio.State, bool, error) {
	var left sql.NullInt64
	var record []byte
	row := s.reading.QueryRowContext(ctx, `SELECT left_at, state FROM states WHERE namespace = ? AND pid = ?`, namespace, pid)
	err := row.Scan(&left, &record)
	if errors.Is(err, sql.ErrNoRows) {
		return socketio.State{}, false, nil
	}
	st := socketio.State{PID: pid}
	if err == nil {
		err = decodeState(record, &st)
	}
	if err != nil {
		return socketio.State{}, false, fmt.Errorf("recoverydb: load a state: %w", err)
	}
	if left.Valid {
		st.Left = time.UnixMicro(left.Int64)
	}
	return st, true, nil
}

// clamp makes an offset one that SQLite can compare: a client may hand in any.
func clamp(offset uint64) int64 { return int64(min(offset, math.MaxInt64)) }
