package chat

import (
	"context"
	"crypto/rand"
	"errors"
	"strings"
	"unicode/utf8"

	"roomline/realtime/filter"
)

// The bounds of what people write about a room, in characters.
const (
	maxRoomName = 60
	maxTopic    = 250
	maxNotice   = 500
	maxSlug     = 40 // of what is made from a name
)

// NewRoom is a room to be made.
type NewRoom struct {
	Name    string // 1 to 60 characters
	Topic   string // 250 at most
	Private bool

	// Of a host (EnsureRoom) only.
	Slug     string // a-z, 0-9 and -, 1 to 64
	Unlisted bool   // in no list
}

// RoomChange is what is to change of a room; nil stays as it is.
type RoomChange struct {
	Name, Topic, Notice *string // 1 to 60, 250 and 500 characters at most
}

// CreateRoom makes a room of the general space; who may is Config.CreateRooms. Whoever makes a
// private room is its first member. A public room's slug comes from its name, and a name whose
// slug is taken gets CodeInvalid; a private room's has a random end, so that nobody learns of it by
// trying names.
func (s *Service) CreateRoom(ctx context.Context, a Actor, n NewRoom) (RoomView, error) {
	var err error
	if n.Name, err = cleanLine("name", n.Name, 1, maxRoomName); err != nil {
		return RoomView{}, err
	}
	if n.Topic, err = cleanLine("topic", n.Topic, 0, maxTopic); err != nil {
		return RoomView{}, err
	}
	return s.alter(ctx, "create room", func(w Writer) (scene, error) {
		in, err := s.person(w, a)
		if err != nil {
			return in, err
		}
		if err := s.authorize(toCreate, in); err != nil {
			return in, err
		}
		room := Room{Slug: slugOf(n), Space: SpaceGeneral, Name: n.Name, Topic: n.Topic, Private: n.Private, CreatedBy: in.user.ID}
		if _, err := w.Room(room.Slug); err == nil || reserved[room.Slug] {
			return in, wrong("name", "There is a room of that name already.")
		} else if !errors.Is(err, ErrMissing) {
			return in, err
		}
		if err := w.CreateRoom(&room); err != nil {
			return in, err
		}
		in.room = room
		if room.Private && in.user.ID != "" {
			return in, addMember(w, room, in.user.ID)
		}
		return in, nil
	}, func(room Room) {
		if room.Private && room.CreatedBy != "" {
			s.cfg.MemberChanged(room, room.CreatedBy, true)
		} else {
			s.cfg.RoomChanged(room)
		}
	})
}

// MayCreate reports whether a user may create rooms.
func (s *Service) MayCreate(user User) bool {
	return s.authorize(toCreate, scene{actor: Actor{user.ID, SpaceGeneral}, user: user}) == nil
}

// UpdateRoom changes what stands above a room. Who may is CodeForbidden's to say: moderators, and
// whoever made a private room.
func (s *Service) UpdateRoom(ctx context.Context, a Actor, slug string, change RoomChange) (RoomView, error) {
	return s.alter(ctx, "update room", func(w Writer) (scene, error) {
		in, err := s.look(w, a, slug)
		if err != nil {
			return in, err
		}
		if err := s.authorize(toManage, in); err != nil {
			return in, err
		}
		for _, part := range []struct {
			what        string
			from        *string
			to          *string
			least, most int
		}{
			{"name", change.Name, &in.room.Name, 1, maxRoomName},
			{"topic", change.Topic, &in.room.Topic, 0, maxTopic},
			{"notice", change.Notice, &in.room.Notice, 0, maxNotice},
		} {
			if part.from == nil {
				continue
			}
			if *part.to, err = cleanLine(part.what, *part.from, part.least, part.most); err != nil {
				return in, err
			}
		}
		return in, w.UpdateRoom(in.room)
	}, s.cfg.RoomChanged)
}

