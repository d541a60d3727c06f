package chat_test

import (
	"errors"
	"fmt"
	"testing"

	"roomline/realtime/chat"
)

func TestAnErrorKeepsItsCodeThroughWrapping(t *testing.T) {
	frozen := chat.Errorf(chat.CodeFrozen, "The room %s is frozen.", "lobby")
	for _, c := range []struct {
		err  error
		want chat.Code
	}{
		{nil, ""},
		{frozen, chat.CodeFrozen},
		{fmt.Errorf("send: %w", frozen), chat.CodeFrozen},
		{errors.New("disk full"), chat.CodeInternal},
		{chat.ErrMissing, chat.CodeInternal},
	} {
		if got := chat.ErrorCode(c.err); got != c.want {
			t.Errorf("%v: code %q, want %q", c.err, got, c.want)
		}
	}
	if got := frozen.Error(); got != "frozen: The room lobby is frozen." {
		t.Errorf("it reads %q", got)
	}
}

func TestRolesAreOrdered(t *testing.T) {
	roles := []chat.Role{"unheard of", chat.RoleMember, chat.RoleModerator, chat.RoleOwner}
	for i, role := range roles {
		if role.Valid() != (i > 0) {
			t.Errorf("%s is valid: %t", role, role.Valid())
		}
		for j, other := range roles {
			if role.AtLeast(other) != (i > 0 && i >= j) {
				t.Errorf("%s has the rights of %s: %t", role, other, role.AtLeast(other))
			}
		}
	}
}
