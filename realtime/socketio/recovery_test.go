package socketio_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
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

// returner is a client that does what official ones do to be recovered.
type returner struct {
	*wiretest.Session
	t           *testing.T
	sid         string
	pid, offset string
}

func (r *returner) connect(line wiretest.Line, c *wiretest.Client) (recovered bool) {
	r.t.Helper()
	r.Session = line.Open(c)
	auth := ""
	if r.pid != "" {
		auth = fmt.Sprintf(`{"pid":%q,"offset":%q}`, r.pid, r.offset)
		if r.offset == "" {
			auth = fmt.Sprintf(`{"pid":%q}`, r.pid)
		}
	}
	r.Send("40" + auth)
	packet, ok := r.Next()
	var reply struct{ SID, PID string }
	if !ok || !strings.HasPrefix(packet, "40") || json.Unmarshal([]byte(packet[2:]), &reply) != nil {
		r.t.Fatalf("CONNECT was answered with %q", packet)
	}
	recovered = r.pid == reply.PID
	if recovered != (r.sid == reply.SID) {
		r.t.Fatalf("the pid is the same: %v, the sid: %v", recovered, r.sid == reply.SID)
	}
	r.sid, r.pid = reply.SID, reply.PID
	return recovered
}

// hear reads events and keeps the offset of the last one.
func (r *returner) hear(want ...string) {
	r.t.Helper()
	for _, event := range want {
		if got := r.next(); got != event {
			r.t.Fatalf("heard %s, want %s", got, event)
		}
	}
}

// next reads one event, without its offset.
func (r *returner) next() string {
	r.t.Helper()
	packet, ok := r.Next()
	var list []json.RawMessage
	if !ok || !strings.HasPrefix(packet, "42") || json.Unmarshal([]byte(packet[2:]), &list) != nil {
		r.t.Fatalf("no event but %q (%v)", packet, ok)
	}
	last := list[len(list)-1]
	if len(list) > 1 && last[0] == '"' {
		if err := json.Unmarshal(last, &r.offset); err != nil {
			r.t.Fatal(err)
		}
		list = list[:len(list)-1]
	}
	var texts []string
	for _, raw := range list {
		texts = append(texts, string(raw))
	}
	return strings.Join(texts, " ")
}

// recovering serves "/" with recovery on, for clients whose identity is their Key header.
func recovering(t *testing.T, store socketio.RecoveryStore, change func(*socketio.Config), setup func(*socketio.Namespace)) (*socketio.Namespace, *wiretest.Client) {
	t.Helper()
	var n *socketio.Namespace
	c := serveIdentified(t, func(cfg *socketio.Config) {
		cfg.Recovery = &socketio.Recovery{Store: store, NewData: func() any { return new(string) }}
		if change != nil {
			change(cfg)
		}
	}, func(s *socketio.Server) {
		n = s.Of("/")
		n.Handle("join", func(_ context.Context, s *socketio.Socket, args socketio.Args) ([]any, error) {
			var room string
			err := args.Decode(0, &room)
			s.Join(room)
			s.SetData(&room)
			return []any{"joined"}, err
		})
		if setup != nil {
			setup(n)
		}
	}, func(c *fiber.Ctx) (engineio.Identity, error) {
		key := strings.Clone(c.Get("Key"))
		return engineio.Identity{Key: key, User: key}, nil
	})
	return n, c
}

func join(r *returner, room string) {
	r.t.Helper()
	r.Send(`420["join","` + room + `"]`)
	r.Expect(`430["joined"]`)
}

func must(t *testing.T, errs ...error) {
	t.Helper()
	if err := errors.Join(errs...); err != nil {
		t.Fatal(err)
	}
}

func TestAClientThatComesBackIsGivenWhatItMissed(t *testing.T) {
	wiretest.Run(t, func(t *testing.T, line wiretest.Line) {
		n, c := recovering(t, socketio.NewMemoryStore(), nil, nil)
		r := &returner{t: t}
		if r.connect(line, c) {
			t.Fatal("a new client was recovered")
		}
		join(r, "room")
		must(t, n.To("room").Emit("a", 1), n.Emit("b"))
		r.hear(`"a" 1`, `"b"`)
		r.Hangup()
		must(t, n.To("room").Emit("c", "text"), n.To(r.sid).Emit("d"), n.To("elsewhere").Emit("not for it"),
			n.Except("room").Emit("not for it"), n.Volatile().Emit("volatile"), n.Emit("e", []byte{1}))
		if !r.connect(line, c) {
			t.Fatal("not recovered")
		}
		r.hear(`"c" "text"`, `"d"`)
		r.Expect(`451-["e",{"_placeholder":true,"num":0},"*"]`, `bAQ==`)
		s := n.Socket(r.sid)
		if data, _ := s.Data().(*string); !s.Recovered() || !slices.Equal(s.Rooms(), []string{"room"}) || data == nil || *data != "room" {
			t.Errorf("recovered %v with rooms %v and data %v", s.Recovered(), s.Rooms(), s.Data())
		}
		must(t, n.To("room").Emit("live"))
		r.hear(`"live"`)
	})
}

