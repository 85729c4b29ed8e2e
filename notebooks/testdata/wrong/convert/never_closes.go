// fails: right answer
// says: 4 temperatures, then the channel is closed: the channel that it returned was not closed

package answer

import "context"

func convert(ctx context.Context, in <-chan float64,
	change func(celsius float64) string) <-chan string {
	out := make(chan string)
	go func() {
		for {
			select {
			case celsius, ok := <-in:
				if !ok {
					return
				}
				select {
				case out <- change(celsius):
				case <-ctx.Done():
					return
				}
			case <-ctx.Done():
				return
			}
		}
	}()
	return out
}
