package main

import (
	"time"

	"roomline/bench/chatpeer"
	"roomline/bench/load"
	"roomline/bench/report"
)

const (
	every = 50 * time.Millisecond // a text, where the server is not to be busy

	shouters  = 16   // members who fill what the kernel keeps for a stalled one: up to 4 MB
	shoutSize = 4000 // bytes of what they say
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

// stalled is what a client that stops reading does to the others.
func stalled(t *trial) ([]report.Metric, error) {
	const longer = 2 // than other scenarios: it takes the server a while to act
	room := load.NewRoom(chatpeer.RoomName(0))
	setup, err := t.hall(room, 1)
	if err != nil {
		return nil, err
	}
	deaf := room.Members()[shouters]
	if err := t.deafen(room); err != nil {
		return nil, err
	}
	err = t.client.Open(t.members, atOnce, setup)
	if err == nil {
		err = t.client.For(t.settling)
	}
	if err != nil {
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
	tail, plain := milliseconds(with.Quantile(0.99)), milliseconds(without.Quantile(0.99))
	return []report.Metric{
		{Name: "p99 without it", Unit: report.Milliseconds, Value: plain},
		{Name: "p99 with it", Unit: report.Milliseconds, Value: tail},
		{Name: tailChange, Unit: report.Percent, Value: 100 * (tail - plain) / plain},
	}, nil
}

// hall fills a room with members who will shout, and behind them others who will be deaf,
// and waits until it has settled. It returns how later ones begin.
func (t *trial) hall(room *load.Room, deaf int) (func(i int) load.Setup, error) {
	setup := t.setup(room)
	if err := t.client.Open(shouters, atOnce, setup); err != nil {
		return nil, err
	}
	err := t.client.Open(deaf, atOnce, func(i int) load.Setup {
		s := setup(shouters + i)
		s.Buffer = 4096
		return s
	})
	if err == nil {
		err = t.client.For(t.settling)
	}
	return func(i int) load.Setup { return setup(shouters + deaf + i) }, err
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
	until := room.Sent() + t.shouts
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

// stalledHold is what each of many stalled clients costs the server: what it holds after
// they were shouted at, less what it held before anybody said anything. Some of that it
// took for the shouting itself, and holds on to: so much it held when all still listened.
func stalledHold(t *trial) ([]report.Metric, error) {
	room := load.NewRoom(chatpeer.RoomName(0))
	if _, err := t.hall(room, t.deaf); err != nil {
		return nil, err
	}
	silent := func(*load.Room) error { return nil }
	var held []float64
	for _, shout := range []func(*load.Room) error{silent, t.shout, t.deafen} {
		if err := shout(room); err != nil {
			return nil, err
		}
		if err := t.client.For(t.rest); err != nil {
			return nil, err
		}
		m, err := t.server.memory()
		if err != nil {
			return nil, err
		}
		held = append(held, kilobytes(m.resident, t.deaf))
	}
	return []report.Metric{
		{Name: stalledMemory, Unit: report.Kilobytes, Value: held[2] - held[0]},
		{Name: "while they still listened", Unit: report.Kilobytes, Value: held[1] - held[0]},
	}, nil
}
