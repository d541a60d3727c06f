package realtime

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"

	"roomline/internal/options"
	"roomline/realtime/chat"
	"roomline/realtime/engineio"
	"roomline/realtime/markup"
	"roomline/realtime/socketio"
	"roomline/realtime/transport"
	"roomline/realtime/widget"
)

// Chat is a mounted chat. Its methods may be called concurrently. A host may hand out the methods of a nil *Chat before
// New has succeeded: Owns, Widget, HeaderReceived and Close then do nothing.
type Chat struct {
	// set once
	opts      Options
	limits    Limits
	log       *slog.Logger
	service   *chat.Service
	markup    *markup.Markup
	server    *socketio.Server
	transport *transport.Transport
	spaces    map[chat.Space]*space

	stop    context.CancelFunc // ends work
	work    sync.WaitGroup
	closing atomic.Bool
	rights  atomic.Uint64 // raised when somebody's rights may have changed
	posted  atomic.Uint64 // messages
	acks    acks
	due     chan struct{} // of one place: something happened since it was taken
	metrics *collector    // nil: nobody asked for them
	samples *sampler

	verdicts verdicts

	unchecked sync.Once // guards the warning that identities cannot be checked again

	widget  *widget.Files
	mounted atomic.Pointer[fiberApp] // of the widget's files, which knows where it is; nil before Mount
}

// New makes a Chat; it serves once it is mounted. The error says which option is wrong.
func New(opts Options) (*Chat, error) {
	if opts.Store == nil {
		return nil, errors.New("realtime: Options.Store is required")
	}
	if opts.Identify == nil {
		return nil, errors.New("realtime: Options.Identify is required")
	}
	if opts.Users != nil && opts.Users.Users == nil {
		return nil, errors.New("realtime: Options.Users needs its function Users")
	}
	if opts.Users == nil && !opts.Store.KeepsUsers() {
		return nil, errors.New("realtime: Options.Users is required, because Options.Store keeps no users (models.Config.NoAccounts, models.Attach)")
	}
	if opts.BeforeSend != nil && opts.BeforeSend.Decide == nil {
		return nil, errors.New("realtime: Options.BeforeSend needs its function Decide")
	}
	if _, err := ParseOrigins(opts.Origins); err != nil {
		return nil, fmt.Errorf("realtime: Options.Origins: %w", err)
	}
	c := &Chat{opts: opts, log: opts.Logger, markup: markup.New(), samples: newSampler(), due: make(chan struct{}, 1)}
	if c.log == nil {
		c.log = slog.Default()
	}
	given := Limits{}
	if opts.Limits != nil {
		given = *opts.Limits
	}
	var err error
	if c.limits, err = options.Resolve("realtime: Options.Limits", given, DefaultLimits()); err != nil {
		return nil, err
	}
	if c.widget, err = loadWidget(opts); err != nil {
		return nil, err
	}
	c.service = chat.New(chat.Config{
		Store: opts.Store, Limits: options.Explicit(c.limits.Chat), Markup: c.markup, CreateRooms: opts.CreateRooms,
		Committed: c.committed, RoomChanged: c.roomChanged, MemberChanged: c.memberChanged, Mentioned: c.mentioned, Recounted: c.recounted,
		Sanctioned: c.sanctioned, RoleChanged: c.roleChanged,
		Reported: c.reported, Audited: c.audited, HeldChanged: c.heldChanged,
		Directory: opts.Users, Authorize: opts.Authorize, BeforeSend: c.beforeSend(), Guests: opts.Guests,
	})
	c.server = socketio.NewServer(options.Explicit(c.socketConfig()))
	c.transport = transport.New(options.Explicit(c.transportConfig()), c.server.Engine())
	c.spaces = map[chat.Space]*space{
		chat.SpaceGeneral: newSpace(c, chat.SpaceGeneral),
		chat.SpaceAdmin:   newSpace(c, chat.SpaceAdmin),
	}
	c.bindGeneral(c.spaces[chat.SpaceGeneral])
	c.bindAdmin(c.spaces[chat.SpaceAdmin])
	c.server.Of("/") // empty unless the host defines it: some clients always join it first
	ctx, cancel := context.WithCancel(context.Background())
	c.stop = cancel
	c.work.Go(func() { c.sample(ctx) })
	if opts.OnEvent != nil {
		c.due <- struct{}{} // what was there before
		c.work.Go(func() { c.deliver(ctx) })
	}
	if c.limits.Retention > 0 {
		c.work.Go(func() { c.retain(ctx) })
	}
	if err := c.register(); err != nil {
		return nil, errors.Join(err, c.Close(ctx))
	}
	return c, nil
}

// beforeSend is the host's, and has the log hear what goes wrong if the host does not want to.
func (c *Chat) beforeSend() *chat.BeforeSend {
	if c.opts.BeforeSend == nil {
		return nil
	}
	before := *c.opts.BeforeSend
	if before.Failed == nil {
		before.Failed = func(out chat.Outgoing, err error) {
			c.log.Warn("a message could not be decided before it was sent", "room", out.Room, "passed", before.FailOpen, "error", err)
		}
	}
	return &before
}

