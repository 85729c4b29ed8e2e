package queue

import (
	"context"
	"errors"
	"fmt"
	"github.com/threads2go/course/pkg/lock"
	"iter"
)

var (
	// ErrEmpty is the error of TryGet and Peek when there is no item.
	ErrEmpty = errors.New("queue: empty")

	// ErrFull is the error of TryPut when there is no room.
	ErrFull = errors.New("queue: full")

	// ErrShutdown is the error of a put after Shutdown or ShutdownNow, and of a
	// get when there are no items left either.
	ErrShutdown = errors.New("queue: shut down")

	// ErrTaskDone is the error of a call of TaskDone that is one too many.
	ErrTaskDone = errors.New("queue: TaskDone called more often than items were put")
)

// A Queue passes items between goroutines, any number on each side. New,
// NewLIFO and NewPriority make the three kinds, which differ only in the item
// that comes out next.
//
// The zero Queue is a FIFO queue without bound, ready to use. A Queue must not
// be copied after its first use; go vet reports copies. It needs no closing: an
// idle queue holds no goroutine and no timer, and goes when nothing refers to
// it any more.
//
// Methods that take a context try first: if they can succeed at once they do,
// even if the context has ended. Otherwise they wait, and return the context's
// cause (context.Cause) if it ends first. A put that fails has not put its
// item, a get that fails has taken none. A nil context is a programmer's error
// and may panic.
//
// Those that wait are woken in the order in which they came, two at a time. A
// call that need not wait does not queue up behind them: it may take what one
// of them was just woken for, who then waits on and keeps its place.
type Queue[T any] struct {
	// First what every put and get changes, close together. A sync.Mutex lets the
	// processors fight for it: with eight on each side an item took five times as long.
	mu         lock.Mutex
	n          int // number of items
	unfinished int // items that were put and not reported by TaskDone
	ring       ring[T]

	capacity int // 0: no bound
	lifo     bool
	shut     bool
	heap     *heap[T] // of a priority queue, in place of the ring

	getters, putters line
	finished         chan struct{} // closed when unfinished is 0; nil if nobody asked
}

// New returns a FIFO queue: the oldest item comes out first. It holds up to
// capacity items, or any number if capacity is 0. A negative capacity panics.
func New[T any](capacity int) *Queue[T] {
	return &Queue[T]{capacity: checked("New", capacity)}
}

// NewLIFO returns a LIFO queue, a stack: the newest item comes out first. Its
// capacity is as that of New.
func NewLIFO[T any](capacity int) *Queue[T] {
	return &Queue[T]{capacity: checked("NewLIFO", capacity), lifo: true}
}

// NewPriority returns a priority queue: the least item comes out first, and of
// equal ones the oldest. Its capacity is as that of New.
//
// Compare returns a negative number if a is to come out before b, a positive
// one if after, and 0 if they are equal, as for slices.SortFunc; cmp.Compare
// does it for numbers and strings. It must not call the queue's methods, nor
// should it panic: a panic reaches the caller of Put or Get, and leaves the
// queue as it was. A nil compare panics at once.
//
// Put and Get of n items take about log n steps.
func NewPriority[T any](capacity int, compare func(a, b T) int) *Queue[T] {
	if compare == nil {
		panic("queue: NewPriority: nil compare; give a function as for slices.SortFunc, for example cmp.Compare[int]")
	}
	return &Queue[T]{capacity: checked("NewPriority", capacity), heap: &heap[T]{compare: compare}}
}

func checked(call string, capacity int) int {
	if capacity < 0 {
		panic(fmt.Sprintf("queue: %s(%d): negative capacity; 0 makes a queue without bound", call, capacity))
	}
	return capacity
}

// Put puts an item into the queue. It waits while the queue is full, until it
// is shut down (ErrShutdown) or ctx ends (its cause).
func (q *Queue[T]) Put(ctx context.Context, item T) error { return q.put(ctx, item, true) }

// TryPut is Put without waiting: if the queue is full it returns ErrFull.
func (q *Queue[T]) TryPut(item T) error { return q.put(nil, item, false) }

// Get takes an item out of the queue. It waits while the queue is empty, until
// it is shut down (ErrShutdown) or ctx ends (its cause).
func (q *Queue[T]) Get(ctx context.Context) (T, error) { return q.get(ctx, true) }

// TryGet is Get without waiting: if the queue is empty it returns ErrEmpty, or
// ErrShutdown if there will be no more items.
func (q *Queue[T]) TryGet() (T, error) { return q.get(nil, false) }

