package handlers

import (
	"crypto/rand"
	"math"
	"slices"
	"strconv"
	"time"

	"github.com/gofiber/fiber/v2"

	"roomline/realtime/chat"
)

// groupWithin is how soon after the one above a message of the same author needs no heading.
const groupWithin = 5 * time.Minute

// place is the room that a request is about, as its visitor sees it.
type place struct {
	visitor *visitor
	actor   chat.Actor
	slug    string
	path    string // /rooms/lobby or /admin
}

// placeOf reads the room from the path: /admin is the one room of the admin space.
func (s *Site) placeOf(c *fiber.Ctx) (place, error) {
	v, err := s.accounts.visitor(c)
	if err != nil {
		return place{}, err
	}
	user := v.user.Chat().ID
	if slug := param(c, "slug"); slug != "" {
		return place{v, chat.Actor{ID: user, Space: chat.SpaceGeneral}, slug, "/rooms/" + slug}, nil
	}
	return place{v, chat.Actor{ID: user, Space: chat.SpaceAdmin}, adminRoom, adminPath}, nil
}

// seqOf reads the message from the path.
func seqOf(c *fiber.Ctx) (int64, error) { return number(param(c, "seq")) }

// showRoom serves GET /rooms/:slug and /admin: the latest page, or without script the page
// before or after a message; ?date= leads to a day.
func (s *Site) showRoom(c *fiber.Ctx) error {
	p, err := s.placeOf(c)
	if err != nil {
		return err
	}
	var q chat.HistoryQuery
	switch before, after, date := query(c, "before"), query(c, "after"), query(c, "date"); {
	case before != "":
		q.Before, err = number(before)
	case after != "":
		q.After, err = number(after)
	case date != "":
		return s.seekDay(c, p, date)
	}
	if err != nil {
		return err
	}
	page, err := s.roomPage(c, p, q)
	if err != nil {
		return err
	}
	if reply := query(c, "reply"); reply != "" {
		seq, err := number(reply)
		if err != nil {
			return err
		}
		if page.Reply, err = s.answered(c, p, seq); err != nil {
			return err
		}
	}
	if p.actor.Space == chat.SpaceGeneral {
		setCookie(c, roomCookie, page.Room.Slug, memoryLife)
	}
	return s.render(c, fiber.StatusOK, "room", page)
}

// seekDay leads to the first message of a day (UTC) or after it, or else to the last of all.
func (s *Site) seekDay(c *fiber.Ctx, p place, date string) error {
	at, err := time.Parse(time.DateOnly, date)
	if err != nil {
		return chat.Errorf(chat.CodeNotFound, "There is nothing here.")
	}
	page, err := s.chat.History(c.UserContext(), p.actor, p.slug, chat.HistoryQuery{At: at, Limit: 2})
	if err != nil {
		return err
	}
	path := p.path
	for _, m := range page.Messages {
		path = p.path + "/" + strconv.FormatInt(m.Seq, 10) + anchor(m.Seq)
		if !m.SentAt.Before(at) {
			break
		}
	}
	return c.Redirect(path, fiber.StatusSeeOther)
}

// showMessage serves GET /rooms/:slug/:seq and /admin/:seq: the page around one message.
func (s *Site) showMessage(c *fiber.Ctx) error {
	p, err := s.placeOf(c)
	if err != nil {
		return err
	}
	seq, err := seqOf(c)
	if err != nil {
		return err
	}
	if _, err := s.chat.Message(c.UserContext(), p.actor, p.slug, seq); err != nil {
		return err
	}
	page, err := s.roomPage(c, p, chat.HistoryQuery{Around: seq})
	if err != nil {
		return err
	}
	page.Focus = seq
	return s.render(c, fiber.StatusOK, "room", page)
}

