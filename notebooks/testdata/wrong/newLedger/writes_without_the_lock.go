// fails: one at a time in a part
// says: 4 parts, articles 1, 5, 9 and 13 at the same time: 4 under way at once, want at most 1

package answer

import (
	"sync"

	"github.com/threads2go/course/notebooks/exercises"
)

type ledger []struct {
	mu   sync.Mutex
	sold int
}

func newLedger(parts int) exercises.Ledger { return make(ledger, parts) }

func (l ledger) Sell(article int, write func()) {
	write()
	part := &l[article%len(l)]
	part.mu.Lock()
	defer part.mu.Unlock()
	part.sold++
}

func (l ledger) Sold() (sum int) {
	for i := range l {
		l[i].mu.Lock()
		sum += l[i].sold
		l[i].mu.Unlock()
	}
	return sum
}
