package parallel

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"sync"
	"time"

	"github.com/threads2go/course/pkg/pool"
)

// A Parallel says how many calls run at once, and how. It keeps the workers that
// backends have opened for it, until Close.
//
// The zero Parallel is ready to use: it has a job for each core. A Parallel may be
// used by many goroutines at once, and must not be copied after its first use.
type Parallel struct {
	n        int
	made     bool // by New: n counts, even if it is 0
	opts     Options
	prefer   Backend
	require  Features
	progress func(done, total int)
	observe  func(pool.Span)
	batch    int   // 0: it follows the work
	window   int   // 0: it follows the work
	misuse   error // an option had a value that cannot be

	mu     sync.Mutex
	idle   sync.Cond // no call is under way
	calls  int       // under way
	closed bool
	opened map[Backend]Workers
	lanes  []bool // the observer's numbers of workers here: which are taken
}

// An Option configures a Parallel that New makes.
type Option func(*Parallel)

// New returns a Parallel of n jobs: so many calls run at once. A negative n counts
// from the cores, as joblib does: -1 is one for each core, -2 one less, but never
// less than 1. The cores are runtime.GOMAXPROCS(0), read at each call; it knows of
// a container's limit.
//
// New starts nothing and never fails: if n is 0, or the value of an option cannot
// be, every call returns an error that says so.
func New(n int, opts ...Option) *Parallel {
	p := &Parallel{n: n, made: true}
	for _, o := range opts {
		o(p)
	}
	return p
}

// WithPrefer is a hint: calls run on b unless their context says otherwise (see
// WithBackend). Without it they run on [Goroutines], or on [Processes] if what is
// required needs that.
func WithPrefer(b Backend) Option {
	return func(p *Parallel) {
		if p.prefer = b; b == nil {
			p.refuse("WithPrefer(nil): give a backend, such as parallel.Processes, or leave the option away")
		}
	}
}

// WithRequire has calls fail where the backend lacks a feature.
func WithRequire(f Features) Option {
	return func(p *Parallel) {
		p.require |= f
		if f == 0 || f>>len(featureNames) != 0 {
			p.refuse("WithRequire(%v): give SharedMemory, HardTimeout or Limits", f)
		}
	}
}

// WithTimeout gives each call d of time from its beginning: its context then ends,
// as with context.WithTimeout. A call that heeds it fails with an error that wraps
// context.DeadlineExceeded and names d. One that does not goes on if it is a
// goroutine. If it is in a process, that is killed, about a tenth of d and 50 ms
// later, and the error is an *ExitError, which wraps context.DeadlineExceeded too.
// Require [HardTimeout] where only that will do. What it takes to get the argument to
// the process and the result back does not count.
//
// Each call then costs a context with a timer, about a microsecond.
func WithTimeout(d time.Duration) Option {
	return func(p *Parallel) {
		if p.opts.Timeout = d; d <= 0 {
			p.refuse("WithTimeout(%v): a call needs some time; give more than 0, or leave the option away", d)
		}
	}
}

// WithRetries has calls made again that were lost with their worker, up to n times
// each: when the process that was at it crashed, was killed, or took longer than its
// timeout. Calls of the same batch that were made before it are made again as well,
// because their results are lost, too. Each result counts once. An error or a panic of
// the function is no such loss, and is not retried.
func WithRetries(n int) Option {
	return func(p *Parallel) {
		if p.opts.Retries = n; n < 0 {
			p.refuse("WithRetries(%d): give how often a lost call is made again, 0 for never", n)
		}
	}
}

// WithMemoryLimit has the process of a worker end when it allocates more than so
// many bytes at once, and requires [Limits]. The limit is the kernel's; Go's
// collector works harder as it comes near. The runtime takes memory in pieces of
// up to 64 MiB, so the limit should be some of these.
func WithMemoryLimit(bytes int64) Option {
	return func(p *Parallel) {
		p.require |= Limits
		if p.opts.MemoryLimit = bytes; bytes < 1 {
			p.refuse("WithMemoryLimit(%d): give a number of bytes, such as 512<<20", bytes)
		}
	}
}

// WithCPUs has the process of worker i run on CPU cpus[i%len(cpus)] and no other,
// and requires [Limits]. The numbers are the kernel's, from 0 on.
func WithCPUs(cpus ...int) Option {
	return func(p *Parallel) {
		p.require |= Limits
		p.opts.CPUs = slices.Clone(cpus)
		if len(cpus) == 0 || slices.Min(cpus) < 0 {
			p.refuse("WithCPUs(%v): give at least one CPU, counted from 0", cpus)
		}
	}
}

