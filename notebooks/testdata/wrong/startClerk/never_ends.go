// fails: no leak
// says: goroutines are left behind by "right answer"
// says: chan receive: for order := range orders {
// says: started by: go func() {

package answer

import (
	"sync"
	"sync/atomic"
)

func startClerk(fill func(order int)) (put func(order int), stop func() int) {
	orders := make(chan int, 5)
	var waiting sync.WaitGroup
	var filled atomic.Int64
	go func() {
		for order := range orders {
			fill(order)
			filled.Add(1)
			waiting.Done()
		}
	}()
	put = func(order int) {
		waiting.Add(1)
		orders <- order
	}
	stop = func() int {
		waiting.Wait()
		return int(filled.Load())
	}
	return put, stop
}