// Service returns the rules, for pages that read and write without a socket.
func (c *Chat) Service() *chat.Service { return c.service }

// Limits returns the limits in force. A 0 in them means none.
func (c *Chat) Limits() Limits { return c.limits }

// EmojiJSON returns the emoji that can be reactions, for a picker: see markup.Markup.
func (c *Chat) EmojiJSON() []byte { return c.markup.EmojiJSON() }

// committed is the doorbell: the store tells every change of every room, in order.
func (c *Chat) committed(room chat.Room, m chat.Message) {
	if s := c.spaces[room.Space]; s != nil {
		s.feed.Publish(room, m)
		if m.Seq == m.Rev {
			c.posted.Add(1)
			if !room.Unlisted {
				s.activity.changed(room)
			}
		}
	}
	c.happened()
}

// recounted is called after a change other than a post has altered what is unread.
func (c *Chat) recounted(room chat.Room, users []string) {
	if s := c.spaces[room.Space]; s != nil {
		s.activity.changed(room, users...)
	}
}

func (c *Chat) socketConfig() socketio.Config {
	l := c.limits
	return socketio.Config{
		Engine: engineio.Config{
			PingInterval:   l.PingInterval,
			PingTimeout:    l.PingTimeout,
			UpgradeTimeout: l.UpgradeTimeout,
			MaxPayload:     l.MaxPayload,
			MaxPackets:     l.MaxPackets,
			OutboxBytes:    l.OutboxBytes,
			DrainTime:      l.DrainTime,
			Logger:         c.log,
		},
		ConnectTimeout:    l.ConnectTimeout,
		AttachmentTimeout: l.AttachmentTime,
		MaxAttachments:    l.Attachments,
		MaxDepth:          l.JSONDepth,
		MaxNamespaces:     l.NamespacesPerConn,
		MaxAcks:           l.PendingAcks,
		MaxPendingBytes:   socketio.DefaultConfig().MaxPendingBytes,
		EventRate:         socketio.Rate{PerSecond: l.EventRate, Burst: l.EventBurst},
		StrictRequests:    true,
		AckError:          c.ackError,
		Handled:           c.handled,
		Logger:            c.log,
	}
}

// Stats are counts, for metrics: of this moment, and since the start.
type Stats struct {
	Connections map[string]int    // by transport
	Sockets     map[string]int    // by namespace
	Opened      uint64            // connections
	Upgraded    uint64            // of them, from polling to WebSocket
	Closed      map[string]uint64 // by reason
	Refused     map[string]uint64 // requests, packets and events, by reason
	Messages    uint64            // posted
	Acks        Durations         // from a send's arrival to its acknowledgement
	OutboxBytes int               // waiting for all connections
	OutboxMost  int               // for the one with the most
	FeedLag     int64             // revs that the furthest follower is behind its room
}

// Stats counts.
func (c *Chat) Stats() Stats {
	socket, engine := c.server.Stats(), c.server.Engine().Stats()
	s := Stats{
		Connections: byTransport(engine),
		Sockets:     socket.Sockets,
		Opened:      engine.Opened,
		Upgraded:    engine.Upgraded,
		Closed:      make(map[string]uint64, len(engine.Closed)),
		Refused:     c.transport.Stats().Refused,
		Messages:    c.posted.Load(),
		Acks:        c.acks.durations(),
		OutboxBytes: engine.Queued,
		OutboxMost:  engine.MostQueued,
	}
	for _, space := range c.spaces {
		s.FeedLag = max(s.FeedLag, space.feed.Lag())
	}
	for reason, n := range engine.Closed {
		s.Closed[string(reason)] = n
	}
	for reason, n := range socket.Refused {
		s.Refused[reason] += n
	}
	return s
}

// Close tells clients to come back later, ends their connections within Limits.DrainTime or
// until ctx ends, and waits for every goroutine. The host calls it before it shuts its app down.
func (c *Chat) Close(ctx context.Context) error {
	if c == nil || c.closing.Swap(true) {
		return nil
	}
	c.stop()
	err := c.finish(ctx)
	if c.metrics != nil {
		c.opts.Metrics.Unregister(c.metrics)
	}
	c.server.Engine().Drain()
	c.sayGoodbye()
	for _, e := range []error{c.server.Close(ctx), c.transport.Close(ctx)} {
		if err == nil {
			err = e
		}
	}
	for _, s := range c.spaces {
		s.feed.Close()
		s.presence.close()
		s.activity.close()
	}
	if err != nil {
		return fmt.Errorf("realtime: close: %w", err)
	}
	return nil
}

// finish waits for what runs beside the connections: Options.OnEvent may not heed that its time is up.
func (c *Chat) finish(ctx context.Context) error {
	done := make(chan struct{})
	go func() {
		c.work.Wait()
		close(done)
	}()
	select {
	case <-done:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// sayGoodbye tells every client when to come back, each at another time.
func (c *Chat) sayGoodbye() {
	for _, s := range c.spaces {
		for _, socket := range s.namespace.Sockets() {
			_ = socket.Emit("bye", bye{Reason: "shutdown", RetryAfter: randomWait()}) // gone: nothing to tell
		}
	}
}
