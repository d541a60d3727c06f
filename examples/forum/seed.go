package main

import (
	"time"

	"golang.org/x/crypto/bcrypt"
	"gorm.io/gorm"
)

// seedPassword is that of the accounts of an empty forum, which is there to be tried out.
const seedPassword = "sawdust-and-glue"

// seed fills an empty database with a forum that has been used a little.
func seed(db *gorm.DB) error {
	return db.Transaction(func(tx *gorm.DB) error {
		var users int64
		if err := tx.Model(&User{}).Count(&users).Error; err != nil || users > 0 {
			return err
		}
		password, err := bcrypt.GenerateFromPassword([]byte(seedPassword), bcrypt.MinCost)
		if err != nil {
			return err
		}
		day := time.Now().UTC().Truncate(time.Hour).Add(-72 * time.Hour)
		olga := User{ID: "u_7f3k", Name: "Olga", Password: password, Moderator: true, Badge: true, JoinedAt: day}
		nora := User{ID: "u_q2xd", Name: "Nora", Password: password, Badge: true, JoinedAt: day}
		emil := User{ID: "u_m9ta", Name: "Emil", Password: password, JoinedAt: day}
		yusuf := User{ID: "u_c4vw", Name: "Yusuf", Password: password, JoinedAt: day}

		repairs := Category{Slug: "repairs", Name: "Repairs", About: "What is broken, and how it was mended."}
		tools := Category{Slug: "tools", Name: "Tools", About: "What to buy, borrow, sharpen or leave alone."}
		keys := Category{Slug: "keyholders", Name: "Workshop keyholders", About: "Opening hours, the alarm, who has the spare key.", Keyholders: true}
		for _, row := range []any{&olga, &nora, &emil, &yusuf, &repairs, &tools, &keys} {
			if err := tx.Create(row).Error; err != nil {
				return err
			}
		}
		return seedTopics(tx, []seedTopic{
			{repairs, "The chair that came back", day, []Post{
				{AuthorID: nora.ID, Text: "It has been glued twice and is loose again. The joint is clean now: do I peg it, or is there a glue that forgives old glue?"},
				{AuthorID: emil.ID, Text: "Hide glue forgives hide glue, and nothing else. If anybody used the white kind, scrape down to wood and peg it."},
				{AuthorID: yusuf.ID, Text: "Peg it. You will want to take it apart again in ten years."},
			}},
			{tools, "One plane for everything", day.Add(5 * time.Hour), []Post{
				{AuthorID: emil.ID, Text: "If you could keep a single hand plane, which? I am clearing out the drawer and would like to be talked out of keeping six."},
				{AuthorID: olga.ID, Text: "A number five with two irons. The other five planes are the second iron."},
			}},
			{tools, "Sharpening without water", day.Add(20 * time.Hour), []Post{
				{AuthorID: yusuf.ID, Text: "The shed freezes in winter and so do my water stones. What do you use from November to March?"},
			}},
			{keys, "The alarm on Sundays", day.Add(26 * time.Hour), []Post{
				{AuthorID: olga.ID, Text: "It arms itself at six now. Be out by a quarter to, or call me first; the neighbours have been patient for long enough."},
				{AuthorID: nora.ID, Text: "Noted on the door as well, on the inside."},
			}},
		})
	})
}

type seedTopic struct {
	category Category
	title    string
	at       time.Time
	posts    []Post
}

func seedTopics(tx *gorm.DB, topics []seedTopic) error {
	for _, t := range topics {
		last := t.at.Add(time.Duration(len(t.posts)-1) * time.Hour)
		topic := Topic{CategoryID: t.category.ID, AuthorID: t.posts[0].AuthorID, Title: t.title, OpenedAt: t.at, PostedAt: last}
		if err := tx.Omit("Category", "Author", "ChatAuthor").Create(&topic).Error; err != nil {
			return err
		}
		for i, post := range t.posts {
			post.TopicID, post.PostedAt = topic.ID, t.at.Add(time.Duration(i)*time.Hour)
			if err := tx.Omit("Author").Create(&post).Error; err != nil {
				return err
			}
		}
	}
	return nil
}
