package filter

import (
	"strconv"
	"sync"
	"testing"
	"time"
)

var someTime = time.Date(2025, 5, 1, 12, 0, 0, 0, time.UTC)

// chatter says things by a clock, under rules about habits.
type chatter struct {
	*testing.T
	*Filter
	*History
	clock time.Time
}

func newChatter(t *testing.T, rules ...Rule) *chatter {
	for i := range rules {
		rules[i].Name, rules[i].Action = "r", ActionHold
	}
	return &chatter{t, filterOf(t, rules...), NewHistory(), someTime}
}

// says sends a text, and reports whether a rule fits where none should, or the other way round.
func (c *chatter) says(author, text string, mentions int, fits bool) {
	c.Helper()
	for range 2 { // to look changes nothing
		if got := c.History.Judge(c.Filter, author, text, mentions, c.clock); (len(got) > 0) != fits {
			c.Errorf("%s says %q with %d mentions: fits %v", author, text, mentions, got)
		}
	}
	if !fits {
		c.Record(c.Filter, author, text, mentions, c.clock)
	}
}

func TestTheSameTextIsFoundWhenItComesTooOften(t *testing.T) {
	c := newChatter(t, Rule{Kind: KindRepeats, Most: 3, Seconds: 60})
	c.says("mia", "Buy it", 0, false)
	c.clock = c.clock.Add(20 * time.Second)
	c.says("mia", "something else", 0, false)
	c.says("mia", " BUY\n\t ｉｔ\u200b ", 0, false)
	c.says("ned", "buy it", 0, false)
	c.says("mia", "buy it", 0, true)
	c.says("mia", "buyit", 0, false)
	c.says("mia", "buy it now", 0, false)
	c.clock = c.clock.Add(40*time.Second - 1)
	c.says("mia", "buy it", 0, true)
	c.clock = c.clock.Add(1)
	c.says("mia", "buy it", 0, false)
	c.says("mia", "buy it", 0, true)
}

func TestWhatWasNotAcceptedIsNotCounted(t *testing.T) {
	c := newChatter(t, Rule{Kind: KindRepeats, Most: 2, Seconds: 60})
	c.says("mia", "hi", 0, false)
	for range 5 {
		c.clock = c.clock.Add(11 * time.Second)
		c.says("mia", "hi", 0, true)
	}
	c.clock = c.clock.Add(5 * time.Second)
	c.says("mia", "hi", 0, false)
}

func TestTooManyMentionsAreFoundInOneMessageOrSeveral(t *testing.T) {
	c := newChatter(t, Rule{Kind: KindMentions, Most: 5, Seconds: 60})
	c.says("mia", "to all", 6, true)
	c.says("mia", "to five", 5, false)
	c.says("mia", "to one more", 1, true)
	c.says("mia", "to nobody", 0, false)
	c.says("ned", "to five", 5, false)
	c.clock = c.clock.Add(30 * time.Second)
	c.says("mia", "to nobody", 0, false)
	c.clock = c.clock.Add(30 * time.Second)
	c.says("mia", "to three", 3, false)
	c.says("mia", "to three", 3, true)
	c.says("mia", "to two", 2, false)
}

func TestEachRuleAboutHabitsHasItsTime(t *testing.T) {
	c := newChatter(t, Rule{Kind: KindRepeats, Most: 2, Seconds: 10}, Rule{Kind: KindRepeats, Most: 3, Seconds: 100}, rule(KindWords, "hi"))
	c.says("mia", "hi", 0, false)
	c.clock = c.clock.Add(10 * time.Second)
	c.says("mia", "hi", 0, false)
	c.clock = c.clock.Add(10 * time.Second)
	got := c.History.Judge(c.Filter, "mia", "hi", 0, c.clock)
	if len(got) != 1 || got[0].Rule.ID != 2 || got[0].Found != "" {
		t.Errorf("it fits %v", got)
	}
}

func TestAClockThatIsSetBackHoldsNobodyForLong(t *testing.T) {
	c := newChatter(t, Rule{Kind: KindRepeats, Most: 3, Seconds: 60})
	c.says("mia", "hi", 0, false)
	c.says("mia", "hi", 0, false)
	c.clock = c.clock.Add(-24 * time.Hour)
	c.says("mia", "hi", 0, false) // how long ago the first two were is unknown
	c.says("mia", "hi", 0, true)
	c.says("mia", "else", 0, false)
	c.clock = c.clock.Add(time.Minute)
	c.says("mia", "hi", 0, false)
}

func TestHabitsAreForgotten(t *testing.T) {
	f := filterOf(t, Rule{Name: "r", Kind: KindRepeats, Action: ActionFlag, Most: 2, Seconds: 10})
	h := NewHistory()
	now := someTime
	for i := range 10_000 {
		h.Record(f, strconv.Itoa(i), "hi", 0, now)
		now = now.Add(10 * time.Millisecond)
	}
	// At any moment 1,000 are not too old.
	if h.count > 2100 || len(h.said) > 2100 {
		t.Errorf("%d messages of %d authors are remembered", h.count, len(h.said))
	}
	if m := h.Judge(f, "9999", "hi", 0, now); len(m) != 1 {
		t.Error("the last one is forgotten")
	}
	h.Record(&Filter{}, "nobody", "hi", 0, now)
	if h.said["nobody"] != nil {
		t.Error("something is remembered though no rule asks for it")
	}
}

func TestHabitsAreBounded(t *testing.T) {
	f := filterOf(t, Rule{Name: "r", Kind: KindMentions, Action: ActionFlag, Most: 1000, Seconds: maxSeconds})
	h := NewHistory()
	h.most = 5000
	now := someTime
	for i := range 2 * maxPerAuthor {
		h.Record(f, "mia", strconv.Itoa(i), 1, now)
	}
	if len(h.said["mia"]) != maxPerAuthor || h.count != maxPerAuthor {
		t.Errorf("%d messages of one author, %d in all", len(h.said["mia"]), h.count)
	}
	if m := h.Judge(f, "mia", "hi", 1, now); len(m) != 1 {
		t.Error("the bound hides too many mentions")
	}
	most := 0
	for i := range 3 * h.most {
		h.Record(f, strconv.Itoa(i%700), "hi", 0, now)
		most = max(most, h.count)
	}
	sum := 0
	for _, said := range h.said {
		sum += len(said)
	}
	if most > h.most+1 || sum != h.count {
		t.Errorf("%d messages at most; %d are counted, %d remembered", most, h.count, sum)
	}
}

func TestHabitsServeMany(t *testing.T) {
	f := filterOf(t, Rule{Name: "r", Kind: KindRepeats, Action: ActionFlag, Most: 1000, Seconds: 60})
	h := NewHistory()
	var all sync.WaitGroup
	for i := range 4 {
		all.Go(func() {
			for j := range 500 {
				author := strconv.Itoa(j % (2 + i))
				h.Judge(f, author, "hi", 1, someTime)
				h.Record(f, author, "hi", 1, someTime)
			}
		})
	}
	all.Wait()
	if h.count != 2000 {
		t.Errorf("%d messages are remembered", h.count)
	}
}
