package main

import (
	"bufio"
	"context"
	"database/sql"
	"fmt"
	"io"
	"net"
	"net/http"
	"path/filepath"
	"regexp"
	"runtime"
	"runtime/pprof"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"roomline/models"
	"roomline/realtime"
	"roomline/realtime/chat"
)

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m,
		// fasthttp's compressors have no end: as many as processors, from the first page on.
		goleak.IgnoreTopFunction("github.com/valyala/fasthttp/stackless.funcWorker"),
		// fasthttp's clock for the Date header has no end, and the sweep of its workers ends
		// up to ten seconds after the server.
		goleak.IgnoreAnyFunction("github.com/valyala/fasthttp.updateServerDate.func1"),
		goleak.IgnoreAnyFunction("github.com/valyala/fasthttp.(*workerPool).Start.func2"),
	)
}

// server is the program serving in this process.
type server struct {
	url    string
	db     string
	stop   context.CancelFunc // as a signal does
	exited <-chan int
	stderr *output
}

// output is a stream that may be read while it is written.
type output struct {
	mu   sync.Mutex
	text strings.Builder
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.Write(p)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.String()
}

// start runs "roomline serve" until the test ends or stops it.
func start(t *testing.T, db string, flags ...string) *server {
	t.Helper()
	ctx, stop := context.WithCancel(context.Background())
	read, write := io.Pipe()
	exited := make(chan int, 1)
	s := &server{db: db, stop: stop, exited: exited, stderr: &output{}}
	go func() {
		status := run(ctx, append([]string{"serve", "--addr=127.0.0.1:0", "--db=" + db, "--drain-time=100ms"}, flags...), strings.NewReader(""), write, s.stderr)
		_ = write.Close()
		exited <- status
	}()
	t.Cleanup(func() { stop(); s.wait(t) })
	line, err := bufio.NewReader(read).ReadString('\n')
	if err != nil {
		t.Fatalf("the server ended before it listened: %s", s.stderr)
	}
	found := regexp.MustCompile(`^listening on (http://127\.0\.0\.1:\d+)\n$`).FindStringSubmatch(line)
	if found == nil {
		t.Fatalf("the server printed %q", line)
	}
	s.url = found[1]
	return s
}

// wait returns the exit status; it may be called again.
func (s *server) wait(t *testing.T) int {
	t.Helper()
	select {
	case status, ok := <-s.exited:
		if !ok {
			return 0
		}
		renewed := make(chan int, 1)
		renewed <- status
		s.exited = renewed
		return status
	case <-time.After(15 * time.Second):
		t.Fatal("the server does not stop")
		return -1
	}
}

func (s *server) get(t *testing.T, path string) (int, string) {
	t.Helper()
	client := http.Client{Timeout: 5 * time.Second, Transport: &http.Transport{DisableKeepAlives: true}}
	response, err := client.Get(s.url + path)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, string(text)
}

// command runs another command line to its end.
func command(t *testing.T, stdin string, args ...string) (status int, stdout, stderr string) {
	t.Helper()
	var out, errs strings.Builder
	status = run(t.Context(), args, strings.NewReader(stdin), &out, &errs)
	return status, out.String(), errs.String()
}

func newDB(t *testing.T) string { return filepath.Join(t.TempDir(), "roomline.db") }

func TestTheServerIsReadyOnceItSaysWhereItListens(t *testing.T) {
	s := start(t, newDB(t))
	for _, path := range []string{"/healthz", "/readyz", "/signup"} {
		if status, text := s.get(t, path); status != http.StatusOK {
			t.Errorf("%s: %d %s", path, status, text)
		}
	}
	if status, text := s.get(t, "/socket.io/?EIO=4&transport=polling"); status != http.StatusOK || !strings.HasPrefix(text, `0{"sid":`) {
		t.Errorf("handshake: %d %s", status, text)
	}
}

