package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os/exec"
	"sync"
	"sync/atomic"
	"time"

	"roomline/bench/chatpeer"
	"roomline/bench/load"
	"roomline/bench/report"
)

const (
	membersPerAddr = 40    // of those that come back, below the default bound of an address
	floodRate      = 5_000 // handshakes a second that the attacker tries
	floodConns     = 192   // that the attacker has open at once, nearly all that an address may have
	floodAddr      = "127.0.0.9"
	floodWarm      = time.Second // of flooding before the members come
)

// storm has everybody come back to a server at its default limits that has been restarted,
// from many addresses, while one more address floods it with handshakes; header stands in
// each of the attacker's requests.
func storm(header string, flooded bool) func(*trial) ([]report.Metric, error) {
	return func(t *trial) ([]report.Metric, error) {
		t.server.stop()
		server, err := start(exec.CommandContext(t.ctx, t.server.cmd.Path, "--db", database(t.dir), "--addr", "127.0.0.1:0", "--log-level", "warn"))
		if err != nil {
			return nil, err
		}
		defer server.stop()
		client, err := load.New(server.addr)
		if err != nil {
			return nil, err
		}
		defer client.Close()
		client.PerSource = membersPerAddr

		var attack flood
		if flooded {
			attack.begin(t.ctx, server.addr, header)
			defer attack.end()
			if err := client.For(floodWarm); err != nil {
				return nil, err
			}
		}
		setup := t.setup(load.NewRoom(chatpeer.RoomName(0)))
		began, tried := time.Now(), attack.answered.Load()
		if err := client.Open(t.idle, t.idle, setup); err != nil {
			return nil, fmt.Errorf("%w\nthe server said: %s", err, server.said)
		}
		took := time.Since(began)
		metrics := []report.Metric{{Name: backAfter, Unit: report.Seconds, Value: took.Seconds()}}
		if flooded {
			rate := float64(attack.answered.Load()-tried) / took.Seconds()
			if rate == 0 {
				return nil, errors.New("the attacker was never answered")
			}
			metrics = append(metrics, report.Metric{Name: "handshakes of the attacker", Unit: report.PerSecond, Value: rate})
		}
		return metrics, nil
	}
}

// flood is an attacker who opens polling sessions from one address, and never uses them.
type flood struct {
	answered atomic.Int64 // whatever the answer
	cancel   context.CancelFunc
	running  sync.WaitGroup
}

func (f *flood) begin(ctx context.Context, server, header string) {
	ctx, f.cancel = context.WithCancel(ctx)
	request := []byte("GET /socket.io/?EIO=4&transport=polling HTTP/1.1\r\nHost: " + server + "\r\n" + header + "\r\n")
	for range floodConns {
		f.running.Go(func() {
			for ctx.Err() == nil {
				_ = f.repeat(ctx, server, request) // the server may end a connection: then over another
			}
		})
	}
}

func (f *flood) end() {
	f.cancel()
	f.running.Wait()
}

// repeat sends the attacker's request over one connection, at this connection's part of the
// rate whether or not the server keeps up, until the connection ends.
func (f *flood) repeat(ctx context.Context, server string, request []byte) error {
	dialer := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(floodAddr)}}
	conn, err := dialer.DialContext(ctx, "tcp", server)
	if err != nil {
		return err
	}
	defer context.AfterFunc(ctx, func() { _ = conn.Close() })()
	var reading sync.WaitGroup
	reading.Go(func() { f.count(conn) })
	defer reading.Wait()
	defer func() { _ = conn.Close() }()

	const every = floodConns * time.Second / floodRate
	for due := time.Now(); ; due = due.Add(every) {
		time.Sleep(time.Until(due))
		if _, err := conn.Write(request); err != nil {
			return err
		}
	}
}

// count counts the answers on a connection until it ends.
func (f *flood) count(conn net.Conn) {
	in := bufio.NewReader(conn)
	for {
		response, err := http.ReadResponse(in, nil)
		if err != nil {
			return
		}
		_, err = io.Copy(io.Discard, response.Body)
		if err = errors.Join(err, response.Body.Close()); err != nil {
			return
		}
		f.answered.Add(1)
	}
}
