// fails: heeds its context
// says: the context that sleep is given: the error is

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
		if stopped := sleep(context.Background(), pause); stopped != nil {
			return errors.Join(err, stopped)
		}
	}
}
