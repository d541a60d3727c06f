package handlers

import (
	"strconv"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"roomline/realtime/chat"
)

// moderator is who acts on the pages of moderators.
func (s *Site) moderator(c *fiber.Ctx) (*visitor, chat.Actor, error) {
	v, err := s.accounts.visitor(c)
	if err != nil {
		return nil, chat.Actor{}, err
	}
	return v, chat.Actor{ID: v.user.Chat().ID, Space: chat.SpaceAdmin}, nil
}

// moderationPage is what all pages of moderators have; section is one of the navigation.
func (s *Site) moderationPage(c *fiber.Ctx, section, title string) (ModerationPage, chat.Actor, error) {
	v, a, err := s.moderator(c)
	if err != nil {
		return ModerationPage{}, a, err
	}
	open, err := s.chat.OpenReports(c.UserContext(), a)
	return ModerationPage{Page: s.page(v, title), Section: section, Open: int64(open)}, a, err
}

// readable are the rooms that a moderator may read, by slug.
func (s *Site) readable(c *fiber.Ctx, a chat.Actor) (map[string]chat.RoomView, error) {
	rooms := make(map[string]chat.RoomView)
	for _, space := range []chat.Space{chat.SpaceGeneral, chat.SpaceAdmin} {
		list, err := s.chat.Rooms(c.UserContext(), chat.Actor{ID: a.ID, Space: space})
		if err != nil {
			return nil, err
		}
		for _, room := range list {
			rooms[room.Slug] = room
		}
	}
	return rooms, nil
}

// placeIn is a room, and a message in it, as far as a moderator may read it.
func placeIn(rooms map[string]chat.RoomView, slug string, seq int64) Place {
	room, ok := rooms[slug]
	if !ok {
		return Place{}
	}
	place := Place{Name: room.Name, Path: roomPath(slug)}
	if seq > 0 {
		place.Link = messagePath(slug, seq)
	}
	return place
}

// messagePath is where a message is.
func messagePath(slug string, seq int64) string {
	return roomPath(slug) + "/" + strconv.FormatInt(seq, 10) + anchor(seq)
}

// minutesOf reads for how long something is from a form: minutes, 0 or nothing for an open end.
func minutesOf(c *fiber.Ctx) (time.Duration, error) {
	typed := strings.TrimSpace(field(c, "minutes"))
	if typed == "" {
		return 0, nil
	}
	n, err := strconv.ParseInt(typed, 10, 32)
	if err != nil || n < 0 {
		e := chat.Errorf(chat.CodeInvalid, "Choose for how long.")
		e.Field = "minutes"
		return 0, e
	}
	return time.Duration(n) * time.Minute, nil
}

// outranks reports whether a may do what moderators do to b: nobody acts on themselves or on somebody of the
// same rank.
func outranks(a, b chat.User) bool { return a.Role.AtLeast(b.Role) && !b.Role.AtLeast(a.Role) }

// resolved is what became of a report, in words.
func resolved(action chat.Resolution) string {
	switch action {
	case chat.AgreeDelete:
		return "Deleted"
	case chat.AgreeMute:
		return "Deleted, and its author muted,"
	case chat.Keep:
		return "Kept"
	case chat.Ignore:
		return "Put aside"
	case chat.Approve:
		return "Approved"
	case chat.Reject:
		return "Rejected"
	case chat.RejectMute:
		return "Rejected, and its author muted,"
	}
	return "Decided"
}

// lasted is for how long a sanction was meant.
func lasted(s chat.Sanction) string {
	return pause(int(s.Until.Sub(s.At).Round(time.Second).Seconds()))
}
