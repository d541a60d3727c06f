package socketio_test

import (
	"context"
	"encoding/base64"
	"fmt"
	"maps"
	"os"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gofiber/fiber/v2"

	"roomline/realtime/engineio"
	"roomline/realtime/internal/wiretest"
	"roomline/realtime/socketio"
)

// The reasons that hostile clients are closed with.
const (
	parseError     = socketio.Reason("parse error")
	forcedClose    = socketio.Reason("forced server close")
	transportClose = engineio.TransportClose
)

// target is a server under attack, with a bystander whom nothing of it may concern. Its
// namespaces are "/" and "/chat"; a header X-User says who a client is.
type target struct {
	server    *socketio.Server
	addr      string
	bystander *wiretest.Session
	calm      baseline

	mu    sync.Mutex        // guards what follows
	heard []socketio.Reason // by the disconnect handlers, since they were asked for last
}

func newTarget(t *testing.T, change func(*socketio.Config)) *target {
	t.Helper()
	// The first server of a process leaves it a poller and fasthttp's clock.
	t.Run("a server before", func(t *testing.T) { wiretest.Polling().Open(serve(t, nil, echo)) })
	whole := measure(t)
	t.Cleanup(func() { whole.expectBack(t) }) // after the server has been closed
	g := new(target)
	g.addr = serveIdentified(t, func(cfg *socketio.Config) {
		cfg.Engine.MaxPayload = 2 << 20 // a namespace of a megabyte is to get through to the parser
		if change != nil {
			change(cfg)
		}
	}, g.setUp, func(c *fiber.Ctx) (engineio.Identity, error) {
		user := strings.Clone(c.Get("X-User"))
		return engineio.Identity{Key: user, User: user}, nil
	}).Addr
	g.bystander = wiretest.WebSocket().Open(g.client(t))
	g.bystander.Send(`40`)
	g.bystander.Expect(`40{*}`)
	g.expectAlive(g.bystander)
	g.calm = measure(t)
	return g
}

func (g *target) setUp(server *socketio.Server) {
	g.server = server
	echo(server)
	for _, name := range []string{"/", "/chat"} {
		n := server.Of(name)
		n.OnDisconnect(func(_ context.Context, _ *socketio.Socket, reason socketio.Reason) {
			g.mu.Lock()
			defer g.mu.Unlock()
			g.heard = append(g.heard, reason)
		})
		n.Handle("close", func(_ context.Context, s *socketio.Socket, _ socketio.Args) ([]any, error) {
			s.Session().Close(forcedClose)
			return nil, nil
		})
		socketio.On(n, "typed", func(_ context.Context, _ *socketio.Socket, r sumRequest) (int, error) { return r.A + r.B, nil })
	}
}

// client returns a client whose connections end with t.
func (g *target) client(t *testing.T) *wiretest.Client {
	t.Helper()
	return (&wiretest.Server{Addr: g.addr}).Client(t)
}

func (g *target) expectAlive(s *wiretest.Session) {
	s.Send(`42["echo","alive"]`)
	s.Expect(`42["echoed","alive"*]`) // with an offset where there is recovery
}

// ended is how many sessions have ended, by reason.
func (g *target) ended() map[socketio.Reason]uint64 { return g.server.Engine().Stats().Closed }

// expectEnded waits until n sessions more have ended than before, all for that reason.
func (g *target) expectEnded(t *testing.T, before map[socketio.Reason]uint64, n uint64, reason socketio.Reason) {
	t.Helper()
	want := maps.Clone(before)
	want[reason] += n
	await(t, fmt.Sprintf("%d sessions end with %q", n, reason), func() error {
		if got := g.ended(); !maps.Equal(got, want) {
			return fmt.Errorf("%v, want %v", got, want)
		}
		return nil
	})
}

// expectHeard waits for what the disconnect handlers hear, in any order, and forgets it.
func (g *target) expectHeard(t *testing.T, want ...socketio.Reason) {
	t.Helper()
	slices.Sort(want)
	await(t, "disconnect handlers hear", func() error {
		g.mu.Lock()
		defer g.mu.Unlock()
		slices.Sort(g.heard)
		if !slices.Equal(g.heard, want) {
			return fmt.Errorf("%q, want %q", g.heard, want)
		}
		g.heard = nil
		return nil
	})
}

