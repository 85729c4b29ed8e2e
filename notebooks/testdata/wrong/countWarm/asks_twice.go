// fails: as many at once as workers
// says: 40 temperatures, 4 workers: the calls of warm: got 80, want 40

package answer

import "sync"

func countWarm(celsius []float64, workers int,
	warm func(celsius float64) bool) int {
	counts := make([]int, workers)
	var group sync.WaitGroup
	for w := range workers {
		group.Go(func() {
			n := 0
			for i := w; i < len(celsius); i += workers {
				if warm(celsius[i]) && warm(celsius[i]) {
					n++
				}
			}
			counts[w] = n
		})
	}
	group.Wait()
	total := 0
	for _, n := range counts {
		total += n
	}
	return total
}
