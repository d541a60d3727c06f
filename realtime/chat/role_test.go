package chat_test

import (
	"sync"
	"testing"

	"roomline/realtime/chat"
)

func TestAnOwnerGivesRoles(t *testing.T) {
	w := newWorld(t, noLimits())
	m, err := w.SetRole(t.Context(), mod(olive), mia, chat.RoleModerator, "")
	w.ok(err)
	if m.Role != chat.RoleModerator || m.Name != "Mia" {
		t.Errorf("the member is %+v", m)
	}
	w.noted("audit member:role", "role mia moderator")
	if e := w.entries[0]; string(e.Before) != `{"role":"member"}` || string(e.After) != `{"role":"moderator"}` || e.Reason != "" {
		t.Errorf("the entry is %+v", e)
	}
	if _, err := w.Enter(t.Context(), mod(mia)); err != nil {
		t.Errorf("the new moderator cannot enter: %v", err)
	}
	w.unchanged(func() {
		_, err := w.SetRole(t.Context(), mod(olive), mia, chat.RoleModerator, "once more")
		w.ok(err)
		for _, role := range []chat.Role{"", "king"} {
			_, err = w.SetRole(t.Context(), mod(olive), mia, role, "")
			w.refused(err, chat.CodeInvalid)
		}
		_, err = w.SetRole(t.Context(), mod(olive), mia, chat.RoleMember, "be\xffll")
		w.refused(err, chat.CodeInvalid)
		_, err = w.SetRole(t.Context(), mod(olive), "nobody", chat.RoleMember, "")
		w.refused(err, chat.CodeNotFound)
	})
	_, err = w.SetRole(t.Context(), mod(olive), mia, chat.RoleMember, " enough ")
	w.ok(err)
	_, err = w.Enter(t.Context(), mod(mia))
	w.refused(err, chat.CodeForbidden)
}

func TestOfTwoOwnersWhoDemoteEachOtherAtOnceOneStays(t *testing.T) {
	w := newWorld(t, noLimits())
	w.store.SetUser(chat.User{ID: otto, Name: "Otto", Role: chat.RoleOwner})
	owners := []string{olive, otto}
	errs := make([]error, 2)
	var done sync.WaitGroup
	for i, owner := range owners {
		done.Go(func() { _, errs[i] = w.SetRole(t.Context(), mod(owner), owners[1-i], chat.RoleMember, "") })
	}
	done.Wait()
	if (errs[0] == nil) == (errs[1] == nil) {
		t.Errorf("the two get %v and %v", errs[0], errs[1])
	}
	for i, owner := range owners {
		entered, err := w.Enter(t.Context(), in(owner))
		w.ok(err)
		if stays := errs[i] == nil; (entered.User.Role == chat.RoleOwner) != stays {
			t.Errorf("%s is %s", owner, entered.User.Role)
		}
	}
}
