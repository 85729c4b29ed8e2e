// fails: waits
// says: nobody comes, then stop is closed: it still waits

package answer

func sellUntil(stop <-chan struct{}, customers <-chan int,
	sell func(customer int)) (sold int) {
	for customer := range customers {
		select {
		case <-stop:
			return sold
		default:
		}
		sell(customer)
		sold++
	}
	return sold
}
