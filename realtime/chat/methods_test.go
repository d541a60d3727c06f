package chat_test

import (
	"time"

	"roomline/realtime/chat"
)

// target is what a method is called on.
type target struct {
	room string // of the actor's space
	seq  int64  // of a message by user, there and in the lobby
	user string
}

// What staged puts beside the messages of a target.
const (
	den     = "den"  // a private room that everybody is in
	deleted = seqTwo // the seq of a message in the lobby that somebody else deleted
	seqTwo  = int64(2)
	why     = "for a reason"
)

// method calls a method of the Service with what is valid but for its rights.
type method func(w *world, a chat.Actor, t target) (any, error)

// methods are all that ask for rights.
var methods = map[string]method{
	// what everybody does
	"Access": func(w *world, a chat.Actor, t target) (any, error) {
		user, room, err := w.Access(w.Context(), a, t.room)
		return []any{user, room}, err
	},
	"Enter": func(w *world, a chat.Actor, _ target) (any, error) { return w.Enter(w.Context(), a) },
	"FindUsers": func(w *world, a chat.Actor, _ target) (any, error) {
		return w.FindUsers(w.Context(), a, "", "", 0)
	},
	"HeldOf": func(w *world, a chat.Actor, t target) (any, error) { return w.HeldOf(w.Context(), a, t.room) },
	"History": func(w *world, a chat.Actor, t target) (any, error) {
		return w.History(w.Context(), a, t.room, chat.HistoryQuery{})
	},
	"Join": func(w *world, a chat.Actor, t target) (any, error) { return w.Join(w.Context(), a, t.room, nil) },
	"MarkRead": func(w *world, a chat.Actor, t target) (any, error) {
		return w.MarkRead(w.Context(), a, t.room, t.seq)
	},
	"MayRename": func(w *world, a chat.Actor, _ target) (any, error) { return nil, w.MayRename(w.Context(), a.ID) },
	"Members":   func(w *world, a chat.Actor, _ target) (any, error) { return w.Members(w.Context(), a, den) },
	"Message": func(w *world, a chat.Actor, t target) (any, error) {
		return w.Message(w.Context(), a, t.room, t.seq)
	},
	"Messages": func(w *world, a chat.Actor, t target) (any, error) {
		return w.Messages(w.Context(), a, t.room, []int64{1, 2, 3})
	},
	"Room":  func(w *world, a chat.Actor, t target) (any, error) { return w.Room(w.Context(), a, t.room) },
	"Rooms": func(w *world, a chat.Actor, _ target) (any, error) { return w.Rooms(w.Context(), a) },
	"Search": func(w *world, a chat.Actor, _ target) (any, error) {
		return w.Search(w.Context(), a, chat.SearchQuery{Query: "first"})
	},
	"SetLevel": func(w *world, a chat.Actor, t target) (any, error) {
		return w.SetLevel(w.Context(), a, t.room, chat.LevelAll)
	},
	"Typing": func(w *world, a chat.Actor, t target) (any, error) {
		user, _, err := w.Typing(w.Context(), a, t.room, true)
		return user, err
	},
	"Send": func(w *world, a chat.Actor, t target) (any, error) {
		return w.Send(w.Context(), a, w.draftFor(t.room, "hello"))
	},
	"Edit": func(w *world, a chat.Actor, t target) (any, error) {
		return w.Edit(w.Context(), a, t.room, t.seq, "another text")
	},
	"Delete": func(w *world, a chat.Actor, t target) (any, error) { return w.Delete(w.Context(), a, t.room, t.seq) },
	"React": func(w *world, a chat.Actor, t target) (any, error) {
		return w.React(w.Context(), a, t.room, t.seq, "👍", true)
	},
	"Report": func(w *world, a chat.Actor, t target) (any, error) {
		return nil, w.Report(w.Context(), a, t.room, t.seq, why)
	},
	"CreateRoom": func(w *world, a chat.Actor, _ target) (any, error) {
		return w.CreateRoom(w.Context(), a, chat.NewRoom{Name: "Attic"})
	},
	"UpdateRoom": func(w *world, a chat.Actor, t target) (any, error) {
		return w.UpdateRoom(w.Context(), a, t.room, chat.RoomChange{Topic: new(string)})
	},
	"Invite": func(w *world, a chat.Actor, t target) (any, error) { return w.Invite(w.Context(), a, den, t.user) },
	"Remove": func(w *world, a chat.Actor, t target) (any, error) { return w.Remove(w.Context(), a, den, t.user) },

	// what moderators look at
	"Accounts": func(w *world, a chat.Actor, _ target) (any, error) {
		return w.Accounts(w.Context(), a, chat.MemberQuery{})
	},
	"Audit": func(w *world, a chat.Actor, _ target) (any, error) {
		entries, _, err := w.Audit(w.Context(), a, chat.AuditQuery{})
		return entries, err
	},
	"OneReport":   func(w *world, a chat.Actor, _ target) (any, error) { return w.OneReport(w.Context(), a, 1) },
	"OpenReports": func(w *world, a chat.Actor, _ target) (any, error) { return w.OpenReports(w.Context(), a) },
	"Original": func(w *world, a chat.Actor, t target) (any, error) {
		return w.Original(w.Context(), a, "lobby", t.seq)
	},
	"Profile": func(w *world, a chat.Actor, t target) (any, error) { return w.Profile(w.Context(), a, t.user) },
	"Reports": func(w *world, a chat.Actor, _ target) (any, error) {
		reports, _, err := w.Reports(w.Context(), a, chat.ReportQuery{})
		return reports, err
	},
	"Rules": func(w *world, a chat.Actor, _ target) (any, error) { return w.Rules(w.Context(), a) },
	"TryRule": func(w *world, a chat.Actor, _ target) (any, error) {
		return w.TryRule(w.Context(), a, noSpam, "hello")
	},

	// what moderators do
	"Act": func(w *world, a chat.Actor, t target) (any, error) {
		return nil, w.Act(w.Context(), a, &chat.Act{Name: "invite:create", User: t.user, Reason: why}, func(chat.Writer) error { return nil })
	},
	"Ban": func(w *world, a chat.Actor, t target) (any, error) { return w.Ban(w.Context(), a, sanction(t.user)) },
	"BanAndDelete": func(w *world, a chat.Actor, t target) (any, error) {
		m, _, err := w.BanAndDelete(w.Context(), a, sanction(t.user))
		return m, err
	},
	"Mute": func(w *world, a chat.Actor, t target) (any, error) { return w.Mute(w.Context(), a, sanction(t.user)) },
	"Unban": func(w *world, a chat.Actor, t target) (any, error) {
		return w.Unban(w.Context(), a, t.user, why)
	},
	"Unmute": func(w *world, a chat.Actor, t target) (any, error) {
		return w.Unmute(w.Context(), a, t.user, why)
	},
	"SetRole": func(w *world, a chat.Actor, t target) (any, error) {
		return w.SetRole(w.Context(), a, t.user, chat.RoleMember, why)
	},
	"TakeDown": func(w *world, a chat.Actor, t target) (any, error) {
		m, _, err := w.TakeDown(w.Context(), a, t.user, why)
		return m, err
	},
	"BringBack": func(w *world, a chat.Actor, t target) (any, error) {
		m, _, err := w.BringBack(w.Context(), a, t.user, why)
		return m, err
	},
	"Dismiss": func(w *world, a chat.Actor, t target) (any, error) {
		return w.Dismiss(w.Context(), a, "lobby", t.seq, why)
	},
	"Restore": func(w *world, a chat.Actor, _ target) (any, error) {
		return w.Restore(w.Context(), a, "lobby", deleted, why)
	},
	"Resolve": func(w *world, a chat.Actor, _ target) (any, error) {
		r, _, err := w.Resolve(w.Context(), a, chat.Decision{Report: 1, Action: chat.AgreeDelete, Note: why})
		return r, err
	},
	"Freeze": func(w *world, a chat.Actor, _ target) (any, error) {
		return w.Freeze(w.Context(), a, "lobby", true, why)
	},
	"Slow": func(w *world, a chat.Actor, _ target) (any, error) { return w.Slow(w.Context(), a, "lobby", 10, why) },
	"PutRule": func(w *world, a chat.Actor, _ target) (any, error) {
		return w.PutRule(w.Context(), a, noSpam, why)
	},
	"DeleteRule": func(w *world, a chat.Actor, _ target) (any, error) { return nil, w.DeleteRule(w.Context(), a, 1, why) },
}

// hostMethods ask for nobody's rights: they are the host's own, or say nothing that needs any.
var hostMethods = []string{
	"Changes", "Deliver", "EnsureRoom", "Erase", "Export", "Forget", "ForgetRules", "MayCreate", "PageSize", "Post", "Purge", "Restrictions",
	"StopTyping", "Tail", "Unread", "UnreadIn", "VerifyAudit",
}

// noSpam is a rule that holds back what has the word "spam".
var noSpam = chat.Rule{Name: "No spam", Kind: chat.RuleWords, Action: chat.RuleHold, Words: []string{"spam"}}

func sanction(user string) chat.SanctionRequest {
	return chat.SanctionRequest{User: user, For: time.Hour, Reason: why}
}
