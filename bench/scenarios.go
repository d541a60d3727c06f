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
	plan chatpeer.Plan   // of the chat's database
	who  func(peer) bool // nil: everybody
	long bool            // not for the quick picture
	run  func(*trial) ([]report.Metric, error)
}

// trial is one server under one scenario.
type trial struct {
	ctx     context.Context
	peer    peer
	server  *process
	client  *load.Client
	headers []string // of the clients, by number; empty: none
	dir     string   // the server's
}

const (
	atOnce    = 64                      // connections that are being opened
	inFlight  = 4                       // texts that not everybody has heard yet
	settling  = 1500 * time.Millisecond // until what joins bring about is over
	lingering = 3 * time.Millisecond    // while four texts are under way, which takes longer
)

// pace is how thorough a run is.
type pace struct {
	warm, measured           time.Duration
	members, idle, connected int
}

func paceOf(quick bool) pace {
	if quick {
		return pace{warm: time.Second / 2, measured: 2 * time.Second, members: 300, idle: 1000, connected: 500}
	}
	return pace{warm: time.Second, measured: 5 * time.Second, members: 1000, idle: 5000, connected: 2000}
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

// gauge is what has been spent and done up to a moment.
type gauge struct {
	at          time.Time
	server, own time.Duration // of CPU
}

func (t *trial) gauge() (gauge, error) {
	cpu, err := t.server.cpu()
	return gauge{time.Now(), cpu, ownCPU()}, err
}

// per is how many microseconds each of n things took.
func per(spent time.Duration, n int) float64 { return float64(spent.Nanoseconds()) / 1e3 / float64(n) }

// fanOut has members hear what four of them say.
func fanOut(p pace, members int, polling bool) func(*trial) ([]report.Metric, error) {
	return func(t *trial) ([]report.Metric, error) {
		room := load.NewRoom(chatpeer.RoomName(0))
		empty, err := t.server.memory()
		if err != nil {
			return nil, err
		}
		setup := t.setup(room)
		err = t.client.Open(members, atOnce, func(i int) load.Setup {
			s := setup(i)
			s.Polling = polling
			return s
		})
		if err != nil {
			return nil, err
		}
		if err := t.client.For(settling); err != nil {
			return nil, err
		}
		full, err := t.server.memory()
		if err != nil {
			return nil, err
		}
		talk, err := t.converse(p, room)
		if err != nil || !polling {
			return talk, err
		}
		held := float64(full.resident-empty.resident) / float64(members) / 1024
		return append(talk, report.Metric{Name: "memory per held poll", Unit: report.Kilobytes, Value: held}), nil
	}
}

// converse keeps four texts under way, each by a member of its own, and counts what the
// server spends on handing them out.
func (t *trial) converse(p pace, room *load.Room) ([]report.Metric, error) {
	t.client.Linger = lingering
	speakers := room.Members()[:inFlight]
	for _, speaker := range speakers {
		if err := speaker.AddPoster(); err != nil {
			return nil, err
		}
	}
	by := make(map[uint32]*load.Conn, 2*inFlight)
	talking := true
	say := func(speaker *load.Conn) { by[room.Send(speaker, time.Now())] = speaker }
	room.Reached = func(n uint32) {
		if speaker := by[n]; talking {
			say(speaker)
		}
		delete(by, n)
	}
	for _, speaker := range speakers {
		say(speaker)
	}
	if err := t.client.For(p.warm); err != nil {
		return nil, err
	}
	before, err := t.gauge()
	if err != nil {
		return nil, err
	}
	heardBefore := room.Heard()
	if err := t.client.For(p.measured); err != nil {
		return nil, err
	}
	after, err := t.gauge()
	if err != nil {
		return nil, err
	}
	heard := room.Heard() - heardBefore
	talking = false
	if err := t.client.Until(room.Quiet); err != nil {
		return nil, fmt.Errorf("wait for the last texts: %w", err)
	}
	if heard == 0 {
		return nil, fmt.Errorf("nobody heard anything in %v", p.measured)
	}
	took := after.at.Sub(before.at).Seconds()
	return []report.Metric{
		{Name: report.CPUPerDelivery, Unit: report.Microseconds, Value: per(after.server-before.server, heard)},
		{Name: "deliveries", Unit: report.PerSecond, Value: float64(heard) / took},
		{Name: "the load's CPU per delivery", Unit: report.Microseconds, Value: per(after.own-before.own, heard)},
	}, nil
}

// scenarios are all that there are, in the order of the report.
func scenarios(quick bool) []scenario {
	p := paceOf(quick)
	one := func(users int) chatpeer.Plan { return chatpeer.Plan{Users: users, Rooms: 1, Messages: 50} }
	return []scenario{
		{
			Scenario: report.Scenario{Name: "fanout-1000", Title: "1,000 members in one room"},
			plan:     one(1000), run: fanOut(p, 1000, false),
		},
		{
			Scenario: report.Scenario{Name: "fanout-5000", Title: "5,000 members in one room"},
			plan:     one(5000), run: fanOut(p, 5000, false), long: true,
		},
	}
}