func TestAStopEndsHeldPollsAndIdleConnectionsInTime(t *testing.T) {
	s := start(t, newDB(t))
	_, handshake := s.get(t, "/socket.io/?EIO=4&transport=polling")
	sid := regexp.MustCompile(`"sid":"([^"]+)"`).FindStringSubmatch(handshake)
	if sid == nil {
		t.Fatal(handshake)
	}
	polled := make(chan error, 1)
	asked := make(chan struct{})
	go func() {
		conn, err := net.Dial("tcp", strings.TrimPrefix(s.url, "http://"))
		if err == nil {
			defer conn.Close()
			_, err = fmt.Fprintf(conn, "GET /socket.io/?EIO=4&transport=polling&sid=%s HTTP/1.1\r\nHost: x\r\n\r\n", sid[1])
			close(asked)
		}
		if err == nil {
			_, err = http.ReadResponse(bufio.NewReader(conn), nil)
		}
		polled <- err
	}()
	<-asked
	silent, err := net.Dial("tcp", strings.TrimPrefix(s.url, "http://")) // browsers open such ahead of need
	if err != nil {
		t.Fatal(err)
	}
	defer silent.Close()

	began := time.Now()
	s.stop()
	if status := s.wait(t); status != 0 {
		t.Fatalf("exit status %d: %s", status, s.stderr)
	}
	if took := time.Since(began); took > 10*time.Second {
		t.Errorf("the stop took %v", took)
	}
	if err := <-polled; err != nil {
		t.Errorf("the held poll: %v", err)
	}
	if _, err := net.Dial("tcp", strings.TrimPrefix(s.url, "http://")); err == nil {
		t.Error("the port still answers")
	}
	if log := s.stderr.String(); strings.Contains(log, "level=ERROR") {
		t.Errorf("the log has errors:\n%s", log)
	}
}

func TestASecondServerOnTheSameDatabaseIsRefusedInOneLine(t *testing.T) {
	s := start(t, newDB(t))
	status, out, errs := command(t, "", "serve", "--addr=127.0.0.1:0", "--db="+s.db)
	if status != 1 || out != "" || strings.Count(errs, "\n") != 1 || !strings.Contains(errs, "another Roomline server") {
		t.Fatalf("exit status %d, %q, %q", status, out, errs)
	}
	if status, _ := s.get(t, "/readyz"); status != http.StatusOK {
		t.Fatal("the first server is disturbed")
	}
}

func TestAPortInUseIsSaidInOneLine(t *testing.T) {
	s := start(t, newDB(t))
	status, _, errs := command(t, "", "--db="+newDB(t), "--addr="+strings.TrimPrefix(s.url, "http://"))
	if status != 1 || strings.Count(errs, "\n") != 1 || !strings.Contains(errs, "address already in use") {
		t.Fatalf("exit status %d, %q", status, errs)
	}
}

func TestWrongFlagsAreSaidInOneLine(t *testing.T) {
	for _, args := range [][]string{
		{"--no-such-flag"}, {"dance"}, {"--ping-interval=soon"}, {"--max-payload=-1"}, {"--send-rate=-0.5"}, {"--drain-time=-1s"}, {"--send-rate=NaN"},
		{"--origin=chat.example.org"}, {"--origin=https://chat.example.org/"}, {"--origin=*"}, {"--trusted-proxy=everybody"}, {"--registration=maybe"},
		{"--metrics-addr=nowhere"}, {"--url=chat.example.org"}, {"--url=https://example.org/chat"}, {"--url=https://*.example.org"}, {"--log-level=loud"}, {"user"}, {"user", "role", "ann"}, {"user", "role", "ann", "king"}, {"--addr=nowhere"},
	} {
		args := append([]string{"--db=" + newDB(t)}, args...)
		status, out, errs := command(t, "", args...)
		if status != 1 || out != "" || strings.Count(errs, "\n") != 1 || !strings.HasPrefix(errs, "roomline: ") {
			t.Errorf("%q: exit status %d, %q, %q", args, status, out, errs)
		}
	}
}

func TestTheFlagsStartWithThePublishedLimits(t *testing.T) {
	parsed := parse(t)
	if got, want := parsed.Serve.limits(), realtime.DefaultLimits(); got != want {
		t.Errorf("without flags:\n%+v\nwant\n%+v", got, want)
	}
}

