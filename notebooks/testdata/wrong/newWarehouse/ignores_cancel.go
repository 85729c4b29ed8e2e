// fails: heeds its context
// says: Take(4) of 3 units, and its context is cancelled: Take still waits

package answer

import (
	"context"
	"sync"

	"github.com/threads2go/course/notebooks/exercises"
)

type warehouse struct {
	changed sync.Cond
	units   int
}

func newWarehouse() exercises.Warehouse {
	return &warehouse{changed: sync.Cond{L: new(sync.Mutex)}}
}

func (w *warehouse) Deliver(units int) {
	w.changed.L.Lock()
	defer w.changed.L.Unlock()
	w.units += units
	w.changed.Broadcast()
}

func (w *warehouse) Take(ctx context.Context, units int) error {
	w.changed.L.Lock()
	defer w.changed.L.Unlock()
	for w.units < units {
		if err := ctx.Err(); err != nil {
			return err
		}
		w.changed.Wait()
	}
	w.units -= units
	return nil
}
