package pool

import (
	"errors"
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"
)

// A Pool bounds how many tasks run at any time, over all calls made on it.
//
// The zero Pool is ready to use: it has runtime.GOMAXPROCS(0) workers, read at
// each call. A Pool may be used by many goroutines at once and must not be copied
// after its first use. It needs no closing: workers are goroutines that live for
// a part of one call, so an idle Pool holds nothing.
type Pool struct {
	n        int
	made     bool // by New: n counts, even if it is 0
	progress func(done, total int)

	waiting atomic.Int32 // calls in queue, for a look without the lock

	mu    sync.Mutex
	limit int   // slots, as the latest call found them
	busy  int   // slots taken
	queue queue // calls that wait for a slot
}

// An Option configures a Pool that New makes.
type Option func(*Pool)

// New returns a pool of n workers. It starts nothing and never fails: if n is
// less than 1, every call on the pool returns an error that says so.
func New(n int, opts ...Option) *Pool {
	p := &Pool{n: n, made: true}
	for _, o := range opts {
		o(p)
	}
	return p
}

// WithProgress has each call on the pool report how many of its items are
// finished, without error.
//
// The function runs on the goroutine that made the call, while that waits for
// the workers. So it may be slow without slowing them. It is called when items
// have been finished since it last returned, not for each of them; done never
// decreases. Its last call has the final count, also when the work fails, and
// comes before Map returns. If it panics, the work stops, and the panic goes on
// to the caller of Map when the tasks that were running have returned.
//
// A call that begins nothing does not report, and nested calls do not: their
// items are part of an item that does. Two calls at once report from two
// goroutines.
func WithProgress(report func(done, total int)) Option {
	return func(p *Pool) { p.progress = report }
}

// size returns how many workers the pool has now.
func (p *Pool) size() (int, error) {
	switch {
	case p == nil:
		return 0, errors.New("pool: nil *Pool; make one with pool.New, or with new(pool.Pool) for one worker per core")
	case !p.made:
		return runtime.GOMAXPROCS(0), nil
	case p.n < 1:
		return 0, fmt.Errorf("pool: New(%d): a pool needs at least 1 worker; runtime.GOMAXPROCS(0) is one per core", p.n)
	}
	return p.n, nil
}
