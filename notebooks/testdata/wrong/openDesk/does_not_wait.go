// fails: right answer
// says: orders 2 and 3 are followed until shutdown: the states: got map[

package answer

import (
	"context"
	"errors"
	"maps"
	"sync"
)

func openDesk(follow func(ctx context.Context, order int) string) (
	take func(order int) error, shutdown func() map[int]string) {
	ctx, endAll := context.WithCancel(context.Background())
	var mu sync.Mutex
	closed, states := false, map[int]string{}
	take = func(order int) error {
		mu.Lock()
		defer mu.Unlock()
		if closed {
			return errors.New("the desk is closed")
		}
		go func() {
			state := follow(ctx, order)
			mu.Lock()
			defer mu.Unlock()
			states[order] = state
		}()
		return nil
	}
	shutdown = func() map[int]string {
		mu.Lock()
		defer mu.Unlock()
		closed = true
		endAll()
		return maps.Clone(states)
	}
	return take, shutdown
}
