// fails: no race
// says: in: n++

package answer

import "sync"

func countWarm(celsius []float64, workers int,
	warm func(celsius float64) bool) int {
	n := 0
	var group sync.WaitGroup
	for w := range workers {
		group.Go(func() {
			for i := w; i < len(celsius); i += workers {
				if warm(celsius[i]) {
					n++
				}
			}
		})
	}
	group.Wait()
	return n
}