// roomPage reads what room.html shows.
func (s *Site) roomPage(c *fiber.Ctx, p place, q chat.HistoryQuery) (RoomPage, error) {
	ctx := c.UserContext()
	// The room comes before its history: the script asks for what came after Room.Head, and
	// may be told of a message twice but never not at all.
	room, err := s.chat.Room(ctx, p.actor, p.slug)
	if err != nil {
		return RoomPage{}, err
	}
	rooms, err := s.chat.Rooms(ctx, p.actor)
	if err != nil {
		return RoomPage{}, err
	}
	history, err := s.chat.History(ctx, p.actor, p.slug, q)
	if err != nil {
		return RoomPage{}, err
	}
	replies, err := s.replies(c, p, history.Messages)
	if err != nil {
		return RoomPage{}, err
	}
	page := RoomPage{
		Page:       s.page(p.visitor, room.Name),
		Room:       room,
		Rooms:      rooms,
		MayCreate:  s.chat.MayCreate(p.visitor.user.Chat()),
		HasOlder:   history.HasOlder,
		HasNewer:   history.HasNewer,
		MessageID:  rand.Text(),
		SendPath:   p.path + "/messages",
		RoomPath:   p.path,
		Namespace:  "/" + string(p.actor.Space),
		SocketPath: "/socket.io/",
		TextLength: s.cfg.TextLength,
	}
	page.Groups = dayGroups(history.Messages, room.FirstUnread, MessageRow{
		CSRF: page.CSRF, Path: p.path, Viewer: p.actor.ID, Moderates: page.Moderates(),
	}, replies)
	page.Blank.Moderates = page.Moderates()
	if n := len(history.Messages); n > 0 {
		page.OldestSeq, page.NewestSeq = history.Messages[0].Seq, history.Messages[n-1].Seq
	}
	return page, s.addStanding(c, p, &page)
}

// addStanding puts on the page what keeps its visitor from writing, and what of them waits for review.
func (s *Site) addStanding(c *fiber.Ctx, p place, page *RoomPage) error {
	held, err := s.chat.Restrictions(c.UserContext(), p.actor.ID)
	if err != nil {
		return err
	}
	if held.Mute.ID != 0 {
		page.Mute = &held.Mute
	}
	if page.Moderates() {
		open, err := s.chat.OpenReports(c.UserContext(), chat.Actor{ID: p.actor.ID, Space: chat.SpaceAdmin})
		page.Open = int64(open)
		return err
	}
	page.Wait = int(math.Ceil(page.Room.Wait))
	if page.Room.Held && !page.HasNewer {
		page.Held, err = s.chat.HeldOf(c.UserContext(), p.actor, p.slug)
	}
	return err
}

// repliesAtOnce is how many messages the chat is asked for in one call.
const repliesAtOnce = 50

// replies returns the messages that some of messages answer, by seq.
func (s *Site) replies(c *fiber.Ctx, p place, messages []chat.Message) (map[int64]chat.Message, error) {
	known := make(map[int64]chat.Message, len(messages))
	for _, m := range messages {
		known[m.Seq] = m
	}
	var missing []int64
	for _, m := range messages {
		if _, have := known[m.ReplyTo]; !have && m.ReplyTo != 0 {
			missing = append(missing, m.ReplyTo)
		}
	}
	for seqs := range slices.Chunk(missing, repliesAtOnce) {
		found, err := s.chat.Messages(c.UserContext(), p.actor, p.slug, seqs)
		if err != nil {
			return nil, err
		}
		for _, m := range found {
			known[m.Seq] = m
		}
	}
	return known, nil
}

// answered returns the message that a form answers; nil if seq is 0 or it is not there to be answered.
func (s *Site) answered(c *fiber.Ctx, p place, seq int64) (*chat.Message, error) {
	if seq == 0 {
		return nil, nil
	}
	found, err := s.chat.Messages(c.UserContext(), p.actor, p.slug, []int64{seq})
	if err != nil || len(found) == 0 || found[0].Deleted() {
		return nil, err
	}
	return &found[0], nil
}

// dayGroups arranges a page of history as it is shown. blank has what all rows share;
// firstUnread is the seq of the first message that the reader has not read, 0 for none.
func dayGroups(messages []chat.Message, firstUnread int64, blank MessageRow, replies map[int64]chat.Message) []DayGroup {
	var (
		groups  []DayGroup
		divided = firstUnread == 0
	)
	for i, m := range messages {
		row := blank
		row.Message = m
		if answered, ok := replies[m.ReplyTo]; ok && m.ReplyTo != 0 {
			row.Reply = &answered
		}
		if !divided && m.Seq >= firstUnread {
			divided = true
			row.New = i > 0 // above the first row of a page it would divide nothing
		}
		day := m.SentAt.UTC().Truncate(24 * time.Hour)
		if len(groups) == 0 || !groups[len(groups)-1].Day.Equal(day) {
			groups = append(groups, DayGroup{Day: day})
		} else {
			above := messages[i-1]
			row.Grouped = !row.New && m.ReplyTo == 0 && m.Report == nil && above.Author.ID == m.Author.ID && m.SentAt.Sub(above.SentAt) < groupWithin
		}
		last := &groups[len(groups)-1]
		last.Messages = append(last.Messages, row)
	}
	return groups
}
