package chattest

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"time"

	"roomline/realtime/chat"
)

// moderationPolicies are those of what moderators do.
func moderationPolicies() []policy {
	return []policy{
		{"a sanction restricts its user until it is lifted", liftedSanction},
		{"a sanction takes the place of the one of its kind, and no other", replacedSanction},
		{"all sanctions of a user come back, the latest first", sanctionHistory},
		{"a sanction of a failed write restricts nobody", undoneSanction},
		{"restricted accounts are those with a sanction in force", restrictedAccounts},
		{"an account is found by id", knownAccount},

		{"revisions come back, the oldest first", keptRevisions},
		{"a revision that is dropped is gone", droppedRevision},
		{"a revision is of a message and a rev of it", wrongRevision},
		{"what a purge took down is found by its author until it is dropped", purgedRevisions},
		{"what is purged by age leaves no text with the moderators", purgedTexts},

		{"a report comes back as it was stored and changed", storedReport},
		{"a message has one open report", openReport},
		{"reports come in pages, of a state or of any, the latest first", reportPages},
		{"what is held is found by its client id, whatever became of it", heldByID},
		{"what is held waits in its room for its author", heldInRoom},
		{"a reporter of a message is new once", reporters},
		{"rules come back as they were put, in order", storedRules},

		{"entries come back as they were appended", storedEntries},
		{"an entry that is not the next is refused", wrongEntry},
		{"entries come in pages, and are found by words, act and user", foundEntries},

		{"what a user sent comes in pages, deleted and held too", sentPages},
		{"what was held gets its place when it is posted", updatedSent},
		{"an author's latest messages are those that stand in the named rooms", latestMessages},
		{"last posts are kept of all who posted since", keptLastPosts},
		{"a room is frozen and slowed until it is not", regulatedRoom},
	}
}

// ms returns a time so many milliseconds after the start.
func ms(n int) time.Time { return start.Add(time.Duration(n) * time.Millisecond) }

// equal reports what is not as it should be.
func equal[V any](f *fixture, what string, got, want V) {
	f.Helper()
	if !reflect.DeepEqual(got, want) {
		f.Errorf("%s:\n got %+v\nwant %+v", what, got, want)
	}
}

// sanction stores a sanction by ada and returns it as it should come back.
func (f *fixture) sanction(user chat.User, kind chat.SanctionKind, at, until time.Time) chat.Sanction {
	f.Helper()
	s := chat.Sanction{
		User: user.ID, Kind: kind, Reason: "reason <é>", By: chat.User{ID: f.ada.ID, Name: "not kept"}, At: at, Until: until,
	}
	f.write(func(w chat.Writer) error { return w.AddSanction(&s) })
	if s.ID <= 0 {
		f.Errorf("the sanction got id %d", s.ID)
	}
	s.By = chat.User{ID: f.ada.ID}
	return s
}

// restricted reports restrictions that are not these, asked by a reader and by a writer.
func (f *fixture) restricted(user chat.User, want chat.Restrictions) {
	f.Helper()
	ask := func(r chat.Reader) error {
		got, err := r.Restrictions(user.ID)
		equal(f, "restrictions", got, want)
		return err
	}
	f.read(ask)
	f.write(func(w chat.Writer) error { return ask(w) })
}

func liftedSanction(f *fixture) {
	f.restricted(f.bob, chat.Restrictions{})
	mute := f.sanction(f.bob, chat.SanctionMute, ms(1), ms(60))
	ban := f.sanction(f.bob, chat.SanctionBan, ms(2), time.Time{})
	f.restricted(f.bob, chat.Restrictions{Mute: mute, Ban: ban})
	f.restricted(f.ada, chat.Restrictions{})
	f.write(func(w chat.Writer) error {
		return errors.Join(
			w.LiftSanction(f.bob.ID, chat.SanctionMute, ms(3), f.ada.ID, "enough"),
			w.LiftSanction(f.ada.ID, chat.SanctionBan, ms(3), f.ada.ID, "there is none"))
	})
	f.restricted(f.bob, chat.Restrictions{Ban: ban})
	mute.LiftedAt, mute.LiftedBy, mute.LiftReason = ms(3), f.ada.ID, "enough"
	f.read(func(r chat.Reader) error {
		got, err := r.Sanctions(f.bob.ID)
		equal(f, "sanctions", got, []chat.Sanction{ban, mute})
		return err
	})
	f.write(func(w chat.Writer) error {
		return w.LiftSanction(f.bob.ID, chat.SanctionMute, ms(4), f.bob.ID, "again")
	})
	f.read(func(r chat.Reader) error {
		got, err := r.Sanctions(f.bob.ID)
		equal(f, "sanctions after lifting one twice", got, []chat.Sanction{ban, mute})
		return err
	})
}