// expectCalm says that nothing is left of the attackers: only the bystander is there.
func (g *target) expectCalm(t *testing.T) {
	t.Helper()
	await(t, "all sessions but one have ended", func() error {
		e, s := g.server.Engine().Stats(), g.server.Stats()
		if e.Polling != 0 || e.WebSocket != 1 || s.Sockets["/"] != 1 || s.Sockets["/chat"] != 0 {
			return fmt.Errorf("there are %+v, %+v", e, s)
		}
		return nil
	})
	g.calm.expectBack(t)
}

// baseline is what the process holds while nothing happens.
type baseline struct {
	goroutines, files int
	heap              uint64
}

// heapMargin is what pools and the runtime may keep.
const heapMargin = 4 << 20

func measure(t *testing.T) baseline {
	t.Helper()
	for range 2 { // what a sync.Pool holds survives one collection
		runtime.GC()
	}
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	files, err := os.ReadDir("/proc/self/fd")
	if err != nil && runtime.GOOS == "linux" {
		t.Fatal(err)
	}
	return baseline{wiretest.Goroutines(), len(files), m.HeapAlloc}
}

// expectBack waits until the process holds no more than then.
func (b baseline) expectBack(t *testing.T) {
	t.Helper()
	await(t, "everything is given back", func() error {
		if now := measure(t); now.goroutines > b.goroutines || now.files > b.files || now.heap > b.heap+heapMargin {
			stacks := make([]byte, 64<<10)
			return fmt.Errorf("%+v, was %+v\n%s", now, b, stacks[:runtime.Stack(stacks, true)])
		}
		return nil
	})
}

// await waits for a state that nothing announces: until is returns nil.
func await(t *testing.T, what string, is func() error) {
	t.Helper()
	deadline := time.After(10 * time.Second)
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for err := is(); err != nil; err = is() {
		select {
		case <-deadline:
			t.Fatalf("it never came that %s: %v", what, err)
		case <-tick.C:
		}
	}
}

// attack is one thing that a client sends, and what must come of it. If the client lives on
// and there is no reply either, it was ignored.
type attack struct {
	name    string
	when    when
	send    []string
	replies []string
	end     socketio.Reason // "": the client lives on
}

// when is a set of moments of a connection.
type when int

const (
	before when = 1 << iota // CONNECT
	after
	anytime = before | after
)

func frames(packets ...string) []string { return packets }

const p0 = `{"_placeholder":true,"num":0}`

var (
	megabyte = strings.Repeat("n", 1<<20)
	deep     = strings.Repeat("[", 100_000) + strings.Repeat("]", 100_000)
	number40 = strings.Repeat("9", 40)
)

// nested is a list in a list in a list …
func nested(depth int) string {
	return strings.Repeat("[", depth) + strings.Repeat("]", depth)
}

func blob(size int) string { return "b" + base64.StdEncoding.EncodeToString(make([]byte, size)) }

