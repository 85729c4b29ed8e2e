package pool

import (
	"context"
	"fmt"
	"sync/atomic"
)

// A Result is what MapAsync and ApplyAsync return: a value that is there later,
// Python's AsyncResult. A failure is in it, too: who drops a Result does not hear
// of the failure. Its methods may be called by many goroutines at once.
type Result[R any] struct {
	pool  *Pool
	value R
	err   error
	gate  atomic.Pointer[gate] // nil while nobody waits and there is no value
}

// A gate is closed when the value is there.
type gate struct {
	done   chan struct{}
	unhook func() bool // has the work follow its context no longer; or nil
}

// passed is the gate of a value that is there.
var passed = func() *gate {
	g := &gate{done: make(chan struct{})}
	close(g.done)
	return g
}()

// Get waits until the value is there and returns it, with the error that Map or
// Apply would have returned. It may be called as often as wanted; all get the same.
//
// If ctx ends first, Get returns an error that wraps ErrAlive and
// context.Cause(ctx); the work goes on, and Get may be called again. A value that
// is there is returned even if ctx has ended. A task that waits with its own
// context lends its place in the pool meanwhile, as in a nested call.
func (r *Result[R]) Get(ctx context.Context) (R, error) {
	var zero R
	if ctx == nil {
		return zero, errNilContext
	}
	if r.gate.Load() != passed {
		if !r.wait(ctx) {
			return zero, fmt.Errorf("%w: %w", ErrAlive, context.Cause(ctx))
		}
	}
	return r.value, r.err
}

// wait returns when the value is there, or when ctx has ended.
func (r *Result[R]) wait(ctx context.Context) bool {
	if host := r.pool.host(ctx); host != nil && r.pool.pause(host) {
		defer r.pool.resume(host)
	}
	done := r.Done()
	select {
	case <-done:
		return true
	default:
	}
	select {
	case <-done:
		return true
	case <-ctx.Done():
		return r.gate.Load() == passed
	}
}

// Done returns a channel that is closed when the value is there, for use in a
// select. Get then returns at once.
func (r *Result[R]) Done() <-chan struct{} {
	g := r.gate.Load()
	for g == nil {
		r.gate.CompareAndSwap(nil, &gate{done: make(chan struct{})})
		g = r.gate.Load()
	}
	return g.done
}

// finish lets go who waits: value and err are there.
func (r *Result[R]) finish() {
	if g := r.gate.Swap(passed); g != nil {
		close(g.done)
		if g.unhook != nil {
			g.unhook()
		}
	}
}

// failed is for what cannot begin.
func (r *Result[R]) failed(err error) *Result[R] {
	r.err = err
	r.finish()
	return r
}
