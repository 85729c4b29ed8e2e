package pool

import (
	"context"
	"sync/atomic"
	"time"
)

// A scope is what the contexts of tasks tell of: when their call ends, and why.
type scope struct {
	pool   *Pool
	parent context.Context       // the caller's
	child  atomic.Pointer[child] // made when a task needs it, or to keep a cause: many never do
	state  atomic.Uint32         // begun, then ending while the cause is being set, then ended
}

const (
	begun = iota
	ending
	ended
)

// A child is a context of package context, which ends with its scope.
type child struct {
	ctx    context.Context
	cancel context.CancelCauseFunc
}

// shut ends the scope because of why, and reports whether this was what did. If
// the caller's context has ended before, that counts.
func (s *scope) shut(why error) bool {
	parents := s.parent.Err() != nil
	if parents {
		why = context.Cause(s.parent)
	}
	if why == context.Canceled { // which a child says without being told
		if !s.state.CompareAndSwap(begun, ended) {
			return false
		}
	} else {
		if !s.state.CompareAndSwap(begun, ending) {
			return false
		}
		s.context()
		s.state.Store(ended)
	}
	if c := s.child.Load(); c != nil {
		c.cancel(why)
		parents = parents || context.Cause(c.ctx) != why // it has ended meanwhile
	}
	return !parents
}

// stopped reports whether the scope was shut.
func (s *scope) stopped() bool { return s.state.Load() != begun }

// ends reports whether no further item may begin.
func (s *scope) ends() bool { return s.stopped() || s.parent.Err() != nil }

// cause returns why the scope, which was shut, has ended.
func (s *scope) cause() error {
	if s.child.Load() == nil && s.state.Load() == ended {
		return context.Canceled
	}
	ctx := s.context()
	<-ctx.Done() // is about to be closed
	return context.Cause(ctx)
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
	if s.state.Load() == ended { // before the child could be seen
		c.cancel(nil)
	}
	return c.ctx
}

func (s *scope) Deadline() (time.Time, bool) { return s.parent.Deadline() }

func (s *scope) Done() <-chan struct{} { return s.context().Done() }

func (s *scope) Err() error {
	if !s.ends() {
		return nil
	}
	ctx := s.context()
	<-ctx.Done() // is about to be closed, and must be when Err says so
	return ctx.Err()
}

// value is what the context of a task that has that seat says of a key.
func (s *scope) value(key any, at *seat) any {
	if key == (hostKey{s.pool}) {
		return at
	}
	return s.context().Value(key)
}

func (s *scope) String() string { return "pool task" }

// A seat tells whether a task has its slot. It is guarded by pool.mu.
type seat struct {
	nested int32 // what the task waits for: while there is anything, its slot is lent
	left   bool  // the task has returned, or its worker has ended
}

// hostKey is the key by which a context tells the seat of the task that it was
// given to, so that a nested call finds whose slot to lend.
type hostKey struct{ pool *Pool }

// host returns the seat of the task that ctx was given to, or nil.
func (p *Pool) host(ctx context.Context) *seat {
	s, _ := ctx.Value(hostKey{p}).(*seat)
	return s
}

// A worker works for a party while it holds one of the pool's slots. It is the
// context of its tasks.
type worker struct {
	*scope
	party *party
	seat  seat
	lane  int // its number for the observer, from 1 on; 0 if it has none yet
	at    int // the item that it is at

	failure error // of the items since run began, the first

	_ [8]byte // at is written for every item: workers share no cache line
}

func (w *worker) Value(key any) any { return w.value(key, &w.seat) }

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
		begun = w.begin()
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
