// fails: none is lost
// says: order 1: taken true, among the states of shutdown false

package answer

import (
	"context"
	"errors"
	"maps"
	"sync"
	"sync/atomic"
	"time"
)

func openDesk(follow func(ctx context.Context, order int) string) (
	take func(order int) error, shutdown func() map[int]string) {
	ctx, endAll := context.WithCancel(context.Background())
	var mu sync.Mutex
	var closed atomic.Bool
	states, running := map[int]string{}, 0
	ended := sync.NewCond(&mu)
	take = func(order int) error {
		if closed.Load() {
			return errors.New("the desk is closed")
		}
		time.Sleep(100 * time.Microsecond) // writes the order down
		mu.Lock()
		defer mu.Unlock()
		running++
		go func() {
			state := follow(ctx, order)
			mu.Lock()
			defer mu.Unlock()
			states[order] = state
			running--
			ended.Signal()
		}()
		return nil
	}
	shutdown = func() map[int]string {
		closed.Store(true)
		endAll()
		mu.Lock()
		defer mu.Unlock()
		for running > 0 {
			ended.Wait()
		}
		return maps.Clone(states)
	}
	return take, shutdown
}
