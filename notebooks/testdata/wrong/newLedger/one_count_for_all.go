// fails: no race
// says: in: l.sold++

package answer

import (
	"sync"

	"github.com/threads2go/course/notebooks/exercises"
)

type ledger struct {
	parts []sync.Mutex
	sold  int
}

func newLedger(parts int) exercises.Ledger { return &ledger{parts: make([]sync.Mutex, parts)} }

func (l *ledger) Sell(article int, write func()) {
	part := &l.parts[article%len(l.parts)]
	part.Lock()
	defer part.Unlock()
	write()
	l.sold++
}

func (l *ledger) Sold() int {
	for i := range l.parts {
		l.parts[i].Lock()
		defer l.parts[i].Unlock()
	}
	return l.sold
}
