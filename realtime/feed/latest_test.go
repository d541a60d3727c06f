package feed

import (
	"context"
	"fmt"
	"log/slog"
	"math"
	"math/rand/v2"
	"reflect"
	"sync"
	"testing"

	"roomline/realtime/chat"
	"roomline/realtime/chat/chattest"
)

// lobby is a room in a store, and a hub that hears of its changes.
type lobby struct {
	store   *chattest.Store
	service *chat.Service
	hub     *Hub[chat.Message]
}

func newLobby(t *testing.T) *lobby {
	l := &lobby{store: chattest.NewStore()}
	l.store.SetUser(chat.User{ID: "1", Name: "ada", Role: chat.RoleMember})
	l.service = chat.New(chat.Config{Store: l.store, Limits: chat.Limits{SendRate: -1, SearchRate: -1, PageSize: -1, MaxPageSize: -1, ReplayCap: -1, TextLength: -1}, Committed: func(room chat.Room, m chat.Message) { l.hub.Publish(room, m) }})
	l.hub = NewHub(Config[chat.Message]{
		Source: l.service,
		Encode: func(m chat.Message) (chat.Message, error) { return m, nil },
		Size:   func(chat.Message) int { return 1 },
		Page:   20,
		Logger: slog.New(slog.DiscardHandler),
	})
	t.Cleanup(l.hub.Close)
	return l
}

var ada = chat.Actor{ID: "1", Space: chat.SpaceGeneral}

// change posts, edits or deletes something.
func (l *lobby) change(t *testing.T, random *rand.Rand, i int) {
	ctx := context.Background()
	room := l.room(t)
	seq := room.Head - random.Int64N(min(room.Head, 300)+1) // often no message's
	var err error
	switch random.IntN(4) {
	case 0:
		_, err = l.service.Edit(ctx, ada, "lobby", max(1, seq), fmt.Sprint("edited ", i))
	case 1:
		_, err = l.service.Delete(ctx, ada, "lobby", max(1, seq))
	default:
		_, err = l.service.Send(ctx, ada, chat.Draft{Room: "lobby", ID: fmt.Sprintf("message-%d", i), Text: fmt.Sprint("text ", i)})
	}
	if chat.ErrorCode(err) == chat.CodeInternal {
		t.Error(err)
	}
}

func (l *lobby) room(t *testing.T) chat.Room {
	_, room, err := l.service.Access(context.Background(), ada, "lobby")
	if err != nil {
		t.Error(err)
	}
	return room
}

// check holds what the ring says against the store, which rests meanwhile. It returns how often
// the ring knew.
func (l *lobby) check(t *testing.T, random *rand.Rand) (knew int) {
	t.Helper()
	room := l.room(t)
	limit := 1 + random.IntN(60)
	page, err := l.service.History(t.Context(), ada, "lobby", chat.HistoryQuery{Limit: limit})
	if err != nil {
		t.Fatal(err)
	}
	if got, ok := l.hub.Latest(t.Context(), room, limit); ok {
		knew++
		if !reflect.DeepEqual(got.Entries, page.Messages) || got.HasOlder != page.HasOlder {
			t.Fatalf("the latest %d are\n     %+v, %v\nwant %+v, %v", limit, got.Entries, got.HasOlder, page.Messages, page.HasOlder)
		}
		requireMoment(t, got, room)
	}
	rev := max(0, room.Head+2-random.Int64N(300))
	changes, err := l.service.Changes(t.Context(), room.ID, rev, math.MaxInt32)
	if err != nil {
		t.Fatal(err)
	}
	if got, ok := l.hub.Since(t.Context(), room, rev); ok {
		knew++
		if rev > room.Head || !reflect.DeepEqual(got.Entries, changes) {
			t.Fatalf("since %d came\n     %+v\nwant %+v", rev, got.Entries, changes)
		}
		requireMoment(t, got, room)
	}
	return knew
}

