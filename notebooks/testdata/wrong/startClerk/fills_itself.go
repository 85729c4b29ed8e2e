// fails: right answer
// says: an order that takes long, then stop: put waits until the order is filled

package answer

import "sync"

func startClerk(fill func(order int)) (put func(order int), stop func() int) {
	filled := 0
	var mu sync.Mutex
	put = func(order int) {
		mu.Lock()
		defer mu.Unlock()
		fill(order)
		filled++
	}
	stop = func() int {
		mu.Lock()
		defer mu.Unlock()
		return filled
	}
	return put, stop
}
