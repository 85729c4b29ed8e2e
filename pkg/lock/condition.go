package lock

import (
	"context"
	"errors"
	"fmt"
	"sync"
)

// A Locker is a lock that a Condition can use: *Mutex, *RWMutex (for writing), *sync.Mutex and
// *sync.RWMutex are.
type Locker interface {
	sync.Locker
	TryLock() bool
}

// A Condition lets goroutines wait until another changes something that a lock guards: Python's
// Condition, and a sync.Cond whose Wait can be given up. Set L before the first use; several
// Conditions may share it. A Condition must not be copied after its first use.
//
// Waiters are woken in the order of arrival and never for nothing: Wait returns nil only to one that
// was notified. Still the state may have changed again by then, so a Wait belongs in a loop, and
// WaitFor is that loop.
//
// The order of notifying and unlocking does not matter for correctness; L must be held while the
// state changes, and may be while notifying.
type Condition struct {
	// L is held by those who wait, and by those who look at or change the state.
	L Locker

	q    waitList
	free *waiter // to be used again, linked by next; guarded by L
}

// NewCondition returns a Condition with the lock l.
func NewCondition(l Locker) *Condition { return &Condition{L: l} }

// Wait unlocks L, waits to be notified, locks L again and returns nil. If ctx ends first, it returns
// context.Cause(ctx), and at once if ctx has already ended; L is locked then, too, and for that Wait
// waits as long as it takes. A notification and the end of ctx at the same time give nil, so that
// no notification is lost.
//
// If nobody holds L, Wait returns an error that wraps ErrNotHeld. It cannot tell whether it is
// the caller or another goroutine who holds L: that remains the caller's to see to.
func (c *Condition) Wait(ctx context.Context) error {
	if c.L == nil || c.L.TryLock() {
		return c.mistake("Wait")
	}
	return c.wait(ctx)
}

// WaitFor waits until ready returns true, and returns nil. It calls ready with L locked: first at once,
// and then each time that it is notified. If ctx ends first, it returns context.Cause(ctx), unless
// ready has become true all the same. Like Wait, it unlocks L only while it waits.
func (c *Condition) WaitFor(ctx context.Context, ready func() bool) error {
	if ready == nil {
		return errors.New("lock: WaitFor without a function to wait for")
	}
	if c.L == nil || c.L.TryLock() {
		return c.mistake("WaitFor")
	}
	for !ready() {
		if err := c.wait(ctx); err != nil {
			if ready() { // has the last word
				return nil
			}
			return err
		}
	}
	return nil
}

// mistake says why L cannot be used. If there is one, it was free and is locked now.
func (c *Condition) mistake(call string) error {
	if c.L == nil {
		return fmt.Errorf("lock: %s on a Condition without a lock; set its field L", call)
	}
	c.L.Unlock()
	if _, ok := c.L.(*Owner); ok {
		return fmt.Errorf("lock: %s on a Condition whose L is an Owner; use a Mutex, which all can share", call)
	}
	return fmt.Errorf("%w: %s on a Condition whose L is not locked; call L.Lock first", ErrNotHeld, call)
}

func (c *Condition) wait(ctx context.Context) error {
	done := ctx.Done()
	if done != nil && ctx.Err() != nil {
		return context.Cause(ctx)
	}
	w := c.free
	if w == nil {
		w = newWaiter()
	} else {
		c.free, w.next = w.next, nil
	}
	c.q.mu.Lock()
	c.q.push(w)
	c.q.mu.Unlock()

	c.L.Unlock()
	notified := w.await(done) || !c.withdraw(w)
	c.L.Lock()
	w.next, c.free = c.free, w
	if !notified {
		return context.Cause(ctx)
	}
	return nil
}

// withdraw takes w off the list, unless it was notified just now: then it takes the token.
func (c *Condition) withdraw(w *waiter) bool {
	c.q.mu.Lock()
	defer c.q.mu.Unlock()
	if w.listed {
		c.q.remove(w)
		return true
	}
	<-w.ready
	return false
}

// NotifyOne wakes the goroutine that has waited longest, if any waits.
func (c *Condition) NotifyOne() { c.Notify(1) }

// Notify wakes the n goroutines that have waited longest, or all if fewer wait, or none if n is not
// positive.
func (c *Condition) Notify(n int) {
	c.q.mu.Lock()
	defer c.q.mu.Unlock()
	for ; n > 0 && c.q.head != nil; n-- {
		c.q.release()
	}
}

// NotifyAll wakes all goroutines that wait.
func (c *Condition) NotifyAll() { c.Notify(1<<31 - 1) }
