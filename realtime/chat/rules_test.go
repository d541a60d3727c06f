package chat_test

import (
	"context"
	"errors"
	"reflect"
	"strings"
	"sync"
	"testing"

	"roomline/realtime/chat"
)

var blockSpam = chat.Rule{Name: "Block", Kind: chat.RuleWords, Action: chat.RuleBlock, Words: []string{"spam"}}

func TestARuleHoldsFromWhenItIsStoredUntilItIsDeleted(t *testing.T) {
	w := newWorld(t, noLimits())
	m := w.says(ned, "spam") // the rules are known by now
	w.quiet()
	rule := w.rule(blockSpam)
	w.noted("audit rule:put")
	if e := w.entries[0]; e.Before != nil || string(e.After) != `{"action":"block","id":1,"kind":"words","name":"Block","words":"spam"}` || e.Reason != why {
		t.Errorf("the entry is %+v", e)
	}
	w.unchanged(func() {
		_, err := w.Send(t.Context(), in(ned), w.draft("spam"))
		refusal := w.refused(err, chat.CodeForbidden)
		if want := `Blocked by the site's rule "Block".`; refusal.Message != want {
			t.Errorf("the refusal is %q, want %q", refusal.Message, want)
		}
	})
	rule.Off = true
	w.rule(rule)
	w.says(ned, "spam")
	rule.Off, rule.Words = false, []string{"ham"}
	w.rule(rule)
	w.says(ned, "spam")
	_, err := w.Send(t.Context(), in(ned), w.draft("ham"))
	w.refused(err, chat.CodeForbidden)

	w.quiet()
	w.ok(w.DeleteRule(t.Context(), mod(reed), rule.ID, "needless"))
	w.noted("audit rule:delete")
	if e := w.entries[0]; string(e.Before) != `{"action":"block","id":1,"kind":"words","name":"Block","words":"ham"}` || e.After != nil || e.Actor.ID != reed {
		t.Errorf("the entry is %+v", e)
	}
	w.says(ned, "ham")
	_, err = w.Edit(t.Context(), in(ned), "lobby", m.Seq, "ham")
	w.ok(err)
	rules, err := w.Rules(t.Context(), mod(moss))
	w.ok(err)
	if rules == nil || len(rules) > 0 {
		t.Errorf("the rules are %+v", rules)
	}
	w.unchanged(func() {
		w.refused(w.DeleteRule(t.Context(), mod(moss), rule.ID, why), chat.CodeNotFound)
		_, err := w.PutRule(t.Context(), mod(moss), rule, why)
		w.refused(err, chat.CodeNotFound)
		_, err = w.PutRule(t.Context(), mod(moss), chat.Rule{Name: "Bad", Kind: chat.RulePattern, Action: chat.RuleBlock, Pattern: "("}, why)
		if refusal := w.refused(err, chat.CodeInvalid); refusal.Field != "pattern" {
			t.Errorf("a bad pattern is wrong about %q", refusal.Field)
		}
	})
}

func TestTheStrictestOfTheRulesActs(t *testing.T) {
	w := newWorld(t, noLimits())
	for _, rule := range []chat.Rule{
		{Name: "Flag", Kind: chat.RuleWords, Action: chat.RuleFlag, Words: []string{"one"}},
		{Name: "Hold", Kind: chat.RulePattern, Action: chat.RuleHold, Pattern: "tw+o"},
		{Name: "Block", Kind: chat.RuleLinks, Action: chat.RuleBlock, Words: []string{"example.org"}},
		{Name: "Often", Kind: chat.RuleRepeats, Action: chat.RuleHold, Most: 3, Seconds: 60},
		{Name: "Crowd", Kind: chat.RuleMentions, Action: chat.RuleBlock, Most: 2, Seconds: 60},
	} {
		w.rule(rule)
	}
	for _, c := range []struct {
		text string
		code chat.Code
		held bool
	}{
		{"one", "", false},
		{"one two", "", true},
		{"one two https://example.org/", chat.CodeForbidden, false},
		{"hello", "", false},
		{"hello", "", false},
		{"Hello", "", true},                       // for the third time
		{"@Mia @Moss", "", false},                 // two
		{"@Ned again", chat.CodeForbidden, false}, // three
		{"@Nobody again", "", false},
	} {
		m, err := w.Send(t.Context(), in(ned), w.draft(c.text))
		w.refused(err, c.code)
		if m.Held != c.held {
			t.Errorf("%q is held: %v", c.text, m.Held)
		}
	}
	if r := w.report(1); r.Kind != chat.ReportFlag || r.Reasons[0].Text != "Flag" {
		t.Errorf("what is flagged is %+v", r)
	}
	if r := w.report(2); r.Kind != chat.ReportHeld || r.Count != 1 || r.Reasons[0].Text != "Hold" {
		t.Errorf("what is held is %+v", r)
	}
}

