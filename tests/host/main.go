// Command host is a site as small as can be that has users of its own and a chat in its pages: what the browser tests
// of the widget drive.
package main

import (
	"context"
	"errors"
	"fmt"
	"html/template"
	"log"
	"net"
	"os"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/gofiber/fiber/v2"

	"roomline/models"
	"roomline/realtime"
	"roomline/realtime/chat"
)

// users are all there are, by id.
var users = map[string]chat.User{
	"nora": {ID: "nora", Name: "Nora", Role: chat.RoleMember, Avatar: "/nora.svg"},
	"ben":  {ID: "ben", Name: "Ben", Role: chat.RoleMember},
	"mia":  {ID: "mia", Name: "Mia", Role: chat.RoleModerator},
}

// shut holds whom a room is closed to: their id and its slug.
var shut sync.Map

// mayRead says of everybody but those to whom a room was closed that they may.
func mayRead(_ context.Context, user chat.User, room chat.Room, _ chat.Permission) (bool, error) {
	_, closed := shut.Load(user.ID + " " + room.Slug)
	return !closed, nil
}

// find returns the users whose names begin so.
func find(_ context.Context, prefix string, limit int) ([]chat.User, error) {
	var found []chat.User
	for _, u := range users {
		if strings.HasPrefix(strings.ToLower(u.Name), strings.ToLower(prefix)) && len(found) < limit {
			found = append(found, u)
		}
	}
	return found, nil
}

// policy is as strict as a host's can be.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"

var page = template.Must(template.New("page").Parse(`<!doctype html>
<html lang="{{.Lang}}" dir="{{.Dir}}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Host</title>
<link rel="stylesheet" href="/page.css?{{.Query}}">
</head>
<body>
<main>
<h1>A page of the host</h1>
<p class="own">Words of the host's own.</p>
{{range .Widgets}}<div class="place">{{.}}</div>
{{end}}<button class="button">A button of the host</button>
</main>
</body>
</html>
`))

func main() {
	if err := run(os.Args[1], os.Args[2]); err != nil {
		log.Fatal(err)
	}
}

