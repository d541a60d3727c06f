package main

import (
	"errors"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/gofiber/fiber/v2"
	"gorm.io/gorm"
	"gorm.io/gorm/clause"
)

const (
	mostTitle = 120
	mostText  = 10_000
	topicsOf  = 50 // shown of a category
)

// categories returns those that the visitor sees, with their latest topics.
func (f *forum) categories(c *fiber.Ctx, v visitor, topics int) ([]Category, error) {
	var all, seen []Category
	if err := f.db.WithContext(c.UserContext()).Order("id").Find(&all).Error; err != nil {
		return nil, err
	}
	for _, category := range all {
		if !v.sees(category) {
			continue
		}
		err := f.db.WithContext(c.UserContext()).Preload("Author").Preload("ChatAuthor").
			Order("posted_at DESC, id DESC").Limit(topics).Find(&category.Topics, "category_id = ?", category.ID).Error
		if err != nil {
			return nil, err
		}
		seen = append(seen, category)
	}
	return seen, nil
}

func (f *forum) showCategories(c *fiber.Ctx) error {
	v, err := f.visitor(c)
	if err != nil {
		return err
	}
	shelves, err := f.categories(c, v, 5)
	if err != nil {
		return err
	}
	return f.show(c, "home", page{Title: "Topics", Data: shelves})
}

// category returns the one that the path names, if the visitor sees it.
func (f *forum) category(c *fiber.Ctx, v visitor) (Category, error) {
	shelves, err := f.categories(c, v, topicsOf)
	if err != nil {
		return Category{}, err
	}
	for _, category := range shelves {
		if category.Slug == c.Params("slug") {
			return category, nil
		}
	}
	return Category{}, fiber.ErrNotFound
}

func (f *forum) showCategory(c *fiber.Ctx) error {
	v, err := f.visitor(c)
	if err != nil {
		return err
	}
	category, err := f.category(c, v)
	if err != nil {
		return err
	}
	return f.show(c, "category", page{Title: category.Name, Data: category})
}

func (f *forum) showNewTopic(c *fiber.Ctx, v visitor) error {
	category, err := f.category(c, v)
	if err != nil {
		return err
	}
	return f.show(c, "new", page{Title: "New topic", Data: category})
}

// openTopic makes a topic, and the room beside it.
func (f *forum) openTopic(c *fiber.Ctx, v visitor) error {
	category, err := f.category(c, v)
	if err != nil {
		return err
	}
	title, text := strings.TrimSpace(c.FormValue("title")), strings.TrimSpace(c.FormValue("text"))
	wrong := ""
	if title == "" || utf8.RuneCountInString(title) > mostTitle {
		wrong = "A title has 1 to 120 characters."
	} else {
		wrong = faultOf(title + "\n" + text)
	}
	if wrong != "" {
		return f.show(c.Status(fiber.StatusUnprocessableEntity), "new", page{Title: "New topic", Data: category, Error: wrong})
	}
	now := time.Now().UTC()
	topic := Topic{CategoryID: category.ID, AuthorID: v.ID, Title: title, OpenedAt: now, PostedAt: now}
	err = f.db.WithContext(c.UserContext()).Transaction(func(tx *gorm.DB) error {
		if err := tx.Omit(clause.Associations).Create(&topic).Error; err != nil {
			return err
		}
		return tx.Omit(clause.Associations).Create(&Post{TopicID: topic.ID, AuthorID: v.ID, Text: text, PostedAt: now}).Error
	})
	if err != nil {
		return err
	}
	topic.Category, topic.Author = category, v.User
	if err := f.talk(c.UserContext(), topic); err != nil { // behind the transaction: the chat writes the same file
		return err
	}
	return c.Redirect("/topics/"+roomOf(topic.ID)[len("topic-"):], fiber.StatusSeeOther)
}

// faultOf says what is wrong with what somebody wrote, "" for nothing.
func faultOf(text string) string {
	switch {
	case strings.TrimSpace(text) == "":
		return "There is nothing written."
	case len(text) > mostText:
		return "This is too long."
	case unwelcome(text):
		return "This forum does not carry advertising."
	}
	return ""
}

// topic returns the one that the path names, if the visitor may read it.
func (f *forum) topic(c *fiber.Ctx, v visitor) (Topic, error) {
	var topic Topic
	err := f.db.WithContext(c.UserContext()).Preload("Author").Preload("Category").First(&topic, "id = ?", c.Params("id")).Error
	if errors.Is(err, gorm.ErrRecordNotFound) || err == nil && !v.sees(topic.Category) {
		return topic, fiber.ErrNotFound
	}
	return topic, err
}

// topicPage is a topic with its posts.
type topicPage struct {
	Topic
	Posts []Post
}

func (f *forum) showTopic(c *fiber.Ctx) error {
	v, err := f.visitor(c)
	if err != nil {
		return err
	}
	topic, err := f.topic(c, v)
	if err != nil {
		return err
	}
	db := f.db.WithContext(c.UserContext())
	if v.in() {
		visit := Visit{UserID: v.ID, TopicID: topic.ID, At: time.Now().UTC()}
		if err := db.Omit(clause.Associations).Save(&visit).Error; err != nil {
			return err
		}
	}
	data := topicPage{Topic: topic}
	if err := db.Preload("Author").Order("id").Find(&data.Posts, "topic_id = ?", topic.ID).Error; err != nil {
		return err
	}
	if err := f.talk(c.UserContext(), topic); err != nil {
		return err
	}
	return f.show(c, "topic", page{Title: topic.Title, Data: data, Here: topic.ID, Chat: f.chat.Widget(roomOf(topic.ID))})
}

func (f *forum) writePost(c *fiber.Ctx, v visitor) error {
	topic, err := f.topic(c, v)
	if err != nil {
		return err
	}
	text, now := strings.TrimSpace(c.FormValue("text")), time.Now().UTC()
	if wrong := faultOf(text); wrong != "" {
		return fiber.NewError(fiber.StatusUnprocessableEntity, wrong)
	}
	err = f.db.WithContext(c.UserContext()).Transaction(func(tx *gorm.DB) error {
		post := Post{TopicID: topic.ID, AuthorID: v.ID, Text: text, PostedAt: now}
		if err := tx.Omit(clause.Associations).Create(&post).Error; err != nil {
			return err
		}
		return tx.Model(&Topic{}).Where("id = ?", topic.ID).Update("posted_at", now).Error
	})
	if err != nil {
		return err
	}
	return c.Redirect(c.Path()+"#end", fiber.StatusSeeOther)
}

// visited is a topic that somebody looked at, and how much was said in its chat since.
type visited struct {
	Topic
	Unread int64
}

func (f *forum) showVisited(c *fiber.Ctx, v visitor) error {
	visits, err := f.visits(c.UserContext(), v.User)
	if err != nil {
		return err
	}
	var topics []visited
	var rooms []string
	for _, visit := range visits {
		if v.sees(visit.Topic.Category) {
			topics = append(topics, visited{Topic: visit.Topic})
			rooms = append(rooms, roomOf(visit.TopicID))
		}
	}
	if len(rooms) > 0 { // without any, Unread would count all rooms
		unread, err := f.chat.Service().Unread(c.UserContext(), v.ID, rooms...)
		if err != nil {
			return err
		}
		for i, room := range rooms {
			topics[i].Unread = unread[room].Messages
		}
	}
	return f.show(c, "visited", page{Title: "Visited topics", Data: topics})
}

// showCommunity is the whole chat on a page of its own.
func (f *forum) showCommunity(c *fiber.Ctx) error {
	return f.show(c, "community", page{Title: "Community", Chat: f.chat.Widget("")})
}