func TestWhatIsBlockedDoesNotUseUpItsIDNorAHabit(t *testing.T) {
	w := newWorld(t, noLimits())
	rule := w.rule(blockSpam)
	w.rule(chat.Rule{Name: "Often", Kind: chat.RuleRepeats, Action: chat.RuleBlock, Most: 2, Seconds: 60})
	d := w.draft("spam")
	for range 3 {
		_, err := w.Send(t.Context(), in(ned), d)
		w.refused(err, chat.CodeForbidden)
	}
	w.ok(w.DeleteRule(t.Context(), mod(moss), rule.ID, why))
	_, err := w.Send(t.Context(), in(ned), d)
	w.ok(err)
}

func TestWhatIsBlockedCostsATokenAsWhatIsSent(t *testing.T) {
	limits := noLimits()
	limits.SendBurst, limits.SendRate = 3, 0.001
	w := newWorld(t, limits)
	w.rule(blockSpam)
	d := w.says(ned, "hello")
	for range 2 {
		_, err := w.Send(t.Context(), in(ned), w.draft("spam"))
		w.refused(err, chat.CodeForbidden)
	}
	for _, text := range []string{"spam", "ham"} {
		_, err := w.Send(t.Context(), in(ned), w.draft(text))
		w.refused(err, chat.CodeRateLimited)
	}
	again, err := w.Send(t.Context(), in(ned), chat.Draft{Room: d.Room, ID: d.ID, Text: d.Text})
	if w.ok(err); again.Seq != d.Seq {
		t.Errorf("a retry is answered with %d, want %d", again.Seq, d.Seq)
	}
}

func TestAnEditThatARuleWouldHoldOrBlockChangesNothing(t *testing.T) {
	for action, want := range map[chat.RuleAction]chat.Code{
		chat.RuleBlock: chat.CodeForbidden, chat.RuleHold: chat.CodeForbidden, chat.RuleFlag: "",
	} {
		w := newWorld(t, noLimits())
		rule := noSpam
		rule.Action = action
		w.rule(rule)
		m := w.says(ned, "hello")
		if want != "" {
			w.unchanged(func() {
				_, err := w.Edit(t.Context(), in(ned), "lobby", m.Seq, "spam")
				refusal := w.refused(err, want)
				if want := `Not changed: blocked by the site's rule "No spam".`; refusal.Message != want {
					t.Errorf("the refusal is %q, want %q", refusal.Message, want)
				}
			})
			continue
		}
		w.quiet()
		edited, err := w.Edit(t.Context(), in(ned), "lobby", m.Seq, "spam")
		w.ok(err)
		if edited.Text != "spam" || edited.Rev != 2 {
			t.Errorf("the edit is %+v", edited)
		}
		w.noted("report 1 open 1")
		if r := w.report(1); r.Kind != chat.ReportFlag || r.Text != "spam" || r.Seq != m.Seq {
			t.Errorf("the report is %+v", r)
		}
	}
}

func TestRulesOfAnotherProcessHoldOnceTheOldAreForgotten(t *testing.T) {
	w := newWorld(t, noLimits())
	w.says(ned, "spam")
	other := chat.New(chat.Config{Store: w.store, Markup: marks{}, Now: w.now})
	_, err := other.PutRule(t.Context(), mod(moss), blockSpam, why)
	w.ok(err)
	w.says(ned, "spam")
	w.ForgetRules()
	_, err = w.Send(t.Context(), in(ned), w.draft("spam"))
	w.refused(err, chat.CodeForbidden)
}

// lateStore lets one read of the rules see the store, and return when the test says so.
type lateStore struct {
	chat.Store
	once         sync.Once
	read, answer chan struct{}
}

func (s *lateStore) Read(ctx context.Context, fn func(chat.Reader) error) error {
	err := s.Store.Read(ctx, fn)
	s.once.Do(func() {
		close(s.read)
		<-s.answer
	})
	return err
}

