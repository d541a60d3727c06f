package load

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// line is a connection without a network: the server's end is in the hands of the test.
type line struct {
	*testing.T
	client *Client
	conn   *Conn
	room   *Room
	far    int // the server's end
}

func newLine(t *testing.T, dialect *Dialect, polls bool) *line {
	t.Helper()
	client, err := New("127.0.0.1:1")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.Close)
	ends, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = unix.Close(ends[1]) })
	l := &line{T: t, client: client, room: NewRoom("room"), far: ends[1]}
	l.conn = &Conn{client: client, fd: ends[0], setup: Setup{Dialect: dialect, Room: l.room}}
	if polls {
		l.conn.poll = &polling{}
	}
	client.conns = append(client.conns, l.conn)
	event := unix.EpollEvent{Events: unix.EPOLLIN | unix.EPOLLOUT}
	if err := unix.EpollCtl(client.epoll, unix.EPOLL_CTL_ADD, ends[0], &event); err != nil {
		t.Fatal(err)
	}
	return l
}

// give has the client read b, in one piece.
func (l *line) give(b string) error {
	l.Helper()
	if n, err := unix.Write(l.far, []byte(b)); err != nil || n != len(b) {
		l.Fatalf("%d of %d bytes are written: %v", n, len(b), err)
	}
	return l.client.Poll(time.Second)
}

// said is what the client has written since.
func (l *line) said() string {
	l.Helper()
	buf := make([]byte, 64<<10)
	n, err := unix.Read(l.far, buf)
	if err != nil {
		l.Fatal(err)
	}
	return string(buf[:n])
}

// dialogue is all that a server says, and all that a client says to it.
type dialogue struct {
	dialect        *Dialect
	polling        bool
	server, client string
}

func frames(packets ...string) string {
	var all strings.Builder
	for _, p := range packets {
		all.Write(serverFrame(opText, p))
	}
	return all.String()
}

func said(packets ...string) string {
	var all []byte
	for _, p := range packets {
		all = appendFrame(all, opText, []byte(p))
	}
	return string(all)
}

func answers(bodies ...string) string {
	var all strings.Builder
	for _, body := range bodies {
		fmt.Fprintf(&all, "HTTP/1.1 200 OK\r\nContent-Length: %d\r\nContent-Type: text/plain\r\n\r\n%s", len(body), body)
	}
	return all.String()
}

// asked are the requests of a client that polls: "" is a GET, all else what a POST holds.
func asked(target string, bodies ...string) string {
	var all []byte
	for _, body := range bodies {
		if body == "" {
			all = append(all, getRequest(target, "127.0.0.1:1", "")...)
		} else {
			all = appendPost(all, target, "127.0.0.1:1", "", []byte(body))
		}
	}
	return string(all)
}

// dialogues are whole: the client enters a room, is pinged, and hears two texts. The room
// has texts before, which count for nothing.
func dialogues() map[string]dialogue {
	const (
		welcome = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n"
		session = `0{"sid":"abc","upgrades":[],"pingInterval":25000}`
		page    = `43/general,2[{"ok":true,"messages":[{"text":"`
		joining = `42/general,2["room:join",{"room":"room"}]`
	)
	entered := page + strings.Repeat(Text(7), 5) + `"}]}]`
	message := func(n uint32) string { return `42/general,["message",{"seq":9,"text":"` + Text(n) + `"}]` }
	upgrade := func(d *Dialect) string { return string(upgradeRequest(d.target, "127.0.0.1:1", "")) }
	node, chat, other := SocketIO("room"), Chat("room", ""), Centrifuge("room")
	push := func(n uint32) string { return `{"push":{"channel":"room","pub":{"data":{"text":"` + Text(n) + `"}}}}` }
	return map[string]dialogue{
		"raw": {
			dialect: Raw(),
			server:  welcome + frames(Text(1)) + string(serverFrame(opPing, "?")) + frames(Text(2)),
			client:  upgrade(Raw()) + string(appendFrame(nil, opPong, []byte("?"))),
		},
		"socketio": {
			dialect: node,
			server: welcome + frames(session, `40{"sid":"x"}`, `432[{"ok":true}]`, "2",
				`42["message",{"text":"`+Text(1)+`"}]`, `42["message",{"text":"`+Text(2)+`"}]`),
			client: upgrade(node) + said("40", `422["join","room"]`, "3"),
		},
		"chat": {
			dialect: chat,
			server: welcome + frames(session, `40/general,{"sid":"x"}`, `42/general,["hello",{}]`, entered, "2", message(1),
				`42/general,["presence",{"count":3}]`, message(2)),
			client: upgrade(chat) + said("40/general,", joining, "3"),
		},
		"chat, polling": {
			dialect: chat, polling: true,
			server: answers(session, "ok", `40/general,{"sid":"x"}`+separator+`42/general,["hello",{}]`, "ok", entered,
				"2"+separator+message(1), "ok", message(2)),
			client: asked(chat.poll, "") + asked(chat.poll+"&sid=abc", "40/general,", "", joining, "", "", "3", "", ""),
		},
		"centrifuge": {
			dialect: other,
			server: welcome + frames(`{"id":1,"connect":{"ping":25}}`, `{"id":2,"subscribe":{}}`,
				"{}\n"+push(1)+"\n"+push(2)+"\n"),
			client: upgrade(other) + said(`{"id":1,"connect":{}}`, `{"id":2,"subscribe":{"channel":"room"}}`, "{}"),
		},
	}
}