func TestRecoveryWorksFromTheFirstMomentAndAgain(t *testing.T) {
	wiretest.Run(t, func(t *testing.T, line wiretest.Line) {
		n, c := recovering(t, socketio.NewMemoryStore(), nil, nil)
		must(t, n.Emit("before its time"))
		r := &returner{t: t}
		r.connect(line, c)
		for range 3 { // it has had no event yet
			r.Hangup()
			if !r.connect(line, c) {
				t.Fatal("not recovered before its first event")
			}
		}
		r.Hangup()
		must(t, n.Emit("first"))
		if !r.connect(line, c) {
			t.Fatal("not recovered")
		}
		r.hear(`"first"`)
		for i := range 3 {
			r.Hangup()
			must(t, n.Emit("more", i))
			if !r.connect(line, c) {
				t.Fatal("not recovered again")
			}
			r.hear(fmt.Sprintf(`"more" %d`, i))
		}
	})
}

func TestAQuietConnectionIsRecovered(t *testing.T) {
	wiretest.Run(t, func(t *testing.T, line wiretest.Line) {
		store := socketio.NewMemoryStore()
		n, c := recovering(t, store, func(cfg *socketio.Config) {
			cfg.Engine.PingInterval, cfg.Engine.PingTimeout = 20*time.Millisecond, 500*time.Millisecond
			cfg.Recovery.MaxDisconnection = 300 * time.Millisecond
		}, nil)
		r := &returner{t: t}
		r.connect(line, c)
		must(t, n.Emit("long ago"))
		r.hear(`"long ago"`)
		for kept := 1; kept > 0; { // until nobody remembers that event
			must(t, n.To(r.sid).Timeout(0).Emit("tick"))
			r.hear(`"tick"`)
			entries, err := store.Between(t.Context(), "/", 0, math.MaxUint64)
			must(t, err)
			kept = len(slices.DeleteFunc(entries, func(e socketio.Entry) bool { return e.Rooms != nil }))
		}
		r.Hangup()
		must(t, n.Emit("missed"))
		if !r.connect(line, c) {
			t.Fatal("not recovered")
		}
		r.hear(`"missed"`)
	})
}

func TestWhoCannotBeRecoveredStartsAnew(t *testing.T) {
	refuse := false
	n, c := recovering(t, socketio.NewMemoryStore(), nil, func(n *socketio.Namespace) {
		n.Use(func(_ context.Context, s *socketio.Socket) error {
			if refuse {
				return &socketio.ConnectError{Message: "not now"}
			}
			return nil
		})
	})
	line := wiretest.WebSocket()
	start := func(t *testing.T) *returner {
		r := &returner{t: t}
		r.connect(line, c)
		must(t, n.To(r.sid).Emit("a"))
		r.hear(`"a"`)
		return r
	}
	t.Run("after it left the namespace", func(t *testing.T) {
		r := start(t)
		r.Send("41", "42[\"late\"]")
		await(t, "the server has read it", func() error {
			if n.Socket(r.sid) != nil {
				return errors.New("it is still there")
			}
			return nil
		})
		r.Hangup()
		if r.connect(line, c) {
			t.Error("recovered")
		}
	})
	t.Run("after it was disconnected", func(t *testing.T) {
		r := start(t)
		n.Socket(r.sid).Disconnect(false)
		r.Expect("41")
		r.Hangup()
		if r.connect(line, c) {
			t.Error("recovered")
		}
	})
	t.Run("as somebody else", func(t *testing.T) {
		r := start(t)
		live := n.Socket(r.sid)
		thief := &returner{t: t, sid: r.sid, pid: r.pid, offset: r.offset}
		if thief.connect(line, c.With("Key", "thief")) {
			t.Error("somebody else's socket was handed out")
		}
		if !live.Connected() {
			t.Error("somebody else ended the connection")
		}
		r.Hangup()
		if !r.connect(line, c) {
			t.Error("the owner was not recovered")
		}
	})
	t.Run("from a position that never was", func(t *testing.T) {
		for _, offset := range []string{"~zzzzzzzzzzzz", "1k2j3h4g5f", "text", "-1", "99999999999999999999999", "🦊"} {
			r := start(t)
			r.Hangup()
			r.offset = offset
			if r.connect(line, c) {
				t.Errorf("recovered from %q", offset)
			}
		}
	})
	t.Run("but not for a middleware that refuses once", func(t *testing.T) {
		r := start(t)
		r.Hangup()
		refuse = true
		s := line.Open(c)
		s.Send(fmt.Sprintf(`40{"pid":%q,"offset":%q}`, r.pid, r.offset))
		s.Expect(`44{"message":"not now"}`)
		refuse = false
		must(t, n.To(r.sid).Emit("missed"))
		if !r.connect(line, c) {
			t.Fatal("not recovered")
		}
		r.hear(`"missed"`)
	})
}

