package models

// makeRoom empties the log if little space is left, and returns an error if that does not help.
func (w *writer) makeRoom() error {
	if w.files.space() == nil {
		return nil
	}
	// Without waiting for readers, for whom writes would wait.
	for _, pragma := range []string{"PRAGMA busy_timeout = 0", emptyLog, "PRAGMA busy_timeout = 5000"} {
		if err := w.conn.each("empty the log", pragma, func(*row) {}); err != nil {
			w.log.report(err)
		}
	}
	return w.files.space()
}

// commit commits the batch and records that beside the file.
func (w *writer) commit() error {
	if !w.dirty {
		return w.conn.exec("commit", "COMMIT")
	}
	if err := w.files.check(); err != nil {
		return err
	}
	if w.short != nil {
		return w.short
	}
	var commits int64
	if w.conn.advanced == (roomRev{}) {
		if err := w.conn.first("count the commit", countCommit, func(row *row) { commits = row.int() }); err != nil {
			return err
		}
	}
	var audit *auditHead
	if w.conn.audited {
		head, err := readAudit(w.conn, selectAuditHead)
		if err != nil {
			return err
		}
		audit = &head
	}
	if err := w.conn.exec("commit", "COMMIT"); err != nil {
		return err
	}
	w.history.committed(commits, w.conn.advanced, audit)
	w.conn.audited = false
	w.log.note()
	w.health.works()
	return nil
}
