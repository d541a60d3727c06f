package socketio

import (
	"context"
	"sort"
	"sync"
	"time"
)

// NewMemoryStore makes a RecoveryStore that ends with the process.
func NewMemoryStore() RecoveryStore {
	return &memoryStore{journals: make(map[string][]Entry), states: make(map[stateKey]State)}
}

type stateKey struct{ namespace, pid string }

type memoryStore struct {
	mu       sync.Mutex // guards what follows
	journals map[string][]Entry
	states   map[stateKey]State
}

func (m *memoryStore) Start(_ context.Context, now time.Time) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	for k, s := range m.states { // a server before this one may have used the store
		if s.Left.IsZero() {
			s.Left = now
			m.states[k] = s
		}
	}
	return nil
}

func (m *memoryStore) Head(_ context.Context, namespace string) (uint64, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if j := m.journals[namespace]; len(j) > 0 {
		return j[len(j)-1].Offset, nil
	}
	return 0, nil
}

func (m *memoryStore) Append(_ context.Context, namespace string, e Entry) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.journals[namespace] = append(m.journals[namespace], e)
	return nil
}

func (m *memoryStore) Between(_ context.Context, namespace string, after, end uint64) ([]Entry, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	all := behind(m.journals[namespace], after)
	return append([]Entry(nil), all[:max(len(all)-len(behind(all, end)), 0)]...), nil
}

// behind returns the entries of a journal that are behind an offset.
func behind(j []Entry, offset uint64) []Entry {
	return j[sort.Search(len(j), func(i int) bool { return j[i].Offset > offset }):]
}

func (m *memoryStore) Save(_ context.Context, namespace string, s State) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.states[stateKey{namespace, s.PID}] = s
	return nil
}

func (m *memoryStore) Load(_ context.Context, namespace, pid string) (State, bool, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	s, ok := m.states[stateKey{namespace, pid}]
	return s, ok, nil
}

func (m *memoryStore) Delete(_ context.Context, namespace, pid string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.states, stateKey{namespace, pid})
	return nil
}

func (m *memoryStore) Trim(_ context.Context, offset uint64, left time.Time) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	for namespace, j := range m.journals {
		// A copy, so that what is trimmed is let go of.
		if kept := append([]Entry(nil), behind(j, max(offset, 1)-1)...); len(kept) > 0 {
			m.journals[namespace] = kept
		} else {
			delete(m.journals, namespace)
		}
	}
	for k, s := range m.states {
		if !s.Left.IsZero() && s.Left.Before(left) {
			delete(m.states, k)
		}
	}
	return nil
}

// MemoryAdapter connects servers of one process.
type MemoryAdapter struct{ bus *memoryBus }

type memoryBus struct {
	mu    sync.RWMutex // guards what follows
	nodes map[*MemoryAdapter]Node
}

// NewMemoryAdapters makes adapters for count servers that are connected with each other.
func NewMemoryAdapters(count int) []Adapter {
	bus := &memoryBus{nodes: make(map[*MemoryAdapter]Node)}
	all := make([]Adapter, count)
	for i := range all {
		all[i] = &MemoryAdapter{bus}
	}
	return all
}

// Attach implements Adapter.
func (a *MemoryAdapter) Attach(n Node) {
	a.bus.mu.Lock()
	defer a.bus.mu.Unlock()
	a.bus.nodes[a] = n
}

func (a *MemoryAdapter) others() (all []Node) {
	a.bus.mu.RLock()
	defer a.bus.mu.RUnlock()
	for other, n := range a.bus.nodes {
		if other != a {
			all = append(all, n)
		}
	}
	return all
}

// Publish implements Adapter.
func (a *MemoryAdapter) Publish(ctx context.Context, request []byte) error {
	for _, n := range a.others() {
		n.Serve(ctx, request, func([]byte) {})
	}
	return nil
}

// Ask implements Adapter.
func (a *MemoryAdapter) Ask(ctx context.Context, request []byte, answer func([]byte)) error {
	var mu sync.Mutex
	over := false
	var serving sync.WaitGroup
	for _, n := range a.others() {
		serving.Go(func() {
			n.Serve(ctx, request, func(data []byte) {
				mu.Lock()
				defer mu.Unlock()
				if !over {
					answer(data)
				}
			})
		})
	}
	done := make(chan struct{})
	go func() { serving.Wait(); close(done) }()
	select {
	case <-done:
		return nil
	case <-ctx.Done():
		mu.Lock()
		defer mu.Unlock()
		over = true
		return ctx.Err()
	}
}

// Close implements Adapter.
func (a *MemoryAdapter) Close() error {
	a.bus.mu.Lock()
	defer a.bus.mu.Unlock()
	delete(a.bus.nodes, a)
	return nil
}
