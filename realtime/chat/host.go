package chat

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"
)

// Directory finds the users of a host that keeps them itself. Its functions are never called within a
// transaction of the store, so they may take their time, and ask the same database; but not the chat. They may be
// called concurrently. Users is required, the rest is nil where the host cannot do it.
//
// Of the users that they return, one without a role is a member, and an avatar that is no URL of http, https or the
// host's own site (from "/" on) is left out.
type Directory struct {
	// Users returns those of the users that exist, by id, with their roles of now. An id may come from a client and
	// be malformed: it may be left out of the answer, or fail the call, as it does on a database with typed ids.
	Users func(ctx context.Context, ids []string) (map[string]User, error)
	// Named returns those of the users that exist, by name as it is asked for: they can be mentioned. Nil: nobody can.
	Named func(ctx context.Context, names []string) (map[string]User, error)
	// Find returns the first limit users whose names begin so, in order of name. Nil: nobody is found.
	Find func(ctx context.Context, prefix string, limit int) ([]User, error)
}

// Permission is what a host's Authorize is asked for.
type Permission string

// The permissions.
const (
	PermitRead  Permission = "read"  // know of the room, and read it
	PermitWrite Permission = "write" // post, edit, react, type, report in it
)

// Authorize says whether a user may do something in a room, beside the chat's own rules: it can only take away.
// It is called as the functions of a Directory are. Of visitors without an account (Config.Guests) it is asked too: their
// ID is "", their role RoleGuest.
type Authorize func(ctx context.Context, user User, room Room, what Permission) (bool, error)

// How long what a host has said is believed. Who changes something says so (Service.Forget).
const (
	rightsFor = time.Second      // of somebody who acts, and what they may do
	namesFor  = 30 * time.Second // of everybody else: their names

	knownMost = 10_000 // users, and as many permissions
)

// errUnasked says that something has to be asked of the host before a function can be run on the store.
var errUnasked = errors.New("chat: the host has to be asked")

// hosted is a Store whose users, and some of whose rights, are a host's. A function that needs what is not known
// is stopped, the host is asked with no transaction open, and the function is run again.
type hosted struct {
	Store
	directory *Directory // nil: the store's own users
	authorize Authorize  // nil: nothing is taken away
	known     *known
}

// desk is what the runs of one function have asked for, and what was answered.
type desk struct {
	known   *known
	now     time.Time
	changes uint64 // of known, before the host was asked

	users   map[string]knownUser // by id
	named   map[string]User      // by name; the zero User: there is nobody of that name
	found   map[find][]User
	permits map[permitKey]bool

	// To be asked before the next run.
	ids       []string
	names     []string
	finds     []find
	questions []question
}

// find asks for users by the beginning of their names.
type find struct {
	prefix string
	limit  int
}

type question struct {
	key  permitKey
	user User
	room Room
}

// Hosted returns a store with the users and the rights of a host, store itself if there are none. A function that it
// is given to run may be run several times before it succeeds; what it did until then is undone.
func Hosted(store Store, d *Directory, a Authorize) Store {
	if d == nil && a == nil {
		return store
	}
	return &hosted{Store: store, directory: d, authorize: a, known: &known{
		users: make(map[string]knownUser), permits: make(map[permitKey]knownPermit),
	}}
}

// Read implements Store.
func (h *hosted) Read(ctx context.Context, fn func(Reader) error) error {
	return h.run(ctx, func(d *desk) error {
		return h.Store.Read(ctx, func(r Reader) error { return fn(hostReader{r, h, d}) })
	})
}

// Write implements Store. A run that has to be repeated leaves no trace in the store.
func (h *hosted) Write(ctx context.Context, fn func(Writer) error, committed func()) error {
	return h.run(ctx, func(d *desk) error {
		return h.Store.Write(ctx, func(w Writer) error { return fn(hostWriter{w, hostReader{w, h, d}}) }, committed)
	})
}

// maxRuns bounds how often a function asks for more: once for who acts, once for where, once for others.
const maxRuns = 16

