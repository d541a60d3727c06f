package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/gofiber/fiber/v2"

	"roomline/models"
	"roomline/realtime"
	"roomline/realtime/chat"
)

// chatHome is where the chat lives: its connections, and the files of its widget.
const chatHome = "/community/chat"

// openChat puts the chat into the forum. What the forum is asked stands in rules.go.
func (f *forum) openChat(ctx context.Context) (err error) {
	// Its tables (chat_…) lie in the forum's file: one file to back up. They know users by the forum's ids only.
	f.chatDB, err = models.Attach(ctx, f.db, models.Config{Exclusive: true, Logger: f.log})
	if err != nil {
		return err
	}
	f.chat, err = realtime.New(realtime.Options{
		Store:  f.chatDB.Store(),
		Logger: f.log,
		// Who is there is what the forum's session says, at every request; and what it still says of connections
		// that make no more of them. Session names it, so that a sign-out ends the connections of one browser.
		Identify: f.identify,
		Session: func(c *fiber.Ctx) string {
			v, _ := f.visitor(c)
			return v.session
		},
		Recheck: f.stillSignedIn,
		// Names, and who moderates, stay where they are: in the forum's table.
		Users: &chat.Directory{Users: f.usersByID, Named: f.usersByName, Find: f.findUsers},
		// A topic's chat is open to whom the topic is; and to visitors without an account, who cannot write.
		Authorize:  f.mayInRoom,
		Guests:     func(room chat.Room) bool { return topicOf(room.Slug) != 0 },
		SignIn:     "/signin", // where the widget sends them
		BeforeSend: &chat.BeforeSend{Decide: f.checkWords},
		OnEvent:    f.noteLine,
	})
	if err != nil {
		return errors.Join(err, f.chatDB.Close())
	}
	// The forum's middlewares let its requests pass: forms carry tokens, polls do not; a poll waits for half a minute,
	// which a limiter counts and a compressor would hold back.
	f.exempt = f.chat.Owns
	f.countReaders()
	return nil
}

// talk has a topic's room ready, whoever comes first: also for the topics that were there before the chat. It is in
// no list; there may be thousands.
func (f *forum) talk(ctx context.Context, topic Topic) error {
	slug := roomOf(topic.ID)
	room, err := f.chat.Service().EnsureRoom(ctx, chat.NewRoom{
		Slug: slug, Name: shorten(topic.Title, 60), Topic: topic.Category.Name, Unlisted: true,
	})
	if err != nil || room.Head > 0 {
		return err
	}
	// Under an id of its own it is posted once, however many ask for it at the same time.
	_, err = f.chat.Service().Post(ctx, chat.Post{
		Room: slug, ID: "opened-" + slug, Text: topic.Author.Shown() + " opened this topic.",
	})
	return err
}

// unread counts what was said in the topics that a user visited last, but for the one they look at, for the head of
// every page.
func (f *forum) unread(ctx context.Context, user User, here int64) (int64, error) {
	visits, err := f.visits(ctx, user)
	var rooms []string
	for _, visit := range visits {
		if visit.TopicID != here {
			rooms = append(rooms, roomOf(visit.TopicID))
		}
	}
	if err != nil || len(rooms) == 0 {
		return 0, err // without any, Unread would count all rooms
	}
	unread, err := f.chat.Service().Unread(ctx, user.ID, rooms...)
	if err != nil {
		return 0, fmt.Errorf("count what is unread: %w", err)
	}
	var messages int64
	for _, room := range unread {
		messages += room.Messages
	}
	return messages, nil
}
