package transport

import (
	"testing"

	"github.com/gofiber/fiber/v2"

	"roomline/realtime/engineio"
	"roomline/realtime/internal/wiretest"
)

// byCredentials knows anna by a cookie, by Authorization and by a header of the host's own.
func byCredentials(c *fiber.Ctx) (engineio.Identity, error) {
	for _, credential := range []string{c.Cookies("session"), c.Get("Authorization"), c.Get("X-Token")} {
		if credential == "anna" || credential == "bob" {
			return engineio.Identity{Key: "user " + credential, User: "user " + credential}, nil
		}
	}
	return engineio.Identity{}, nil
}

type headers map[string]string

func (h headers) of(c *wiretest.Client) *wiretest.Client {
	for name, value := range h {
		c = c.With(name, value)
	}
	return c
}

func TestRequestWithoutCredentialsContinuesASession(t *testing.T) {
	for _, test := range []struct {
		name         string
		opened, then headers
		want         bool
	}{
		{"cookie in the handshake only", headers{"Cookie": "session=anna"}, nil, true},
		{"token in the handshake only", headers{"Authorization": "anna"}, nil, true},
		{"own header in the handshake only", headers{"X-Token": "anna"}, nil, true},
		{"cookie and token in the handshake only", headers{"Cookie": "session=anna", "Authorization": "anna"}, nil, true},
		{"the same cookie", headers{"Cookie": "session=anna"}, headers{"Cookie": "session=anna"}, true},
		{"an ended session's cookie", headers{"Cookie": "session=anna"}, headers{"Cookie": "session=ended"}, false},
		{"an ended token", headers{"Authorization": "anna"}, headers{"Authorization": "ended"}, false},
		{"another user's cookie", headers{"Cookie": "session=anna"}, headers{"Cookie": "session=bob"}, false},
		{"another user's token", headers{"X-Token": "anna"}, headers{"Authorization": "bob"}, false},
		{"a browser without its cookie", headers{"Cookie": "session=anna", "Origin": "OWN"}, nil, false},
		{"a browser without its cookie, by fetch metadata", headers{"Cookie": "session=anna", "Sec-Fetch-Site": "same-origin"}, nil, false},
		{"a browser's sid in another browser", headers{"Cookie": "session=anna", "Origin": "OWN"}, headers{"Origin": "OWN"}, false},
		{"a page with a token for polling only", headers{"Authorization": "anna", "Origin": "OWN"}, headers{"Origin": "OWN"}, true},
		{"a page with a token and other cookies", headers{"Authorization": "anna", "Cookie": "theme=dark", "Origin": "OWN"},
			headers{"Cookie": "theme=dark", "Origin": "OWN"}, true},
		{"a page with a token and cookies that changed", headers{"Authorization": "anna", "Cookie": "theme=dark", "Origin": "OWN"},
			headers{"Cookie": "theme=light", "Origin": "OWN"}, false},
		{"nobody opened it, somebody goes on", nil, headers{"Cookie": "session=anna"}, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := newRig(t, func(s *setup) { s.transport.Identify = byCredentials })
			for _, h := range []headers{test.opened, test.then} {
				if h["Origin"] != "" {
					h["Origin"] = "http://" + r.Addr
				}
			}
			sid := test.opened.of(r.Client(t)).Handshake()
			next := test.then.of(r.Client(t))
			status := 400
			if test.want {
				status = 200
			}
			if a := next.Push(sid, "4x"); a.Status != status {
				t.Errorf("a POST is answered %d %s", a.Status, a.Body)
			}
			_, a, err := next.TryDial("EIO=4&transport=websocket&sid=" + sid)
			if (err == nil) != test.want {
				t.Errorf("the upgrade: %v, %d", err, a.Status)
			}
		})
	}
}
