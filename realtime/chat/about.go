package chat

import (
	"errors"
	"slices"
	"strconv"
	"strings"
)

// Reports about a member of the moderators are hidden from that member, whatever their role: the report, its card in the
// admin room, and the entries of the audit log that tell of it.

// isAbout reports whether a report is about the user's own message. What is held is not: its author knows of it.
func (r Report) isAbout(user string) bool {
	return user != "" && r.Author.ID == user && r.Kind != ReportHeld
}

// tellsOfReport reports whether an entry tells of a report about the user.
func (e Entry) tellsOfReport(user string) bool {
	return user != "" && e.Target != nil && e.Target.ID == user && strings.HasPrefix(e.Act, "report:")
}

// reportOf returns the report that a card is about, as it is stored; ErrMissing for any other message.
func reportOf(r Reader, m Message) (Report, error) {
	id, err := strconv.ParseInt(strings.TrimPrefix(m.ID, cardPrefix), 10, 64)
	if err != nil || m.Kind != KindReport {
		return Report{}, ErrMissing
	}
	return r.Report(id)
}

// hides reports whether a message is a card about the user's own message.
func hides(r Reader, m Message, user string) (bool, error) {
	if m.Kind != KindReport {
		return false, nil
	}
	report, err := reportOf(r, m)
	if errors.Is(err, ErrMissing) {
		return false, nil
	}
	return report.isAbout(user), err
}

// fillFor fills messages as fill does, and returns those that the scene's user may see.
func (s *Service) fillFor(r Reader, in scene, messages []Message) ([]Message, error) {
	if err := s.fill(r, messages); err != nil {
		return nil, err
	}
	return slices.DeleteFunc(messages, func(m Message) bool { return m.Report != nil && m.Report.isAbout(in.user.ID) }), nil
}
