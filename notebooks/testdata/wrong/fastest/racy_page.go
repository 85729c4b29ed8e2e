// fails: no race
// says: a write in: first, found = page, true

package answer

import (
	"context"
	"errors"
	"sync"
)

func fastest(ctx context.Context, mirrors []string,
	get func(ctx context.Context, mirror string) (string, error),
) (string, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var first string
	found, errs := false, make([]error, len(mirrors))
	var calls sync.WaitGroup
	for i, mirror := range mirrors {
		calls.Go(func() {
			page, err := get(ctx, mirror)
			if errs[i] = err; err == nil {
				first, found = page, true
				cancel()
			}
		})
	}
	calls.Wait()
	if found {
		return first, nil
	}
	return "", errors.Join(errs...)
}
