package pool

import (
	"context"
	"runtime"
	"sync/atomic"
	"time"
)

// A scope is what the contexts of tasks tell of: when their call ends, and why.
type scope struct {
	pool   *Pool
	parent context.Context // the caller's

	state atomic.Uint32 // begun, then ending while why is being set, then ended
	why   error
	child atomic.Pointer[child] // made when a task needs it: many never look
}

const (
	begun = iota
	ending
	ended
)

// A child is a context of package context, with which a scope ends.
type child struct {
	ctx    context.Context
	cancel context.CancelCauseFunc
}

// shut ends the scope, and reports whether this was what did.
func (s *scope) shut(why error) bool {
	if !s.state.CompareAndSwap(begun, ending) {
		return false
	}
	s.why = why
	s.state.Store(ended)
	if c := s.child.Load(); c != nil {
		c.cancel(why)
	}
	return true
}

// stopped reports whether the scope was shut.
func (s *scope) stopped() bool { return s.state.Load() != begun }

// ends reports whether no further item may begin.
func (s *scope) ends() bool { return s.stopped() || s.parent.Err() != nil }

// cause returns why the scope was shut.
func (s *scope) cause() error {
	for s.state.Load() == ending {
		runtime.Gosched()
	}
	return s.why
}

func (s *scope) context() context.Context {
	if c := s.child.Load(); c != nil {
		return c.ctx
	}
	c := new(child)
	c.ctx, c.cancel = context.WithCancelCause(s.parent)
	if !s.child.CompareAndSwap(nil, c) {
		c.cancel(nil)
		return s.child.Load().ctx
	}
	if s.stopped() { // before the child could be seen
		c.cancel(s.cause())
	}
	return c.ctx
}

// A worker works for a party while it holds one of the pool's slots. It is the
// context of its tasks: by it a nested call finds whose slot to lend.
type worker struct {
	*scope
	party *party
	at    int // the item that it is at
	lane  int // its number for the observer, from 1 on; 0 if it has none yet

	failure error // of the items since run began, the first

	// Guarded by pool.mu.
	nested int  // what its task waits for: while there is anything, its slot is lent
	left   bool // it has ended
	// Its size is that of a cache line, as at is written for every item.
}

func (w *worker) Deadline() (time.Time, bool) { return w.parent.Deadline() }

func (w *worker) Done() <-chan struct{} { return w.context().Done() }

func (w *worker) Err() error {
	if !w.ends() {
		return nil
	}
	ctx := w.context()
	<-ctx.Done() // is about to be closed, and must be when Err says so
	return ctx.Err()
}

func (w *worker) Value(key any) any {
	if key == (hostKey{w.pool}) {
		return w
	}
	return w.context().Value(key)
}

func (w *worker) String() string { return "pool task" }

// hostKey is the key by which a context tells which worker of the pool runs
// the task that it was given to.
type hostKey struct{ pool *Pool }

// host returns the worker whose task ctx was given to, or nil.
func (p *Pool) host(ctx context.Context) *worker {
	w, _ := ctx.Value(hostKey{p}).(*worker)
	return w
}

// A crew is an owner whose workers go through numbered items.
type crew interface {
	owner
	failed(w *worker, err error) (goOn bool) // at the item that w is at
	did(items int)                           // so many items are finished
}

// run has body go through the items from w.at up to hi, keeping w.at at the item
// that it is at. It returns when all are done, when the call is stopped or, after
// a panic, with w.at behind the item that panicked. If a task ends the goroutine,
// deferred calls find w.at behind its item, too.
func (w *worker) run(c crew, hi int, body func(w *worker, hi int)) {
	first := w.at
	var begun time.Time
	if w.pool.observe != nil {
		begun = time.Now()
		w.failure = nil
	}
	returned := false
	defer func() {
		if !returned {
			var err error = ErrGoexit
			if v := recover(); v != nil {
				err = &PanicError{v, taskStack()}
			}
			if w.fail(c, err) {
				w.at++
			}
		}
		c.did(w.at - first)
		if w.pool.observe != nil {
			w.report(first, begun)
		}
	}()
	body(w, hi)
	returned = true
}

// fail notes that the item that w is at has failed, and reports whether the work
// goes on.
func (w *worker) fail(c crew, err error) (goOn bool) {
	if w.failure == nil {
		w.failure = err
	}
	return c.failed(w, err)
}
