package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/netip"
	"os"
	"strings"
	"time"

	"github.com/alecthomas/kong"

	"roomline/handlers"
	"roomline/models"
	"roomline/realtime"
	"roomline/realtime/chat"
)

// commands is the command line. Every flag has a variable: --send-burst is ROOMLINE_SEND_BURST.
type commands struct {
	DB        string `default:"roomline.db" type:"path" help:"The database file; it is made if it is missing."`
	LogLevel  string `default:"info" enum:"debug,info,warn,error" help:"What to log: ${enum}."`
	LogFormat string `default:"text" enum:"text,json" help:"How to log: ${enum}."`

	ReservedNames []string `default:"${reserved_names}" help:"Names that new accounts may not have, in any spelling that looks like them; the first account may. Empty for none."`

	Serve serveCommand `cmd:"" default:"withargs" help:"Serve the site (the default command)."`
	User  struct {
		Create userCreateCommand `cmd:"" help:"Make an account; the password is the first line of standard input."`
		Role   userRoleCommand   `cmd:"" help:"Give an account a role."`
	} `cmd:"" help:"Manage accounts, also beside a running server."`
	Audit struct {
		Verify auditVerifyCommand `cmd:"" help:"Prove that the audit log is unbroken."`
	} `cmd:"" help:"Look at the audit log, also beside a running server."`
	Backup  backupCommand  `cmd:"" help:"Copy the database to a file, also beside a running server."`
	Restore restoreCommand `cmd:"" help:"Put a backup in place of the database; the server must be stopped."`
	Doctor  doctorCommand  `cmd:"" help:"Check the database and its files, also beside a running server."`
	Version versionCommand `cmd:"" help:"Print the version."`
}

// process is what a command has of the process it runs in.
type process struct {
	ctx            context.Context // ends when the process is asked to stop
	stdin          io.Reader
	stdout, stderr io.Writer
	db             string
	reserved       []string // names
	limits         []any    // those that differ from their defaults, for the log
	log            *slog.Logger
}

// run is main with everything passed in: it runs one command line until it is done or ctx
// ends, and returns the exit status.
func run(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	var (
		cli    commands
		exited = -1
	)
	parser, err := newParser(&cli, kong.Writers(stdout, stderr), kong.Exit(func(status int) { exited = status }))
	if err != nil {
		return complain(stderr, wantsJSON(args), err)
	}
	command, err := parser.Parse(args)
	if exited >= 0 { // after --help, whatever came of the rest
		return exited
	}
	if err == nil {
		err = refuseNegative(command.Flags())
	}
	if err != nil {
		return complain(stderr, wantsJSON(args), fmt.Errorf("%w (see roomline --help)", err))
	}
	p := &process{
		ctx: ctx, stdin: stdin, stdout: stdout, stderr: stderr, db: cli.DB, reserved: append([]string{}, cli.ReservedNames...),
		limits: changedLimits(command.Flags()), log: newLogger(cli, stderr),
	}
	slog.SetDefault(p.log) // of what libraries log
	if err := command.Run(p); err != nil {
		return complain(stderr, cli.LogFormat == formatJSON, err)
	}
	return 0
}

func newParser(cli *commands, more ...kong.Option) (*kong.Kong, error) {
	return kong.New(cli, append(more, kong.Name("roomline"), kong.Description("A chat that speaks Socket.IO."),
		kong.Vars{"reserved_names": strings.Join(models.DefaultReservedNames(), ",")}, kong.DefaultEnvars("ROOMLINE"), kong.ConfigureHelp(kong.HelpOptions{Compact: true}))...)
}

// refuseNegative returns an error for a flag that is no bound: none of ours goes below zero.
func refuseNegative(flags []*kong.Flag) error {
	for _, flag := range flags {
		v := flag.Target
		if v.CanInt() && v.Int() < 0 || v.CanFloat() && !(v.Float() >= 0) {
			return fmt.Errorf("--%s cannot be %v", flag.Name, v)
		}
	}
	return nil
}

