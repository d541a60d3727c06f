package chat_test

import (
	"encoding/json"
	"fmt"
	"math"
	"regexp"
	"strings"
	"time"

	"roomline/realtime/chat"
)

// everything is all that is in the store as a text, to see that nothing has changed, or that something is nowhere.
func (w *world) everything() string {
	w.Helper()
	d := dump{}
	w.ok(w.store.Read(w.Context(), func(r chat.Reader) error {
		d.Reader = r
		for _, space := range []chat.Space{chat.SpaceGeneral, chat.SpaceAdmin} {
			if err := d.rooms(space); err != nil {
				return err
			}
		}
		if err := d.people(); err != nil {
			return err
		}
		return d.queue()
	}))
	return d.all.String()
}

// dump collects what a Reader has.
type dump struct {
	chat.Reader
	all strings.Builder
}

// add adds a line of a row; times, ids and pointers as they are on the wire, if it is on the wire.
func (d *dump) add(what string, rows ...any) error {
	for _, row := range rows {
		data, err := json.Marshal(row)
		if err != nil {
			return err
		}
		fmt.Fprintf(&d.all, "%s %s\n", what, data)
	}
	return nil
}

func (d *dump) rooms(space chat.Space) error {
	rooms, err := d.Rooms(space)
	if err != nil {
		return err
	}
	for _, room := range rooms {
		members, err := d.MembersOf(room.ID)
		if err != nil {
			return err
		}
		messages, err := d.After(room.ID, 0, math.MaxInt32)
		if err != nil {
			return err
		}
		if err := d.add("room", room, members, messages); err != nil {
			return err
		}
		for _, m := range messages {
			revisions, err := d.Revisions(room.ID, m.Seq)
			if err != nil {
				return err
			}
			if err := d.add("revisions", revisions); err != nil {
				return err
			}
		}
		for _, user := range everybody {
			standing, err := d.Standing(room.ID, user)
			if err != nil {
				return err
			}
			if !standing.Pointer {
				standing.LastRead = 0 // the end of the log or its beginning
			}
			last, err := d.LastPost(room.ID, user)
			if err != nil {
				return err
			}
			if err := d.add(user+" in "+room.Slug, standing, last); err != nil {
				return err
			}
		}
	}
	return nil
}

// everybody are all people of the tests.
var everybody = []string{mia, ned, moss, reed, olive, gone}

func (d *dump) people() error {
	accounts, err := d.Accounts("", "", math.MaxInt32, time.Time{})
	if err != nil {
		return err
	}
	if err := d.add("accounts", accounts); err != nil {
		return err
	}
	for _, user := range everybody {
		sanctions, err := d.Sanctions(user)
		if err != nil {
			return err
		}
		sent, err := d.SentBy(user, "", math.MaxInt32)
		if err != nil {
			return err
		}
		if err := d.add("of "+user, sanctions, sent); err != nil {
			return err
		}
	}
	return nil
}

func (d *dump) queue() error {
	reports, err := d.Reports("", 0, math.MaxInt32, "")
	if err != nil {
		return err
	}
	rules, err := d.Rules()
	if err != nil {
		return err
	}
	entries, err := d.EntriesAfter(0, math.MaxInt32)
	if err != nil {
		return err
	}
	return d.add("queue", reports, rules, entries)
}

// unchanged runs do and reports if it has changed or announced anything.
func (w *world) unchanged(do func()) {
	w.Helper()
	w.quiet()
	before := w.everything()
	do()
	if after := w.everything(); after != before {
		w.Errorf("the store has\n%s\nwhere it had\n%s", after, before)
	}
	w.heard()
	w.noted()
}

// textsOf is everything without what a change and the change back leave: revs, entries and what was.
func textsOf(everything string) string {
	var kept []string
	for line := range strings.Lines(everything) {
		if !strings.HasPrefix(line, "queue") && !strings.HasPrefix(line, "room {") {
			kept = append(kept, revs.ReplaceAllString(line, ""))
		}
	}
	return strings.Join(kept, "")
}

var revs = regexp.MustCompile(`"rev":\d+,`)
