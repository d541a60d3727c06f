package models

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"gorm.io/gorm"

	"roomline/realtime/chat"
)

const (
	millionRooms = 100
	millionEach  = 10_000 // messages of a room, one in ten seconds
)

// million is a database of a million messages in a hundred rooms: every third has "message" in
// it, seventeen of them "zanzibar", and the rest are words as rare as those of a language.
type million struct {
	*benchWorld
	language
	words  []string
	spread *rand.Zipf
}

// language is what the messages are written in.
type language struct {
	letter                    func(*rand.Rand) rune
	longest                   int    // letters of a word, beyond the first two
	between                   string // words
	frequent, beginning, rare string
}

func spacedLanguage() language {
	return language{func(random *rand.Rand) rune { return 'a' + random.Int32N(26) }, 9, " ", "message", "messa", "zanzibar"}
}

// unspacedLanguage writes with 3,000 characters of Chinese.
func unspacedLanguage() language {
	return language{func(random *rand.Rand) rune { return '一' + random.Int32N(3000) }, 2, "", "消息", "消", "龍龜"}
}

func newMillion(b *testing.B, in language) *million {
	b.Helper()
	w := &million{language: in, benchWorld: &benchWorld{db: openAt(b, Config{Path: b.TempDir() + "/roomline.db"})}} // nothing indexes by itself
	w.service = chat.New(chat.Config{Store: w.db.Store(), Limits: chat.Limits{SendRate: -1, SearchRate: -1, PageSize: -1, MaxPageSize: -1, ReplayCap: -1, TextLength: -1}})
	for i := range benchRooms {
		user := addUser(b, w.db, fmt.Sprintf("user-%03d", i), chat.RoleMember)
		w.actors = append(w.actors, chat.Actor{ID: user.Chat().ID, Space: chat.SpaceGeneral})
	}
	for i := range millionRooms {
		room := chat.Room{Slug: fmt.Sprintf("room-%03d", i), Space: chat.SpaceGeneral, Name: fmt.Sprintf("Room %d", i)}
		if err := w.db.Store().Write(b.Context(), func(w chat.Writer) error { return w.CreateRoom(&room) }, nil); err != nil {
			b.Fatal(err)
		}
		w.slugs = append(w.slugs, room.Slug)
	}
	random := rand.New(rand.NewPCG(1, 2))
	for range 40_000 {
		word := make([]rune, 2+random.IntN(w.longest))
		for i := range word {
			word[i] = w.letter(random)
		}
		w.words = append(w.words, string(word))
	}
	w.spread = rand.NewZipf(random, 1.07, 3, uint64(len(w.words)-1))
	w.fill(b, random)
	return w
}

func (w *million) text(random *rand.Rand, i int) string {
	words := make([]string, 4+random.IntN(10))
	for i := range words {
		words[i] = w.words[w.spread.Uint64()]
	}
	if i%3 == 0 {
		words[0] = w.frequent
	}
	if i%60_000 == 59_999 {
		words[1] = w.rare
	}
	return strings.Join(words, w.between)
}

func (w *million) fill(b *testing.B, random *rand.Rand) {
	b.Helper()
	for room := range int64(millionRooms) {
		id := room + 3 // the lobby and the admin room are there
		err := w.db.writer.do(b.Context(), func(c *conn) error {
			for seq := range int64(millionEach) {
				m := chat.Message{
					RoomID: id, Seq: seq + 1, Rev: seq + 1, Post: seq + 1, ID: fmt.Sprintf("client-id-%d", seq), Kind: chat.KindText,
					Author: chat.User{ID: w.actors[(seq+room)%benchRooms].ID}, Text: w.text(random, int(room*millionEach+seq)),
					SentAt: time.UnixMilli(1_700_000_000_000 + seq*10_000 + room*97),
				}
				if err := (chatWriter{reader{c, false, &w.db.messageReads}, new(bool)}).InsertMessage(m); err != nil {
					return err
				}
			}
			return c.each("move the head", setHead, nil, int64(millionEach), int64(millionEach), id)
		}, nil)
		if err != nil {
			b.Fatal(err)
		}
	}
	err := w.db.change(b.Context(), func(tx *gorm.DB) error {
		return tx.Exec("INSERT INTO chat_reads (user_id, room_id, seq) SELECT u.id, r.id, r.head / 2 FROM users u, chat_rooms r").Error
	})
	if err != nil {
		b.Fatal(err)
	}
}

// BenchmarkMillion builds the database once, which takes minutes: go test -run '^$' -bench Million
// -benchtime 100x -timeout 30m ./models
func BenchmarkMillion(b *testing.B) {
	w := newMillion(b, spacedLanguage())
	b.Run("send/indexing", func(b *testing.B) { w.sendLatency(b, true) })
	b.Run("index", w.indexAll)
	b.Run("send", func(b *testing.B) { w.sendLatency(b, false) })

	service, each := w.measured(b)
	each("join", func(a chat.Actor, slug string) error {
		_, err := service.Join(b.Context(), a, slug, nil)
		return err
	})
	each("history", func(a chat.Actor, slug string) error {
		_, err := service.History(b.Context(), a, slug, chat.HistoryQuery{Before: millionEach / 2})
		return err
	})
	each("replay=50", func(a chat.Actor, slug string) error {
		room, err := service.Room(b.Context(), a, slug)
		if err != nil {
			return err
		}
		_, err = service.Join(b.Context(), a, slug, &chat.Position{Epoch: room.Epoch, Rev: room.Head - 50})
		return err
	})
	each("unread", func(a chat.Actor, _ string) error {
		_, err := service.Rooms(b.Context(), a)
		return err
	})
	w.search(b)
}