// complain says in one line why the process ends.
func complain(stderr io.Writer, asJSON bool, err error) int {
	if asJSON {
		slog.New(slog.NewJSONHandler(stderr, nil)).Error("roomline failed", "error", err)
		return 1
	}
	fmt.Fprintf(stderr, "roomline: %s\n", strings.ReplaceAll(err.Error(), "\n", "; "))
	return 1
}

func newLogger(cli commands, stderr io.Writer) *slog.Logger {
	var level slog.Level
	// The enum of the flag holds nothing that is no level.
	_ = level.UnmarshalText([]byte(cli.LogLevel))
	opts := &slog.HandlerOptions{Level: level}
	if cli.LogFormat == formatJSON {
		return slog.New(slog.NewJSONHandler(stderr, opts))
	}
	return slog.New(slog.NewTextHandler(stderr, opts))
}

// serveCommand has the flags of the server. A limit of 0 means none.
type serveCommand struct {
	Addr         string   `default:":3000" help:"Where to listen; port 0 takes a free one."`
	URL          siteURL  `name:"url" help:"Public address of the site, such as https://chat.example.org: of its links, cookies and origin. Requests for other hosts are refused."`
	Origin       []origin `help:"Further origin that browsers and apps may come from (repeatable): https://chat.example.org, https://*.example.org for all subdomains, capacitor://localhost, or null."`
	CORS         bool     `name:"cors" help:"Let pages of the further origins poll from there, with cookies."`
	TrustedProxy []proxy  `help:"Address or network whose X-Forwarded headers count (repeatable)."`
	CreateRooms  string   `default:"moderator" enum:"member,moderator,owner" help:"The lowest role that may make rooms: ${enum}."`
	Registration string   `default:"open" enum:"open,invite,closed" help:"Who may make an account: ${enum}. With invite it takes a link that a moderator has made. The first account can always be made."`
	MetricsAddr  string   `help:"Where to serve /metrics for Prometheus, apart from the site: 127.0.0.1:9090. Without it nowhere."`
	SignupRate   int      `default:"20" help:"New accounts per address and hour, 0 for any number."`

	limitFlags `embed:"" group:"Limits (0 for none)"`

	ReadTimeout time.Duration `default:"10s" group:"Limits (0 for none)" help:"One HTTP request must have arrived."`
	IdleTimeout time.Duration `default:"75s" group:"Limits (0 for none)" help:"An HTTP connection may wait for its next request."`
}

