// fails: right answer
// says: 100 resamples, 8 workers: result 0: got

package answer

import "sync"

func resampleAll(n, workers int, resample func(index int) float64) []float64 {
	var results []float64
	var mu sync.Mutex
	var group sync.WaitGroup
	for w := range workers {
		group.Go(func() {
			for index := w; index < n; index += workers {
				r := resample(index)
				mu.Lock()
				results = append(results, r)
				mu.Unlock()
			}
		})
	}
	group.Wait()
	return results
}
