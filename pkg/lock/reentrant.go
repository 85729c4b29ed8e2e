package lock

import (
	"context"
	"fmt"
	"time"
)

// A Reentrant is a lock that its owner can take again: Python's RLock. Python knows the owner by
// the thread; goroutines have no identity, so here an Owner says who it is, and is passed to
// functions that are called with and without the lock. The zero Reentrant is unlocked. It must not
// be copied after its first use.
//
// Most Go programs need none: they split such a function in two, one that locks and calls the
// other, and one that says in its comment that the lock must be held.
type Reentrant struct {
	m Mutex
}

// Owner returns a new owner, who does not hold the lock.
func (r *Reentrant) Owner() *Owner { return &Owner{r: r} }

// An Owner is one of those who take turns with a Reentrant lock; Reentrant.Owner makes it. It
// stands for one goroutine, or for several of which one at a time uses it: two that lock with
// the same Owner at the same time do not exclude each other, and the race detector says so.
type Owner struct {
	r     *Reentrant
	depth int // locks that were not unlocked yet
}

// Lock takes the lock, waiting as long as that takes. If the owner has it already, Lock counts one
// more and returns at once.
func (o *Owner) Lock() { _ = o.LockContext(context.Background()) }

// TryLock is Lock if that need not wait, and reports whether it was.
func (o *Owner) TryLock() bool { return o.count(o.depth > 0 || o.mutex().TryLock()) }

// LockContext is Lock, but returns context.Cause(ctx) if it has to wait and ctx ends first.
func (o *Owner) LockContext(ctx context.Context) error {
	if o.depth == 0 {
		if err := o.mutex().LockContext(ctx); err != nil {
			return err
		}
	}
	o.depth++
	return nil
}

// LockTimeout is Lock, but waits for at most d, and reports whether it got the lock.
func (o *Owner) LockTimeout(d time.Duration) bool {
	return o.count(o.depth > 0 || o.mutex().LockTimeout(d))
}

func (o *Owner) count(got bool) bool {
	if got {
		o.depth++
	}
	return got
}

// Unlock takes one Lock of this owner back; the last one frees the lock. It panics if the owner does
// not hold the lock, also if another one does.
func (o *Owner) Unlock() {
	if o.depth == 0 {
		panic(fmt.Errorf("%w: Unlock by an Owner that has not locked; unlock once for each lock, with the same Owner", ErrNotHeld))
	}
	if o.depth--; o.depth == 0 {
		o.r.m.Unlock()
	}
}

func (o *Owner) mutex() *Mutex {
	if o.r == nil {
		panic("lock: an Owner of no lock; make it with Reentrant.Owner")
	}
	return &o.r.m
}
