// fails: no race
// says: in: failed = errors.Join(failed, err)

package answer

import (
	"context"
	"errors"
	"sync"

	"github.com/threads2go/course/pkg/queue"
)

func startWorkers(ctx context.Context, numbers *queue.Queue[int],
	workers int, work func(number int) error) (end func() error) {
	var failed error
	var group sync.WaitGroup
	for range workers {
		group.Go(func() {
			for number, err := range numbers.All(ctx) {
				if err == nil {
					err = errors.Join(work(number), numbers.TaskDone())
				}
				failed = errors.Join(failed, err)
			}
		})
	}
	return func() error {
		numbers.Shutdown()
		group.Wait()
		return failed
	}
}
