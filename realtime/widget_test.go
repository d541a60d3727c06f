package realtime_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"github.com/gofiber/fiber/v2"

	"roomline/realtime"
	"roomline/realtime/chat"
	"roomline/realtime/chat/chattest"
)

// newChat is a chat of a host where the header User says who asks; change may add options.
func newChat(t *testing.T, change func(*realtime.Options)) *realtime.Chat {
	t.Helper()
	o := realtime.Options{
		Store: chattest.NewStore(), Logger: slog.New(slog.DiscardHandler), Client: []byte("export const io = 1"),
		Identify: func(c *fiber.Ctx) (chat.User, error) {
			switch id := strings.Clone(c.Get("User")); id {
			case "":
				return chat.User{}, realtime.ErrAnonymous
			case "broken":
				return chat.User{}, errors.New("the session store is away")
			default:
				return chat.User{ID: id, Name: "ada", Role: chat.RoleMember}, nil
			}
		},
	}
	if change != nil {
		change(&o)
	}
	c, err := realtime.New(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close(t.Context()) })
	return c
}

// get asks an app for a path, with headers in pairs, and returns the answer with its body.
func get(t *testing.T, app *fiber.App, path string, headers ...string) (*http.Response, string) {
	t.Helper()
	request := httptest.NewRequestWithContext(t.Context(), http.MethodGet, path, nil)
	for i := 0; i < len(headers); i += 2 {
		request.Header.Set(headers[i], headers[i+1])
	}
	answer, err := app.Test(request, -1)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer, string(body)
}