func TestEveryFlagHasAVariable(t *testing.T) {
	t.Setenv("ROOMLINE_SEND_BURST", "0")
	t.Setenv("ROOMLINE_PING_INTERVAL", "300ms")
	t.Setenv("ROOMLINE_ORIGIN", "https://a.example,https://b.example")
	t.Setenv("ROOMLINE_TRUSTED_PROXY", "10.0.0.1")
	parsed := parse(t)
	if parsed.Serve.SendBurst != 0 || parsed.Serve.PingInterval != 300*time.Millisecond || len(parsed.Serve.Origin) != 2 ||
		parsed.Serve.TrustedProxy[0].String() != "10.0.0.1/32" {
		t.Errorf("%+v", parsed.Serve)
	}
}

func parse(t *testing.T, args ...string) commands {
	t.Helper()
	var cli commands
	parser, err := newParser(&cli)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := parser.Parse(args); err != nil {
		t.Fatal(err)
	}
	return cli
}

func TestAccountsAreMadeAndRaisedBesideARunningServer(t *testing.T) {
	s := start(t, newDB(t))
	for _, c := range []struct {
		stdin  string
		args   []string
		status int
		says   string
	}{
		{"seven bees on a door\n", []string{"user", "create", "ann"}, 0, "created ann (owner)"},
		{"seven bees on a door", []string{"user", "create", "bob"}, 0, "created bob (member)"},
		{"short\n", []string{"user", "create", "cid"}, 1, "at least 8 characters"},
		{"", []string{"user", "create", "cid"}, 1, "at least 8 characters"},
		{"seven bees on a door\n", []string{"user", "create", "Ann"}, 1, "taken"},
		{"seven bees on a door\n", []string{"user", "create", "Supp0rt"}, 1, "reserved"},
		{"seven bees on a door\n", []string{"user", "create", "roomline", "--reserved-names="}, 1, "reserved"},
		{"seven bees on a door\n", []string{"user", "create", "Boss", "--reserved-names=boss,chief"}, 1, "reserved"},
		{"seven bees on a door\n", []string{"user", "create", "support", "--reserved-names="}, 0, "created support (member)"},
		{"", []string{"user", "role", "bob", "moderator"}, 0, "bob is now moderator"},
		{"", []string{"user", "role", "nobody", "moderator"}, 1, "nobody of that name"},
		{"", []string{"user", "role", "ann", "member"}, 1, "only owner"},
		{"", []string{"audit", "verify"}, 0, "1 entries, unbroken, head "},
	} {
		status, out, errs := command(t, c.stdin, append([]string{"--db=" + s.db}, c.args...)...)
		if status != c.status || !strings.Contains(out+errs, c.says) || strings.Count(out+errs, "\n") != 1 {
			t.Errorf("%q: exit status %d, %q, %q", c.args, status, out, errs)
		}
	}
	s.stop()
	s.wait(t)
	db, err := models.Open(t.Context(), models.Config{Path: s.db})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	bob, err := db.Authenticate(t.Context(), "bob", "seven bees on a door")
	if err != nil || bob.Role != chat.RoleModerator {
		t.Fatalf("%+v, %v", bob, err)
	}
}

func TestTheFirstEntryOfTheAuditLogThatWasChangedIsNamed(t *testing.T) {
	db := newDB(t)
	if status, _, errs := command(t, "", "audit", "verify", "--db="+db); status != 1 || !strings.Contains(errs, "no such file") {
		t.Errorf("without a database: exit status %d, %q", status, errs)
	}
	for _, name := range []string{"ann", "bob"} {
		if status, _, errs := command(t, "seven bees on a door\n", "user", "create", name, "--db="+db); status != 0 {
			t.Fatal(errs)
		}
	}
	verify := func(status int, says string) {
		t.Helper()
		got, out, errs := command(t, "", "audit", "verify", "--db="+db)
		if got != status || !regexp.MustCompile("^"+says+"\n$").MatchString(out+errs) {
			t.Errorf("exit status %d, %q, %q", got, out, errs)
		}
	}
	verify(0, "0 entries, unbroken, head 0{64}")
	for _, role := range []string{"moderator", "member", "owner"} {
		if status, _, errs := command(t, "", "user", "role", "bob", role, "--db="+db); status != 0 {
			t.Fatal(errs)
		}
	}
	verify(0, "3 entries, unbroken, head [0-9a-f]{64}")
	pool, err := sql.Open("sqlite3", db)
	if err != nil {
		t.Fatal(err)
	}
	defer pool.Close()
	change := func(statement string) {
		t.Helper()
		if _, err := pool.ExecContext(t.Context(), statement); err != nil {
			t.Fatal(err)
		}
	}
	change("DROP TRIGGER chat_audit_update")
	change("UPDATE chat_audit SET after = replace(after, 'member', 'Member') WHERE id = 2")
	verify(1, "roomline: entry 2 does not fit: it, or what stood before it, was changed")
	change("UPDATE chat_audit SET after = replace(after, 'Member', 'member') WHERE id = 2")
	verify(0, "3 entries, unbroken, head [0-9a-f]{64}")
}

