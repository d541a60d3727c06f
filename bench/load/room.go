package load

import (
	"fmt"
	"slices"
	"time"
)

// Room holds what its members hear against each other: everybody hears each text that was
// sent, once, and all hear them in one order. It belongs to the thread of its Client.
type Room struct {
	// Name is what the server calls the room.
	Name string
	// Size is the length of the texts in bytes, TextSize at least and so at first.
	Size int
	// Reached, if set, is called when every member has heard a text.
	Reached func(n uint32)
	// Acked, if set, is called when the server has answered a send.
	Acked func(n uint32)
	// Delivery and Ack, if set, take the times from a send (or when it was due) on.
	Delivery, Ack *Times

	members []*Conn
	texts   []text   // by number; 0 is not used
	order   []uint32 // numbers, as they were heard first
	heard   []int    // how many members have heard the text at that place of order
	acks    int

	deliveries int
	reached    int
}

type text struct {
	due           time.Time
	placed, acked bool
}

// NewRoom makes a room that nobody is in. Connections enter by Setup.Room.
func NewRoom(name string) *Room { return &Room{Name: name, Size: TextSize, texts: make([]text, 1)} }

// Send sends the next text over c, a member, and returns its number. Due is when it
// should have been sent: what is late counts as slow.
func (r *Room) Send(c *Conn, due time.Time) uint32 {
	n := uint32(len(r.texts))
	r.texts = append(r.texts, text{due: due})
	c.send(n, r.Size)
	return n
}

// Sent is how many texts were sent so far.
func (r *Room) Sent() int { return len(r.texts) - 1 }

// Answered is how many of them the server has answered.
func (r *Room) Answered() int { return r.acks }

// Whole is how many of them every member has heard.
func (r *Room) Whole() int { return r.reached }

// Heard is how many texts were heard by how many members, one by one.
func (r *Room) Heard() int { return r.deliveries }

// Quiet reports whether everybody has heard every text, and the server has answered each if
// it answers at all.
func (r *Room) Quiet() bool {
	answers := len(r.members) > 0 && r.members[0].setup.Dialect.ack != ""
	return r.reached == r.Sent() && (r.acks == r.Sent() || !answers)
}

// Members returns who is in the room, in the order in which they entered.
func (r *Room) Members() []*Conn { return r.members }

// Keep leaves only these members in the room: nobody waits for the others any more.
func (r *Room) Keep(members ...*Conn) { r.members = members }

// enter adds a member, for whom what was said before counts for nothing. Nothing may be
// under way.
func (r *Room) enter(c *Conn) {
	r.members = append(r.members, c)
	c.heard = len(r.order)
}

// Rejoin takes back a member that had heard so many texts, and was given all it missed at
// once, in the room's order, in packet; anything else is an error.
func (r *Room) Rejoin(c *Conn, heard int, packet []byte) error {
	c.heard = heard
	for {
		n, rest, found := Number(packet)
		if !found {
			break
		}
		if c.heard == len(r.order) || r.order[c.heard] != n {
			return fmt.Errorf("a member of %s came back and was given text %d out of place", r.Name, n)
		}
		c.heard++
		packet = rest
	}
	if c.heard != r.Sent() {
		return fmt.Errorf("a member of %s came back and was given %d texts of %d", r.Name, c.heard-heard, r.Sent()-heard)
	}
	return nil
}

// hear is what a member has heard.
func (r *Room) hear(c *Conn, n uint32, now time.Time) error {
	if int(n) >= len(r.texts) || n == 0 {
		return fmt.Errorf("a member of %s heard text %d, which nobody sent", r.Name, n)
	}
	if c.heard == len(r.order) {
		if r.texts[n].placed {
			return fmt.Errorf("a member of %s heard text %d for the second time", r.Name, n)
		}
		r.texts[n].placed = true
		r.order = append(r.order, n)
		r.heard = append(r.heard, 0)
	}
	place := c.heard
	if want := r.order[place]; n != want {
		return fmt.Errorf("a member of %s heard text %d where others heard %d: lost, doubled or out of order", r.Name, n, want)
	}
	c.heard++
	r.deliveries++
	if r.Delivery != nil {
		r.Delivery.Add(now.Sub(r.texts[n].due))
	}
	r.heard[place]++
	if r.heard[place] == len(r.members) {
		r.reached++
		if r.Reached != nil {
			r.Reached(n)
		}
	}
	return nil
}

func (r *Room) answer(n uint32, now time.Time) error {
	if int(n) >= len(r.texts) || n == 0 || r.texts[n].acked {
		return fmt.Errorf("in %s text %d was answered, which waits for no answer", r.Name, n)
	}
	r.texts[n].acked = true
	r.acks++
	if r.Ack != nil {
		r.Ack.Add(now.Sub(r.texts[n].due))
	}
	if r.Acked != nil {
		r.Acked(n)
	}
	return nil
}

// Times collects durations.
type Times struct{ all []time.Duration }

// Add adds one.
func (t *Times) Add(d time.Duration) { t.all = append(t.all, d) }

// Len is how many there are.
func (t *Times) Len() int { return len(t.all) }

// Quantile returns the smallest of the durations that at least q (0 to 1) of them do not
// exceed; 0 if there are none.
func (t *Times) Quantile(q float64) time.Duration {
	if len(t.all) == 0 {
		return 0
	}
	slices.Sort(t.all)
	rank := int(q*float64(len(t.all)) + 0.9999999)
	return t.all[min(max(rank, 1), len(t.all))-1]
}
