// fails: no leak
// says: 1 goroutine is left behind by "waits"
// says: chan receive: for customer := range customers {
// says: started by: go func() {

package answer

func sellUntil(stop <-chan struct{}, customers <-chan int,
	sell func(customer int)) (sold int) {
	next, sold1 := make(chan int), make(chan bool)
	go func() {
		for customer := range customers {
			next <- customer
			<-sold1
		}
		close(next)
	}()
	for {
		select {
		case <-stop:
			return sold
		default:
		}
		select {
		case <-stop:
			return sold
		case customer, ok := <-next:
			if !ok {
				return sold
			}
			sell(customer)
			sold++
			sold1 <- true
		}
	}
}
