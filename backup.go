package main

import (
	"errors"
	"fmt"

	"roomline/models"
)

type backupCommand struct {
	File  string `arg:"" type:"path" help:"Where to write the copy; - for standard output."`
	Force bool   `help:"Replace the file if it exists."`
}

// Run copies the database, also beside a running server.
func (cmd *backupCommand) Run(p *process) error {
	if cmd.File == "-" {
		_, err := models.BackupTo(p.ctx, p.db, p.stdout)
		return wrap("back up", err)
	}
	c, err := models.Backup(p.ctx, p.db, cmd.File, cmd.Force)
	if err != nil {
		return wrap("back up to "+cmd.File, err)
	}
	fmt.Fprintf(p.stdout, "backed up to %s: %s\n", cmd.File, describe(c))
	return nil
}

type restoreCommand struct {
	File  string `arg:"" type:"path" help:"The copy to put in place of the database."`
	Force bool   `help:"Replace the database if it exists."`
}

// Run puts a backup in place of the database. The server must be stopped.
func (cmd *restoreCommand) Run(p *process) error {
	c, err := models.Restore(p.ctx, models.Config{Path: p.db, Logger: p.log}, cmd.File, cmd.Force)
	if errors.Is(err, models.ErrExists) {
		return fmt.Errorf("restore to %s: it exists; --force replaces it, and what was written since the backup is lost", p.db)
	}
	if err != nil {
		return wrap("restore "+cmd.File, err)
	}
	fmt.Fprintf(p.stdout, "restored %s: %s. Sessions, passwords, roles and bans are as of the backup; clients load their rooms anew\n", p.db, describe(c))
	return nil
}

func wrap(doing string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", doing, err)
}

// describe says what a database holds.
func describe(c models.Contents) string {
	text := fmt.Sprintf("%d rooms, %d messages", c.Rooms, c.Messages)
	if !c.Latest.IsZero() {
		text += ", the last one sent at " + c.Latest.UTC().Format("2006-01-02 15:04:05 MST")
	}
	return text
}
