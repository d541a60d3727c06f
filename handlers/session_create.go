package handlers

import (
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"
	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"

	"roomline/models"
	"roomline/realtime/chat"
)

// newSession serves GET /login.
func (s *Site) newSession(c *fiber.Ctx) error {
	if v, err := s.accounts.visitor(c); err != nil || v != nil {
		return s.alreadyIn(c, err)
	}
	page := LoginPage{Next: nextPath(query(c, "next"))}
	if query(c, "done") == "reset" {
		page.Notice = "Your new password is set. Sign in with it."
	}
	return s.renderLogin(c, "login", page, nil)
}

// createSession serves POST /login. A wrong name and a wrong password are answered alike.
func (s *Site) createSession(c *fiber.Ctx) error {
	page := LoginPage{Username: field(c, "username"), Next: nextPath(field(c, "next"))}
	user, err := s.authenticate(c, page.Username, field(c, "password"))
	if refusal := (*chat.Error)(nil); errors.As(err, &refusal) {
		s.logFailedSignIn(c, page.Username, refusal)
		return s.renderLogin(c, "login", page, refusal)
	}
	if err != nil {
		return err
	}
	if err := s.signIn(c, user); err != nil {
		return err
	}
	s.logEntry(c, "signed in", user)
	return c.Redirect(localPath(page.Next), fiber.StatusSeeOther)
}

// authenticate checks a password, as often as the budget of the name and the place allows.
func (s *Site) authenticate(c *fiber.Ctx, name, password string) (models.User, error) {
	budget, err := s.budgetOf(c, name)
	if err != nil {
		return models.User{}, err
	}
	if refusal := s.begin(budget); refusal != nil {
		return models.User{}, refusal
	}
	user, err := s.accounts.db.Authenticate(c.UserContext(), name, password)
	if err != nil {
		return models.User{}, fmt.Errorf("check the password: %w", err)
	}
	s.succeed(budget)
	return user, nil
}

// renderLogin shows the sign-in or sign-up page, with a refusal if there was one.
func (s *Site) renderLogin(c *fiber.Ctx, name string, page LoginPage, refusal *chat.Error) error {
	if page.Title == "" {
		page.Title = "Sign in"
	}
	v, err := s.accounts.visitor(c)
	if err != nil {
		return err
	}
	page.Page = s.page(v, page.Title)
	if v == nil {
		page.CSRF = s.anonymousToken(c)
	}
	if page.Registration == "" {
		page.Registration = s.cfg.Registration
	}
	status := fiber.StatusOK
	if refusal != nil {
		about := refusal.Field
		if about == "name" {
			about = "username" // as password managers know it
		}
		status = page.refuse(c, explainRefusal(refusal), about)
	}
	return s.render(c, status, name, page)
}

// alreadyIn sends somebody signed in on to the chat.
func (s *Site) alreadyIn(c *fiber.Ctx, err error) error {
	if err != nil {
		return err
	}
	return c.Redirect(localPath(query(c, "next")), fiber.StatusSeeOther)
}

// loginPath is the sign-in page that leads on to path.
func loginPath(path string) string {
	if next := nextPath(path); next != "" {
		return "/login?next=" + url.QueryEscape(next)
	}
	return "/login"
}

// nextPath returns where to go after signing in, "" for the home page.
func nextPath(path string) string {
	if path = localPath(path); path == "/" {
		return ""
	}
	return path
}

func tooMany(what string, wait time.Duration) *chat.Error {
	e := chat.Errorf(chat.CodeRateLimited, "%s Wait %s and try again.", what, inWords(wait))
	e.RetryAfter = wait
	return e
}

func inWords(d time.Duration) string {
	switch n := seconds(d); {
	case n == 1:
		return "a second"
	case n < 120:
		return fmt.Sprintf("%d seconds", n)
	case n < 2*60*60:
		return fmt.Sprintf("%d minutes", (n+59)/60)
	default:
		return fmt.Sprintf("%d hours", (n+59*60)/(60*60))
	}
}

// nameKey folds the spellings of a name together, more of them than the database does, and
// bounds its length.
func nameKey(name string) string {
	name = name[:min(len(name), 512)]
	return cases.Fold().String(norm.NFKC.String(strings.TrimSpace(name)))
}
