// fails: as many at once as workers
// says: under way at once, want at most 4

package answer

import "sync"

func resampleAll(n, workers int, resample func(index int) float64) []float64 {
	results := make([]float64, n)
	var group sync.WaitGroup
	for index := range n {
		group.Go(func() { results[index] = resample(index) })
	}
	group.Wait()
	return results
}