// PutN puts all items into the queue, in their order, and costs less than as
// many calls of Put. It waits as Put does; if it fails, it has put the first n.
//
// Items that find room at once go in together. Between those that have to wait,
// others may put theirs.
func (q *Queue[T]) PutN(ctx context.Context, items []T) (n int, err error) {
	return q.putN(ctx, items, true)
}

// GetN takes as many items as there are, up to len(dst), stores them in dst in
// the order of Get and returns their number. It costs less than as many calls
// of Get. It waits as Get does, but only for the first item: n is 0 only with
// an error or an empty dst.
func (q *Queue[T]) GetN(ctx context.Context, dst []T) (n int, err error) {
	return q.getN(ctx, dst, true)
}

// All yields the items of the queue as they come out, until it is shut down and
// empty. If ctx ends, All yields its cause with a zero item, once, and is over.
// It looks at ctx before each item, so a loop ends even if items never run out;
// what it leaves stays in the queue. All does not call TaskDone. Several loops
// may share a queue: each item goes to one of them.
func (q *Queue[T]) All(ctx context.Context) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		for ctx.Err() == nil {
			item, err := q.Get(ctx)
			if err != nil {
				break
			}
			if !yield(item, nil) {
				return
			}
		}
		if ctx.Err() != nil {
			var zero T
			yield(zero, context.Cause(ctx))
		}
	}
}

// Peek returns what TryGet would, and leaves it in the queue.
func (q *Queue[T]) Peek() (item T, err error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	switch {
	case q.n == 0 && q.shut:
		return item, ErrShutdown
	case q.n == 0:
		return item, ErrEmpty
	case q.heap != nil:
		return q.heap.nodes[0].item, nil
	case q.lifo:
		return *q.ring.slot(q.n - 1), nil
	}
	return *q.ring.slot(0), nil
}

// Len returns the number of items in the queue. Like Empty and Full, it tells
// of the past if other goroutines use the queue: prefer TryPut and TryGet to
// asking first.
func (q *Queue[T]) Len() int {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.n
}

// Cap returns the greatest number of items that the queue holds, or 0 if it has
// no bound.
func (q *Queue[T]) Cap() int { return q.capacity }

// Empty reports whether there are no items in the queue.
func (q *Queue[T]) Empty() bool { return q.Len() == 0 }

// Full reports whether a put would have to wait for room. A queue without bound
// is never full.
func (q *Queue[T]) Full() bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.full()
}

// TaskDone reports that the work on an item which was taken out is done. Only
// users of Join need it. Called more often than items were put, it returns
// ErrTaskDone and changes nothing.
func (q *Queue[T]) TaskDone() error {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.unfinished == 0 {
		return ErrTaskDone
	}
	q.finish(1)
	return nil
}

