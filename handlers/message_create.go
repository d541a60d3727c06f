package handlers

import (
	"errors"
	"strconv"

	"github.com/gofiber/fiber/v2"

	"roomline/realtime/chat"
)

// createMessage serves POST …/messages: the plain form of the room page. The form carries
// the client message id, so that sending it twice posts once.
func (s *Site) createMessage(c *fiber.Ctx) error {
	p, err := s.placeOf(c)
	if err != nil {
		return err
	}
	draft := chat.Draft{Room: p.slug, ID: field(c, "id"), Text: field(c, "text")}
	if answers := field(c, "replyTo"); answers != "" {
		if draft.ReplyTo, err = number(answers); err != nil {
			return err
		}
	}
	sent, err := s.chat.Send(c.UserContext(), p.actor, draft)
	if refusal := (*chat.Error)(nil); errors.As(err, &refusal) {
		return s.refuseDraft(c, p, draft, refusal)
	}
	if err != nil {
		return err
	}
	return c.Redirect(p.path+anchor(sent.Seq), fiber.StatusSeeOther)
}

// refuseDraft shows the room again with what was wrong and the text as it was.
func (s *Site) refuseDraft(c *fiber.Ctx, p place, draft chat.Draft, refusal *chat.Error) error {
	page, err := s.roomPage(c, p, chat.HistoryQuery{})
	if err != nil {
		return err // of a room that is not there to be shown
	}
	page.Draft = draft.Text
	if page.Reply, err = s.answered(c, p, draft.ReplyTo); err != nil {
		return err
	}
	if refusal.Code != chat.CodeIDReused && refusal.Code != chat.CodeInvalid {
		page.MessageID = draft.ID // the same message, to be tried again
	}
	return s.render(c, page.refuse(c, explainRefusal(refusal), "text"), "room", page)
}

func anchor(seq int64) string { return "#m" + strconv.FormatInt(seq, 10) }
