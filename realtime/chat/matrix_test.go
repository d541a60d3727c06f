package chat_test

import (
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"roomline/realtime/chat"
)

// The others of the matrix, who are acted on.
const (
	fern = "fern" // a member
	otto = "otto" // an owner
	wren = "wren" // a member who reports
)

// actors are the columns of the matrix: a stranger, a member, one who is muted, one who is banned, a moderator and
// an owner.
var actors = []string{gone, mia, "hush", "shut", moss, olive}

// Whose message or who it is that a method is called on.
const (
	own               = "own"
	members           = "a member's"
	moderators        = "a moderator's"
	owners            = "an owner's"
	nobodys    string = "" // it makes no difference
)

// matrix says what becomes of each method, in the general space and in the admin space: "ok", or the code of the
// refusal, with "?" for not_found and "no" for forbidden.
var matrix = []struct{ method, whose, general, admin string }{
	//                              stranger member muted banned moderator owner
	{"Enter", nobodys, "no ok ok banned ok ok", "no no no banned ok ok"},
	{"Rooms", nobodys, "no ok ok banned ok ok", "no no no banned ok ok"},
	{"FindUsers", nobodys, "no ok ok banned ok ok", "no no no banned ok ok"},
	{"Search", nobodys, "no ok ok banned ok ok", "no no no banned ok ok"},
	{"Access", nobodys, "no ok ok banned ok ok", "no ? ? banned ok ok"},
	{"Room", nobodys, "no ok ok banned ok ok", "no ? ? banned ok ok"},
	{"Join", nobodys, "no ok ok banned ok ok", "no ? ? banned ok ok"},
	{"History", nobodys, "no ok ok banned ok ok", "no ? ? banned ok ok"},
	{"Message", nobodys, "no ok ok banned ok ok", "no ? ? banned ok ok"},
	{"Messages", nobodys, "no ok ok banned ok ok", "no ? ? banned ok ok"},
	{"HeldOf", nobodys, "no ok ok banned ok ok", "no ? ? banned ok ok"},
	{"MarkRead", nobodys, "no ok ok banned ok ok", "no ? ? banned ok ok"},
	{"SetLevel", nobodys, "no ok ok banned ok ok", "no ? ? banned ok ok"},
	{"Members", nobodys, "no ok ok banned ok ok", "no ? ? banned ? ?"}, // a private room of the general space

	{"Typing", nobodys, "no ok muted banned ok ok", "no ? ? banned ok ok"},
	{"Send", nobodys, "no ok muted banned ok ok", "no ? ? banned ok ok"},
	{"Edit", own, "no ok muted banned ok ok", "no ? ? banned ok ok"},
	{"Edit", members, "no no muted banned no no", "no ? ? banned no no"},
	{"Edit", moderators, "no no muted banned no no", "no ? ? banned no no"},
	{"Delete", own, "no ok ok banned ok ok", "no ? ? banned ok ok"},
	{"Delete", members, "no no no banned no no", "no ? ? banned no no"},
	{"Delete", moderators, "no no no banned no no", "no ? ? banned no no"},
	{"React", own, "no ok muted banned ok ok", "no ? ? banned ok ok"},
	{"React", members, "no ok muted banned ok ok", "no ? ? banned ok ok"},
	{"React", moderators, "no ok muted banned ok ok", "no ? ? banned ok ok"},
	{"Report", own, "no invalid muted banned invalid invalid", "no ? ? banned invalid invalid"},
	{"Report", members, "no ok muted banned ok ok", "no ? ? banned ok ok"},
	{"Report", moderators, "no ok muted banned ok ok", "no ? ? banned ok ok"},
	{"Report", owners, "no ok muted banned ok ok", "no ? ? banned ok ok"},
	{"MayRename", nobodys, "no ok muted banned ok ok", "no ok muted banned ok ok"},

	{"CreateRoom", nobodys, "no no no banned ok ok", "no no no banned no no"},
	{"UpdateRoom", nobodys, "no no muted banned ok ok", "no ? ? banned ok ok"},
	{"Invite", members, "no ok muted banned ok ok", "no ? ? banned ? ?"},
	{"Remove", own, "no ok ok banned ok ok", "no ? ? banned ? ?"},
	{"Remove", members, "no no muted banned ok ok", "no ? ? banned ? ?"},
	{"Remove", moderators, "no no muted banned ok ok", "no ? ? banned ? ?"},

	{"Accounts", nobodys, "no no no banned no no", "no no no banned ok ok"},
	{"Audit", nobodys, "no no no banned no no", "no no no banned ok ok"},
	{"OneReport", nobodys, "no no no banned no no", "no no no banned ok ok"},
	{"OpenReports", nobodys, "no no no banned no no", "no no no banned ok ok"},
	{"Original", members, "no no no banned no no", "no no no banned ok ok"},
	{"Original", moderators, "no no no banned no no", "no no no banned ok ok"},
	{"Original", owners, "no no no banned no no", "no no no banned ok ok"},
	{"Profile", members, "no no no banned no no", "no no no banned ok ok"},
	{"Profile", owners, "no no no banned no no", "no no no banned ok ok"},
	{"Reports", nobodys, "no no no banned no no", "no no no banned ok ok"},
	{"Rules", nobodys, "no no no banned no no", "no no no banned ok ok"},
	{"TryRule", nobodys, "no no no banned no no", "no no no banned ok ok"},

	{"Mute", own, "no no no banned no no", "no no no banned no no"},
	{"Mute", members, "no no no banned no no", "no no no banned ok ok"},
	{"Mute", moderators, "no no no banned no no", "no no no banned no ok"},
	{"Mute", owners, "no no no banned no no", "no no no banned no no"},
	{"Unmute", own, "no no no banned no no", "no no no banned no no"},
	{"Unmute", members, "no no no banned no no", "no no no banned ok ok"},
	{"Unmute", moderators, "no no no banned no no", "no no no banned no ok"},
	{"Unmute", owners, "no no no banned no no", "no no no banned no no"},
	{"Ban", own, "no no no banned no no", "no no no banned no no"},
	{"Ban", members, "no no no banned no no", "no no no banned ok ok"},
	{"Ban", moderators, "no no no banned no no", "no no no banned no ok"},
	{"Ban", owners, "no no no banned no no", "no no no banned no no"},
	{"BanAndDelete", own, "no no no banned no no", "no no no banned no no"},
	{"BanAndDelete", members, "no no no banned no no", "no no no banned ok ok"},
	{"BanAndDelete", moderators, "no no no banned no no", "no no no banned no ok"},
	{"BanAndDelete", owners, "no no no banned no no", "no no no banned no no"},
	{"Unban", own, "no no no banned no no", "no no no banned no no"},
	{"Unban", members, "no no no banned no no", "no no no banned ok ok"},
	{"Unban", moderators, "no no no banned no no", "no no no banned no ok"},
	{"Unban", owners, "no no no banned no no", "no no no banned no no"},
	{"TakeDown", own, "no no no banned no no", "no no no banned no no"},
	{"TakeDown", members, "no no no banned no no", "no no no banned ok ok"},
	{"TakeDown", moderators, "no no no banned no no", "no no no banned no ok"},
	{"TakeDown", owners, "no no no banned no no", "no no no banned no no"},
	{"BringBack", own, "no no no banned no no", "no no no banned no no"},
	{"BringBack", members, "no no no banned no no", "no no no banned ok ok"},
	{"BringBack", moderators, "no no no banned no no", "no no no banned no ok"},
	{"BringBack", owners, "no no no banned no no", "no no no banned no no"},
	{"SetRole", own, "no no no banned no no", "no no no banned no no"},
	{"SetRole", members, "no no no banned no no", "no no no banned no ok"},
	{"SetRole", moderators, "no no no banned no no", "no no no banned no ok"},
	{"SetRole", owners, "no no no banned no no", "no no no banned no ok"},
	{"Act", nobodys, "no no no banned no no", "no no no banned ok ok"},
	{"Act", own, "no no no banned no no", "no no no banned no no"},
	{"Act", members, "no no no banned no no", "no no no banned ok ok"},
	{"Act", moderators, "no no no banned no no", "no no no banned no ok"},
	{"Act", owners, "no no no banned no no", "no no no banned no no"},
	{"Dismiss", own, "no no no banned no no", "no no no banned ok ok"},
	{"Dismiss", members, "no no no banned no no", "no no no banned ok ok"},
	{"Dismiss", moderators, "no no no banned no no", "no no no banned no ok"},
	{"Dismiss", owners, "no no no banned no no", "no no no banned no no"},
	{"Restore", own, "no no no banned no no", "no no no banned no no"},
	{"Restore", members, "no no no banned no no", "no no no banned ok ok"},
	{"Restore", moderators, "no no no banned no no", "no no no banned no ok"},
	{"Restore", owners, "no no no banned no no", "no no no banned no no"},
	{"Resolve", own, "no no no banned no no", "no no no banned ? ?"},
	{"Resolve", members, "no no no banned no no", "no no no banned ok ok"},
	{"Resolve", moderators, "no no no banned no no", "no no no banned no ok"},
	{"Resolve", owners, "no no no banned no no", "no no no banned no no"},
	{"Freeze", nobodys, "no no no banned no no", "no no no banned ok ok"},
	{"Slow", nobodys, "no no no banned no no", "no no no banned ok ok"},
	{"PutRule", nobodys, "no no no banned no no", "no no no banned ok ok"},
	{"DeleteRule", nobodys, "no no no banned no no", "no no no banned ok ok"},
}