// play gives the client what the server says, in these pieces, and reports how it went.
func (d dialogue) play(t *testing.T, pieces ...string) {
	t.Helper()
	l := newLine(t, d.dialect, d.polling)
	l.room.texts = make([]text, 3)
	for _, piece := range pieces {
		if err := l.give(piece); err != nil {
			t.Fatalf("after %q: %v", piece, err)
		}
	}
	if got := l.said(); got != d.client {
		t.Errorf("the client said\n%q, want\n%q", got, d.client)
	}
	if !l.conn.Ready() || l.conn.Heard() != 2 || l.room.Whole() != 2 {
		t.Errorf("it is ready (%v) and has heard %d texts", l.conn.Ready(), l.conn.Heard())
	}
	if l.conn.rest != nil {
		t.Errorf("it waits for the rest of %q", l.conn.rest)
	}
}

func TestEveryDialectIsUnderstoodWhereverItIsSplit(t *testing.T) {
	for name, d := range dialogues() {
		t.Run(name, func(t *testing.T) {
			d.play(t, d.server)
			d.play(t, strings.Split(d.server, "")...)
			for cut := 1; cut < len(d.server); cut += 3 {
				d.play(t, d.server[:cut], d.server[cut:])
			}
		})
	}
}

func TestAPacketLargerThanTheBufferIsUnderstood(t *testing.T) {
	l := newLine(t, Chat("room", ""), false)
	l.client.buf = make([]byte, 64)
	l.conn.state, l.conn.step = open, 3
	l.room.texts = make([]text, 2)
	l.room.members = []*Conn{l.conn}
	stream := frames(`42/general,["presence",{"left":["`+strings.Repeat("x", 5000)+`"]}]`, `42/general,["message",{"text":"`+Text(1)+`"}]`)
	if err := l.give(stream); err != nil {
		t.Fatal(err)
	}
	if err := l.client.Until(func() bool { return l.conn.Heard() == 1 }); err != nil {
		t.Fatal(err)
	}
}

func TestWhatTheSocketDoesNotTakeIsWrittenLater(t *testing.T) {
	l := newLine(t, Raw(), false)
	l.conn.state = open
	sent := strings.Repeat("0123456789", 100_000)
	l.conn.say([]byte(sent))
	var got strings.Builder
	want := string(appendFrame(nil, opText, []byte(sent)))
	for got.Len() < len(want) {
		got.WriteString(l.said())
		if err := l.client.Poll(0); err != nil {
			t.Fatal(err)
		}
	}
	if got.String() != want {
		t.Error("what was written late is not what was said")
	}
	if l.conn.out != nil {
		t.Errorf("%d bytes still wait", len(l.conn.out))
	}
}

func TestAServerThatEndsOrRefusesIsAFailure(t *testing.T) {
	session := `0{"sid":"abc"}`
	for name, says := range map[string]string{
		"refuses the upgrade":   "HTTP/1.1 503 Service Unavailable\r\n\r\n",
		"refuses the namespace": frames(session, `44/general,{"message":"no"}`),
		"refuses the join":      frames(session, `40/general,{"sid":"x"}`, `43/general,2[{"ok":false}]`),
		"closes":                string(serverFrame(opClose, "")),
		"disconnects":           frames(session, `40/general,{"sid":"x"}`, "41/general,"),
		"sends binary":          string(serverFrame(2, "x")),
	} {
		l := newLine(t, Chat("room", ""), false)
		if !strings.HasPrefix(says, "HTTP") {
			l.conn.state = open
		}
		if err := l.give(says); err == nil {
			t.Errorf("a server that %s is no failure", name)
		}
	}
	l := newLine(t, Raw(), false)
	if err := unix.Shutdown(l.far, unix.SHUT_WR); err != nil {
		t.Fatal(err)
	}
	if err := l.client.Poll(time.Second); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("a server that hangs up gives %v", err)
	}
}

func TestARefusedTextIsAFailureAndATakenOneIsCountedOnce(t *testing.T) {
	l := newLine(t, Chat("room", ""), false)
	l.conn.state, l.conn.step = open, 3
	l.room.Send(l.conn, time.Now())
	if err := l.give(frames(`43/general,4[{"ok":true,"message":{"text":"` + Text(1) + `"}}]`)); err != nil {
		t.Fatal(err)
	}
	if l.room.Answered() != 1 || l.room.Heard() != 0 {
		t.Errorf("%d texts are answered and %d heard", l.room.Answered(), l.room.Heard())
	}
	for _, again := range []string{`43/general,4[{"ok":true}]`, `43/general,5[{"ok":true}]`, `43/general,4[{"ok":false}]`} {
		other := newLine(t, Chat("room", ""), false)
		other.conn.state, other.conn.step = open, 3
		other.room.texts = []text{{}, {acked: true}}
		if err := other.give(frames(again)); err == nil {
			t.Errorf("the answer %s is taken", again)
		}
	}
}
