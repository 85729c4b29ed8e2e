// fails: right answer
// says: fatal error: all goroutines are asleep - deadlock!
// says: sync.Mutex.Lock: t.mu.Lock() // Count's

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
	t.mu.Lock() // Count's
	defer t.mu.Unlock()
	return t.counts[celsius]
}

func (t *tally) Counts() map[int]int {
	t.mu.Lock()
	defer t.mu.Unlock()
	counts := map[int]int{}
	for celsius := range t.counts {
		counts[celsius] = t.Count(celsius)
	}
	return counts
}
