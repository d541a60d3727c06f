package chat

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"roomline/realtime/filter"
)

// verdict is what the host and the rules about texts say of one. It is found before the transaction, on the
// sender's own time.
type verdict struct {
	filter  *filter.Filter
	wrote   string // by the author
	text    string // to be stored
	matches []Match
	hold    *Match // the host wants it held

	wait time.Duration // not 0: the author was too fast for a token, so nobody was asked
}

// rules are what is known of the rules. Each time that something else becomes known it is another one.
type rules struct {
	filter *filter.Filter // nil: not read yet
}

// readText holds a text of which the host has decided against the rules about texts.
func (s *Service) readText(ctx context.Context, out Outgoing, decided Decided) (verdict, error) {
	v := verdict{text: cmp.Or(decided.Text, out.Text), wrote: out.Text}
	var err error
	if decided.Hold != "" {
		v.hold = &Match{Rule: Rule{Name: decided.Hold, Action: RuleHold}}
	}
	if v.filter, err = s.filter(ctx); err != nil {
		return verdict{}, err
	}
	if !v.filter.Empty() {
		_, html, _ := s.cfg.Markup.Prepare(v.text, nil)
		v.matches = v.filter.Judge(v.text, html, s.cfg.Markup.Links(v.text))
	}
	return v, nil
}

// filter returns the rules of now.
func (s *Service) filter(ctx context.Context) (*filter.Filter, error) {
	known := s.rules.Load()
	if known.filter != nil {
		return known.filter, nil
	}
	var list []Rule
	err := s.cfg.Store.Read(ctx, func(r Reader) error {
		var err error
		list, err = r.Rules()
		return err
	})
	if err != nil {
		return nil, fault("read the filter", err)
	}
	f, err := newFilter(list)
	if err != nil {
		return nil, errors.New("read the filter: " + err.Error()) // no refusal of whoever sends
	}
	// Rules that were stored, or forgotten, meanwhile are newer.
	s.rules.CompareAndSwap(known, &rules{f})
	return f, nil
}

func readFilter(r Reader) (*filter.Filter, error) {
	rules, err := r.Rules()
	if err != nil {
		return nil, err
	}
	return newFilter(rules)
}

// ForgetRules has the rules of the filter read again: somebody beside this process may have changed them.
func (s *Service) ForgetRules() { s.rules.Store(&rules{}) }

// judge returns the rules that fit a message, the strictest first, or the refusal of one that blocks. Moderators
// are exempt.
func (s *Service) judge(in scene, v verdict, mentions int) ([]Match, error) {
	var matches []Match
	if !v.filter.Empty() && !in.user.Role.AtLeast(RoleModerator) {
		matches = append(s.habits.Judge(v.filter, in.user.ID, v.wrote, mentions, s.cfg.Now()), v.matches...)
	}
	if v.hold != nil {
		matches = append(matches, *v.hold)
	}
	matches = confined(in.room, strictest(matches))
	if len(matches) > 0 && matches[0].Rule.Action == RuleBlock {
		refusal := Errorf(CodeForbidden, "Blocked by the site's rule %q.", matches[0].Rule.Name)
		refusal.priced = true // or somebody could find out at their leisure what does pass
		return nil, refusal
	}
	return matches, nil
}

// judgeEdit is judge for the new text of a message that stands: it cannot be held back any more.
func (s *Service) judgeEdit(in scene, v verdict) ([]Match, error) {
	if v.hold != nil {
		return nil, Errorf(CodeForbidden, "Not changed: a moderator would have to look at this text first.")
	}
	if v.filter.Empty() || in.user.Role.AtLeast(RoleModerator) {
		return nil, nil
	}
	matches := confined(in.room, v.matches)
	if len(matches) > 0 && matches[0].Rule.Action != RuleFlag {
		return nil, Errorf(CodeForbidden, "Not changed: blocked by the site's rule %q.", matches[0].Rule.Name)
	}
	return matches, nil
}

// confined returns what matches do in a room, the strictest first. In a private room no text reaches the moderators
// unless a member reports it (docs/adr/0016): what would be held is blocked, and nothing is flagged.
func confined(room Room, matches []Match) []Match {
	if !room.Private {
		return matches
	}
	var blocking []Match
	for _, m := range matches {
		if m.Rule.Action != RuleFlag {
			m.Rule.Action = RuleBlock
			blocking = append(blocking, m)
		}
	}
	return blocking
}

// strictest sorts matches, those that block first.
func strictest(matches []Match) []Match {
	order := []RuleAction{RuleBlock, RuleHold, RuleFlag}
	slices.SortStableFunc(matches, func(a, b Match) int {
		return cmp.Compare(slices.Index(order, a.Rule.Action), slices.Index(order, b.Rule.Action))
	})
	return matches
}

