// Copies every lock, which go vet is to find.
package main

import "github.com/threads2go/course/pkg/lock"

func main() {
	var (
		mutex     lock.Mutex
		rw        lock.RWMutex
		reentrant lock.Reentrant
		condition lock.Condition
		event     lock.Event
		semaphore = lock.NewSemaphore(1)
		barrier   = lock.NewBarrier(1, nil)
	)
	m := mutex
	w := rw
	r := reentrant
	o := *reentrant.Owner()
	c := condition
	e := event
	s := *semaphore
	b := *barrier
	_, _, _, _, _, _, _, _ = m, w, r, o, c, e, s, b
}
