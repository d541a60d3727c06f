package realtime

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gofiber/fiber/v2"

	"roomline/internal/options"
	"roomline/realtime/chat"
	"roomline/realtime/chat/chattest"
	"roomline/realtime/engineio"
	"roomline/realtime/socketio"
)

// crowd is a chat with many people on connections that a goroutine drains.
type crowd struct {
	chat  *Chat
	store *chattest.Store
	woken chan *puppet
	heard chan struct{} // as often as a message has reached everybody
	over  chan struct{}
	all   sync.WaitGroup
	taken atomic.Int64 // live messages, by all
	logs  atomic.Int64 // reads of a room's log

	meddle atomic.Pointer[func()] // runs once, behind the next read of the store
}

// meddled is the store of a crowd.
type meddled struct {
	*chattest.Store
	crowd *crowd
}

// Read implements chat.Store.
func (s meddled) Read(ctx context.Context, fn func(chat.Reader) error) error {
	err := s.Store.Read(ctx, func(r chat.Reader) error { return fn(logReader{r, s.crowd}) })
	if meddle := s.crowd.meddle.Swap(nil); meddle != nil {
		(*meddle)()
	}
	return err
}

// puppet is a transport without a network.
type puppet struct {
	crowd   *crowd
	session *engineio.Session
	waits   atomic.Bool // in woken
	acks    chan []byte // and goodbyes
}

// logReader counts the reads of a room's log.
type logReader struct {
	chat.Reader
	crowd *crowd
}

func (r logReader) Before(room, seq int64, limit int) ([]chat.Message, error) {
	r.crowd.logs.Add(1)
	return r.Reader.Before(room, seq, limit)
}

func (r logReader) Changes(room, rev int64, limit int) ([]chat.Message, error) {
	r.crowd.logs.Add(1)
	return r.Reader.Changes(room, rev, limit)
}

func newCrowd(tb testing.TB, people int) *crowd {
	tb.Helper()
	c := &crowd{store: chattest.NewStore(), woken: make(chan *puppet, people), heard: make(chan struct{}, 16), over: make(chan struct{})}
	for i := range people {
		c.store.SetUser(chat.User{ID: strconv.Itoa(i), Name: fmt.Sprintf("person-%05d", i), Role: chat.RoleMember})
	}
	limits := DefaultLimits()
	limits.Chat.SendRate, limits.PresenceEvery, limits.EventRate, limits.DrainTime = 0, time.Hour, 0, 0
	limits = options.Explicit(limits)
	var err error
	c.chat, err = New(Options{
		Store: meddled{c.store, c}, Limits: &limits, Logger: slog.New(slog.DiscardHandler),
		Identify: func(*fiber.Ctx) (chat.User, error) { return chat.User{}, ErrAnonymous },
	})
	if err != nil {
		tb.Fatal(err)
	}
	c.all.Go(c.drain)
	tb.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		if err := c.chat.Close(ctx); err != nil {
			tb.Error(err)
		}
		close(c.over)
		c.all.Wait()
	})
	return c
}

// Wake implements engineio.Puller.
func (p *puppet) Wake() {
	if !p.waits.Swap(true) {
		select {
		case p.crowd.woken <- p:
		case <-p.crowd.over:
		}
	}
}

func (c *crowd) drain() {
	var packets []engineio.Packet
	message := []byte(`2/general,["message"`)
	for {
		var p *puppet
		select {
		case p = <-c.woken:
		case <-c.over:
			return
		}
		p.waits.Store(false)
		for {
			packets, _ = p.session.Take(p, packets[:0], 64<<10)
			if len(packets) == 0 {
				break
			}
			for _, packet := range packets {
				switch {
				case bytes.HasPrefix(packet.Data, message):
					if c.taken.Add(1)%int64(cap(c.woken)) == 0 {
						select {
						case c.heard <- struct{}{}:
						default: // nobody counts
						}
					}
				case bytes.HasPrefix(packet.Data, []byte("3/general,")), bytes.HasPrefix(packet.Data, []byte("1/general,")):
					p.acks <- slices.Concat(packet.Data, packet.Tail)
				}
			}
		}
	}
}

// open opens a connection of a person, joins the namespace and sends events; it returns the
// last answer.
func (c *crowd) open(tb testing.TB, person int, events ...string) (*puppet, []byte) {
	tb.Helper()
	user := strconv.Itoa(person)
	p := &puppet{crowd: c, acks: make(chan []byte, 1)}
	id := engineio.Identity{Key: user, User: user, Value: identity{user: chat.User{ID: user}, session: "web-" + user}}
	var err error
	p.session, err = c.chat.server.Engine().Open(engineio.Handshake{Identity: id}, engineio.WebSocket, nil)
	if err != nil {
		tb.Fatal(err)
	}
	p.session.Attach(p)
	p.session.Receive(engineio.Packet{Type: engineio.Message, Data: []byte("0/general,")})
	var answer []byte
	for _, event := range events {
		p.session.Receive(engineio.Packet{Type: engineio.Message, Data: []byte("2/general,1" + event)})
		answer = <-p.acks
	}
	return p, answer
}

func (c *crowd) say(tb testing.TB, text string, seq int) {
	_, err := c.chat.Service().Send(context.Background(), chat.Actor{ID: "0", Space: chat.SpaceGeneral},
		chat.Draft{Room: "lobby", ID: fmt.Sprintf("message-%08d", seq), Text: text})
	if err != nil {
		tb.Error(err)
	}
}

