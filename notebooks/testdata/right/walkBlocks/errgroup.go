package answer

import (
	"context"
	"math/rand/v2"

	"golang.org/x/sync/errgroup"
)

func walkBlocks(ctx context.Context, workers, blocks int,
	walk func(*rand.Rand) (float64, error)) ([]float64, error) {
	prices := make([]float64, blocks)
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(workers)
	for i := range blocks {
		group.Go(func() (err error) {
			if err := ctx.Err(); err != nil {
				return err
			}
			prices[i], err = walk(rand.New(rand.NewPCG(26, uint64(i))))
			return err
		})
	}
	return prices, group.Wait()
}
