// fails: right answer
// says: 100 resamples, 8 workers: fatal error: all goroutines are asleep - deadlock!
// says: chan receive: for r := range found {

package answer

func resampleAll(n, workers int, resample func(index int) float64) []float64 {
	type result struct {
		index int
		value float64
	}
	found := make(chan result)
	for w := range workers {
		go func() {
			for index := w; index < n; index += workers {
				found <- result{index, resample(index)}
			}
		}()
	}
	results := make([]float64, n)
	for r := range found {
		results[r.index] = r.value
	}
	return results
}
