package main

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"time"

	"roomline/bench/load"
	"roomline/bench/report"
)

const (
	warmUp     = 200 // connections that come before those that are counted
	page       = 50  // messages that a join answers with, and that are missed
	manyIdle   = 10_000
	heartbeat2 = 50 * time.Second // two rounds, every 25 seconds as in all these servers
)

// idle is what a connection holds.
func idle(t *trial) ([]report.Metric, error) {
	if err := t.client.For(t.settling); err != nil {
		return nil, err
	}
	before, err := t.server.memory()
	if err != nil {
		return nil, err
	}
	if _, err := t.enter(t.idle, nil); err != nil {
		return nil, err
	}
	if err := t.client.For(t.rest); err != nil {
		return nil, err
	}
	after, err := t.server.memory()
	return []report.Metric{
		{Name: report.MemoryPerIdle, Unit: report.Kilobytes, Value: kilobytes(after.resident-before.resident, t.idle)},
		{Name: "of it anonymous", Unit: report.Kilobytes, Value: kilobytes(after.own-before.own, t.idle)},
	}, err
}

// heartbeat is what idle connections cost over time.
func heartbeat(t *trial) ([]report.Metric, error) {
	if _, err := t.enter(manyIdle, nil); err != nil {
		return nil, err
	}
	if err := t.client.For(t.rest); err != nil {
		return nil, err
	}
	before := t.client.Pings
	spent, took, err := t.during(func() error { return t.client.For(heartbeat2) })
	if err != nil {
		return nil, err
	}
	// Two for each, but for some at the ends of that time.
	if pings := t.client.Pings - before; pings < manyIdle*9/5 {
		return nil, fmt.Errorf("%d connections were pinged %d times in %v", manyIdle, pings, took)
	}
	return []report.Metric{
		{Name: heartbeatCPU, Unit: report.Percent, Value: 100 * spent.server.Seconds() / took.Seconds()},
	}, nil
}

// connect is what it costs until a connection can be used.
func connect(t *trial) ([]report.Metric, error) {
	ready := func(_ int, s *load.Setup) {
		if t.peer.Name == theChat {
			s.Ready = func(_ *load.Conn, answer []byte) error { return hasPage(answer) }
		}
	}
	room, err := t.enter(warmUp, ready)
	if err != nil {
		return nil, err
	}
	setup := t.setup(room)
	var took time.Duration
	spent, _, err := t.during(func() error {
		began := time.Now()
		err := t.client.Open(t.connected, atOnce, func(i int) load.Setup {
			s := setup(warmUp + i)
			ready(i, &s)
			return s
		})
		took = time.Since(began)
		return errors.Join(err, t.client.For(t.settling))
	})
	return []report.Metric{
		{Name: report.CPUPerConnect, Unit: report.Microseconds, Value: per(spent.server, t.connected)},
		{Name: "connects", Unit: report.PerSecond, Value: float64(t.connected) / took.Seconds()},
	}, err
}

// hasPage holds the answer to a join against the messages that were furnished.
func hasPage(answer []byte) error {
	for want := range uint32(page) {
		n, after, found := load.Number(answer)
		if !found || n != want+1 {
			return fmt.Errorf("instead of message %d a join was answered with %d", want+1, n)
		}
		answer = after
	}
	if n, _, more := load.Number(answer); more {
		return fmt.Errorf("a join was answered with message %d on top", n)
	}
	return nil
}

// reconnect has everybody come back at once and ask for what they have missed.
func reconnect(t *trial) ([]report.Metric, error) {
	var position string
	room, err := t.enter(1, func(_ int, s *load.Setup) {
		s.Ready = func(_ *load.Conn, answer []byte) (err error) {
			position, err = positionIn(answer)
			return err
		}
	})
	if err != nil {
		return nil, err
	}
	witness := room.Members()[0]
	setup := t.setup(room)
	if err := t.client.Open(t.idle, atOnce, func(i int) load.Setup { return setup(1 + i) }); err != nil {
		return nil, err
	}
	for _, member := range room.Members()[1:] {
		t.client.Drop(member)
	}
	room.Keep(witness)
	if err := t.client.For(t.settling); err != nil {
		return nil, err
	}
	for range page {
		room.Send(witness, time.Now())
		if err := t.client.Until(room.Quiet); err != nil {
			return nil, err
		}
	}
	before, _ := t.reads()
	back := load.Chat(room.Name, position)
	spent, took, err := t.during(func() error {
		return t.client.Open(t.idle, t.idle, func(i int) load.Setup {
			s := setup(1 + i)
			s.Dialect = back
			s.Ready = func(c *load.Conn, answer []byte) error { return room.Rejoin(c, 0, answer) }
			return s
		})
	})
	if err != nil {
		return nil, err
	}
	metrics := []report.Metric{
		{Name: backAfter, Unit: report.Seconds, Value: took.Seconds()},
		{Name: report.CPUPerConnect, Unit: report.Microseconds, Value: per(spent.server, t.idle)},
	}
	if after, told := t.reads(); told {
		metrics = append(metrics,
			report.Metric{Name: "database reads per client", Value: (after.all - before.all) / float64(t.idle)},
			report.Metric{Name: messageReads, Value: after.messages - before.messages})
	}
	return metrics, nil
}

var (
	epochIn = regexp.MustCompile(`"epoch":"([^"]*)"`)
	headIn  = regexp.MustCompile(`"head":(\d+)`)
)

// positionIn is where the answer to a join left off, as docs/events.md has it.
func positionIn(answer []byte) (string, error) {
	epoch, head := epochIn.FindSubmatch(answer), headIn.FindSubmatch(answer)
	if epoch == nil || head == nil {
		return "", fmt.Errorf("a join was answered without a position: %.200q", answer)
	}
	return fmt.Sprintf(`{"epoch":%q,"rev":%s}`, epoch[1], head[1]), nil
}

// reads is how often a server has read its database.
type reads struct{ all, messages float64 }

// reads asks the server for that, if it tells.
func (t *trial) reads() (r reads, told bool) {
	response, err := http.Get("http://" + t.server.metricsAddr() + "/metrics")
	if err != nil {
		return r, false
	}
	defer func() { _ = response.Body.Close() }()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		return r, false
	}
	found := 0
	for line := range strings.Lines(string(text)) {
		name, value, _ := strings.Cut(strings.TrimSpace(line), " ")
		counter := map[string]*float64{"roomline_database_reads_total": &r.all, "roomline_database_message_reads_total": &r.messages}[name]
		if counter == nil {
			continue
		}
		if *counter, err = strconv.ParseFloat(value, 64); err != nil {
			return r, false
		}
		found++
	}
	return r, found == 2
}
