package lock

import (
	"context"
	"fmt"
	"sync/atomic"
	"time"
)

// A Mutex is a lock that one goroutine at a time can hold: Python's Lock, and a sync.Mutex whose
// Lock can be given up. The zero Mutex is unlocked. It must not be copied after its first use.
//
// Whoever comes may overtake those who wait, because that is fast: a goroutine that runs needs no
// waking. But a waiter that found the lock taken again after a millisecond is handed it by the next
// Unlock, and as long as the oldest waiter is older than that, the lock goes round in the order of
// arrival. So nobody starves.
//
// An Unlock happens before the next successful Lock, in the sense of Go's memory model.
type Mutex struct {
	state atomic.Uint32
	q     waitList
}

const (
	locked   = 1 << iota // somebody holds the lock
	knock                // the next Unlock has to call the oldest waiter
	starving             // nobody may overtake the oldest waiter; knock is set, too

	// Waiters and no knock: the oldest was called and is on its way. It takes the lock or sets
	// knock again. Until then Lock and Unlock pay nothing for those who wait, which is why a
	// crowd costs so little.
)

// patience is for how long a waiter lets others pass.
const patience = time.Millisecond

// Lock takes the lock, waiting for it as long as that takes. LockContext and LockTimeout can give up.
func (m *Mutex) Lock() {
	if !m.state.CompareAndSwap(0, locked) {
		m.lock()
	}
}

// TryLock takes the lock if it is free, and reports whether it did. It never waits.
func (m *Mutex) TryLock() bool {
	for {
		v := m.state.Load()
		if v&(locked|starving) != 0 {
			return false
		}
		if m.state.CompareAndSwap(v, v|locked) {
			return true
		}
	}
}

// LockContext takes the lock and returns nil. It returns context.Cause(ctx), without the lock, if
// it has to wait and ctx ends first. A free lock it takes even if ctx has ended.
func (m *Mutex) LockContext(ctx context.Context) error {
	if m.state.CompareAndSwap(0, locked) {
		return nil
	}
	return m.lockContext(ctx)
}

// LockTimeout waits for the lock for at most d, and reports whether it got it. With d ≤ 0 it is
// TryLock.
func (m *Mutex) LockTimeout(d time.Duration) bool {
	if m.state.CompareAndSwap(0, locked) {
		return true
	}
	return m.lockTimeout(d)
}

// Unlock gives the lock back. As in Python and in sync, another goroutine than the one that took it
// may do so. Unlock panics if nobody holds the lock; the lock remains usable.
func (m *Mutex) Unlock() {
	if !m.state.CompareAndSwap(locked, 0) {
		m.unlock()
	}
}

// These two are kept out of line, so that their callers are small enough to be inlined.

//go:noinline
func (m *Mutex) lock() { _ = m.lockContext(context.Background()) }

//go:noinline
func (m *Mutex) lockTimeout(d time.Duration) bool { return m.TryLock() || within(d, m.lockContext) }

func (m *Mutex) lockContext(ctx context.Context) error {
	if m.TryLock() {
		return nil
	}
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	w := newWaiter()
	w.since = time.Now()
	m.q.mu.Lock()
	defer m.q.mu.Unlock()
	m.q.push(w)
	if m.q.head == w && m.claim() {
		return nil
	}
	for {
		m.q.mu.Unlock()
		called := w.await(ctx.Done())
		m.q.mu.Lock()
		switch {
		case !w.listed: // the lock was handed over
			return nil
		case m.q.head == w && m.state.Load()&knock == 0 && m.claim(): // it was called, and fast enough
			return nil
		case !called:
			m.q.remove(w)
			if m.q.head == nil {
				m.state.And(^uint32(knock | starving))
			}
			return context.Cause(ctx)
		}
	}
}

// claim takes the lock for the oldest waiter, and that off the list, if the lock is free. If not,
// it sees to it that the waiter is called by the next Unlock. It needs q.mu.
func (m *Mutex) claim() bool {
	w := m.q.head
	for {
		if v := m.state.Load(); v&locked == 0 {
			next := uint32(locked)
			if w.next != nil {
				next |= knock
			}
			if m.state.CompareAndSwap(v, next) {
				m.q.remove(w)
				return true
			}
		} else {
			next := v | knock
			if time.Since(w.since) > patience {
				next |= starving
			}
			if m.state.CompareAndSwap(v, next) {
				return false
			}
		}
	}
}

func (m *Mutex) unlock() {
	old := m.state.And(^uint32(locked)) // does nothing to a free lock
	if old&locked == 0 {
		panic(fmt.Errorf("%w: Unlock of a Mutex that is not locked; unlock once for each lock", ErrNotHeld))
	}
	if old&knock == 0 {
		return
	}
	m.q.mu.Lock()
	defer m.q.mu.Unlock()
	for {
		v := m.state.Load()
		switch {
		case v&knock == 0, v&locked != 0: // done, or left to the new owner, meanwhile
			return
		case v&starving != 0:
			next := uint32(locked)
			if second := m.q.head.next; second != nil {
				next |= knock
				if time.Since(second.since) > patience {
					next |= starving
				}
			}
			m.state.Store(next) // first, since the new owner may unlock at once
			m.q.release()
			return
		case m.state.CompareAndSwap(v, v&^knock):
			m.q.head.ready <- struct{}{}
			return
		}
	}
}
