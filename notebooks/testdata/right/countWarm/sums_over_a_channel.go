package answer

func countWarm(celsius []float64, workers int,
	warm func(celsius float64) bool) int {
	counts := make(chan int)
	size := (len(celsius) + workers - 1) / workers
	for w := range workers {
		go func() {
			n := 0
			for i := w * size; i < min((w+1)*size, len(celsius)); i++ {
				if warm(celsius[i]) {
					n++
				}
			}
			counts <- n
		}()
	}
	total := 0
	for range workers {
		total += <-counts
	}
	return total
}
