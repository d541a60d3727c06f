package engineio

import (
	"sync"
	"testing"
	"testing/synctest"
)

func TestTheCrewRunsWhateverItIsGiven(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCrew()
		var all sync.WaitGroup
		var mu sync.Mutex
		ran := 0
		hold := make(chan struct{})
		give := func(n int, wait bool) {
			for range n {
				all.Add(1)
				c.run(func() {
					defer all.Done()
					if wait {
						<-hold
					}
					mu.Lock()
					defer mu.Unlock()
					ran++
				})
			}
		}
		give(3*crewSize, true) // nobody waits for somebody else's end
		synctest.Wait()
		close(hold)
		all.Wait()
		for range 100 {
			give(1, false)
			synctest.Wait()
		}
		if c.size != crewSize {
			t.Errorf("the crew has %d", c.size)
		}
		c.close()
		c.close()
		give(2, false)
		all.Wait()
		if ran != 3*crewSize+102 {
			t.Errorf("%d ran", ran)
		}
	}) // synctest fails if somebody still waits
}
