package pool

import (
	"context"
	"time"
)

// A worker works for a call while it holds one of the pool's slots. It is the
// context of its tasks: by it a nested call finds whose slot to lend.
type worker struct {
	call *call
	at   int // the item that it is at

	// Guarded by pool.mu.
	nested int  // calls under way that its task made: while there are any, its slot is lent
	left   bool // it has ended

	_ [32]byte // at is written for every item: workers share no cache line
}

// run works on the items lo to hi-1. Whatever a task does becomes its error.
func (w *worker) run(lo, hi int, body func(w *worker, hi int)) {
	w.at = lo
	returned := false
	defer func() {
		if !returned {
			var err error = ErrGoexit
			if v := recover(); v != nil {
				err = &PanicError{v, taskStack()}
			}
			w.call.fail(w.at, err)
		}
		w.call.done.Add(int64(w.at - lo))
	}()
	body(w, hi)
	returned = true
}

// The context of the tasks is one of package context, a child of the caller's.
// It is made when a task first needs it: many never look.

func (c *call) context() context.Context {
	c.once.Do(func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.ctx, c.cancel = context.WithCancelCause(c.parent)
		if c.cause != nil {
			c.cancel(c.cause)
		}
	})
	return c.ctx
}

func (w *worker) Deadline() (time.Time, bool) { return w.call.parent.Deadline() }

func (w *worker) Done() <-chan struct{} { return w.call.context().Done() }

func (w *worker) Err() error {
	if !w.call.ends() {
		return nil
	}
	ctx := w.call.context()
	<-ctx.Done() // is about to be closed, and must be when Err says so
	return ctx.Err()
}

func (w *worker) Value(key any) any {
	if key == (hostKey{w.call.pool}) {
		return w
	}
	return w.call.context().Value(key)
}

func (w *worker) String() string { return "pool task" }

// hostKey is the key by which a context tells which worker of the pool runs
// the task that it was given to.
type hostKey struct{ pool *Pool }
