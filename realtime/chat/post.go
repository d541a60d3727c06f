package chat

import (
	"context"
	"crypto/rand"
	"errors"
	"slices"
	"strings"
	"unicode/utf8"
)

// Post is a message that a host posts.
type Post struct {
	Room    string
	As      string // id of the user whose message it is; "": a message of the server itself (KindSystem)
	Text    string
	ReplyTo int64
	ID      string // client message id (see Draft): posting it again changes nothing; "": a fresh one
}

// Post posts a message in the name of a host: no rule and no pace bounds it but the length of the text. Posting
// under an id that was used returns what was posted under it then, another text under it gets CodeIDReused.
func (s *Service) Post(ctx context.Context, p Post) (Message, error) {
	if p.ID == "" {
		p.ID = rand.Text()
	}
	d := Draft{Room: p.Room, ID: strings.Clone(p.ID), Text: p.Text, ReplyTo: p.ReplyTo}
	if !validID(d.ID) || d.ReplyTo < 0 {
		return Message{}, Errorf(CodeInvalid, "A message id is 8 to 64 letters, digits, _ or -, and a message number is above 0.")
	}
	var err error
	if d.Text, err = s.cleanText(d.Text); err != nil {
		return Message{}, err
	}
	return s.change(ctx, "post", AsHost(), p.Room, func(w Writer, in scene) (Message, bool, error) {
		hash := d.hash(in.room.ID)
		sent, err := w.Sent(p.As, d.ID)
		if err == nil {
			m, err := repeat(w, in, sent, hash)
			return m, false, err
		}
		if !errors.Is(err, ErrMissing) {
			return Message{}, false, err
		}
		m := Message{RoomID: in.room.ID, Room: in.room.Slug, ID: d.ID, Kind: KindSystem, ReplyTo: d.ReplyTo, SentAt: in.now}
		if p.As != "" {
			m.Kind = KindText
			if m.Author, err = w.User(p.As); err != nil {
				return m, false, found(err, noMember())
			}
		}
		if d.ReplyTo != 0 {
			if _, err := w.Message(in.room.ID, d.ReplyTo); err != nil {
				return m, false, found(err, noMessage())
			}
		}
		if err := s.compose(w, in, &m, d.Text); err != nil {
			return m, false, err
		}
		if m, err = s.insert(w, in, m); err != nil {
			return m, false, err
		}
		return m, true, w.RecordSent(Sent{UserID: p.As, ClientID: d.ID, RoomID: in.room.ID, Seq: m.Seq, Hash: hash})
	})
}

// EnsureRoom returns the room of the general space with that slug, and makes it first if there is none: with the
// name, topic and the rest of n. A name that is too long is cut. A room that is there stays as it is. It is a host's:
// nobody's rights are asked for.
func (s *Service) EnsureRoom(ctx context.Context, n NewRoom) (Room, error) {
	var err error
	n.Slug = strings.Clone(n.Slug)
	if !validSlug(n.Slug) {
		return Room{}, wrong("slug", "A slug is 1 to 64 of a-z, 0-9 and -.")
	}
	if n.Name, err = cleanLine("name", cut(n.Name, maxRoomName), 1, maxRoomName); err != nil {
		return Room{}, err
	}
	if n.Topic, err = cleanLine("topic", n.Topic, 0, maxTopic); err != nil {
		return Room{}, err
	}
	var room Room
	err = s.cfg.Store.Read(ctx, func(r Reader) error {
		var err error
		room, err = r.Room(n.Slug)
		return err
	})
	if errors.Is(err, ErrMissing) {
		err = s.write(ctx, "make room", func(w Writer, news *news) error {
			var err error
			if room, err = w.Room(n.Slug); !errors.Is(err, ErrMissing) {
				return err
			}
			room = Room{Slug: n.Slug, Space: SpaceGeneral, Name: n.Name, Topic: n.Topic, Private: n.Private, Unlisted: n.Unlisted}
			if err := w.CreateRoom(&room); err != nil {
				return err
			}
			news.rooms = append(news.rooms, room)
			return nil
		})
	}
	if err == nil && room.Space != SpaceGeneral {
		return Room{}, wrong("slug", "There is another room of that name.")
	}
	return room, fault("make room", err)
}

// cut returns a line of so many characters at most.
func cut(line string, most int) string {
	line = strings.Join(strings.Fields(line), " ")
	if utf8.RuneCountInString(line) <= most {
		return line
	}
	return strings.TrimSpace(string([]rune(line)[:most-1])) + "…"
}

func validSlug(slug string) bool {
	if len(slug) < 1 || len(slug) > 64 || reserved[slug] {
		return false
	}
	return !slices.ContainsFunc([]byte(slug), func(c byte) bool {
		return (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '-'
	})
}
