// fails: right answer
// says: 8 workers, 60 blocks: it returned while a block was under way

package answer

import (
	"context"
	"math/rand/v2"
	"slices"
	"sync"
	"time"
)

func walkBlocks(ctx context.Context, workers, blocks int,
	walk func(*rand.Rand) (float64, error)) ([]float64, error) {
	prices := make([]float64, blocks)
	var failed error
	var mu sync.Mutex // guards prices and failed
	for w := range workers {
		go func() {
			for i := w; i < blocks; i += workers {
				mu.Lock()
				stop := failed != nil || ctx.Err() != nil
				mu.Unlock()
				if stop {
					return
				}
				price, err := walk(rand.New(rand.NewPCG(26, uint64(i))))
				mu.Lock()
				prices[i] = price
				if err != nil {
					failed = err
				}
				mu.Unlock()
			}
		}()
	}
	time.Sleep(100 * time.Millisecond)
	mu.Lock()
	defer mu.Unlock()
	if failed == nil {
		failed = ctx.Err()
	}
	return slices.Clone(prices), failed
}
