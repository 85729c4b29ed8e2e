package pool

import "time"

// A Span is what a worker did without a pause: a chunk of the items of one call.
type Span struct {
	// Worker tells which: no two that have the same number overlap. It is the
	// lowest number, from 0 on, that was free when the worker began; so it is
	// below the size of the pool, unless tasks wait for nested calls.
	Worker int

	// First is the index of the first item, and N the number of items. What was
	// applied is item 0 of a call of its own.
	First, N int

	Begin, End time.Time
	Err        error // the first failure among the items, as its task had it
}

// WithObserver has the pool tell of each chunk of items when it is finished, for
// a timeline or for metrics. It costs two readings of the clock for a chunk, and
// nothing for an item. To see each item by itself, use WithChunkSize(1) as well.
//
// The function is called by the worker, and by several at once. It must not panic.
// The span of a task that waits for a nested call goes on meanwhile.
func WithObserver(observe func(Span)) Option {
	return func(p *Pool) { p.observe = observe }
}

// begin prepares a worker for a report.
func (w *worker) begin() time.Time {
	if w.lane == 0 {
		w.lane = w.pool.lane()
	}
	w.failure = nil
	return time.Now()
}

// report tells the observer of the items from first on.
func (w *worker) report(first int, begun time.Time) {
	w.pool.observe(Span{w.lane - 1, first, max(1, w.at-first), begun, time.Now(), w.failure})
}
