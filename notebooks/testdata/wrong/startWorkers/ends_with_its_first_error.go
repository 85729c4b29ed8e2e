// fails: survives failures
// says: Join still waits

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
			for number, err := range numbers.All(ctx) {
				if err == nil {
					err = work(number)
					numbers.TaskDone()
				}
				if err != nil {
					failures[w] = err
					return
				}
			}
		})
	}
	return func() error {
		numbers.Shutdown()
		group.Wait()
		return errors.Join(failures...)
	}
}
