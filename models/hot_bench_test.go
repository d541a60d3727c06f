package models

import (
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"gorm.io/gorm"

	"roomline/realtime/chat"
)

const benchRooms = 64

// benchWorld is a database on a file with 64 rooms, as many people and no limits.
type benchWorld struct {
	db      *DB
	service *chat.Service
	actors  []chat.Actor
	tokens  []string
	slugs   []string
}

func newBenchWorld(b *testing.B) *benchWorld {
	b.Helper()
	w := &benchWorld{db: openTest(b)}
	w.service = chat.New(chat.Config{Store: w.db.Store(), Limits: chat.Limits{SendRate: -1, SearchRate: -1, PageSize: -1, MaxPageSize: -1, ReplayCap: -1, TextLength: -1}})
	for i := range benchRooms {
		user := addUser(b, w.db, fmt.Sprintf("user-%03d", i), chat.RoleMember)
		token, _, err := w.db.StartSession(b.Context(), user.ID, Meta{UserAgent: "Mozilla/5.0 (X11; Linux x86_64)", Address: "192.0.2.1"})
		if err != nil {
			b.Fatal(err)
		}
		room := chat.Room{Slug: fmt.Sprintf("room-%03d", i), Space: chat.SpaceGeneral, Name: fmt.Sprintf("Room %d", i)}
		if i == 0 {
			room.Slug = "lobby" // is there
		} else if err := w.db.Store().Write(b.Context(), func(w chat.Writer) error { return w.CreateRoom(&room) }, nil); err != nil {
			b.Fatal(err)
		}
		w.actors = append(w.actors, chat.Actor{ID: user.Chat().ID, Space: chat.SpaceGeneral})
		w.tokens, w.slugs = append(w.tokens, token), append(w.slugs, room.Slug)
	}
	return w
}