func (h *hosted) run(ctx context.Context, once func(*desk) error) error {
	d := &desk{
		known: h.known, now: time.Now(), users: make(map[string]knownUser), named: make(map[string]User),
		found: make(map[find][]User), permits: make(map[permitKey]bool),
	}
	for range maxRuns {
		err := once(d)
		if !errors.Is(err, errUnasked) {
			return err
		}
		if err := h.ask(ctx, d); err != nil {
			return err
		}
	}
	return errors.New("chat: a function does not stop asking the host")
}

// ask asks the host all that the last run lacked.
func (h *hosted) ask(ctx context.Context, d *desk) error {
	d.changes = h.known.forgotten()
	if len(d.ids) > 0 {
		users, err := h.users(ctx, d)
		if err != nil {
			return fmt.Errorf("ask the host for users: %w", err)
		}
		for _, id := range d.ids {
			user, exists := users[id]
			d.learn(id, user, exists)
		}
	}
	if len(d.names) > 0 {
		users, err := h.directory.Named(ctx, d.names)
		if err != nil {
			return fmt.Errorf("ask the host for users by name: %w", err)
		}
		for _, name := range d.names {
			user := users[name]
			if user.ID != "" {
				user = d.learn(user.ID, user, true)
			}
			d.named[name] = user
		}
	}
	for _, f := range d.finds {
		users, err := h.directory.Find(ctx, f.prefix, f.limit)
		if err != nil {
			return fmt.Errorf("find users of the host: %w", err)
		}
		d.found[f] = make([]User, 0, len(users))
		for _, user := range users {
			if user.ID != "" {
				d.found[f] = append(d.found[f], d.learn(user.ID, user, true))
			}
		}
	}
	for _, q := range d.questions {
		if _, asked := d.permits[q.key]; asked {
			continue
		}
		yes, err := h.authorize(ctx, q.user, q.room, q.key.what)
		if err != nil {
			return fmt.Errorf("ask the host for a right: %w", err)
		}
		d.permits[q.key] = yes
		h.known.keepPermit(q.key, knownPermit{yes, d.now}, d.changes)
	}
	d.ids, d.names, d.finds, d.questions = nil, nil, nil, nil
	return nil
}

// learn notes what the host has said of a user, and returns the user as the chat takes it.
func (d *desk) learn(id string, user User, exists bool) User {
	if exists {
		user.ID = id
		if user.Role == "" {
			user.Role = RoleMember
		}
		if !validAvatar(user.Avatar) {
			user.Avatar = ""
		}
	}
	k := knownUser{user, exists, d.now}
	d.users[id] = k
	d.known.keepUser(id, k, d.changes)
	return user
}

// validAvatar reports whether a page may show what is at a URL.
func validAvatar(avatar string) bool {
	if own, ok := strings.CutPrefix(avatar, "/"); ok {
		return !strings.HasPrefix(own, "/") && !strings.HasPrefix(own, `\`)
	}
	u, err := url.Parse(avatar)
	return err == nil && (u.Scheme == "https" || u.Scheme == "http") && u.Host != ""
}

// user returns what is known of a user, if it is not older than that.
func (d *desk) user(id string, fresh time.Duration) (knownUser, bool) {
	if k, ok := d.users[id]; ok {
		return k, true
	}
	k, ok := d.known.user(id)
	return k, ok && d.now.Sub(k.at) < fresh
}

// permit asks the host, where there is one with a say, whether the scene's user may do something in its room. What
// they may not read does not exist for them.
func permit(r Reader, in scene, what Permission) error {
	asked, ok := r.(interface {
		permits(user User, room Room, what Permission) (bool, error)
	})
	if !ok || in.actor.host() {
		return nil
	}
	yes, err := asked.permits(in.user, in.room, what)
	switch {
	case err != nil || yes:
		return err
	case what == PermitRead:
		return noRoom()
	}
	return Errorf(CodeForbidden, "You may not write in this room.")
}

// permitted is permit as a question.
func permitted(r Reader, in scene, what Permission) (bool, error) {
	err := permit(r, in, what)
	if code := ErrorCode(err); code == CodeNotFound || code == CodeForbidden {
		return false, nil
	}
	return err == nil, err
}

// Forget forgets what a host has said of a user and of their rights, or with "" of everybody: they have changed.
func (s *Service) Forget(user string) {
	if h, ok := s.cfg.Store.(*hosted); ok {
		h.known.forget(user)
	}
}