const joinLobby = `["room:join",{"room":"lobby"}]`

var text64 = string(bytes.Repeat([]byte("x"), 64))

// BenchmarkDelivery is what a delivery costs from the commit to the transport's hands, without
// the system calls: a thousand members of one room, four messages in flight.
func BenchmarkDelivery(b *testing.B) {
	const members = 1000
	c := newCrowd(b, members)
	for i := range members {
		c.open(b, i, joinLobby)
	}
	b.ReportAllocs()
	b.ResetTimer()
	for i := range b.N {
		if i >= 4 {
			<-c.heard
		}
		c.say(b, text64, i)
	}
	for range min(b.N, 4) {
		<-c.heard
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/members, "ns/delivery")
}

// BenchmarkJoin is a connect with everything that belongs to it, into a room with a page of
// messages and many people.
func BenchmarkJoin(b *testing.B) {
	const members = 2000
	for name, event := range map[string]string{"page": joinLobby, "since": `["room:join",{"room":"lobby","since":{"epoch":"EPOCH","rev":10}}]`} {
		b.Run(name, func(b *testing.B) {
			c := newCrowd(b, members)
			for i := range 60 {
				c.say(b, text64, i)
			}
			room, err := c.chat.Service().Room(b.Context(), chat.Actor{ID: "0", Space: chat.SpaceGeneral}, "lobby")
			if err != nil {
				b.Fatal(err)
			}
			event := strings.ReplaceAll(event, "EPOCH", room.Epoch)
			for i := range members {
				c.open(b, i, joinLobby)
			}
			b.ReportAllocs()
			b.ResetTimer()
			for i := range b.N {
				p, answer := c.open(b, i%members, event)
				if len(answer) < 50*200 {
					b.Fatalf("a short answer: %s", answer)
				}
				p.session.Abort(engineio.TransportClose)
			}
		})
	}
}

// BenchmarkMember reports the memory that an idle member of one room keeps.
func BenchmarkMember(b *testing.B) {
	const members = 5000
	for range b.N {
		b.StopTimer()
		c := newCrowd(b, members)
		connected := make([]*puppet, members)
		before := heap()
		for i := range members {
			connected[i], _ = c.open(b, i, `["room:list",{}]`)
		}
		between := heap()
		for _, p := range connected {
			p.session.Receive(engineio.Packet{Type: engineio.Message, Data: []byte("2/general,1" + joinLobby)})
			<-p.acks
		}
		after := heap()
		b.ReportMetric(float64(between-before)/members, "B/socket")
		b.ReportMetric(float64(after-between)/members, "B/join")
		b.ReportMetric(float64(after-before)/members, "B/member")
		runtime.KeepAlive(connected)
	}
}

func heap() int64 {
	var stats runtime.MemStats
	for range 3 {
		runtime.GC()
	}
	runtime.ReadMemStats(&stats)
	return int64(stats.HeapAlloc + stats.StackInuse)
}

// still is a transport that is not told of anything.
type still struct{}

func (*still) Wake() {}

func TestADeliveryOfSeveralEntriesAllocatesNothing(t *testing.T) {
	c := newCrowd(t, 2)
	p, _ := c.open(t, 1, joinLobby)
	s := c.chat.spaces[chat.SpaceGeneral]
	m := s.namespace.To(userRoom("1")).Sockets()[0].Data().(*member)
	quiet := new(still)
	p.session.Attach(quiet)
	event, err := s.encode(chat.Message{Text: text64})
	if err != nil {
		t.Fatal(err)
	}
	events := []socketio.Prepared{event, event, event, event}
	var packets []engineio.Packet
	allocations := testing.AllocsPerRun(100, func() {
		taken := m.Deliver(events)
		packets, _ = p.session.Take(quiet, packets[:0], 0)
		if taken != len(events) || len(packets) != len(events) {
			t.Fatalf("%d events were taken, %d packets came", taken, len(packets))
		}
	})
	if allocations > 0 {
		t.Errorf("%.0f allocations", allocations)
	}
}

func TestOnlyWhatFitsIsTaken(t *testing.T) {
	c := newCrowd(t, 2)
	p, _ := c.open(t, 1, joinLobby)
	s := c.chat.spaces[chat.SpaceGeneral]
	socket := s.namespace.To(userRoom("1")).Sockets()[0]
	quiet := new(still)
	p.session.Attach(quiet)
	var events []socketio.Prepared
	for i := range 200 {
		event, err := s.encode(chat.Message{Seq: int64(1000 + i), Text: text64})
		if err != nil {
			t.Fatal(err)
		}
		events = append(events, event)
	}
	each := events[0].Size() + 39 // 40 for a packet, which Size counts as 1
	for _, test := range []struct{ room, want int }{
		{0, 1}, {each, 1}, {each*2 - 1, 1}, {each * 2, 2}, {each * 32, 32}, {each*33 + 1, 33}, {each * 1000, 200},
	} {
		taken := socket.TrySend(test.room, events...)
		packets, _ := p.session.Take(quiet, nil, 0)
		if taken != test.want || len(packets) != taken {
			t.Errorf("in %d bytes %d events were taken and %d packets came, want %d", test.room, taken, len(packets), test.want)
		}
		for i, packet := range packets {
			if !bytes.Equal(packet.Data, events[i].Text()) {
				t.Errorf("packet %d is %s", i, packet.Data)
			}
		}
		p.session.Take(quiet, nil, 0)
	}
}
