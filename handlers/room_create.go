package handlers

import (
	"errors"

	"github.com/gofiber/fiber/v2"

	"roomline/realtime/chat"
)

// newRoom serves GET /rooms/new to those who may make rooms.
func (s *Site) newRoom(c *fiber.Ctx) error {
	v, err := s.accounts.visitor(c)
	if err != nil {
		return err
	}
	if !s.chat.MayCreate(v.user.Chat()) {
		return chat.Errorf(chat.CodeForbidden, "You may not create rooms.")
	}
	return s.render(c, fiber.StatusOK, "new_room", NewRoomPage{Page: s.page(v, "New room")})
}

// createRoom serves POST /rooms/new: it makes a room and leads into it, or to the members of a private one.
func (s *Site) createRoom(c *fiber.Ctx) error {
	v, err := s.accounts.visitor(c)
	if err != nil {
		return err
	}
	wanted := chat.NewRoom{Name: field(c, "name"), Topic: field(c, "topic"), Private: field(c, "private") != ""}
	room, err := s.chat.CreateRoom(c.UserContext(), chat.Actor{ID: v.user.Chat().ID, Space: chat.SpaceGeneral}, wanted)
	if refusal := (*chat.Error)(nil); errors.As(err, &refusal) && refusal.Field != "" {
		page := NewRoomPage{Page: s.page(v, "New room"), NewRoom: wanted}
		return s.render(c, page.refuse(c, explainRefusal(refusal), refusal.Field), "new_room", page)
	}
	if err != nil {
		return err
	}
	path := "/rooms/" + room.Slug
	if room.Private {
		path += "/settings?done=created"
	}
	return c.Redirect(path, fiber.StatusSeeOther)
}
