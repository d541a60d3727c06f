package main

import (
	"errors"
	"time"

	"github.com/gofiber/fiber/v2"
	"gorm.io/gorm"
)

// sessionLife is how long somebody stays signed in.
const sessionLife = 14 * 24 * time.Hour

// sessionTable keeps what Fiber's session middleware wants kept in the forum's database. It is a fiber.Storage.
type sessionTable struct{ db *gorm.DB }

// Get returns what was set, nil if there is nothing.
func (t sessionTable) Get(key string) ([]byte, error) {
	var s Session
	err := t.db.First(&s, "id = ? AND until > ?", key, time.Now().UTC()).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return nil, nil
	}
	return s.Data, err
}

// Set keeps something for as long as life.
func (t sessionTable) Set(key string, data []byte, life time.Duration) error {
	now := time.Now().UTC()
	return errors.Join(
		t.db.Delete(&Session{}, "until < ?", now).Error,
		t.db.Save(&Session{ID: key, Data: data, Until: now.Add(life)}).Error,
	)
}

// Delete forgets what was set.
func (t sessionTable) Delete(key string) error { return t.db.Delete(&Session{}, "id = ?", key).Error }

// Reset forgets everything.
func (t sessionTable) Reset() error { return t.db.Delete(&Session{}, "1 = 1").Error }

// Close does nothing: the database is the forum's.
func (t sessionTable) Close() error { return nil }

// visitor is who makes a request.
type visitor struct {
	User           // the zero User for nobody
	session string // "" for nobody
}

// in reports whether somebody is signed in.
func (v visitor) in() bool { return v.ID != "" }

// sees reports whether the visitor may know what is in a category.
func (v visitor) sees(c Category) bool { return !c.Keyholders || v.Badge || v.Moderator }

type visitorKey struct{}

// visitor finds out who makes a request, once.
func (f *forum) visitor(c *fiber.Ctx) (visitor, error) {
	if v, known := c.Locals(visitorKey{}).(visitor); known {
		return v, nil
	}
	var v visitor
	session, err := f.sessions.Get(c)
	if err != nil {
		return v, err
	}
	if id, signedIn := session.Get("user").(string); signedIn {
		err = f.db.WithContext(c.UserContext()).First(&v.User, "id = ? AND NOT gone", id).Error
		if err != nil && !errors.Is(err, gorm.ErrRecordNotFound) {
			return v, err
		}
		if err == nil {
			v.session = session.ID()
		}
	}
	c.Locals(visitorKey{}, v)
	return v, nil
}

// signIn begins a session of its own for a user in this browser, and ends the one that was.
func (f *forum) signIn(c *fiber.Ctx, user User) error {
	before, err := f.visitor(c)
	if err != nil {
		return err
	}
	session, err := f.sessions.Get(c)
	if err == nil {
		err = session.Regenerate()
	}
	if err != nil {
		return err
	}
	if before.in() {
		f.chat.DisconnectSession(before.session, "signed_out")
	}
	session.Set("user", user.ID)
	return session.Save()
}
