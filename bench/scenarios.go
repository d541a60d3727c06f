package main

import (
	"context"
	"fmt"
	"time"

	"roomline/bench/chatpeer"
	"roomline/bench/load"
	"roomline/bench/report"
)

// scenario is what is done to peers.
type scenario struct {
	report.Scenario
	plan   chatpeer.Plan   // of the chat's database
	who    func(peer) bool // nil: everybody
	not    []string        // paces at which it is left out
	rounds int             // 0: one
	run    func(*trial) ([]report.Metric, error)
}

// trial is one server under one scenario.
type trial struct {
	pace
	ctx     context.Context
	peer    peer
	server  *process
	client  *load.Client
	headers []string // of the clients, by number; empty: none
	dir     string   // the server's
}

const atOnce = 64 // connections that are being opened

// Names of scenarios and metrics that budgets speak of, beside those of package report.
const (
	fanOut1000  = "fanout-1000"
	fanOut5000  = "fanout-5000"
	latencies   = "latency"
	idleMemory  = "idle"
	heartbeats  = "heartbeats"
	connects    = "connect"
	reconnects  = "reconnect"
	restarts    = "restart"
	floods      = "restart-flood"
	forgeries   = "restart-flood-forged"
	durableSend = "durable"
	durableFull = "durable-full"
	polled      = "polling"
	stalls      = "stalled"
	stalledMany = "stalled-many"

	deliveryTail  = "p99"
	heartbeatCPU  = "CPU for heartbeats"
	backAfter     = "all back after"
	messageReads  = "queries for messages, in all"
	ackTail       = "ack p99 at half of it"
	loneAck       = "a lone sender's ack p50"
	diskSync      = "4 KB written and synced p50"
	heldPoll      = "memory per held poll"
	tailChange    = "p99 with it, change"
	stalledMemory = "memory per stalled client"
)

// scenarios are all that there are, in the order of the report. What budgets compare with
// each other stands close together: the machine is another one minutes later.
func scenarios(p pace) []scenario {
	room := func(users int) chatpeer.Plan { return chatpeer.Plan{Users: users, Rooms: 1, Messages: page} }
	ours := func(p peer) bool { return p.Name == theChat }
	stores := func(p peer) bool { return p.durable }
	polls := func(p peer) bool { return p.polls && p.Name != theDurable }
	plain := func(p peer) bool { return p.Name != theDurable }
	threaded := func(p peer) bool { return p.Name == theHub || p.Name == theNode || p.Name == theChat }
	inFull := []string{rough.name, smoke.name}
	of := func(name, title, about string, compare ...string) report.Scenario {
		return report.Scenario{Name: name, Title: title, About: about, Compare: compare, Bases: []string{theLimit, theNode}}
	}
	all := []scenario{
		{
			Scenario: of(fanOut1000, "1,000 members of one room", "Four texts of 64 bytes are under way at any time, each from a member of its own; "+
				"the next is sent when everybody has heard one.", report.CPUPerDelivery),
			plan: room(p.small), rounds: p.rounds, run: fanOut(p.small),
		},
		{
			Scenario: of(polled, "Long-polling", "As the first scenario, but everybody polls.", report.CPUPerDelivery),
			plan:     room(p.members), who: polls, rounds: p.rounds, run: fanOutPolling,
		},
		{
			Scenario: of(fanOut5000, "5,000 members of one room", "As the first scenario, in a larger room.", report.CPUPerDelivery),
			plan:     room(p.large), who: plain, not: inFull, rounds: p.rounds, run: fanOut(p.large),
		},
		{
			Scenario: of(latencies, "How long a text takes", "20 texts a second in a room of 1,000, from the send to each member's receipt.", deliveryTail),
			plan:     room(p.members), who: plain, not: []string{rough.name}, rounds: p.rounds, run: latency,
		},
		{
			Scenario: of(idleMemory, "What a connection holds while nothing moves", "Members of one room; resident memory after a few seconds, less that before they came.",
				report.MemoryPerIdle),
			plan: room(p.idle), who: plain, run: idle,
		},
		{
			Scenario: of(heartbeats, "10,000 idle connections", "Two rounds of heartbeats, and nothing else."),
			plan:     room(manyIdle), who: ours, not: inFull, run: heartbeat,
		},
		{
			Scenario: of(connects, "What a connection costs until it can be used", "64 connect at a time. Roomline's check a session, are greeted, and join a room "+
				"with a page of 50 messages; the others enter an empty room. What a connect brings about in the second after it counts as well.", report.CPUPerConnect),
			plan: room(p.connected + warmUp), who: plain, rounds: p.rounds, run: connect,
		},
		{
			Scenario: of(reconnects, "Everybody comes back at once", "All members lose their connection, miss 50 messages, and come back together with the position they know."),
			plan:     chatpeer.Plan{Users: p.idle + 1, Rooms: 1}, who: ours, rounds: p.rounds, run: reconnect,
		},
		{
			Scenario: of(restarts, "Everybody comes back after a restart", "The server starts at its default limits, and all members come at once, 40 from each address."),
			plan:     chatpeer.Plan{Users: p.idle, Rooms: 1}, who: ours, not: inFull, rounds: p.rounds, run: storm("", false),
		},
		{
			Scenario: of(floods, "The same while one address floods", "One more address tries 5,000 handshakes a second without signing in."),
			plan:     chatpeer.Plan{Users: p.idle, Rooms: 1}, who: ours, not: inFull, rounds: p.rounds, run: storm("", true),
		},
		{
			Scenario: of(forgeries, "The same with forged sessions", "The address that floods sends a cookie of a session that does not exist."),
			plan:     chatpeer.Plan{Users: p.idle, Rooms: 1}, who: ours, not: inFull, rounds: p.rounds, run: storm("Cookie: roomline_session=forged\r\n", true),
		},
		{
			Scenario: of(durableSend, "Messages that are on disk before they are acknowledged", "64 senders, each in a room of its own and with one unacknowledged message at a time, "+
				"then four; then evenly at half the first rate; then one sender alone.", report.AckedPerSecond, loneAck),
			plan: chatpeer.Plan{Users: senders, Rooms: senders}, who: stores, rounds: p.rounds, run: durable,
		},
		{
			Scenario: of(durableFull, "The same with a full database", "A million messages are stored already."),
			plan:     chatpeer.Plan{Users: senders, Rooms: 100, Messages: p.stored}, who: ours, not: []string{rough.name}, rounds: p.rounds, run: durable,
		},
		{
			Scenario: of(stalls, "A client that stops reading", "20 texts a second while one member reads nothing and the kernel takes no more for it, "+
				"then without that member."),
			plan: room(p.members + shouters + 1), who: threaded, not: []string{rough.name}, rounds: p.rounds, run: stalled,
		},
		{
			Scenario: of(stalledMany, "A hundred clients that stop reading", "They are sent 6 MB each while they read, then again after they have stopped."),
			plan:     room(shouters + p.deaf), who: threaded, not: []string{rough.name}, run: stalledHold,
		},
	}
	short := map[string]string{
		fanOut1000: "a delivery to 1,000", polled: "a polled delivery", fanOut5000: "a delivery to 5,000", latencies: "p99 of a delivery",
		idleMemory: "an idle connection", connects: "a connect", durableSend: "durable messages",
	}
	for i := range all {
		all[i].Short = short[all[i].Name]
		switch all[i].Name {
		case durableSend:
			all[i].Bases = []string{theDurable}
		case latencies, connects:
			all[i].Bases = append(all[i].Bases, theHub)
		}
		if n := all[i].rounds; n > 1 {
			all[i].About += fmt.Sprintf(" The median of %d rounds.", n)
		}
	}
	return all
}