// limitFlags are realtime.Limits; their defaults are those of realtime.DefaultLimits.
type limitFlags struct {
	SendBurst   int           `default:"5" help:"Messages a user may send at once."`
	SendRate    float64       `default:"1" help:"Messages per second and user after that."`
	TextLength  int           `default:"4000" help:"Characters of a message."`
	ReplayCap   int           `default:"500" help:"Changes replayed by one join; more is a reset."`
	PageSize    int           `default:"50" help:"Messages of a page of history."`
	MaxPageSize int           `default:"100" help:"Messages of a page at most, whatever the client asks."`
	SearchBurst int           `default:"20" help:"Searches a user may begin at once."`
	SearchRate  float64       `default:"2" help:"Searches per second and user after that."`
	TypingEvery time.Duration `default:"3s" help:"One typing notice per user, room and this long."`
	EditWindow  time.Duration `default:"15m" help:"How long an author may edit."`
	ReportBurst int           `default:"5" help:"Messages a user may report at once."`
	ReportRate  float64       `default:"0.1" help:"Reports per second and user after that."`

	FloodRefusals int           `default:"20" help:"A member who is refused so often within a minute for sending too fast is muted."`
	FloodMute     time.Duration `default:"10m" help:"For this long."`
	FloodGrace    time.Duration `default:"10s" help:"Sends refused within this time after a first one do not count: they may have been made before it was answered."`

	RetentionDays int `default:"0" help:"Messages are deleted when they are this old."`

	PingInterval   time.Duration `default:"25s" help:"The server pings this often."`
	PingTimeout    time.Duration `default:"20s" help:"It closes a connection this long without an answer."`
	UpgradeTimeout time.Duration `default:"10s" help:"An upgrade to WebSocket must finish."`
	ConnectTimeout time.Duration `default:"10s" help:"A connection must join a namespace."`
	WriteTimeout   time.Duration `default:"10s" help:"One write to a WebSocket."`
	MaxPayload     int           `default:"100000" help:"Bytes of a packet. A polling body may have 1 MB."`
	MaxPackets     int           `default:"1000" help:"Packets of one polling body."`
	JSONDepth      int           `default:"16" name:"json-depth" help:"Nesting of a packet's JSON."`
	Attachments    int           `default:"10" help:"Binary attachments of a packet."`
	AttachmentTime time.Duration `default:"10s" help:"Within which they must be complete."`
	OutboxBytes    int           `default:"262144" help:"Bytes waiting for one connection."`

	MaxConnsPerUser   int           `default:"20" help:"Connections of a user."`
	MaxConnsPerAddr   int           `default:"50" help:"Connections of an IPv4 address or IPv6 /64, and four times as many TCP connections."`
	HandshakeRate     float64       `default:"20" help:"New connections per second of one user, or of one address without sign-in; five seconds' worth may come at once."`
	EventRate         float64       `default:"20" help:"Events of a connection per second, of whatever kind."`
	EventBurst        int           `default:"100" help:"Events of a connection at once."`
	RecheckEvery      time.Duration `default:"1m" help:"The session behind a connection is checked anew this often."`
	NamespacesPerConn int           `default:"8" help:"Namespaces of a connection."`
	RoomsPerSocket    int           `default:"128" help:"Rooms a socket may follow."`
	PendingAcks       int           `default:"64" help:"Answers a socket may owe."`
	PresenceEvery     time.Duration `default:"1s" help:"Changes of presence are told together, this often at most."`
	DrainTime         time.Duration `default:"8s" help:"Over which a stopping server ends connections, at most."`
}

func (f limitFlags) limits() realtime.Limits {
	return realtime.Limits{
		Chat: chat.Limits{
			TextLength: f.TextLength, ReplayCap: f.ReplayCap, PageSize: f.PageSize, MaxPageSize: f.MaxPageSize,
			SendBurst: f.SendBurst, SendRate: f.SendRate, SearchBurst: f.SearchBurst, SearchRate: f.SearchRate,
			TypingEvery: f.TypingEvery, EditWindow: f.EditWindow, ReportBurst: f.ReportBurst, ReportRate: f.ReportRate,
			FloodRefusals: f.FloodRefusals, FloodMute: f.FloodMute, FloodGrace: f.FloodGrace,
		},
		PingInterval: f.PingInterval, PingTimeout: f.PingTimeout, UpgradeTimeout: f.UpgradeTimeout,
		ConnectTimeout: f.ConnectTimeout, WriteTimeout: f.WriteTimeout,
		MaxPayload: f.MaxPayload, MaxPackets: f.MaxPackets, OutboxBytes: f.OutboxBytes,
		JSONDepth: f.JSONDepth, Attachments: f.Attachments, AttachmentTime: f.AttachmentTime,
		MaxConnsPerUser: f.MaxConnsPerUser, MaxConnsPerAddr: f.MaxConnsPerAddr, HandshakeRate: f.HandshakeRate,
		EventRate: f.EventRate, EventBurst: f.EventBurst, RecheckEvery: f.RecheckEvery,
		NamespacesPerConn: f.NamespacesPerConn, RoomsPerSocket: f.RoomsPerSocket, PendingAcks: f.PendingAcks,
		PresenceEvery: f.PresenceEvery, DrainTime: f.DrainTime, Retention: time.Duration(f.RetentionDays) * 24 * time.Hour,
	}
}

// origin is an entry of realtime.ParseOrigins.
type origin string

// UnmarshalText implements encoding.TextUnmarshaler.
func (o *origin) UnmarshalText(text []byte) error {
	*o = origin(text)
	_, err := realtime.ParseOrigins([]string{string(text)})
	return err
}

// siteURL is what handlers.ParseURL reads.
type siteURL string

