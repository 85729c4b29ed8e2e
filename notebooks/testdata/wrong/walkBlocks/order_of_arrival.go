// fails: right answer
// says: the price of block

package answer

import (
	"context"
	"math/rand/v2"
	"sync"

	"golang.org/x/sync/errgroup"
)

func walkBlocks(ctx context.Context, workers, blocks int,
	walk func(*rand.Rand) (float64, error)) ([]float64, error) {
	var prices []float64
	var mu sync.Mutex
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(workers)
	for i := range blocks {
		group.Go(func() error {
			if err := ctx.Err(); err != nil {
				return err
			}
			price, err := walk(rand.New(rand.NewPCG(26, uint64(i))))
			mu.Lock()
			defer mu.Unlock()
			prices = append(prices, price)
			return err
		})
	}
	return prices, group.Wait()
}
