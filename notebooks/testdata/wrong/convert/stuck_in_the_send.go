// fails: no leak
// says: 1 goroutine is left behind by "heeds its context"
// says: chan send: out <- change(celsius)
// says: started by: go func() {

package answer

import "context"

func convert(ctx context.Context, in <-chan float64,
	change func(celsius float64) string) <-chan string {
	out := make(chan string)
	go func() {
		defer close(out)
		for {
			select {
			case celsius, ok := <-in:
				if !ok {
					return
				}
				out <- change(celsius)
			case <-ctx.Done():
				return
			}
		}
	}()
	return out
}
