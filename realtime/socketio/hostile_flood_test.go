package socketio_test

import (
	"context"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"roomline/realtime/engineio"
	"roomline/realtime/internal/wiretest"
	"roomline/realtime/socketio"
)

// flood is much of something. do returns what the disconnect handlers hear beside the end.
type flood struct {
	name string
	do   func(g *target, s *wiretest.Session) (heard []socketio.Reason)
	end  socketio.Reason // "": the client lives on
}

// batch is as many packets as one POST may have.
const batch = 50

// pour sends batches of a packet and reads the replies to each.
func pour(s *wiretest.Session, batches int, packets, replies []string) {
	for range batches {
		s.Send(slices.Repeat(packets, batch/len(packets))...)
		s.Expect(slices.Repeat(replies, batch/len(packets))...)
	}
}

func floods() []flood {
	return []flood{
		{"CONNECT to nowhere", func(_ *target, s *wiretest.Session) []socketio.Reason {
			pour(s, 40, frames(`40/nowhere`), frames(`44/nowhere,{"message":"Invalid namespace"}`))
			return nil
		}, ""},
		{"events that nobody handles", func(_ *target, s *wiretest.Session) []socketio.Reason {
			pour(s, 40, frames(`427["nobody",{"a":[1,2,3]}]`), nil)
			return nil
		}, ""},
		{"acks that nobody asked for", func(_ *target, s *wiretest.Session) []socketio.Reason {
			pour(s, 40, frames(`437["never"]`), nil)
			return nil
		}, ""},
		{"events nested too deep", func(_ *target, s *wiretest.Session) []socketio.Reason {
			pour(s, 4, frames(`427`+nested(5000)), frames(`437[{"error":"bad*too deep"}]`))
			return nil
		}, ""},
		{"coming and going", func(_ *target, s *wiretest.Session) []socketio.Reason {
			pour(s, 20, frames(`40/chat`, `41/chat,`), frames(`40/chat,{"sid":"*"}`))
			return slices.Repeat([]socketio.Reason{socketio.ReasonClientDisconnect}, 20*batch/2)
		}, ""},
		{"coming and going in ever new namespaces", func(_ *target, s *wiretest.Session) []socketio.Reason {
			for i := range 20 {
				var packets []string
				for j := range batch / 2 {
					name := fmt.Sprintf("/room-%d-%d", i, j)
					packets = append(packets, `40`+name, `41`+name)
				}
				s.Send(packets...)
				s.Expect(slices.Repeat(frames(`40/room-*,{"sid":"*"}`), batch/2)...)
			}
			return nil
		}, ""},
		{"coming and going without waiting", func(_ *target, s *wiretest.Session) []socketio.Reason {
			s.Send(slices.Repeat(frames(`41`, `42["echo"]`, `42["echo"]`, `41`, `40`), 10)...)
			s.Expect(slices.Repeat(frames(`40{"sid":"*"}`), 10)...)
			return slices.Repeat([]socketio.Reason{socketio.ReasonClientDisconnect}, 10)
		}, ""},
		{"binary that nobody announced", func(_ *target, s *wiretest.Session) []socketio.Reason {
			s.SendAny(slices.Repeat(frames(blob(1000)), batch)...)
			s.ExpectClosed()
			return nil
		}, parseError},
		{"attachments that are too large together", func(_ *target, s *wiretest.Session) []socketio.Reason {
			s.SendAny(`453-["echo"]`)
			for range 3 {
				s.SendAny(blob(800_000))
			}
			s.ExpectClosed()
			return nil
		}, parseError},
		{"attachments that never come", func(_ *target, s *wiretest.Session) []socketio.Reason {
			s.Send(`452-["echo",` + p0 + `]`)
			s.Send(blob(1_500_000)) // is kept no longer than its connection
			s.SendAny(`1`)
			return nil
		}, transportClose},
		{"a close amid events", func(_ *target, s *wiretest.Session) []socketio.Reason {
			s.SendAny(slices.Concat(slices.Repeat(frames(`42["echo"]`), 20), frames(`1`), slices.Repeat(frames(`42["echo"]`), 20))...)
			return nil
		}, transportClose},
		{"events behind the server's close", func(_ *target, s *wiretest.Session) []socketio.Reason {
			s.SendAny(append(frames(`42["close"]`), slices.Repeat(frames(`427["echo"]`), batch)...)...)
			s.ExpectClosed() // without an answer to any of them
			return nil
		}, forcedClose},
	}
}

func TestAFloodConcernsNobodyElse(t *testing.T) {
	g := newTarget(t, func(cfg *socketio.Config) {
		cfg.RemoveEmptyNamespaces = true
		cfg.AttachmentTimeout = time.Hour
	})
	g.server.OfPattern(regexp.MustCompile(`/room-.*`))
	for _, f := range floods() {
		if !t.Run(f.name, func(t *testing.T) {
			wiretest.Run(t, func(t *testing.T, line wiretest.Line) {
				soFar := g.ended()
				s := g.open(t, line, after)
				heard, end := f.do(g, s), f.end
				if end == "" {
					g.expectAlive(s)
					g.release(s)
					end = forcedClose
				}
				g.expectEnded(t, soFar, 1, end)
				g.expectHeard(t, append(heard, end)...)
				g.expectAlive(g.bystander)
				if n := len(g.server.Stats().Sockets); n != 2 {
					t.Errorf("%d namespaces are left", n)
				}
			})
		}) {
			return
		}
	}
	g.expectCalm(t)
}

