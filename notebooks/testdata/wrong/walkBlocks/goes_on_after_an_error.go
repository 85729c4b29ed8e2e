// fails: stops at an error
// says: 4 workers, 400 blocks, and the tenth walk fails: 400 blocks were walked after all

package answer

import (
	"context"
	"math/rand/v2"

	"golang.org/x/sync/errgroup"
)

func walkBlocks(ctx context.Context, workers, blocks int,
	walk func(*rand.Rand) (float64, error)) ([]float64, error) {
	prices := make([]float64, blocks)
	var group errgroup.Group
	group.SetLimit(workers)
	for i := range blocks {
		group.Go(func() (err error) {
			prices[i], err = walk(rand.New(rand.NewPCG(26, uint64(i))))
			return err
		})
	}
	return prices, group.Wait()
}
