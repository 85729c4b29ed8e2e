// fails: right answer
// says: an order that takes long, then stop: stop returned 0 while the order was being filled

package answer

import "sync"

func startClerk(fill func(order int)) (put func(order int), stop func() int) {
	orders, filled := make(chan int, 5), 0
	var mu sync.Mutex
	go func() {
		for order := range orders {
			fill(order)
			mu.Lock()
			filled++
			mu.Unlock()
		}
	}()
	put = func(order int) { orders <- order }
	stop = func() int {
		close(orders)
		for len(orders) > 0 {
		}
		mu.Lock()
		defer mu.Unlock()
		return filled
	}
	return put, stop
}
