package answer

func sellUntil(stop <-chan struct{}, customers <-chan int,
	sell func(customer int)) (sold int) {
	for {
		select {
		case <-stop:
			return
		case customer, ok := <-customers:
			select {
			case <-stop:
				return
			default:
			}
			if !ok {
				return
			}
			sell(customer)
			sold++
		}
	}
}
