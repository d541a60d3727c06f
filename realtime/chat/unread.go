package chat

import (
	"context"
	"errors"
	"math"
)

// Unread returns what a user has not read of the rooms with those slugs, by slug, or without slugs (nil) of all rooms that
// are listed for the user and whose level is not LevelNone; an empty slice that is not nil names no room. Rooms that the user may not read are missing; a user who has no
// account, or may not enter, has none. Before a user has entered the chat for the first time, nothing is unread. It is a
// host's, for its pages.
func (s *Service) Unread(ctx context.Context, user string, slugs ...string) (map[string]Unread, error) {
	a := Actor{user, SpaceGeneral}
	unread := map[string]Unread{}
	if user == "" {
		return unread, nil
	}
	err := s.cfg.Store.Read(ctx, func(r Reader) error {
		clear(unread)
		in, err := s.person(r, a)
		if err != nil {
			return err
		}
		if s.authorize(toEnter, in) != nil {
			return nil
		}
		if slugs == nil {
			rooms, err := s.roomsOf(r, in)
			for _, room := range rooms {
				if room.Standing.Level != LevelNone {
					unread[room.Room.Slug] = room.Standing.Unread
				}
			}
			return err
		}
		return s.unreadOf(r, a, slugs, unread)
	})
	if err != nil {
		return nil, fault("count what is unread", err)
	}
	return unread, nil
}

// unreadOf is Unread of rooms that are named.
func (s *Service) unreadOf(r Reader, a Actor, slugs []string, unread map[string]Unread) error {
	var asked error
	for _, slug := range slugs {
		in, err := s.look(r, a, slug)
		switch code := ErrorCode(err); {
		case errors.Is(err, errUnasked):
			asked = err // of all of them at once
			continue
		case code == CodeNotFound, code == CodeForbidden:
			continue
		case err != nil:
			return err
		}
		standing, err := r.Standing(in.room.ID, a.ID)
		if err != nil {
			return err
		}
		unread[slug] = standing.Unread
	}
	return asked
}

// tailLength is how many of a room's latest messages UnreadIn reads to count what many users have not read.
const tailLength = 2 * MostUnread

// RoomUnread is what many users have not read of one room, as of one snapshot.
type RoomUnread struct {
	Latest int64 // seq of the newest message, 0 for none
	Posts  int64 // messages ever posted
	Users  map[string]Standing
}

// UnreadIn returns what each of the users has not read of a room. It costs one read of the end of the room and one of
// the users' pointers, however many they are, and checks nobody's rights.
func (s *Service) UnreadIn(ctx context.Context, room int64, users []string) (RoomUnread, error) {
	var u RoomUnread
	err := s.cfg.Store.Read(ctx, func(r Reader) error {
		tail, err := r.Before(room, math.MaxInt64, tailLength)
		if err != nil {
			return err
		}
		about := make(map[int64]string) // the authors that cards are about
		for i := range tail {
			if report, err := reportOf(r, tail[i]); err == nil && report.Kind != ReportHeld {
				about[tail[i].Seq] = report.Author.ID
			} else if err != nil && !errors.Is(err, ErrMissing) {
				return err
			}
		}
		u = RoomUnread{}
		if len(tail) > 0 {
			newest := tail[len(tail)-1]
			u.Latest, u.Posts = newest.Seq, newest.Post
		}
		if u.Users, err = r.Pointers(room, users); err != nil {
			return err
		}
		for user, standing := range u.Users {
			if !standing.count(tail, about, user) {
				if standing, err = r.Standing(room, user); err != nil {
					return err
				}
			}
			u.Users[user] = standing
		}
		return nil
	})
	if err != nil {
		return RoomUnread{}, fault("count what is unread", err)
	}
	return u, nil
}

// count sets Unread.Messages from the end of the room's log; about has the authors that cards are about. It returns false if the tail is too short for that.
func (st *Standing) count(tail []Message, about map[int64]string, user string) bool {
	n := int64(0)
	for i := len(tail) - 1; i >= 0; i-- {
		m := &tail[i]
		if m.Seq <= st.LastRead || n == MostUnread {
			st.Unread.Messages = n
			return true
		}
		if !m.Deleted() && m.Author.ID != user && about[m.Seq] != user {
			n++
		}
	}
	st.Unread.Messages = n
	return len(tail) < tailLength
}
