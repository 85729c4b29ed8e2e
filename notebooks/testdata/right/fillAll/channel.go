package answer

func fillAll(orders []int, fill func(order int)) {
	done := make(chan bool)
	for _, order := range orders {
		go func() {
			fill(order)
			done <- true
		}()
	}
	for range orders {
		<-done
	}
}
