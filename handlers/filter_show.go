package handlers

import (
	"slices"
	"strconv"
	"strings"

	"github.com/gofiber/fiber/v2"

	"roomline/realtime/chat"
)

// filterDone says what the form did that led back to the page.
var filterDone = map[string]string{
	"created": "The rule is there. It looks at every message from now on.",
	"saved":   "The rule was changed. It looks at every message from now on.",
	"deleted": "The rule was deleted.",
}

// ruleKinds are the kinds of rule in words.
func ruleKinds() []RuleKind {
	return []RuleKind{
		{chat.RuleWords, "Words", "Words and phrases from a list."},
		{chat.RuleLinks, "Links", "Links to some sites, or to all but some."},
		{chat.RuleRepeats, "Repeated text", "The same text again and again, by one author."},
		{chat.RuleMentions, "Mention floods", "Many mentions in a short time, by one author."},
		{chat.RulePattern, "Pattern", "What a regular expression finds."},
	}
}

// kindOf is a kind of rule in words.
func kindOf(kind chat.RuleKind) (RuleKind, error) {
	kinds := ruleKinds()
	i := slices.IndexFunc(kinds, func(k RuleKind) bool { return k.Kind == kind })
	if i < 0 {
		return RuleKind{}, explainStatus(fiber.StatusNotFound)
	}
	return kinds[i], nil
}

// looksAt says what a rule looks at.
func looksAt(r chat.Rule) string {
	switch r.Kind {
	case chat.RuleWords:
		return "Messages with " + list(r.Words, "or")
	case chat.RulePattern:
		return "Messages that fit " + r.Pattern
	case chat.RuleLinks:
		if !r.Only {
			return "Links to " + list(r.Words, "or")
		}
		if len(r.Words) == 0 {
			return "All links"
		}
		return "All links but those to " + list(r.Words, "and")
	case chat.RuleRepeats:
		return "The same text for the " + ordinal(r.Most) + " time within " + pause(r.Seconds)
	case chat.RuleMentions:
		return "More than " + counted(r.Most, "mention") + " within " + pause(r.Seconds)
	}
	return ""
}

// listedAtOnce is how many words of a rule stand in a line about it.
const listedAtOnce = 6

// list writes words in a row: "a, b or c", and of many how many more there are.
func list(words []string, last string) string {
	quoted := make([]string, 0, listedAtOnce+1)
	for i, word := range words {
		if i == listedAtOnce {
			quoted = append(quoted, strconv.Itoa(len(words)-i)+" more")
			break
		}
		quoted = append(quoted, "“"+word+"”")
	}
	if len(quoted) < 2 {
		return strings.Join(quoted, "")
	}
	end := len(quoted) - 1
	return strings.Join(quoted[:end], ", ") + " " + last + " " + quoted[end]
}

// ordinal writes which of several: "3rd".
func ordinal(n int) string {
	end := "th"
	if n%100 < 11 || n%100 > 13 {
		switch n % 10 {
		case 1:
			end = "st"
		case 2:
			end = "nd"
		case 3:
			end = "rd"
		}
	}
	return strconv.Itoa(n) + end
}

// showFilter serves GET /admin/filter.
func (s *Site) showFilter(c *fiber.Ctx) error {
	page, a, err := s.moderationPage(c, "filter", "Filter")
	if err != nil {
		return err
	}
	rules, err := s.chat.Rules(c.UserContext(), a)
	if err != nil {
		return err
	}
	page.Notice = filterDone[query(c, "done")]
	return s.render(c, fiber.StatusOK, "filter", FilterPage{ModerationPage: page, Rules: rules, Kinds: ruleKinds()})
}

// newRule serves GET /admin/filter/new: the form of a kind of rule.
func (s *Site) newRule(c *fiber.Ctx) error {
	kind, err := kindOf(chat.RuleKind(query(c, "kind")))
	if err != nil {
		return err
	}
	rule := chat.Rule{Kind: kind.Kind, Action: chat.RuleHold}
	switch rule.Kind {
	case chat.RuleRepeats:
		rule.Most, rule.Seconds = 3, 60
	case chat.RuleMentions:
		rule.Most, rule.Seconds = 10, 60
	}
	page, err := s.rulePage(c, rule)
	if err != nil {
		return err
	}
	return s.render(c, fiber.StatusOK, "rule", page)
}

// showRule serves GET /admin/filter/:id.
func (s *Site) showRule(c *fiber.Ctx) error {
	_, a, err := s.moderator(c)
	if err != nil {
		return err
	}
	id, err := number(param(c, "id"))
	if err != nil {
		return err
	}
	rule, err := s.rule(c, a, id)
	if err != nil {
		return err
	}
	page, err := s.rulePage(c, rule)
	if err != nil {
		return err
	}
	return s.render(c, fiber.StatusOK, "rule", page)
}

// rule returns a rule of the filter.
func (s *Site) rule(c *fiber.Ctx, a chat.Actor, id int64) (chat.Rule, error) {
	rules, err := s.chat.Rules(c.UserContext(), a)
	if err != nil {
		return chat.Rule{}, err
	}
	i := slices.IndexFunc(rules, func(r chat.Rule) bool { return r.ID == id })
	if i < 0 {
		return chat.Rule{}, explainStatus(fiber.StatusNotFound)
	}
	return rules[i], nil
}

// rulePage makes the page of a rule.
func (s *Site) rulePage(c *fiber.Ctx, rule chat.Rule) (RulePage, error) {
	kind, err := kindOf(rule.Kind)
	if err != nil {
		return RulePage{}, err
	}
	title := "New rule"
	if rule.ID != 0 {
		title = rule.Name
	}
	page, _, err := s.moderationPage(c, "filter", title)
	return RulePage{
		ModerationPage: page, Rule: rule, About: kind, List: strings.Join(rule.Words, "\n"),
		Most: strconv.Itoa(rule.Most), Every: strconv.Itoa(rule.Seconds),
	}, err
}
