package pool

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/threads2go/course/pkg/lock"
)

// A Pool bounds how many tasks run at any time, over all calls made on it.
//
// The zero Pool is ready to use: it has runtime.GOMAXPROCS(0) workers, read at
// each call. A Pool may be used by many goroutines at once and must not be copied
// after its first use. Workers are goroutines that live while there is work, so an
// idle Pool holds nothing and needs no closing; Close, Join and Terminate are for
// programs that end one while it works.
type Pool struct {
	progress  func(done, total int)
	observe   func(Span)
	timeout   time.Duration
	window    int // 0: it follows the work
	chunk     int // 0: it follows the work
	allErrors bool
	misuse    error // an option had a value that cannot be

	fresh atomic.Pointer[job] // for which a goroutine is about to begin, without p.mu

	look atomic.Bool // a worker should look, between chunks, whether its slot is needed

	mu      lock.Mutex
	n       int                 // workers
	made    bool                // n counts, even if it is 0
	limit   int                 // slots, as the latest call found them
	busy    int                 // slots taken
	queue   list[party, *party] // parties that wait for a slot
	active  []*party            // all other parties that are not over
	line    line                // the party of what was applied
	tickets *tickets            // for Apply
	free    []any               // what Apply can use again
	hired   []owner             // for whom goroutines are about to begin
	serve   func()              // p.worker
	lanes   []bool              // the observer's numbers of workers: which are taken
	closed  bool                // no calls but by its own tasks
	drained chan struct{}       // closed when no party is active; nil if nobody waits for that
}

// An Option configures a Pool that New makes.
type Option func(*Pool)

// New returns a pool of n workers. It starts nothing and never fails: if n is
// less than 1, or the value of an option cannot be, every call on the pool returns
// an error that says so.
func New(n int, opts ...Option) *Pool {
	p := &Pool{n: n, made: true}
	for _, o := range opts {
		o(p)
	}
	return p
}

// WithProgress has each call on the pool that goes over many items report how many
// of them are finished; with [WithAllErrors] those that failed count as well.
//
// The function runs on the goroutine that made the call, while that waits for
// the workers. So it may be slow without slowing them. It is called when items
// have been finished since it last returned, not for each of them; done never
// decreases. Its last call has the final count, also when the work fails, and
// comes before Map returns. If it panics, the work stops, and the panic goes on
// to the caller of Map when the tasks that were running have returned; Get of a
// MapAsync returns it as an error, as it does ErrGoexit if it calls runtime.Goexit.
//
// A stream reports how many results it has handed on; its total is -1 until the
// source has ended.
//
// A call that begins nothing does not report, and nested calls do not: their
// items are part of an item that does. Two calls at once report from two
// goroutines.
func WithProgress(report func(done, total int)) Option {
	return func(p *Pool) { p.progress = report }
}

// WithAllErrors has the work go on after a failure. Map then returns the errors of
// all items that failed, in their order, each a *TaskError, joined as by
// errors.Join; a stream hands on each in the place of the result. Without it the
// first failure stops the work.
func WithAllErrors() Option {
	return func(p *Pool) { p.allErrors = true }
}

// WithTimeout gives each task d of time from its beginning: its context then ends,
// as with context.WithTimeout. A task that heeds it fails with an error that wraps
// context.DeadlineExceeded and names d. One that does not goes on, for nothing can
// end a goroutine from outside, and its result counts.
//
// Each task then costs a context with a timer, about a microsecond.
func WithTimeout(d time.Duration) Option {
	return func(p *Pool) {
		if p.timeout = d; d <= 0 {
			p.misuse = fmt.Errorf("pool: WithTimeout(%v): a task needs some time; give more than 0, or leave the option away", d)
		}
	}
}

// WithChunkSize has workers take n items at a time, Python's chunksize, instead of
// as many as the time that they take suggests. With 1 each item is a chunk of its
// own, which an observer sees by itself, and which costs about 0.1 µs. With more,
// tasks of one chunk cannot wait for each other, and a slow item keeps those
// behind it in its chunk waiting.
func WithChunkSize(n int) Option {
	return func(p *Pool) {
		if p.chunk = n; n < 1 {
			p.misuse = fmt.Errorf("pool: WithChunkSize(%d): a chunk has at least 1 item; leave the option away for a size that follows the work", n)
		}
	}
}

// WithWindow has streams take at most n items from their source beyond those whose
// results were handed on. With 1 the next item is taken only when the result of the
// one before is. It should be several times the number of workers, or some of them
// wait. Without it the window follows the work: see [Stream].
func WithWindow(n int) Option {
	return func(p *Pool) {
		if p.window = n; n < 1 {
			p.misuse = fmt.Errorf("pool: WithWindow(%d): a stream needs at least 1 item at a time; leave the option away for a window that follows the work", n)
		}
	}
}

