package handlers

import (
	"errors"
	"fmt"

	"github.com/gofiber/fiber/v2"

	"roomline/models"
	"roomline/realtime/chat"
)

// newAccount serves GET /signup.
func (s *Site) newAccount(c *fiber.Ctx) error {
	if v, err := s.accounts.visitor(c); err != nil || v != nil {
		return s.alreadyIn(c, err)
	}
	page := LoginPage{Next: nextPath(query(c, "next")), Invite: query(c, "invite")}
	err := s.checkInvite(c, page.Invite)
	if refusal := (*chat.Error)(nil); errors.As(err, &refusal) {
		return s.renderSignup(c, page, refusal)
	}
	if err != nil {
		return err
	}
	return s.renderSignup(c, page, nil)
}

// checkInvite says at once what is wrong with a link. A token that is none counts as a guess.
func (s *Site) checkInvite(c *fiber.Ctx, token string) error {
	if s.cfg.Registration != RegistrationInvite || token == "" {
		return nil
	}
	err := s.guessing(c, func() error { return s.accounts.db.CheckInvite(c.UserContext(), token) })
	if refusal := (*chat.Error)(nil); errors.As(err, &refusal) {
		refusal.Field = "invite"
		return refusal
	}
	if err != nil {
		return fmt.Errorf("check the invite: %w", err)
	}
	return nil
}

// createAccount serves POST /signup.
func (s *Site) createAccount(c *fiber.Ctx) error {
	page := LoginPage{Username: field(c, "username"), Next: nextPath(field(c, "next")), Invite: field(c, "invite")}
	user, err := s.register(c, page.Username, field(c, "password"), page.Invite)
	if refusal := (*chat.Error)(nil); errors.As(err, &refusal) {
		return s.renderSignup(c, page, refusal)
	}
	if err != nil {
		return err
	}
	s.logEntry(c, "account created", user)
	if err := s.signIn(c, user); err != nil {
		return err
	}
	return c.Redirect(localPath(page.Next), fiber.StatusSeeOther)
}

// register makes an account within the bounds of its address. A refusal costs no account of
// the quota, but counts as a guess: it may tell that a name is taken.
func (s *Site) register(c *fiber.Ctx, name, password, invite string) (user models.User, err error) {
	address := addressKey(c.IP())
	if wait := s.signups.take(address); wait > 0 {
		s.refused(c, "sign-ups refused: too many accounts of an address", "if many people share it, raise --signup-rate")
		return models.User{}, tooMany("Too many accounts were made from your address.", wait)
	}
	if wait := s.addresses.begin(address); wait > 0 {
		s.signups.giveBack(address)
		s.refused(c, "sign-ups refused: too many failed ones of an address", "somebody is guessing names; it passes by itself")
		return models.User{}, tooMany("Too many attempts from your address.", wait)
	}
	ctx, db := c.UserContext(), s.accounts.db
	switch s.cfg.Registration {
	case RegistrationOpen:
		user, err = db.CreateUser(ctx, name, password)
	case RegistrationInvite:
		user, err = db.CreateInvitedUser(ctx, name, password, invite)
	default:
		user, err = db.CreateFirstUser(ctx, name, password)
	}
	if err != nil {
		s.signups.giveBack(address)
		return models.User{}, fmt.Errorf("create the account: %w", err)
	}
	s.addresses.succeed(address, false)
	return user, nil
}

func (s *Site) renderSignup(c *fiber.Ctx, page LoginPage, refusal *chat.Error) error {
	first, err := s.isFirst(c)
	if err != nil {
		return err
	}
	page.Title = "Make an account"
	page.First, page.Registration = first, s.cfg.Registration
	return s.renderLogin(c, "signup", page, refusal)
}
