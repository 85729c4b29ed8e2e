// fails: right answer
// says: 4 temperatures, then the channel is closed: it does not return its channel at once

package answer

import "context"

func convert(ctx context.Context, in <-chan float64,
	change func(celsius float64) string) <-chan string {
	out := make(chan string)
	for celsius := range in {
		out <- change(celsius)
	}
	close(out)
	return out
}
