// fails: right answer
// says: 3 customers, then their channel is closed: it does not return

package answer

func sellUntil(stop <-chan struct{}, customers <-chan int,
	sell func(customer int)) (sold int) {
	for {
		select {
		case <-stop:
			return sold
		default:
		}
		select {
		case <-stop:
			return sold
		case customer := <-customers:
			sell(customer)
			sold++
		}
	}
}
