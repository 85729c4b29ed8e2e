// fails: no race
// says: a read in the check
// says: a write in: t.counts[celsius]++

package answer

import (
	"sync"

	"github.com/threads2go/course/notebooks/exercises"
)

type tally struct {
	mu     sync.Mutex
	counts map[int]int
}

func newTally() exercises.Tally { return &tally{counts: map[int]int{}} }

func (t *tally) Add(celsius int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.counts[celsius]++
}

func (t *tally) Count(celsius int) int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.counts[celsius]
}

func (t *tally) Counts() map[int]int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.counts
}
