package realtime

import (
	"context"
	"time"
)

// purgeEvery is how often what is too old is looked for.
const purgeEvery = time.Hour

// retain deletes what is older than Limits.Retention, from soon after the start on, until ctx ends.
func (c *Chat) retain(ctx context.Context) {
	for wait := time.Minute; ; wait = purgeEvery {
		select {
		case <-time.After(wait):
		case <-ctx.Done():
			return
		}
		if _, err := c.Purge(ctx, time.Now().Add(-c.limits.Retention)); err != nil && ctx.Err() == nil {
			c.log.Error("old messages cannot be deleted", "error", err)
		}
	}
}

// Purge deletes all messages that were sent before a time, a little at a time, and returns how many:
// see chat.Service.Purge.
func (c *Chat) Purge(ctx context.Context, before time.Time) (int, error) {
	n, err := c.service.Purge(ctx, before)
	if n > 0 {
		for _, s := range c.spaces {
			s.feed.Forget()
		}
		c.log.Info("old messages deleted", "messages", n, "before", before)
	}
	return n, err
}
