package realtime

import (
	"context"
	"slices"
	"sync"
	"time"

	"roomline/realtime/chat"
	"roomline/realtime/socketio"
)

// activityEvent is "activity": what the user has not read of a room that the socket has not joined has changed.
type activityEvent struct {
	Room     string `json:"room"`
	Latest   int64  `json:"latest"` // seq of the newest message
	Posts    int64  `json:"posts"`
	LastRead int64  `json:"lastRead"` // seq after which the rest is counted
	Unread   int64  `json:"unread"`
	Mentions int64  `json:"mentions"`
}

// activity collects the rooms of a space in which what is unread has changed, and sends their counts to the sockets
// that do not follow them, all rooms together. It pauses for at least a second after each pass, and longer in
// proportion to how long the pass took.
type activity struct {
	space *space        // set once
	every time.Duration // set once

	mu     sync.Mutex // guards what follows
	news   map[int64]news
	timer  *time.Timer // runs while there is news, or during a pause
	closed bool
	work   sync.WaitGroup // passes
}

// news is a room in which what is unread has changed.
type news struct {
	room  chat.Room
	users []string // whose count of mentions differs, also where they follow the room
}

// restFactor bounds the share of time that telling takes: one part in this many.
const restFactor = 10

func newActivity(s *space, every time.Duration) *activity {
	return &activity{space: s, every: every, news: make(map[int64]news)}
}

// changed notes that what is unread in a room has changed, and for which users the count of mentions did without an
// event of its own.
func (a *activity) changed(room chat.Room, users ...string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.closed {
		return
	}
	a.news[room.ID] = news{room, append(a.news[room.ID].users, users...)}
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
	a.news = make(map[int64]news)
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

// spread sends the news to every socket that they concern, in one write per socket. If an outbox is full, the counts
// come with the next news of that room.
func (s *space) spread(all map[int64]news) {
	events := make(map[*member][]socketio.Prepared)
	for _, n := range all {
		if err := s.collect(n, events); err != nil {
			s.chat.log.Error("unread counts cannot be sent", "room", n.room.Slug, "error", err)
		}
	}
	for m, list := range events {
		m.Deliver(list)
	}
}

// collect adds the events of one room to those of each socket. Sockets with the same counts share the encoded event.
func (s *space) collect(n news, events map[*member][]socketio.Prepared) error {
	missing, following := s.concerned(n)
	if len(missing)+len(following) == 0 {
		return nil
	}
	users := make([]string, 0, len(missing)+len(following))
	for _, m := range slices.Concat(missing, following) {
		users = append(users, m.id)
	}
	slices.Sort(users)
	counts, err := s.chat.service.UnreadIn(context.Background(), n.room.ID, slices.Compact(users))
	if err != nil {
		return err
	}
	shared := make(map[activityEvent]socketio.Prepared)
	for _, m := range missing {
		st := counts.Users[m.id]
		e := activityEvent{n.room.Slug, counts.Latest, counts.Posts, st.LastRead, st.Unread.Messages, st.Unread.Mentions}
		event, ok := shared[e]
		if !ok {
			if event, err = s.namespace.Prepare("activity", e); err != nil {
				return err
			}
			shared[e] = event
		}
		events[m] = append(events[m], event)
	}
	for _, m := range following {
		standing := counts.Users[m.id]
		e := readEvent{n.room.Slug, standing.LastRead, standing.Unread.Messages, standing.Unread.Mentions}
		event, err := s.namespace.Prepare("read", e)
		if err != nil {
			return err
		}
		events[m] = append(events[m], event)
	}
	return nil
}

// concerned returns the sockets of users who may read the room: those that do not follow it, and those that do and
// whose user is named in the news.
func (s *space) concerned(n news) (missing, following []*member) {
	readers := s.namespace.To()
	if n.room.Private {
		readers = s.namespace.To(privateRoom(n.room.Slug))
	}
	for _, socket := range readers.Sockets() {
		m, ok := socket.Data().(*member)
		switch {
		case !ok:
		case m.follows(n.room.Slug):
			if slices.Contains(n.users, m.id) {
				following = append(following, m)
			}
		case n.room.Unlisted: // its readers hear of it by joining it
		case n.room.Private || m.knowsOf(n.room.Slug):
			missing = append(missing, m)
		}
	}
	return missing, following
}
