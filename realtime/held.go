package realtime

import (
	"context"
	"sync"

	"roomline/realtime/chat"
	"roomline/realtime/socketio"
)

// heldChanged tells an author what became of a message that was held. Nothing is held of moderators,
// so it is of the general space.
func (c *Chat) heldChanged(author string, h chat.Held) {
	c.verdicts.note(author, h)
	s := c.spaces[chat.SpaceGeneral]
	s.tell(s.namespace.To(userRoom(author)), "held", h)
}

// waiting returns what of a member waits for review in a room, for the answer to a join. What is
// decided of it before the answer is out is told behind it once more.
func (c *Chat) waiting(ctx context.Context, m *member, slug string) ([]chat.Held, error) {
	c.verdicts.await(m)
	socketio.AfterAck(ctx, func() {
		for _, h := range c.verdicts.take(m) {
			_ = m.socket.Emit("held", h) // gone: nobody to tell
		}
	})
	return c.service.HeldOf(ctx, m.actor(), slug)
}

// verdicts are decisions that come while answers are under way that list what they are about.
type verdicts struct {
	mu      sync.Mutex // guards what follows
	awaited map[*member][]chat.Held
}

func (v *verdicts) await(m *member) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.awaited == nil {
		v.awaited = make(map[*member][]chat.Held)
	}
	v.awaited[m] = nil
}

func (v *verdicts) note(author string, h chat.Held) {
	v.mu.Lock()
	defer v.mu.Unlock()
	for m, known := range v.awaited {
		if m.id == author {
			v.awaited[m] = append(known, h)
		}
	}
}

func (v *verdicts) take(m *member) []chat.Held {
	v.mu.Lock()
	defer v.mu.Unlock()
	known := v.awaited[m]
	delete(v.awaited, m)
	return known
}
