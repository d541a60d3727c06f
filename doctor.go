package main

import (
	"fmt"

	"roomline/models"
)

type doctorCommand struct{}

// Run checks the database and its files, and prints a line for each check. A finding that an operator must act on is an
// error, for scripts that ask.
func (doctorCommand) Run(p *process) error {
	bad := 0
	for _, f := range models.Examine(p.ctx, p.db) {
		verdict := "ok "
		if f.Bad {
			verdict = "BAD"
			bad++
		}
		fmt.Fprintf(p.stdout, "%s  %s: %s\n", verdict, f.Check, f.Text)
	}
	if bad > 0 {
		return fmt.Errorf("%d of the checks failed", bad)
	}
	return nil
}
