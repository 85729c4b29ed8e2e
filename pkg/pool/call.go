package pool

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"time"
)

const (
	// A chunk aims at this time: long enough to make its own cost (about 0.1 µs)
	// vanish, short enough that the last one keeps nobody waiting.
	chunkTime = 20 * time.Microsecond

	// A chunk never has more items than this. Where slow items hide behind tiny
	// ones, it bounds what one worker may find itself alone with.
	maxChunk = 1024

	// A chunk has at most so many times the items of the one before it.
	maxGrowth = 8

	// A chunk leaves so many times its length to each worker, so that the last
	// ones are short and end together.
	reserve = 2

	// In a chunk, the caller's context is asked before every so many items. It
	// costs more than a tiny item does.
	askEvery = 16
)

// A call is one run over the items 0 to n-1, shared by its workers.
type call struct {
	pool   *Pool
	parent context.Context // the caller's
	n      int
	limit  int            // the pool's workers, as the call found them
	width  int            // its own workers at most
	start  func()         // what a worker's goroutine runs: it calls work
	crew   []worker       // the first workers, allocated at once
	over   sync.WaitGroup // until all workers have ended and a nested call's task has its slot
	wake   chan struct{}  // has the caller look; closed when over; nil if over is all it waits for
	begun  time.Time      // zero if chunks have nothing to adapt to

	stopped atomic.Bool // no item may begin

	_     [64]byte     // stopped is read for every item, these are written for every chunk
	hired atomic.Int32 // workers started, ever
	next  atomic.Int64 // the first item that nobody has taken
	done  atomic.Int64 // items finished
	grain atomic.Int64 // items in a new worker's first chunk

	mu     sync.Mutex
	cause  error   // why the call stopped: the first cause counts
	bugs   []error // panics and exits that came later
	once   sync.Once
	ctx    context.Context // the tasks', made when one of them needs it
	cancel context.CancelCauseFunc

	// Guarded by pool.mu.
	host          *worker // whose task made this nested call, or nil
	workers       int     // workers that have a goroutine
	want          int     // workers that wait for a slot: if any, the call is queued
	closed        bool    // no more workers; still queued if its host needs a slot again
	before, after *call   // in the queue
}

// newCall prepares a call over n items. Who asks for it sets start, then runs it.
func newCall(ctx context.Context, p *Pool, n int) (*call, error) {
	limit, err := p.size()
	if err != nil {
		return nil, err
	}
	if ctx == nil {
		return nil, errors.New("pool: nil context; use context.Background() if there is none")
	}
	return &call{pool: p, parent: ctx, n: n, limit: limit, width: min(limit, n)}, nil
}

// run starts the workers and returns when the call is over.
func (c *call) run() error {
	if c.n == 0 {
		return nil
	}
	if c.parent.Err() != nil {
		return context.Cause(c.parent)
	}
	c.host, _ = c.parent.Value(hostKey{c.pool}).(*worker)
	c.want = c.width
	c.crew = make([]worker, c.width)
	c.grain.Store(1)
	if c.n/(2*reserve) > c.width { // else chunks of one item are all there will be
		c.begun = time.Now()
	}
	if c.reports() || c.parent.Done() != nil {
		c.wake = make(chan struct{}, 1)
	}
	c.over.Add(1)
	c.pool.enter(c)
	defer c.stop(context.Canceled) // so that the tasks' context ends
	c.wait()
	return c.err()
}

// wait returns when the call is over. Meanwhile it reports progress.
func (c *call) wait() {
	if c.wake == nil {
		c.over.Wait()
		return
	}
	over := false
	defer func() {
		if !over { // the report has panicked
			c.stop(context.Canceled)
			c.pool.abandon(c)
			c.over.Wait()
		}
	}()
	ended := c.parent.Done()
	reported := -1
	for !over {
		select {
		case _, more := <-c.wake:
			over = !more
		case <-ended:
			ended = nil
			c.stop(context.Canceled)
			c.pool.abandon(c)
		}
		if done := int(c.done.Load()); c.reports() && done > reported {
			reported = done
			c.pool.progress(done, c.n)
		}
	}
}

func (c *call) reports() bool {
	return c.pool.progress != nil && c.host == nil
}

// look has the caller look at what is new, unless it is about to.
func (c *call) look() {
	select {
	case c.wake <- struct{}{}:
	default:
	}
}

// end lets the caller go.
func (c *call) end() {
	if c.wake != nil {
		close(c.wake)
	}
	c.over.Done()
}

// err returns what the caller of a call that is over should know.
func (c *call) err() error {
	if c.done.Load() == int64(c.n) {
		return nil
	}
	c.stop(context.Canceled) // if nothing has stopped it, its context has ended
	if c.bugs == nil {
		return c.cause
	}
	return errors.Join(append([]error{c.cause}, c.bugs...)...)
}

// stop keeps items from beginning and ends the tasks' context. The first cause
// counts, the end of the caller's context before all; stop reports whether it
// is the one given.
func (c *call) stop(cause error) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.cause != nil {
		return false
	}
	first := true
	if c.parent.Err() != nil {
		cause, first = context.Cause(c.parent), false
	}
	c.cause = cause
	c.stopped.Store(true)
	if c.cancel != nil {
		c.cancel(cause)
	}
	return first
}

// fail stops the call with the error of an item. Later errors are dropped, most
// are echoes of the first; but panics and exits are kept, for nobody else would
// tell of them.
func (c *call) fail(index int, err error) {
	failure := &TaskError{index, err}
	if c.stop(failure) {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if first, _ := c.cause.(*TaskError); bug(err, first) {
		c.bugs = append(c.bugs, failure)
	}
}

// ends reports whether no further item may begin.
func (c *call) ends() bool {
	return c.stopped.Load() || c.parent.Err() != nil
}

// take takes the next items, about grain of them. It takes none, lo == hi, if
// there are none left.
func (c *call) take(grain int) (lo, hi int) {
	n := int64(c.n)
	size := max(1, min(int64(grain), (n-c.next.Load())/(reserve*int64(c.width))))
	end := c.next.Add(size)
	return int(min(end-size, n)), int(min(end, n))
}

// nextGrain returns how many items to take after so many took so long.
func nextGrain(items int, took time.Duration) int {
	fit := int64(items) * int64(chunkTime) / max(1, int64(took))
	return int(max(1, min(fit, int64(items)*maxGrowth, maxChunk)))
}

// work is the life of a worker. Its tasks are what body does: it goes through
// the items from w.at up to hi, has w.at at the item that it is at, and returns
// early if the call is stopped.
func (c *call) work(body func(w *worker, hi int)) {
	w := c.hire()
	defer c.pool.leave(w) // deferred, for a task may end this goroutine
	grain := int(c.grain.Load())
	var last time.Duration
	if !c.begun.IsZero() {
		last = time.Since(c.begun)
	}
	for {
		lo, hi := c.take(grain)
		if lo == hi || c.ends() {
			return
		}
		w.run(lo, hi, body)
		if c.reports() {
			c.look()
		}
		if !c.begun.IsZero() {
			now := time.Since(c.begun)
			grain, last = nextGrain(hi-lo, now-last), now
		}
		if c.pool.waiting.Load() > 0 && c.pool.yield(w, grain) {
			return
		}
	}
}

func (c *call) hire() *worker {
	if i := int(c.hired.Add(1)) - 1; i < len(c.crew) {
		w := &c.crew[i]
		w.call = c
		return w
	}
	return &worker{call: c} // for one that has yielded
}
