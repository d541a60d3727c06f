package handlers

import (
	"context"
	"strconv"

	"github.com/gofiber/fiber/v2"

	"roomline/realtime/chat"
)

// moderateDone says what the form did that led back to the page.
var moderateDone = map[string]string{
	"dismiss": "The message was deleted. Nobody but moderators can read it any more.",
	"restore": "The message is back in its place.",
}

// moderateMessage serves GET …/:seq/moderate: a message as it is and as it was, for moderators.
func (s *Site) moderateMessage(c *fiber.Ctx) error {
	p, seq, err := s.messageOf(c)
	if err != nil {
		return err
	}
	page, err := s.moderatePage(c, p, seq)
	if err != nil {
		return err
	}
	page.Notice = moderateDone[query(c, "done")]
	return s.render(c, fiber.StatusOK, "moderate", page)
}

// dismissMessage serves POST …/:seq/dismiss: it deletes a message of anybody.
func (s *Site) dismissMessage(c *fiber.Ctx) error {
	return s.onMessage(c, "dismiss", s.chat.Dismiss)
}

// restoreMessage serves POST …/:seq/restore: it brings back what a moderator deleted.
func (s *Site) restoreMessage(c *fiber.Ctx) error {
	return s.onMessage(c, "restore", s.chat.Restore)
}

// onMessage does what a form of the message's page is for and leads back to it.
func (s *Site) onMessage(c *fiber.Ctx, form string, do func(ctx context.Context, a chat.Actor, slug string, seq int64, reason string) (chat.Message, error)) error {
	p, seq, err := s.messageOf(c)
	if err != nil {
		return err
	}
	_, err = do(c.UserContext(), chat.Actor{ID: p.actor.ID, Space: chat.SpaceAdmin}, p.slug, seq, field(c, "reason"))
	if refusal := atForm(err); refusal != nil {
		page, err := s.moderatePage(c, p, seq)
		if err != nil {
			return err
		}
		return s.render(c, page.refuseForm(c, refusal, form, "reason"), "moderate", page)
	}
	if err != nil {
		return err
	}
	return c.Redirect(p.path+"/"+strconv.FormatInt(seq, 10)+"/moderate?done="+form, fiber.StatusSeeOther)
}

// moderatePage reads what moderate.html shows.
func (s *Site) moderatePage(c *fiber.Ctx, p place, seq int64) (ModeratePage, error) {
	page, a, err := s.moderationPage(c, "", "A message")
	if err != nil {
		return ModeratePage{}, err
	}
	room, err := s.chat.Room(c.UserContext(), p.actor, p.slug)
	if err != nil {
		return ModeratePage{}, err
	}
	original, err := s.chat.Original(c.UserContext(), a, p.slug, seq)
	if err != nil {
		return ModeratePage{}, err
	}
	m := original.Message
	may := m.Author.ID == a.ID || outranks(*page.User, m.Author)
	return ModeratePage{
		ModerationPage: page, Original: original, Room: room, Path: p.path,
		MayDelete:  may && !m.Deleted(),
		MayRestore: may && m.Deleted() && m.DeletedBy != m.Author.ID,
		ByAuthor:   m.Deleted() && m.DeletedBy == m.Author.ID,
	}, nil
}
