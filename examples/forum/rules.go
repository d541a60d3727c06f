package main

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/gofiber/fiber/v2"
	"gorm.io/gorm"

	"roomline/realtime"
	"roomline/realtime/chat"
)

// roomOf is the slug of a topic's room, topicOf the way back: 0 for a room of no topic.
func roomOf(topic int64) string { return "topic-" + strconv.FormatInt(topic, 10) }

func topicOf(room string) int64 {
	digits, is := strings.CutPrefix(room, "topic-")
	id, err := strconv.ParseInt(digits, 10, 64)
	if !is || err != nil {
		return 0
	}
	return id
}

// identify answers who makes a request.
func (f *forum) identify(c *fiber.Ctx) (chat.User, error) {
	v, err := f.visitor(c)
	switch {
	case err != nil:
		return chat.User{}, err
	case !v.in():
		return chat.User{}, realtime.ErrAnonymous
	}
	return chatUser(v.User), nil
}

// stillSignedIn answers whether a session still holds.
func (f *forum) stillSignedIn(_ context.Context, _ chat.User, session string) error {
	data, err := f.sessions.Storage.Get(session)
	if err == nil && data == nil {
		err = errors.New("signed out")
	}
	return err
}

// chatUser is a user as the chat knows them. The forum's moderators are the chat's.
func chatUser(u User) chat.User {
	user := chat.User{ID: u.ID, Name: u.Name, Role: chat.RoleMember}
	if u.Moderator {
		user.Role = chat.RoleModerator
	}
	return user
}

// usersByID, usersByName and findUsers answer who somebody is.
func (f *forum) usersByID(ctx context.Context, ids []string) (map[string]chat.User, error) {
	var users []User
	err := f.db.WithContext(ctx).Find(&users, "id IN ? AND NOT gone", ids).Error
	found := make(map[string]chat.User, len(users))
	for _, u := range users {
		found[u.ID] = chatUser(u)
	}
	return found, err
}

func (f *forum) usersByName(ctx context.Context, names []string) (map[string]chat.User, error) {
	var users []User
	err := f.db.WithContext(ctx).Find(&users, "name IN ? AND NOT gone", names).Error
	found := make(map[string]chat.User, len(users))
	for _, u := range users {
		for _, name := range names {
			if strings.EqualFold(name, u.Name) {
				found[name] = chatUser(u)
			}
		}
	}
	return found, err
}

func (f *forum) findUsers(ctx context.Context, prefix string, limit int) ([]chat.User, error) {
	var users []User
	like := strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(prefix) + "%"
	err := f.db.WithContext(ctx).Order("name").Limit(limit).Find(&users, `name LIKE ? ESCAPE '\' AND NOT gone`, like).Error
	found := make([]chat.User, len(users))
	for i, u := range users {
		found[i] = chatUser(u)
	}
	return found, err
}

// mayInRoom answers what somebody may do in a room. Rooms of no topic are everybody's who has an account.
func (f *forum) mayInRoom(ctx context.Context, user chat.User, room chat.Room, what chat.Permission) (bool, error) {
	id := topicOf(room.Slug)
	if user.ID == "" && (what != chat.PermitRead || id == 0) {
		return false, nil
	}
	if id == 0 {
		return true, nil
	}
	var topic Topic
	var v visitor
	err := f.db.WithContext(ctx).Joins("Category").First(&topic, id).Error
	if err == nil && topic.Category.Keyholders {
		err = f.db.WithContext(ctx).First(&v.User, "id = ? AND NOT gone", user.ID).Error
	}
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return false, nil
	}
	return err == nil && v.sees(topic.Category), err
}

// unwelcome are words that the forum does not want to read, in posts or in the chat.
func unwelcome(text string) bool {
	text = strings.ToLower(text)
	for _, word := range []string{"casino", "crypto signals", "cheap followers"} {
		if strings.Contains(text, word) {
			return true
		}
	}
	return false
}

// checkWords holds the chat to what the forum's posts are held to.
func (f *forum) checkWords(_ context.Context, out chat.Outgoing) (chat.Decided, error) {
	if unwelcome(out.Text) {
		return chat.Decided{Reject: "This forum does not carry advertising."}, nil
	}
	return chat.Decided{}, nil
}

// noteLine keeps the last line of a topic's chat with the topic, for the lists. An event may come twice, and a line may
// be edited or deleted later: what is older than what is kept changes nothing.
func (f *forum) noteLine(ctx context.Context, e chat.Event) error {
	if e.Message == nil || e.Message.Kind != chat.KindText || topicOf(e.Room.Slug) == 0 {
		return nil
	}
	m, at := e.Message, e.Position
	err := f.db.WithContext(ctx).Model(&Topic{}).
		Where("id = ?", topicOf(e.Room.Slug)).
		Where("chat_epoch <> ? OR chat_seq < ? OR chat_seq = ? AND chat_rev < ?", at.Epoch, m.Seq, m.Seq, at.Rev).
		Updates(map[string]any{
			"chat_epoch": at.Epoch, "chat_seq": m.Seq, "chat_rev": at.Rev,
			"chat_author_id": m.Author.ID, "chat_line": shorten(m.Text, 120),
		}).Error
	if err != nil {
		return fmt.Errorf("note the last line of %s: %w", e.Room.Slug, err)
	}
	return nil
}

// shorten cuts a text to so many characters.
func shorten(text string, most int) string {
	runes := []rune(text)
	if len(runes) <= most {
		return text
	}
	return strings.TrimSpace(string(runes[:most-1])) + "…"
}
