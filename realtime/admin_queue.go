package realtime

import (
	"context"

	"roomline/realtime/chat"
)

// bindQueue registers what moderators decide of messages, the filter that finds some, and the log
// of it all.
func (c *Chat) bindQueue(s *space) {
	on(s, "report:list", c.listReports)
	on(s, "report:resolve", c.resolveReport)
	on(s, "rule:list", c.listRules)
	on(s, "rule:put", c.putRule)
	on(s, "rule:delete", c.deleteRule)
	on(s, "rule:try", c.tryRule)
	on(s, "audit:list", c.listAudit)
}

// reportMessage is for /general: a member reports what somebody else wrote.
func (c *Chat) reportMessage(ctx context.Context, m *member, r messageAct) (accepted, error) {
	return accepted{ok}, c.service.Report(ctx, m.actor(), r.Room, r.Seq, r.Reason)
}

type reportsQuery struct {
	State  chat.ReportState `json:"state"`
	Before int64            `json:"before"`
	Limit  int              `json:"limit"`
}

type reportsReply struct {
	done
	Reports  []chat.Report `json:"reports"`
	HasOlder bool          `json:"hasOlder"`
}

func (c *Chat) listReports(ctx context.Context, m *member, r reportsQuery) (reportsReply, error) {
	reports, older, err := c.service.Reports(ctx, m.actor(), chat.ReportQuery{State: r.State, Before: r.Before, Limit: r.Limit})
	return reportsReply{ok, listed(reports), older}, err
}

type resolveRequest struct {
	Report  int64           `json:"report"`
	Action  chat.Resolution `json:"action"`
	Note    string          `json:"note"`
	Minutes minutes         `json:"minutes"`
}

type reportReply struct {
	done
	Report  chat.Report `json:"report"`
	Already bool        `json:"already,omitempty"` // somebody else was first
}

func (c *Chat) resolveReport(ctx context.Context, m *member, r resolveRequest) (reportReply, error) {
	report, already, err := c.service.Resolve(ctx, m.actor(), chat.Decision{Report: r.Report, Action: r.Action, Note: r.Note, For: r.Minutes.duration()})
	return reportReply{ok, report, already}, err
}

type rulesReply struct {
	done
	Rules []chat.Rule `json:"rules"`
}

func (c *Chat) listRules(ctx context.Context, m *member, _ struct{}) (rulesReply, error) {
	rules, err := c.service.Rules(ctx, m.actor())
	return rulesReply{ok, listed(rules)}, err
}

type ruleRequest struct {
	Rule   chat.Rule `json:"rule"`
	Reason string    `json:"reason"`
}

type ruleReply struct {
	done
	Rule chat.Rule `json:"rule"`
}

func (c *Chat) putRule(ctx context.Context, m *member, r ruleRequest) (ruleReply, error) {
	rule, err := c.service.PutRule(ctx, m.actor(), r.Rule, r.Reason)
	return ruleReply{ok, rule}, err
}

type ruleAct struct {
	ID     int64  `json:"id"`
	Reason string `json:"reason"`
}

func (c *Chat) deleteRule(ctx context.Context, m *member, r ruleAct) (accepted, error) {
	return accepted{ok}, c.service.DeleteRule(ctx, m.actor(), r.ID, r.Reason)
}

type tryRequest struct {
	Rule chat.Rule `json:"rule"`
	Text string    `json:"text"`
}

type tryReply struct {
	done
	Match *chat.Match `json:"match,omitempty"`
}

func (c *Chat) tryRule(ctx context.Context, m *member, r tryRequest) (tryReply, error) {
	match, err := c.service.TryRule(ctx, m.actor(), r.Rule, r.Text)
	return tryReply{ok, match}, err
}

type auditQuery struct {
	Before int64  `json:"before"`
	Limit  int    `json:"limit"`
	Query  string `json:"query"`
	Act    string `json:"act"`
	User   string `json:"user"` // id
}

type auditReply struct {
	done
	Entries  []chat.Entry `json:"entries"`
	HasOlder bool         `json:"hasOlder"`
}

func (c *Chat) listAudit(ctx context.Context, m *member, r auditQuery) (auditReply, error) {
	entries, older, err := c.service.Audit(ctx, m.actor(), chat.AuditQuery{Before: r.Before, Limit: r.Limit, Query: r.Query, Act: r.Act, User: r.User})
	return auditReply{ok, listed(entries), older}, err
}
