package chat

import "context"

// news is what a transaction has to announce once it is durable.
type news struct {
	messages  []committed
	rooms     []Room
	reports   []Report
	entries   []Entry
	held      []heldNews
	sanctions []Sanction
	roles     []User
	rules     *filter // the rules are now these
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
	err := s.cfg.Store.Write(ctx, func(w Writer) error { return fn(w, n) }, func() { s.announce(n) })
	if err != nil {
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

// announce tells what is durable, on the store's goroutine.
func (s *Service) announce(n *news) {
	if n.rules != nil {
		s.rules.Store(&rules{n.rules})
	}
	for _, c := range n.messages {
		room, m := c.room, c.message
		room.Head, room.Posts = m.Rev, max(room.Posts, m.Post)
		s.cfg.Committed(room, m)
		if len(m.notify) > 0 {
			s.cfg.Mentioned(room, m, m.notify)
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