func TestWhoNeverReadsIsEndedAsSlow(t *testing.T) {
	g := newTarget(t, nil)
	page := strings.Repeat("x", 10_000)
	wiretest.Run(t, func(t *testing.T, line wiretest.Line) {
		soFar := g.ended()
		s := line.Open(g.client(t))
		s.Send(`40`)
		packet, _ := s.Next()
		sid := connectReply(t, packet).SID
		for range 1000 { // to a client that hears the first hundred or so
			if err := g.server.Of("/").To(sid).Emit("page", page); err != nil {
				t.Fatal(err)
			}
		}
		g.expectAlive(g.bystander)
		s.Hangup()
		g.expectEnd(t, soFar, engineio.Slow, true)
	})
	g.expectCalm(t)
}

func TestTheServerClosesAmidAFlood(t *testing.T) {
	wiretest.Run(t, func(t *testing.T, line wiretest.Line) {
		g := newTarget(t, nil)
		soFar := g.ended()
		s := g.open(t, line, after)
		closed := make(chan error, 1)
		s.Send(slices.Repeat(frames(`427["nobody"]`), batch)...)
		go func() {
			ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
			defer cancel()
			closed <- g.server.Close(ctx)
		}()
		for done := false; !done; {
			s.SendAny(slices.Repeat(frames(`427["nobody"]`, `40/nowhere`, `451-["echo",`+p0+`]`, blob(1)), 10)...)
			select {
			case err := <-closed:
				if err != nil {
					t.Error(err)
				}
				done = true
			default:
			}
		}
		g.expectEnded(t, soFar, 2, engineio.ServerShuttingDown)
		g.expectHeard(t, engineio.ServerShuttingDown, engineio.ServerShuttingDown)
	})
}

func TestWhoJoinsNothingIsForgotten(t *testing.T) {
	g := newTarget(t, func(cfg *socketio.Config) {
		cfg.ConnectTimeout = 500 * time.Millisecond
		cfg.Engine.PingTimeout = time.Minute // no session may wait for a last poll that never comes
	})
	soFar := g.ended()
	t.Run("all of them", func(t *testing.T) {
		for _, line := range wiretest.Lines() {
			for range 50 {
				s := g.open(t, line, before)
				s.SendAny(`40/nowhere`)
			}
		}
		g.expectEnded(t, soFar, 150, engineio.ForcedClose)
	})
	g.expectHeard(t)
	g.expectAlive(g.bystander)
	g.expectCalm(t)
}

type connected struct{ SID, PID string }

func connectReply(t *testing.T, packet string) (r connected) {
	t.Helper()
	if err := json.Unmarshal([]byte(strings.TrimPrefix(packet, "40")), &r); err != nil || r.SID == "" {
		t.Fatalf("CONNECT was answered with %q", packet)
	}
	return r
}

// attempt is an auth by which somebody wants to be recovered. In it PID and OFFSET stand for
// those of alice, who has left.
type attempt struct {
	name, user, auth string
	missed           []string // nil: the client starts anew
}

var attempts = []attempt{
	{"alice herself", "alice", `{"pid":"PID","offset":"OFFSET"}`, frames(`"missed" 2`)},
	{"alice without an offset", "alice", `{"pid":"PID"}`, frames(`"news" 1`, `"missed" 2`)},
	{"an offset of long ago", "alice", `{"pid":"PID","offset":"~1"}`, frames(`"news" 1`, `"missed" 2`)},
	{"the offset 0", "alice", `{"pid":"PID","offset":"~0"}`, frames(`"news" 1`, `"missed" 2`)},
	{"keys that come twice", "alice", `{"pid":"x","pid":"PID","offset":1,"offset":"OFFSET"}`, nil},
	{"bob", "bob", `{"pid":"PID","offset":"OFFSET"}`, nil},
	{"nobody", "", `{"pid":"PID","offset":"OFFSET"}`, nil},
	{"a pid that is a number", "alice", `{"pid":1,"offset":"OFFSET"}`, nil},
	{"a pid that is null", "alice", `{"pid":null,"offset":"OFFSET"}`, nil},
	{"a pid that is an object", "alice", `{"pid":{"toString":"PID"},"offset":"OFFSET"}`, nil},
	{"a pid that is a list", "alice", `{"pid":["PID"],"offset":"OFFSET"}`, nil},
	{"a pid that is empty", "alice", `{"pid":"","offset":"OFFSET"}`, nil},
	{"a pid of 100,000 characters", "alice", `{"pid":"` + megabyte[:100_000] + `","offset":"OFFSET"}`, nil},
	{"a pid __proto__", "alice", `{"pid":"__proto__","offset":"OFFSET"}`, nil},
	{"a pid with more behind", "alice", `{"pid":"PID\u0000","offset":"OFFSET"}`, nil},
	{"an offset that is a number", "alice", `{"pid":"PID","offset":5}`, nil},
	{"an offset that is an object", "alice", `{"pid":"PID","offset":{}}`, nil},
	{"an offset without its mark", "alice", `{"pid":"PID","offset":"1"}`, nil},
	{"an offset of only a mark", "alice", `{"pid":"PID","offset":"~"}`, nil},
	{"an offset that is negative", "alice", `{"pid":"PID","offset":"~-1"}`, nil},
	{"an offset with a sign", "alice", `{"pid":"PID","offset":"~+1"}`, nil},
	{"an offset with a space", "alice", `{"pid":"PID","offset":"OFFSET "}`, nil},
	{"an offset of 2^64", "alice", `{"pid":"PID","offset":"~3w5e11264sgsg"}`, nil},
	{"an offset of 2^64 - 1", "alice", `{"pid":"PID","offset":"~3w5e11264sgsf"}`, nil},
	{"an offset of 40 digits", "alice", `{"pid":"PID","offset":"~` + number40 + `"}`, nil},
	{"an offset beyond the last one", "alice", `{"pid":"PID","offset":"OFFSETz"}`, nil},
	{"an offset of a megabyte", "alice", `{"pid":"PID","offset":"~` + megabyte + `"}`, nil},
}

