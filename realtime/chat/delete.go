package chat

import (
	"context"
	"fmt"
)

// Delete takes the text of one's own message away and leaves a tombstone in its place.
// Deleting it again returns the same tombstone. Anybody else's message gets CodeForbidden.
func (s *Service) Delete(ctx context.Context, a Actor, slug string, seq int64) (Message, error) {
	m, err := s.change(ctx, "delete message", a, slug, func(w Writer, in scene) (Message, bool, error) {
		m, err := s.own(w, toDelete, in, seq)
		if err != nil || m.Deleted() {
			return m, false, err
		}
		if err := w.KeepRevision(revision(m, in)); err != nil {
			return m, false, err
		}
		return s.update(w, in, m.buried(in))
	})
	return m, s.flooded(ctx, a, fmt.Sprint("delete ", slug, seq), err)
}

// buried is the tombstone of a message.
func (m Message) buried(in scene) Message {
	in.news.recount(m, idsOf(m.Mentions)...)
	m.Text, m.HTML, m.Mentions, m.Reactions = "", "", nil, nil
	m.DeletedAt, m.DeletedBy = in.now, in.user.ID
	return m
}
