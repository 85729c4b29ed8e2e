// fails: right answer
// says: 100 resamples, 8 workers: resample(96) was called 0 times, want once

package answer

import "sync"

func resampleAll(n, workers int, resample func(index int) float64) []float64 {
	results := make([]float64, n)
	var group sync.WaitGroup
	part := n / workers
	for w := range workers {
		group.Go(func() {
			for index := w * part; index < (w+1)*part; index++ {
				results[index] = resample(index)
			}
		})
	}
	group.Wait()
	return results
}
