// fails: no race
// says: a write in: states[order] = follow(ctx, order)

package answer

import (
	"context"
	"errors"
	"sync"
)

func openDesk(follow func(ctx context.Context, order int) string) (
	take func(order int) error, shutdown func() map[int]string) {
	ctx, endAll := context.WithCancel(context.Background())
	var mu sync.Mutex
	closed, states := false, map[int]string{}
	var orders sync.WaitGroup
	take = func(order int) error {
		mu.Lock()
		defer mu.Unlock()
		if closed {
			return errors.New("the desk is closed")
		}
		orders.Go(func() {
			states[order] = follow(ctx, order)
		})
		return nil
	}
	shutdown = func() map[int]string {
		mu.Lock()
		closed = true
		mu.Unlock()
		endAll()
		orders.Wait()
		return states
	}
	return take, shutdown
}
