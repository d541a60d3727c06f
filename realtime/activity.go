package realtime

import (
	"sync"
	"time"

	"roomline/realtime/chat"
	"roomline/realtime/socketio"
)

// activityEvent is "activity": messages were posted in a room that the socket has not joined.
// Whoever knows the posts as of their read pointer knows how many are unread.
type activityEvent struct {
	Room   string `json:"room"`
	Latest int64  `json:"latest"` // seq of the newest message
	Posts  int64  `json:"posts"`
}

// activity collects what is posted in the rooms of a space, and tells those who do not follow a
// room, all rooms together. It rests after each telling, a second at least, and longer where there
// are so many that telling them takes its time.
type activity struct {
	space *space        // set once
	every time.Duration // set once

	mu     sync.Mutex // guards what follows
	news   map[string]news
	timer  *time.Timer // runs while there is news, or it rests
	closed bool
	work   sync.WaitGroup // tellings
}

type news struct {
	event   activityEvent
	private bool
}

// restFactor bounds the share of time that telling takes: one part in this many.
const restFactor = 10

func newActivity(s *space, every time.Duration) *activity {
	return &activity{space: s, every: every, news: make(map[string]news)}
}

// posted notes the newest message of a room.
func (a *activity) posted(room chat.Room, m chat.Message) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.closed {
		return
	}
	a.news[room.Slug] = news{activityEvent{room.Slug, m.Seq, room.Posts}, room.Private}
	if a.timer == nil {
		a.timer = time.AfterFunc(a.every, a.tell)
	}
}

func (a *activity) tell() {
	a.mu.Lock()
	all := a.news
	if a.closed || len(all) == 0 {
		a.timer = nil
		a.mu.Unlock()
		return
	}
	a.news = make(map[string]news)
	a.work.Add(1)
	a.mu.Unlock()
	defer a.work.Done()

	begun := time.Now()
	a.space.spread(all)
	a.mu.Lock()
	defer a.mu.Unlock()
	if !a.closed {
		a.timer = time.AfterFunc(max(a.every, restFactor*time.Since(begun)), a.tell)
	}
}

func (a *activity) close() {
	a.mu.Lock()
	a.closed = true
	if a.timer != nil {
		a.timer.Stop()
	}
	a.mu.Unlock()
	a.work.Wait()
}

// spread tells every socket of the rooms it does not follow, in one write. Whoever's outbox is full
// learns it with the next news of that room, which counts what was before.
func (s *space) spread(all map[string]news) {
	type prepared struct {
		slug  string
		event socketio.Prepared
	}
	var public []prepared
	for slug, n := range all {
		if n.private {
			s.tell(s.namespace.To(privateRoom(slug)).Except(memberRoom(slug)), "activity", n.event)
			continue
		}
		event, err := s.namespace.Prepare("activity", n.event)
		if err != nil {
			s.chat.log.Error("event cannot be sent", "event", "activity", "error", err)
			return
		}
		public = append(public, prepared{slug, event})
	}
	if len(public) == 0 {
		return
	}
	events := make([]socketio.Prepared, 0, len(public))
	for _, socket := range s.namespace.To().Sockets() {
		m, ok := socket.Data().(*member)
		if !ok {
			continue
		}
		events = events[:0]
		for _, p := range public {
			if m.misses(p.slug) {
				events = append(events, p.event)
			}
		}
		if len(events) > 0 {
			m.Deliver(events)
		}
	}
}
