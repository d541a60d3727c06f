package chat

import "time"

// habits remembers what authors said of late. Its methods may be called concurrently.
type habits struct{}

func newHabits() *habits { return &habits{} }

// judge returns what the rules about habits find in a text with so many mentions that an author is about to send, the
// strictest rules first.
func (h *habits) judge(f *filter, author, text string, mentions int, now time.Time) []Match {
	return nil
}

// note remembers a message that was accepted.
func (h *habits) note(f *filter, author, text string, mentions int, now time.Time) {}
