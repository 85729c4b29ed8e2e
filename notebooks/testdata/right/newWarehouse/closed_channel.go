package answer

import (
	"context"
	"sync"

	"github.com/threads2go/course/notebooks/exercises"
)

type warehouse struct {
	mu        sync.Mutex
	units     int
	delivered chan struct{} // closed at the next delivery
}

func newWarehouse() exercises.Warehouse {
	return &warehouse{delivered: make(chan struct{})}
}

func (w *warehouse) Deliver(units int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.units += units
	close(w.delivered)
	w.delivered = make(chan struct{})
}

func (w *warehouse) Take(ctx context.Context, units int) error {
	for {
		w.mu.Lock()
		if w.units >= units {
			w.units -= units
			w.mu.Unlock()
			return nil
		}
		delivered := w.delivered
		w.mu.Unlock()
		select {
		case <-delivered:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}
