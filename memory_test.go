package main

import (
	"runtime"
	"testing"
)

func TestMemoryIsGivenBackWhenItIsCalm(t *testing.T) {
	const mb = 1 << 20
	for name, c := range map[string]struct {
		before, now heap
		want        bool
	}{
		"much to be had":            {heap{allocated: 9 * mb}, heap{live: 10 * mb, held: 20 * mb, allocated: 10 * mb}, true},
		"but not calm":              {heap{allocated: 5 * mb}, heap{live: 10 * mb, held: 20 * mb, allocated: 10 * mb}, false},
		"little to be had":          {heap{}, heap{live: 10 * mb, held: 11 * mb}, false},
		"little of a large heap":    {heap{}, heap{live: 100 * mb, held: 110 * mb}, false},
		"an eighth of a large heap": {heap{}, heap{live: 100 * mb, held: 113 * mb}, true},
		"nothing known so far":      {heap{}, heap{}, false},
	} {
		if got := c.now.untidy(c.before); got != c.want {
			t.Errorf("%s: %v", name, got)
		}
	}
	// The runtime's names are right: what is allocated shows.
	before := readHeap()
	kept := make([]byte, 8*mb)
	runtime.GC()
	now := readHeap()
	runtime.KeepAlive(kept)
	if now.allocated-before.allocated < 8*mb || now.live < 8*mb || now.held < now.live {
		t.Errorf("before %+v, now %+v", before, now)
	}
}
