package realtime_test

import (
	"context"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"roomline/realtime"
	"roomline/realtime/chat"
	"roomline/realtime/internal/wiretest"
)

// closable is a host that can close the cellar to everybody but ben.
func closable(shut *atomic.Bool) func(*host, *realtime.Options) {
	return func(_ *host, opts *realtime.Options) {
		opts.Authorize = func(_ context.Context, user chat.User, room chat.Room, _ chat.Permission) (bool, error) {
			return !shut.Load() || user.ID == "3" || room.Slug != "cellar", nil
		}
	}
}

// told asks for the list of rooms, and returns what came before the answer of rooms that have come or gone.
func told(t *testing.T, s *wiretest.Session) (events []string) {
	t.Helper()
	_, before := ask(t, s, general, `"room:list",{}`, `{"ok":true,*`)
	return slices.DeleteFunc(before, func(packet string) bool {
		return !strings.HasPrefix(packet, `42/general,["room",`) && !strings.HasPrefix(packet, `42/general,["removed",`)
	})
}

func TestAnOpenListHasTheRoomsThatOneMayRead(t *testing.T) {
	for what, refresh := range map[string]func(*testing.T, *host) error{
		"one user":  func(t *testing.T, h *host) error { return h.chat.RefreshUser(t.Context(), "2") },
		"all users": func(t *testing.T, h *host) error { return h.chat.RefreshUsers(t.Context()) },
	} {
		t.Run(what, func(t *testing.T) {
			wiretest.Run(t, func(t *testing.T, line wiretest.Line) {
				var shut atomic.Bool
				h := newHost(t, nil, closable(&shut))
				h.ensure(chat.NewRoom{Slug: "cellar", Name: "Cellar"})
				ada, ben, reader := h.enter(t, line, "2", general), h.enter(t, line, "3", general), h.enter(t, line, "2", general)
				ask(t, reader, general, `"room:join",{"room":"cellar"}`, `{"ok":true,*}`)
				shut.Store(true)
				must(t, refresh(t, h))
				h.say("3", "cellar", "behind her back")
				gone := []string{`42/general,["removed",{"room":"cellar"}]`}
				for who, s := range map[string]*wiretest.Session{"who has it in the list": ada, "who reads it": reader} {
					if got := slices.Compact(told(t, s)); !slices.Equal(got, gone) { // again where the room was just being entered
						t.Errorf("%s is told %q, want %q", who, got, gone)
					}
				}
				shut.Store(false)
				must(t, refresh(t, h))
				must(t, refresh(t, h)) // nothing is new now
				if got := told(t, ada); len(got) != 1 || !wiretest.Match(`42/general,["room",{"slug":"cellar",*"unread":1,*"level":"mentions"}]`, got[0]) {
					t.Errorf("who may read it again is told %q", got)
				}
				if got := told(t, ben); len(got) != 0 {
					t.Errorf("whose rights are as they were is told %q", got)
				}
			})
		})
	}
}

func TestAGuestsListHasTheRoomsThatAreOpen(t *testing.T) {
	var shut atomic.Bool
	h := newHost(t, nil, func(_ *host, opts *realtime.Options) {
		opts.Guests = func(room chat.Room) bool { return !shut.Load() || room.Slug != "cellar" }
	})
	h.ensure(chat.NewRoom{Slug: "cellar", Name: "Cellar"})
	guest := h.enter(t, wiretest.WebSocket(), "", general)
	rename := func(name string) {
		t.Helper()
		_, err := h.chat.Service().UpdateRoom(t.Context(), chat.AsHost(), "cellar", chat.RoomChange{Name: &name})
		must(t, err)
	}
	shut.Store(true)
	must(t, h.chat.RefreshUsers(t.Context()))
	rename("Deep cellar")
	shut.Store(false)
	must(t, h.chat.RefreshUsers(t.Context()))
	rename("Wine cellar")
	got := told(t, guest)
	want := []string{`42/general,["removed",{"room":"cellar"}]`, `42/general,["room",{*"name":"Deep cellar",*`, `42/general,["room",{*"name":"Wine cellar",*`}
	if !slices.EqualFunc(want, got, wiretest.Match) {
		t.Errorf("a guest is told %q, want %q", got, want)
	}
}

func TestWhoIsTakenOutOfAPrivateRoomIsToldOnce(t *testing.T) {
	h := newHost(t, nil)
	moss := chat.Actor{ID: "4", Space: chat.SpaceGeneral}
	room, err := h.chat.Service().CreateRoom(t.Context(), moss, chat.NewRoom{Name: "Den", Private: true})
	must(t, err)
	ada := h.enter(t, wiretest.WebSocket(), "2", general)
	_, err = h.chat.Service().Invite(t.Context(), moss, room.Slug, "2")
	must(t, err)
	must(t, h.chat.RefreshUser(t.Context(), "2"))
	_, err = h.chat.Service().Remove(t.Context(), moss, room.Slug, "2")
	must(t, err)
	must(t, h.chat.RefreshUser(t.Context(), "2"))
	want := []string{`42/general,["room",{"slug":"den-*`, `42/general,["removed",{"room":"den-*"}]`}
	if got := told(t, ada); !slices.EqualFunc(want, got, wiretest.Match) {
		t.Errorf("she is told %q, want %q", got, want)
	}
}