func TestHelpAndVersionEndWell(t *testing.T) {
	for _, args := range [][]string{{"--help"}, {"serve", "--help"}, {"user", "create", "--help"}, {"version"}} {
		status, out, errs := command(t, "", args...)
		if status != 0 || !strings.Contains(out, "roomline") || errs != "" {
			t.Errorf("%q: exit status %d, %q, %q", args, status, out, errs)
		}
	}
}

func TestTheAddressIsOneABrowserCanOpen(t *testing.T) {
	for listening, want := range map[string]string{
		"0.0.0.0:3000": "http://127.0.0.1:3000", "[::]:3000": "http://127.0.0.1:3000", "192.0.2.1:80": "http://192.0.2.1:80",
		"[2001:db8::1]:3000": "http://[2001:db8::1]:3000",
	} {
		addr, err := net.ResolveTCPAddr("tcp", listening)
		if err != nil {
			t.Fatal(err)
		}
		if got := address(addr); got != want {
			t.Errorf("%s is printed as %s, want %s", listening, got, want)
		}
	}
}

// liveHeap returns the bytes of the heap that are in use. What pools hold is gone after two
// collections.
func liveHeap() int64 {
	runtime.GC()
	runtime.GC()
	runtime.GC()
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	return int64(stats.HeapAlloc)
}

// bodiesBeingRead counts the goroutines that wait for more of a request's body.
func bodiesBeingRead(t *testing.T) (n int) {
	t.Helper()
	var profile strings.Builder
	if err := pprof.Lookup("goroutine").WriteTo(&profile, 1); err != nil {
		t.Fatal(err)
	}
	_, groups, _ := strings.Cut(profile.String(), "\n") // below the total
	for _, group := range strings.Split(groups, "\n\n") {
		if strings.Contains(group, ".readBody+") || strings.Contains(group, ".appendBodyFixedSize+") {
			if count, err := strconv.Atoi(strings.Fields(group)[0]); err == nil {
				n += count
			}
		}
	}
	return n
}

func TestAnnouncedBodiesCostNoMemoryUntilTheyArrive(t *testing.T) {
	const clients, announced = 150, 90_000
	s := start(t, newDB(t))
	status, text := s.get(t, "/socket.io/?EIO=4&transport=polling")
	sid := regexp.MustCompile(`"sid":"([^"]+)"`).FindStringSubmatch(text)
	if status != http.StatusOK || sid == nil {
		t.Fatalf("handshake: %d %s", status, text)
	}
	before := liveHeap()
	for i := range clients {
		conn, err := net.Dial("tcp", strings.TrimPrefix(s.url, "http://"))
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		path := []string{"/login", "/socket.io/?EIO=4&transport=polling&sid=" + sid[1]}[i%2]
		length := []int{60_000, announced}[i%2]
		fmt.Fprintf(conn, "POST %s HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: %d\r\n\r\n4", path, length)
	}
	for deadline := time.Now().Add(10 * time.Second); bodiesBeingRead(t) < clients; {
		if time.Now().After(deadline) {
			t.Fatalf("only %d of %d bodies are being read", bodiesBeingRead(t), clients)
		}
	}
	if each := (liveHeap() - before) / clients; each > 40<<10 {
		t.Errorf("a body of which one byte has arrived costs %d bytes", each)
	}
}
