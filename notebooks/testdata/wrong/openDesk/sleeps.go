// fails: right answer
// says: one takes long to end after shutdown
// says: shutdown returned when 9 of 10 orders had ended

package answer

import (
	"context"
	"errors"
	"maps"
	"sync"
	"time"
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
		closed = true
		mu.Unlock()
		endAll()
		time.Sleep(50 * time.Millisecond)
		mu.Lock()
		defer mu.Unlock()
		return maps.Clone(states)
	}
	return take, shutdown
}
