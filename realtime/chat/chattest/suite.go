package chattest

import (
	"testing"

	"roomline/realtime/chat"
)

// RunStore runs the contract of chat.Store against a store. open returns a fresh store, with
// the empty rooms lobby (general) and admin, and closes it by t.Cleanup. addUser makes a
// user in a store that open returned; the ID of what it returns is the store's choice.
func RunStore(t *testing.T,
	open func(t *testing.T) chat.Store,
	addUser func(t *testing.T, s chat.Store, name string, role chat.Role) chat.User,
) {
	t.Run("a fresh store has the lobby and the admin room", func(t *testing.T) {
		s := open(t)
		addUser(t, s, "ada", chat.RoleOwner)
		err := s.Read(t.Context(), func(r chat.Reader) error {
			room, err := r.Room("lobby")
			if err == nil && room.Epoch == "" {
				t.Error("the lobby has no epoch")
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	})
}
