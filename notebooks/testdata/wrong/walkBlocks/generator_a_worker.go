// fails: right answer
// says: which its own generator gives

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
	for w := range workers {
		group.Go(func() {
			r := rand.New(rand.NewPCG(26, uint64(w)))
			for i := w; i < blocks && ctx.Err() == nil; i += workers {
				prices[i], errs[i] = walk(r)
				if errs[i] != nil {
					return
				}
			}
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