// Join waits until TaskDone was called for every item that was put. Before the
// first item it returns at once. If ctx ends first, Join returns its cause.
func (q *Queue[T]) Join(ctx context.Context) error {
	q.mu.Lock()
	if q.unfinished == 0 {
		q.mu.Unlock()
		return nil
	}
	if q.finished == nil {
		q.finished = make(chan struct{})
	}
	finished := q.finished
	q.mu.Unlock()
	select {
	case <-finished:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// Shutdown ends the puts: from now on they return ErrShutdown, also those that
// wait. Items in the queue can still be taken out; then gets return ErrShutdown
// too. A second call does nothing.
func (q *Queue[T]) Shutdown() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.shutdown()
}

// ShutdownNow is Shutdown and empties the queue, so that gets end at once. It
// returns the items that nobody got, in the order in which they would have come
// out. Join does not wait for these any more, only for those taken out before.
func (q *Queue[T]) ShutdownNow() []T {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.shutdown()
	items := make([]T, q.n)
	if q.heap != nil {
		q.heap.sort(items)
		q.heap.nodes = nil
	} else {
		q.pop(items)
		q.ring = ring[T]{}
	}
	q.n = 0
	q.finish(min(len(items), q.unfinished))
	return items
}

// What follows is called with the mutex held, but for put, get, putN and getN.

// put does most calls by itself, and leaves to putN those that have to wait or
// to compare.
func (q *Queue[T]) put(ctx context.Context, item T, wait bool) error {
	if q.heap == nil {
		q.mu.Lock()
		if !q.full() && !q.shut {
			q.ring.push(q.n, item)
			q.n++
			q.unfinished++
			q.getters.wakeFirst(q.n)
			q.mu.Unlock()
			return nil
		}
		q.mu.Unlock()
	}
	_, err := q.putN(ctx, []T{item}, wait)
	return err
}

func (q *Queue[T]) get(ctx context.Context, wait bool) (item T, err error) {
	if q.heap == nil {
		q.mu.Lock()
		if q.n > 0 {
			item = q.ring.pop(q.n, q.lifo)
			q.n--
			if q.capacity == 0 {
				q.ring.shrink(q.n)
			}
			q.putters.wakeFirst(q.capacity - q.n)
			q.mu.Unlock()
			return item, nil
		}
		q.mu.Unlock()
	}
	var one [1]T
	_, err = q.getN(ctx, one[:], wait)
	return one[0], err
}

func (q *Queue[T]) putN(ctx context.Context, items []T, wait bool) (int, error) {
	var done <-chan struct{}
	if wait {
		done = ctx.Done()
	}
	q.mu.Lock()
	defer q.release() // deferred, for compare may panic
	n := 0
	for n < len(items) {
		if q.full() && wait {
			q.wake() // those who make room
			q.awaitRoom(done)
		}
		switch {
		case q.shut:
			return n, ErrShutdown
		case q.full() && wait:
			return n, context.Cause(ctx)
		case q.full():
			return n, ErrFull
		}
		batch := items[n:]
		if q.capacity > 0 {
			batch = batch[:min(len(batch), q.capacity-q.n)]
		}
		q.push(batch)
		n += len(batch)
	}
	return n, nil
}

func (q *Queue[T]) getN(ctx context.Context, dst []T, wait bool) (int, error) {
	if len(dst) == 0 {
		return 0, nil
	}
	var done <-chan struct{}
	if wait {
		done = ctx.Done()
	}
	q.mu.Lock()
	defer q.release()
	if q.n == 0 && wait {
		q.awaitItem(done)
	}
	switch {
	case q.n > 0:
	case q.shut:
		return 0, ErrShutdown
	case wait:
		return 0, context.Cause(ctx)
	default:
		return 0, ErrEmpty
	}
	dst = dst[:min(len(dst), q.n)]
	q.pop(dst)
	return len(dst), nil
}

func (q *Queue[T]) push(items []T) {
	if q.heap == nil {
		q.ring.pushAll(q.n, items)
		q.n += len(items)
		q.unfinished += len(items)
		return
	}
	for _, item := range items {
		q.heap.push(item) // or panic
		q.n++
		q.unfinished++
	}
}

// pop takes the next len(dst) items out.
func (q *Queue[T]) pop(dst []T) {
	switch {
	case q.heap != nil:
		for i := range dst {
			dst[i] = q.heap.pop() // or panic
			q.n--
		}
		if q.capacity == 0 {
			q.heap.shrink()
		}
		return
	case q.lifo:
		for i := range dst {
			dst[i] = q.ring.pop(q.n-i, true)
		}
	default:
		q.ring.popOldest(dst)
	}
	q.n -= len(dst)
	if q.capacity == 0 {
		q.ring.shrink(q.n)
	}
}

// awaitRoom waits until there is room, the queue is shut down, or done closed.
func (q *Queue[T]) awaitRoom(done <-chan struct{}) {
	w := q.putters.join()
	for ended := false; q.full() && !q.shut && !ended; {
		ended = q.putters.wait(w, &q.mu, done)
	}
	q.putters.leave(w)
}

// awaitItem waits until there is an item, the queue is shut down, or done
// closed.
func (q *Queue[T]) awaitItem(done <-chan struct{}) {
	w := q.getters.join()
	for ended := false; q.n == 0 && !q.shut && !ended; {
		ended = q.getters.wait(w, &q.mu, done)
	}
	q.getters.leave(w)
}

// wake sees to it that if there is something for those who wait, the first of
// them are awake. Nobody waits for room without a bound.
func (q *Queue[T]) wake() {
	q.getters.wakeFirst(q.n)
	q.putters.wakeFirst(q.capacity - q.n)
}

func (q *Queue[T]) release() {
	q.wake()
	q.mu.Unlock()
}

func (q *Queue[T]) full() bool { return q.n == q.capacity && q.n > 0 }

func (q *Queue[T]) shutdown() {
	q.shut = true
	q.getters.wakeAll()
	q.putters.wakeAll()
}

// finish lets Join go if n items less leave none unfinished.
func (q *Queue[T]) finish(n int) {
	q.unfinished -= n
	if q.unfinished == 0 && q.finished != nil {
		close(q.finished)
		q.finished = nil
	}
}
