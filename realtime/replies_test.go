package realtime

import (
	"bytes"
	"encoding/json"
	"reflect"
	"testing"
	"time"

	"roomline/realtime/chat"
	"roomline/realtime/socketio"
)

func TestRepliesAreWhatJSONMakesOfThem(t *testing.T) {
	user := chat.User{ID: "7", Name: `<"Ada" & Ben>` + "\u2028\n", Role: chat.RoleMember}
	message := chat.Message{
		Room: "lobby", Seq: 3, Rev: 4, ID: "message-1", Kind: chat.KindText, Author: user, Text: "<b>\\\x00</b>",
		ReplyTo: 1, SentAt: time.Unix(1, 0), EditedAt: time.Unix(2, 0), DeletedAt: time.Unix(3, 0), DeletedBy: "7",
	}
	view := chat.RoomView{Room: chat.Room{
		ID: 9, Slug: "lobby", Space: chat.SpaceGeneral, Name: `"Lobby"`, Topic: "<&>", Epoch: "e", Head: 5, Posts: 4,
		Frozen: true, SlowMode: 30,
	}, LastRead: 2, Unread: 1}
	at := time.UnixMilli(1_234).UTC()
	held := []chat.Held{
		{Room: "lobby", ID: "message-2", Text: user.Name, State: chat.HeldWaiting, At: at},
		{Room: "lobby", ID: "message-3", State: chat.HeldRejected, At: at, Reason: user.Name},
	}
	mute := sanctionEvent{Kind: chat.SanctionMute, Until: at, Reason: user.Name}
	who := online{2, []byte(`[{"id":"7"}]`)}
	for _, reply := range []any{
		accepted{ok}, messageReply{ok, message}, readReply{ok, 3, 4, 1},
		sendReply{done: ok, Message: message}, sendReply{done: ok, Held: &held[0]},
		listReply{ok, []chat.RoomView{}}, listReply{ok, []chat.RoomView{view, {}}},
		historyReply{ok, []chat.Message{}, true, false}, historyReply{ok, []chat.Message{message, message}, false, true},
		joinReply{done: ok, Room: joinedRoom{view, who}, HasOlder: true, Messages: messageList{plain: []chat.Message{message}}},
		joinReply{done: ok, Room: joinedRoom{view, who}, Reset: &reset{"cap"}},
		joinReply{done: ok, Room: joinedRoom{view, who}, Held: held},
		hello{User: user, Rooms: []chat.RoomView{view}, Limits: limitsJSON(chat.DefaultLimits()), Now: at},
		hello{User: user, Limits: limitsJSON(chat.DefaultLimits()), Rooms: []chat.RoomView{}, Now: at, Sanction: &mute}, mute,
		sanctionEvent{Kind: chat.SanctionBan, Reason: user.Name, Lifted: true},
		readEvent{"lobby", 3, 4, 1}, typingEvent{"lobby", typingUser{"7", user.Name}, true}, view, user,
	} {
		written := reply.(socketio.JSONAppender).AppendJSON([]byte("before"))
		written, intact := bytes.CutPrefix(written, []byte("before"))
		encoded, err := json.Marshal(reply)
		if err != nil || !intact {
			t.Fatal(err, intact)
		}
		var got, want any
		if err := json.Unmarshal(written, &got); err != nil {
			t.Errorf("%T: %v in %s", reply, err, written)
			continue
		}
		if err := json.Unmarshal(encoded, &want); err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("%T is\n     %s\nwant %s", reply, written, encoded)
		}
	}
}

func TestWhatWaitsStandsBeforeTheMessagesThatAllShare(t *testing.T) {
	shared := messageList{tail: []byte(`[],"hasOlder":false}]`)}
	r := joinReply{Held: []chat.Held{{Room: "lobby", ID: "message-2", State: chat.HeldWaiting}}, Messages: shared}
	r.Room.Online.users = []byte("[]")
	head, tail := r.SplitJSON([]byte("["))
	var args []map[string]any
	if err := json.Unmarshal(append(head, tail...), &args); err != nil {
		t.Fatalf("%v in %s%s", err, head, tail)
	}
	if held, listed := args[0]["held"].([]any); !listed || len(held) != 1 || args[0]["messages"] == nil {
		t.Errorf("the answer is %s%s", head, tail)
	}
}

