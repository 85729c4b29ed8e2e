// fails: heeds its context
// says: its context ends while it waits for a temperature: the channel that it returned was not closed

package answer

import "context"

func convert(ctx context.Context, in <-chan float64,
	change func(celsius float64) string) <-chan string {
	out := make(chan string)
	go func() {
		defer close(out)
		for celsius := range in {
			out <- change(celsius)
		}
	}()
	return out
}
