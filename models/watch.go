package models

import (
	"context"
	"time"
)

// Watch looks every so often whether another process (a command beside the server) has
// committed to the file, and calls changed if so; it says nothing of this process's own
// writes. Commits since Open count. It returns when ctx ends or the DB closes; the
// caller runs it in a goroutine.
func (db *DB) Watch(ctx context.Context, every time.Duration, changed func()) {
	ticker := time.NewTicker(every)
	defer ticker.Stop()
	last, failing := db.opened, false
	for {
		select {
		case <-ctx.Done():
			return
		case <-db.closing:
			return
		case <-ticker.C:
		}
		var now int64
		// On the writer's connection: that of a reader would count the writer's commits.
		err := db.writer.do(ctx, func(c *conn) (err error) {
			now, err = dataVersion(c)
			return err
		}, nil)
		switch {
		case err == nil && now != last:
			last = now
			db.recent.forget()
			changed()
		case err != nil && !failing && !db.ending(ctx): // once, not at each tick
			db.cfg.Logger.Warn("watch the database", "error", err)
		}
		failing = err != nil
	}
}

func (db *DB) ending(ctx context.Context) bool {
	select {
	case <-ctx.Done():
		return true
	case <-db.closing:
		return true
	default:
		return false
	}
}

// dataVersion is a number that changes when another connection commits.
func dataVersion(c *conn) (version int64, err error) {
	err = c.first("read the data version", "PRAGMA data_version", func(row *row) { version = row.int() })
	return version, err
}
