// fails: fast enough
// says: times as long as one loop without goroutines, want at most 5 times

package answer

import (
	"sync/atomic"

	"golang.org/x/sync/errgroup"
)

func countWarm(celsius []float64, workers int,
	warm func(celsius float64) bool) int {
	var n atomic.Int64
	var group errgroup.Group
	group.SetLimit(workers)
	for _, c := range celsius {
		group.Go(func() error {
			if warm(c) {
				n.Add(1)
			}
			return nil
		})
	}
	group.Wait()
	return int(n.Load())
}
