package realtime_test

import (
	"context"
	"fmt"
	"log/slog"
	"strings"

	"github.com/gofiber/fiber/v2"

	"roomline/realtime"
	"roomline/realtime/chat"
	"roomline/realtime/chat/chattest"
	"roomline/realtime/socketio"
)

// exampleUsers are the users of a host app, as its own tables have them.
func exampleUsers() *chat.Directory {
	users := map[string]chat.User{
		"u-1": {ID: "u-1", Name: "Ada"},
		"u-2": {ID: "u-2", Name: "Ben"},
	}
	return &chat.Directory{Users: func(_ context.Context, ids []string) (map[string]chat.User, error) {
		found := make(map[string]chat.User)
		for _, id := range ids { // SELECT … WHERE id IN (…)
			if user, ok := users[id]; ok {
				found[id] = user
			}
		}
		return found, nil
	}}
}

// exampleChat makes a chat with the users of a host, on a store in memory; a real host has one of models.Open or
// models.Attach.
func exampleChat(change func(*realtime.Options)) *realtime.Chat {
	opts := realtime.Options{
		Store: chattest.NewStore(),
		Users: exampleUsers(),
		Identify: func(c *fiber.Ctx) (chat.User, error) { // from the host's session
			if id := strings.Clone(c.Get("X-User")); id != "" {
				return chat.User{ID: id}, nil
			}
			return chat.User{}, realtime.ErrAnonymous
		},
		Logger: slog.New(slog.DiscardHandler),
	}
	if change != nil {
		change(&opts)
	}
	live, err := realtime.New(opts)
	if err != nil {
		panic(err)
	}
	return live
}

// A chat in an app that has users of its own, under a prefix of its own.
func Example() {
	app := fiber.New(fiber.Config{DisableStartupMessage: true})
	live := exampleChat(nil)
	if err := live.Mount(app.Group("/community/chat")); err != nil {
		panic(err)
	}
	for _, route := range app.GetRoutes(true) {
		if route.Method == fiber.MethodPost {
			fmt.Println(route.Path)
		}
	}
	// Here app.Listen serves. In the end the chat is closed before the app, and its store behind both.
	fmt.Println(live.Close(context.Background()), app.Shutdown())
	// Output:
	// /community/chat/socket.io
	// /community/chat/socket.io/
	// <nil> <nil>
}

// A host opens a room for a topic, and says so there: the same id posts once, however often it is tried.
func ExampleChat_Service() {
	live := exampleChat(nil)
	ctx := context.Background()
	defer func() { _ = live.Close(ctx) }()

	room, err := live.Service().EnsureRoom(ctx, chat.NewRoom{Slug: "topic-7", Name: "Which tea?", Unlisted: true})
	if err != nil {
		panic(err)
	}
	for range 2 {
		m, err := live.Service().Post(ctx, chat.Post{Room: room.Slug, Text: "Ben has opened this topic.", ID: "topic-7-opened"})
		if err != nil {
			panic(err)
		}
		fmt.Println(m.Seq, m.Kind, m.Author.Name, m.Text)
	}
	unread, err := live.Service().Unread(ctx, "u-1", "topic-7") // for the navigation of Ada's pages; she has not been here yet
	fmt.Println(unread["topic-7"].Messages, err)
	// Output:
	// 1 system Roomline Ben has opened this topic.
	// 1 system Roomline Ben has opened this topic.
	// 0 <nil>
}

// A host moderates with the same methods as moderators, in nobody's name.
func ExampleChat_Service_moderation() {
	live := exampleChat(nil)
	ctx := context.Background()
	defer func() { _ = live.Close(ctx) }()

	m, err := live.Service().Post(ctx, chat.Post{Room: "lobby", As: "u-2", Text: "Buy my tea!"})
	if err != nil {
		panic(err)
	}
	if _, err := live.Service().Dismiss(ctx, chat.AsHost(), "lobby", m.Seq, "Advertising"); err != nil {
		panic(err)
	}
	member, err := live.Service().Mute(ctx, chat.AsHost(), chat.SanctionRequest{User: "u-2", Reason: "Advertising"})
	if err != nil {
		panic(err)
	}
	fmt.Println(member.Name, member.Mute.Reason, "by", member.Mute.By.Name)
	_, err = live.Service().Send(ctx, chat.Actor{ID: "u-2", Space: chat.SpaceGeneral},
		chat.Draft{Room: "lobby", ID: "message-2", Text: "Why?"})
	fmt.Println(err)
	// Output:
	// Ben Advertising by Roomline
	// muted: You are muted. Reason: Advertising
}

// A host looks at each message before it is stored.
func ExampleOptions_beforeSend() {
	live := exampleChat(func(o *realtime.Options) {
		o.BeforeSend = &chat.BeforeSend{Decide: func(_ context.Context, out chat.Outgoing) (chat.Decided, error) {
			switch {
			case strings.Contains(out.Text, "coffee"):
				return chat.Decided{Reject: "This is a place for tea."}, nil
			case strings.Contains(out.Text, "tee"):
				return chat.Decided{Text: strings.ReplaceAll(out.Text, "tee", "tea")}, nil
			}
			return chat.Decided{}, nil
		}}
	})
	ctx := context.Background()
	defer func() { _ = live.Close(ctx) }()

	for i, text := range []string{"I like tee.", "I like coffee."} {
		m, err := live.Service().Send(ctx, chat.Actor{ID: "u-1", Space: chat.SpaceGeneral},
			chat.Draft{Room: "lobby", ID: fmt.Sprintf("message-%d", i), Text: text})
		fmt.Printf("%q %v\n", m.Text, err)
	}
	// Output:
	// "I like tea." <nil>
	// "" forbidden: This is a place for tea.
}

// A host hears of what has happened, to index it or to write mails. What it could not take comes again.
func ExampleOptions_onEvent() {
	heard := make(chan string)
	live := exampleChat(func(o *realtime.Options) {
		o.OnEvent = func(_ context.Context, e chat.Event) error {
			if e.Message != nil {
				heard <- fmt.Sprintf("%s %d: %s: %s", e.Room.Slug, e.Position.Rev, e.Message.Author.Name, e.Message.Text)
			}
			return nil
		}
	})
	ctx := context.Background()
	defer func() { _ = live.Close(ctx) }()

	if _, err := live.Service().Post(ctx, chat.Post{Room: "lobby", As: "u-1", Text: "Good morning."}); err != nil {
		panic(err)
	}
	fmt.Println(<-heard)
	// Output:
	// lobby 1: Ada: Good morning.
}

// A namespace of the host's own, on the connections of the chat.
func ExampleChat_Of() {
	live := exampleChat(nil)
	defer func() { _ = live.Close(context.Background()) }()

	forum := live.Of("/forum")
	type topic struct{ ID int }
	socketio.On(forum, "topic:watch", func(_ context.Context, s *socketio.Socket, t topic) (string, error) {
		user, ok := realtime.UserOf(s)
		if !ok {
			return "", chat.Errorf(chat.CodeForbidden, "Sign in to watch a topic.")
		}
		s.Join(fmt.Sprint("topic-", t.ID))
		return user.ID + " watches", nil
	})
	// Whoever watches it hears of an answer:
	fmt.Println(forum.Name(), forum.To("topic-7").Emit("topic:answered", map[string]int{"answers": 3}))
	// Output:
	// /forum <nil>
}
