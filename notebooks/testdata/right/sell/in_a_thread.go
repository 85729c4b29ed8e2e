package answer

import (
	"context"
	"sync"

	"github.com/threads2go/course/pkg/thread"
)

func sell(mu *sync.Mutex, order func()) error {
	mu.Lock()
	defer mu.Unlock()
	ctx := context.Background()
	_, err := thread.Go(ctx, "order", func(context.Context) (int, error) {
		order()
		return 0, nil
	}).Join(ctx)
	return err
}
