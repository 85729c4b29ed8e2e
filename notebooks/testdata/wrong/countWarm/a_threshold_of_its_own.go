// fails: right answer
// says: (LESSON_SEED=
// says: the warm ones: got

package answer

import "sync"

func countWarm(celsius []float64, workers int,
	warm func(celsius float64) bool) int {
	counts := make([]int, workers)
	var group sync.WaitGroup
	for w := range workers {
		group.Go(func() {
			for i := w; i < len(celsius); i += workers {
				if celsius[i] > 20 {
					counts[w]++
				}
			}
		})
	}
	group.Wait()
	total := 0
	for _, n := range counts {
		total += n
	}
	return total
}
