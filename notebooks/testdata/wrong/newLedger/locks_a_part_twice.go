// fails: right answer
// says: 4 parts, 8 goroutines sell 40 articles each: they never come to their end
// says: sync.Mutex.Lock:

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
	part := &l[article%len(l)]
	part.mu.Lock()
	defer part.mu.Lock()
	write()
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
