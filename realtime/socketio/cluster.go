package socketio

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"
)

// Adapter connects a server with others, the nodes of a cluster: what concerns the sockets of
// all is carried by it. It knows nothing of namespaces and rooms. Its methods may be called
// concurrently.
type Adapter interface {
	// Attach is called once, by NewServer, before anything else.
	Attach(n Node)
	// Publish gives a request to all other nodes. Requests of one goroutine are served in order.
	Publish(ctx context.Context, request []byte) error
	// Ask gives a request to all other nodes and hands back their answers, one call of answer at
	// a time and none after it has returned, until all nodes are done. When ctx ends before, the
	// error is its.
	Ask(ctx context.Context, request []byte, answer func([]byte)) error
	// Close is called once, by Server.Close. Nothing is served or answered after it.
	Close() error
}

// Node is a server as its adapter sees it.
type Node interface {
	// Serve does what another node asked for. It calls answer any number of times, and is done
	// when it returns. It may be called concurrently.
	Serve(ctx context.Context, request []byte, answer func([]byte))
}

// op is what a request is for.
type op string

const (
	opEmit       op = "emit"
	opAsk        op = "ask"
	opFetch      op = "fetch"
	opJoin       op = "join"
	opLeave      op = "leave"
	opDisconnect op = "disconnect"
	opServerSide op = "server"
)

// request is what nodes tell each other.
type request struct {
	Op        op       `json:"op"`
	Namespace string   `json:"ns"`
	In        []string `json:"in,omitempty"`
	Out       []string `json:"out,omitempty"`
	Volatile  bool     `json:"volatile,omitempty"`
	Packet    [][]byte `json:"packet,omitempty"`  // of emit, ask and server
	Timeout   int64    `json:"timeout,omitempty"` // of ask and server, ms; 0: none
	Move      []string `json:"move,omitempty"`    // rooms of join and leave
	Close     bool     `json:"close,omitempty"`   // of disconnect
}

// check says whether the packet of a request that has one is a whole event.
func (r request) check() error {
	switch r.Op {
	case opEmit, opAsk, opServerSide:
	default:
		return nil
	}
	if len(r.Packet) == 0 || !bytes.HasSuffix(r.Packet[0], []byte("]")) {
		return errPacket
	}
	p, err := decodePacket(r.Packet[0], 0, 0)
	if err == nil && (p.Type.plain() != PacketEvent || p.Attachments != len(r.Packet)-1 || p.Namespace != r.Namespace) {
		err = errPacket
	}
	if err == nil {
		_, _, err = decodeEvent(p, r.Packet[1:])
	}
	return err
}

func (b Broadcast) encode(ctx context.Context, r request) ([]byte, error) {
	r.Namespace, r.In, r.Out, r.Volatile = b.namespace.name, b.in, b.out, b.volatile
	if deadline, ok := ctx.Deadline(); ok {
		r.Timeout = max(time.Until(deadline).Milliseconds(), 1)
	}
	return json.Marshal(r)
}

// publish gives a request to the other nodes.
func (b Broadcast) publish(r request) error {
	s := b.namespace.server
	if b.local || s.cfg.Adapter == nil {
		return nil
	}
	data, err := b.encode(context.Background(), r)
	if err == nil {
		err = s.cfg.Adapter.Publish(s.ctx, data)
	}
	if err != nil {
		return fmt.Errorf("socketio: publish: %w", err)
	}
	return nil
}

// inquire asks the other nodes.
func (b Broadcast) inquire(ctx context.Context, r request, answer func([]byte)) error {
	s := b.namespace.server
	if b.local || s.cfg.Adapter == nil {
		return nil
	}
	data, err := b.encode(ctx, r)
	if err == nil {
		err = s.cfg.Adapter.Ask(ctx, data, answer)
	}
	if err != nil {
		return fmt.Errorf("socketio: ask other nodes: %w", err)
	}
	return nil
}

// answer is what a node says to a question: an acknowledgement, or what went wrong.
type answer struct {
	Packet [][]byte `json:"packet,omitempty"`
	Late   bool     `json:"late,omitempty"` // the time ended before all was answered
	Error  string   `json:"error,omitempty"`
}

func encodeAnswer(args []any, err error) []byte {
	var a answer
	p, failed := encodeAck("/", 0, args)
	switch err = errors.Join(err, failed); {
	case err == nil:
		a.Packet = p.bytes()
	case errors.Is(err, context.DeadlineExceeded):
		a.Late = true
	default:
		a.Error = err.Error()
	}
	data, _ := json.Marshal(a) // strings and bytes can always be encoded
	return data
}

func decodeAnswer(data []byte) (Args, error) {
	var a answer
	err := json.Unmarshal(data, &a)
	switch {
	case err != nil:
		return Args{}, fmt.Errorf("socketio: decode answer: %w", err)
	case a.Late:
		return Args{}, fmt.Errorf("socketio: another node: %w", context.DeadlineExceeded)
	case a.Error != "":
		return Args{}, fmt.Errorf("socketio: another node: %s", a.Error)
	}
	return prepare(a.Packet).args()
}

