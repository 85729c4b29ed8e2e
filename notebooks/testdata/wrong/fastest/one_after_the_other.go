// fails: right answer
// says: never more than 1 mirrors asked at once, want all

package answer

import (
	"context"
	"errors"
)

func fastest(ctx context.Context, mirrors []string,
	get func(ctx context.Context, mirror string) (string, error),
) (string, error) {
	var failed error
	for _, mirror := range mirrors {
		page, err := get(ctx, mirror)
		if err == nil {
			return page, nil
		}
		failed = errors.Join(failed, err)
	}
	return "", failed
}
