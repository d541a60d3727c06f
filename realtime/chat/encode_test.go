package chat_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"roomline/realtime/chat"
)

func plainMessage() chat.Message {
	return chat.Message{
		RoomID: 9, Room: "lobby", Seq: 41, Rev: 42, Post: 17, ID: "client-1", Kind: chat.KindText,
		Author: chat.User{ID: "7", Name: "Mia", Role: chat.RoleMember}, Text: "hello",
		SentAt: time.Date(2025, 5, 1, 12, 0, 0, 0, time.UTC),
	}
}

func TestAMessageOnTheWire(t *testing.T) {
	const head = `{"room":"lobby","seq":41,"rev":42,"id":"client-1","kind":"text","author":{"id":"7","name":"Mia","role":"member"},`
	for _, c := range []struct {
		name   string
		change func(m *chat.Message)
		want   string
	}{
		{"plain", func(*chat.Message) {}, head + `"text":"hello","sentAt":"2025-05-01T12:00:00.000Z"}`},
		{"edited reply", func(m *chat.Message) {
			m.ReplyTo = 12
			m.EditedAt = m.SentAt.Add(90*time.Second + 7*time.Millisecond + 999*time.Microsecond)
		}, head + `"text":"hello","replyTo":12,"sentAt":"2025-05-01T12:00:00.000Z","editedAt":"2025-05-01T12:01:30.007Z"}`},
		{"tombstone", func(m *chat.Message) {
			m.Text, m.DeletedAt, m.DeletedBy = "", m.SentAt.Add(time.Hour), "7"
		}, head + `"text":"","sentAt":"2025-05-01T12:00:00.000Z","deletedAt":"2025-05-01T13:00:00.000Z","deletedBy":"7"}`},
		{"another zone", func(m *chat.Message) {
			m.SentAt = m.SentAt.In(time.FixedZone("", -5*3600))
		}, head + `"text":"hello","sentAt":"2025-05-01T12:00:00.000Z"}`},
		{"what JSON escapes", func(m *chat.Message) {
			m.Text = "\"\\/\n\r\t\b\x00\x1f"
		}, head + `"text":"\"\\/\n\r\t\u0008\u0000\u001f","sentAt":"2025-05-01T12:00:00.000Z"}`},
		{"what JSON does not escape", func(m *chat.Message) {
			m.Text = "<b>&'\x7f\u2028\u2029 é漢👩‍🚀"
		}, head + `"text":"<b>&'` + "\x7f\u2028\u2029 é漢👩‍🚀" + `","sentAt":"2025-05-01T12:00:00.000Z"}`},
		{"what is no UTF-8", func(m *chat.Message) {
			m.Text = "a\xffb\xed\xa0\x80c\xe6"
		}, head + `"text":"a` + "\uFFFDb\uFFFD\uFFFD\uFFFDc\uFFFD" + `","sentAt":"2025-05-01T12:00:00.000Z"}`},
		{"nothing", func(m *chat.Message) { *m = chat.Message{} },
			`{"room":"","seq":0,"rev":0,"id":"","kind":"","author":{"id":"","name":"","role":""},"text":"","sentAt":"0001-01-01T00:00:00.000Z"}`},
	} {
		t.Run(c.name, func(t *testing.T) {
			m := plainMessage()
			c.change(&m)
			if got := string(m.AppendJSON([]byte("42"))); got != "42"+c.want {
				t.Errorf("got  %s\nwant 42%s", got, c.want)
			}
			var b bytes.Buffer
			encoder := json.NewEncoder(&b)
			encoder.SetEscapeHTML(false)
			if err := encoder.Encode([]chat.Message{m}); err != nil || b.String() != "["+c.want+"]\n" {
				t.Errorf("in a list: %s, %v", b.String(), err)
			}
		})
	}
}

func TestARoomOnTheWire(t *testing.T) {
	view := chat.RoomView{
		Room: chat.Room{
			ID: 1, Slug: "lobby", Space: chat.SpaceGeneral, Name: "Lobby", Epoch: "e", Head: 42, Posts: 17,
		},
		LastRead: 41, Unread: 3, Mentions: 1, Level: chat.LevelAll,
	}
	const want = `{"slug":"lobby","name":"Lobby","topic":"","epoch":"e","head":42,"posts":17,` +
		`"frozen":false,"slowMode":0,"lastRead":41,"unread":3,"mentions":1,"level":"all"`
	if got, err := json.Marshal(view); err != nil || string(got) != want+"}" {
		t.Errorf("got  %s, %v\nwant %s}", got, err, want)
	}
	more := struct {
		chat.RoomView
		Online int `json:"online"`
	}{view, 5}
	if got, err := json.Marshal(more); err != nil || string(got) != want+`,"online":5}` {
		t.Errorf("embedded: got  %s, %v", got, err)
	}
}

func TestEncodingIntoSpareRoomAllocatesNothing(t *testing.T) {
	m := plainMessage()
	m.EditedAt, m.Text = m.SentAt, strings.Repeat("a \"quoted\" line\n", 10)
	b := make([]byte, 0, 1024)
	if n := testing.AllocsPerRun(100, func() { b = m.AppendJSON(b[:0]) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func FuzzMessageJSON(f *testing.F) {
	f.Add("lobby", "hello\n", "Mia")
	f.Add("\xff", "\u2028<\x00>\xed\xa0\x80", `"\`)
	f.Fuzz(func(t *testing.T, room, text, name string) {
		m := plainMessage()
		m.Room, m.Text, m.Author.Name = room, text, name
		var got struct {
			Room, Text string
			Author     struct{ Name string }
		}
		b := m.AppendJSON(nil)
		if err := json.Unmarshal(b, &got); err != nil {
			t.Fatalf("%s: %v", b, err)
		}
		for _, c := range []struct{ got, put string }{{got.Room, room}, {got.Text, text}, {got.Author.Name, name}} {
			// What is no UTF-8 becomes U+FFFD byte by byte, as it does in a range over runes.
			if want := string([]rune(c.put)); c.got != want {
				t.Errorf("%q came back as %q", want, c.got)
			}
		}
	})
}
