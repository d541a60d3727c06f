package chat_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"roomline/realtime/chat"
)

// decider is a BeforeSend that answers each text with one thing, and what it was asked and failed at.
type decider struct {
	mu     sync.Mutex // guards what follows
	asked  []chat.Outgoing
	failed []error
	answer chat.Decided
	err    error
}

func (d *decider) before(_ *world, cfg *chat.Config) {
	cfg.BeforeSend = &chat.BeforeSend{
		Decide: func(_ context.Context, out chat.Outgoing) (chat.Decided, error) {
			d.mu.Lock()
			defer d.mu.Unlock()
			d.asked = append(d.asked, out)
			return d.answer, d.err
		},
		Failed: func(_ chat.Outgoing, err error) { d.failed = append(d.failed, err) },
	}
}

func (d *decider) count() int { return len(d.asked) }

// rejects makes a BeforeSend that rejects everything, and notes it.
func rejects(note func()) *chat.BeforeSend {
	return &chat.BeforeSend{Decide: func(context.Context, chat.Outgoing) (chat.Decided, error) {
		if note != nil {
			note()
		}
		return chat.Decided{Reject: "No."}, nil
	}}
}

func TestWhatAHostHasNothingAgainstIsSent(t *testing.T) {
	d := &decider{}
	w := newWorld(t, noLimits(), d.before)
	w.says(mia, "hello")
	draft := w.draft("  hello\r\nyou ")
	draft.ReplyTo = 1
	w.ok(second(w.Send(t.Context(), in(mia), draft)))
	if want := (chat.Outgoing{User: mia, Room: "lobby", Text: "hello\nyou", ReplyTo: 1}); d.count() != 2 || d.asked[1] != want {
		t.Errorf("the host was asked %+v, want %+v", d.asked, want)
	}
}

func TestAHostRejectsWithItsReason(t *testing.T) {
	d := &decider{answer: chat.Decided{Reject: "Not on Sundays."}}
	w := newWorld(t, noLimits(), d.before)
	draft := w.draft("hello")
	_, err := w.Send(t.Context(), in(mia), draft)
	if e := w.refused(err, chat.CodeForbidden); e.Message != "Not on Sundays." {
		t.Errorf("the refusal is %+v", e)
	}
	w.heard()
	d.answer = chat.Decided{} // its id was not used up
	w.ok(second(w.Send(t.Context(), in(mia), draft)))
}

func TestAHostReplacesATextAndARetryIsTheSameMessage(t *testing.T) {
	d := &decider{answer: chat.Decided{Text: " hello @Ned "}}
	w := newWorld(t, noLimits(), d.before)
	draft := w.draft("what the author wrote")
	first, err := w.Send(t.Context(), in(mia), draft)
	w.ok(err)
	if first.Text != "hello @Ned" || len(first.Mentions) != 1 {
		t.Errorf("the message is %+v", first)
	}
	d.answer, d.err = chat.Decided{Reject: "No more."}, errors.New("and broken")
	again, err := w.Send(t.Context(), in(mia), draft)
	w.ok(err)
	if again.Seq != first.Seq || again.Text != first.Text {
		t.Errorf("the retry is %+v", again)
	}
	if d.count() != 1 {
		t.Errorf("the host was asked %d times", d.count())
	}
	w.heard(first)
	draft.Text = "hello @Ned"
	_, err = w.Send(t.Context(), in(mia), draft)
	w.refused(err, chat.CodeIDReused)
}

func TestTheRulesJudgeWhatAHostMadeOfAText(t *testing.T) {
	d := &decider{answer: chat.Decided{Text: "spam"}}
	w := newWorld(t, noLimits(), d.before)
	w.rule(chat.Rule{Name: "No spam", Kind: chat.RuleWords, Action: chat.RuleBlock, Words: []string{"spam"}})
	_, err := w.Send(t.Context(), in(mia), w.draft("hello"))
	w.refused(err, chat.CodeForbidden)
	d.answer = chat.Decided{Text: "ham"}
	w.says(mia, "spam")
}