// WithBatchSize has workers get n calls at a time, instead of as many as the time
// that they take suggests. With 1 each call goes by itself.
func WithBatchSize(n int) Option {
	return func(p *Parallel) {
		if p.batch = n; n < 1 {
			p.refuse("WithBatchSize(%d): a batch has at least 1 call; leave the option away for a size that follows the work", n)
		}
	}
}

// WithPreDispatch has streams take at most n calls from their source beyond those
// whose results were handed on. With 1 the next is taken only when the result of
// the one before is. Without it, n follows the work: it is two batches for each
// job, as they are at the moment, so at least 2 calls for each.
func WithPreDispatch(n int) Option {
	return func(p *Parallel) {
		if p.window = n; n < 1 {
			p.refuse("WithPreDispatch(%d): a stream needs at least 1 call at a time; leave the option away for a number that follows the work", n)
		}
	}
}

// WithProgress has Run and Stream report how many calls are done. The function
// runs on the goroutine that called them, while that waits, so it may be slow
// without slowing the workers. It is called when some are done since it last
// returned; its last call has the final count, also when the work fails. A stream
// reports how many results it has handed on, of a total of -1 while its source may
// have more. If the function panics, the work stops and the panic goes on to the
// caller.
func WithProgress(report func(done, total int)) Option {
	return func(p *Parallel) { p.progress = report }
}

// WithObserver has workers tell of each batch when it is done, or lost, for a
// timeline or for metrics, in the form that package pool has for its chunks. It
// costs two readings of the clock for a batch.
//
// The number of the worker is the number of its process, or, in this process, the
// lowest that was free when the batch began, over all calls on the Parallel. Times of
// other processes are on the clock of this one. The function is called by several
// goroutines at once. It must not panic.
func WithObserver(observe func(pool.Span)) Option {
	return func(p *Parallel) { p.observe = observe }
}

// refuse keeps the first mistake in the options.
func (p *Parallel) refuse(format string, args ...any) {
	if p.misuse == nil {
		p.misuse = fmt.Errorf("parallel: "+format, args...)
	}
}

// Jobs returns how many calls run at once, as things are now: joblib's
// effective_n_jobs. It is 0 after New(0).
func (p *Parallel) Jobs() int {
	cores := runtime.GOMAXPROCS(0)
	switch {
	case p == nil || !p.made:
		return cores
	case p.n < 0:
		return max(1, cores+1+p.n)
	}
	return p.n
}

// Close waits until all calls on p have returned, then ends the workers that they
// have left. Later calls return ErrClosed. It may be called again.
//
// Only backends that keep something between calls need it, as processes do; what
// is not closed ends with the program.
func (p *Parallel) Close() error {
	if p == nil {
		return errNil
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.closed = true
	p.idle.L = &p.mu
	for p.calls > 0 {
		p.idle.Wait()
	}
	var errs []error
	for _, w := range p.opened {
		errs = append(errs, w.Close())
	}
	p.opened = nil
	return errors.Join(errs...)
}

// begin prepares a call. After it, end must be called.
func (p *Parallel) begin(ctx context.Context) (Workers, Options, error) {
	switch {
	case p == nil:
		return nil, Options{}, errNil
	case ctx == nil:
		return nil, Options{}, errors.New("parallel: nil context; use context.Background() if there is none")
	case p.misuse != nil:
		return nil, Options{}, p.misuse
	}
	opts := p.opts
	if opts.Jobs = p.Jobs(); opts.Jobs < 1 {
		return nil, opts, errors.New("parallel: New(0): no jobs, so nothing could run; 1 is one after the other, -1 a job for each core")
	}
	b, err := p.choose(ctx)
	if err != nil {
		return nil, opts, err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return nil, opts, ErrClosed
	}
	w := p.opened[b]
	if w == nil {
		if w, err = b.Open(opts); err != nil {
			return nil, opts, err
		}
		if p.opened == nil {
			p.opened = map[Backend]Workers{}
		}
		p.opened[b] = w
	}
	p.calls++
	return w, opts, nil
}

// enter returns the lowest number that no worker in this process has.
func (p *Parallel) enter() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	i := slices.Index(p.lanes, false)
	if i < 0 {
		i = len(p.lanes)
		p.lanes = append(p.lanes, false)
	}
	p.lanes[i] = true
	return i
}

func (p *Parallel) leave(worker int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.lanes[worker] = false
}

func (p *Parallel) end() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.calls--; p.calls == 0 && p.closed {
		p.idle.Broadcast()
	}
}
