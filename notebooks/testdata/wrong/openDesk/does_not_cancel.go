// fails: right answer
// says: order 1 is sold, orders 2 and 3 are followed until shutdown: shutdown does not return
// says: sync.WaitGroup.Wait: orders.Wait()

package answer

import (
	"context"
	"errors"
	"sync"
)

func openDesk(follow func(ctx context.Context, order int) string) (
	take func(order int) error, shutdown func() map[int]string) {
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
			state := follow(context.Background(), order)
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
		orders.Wait()
		return states
	}
	return take, shutdown
}
