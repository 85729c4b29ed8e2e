package lock

import (
	"context"
	"sync"
	"time"
)

// A waiter is one call that is blocked.
//
// Its channel is made anew each time, or kept by the one Condition it belongs to. It must not come
// from a pool that locks share: a channel belongs to the testing/synctest bubble it was made in.
type waiter struct {
	ready      chan struct{} // a token arrives when the waiter is let go or, by a Mutex, called
	prev, next *waiter
	listed     bool      // guarded by the list's mu
	since      time.Time // Mutex: when the wait began
	n          int64     // tokens: how many are asked for
}

func newWaiter() *waiter { return &waiter{ready: make(chan struct{}, 1)} }

// await blocks until a token arrives or done is closed, and reports whether there was a token.
func (w *waiter) await(done <-chan struct{}) bool {
	if done == nil { // a receive costs half of a select
		<-w.ready
		return true
	}
	select {
	case <-w.ready:
		return true
	case <-done:
		return false
	}
}

// A waitList holds waiters, the oldest first.
//
// Whoever gives a waiter what it waits for takes it off the list, under mu. So a call whose context
// ends looks, under mu, whether its waiter is still listed: if so it got nothing, if not it
// succeeded. That no wake-up is lost, or used twice, rests on this alone.
type waitList struct {
	mu         sync.Mutex // held for a few instructions at a time
	head, tail *waiter
}

func (l *waitList) push(w *waiter) {
	w.prev, w.listed = l.tail, true
	if l.tail == nil {
		l.head = w
	} else {
		l.tail.next = w
	}
	l.tail = w
}

func (l *waitList) remove(w *waiter) {
	if w.prev == nil {
		l.head = w.next
	} else {
		w.prev.next = w.next
	}
	if w.next == nil {
		l.tail = w.prev
	} else {
		w.next.prev = w.prev
	}
	w.prev, w.next, w.listed = nil, nil, false
}

// release takes the oldest waiter off the list and lets it go.
func (l *waitList) release() {
	w := l.head
	l.remove(w)
	w.ready <- struct{}{}
}

// within makes a call that takes a context one that takes a time.
func within(d time.Duration, lock func(context.Context) error) bool {
	if d <= 0 {
		return false
	}
	ctx, cancel := context.WithTimeout(context.Background(), d)
	defer cancel()
	return lock(ctx) == nil
}
