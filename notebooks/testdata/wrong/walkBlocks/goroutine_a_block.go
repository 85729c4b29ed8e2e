// fails: as many at once as workers
// says: under way at once, want at most 4

package answer

import (
	"context"
	"math/rand/v2"
	"sync"
)

func walkBlocks(ctx context.Context, workers, blocks int,
	walk func(*rand.Rand) (float64, error)) ([]float64, error) {
	prices, errs := make([]float64, blocks), make([]error, blocks)
	var group sync.WaitGroup
	for i := range blocks {
		group.Go(func() {
			prices[i], errs[i] = walk(rand.New(rand.NewPCG(26, uint64(i))))
		})
	}
	group.Wait()
	for _, err := range errs {
		if err != nil {
			return nil, err
		}
	}
	return prices, ctx.Err()
}