// Rules returns the rules of the filter, for moderators.
func (s *Service) Rules(ctx context.Context, a Actor) ([]Rule, error) {
	var list []Rule
	err := s.moderated(ctx, "read rules", a, func(r Reader, _ scene) error {
		list = []Rule{}
		rules, err := r.Rules()
		list = append(list, rules...)
		return err
	})
	return list, err
}

// PutRule stores a rule of the filter, a new one with ID 0. It holds for all that is sent after PutRule has
// returned. CodeInvalid names the field that is wrong.
func (s *Service) PutRule(ctx context.Context, a Actor, rule Rule, reason string) (Rule, error) {
	reason, err := cleanReason(reason)
	if err != nil {
		return rule, err
	}
	if rule, err = checkRule(rule); err != nil {
		return rule, err
	}
	err = s.changeRules(ctx, "store rule", a, func(w Writer, in scene) error {
		was, err := ruleOf(w, rule.ID)
		if err != nil {
			return err
		}
		if err := w.PutRule(&rule); err != nil {
			return found(err, noRule())
		}
		e := Entry{Act: "rule:put", Reason: reason, After: ruleState(rule)}
		if was.ID != 0 {
			e.Before = ruleState(was)
		}
		return s.record(w, in, e)
	})
	return rule, err
}

// DeleteRule deletes a rule of the filter.
func (s *Service) DeleteRule(ctx context.Context, a Actor, id int64, reason string) error {
	reason, err := cleanReason(reason)
	if err != nil {
		return err
	}
	return s.changeRules(ctx, "delete rule", a, func(w Writer, in scene) error {
		was, err := ruleOf(w, id)
		if err != nil {
			return err
		}
		if err := w.DeleteRule(id); err != nil {
			return found(err, noRule())
		}
		return s.record(w, in, Entry{Act: "rule:delete", Reason: reason, Before: ruleState(was)})
	})
}

// changeRules runs fn for a moderator; the rules are then what it has left.
func (s *Service) changeRules(ctx context.Context, doing string, a Actor, fn func(Writer, scene) error) error {
	return s.write(ctx, doing, func(w Writer, n *news) error {
		in, err := s.moderator(w, a)
		if err != nil {
			return err
		}
		in.news = n
		if err := fn(w, in); err != nil {
			return err
		}
		n.rules, err = readFilter(w)
		return err
	})
}

// ruleOf returns the rule with that id, the zero Rule for a new one.
func ruleOf(r Reader, id int64) (Rule, error) {
	if id == 0 {
		return Rule{}, nil
	}
	rules, err := r.Rules()
	if err != nil {
		return Rule{}, err
	}
	for _, rule := range rules {
		if rule.ID == id {
			return rule, nil
		}
	}
	return Rule{}, noRule()
}

func noRule() *Error { return Errorf(CodeNotFound, "There is no such rule.") }

// ruleWords is how much of a rule's words the audit log tells.
const ruleWords = 1000

// ruleState is a rule in the audit log.
func ruleState(r Rule) []byte {
	words := strings.Join(r.Words, ", ")
	if len(words) > ruleWords {
		cut := ruleWords
		for !utf8.RuneStart(words[cut]) {
			cut--
		}
		words = words[:cut] + "…"
	}
	pairs := []any{"id", r.ID, "name", r.Name, "kind", r.Kind, "action", r.Action}
	for _, more := range []struct {
		name  string
		value any
		set   bool
	}{
		{"off", r.Off, r.Off}, {"words", words, words != ""}, {"only", r.Only, r.Only},
		{"pattern", r.Pattern, r.Pattern != ""}, {"most", r.Most, r.Most != 0}, {"seconds", r.Seconds, r.Seconds != 0},
	} {
		if more.set {
			pairs = append(pairs, more.name, more.value)
		}
	}
	return state(pairs...)
}

// TryRule returns what a rule would find in a text, nil for nothing, stored or not. One text shows nothing of
// habits but too many mentions in itself.
func (s *Service) TryRule(ctx context.Context, a Actor, rule Rule, text string) (*Match, error) {
	rule, err := checkRule(rule)
	if err != nil {
		return nil, err
	}
	text, err = s.cleanText(text)
	if err != nil {
		return nil, err
	}
	if err := s.moderated(ctx, "try rule", a, func(Reader, scene) error { return nil }); err != nil {
		return nil, err
	}
	rule.Off = false
	f, err := newFilter([]Rule{rule})
	if err != nil {
		return nil, err
	}
	ids := make(map[string]string) // as if everybody named were a member
	for _, name := range s.cfg.Markup.Names(text) {
		ids[name] = name
	}
	_, _, mentioned := s.cfg.Markup.Prepare(text, ids)
	_, html, _ := s.cfg.Markup.Prepare(text, nil)
	matches := f.Judge(text, html, s.cfg.Markup.Links(text))
	matches = append(matches, filter.NewHistory().Judge(f, a.ID, text, len(mentioned), s.cfg.Now())...)
	if len(matches) == 0 {
		return nil, nil
	}
	return &matches[0], nil
}
