package socketio

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"runtime"
	"runtime/metrics"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"roomline/realtime/engineio"
)

// allocated is how many bytes the process has ever allocated.
func allocated() uint64 {
	sample := []metrics.Sample{{Name: "/gc/heap/allocs:bytes"}}
	metrics.Read(sample)
	return sample[0].Value.Uint64()
}

// Decoding n bytes may allocate allocFactor times as much, and what counting is exact to.
const (
	allocFactor = 200
	allocSlack  = 1 << 20
)

func FuzzDecodePacket(f *testing.F) {
	f.Fuzz(func(t *testing.T, wire, attachment []byte) {
		begin := allocated()
		p, err := decodePacket(wire, 10, 16)
		if err != nil {
			if !errors.Is(err, errPacket) {
				t.Fatalf("an error without a kind: %v", err)
			}
			return
		}
		attachments := make([][]byte, p.Attachments)
		for i := range attachments {
			attachments[i] = attachment
		}
		decode, encode := codecOf(p)
		if decode == nil || p.TooDeep {
			return
		}
		name, args, err := decode(p, attachments)
		if err != nil {
			if !errors.Is(err, errPacket) {
				t.Fatalf("an error without a kind: %v", err)
			}
			return
		}
		for i := range args.Len() {
			if raw, err := args.json(i); err != nil || !json.Valid(raw) {
				t.Fatalf("argument %d is %q, %v", i, raw, err)
			}
		}
		size := uint64(len(wire) + len(attachments)*len(attachment))
		if n := allocated() - begin; n > allocFactor*size+allocSlack {
			t.Fatalf("decoding %d bytes took %d", size, n)
		}
		once, err := encode(p, name, args)
		if err != nil {
			t.Fatalf("what was decoded cannot be encoded: %v", err)
		}
		if p, err = decodePacket(once.bytes()[0], 10, 16); err != nil {
			t.Fatalf("what was encoded cannot be decoded: %v: %q", err, once.bytes())
		}
		name, args, err = decode(p, once.bytes()[1:])
		if err != nil {
			t.Fatalf("what was encoded cannot be decoded: %v: %q", err, once.bytes())
		}
		if twice, err := encode(p, name, args); err != nil || !equal(once, twice) {
			t.Fatalf("%q became %q, %v", once.bytes(), twice.bytes(), err)
		}
	})
}

// codecOf returns what takes such a packet apart and puts it together again; nil if it has no
// arguments.
func codecOf(p Packet) (
	decode func(Packet, [][]byte) (string, Args, error), encode func(Packet, string, Args) (Prepared, error),
) {
	switch p.Type.plain() {
	case PacketEvent:
		return decodeEvent, func(p Packet, name string, args Args) (Prepared, error) {
			e, err := encodeEvent(p.Namespace, name, args.Values())
			if err == nil && p.HasID {
				return e.withID(p.ID)
			}
			return e, err
		}
	case PacketAck:
		return func(p Packet, attachments [][]byte) (string, Args, error) {
				args, err := decodeAck(p, attachments)
				return "", args, err
			}, func(p Packet, _ string, args Args) (Prepared, error) {
				return encodeAck(p.Namespace, p.ID, args.Values())
			}
	}
	return nil, nil
}

func equal(a, b Prepared) bool {
	return bytes.Equal(bytes.Join(a.bytes(), []byte{0}), bytes.Join(b.bytes(), []byte{0}))
}

// anything is a request with every kind of field.
type anything struct {
	Bool   bool              `json:"bool"`
	Int    int8              `json:"int"`
	Float  float64           `json:"float"`
	Text   string            `json:"text"`
	Blob   []byte            `json:"blob"`
	Any    any               `json:"any"`
	Number json.Number       `json:"number"`
	Raw    json.RawMessage   `json:"raw"`
	Time   time.Time         `json:"time"`
	List   []anything        `json:"list"`
	Blobs  map[string][]byte `json:"blobs"`
	Self   *anything         `json:"self"`
}

