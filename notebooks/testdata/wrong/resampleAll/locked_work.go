// fails: as many at once as workers
// says: 40 resamples, 4 workers: never more than 1 under way, want 4

package answer

import "sync"

func resampleAll(n, workers int, resample func(index int) float64) []float64 {
	results := make([]float64, n)
	var mu sync.Mutex
	var group sync.WaitGroup
	for w := range workers {
		group.Go(func() {
			for index := w; index < n; index += workers {
				mu.Lock()
				results[index] = resample(index)
				mu.Unlock()
			}
		})
	}
	group.Wait()
	return results
}
