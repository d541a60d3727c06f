package handlers

import (
	"errors"

	"github.com/gofiber/fiber/v2"

	"roomline/realtime/chat"
)

// updateRoom serves POST …/settings: what stands above a room.
func (s *Site) updateRoom(c *fiber.Ctx) error {
	p, err := s.placeOf(c)
	if err != nil {
		return err
	}
	name, topic, notice := field(c, "name"), field(c, "topic"), field(c, "notice")
	_, err = s.chat.UpdateRoom(c.UserContext(), p.actor, p.slug, chat.RoomChange{Name: &name, Topic: &topic, Notice: &notice})
	if refusal := (*chat.Error)(nil); errors.As(err, &refusal) && refusal.Field != "" {
		return s.refuseSettings(c, p, refusal, refusal.Field, func(page *SettingsPage) {
			page.Name, page.Topic, page.RoomNotice = name, topic, notice
		})
	}
	if err != nil {
		return err
	}
	return settled(c, p, "saved")
}