func FuzzDecodeArgs(f *testing.F) {
	f.Fuzz(func(t *testing.T, wire, attachment []byte) {
		p, err := decodePacket(wire, 2, 16)
		if err != nil || p.Type.plain() != PacketEvent || p.TooDeep {
			return
		}
		_, args, err := decodeEvent(p, [][]byte{attachment, attachment}[:p.Attachments])
		if err != nil {
			return
		}
		begin := allocated()
		for i := range args.Len() {
			var loose, strict anything
			if args.Decode(i, &loose) != nil {
				if args.decode(i, &strict, true) == nil {
					t.Fatalf("strictly decoded: %+v", strict)
				}
				continue
			}
			var again anything
			once, err := json.Marshal(loose)
			if err == nil {
				err = json.Unmarshal(once, &again)
			}
			if err != nil {
				t.Fatalf("%+v does not survive: %v", loose, err)
			}
			if twice, err := json.Marshal(again); err != nil || !bytes.Equal(once, twice) {
				t.Fatalf("%s became %s, %v", once, twice, err)
			}
		}
		size := uint64(len(wire) + p.Attachments*len(attachment))
		if n := allocated() - begin; n > uint64(1+args.Len())*allocFactor*10+allocFactor*size+allocSlack {
			t.Fatalf("decoding %d bytes took %d", size, n)
		}
		if args.Decode(args.Len(), new(any)) == nil || args.Decode(-1, new(any)) == nil {
			t.Fatal("an argument that is not there was decoded")
		}
	})
}

// fuzzServer is a server whose clients can do a little of everything. Every socket that came
// must have gone when it is closed.
type fuzzServer struct {
	*Server
	came, gone atomic.Int64
	asking     sync.WaitGroup
}

func newFuzzServer(recovery bool, adapter Adapter) *fuzzServer {
	cfg := DefaultConfig()
	cfg.Engine.DrainTime = -1
	cfg.Logger = slog.New(slog.DiscardHandler)
	cfg.Adapter = adapter
	cfg.Engine.MaxPayload = 10_000
	cfg.RemoveEmptyNamespaces = true
	cfg.EventRate = Rate{PerSecond: 1, Burst: 100}
	if recovery {
		cfg.Recovery = &Recovery{Store: NewMemoryStore()}
	}
	s := &fuzzServer{Server: NewServer(cfg)}
	anyName := s.OfFunc(func(_ context.Context, name string, _ json.RawMessage, _ *engineio.Handshake) bool {
		return strings.HasPrefix(name, "/any")
	})
	for _, n := range []*Namespace{s.Of("/"), s.Of("/chat"), anyName} {
		s.bind(n)
	}
	return s
}

func (s *fuzzServer) bind(n *Namespace) {
	n.Use(func(_ context.Context, s *Socket) error {
		if bytes.Contains(s.Auth(), []byte("refuse")) {
			return &ConnectError{Message: "refused", Data: s.Auth()}
		}
		return nil
	})
	n.OnConnect(func(context.Context, *Socket) { s.came.Add(1) })
	n.OnDisconnect(func(context.Context, *Socket, Reason) { s.gone.Add(1) })
	n.OnAnyOutgoing(func(*Socket, string, Args) {})
	n.OnServerSide("side", func(_ context.Context, args Args) ([]any, error) { return args.Values(), nil })
	n.Limit("limited", Rate{PerSecond: 1, Burst: 1})
	On(n, "typed", func(_ context.Context, _ *Socket, r anything) (anything, error) { return r, nil })
	for event, do := range map[string]func(ctx context.Context, s *Socket, args Args) ([]any, error){
		"limited": func(context.Context, *Socket, Args) ([]any, error) { return []any{}, nil },
		"panic":   func(context.Context, *Socket, Args) ([]any, error) { panic("oh") },
		"echo": func(_ context.Context, s *Socket, args Args) ([]any, error) {
			return args.Values(), s.Emit("echoed", args.Values()...)
		},
		"ask": func(ctx context.Context, from *Socket, args Args) ([]any, error) {
			s.asking.Go(func() { _, _ = from.EmitWithAck(ctx, "question", args.Values()...) }) // ends with the socket
			return nil, nil
		},
		"join": func(_ context.Context, s *Socket, _ Args) ([]any, error) { s.Join("room"); return nil, nil },
		"tell": func(_ context.Context, s *Socket, args Args) ([]any, error) {
			return nil, s.Namespace().To("room").Emit("told", args.Values()...)
		},
		"kick":  func(_ context.Context, s *Socket, _ Args) ([]any, error) { s.Disconnect(false); return nil, nil },
		"close": func(_ context.Context, s *Socket, _ Args) ([]any, error) { s.Disconnect(true); return nil, nil },
	} {
		n.Handle(event, do)
	}
}

// fuzzClient is a transport without a network.
type fuzzClient struct {
	t       *testing.T
	session *engineio.Session
	missing int // attachments of the last packet
}

func (c *fuzzClient) Wake() {}

func (s *fuzzServer) open(t *testing.T) *fuzzClient {
	t.Helper()
	session, err := s.Engine().Open(engineio.Handshake{Identity: engineio.Identity{Key: "k", User: "u"}}, engineio.WebSocket, nil)
	if err != nil {
		t.Fatal(err)
	}
	c := &fuzzClient{t: t, session: session}
	session.Attach(c)
	return c
}