// BenchmarkMillionWithoutSpaces is BenchmarkMillion in Chinese, for what differs: the index and searches.
func BenchmarkMillionWithoutSpaces(b *testing.B) {
	w := newMillion(b, unspacedLanguage())
	b.Run("index", w.indexAll)
	w.search(b)
}

// measured returns a service without a limit on searches, and a function that measures calls of it.
func (w *million) measured(b *testing.B) (*chat.Service, func(string, func(chat.Actor, string) error)) {
	limits := chat.DefaultLimits()
	limits.SearchRate = -1
	service := chat.New(chat.Config{Store: w.db.Store(), Limits: limits})
	return service, func(name string, do func(actor chat.Actor, slug string) error) {
		b.Run(name, func(b *testing.B) {
			i, begin := 0, cpuTime()
			for b.Loop() {
				if err := do(w.actors[i%benchRooms], w.slugs[i%millionRooms]); err != nil {
					b.Fatal(err)
				}
				i++
			}
			reportCPU(b, begin)
		})
	}
}

func (w *million) search(b *testing.B) {
	service, each := w.measured(b)
	middle := int64(1_700_000_000_000+millionEach*5_000) * documentsPerMilli
	for _, c := range [][2]string{
		{"rare", w.rare}, {"frequent", `"` + w.frequent + `"`}, {"beginning of a frequent", w.beginning},
		{"frequent and rare", w.frequent + " " + w.rare}, {"two frequent", fmt.Sprintf("%s %q", w.frequent, w.words[0])},
		{"in a row", fmt.Sprintf(`"%s%s%s"`, w.frequent, w.between, w.words[0])}, {"absent", w.rare + w.rare},
	} {
		for name, before := range map[string]int64{"first page": 0, "middle": middle} {
			each(fmt.Sprintf("search/%s/all rooms/%s", c[0], name), func(a chat.Actor, _ string) error {
				_, err := service.Search(b.Context(), a, chat.SearchQuery{Query: c[1], Before: before})
				return err
			})
			each(fmt.Sprintf("search/%s/one room/%s", c[0], name), func(a chat.Actor, slug string) error {
				_, err := service.Search(b.Context(), a, chat.SearchQuery{Query: c[1], Before: before, Room: slug})
				return err
			})
		}
	}
	each("search/quiet room", func(a chat.Actor, _ string) error {
		_, err := service.Search(b.Context(), a, chat.SearchQuery{Query: w.frequent, Room: "lobby"})
		return err
	})
}

// indexAll indexes what is left of the million.
func (w *million) indexAll(b *testing.B) {
	begin, worst := time.Now(), []time.Duration{}
	for more := true; more; {
		from := time.Now()
		var err error
		if more, err = w.db.index.step(b.Context(), ""); err != nil {
			b.Fatal(err)
		}
		worst = append(worst, time.Since(from))
	}
	took := time.Since(begin)
	var bytes int64
	err := w.db.view(b.Context(), func(tx *gorm.DB) error {
		return tx.Raw(`SELECT (SELECT sum(length(block)) FROM chat_words_segments) + (SELECT sum(length(c0text)) FROM chat_words_content)`).Scan(&bytes).Error
	})
	if err != nil {
		b.Fatal(err)
	}
	once(b, "write", worst) // forgets what was reported before
	b.ReportMetric(float64(bytes)/1e6, "index-MB")
	b.ReportMetric(float64(millionRooms*millionEach)/took.Seconds(), "messages/s")
}

// once reports what took so long: a benchmark with a loop that does nothing is not run again.
func once(b *testing.B, what string, took []time.Duration) {
	b.Helper()
	for b.Loop() {
		continue
	}
	slices.Sort(took)
	for name, part := range map[string]int{"p50": 500, "p99": 990, "p100": 1000} {
		at := max(0, len(took)*part/1000-1)
		b.ReportMetric(float64(took[at].Microseconds())/1000, what+"-"+name+"-ms")
	}
	b.ReportMetric(0, "ns/op")
}

// sendLatency has a message sent each 5 ms, alone or beside the indexer's work.
func (w *million) sendLatency(b *testing.B, indexing bool) {
	stop := make(chan struct{})
	var work sync.WaitGroup
	if indexing {
		work.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
				}
				begin := time.Now()
				if _, err := w.db.index.step(b.Context(), ""); err != nil {
					b.Error(err)
					return
				}
				time.Sleep(19 * time.Since(begin)) // as work does while others write
			}
		})
	}
	var took []time.Duration
	for i := range 1000 {
		begin := time.Now()
		_, err := w.service.Send(b.Context(), w.actors[i%benchRooms], chat.Draft{
			Room: w.slugs[i%millionRooms], ID: fmt.Sprintf("bench-%d-%t", i, indexing), Text: "Good morning, this is another message.",
		})
		if err != nil {
			b.Fatal(err)
		}
		took = append(took, time.Since(begin))
		time.Sleep(5 * time.Millisecond)
	}
	close(stop)
	work.Wait()
	once(b, "send", took)
}
