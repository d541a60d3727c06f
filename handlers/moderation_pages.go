package handlers

import (
	"time"

	"roomline/realtime/chat"
)

// The data of the templates for moderators.

// ModerationPage is what all of their pages under /admin have.
type ModerationPage struct {
	Page
	Section string // of partials/moderation_nav.html: reports, members, filter, audit, invites or live
	Open    int64  // reports that wait; 100 for that many or more
	Notice  string // what was just done, "" for nothing
}

// Place is a room, and a message in it; zero for a room that the moderator may not read.
type Place struct {
	Name string
	Path string // of the room
	Link string // path of the message, "" for none
}

// ReportsPage is reports.html: the queue, or with One a single report of it.
type ReportsPage struct {
	ModerationPage
	One     bool
	State   chat.ReportState // that is listed
	Reports []ReportCard     // the latest first
	Older   string           // path of the next page, "" if there is none
	First   string           // path of the first page, "" if this is it
	Faster  bool             // of One: somebody else had decided it
}

// ReportCard is partials/report.html.
type ReportCard struct {
	chat.Report
	Place
	Page   Page
	Form   string // that it has on the page
	Others int    // reasons that are not listed
	MayAct bool   // the moderator may delete it and mute its author
	Own    bool   // it is the moderator's own, and for another to decide
}

// Held reports whether the message waits for review.
func (r ReportCard) Held() bool { return r.Kind == chat.ReportHeld }

// MembersPage is members.html.
type MembersPage struct {
	ModerationPage
	Query      string
	Sanctioned bool // only those with a sanction in force
	Members    []MemberRow
	Next       string // path of the next page, "" if there is none
	First      string // path of the first page, "" if this is it
}

// MemberRow is one member of the list.
type MemberRow struct {
	chat.Member
	Online bool // connected now
}

// MemberPage is member.html.
type MemberPage struct {
	ModerationPage
	chat.Profile
	Online bool
	Path   string // of the page
	Own    bool   // the moderator looks at themselves
	MayAct bool   // mute, ban, and what else moderators do
	Roles  bool   // give them a role
	Recent []RecentRow
}

// RecentRow is a message of a member.
type RecentRow struct {
	chat.Message
	Place
}

// FilterPage is filter.html.
type FilterPage struct {
	ModerationPage
	Rules []chat.Rule
	Kinds []RuleKind
}

// RuleKind is a kind of rule in words.
type RuleKind struct {
	Kind  chat.RuleKind
	Name  string
	About string // what it looks at
}

// RulePage is rule.html: a rule as it is, or as typed before.
type RulePage struct {
	ModerationPage
	chat.Rule
	About RuleKind
	List  string      // Rule.Words, one a line
	Most  string      // Rule.Most as typed
	Every string      // Rule.Seconds as typed
	Text  string      // that it was tried against
	Tried bool        // it was
	Match *chat.Match // what it found there, nil for nothing
}

// AuditPage is audit.html.
type AuditPage struct {
	ModerationPage
	Query    string
	Act      string
	Acts     []ActGroup // to choose from
	Person   string     // id of the member whom the entries are about, "" for all
	Name     string     // of that member
	Entries  []AuditRow
	Older    string // path of the next page, "" if there is none
	First    string // path of the first page, "" if this is it
	Filtered bool   // not all entries are asked for
}

// ActGroup is a choice of acts.
type ActGroup struct{ Act, Name string }

// AuditRow is an entry of the audit log in words: Actor, Verb, Target, Tail.
type AuditRow struct {
	chat.Entry
	Place
	Verb    string
	Tail    string
	Report  int64 // that was decided, 0 for none
	Changes []Change
}

// Change is one thing that an act has changed. What was or is not there is "".
type Change struct{ Name, Before, After string }

// LivePage is live.html.
type LivePage struct {
	ModerationPage
	At      time.Time
	Figures []Figure
}

// Figure is one line of the live page.
type Figure struct {
	Metric string // its name in realtime.Sample's JSON
	Name   string
	About  string
	Now    string
	Least  string
	Most   string
	Points string // of the line, in a box of 100 by 28
}

// ModeratePage is moderate.html: one message, as it is and as it was.
type ModeratePage struct {
	ModerationPage
	chat.Original
	Room       chat.RoomView
	Path       string // RoomPath
	MayDelete  bool
	MayRestore bool // a moderator deleted it
	ByAuthor   bool // its author deleted it
}

// ReportPage is report.html: a member reports a message.
type ReportPage struct {
	Page
	Room    chat.RoomView
	Message chat.Message
	Path    string // RoomPath
	Done    bool
	Reasons []string // to choose from
	Other   string   // the choice of something else
}
