// fails: no race
// says: in: func(context.Context, int) (float64, error) { return walk(r) })

package answer

import (
	"context"
	"math/rand/v2"

	"github.com/threads2go/course/pkg/pool"
)

func walkBlocks(ctx context.Context, workers, blocks int,
	walk func(*rand.Rand) (float64, error)) ([]float64, error) {
	r := rand.New(rand.NewPCG(26, 0))
	return pool.Map(ctx, pool.New(workers), make([]int, blocks),
		func(context.Context, int) (float64, error) { return walk(r) })
}
