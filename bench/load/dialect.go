package load

import (
	"bytes"
	"strconv"
)

// Dialect is what the clients of a server say, for one room. It is set once and shared by
// all connections to the room.
type Dialect struct {
	target  string   // of the WebSocket's request
	poll    string   // of the first poll; "" where there is none
	steps   []step   // until the connection is in the room
	event   string   // what a packet with somebody's text begins with
	ack     string   // what the answer to a send begins with, followed by its id
	agreed  string   // what follows the id in an answer that is no refusal
	refusal []string // what packets begin with that mean the end
	ping    string
	pong    string
	split   string // between the packets of one frame; "": there is one
	// send is a packet that sends a text, in its parts: before the id, before the
	// client's own id of the message (if the server wants one), before the text, behind it.
	send [4]string
}

// step is one turn of the dialogue that leads into the room: after a packet that begins
// with hear, or at once if that is empty, the client says something.
type step struct{ hear, say string }

// The ids of requests; those of sends follow.
const (
	connectID = 1
	joinID    = 2
	firstSend = 3
)

// Raw is text and nothing else, at /ws: who connects is in the room.
func Raw() *Dialect {
	return &Dialect{target: "/ws", event: "#"}
}

// SocketIO is the dialect of the plain servers on the default namespace: "join", "send",
// "message".
func SocketIO(room string) *Dialect {
	d := engineIO()
	d.steps = []step{
		{"0{", "40"},
		{"40{", `42` + strconv.Itoa(joinID) + `["join","` + room + `"]`},
		{`43` + strconv.Itoa(joinID) + `[`, ""},
	}
	d.event = `42["message",`
	d.ack = `43`
	d.send = [4]string{`42`, `["send",{"room":"` + room + `","text":"`, "", `"}]`}
	return d
}

// Chat is the dialect of Roomline (docs/events.md). Since is the last position known, as
// JSON, or "".
func Chat(room, since string) *Dialect {
	if since != "" {
		since = `,"since":` + since
	}
	d := engineIO()
	d.steps = []step{
		{"0{", "40/general,"},
		{"40/general,{", `42/general,` + strconv.Itoa(joinID) + `["room:join",{"room":"` + room + `"` + since + `}]`},
		{`43/general,` + strconv.Itoa(joinID) + `[{"ok":true`, ""},
	}
	d.event = `42/general,["message",`
	d.ack = `43/general,`
	d.send = [4]string{`42/general,`, `["message:send",{"room":"` + room + `","id":"`, `","text":"`, `"}]`}
	return d
}

func engineIO() *Dialect {
	return &Dialect{
		target:  "/socket.io/?EIO=4&transport=websocket",
		poll:    "/socket.io/?EIO=4&transport=polling",
		agreed:  `[{"ok":true`,
		refusal: []string{"1", "41", "44"},
		ping:    "2",
		pong:    "3",
	}
}

// Centrifuge is the JSON protocol of centrifuge; a room is a channel.
func Centrifuge(room string) *Dialect {
	return &Dialect{
		target: "/connection/websocket",
		steps: []step{
			{"", `{"id":1,"connect":{}}`},
			{`{"id":1,"connect"`, `{"id":2,"subscribe":{"channel":"` + room + `"}}`},
			{`{"id":2,"subscribe"`, ""},
		},
		event:   `{"push":{"channel":"` + room + `","pub"`,
		ack:     `{"id":`,
		agreed:  `,"publish":`,
		refusal: []string{`{"push":{"disconnect"`, `{"push":{"channel":"` + room + `","unsubscribe"`},
		ping:    "{}",
		pong:    "{}",
		split:   "\n",
		send:    [4]string{`{"id":`, `,"publish":{"channel":"` + room + `","data":{"text":"`, "", `"}}}`},
	}
}

// appendSend appends the packet that sends text number n, of so many bytes.
func (d *Dialect) appendSend(dst []byte, n uint32, size int) []byte {
	dst = append(dst, d.send[0]...)
	if d.send[0] != "" {
		dst = strconv.AppendUint(dst, uint64(n)+firstSend, 10)
	}
	dst = append(dst, d.send[1]...)
	if d.send[2] != "" {
		dst = append(appendClientID(dst, n), d.send[2]...)
	}
	return append(appendText(dst, n, size), d.send[3]...)
}

// answer reads an answer to a send: the number of the text, and whether it was taken.
func (d *Dialect) answer(p []byte) (n uint32, taken bool) {
	p = p[len(d.ack):]
	id := uint64(0)
	for len(p) > 0 && p[0] >= '0' && p[0] <= '9' {
		id, p = id*10+uint64(p[0]-'0'), p[1:]
	}
	return uint32(id - firstSend), id >= firstSend && hasPrefix(p, d.agreed)
}

func (d *Dialect) refuses(p []byte) bool {
	for _, prefix := range d.refusal {
		if hasPrefix(p, prefix) {
			return true
		}
	}
	return false
}

func hasPrefix(p []byte, prefix string) bool {
	return len(p) >= len(prefix) && string(p[:len(prefix)]) == prefix
}

const (
	// TextSize is the length of a text in bytes.
	TextSize = 64
	digits   = 8
)

// padding is written over and over; nowhere in it is what a server would trim.
const padding = "the-quick-brown-fox-jumps-over-the-lazy-dog-"

// appendText appends text number n: a mark and the number, by which a receiver knows it
// in any dialect, and words until it has size bytes.
func appendText(dst []byte, n uint32, size int) []byte {
	size += len(dst)
	dst = append(dst, '#')
	for unit := uint32(10_000_000); unit > 0; unit /= 10 {
		dst = append(dst, '0'+byte(n/unit%10))
	}
	for dst = append(dst, ' '); len(dst) < size; {
		dst = append(dst, padding[:min(len(padding), size-len(dst))]...)
	}
	return dst
}

// Text is text number n.
func Text(n uint32) string { return string(appendText(nil, n, TextSize)) }

// Number finds the first text in a packet and returns its number, and what follows it.
func Number(packet []byte) (n uint32, rest []byte, found bool) {
	i := bytes.IndexByte(packet, '#')
	if i < 0 || len(packet) < i+1+digits {
		return 0, nil, false
	}
	for _, digit := range packet[i+1 : i+1+digits] {
		if digit < '0' || digit > '9' {
			return 0, nil, false
		}
		n = n*10 + uint32(digit-'0')
	}
	return n, packet[i+1+digits:], true
}

// appendClientID appends the client's id of message n. Like those of real clients they
// are in no order (a bijective mix), so that a database cannot profit from one.
func appendClientID(dst []byte, n uint32) []byte {
	x := uint64(n) + 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	x ^= x >> 31
	const hex = "0123456789abcdef"
	for range 16 {
		dst = append(dst, hex[x&15])
		x >>= 4
	}
	return dst
}
