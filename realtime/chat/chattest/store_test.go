package chattest_test

import (
	"testing"

	"roomline/realtime/chat"
	"roomline/realtime/chat/chattest"
)

func TestStoreInMemory(t *testing.T) {
	open := func(*testing.T) chat.Store { return chattest.NewStore() }
	add := func(_ *testing.T, s chat.Store, name string, role chat.Role) chat.User {
		u := chat.User{ID: "id-of-" + name, Name: name, Role: role}
		s.(*chattest.Store).SetUser(u)
		return u
	}
	chattest.RunStore(t, open, add)
	chattest.RunNames(t, open, add)
}
