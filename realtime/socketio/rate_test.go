package socketio

import (
	"testing"
	"testing/synctest"
	"time"
)

func TestWhoComesAndGoesHasNoMoreThanOthers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := &Namespace{bindings: &bindings{rates: map[string]Rate{"say": {PerSecond: 0.1, Burst: 2}}}}
		q := quotas{users: make(map[string]*quota)}
		visit := func(takes ...bool) {
			t.Helper()
			one := q.get("ada")
			defer q.put(one)
			for i, want := range takes {
				if wait := one.take(n, "say"); (wait == 0) != want {
					t.Errorf("event %d has to wait %v", i, wait)
				}
			}
		}
		visit(true, true, false)
		time.Sleep(19 * time.Second)
		visit(true)
		time.Sleep(2 * time.Second) // the first goodbye is forgotten, the bucket is not full
		visit(true, false)
		time.Sleep(21 * time.Second)
		synctest.Wait()
		if len(q.users) != 0 {
			t.Error("a full bucket is kept for somebody who is gone")
		}
		visit(true, true, false)
	})
}