// fill stores messages as if these had been sent, evenly over the rooms, each of its
// room's person.
func (w *benchWorld) fill(b *testing.B, messages int) {
	b.Helper()
	err := w.db.change(b.Context(), func(tx *gorm.DB) error {
		for _, text := range []string{
			fmt.Sprintf(`INSERT INTO chat_messages (room_id, seq, rev, post, client_id, kind, author_id, text, sent_at)
WITH RECURSIVE n (seq) AS (SELECT 1 UNION ALL SELECT seq + 1 FROM n WHERE seq < %d)
SELECT r.id, seq, seq, seq, lower(hex(randomblob(16))), 'text', CASE r.slug WHEN 'lobby' THEN 1 ELSE CAST(substr(r.slug, 6) AS INTEGER) + 1 END,
	'Good morning, here is message ' || seq || ' of this room.', 1700000000000 + seq
FROM chat_rooms r CROSS JOIN n WHERE space = 'general'`, messages/benchRooms),
			`INSERT INTO chat_sends (user_id, client_id, room_id, seq, hash)
SELECT author_id, client_id, room_id, seq, randomblob(16) FROM chat_messages ORDER BY 1, 2`,
			`UPDATE chat_rooms SET head = (SELECT count(*) FROM chat_messages WHERE room_id = id),
	posts = (SELECT count(*) FROM chat_messages WHERE room_id = id)`,
			`INSERT INTO chat_reads (user_id, room_id, seq) SELECT u.id, r.id, r.head / 2 FROM users u, chat_rooms r`,
		} {
			if err := tx.Exec(text).Error; err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		b.Fatal(err)
	}
}

// cpuTime returns what this process has used.
func cpuTime() time.Duration {
	var u syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &u) // cannot fail
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// reportCPU adds what an operation costs in processor time, which a noisy neighbour
// disturbs less than the clock.
func reportCPU(b *testing.B, since time.Duration) {
	b.Helper()
	b.ReportMetric(float64((cpuTime()-since).Microseconds())/float64(b.N), "cpu-µs/op")
}

func benchmarkRead(b *testing.B, read func(w *benchWorld, i int) error) {
	w := newBenchWorld(b)
	w.fill(b, 100*benchRooms)
	i, begin := 0, cpuTime()
	for b.Loop() {
		if err := read(w, i%benchRooms); err != nil {
			b.Fatal(err)
		}
		i++
	}
	reportCPU(b, begin)
}

func BenchmarkFindSession(b *testing.B) {
	benchmarkRead(b, func(w *benchWorld, i int) error {
		_, _, err := w.db.FindSession(b.Context(), w.tokens[i])
		return err
	})
}

func BenchmarkEnter(b *testing.B) {
	benchmarkRead(b, func(w *benchWorld, i int) error {
		_, err := w.service.Enter(b.Context(), w.actors[i])
		return err
	})
}

func BenchmarkRoom(b *testing.B) {
	benchmarkRead(b, func(w *benchWorld, i int) error {
		_, err := w.service.Room(b.Context(), w.actors[i], w.slugs[i])
		return err
	})
}

// BenchmarkRestrictions asks a hundred times what every read asks besides.
func BenchmarkRestrictions(b *testing.B) {
	benchmarkRead(b, func(w *benchWorld, i int) error {
		return w.db.Store().Read(b.Context(), func(r chat.Reader) error {
			for range 100 {
				if held, err := r.Restrictions(w.actors[i].ID); err != nil || held.Mute.ID != 0 {
					return fmt.Errorf("%+v: %w", held, err)
				}
			}
			return nil
		})
	})
}

func BenchmarkJoin(b *testing.B) {
	service := func(w *benchWorld) *chat.Service {
		return chat.New(chat.Config{Store: w.db.Store(), Limits: chat.DefaultLimits()})
	}
	benchmarkRead(b, func(w *benchWorld, i int) error {
		_, err := service(w).Join(b.Context(), w.actors[i], w.slugs[i], nil)
		return err
	})
}

// BenchmarkReplay reads 60 changes after a position in the midst of a room.
func BenchmarkReplay(b *testing.B) {
	benchmarkRead(b, func(w *benchWorld, i int) error {
		return w.db.Store().Read(b.Context(), func(r chat.Reader) error {
			_, err := r.Changes(int64(3+i%(benchRooms-1)), 30, 60)
			return err
		})
	})
}

// BenchmarkConnect is the database's part of a client's coming: its cookie, the hello of
// the general space, and the join of a room whose messages are in memory. A fresh
// database has one room there.
func BenchmarkConnect(b *testing.B) {
	db := openTest(b)
	service := chat.New(chat.Config{Store: db.Store(), Limits: chat.Limits{SendRate: -1, SearchRate: -1, PageSize: -1, MaxPageSize: -1, ReplayCap: -1, TextLength: -1}})
	user := addUser(b, db, "ada", chat.RoleMember)
	token, _, err := db.StartSession(b.Context(), user.ID, Meta{UserAgent: "Mozilla/5.0 (X11; Linux x86_64)", Address: "192.0.2.1"})
	if err != nil {
		b.Fatal(err)
	}
	actor := chat.Actor{ID: user.Chat().ID, Space: chat.SpaceGeneral}
	begin := cpuTime()
	for b.Loop() {
		if _, _, err := db.FindSession(b.Context(), token); err != nil {
			b.Fatal(err)
		}
		if _, err := service.Enter(b.Context(), actor); err != nil {
			b.Fatal(err)
		}
		if _, err := service.Room(b.Context(), actor, "lobby"); err != nil {
			b.Fatal(err)
		}
	}
	reportCPU(b, begin)
}

// BenchmarkSend has 64 people send to a room each, all at once and as fast as they are
// acknowledged, to a database that stores so many messages already.
func BenchmarkSend(b *testing.B) {
	for _, stored := range []int{0, 1_000_000} {
		b.Run(fmt.Sprintf("stored=%d", stored), func(b *testing.B) {
			w := newBenchWorld(b)
			w.fill(b, stored)
			b.Run("senders=64", func(b *testing.B) { w.send(b, benchRooms) })
			b.Run("senders=1", func(b *testing.B) { w.send(b, 1) })
		})
	}
}

// BenchmarkSendCalmly has 64 people send 2,500 messages a second, half of what can be
// taken, and measures each from the moment when it was due.
func BenchmarkSendCalmly(b *testing.B) {
	w := newBenchWorld(b)
	w.fill(b, 100*benchRooms)
	w.sendEvery(b, benchRooms, time.Second/2500)
}

func (w *benchWorld) send(b *testing.B, senders int) { w.sendEvery(b, senders, 0) }

// sendEvery sends b.N messages, each at its time after the one before; 0: at once.
func (w *benchWorld) sendEvery(b *testing.B, senders int, pause time.Duration) {
	var next atomic.Int64
	var wg sync.WaitGroup
	took := make([]time.Duration, b.N)
	prefix := newEpoch()[:20]
	begin := cpuTime()
	b.ResetTimer()
	began := time.Now()
	for n := range senders {
		wg.Go(func() {
			for i := next.Add(1); i <= int64(b.N); i = next.Add(1) {
				draft := chat.Draft{
					Room: w.slugs[n], Text: "Good morning, here is another message of this room.",
					ID: fmt.Sprintf("%08x%s", uint32(i)*2654435761, prefix), // in no order
				}
				start := time.Now()
				if pause > 0 {
					start = began.Add(time.Duration(i) * pause)
					time.Sleep(time.Until(start))
				}
				if _, err := w.service.Send(b.Context(), w.actors[n], draft); err != nil {
					b.Error(err)
				}
				took[i-1] = time.Since(start)
			}
		})
	}
	wg.Wait()
	b.StopTimer()
	reportCPU(b, begin)
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)/2].Microseconds()), "p50-µs")
	b.ReportMetric(float64(took[len(took)*99/100].Microseconds()), "p99-µs")
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "acks/s")
}
