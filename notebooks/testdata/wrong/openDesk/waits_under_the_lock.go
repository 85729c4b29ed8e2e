// fails: right answer
// says: shutdown does not return
// says: sync.WaitGroup.Wait: orders.Wait()
// says: sync.Mutex.Lock: mu.Lock() // for its state

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
			state := follow(ctx, order)
			mu.Lock() // for its state
			defer mu.Unlock()
			states[order] = state
		})
		return nil
	}
	shutdown = func() map[int]string {
		mu.Lock()
		defer mu.Unlock()
		closed = true
		endAll()
		orders.Wait()
		return states
	}
	return take, shutdown
}