func TestWhatAHostHoldsWaitsForAModerator(t *testing.T) {
	d := &decider{answer: chat.Decided{Hold: "A new author"}}
	w := newWorld(t, noLimits(), d.before)
	draft := w.draft("hello")
	m, err := w.Send(t.Context(), in(moss), draft) // a moderator's too
	w.ok(err)
	if !m.Held {
		t.Errorf("the message is %+v", m)
	}
	if again, err := w.Send(t.Context(), in(moss), draft); err != nil || !again.Held || d.count() != 1 {
		t.Errorf("the retry is %+v: %v; the host was asked %d times", again, err, d.count())
	}
	r := w.report(1)
	if r.Kind != chat.ReportHeld || r.Text != "hello" || r.Reasons[0].Text != "A new author" {
		t.Errorf("the report is %+v", r)
	}
	_, _, err = w.Resolve(t.Context(), mod(reed), chat.Decision{Report: 1, Action: chat.Approve})
	w.ok(err)
	if got := w.latest(); len(got) != 1 || got[0].Text != "hello" {
		t.Errorf("approved is %+v", got)
	}
}

func TestAHostIsAskedOfAnEdit(t *testing.T) {
	d := &decider{}
	w := newWorld(t, noLimits(), d.before)
	w.says(mia, "hello")
	d.answer = chat.Decided{Text: "better"}
	m, err := w.Edit(t.Context(), in(mia), "lobby", 1, "worse")
	w.ok(err)
	if want := (chat.Outgoing{User: mia, Room: "lobby", Text: "worse", Edit: true}); m.Text != "better" || d.asked[1] != want {
		t.Errorf("the message is %+v, the host was asked %+v", m, d.asked[1])
	}
	for _, answer := range []chat.Decided{{Reject: "No."}, {Hold: "secret reason"}} {
		d.answer = answer
		_, err := w.Edit(t.Context(), in(mia), "lobby", 1, "worst")
		if e := w.refused(err, chat.CodeForbidden); strings.Contains(e.Message, "secret") {
			t.Errorf("the author reads %q", e.Message)
		}
	}
	if got := w.latest(); got[0].Text != "better" {
		t.Errorf("the message is %+v", got[0])
	}
}

func TestAHostIsNotAskedOfWhatIsRefusedAnyway(t *testing.T) {
	d := &decider{}
	w := newWorld(t, chat.Limits{SendBurst: 1, SendRate: 0.001}, d.before, guests)
	w.says(mia, "hello")
	for _, c := range []struct {
		user, room string
		code       chat.Code
	}{
		{gone, "lobby", chat.CodeForbidden}, {"", "lobby", chat.CodeForbidden}, {ned, "admin", chat.CodeNotFound},
		{ned, "attic", chat.CodeNotFound}, {mia, "lobby", chat.CodeRateLimited},
	} {
		draft := w.draft("hello")
		draft.Room = c.room
		_, err := w.Send(t.Context(), in(c.user), draft)
		w.refused(err, c.code)
	}
	_, err := w.Edit(t.Context(), in(ned), "lobby", 1, "not mine")
	w.refused(err, chat.CodeForbidden)
	w.mutes(ned, 0)
	_, err = w.Send(t.Context(), in(ned), w.draft("hello"))
	w.refused(err, chat.CodeMuted)
	if d.count() != 1 {
		t.Errorf("the host was asked %+v", d.asked)
	}
}

