package main

import (
	"errors"
	"fmt"
	"time"

	"roomline/bench/load"
	"roomline/bench/report"
)

const (
	inFlight  = 4                    // texts that not everybody has heard yet
	lingering = 3 * time.Millisecond // while they are under way, which takes longer
)

// fanOut has members hear what four of them say.
func fanOut(members int) func(*trial) ([]report.Metric, error) {
	return func(t *trial) ([]report.Metric, error) {
		room, err := t.enter(members, nil)
		if err != nil {
			return nil, err
		}
		return t.converse(room)
	}
}

// fanOutPolling is the same with members who poll, and what they hold meanwhile.
func fanOutPolling(t *trial) ([]report.Metric, error) {
	if err := t.client.For(t.settling); err != nil {
		return nil, err
	}
	empty, err := t.server.memory()
	if err != nil {
		return nil, err
	}
	room, err := t.enter(t.members, func(_ int, s *load.Setup) { s.Polling = true })
	if err != nil {
		return nil, err
	}
	if err := t.client.For(t.rest); err != nil {
		return nil, err
	}
	full, err := t.server.memory()
	if err != nil {
		return nil, err
	}
	metrics, err := t.converse(room)
	held := kilobytes(full.resident-empty.resident, t.members)
	return append(metrics, report.Metric{Name: heldPoll, Unit: report.Kilobytes, Value: held}), err
}

// converse keeps four texts under way, each by a member of its own, and counts what the
// server spends on handing them out.
func (t *trial) converse(room *load.Room) ([]report.Metric, error) {
	t.client.Linger = lingering
	talk, err := begin(room, room.Members()[:inFlight], 1)
	if err != nil {
		return nil, err
	}
	if err := t.client.For(t.warm); err != nil {
		return nil, err
	}
	heard := room.Heard()
	spent, took, err := t.during(func() error {
		return errors.Join(t.client.For(t.measured), t.client.Until(func() bool { return room.Heard() > heard }))
	})
	if err != nil {
		return nil, err
	}
	heard = room.Heard() - heard
	if err := talk.end(t.client); err != nil {
		return nil, err
	}
	return []report.Metric{
		{Name: report.CPUPerDelivery, Unit: report.Microseconds, Value: per(spent.server, heard)},
		{Name: "deliveries", Unit: report.PerSecond, Value: float64(heard) / took.Seconds()},
		{Name: "the load's CPU per delivery", Unit: report.Microseconds, Value: per(spent.own, heard)},
	}, nil
}

// talk is members who say the next thing when everybody has heard the last.
type talk struct {
	room *load.Room
	by   map[uint32]*load.Conn // who said what is under way
	over bool
}

// begin has each speaker keep so many texts under way until the end.
func begin(room *load.Room, speakers []*load.Conn, each int) (*talk, error) {
	k := &talk{room: room, by: make(map[uint32]*load.Conn, each*len(speakers))}
	room.Reached = func(n uint32) {
		speaker := k.by[n]
		delete(k.by, n)
		if !k.over {
			k.say(speaker)
		}
	}
	for _, speaker := range speakers {
		if err := speaker.AddPoster(); err != nil {
			return nil, err
		}
		for range each {
			k.say(speaker)
		}
	}
	return k, nil
}

func (k *talk) say(speaker *load.Conn) { k.by[k.room.Send(speaker, time.Now())] = speaker }

// end waits until everybody has heard everything.
func (k *talk) end(client *load.Client) error {
	k.over = true
	if err := client.Until(k.room.Quiet); err != nil {
		return fmt.Errorf("wait for the last texts: %w", err)
	}
	k.room.Reached = nil
	return nil
}
