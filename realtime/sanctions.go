package realtime

import (
	"context"
	"time"

	"roomline/realtime/chat"
)

// sanctionEvent is "sanction": what the user is kept from, or no more.
type sanctionEvent struct {
	Kind   chat.SanctionKind `json:"kind"`
	Until  time.Time         `json:"until,omitzero"` // none: until it is lifted
	Reason string            `json:"reason"`
	Lifted bool              `json:"lifted,omitempty"`
}

func tellSanction(s chat.Sanction) sanctionEvent {
	return sanctionEvent{Kind: s.Kind, Until: s.Until, Reason: s.Reason, Lifted: !s.LiftedAt.IsZero()}
}

// sanctioned makes a sanction felt on what is open, or its end. The act is acknowledged behind it.
func (c *Chat) sanctioned(s chat.Sanction) {
	c.rights.Add(1)
	event := tellSanction(s)
	if s.Kind == chat.SanctionBan && !event.Lifted {
		c.disconnectUser(s.User, farewell{"banned", &event})
	} else {
		for _, space := range c.spaces {
			space.tell(space.namespace.To(userRoom(s.User)), "sanction", event)
		}
	}
	if !event.Lifted {
		c.stopTyping(s.User)
	}
}

// roleChanged holds a user's sockets against the rules anew, and has messages say the new role.
func (c *Chat) roleChanged(user chat.User) {
	ctx := context.Background() // it is done, whoever asked for it has left or not
	c.rights.Add(1)
	for _, s := range c.spaces {
		s.feed.Forget()
		for _, socket := range s.namespace.To(userRoom(user.ID)).Sockets() {
			if m, ok := socket.Data().(*member); ok {
				m.refresh(ctx)
			}
		}
	}
}

// reported tells moderators what a report is now, but for the member whose message it is about.
func (c *Chat) reported(r chat.Report) {
	s := c.spaces[chat.SpaceAdmin]
	to := s.namespace.To()
	if r.Kind != chat.ReportHeld {
		to = to.Except(userRoom(r.Author.ID))
	}
	s.tell(to, "report", r)
}

// audited tells moderators of an act, and logs it for the operator: without its reason, which
// may be private.
func (c *Chat) audited(e chat.Entry) {
	c.log.Info("moderation", auditAttrs(e)...)
	s := c.spaces[chat.SpaceAdmin]
	to := s.namespace.To()
	if e.Target != nil { // who may have lost the right to hear of it by just this
		to = to.Except(userRoom(e.Target.ID))
	}
	s.tell(to, "audit", e)
	c.happened()
}

// auditAttrs describes an entry of the audit log.
func auditAttrs(e chat.Entry) []any {
	by := e.Actor.Name
	if e.Actor.ID == "" {
		by = "the server"
	}
	attrs := []any{"entry", e.ID, "act", e.Act, "by", by}
	if e.Target != nil {
		attrs = append(attrs, "user", e.Target.Name, "id", e.Target.ID)
	}
	if e.Room != "" {
		attrs = append(attrs, "room", e.Room)
	}
	if e.Seq != 0 {
		attrs = append(attrs, "seq", e.Seq)
	}
	return attrs
}
