// fails: right answer
// says: end at once: end returned when 29 of 30 numbers were done

package answer

import (
	"context"
	"errors"
	"sync"

	"github.com/threads2go/course/pkg/queue"
)

func startWorkers(ctx context.Context, numbers *queue.Queue[int],
	workers int, work func(number int) error) (end func() error) {
	var mu sync.Mutex
	var failed error
	for range workers {
		go func() {
			for number, err := range numbers.All(ctx) {
				if err == nil {
					err = errors.Join(work(number), numbers.TaskDone())
				}
				mu.Lock()
				failed = errors.Join(failed, err)
				mu.Unlock()
			}
		}()
	}
	return func() error {
		numbers.Shutdown()
		mu.Lock()
		defer mu.Unlock()
		return failed
	}
}
