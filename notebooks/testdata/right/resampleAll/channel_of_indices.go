package answer

import "sync"

func resampleAll(n, workers int, resample func(index int) float64) []float64 {
	indices := make(chan int)
	go func() {
		for i := 0; i < n; i++ {
			indices <- i
		}
		close(indices)
	}()
	results := make([]float64, n)
	var group sync.WaitGroup
	for i := 0; i < workers; i++ {
		group.Add(1)
		go func() {
			defer group.Done()
			for index := range indices {
				results[index] = resample(index)
			}
		}()
	}
	group.Wait()
	return results
}