// setup is how the clients of a room begin.
func (t *trial) setup(room *load.Room) func(i int) load.Setup {
	dialect := t.peer.dialect(room.Name)
	return func(i int) load.Setup {
		s := load.Setup{Dialect: dialect, Room: room}
		if len(t.headers) > 0 {
			s.Header = t.headers[i]
		}
		return s
	}
}

// enter makes a room with n members, and waits until it has settled.
func (t *trial) enter(n int, change func(i int, s *load.Setup)) (*load.Room, error) {
	room := load.NewRoom(chatpeer.RoomName(0))
	setup := t.setup(room)
	err := t.client.Open(n, atOnce, func(i int) load.Setup {
		s := setup(i)
		if change != nil {
			change(i, &s)
		}
		return s
	})
	if err != nil {
		return nil, err
	}
	return room, t.client.For(t.settling)
}

// gauge is what has been spent up to a moment.
type gauge struct {
	at          time.Time
	server, own time.Duration // of CPU
}

func (t *trial) gauge() (gauge, error) {
	cpu, err := t.server.cpu()
	return gauge{time.Now(), cpu, ownCPU()}, err
}

// during is what was spent while do ran.
func (t *trial) during(do func() error) (gauge, time.Duration, error) {
	before, err := t.gauge()
	if err != nil {
		return gauge{}, 0, err
	}
	if err := do(); err != nil {
		return gauge{}, 0, err
	}
	after, err := t.gauge()
	return gauge{server: after.server - before.server, own: after.own - before.own}, after.at.Sub(before.at), err
}

// per is how many microseconds each of n things took.
func per(spent time.Duration, n int) float64 { return float64(spent.Nanoseconds()) / 1e3 / float64(n) }

func milliseconds(d time.Duration) float64 { return float64(d.Nanoseconds()) / 1e6 }

// kilobytes is what each of n things holds.
func kilobytes(bytes, n int) float64 { return float64(bytes) / 1024 / float64(n) }