func TestMessagesOfTheRingAreTheSameBytes(t *testing.T) {
	c := newCrowd(t, 2)
	for i := range 3 {
		c.say(t, `a "text" ]}`, i)
	}
	joined, err := c.chat.service.Join(t.Context(), chat.Actor{ID: "0", Space: chat.SpaceGeneral}, "lobby", nil)
	if err != nil {
		t.Fatal(err)
	}
	s := c.chat.spaces[chat.SpaceGeneral]
	known, ok := s.feed.Latest(t.Context(), joined.Room.Room, 50)
	if !ok {
		t.Fatal("the ring does not know")
	}
	plain := messageList{plain: joined.Messages}.AppendJSON(nil)
	encoded := messageList{encoded: known.Entries, head: s.head}.AppendJSON(nil)
	if !bytes.Equal(plain, encoded) {
		t.Errorf("the ring has\n     %s\nwant %s", encoded, plain)
	}
}

func TestRightsThatChangeWhileSomebodyEntersAreFelt(t *testing.T) {
	c := newCrowd(t, 2)
	change := func() {
		c.store.RemoveUser("1")
		if err := c.chat.RefreshUsers(t.Context()); err != nil {
			t.Error(err)
		}
	}
	c.meddle.Store(&change) // behind the read that lets them in
	p, _ := c.open(t, 1)
	if got := <-p.acks; string(got) != "1/general," {
		t.Errorf("got %s", got)
	}
}

func TestWhoIsTakenOutWhileTheyEnterHearsNothingOfTheRoom(t *testing.T) {
	c := newCrowd(t, 2)
	owner := chat.Actor{ID: "0", Space: chat.SpaceGeneral}
	c.store.SetUser(chat.User{ID: "0", Name: "olga", Role: chat.RoleOwner})
	room, err := c.chat.service.CreateRoom(t.Context(), owner, chat.NewRoom{Name: "Attic", Private: true})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.chat.service.Invite(t.Context(), owner, room.Slug, "1"); err != nil {
		t.Fatal(err)
	}
	change := func() {
		if _, err := c.chat.service.Remove(t.Context(), owner, room.Slug, "1"); err != nil {
			t.Error(err)
		}
	}
	c.meddle.Store(&change) // behind the read that finds them a member
	c.open(t, 1, joinLobby)
	s := c.chat.spaces[chat.SpaceGeneral]
	if n := len(s.readers(room.Room).Sockets()); n != 0 {
		t.Errorf("%d sockets hear of the room", n)
	}
}

func TestACrowdThatComesBackReadsTheLogOnce(t *testing.T) {
	const people, missed = 200, 50
	c := newCrowd(t, people)
	for i := range 2 * missed {
		c.say(t, text64, i)
	}
	_, room, err := c.chat.service.Access(t.Context(), chat.Actor{ID: "0", Space: chat.SpaceGeneral}, "lobby")
	if err != nil {
		t.Fatal(err)
	}
	since, err := json.Marshal(map[string]any{"room": "lobby", "since": chat.Position{Epoch: room.Epoch, Rev: missed}})
	if err != nil {
		t.Fatal(err)
	}
	before := c.logs.Load()
	for i := range people {
		_, answer := c.open(t, i, `["room:join",`+string(since)+`]`)
		if n := bytes.Count(answer, []byte(`{"room":"lobby"`)); n != missed {
			t.Fatalf("%d messages came: %s", n, answer)
		}
	}
	if n := c.logs.Load() - before; n != 1 {
		t.Errorf("the log was read %d times", n)
	}
}

func TestWhatAllWhoComeAreToldIsEncodedOnce(t *testing.T) {
	c := newCrowd(t, 3)
	for i := range 3 {
		c.say(t, text64, i)
	}
	_, first := c.open(t, 0, joinLobby)
	_, second := c.open(t, 1, joinLobby)
	for _, answer := range [][]byte{first, second} {
		var args []struct {
			Messages []struct{ Seq int64 }
			HasOlder *bool
		}
		if err := json.Unmarshal(bytes.TrimPrefix(answer, []byte("3/general,1")), &args); err != nil {
			t.Fatalf("%v: %s", err, answer)
		}
		if len(args) != 1 || args[0].HasOlder == nil || len(args[0].Messages) == 0 {
			t.Fatalf("answered %s", answer)
		}
	}
	s := c.chat.spaces[chat.SpaceGeneral]
	room := s.tails.byRoom
	if len(room) != 1 {
		t.Fatalf("%d tails are kept", len(room))
	}
	for id, l := range room {
		again := s.tails.share(id, messageList{encoded: l.encoded, head: l.head}, false)
		if &again.tail[0] != &l.tail[0] {
			t.Error("the same messages were encoded again")
		}
		fewer := s.tails.share(id, messageList{encoded: l.encoded[1:], head: l.head}, true)
		if bytes.Equal(fewer.tail, l.tail) || !bytes.HasSuffix(fewer.tail, []byte(`"hasOlder":true}]`)) {
			t.Errorf("other messages got %s", fewer.tail)
		}
	}
}
