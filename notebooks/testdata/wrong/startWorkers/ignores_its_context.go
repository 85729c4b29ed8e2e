// fails: heeds its context
// says: its context ends while the workers wait for numbers: a worker still takes numbers

package answer

import (
	"context"
	"errors"
	"sync"

	"github.com/threads2go/course/pkg/queue"
)

func startWorkers(ctx context.Context, numbers *queue.Queue[int],
	workers int, work func(number int) error) (end func() error) {
	failures := make([]error, workers)
	var group sync.WaitGroup
	for w := range workers {
		group.Go(func() {
			for number, err := range numbers.All(context.Background()) {
				if err == nil {
					err = errors.Join(work(number), numbers.TaskDone())
				}
				failures[w] = errors.Join(failures[w], err)
			}
		})
	}
	return func() error {
		numbers.Shutdown()
		group.Wait()
		return errors.Join(failures...)
	}
}
