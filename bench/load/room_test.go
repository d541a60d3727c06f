package load

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"
)

func TestARoomFindsWhatIsLostDoubledOrOutOfOrder(t *testing.T) {
	for name, c := range map[string]struct {
		heard [2][]uint32 // by two members, the first one first
		fails bool
	}{
		"all is well":                 {heard: [2][]uint32{{1, 2, 3}, {1, 2, 3}}},
		"an order of the server's":    {heard: [2][]uint32{{2, 1, 3}, {2, 1, 3}}},
		"one lost":                    {heard: [2][]uint32{{1, 2, 3}, {1, 3}}, fails: true},
		"one doubled":                 {heard: [2][]uint32{{1, 2, 3}, {1, 2, 2}}, fails: true},
		"one doubled at the end":      {heard: [2][]uint32{{1, 2, 3, 3}, {}}, fails: true},
		"another order":               {heard: [2][]uint32{{1, 2, 3}, {1, 3, 2}}, fails: true},
		"one that was never sent":     {heard: [2][]uint32{{1, 2, 4}, {}}, fails: true},
		"one that cannot be a number": {heard: [2][]uint32{{0}, {}}, fails: true},
	} {
		room := NewRoom("room")
		room.texts = make([]text, 4)
		var failed error
		for _, numbers := range c.heard {
			member := &Conn{}
			room.members = append(room.members, member)
			for _, n := range numbers {
				if err := room.hear(member, n, time.Now()); err != nil && failed == nil {
					failed = err
				}
			}
		}
		if (failed != nil) != c.fails {
			t.Errorf("%s: %v", name, failed)
		}
	}
}

func TestATextHasReachedARoomWhenEverybodyHasHeardIt(t *testing.T) {
	room := NewRoom("room")
	room.texts = make([]text, 3)
	room.members = []*Conn{{}, {}}
	var reached []uint32
	room.Reached = func(n uint32) { reached = append(reached, n) }
	for _, step := range []struct{ member, n, whole int }{{0, 2, 0}, {0, 1, 0}, {1, 2, 1}, {1, 1, 2}} {
		if err := room.hear(room.members[step.member], uint32(step.n), time.Now()); err != nil {
			t.Fatal(err)
		}
		if room.Whole() != step.whole {
			t.Errorf("after %v it has reached %d", step, room.Whole())
		}
	}
	if len(reached) != 2 || reached[0] != 2 || reached[1] != 1 {
		t.Errorf("told are %v", reached)
	}
}

func TestWhoComesBackMustBeGivenAllThatWasMissed(t *testing.T) {
	texts := func(numbers ...uint32) []byte {
		var all strings.Builder
		for _, n := range numbers {
			all.WriteString(`{"text":"` + Text(n) + `"},`)
		}
		return []byte(all.String())
	}
	for name, c := range map[string]struct {
		given []byte
		fails bool
	}{
		"all":           {texts(2, 3), false},
		"too little":    {texts(2), true},
		"nothing":       {texts(), true},
		"a known one":   {texts(1, 2, 3), true},
		"another order": {texts(3, 2), true},
		"too much":      {texts(2, 3, 3), true},
	} {
		room := NewRoom("room")
		room.texts, room.order = make([]text, 4), []uint32{1, 2, 3}
		if err := room.Rejoin(&Conn{}, 1, c.given); (err != nil) != c.fails {
			t.Errorf("who is given %s: %v", name, err)
		}
	}
}

func TestAQuantileIsOneOfTheTimes(t *testing.T) {
	hundred := &Times{}
	for i := 100; i > 0; i-- {
		hundred.Add(time.Duration(i))
	}
	one := &Times{}
	one.Add(7)
	for _, c := range []struct {
		times *Times
		q     float64
		want  time.Duration
	}{
		{hundred, 0.5, 50}, {hundred, 0.99, 99}, {hundred, 0.991, 100}, {hundred, 1, 100}, {hundred, 0, 1},
		{one, 0.5, 7}, {one, 0.99, 7}, {&Times{}, 0.5, 0},
	} {
		if got := c.times.Quantile(c.q); got != c.want {
			t.Errorf("of %d times the quantile %v is %d, want %d", c.times.Len(), c.q, got, c.want)
		}
	}
}

func TestATextIsFoundByItsNumber(t *testing.T) {
	for _, n := range []uint32{0, 1, 42, 99_999_999} {
		text := Text(n)
		if got, _, found := Number([]byte(`{"text":"` + text + `"}`)); got != n || !found {
			t.Errorf("in %q there is %d (%v)", text, got, found)
		}
		if len(text) != TextSize || strings.TrimSpace(text) != text {
			t.Errorf("%q has %d bytes, or a server would trim it", text, len(text))
		}
	}
	for _, none := range []string{"", "#", "#1234567", "#1234567x", "12345678"} {
		if n, _, found := Number([]byte(none)); found {
			t.Errorf("in %q there is text %d", none, n)
		}
	}
}

func TestNoTwoMessagesHaveOneClientID(t *testing.T) {
	seen := make(map[string]bool)
	for n := range uint32(10_000) {
		id := string(appendClientID(nil, n))
		if seen[id] || len(id) != 16 {
			t.Fatalf("message %d has the id %q", n, id)
		}
		seen[id] = true
	}
}

// hub is a server that hands every text of up to 125 bytes to all its clients.
type hub struct {
	running sync.WaitGroup

	mu      sync.Mutex
	clients []net.Conn
}

// ServeHTTP implements http.Handler.
func (h *hub) ServeHTTP(w http.ResponseWriter, _ *http.Request) {
	conn, in, err := w.(http.Hijacker).Hijack()
	if err != nil {
		return
	}
	h.running.Add(1) // the server does not wait for connections it gave away
	defer func() { _ = conn.Close(); h.running.Done() }()
	h.mu.Lock()
	h.clients = append(h.clients, conn)
	_, err = io.WriteString(conn, "HTTP/1.1 101 Switching Protocols\r\n\r\n")
	h.mu.Unlock()
	for err == nil {
		err = h.handOut(in.Reader)
	}
}

func (h *hub) handOut(in *bufio.Reader) error {
	head := make([]byte, 6)
	if _, err := io.ReadFull(in, head); err != nil {
		return err
	}
	payload := make([]byte, head[1]&0x7f)
	if _, err := io.ReadFull(in, payload); err != nil {
		return err
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, client := range h.clients {
		_, _ = client.Write(serverFrame(opText, string(payload))) // who has gone has gone
	}
	return nil
}

func TestManyClientsHearWhatSomeOfThemSay(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	everybody := &hub{}
	server := &http.Server{Handler: everybody}
	everybody.running.Go(func() { _ = server.Serve(listener) }) // until it is closed
	defer func() { _ = server.Close(); everybody.running.Wait() }()

	client, err := New(listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	room := NewRoom("room")
	room.Delivery = &Times{}
	if err := client.Open(50, 8, func(int) Setup { return Setup{Dialect: Raw(), Room: room} }); err != nil {
		t.Fatal(err)
	}
	speaker := 0
	err = client.Every(time.Millisecond, 20*time.Millisecond, func(due time.Time) {
		room.Send(room.Members()[speaker%7], due)
		speaker++
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := client.Until(room.Quiet); err != nil {
		t.Fatal(err)
	}
	if speaker != 20 || room.Sent() != 20 || room.Heard() != 20*50 || room.Delivery.Len() != 20*50 {
		t.Errorf("of %d texts %d were sent and heard %d times", speaker, room.Sent(), room.Heard())
	}
}