func replacedSanction(f *fixture) {
	old := f.sanction(f.bob, chat.SanctionMute, ms(1), ms(2)) // over when it is replaced
	ban := f.sanction(f.bob, chat.SanctionBan, ms(3), time.Time{})
	others := f.sanction(f.ada, chat.SanctionMute, ms(4), time.Time{})
	f.restricted(f.bob, chat.Restrictions{Mute: old, Ban: ban}) // it is known when it changes
	mute := f.sanction(f.bob, chat.SanctionMute, ms(5), ms(60))
	f.restricted(f.bob, chat.Restrictions{Mute: mute, Ban: ban})
	f.restricted(f.ada, chat.Restrictions{Mute: others})
	old.LiftedAt, old.LiftedBy = ms(5), f.ada.ID
	f.read(func(r chat.Reader) error {
		got, err := r.Sanctions(f.bob.ID)
		equal(f, "sanctions", got, []chat.Sanction{mute, ban, old})
		return err
	})
}

func sanctionHistory(f *fixture) {
	var want []chat.Sanction
	for i := range 5 {
		s := f.sanction(f.bob, chat.SanctionBan, ms(10-i), time.Time{}) // the clock goes back
		f.sanction(f.ada, chat.SanctionMute, ms(i), time.Time{})
		if i > 0 {
			want[0].LiftedAt, want[0].LiftedBy = s.At, f.ada.ID
		}
		want = slices.Insert(want, 0, s)
	}
	f.read(func(r chat.Reader) error {
		got, err := r.Sanctions(f.bob.ID)
		equal(f, "sanctions", got, want)
		none, err2 := r.Sanctions(nobody)
		equal(f, "nobody's sanctions", len(none), 0)
		return errors.Join(err, err2)
	})
}

func undoneSanction(f *fixture) {
	mute := f.sanction(f.bob, chat.SanctionMute, ms(1), time.Time{})
	f.restricted(f.bob, chat.Restrictions{Mute: mute})
	for _, undone := range []func(w chat.Writer) error{
		func(w chat.Writer) error {
			return w.AddSanction(&chat.Sanction{User: f.bob.ID, Kind: chat.SanctionBan, At: ms(2)})
		},
		func(w chat.Writer) error {
			return w.LiftSanction(f.bob.ID, chat.SanctionMute, ms(2), f.ada.ID, "not really")
		},
	} {
		err := f.store.Write(f.Context(), func(w chat.Writer) error {
			err := undone(w)
			held, asked := w.Restrictions(f.bob.ID)
			if held == (chat.Restrictions{Mute: mute}) {
				f.Error("the writer does not see what it did")
			}
			return errors.Join(err, asked, errRefused)
		}, nil)
		if !errors.Is(err, errRefused) {
			f.Fatal(err)
		}
		f.restricted(f.bob, chat.Restrictions{Mute: mute})
	}
}

// usersOf are the users of accounts.
func usersOf(accounts []chat.Account) []chat.User {
	var users []chat.User
	for _, account := range accounts {
		users = append(users, account.User)
	}
	return users
}

