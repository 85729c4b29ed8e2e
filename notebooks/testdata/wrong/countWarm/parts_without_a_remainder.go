// fails: right answer
// says: 1000 temperatures, 7 workers: the warm ones: got

package answer

import (
	"sync"
	"sync/atomic"
)

func countWarm(celsius []float64, workers int,
	warm func(celsius float64) bool) int {
	var total atomic.Int64
	var group sync.WaitGroup
	part := len(celsius) / workers
	for w := range workers {
		group.Go(func() {
			n := 0
			for _, c := range celsius[w*part : (w+1)*part] {
				if warm(c) {
					n++
				}
			}
			total.Add(int64(n))
		})
	}
	group.Wait()
	return int(total.Load())
}
