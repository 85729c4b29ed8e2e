// fails: heeds its context
// says: want one that wraps "the supplier is shut" and "context deadline exceeded"

package answer

import (
	"context"
	"time"
)

func callAgain(ctx context.Context,
	sleep func(ctx context.Context, pause time.Duration) error,
	call func() error) error {
	for pause := time.Minute; call() != nil; pause *= 2 {
		if err := sleep(ctx, pause); err != nil {
			return err
		}
	}
	return nil
}
