package realtime

import (
	"context"
	"encoding/json"
	"os"
	"runtime"
	"runtime/metrics"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"roomline/realtime/chat"
	"roomline/realtime/engineio"
	"roomline/realtime/socketio"
)

const (
	sampleEvery = 5 * time.Second
	sampleFor   = 5 * time.Minute // how long samples are kept
)

// Sample is how the chat does at one moment. Its JSON form is the wire's.
type Sample struct {
	At                time.Time      `json:"at"`
	Connections       map[string]int `json:"connections"` // by transport
	Sockets           map[string]int `json:"sockets"`     // by namespace
	Rooms             int            `json:"rooms"`       // with somebody in them
	Members           int            `json:"members"`     // people connected
	MessagesPerSecond float64        `json:"messagesPerSecond"`
	AckP50            float64        `json:"ackP50"` // milliseconds from a send's arrival to its acknowledgement, of the last minute; 0 if there was none
	AckP99            float64        `json:"ackP99"`
	OutboxBytes       int            `json:"outboxBytes"` // waiting for all connections
	OutboxMost        int            `json:"outboxMost"`  // for the one with the most
	FeedLag           int64          `json:"feedLag"`     // revs that the furthest follower is behind its room
	Heap              uint64         `json:"heap"`        // bytes of Go's objects
	Resident          uint64         `json:"resident"`    // bytes of the process, 0 where that is not known
	Goroutines        int            `json:"goroutines"`
}

// Live is a Sample of now, and those of the last five minutes, one every five seconds, the oldest first.
type Live struct {
	Sample
	History []Sample `json:"history"`
}

// MarshalJSON implements json.Marshaler: its time is as all on the wire.
func (s Sample) MarshalJSON() ([]byte, error) {
	type plain Sample
	return json.Marshal(struct {
		At json.RawMessage `json:"at"`
		plain
	}{chat.AppendTime(nil, s.At), plain(s)})
}

// MarshalJSON implements json.Marshaler: to embed a Sample would be to be one.
func (l Live) MarshalJSON() ([]byte, error) {
	b, err := l.Sample.MarshalJSON()
	if err != nil {
		return nil, err
	}
	history, err := json.Marshal(l.History)
	if err != nil {
		return nil, err
	}
	return append(append(append(b[:len(b)-1], `,"history":`...), history...), '}'), nil
}

// sampler keeps the last samples.
type sampler struct {
	mu      sync.Mutex // guards what follows
	history []Sample
	counts  [2]count // as of the last sample and the one before, or of the start
}

// count is how many messages there were at a time.
type count struct {
	at       time.Time
	messages uint64
}

// Online reports whether a user is connected.
func (c *Chat) Online(user string) bool {
	for _, s := range c.spaces {
		if slices.ContainsFunc(s.namespace.To(userRoom(user)).Sockets(), (*socketio.Socket).Connected) {
			return true
		}
	}
	return false
}

// Live returns how the chat does.
func (c *Chat) Live() Live {
	sample, _ := c.take()
	c.samples.mu.Lock()
	defer c.samples.mu.Unlock()
	return Live{sample, append([]Sample{}, c.samples.history...)}
}

// sample keeps a sample now and then, and tells those who watch, until ctx ends.
func (c *Chat) sample(ctx context.Context) {
	ticker := time.NewTicker(sampleEvery)
	defer ticker.Stop()
	for {
		select {
		case <-ticker.C:
		case <-ctx.Done():
			return
		}
		sample, messages := c.take()
		c.samples.keep(sample, messages)
		s := c.spaces[chat.SpaceAdmin]
		s.tell(s.namespace.To(watchRoom), "stats", sample)
	}
}

func (s *sampler) keep(sample Sample, now count) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if over := len(s.history) + 1 - int(sampleFor/sampleEvery); over > 0 {
		s.history = slices.Delete(s.history, 0, over)
	}
	s.history = append(s.history, sample)
	s.counts[0], s.counts[1] = s.counts[1], now
}

// rate is how many messages came in a second, since the last sample or, if that was just now, the one before.
func (s *sampler) rate(now count) float64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	then := s.counts[1]
	if now.at.Sub(then.at) < sampleEvery/2 {
		then = s.counts[0]
	}
	return float64(now.messages-then.messages) / max(1, now.at.Sub(then.at).Seconds())
}

// newSampler begins to count messages.
func newSampler() *sampler {
	begun := count{at: time.Now()}
	return &sampler{counts: [2]count{begun, begun}}
}

// take looks at everything, and returns how many messages there were too. It keeps nobody waiting:
// no lock is held over all connections or followers.
func (c *Chat) take() (Sample, count) {
	now := count{time.Now().UTC(), c.posted.Load()}
	engine := c.server.Engine().Stats()
	s := Sample{
		At:                now.at.Truncate(time.Millisecond),
		Connections:       byTransport(engine),
		Sockets:           c.server.Stats().Sockets,
		Members:           c.transport.Stats().Users,
		MessagesPerSecond: c.samples.rate(now),
		OutboxBytes:       engine.Queued,
		OutboxMost:        engine.MostQueued,
		Resident:          resident(),
		Goroutines:        runtime.NumGoroutine(),
	}
	for _, space := range c.spaces {
		s.Rooms += space.presence.occupied()
		s.FeedLag = max(s.FeedLag, space.feed.Lag())
	}
	s.AckP50, s.AckP99 = c.acks.percentiles(now.at)
	heap := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
	metrics.Read(heap)
	s.Heap = heap[0].Value.Uint64()
	return s, now
}

func byTransport(s engineio.Stats) map[string]int {
	return map[string]int{engineio.Polling: s.Polling, engineio.WebSocket: s.WebSocket}
}

// resident is how much memory the process has, 0 where the system does not tell.
func resident() uint64 {
	statm, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		return 0 // no Linux
	}
	if fields := strings.Fields(string(statm)); len(fields) > 1 {
		if pages, err := strconv.ParseUint(fields[1], 10, 64); err == nil {
			return pages * uint64(os.Getpagesize())
		}
	}
	return 0
}

// watchRoom gathers the sockets that want to hear of each sample.
const watchRoom = "watch"

type statsRequest struct {
	Watch *bool `json:"watch"`
}

type statsReply struct {
	done
	Stats Live `json:"stats"`
}

func (c *Chat) watchStats(ctx context.Context, m *member, r statsRequest) (statsReply, error) {
	if _, err := c.service.Rooms(ctx, m.actor()); err != nil { // moderators only, as of now
		return statsReply{}, err
	}
	if r.Watch != nil && *r.Watch {
		m.socket.Join(watchRoom)
	} else if r.Watch != nil {
		m.socket.Leave(watchRoom)
	}
	return statsReply{ok, c.Live()}, nil
}
