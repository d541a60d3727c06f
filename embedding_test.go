package main

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gofiber/fiber/v2"

	"roomline/models"
	"roomline/realtime"
	"roomline/realtime/chat"
)

// member is a user of the host app below, which has its own accounts.
type member struct{ id, name string }

var errNoMember = errors.New("not signed in")

// signedIn stands for the host's own sessions.
func signedIn(c *fiber.Ctx) (member, error) {
	if c.Cookies("host") != "secret" {
		return member{}, errNoMember
	}
	return member{id: "u-7", name: "ada"}, nil
}

// mountChat is the README's snippet.
func mountChat(ctx context.Context, app *fiber.App, path string) (*realtime.Chat, error) {
	db, err := models.Open(ctx, models.Config{Path: path, Exclusive: true, NoAccounts: true})
	if err != nil {
		return nil, err
	}
	app.Hooks().OnShutdown(db.Close)
	live, err := realtime.New(realtime.Options{
		Store: db.Store(),
		Users: &chat.Directory{Users: func(context.Context, []string) (map[string]chat.User, error) {
			return map[string]chat.User{"u-7": {ID: "u-7", Name: "ada", Role: chat.RoleMember}}, nil
		}},
		Identify: func(c *fiber.Ctx) (chat.User, error) {
			m, err := signedIn(c)
			if errors.Is(err, errNoMember) {
				return chat.User{}, realtime.ErrAnonymous
			}
			return chat.User{ID: m.id}, err
		},
	})
	if err != nil {
		return nil, err
	}
	return live, live.Mount(app)
}

func TestTheEmbeddingSnippetServesAHostWithUsersOfItsOwn(t *testing.T) {
	app := fiber.New(fiber.Config{DisableStartupMessage: true})
	live, err := mountChat(t.Context(), app, filepath.Join(t.TempDir(), "chat.db"))
	if err != nil {
		t.Fatal(err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	served := make(chan error, 1)
	go func() { served <- app.Listener(listener) }()
	defer func() {
		if err := errors.Join(live.Close(context.Background()), app.Shutdown(), <-served); err != nil {
			t.Error(err)
		}
	}()

	base := "http://" + listener.Addr().String() + "/socket.io/?EIO=4&transport=polling"
	say := func(method, query, body string) string {
		t.Helper()
		request, err := http.NewRequestWithContext(t.Context(), method, base+query, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		request.Header.Set("Cookie", "host=secret")
		answer, err := http.DefaultClient.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		defer answer.Body.Close()
		text, err := io.ReadAll(answer.Body)
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	_, rest, _ := strings.Cut(say(http.MethodGet, "", ""), `"sid":"`)
	sid, _, _ := strings.Cut(rest, `"`)
	say(http.MethodPost, "&sid="+sid, `40/general`)
	var heard string
	for !strings.Contains(heard, `["hello"`) {
		heard += say(http.MethodGet, "&sid="+sid, "")
	}
	if !strings.Contains(heard, `"user":{"id":"u-7","name":"ada","role":"member"}`) {
		t.Errorf("heard %s", heard)
	}
}

func TestTheWalkThroughTheSocketIOServerCompiles(t *testing.T) {
	page, err := os.ReadFile("docs/socketio.md")
	if err != nil {
		t.Fatal(err)
	}
	_, program, begun := strings.Cut(string(page), "```go\n")
	program, _, ended := strings.Cut(program, "```\n")
	if !begun || !ended || !strings.HasPrefix(program, "package main\n") {
		t.Fatal("docs/socketio.md does not begin with a program")
	}
	folder := t.TempDir()
	source, overlay := filepath.Join(folder, "main.go"), filepath.Join(folder, "overlay.json")
	here, err := filepath.Abs("walk/main.go")
	if err != nil {
		t.Fatal(err)
	}
	files, err := json.Marshal(map[string]any{"Replace": map[string]string{here: source}})
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(os.WriteFile(source, []byte(program), 0o600), os.WriteFile(overlay, files, 0o600)); err != nil {
		t.Fatal(err)
	}
	// What is compiled is this repository's own documentation.
	build := exec.CommandContext(t.Context(), "go", "build", "-overlay", overlay, "-o", filepath.Join(folder, "walk"), "./walk")
	if out, err := build.CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}
