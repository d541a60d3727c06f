package handlers

import (
	"errors"

	"github.com/gofiber/fiber/v2"

	"roomline/realtime/chat"
)

// editMessage serves GET …/:seq/edit: the form to edit one's own message without script.
func (s *Site) editMessage(c *fiber.Ctx) error {
	p, seq, err := s.messageOf(c)
	if err != nil {
		return err
	}
	return s.renderEdit(c, p, seq, nil, "")
}

// updateMessage serves POST …/:seq/edit.
func (s *Site) updateMessage(c *fiber.Ctx) error {
	p, seq, err := s.messageOf(c)
	if err != nil {
		return err
	}
	text := field(c, "text")
	_, err = s.chat.Edit(c.UserContext(), p.actor, p.slug, seq, text)
	if refusal := (*chat.Error)(nil); errors.As(err, &refusal) {
		return s.renderEdit(c, p, seq, refusal, text)
	}
	if err != nil {
		return err
	}
	return c.Redirect(p.path+anchor(seq), fiber.StatusSeeOther)
}

// renderEdit shows the form, with what was wrong and the text as it was if it was refused.
func (s *Site) renderEdit(c *fiber.Ctx, p place, seq int64, refusal *chat.Error, text string) error {
	room, err := s.chat.Room(c.UserContext(), p.actor, p.slug)
	if err != nil {
		return err
	}
	message, err := s.chat.Message(c.UserContext(), p.actor, p.slug, seq)
	if err != nil {
		return err
	}
	switch {
	case message.Author.ID != p.actor.ID:
		return chat.Errorf(chat.CodeForbidden, "Only its author may edit a message.")
	case message.Deleted():
		return chat.Errorf(chat.CodeNotFound, "There is nothing here.")
	}
	page := EditPage{Page: s.page(p.visitor, "Edit your message"), Room: room, Message: message, Path: p.path}
	status := fiber.StatusOK
	if refusal != nil {
		page.Message.Text = text
		status = page.refuse(c, explainRefusal(refusal), "text")
	}
	return s.render(c, status, "edit", page)
}

func (s *Site) messageOf(c *fiber.Ctx) (place, int64, error) {
	p, err := s.placeOf(c)
	if err != nil {
		return place{}, 0, err
	}
	seq, err := seqOf(c)
	return p, seq, err
}