func attacks() []attack {
	var all []attack
	for name, packet := range malformed {
		all = append(all, attack{name, anytime, frames(packet), nil, parseError})
	}
	for _, event := range []string{"connect", "connect_error", "disconnect", "disconnecting", "newListener", "removeListener", `\u0063onnect`} {
		all = append(all, attack{"the reserved event " + event, anytime, frames(`42["` + event + `"]`), nil, parseError})
	}
	for _, num := range []string{`"splice"`, `"0"`, `5`, `1`, `-1`, `1e9`, `0.5`, `null`, `{}`, `[0]`, `99999999999999999999`} {
		placeholder := `{"_placeholder":true,"num":` + num + `}`
		all = append(all,
			attack{"an event with attachment " + num, anytime, frames(`451-["e",`+placeholder+`]`, blob(3)), nil, parseError},
			attack{"an ack with attachment " + num, anytime, frames(`461-1[[`+placeholder+`]]`, blob(3)), nil, parseError})
	}
	for _, event := range []string{`"__proto__"`, `"constructor"`, `"toString"`, `"error"`, `""`, `7`, `-1.5e3`, `"\ud800"`, "\"\u2028\""} {
		all = append(all, attack{"the event " + event[:min(len(event), 20)], after, frames(`42[`+event+`]`, `427[`+event+`,1]`), nil, ""})
	}
	for _, value := range []string{
		`{"__proto__":{"admin":true}}`, `{"a":1,"a":2}`, "\"\u2028\u2029\"", `"\u2028\ud800\udc00\ud800\u0000"`,
		`1e400`, `-0`, `12345678901234567890`, `0.1e-400`, `"` + strings.Repeat("[{", 1000) + `"`, `{"_placeholder":true,"num":0}`, nested(15),
	} {
		all = append(all, attack{"echo of " + value[:min(len(value), 30)], after, frames(`42["echo",` + value + `]`), frames(`42["echoed",` + value + `]`), ""})
	}
	for _, name := range []string{
		`/random`, `/CHAT`, `/chat/`, `/chat?x=1`, `//`, `/../chat`, `/__proto__`, `/constructor`, `/"}`, `/*`, "/\n", "/\x00", "/\u2028", `/1-["x"]`, "/" + megabyte[:255],
	} {
		all = append(all, attack{"the namespace " + name[:min(len(name), 20)], anytime, frames(`40` + name), frames(`44` + name + `,{"message":"Invalid namespace"}`), ""})
	}
	return append(all, others...)
}

// malformed packets end a connection at any time.
var malformed = map[string]string{
	"an empty text frame":             ``,
	"an empty packet":                 `4`,
	"an unknown type":                 `47`,
	"a letter for a type":             `4a`,
	"a space for a type":              `4 0`,
	"a nul for a type":                "4\x00",
	"JSON without a type":             `4["echo"]`,
	"a type below":                    `4-1`,
	"invalid UTF-8":                   "42[\"\xff\xfe\"]",
	"a surrogate in UTF-8":            "42[\"\xed\xa0\x80\"]",
	"a CONNECT_ERROR":                 `44{"message":"x"}`,
	"a CONNECT_ERROR that is empty":   `44`,
	"a CONNECT_ERROR of /chat":        `44/chat,{}`,
	"CONNECT with null":               `40null`,
	"CONNECT with a list":             `40[]`,
	"CONNECT with a string":           `40"x"`,
	"CONNECT with true":               `40true`,
	"CONNECT with a half":             `40{"a":`,
	"CONNECT with two":                `40{}{}`,
	"CONNECT without a slash":         `40chat`,
	"CONNECT nested too deep":         `40{"a":` + deep + `}`,
	"CONNECT nested without an end":   `40` + strings.Repeat(`{"a":`, 100_000),
	"a namespace of a megabyte":       `40/` + megabyte,
	"an event to a megabyte":          `42/` + megabyte + `,["x"]`,
	"a namespace of 257 bytes":        `40/` + megabyte[:256],
	"CONNECT to /chat with a list":    `40/chat,[]`,
	"DISCONNECT with an object":       `41{}`,
	"DISCONNECT with null":            `41null`,
	"DISCONNECT of what never was":    `41/chat,`,
	"an event without anything":       `42`,
	"an event that is an object":      `42{}`,
	"an event that is a string":       `42"echo"`,
	"an event that is empty":          `42[]`,
	"an event named null":             `42[null]`,
	"an event named true":             `42[true]`,
	"an event named by an object":     `42[{"toString":"x"}]`,
	"an event named by a list":        `42[["echo"]]`,
	"an event cut short":              `42["echo"`,
	"an event in apostrophes":         `42['echo']`,
	"an event with a comma too many":  `42["echo",]`,
	"an event with a comma too few":   `42["echo" 1]`,
	"an event with a comma before":    `42,["echo"]`,
	"an event with NaN":               `42["echo",NaN]`,
	"an event with an octal number":   `42["echo",017]`,
	"an event with half an escape":    `42["echo","\u12"]`,
	"an event with a control":         "42[\"echo\",\"\x01\"]",
	"an event with another behind":    `42["echo"]["echo"]`,
	"an event before its CONNECT":     `42/chat,["echo"]`,
	"an event to nowhere":             `42/nowhere,["echo"]`,
	"an event to nothing":             `42/chat`,
	"an event of only brackets":       `42/nowhere,` + strings.Repeat("[", 1_000_000),
	"an event with id -1":             `42-1["echo"]`,
	"an event with id 1.5":            `421.5["echo"]`,
	"an event with id 1e3":            `421e3["echo"]`,
	"an event with id 2^53":           `429007199254740992["echo"]`,
	"an event with id 2^64":           `4218446744073709551616["echo"]`,
	"an event with an id of 40":       `42` + number40 + `["echo"]`,
	"an ack without anything":         `43`,
	"an ack without id":               `43[]`,
	"an ack without payload":          `431`,
	"an ack that is an object":        `431{}`,
	"an ack that is null":             `431null`,
	"an ack with id -1":               `43-1[]`,
	"an ack with an id of 40":         `43` + number40 + `[]`,
	"an ack nested too deep":          `431` + deep,
	"a binary event without anything": `45`,
	"attachments without a dash":      `451["e"]`,
	"attachments without a number":    `45["e"]`,
	"attachments without an event":    `451-`,
	"0 attachments":                   `450-["e"]`,
	"-1 attachments":                  `45-1-["e"]`,
	"1.5 attachments":                 `451.5-["e"]`,
	"11 attachments":                  `4511-["e"]`,
	"too many attachments to count":   `45999999999-["e"]`,
	"40 digits of attachments":        `45` + number40 + `-["e"]`,
	"0 attachments of an ack":         `460-1[]`,
	"attachments of an ack without":   `461-[]`,
	"an attachment nobody announced":  `bAQID`,
	"an attachment of nothing":        `b`,
}

