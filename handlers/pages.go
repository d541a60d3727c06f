// Package handlers is the site: pages, forms and accounts around the chat.
package handlers

import (
	"html/template"
	"time"

	"roomline/models"
	"roomline/realtime/chat"
)

// The data of each template in views. Every page embeds Page. Forms post to the routes of
// handlers.go with the hidden input _csrf; the fields they send are named there.

// Page is what every page needs.
type Page struct {
	Title string
	CSRF  string     // value of the hidden input _csrf of every form
	User  *chat.User // nil when nobody is signed in
	Error string     // a sentence to show above the form, "" for none
	Field string     // the form field that Error is about, "" for the whole form

	// Of a page with several forms, the one that Error is about, and what was typed into it, by field.
	Form  string
	Typed map[string]string
}

// Kept is what was typed into a field of a form that was refused, or else what is there from the start.
func (p Page) Kept(form, field, start string) string {
	if typed, ok := p.Typed[field]; ok && p.Form == form {
		return typed
	}
	return start
}

// Refusal is what is wrong with a field of a form, or with field "" of it as a whole; "" for nothing.
func (p Page) Refusal(form, field string) string {
	if p.Form != form || p.Field != field {
		return ""
	}
	return p.Error
}

// Moderates reports whether the page is for a moderator.
func (p Page) Moderates() bool { return p.User != nil && p.User.Role.AtLeast(chat.RoleModerator) }

// LoginPage is login.html and signup.html.
type LoginPage struct {
	Page
	Notice       string // what was just done, "" for nothing
	Username     string // as typed before
	Next         string // local path to go to after signing in, "" for /
	Registration string // open, invite or closed
	First        bool   // signup: this account becomes the owner
	Invite       string // signup: the token of the link that led here; what is wrong with it is Error with Field invite
}

// RoomPage is room.html: the chat page of one room, rendered with a page of history. The
// same page serves /rooms/:slug (namespace /general) and /admin (namespace /admin).
type RoomPage struct {
	Page
	Room       chat.RoomView
	Rooms      []chat.RoomView // of the namespace, for the list at the side
	BlankRoom  chat.RoomView   // stays zero: the entry of that list that the script copies
	MayCreate  bool            // rooms
	Groups     []DayGroup      // the page of history, ascending
	Blank      MessageRow      // zero, but for Moderates: the row that the script copies
	HasOlder   bool
	HasNewer   bool
	OldestSeq  int64         // of the page, for "older" without script: ?before=
	NewestSeq  int64         // for "newer": ?after=
	Focus      int64         // seq the page is about (permalink), 0 for the latest page
	MessageID  string        // fresh client message id for the plain form
	Draft      string        // text to show in the plain form (after a refusal)
	Reply      *chat.Message // what the plain form answers, nil for nothing
	SendPath   string        // action of the plain form
	RoomPath   string        // /rooms/lobby or /admin
	Namespace  string        // /general or /admin
	SocketPath string        // /socket.io/
	TextLength int           // characters a message may have

	Mute *chat.Sanction // in force for who looks, nil for none
	Held []chat.Held    // what of them waits for review here, the oldest first
	Wait int            // seconds until slow mode lets them write again
	Open int64          // reports that wait, for moderators; 100 for that many or more
}

// MentionsElsewhere counts the unread mentions of the visitor in the other rooms.
func (p RoomPage) MentionsElsewhere() int64 {
	var n int64
	for _, room := range p.Rooms {
		if room.Slug != p.Room.Slug {
			n += room.Mentions
		}
	}
	return n
}

// NewRoomPage is new_room.html; NewRoom is as typed before.
type NewRoomPage struct {
	Page
	chat.NewRoom
}

// SettingsPage is settings.html: a room's settings, for who may change them, and the visitor's own of it.
type SettingsPage struct {
	Page
	Room    chat.RoomView
	Path    string      // RoomPath
	Notice  string      // what was just done, "" for nothing
	Members []chat.User // of a private room, who came first before others
	Paces   []int       // of slow mode, to choose from: seconds

	// The fields, as the room has them or as typed before.
	Name, Topic, RoomNotice, Invited string
}

// DayGroup is the messages of one day (UTC), DayGroups are ascending.
type DayGroup struct {
	Day      time.Time
	Messages []MessageRow
}

// MessageRow is partials/message.html: the only markup of a message.
type MessageRow struct {
	chat.Message
	Grouped bool          // same author as the row above, within five minutes
	Viewer  string        // id of the person who looks
	New     bool          // the first row after the read pointer: the divider stands above it
	Reply   *chat.Message // the message it answers, nil if none or not found
	CSRF    string        // for the plain forms
	Path    string        // RoomPath, for permalinks and plain forms

	Moderates bool // the person who looks is a moderator
}

// Own reports whether the message is by the person who looks.
func (r MessageRow) Own() bool { return r.Viewer != "" && r.Author.ID == r.Viewer }

// MayReport reports whether the person who looks may report the message: others' that stand, where
// there are moderators to tell.
func (r MessageRow) MayReport() bool {
	return r.Seq != 0 && r.Kind == chat.KindText && !r.Own() && !r.Deleted() && r.Path != adminPath
}

// MayModerate reports whether there is a page of the message for the person who looks.
func (r MessageRow) MayModerate() bool { return r.Seq != 0 && r.Kind == chat.KindText && r.Moderates }

// EditPage is edit.html: edit one's own message without script.
type EditPage struct {
	Page
	Room    chat.RoomView
	Message chat.Message
	Path    string // RoomPath
}

// SearchPage is search.html.
type SearchPage struct {
	Page
	Query      string          // as it was typed
	Room       string          // slug of the room that is searched, "" for all
	Rooms      []chat.RoomView // those to choose from
	Back       string          // path of the page the search leads back to
	Asked      bool            // there was a query, and it was understood
	People     []chat.User     // members whose names begin so
	Results    []Result        // those sent last first
	Next       string          // path of the page of older results, "" if there is none
	First      string          // path of the first page, "" if this is it
	Incomplete bool            // older messages are still being indexed
}

// Result is a message that was found.
type Result struct {
	chat.Message
	Snippet  template.HTML // of Service.Search: nothing but <mark> in it is an element
	RoomName string        // "" where one room is searched
	Path     string        // of the message
}

// AccountPage is account.html.
type AccountPage struct {
	Page
	Notice   string // what was just done, "" for nothing
	Name     string // as it is, or as typed before
	Sessions []SessionRow
}

// SessionRow is one session of the account page.
type SessionRow struct {
	ID        int64
	Device    string // "Firefox on Linux"
	Address   string
	CreatedAt time.Time
	SeenAt    time.Time
	Current   bool
}

// ResetPage is reset.html: set the password of an account with a link of a moderator's.
type ResetPage struct {
	Page
	Name  string // of the account, "" if the link is none
	Token string
}

// ResetLinkPage is reset_link.html: such a link, for the moderator who made it.
type ResetLinkPage struct {
	Page
	Name string // whose password it sets
	Path string // of their page
	Link string
}

// InvitesPage is invites.html.
type InvitesPage struct {
	ModerationPage
	Registration string // open, invite or closed
	Link         string // of the invite that was just made, "" for none
	Invites      []models.Invite

	// The fields, as typed before.
	Note, Uses, Days string
}

// ErrorPage is error.html.
type ErrorPage struct {
	Page
	Status    int
	Message   string // what happened
	Hint      string // what to do next
	RequestID string // finds a fault in the log; empty where the server made none
	Kept      []KeptText
}

// KeptText is what somebody wrote into a form that was refused as a whole.
type KeptText struct{ Label, Text string }