// receive takes what waits when nothing is being handled any more, so that the same input
// does the same, and holds it against the protocol.
func (c *fuzzClient) receive() {
	c.t.Helper()
	conn := c.session.Data().(*conn)
	for working := true; working; runtime.Gosched() {
		conn.mu.Lock()
		working = conn.inbox.working || len(conn.inbox.connecting) > 0
		conn.mu.Unlock()
	}
	packets, _ := c.session.Take(c, nil, 0)
	for _, p := range packets {
		if p.Type != engineio.Message {
			continue
		}
		if p.Binary != (c.missing > 0) {
			c.t.Fatalf("%d attachments are missing before %q", c.missing, p.Data)
		}
		if p.Binary {
			c.missing--
			continue
		}
		packet, err := decodePacket(p.Data, 0, 0)
		if err != nil && packet.Type != PacketConnectError {
			c.t.Fatalf("%q was sent: %v", p.Data, err)
		}
		c.missing = packet.Attachments
	}
}

// end closes everything, and looks what is left of it.
func (s *fuzzServer) end(t *testing.T, clients ...*fuzzClient) {
	t.Helper()
	var conns []*conn
	for _, c := range clients {
		c.receive()
		conns = append(conns, c.session.Data().(*conn))
		c.session.Leave(c, engineio.TransportClose)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	if err := s.Close(ctx); err != nil {
		t.Fatal(err)
	}
	s.asking.Wait()
	if s.came.Load() != s.gone.Load() {
		t.Errorf("%d sockets came, %d have gone", s.came.Load(), s.gone.Load())
	}
	s.Engine().Each(func(s *engineio.Session) { t.Errorf("session %s is left", s.ID()) })
	for _, c := range conns {
		if len(c.sockets) > 0 || c.pending != nil || len(c.inbox.queue)+len(c.inbox.held) > 0 || c.inbox.bytes != 0 || c.inbox.working || len(c.left) > maxLeft {
			t.Errorf("left of a connection: %d sockets, %d tasks, %d names, worker %v, pending %v",
				len(c.sockets), len(c.inbox.queue), len(c.left), c.inbox.working, c.pending)
		}
	}
	if len(s.namespaces) != 2 {
		t.Errorf("%d namespaces are left", len(s.namespaces))
	}
	for name, n := range s.namespaces {
		if len(n.sockets)+len(n.sessions)+len(n.rooms.members)+n.users > 0 {
			t.Errorf("left of %s: %d sockets, %d sessions, %d rooms, %d users",
				name, len(n.sockets), len(n.sessions), len(n.rooms.members), n.users)
		}
	}
}

// FuzzConn has a client send the packets of a polling body, twice: a second connection comes
// with what the first one has sent, while that is still there.
func FuzzConn(f *testing.F) {
	f.Fuzz(func(t *testing.T, recovery bool, wire []byte) {
		s := newFuzzServer(recovery, nil)
		clients := []*fuzzClient{s.open(t), s.open(t)}
		for p, err := range engineio.DecodePayload(wire) {
			for _, c := range clients {
				if err == nil && c.session.Receive(p) {
					c.receive()
				}
			}
		}
		s.end(t, clients...)
	})
}

// FuzzNode has a node serve what another one asks, with clients to whom it matters.
func FuzzNode(f *testing.F) {
	f.Fuzz(func(t *testing.T, recovery bool, data []byte) {
		s := newFuzzServer(recovery, NewMemoryAdapters(1)[0])
		clients := []*fuzzClient{s.open(t), s.open(t)}
		for _, c := range clients {
			c.session.Receive(text(`0`))
			c.session.Receive(text(`0/chat`))
			c.session.Receive(text(`2["join"]`))
			c.receive()
		}
		now, cancel := context.WithCancel(t.Context())
		cancel() // who is asked does not answer here
		node{s.Server}.Serve(now, data, func(answer []byte) {
			if !json.Valid(answer) {
				t.Errorf("answered %q", answer)
			}
		})
		for _, c := range clients {
			c.receive()
		}
		s.end(t, clients...)
	})
}

// FuzzDecodeAnswer decodes what other nodes answer.
func FuzzDecodeAnswer(f *testing.F) {
	f.Fuzz(func(t *testing.T, data []byte) {
		args, err := decodeAnswer(data)
		if err != nil {
			return
		}
		once := encodeAnswer(args.Values(), nil)
		args, err = decodeAnswer(once)
		if err != nil {
			t.Fatalf("%q became %q: %v", data, once, err)
		}
		if twice := encodeAnswer(args.Values(), nil); !bytes.Equal(once, twice) {
			t.Fatalf("%q became %q", once, twice)
		}
	})
}

func text(data string) engineio.Packet {
	return engineio.Packet{Type: engineio.Message, Data: []byte(data)}
}
