package queue

import "github.com/threads2go/course/pkg/lock"

// A line is the calls that wait for the same thing, in order of arrival. The
// queue's mutex guards it.
//
// The first in line are woken, and two at a time: they stay in line until they
// have got what they wait for or give up, and only then the next are woken. So a
// queue that is used by many wakes few, and one that was overtaken on its way
// keeps its place. Two and not one, because Go's scheduler has a goroutine that
// was woken wait for the processor that woke it, until the next one is.
type line struct {
	first, last *waiter
	asleep      int     // of those in line
	woken       int     // the others
	spare       *waiter // for reuse, linked by next
}

const wokenAtOnce = 2

type waiter struct {
	wake       chan struct{} // has room for one token
	woken      bool          // and has not looked since
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
	l.asleep++
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
	l.asleep--
	w.next, l.spare = l.spare, w
}

// wait unlocks mu until w is woken or done is closed, and reports the latter.
func (l *line) wait(w *waiter, mu *lock.Mutex, done <-chan struct{}) (ended bool) {
	mu.Unlock()
	if done == nil {
		<-w.wake // costs less than a select
	} else {
		select {
		case <-w.wake:
		case <-done:
			ended = true
		}
	}
	mu.Lock()
	if w.woken {
		w.woken = false
		l.woken--
		l.asleep++ // unless it leaves
	}
	return ended
}

// wakeFirst wakes the first in line, if there is something for them.
func (l *line) wakeFirst(something int) {
	if l.asleep > 0 && l.woken < min(something, wokenAtOnce) {
		l.wakeSome(something)
	}
}

func (l *line) wakeSome(something int) {
	for w := l.first; w != nil && l.woken < min(something, wokenAtOnce); w = w.next {
		if !w.woken {
			w.woken = true
			l.woken++
			l.asleep--
			w.signal()
		}
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