func TestRulesThatAreReadWhileOthersAreStoredAreNotKept(t *testing.T) {
	for name, change := range map[string]func(*world, *chat.Service){
		"here": func(w *world, s *chat.Service) {
			_, err := s.PutRule(w.Context(), mod(moss), blockSpam, why)
			w.ok(err)
		},
		"in another process": func(w *world, s *chat.Service) {
			w.rule(blockSpam)
			s.ForgetRules()
		},
		"here and then elsewhere": func(w *world, s *chat.Service) {
			_, err := s.PutRule(w.Context(), mod(moss), noSpam, why)
			w.ok(err)
			w.rule(blockSpam)
			s.ForgetRules()
		},
	} {
		w := newWorld(t, noLimits())
		late := &lateStore{Store: w.store, read: make(chan struct{}), answer: make(chan struct{})}
		s := chat.New(chat.Config{Store: late, Markup: marks{}, Now: w.now})
		var sending sync.WaitGroup
		sending.Go(func() {
			_, err := s.Send(t.Context(), in(ned), w.draft("spam")) // it began before the rule was there
			if err != nil {
				t.Errorf("%s: %v", name, err)
			}
		})
		<-late.read
		change(w, s)
		close(late.answer)
		sending.Wait()
		_, err := s.Send(t.Context(), in(ned), w.draft("spam"))
		if chat.ErrorCode(err) != chat.CodeForbidden {
			t.Errorf("%s: after the rule was stored a message that it blocks gets %v", name, err)
		}
	}
}

func TestRulesThatCannotBeReadAreNoRefusalOfWhoSends(t *testing.T) {
	w := newWorld(t, noLimits())
	w.ok(w.store.Write(t.Context(), func(tx chat.Writer) error {
		return tx.PutRule(&chat.Rule{Name: "Bad", Kind: chat.RulePattern, Action: chat.RuleBlock, Pattern: "("})
	}, nil))
	w.unchanged(func() {
		_, err := w.Send(t.Context(), in(ned), w.draft("hello"))
		w.refused(err, chat.CodeInternal)
	})
}

func TestTryingARuleStoresNothing(t *testing.T) {
	w := newWorld(t, noLimits())
	off := noSpam
	off.Off = true
	for _, c := range []struct {
		rule  chat.Rule
		text  string
		found any // nil for no match
	}{
		{noSpam, "a bit of Spam here", "Spam"},
		{off, "spam", "spam"},
		{noSpam, "spammer", nil},
		{chat.Rule{Name: "P", Kind: chat.RulePattern, Action: chat.RuleFlag, Pattern: "h.llo"}, "well, hello", "hello"},
		{chat.Rule{Name: "M", Kind: chat.RuleMentions, Action: chat.RuleFlag, Most: 1, Seconds: 60}, "@Mia @Ned", ""},
		{chat.Rule{Name: "M", Kind: chat.RuleMentions, Action: chat.RuleFlag, Most: 2, Seconds: 60}, "@Mia @Ned", nil},
		{chat.Rule{Name: "R", Kind: chat.RuleRepeats, Action: chat.RuleFlag, Most: 2, Seconds: 60}, "again", nil},
	} {
		w.unchanged(func() {
			match, err := w.TryRule(t.Context(), mod(moss), c.rule, c.text)
			w.ok(err)
			if (match == nil) != (c.found == nil) || match != nil && !reflect.DeepEqual(match.Found, c.found) {
				t.Errorf("%+v finds in %q %+v, want %v", c.rule, c.text, match, c.found)
			}
		})
	}
	w.unchanged(func() {
		for text, rule := range map[string]chat.Rule{"hello": {Name: "Bad"}, "": noSpam} {
			_, err := w.TryRule(t.Context(), mod(moss), rule, text)
			w.refused(err, chat.CodeInvalid)
		}
	})
	w.says(ned, "spam")
}

func TestRuleNamesAreCleanedLines(t *testing.T) {
	w := newWorld(t, noLimits())
	rule := chat.Rule{Kind: chat.RuleWords, Action: chat.RuleFlag, Words: []string{"x"}, Name: " a \n rule "}
	got, err := w.PutRule(t.Context(), mod(reed), rule, why)
	if err != nil || got.Name != "a rule" {
		t.Errorf("stored %+v, %v", got, err)
	}
	for _, name := range []string{"", " \n", "\u200b", strings.Repeat("x", 61), "a\xff"} {
		rule.Name = name
		_, err := w.PutRule(t.Context(), mod(reed), rule, why)
		var refusal *chat.Error
		if !errors.As(err, &refusal) || refusal.Code != chat.CodeInvalid || refusal.Field != "name" {
			t.Errorf("%q: %v", name, err)
		}
	}
}
