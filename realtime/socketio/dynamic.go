package socketio

import (
	"context"
	"encoding/json"
	"maps"
	"regexp"
	"slices"

	"roomline/realtime/engineio"
)

// Matcher decides whether a namespace that does not exist is made for a client that wants to
// connect to it. It may be called concurrently, and again for the same name.
type Matcher func(ctx context.Context, name string, auth json.RawMessage, h *engineio.Handshake) bool

// OfPattern makes a dynamic namespace: see OfFunc. The pattern is matched against the whole name.
func (s *Server) OfPattern(pattern *regexp.Regexp) *Namespace {
	whole := regexp.MustCompile(`^(?:` + pattern.String() + `)$`)
	return s.OfFunc(func(_ context.Context, name string, _ json.RawMessage, _ *engineio.Handshake) bool {
		return whole.MatchString(name)
	})
}

// OfFunc makes a dynamic namespace. When a client connects to a name that does not exist, the
// dynamic namespaces are tried in the order in which they were made, and the first that matches
// makes it: a child that has its middleware, handlers and hooks. What is sent to a dynamic
// namespace goes to all its children.
func (s *Server) OfFunc(match Matcher) *Namespace {
	n := newNamespace("", newBindings(s))
	n.match = match
	n.children = make(map[string]*Namespace)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.dynamic = append(s.dynamic, n)
	return n
}

// Children returns the namespaces that a dynamic one has made and not removed, in no order.
func (n *Namespace) Children() []*Namespace {
	n.server.mu.RLock()
	defer n.server.mu.RUnlock()
	return slices.Collect(maps.Values(n.children))
}

// family is n, or its children.
func (n *Namespace) family() []*Namespace {
	if n.match != nil {
		return n.Children()
	}
	return []*Namespace{n}
}

// enter returns the namespace that a client wants to connect to, nil if there is none. Each
// enter is followed by one exit.
func (s *Server) enter(name string, auth json.RawMessage, h *engineio.Handshake) *Namespace {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := s.namespaces[name]
	for i := 0; n == nil && i < len(s.dynamic); i++ {
		parent := s.dynamic[i]
		s.mu.Unlock() // a matcher may take its time
		matched := false
		parent.protect("matcher", func() { matched = parent.match(s.ctx, name, auth, h) })
		s.mu.Lock()
		if n = s.namespaces[name]; n == nil && matched {
			n = newNamespace(name, parent.bindings)
			n.parent = parent
			parent.children[name] = n
			s.namespaces[name] = n
		}
	}
	if n != nil {
		n.users++
	}
	return n
}

// quick reports whether no matcher, recovery or middleware decides who enters a namespace.
func (s *Server) quick(name string) bool {
	s.mu.RLock()
	defer s.mu.RUnlock()
	n := s.namespaces[name]
	if n == nil {
		return len(s.dynamic) == 0
	}
	return n.journal == nil && len(n.middleware) == 0
}

func (s *Server) lookup(name string) *Namespace {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.namespaces[name]
}

// exit says that a socket has left n for good, or was not let in.
func (s *Server) exit(n *Namespace) {
	s.mu.Lock()
	defer s.mu.Unlock()
	n.users--
	if n.users == 0 && n.parent != nil && s.cfg.RemoveEmptyNamespaces {
		delete(s.namespaces, n.name)
		delete(n.parent.children, n.name)
	}
}
