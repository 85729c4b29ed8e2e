package answer

import (
	"sync"

	"github.com/threads2go/course/notebooks/exercises"
)

type tally struct {
	sync.RWMutex
	counts map[int]int
}

func newTally() exercises.Tally {
	t := new(tally)
	t.counts = make(map[int]int)
	return t
}

func (t *tally) Add(celsius int) {
	t.Lock()
	t.counts[celsius]++
	t.Unlock()
}

func (t *tally) Count(celsius int) int {
	t.RLock()
	defer t.RUnlock()
	return t.counts[celsius]
}

func (t *tally) Counts() map[int]int {
	t.RLock()
	defer t.RUnlock()
	counts := make(map[int]int, len(t.counts))
	for celsius, n := range t.counts {
		counts[celsius] = n
	}
	return counts
}
