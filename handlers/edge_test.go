package handlers_test

import (
	"bufio"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"
)

func TestEveryPageCarriesTheHeadersThatProtectIt(t *testing.T) {
	s := serve(t)
	ann, stranger := s.member("ann"), s.visitor()
	for _, a := range []*answer{
		stranger.get("/"), stranger.get("/login"), stranger.get("/signup"), stranger.get("/nothing"), stranger.get("/rooms/lobby"),
		stranger.get("/healthz"), stranger.get("/readyz"), stranger.get("/metrics"),
		stranger.post("/login"), stranger.get("/public/css/nothing.css"),
		ann.get("/"), ann.get("/login"), ann.get("/rooms/lobby"), ann.get("/rooms/lobby/9"), ann.get("/admin"), ann.get("/account"), ann.get("/admin/invites"),
		stranger.get("/signup?invite=" + noToken), stranger.get("/reset/" + noToken), ann.submit("/admin/invites", "/admin/invites", "uses", "1", "days", "7"),
		ann.say("/rooms/lobby", "abcdefgh-1", "hello"), ann.get("/rooms/lobby/1"), ann.get("/rooms/lobby/1/edit"), ann.post("/logout"),
	} {
		policy := a.header.Get("Content-Security-Policy")
		for _, part := range []string{"default-src 'none'", "script-src 'self';", "style-src 'self';", "base-uri 'none'", "form-action 'self'", "frame-ancestors 'none'"} {
			if !strings.Contains(policy, part) {
				t.Errorf("%s: the policy %q lacks %s", a.what, policy, part)
			}
		}
		if strings.Contains(policy, "unsafe") || strings.Contains(policy, "*") {
			t.Errorf("%s: the policy %q is loose", a.what, policy)
		}
		for name, want := range map[string]string{
			"X-Content-Type-Options": "nosniff", "Referrer-Policy": "same-origin", "Cross-Origin-Opener-Policy": "same-origin",
			"Strict-Transport-Security": "",
		} {
			if got := a.header.Get(name); got != want {
				t.Errorf("%s: %s is %q", a.what, name, got)
			}
		}
		if len(a.header.Get("X-Request-Id")) < 20 || a.header.Get("Permissions-Policy") == "" {
			t.Errorf("%s: %v", a.what, a.header)
		}
		if got := a.header.Get("Cache-Control"); !strings.Contains(got, "no-store") {
			t.Errorf("%s: Cache-Control is %q", a.what, got)
		}
		if strings.Contains(a.body, "<script>") || strings.Contains(a.body, " style=") || strings.Contains(a.body, " onclick=") {
			t.Errorf("%s has inline code", a.what)
		}
	}
}

func TestAnAnswerOfTheChatIsNoDocument(t *testing.T) {
	s := serve(t)
	for _, a := range []*answer{s.visitor().get("/socket.io/?EIO=4&transport=polling"), s.visitor().get("/socket.io/")} {
		for name, want := range map[string]string{
			"Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'", "X-Content-Type-Options": "nosniff",
			"Cross-Origin-Resource-Policy": "same-origin", "Cache-Control": "no-store",
		} {
			if got := a.header.Get(name); got != want {
				t.Errorf("%s: %s is %q", a.what, name, got)
			}
		}
		if len(a.header.Get("X-Request-Id")) < 20 {
			t.Errorf("%s: %v", a.what, a.header)
		}
	}
}

func TestAHostThatIsNoneDoesNotReachThePolicy(t *testing.T) {
	s := serve(t)
	b := s.visitor()
	b.header.Set("Host", "evil.example;script-src")
	if policy := b.get("/login").header.Get("Content-Security-Policy"); strings.Contains(policy, "evil") {
		t.Fatalf("the policy is %s", policy)
	}
}

func TestNothingOutsideOfPublicIsServed(t *testing.T) {
	s := serve(t)
	b := s.visitor()
	for _, path := range []string{
		"/roomline.db", "/roomline.db-wal", "/.git/config", "/.env", "/go.mod", "/main.go", "/public", "/public/", "/public/css", "/public/css/",
		"/public/embed.go", "/public/../go.mod", "/public/..%2fgo.mod", "/public/css/../../go.mod", "/public/%2e%2e/go.mod",
		"/public/.gitignore", "/public//css/base.css", "/public/css/base.css%00", "/public/0123456789abcdef/", "/public/0123456789abcdef/../go.mod",
		"/public/0123456789abcdef/0123456789abcdef/css/base.css", "/public/other/css/base.css", "/views/login.html", "/Login", "/ROOMS/lobby",
	} {
		b.get(path).wants(http.StatusNotFound).shows("There is nothing here.")
	}
}

