// fails: right answer
// says: a supplier who answers call 4: the pauses: got [2m0s 4m0s 8m0s], want [1m0s 2m0s 4m0s]

package answer

import (
	"context"
	"errors"
	"time"
)

func callAgain(ctx context.Context,
	sleep func(ctx context.Context, pause time.Duration) error,
	call func() error) error {
	pause := time.Minute
	for {
		err := call()
		if err == nil {
			return nil
		}
		pause *= 2
		if stopped := sleep(ctx, pause); stopped != nil {
			return errors.Join(err, stopped)
		}
	}
}
