// fails: no race
// says: in: results = append(results, r)

package answer

import "sync"

func resampleAll(n, workers int, resample func(index int) float64) []float64 {
	var results []float64
	var group sync.WaitGroup
	for w := range workers {
		group.Go(func() {
			for index := w; index < n; index += workers {
				r := resample(index)
				results = append(results, r)
			}
		})
	}
	group.Wait()
	return results
}
