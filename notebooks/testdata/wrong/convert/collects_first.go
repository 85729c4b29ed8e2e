// fails: hands on at once
// says: one temperature at a time: number 1 does not come out before the next one is sent

package answer

import "context"

func convert(ctx context.Context, in <-chan float64,
	change func(celsius float64) string) <-chan string {
	out := make(chan string)
	go func() {
		defer close(out)
		var all []string
		for celsius := range in {
			all = append(all, change(celsius))
		}
		for _, s := range all {
			select {
			case out <- s:
			case <-ctx.Done():
				return
			}
		}
	}()
	return out
}