var others = []attack{
	{"CONNECT twice", before, frames(`40`, `40`), frames(`40{*}`), parseError},
	{"CONNECT once more", after, frames(`40{"a":1}`), nil, parseError},
	{"CONNECT with an id", before, frames(`401`, `42["echo"]`), frames(`40{*}`, `42["echoed"]`), ""},
	{"an event before CONNECT", before, frames(`42["echo"]`, `40`), nil, parseError},
	{"DISCONNECT before CONNECT", before, frames(`41`), nil, parseError},
	{"a binary event before CONNECT", before, frames(`451-["echo",`+p0+`]`, blob(3)), nil, parseError},
	{"the event of a megabyte", after, frames(`42["` + megabyte + `"]`), nil, ""},
	{"an ack before CONNECT", before, frames(`431["x"]`), nil, parseError},
	{"an ack for a namespace it is not in", after, frames(`43/chat,1[]`), nil, parseError},
	{"an ack for a namespace that is not", after, frames(`43/nowhere,1[]`), nil, parseError},
	{"an ack nobody asked for", after, frames(`430[]`, `439007199254740991["x"]`, `461-7[`+p0+`]`, blob(3)), nil, ""},
	{"a namespace that was refused", anytime, frames(`40/nowhere`, `42/nowhere,["echo"]`), frames(`44/nowhere,{*}`), parseError},

	{"an event nested too deep", after, frames(`42["echo",`+deep+`]`, `42`+deep, `42`+deep[:100_000]), nil, ""},
	{"a question nested too deep", after, frames(`427["echo",` + nested(16) + `]`), frames(`437[{"error":"bad argument of \"\": nested too deep"}]`), ""},
	{"a binary one nested too deep", after, frames(`451-8["echo",`+nested(16)+`,`+p0+`]`, blob(3)), frames(`438[{"error":"bad argument of \"\": nested too deep"}]`), ""},

	{"text instead of an attachment", anytime, frames(`451-["echo",`+p0+`]`, `42["echo"]`), nil, parseError},
	{"CONNECT instead of an attachment", before, frames(`451-["echo",`+p0+`]`, `40`), nil, parseError},
	{"text instead of the second one", after, frames(`452-["echo",`+p0+`]`, blob(3), `43[]`), nil, parseError},
	{"an attachment too many", after, frames(`451-["e",`+p0+`]`, blob(3), blob(3)), nil, parseError},
	{"an attachment used twice", after, frames(`451-["echo",`+p0+`,[`+p0+`]]`, blob(3)), nil, parseError},
	{"an event named by an attachment", after, frames(`451-[`+p0+`]`, blob(3)), nil, parseError},
	{"an attachment nobody wants", after, frames(`451-["echo",1]`, blob(3)), frames(`42["echoed",1]`), ""},
	{"a placeholder that is none", after, frames(`451-["echo",{"_placeholder":1,"num":9}]`, blob(3)), frames(`42["echoed",{"_placeholder":1,"num":9}]`), ""},
	{"an attachment that is empty", after, frames(`451-["echo",`+p0+`]`, `b`), frames(`451-["echoed",`+p0+`]`, `b`), ""},
	{"numbers and surrogates beside binary", after, frames(`451-["echo",1e400,-0,12345678901234567890,"\ud800",`+p0+`]`, blob(1)),
		frames(`451-["echoed",1e400,-0,12345678901234567890,"`+"\ufffd"+`",`+p0+`]`, `bAA==`), ""},

	{"keys that come twice", after, frames(`421["typed",{"a":1,"a":5,"b":1,"b":2}]`), frames(`431[7]`), ""},
	{"arguments of other types", after, frames(`421["typed",[]]`, `422["typed",{"a":1e400}]`, `423["typed",null]`, `424["typed",{"a":{"toString":"x"}}]`),
		frames(`431[{"error":"bad argument of \"typed\": *"}]`, `432[{"error":"bad*"}]`, `433[0]`, `434[{"error":"bad*"}]`), ""},
	{"many thousand arguments", after, frames(`421["typed"` + strings.Repeat(`,0`, 20_000) + `]`), frames(`431[{"error":"bad*"}]`), ""},
}