func TestAHostThatCannotDecideLetsPassOrNot(t *testing.T) {
	broken := errors.New("no connection")
	for name, decide := range map[string]func(context.Context, chat.Outgoing) (chat.Decided, error){
		"error": func(context.Context, chat.Outgoing) (chat.Decided, error) { return chat.Decided{Reject: "No."}, broken },
		"panic": func(context.Context, chat.Outgoing) (chat.Decided, error) { panic("oops") },
		"timeout": func(ctx context.Context, _ chat.Outgoing) (chat.Decided, error) {
			<-ctx.Done()
			return chat.Decided{}, nil
		},
		"deafness": func(context.Context, chat.Outgoing) (chat.Decided, error) {
			time.Sleep(time.Hour)
			return chat.Decided{}, nil
		},
		"bad text": func(context.Context, chat.Outgoing) (chat.Decided, error) { return chat.Decided{Text: "a\xffb"}, nil },
		"long text": func(context.Context, chat.Outgoing) (chat.Decided, error) {
			return chat.Decided{Text: strings.Repeat("a", 101)}, nil
		},
	} {
		for _, open := range []bool{true, false} {
			synctest.Test(t, func(t *testing.T) {
				var failed []error
				w := newWorld(t, chat.Limits{TextLength: 100}, func(_ *world, cfg *chat.Config) {
					cfg.BeforeSend = &chat.BeforeSend{Decide: decide, FailOpen: open, Failed: func(_ chat.Outgoing, err error) { failed = append(failed, err) }}
				})
				begun := time.Now()
				m, err := w.Send(t.Context(), in(mia), w.draft("hello"))
				if open && (err != nil || m.Text != "hello") {
					t.Errorf("%s lets pass %+v: %v", name, m, err)
				}
				if !open {
					w.refused(err, chat.CodeUnavailable)
				}
				if took := time.Since(begun); took > time.Second {
					t.Errorf("%s takes %v", name, took)
				}
				if len(failed) != 1 || name == "error" && !errors.Is(failed[0], broken) || name == "panic" && !strings.Contains(failed[0].Error(), "oops") {
					t.Errorf("%s is told as %v", name, failed)
				}
				time.Sleep(2 * time.Hour)
			})
		}
	}
}

func TestAHostHasAsLongAsItSays(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, noLimits(), func(_ *world, cfg *chat.Config) {
			cfg.BeforeSend = &chat.BeforeSend{Within: 5 * time.Second, Decide: func(context.Context, chat.Outgoing) (chat.Decided, error) {
				time.Sleep(4 * time.Second)
				return chat.Decided{Text: "decided"}, nil
			}}
		})
		if m := w.says(mia, "hello"); m.Text != "decided" {
			t.Errorf("the message is %+v", m)
		}
	})
}

func TestAHostThatHangsIsNotCalledEndlessly(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var mu sync.Mutex
		called := 0
		hang := make(chan struct{})
		w := newWorld(t, noLimits(), func(_ *world, cfg *chat.Config) {
			cfg.BeforeSend = &chat.BeforeSend{FailOpen: true, Decide: func(context.Context, chat.Outgoing) (chat.Decided, error) {
				mu.Lock()
				called++
				mu.Unlock()
				<-hang
				return chat.Decided{}, nil
			}}
		})
		var all sync.WaitGroup
		for range 150 {
			draft := w.draft("hello")
			all.Go(func() {
				if _, err := w.Send(w.Context(), in(mia), draft); err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
		if called != 100 {
			t.Errorf("%d calls hang", called)
		}
		close(hang)
	})
}

func TestWhoHangsUpIsNotSentNorCountedAsAFailure(t *testing.T) {
	ctx, hangUp := context.WithCancel(t.Context())
	var failed []error
	w := newWorld(t, noLimits(), func(_ *world, cfg *chat.Config) {
		cfg.BeforeSend = &chat.BeforeSend{
			FailOpen: true, Failed: func(_ chat.Outgoing, err error) { failed = append(failed, err) },
			Decide: func(ctx context.Context, _ chat.Outgoing) (chat.Decided, error) {
				hangUp()
				<-ctx.Done()
				return chat.Decided{}, ctx.Err()
			},
		}
	})
	_, err := w.Send(ctx, in(mia), w.draft("hello"))
	if !errors.Is(err, context.Canceled) || len(failed) != 0 {
		t.Errorf("the error is %v, told are %v", err, failed)
	}
	w.heard()
}