func TestAnOldEventOfARoomIsNotForWhoJoinedLater(t *testing.T) {
	n, c := recovering(t, socketio.NewMemoryStore(), nil, nil)
	r := &returner{t: t}
	r.connect(wiretest.WebSocket(), c)
	must(t, n.To("room").Emit("before"))
	join(r, "room")
	r.Hangup()
	must(t, n.To("room").Emit("after"))
	if !r.connect(wiretest.WebSocket(), c) {
		t.Fatal("not recovered")
	}
	r.hear(`"after"`)
}

// fragile is a store that can be made to fail.
type fragile struct {
	socketio.RecoveryStore
	mu     sync.Mutex
	broken bool
}

func (f *fragile) Append(ctx context.Context, namespace string, e socketio.Entry) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.broken {
		return errors.New("disk full")
	}
	return f.RecoveryStore.Append(ctx, namespace, e)
}

func (f *fragile) set(broken bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.broken = broken
}

func TestNobodyIsRecoveredOverAHole(t *testing.T) {
	store := &fragile{RecoveryStore: socketio.NewMemoryStore()}
	n, c := recovering(t, store, nil, nil)
	r := &returner{t: t}
	r.connect(wiretest.WebSocket(), c)
	must(t, n.Emit("a"))
	r.hear(`"a"`)
	r.Hangup()
	store.set(true)
	must(t, n.Emit("lost"))
	store.set(false)
	must(t, n.Emit("b"))
	if r.connect(wiretest.WebSocket(), c) {
		t.Fatal("recovered over a hole")
	}
	must(t, n.Emit("c"))
	r.hear(`"c"`)
	r.Hangup()
	if !r.connect(wiretest.WebSocket(), c) {
		t.Error("who came after the hole was not recovered")
	}
}

func TestOnlyOneOfTwoGetsASession(t *testing.T) {
	entered, release := make(chan struct{}, 2), make(chan struct{})
	var once sync.Once
	_, c := recovering(t, socketio.NewMemoryStore(), nil, func(n *socketio.Namespace) {
		n.Use(func(_ context.Context, s *socketio.Socket) error {
			if s.Recovered() {
				entered <- struct{}{}
				once.Do(func() { <-release })
			}
			return nil
		})
	})
	r := &returner{t: t}
	r.connect(wiretest.WebSocket(), c)
	r.Hangup()
	first := wiretest.WebSocket().Open(c)
	first.Send(fmt.Sprintf(`40{"pid":%q}`, r.pid))
	<-entered
	second := &returner{t: t, sid: r.sid, pid: r.pid}
	if second.connect(wiretest.WebSocket(), c) {
		t.Error("two sockets were given the same session")
	}
	close(release)
	first.Expect(`40{"pid":"` + r.pid + `","sid":"` + r.sid + `"}`)
}

func TestEveryEventComesOnceWhateverBreaks(t *testing.T) {
	const events = 400
	wiretest.Run(t, func(t *testing.T, line wiretest.Line) {
		n, c := recovering(t, socketio.NewMemoryStore(), nil, nil)
		r := &returner{t: t}
		r.connect(line, c)
		emitted := make(chan error, 1)
		go func() {
			var err error
			for i := range events {
				err = errors.Join(err, n.Emit("n", i))
			}
			emitted <- err
		}()
		for i := range events {
			r.hear(fmt.Sprintf(`"n" %d`, i))
			if i%40 == 39 {
				r.Hangup()
				if !r.connect(line, c) {
					t.Fatalf("not recovered after %d events", i+1)
				}
			}
		}
		must(t, <-emitted)
	})
}