func TestBadInputIsIgnoredOrClosesWithItsReason(t *testing.T) {
	g := newTarget(t, nil)
	for _, a := range attacks() {
		if !t.Run(a.name, func(t *testing.T) {
			wiretest.Run(t, func(t *testing.T, line wiretest.Line) {
				for _, moment := range []when{before, after} {
					if a.when&moment != 0 {
						g.suffer(t, line, a, moment)
					}
				}
			})
		}) {
			return // what it left would fail the others too
		}
	}
	g.expectCalm(t)
}

// open opens a connection, and connects it to "/" unless that is part of the attack.
func (g *target) open(t *testing.T, line wiretest.Line, moment when) *wiretest.Session {
	t.Helper()
	s := line.Open(g.client(t))
	if moment == after {
		s.Send(`40`)
		s.Expect(`40{"sid":"*"}`)
	}
	return s
}

// suffer runs one attack over a connection of its own.
func (g *target) suffer(t *testing.T, line wiretest.Line, a attack, moment when) {
	t.Helper()
	soFar, connected := g.ended(), moment == after
	s := g.open(t, line, moment)
	s.SendAny(a.send...)
	for _, reply := range a.replies {
		s.Expect(reply)
		connected = connected || strings.HasPrefix(reply, `40{`)
	}
	if a.end != "" {
		s.ExpectClosed()
		g.expectEnd(t, soFar, a.end, connected)
		return
	}
	if !connected {
		s.Send(`40`)
		s.Expect(`40{"sid":"*"}`)
	}
	g.expectAlive(s)
	g.release(s)
	g.expectEnd(t, soFar, forcedClose, true)
}

// release has the server close the connection of a client that has lived on.
func (g *target) release(s *wiretest.Session) {
	s.Send(`42["close"]`)
	s.ExpectClosed()
}

// expectEnd waits until one session more has ended than before, for that reason, and its
// socket, if it had one, has heard that once. Nobody else may have noticed.
func (g *target) expectEnd(t *testing.T, soFar map[socketio.Reason]uint64, reason socketio.Reason, connected bool) {
	t.Helper()
	g.expectEnded(t, soFar, 1, reason)
	if connected {
		g.expectHeard(t, reason)
	} else {
		g.expectHeard(t)
	}
	g.expectAlive(g.bystander)
}