// UnmarshalText implements encoding.TextUnmarshaler.
func (u *siteURL) UnmarshalText(text []byte) error {
	address, err := handlers.ParseURL(string(text))
	*u = siteURL(address)
	return err
}

// proxy is an address or a network.
type proxy struct{ netip.Prefix }

// UnmarshalText implements encoding.TextUnmarshaler.
func (p *proxy) UnmarshalText(text []byte) error {
	if addr, err := netip.ParseAddr(string(text)); err == nil {
		p.Prefix = netip.PrefixFrom(addr.Unmap(), addr.Unmap().BitLen())
		return nil
	}
	prefix, err := netip.ParsePrefix(string(text))
	if err != nil {
		return fmt.Errorf("%q is neither an address nor a network such as 10.0.0.0/8", text)
	}
	p.Prefix = prefix
	return nil
}

type userCreateCommand struct {
	Name string `arg:"" help:"Name of the account."`
}

// Run makes an account. The first one ever made is the owner's.
func (cmd *userCreateCommand) Run(p *process) error {
	password, err := bufio.NewReader(io.LimitReader(p.stdin, 64<<10)).ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return fmt.Errorf("read the password: %w", err)
	}
	return p.withDB(func(db *models.DB) error {
		user, err := db.CreateUser(p.ctx, cmd.Name, strings.TrimRight(password, "\r\n"))
		if err != nil {
			return fmt.Errorf("create %s: %w", cmd.Name, err)
		}
		fmt.Fprintf(p.stdout, "created %s (%s)\n", user.Name, user.Role)
		return nil
	})
}

type userRoleCommand struct {
	Name string `arg:"" help:"Name of the account."`
	Role string `arg:"" enum:"member,moderator,owner" help:"The role: ${enum}."`
}

// Run gives an account a role. A running server notices within a second, and the audit log says
// that the server itself did it.
func (cmd *userRoleCommand) Run(p *process) error {
	return p.withDB(func(db *models.DB) error {
		user, err := db.SetRole(p.ctx, cmd.Name, chat.Role(cmd.Role))
		if err != nil {
			return fmt.Errorf("change the role of %s: %w", cmd.Name, err)
		}
		fmt.Fprintf(p.stdout, "%s is now %s\n", user.Name, user.Role)
		return nil
	})
}

type auditVerifyCommand struct{}

// Run follows the chain of the audit log. A broken one is an error, for scripts that ask.
func (auditVerifyCommand) Run(p *process) error {
	if _, err := os.Stat(p.db); err != nil { // opening would make it
		return fmt.Errorf("find the database: %w", err)
	}
	return p.withDB(func(db *models.DB) error {
		entries, head, broken, err := chat.New(chat.Config{Store: db.Store()}).VerifyAudit(p.ctx)
		switch {
		case err != nil:
			return fmt.Errorf("read the audit log: %w", err)
		case broken != 0:
			return fmt.Errorf("entry %d does not fit: it, or what stood before it, was changed", broken)
		}
		lost, err := db.LostAudit(p.ctx)
		switch {
		case err != nil:
			return fmt.Errorf("read what is recorded beside the database: %w", err)
		case lost != 0:
			return fmt.Errorf("the %d entries are unbroken, but entry %d, which was recorded beside the file, is not among them: the log's end was lost or replaced", entries, lost)
		}
		fmt.Fprintf(p.stdout, "%d entries, unbroken, head %x\n", entries, head)
		return nil
	})
}

// withDB runs do on the database, beside a server that may be running.
func (p *process) withDB(do func(*models.DB) error) error {
	db, err := models.Open(p.ctx, models.Config{Path: p.db, ReservedNames: p.reserved, Logger: p.log})
	if err != nil {
		return err
	}
	return errors.Join(do(db), db.Close())
}

type versionCommand struct{}

// Run prints the version that the build recorded.
func (versionCommand) Run(p *process) error {
	roomline, golang := version()
	fmt.Fprintf(p.stdout, "roomline %s (%s)\n", roomline, golang)
	return nil
}
