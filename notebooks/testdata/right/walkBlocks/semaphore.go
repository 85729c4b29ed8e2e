package answer

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync"
)

func walkBlocks(ctx context.Context, workers, blocks int,
	walk func(*rand.Rand) (float64, error)) ([]float64, error) {
	prices := make([]float64, blocks)
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	room := make(chan bool, workers)
	var group sync.WaitGroup
loop:
	for i := range blocks {
		select {
		case <-ctx.Done():
			break loop
		case room <- true:
		}
		group.Go(func() {
			defer func() { <-room }()
			price, err := walk(rand.New(rand.NewPCG(26, uint64(i))))
			if err != nil {
				cancel(fmt.Errorf("block %d: %w", i, err))
				return
			}
			prices[i] = price
		})
	}
	group.Wait()
	if err := context.Cause(ctx); err != nil {
		return nil, err
	}
	return prices, nil
}
