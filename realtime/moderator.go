package realtime

import (
	"encoding/json"
	"strings"

	"roomline/realtime/chat"
	"roomline/realtime/socketio"
)

// moderator is a member in the space of the moderators. It makes a feed.Sink that leaves out the cards of reports about
// the member: everybody else gets the same bytes.
type moderator struct{ *member }

// Deliver implements feed.Sink.
func (m moderator) Deliver(events []socketio.Prepared) int {
	for i, event := range events {
		if m.space.cardAbout(event) != m.id && m.member.Deliver(events[i:i+1]) == 0 {
			return i
		}
	}
	return len(events)
}

// cardAbout returns the user whose message the card of a report is about, "" if the event is no card.
func (s *space) cardAbout(event socketio.Prepared) string {
	text := string(event.Text())
	if !strings.Contains(text, `"kind":"`+string(chat.KindReport)+`"`) {
		return ""
	}
	var card struct {
		Report struct {
			Kind   chat.ReportKind `json:"kind"`
			Author struct {
				ID string `json:"id"`
			} `json:"author"`
		} `json:"report"`
	}
	message := text[s.head : len(text)-len(eventTail)]
	if err := json.Unmarshal([]byte(message), &card); err != nil {
		s.chat.log.Error("card cannot be read", "error", err)
	}
	if card.Report.Kind == chat.ReportHeld {
		return "" // its author knows of it
	}
	return card.Report.Author.ID
}