// run serves on addr, from the database in path.
func run(addr, path string) error {
	ctx := context.Background()
	db, err := models.Open(ctx, models.Config{Path: path, Exclusive: true, NoAccounts: true})
	if err != nil {
		return err
	}
	limits := realtime.DefaultLimits()
	limits.MaxConnsPerAddr, limits.MaxConnsPerUser, limits.HandshakeRate = -1, -1, -1
	limits.Chat.SendRate = -1
	live, err := realtime.New(realtime.Options{
		Store:    db.Store(),
		Limits:   &limits,
		Identify: identify,
		Users: &chat.Directory{
			Users: func(_ context.Context, ids []string) (map[string]chat.User, error) {
				found := make(map[string]chat.User)
				for _, id := range ids {
					if u, ok := users[id]; ok {
						found[id] = u
					}
				}
				return found, nil
			},
			Named: func(_ context.Context, names []string) (map[string]chat.User, error) {
				found := make(map[string]chat.User)
				for _, name := range names {
					if u, ok := users[strings.ToLower(name)]; ok {
						found[name] = u
					}
				}
				return found, nil
			},
			Find: find,
		},
		Authorize:  mayRead,
		BeforeSend: &chat.BeforeSend{Decide: decide},
		Guests:     func(room chat.Room) bool { return room.Slug == "lobby" },
	})
	if err != nil {
		return err
	}
	for _, room := range []chat.NewRoom{{Slug: "lobby", Name: "Lobby", Topic: "Everything that fits nowhere else"}, {Slug: "help", Name: "Help"}, {Slug: "topic-7", Name: "How do I prune roses?", Unlisted: true}} {
		if _, err := live.Service().EnsureRoom(ctx, room); err != nil {
			return err
		}
	}

	app := fiber.New(fiber.Config{DisableStartupMessage: true})
	if err := live.Mount(app.Group("/community/chat")); err != nil {
		return err
	}
	app.Get("/page", func(c *fiber.Ctx) error { return showPage(c, live) })
	app.Get("/page.css", showStyles)
	app.Get("/nora.svg", func(c *fiber.Ctx) error {
		return c.Type("svg").SendString(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1 1"><path fill="#8a4" d="M0 0h1v1H0z"/></svg>`)
	})
	app.Post("/act", func(c *fiber.Ctx) error { return act(c, live) })

	listener, err := net.Listen("tcp", addr)
	if err != nil {
		return err
	}
	fmt.Printf("listening on http://%s\n", listener.Addr())
	return app.Listener(listener)
}

// identify is the host's session: a cookie with the user's id.
func identify(c *fiber.Ctx) (chat.User, error) {
	user, ok := users[strings.Clone(c.Cookies("as"))]
	if !ok {
		return chat.User{}, realtime.ErrAnonymous
	}
	return user, nil
}

// decide holds what says so.
func decide(_ context.Context, d chat.Outgoing) (chat.Decided, error) {
	if strings.Contains(d.Text, "hold this") {
		return chat.Decided{Hold: "It says so."}, nil
	}
	return chat.Decided{}, nil
}

// showPage serves GET /page: with the widgets of ?rooms=lobby,help, or of the whole chat.
func showPage(c *fiber.Ctx, live *realtime.Chat) error {
	var widgets []template.HTML
	for room := range strings.SplitSeq(c.Query("rooms"), ",") {
		widgets = append(widgets, live.Widget(room))
	}
	c.Set(fiber.HeaderContentSecurityPolicy, policy)
	c.Type("html", "utf-8")
	return page.Execute(c, map[string]any{
		"Lang": c.Query("lang", "en"), "Dir": c.Query("dir", "ltr"), "Query": template.URL(c.Request().URI().QueryString()), //nolint:gosec // a test's own
		"Widgets": widgets,
	})
}

// showStyles serves GET /page.css: the host's style sheet, with the widgets as wide and high as asked for.
func showStyles(c *fiber.Ctx) error {
	c.Type("css", "utf-8")
	css := fmt.Sprintf(`body{margin:0;padding:16px;font:16px/1.5 Georgia,serif;background:%s;color:%s}
:root{color-scheme:%s}
.place{max-width:%spx;margin-block:16px}
roomline-chat{height:%spx}
`, map[bool]string{true: "#16181d", false: "#fff"}[c.Query("scheme") == "dark"], map[bool]string{true: "#e8e8e8", false: "#222"}[c.Query("scheme") == "dark"],
		c.Query("scheme", "light"), c.Query("w", "420"), c.Query("h", "520"))
	if accent := c.Query("accent"); accent != "" {
		css += ":root{--roomline-accent:" + accent + ";--roomline-radius:0px;--roomline-font:Georgia,serif}\n"
	}
	if c.Query("hostile") != "" {
		css += `*{all:unset !important;color:red !important;font-size:40px !important;letter-spacing:9px !important;text-transform:uppercase !important}
div,section,main,body{display:block !important}
button,textarea,.message,.button,.icon-button,.head{display:none !important;background:lime !important}
`
	}
	return c.SendString(css)
}

// act serves POST /act: what the tests have the host do.
func act(c *fiber.Ctx, live *realtime.Chat) error {
	ctx, service := c.Context(), live.Service()
	room, user, text := strings.Clone(c.Query("room", "lobby")), strings.Clone(c.Query("user")), strings.Clone(c.Query("text"))
	number, _ := strconv.Atoi(c.Query("n"))
	var err error
	switch c.Query("do") {
	case "post":
		_, err = service.Post(ctx, chat.Post{Room: room, As: user, Text: text})
	case "fill":
		for i := range number {
			if _, err = service.Post(ctx, chat.Post{Room: room, As: user, Text: fmt.Sprintf("number %d", i+1)}); err != nil {
				return err
			}
		}
	case "freeze":
		_, err = service.Freeze(ctx, chat.AsHost(), room, number != 0, "It is asked for.")
	case "slow":
		_, err = service.Slow(ctx, chat.AsHost(), room, number, "It is asked for.")
	case "mute":
		_, err = service.Mute(ctx, chat.AsHost(), chat.SanctionRequest{User: user, For: time.Duration(number) * time.Minute, Reason: "Too loud."})
	case "ban":
		_, err = service.Ban(ctx, chat.AsHost(), chat.SanctionRequest{User: user, Reason: "Enough."})
	case "shut":
		shut.Store(user+" "+room, true)
		err = live.RefreshUser(ctx, user)
	case "open":
		shut.Delete(user + " " + room)
		err = live.RefreshUser(ctx, user)
	case "reports":
		reports, _, e := service.Reports(ctx, chat.AsHost(), chat.ReportQuery{})
		if e != nil {
			return e
		}
		return c.JSON(reports)
	default:
		err = errors.New("there is no such act")
	}
	if err != nil {
		return c.Status(fiber.StatusBadRequest).SendString(err.Error())
	}
	return c.SendStatus(fiber.StatusNoContent)
}
