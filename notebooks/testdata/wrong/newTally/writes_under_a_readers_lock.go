// fails: no race
// says: a write in: t.counts[celsius]++

package answer

import (
	"maps"
	"sync"

	"github.com/threads2go/course/notebooks/exercises"
)

type tally struct {
	mu     sync.RWMutex
	counts map[int]int
}

func newTally() exercises.Tally { return &tally{counts: map[int]int{}} }

func (t *tally) Add(celsius int) {
	t.mu.RLock()
	defer t.mu.RUnlock()
	t.counts[celsius]++
}

func (t *tally) Count(celsius int) int {
	t.mu.RLock()
	defer t.mu.RUnlock()
	return t.counts[celsius]
}

func (t *tally) Counts() map[int]int {
	t.mu.RLock()
	defer t.mu.RUnlock()
	return maps.Clone(t.counts)
}