// gather asks the other nodes for answers.
func (b Broadcast) gather(ctx context.Context, r request, add func(Args)) (err error) {
	failed := b.inquire(ctx, r, func(data []byte) {
		args, e := decodeAnswer(data)
		if err = errors.Join(err, e); e == nil {
			add(args)
		}
	})
	return errors.Join(err, failed)
}

// node serves what other nodes ask for, out of sight of Server's users.
type node struct{ s *Server }

func (n node) Serve(ctx context.Context, data []byte, answer func([]byte)) {
	if !n.s.beginWork() {
		return
	}
	defer n.s.work.Done()
	var r request
	err := json.Unmarshal(data, &r)
	if err == nil {
		err = r.check()
	}
	if err != nil {
		n.s.cfg.Logger.Error("socket.io: decode the request of another node", "error", err)
		return
	}
	namespace := n.s.lookup(r.Namespace)
	if namespace == nil {
		return // nobody is in it here
	}
	if r.Timeout > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, time.Duration(r.Timeout)*time.Millisecond)
		defer cancel()
	}
	b := Broadcast{namespace: namespace, in: r.In, out: r.Out, volatile: r.Volatile, local: true}
	if err := b.serve(ctx, r, answer); err != nil {
		n.s.cfg.Logger.Error("socket.io: serve another node", "op", r.Op, "namespace", r.Namespace, "error", err)
	}
}

func (b Broadcast) serve(ctx context.Context, r request, answer func([]byte)) error {
	switch r.Op {
	case opEmit:
		return b.deliver(prepare(r.Packet))
	case opAsk:
		g := newGathering()
		g.each = func(args Args) { answer(encodeAnswer(args.Values(), nil)) }
		g.await()
		defer b.ask(prepare(r.Packet), g)()
		g.settle(nil)
		if _, err := g.wait(ctx); err != nil {
			answer(encodeAnswer(nil, err))
		}
	case opFetch:
		for _, s := range b.Sockets() {
			info, err := s.describe()
			if err != nil {
				return err
			}
			data, err := json.Marshal(info)
			if err != nil {
				return err
			}
			answer(data)
		}
	case opServerSide:
		answer(encodeAnswer(b.namespace.serveSide(ctx, prepare(r.Packet))))
	default:
		b.apply(r)
	}
	return nil
}

// FetchSockets describes the sockets of all nodes. When ctx, Timeout or Config.RequestTimeout
// ends first, those that are known come with an error.
func (b Broadcast) FetchSockets(ctx context.Context) ([]SocketInfo, error) {
	ctx, cancel := b.bounded(ctx)
	defer cancel()
	var all []SocketInfo
	var errs []error
	for _, n := range b.namespace.family() {
		b.namespace = n
		for _, s := range b.Sockets() {
			info, err := s.describe()
			all, errs = append(all, info), append(errs, err)
		}
		errs = append(errs, b.inquire(ctx, request{Op: opFetch}, func(data []byte) {
			var info SocketInfo
			errs = append(errs, json.Unmarshal(data, &info))
			all = append(all, info)
		}))
	}
	return all, errors.Join(errs...)
}

// ServerSideHandler handles an event that another node sent with ServerSideEmit. What it
// returns is the answer to a ServerSideEmitWithAck.
type ServerSideHandler func(ctx context.Context, args Args) (reply []any, err error)

// OnServerSide registers the handler of an event between nodes.
func (b *bindings) OnServerSide(event string, h ServerSideHandler) { b.onServerSide[event] = h }

// ServerSideEmit sends an event to the namespace on all other nodes, where OnServerSide has
// handlers. The error is the adapter's, or says what cannot be encoded.
func (n *Namespace) ServerSideEmit(event string, args ...any) error {
	p, err := encodeEvent(n.name, event, args)
	if err != nil {
		return err
	}
	return n.publish(request{Op: opServerSide, Packet: p.bytes()})
}

// ServerSideEmitWithAck is ServerSideEmit that waits for the answers of all nodes. When ctx or
// Config.RequestTimeout ends first, the answers that are there come with an error.
func (n *Namespace) ServerSideEmitWithAck(ctx context.Context, event string, args ...any) ([]Args, error) {
	p, err := encodeEvent(n.name, event, args)
	if err != nil {
		return nil, err
	}
	ctx, cancel := n.bounded(ctx)
	defer cancel()
	var answers []Args
	err = n.gather(ctx, request{Op: opServerSide, Packet: p.bytes()}, func(args Args) { answers = append(answers, args) })
	return answers, err
}

// serveSide runs the handler of an event between nodes.
func (n *Namespace) serveSide(ctx context.Context, p Prepared) (reply []any, err error) {
	event, args, err := p.event()
	if err != nil {
		return nil, err
	}
	if h := n.onServerSide[event]; h != nil {
		err = errPanic
		n.protect(event, func() { reply, err = h(ctx, args) })
	}
	return reply, err
}