func TestNobodyIsRecoveredWithNonsense(t *testing.T) {
	g := newTarget(t, func(cfg *socketio.Config) {
		cfg.Recovery = &socketio.Recovery{Store: socketio.NewMemoryStore()}
	})
	for _, a := range attempts {
		if !t.Run(a.name, func(t *testing.T) {
			wiretest.Run(t, func(t *testing.T, line wiretest.Line) { g.resist(t, line, a) })
		}) {
			return
		}
	}
	g.expectCalm(t)
}

// resist has alice leave, somebody try to be her, and, if that was in vain, alice come back.
func (g *target) resist(t *testing.T, line wiretest.Line, a attempt) {
	t.Helper()
	as := func(user string) *wiretest.Client { return g.client(t).With("X-User", user) }
	leave := func(s *wiretest.Session) {
		t.Helper()
		soFar := g.ended()
		g.release(s)
		g.expectEnd(t, soFar, forcedClose, true)
	}
	tell := func(to, event string, arg int) {
		t.Helper()
		if err := g.server.Of("/").To(to).Emit(event, arg); err != nil {
			t.Fatal(err)
		}
	}
	alice := &returner{t: t}
	alice.connect(wiretest.WebSocket(), as("alice"))
	tell(alice.sid, "news", 1)
	alice.hear(`"news" 1`)
	leave(alice.Session)
	tell(alice.sid, "missed", 2)

	other := &returner{t: t, Session: line.Open(as(a.user))}
	other.Send(`40` + strings.NewReplacer("PID", alice.pid, "OFFSET", alice.offset).Replace(a.auth))
	packet, _ := other.Next()
	reply := connectReply(t, packet)
	if recovered := a.missed != nil; (reply.PID == alice.pid) != recovered || (reply.SID == alice.sid) != recovered || reply.PID == "" {
		t.Fatalf("%s answered with %+v; alice was %s, %s", a.auth, reply, alice.sid, alice.pid)
	}
	other.hear(a.missed...)
	g.expectAlive(other.Session)
	leave(other.Session)
	if a.missed != nil {
		return
	}
	if !alice.connect(wiretest.WebSocket(), as("alice")) {
		t.Fatal("alice was not recovered")
	}
	alice.hear(`"missed" 2`)
	g.expectAlive(alice.Session)
	leave(alice.Session)
}

func TestNobodyTakesASessionThatIsInUse(t *testing.T) {
	g := newTarget(t, func(cfg *socketio.Config) {
		cfg.Recovery = &socketio.Recovery{Store: socketio.NewMemoryStore()}
	})
	alice := &returner{t: t}
	alice.connect(wiretest.WebSocket(), g.client(t).With("X-User", "alice"))
	auth := `{"pid":"` + alice.pid + `"}`
	wiretest.Run(t, func(t *testing.T, line wiretest.Line) {
		soFar := g.ended()
		bob := line.Open(g.client(t).With("X-User", "bob"))
		bob.Send(`40` + auth)
		packet, _ := bob.Next()
		if reply := connectReply(t, packet); reply.PID == alice.pid || reply.SID == alice.sid {
			t.Errorf("bob is %+v", reply)
		}
		bob.Send(`40/chat,` + auth)
		bob.Expect(`40/chat,{"pid":"*","sid":"*"}`)
		g.expectAlive(bob)
		g.release(bob)
		g.expectEnded(t, soFar, 1, forcedClose)
		g.expectHeard(t, forcedClose, forcedClose)
	})
	alice.Send(`40/chat,` + auth) // a pid of another namespace
	alice.Expect(`40/chat,{"pid":"*","sid":"*"}`)
	g.expectAlive(alice.Session)
	alice.Hangup()
	g.expectHeard(t, transportClose, transportClose)
	g.expectCalm(t)
}
