package main

import (
	"time"

	"roomline/bench/chatpeer"
	"roomline/bench/load"
	"roomline/bench/report"
)

const (
	every = 50 * time.Millisecond // a text, where the server is not to be busy

	stalledMany = 100
	shouters    = 16   // members who fill what the kernel keeps for a stalled one: up to 4 MB
	shoutSize   = 4000 // bytes of what they say
	shouts      = 1600
)

// latency is how long texts take when the server is not busy.
func latency(t *trial) ([]report.Metric, error) {
	room, err := t.enter(t.members, nil)
	if err != nil {
		return nil, err
	}
	times, err := t.evenly(room, t.measured)
	if err != nil {
		return nil, err
	}
	return []report.Metric{
		{Name: "p50", Unit: report.Milliseconds, Value: milliseconds(times.Quantile(0.5))},
		{Name: deliveryTail, Unit: report.Milliseconds, Value: milliseconds(times.Quantile(0.99))},
		{Name: "the slowest", Unit: report.Milliseconds, Value: milliseconds(times.Quantile(1))},
	}, nil
}

// evenly has the members speak in turn, 20 times a second, and returns how long each text
// was on its way to each of them. The first ones do not count.
func (t *trial) evenly(room *load.Room, measured time.Duration) (*load.Times, error) {
	t.client.Linger = 0
	next := 0
	speak := func(due time.Time) {
		room.Send(room.Members()[next%len(room.Members())], due)
		next++
	}
	times := &load.Times{}
	for _, part := range []struct {
		times *load.Times
		takes time.Duration
	}{{nil, t.warm}, {times, measured}} {
		room.Delivery = part.times
		if err := t.client.Every(every, part.takes, speak); err != nil {
			return nil, err
		}
		if err := t.client.Until(room.Quiet); err != nil {
			return nil, err
		}
	}
	room.Delivery = nil
	return times, nil
}

// stalled is what a client that stops reading does to the others, and to the server.
func stalled(t *trial) ([]report.Metric, error) {
	const longer = 4 // than other scenarios: it takes the server a while to act
	room := load.NewRoom(chatpeer.RoomName(0))
	setup, err := t.hall(room, 0, 1)
	if err != nil {
		return nil, err
	}
	deaf := room.Members()[shouters]
	if err := t.deafen(room); err != nil {
		return nil, err
	}
	if err := t.client.Open(t.members, atOnce, setup); err != nil {
		return nil, err
	}
	with, err := t.evenly(room, longer*t.measured)
	if err != nil {
		return nil, err
	}
	t.client.Drop(deaf)
	without, err := t.evenly(room, longer*t.measured)
	if err != nil {
		return nil, err
	}
	each, err := t.stalledMemory()
	if err != nil {
		return nil, err
	}
	tail, plain := milliseconds(with.Quantile(0.99)), milliseconds(without.Quantile(0.99))
	return []report.Metric{
		{Name: "p99 without it", Unit: report.Milliseconds, Value: plain},
		{Name: "p99 with it", Unit: report.Milliseconds, Value: tail},
		{Name: tailChange, Unit: report.Percent, Value: 100 * (tail - plain) / plain},
		{Name: stalledMemory, Unit: report.Kilobytes, Value: each},
	}, nil
}

// hall fills a room with members who will shout, and behind them others who will be deaf.
// First is the number of the first client; what is returned is how later ones begin.
func (t *trial) hall(room *load.Room, first, deaf int) (func(i int) load.Setup, error) {
	setup := t.setup(room)
	err := t.client.Open(shouters, atOnce, func(i int) load.Setup { return setup(first + i) })
	if err != nil {
		return nil, err
	}
	first += shouters
	err = t.client.Open(deaf, atOnce, func(i int) load.Setup {
		s := setup(first + i)
		s.Buffer = 4096
		return s
	})
	return func(i int) load.Setup { return setup(first + deaf + i) }, err
}

// deafen has all but those who shout read nothing any more, and the others say more than
// the kernel keeps for who does not read.
func (t *trial) deafen(room *load.Room) error {
	for _, conn := range room.Members()[shouters:] {
		if err := t.client.Deafen(conn); err != nil {
			return err
		}
	}
	room.Keep(room.Members()[:shouters]...)
	return t.shout(room)
}

// shout has the first members say long things.
func (t *trial) shout(room *load.Room) error {
	room.Size = shoutSize
	until := room.Sent() + shouts
	k, err := begin(room, room.Members()[:shouters], 1)
	if err != nil {
		return err
	}
	if err := t.client.Until(func() bool { return room.Sent() >= until }); err != nil {
		return err
	}
	room.Size = load.TextSize
	return k.end(t.client)
}

// stalledMemory is what each of many stalled clients costs the server, in kilobytes: what
// it holds after they were shouted at, less what it held when they still listened.
func (t *trial) stalledMemory() (float64, error) {
	room := load.NewRoom(chatpeer.RoomName(1))
	// People of their own: those before have used some ids for messages.
	if _, err := t.hall(room, t.members+shouters+1, stalledMany); err != nil {
		return 0, err
	}
	if err := t.shout(room); err != nil {
		return 0, err
	}
	if err := t.client.For(settling); err != nil {
		return 0, err
	}
	before, err := t.server.memory()
	if err != nil {
		return 0, err
	}
	if err := t.deafen(room); err != nil {
		return 0, err
	}
	if err := t.client.For(settling); err != nil {
		return 0, err
	}
	after, err := t.server.memory()
	return kilobytes(after.resident-before.resident, stalledMany), err
}
