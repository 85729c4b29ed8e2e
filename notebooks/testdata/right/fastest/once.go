package answer

import (
	"context"
	"sync"
)

func fastest(ctx context.Context, mirrors []string,
	get func(ctx context.Context, mirror string) (string, error),
) (string, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var mu sync.Mutex
	var first *string
	var last error
	var calls sync.WaitGroup
	for _, mirror := range mirrors {
		calls.Go(func() {
			page, err := get(ctx, mirror)
			mu.Lock()
			defer mu.Unlock()
			if err != nil {
				last = err
			} else if first == nil {
				first = &page
				cancel()
			}
		})
	}
	calls.Wait()
	if first != nil {
		return *first, nil
	}
	return "", last
}
