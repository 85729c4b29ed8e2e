package answer

import "context"

func convert(ctx context.Context, in <-chan float64,
	change func(celsius float64) string) <-chan string {
	out := make(chan string, 1)
	go func() {
		for {
			select {
			case <-ctx.Done():
				close(out)
				return
			case celsius, more := <-in:
				if !more {
					close(out)
					return
				}
				s := change(celsius)
				select {
				case <-ctx.Done():
				case out <- s:
				}
			}
		}
	}()
	return out
}
