// fails: right answer
// says: Take(3), and then Deliver(1) three times: Take returned before there were 3 units

package answer

import (
	"context"

	"github.com/threads2go/course/notebooks/exercises"
	"github.com/threads2go/course/pkg/lock"
)

type warehouse struct {
	mu      lock.Mutex
	changed *lock.Condition
	units   int
}

func newWarehouse() exercises.Warehouse {
	w := &warehouse{}
	w.changed = lock.NewCondition(&w.mu)
	return w
}

func (w *warehouse) Deliver(units int) {
	lock.With(&w.mu, func() { w.units += units })
	w.changed.NotifyAll()
}

func (w *warehouse) Take(ctx context.Context, units int) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.units < units {
		if err := w.changed.Wait(ctx); err != nil {
			return err
		}
	}
	w.units -= units
	return nil
}
