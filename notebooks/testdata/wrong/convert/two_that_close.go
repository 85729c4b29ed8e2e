// fails: right answer
// says: panic: close of closed channel

package answer

import (
	"context"
	"sync"
)

func convert(ctx context.Context, in <-chan float64,
	change func(celsius float64) string) <-chan string {
	out := make(chan string)
	go func() {
		var both sync.WaitGroup
		for range 2 {
			both.Go(func() {
				for celsius := range in {
					out <- change(celsius)
				}
			})
		}
		both.Wait()
		for range 2 {
			close(out)
		}
	}()
	return out
}
