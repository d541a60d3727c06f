package chat

import (
	"slices"
	"strings"
	"time"
)

// hostReader is a Reader with the users and rights of a host.
type hostReader struct {
	Reader
	host *hosted
	desk *desk
}

// User implements Reader.
func (r hostReader) User(id string) (User, error) {
	if r.host.directory == nil {
		return r.Reader.User(id)
	}
	k, ok := r.desk.user(id, rightsFor)
	switch {
	case !plausible(id):
		return User{}, ErrMissing
	case !ok:
		r.desk.ids = append(r.desk.ids, id)
		return User{}, errUnasked
	case !k.exists:
		return User{}, ErrMissing
	}
	return k.user, nil
}

// Users implements Reader.
func (r hostReader) Users(ids []string) (map[string]User, error) {
	if r.host.directory == nil {
		return r.Reader.Users(ids)
	}
	users := make(map[string]User, len(ids))
	for _, id := range ids {
		k, ok := r.desk.user(id, namesFor)
		switch {
		case !plausible(id):
		case !ok:
			r.desk.ids = append(r.desk.ids, id)
		case k.exists:
			users[id] = k.user
		}
	}
	if len(r.desk.ids) > 0 {
		return nil, errUnasked
	}
	return users, nil
}

// UsersNamed implements Reader.
func (r hostReader) UsersNamed(names []string) (map[string]User, error) {
	if r.host.directory == nil {
		return r.Reader.UsersNamed(names)
	}
	users := make(map[string]User, len(names))
	if r.host.directory.Named == nil {
		return users, nil
	}
	for _, name := range names {
		user, ok := r.desk.named[name]
		switch {
		case !ok:
			r.desk.names = append(r.desk.names, name)
		case user.ID != "":
			users[name] = user
		}
	}
	if len(r.desk.names) > 0 {
		return nil, errUnasked
	}
	return users, nil
}

// FindUsers implements Reader.
func (r hostReader) FindUsers(prefix string, limit int) ([]User, error) {
	if r.host.directory == nil {
		return r.Reader.FindUsers(prefix, limit)
	}
	if r.host.directory.Find == nil {
		return nil, nil
	}
	f := find{prefix, limit}
	users, ok := r.desk.found[f]
	if !ok {
		r.desk.finds = append(r.desk.finds, f)
		return nil, errUnasked
	}
	return users, nil
}

// hostPage is how many users a host is asked for to list accounts from: it knows no pages.
const hostPage = 1000

// Accounts implements Reader. A host tells neither when somebody joined nor when they were seen.
func (r hostReader) Accounts(prefix, after string, limit int, restricted time.Time) ([]Account, error) {
	if r.host.directory == nil {
		return r.Reader.Accounts(prefix, after, limit, restricted)
	}
	users, err := r.listed(prefix, restricted)
	if err != nil {
		return nil, err
	}
	var accounts []Account
	for _, user := range users {
		if user.Name > after && len(accounts) < limit {
			accounts = append(accounts, Account{User: user})
		}
	}
	return accounts, nil
}

// listed returns a host's users in order of name.
func (r hostReader) listed(prefix string, restricted time.Time) ([]User, error) {
	users, err := []User(nil), error(nil)
	if restricted.IsZero() {
		users, err = r.FindUsers(prefix, hostPage)
	} else {
		var ids []string
		if ids, err = r.Restricted(restricted, hostPage); err != nil {
			return nil, err
		}
		var byID map[string]User
		byID, err = r.Users(ids)
		for _, user := range byID {
			if strings.HasPrefix(strings.ToLower(user.Name), strings.ToLower(prefix)) {
				users = append(users, user)
			}
		}
	}
	users = slices.Clone(users)
	slices.SortFunc(users, func(a, b User) int { return strings.Compare(a.Name, b.Name) })
	return users, err
}

// Account implements Reader.
func (r hostReader) Account(id string) (Account, error) {
	if r.host.directory == nil {
		return r.Reader.Account(id)
	}
	user, err := r.User(id)
	return Account{User: user}, err
}

// permits asks the host whether a user may do something in a room.
func (r hostReader) permits(user User, room Room, what Permission) (bool, error) {
	if r.host.authorize == nil {
		return true, nil
	}
	key := permitKey{user.ID, room.Slug, what}
	if yes, ok := r.desk.permits[key]; ok {
		return yes, nil
	}
	if k, ok := r.desk.known.permit(key); ok && r.desk.now.Sub(k.at) < rightsFor {
		return k.yes, nil
	}
	r.desk.questions = append(r.desk.questions, question{key, user, room})
	return false, errUnasked
}

// hostWriter is a Writer likewise.
type hostWriter struct {
	Writer
	reader hostReader
}

// User implements Reader, as the methods that follow.
func (w hostWriter) User(id string) (User, error)                { return w.reader.User(id) }
func (w hostWriter) Users(ids []string) (map[string]User, error) { return w.reader.Users(ids) }
func (w hostWriter) UsersNamed(names []string) (map[string]User, error) {
	return w.reader.UsersNamed(names)
}

func (w hostWriter) FindUsers(prefix string, limit int) ([]User, error) {
	return w.reader.FindUsers(prefix, limit)
}

func (w hostWriter) Accounts(prefix, after string, limit int, restricted time.Time) ([]Account, error) {
	return w.reader.Accounts(prefix, after, limit, restricted)
}

func (w hostWriter) Account(id string) (Account, error) { return w.reader.Account(id) }

func (w hostWriter) permits(user User, room Room, what Permission) (bool, error) {
	return w.reader.permits(user, room, what)
}

// SetRole implements Writer.
func (w hostWriter) SetRole(user string, role Role) error {
	if w.reader.host.directory == nil {
		return w.Writer.SetRole(user, role)
	}
	return Errorf(CodeForbidden, "Roles are given by the site that this chat is part of.")
}
