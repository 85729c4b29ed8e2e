package answer

import (
	"context"

	"github.com/threads2go/course/pkg/pool"
)

func resampleAll(n, workers int, resample func(index int) float64) []float64 {
	indices := make([]int, n)
	for i := range indices {
		indices[i] = i
	}
	results, _ := pool.Map(context.Background(), pool.New(workers), indices,
		func(_ context.Context, index int) (float64, error) {
			return resample(index), nil
		})
	return results
}
