// fails: no race
// says: filled

package answer

import "time"

func startClerk(fill func(order int)) (put func(order int), stop func() int) {
	orders, filled := make(chan int, 5), 0
	go func() {
		for order := range orders {
			fill(order)
			filled++
		}
	}()
	put = func(order int) { orders <- order }
	stop = func() int {
		close(orders)
		time.Sleep(200 * time.Millisecond)
		return filled
	}
	return put, stop
}
