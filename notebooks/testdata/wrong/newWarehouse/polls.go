// fails: right answer
// says: Take(3), and then Deliver(1) three times: a goroutine looks again and again instead of waiting
// says: : time.Sleep(time.Millisecond)

package answer

import (
	"context"
	"sync"
	"time"

	"github.com/threads2go/course/notebooks/exercises"
)

type warehouse struct {
	mu    sync.Mutex
	units int
}

func newWarehouse() exercises.Warehouse { return &warehouse{} }

func (w *warehouse) Deliver(units int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.units += units
}

func (w *warehouse) Take(ctx context.Context, units int) error {
	for ctx.Err() == nil {
		w.mu.Lock()
		enough := w.units >= units
		if enough {
			w.units -= units
		}
		w.mu.Unlock()
		if enough {
			return nil
		}
		time.Sleep(time.Millisecond)
	}
	return ctx.Err()
}
