package socketio

import (
	"encoding/json"
	"errors"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"roomline/realtime/engineio"
)

// Reason says why a socket was disconnected, in the words of the reference server:
// the reasons of Engine.IO, and those below.
type Reason = engineio.Reason

// The reasons of a disconnect that leaves the connection open.
const (
	ReasonServerDisconnect Reason = "server namespace disconnect"
	ReasonClientDisconnect Reason = "client namespace disconnect"
)

// reasonForced ends a connection as Socket.Disconnect(true) does.
const reasonForced Reason = "forced server close"

// ErrDisconnected is returned by what cannot be done on a socket that is gone.
var ErrDisconnected = errors.New("socketio: the socket is disconnected")

// Socket is one client in one namespace. Its methods may be called concurrently, before
// the connect handlers only by the middleware.
type Socket struct {
	// set once, before the middleware
	id        string
	namespace *Namespace
	conn      *conn
	auth      json.RawMessage
	session   *session // nil without Config.Recovery

	joined []membership // guarded by the namespace's roomIndex.mu

	connected atomic.Bool // in the namespace's set
	gone      atomic.Bool // leave was called

	mu         sync.Mutex // guards what follows
	data       any
	acks       map[uint64]*gathering
	middleware []EventMiddleware
	greeting   []engineio.Packet // what middleware has emitted
	early      []string          // rooms that it has joined
	admitted   bool              // all middleware has run
}

// ID is the socket's id in its namespace, known to its client. It is also a room that
// holds only this socket.
func (s *Socket) ID() string { return s.id }

// Namespace is where the socket is.
func (s *Socket) Namespace() *Namespace { return s.namespace }

// Handshake is that of the connection.
func (s *Socket) Handshake() *engineio.Handshake { return s.conn.session.Handshake() }

// Session is the connection that carries the socket.
func (s *Socket) Session() *engineio.Session { return s.conn.session }

// Auth is the object that the client sent with CONNECT, nil if none.
func (s *Socket) Auth() json.RawMessage { return s.auth }

// Connected reports whether the socket is in its namespace.
func (s *Socket) Connected() bool { return s.connected.Load() && !s.gone.Load() }

// Recovered reports whether the socket was there before: see Recovery. Its id, rooms and data
// are as they were.
func (s *Socket) Recovered() bool { return s.session != nil && s.session.recovered }

// SetData keeps something of the host's with the socket. For Config.Recovery and FetchSockets
// it is encoded as JSON at any time: replace it rather than change it.
func (s *Socket) SetData(v any) {
	s.mu.Lock()
	s.data = v
	s.mu.Unlock()
	s.changed()
}

// Data returns what SetData kept.
func (s *Socket) Data() any {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.data
}

// Use adds a middleware that runs before the handler of every event of this socket, behind
// the namespace's.
func (s *Socket) Use(fn EventMiddleware) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.middleware = append(slices.Clip(s.middleware), fn)
}

// Emit sends an event. What a middleware emits follows the answer to CONNECT, in one write with
// it if the transport can, and is not recovered; a socket that is refused gets nothing. The
// error is ErrDisconnected, or says what cannot be encoded.
func (s *Socket) Emit(event string, args ...any) error {
	p, err := encodeEvent(s.namespace.name, event, args)
	switch {
	case err != nil:
		return err
	case s.Connected():
		return s.only().deliver(p)
	}
	return s.greet(p)
}

// greet keeps an event for when the socket is connected.
func (s *Socket) greet(event Prepared) error {
	p, err := s.namespace.server.wire(event)
	if err != nil {
		return err
	}
	s.mu.Lock()
	if s.admitted || s.gone.Load() {
		s.mu.Unlock()
		return ErrDisconnected
	}
	s.greeting = append(s.greeting, p.packets...)
	s.mu.Unlock()
	s.namespace.tellOutgoing([]*Socket{s}, event)
	return nil
}

// admit ends the time of middleware, and returns what it wanted to be said and joined.
func (s *Socket) admit() (greeting []engineio.Packet, rooms []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	greeting, rooms = s.greeting, s.early
	s.greeting, s.early, s.admitted = nil, nil, true
	return greeting, rooms
}

