package chat

import (
	"errors"
	"slices"
	"strings"

	"roomline/realtime/filter"
)

// Markup makes the text of a message what is shown of it. In what it returns a mention is a
// placeholder with the user's id, so that everybody sees the name of the day.
type Markup interface {
	// Names returns the names that text may mention, each once; they are looked up in one question.
	Names(text string) []string
	// Prepare returns the text to be stored, its HTML, "" if the text is shown as it is, and the
	// ids of those it mentions, in order, each once. Who may be mentioned is in ids, by name as
	// in Names; any other name stays text.
	Prepare(text string, ids map[string]string) (stored, html string, mentioned []string)
	// Fill puts names in the place of placeholders, in what Prepare returned. A text without "<@" has none.
	Fill(stored, html string, name func(id string) string) (text, filled string)
	// Links returns the absolute addresses that text links to once it is shown; one whose host is
	// another to browsers comes in that form, too.
	Links(text string) []string
	// Emoji returns the usual spelling of s if it is one emoji, which can be a reaction.
	Emoji(s string) (emoji string, ok bool)
	// EmojiOnly reports whether text is a few emoji and nothing else, and is shown larger.
	EmojiOnly(text string) bool
}

// plain is the markup of those who want none.
type plain struct{}

func (plain) Names(string) []string { return nil }

func (plain) Prepare(text string, _ map[string]string) (stored, html string, mentioned []string) {
	return text, "", nil
}

func (plain) Fill(stored, html string, _ func(string) string) (text, filled string) {
	return stored, html
}

func (plain) Links(string) []string { return nil }

func (plain) Emoji(string) (emoji string, ok bool) { return "", false }

func (plain) EmojiOnly(string) bool { return false }

// compose makes a text that of the message: its author's mentions are of those who may read the room.
func (s *Service) compose(r Reader, in scene, m *Message, text string) error {
	var ids map[string]string
	if names := s.cfg.Markup.Names(text); len(names) > 0 {
		users, err := r.UsersNamed(names)
		if err != nil {
			return err
		}
		ids = make(map[string]string, len(users))
		var asked error
		for name, user := range users {
			reads, err := s.mayRead(r, in, user)
			switch {
			case errors.Is(err, errUnasked):
				asked = err // of all of them at once
			case err != nil:
				return err
			case reads:
				ids[name] = user.ID
			}
		}
		if asked != nil {
			return asked
		}
	}
	var mentioned []string
	m.Text, m.HTML, mentioned = s.cfg.Markup.Prepare(text, ids)
	if m.HTML != "" && !filter.Visible(filter.Shown(m.HTML)) {
		return nothingToSee()
	}
	m.Mentions = nil
	for _, id := range mentioned {
		m.Mentions = append(m.Mentions, User{ID: id})
	}
	return nil
}

// mayRead reports whether another user may read the room of a scene.
func (s *Service) mayRead(r Reader, in scene, user User) (bool, error) {
	other := scene{actor: Actor{user.ID, in.room.Space}, user: user, room: in.room}
	if in.room.Private {
		var err error
		if other.standing, err = r.Standing(in.room.ID, user.ID); err != nil {
			return false, err
		}
	}
	if s.authorize(toRead, other) != nil {
		return false, nil
	}
	return permitted(r, other, PermitRead)
}

// notified notes a new message for those it mentions, and returns whom to tell of it.
func (s *Service) notified(w Writer, m Message) ([]string, error) {
	var tell []string
	for _, who := range m.Mentions {
		if who.ID == m.Author.ID {
			continue
		}
		standing, err := w.Standing(m.RoomID, who.ID)
		if err != nil {
			return nil, err
		}
		if standing.Level == LevelNone {
			continue
		}
		if err := w.RecordMention(m.RoomID, m.Seq, who.ID); err != nil {
			return nil, err
		}
		tell = append(tell, who.ID)
	}
	return tell, nil
}

// mentionAnew records what an edit changes in who is mentioned. Users are notified the first time that the message
// mentions them, so editing a name out and in again does not notify twice.
func (s *Service) mentionAnew(w Writer, in scene, m *Message, before []User) error {
	was, is := idsOf(before), idsOf(m.Mentions)
	gone := slices.DeleteFunc(slices.Clone(was), func(id string) bool { return slices.Contains(is, id) })
	for _, id := range gone {
		if err := w.ForgetMention(m.RoomID, m.Seq, id); err != nil {
			return err
		}
	}
	if len(gone) > 0 {
		in.news.recount(*m, gone...)
	}
	if !slices.ContainsFunc(is, func(id string) bool { return !slices.Contains(was, id) }) {
		return nil
	}
	tell, err := s.notified(w, *m)
	if err != nil {
		return err
	}
	earlier, err := w.Revisions(m.RoomID, m.Seq)
	if err != nil {
		return err
	}
	var told []string
	for _, state := range earlier {
		told = append(told, idsOf(state.Mentions)...)
	}
	for _, id := range tell {
		if !slices.Contains(told, id) {
			m.notify = append(m.notify, id)
		} else if !slices.Contains(was, id) {
			in.news.recount(*m, id)
		}
	}
	return nil
}

func idsOf(users []User) []string {
	ids := make([]string, len(users))
	for i, user := range users {
		ids[i] = user.ID
	}
	return ids
}

// fill completes the people of messages in place, with one question for all whom it does not know, and
// the reports of cards.
func (s *Service) fill(r Reader, messages []Message, known ...User) error {
	who := newNames(r, known...)
	for i := range messages {
		if messages[i].Kind == KindReport {
			if err := s.fillCard(r, &messages[i]); err != nil {
				return err
			}
		}
		who.askOf(&messages[i])
	}
	if err := who.read(); err != nil {
		return err
	}
	for i := range messages {
		m := &messages[i]
		m.Author = who.find(m.Author.ID)
		if mayHold(m) {
			m.Text, m.HTML = s.cfg.Markup.Fill(m.Text, m.HTML, func(id string) string { return who.find(id).Name })
		}
		m.EmojiOnly = m.HTML == "" && s.cfg.Markup.EmojiOnly(m.Text)
		m.Mentions = named(m.Mentions, who.find)
		for j, reaction := range m.Reactions {
			if j == 0 {
				m.Reactions = append([]Reaction(nil), m.Reactions...)
			}
			m.Reactions[j].Users = named(reaction.Users, who.find)
		}
	}
	return nil
}

// mayHold reports whether the text may hold placeholders.
func mayHold(m *Message) bool { return strings.Contains(m.Text, "<@") }

// named returns the users with their names; the list may be shared, and stays as it is.
func named(users []User, find func(id string) User) []User {
	if len(users) == 0 {
		return nil
	}
	list := make([]User, len(users))
	for i, user := range users {
		list[i] = find(user.ID)
	}
	return list
}
