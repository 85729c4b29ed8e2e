// fails: right answer
// says: 100 resamples, 8 workers: it returned before resample(0) did

package answer

import (
	"slices"
	"sync"
	"time"
)

func resampleAll(n, workers int, resample func(index int) float64) []float64 {
	results := make([]float64, n)
	var mu sync.Mutex
	for w := range workers {
		go func() {
			for index := w; index < n; index += workers {
				x := resample(index)
				mu.Lock()
				results[index] = x
				mu.Unlock()
			}
		}()
	}
	time.Sleep(50 * time.Millisecond)
	mu.Lock()
	defer mu.Unlock()
	return slices.Clone(results)
}
