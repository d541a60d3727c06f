package handlers

import (
	"github.com/gofiber/fiber/v2"

	"roomline/realtime/chat"
)

// settingsDone says what the form did that led back to the page.
var settingsDone = map[string]string{
	"created": "The room is there. Invite those who belong in it.",
	"saved":   "The room was changed. Everybody in it sees it at once.",
	"level":   "You will be told as you chose.",
	"invited": "They were invited and can enter now.",
	"removed": "They were removed and see no more of this room.",
	"frozen":  "The room is frozen. Only moderators can write in it now.",
	"thawed":  "The room is not frozen any more. Everybody can write in it.",
	"slow":    "The slow mode was changed. Everybody in the room sees it at once.",
}

// showSettings serves GET /rooms/:slug/settings and /admin/settings.
func (s *Site) showSettings(c *fiber.Ctx) error {
	p, err := s.placeOf(c)
	if err != nil {
		return err
	}
	page, err := s.settingsPage(c, p)
	if err != nil {
		return err
	}
	page.Notice = settingsDone[query(c, "done")]
	return s.render(c, fiber.StatusOK, "settings", page)
}

// settingsPage reads what settings.html shows.
func (s *Site) settingsPage(c *fiber.Ctx, p place) (SettingsPage, error) {
	room, err := s.chat.Room(c.UserContext(), p.actor, p.slug)
	if err != nil {
		return SettingsPage{}, err
	}
	page := SettingsPage{
		Page: s.page(p.visitor, "Settings of "+room.Name), Room: room, Path: p.path, Paces: paces(room.Room),
		Name: room.Name, Topic: room.Topic, RoomNotice: room.Notice,
	}
	if room.Private {
		page.Members, err = s.chat.Members(c.UserContext(), p.actor, p.slug)
	}
	return page, err
}

// refuseSettings shows the page again with what was wrong; typed puts back what was typed.
func (s *Site) refuseSettings(c *fiber.Ctx, p place, refusal *chat.Error, field string, typed func(*SettingsPage)) error {
	page, err := s.settingsPage(c, p)
	if err != nil {
		return err // of a room that is not there to be shown
	}
	typed(&page)
	return s.render(c, page.refuse(c, explainRefusal(refusal), field), "settings", page)
}

// settled leads back to the page after a form has done what it is for.
func settled(c *fiber.Ctx, p place, done string) error {
	return c.Redirect(p.path+"/settings?done="+done, fiber.StatusSeeOther)
}
