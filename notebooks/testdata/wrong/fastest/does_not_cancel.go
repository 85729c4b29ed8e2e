// fails: right answer
// says: where only Zurich answers in time: fatal error: all goroutines are asleep - deadlock!
// says: sync.WaitGroup.Wait: calls.Wait()

package answer

import (
	"context"
	"errors"
	"sync"
)

func fastest(ctx context.Context, mirrors []string,
	get func(ctx context.Context, mirror string) (string, error),
) (string, error) {
	pages, errs := make(chan string, len(mirrors)), make([]error, len(mirrors))
	var calls sync.WaitGroup
	for i, mirror := range mirrors {
		calls.Go(func() {
			page, err := get(ctx, mirror)
			if err != nil {
				errs[i] = err
				return
			}
			pages <- page
		})
	}
	calls.Wait()
	if len(pages) > 0 {
		return <-pages, nil
	}
	return "", errors.Join(errs...)
}
