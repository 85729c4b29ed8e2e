// fails: no race

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
		late := closed
		mu.Unlock()
		if late {
			return errors.New("the desk is closed")
		}
		orders.Go(func() {
			state := follow(ctx, order)
			mu.Lock()
			defer mu.Unlock()
			states[order] = state
		})
		return nil
	}
	shutdown = func() map[int]string {
		mu.Lock()
		closed = true
		mu.Unlock()
		endAll()
		orders.Wait()
		mu.Lock()
		defer mu.Unlock()
		return states
	}
	return take, shutdown
}
