// fails: no race
// says: in: sum += l[i].sold
// says: in: part.sold++

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
	defer part.mu.Unlock()
	write()
	part.sold++
}

func (l ledger) Sold() (sum int) {
	for i := range l {
		sum += l[i].sold
	}
	return sum
}