func TestTheWidgetIsFoundWhereverTheChatIsMounted(t *testing.T) {
	for name, c := range map[string]struct {
		prefix string
		path   string // Options.Path
		mount  func(t *testing.T, live *realtime.Chat) *fiber.App
	}{
		"at the root": {"", "", func(t *testing.T, live *realtime.Chat) *fiber.App {
			app := fiber.New()
			must(t, live.Mount(app))
			return app
		}},
		"in a group of a group": {"/community/chat", "", func(t *testing.T, live *realtime.Chat) *fiber.App {
			app := fiber.New()
			must(t, live.Mount(app.Group("/community").Group("/chat")))
			return app
		}},
		"in an app that is mounted later": {"/talk", "", func(t *testing.T, live *realtime.Chat) *fiber.App {
			app, inner := fiber.New(), fiber.New()
			must(t, live.Mount(inner))
			app.Mount("/talk", inner)
			return app
		}},
		"in a group of an app that is mounted later": {"/forum/talk", "", func(t *testing.T, live *realtime.Chat) *fiber.App {
			app, inner := fiber.New(), fiber.New()
			must(t, live.Mount(inner.Group("/talk")))
			app.Mount("/forum", inner)
			return app
		}},
		"where Path says": {"/talk", "/talk/", func(t *testing.T, live *realtime.Chat) *fiber.App {
			app, inner := fiber.New(), fiber.New()
			app.Mount("/talk", inner)
			must(t, live.Mount(inner))
			return app
		}},
	} {
		t.Run(name, func(t *testing.T) {
			live := newChat(t, func(o *realtime.Options) { o.Path = c.path })
			app := c.mount(t, live)
			want := `<roomline-chat room="lobby"></roomline-chat><script type="module" src="` + c.prefix + `/widget.js"></script>`
			if got := string(live.Widget("lobby")); got != want {
				t.Errorf("the widget is %s, want %s", got, want)
			}
			_, entry := get(t, app, c.prefix+"/widget.js")
			modules := regexp.MustCompile(`'\.(/widget/[0-9a-f]{16}/[^']+\.js)'`).FindAllStringSubmatch(entry, -1)
			if len(modules) < 20 {
				t.Fatalf("the entry is %s", entry)
			}
			for _, module := range modules {
				answer, _ := get(t, app, c.prefix+module[1])
				if answer.StatusCode != http.StatusOK || answer.Header.Get("Cache-Control") != "public, max-age=31536000, immutable" ||
					!strings.HasPrefix(answer.Header.Get("Content-Type"), "text/javascript") || answer.Header.Get("X-Content-Type-Options") != "nosniff" {
					t.Errorf("%s: %d %v", module[1], answer.StatusCode, answer.Header)
				}
			}
			if answer, _ := get(t, app, c.prefix+"/widget/config.json"); answer.StatusCode != http.StatusOK {
				t.Errorf("the configuration: %d", answer.StatusCode)
			}
		})
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestARoomsNameCannotLeaveTheWidgetsMarkup(t *testing.T) {
	live := newChat(t, nil)
	must(t, live.Mount(fiber.New()))
	if got := string(live.Widget(`"><script>`)); strings.Contains(got, `"><script>`) {
		t.Errorf("the widget is %s", got)
	}
	if got := string(live.Widget("")); !strings.HasPrefix(got, "<roomline-chat></roomline-chat>") {
		t.Errorf("the whole chat is %s", got)
	}
}

func TestTheWidgetsConfigurationIsNeverKept(t *testing.T) {
	live := newChat(t, func(o *realtime.Options) {
		o.Theme = map[string]string{"accent": "tomato"}
		o.Strings = map[string]string{"send": "Away with it"}
		o.Language, o.SignIn = "de", "/in"
		o.Guests = func(chat.Room) bool { return true }
	})
	app := fiber.New()
	must(t, live.Mount(app))
	for user, want := range map[string]string{
		"":  `{"user":null,"guests":true,"theme":{"accent":"tomato"},"strings":{"send":"Away with it"},"language":"de","signIn":"/in"}`,
		"2": `{"user":{"id":"2","name":"ada","role":"member"},"guests":true,"theme":{"accent":"tomato"},"strings":{"send":"Away with it"},"language":"de","signIn":"/in"}`,
	} {
		answer, body := get(t, app, "/widget/config.json", "User", user)
		var got bytes.Buffer
		if err := json.Compact(&got, []byte(body)); err != nil || got.String() != want {
			t.Errorf("for %q it is %s, want %s", user, body, want)
		}
		if answer.Header.Get("Cache-Control") != "no-store" {
			t.Errorf("for %q: %v", user, answer.Header)
		}
	}
	if answer, _ := get(t, app, "/widget/config.json", "User", "broken"); answer.StatusCode != http.StatusServiceUnavailable {
		t.Errorf("when the host cannot say: %d", answer.StatusCode)
	}
}

func TestAPageFromBeforeTheLastStartGetsTheWidgetOfNow(t *testing.T) {
	live := newChat(t, nil)
	app := fiber.New()
	must(t, live.Mount(app))
	answer, body := get(t, app, "/widget/0123456789abcdef/widget/element.js")
	if answer.StatusCode != http.StatusOK || answer.Header.Get("Cache-Control") != "no-cache" || body == "" {
		t.Fatalf("%d %v", answer.StatusCode, answer.Header)
	}
	again, body := get(t, app, "/widget/0123456789abcdef/widget/element.js", "If-None-Match", answer.Header.Get("ETag"))
	if again.StatusCode != http.StatusNotModified || body != "" {
		t.Errorf("it is sent again: %d", again.StatusCode)
	}
	if none, _ := get(t, app, "/widget/0123456789abcdef/js.go"); none.StatusCode != http.StatusNotFound {
		t.Errorf("what is no file: %d", none.StatusCode)
	}
}

func TestAHostIsToldWhatIsWrongWithItsWidget(t *testing.T) {
	identify := func(*fiber.Ctx) (chat.User, error) { return chat.User{}, realtime.ErrAnonymous }
	for want, o := range map[string]realtime.Options{
		`there is no "acent"`:     {Theme: map[string]string{"acent": "red"}},
		"must begin with a slash": {Path: "chat"},
	} {
		o.Store, o.Identify = chattest.NewStore(), identify
		if _, err := realtime.New(o); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("the error is %v, want %s", err, want)
		}
	}
}
