package realtime

import (
	"context"

	"roomline/realtime/chat"
)

type searchRequest struct {
	Room   string `json:"room"`
	Query  string `json:"query"`
	Before int64  `json:"before"`
	Limit  int    `json:"limit"`
}

type searchReply struct {
	done
	Messages   []chat.Message `json:"messages"`
	Snippets   []string       `json:"snippets"` // HTML
	HasOlder   bool           `json:"hasOlder"`
	Before     int64          `json:"before,omitempty"`
	Incomplete bool           `json:"incomplete,omitempty"`
}

func (c *Chat) searchRoom(ctx context.Context, m *member, r searchRequest) (searchReply, error) {
	page, err := c.service.Search(ctx, m.actor(), chat.SearchQuery{Room: r.Room, Query: r.Query, Before: r.Before, Limit: r.Limit})
	return searchReply{ok, page.Messages, page.Snippets, page.HasOlder, page.Before, page.Incomplete}, err
}
