package chat

import (
	"context"
	"time"

	"roomline/realtime/filter"
)

// news is what a transaction has to announce once it is durable.
type news struct {
	messages  []committed
	rooms     []Room
	reports   []Report
	entries   []Entry
	held      []heldNews
	sanctions []Sanction
	roles     []User
	recounts  map[Place][]string // users per changed message: see Config.Recounted
	rules     *filter.Filter     // the rules are now these
	sent      accepted           // for the rules about habits

	spent []spent // given back if nothing comes of it
}

// spent is a token that was taken.
type spent struct {
	pace *pace
	user string
}

// accepted is a message that the rules about habits remember.
type accepted struct {
	filter   *filter.Filter
	author   string
	text     string
	mentions int
}

// committed is a message that was posted or changed, and its room before that.
type committed struct {
	room    Room
	message Message
}

type heldNews struct {
	author string
	held   Held
}

// write runs fn in a transaction and announces what it noted as news.
func (s *Service) write(ctx context.Context, doing string, fn func(Writer, *news) error) error {
	n := &news{}
	err := s.cfg.Store.Write(ctx, func(w Writer) error {
		n.takeBack() // of a run that has to be repeated
		return fn(w, n)
	}, func() { s.announce(n) })
	if err != nil {
		n.takeBack()
		return fault(doing, err)
	}
	for _, sanction := range n.sanctions {
		s.cfg.Sanctioned(sanction)
	}
	for _, user := range n.roles {
		s.cfg.RoleChanged(user)
	}
	return nil
}

// takeBack makes news as if nothing had been done.
func (n *news) takeBack() {
	for _, s := range n.spent {
		s.pace.giveBack(s.user)
	}
	*n = news{}
}

// recount notes that the change of a message alters what is unread, and for which users its mention of them.
func (n *news) recount(m Message, mentioned ...string) {
	if n.recounts == nil {
		n.recounts = make(map[Place][]string)
	}
	at := Place{m.RoomID, m.Seq}
	n.recounts[at] = append(n.recounts[at], mentioned...)
}

// spend takes a token, and gives it back if nothing comes of it.
func (n *news) spend(p *pace, user string, now time.Time) {
	if p == nil {
		return
	}
	p.spend(user, now)
	n.spent = append(n.spent, spent{p, user})
}

// announce tells what is durable, on the store's goroutine.
func (s *Service) announce(n *news) {
	if n.rules != nil {
		s.rules.Store(&rules{n.rules})
	}
	if h := n.sent; h.author != "" {
		s.habits.Record(h.filter, h.author, h.text, h.mentions, s.cfg.Now())
	}
	for _, c := range n.messages {
		room, m := c.room, c.message
		room.Head, room.Posts = m.Rev, max(room.Posts, m.Post)
		s.cfg.Committed(room, m)
		if len(m.notify) > 0 {
			s.cfg.Mentioned(room, m, m.notify)
		}
		if users, ok := n.recounts[Place{m.RoomID, m.Seq}]; ok {
			s.cfg.Recounted(room, users)
		}
	}
	for _, room := range n.rooms {
		s.cfg.RoomChanged(room)
	}
	for _, r := range n.reports {
		s.cfg.Reported(r)
	}
	for _, e := range n.entries {
		s.cfg.Audited(e)
	}
	for _, h := range n.held {
		s.cfg.HeldChanged(h.author, h.held)
	}
}
