package queue

import "sync"

// A line is the calls that wait for the same thing, in order of arrival. The
// queue's mutex guards it.
//
// One call is woken at a time, the first. It stays in line until it has got
// what it waits for, or gives up; only then the next is woken, if there is
// something for it. So a queue that is used by many wakes few, and one that was
// overtaken on its way is still the first.
type line struct {
	first, last *waiter
	woken       bool    // the first has been woken, and has not looked since
	spare       *waiter // for reuse, linked by next
}

type waiter struct {
	wake       chan struct{} // has room for one token
	next, prev *waiter
}

func (l *line) join() *waiter {
	w := l.spare
	if w == nil {
		w = &waiter{wake: make(chan struct{}, 1)}
	} else {
		l.spare = w.next
	}
	w.next, w.prev = nil, l.last
	if l.last == nil {
		l.first = w
	} else {
		l.last.next = w
	}
	l.last = w
	return w
}

func (l *line) leave(w *waiter) {
	if w.prev == nil {
		l.first = w.next
	} else {
		w.prev.next = w.next
	}
	if w.next == nil {
		l.last = w.prev
	} else {
		w.next.prev = w.prev
	}
	select {
	case <-w.wake: // it was woken when it was about to leave
	default:
	}
	w.next, l.spare = l.spare, w
}

// wait unlocks mu until w is woken or done is closed, and reports the latter.
func (l *line) wait(w *waiter, mu *sync.Mutex, done <-chan struct{}) (ended bool) {
	mu.Unlock()
	select {
	case <-w.wake:
	case <-done:
		ended = true
	}
	mu.Lock()
	if w == l.first {
		l.woken = false
	}
	return ended
}

// wakeFirst wakes the first call in line, if it is not woken.
func (l *line) wakeFirst() {
	if l.first != nil && !l.woken {
		l.woken = true
		l.first.signal()
	}
}

// wakeAll wakes all calls in line.
func (l *line) wakeAll() {
	for w := l.first; w != nil; w = w.next {
		w.signal()
	}
}

func (w *waiter) signal() {
	select {
	case w.wake <- struct{}{}:
	default: // it has a token
	}
}
