package filter

import (
	"hash/maphash"
	"math"
	"slices"
	"strings"
	"sync"
	"time"
)

// The bounds of habits.
const (
	maxPerAuthor = 1000    // messages of one author; no rule asks for more
	maxEntries   = 200_000 // messages of all, about 6 MB; when there are more, each author keeps the later half
)

// History remembers in memory what authors said of late, for as long as the rules about habits ask. Its methods
// may be called concurrently.
type History struct {
	most int // maxEntries, set once

	mu    sync.Mutex // guards what follows
	said  map[string][]entry
	count int // habits in said
	sweep int // count at which idle authors are forgotten
}

// entry is a message that was accepted.
type entry struct {
	at       int64  // nanoseconds of Unix time
	text     uint64 // hash
	mentions int32
}

// NewHistory returns an empty History.
func NewHistory() *History {
	return &History{most: maxEntries, said: make(map[string][]entry), sweep: sweepSize(0)}
}

// textSeed makes the hashes of texts unpredictable.
var textSeed = maphash.MakeSeed()

// hashText returns the hash of a text as it is compared: texts that differ in case, in white space or in what nobody
// sees are the same.
func hashText(text string) uint64 { return maphash.String(textSeed, Fold(text)) }

// Judge returns what the rules about habits find in a text with so many mentions that an author is about to send, the
// strictest rules first. It remembers nothing. What an author sent before the last 1,000 messages does not count.
func (h *History) Judge(f *Filter, author, text string, mentions int, now time.Time) []Match {
	if f == nil || f.habits == 0 {
		return nil
	}
	hash := hashText(text)
	h.mu.Lock()
	defer h.mu.Unlock()
	var matches []Match
	for _, r := range f.rules {
		if r.Kind != KindRepeats && r.Kind != KindMentions {
			continue
		}
		since := now.Add(-time.Duration(r.Seconds) * time.Second).UnixNano()
		same, all := 1, mentions
		for _, old := range h.said[author] {
			if old.at > since && old.at <= now.UnixNano() { // what is later was said before the clock was set back
				all += int(old.mentions)
				if old.text == hash {
					same++
				}
			}
		}
		if r.Kind == KindRepeats && same >= r.Most || r.Kind == KindMentions && all > r.Most {
			matches = append(matches, Match{Rule: r})
		}
	}
	return matches
}

// Record remembers a message that was accepted.
func (h *History) Record(f *Filter, author, text string, mentions int, now time.Time) {
	if f == nil || f.habits == 0 {
		return
	}
	hash := hashText(text)
	h.mu.Lock()
	defer h.mu.Unlock()
	said := h.said[author]
	h.count -= len(said)
	said = recent(said, f.habits, now)
	if len(said) == maxPerAuthor {
		said = slices.Delete(said, 0, 1)
	}
	said = append(said, entry{now.UnixNano(), hash, int32(min(mentions, math.MaxInt32))})
	h.said[strings.Clone(author)] = said
	h.count += len(said)
	if h.count > h.sweep {
		h.sweepLocked(f.habits, now)
	}
}

// recent returns what is not older than that, in place. What is in the future, as the clock was set back, is of now.
func recent(said []entry, age time.Duration, now time.Time) []entry {
	since, kept := now.Add(-age).UnixNano(), said[:0]
	for _, old := range said {
		if old.at > since {
			old.at = min(old.at, now.UnixNano())
			kept = append(kept, old)
		}
	}
	return kept
}

// sweepLocked forgets what is older than that. If more than half of what there may be is left then, it forgets half
// of it, so that the next time is not soon.
func (h *History) sweepLocked(age time.Duration, now time.Time) {
	h.forgetLocked(func(said []entry) []entry { return recent(said, age, now) })
	if h.count > h.most/2 {
		h.forgetLocked(func(said []entry) []entry { return said[(len(said)+1)/2:] })
	}
	h.sweep = min(sweepSize(h.count), h.most)
}

// forgetLocked leaves of each author what keep returns.
func (h *History) forgetLocked(keep func([]entry) []entry) {
	h.count = 0
	for author, said := range h.said {
		if said = keep(said); len(said) == 0 {
			delete(h.said, author)
			continue
		}
		h.said[author] = slices.Clone(said) // to give back what it no longer needs
		h.count += len(said)
	}
}

// sweepSize returns the number of entries at which a history that now has count entries is swept next.
func sweepSize(count int) int { return max(1024, 2*count) }
