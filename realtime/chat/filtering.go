package chat

import (
	"errors"

	"roomline/realtime/filter"
)

// Rule is a rule of the filter.
type Rule = filter.Rule

// RuleKind is what a rule looks at.
type RuleKind = filter.Kind

// RuleAction is what a rule does about a message that fits.
type RuleAction = filter.Action

// Match is what a rule finds in a text.
type Match = filter.Match

// The kinds of rules and what they do.
const (
	RuleWords    = filter.KindWords
	RulePattern  = filter.KindPattern
	RuleLinks    = filter.KindLinks
	RuleRepeats  = filter.KindRepeats
	RuleMentions = filter.KindMentions

	RuleFlag  = filter.ActionFlag
	RuleHold  = filter.ActionHold
	RuleBlock = filter.ActionBlock
)

const maxRuleName = 60

// checkRule returns a rule as it is stored.
func checkRule(r Rule) (Rule, error) {
	var err error
	if r.Name, err = cleanLine("name", r.Name, 1, maxRuleName); err != nil {
		return r, err
	}
	r, err = filter.Check(r)
	return r, refusedRule(err)
}

// newFilter compiles rules that checkRule has returned.
func newFilter(rules []Rule) (*filter.Filter, error) {
	f, err := filter.New(rules)
	return f, refusedRule(err)
}

// refusedRule makes a refusal of package filter an Error with CodeInvalid.
func refusedRule(err error) error {
	var refusal *filter.Error
	if errors.As(err, &refusal) {
		return wrong(refusal.Field, "%s", refusal.Message)
	}
	return err
}
