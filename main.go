// Command roomline serves a chat that speaks Socket.IO, and the site around it.
package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/signal"
	"strconv"
	"sync"
	"syscall"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/prometheus/client_golang/prometheus"

	"roomline/handlers"
	"roomline/internal/options"
	"roomline/models"
	"roomline/public"
	"roomline/realtime"
	"roomline/realtime/chat"
	"roomline/views"
)

const (
	watchEvery = 500 * time.Millisecond // for what commands change beside the server
	purgeEvery = time.Hour              // ended sessions
	stopWithin = 9 * time.Second        // of the ten that a stop may take

	// connsPerSession is how many TCP connections an address may have for each session it may
	// have (--max-conns-per-addr): one that polls uses two, a page that loads six.
	connsPerSession = 4
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	// A second signal is no longer caught: it ends the process at once.
	context.AfterFunc(ctx, stop)
	os.Exit(run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}

// Run serves until the process is asked to stop.
func (cmd *serveCommand) Run(p *process) (err error) {
	begin := time.Now()
	db, err := models.Open(p.ctx, models.Config{Path: p.db, Exclusive: true, ReservedNames: p.reserved, Logger: p.log})
	if err != nil {
		return err
	}
	// Last of all, when nothing can ask it any more.
	defer func() { err = errors.Join(err, db.Close()) }()

	limits := options.Explicit(cmd.limits())
	accounts := handlers.NewAccounts(db)
	metrics := prometheus.NewRegistry()
	live, err := realtime.New(realtime.Options{
		Store:    db.Store(),
		Identify: accounts.Identify,
		Session:  accounts.SessionKey,
		Recheck:  accounts.Recheck,
		Origins:  cmd.origins(),
		CORS:     cmd.CORS,
		Limits:   &limits,
		Metrics:  metrics,

		CreateRooms: chat.Role(cmd.CreateRooms),
		Logger:      p.log,
	})
	if err != nil {
		return fmt.Errorf("make the chat: %w", err)
	}
	// For the ways out before stop; closing it again does nothing.
	defer func() { err = errors.Join(err, live.Close(context.Background())) }()

	site, err := handlers.New(options.Explicit(cmd.site(p, accounts, live, metrics)))
	if err != nil {
		return fmt.Errorf("make the site: %w", err)
	}
	app, err := site.App()
	if err != nil {
		return fmt.Errorf("make the site: %w", err)
	}
	// Requests have deadlines and the chat a heartbeat of its own: keep-alive probes would only
	// cost each connection four system calls.
	listen := net.ListenConfig{KeepAlive: -1}
	listener, err := listen.Listen(p.ctx, "tcp", cmd.Addr)
	if err != nil {
		return fmt.Errorf("listen on %s: %w", cmd.Addr, err)
	}
	door, err := cmd.bound(p, listener)
	if err != nil {
		return errors.Join(err, listener.Close())
	}

	keeping, stopKeeping := context.WithCancel(context.Background())
	kept := keep(keeping, p, db, live)
	defer func() { stopKeeping(); kept.Wait() }()

	if cmd.MetricsAddr != "" {
		closeMetrics, err := serveMetrics(p, cmd.MetricsAddr, site.Metrics())
		if err != nil {
			return errors.Join(err, door.Close())
		}
		defer closeMetrics()
	}

	served := make(chan error, 1)
	go func() { served <- app.Listener(door) }()
	site.SetReady(true)
	cmd.logStart(p, listener.Addr())
	fmt.Fprintf(p.stdout, "listening on %s\n", address(listener.Addr()))

	why := "asked to"
	select {
	case <-p.ctx.Done():
	case err = <-served:
		why = "the listener ended"
		served <- nil
		err = fmt.Errorf("serve: %w", errors.Join(err, errors.New("the listener ended")))
	}
	site.SetReady(false)
	p.log.Info("stopping", "why", why, "served", time.Since(begin).Round(time.Second))
	stopping := time.Now()
	err = errors.Join(err, cmd.stop(p, door, live, app, served))
	p.log.Info("stopped", "took", time.Since(stopping).Round(time.Millisecond))
	return err
}

// site is the configuration of the pages around the chat.
func (cmd *serveCommand) site(p *process, accounts *handlers.Accounts, live *realtime.Chat, metrics *prometheus.Registry) handlers.Config {
	config := handlers.Config{
		Accounts:     accounts,
		Chat:         live,
		Views:        views.FS,
		Public:       public.FS,
		Registration: cmd.Registration,
		SignupRate:   cmd.SignupRate,
		TextLength:   cmd.TextLength,
		MaxPayload:   cmd.MaxPayload,
		URL:          string(cmd.URL),
		Origins:      cmd.origins(),
		Registry:     metrics,
		ReadTimeout:  cmd.ReadTimeout,
		IdleTimeout:  cmd.IdleTimeout,
		Logger:       p.log,
	}
	for _, trusted := range cmd.TrustedProxy {
		config.Proxies = append(config.Proxies, trusted.Prefix)
	}
	return config
}

// bound returns the listener with its bounds: what the process may have open, less what it
// needs for itself, and for one address a multiple of the sessions it may have.
func (cmd *serveCommand) bound(p *process, listener net.Listener) (net.Listener, error) {
	files, err := maxOpenFiles()
	if err != nil {
		return nil, err
	}
	config := handlers.ListenerConfig{
		MaxConns:        maxConns(files),
		MaxConnsPerAddr: connsPerSession * cmd.MaxConnsPerAddr,
		Logger:          p.log,
	}
	for _, trusted := range cmd.TrustedProxy {
		config.Proxies = append(config.Proxies, trusted.Prefix)
	}
	p.log.Debug("connections are bounded", "in_all", config.MaxConns, "per_address", config.MaxConnsPerAddr, "open_files", files)
	return handlers.NewListener(listener, options.Explicit(config)), nil
}

// maxConns returns how many connections fit into a number of open files, 0 for any number.
func maxConns(files uint64) int {
	const most = 1 << 20
	if files == 0 {
		return 0
	}
	own := min(max(files/8, 32), 1024) // the database, the log, files being served
	return int(min(max(files, own+1)-own, most))
}

func (cmd *serveCommand) origins() []string {
	origins := make([]string, len(cmd.Origin))
	for i, o := range cmd.Origin {
		origins[i] = string(o)
	}
	if cmd.URL != "" {
		origins = append(origins, string(cmd.URL))
	}
	return origins
}

// stop ends everything in this order: new sessions and the chat's connections, accepting,
// all other connections. The caller closes the database after it. The listener stays open
// while the chat says goodbye: who polls over a new connection each time comes through it.
func (cmd *serveCommand) stop(p *process, door net.Listener, live *realtime.Chat, app *fiber.App, served <-chan error) error {
	ctx, cancel := context.WithTimeout(context.Background(), stopWithin)
	defer cancel()
	if err := live.Close(ctx); err != nil {
		p.log.Warn("close the chat", "error", err)
	}
	if err := door.Close(); err != nil {
		return fmt.Errorf("stop accepting: %w", err)
	}
	// What a slow client still reads is not worth a failed stop.
	if err := app.ShutdownWithContext(ctx); err != nil {
		p.log.Warn("close connections", "error", err)
	}
	if err := <-served; err != nil {
		return fmt.Errorf("serve: %w", err)
	}
	return nil
}

// keep starts what runs beside the requests, until ctx ends; the caller waits for it.
func keep(ctx context.Context, p *process, db *models.DB, live *realtime.Chat) *sync.WaitGroup {
	var running sync.WaitGroup
	running.Go(func() { keepTidy(ctx) })
	running.Go(func() {
		db.Watch(ctx, watchEvery, func() {
			if err := live.RefreshUsers(ctx); err != nil && ctx.Err() == nil {
				p.log.Error("refresh the users' rights", "error", err)
			}
		})
	})
	running.Go(func() {
		ticker := time.NewTicker(purgeEvery)
		defer ticker.Stop()
		for {
			if _, err := db.PurgeSessions(ctx); err != nil && ctx.Err() == nil {
				p.log.Error("purge ended sessions", "error", err)
			}
			select {
			case <-ctx.Done():
				return
			case <-ticker.C:
			}
		}
	})
	return &running
}

// address is where a browser on this machine finds the server.
func address(listening net.Addr) string {
	tcp, ok := listening.(*net.TCPAddr)
	if !ok {
		return listening.String()
	}
	host := tcp.IP.String()
	if tcp.IP.IsUnspecified() {
		host = "127.0.0.1"
	}
	return "http://" + net.JoinHostPort(host, strconv.Itoa(tcp.Port))
}
