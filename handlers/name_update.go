package handlers

import (
	"errors"
	"fmt"

	"github.com/gofiber/fiber/v2"

	"roomline/realtime/chat"
)

// renamesPerDay is how often a user may take another name: more would only confuse the others.
const renamesPerDay = 3

// updateName serves POST /account/name. The new name is seen everywhere at once, in what is
// there already and in who is connected.
func (s *Site) updateName(c *fiber.Ctx) error {
	v, err := s.accounts.visitor(c)
	if err != nil {
		return err
	}
	err = s.rename(c, v)
	if refusal := (*chat.Error)(nil); errors.As(err, &refusal) {
		return s.renderAccount(c, "", refusal, "name")
	}
	if err != nil {
		return err
	}
	if err := s.live.RefreshUsers(c.UserContext()); err != nil {
		return fmt.Errorf("tell the new name: %w", err)
	}
	return c.Redirect("/account?done=name", fiber.StatusSeeOther)
}

// rename gives the visitor the name that was typed, if they may take one now. A refusal costs nothing.
func (s *Site) rename(c *fiber.Ctx, v *visitor) error {
	user := v.user.Chat().ID
	if err := s.chat.MayRename(c.UserContext(), user); err != nil {
		return err
	}
	if wait := s.renames.take(user); wait > 0 {
		return tooMany("You have changed your name several times lately.", wait)
	}
	if _, err := s.accounts.db.RenameUser(c.UserContext(), v.user.ID, field(c, "name")); err != nil {
		s.renames.giveBack(user)
		return fmt.Errorf("rename: %w", err)
	}
	return nil
}
