package main

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"golang.org/x/sys/unix"
)

// startWithin is how long a server may take until it serves.
const startWithin = 30 * time.Second

// process is a server that runs. It belongs to one goroutine.
type process struct {
	cmd  *exec.Cmd
	addr string  // host and port
	said *lastly // on its standard error
	read sync.WaitGroup
}

// start runs a server until it says "listening on http://…". The caller stops it.
func start(cmd *exec.Cmd) (*process, error) {
	p := &process{cmd: cmd, said: &lastly{}}
	cmd.Stderr = p.said
	cmd.Env = slices.DeleteFunc(os.Environ(), tunes)
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, fmt.Errorf("start %s: %w", cmd.Path, err)
	}
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("start %s: %w", cmd.Path, err)
	}
	line := make(chan string, 1)
	p.read.Go(func() {
		in := bufio.NewReader(out)
		first, _ := in.ReadString('\n')
		line <- strings.TrimSpace(first)
		_, _ = io.Copy(io.Discard, in) // until it ends
	})
	var first string
	select {
	case first = <-line:
	case <-time.After(startWithin):
	}
	addr, found := strings.CutPrefix(first, "listening on http://")
	if !found {
		p.stop()
		return nil, fmt.Errorf("start %s: it says %q and %q instead of where it listens", cmd.Path, first, p.said)
	}
	p.addr = addr
	return p, nil
}

// freeAddr returns a loopback address that nothing listened on a moment ago.
func freeAddr() string {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "127.0.0.1:0"
	}
	defer func() { _ = listener.Close() }()
	return listener.Addr().String()
}

// metricsAddr returns where a server was told to serve its metrics, "" if nowhere.
func (p *process) metricsAddr() string {
	if i := slices.Index(p.cmd.Args, "--metrics-addr"); i >= 0 {
		return p.cmd.Args[i+1]
	}
	return ""
}

// tunes reports whether a variable would change how a server runs: all are measured as they
// are shipped.
func tunes(variable string) bool {
	name, _, _ := strings.Cut(variable, "=")
	return slices.Contains([]string{"GOGC", "GOMEMLIMIT", "GOMAXPROCS", "GODEBUG", "NODE_OPTIONS", "UV_THREADPOOL_SIZE"}, name) ||
		strings.HasPrefix(name, "ROOMLINE_")
}

// stop kills the server: nothing it holds is needed any more.
func (p *process) stop() {
	_ = p.cmd.Process.Kill()
	p.read.Wait()
	_ = p.cmd.Wait()
}

// cpu is the time that all threads of the server, ended ones included, have had on the
// processors. A thread that runs may be counted a tick late.
func (p *process) cpu() (time.Duration, error) {
	// CPUCLOCK_SCHED of clock_getcpuclockid(3): /proc/PID/stat has the same in ticks of 10 ms.
	const whole = 2
	var ts unix.Timespec
	if err := unix.ClockGettime(int32(^p.cmd.Process.Pid<<3|whole), &ts); err != nil {
		return 0, fmt.Errorf("read the server's CPU time: %w", err)
	}
	return time.Duration(ts.Nano()), nil
}

// memory is what a process holds, in bytes.
type memory struct {
	resident int
	own      int // of it, what is in no file and shared with nobody
}

func (p *process) memory() (memory, error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/smaps_rollup", p.cmd.Process.Pid))
	if err != nil {
		return memory{}, fmt.Errorf("read the server's memory: %w", err)
	}
	m, err := parseMemory(text)
	if err != nil {
		return memory{}, fmt.Errorf("read the server's memory: %w", err)
	}
	return m, nil
}

// parseMemory reads smaps_rollup of proc(5).
func parseMemory(text []byte) (memory, error) {
	kilobytes := make(map[string]int)
	for line := range bytes.Lines(text) {
		fields := strings.Fields(string(line))
		if len(fields) != 3 || fields[2] != "kB" {
			continue
		}
		n, err := strconv.Atoi(fields[1])
		if err != nil {
			return memory{}, err
		}
		kilobytes[fields[0]] = n
	}
	m := memory{resident: kilobytes["Rss:"] << 10, own: kilobytes["Anonymous:"] << 10}
	if m.resident == 0 || m.own == 0 {
		return memory{}, errors.New("smaps_rollup has no Rss or no Anonymous")
	}
	return m, nil
}

// ownCPU is the time that this process, the load, has had on the processors.
func ownCPU() time.Duration {
	var ts unix.Timespec
	_ = unix.ClockGettime(unix.CLOCK_PROCESS_CPUTIME_ID, &ts) // always there
	return time.Duration(ts.Nano())
}

// raiseFiles lifts the bound on open files for this process and those it starts.
func raiseFiles(want uint64) error {
	var limit unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_NOFILE, &limit); err != nil {
		return fmt.Errorf("read the limit of open files: %w", err)
	}
	// Also when nothing changes: children get back the limit from before the Go runtime's
	// own raise unless one was set.
	raised := unix.Rlimit{Cur: max(want, limit.Cur), Max: max(want, limit.Max)}
	if err := unix.Setrlimit(unix.RLIMIT_NOFILE, &raised); err != nil {
		return fmt.Errorf("%d open files are needed and %d allowed: %w", want, limit.Max, err)
	}
	return nil
}

// lastly keeps the end of what is written to it.
type lastly struct {
	mu   sync.Mutex
	text []byte
}

// Write implements io.Writer.
func (l *lastly) Write(b []byte) (int, error) {
	const keep = 2000
	l.mu.Lock()
	defer l.mu.Unlock()
	l.text = append(l.text, b...)
	l.text = l.text[max(0, len(l.text)-keep):]
	return len(b), nil
}

func (l *lastly) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return string(l.text)
}
