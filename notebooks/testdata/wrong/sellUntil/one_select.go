// fails: stop comes first
// says: customers were served after the stop

package answer

func sellUntil(stop <-chan struct{}, customers <-chan int,
	sell func(customer int)) (sold int) {
	for {
		select {
		case <-stop:
			return sold
		case customer, ok := <-customers:
			if !ok {
				return sold
			}
			sell(customer)
			sold++
		}
	}
}
