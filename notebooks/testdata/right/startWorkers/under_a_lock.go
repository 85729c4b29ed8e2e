package answer

import (
	"context"
	"sync"

	"github.com/threads2go/course/pkg/queue"
)

func startWorkers(ctx context.Context, numbers *queue.Queue[int],
	workers int, work func(number int) error) (end func() error) {
	var mu sync.Mutex
	var first error
	keep := func(err error) {
		mu.Lock()
		defer mu.Unlock()
		if first == nil {
			first = err
		}
	}
	var group sync.WaitGroup
	for range workers {
		group.Go(func() {
			for number, err := range numbers.All(ctx) {
				if err != nil {
					keep(err)
					return
				}
				if err := work(number); err != nil {
					keep(err)
				}
				numbers.TaskDone()
			}
		})
	}
	return func() error {
		numbers.Shutdown()
		group.Wait()
		return first
	}
}
