package transport

import (
	"context"
	"log/slog"
	"sync"
	"testing"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/gofiber/fiber/v2/utils"
	"go.uber.org/goleak"

	"roomline/internal/options"
	"roomline/realtime/engineio"
	"roomline/realtime/internal/wiretest"
)

func TestMain(m *testing.M) {
	// fasthttp's clock, what compresses and what Fiber's middlewares store in run as long as the process.
	utils.StartTimeStampUpdater() // Fiber's, whose name in a stack differs from build to build
	goleak.VerifyTestMain(m, goleak.IgnoreAnyFunction("github.com/valyala/fasthttp.updateServerDate.func1"),
		goleak.IgnoreAnyFunction("github.com/valyala/fasthttp/stackless.funcWorker"),
		goleak.IgnoreAnyFunction("github.com/gofiber/fiber/v2/internal/memory.(*Storage).gc"),
		goleak.IgnoreAnyFunction("github.com/gofiber/fiber/v2/internal/storage/memory.(*Storage).gc"),
		goleak.IgnoreCurrent(),
		goleak.IgnoreAnyFunction("github.com/gofiber/fiber/v2/middleware/cache.New.func2"))
}

// rig is a server whose sessions echo, with everything in reach.
type rig struct {
	*wiretest.Server
	engine    *engineio.Server
	transport *Transport
	ear       *ear
}

// ear echoes messages and notes how sessions end.
type ear struct {
	message func(s *engineio.Session, data []byte, binary bool) // instead of echoing
	opened  chan *engineio.Session
	closed  chan engineio.Reason

	mu     sync.Mutex
	drains int
}

func (e *ear) Open(s *engineio.Session) {
	select {
	case e.opened <- s:
	default:
	}
}

func (e *ear) Message(s *engineio.Session, data []byte, binary bool) {
	if e.message != nil {
		e.message(s, data, binary)
		return
	}
	// A session that has ended meanwhile hears nothing, which is what its test expects.
	_ = s.Send(engineio.Packet{Type: engineio.Message, Binary: binary, Data: data})
}

func (e *ear) Drain(*engineio.Session) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.drains++
}

func (e *ear) Pong(*engineio.Session) {}

func (e *ear) Close(_ *engineio.Session, reason engineio.Reason) {
	select {
	case e.closed <- reason:
	default:
	}
}

// setup is what a test changes of the rig.
type setup struct {
	engine    engineio.Config
	transport Config
	app       fiber.Config
	ear       ear
	mount     func(app *fiber.App, t *Transport) error // instead of Mount(app)
}

func newRig(t testing.TB, change func(*setup)) *rig {
	t.Helper()
	s := &setup{
		engine: engineio.Config{
			PingInterval:   25 * time.Second,
			PingTimeout:    20 * time.Second,
			UpgradeTimeout: 10 * time.Second,
			MaxPayload:     1000,
			MaxPackets:     8,
			OutboxBytes:    256 << 10,
			Logger:         slog.New(slog.DiscardHandler),
		},
		transport: Config{WriteTimeout: 5 * time.Second, Logger: slog.New(slog.DiscardHandler)},
		mount:     func(app *fiber.App, tr *Transport) error { return tr.Mount(app) },
	}
	if change != nil {
		change(s)
	}
	r := &rig{ear: &s.ear}
	r.ear.opened = make(chan *engineio.Session, 1000)
	r.ear.closed = make(chan engineio.Reason, 1000)
	r.engine = engineio.NewServer(options.Explicit(s.engine), r.ear)
	r.transport = New(options.Explicit(s.transport), r.engine)
	r.Server = wiretest.ServeConfig(t, s.app, func(app *fiber.App) {
		t.Cleanup(func() { r.close(t) })
		if err := s.mount(app, r.transport); err != nil {
			t.Fatal(err)
		}
	})
	return r
}

// close is the order in which a host stops.
func (r *rig) close(t testing.TB) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	if err := r.engine.Close(ctx); err != nil {
		t.Error(err)
	}
	if err := r.transport.Close(ctx); err != nil {
		t.Error(err)
	}
}

// sessions counts those that are there.
func (r *rig) sessions() int {
	n := r.engine.Stats()
	return n.Polling + n.WebSocket
}

// expectReason waits until a session has ended.
func (r *rig) expectReason(t testing.TB, want engineio.Reason) {
	t.Helper()
	select {
	case got := <-r.ear.closed:
		if got != want {
			t.Errorf("closed with %q, want %q", got, want)
		}
	case <-time.After(10 * time.Second):
		t.Fatalf("no session closed; want %q", want)
	}
}

// expectOpen fails if a session has ended.
func (r *rig) expectOpen(t *testing.T) {
	t.Helper()
	select {
	case got := <-r.ear.closed:
		t.Errorf("the session closed with %q", got)
	default:
	}
}

// eventually waits for a state that nothing announces.
func eventually(t testing.TB, what string, is func() bool) {
	t.Helper()
	deadline := time.After(10 * time.Second)
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for !is() {
		select {
		case <-deadline:
			t.Fatalf("it never came: %s", what)
		case <-tick.C:
		}
	}
}

func expect(t *testing.T, a wiretest.Answer, status int, body string) {
	t.Helper()
	if a.Status != status || !wiretest.Match(body, a.Body) {
		t.Errorf("answered %d %q, want %d %q", a.Status, a.Body, status, body)
	}
}
