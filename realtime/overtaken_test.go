package realtime

import (
	"slices"
	"strings"
	"testing"
	"time"

	"roomline/realtime/chat"
	"roomline/realtime/engineio"
)

// The tests of this file let an act of a moderator come between a read of the store and what follows.

// owner makes the first of a crowd the owner.
func (c *crowd) owner() chat.Actor {
	c.store.SetUser(chat.User{ID: "0", Name: "olga", Role: chat.RoleOwner})
	return chat.Actor{ID: "0", Space: chat.SpaceAdmin}
}

func TestABanWhileSomebodyEntersIsFelt(t *testing.T) {
	c := newCrowd(t, 2)
	owner, banned := c.owner(), make(chan struct{})
	change := func() {
		defer close(banned)
		if _, err := c.chat.service.Ban(t.Context(), owner, chat.SanctionRequest{User: "1", Reason: "spam"}); err != nil {
			t.Error(err)
		}
	}
	c.meddle.Store(&change) // behind the read that lets them in
	l := c.listen(t, 1, "/general")
	<-banned
	if err := l.session.Send(engineio.Packet{Type: engineio.Message}); err == nil || c.chat.Online("1") {
		t.Error("the connection of somebody banned is open")
	}
}

func TestAMuteWhileSomebodyEntersIsTold(t *testing.T) {
	c := newCrowd(t, 2)
	owner := c.owner()
	mute := func() {
		if _, err := c.chat.service.Mute(t.Context(), owner, chat.SanctionRequest{User: "1", Reason: "calm down"}); err != nil {
			t.Error(err)
		}
	}
	c.meddle.Store(&mute)
	l := c.listen(t, 1, "/general")
	heard := l.until(t, `2/general,["sanction",{"kind":"mute","reason":"calm down"}]`)
	if hello := strings.Join(heard, "\n"); !strings.Contains(hello, `["hello"`) || strings.Contains(hello, `"sanction":`) {
		t.Errorf("heard %q", heard)
	}

	lift := func() {
		if _, err := c.chat.service.Unmute(t.Context(), owner, "1", "calm"); err != nil {
			t.Error(err)
		}
	}
	c.meddle.Store(&lift)
	l = c.listen(t, 1, "/general")
	heard = l.until(t, `2/general,["sanction",{"kind":"mute","reason":"","lifted":true}]`)
	if !slices.ContainsFunc(heard, func(packet string) bool {
		return strings.HasPrefix(packet, `2/general,["hello"`) && strings.Contains(packet, `"sanction":{"kind":"mute"`)
	}) {
		t.Errorf("heard %q", heard)
	}
}

func TestAMuteWhileSomebodyBeginsToTypeTakesItBack(t *testing.T) {
	c := newCrowd(t, 3)
	owner := c.owner()
	l := c.listen(t, 2, "/general")
	l.send(`2/general,1` + joinLobby)
	l.until(t, `3/general,1`)
	l.send(`2/general,2["room:list",{}]`) // behind it the room is joined
	l.until(t, `3/general,2`)
	mute := func() {
		if _, err := c.chat.service.Mute(t.Context(), owner, chat.SanctionRequest{User: "1", Reason: "calm down"}); err != nil {
			t.Error(err)
		}
	}
	p, _ := c.open(t, 1, `["room:list",{}]`)
	c.meddle.Store(&mute) // behind the read that lets them write
	p.session.Receive(engineio.Packet{Type: engineio.Message, Data: []byte(`2/general,1["typing",{"room":"lobby","on":true}]`)})
	<-p.acks
	l.until(t, `2/general,["typing",{"room":"lobby","user":{"id":"1","name":"person-00001"},"on":false}]`)
}

func TestADecisionThatComesBeforeTheAnswerThatListsItIsToldBehindIt(t *testing.T) {
	c := newCrowd(t, 2)
	owner := c.owner()
	room, err := c.chat.service.Room(t.Context(), chat.Actor{ID: "1", Space: chat.SpaceGeneral}, "lobby")
	if err != nil {
		t.Fatal(err)
	}
	report := chat.Report{
		Kind: chat.ReportHeld, State: chat.ReportOpen, RoomID: room.ID, Room: "lobby", Author: chat.User{ID: "1"},
		Text: "the casino", ClientID: "held-message", At: time.Now(),
	}
	if err := c.store.Write(t.Context(), func(w chat.Writer) error { return w.InsertReport(&report) }, nil); err != nil {
		t.Fatal(err)
	}
	l := c.listen(t, 1, "/general")
	l.send(`2/general,1` + joinLobby) // the ring knows the room from here on
	l.until(t, `3/general,1`)
	reject := func() {
		d := chat.Decision{Report: report.ID, Action: chat.Reject, Note: "no spam"}
		if _, _, err := c.chat.service.Resolve(t.Context(), owner, d); err != nil {
			t.Error(err)
		}
	}
	second := func() { c.meddle.Store(&reject) } // behind the read of what is held
	c.meddle.Store(&second)                      // behind the read of the room
	l.send(`2/general,2` + joinLobby)
	held := `2/general,["held",{"room":"lobby","id":"held-message","state":"rejected"`
	heard := l.until(t, `3/general,2`)
	if answer := heard[len(heard)-1]; !strings.Contains(answer, `"held":[{"room":"lobby","id":"held-message","text":"the casino","state":"waiting"`) {
		t.Fatalf("nothing came between: %s", answer)
	}
	l.until(t, held)
}
