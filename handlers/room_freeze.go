package handlers

import (
	"context"
	"slices"
	"strconv"

	"github.com/gofiber/fiber/v2"

	"roomline/realtime/chat"
)

// freezeRoom serves POST …/freeze: only moderators write in the room, or everybody again.
func (s *Site) freezeRoom(c *fiber.Ctx) error {
	on := field(c, "on") != ""
	done := "thawed"
	if on {
		done = "frozen"
	}
	return s.onRoom(c, "freeze", done, func(ctx context.Context, a chat.Actor, slug string) error {
		_, err := s.chat.Freeze(ctx, a, slug, on, field(c, "reason"))
		return err
	}, "reason")
}

// paces are those of slow mode to choose from, in seconds, and that of the room.
func paces(room chat.Room) []int {
	all := []int{5, 10, 30, 60, 5 * 60, 60 * 60, 6 * 60 * 60}
	if room.SlowMode != 0 && !slices.Contains(all, room.SlowMode) {
		all = append(all, room.SlowMode)
		slices.Sort(all)
	}
	return all
}

// slowRoom serves POST …/slow: how long members wait between two messages.
func (s *Site) slowRoom(c *fiber.Ctx) error {
	return s.onRoom(c, "slow", "slow", func(ctx context.Context, a chat.Actor, slug string) error {
		seconds, err := strconv.Atoi(field(c, "seconds"))
		if err != nil {
			e := chat.Errorf(chat.CodeInvalid, "Choose how long members wait.")
			e.Field = "seconds"
			return e
		}
		_, err = s.chat.Slow(ctx, a, slug, seconds, field(c, "reason"))
		return err
	}, "seconds", "reason")
}

// onRoom does what a moderator's form of the room's settings is for, and leads back to them.
func (s *Site) onRoom(c *fiber.Ctx, form, done string, do func(ctx context.Context, a chat.Actor, slug string) error, fields ...string) error {
	p, err := s.placeOf(c)
	if err != nil {
		return err
	}
	err = do(c.UserContext(), chat.Actor{ID: p.actor.ID, Space: chat.SpaceAdmin}, p.slug)
	if refusal := atForm(err); refusal != nil {
		page, err := s.settingsPage(c, p)
		if err != nil {
			return err
		}
		return s.render(c, page.refuseForm(c, refusal, form, fields...), "settings", page)
	}
	if err != nil {
		return err
	}
	return settled(c, p, done)
}