func requireMoment(t *testing.T, s Snapshot[chat.Message], room chat.Room) {
	t.Helper()
	if s.Head != room.Head || s.Posts != room.Posts || s.Epoch != room.Epoch {
		t.Fatalf("the ring is of %+v, want %+v", s, room)
	}
}

func TestTheRingAnswersAsTheStoreWould(t *testing.T) {
	for seed := range uint64(8) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			random := rand.New(rand.NewPCG(1, seed))
			l, knew := newLobby(t), 0
			changes := random.IntN(500)
			for i := range changes {
				l.change(t, random, i)
			}
			for i := range 300 {
				knew += l.check(t, random)
				switch random.IntN(20) {
				case 0:
					l.hub.Forget()
				case 1: // published but not followed, warm or not
					l.hub.Follow(l.room(t).ID, l.room(t).Head, nothing{}).Stop()
				}
				l.change(t, random, changes+i)
			}
			if knew < 150 {
				t.Errorf("the ring knew %d times only", knew)
			}
		})
	}
}

// nothing is a Sink.
type nothing struct{}

func (nothing) Deliver(entries []chat.Message) int { return len(entries) }
func (nothing) Broken()                            {}

// client keeps what it is told of a room.
type client struct {
	t     *testing.T
	mu    sync.Mutex
	rev   int64
	room  map[int64]chat.Message
	moved sync.Cond
}

func (c *client) Deliver(entries []chat.Message) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, m := range entries {
		if m.Rev <= c.rev {
			c.t.Errorf("rev %d after %d", m.Rev, c.rev)
		}
		c.rev, c.room[m.Seq] = m.Rev, m
	}
	c.moved.Broadcast()
	return len(entries)
}

func (c *client) Broken() { c.t.Error("broken") }

func (c *client) reach(rev int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for c.rev < rev {
		c.moved.Wait()
	}
}

func TestWhoComesInTheMidstOfChangesMissesNothing(t *testing.T) {
	l := newLobby(t)
	const changes, comers = 1500, 8
	id := l.room(t).ID
	var writer, all sync.WaitGroup
	writer.Go(func() {
		random := rand.New(rand.NewPCG(2, 0))
		for i := range changes {
			l.change(t, random, i)
			if i%200 == 0 {
				l.hub.Forget()
			}
		}
	})
	for i := range comers {
		all.Go(func() {
			random := rand.New(rand.NewPCG(2, uint64(i+1)))
			c := &client{t: t, room: make(map[int64]chat.Message)}
			c.moved.L = &c.mu
			for {
				known, ok := l.hub.Since(t.Context(), l.room(t), c.rev)
				head := known.Head
				if !ok {
					head = l.room(t).Head
					missed, err := l.service.Changes(t.Context(), id, c.rev, math.MaxInt32)
					if err != nil {
						t.Error(err)
						return
					}
					for _, m := range missed {
						head = max(head, m.Rev)
					}
					known.Entries = missed
				}
				if len(known.Entries) > 0 {
					c.Deliver(known.Entries)
				}
				c.rev = max(c.rev, head)
				f := l.hub.Follow(id, head, c)
				next := head + random.Int64N(60)
				if next >= 600 { // the writer makes more than that for sure
					writer.Wait()
					c.reach(l.room(t).Head)
					f.Stop()
					break
				}
				c.reach(next)
				f.Stop()
			}
			want, err := l.service.Changes(t.Context(), id, 0, math.MaxInt32)
			if err != nil {
				t.Error(err)
			}
			for _, m := range want {
				if !reflect.DeepEqual(c.room[m.Seq], m) {
					t.Errorf("seq %d is %+v, want %+v", m.Seq, c.room[m.Seq], m)
				}
			}
			if len(c.room) != len(want) {
				t.Errorf("%d messages came, want %d", len(c.room), len(want))
			}
		})
	}
	all.Wait()
}
