// Command forum is a small forum that was there before the chat: accounts, sessions, pages and tables of its own.
// All that it took to put Roomline into it is in chat.go and readers.go.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"net"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/gofiber/fiber/v2"
)

// stopWithin is how long a stop may take.
const stopWithin = 10 * time.Second

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second signal ends the process at once
	log := slog.New(slog.NewTextHandler(os.Stderr, nil))
	addr := flag.String("addr", "127.0.0.1:3001", "where to listen")
	path := flag.String("db", "forum.db", "the database file; made and filled if it is missing")
	requests := flag.Int("requests", 600, "pages and forms that one address may ask for in a minute")
	flag.Parse()
	if err := run(ctx, *addr, *path, *requests, log); err != nil {
		log.Error("the forum ended", "error", err)
		os.Exit(1)
	}
}

// run serves the forum until ctx ends.
func run(ctx context.Context, addr, path string, requests int, log *slog.Logger) (err error) {
	db, err := openDatabase(path)
	if err != nil {
		return err
	}
	// Last of all, when neither the forum nor the chat can ask it any more.
	defer func() { err = errors.Join(err, closeDatabase(db)) }()

	f := newForum(db, log, requests)
	if err := f.openChat(ctx); err != nil { // see chat.go
		return err
	}
	// The chat's own connections to the same file; before the forum's, which were there first.
	defer func() { err = errors.Join(err, f.chatDB.Close()) }()

	app, err := f.app()
	if err != nil {
		return errors.Join(err, f.chat.Close(context.Background()))
	}
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", addr)
	if err != nil {
		return errors.Join(err, f.chat.Close(context.Background()))
	}
	served := make(chan error, 1)
	go func() { served <- app.Listener(listener) }()
	fmt.Printf("listening on http://%s\n", listener.Addr())

	select {
	case <-ctx.Done():
	case err = <-served:
		served <- nil
	}
	return errors.Join(err, f.stop(app), <-served)
}

// stop says goodbye to the chat's connections first: Fiber neither knows of WebSockets nor waits for them.
func (f *forum) stop(app *fiber.App) error {
	ctx, cancel := context.WithTimeout(context.Background(), stopWithin)
	defer cancel()
	return errors.Join(f.chat.Close(ctx), app.ShutdownWithContext(ctx))
}