func TestTheMatrixHasEveryMethod(t *testing.T) {
	service := reflect.TypeFor[*chat.Service]()
	for i := range service.NumMethod() {
		name := service.Method(i).Name
		_, asks := methods[name]
		placed := slices.ContainsFunc(matrix, func(row struct{ method, whose, general, admin string }) bool { return row.method == name })
		if host := slices.Contains(hostMethods, name); asks != placed || asks == host {
			t.Errorf("%s has no place: put it into methods and matrix, or into hostMethods", name)
		}
	}
	for name := range methods {
		if _, ok := service.MethodByName(name); !ok {
			t.Errorf("there is no method %s", name)
		}
	}
}

func TestWhoMayDoWhatToWhom(t *testing.T) {
	codes := map[string]chat.Code{
		"ok": "", "no": chat.CodeForbidden, "?": chat.CodeNotFound, "muted": chat.CodeMuted, "banned": chat.CodeBanned, "invalid": chat.CodeInvalid,
	}
	for _, row := range matrix {
		for space, cells := range map[chat.Space]string{chat.SpaceGeneral: row.general, chat.SpaceAdmin: row.admin} {
			for i, cell := range strings.Fields(cells) {
				actor := chat.Actor{ID: actors[i], Space: space}
				t.Run(strings.Join([]string{row.method, row.whose, string(space), actor.ID}, " "), func(t *testing.T) {
					w, target := staged(t, actor, row.whose)
					if cell == "ok" {
						_, err := methods[row.method](w, actor, target)
						w.refused(err, "")
						return
					}
					w.unchanged(func() {
						_, err := methods[row.method](w, actor, target)
						w.refused(err, codes[cell])
					})
				})
			}
		}
	}
}

