package answer

import (
	"context"
	"sync"

	"github.com/threads2go/course/notebooks/exercises"
)

type warehouse struct {
	mu    sync.Mutex
	cond  *sync.Cond
	units int
}

func newWarehouse() exercises.Warehouse {
	w := &warehouse{}
	w.cond = sync.NewCond(&w.mu)
	return w
}

func (w *warehouse) Deliver(units int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.units += units
	w.cond.Broadcast()
}

func (w *warehouse) Take(ctx context.Context, units int) error {
	stop := context.AfterFunc(ctx, func() {
		w.mu.Lock()
		defer w.mu.Unlock()
		w.cond.Broadcast()
	})
	defer stop()
	w.mu.Lock()
	defer w.mu.Unlock()
	for w.units < units {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		w.cond.Wait()
	}
	w.units -= units
	return nil
}
