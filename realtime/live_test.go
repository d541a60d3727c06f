package realtime

import (
	"encoding/json"
	"runtime"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"roomline/realtime/engineio"
)

func TestPercentilesAreOfTheLastMinute(t *testing.T) {
	a, now := &acks{}, time.Unix(1000, 0)
	if p50, p99 := a.percentiles(now); p50 != 0 || p99 != 0 {
		t.Errorf("of nothing: %v, %v", p50, p99)
	}
	a.add(now.Add(-ackFor-time.Second), time.Hour)
	for i := range 100 {
		a.add(now, time.Duration(100-i)*time.Millisecond)
	}
	if p50, p99 := a.percentiles(now); p50 != 50 || p99 != 99 {
		t.Errorf("got %v and %v ms, want 50 and 99", p50, p99)
	}
	for range keptAcks {
		a.add(now, 7*time.Millisecond)
	}
	if p50, p99 := a.percentiles(now); p50 != 7 || p99 != 7 {
		t.Errorf("got %v and %v ms, want 7: the others are forgotten", p50, p99)
	}
	if p50, _ := a.percentiles(now.Add(ackFor + 1)); p50 != 0 {
		t.Errorf("a minute later half took %v ms", p50)
	}
}

func TestAHistogramCountsWhatTookNoLonger(t *testing.T) {
	a := &acks{}
	for _, took := range []time.Duration{time.Microsecond, 500 * time.Microsecond, 501 * time.Microsecond, time.Second, time.Hour} {
		a.add(time.Now(), took)
	}
	d := a.durations()
	if d.Count != 5 || d.UpTo[.0005] != 2 || d.UpTo[.001] != 3 || d.UpTo[.5] != 3 || d.UpTo[1] != 4 || d.UpTo[2.5] != 4 || d.Sum < 3600 {
		t.Errorf("got %+v", d)
	}
}

func TestSamplesAreKeptForFiveMinutes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCrowd(t, 3)
		if live := c.chat.Live(); live.History == nil || len(live.History) != 0 || live.MessagesPerSecond != 0 {
			t.Errorf("at first it is %+v", live)
		}
		c.open(t, 1, joinLobby)
		c.open(t, 1, joinLobby)
		c.open(t, 2, `["room:list",{}]`)
		time.Sleep(sampleEvery + time.Second)
		for i := range 10 {
			c.say(t, text64, i)
		}
		synctest.Wait()
		time.Sleep(sampleEvery)
		live := c.chat.Live()
		if len(live.History) != 2 || !live.History[0].At.Equal(live.At.Add(-6*time.Second)) {
			t.Fatalf("it is %+v", live)
		}
		last := live.History[1]
		if last.Rooms != 1 || last.Connections["websocket"] != 3 || last.Sockets["/general"] != 3 || last.Sockets["/admin"] != 0 {
			t.Errorf("the sample is %+v", last)
		}
		if last.MessagesPerSecond != 2 || last.Heap == 0 || last.Goroutines == 0 || (last.Resident == 0) != (runtime.GOOS != "linux") {
			t.Errorf("the sample is %+v", last)
		}
		time.Sleep(2 * sampleFor)
		live = c.chat.Live()
		if n := len(live.History); n != int(sampleFor/sampleEvery) {
			t.Errorf("%d samples are kept", n)
		}
		if !slices.IsSortedFunc(live.History, func(a, b Sample) int { return a.At.Compare(b.At) }) || live.At.Sub(live.History[0].At) > sampleFor+sampleEvery {
			t.Errorf("they are %+v", live.History)
		}
	})
}

func TestWhoWatchesHearsEachSample(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCrowd(t, 3)
		c.owner()
		l := c.listen(t, 0, "/admin")
		l.send(`2/admin,1["stats",{}]`)
		l.until(t, `3/admin,1[{"ok":true,"stats":{"at":"`)
		time.Sleep(2 * sampleEvery)
		synctest.Wait()
		l.send(`2/admin,2["stats",{"watch":true}]`)
		heard := l.until(t, `3/admin,2[{"ok":true,`)
		if len(heard) != 1 {
			t.Errorf("who did not watch heard %q", heard)
		}
		var answer []struct{ Stats Live }
		if err := json.Unmarshal([]byte(strings.TrimPrefix(heard[0], `3/admin,2`)), &answer); err != nil || len(answer[0].Stats.History) != 2 {
			t.Errorf("%v: the answer is %s", err, heard)
		}
		c.open(t, 1, joinLobby)
		for range 3 {
			time.Sleep(sampleEvery)
			synctest.Wait()
			var event []json.RawMessage
			var s Sample
			packet := l.until(t, `2/admin,["stats",`)[0]
			if err := json.Unmarshal([]byte(strings.TrimPrefix(packet, `2/admin,`)), &event); err != nil {
				t.Fatal(err)
			}
			if err := json.Unmarshal(event[1], &s); err != nil || s.Sockets["/general"] != 1 || time.Since(s.At) != 0 {
				t.Errorf("%v: %s", err, packet)
			}
		}
		l.send(`2/admin,3["stats",{"watch":false}]`)
		time.Sleep(3 * sampleEvery)
		synctest.Wait()
		if heard := l.until(t, `3/admin,3`); len(heard) != 1 || len(l.heard) != 0 {
			t.Errorf("who watches no more heard %q", heard)
		}
	})
}

func TestASampleTellsWhatWaits(t *testing.T) {
	c := newCrowd(t, 2)
	p, _ := c.open(t, 1, joinLobby)
	p.session.Attach(new(still)) // takes nothing
	for i := range 1000 {        // half of the outbox is theirs
		c.say(t, strings.Repeat(text64, 10), i)
	}
	p.session.Receive(engineio.Packet{Type: engineio.Message, Data: []byte(`2/general,7["message:send",{"room":"lobby","id":"of-its-own","text":"hello"}]`)})
	// What was posted is on its way while it is counted.
	var live Live
	for deadline := time.Now().Add(10 * time.Second); live.FeedLag < 500 || live.AckP99 == 0; runtime.Gosched() {
		if live = c.chat.Live(); time.Now().After(deadline) {
			t.Fatalf("it is %+v", live)
		}
	}
	if live.OutboxBytes < 100_000 || live.OutboxMost < 100_000 || live.OutboxMost > live.OutboxBytes || live.AckP50 != live.AckP99 {
		t.Errorf("it is %+v", live)
	}
	if s := c.chat.Stats(); s.Messages != 1001 || s.Acks.Count != 1 || s.OutboxMost < 100_000 || s.FeedLag < 500 {
		t.Errorf("counted %+v", s)
	}
}

// BenchmarkSample is what a look at everything costs with ten thousand connections in one room.
func BenchmarkSample(b *testing.B) {
	const members = 10_000
	c := newCrowd(b, members)
	for i := range members {
		c.open(b, i, joinLobby)
	}
	b.ReportAllocs()
	for b.Loop() {
		if live := c.chat.Live(); live.Connections["websocket"] != members {
			b.Fatalf("%v are connected", live.Connections)
		}
	}
}