// only is the broadcast to this socket.
func (s *Socket) only() Broadcast {
	return Broadcast{namespace: s.namespace, in: []string{s.id}, socket: s, local: true}
}

// EmitVolatile sends an event if the client can take it now, and forgets it otherwise.
func (s *Socket) EmitVolatile(event string, args ...any) error {
	return s.only().Volatile().Emit(event, args...)
}

func (s *Socket) send(p Prepared) error {
	if !s.Connected() || s.conn.session.Send(p.packets...) != nil {
		return ErrDisconnected
	}
	return nil
}

// enqueue is send without telling the transport: its Flush does.
func (s *Socket) enqueue(p Prepared) error {
	if !s.Connected() || s.conn.session.Enqueue(p.packets...) != nil {
		return ErrDisconnected
	}
	return nil
}

// joinedPackets is how many packets TrySend hands to the connection at once.
const joinedPackets = 32

// packetCost is what each packet counts on top of its data: see Queued.
const packetCost = 40

// TrySend sends prepared events, in order, from the first on, for as long as no more than room
// bytes then wait for the client (as Queued counts them; an event that finds nothing waiting is
// taken whatever its size), and returns how many. What is taken together goes out in one write,
// if the transport can. When not all are taken, the namespace's OnDrain tells when to try the
// rest; it may have been called by the time TrySend returns, or run beside it. It is not told of
// a socket that has ended. What is sent like this is not recovered.
func (s *Socket) TrySend(room int, events ...Prepared) int {
	if !s.Connected() {
		return 0
	}
	var packets [joinedPackets]engineio.Packet
	sent := 0
	for joined := true; sent < len(events); {
		n := 1
		if joined {
			n = together(events[sent:], room)
		}
		if n > 1 {
			list := packets[:0]
			for _, p := range events[sent : sent+n] {
				list = append(list, p.packets...)
			}
			if joined = s.conn.session.TrySend(room, list...); joined {
				sent += n
			}
			continue // if they are refused together, some may fit alone
		}
		if !s.conn.session.TrySend(room, events[sent].packets...) {
			break
		}
		sent++
	}
	return sent
}

// together returns how many of the first events may be handed over at once: at least one.
func together(events []Prepared, room int) int {
	packets, bytes := 0, 0
	for i, p := range events {
		packets += len(p.packets)
		for _, packet := range p.packets {
			bytes += len(packet.Data) + packetCost
		}
		if i > 0 && (packets > joinedPackets || bytes > room) {
			return i
		}
	}
	return len(events)
}

// Queued returns how much waits for the client, of all its sockets: packets, and bytes with 40
// for each packet. Beyond engineio.Config.OutboxBytes the connection ends with reason "slow".
func (s *Socket) Queued() (packets, bytes int) { return s.conn.session.Queued() }

// NotifyDrain asks that OnDrain be called once no more than below bytes are queued. It
// returns false if that is so already.
func (s *Socket) NotifyDrain(below int) bool { return s.conn.session.NotifyDrain(below) }

// Join puts the socket in rooms. What a middleware joins it is in from the moment it is connected.
func (s *Socket) Join(rooms ...string) {
	if s.gone.Load() {
		return
	}
	s.mu.Lock()
	early := !s.admitted
	if early {
		s.early = append(s.early, rooms...)
	}
	s.mu.Unlock()
	if early {
		return
	}
	var offset uint64
	if j := s.namespace.journal; j != nil {
		offset = j.mark()
	}
	s.tellJoined(s.namespace.rooms.join(s, offset, rooms...))
	if s.gone.Load() { // left meanwhile: no index keeps a dead socket
		s.leaveRooms()
	}
	s.changed()
}

// Leave takes the socket out of rooms.
func (s *Socket) Leave(rooms ...string) {
	s.mu.Lock()
	s.early = slices.DeleteFunc(s.early, func(room string) bool { return slices.Contains(rooms, room) })
	s.mu.Unlock()
	s.tellLeft(s.namespace.rooms.leave(s, rooms...))
	s.changed()
}

func (s *Socket) leaveRooms() { s.tellLeft(s.namespace.rooms.leave(s, s.Rooms()...)) }

