package main

import (
	"context"
	"crypto/rand"
	"errors"
	"regexp"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"
	"golang.org/x/crypto/bcrypt"
	"gorm.io/gorm"
)

func (f *forum) showJoin(c *fiber.Ctx) error { return f.show(c, "join", page{Title: "Join"}) }

// validName is what a name may be: also what can be mentioned.
var validName = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_-]{1,23}$`)

func (f *forum) join(c *fiber.Ctx) error {
	refuse := func(why string) error {
		return f.show(c.Status(fiber.StatusUnprocessableEntity), "join", page{Title: "Join", Error: why})
	}
	name, password := c.FormValue("name"), c.FormValue("password")
	if !validName.MatchString(name) {
		return refuse("A name has 2 to 24 letters, digits, _ or -, and begins with a letter.")
	}
	if len(password) < 10 || len(password) > 72 {
		return refuse("A password has 10 to 72 characters.")
	}
	hash, err := bcrypt.GenerateFromPassword([]byte(password), bcrypt.DefaultCost)
	if err != nil {
		return err
	}
	user := User{ID: "u_" + strings.ToLower(rand.Text()[:10]), Name: name, Password: hash, JoinedAt: time.Now().UTC()}
	switch err := f.db.WithContext(c.UserContext()).Create(&user).Error; {
	case err != nil && strings.Contains(err.Error(), "UNIQUE"):
		return refuse("Somebody has that name.")
	case err != nil:
		return err
	}
	if err := f.signIn(c, user); err != nil {
		return err
	}
	return c.Redirect("/", fiber.StatusSeeOther)
}

func (f *forum) showSignIn(c *fiber.Ctx) error { return f.show(c, "signin", page{Title: "Sign in"}) }

func (f *forum) checkIn(c *fiber.Ctx) error {
	var user User
	err := f.db.WithContext(c.UserContext()).First(&user, "name = ? AND NOT gone", c.FormValue("name")).Error
	if err != nil && !errors.Is(err, gorm.ErrRecordNotFound) {
		return err
	}
	if err != nil || bcrypt.CompareHashAndPassword(user.Password, []byte(c.FormValue("password"))) != nil {
		return f.show(c.Status(fiber.StatusUnauthorized), "signin", page{Title: "Sign in", Error: "That is not a name and its password."})
	}
	if err := f.signIn(c, user); err != nil {
		return err
	}
	return c.Redirect("/", fiber.StatusSeeOther)
}

// signOut ends the session, and with it what this browser has open of the chat. Other browsers stay signed in.
func (f *forum) signOut(c *fiber.Ctx) error {
	v, err := f.visitor(c)
	if err != nil || !v.in() {
		return errors.Join(err, c.Redirect("/", fiber.StatusSeeOther))
	}
	session, err := f.sessions.Get(c)
	if err == nil {
		err = session.Destroy()
	}
	if err != nil {
		return err
	}
	f.chat.DisconnectSession(v.session, "signed_out")
	return c.Redirect("/", fiber.StatusSeeOther)
}

func (f *forum) showAccount(c *fiber.Ctx, _ visitor) error {
	return f.show(c, "account", page{Title: "Your account"})
}

// deleteAccount deletes an account. Posts stay, under no name; what was said in the chat goes.
func (f *forum) deleteAccount(c *fiber.Ctx, v visitor) error {
	err := f.db.WithContext(c.UserContext()).Model(&v.User).Select("Name", "Password", "Moderator", "Badge", "Gone").
		Updates(User{Name: v.ID, Gone: true}).Error
	if err != nil {
		return err
	}
	// From here on the account is gone, so the chat's connections end and none begins. It takes a while where
	// somebody has written much: a larger forum would have a worker do it, and again if it was cut short.
	if err := f.chat.Erase(context.WithoutCancel(c.UserContext()), v.ID); err != nil {
		return err
	}
	if session, err := f.sessions.Get(c); err == nil {
		err = session.Destroy()
		if err != nil {
			return err
		}
	}
	return c.Redirect("/", fiber.StatusSeeOther)
}

func (f *forum) showMembers(c *fiber.Ctx, _ visitor) error {
	var users []User
	if err := f.db.WithContext(c.UserContext()).Order("name").Find(&users, "NOT gone").Error; err != nil {
		return err
	}
	return f.show(c, "members", page{Title: "Members", Data: users})
}

// setBadge gives or takes the badge. The chat is told, and what somebody may not read any more closes at once.
func (f *forum) setBadge(c *fiber.Ctx, _ visitor) error {
	db := f.db.WithContext(c.UserContext())
	var user User
	err := db.First(&user, "id = ? AND NOT gone", c.Params("id")).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return fiber.ErrNotFound
	}
	if err == nil {
		err = db.Model(&user).Update("badge", c.FormValue("on") == "true").Error
	}
	if err != nil {
		return err
	}
	if !user.Badge {
		if err := f.notReading(c.UserContext(), user); err != nil {
			return err
		}
	}
	if err := f.chat.RefreshUser(c.UserContext(), user.ID); err != nil {
		return err
	}
	return c.Redirect("/members", fiber.StatusSeeOther)
}
