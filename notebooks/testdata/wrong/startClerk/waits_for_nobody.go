// fails: right answer
// says: all goroutines are asleep - deadlock!
// says: chan send: total <- filled

package answer

func startClerk(fill func(order int)) (put func(order int), stop func() int) {
	orders, total := make(chan int), make(chan int)
	go func() {
		filled := 0
		for order := range orders {
			fill(order)
			filled++
			total <- filled
		}
	}()
	put = func(order int) { orders <- order }
	stop = func() int {
		close(orders)
		return <-total
	}
	return put, stop
}
