package chat

import (
	"context"
	"fmt"
	"slices"
	"strings"
)

// The bounds of what people set at one message.
const (
	maxReactions = 20   // different emoji
	maxReactors  = 1000 // people of one emoji
)

// React sets the actor's reaction at a message, or takes it away; what already is so changes
// nothing. A deleted message gets CodeNotFound, what is no emoji CodeInvalid.
func (s *Service) React(ctx context.Context, a Actor, slug string, seq int64, emoji string, on bool) (Message, error) {
	emoji, ok := s.cfg.Markup.Emoji(strings.Clone(emoji))
	if !ok {
		return Message{}, Errorf(CodeInvalid, "A reaction is one emoji.")
	}
	m, err := s.change(ctx, "react", a, slug, func(w Writer, in scene) (Message, bool, error) {
		m, err := s.own(w, toReact, in, seq)
		if err != nil {
			return m, false, err
		}
		reactions, err := react(m.Reactions, emoji, in.user.ID, on)
		if err != nil || reactions == nil {
			return m, false, err
		}
		m.Reactions = *reactions
		return s.update(w, in, m)
	})
	return m, s.flooded(ctx, a, fmt.Sprint("react ", slug, seq, emoji, on), err)
}

// react returns the reactions as they then are; nil if nothing changes. Those given stay as they are.
func react(old []Reaction, emoji, user string, on bool) (*[]Reaction, error) {
	at := slices.IndexFunc(old, func(r Reaction) bool { return r.Emoji == emoji })
	own := -1
	if at >= 0 {
		own = slices.IndexFunc(old[at].Users, func(u User) bool { return u.ID == user })
	}
	if on == (own >= 0) {
		return nil, nil
	}
	reactions := slices.Clone(old)
	switch {
	case on && at < 0:
		if len(old) == maxReactions {
			return nil, Errorf(CodeInvalid, "A message has at most %d different reactions.", maxReactions)
		}
		reactions = append(reactions, Reaction{Emoji: emoji, Users: []User{{ID: user}}})
	case on:
		if len(old[at].Users) == maxReactors {
			return nil, Errorf(CodeInvalid, "At most %d people can set the same reaction.", maxReactors)
		}
		reactions[at].Users = append(slices.Clone(old[at].Users), User{ID: user})
	case len(old[at].Users) == 1:
		reactions = slices.Delete(reactions, at, at+1)
	default:
		reactions[at].Users = slices.Delete(slices.Clone(old[at].Users), own, own+1)
	}
	return &reactions, nil
}
