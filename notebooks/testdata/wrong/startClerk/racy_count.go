// fails: no race
// says: a write in: filled++
// says: a read in: return filled

package answer

import "sync"

func startClerk(fill func(order int)) (put func(order int), stop func() int) {
	orders, filled := make(chan int, 5), 0
	var waiting sync.WaitGroup
	go func() {
		for order := range orders {
			fill(order)
			waiting.Done()
			filled++
		}
	}()
	put = func(order int) {
		waiting.Add(1)
		orders <- order
	}
	stop = func() int {
		waiting.Wait()
		close(orders)
		return filled
	}
	return put, stop
}