// staged makes a world for a row of the matrix.
func staged(t *testing.T, actor chat.Actor, whose string, changes ...func(*world, *chat.Config)) (*world, target) {
	w := newWorld(t, noLimits(), changes...)
	for id, role := range map[string]chat.Role{
		"hush": chat.RoleMember, "shut": chat.RoleMember, fern: chat.RoleMember, wren: chat.RoleMember, otto: chat.RoleOwner,
	} {
		w.store.SetUser(chat.User{ID: id, Name: id, Role: role})
	}
	to := target{room: "lobby", seq: 1, user: map[string]string{own: actor.ID, members: fern, moderators: reed, owners: otto}[whose]}
	if actor.Space == chat.SpaceAdmin {
		to.room = "admin"
	}
	author := to.user
	if author == "" {
		author = fern
	}
	w.ok(w.store.Write(t.Context(), func(tx chat.Writer) error { return w.stage(tx, author) }, nil))
	w.mutes("hush", time.Hour)
	w.bans("shut", 0)
	w.ok(w.Report(t.Context(), in(wren), "lobby", 1, "bad"))
	return w, to
}

// stage writes what the matrix needs: a message of the author in both rooms, another in the lobby that somebody
// else has deleted, a private room with everybody in it, and a rule.
func (w *world) stage(tx chat.Writer, author string) error {
	var rooms []chat.Room
	for _, slug := range []string{"lobby", "admin"} {
		room, err := tx.Room(slug)
		if err != nil {
			return err
		}
		rooms = append(rooms, room)
	}
	for _, room := range []chat.Room{rooms[0], rooms[0], rooms[1]} {
		rev, posts, err := tx.Advance(room.ID, true)
		if err != nil {
			return err
		}
		m := chat.Message{
			RoomID: room.ID, Room: room.Slug, Seq: rev, Rev: rev, Post: posts, ID: "message-" + room.Slug,
			Kind: chat.KindText, Author: chat.User{ID: author}, Text: "first", SentAt: w.clock,
		}
		if m.Seq == deleted {
			m.Text, m.DeletedAt, m.DeletedBy = "", w.clock, "somebody"
		}
		if err := tx.InsertMessage(m); err != nil {
			return err
		}
		if m.Deleted() {
			err := tx.KeepRevision(chat.Revision{RoomID: room.ID, Seq: m.Seq, Rev: 1, Text: "second", At: w.clock, EndedAt: w.clock, EndedBy: "somebody"})
			if err != nil {
				return err
			}
		}
	}
	private := chat.Room{Slug: den, Space: chat.SpaceGeneral, Name: "Den", Private: true, CreatedBy: "somebody"}
	if err := tx.CreateRoom(&private); err != nil {
		return err
	}
	for _, user := range append([]string{fern, reed, otto}, actors...) {
		if err := tx.SetMember(private.ID, user, true); err != nil {
			return err
		}
	}
	off := noSpam
	off.Off = true
	return tx.PutRule(&off)
}