// alter runs fn in a transaction and returns the room of its scene as the user sees it; tell is
// called with it after the commit.
func (s *Service) alter(ctx context.Context, doing string, fn func(Writer) (scene, error), tell func(Room)) (RoomView, error) {
	var view RoomView
	err := s.cfg.Store.Write(ctx, func(w Writer) error {
		in, err := fn(w)
		if err != nil {
			return err
		}
		view, err = s.viewed(w, &in)
		return err
	}, func() { tell(view.Room) })
	if err != nil {
		return RoomView{}, fault(doing, err)
	}
	return view, nil
}

// Members returns the members of a private room, those who came first before others. A public room
// has none: everybody may enter it.
func (s *Service) Members(ctx context.Context, a Actor, slug string) ([]User, error) {
	var members []User
	err := s.read(ctx, "read members", a, slug, func(r Reader, in scene) error {
		var err error
		members, err = membersOf(r, in.room)
		return err
	})
	if err != nil {
		return nil, err
	}
	return members, nil
}

// Invite makes somebody a member of a private room, and returns its members; every member may.
func (s *Service) Invite(ctx context.Context, a Actor, slug, user string) ([]User, error) {
	return s.setMember(ctx, "invite to room", a, slug, user, true)
}

// Remove makes somebody no member of a private room, and returns its members. Everybody may leave;
// others are removed by who made the room, and by moderators in it.
func (s *Service) Remove(ctx context.Context, a Actor, slug, user string) ([]User, error) {
	return s.setMember(ctx, "remove from room", a, slug, user, false)
}

func (s *Service) setMember(ctx context.Context, doing string, a Actor, slug, user string, belongs bool) ([]User, error) {
	var room Room
	var members []User
	changed := false
	err := s.cfg.Store.Write(ctx, func(w Writer) error {
		in, err := s.look(w, a, slug)
		if err != nil {
			return err
		}
		act := toInvite
		switch {
		case !belongs && user == in.user.ID:
			act = toLeave
		case !belongs:
			act = toManage
		}
		if err := s.authorize(act, in); err != nil {
			return err
		}
		if !in.room.Private {
			return everybodyMay()
		}
		if _, err := w.User(user); err != nil && (belongs || !errors.Is(err, ErrMissing)) {
			return found(err, Errorf(CodeNotFound, "There is no such member."))
		}
		standing, err := w.Standing(in.room.ID, user)
		if err != nil {
			return err
		}
		if changed = standing.Belongs != belongs; changed {
			if belongs {
				err = addMember(w, in.room, user)
			} else {
				err = w.SetMember(in.room.ID, user, false)
			}
			if err != nil {
				return err
			}
		}
		room = in.room
		members, err = membersOf(w, room)
		return err
	}, func() {
		if changed {
			s.cfg.MemberChanged(room, user, belongs)
		}
	})
	if err != nil {
		return nil, fault(doing, err)
	}
	return members, nil
}

// addMember makes a user a member of a private room. What was posted before is not unread for them.
func addMember(w Writer, room Room, user string) error {
	if err := w.SetMember(room.ID, user, true); err != nil {
		return err
	}
	return w.SetReadPointer(room.ID, user, room.Head)
}

func membersOf(r Reader, room Room) ([]User, error) {
	ids, err := r.MembersOf(room.ID)
	if err != nil {
		return nil, err
	}
	users, err := r.Users(ids)
	if err != nil {
		return nil, err
	}
	members := make([]User, 0, len(ids))
	for _, id := range ids {
		if user, ok := users[id]; ok {
			members = append(members, user)
		}
	}
	return members, nil
}