// check refuses what no call can use.
func check(ctx context.Context, p *Pool) error {
	if err := checkNil(ctx, p); err != nil {
		return err
	}
	return p.misuse
}

func checkNil(ctx context.Context, p *Pool) error {
	switch {
	case p == nil:
		return errors.New("pool: nil *Pool; make one with pool.New, or with new(pool.Pool) for one worker per core")
	case ctx == nil:
		return errNilContext
	}
	return nil
}

// admit returns how many workers a call can have, and the worker whose task makes
// it, if one does.
func (p *Pool) admit(ctx context.Context) (limit int, from *seat, err error) {
	if err := check(ctx, p); err != nil {
		return 0, nil, err
	}
	from = p.host(ctx)
	p.mu.Lock()
	defer p.mu.Unlock()
	limit, err = p.size(from)
	return limit, from, err
}

// size returns how many workers the pool has now, for a call by a task or, nil, by
// another. It is called with p.mu held.
func (p *Pool) size(from *seat) (int, error) {
	switch {
	case p.made && p.n < 1:
		return 0, fmt.Errorf("pool: New(%d): a pool needs at least 1 worker; runtime.GOMAXPROCS(0) is one per core", p.n)
	case p.closed && (from == nil || from.left):
		return 0, ErrClosed
	case p.made:
		return p.n, nil
	}
	return runtime.GOMAXPROCS(0), nil
}

// Resize gives the pool n workers, from now on, also for calls that are under way.
// If there are more now, they begin at once. If there are fewer, tasks that run are
// not interrupted: workers leave when they have done their chunk of items.
func (p *Pool) Resize(n int) error {
	switch {
	case p == nil:
		return checkNil(context.Background(), p)
	case n < 1:
		return fmt.Errorf("pool: Resize(%d): a pool needs at least 1 worker; to end it use Close, or Terminate", n)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.n, p.made, p.limit = n, true, n
	for _, c := range p.all() {
		c.owner.widen(n)
	}
	p.grant()
	return nil
}

// Close has every later call return ErrClosed, except those that tasks of the pool
// make with their context. Calls that were made before go on. Close does not wait
// for them: Join does. It may be called again. There is nothing to close of a nil Pool.
func (p *Pool) Close() {
	if p == nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.closed = true
}

// Join waits until all calls on a closed pool are over. If ctx ends first, it
// returns an error that wraps ErrAlive and context.Cause(ctx), and says how many
// tasks of which functions still run. It may be called again.
//
// Join before Close returns ErrOpen, since it might wait for ever.
func (p *Pool) Join(ctx context.Context) error {
	if err := checkNil(ctx, p); err != nil {
		return err
	}
	if p.host(ctx) != nil {
		return errors.New("pool: a task joins its own pool and would wait for ever; join it from outside")
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.closed {
		return ErrOpen
	}
	for !p.idle() {
		if p.drained == nil {
			p.drained = make(chan struct{})
		}
		drained := p.drained
		p.mu.Unlock()
		select {
		case <-drained:
		case <-ctx.Done():
		}
		p.mu.Lock()
		if !p.idle() && ctx.Err() != nil {
			return fmt.Errorf("%w: %s: %w", ErrAlive, p.running(), context.Cause(ctx))
		}
	}
	return nil
}

// Terminate closes the pool, drops all items that have not begun, ends the context
// of the tasks that run, with the cause ErrTerminated, and then waits for these as
// Join does. Calls under way return ErrTerminated unless all of their items are
// finished.
//
// A goroutine cannot be killed: tasks that do not heed their context run on, and
// if ctx ends before they do, the error says which. Processes can be killed: see
// package parallel.
func (p *Pool) Terminate(ctx context.Context) error {
	if err := checkNil(ctx, p); err != nil {
		return err
	}
	p.mu.Lock()
	p.closed = true
	for _, c := range p.all() {
		c.owner.terminate()
	}
	p.mu.Unlock()
	return p.Join(ctx)
}

// running says which tasks run: "3 running: 1 of main.load, 2 of main.price".
func (p *Pool) running() string {
	count := map[string]int{}
	total := 0
	for _, c := range p.all() {
		c.owner.running(func(function any, n int) {
			if n > 0 {
				count[runtime.FuncForPC(reflect.ValueOf(function).Pointer()).Name()] += n
				total += n
			}
		})
	}
	var names []string
	for name, n := range count {
		names = append(names, fmt.Sprintf("%d of %s", n, name))
	}
	slices.Sort(names)
	return fmt.Sprintf("%d running: %s", total, strings.Join(names, ", "))
}
