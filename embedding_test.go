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
	"regexp"
	"strings"
	"testing"

	"github.com/gofiber/fiber/v2"

	"roomline/models"
	"roomline/realtime"
	"roomline/realtime/chat"
)

// signedIn stands for a host's own sessions, usersByID for its users.
func signedIn(c *fiber.Ctx) (chat.User, bool) {
	return chat.User{ID: "u-7"}, c.Cookies("host") == "secret"
}

func usersByID(context.Context, []string) (map[string]chat.User, error) {
	return map[string]chat.User{"u-7": {ID: "u-7", Name: "ada", Role: chat.RoleMember}}, nil
}

// mountChat is the README's snippet, a test says so.
func mountChat(ctx context.Context, app *fiber.App) (*realtime.Chat, error) {
	db, err := models.Open(ctx, models.Config{Path: "chat.db", Exclusive: true, NoAccounts: true})
	if err != nil {
		return nil, err
	}
	app.Hooks().OnShutdown(db.Close)
	live, err := realtime.New(realtime.Options{
		Store: db.Store(),
		Users: &chat.Directory{Users: usersByID}, // your users, by id
		Identify: func(c *fiber.Ctx) (chat.User, error) {
			user, ok := signedIn(c) // your session
			if !ok {
				return chat.User{}, realtime.ErrAnonymous
			}
			return user, nil
		},
	})
	if err != nil {
		return nil, err
	}
	return live, live.Mount(app.Group("/chat"))
}

func TestTheSnippetOfTheReadmeIsTheOneThatIsTested(t *testing.T) {
	source, err := os.ReadFile("embedding_test.go")
	if err != nil {
		t.Fatal(err)
	}
	snippet := snippets(t, "README.md")[0]
	if !strings.Contains(string(source), snippet) {
		t.Errorf("README.md has another one:\n%s", snippet)
	}
	if lines := strings.Count(snippet, "\n"); lines > 25 {
		t.Errorf("it has %d lines", lines)
	}
}

func TestTheEmbeddingSnippetServesAHostWithUsersOfItsOwn(t *testing.T) {
	t.Chdir(t.TempDir())
	app := fiber.New(fiber.Config{DisableStartupMessage: true})
	live, err := mountChat(t.Context(), app)
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

	base := "http://" + listener.Addr().String() + "/chat/socket.io/?EIO=4&transport=polling"
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
	programs := snippets(t, "docs/socketio.md")
	if !strings.HasPrefix(programs[0], "package main\n") {
		t.Fatal("docs/socketio.md does not begin with a program")
	}
	compile(t, programs[0])
}

func TestTheWalkThroughEmbeddingCompiles(t *testing.T) {
	compile(t, program(append(snippets(t, "docs/embedding.md"), theHost)...))
}

// theHost is what docs/embedding.md takes for granted of a host.
const theHost = `
type account struct {
	ID, Name string
	Staff    bool
}

type topic struct{ Restricted bool }

var host *gorm.DB

func signedIn(*fiber.Ctx) (chat.User, bool)                           { return chat.User{}, false }
func topicOf(context.Context, string) (topic, error)                  { return topic{}, nil }
func endSession(string) error                                         { return nil }
func hasBadge(context.Context, string) bool                           { return false }
func setLastLine(context.Context, string, string, int64) error        { return nil }

func main() {}
`

// snippets returns the pieces of Go of a page.
func snippets(t *testing.T, path string) []string {
	t.Helper()
	page, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var list []string
	for _, piece := range strings.Split(string(page), "\n```go\n")[1:] { // before the first is no Go
		if code, _, ended := strings.Cut(piece, "\n```"); ended {
			list = append(list, code+"\n")
		}
	}
	if len(list) == 0 {
		t.Fatalf("%s has no Go", path)
	}
	return list
}

// program makes one of declarations, with the imports that they need.
func program(pieces ...string) string {
	body := strings.Join(pieces, "\n")
	var imports strings.Builder
	for name, path := range map[string]string{
		"context": "context", "errors": "errors", "strings": "strings", "time": "time",
		"fiber": "github.com/gofiber/fiber/v2", "limiter": "github.com/gofiber/fiber/v2/middleware/limiter",
		"csrf": "github.com/gofiber/fiber/v2/middleware/csrf", "compress": "github.com/gofiber/fiber/v2/middleware/compress",
		"gorm": "gorm.io/gorm", "sqlite": "gorm.io/driver/sqlite",
		"models": "roomline/models", "realtime": "roomline/realtime", "chat": "roomline/realtime/chat", "socketio": "roomline/realtime/socketio",
	} {
		if regexp.MustCompile(`\b` + name + `\.[A-Z]`).MatchString(body) {
			imports.WriteString("\t\"" + path + "\"\n")
		}
	}
	return "package main\n\nimport (\n" + imports.String() + ")\n\n" + body
}

// compile builds a program of this repository's own documentation, as if it were in it.
func compile(t *testing.T, program string) {
	t.Helper()
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
	build := exec.CommandContext(t.Context(), "go", "build", "-overlay", overlay, "-o", filepath.Join(folder, "walk"), "./walk")
	if out, err := build.CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}