// SetLevel stores what the actor wants to be told of a room, and returns the room.
func (s *Service) SetLevel(ctx context.Context, a Actor, slug string, level Level) (RoomView, error) {
	if !level.Valid() {
		return RoomView{}, Errorf(CodeInvalid, "A level is all, mentions or none.")
	}
	var view RoomView
	err := s.cfg.Store.Write(ctx, func(w Writer) error {
		in, err := s.look(w, a, slug)
		if err != nil {
			return err
		}
		if err := s.authorize(toKeep, in); err != nil {
			return err
		}
		if err := w.SetLevel(in.room.ID, in.user.ID, level); err != nil {
			return err
		}
		view, err = s.viewed(w, &in)
		return err
	}, nil)
	if err != nil {
		return RoomView{}, fault("set level", err)
	}
	return view, nil
}

// maxFound is how many users FindUsers returns at the most.
const maxFound = 50

// FindUsers returns users whose names begin so, in order of name, those who may read a room if
// one is named. Limit 0 is 10.
func (s *Service) FindUsers(ctx context.Context, a Actor, slug, prefix string, limit int) ([]User, error) {
	if limit < 0 || limit > maxFound {
		return nil, Errorf(CodeInvalid, "Ask for at most %d people.", maxFound)
	}
	if limit == 0 {
		limit = 10
	}
	var users []User
	err := s.cfg.Store.Read(ctx, func(r Reader) error {
		users = []User{}
		in, err := s.lookAt(r, a, slug)
		if err != nil {
			return err
		}
		if err := s.authorize(toFind, in); err != nil {
			return err
		}
		// Some of those found may not read the room: more are looked at than are asked for.
		found, err := r.FindUsers(prefix, 10*limit)
		if err != nil {
			return err
		}
		var asked error
		for _, user := range found {
			reads, err := true, error(nil)
			if slug != "" {
				reads, err = s.mayRead(r, in, user)
			}
			switch {
			case errors.Is(err, errUnasked):
				asked = err // of all of them at once
			case err != nil:
				return err
			case reads && len(users) < limit:
				users = append(users, user)
			}
		}
		return asked
	})
	if err != nil {
		return nil, fault("find users", err)
	}
	return users, nil
}

// lookAt is look, or for no room what everybody in the space may see.
func (s *Service) lookAt(r Reader, a Actor, slug string) (scene, error) {
	if slug != "" {
		return s.look(r, a, slug)
	}
	in, err := s.person(r, a)
	if err != nil {
		return in, err
	}
	return in, s.authorize(toEnter, in)
}

// reserved are slugs that mean something else in the path of a page.
var reserved = map[string]bool{"new": true}

// slugOf makes a slug of a room's name: its letters and digits of ASCII, in lower case.
func slugOf(n NewRoom) string {
	var b strings.Builder
	gap := false
	for _, r := range strings.ToLower(n.Name) {
		if 'a' <= r && r <= 'z' || '0' <= r && r <= '9' {
			if gap && b.Len() > 0 {
				b.WriteByte('-')
			}
			b.WriteRune(r)
			gap = false
			continue
		}
		gap = true
	}
	slug := strings.TrimSuffix(b.String()[:min(b.Len(), maxSlug)], "-")
	if n.Private || slug == "" {
		slug = strings.TrimPrefix(slug+"-"+strings.ToLower(rand.Text()[:12]), "-")
	}
	return slug
}

// cleanLine returns a text of one line as it is stored: see filter.CleanLine. One with nothing to see is "", and
// refused unless least is 0.
func cleanLine(what, text string, least, most int) (string, error) {
	if !utf8.ValidString(text) {
		return "", wrong(what, "The %s is not valid UTF-8.", what)
	}
	text = filter.CleanLine(text)
	if !filter.Visible(text) {
		text = ""
	}
	switch n := utf8.RuneCountInString(text); {
	case n < least:
		return "", wrong(what, "Write a %s.", what)
	case n > most:
		return "", wrong(what, "The %s is too long: at most %d characters.", what, most)
	}
	return strings.Clone(text), nil // stored and kept in memory, longer than a host's request
}

// wrong is a refusal of one of the things that were written.
func wrong(what, format string, args ...any) *Error {
	e := Errorf(CodeInvalid, format, args...)
	e.Field = what
	return e
}
