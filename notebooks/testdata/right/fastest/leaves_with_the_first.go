package answer

import (
	"context"
	"errors"
)

func fastest(ctx context.Context, mirrors []string,
	get func(ctx context.Context, mirror string) (string, error),
) (string, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	type result struct {
		page string
		err  error
	}
	results := make(chan result, len(mirrors))
	for _, mirror := range mirrors {
		go func() {
			page, err := get(ctx, mirror)
			results <- result{page, err}
		}()
	}
	var errs []error
	for range mirrors {
		r := <-results
		if r.err == nil {
			return r.page, nil
		}
		errs = append(errs, r.err)
	}
	return "", errors.Join(errs...)
}