func restrictedAccounts(f *fixture) {
	list := func(prefix, after string, at time.Time, limit int, want ...chat.User) {
		f.Helper()
		f.read(func(r chat.Reader) error {
			got, err := r.Accounts(prefix, after, limit, at)
			equal(f, fmt.Sprintf("restricted accounts %q after %q", prefix, after), usersOf(got), want)
			return err
		})
	}
	list("", "", ms(1), 9)
	f.sanction(f.bob, chat.SanctionMute, ms(1), ms(20))
	list("", "", ms(19), 9, f.bob)
	list("", "", ms(20), 9) // it is over
	f.sanction(f.bob, chat.SanctionBan, ms(1), ms(30))
	f.sanction(f.ada, chat.SanctionMute, ms(1), time.Time{})
	f.sanction(chat.User{ID: nobody}, chat.SanctionMute, ms(1), time.Time{})
	list("", "", ms(19), 9, f.ada, f.bob) // once each
	list("", "", ms(29), 9, f.ada, f.bob)
	list("", "", ms(30), 9, f.ada)
	list("", "", ms(19), 1, f.ada)
	list("", f.ada.Name, ms(19), 9, f.bob)
	list("B", "", ms(19), 9, f.bob)
	f.write(func(w chat.Writer) error { return w.LiftSanction(f.ada.ID, chat.SanctionMute, ms(5), f.ada.ID, "") })
	list("", "", ms(19), 9, f.bob)
}

func knownAccount(f *fixture) {
	f.read(func(r chat.Reader) error {
		got, err := r.Account(f.bob.ID)
		equal(f, "account", got.User, f.bob)
		for _, id := range []string{nobody, "no-id", ""} {
			_, missing := r.Account(id)
			f.missing("account "+id, missing)
		}
		return err
	})
}

func listedAccounts(f *fixture, add func(name string) chat.User) {
	anna, Alf, carl := add("anna"), add("Alf"), add("Carl")
	all := []chat.User{f.ada, Alf, anna, f.bob, carl}
	for _, c := range []struct {
		prefix, after string
		limit         int
		want          []chat.User
	}{
		{"", "", 9, all},
		{"", "", 2, all[:2]},
		{"", Alf.Name, 2, all[2:4]},
		{"", "ALF", 9, all[2:]},
		{"", "alfa", 9, all[2:]}, // nobody's
		{"", carl.Name, 9, nil},
		{"A", "", 9, all[:3]},
		{"a", "ada", 1, all[1:2]},
		{"b", "ada", 9, all[3:4]}, // after what comes before
		{"a", "bob", 9, nil},
		{"an", "", 9, all[2:3]},
		{"a%", "", 9, nil},
	} {
		f.read(func(r chat.Reader) error {
			got, err := r.Accounts(c.prefix, c.after, c.limit, time.Time{})
			equal(f, fmt.Sprintf("%d accounts %q after %q", c.limit, c.prefix, c.after), usersOf(got), c.want)
			return err
		})
	}
}

func givenRole(f *fixture) {
	role := func(want chat.Role) {
		f.Helper()
		ask := func(r chat.Reader) error {
			user, err := r.User(f.bob.ID)
			account, err2 := r.Account(f.bob.ID)
			if user.Role != want || account.Role != want {
				f.Errorf("the user is a %s, the account a %s, want %s", user.Role, account.Role, want)
			}
			return errors.Join(err, err2)
		}
		f.read(ask)
		f.write(func(w chat.Writer) error { return ask(w) })
	}
	role(chat.RoleMember)
	f.write(func(w chat.Writer) error {
		err := w.SetRole(f.bob.ID, chat.RoleModerator)
		if user, err := w.User(f.bob.ID); err != nil || user.Role != chat.RoleModerator {
			f.Errorf("the writer sees %+v, %v", user, err)
		}
		return err
	})
	role(chat.RoleModerator)
	err := f.store.Write(f.Context(), func(w chat.Writer) error {
		return errors.Join(w.SetRole(f.bob.ID, chat.RoleOwner), errRefused)
	}, nil)
	if !errors.Is(err, errRefused) {
		f.Fatal(err)
	}
	role(chat.RoleModerator)
	f.write(func(w chat.Writer) error {
		f.missing("nobody's role", w.SetRole(nobody, chat.RoleOwner))
		return nil
	})
}
