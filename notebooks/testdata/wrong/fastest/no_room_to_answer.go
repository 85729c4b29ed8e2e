// fails: no leak
// says: goroutines are left behind by "right answer"
// says: chan send: answers <- answer{page, err}
// says: started by: go func() {

package answer

import (
	"context"
	"errors"
)

type answer struct {
	page string
	err  error
}

func fastest(ctx context.Context, mirrors []string,
	get func(ctx context.Context, mirror string) (string, error),
) (string, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	answers := make(chan answer)
	for _, mirror := range mirrors {
		go func() {
			page, err := get(ctx, mirror)
			answers <- answer{page, err}
		}()
	}
	var failed error
	for range mirrors {
		a := <-answers
		if a.err == nil {
			return a.page, nil
		}
		failed = errors.Join(failed, a.err)
	}
	return "", failed
}
