// fails: fast enough
// says: times as long as one loop without goroutines, want at most 5 times

package answer

import "sync"

func countWarm(celsius []float64, workers int,
	warm func(celsius float64) bool) int {
	found := make(chan float64, 64)
	var group sync.WaitGroup
	for w := range workers {
		group.Go(func() {
			for i := w; i < len(celsius); i += workers {
				if warm(celsius[i]) {
					found <- celsius[i]
				}
			}
		})
	}
	go func() {
		group.Wait()
		close(found)
	}()
	n := 0
	for range found {
		n++
	}
	return n
}
