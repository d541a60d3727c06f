package models

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"unicode"

	"roomline/realtime/chat"
)

// sanction scans sanctionColumns.
func (r *row) sanction() chat.Sanction {
	return chat.Sanction{
		ID: r.int(), User: r.text(), Kind: chat.SanctionKind(r.text()), Reason: r.text(), By: chat.User{ID: r.text()},
		At: fromMillis(r.int()), Until: fromMillis(r.int()),
		LiftedAt: fromMillis(r.int()), LiftedBy: r.text(), LiftReason: r.text(),
	}
}

// account scans accountColumns.
func (r *row) account() chat.Account {
	return chat.Account{User: r.user(), JoinedAt: fromMillis(r.int()), SeenAt: fromMillis(r.int())}
}

// revision scans revisionColumns.
func (r *row) revision() chat.Revision {
	return chat.Revision{
		RoomID: r.int(), Seq: r.int(), Rev: r.int(), Text: r.text(), HTML: r.text(),
		Mentions: usersOf(r.list()), Reactions: r.reactions(),
		At: fromMillis(r.int()), EndedAt: fromMillis(r.int()), EndedBy: r.text(), Purge: r.int() != 0,
	}
}

// report scans reportColumns.
func (r *row) report() chat.Report {
	report := chat.Report{
		ID: r.int(), Kind: chat.ReportKind(r.text()), State: chat.ReportState(r.text()), RoomID: r.int(), Room: r.text(),
		Seq: r.int(), Author: chat.User{ID: r.text()}, Text: r.text(), Count: int(r.int()), Reasons: r.reasons(),
		Message: r.int(), At: fromMillis(r.int()), Action: chat.Resolution(r.text()), Note: r.text(),
	}
	by, at := r.text(), r.int()
	if at != 0 {
		report.ResolvedBy, report.ResolvedAt = &chat.User{ID: by}, fromMillis(at)
	}
	report.ClientID, report.ReplyTo = r.text(), r.int()
	r.fill(report.Hash[:])
	return report
}

// reasonForm is how a chat.Reason is stored.
type reasonForm struct {
	User string `json:"u,omitempty"`
	Text string `json:"t"`
	At   int64  `json:"at"`
}

func (r *row) reasons() []chat.Reason {
	text := r.text()
	if text == "" {
		return nil
	}
	var list []reasonForm
	if err := json.Unmarshal([]byte(text), &list); err != nil {
		r.err = errors.Join(r.err, fmt.Errorf("reasons: %w", err))
	}
	reasons := make([]chat.Reason, len(list))
	for i, one := range list {
		reasons[i] = chat.Reason{User: chat.User{ID: one.User}, Text: one.Text, At: fromMillis(one.At)}
	}
	return reasons
}

// reasonsText is what reasons scans.
func reasonsText(reasons []chat.Reason) string {
	if len(reasons) == 0 {
		return ""
	}
	list := make([]reasonForm, len(reasons))
	for i, one := range reasons {
		list[i] = reasonForm{one.User.ID, one.Text, millis(one.At)}
	}
	return jsonText(list)
}

// resolverOf is the id of who resolved a report, "" for the server and for nobody.
func resolverOf(r chat.Report) string {
	if r.ResolvedBy == nil {
		return ""
	}
	return r.ResolvedBy.ID
}

// rule scans selectRules.
func (r *row) rule() chat.Rule {
	return chat.Rule{
		ID: r.int(), Name: r.text(), Kind: chat.RuleKind(r.text()), Action: chat.RuleAction(r.text()), Off: r.int() != 0,
		Words: r.list(), Only: r.int() != 0, Pattern: r.text(), Most: int(r.int()), Seconds: int(r.int()),
	}
}

// listText is what list scans.
func listText(list []string) string {
	if len(list) == 0 {
		return ""
	}
	return jsonText(list)
}

// entry scans auditColumns.
func (r *row) entry() chat.Entry {
	e := chat.Entry{ID: r.int(), At: fromMillis(r.int()), Actor: chat.User{ID: r.text()}, Act: r.text()}
	if target := r.text(); target != "" {
		e.Target = &chat.User{ID: target}
	}
	e.Room, e.Seq, e.Reason, e.Before, e.After = r.text(), r.int(), r.text(), r.raw(), r.raw()
	r.fill(e.Prev[:])
	r.fill(e.Hash[:])
	return e
}

// raw scans JSON, "" if there is none.
func (r *row) raw() json.RawMessage {
	if text := r.text(); text != "" {
		return json.RawMessage(text)
	}
	return nil
}

func targetOf(e chat.Entry) string {
	if e.Target == nil {
		return ""
	}
	return e.Target.ID
}

// wordsOf returns the words of a text in lower case, each with a space before it.
func wordsOf(text string) []string {
	words := strings.FieldsFunc(strings.ToLower(text), func(r rune) bool { return !unicode.In(r, unicode.L, unicode.N, unicode.M) })
	for i, word := range words {
		words[i] = " " + word
	}
	return words
}

// actRange returns from where on and below what the acts lie that a query asks for.
func actRange(act string) (from, to string) {
	switch {
	case act == "":
		return "", string(unicode.MaxRune)
	case strings.HasSuffix(act, ":"):
		return act, act + string(unicode.MaxRune)
	}
	return act, act + "\x00"
}
