package realtime

import (
	"context"
	"strconv"

	"roomline/realtime/chat"
)

// bindMembers registers what moderators do to people.
func (c *Chat) bindMembers(s *space) {
	on(s, "member:mute", c.muteMember)
	on(s, "member:unmute", c.unmuteMember)
	on(s, "member:ban", c.banMember)
	on(s, "member:unban", c.unbanMember)
	on(s, "member:purge", c.purgeMember)
	on(s, "member:restore", c.restoreMember)
	on(s, "member:role", c.setRole)
	on(s, "member:list", c.listMembers)
	on(s, "member:get", c.getMember)
}

// memberView is a member as moderators see them.
type memberView struct {
	chat.Member
	Online bool `json:"online"` // connected
}

// MarshalJSON implements json.Marshaler: to embed a Member would be to be one.
func (v memberView) MarshalJSON() ([]byte, error) {
	b, err := v.Member.MarshalJSON()
	if err != nil {
		return nil, err
	}
	return append(strconv.AppendBool(append(b[:len(b)-1], `,"online":`...), v.Online), '}'), nil
}

func (c *Chat) memberView(m chat.Member) memberView { return memberView{m, c.Online(m.ID)} }

type memberReply struct {
	done
	Member memberView `json:"member"`
	Purged *int       `json:"purged,omitempty"` // messages, of a ban with a purge
}

type sanctionRequest struct {
	User    string  `json:"user"` // id
	Minutes minutes `json:"minutes"`
	Reason  string  `json:"reason"`
}

func (c *Chat) muteMember(ctx context.Context, m *member, r sanctionRequest) (memberReply, error) {
	who, err := c.service.Mute(ctx, m.actor(), chat.SanctionRequest{User: r.User, For: r.Minutes.duration(), Reason: r.Reason})
	return memberReply{done: ok, Member: c.memberView(who)}, err
}

type memberAct struct {
	User   string `json:"user"` // id
	Reason string `json:"reason"`
}

func (c *Chat) unmuteMember(ctx context.Context, m *member, r memberAct) (memberReply, error) {
	who, err := c.service.Unmute(ctx, m.actor(), r.User, r.Reason)
	return memberReply{done: ok, Member: c.memberView(who)}, err
}

type banRequest struct {
	User    string  `json:"user"` // id
	Minutes minutes `json:"minutes"`
	Reason  string  `json:"reason"`
	Purge   bool    `json:"purge"`
}

func (c *Chat) banMember(ctx context.Context, m *member, r banRequest) (memberReply, error) {
	ban := chat.SanctionRequest{User: r.User, For: r.Minutes.duration(), Reason: r.Reason}
	if r.Purge {
		who, n, err := c.service.BanAndDelete(ctx, m.actor(), ban)
		return memberReply{ok, c.memberView(who), &n}, err
	}
	who, err := c.service.Ban(ctx, m.actor(), ban)
	return memberReply{done: ok, Member: c.memberView(who)}, err
}

func (c *Chat) unbanMember(ctx context.Context, m *member, r memberAct) (memberReply, error) {
	who, err := c.service.Unban(ctx, m.actor(), r.User, r.Reason)
	return memberReply{done: ok, Member: c.memberView(who)}, err
}

type purgeReply struct {
	done
	Member   memberView `json:"member"`
	Messages int        `json:"messages"`
}

func (c *Chat) purgeMember(ctx context.Context, m *member, r memberAct) (purgeReply, error) {
	who, n, err := c.service.TakeDown(ctx, m.actor(), r.User, r.Reason)
	return purgeReply{ok, c.memberView(who), n}, err
}

func (c *Chat) restoreMember(ctx context.Context, m *member, r memberAct) (purgeReply, error) {
	who, n, err := c.service.BringBack(ctx, m.actor(), r.User, r.Reason)
	return purgeReply{ok, c.memberView(who), n}, err
}

type roleRequest struct {
	User   string    `json:"user"` // id
	Role   chat.Role `json:"role"`
	Reason string    `json:"reason"`
}

func (c *Chat) setRole(ctx context.Context, m *member, r roleRequest) (memberReply, error) {
	who, err := c.service.SetRole(ctx, m.actor(), r.User, r.Role, r.Reason)
	return memberReply{done: ok, Member: c.memberView(who)}, err
}

type membersQuery struct {
	Query      string `json:"query"`
	After      string `json:"after"`
	Sanctioned bool   `json:"sanctioned"`
	Limit      int    `json:"limit"`
}

type memberPage struct {
	done
	Members []memberView `json:"members"`
	After   string       `json:"after,omitempty"`
}

func (c *Chat) listMembers(ctx context.Context, m *member, r membersQuery) (memberPage, error) {
	page, err := c.service.Accounts(ctx, m.actor(), chat.MemberQuery{Query: r.Query, After: r.After, Sanctioned: r.Sanctioned, Limit: r.Limit})
	members := make([]memberView, len(page.Members))
	for i, who := range page.Members {
		members[i] = c.memberView(who)
	}
	return memberPage{ok, members, page.After}, err
}

type userRequest struct {
	User string `json:"user"` // id
}

type profileReply struct {
	done
	Member  memberView      `json:"member"`
	History []chat.Sanction `json:"history"`
	Recent  []chat.Message  `json:"recent"`
	Purged  int             `json:"purged"`
}

func (c *Chat) getMember(ctx context.Context, m *member, r userRequest) (profileReply, error) {
	p, err := c.service.Profile(ctx, m.actor(), r.User)
	return profileReply{ok, c.memberView(p.Member), listed(p.History), listed(p.Recent), p.Purged}, err
}
