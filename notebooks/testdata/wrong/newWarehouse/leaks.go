// fails: no leak
// says: goroutines are left behind by "right answer"
// says: chan receive (nil chan): <-ctx.Done()
// says: started by: go func() {

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
	ctx = context.WithoutCancel(ctx)
	go func() {
		<-ctx.Done()
		w.changed.Broadcast()
	}()
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
