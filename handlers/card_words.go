package handlers

import (
	"strconv"

	"roomline/realtime/chat"
)

// The words of a report's card. public/js/moderation/words.js does the same.

// cardKind say what a report is, and how it came into the queue.
func cardKind(r *chat.Report) string {
	switch {
	case r.Kind == chat.ReportHeld:
		return "Waits for review"
	case r.Kind == chat.ReportFlag && r.Count < 2:
		return "Flagged by a rule"
	case r.Count > 1 || len(r.Reasons) == 0:
		return "Reported by " + strconv.Itoa(r.Count)
	}
	return "Reported by " + r.Reasons[0].User.Name
}

// outcomes say what was decided, behind the name of who did.
var outcomes = map[chat.Resolution]string{
	chat.AgreeDelete: "deleted the message",
	chat.AgreeMute:   "deleted the message and muted its author",
	chat.Keep:        "kept the message",
	chat.Ignore:      "ignored the report",
	chat.Approve:     "let it be posted",
	chat.Reject:      "rejected it",
	chat.RejectMute:  "rejected it and muted its author",
}

func cardOutcome(r *chat.Report) string {
	if words, ok := outcomes[r.Action]; ok {
		return words
	}
	return "resolved it"
}

// cardOthers is how many of those who reported are not listed.
func cardOthers(r *chat.Report) int { return max(0, r.Count-len(r.Reasons)) }

// cardMessage is where the message of a report is.
func cardMessage(r *chat.Report) string {
	return roomPath(r.Room) + "/" + strconv.FormatInt(r.Seq, 10) + anchor(r.Seq)
}
