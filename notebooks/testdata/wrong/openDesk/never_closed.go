// fails: closed after shutdown
// says: take(2) after shutdown: the error is nil: the order was taken, and nobody will end it

package answer

import (
	"context"
	"sync"
)

func openDesk(follow func(ctx context.Context, order int) string) (
	take func(order int) error, shutdown func() map[int]string) {
	ctx, endAll := context.WithCancel(context.Background())
	var mu sync.Mutex
	states := map[int]string{}
	var orders sync.WaitGroup
	take = func(order int) error {
		orders.Go(func() {
			state := follow(ctx, order)
			mu.Lock()
			defer mu.Unlock()
			states[order] = state
		})
		return nil
	}
	shutdown = func() map[int]string {
		endAll()
		orders.Wait()
		return states
	}
	return take, shutdown
}
