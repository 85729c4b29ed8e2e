package answer

import "sync"

func startClerk(fill func(order int)) (put func(order int), stop func() int) {
	orders := make(chan int)
	filled := 0
	var clerk sync.WaitGroup
	clerk.Go(func() {
		for order := range orders {
			fill(order)
			filled++
		}
	})
	put = func(order int) { orders <- order }
	stop = func() int {
		close(orders)
		clerk.Wait()
		return filled
	}
	return put, stop
}
