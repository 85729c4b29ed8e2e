package answer

import (
	"context"
	"errors"
	"fmt"

	"github.com/threads2go/course/pkg/queue"
	"github.com/threads2go/course/pkg/thread"
)

func startWorkers(ctx context.Context, numbers *queue.Queue[int],
	workers int, work func(number int) error) (end func() error) {
	var group thread.Group[error]
	for w := range workers {
		group.Go(context.WithoutCancel(ctx), fmt.Sprint("worker ", w),
			func(context.Context) (failed error, _ error) {
				for {
					number, err := numbers.Get(ctx)
					if errors.Is(err, queue.ErrShutdown) {
						return failed, nil
					}
					if err != nil {
						return errors.Join(failed, err), nil
					}
					failed = errors.Join(failed, work(number))
					numbers.TaskDone()
				}
			})
	}
	return func() error {
		numbers.Shutdown()
		failures, err := group.Join(context.Background())
		return errors.Join(append(failures, err)...)
	}
}
