// fails: mirrors that fail
// says: three mirrors that fail, and one that answers after them: the error: got the mirror is down, want

package answer

import "context"

type answer struct {
	page string
	err  error
}

func fastest(ctx context.Context, mirrors []string,
	get func(ctx context.Context, mirror string) (string, error),
) (string, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	answers := make(chan answer, len(mirrors))
	for _, mirror := range mirrors {
		go func() {
			page, err := get(ctx, mirror)
			answers <- answer{page, err}
		}()
	}
	a := <-answers
	return a.page, a.err
}
