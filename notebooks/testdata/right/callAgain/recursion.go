package answer

import (
	"context"
	"fmt"
	"time"
)

func callAgain(ctx context.Context,
	sleep func(ctx context.Context, pause time.Duration) error,
	call func() error) error {
	return callAfter(ctx, sleep, call, time.Minute)
}

func callAfter(ctx context.Context,
	sleep func(ctx context.Context, pause time.Duration) error,
	call func() error, pause time.Duration) error {
	err := call()
	if err == nil {
		return nil
	}
	if stopped := sleep(ctx, pause); stopped != nil {
		return fmt.Errorf("%w, and the last call: %w", stopped, err)
	}
	return callAfter(ctx, sleep, call, 2*pause)
}
