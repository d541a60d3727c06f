package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"

	"roomline/bench/chatpeer"
	"roomline/bench/load"
	"roomline/bench/report"
)

// peer is a program that is measured, and how its clients speak.
type peer struct {
	report.Peer
	dialect func(room string) *load.Dialect
	polls   bool // serves long-polling as well
	durable bool // what it acknowledges is on disk
	// command is what starts it, with its files in dir.
	command func(ctx context.Context, w workshop, dir string) *exec.Cmd
}

const (
	theLimit   = "limit"
	theHub     = "hub"
	theNode    = "node"
	theDurable = "node-durable"
	theChat    = "chat"
)

// peers are all that there are, in the order of the report.
func peers() []peer {
	socketIO, raw := load.SocketIO, func(string) *load.Dialect { return load.Raw() }
	return []peer{
		{
			Peer: report.Peer{Name: theLimit, Title: "The limit",
				About: "One thread, epoll, and one write(2) of a ready-made frame per recipient."},
			dialect: raw, command: goPeer(theLimit),
		},
		{
			Peer: report.Peer{Name: theHub, Title: "Fiber hub",
				About: "What one writes on contrib/websocket: a goroutine and a channel per client."},
			dialect: raw, command: goPeer(theHub),
		},
		{
			Peer: report.Peer{Name: "centrifuge", Title: "centrifuge",
				About: "The Go library behind Centrifugo: WebSocket, JSON protocol, its defaults. It joins messages into one write."},
			dialect: load.Centrifuge, command: goPeer("centrifuge"),
		},
		{
			Peer: report.Peer{Name: theNode, Title: "Node Socket.IO",
				About: "Socket.IO 4.8 from npm, its defaults; nothing is stored."},
			dialect: socketIO, polls: true, command: nodePeer("server.mjs"),
		},
		{
			Peer: report.Peer{Name: theDurable, Title: "Node Socket.IO, durable",
				About: "The same, with each message in SQLite (better-sqlite3, synchronous=FULL) before it is sent on."},
			dialect: socketIO, polls: true, durable: true, command: nodePeer("server.mjs", "--durable"),
		},
		{
			Peer: report.Peer{Name: "socketio", Title: "Roomline's socketio", Ours: true,
				About: "Roomline's Socket.IO server without the chat, doing what plain Node does."},
			dialect: socketIO, polls: true, command: goPeer("socketio"),
		},
		{
			Peer: report.Peer{Name: theChat, Title: "Roomline", Ours: true,
				About: "The whole chat: signed-in members, rights, every message in SQLite (synchronous=FULL) before it is acknowledged and sent on."},
			dialect: func(room string) *load.Dialect { return load.Chat(room, "") }, polls: true, durable: true,
			command: func(ctx context.Context, w workshop, dir string) *exec.Cmd {
				// No bound of a user or an address: the load is one of each.
				return exec.CommandContext(ctx, w.roomline, "--db", database(dir), "--addr", "127.0.0.1:0", "--log-level", "warn",
					"--send-rate", "0", "--send-burst", "0", "--event-rate", "0", "--event-burst", "0",
					"--max-conns-per-user", "0", "--max-conns-per-addr", "0", "--handshake-rate", "0", "--metrics-addr", freeAddr())
			},
		},
	}
}

// database is where a peer that stores keeps its messages.
func database(dir string) string { return filepath.Join(dir, "chat.db") }

func goPeer(name string) func(context.Context, workshop, string) *exec.Cmd {
	return func(ctx context.Context, w workshop, _ string) *exec.Cmd {
		return exec.CommandContext(ctx, filepath.Join(w.bin, name))
	}
}

func nodePeer(args ...string) func(context.Context, workshop, string) *exec.Cmd {
	return func(ctx context.Context, _ workshop, dir string) *exec.Cmd {
		script := filepath.Join("peers", "node", args[0])
		args := append([]string{script}, args[1:]...)
		if len(args) > 1 {
			args = append(args, database(dir))
		}
		return exec.CommandContext(ctx, "node", args...)
	}
}

// workshop is where the programs lie.
type workshop struct {
	bin      string // of the peers in Go
	roomline string
}

// build compiles what the chosen peers need. Roomline is built as a release is, unless it
// is given.
func build(ctx context.Context, bin, roomline string, chosen []peer) (workshop, error) {
	w := workshop{bin: bin, roomline: roomline}
	compile := func(dir, name, pkg string) error {
		cmd := exec.CommandContext(ctx, "go", "build", "-o", filepath.Join(bin, name), pkg)
		cmd.Dir = dir
		if out, err := cmd.CombinedOutput(); err != nil {
			return fmt.Errorf("build %s: %w\n%s", name, err, out)
		}
		return nil
	}
	for _, p := range chosen {
		switch {
		case p.Name == theChat && roomline == "":
			w.roomline = filepath.Join(bin, "roomline")
			if err := compile("..", "roomline", "."); err != nil {
				return w, err
			}
		case p.Name == theChat:
		default:
			pkg := "./" + filepath.Join("peers", p.Name)
			if _, err := os.Stat(filepath.Join(pkg, "main.go")); err != nil {
				continue // not in Go
			}
			if err := compile(".", p.Name, pkg); err != nil {
				return w, err
			}
		}
	}
	return w, nil
}

// furnish makes what a peer must find before it starts, and returns the header lines of its
// clients, one by one.
func furnish(ctx context.Context, p peer, dir string, plan chatpeer.Plan) ([]string, error) {
	if p.Name != theChat {
		return nil, nil
	}
	plan.Text = func(n int) string { return load.Text(uint32(n)) }
	tokens, err := chatpeer.Furnish(ctx, database(dir), plan)
	if err != nil {
		return nil, fmt.Errorf("furnish the chat's database: %w", err)
	}
	headers := make([]string, len(tokens))
	for i, token := range tokens {
		headers[i] = "Cookie: roomline_session=" + token + "\r\n"
	}
	return headers, nil
}
