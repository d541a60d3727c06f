package handlers

import (
	"errors"
	"fmt"
	"html/template"
	"net/url"
	"strconv"
	"strings"

	"github.com/gofiber/fiber/v2"

	"roomline/realtime/chat"
)

// The one room of the admin space, and where its pages are.
const (
	adminRoom = "admin"
	adminPath = "/admin"
)

// showSearch serves GET /search: the form, and what was found if something is asked. The admin
// room is searched alone.
func (s *Site) showSearch(c *fiber.Ctx) error {
	v, err := s.accounts.visitor(c)
	if err != nil {
		return err
	}
	q := chat.SearchQuery{Room: query(c, "room"), Query: query(c, "q")}
	if before := query(c, "before"); before != "" {
		if q.Before, err = number(before); err != nil {
			return err
		}
	}
	actor := chat.Actor{ID: v.user.Chat().ID, Space: chat.SpaceGeneral}
	if q.Room == adminRoom {
		actor.Space = chat.SpaceAdmin
	}
	rooms, err := s.chat.Rooms(c.UserContext(), actor)
	if chat.ErrorCode(err) == chat.CodeForbidden && actor.Space == chat.SpaceAdmin {
		return explainStatus(fiber.StatusNotFound) // as of any room that is not there
	}
	if err != nil {
		return err
	}
	page := SearchPage{Page: s.page(v, "Search"), Query: q.Query, Room: q.Room, Rooms: rooms, Back: "/"}
	if q.Room != "" {
		if _, err := s.chat.Room(c.UserContext(), actor, q.Room); err != nil {
			return err
		}
		page.Back = roomPath(q.Room)
	}
	status := fiber.StatusOK
	if q.Query != "" {
		found, err := s.chat.Search(c.UserContext(), actor, q)
		if refusal := (*chat.Error)(nil); errors.As(err, &refusal) {
			status = page.refuse(c, explainRefusal(refusal), "q")
		} else if err != nil {
			return err
		} else {
			page.fill(q, found)
			if page.People, err = s.members(c, actor, q); err != nil {
				return err
			}
		}
	}
	return s.render(c, status, "search", page)
}

// peopleFound is how many members a search names at the most.
const peopleFound = 8

// members are those whose names begin as a search of one word does, on its first page.
func (s *Site) members(c *fiber.Ctx, actor chat.Actor, q chat.SearchQuery) ([]chat.User, error) {
	words := strings.Fields(q.Query)
	if len(words) != 1 || q.Before > 0 {
		return nil, nil
	}
	return s.chat.FindUsers(c.UserContext(), actor, q.Room, strings.TrimPrefix(words[0], "@"), peopleFound)
}

// fill puts what was found on the page.
func (p *SearchPage) fill(q chat.SearchQuery, found chat.SearchPage) {
	p.Asked, p.Incomplete = true, found.Incomplete
	p.Title = fmt.Sprintf("%.60s · Search", q.Query)
	names := make(map[string]string, len(p.Rooms))
	for _, room := range p.Rooms {
		names[room.Slug] = room.Name
	}
	for i, m := range found.Messages {
		// The snippet is made by the chat, which escapes all of the text.
		r := Result{Message: m, Snippet: template.HTML(found.Snippets[i]), Path: fmt.Sprintf("%s/%d%s", roomPath(m.Room), m.Seq, anchor(m.Seq))} //nolint:gosec // see above
		if q.Room == "" {
			r.RoomName = names[m.Room]
		}
		p.Results = append(p.Results, r)
	}
	if found.Before > 0 {
		p.Next = searchPath(q, found.Before)
	}
	if q.Before > 0 {
		p.First = searchPath(q, 0)
	}
}

// roomPath is where a room's page is.
func roomPath(slug string) string {
	if slug == adminRoom {
		return adminPath
	}
	return "/rooms/" + slug
}

// searchPath is where a page of what is found is.
func searchPath(q chat.SearchQuery, before int64) string {
	values := url.Values{"q": {q.Query}}
	if q.Room != "" {
		values.Set("room", q.Room)
	}
	if before > 0 {
		values.Set("before", strconv.FormatInt(before, 10))
	}
	return "/search?" + values.Encode()
}
