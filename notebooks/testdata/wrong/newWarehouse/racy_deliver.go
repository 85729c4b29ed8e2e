// fails: no race
// says: in: w.units += units

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
	w.units += units
	w.changed.NotifyAll()
}

func (w *warehouse) Take(ctx context.Context, units int) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	enough := func() bool { return w.units >= units }
	if err := w.changed.WaitFor(ctx, enough); err != nil {
		return err
	}
	w.units -= units
	return nil
}
