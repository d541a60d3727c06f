package handlers

import (
	"strconv"
	"strings"

	"github.com/gofiber/fiber/v2"

	"roomline/realtime/chat"
)

// maxRuleWords bounds what is read of a rule's list; the chat says how many words it takes.
const maxRuleWords = 1000

// updateRule serves POST /admin/filter and /admin/filter/:id.
func (s *Site) updateRule(c *fiber.Ctx) error {
	rule, a, err := s.typedRule(c, param(c, "id"))
	if err != nil {
		return err
	}
	_, err = s.chat.PutRule(c.UserContext(), a, rule, field(c, "reason"))
	if refusal := atForm(err); refusal != nil {
		return s.refuseRule(c, rule, refusal, "rule")
	}
	if err != nil {
		return err
	}
	done := "saved"
	if rule.ID == 0 {
		done = "created"
	}
	return c.Redirect("/admin/filter?done="+done, fiber.StatusSeeOther)
}

// tryRule serves POST /admin/filter/try: what a rule as it is typed finds in a text. Nothing is stored.
func (s *Site) tryRule(c *fiber.Ctx) error {
	rule, a, err := s.typedRule(c, field(c, "id"))
	if err != nil {
		return err
	}
	tried := rule
	if strings.TrimSpace(tried.Name) == "" {
		tried.Name = "New rule" // it needs none to be tried
	}
	match, err := s.chat.TryRule(c.UserContext(), a, tried, field(c, "text"))
	if refusal := atForm(err); refusal != nil {
		return s.refuseRule(c, rule, refusal, "rule")
	}
	if err != nil {
		return err
	}
	page, err := s.typedRulePage(c, rule)
	if err != nil {
		return err
	}
	page.Tried, page.Match = true, match
	return s.render(c, fiber.StatusOK, "rule", page)
}

// deleteRule serves POST /admin/filter/:id/delete.
func (s *Site) deleteRule(c *fiber.Ctx) error {
	_, a, err := s.moderator(c)
	if err != nil {
		return err
	}
	id, err := number(param(c, "id"))
	if err != nil {
		return err
	}
	err = s.chat.DeleteRule(c.UserContext(), a, id, field(c, "reason"))
	if refusal := atForm(err); refusal != nil {
		rule, err := s.rule(c, a, id)
		if err != nil {
			return err
		}
		page, err := s.rulePage(c, rule)
		if err != nil {
			return err
		}
		return s.render(c, page.refuseForm(c, refusal, "delete", "reason"), "rule", page)
	}
	if err != nil {
		return err
	}
	return c.Redirect("/admin/filter?done=deleted", fiber.StatusSeeOther)
}

// typedRule reads the rule of a form; id is "" or "0" for a new one.
func (s *Site) typedRule(c *fiber.Ctx, id string) (chat.Rule, chat.Actor, error) {
	_, a, err := s.moderator(c)
	if err != nil {
		return chat.Rule{}, a, err
	}
	kind, err := kindOf(chat.RuleKind(field(c, "kind")))
	if err != nil {
		return chat.Rule{}, a, err
	}
	rule := chat.Rule{
		Name: field(c, "name"), Kind: kind.Kind, Action: chat.RuleAction(field(c, "action")), Off: field(c, "on") == "",
		Pattern: field(c, "pattern"), Only: field(c, "only") != "",
	}
	if id != "" && id != "0" {
		if rule.ID, err = number(id); err != nil {
			return rule, a, err
		}
	}
	for line := range strings.Lines(field(c, "words")) {
		if word := strings.TrimSpace(line); word != "" && len(rule.Words) < maxRuleWords {
			rule.Words = append(rule.Words, word)
		}
	}
	// What is no number is none that the chat would take.
	rule.Most, _ = strconv.Atoi(strings.TrimSpace(field(c, "most")))
	rule.Seconds, _ = strconv.Atoi(strings.TrimSpace(field(c, "seconds")))
	return rule, a, nil
}

// typedRulePage is the page of a rule with everything as it was typed.
func (s *Site) typedRulePage(c *fiber.Ctx, rule chat.Rule) (RulePage, error) {
	page, err := s.rulePage(c, rule)
	page.List, page.Most, page.Every, page.Text = field(c, "words"), field(c, "most"), field(c, "seconds"), field(c, "text")
	page.Form, page.Typed = "rule", map[string]string{"reason": field(c, "reason")}
	return page, err
}

// refuseRule shows the form again with what was wrong.
func (s *Site) refuseRule(c *fiber.Ctx, rule chat.Rule, refusal *chat.Error, form string) error {
	page, err := s.typedRulePage(c, rule)
	if err != nil {
		return err
	}
	return s.render(c, page.refuseForm(c, refusal, form, "name", "action", "words", "pattern", "most", "seconds", "reason", "text"), "rule", page)
}
