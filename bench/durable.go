package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/sys/unix"

	"roomline/bench/chatpeer"
	"roomline/bench/load"
	"roomline/bench/report"
)

const (
	senders = 64  // each in a room of its own
	syncs   = 300 // of the disk alone
)

// durable has senders wait for what they sent to be on disk: as fast as they can, then at
// an even half of what was reached, then one alone.
func durable(t *trial) ([]report.Metric, error) {
	s := &sending{trial: t, rooms: make([]*load.Room, senders)}
	err := t.client.Open(senders, atOnce, func(i int) load.Setup {
		s.rooms[i] = load.NewRoom(chatpeer.RoomName(i))
		return t.setup(s.rooms[i])(i)
	})
	if err != nil {
		return nil, err
	}
	if err := t.client.For(t.settling); err != nil {
		return nil, err
	}
	metrics, err := s.flatOut(1)
	if err != nil {
		return nil, err
	}
	reached := metrics[0].Value
	more, err := s.flatOut(4)
	if err != nil {
		return nil, err
	}
	more[0].Name = "with four each"
	metrics = append(metrics, more[0])
	if more, err = s.evenly(reached / 2); err != nil {
		return nil, err
	}
	metrics = append(metrics, more...)
	if more, err = s.alone(); err != nil {
		return nil, err
	}
	return append(metrics, more...), nil
}

// sending is senders who are alone in their rooms.
type sending struct {
	*trial
	rooms []*load.Room // by sender
}

func (s *sending) send(i int, due time.Time) { s.rooms[i].Send(s.rooms[i].Members()[0], due) }

func (s *sending) answered() (n int) {
	for _, room := range s.rooms {
		n += room.Answered()
	}
	return n
}

// quiet waits until all is answered and heard.
func (s *sending) quiet() error {
	err := s.client.Until(func() bool {
		for _, room := range s.rooms {
			if !room.Quiet() {
				return false
			}
		}
		return true
	})
	if err != nil {
		return fmt.Errorf("wait for the last answers: %w", err)
	}
	return nil
}

// flatOut keeps so many texts of each sender waiting for their answer.
func (s *sending) flatOut(window int) ([]report.Metric, error) {
	sending := true
	for i, room := range s.rooms {
		room.Acked = func(uint32) {
			if sending {
				s.send(i, time.Now())
			}
		}
		for range window {
			s.send(i, time.Now())
		}
	}
	if err := s.client.For(s.warm); err != nil {
		return nil, err
	}
	answered := s.answered()
	spent, took, err := s.during(func() error {
		return errors.Join(s.client.For(s.measured), s.client.Until(func() bool { return s.answered() > answered }))
	})
	if err != nil {
		return nil, err
	}
	answered = s.answered() - answered
	sending = false
	if err := s.quiet(); err != nil {
		return nil, err
	}
	return []report.Metric{
		{Name: report.AckedPerSecond, Unit: report.PerSecond, Value: float64(answered) / took.Seconds()},
		{Name: "server CPU per message", Unit: report.Microseconds, Value: per(spent.server, answered)},
	}, nil
}

// evenly sends at a rate, whether answers come or not; what is late counts from when it
// was due.
func (s *sending) evenly(rate float64) ([]report.Metric, error) {
	acks := &load.Times{}
	for _, room := range s.rooms {
		room.Acked, room.Ack = nil, acks
	}
	next := 0
	err := s.client.Every(time.Duration(float64(time.Second)/rate), s.measured, func(due time.Time) {
		s.send(next%senders, due)
		next++
	})
	if err != nil {
		return nil, err
	}
	if err := s.quiet(); err != nil {
		return nil, err
	}
	return []report.Metric{
		{Name: "ack p50 at half of it", Unit: report.Milliseconds, Value: milliseconds(acks.Quantile(0.5))},
		{Name: ackTail, Unit: report.Milliseconds, Value: milliseconds(acks.Quantile(0.99))},
	}, nil
}

// alone has one sender wait for each answer, beside what the disk takes for as little.
func (s *sending) alone() ([]report.Metric, error) {
	room, acks := s.rooms[0], &load.Times{}
	for _, other := range s.rooms {
		other.Ack = nil
	}
	room.Ack = acks
	for range s.lone {
		s.send(0, time.Now())
		if err := s.client.Until(room.Quiet); err != nil {
			return nil, err
		}
	}
	disk, err := syncTimes(s.dir, s.lone)
	if err != nil {
		return nil, err
	}
	return []report.Metric{
		{Name: loneAck, Unit: report.Milliseconds, Value: milliseconds(acks.Quantile(0.5))},
		{Name: diskSync, Unit: report.Milliseconds, Value: milliseconds(disk.Quantile(0.5))},
	}, nil
}

// syncTimes appends 4 KB to a file in dir so many times, and takes how long each was on
// its way to the disk.
func syncTimes(dir string, times int) (t *load.Times, err error) {
	file, err := os.Create(filepath.Join(dir, "sync"))
	if err != nil {
		return nil, err
	}
	defer func() { _ = file.Close() }()
	block := make([]byte, 4096)
	t = &load.Times{}
	for range times {
		began := time.Now()
		if _, err := file.Write(block); err != nil {
			return nil, err
		}
		if err := unix.Fdatasync(int(file.Fd())); err != nil {
			return nil, fmt.Errorf("sync a file: %w", err)
		}
		t.Add(time.Since(began))
	}
	return t, nil
}
