// Uses every lock, also with timeouts, and then waits with the one that is named for what nobody does.
package main

import (
	"context"
	"os"
	"time"

	"github.com/threads2go/course/pkg/lock"
)

func main() {
	var (
		m         lock.Mutex
		rw        lock.RWMutex
		r         lock.Reentrant
		condition = lock.NewCondition(&m)
		event     lock.Event
		semaphore = lock.NewSemaphore(2)
		barrier   = lock.NewBarrier(2, nil)
		ctx       = context.Background()
	)
	soon, cancel := context.WithTimeout(ctx, time.Millisecond)
	defer cancel()

	m.Lock()
	m.LockTimeout(time.Millisecond)
	rw.Lock()
	rw.RLockTimeout(time.Millisecond)
	r.Owner().Lock()
	r.Owner().LockTimeout(time.Millisecond)
	_ = condition.Wait(soon)
	_ = event.Wait(soon)
	_ = semaphore.Acquire(soon, 2)
	_ = semaphore.Acquire(soon, 1)
	_, _ = barrier.Wait(soon)
	barrier.Reset()

	switch os.Args[1] {
	case "Mutex":
		m.Lock()
	case "RWMutex":
		rw.RLock()
	case "Reentrant":
		r.Owner().Lock()
	case "Condition":
		_ = condition.Wait(ctx)
	case "Event":
		_ = event.Wait(ctx)
	case "Semaphore":
		_ = semaphore.Acquire(ctx, 1)
	case "Barrier":
		_, _ = barrier.Wait(ctx)
	}
}
