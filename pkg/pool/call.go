package pool

import (
	"context"
	"errors"
	"slices"
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
	scope
	party
	from   *seat                   // of the task that made the call, or nil
	f      any                     // what its tasks call
	n      int                     // items
	width  int                     // workers it has begun with, at most
	body   func(w *worker, hi int) // goes through the items of a chunk
	report func(done, total int)   // progress, or nil
	crew   []worker                // the first workers, allocated at once
	over   sync.WaitGroup          // until the call is over
	wake   chan struct{}           // has the caller look; closed when over; nil if over is all it waits for
	begun  time.Time               // zero if chunks have nothing to adapt to

	_     [64]byte     // the scope is read for every item, these are written for every chunk
	hired atomic.Int32 // workers started, ever
	next  atomic.Int64 // the first item that nobody has taken
	done  atomic.Int64 // items finished
	grain atomic.Int64 // items in a new worker's first chunk

	mu       sync.Mutex
	failures []*TaskError // besides the cause: panics and exits; with WithAllErrors, all
}

// newCall prepares a call over n items, whose tasks call f. Who asks for it sets
// body, then runs it.
func newCall(ctx context.Context, p *Pool, n int, f any) (*call, error) {
	limit, from, err := p.admit(ctx)
	if err != nil {
		return nil, err
	}
	c := &call{from: from, f: f, n: n, width: min(limit, n)}
	c.pool, c.parent, c.owner = p, ctx, c
	if from == nil {
		c.report = p.progress
	}
	return c, nil
}

// run starts the workers and returns when the call is over.
func (c *call) run() error {
	if started, err := c.start(true); !started {
		return err
	}
	return c.result()
}

// start starts the workers, if there is work for them. If the call was made by a
// task that waits for it, the task's slot is lent meanwhile.
func (c *call) start(waits bool) (started bool, err error) {
	if c.n == 0 {
		return false, nil
	}
	if c.parent.Err() != nil {
		return false, context.Cause(c.parent)
	}
	p := c.pool
	c.crew = make([]worker, c.width)
	c.grain.Store(int64(max(1, p.chunk)))
	if p.chunk == 0 && c.n/(2*reserve) > c.width { // else chunks of one item are all there will be
		c.begun = time.Now()
	}
	if c.report != nil || c.parent.Done() != nil {
		c.wake = make(chan struct{}, 1)
	}
	c.over.Add(1)
	err = p.open(&c.party, c.from, waits, c.width)
	return err == nil, err
}

// result waits until the call is over.
func (c *call) result() error {
	defer c.shut(context.Canceled) // so that the tasks' context ends
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
			c.shut(context.Canceled)
			c.pool.abandon(&c.party)
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
			c.shut(context.Canceled)
			c.pool.abandon(&c.party)
		}
		if done := int(c.done.Load()); c.report != nil && done > reported {
			reported = done
			c.report(done, c.n)
		}
	}
}

// did counts items that are finished.
func (c *call) did(items int) {
	c.done.Add(int64(items))
	if c.report != nil {
		select {
		case c.wake <- struct{}{}:
		default: // the caller is about to look
		}
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
	var errs []error
	if c.done.Load() < int64(c.n) {
		c.shut(context.Canceled) // if nothing has stopped it, its context has ended
		if c.failures == nil {
			return c.cause()
		}
		errs = append(errs, c.cause())
	}
	slices.SortFunc(c.failures, func(a, b *TaskError) int { return a.Index - b.Index })
	for _, failure := range c.failures {
		errs = append(errs, failure)
	}
	return errors.Join(errs...)
}

// failed stops the call with the error of an item, or notes it if all are wanted.
// Errors after the one that stopped the call are dropped, most are echoes of it;
// but panics and exits are kept, for nobody else would tell of them.
func (c *call) failed(w *worker, err error) (goOn bool) {
	failure := &TaskError{w.at, err}
	all := c.pool.allErrors && !c.ends()
	if !all && c.shut(failure) {
		return false
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if all || bug(err, c.cause()) {
		c.failures = append(c.failures, failure)
	}
	return all
}

// widen lets the call have as many workers as the pool has now.
func (c *call) widen(limit int) {
	has, left := c.workers+c.want, c.n-int(c.next.Load())
	if !c.ends() {
		c.pool.ask(&c.party, min(limit-has, left))
	}
}

func (c *call) terminate() {
	c.shut(ErrTerminated)
	c.pool.finish(&c.party)
}

func (c *call) running(tell func(function any, n int)) { tell(c.f, c.workers) }

// take takes the next items, about grain of them. It takes none, lo == hi, if
// there are none left.
func (c *call) take(grain int) (lo, hi int) {
	n, size := int64(c.n), int64(grain)
	if c.pool.chunk == 0 {
		size = max(1, min(size, (n-c.next.Load())/(reserve*int64(c.width))))
	}
	end := c.next.Add(size)
	return int(min(end-size, n)), int(min(end, n))
}

// nextGrain returns how many items to take after so many took so long.
func nextGrain(items int, took, aim time.Duration) int {
	fit := int64(items) * int64(aim) / max(1, int64(took))
	return int(max(1, min(fit, int64(items)*maxGrowth, maxChunk)))
}

// work is the life of a worker.
func (c *call) work() (next owner) {
	c.pool.mu.Unlock()
	return c.goOn(c.hire(), 0)
}

// resume goes on for a worker whose goroutine a task has ended.
func (c *call) resume(w *worker, hi int) { c.pool.work(c.goOn(w, hi)) }

// goOn finishes a worker's chunk, of which the items up to hi are left, and goes
// on with others until there are none. It returns with p.mu held.
func (c *call) goOn(w *worker, hi int) (next owner) {
	p := c.pool
	returned, yields := false, false
	defer func() { // deferred, for a task may end this goroutine
		if !returned && p.allErrors && !c.ends() {
			go c.resume(w, hi)
			return
		}
		if !yields {
			p.mu.Lock()
		}
		p.release(w)
		if yields {
			p.again(&c.party)
		} else {
			p.finish(&c.party)
		}
		next = p.handOver(returned)
	}()
	grain := int(c.grain.Load())
	var last time.Duration
	if !c.begun.IsZero() {
		last = time.Since(c.begun)
	}
	for {
		if w.at >= hi {
			if w.at, hi = c.take(grain); w.at == hi {
				break
			}
		}
		lo := w.at
		for w.at < hi && !c.ends() { // again after a panic, if the others go on
			w.run(c, hi, c.body)
		}
		if c.ends() {
			break
		}
		if !c.begun.IsZero() {
			now := time.Since(c.begun)
			grain, last = nextGrain(hi-lo, now-last, chunkTime), now
		}
		if p.look.Load() && c.next.Load() < int64(c.n) {
			c.grain.Store(int64(grain))
			p.mu.Lock()
			if yields = p.mustYield(&c.party); yields {
				break
			}
			p.mu.Unlock()
		}
	}
	returned = true
	return nil
}

func (c *call) hire() *worker {
	var w *worker
	if i := int(c.hired.Add(1)) - 1; i < len(c.crew) {
		w = &c.crew[i]
	} else {
		w = new(worker) // for one that has yielded
	}
	w.scope, w.party = &c.scope, &c.party
	return w
}
