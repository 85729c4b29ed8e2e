// fails: right answer
// says: a supplier who answers call 4: it does not return, as if it had a clock of its own
// says: select: select {

package answer

import (
	"context"
	"errors"
	"time"
)

func callAgain(ctx context.Context,
	sleep func(ctx context.Context, pause time.Duration) error,
	call func() error) error {
	for pause := time.Minute; ; pause *= 2 {
		err := call()
		if err == nil {
			return nil
		}
		select {
		case <-time.After(pause):
		case <-ctx.Done():
			return errors.Join(err, ctx.Err())
		}
	}
}