func TestWrongInputOnEveryFormIsAClearPage(t *testing.T) {
	s := serve(t)
	ann := s.member("ann")
	ann.say("/rooms/lobby", "abcdefgh-1", "hello").wants(http.StatusSeeOther)
	dice := rand.New(rand.NewPCG(1, 2))
	rubbish := func() string {
		b := make([]byte, dice.IntN(300))
		for i := range b {
			b[i] = byte(dice.UintN(256))
		}
		return string(b)
	}
	values := []string{
		"", " ", "\x00", "\xff\xfe", "\u202e", "-1", "9999999999999999999999", "<script>alert(1)</script>", "{{.}}", "' OR 1=1 --", "../../etc/passwd",
		strings.Repeat("9", 5000), strings.Repeat("[", 9000), strings.Repeat("é", 20_000), rubbish(), rubbish(),
	}
	for path, fields := range forms() {
		for _, value := range values {
			names := []string{"next", "replyTo", "id"}
			for i := 0; i < len(fields); i += 2 {
				names = append(names, fields[i])
			}
			// Ann has to stay signed in.
			b, page := ann, "/rooms/lobby"
			if path == "/login" || path == "/signup" || strings.HasPrefix(path, "/logout") || strings.HasSuffix(path, "/revoke") {
				b, page = s.visitor(), "/login"
			}
			sent := []string{"_csrf", b.token(page)}
			for _, name := range names {
				sent = append(sent, name, value)
			}
			a := b.post(path, sent...)
			if a.status >= 500 || a.status < 300 {
				t.Errorf("%s with %.20q: %d", path, value, a.status)
			}
			if a.status >= 400 && (!strings.Contains(a.body, "<h1") || strings.Contains(a.body, "<script>alert")) {
				t.Errorf("%s with %.20q is no clear page:\n%s", path, value, a.body)
			}
		}
	}
	for _, c := range []struct{ contentType, body string }{
		{"application/x-www-form-urlencoded", "%"},
		{"application/x-www-form-urlencoded", strings.Repeat("a=b&", 2000)},
		{"application/x-www-form-urlencoded", "_csrf[]=1&_csrf=%ff"},
		{"multipart/form-data; boundary=x", "--x\r\nContent-Disposition: form-data; name=\"text\"\r\n\r\nhello"},
		{"multipart/form-data", "--x"},
		{"application/json", `{"role":"admin"}`},
		{"text/plain", "text=hello"},
		{"", "text=hello"},
		{strings.Repeat("x", 3000), "text=hello"},
	} {
		for path := range forms() {
			if a := ann.do(http.MethodPost, path, c.contentType, c.body); a.status < 400 || a.status >= 500 || !strings.Contains(a.body, "<h1") {
				t.Errorf("%s with %.40q as %.40q: %d\n%s", path, c.body, c.contentType, a.status, a.body)
			}
		}
	}
	ann.get("/rooms/lobby").wants(http.StatusOK)
	if log := s.log.String(); strings.Contains(log, "level=ERROR") {
		t.Errorf("the log has errors:\n%s", log)
	}
}

func TestAMultipartFormIsReadToo(t *testing.T) {
	s := serve(t)
	ann := s.member("ann")
	var body strings.Builder
	for name, value := range map[string]string{"_csrf": ann.token("/rooms/lobby"), "id": "abcdefgh-1", "text": "in parts"} {
		body.WriteString("--x\r\nContent-Disposition: form-data; name=\"" + name + "\"\r\n\r\n" + value + "\r\n")
	}
	ann.do(http.MethodPost, "/rooms/lobby/messages", "multipart/form-data; boundary=x", body.String()+"--x--\r\n").wants(http.StatusSeeOther)
	ann.get("/rooms/lobby").shows("in parts")
}

