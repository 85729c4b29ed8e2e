// fails: as many at once as workers
// says: never more than 1 under way, want 4

package answer

import (
	"context"
	"math/rand/v2"
)

func walkBlocks(ctx context.Context, workers, blocks int,
	walk func(*rand.Rand) (float64, error)) ([]float64, error) {
	prices := make([]float64, blocks)
	for i := range prices {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		price, err := walk(rand.New(rand.NewPCG(26, uint64(i))))
		if err != nil {
			return nil, err
		}
		prices[i] = price
	}
	return prices, nil
}
