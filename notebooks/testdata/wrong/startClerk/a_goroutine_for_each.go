// fails: no race

package answer

import (
	"sync"
	"sync/atomic"
)

func startClerk(fill func(order int)) (put func(order int), stop func() int) {
	var clerks sync.WaitGroup
	var filled atomic.Int64
	put = func(order int) {
		clerks.Go(func() {
			fill(order)
			filled.Add(1)
		})
	}
	stop = func() int {
		clerks.Wait()
		return int(filled.Load())
	}
	return put, stop
}