func TestWhatCannotBeAFormIsRefusedAtTheDoor(t *testing.T) {
	s := serve(t)
	b := s.visitor()
	b.do(http.MethodPost, "/login", "application/json", "{}").wants(http.StatusUnsupportedMediaType).shows("<h1")
	b.do(http.MethodPut, "/login", "", "").wants(http.StatusMethodNotAllowed).shows("<h1")
	b.do(http.MethodDelete, "/rooms/lobby", "", "").wants(http.StatusMethodNotAllowed).shows("<h1")
	b.header.Set("Content-Encoding", "gzip")
	b.post("/login", "username", "ann").wants(http.StatusUnsupportedMediaType).shows("<h1")
	b.header = http.Header{"X-Long": {strings.Repeat("x", 20_000)}}
	b.get("/login").wants(http.StatusRequestHeaderFieldsTooLarge).shows("<h1")
}

func TestABodyOverTheLimitIsRefusedBeforeItIsRead(t *testing.T) {
	s := serve(t)
	b := s.visitor()
	b.submit("/login", "/login", "username", "ann", "password", strings.Repeat("x", 60_000)).wants(http.StatusForbidden)
	// Whoever sends it all the same can still read why it was refused.
	for range 10 {
		b.post("/login", "password", strings.Repeat("x", 1<<20)).wants(http.StatusRequestEntityTooLarge).shows("<h1")
	}
	for _, path := range []string{"/login", "/signup", "/rooms/lobby/messages", "/nothing"} {
		// Only the announcement is sent; nothing of the body ever is.
		a := raw(t, s, "POST "+path+" HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 70000\r\n\r\n")
		if a.StatusCode != http.StatusRequestEntityTooLarge {
			t.Errorf("%s: %d", path, a.StatusCode)
		}
		if text, err := io.ReadAll(a.Body); err != nil || !strings.Contains(string(text), "<h1") || a.Header.Get("Content-Security-Policy") == "" {
			t.Errorf("%s: %s %v %v", path, text, a.Header, err)
		}
	}
}

func TestRefusalsThatNeedNoBodyDoNotWaitForIt(t *testing.T) {
	s := serve(t)
	for _, test := range []struct {
		name, path, header string
		status             int
	}{
		{"unknown session", "/socket.io/?EIO=4&transport=polling&sid=AAAAAAAAAAAAAAAAAAAA", "", http.StatusBadRequest},
		{"foreign origin", "/socket.io/?EIO=4&transport=polling&sid=AAAAAAAAAAAAAAAAAAAA", "Origin: https://evil.example\r\n", http.StatusForbidden},
		{"handshake by POST", "/socket.io/?EIO=4&transport=polling", "", http.StatusBadRequest},
		{"form of another site", "/login", "Sec-Fetch-Site: cross-site\r\n", http.StatusForbidden},
		{"no such page", "/nothing", "", http.StatusNotFound},
	} {
		t.Run(test.name, func(t *testing.T) {
			a := raw(t, s, "POST "+test.path+" HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\n"+
				test.header+"Content-Length: 50000\r\n\r\nx")
			if a.StatusCode != test.status {
				t.Errorf("answered %d, want %d", a.StatusCode, test.status)
			}
		})
	}
}

func TestChunkedFormIsRefusedOnceItIsTooLarge(t *testing.T) {
	s := serve(t)
	chunk := "2000\r\n" + strings.Repeat("x", 0x2000) + "\r\n"
	a := raw(t, s, "POST /login HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\nTransfer-Encoding: chunked\r\n\r\n"+
		strings.Repeat(chunk, 9))
	if a.StatusCode != http.StatusRequestEntityTooLarge {
		t.Errorf("answered %d, want 413", a.StatusCode)
	}
}

func TestARequestInTwoMindsIsRefused(t *testing.T) {
	s := serve(t)
	for _, request := range []string{
		"POST /login HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
		"POST /login HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nContent-Length: 5\r\n\r\nabcde",
		"GET /login HTTP/1.1\r\nHost x\r\n\r\n",
		"NONSENSE\r\n\r\n",
	} {
		if a := raw(t, s, request); a.StatusCode != http.StatusBadRequest {
			t.Errorf("%q: %d", request, a.StatusCode)
		}
	}
}

// raw sends bytes as they are and returns the first response.
func raw(t *testing.T, s *site, request string) *http.Response {
	t.Helper()
	conn, err := net.Dial("tcp", strings.TrimPrefix(s.url, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	if err := conn.SetDeadline(time.Now().Add(10 * time.Second)); err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(conn, request); err != nil {
		t.Fatal(err)
	}
	response, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		t.Fatalf("%q: %v", request, err)
	}
	t.Cleanup(func() { _ = response.Body.Close() })
	return response
}
