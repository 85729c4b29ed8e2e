// fails: waits
// says: nobody comes, then stop is closed: a goroutine looks again and again instead of waiting

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
		case customer, ok := <-customers:
			if !ok {
				return sold
			}
			sell(customer)
			sold++
		default:
		}
	}
}
