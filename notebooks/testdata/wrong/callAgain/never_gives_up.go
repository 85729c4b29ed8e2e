// fails: heeds its context
// says: five hours, and a supplier who never answers: the calls: got 101, want 9

package answer

import (
	"context"
	"time"
)

func callAgain(ctx context.Context,
	sleep func(ctx context.Context, pause time.Duration) error,
	call func() error) error {
	for pause := time.Minute; call() != nil; pause *= 2 {
		sleep(ctx, pause)
	}
	return nil
}