// Rooms returns the rooms the socket has joined, in that order.
func (s *Socket) Rooms() []string {
	joined := s.namespace.rooms.rooms(s)
	rooms := make([]string, len(joined))
	for i, m := range joined {
		rooms[i] = m.room
	}
	return rooms
}

// changed keeps what can be recovered up to date.
func (s *Socket) changed() {
	if s.Connected() {
		s.save(time.Time{})
	}
}

// Disconnect takes the socket out of its namespace; with closeConn also the client's sockets
// in other namespaces, and it ends the connection. What was sent before still arrives. Official
// clients do not come back by themselves.
func (s *Socket) Disconnect(closeConn bool) {
	if closeConn {
		for _, other := range s.conn.all() {
			other.Disconnect(false)
		}
		s.conn.session.Close(reasonForced)
		return
	}
	if s.gone.Load() {
		return
	}
	if p, err := s.namespace.control(PacketDisconnect, nil); err == nil {
		_ = s.conn.session.Send(p...)
	}
	s.leave(ReasonServerDisconnect)
}

// DisconnectWith is Disconnect(false) with last words, prepared events: they go out in one write with
// the end if the transport can, and no broadcast comes behind them. As with TrySend they are not
// recovered. The error is ErrDisconnected.
func (s *Socket) DisconnectWith(last ...Prepared) error {
	var packets []engineio.Packet
	for _, p := range last {
		packets = append(packets, p.packets...)
	}
	n := s.namespace
	if end, err := n.control(PacketDisconnect, nil); err == nil {
		packets = append(packets, end...)
	}
	n.order.Lock() // who broadcasts holds it, and finds the socket before its last words or gone
	if !s.gone.CompareAndSwap(false, true) {
		n.order.Unlock()
		return ErrDisconnected
	}
	err := s.conn.session.Enqueue(packets...)
	n.order.Unlock()
	s.conn.session.Flush()
	s.left(ReasonServerDisconnect)
	if err != nil {
		return ErrDisconnected
	}
	return nil
}

// leave ends the socket, once: it hears nothing more from here on.
func (s *Socket) leave(reason Reason) {
	if s.gone.CompareAndSwap(false, true) {
		s.left(reason)
	}
}

// left is what follows the end of the socket. The disconnect handlers run on the worker, after the
// events received before; then it leaves its rooms.
func (s *Socket) left(reason Reason) {
	n, c := s.namespace, s.conn
	n.mu.Lock()
	delete(n.sockets, s.id)
	n.mu.Unlock()
	s.failAcks()

	c.mu.Lock()
	defer c.mu.Unlock()
	if i := slices.Index(c.sockets, s); i >= 0 {
		c.sockets = slices.Delete(c.sockets, i, i+1)
		if c.left == nil {
			c.left = make(map[string]struct{}, 1)
		}
		for name := range c.left {
			if len(c.left) < maxLeft {
				break
			}
			delete(c.left, name)
		}
		c.left[n.name] = struct{}{}
	}
	c.pushLocked(task{run: func() {
		if s.connected.Load() {
			for _, fn := range n.onDisconnect {
				s.protect("disconnect", func() { fn(c.server.ctx, s, reason) })
			}
		}
		s.finish(reason)
		s.leaveRooms()
		n.server.exit(n)
	}})
}

// SocketInfo describes a socket of any node. Namespace.To(info.ID) reaches it.
type SocketInfo struct {
	ID        string             `json:"id"`
	Rooms     []string           `json:"rooms"`
	Data      json.RawMessage    `json:"data,omitempty"` // of Socket.Data, nil if none
	Auth      json.RawMessage    `json:"auth,omitempty"`
	Handshake engineio.Handshake `json:"handshake"` // without Identity.Value
}

func (s *Socket) describe() (SocketInfo, error) {
	info := SocketInfo{ID: s.id, Rooms: s.Rooms(), Auth: s.auth, Handshake: *s.Handshake()}
	info.Handshake.Identity.Value = nil
	var err error
	if data := s.Data(); data != nil {
		info.Data, err = json.Marshal(data)
	}
	return info, err
}
