package answer

import (
	"context"

	"github.com/threads2go/course/pkg/queue"
	"github.com/threads2go/course/pkg/thread"
)

func startClerk(fill func(order int)) (put func(order int), stop func() int) {
	ctx := context.Background()
	var orders queue.Queue[int]
	clerk := thread.Go(ctx, "clerk", func(ctx context.Context) (n int, err error) {
		for order := range orders.All(ctx) {
			fill(order)
			n++
		}
		return n, nil
	})
	put = func(order int) { orders.Put(ctx, order) }
	stop = func() int {
		orders.Shutdown()
		n, _ := clerk.Join(ctx)
		return n
	}
	return put, stop
}
