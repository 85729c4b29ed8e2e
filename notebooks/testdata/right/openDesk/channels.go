package answer

import (
	"context"
	"errors"
	"sync"
)

type state struct {
	order int
	text  string
}

func openDesk(follow func(ctx context.Context, order int) string) (
	take func(order int) error, shutdown func() map[int]string) {
	ctx, cancel := context.WithCancel(context.Background())
	states := make(chan state)
	var mu sync.RWMutex
	open, taken := true, 0
	take = func(order int) error {
		mu.Lock()
		if !open {
			mu.Unlock()
			return errors.New("closed")
		}
		taken++
		mu.Unlock()
		go func() { states <- state{order, follow(ctx, order)} }()
		return nil
	}
	shutdown = func() map[int]string {
		mu.Lock()
		open = false
		n := taken
		mu.Unlock()
		cancel()
		all := make(map[int]string)
		for range n {
			s := <-states
			all[s.order] = s.text
		}
		return all
	}
	return take, shutdown
}
