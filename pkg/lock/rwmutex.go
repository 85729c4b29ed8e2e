package lock

import (
	"context"
	"fmt"
	"runtime"
	"sync"
	"time"
)

// An RWMutex can be held by one writer or by any number of readers: a sync.RWMutex whose Lock and
// RLock can be given up. Python's threading has none. The zero RWMutex is unlocked. It must not be
// copied after its first use.
//
// Neither side starves. A waiting writer keeps new readers out, and when a writer unlocks, the
// readers that wait by then come before the next writer; among themselves, writers are served as
// by a Mutex. So a goroutine must not take a read lock that it already has: a writer may wait in
// between.
type RWMutex struct {
	w Mutex  // whose turn it is to write
	t tokens // a reader takes one, a writer all
}

const allTokens = 1 << 40

// Lock takes the lock for writing, waiting for it as long as that takes.
func (rw *RWMutex) Lock() { _ = rw.LockContext(context.Background()) }

// TryLock takes the lock for writing if it is free and nobody waits for it, and reports whether it
// did.
func (rw *RWMutex) TryLock() bool {
	for !rw.w.TryLock() {
		if rw.t.state.Load() != 0 {
			return false
		}
		runtime.Gosched() // a writer is between its two steps
	}
	if rw.t.try(allTokens, allTokens) {
		return true
	}
	rw.w.Unlock()
	return false
}

// LockContext takes the lock for writing and returns nil. It returns context.Cause(ctx), without the
// lock, if it has to wait and ctx ends first. A free lock it takes even if ctx has ended.
func (rw *RWMutex) LockContext(ctx context.Context) error {
	if rw.TryLock() {
		return nil
	}
	if err := rw.w.LockContext(ctx); err != nil {
		return err
	}
	if err := rw.t.acquire(ctx, allTokens, allTokens); err != nil {
		rw.w.Unlock()
		return err
	}
	return nil
}

// LockTimeout waits to write for at most d, and reports whether it got the lock. With d ≤ 0 it is
// TryLock.
func (rw *RWMutex) LockTimeout(d time.Duration) bool {
	return rw.TryLock() || within(d, rw.LockContext)
}

// Unlock gives the lock for writing back, from any goroutine. It panics if nobody holds that; the
// lock remains usable.
func (rw *RWMutex) Unlock() {
	if _, ok := rw.t.release(allTokens, allTokens); !ok { // the readers that wait come first
		panic(fmt.Errorf("%w: Unlock of an RWMutex that is not locked for writing; after RLock, call RUnlock", ErrNotHeld))
	}
	rw.w.Unlock()
}

// RLock takes the lock for reading, waiting for it as long as that takes.
func (rw *RWMutex) RLock() {
	if !rw.t.try(1, allTokens) {
		_ = rw.t.acquire(context.Background(), 1, allTokens)
	}
}

// TryRLock takes the lock for reading if no writer has it or waits for it, and reports whether it
// did.
func (rw *RWMutex) TryRLock() bool { return rw.t.try(1, allTokens) }

// RLockContext takes the lock for reading and returns nil. It returns context.Cause(ctx), without the
// lock, if it has to wait and ctx ends first. A lock without writers it takes even if ctx has ended.
func (rw *RWMutex) RLockContext(ctx context.Context) error {
	if rw.t.try(1, allTokens) {
		return nil
	}
	return rw.t.acquire(ctx, 1, allTokens)
}

// RLockTimeout waits to read for at most d, and reports whether it got the lock. With d ≤ 0 it is
// TryRLock.
func (rw *RWMutex) RLockTimeout(d time.Duration) bool {
	return rw.TryRLock() || within(d, rw.RLockContext)
}

// RUnlock gives one reader's lock back, from any goroutine. It panics if no reader has the lock; the
// lock remains usable.
func (rw *RWMutex) RUnlock() {
	v := rw.t.state.Load()
	if v&queued == 0 && 0 < v && v>>1 < allTokens && rw.t.state.CompareAndSwap(v, v-1<<1) {
		return // the common case, at half the price
	}
	if v>>1 < allTokens {
		if _, ok := rw.t.release(1, allTokens); ok {
			return
		}
	}
	panic(fmt.Errorf("%w: RUnlock of an RWMutex that is not locked for reading; after Lock, call Unlock", ErrNotHeld))
}

// RLocker returns a sync.Locker whose Lock and Unlock are RLock and RUnlock, for With.
func (rw *RWMutex) RLocker() sync.Locker { return (*reader)(rw) }

type reader RWMutex

func (r *reader) Lock()   { (*RWMutex)(r).RLock() }
func (r *reader) Unlock() { (*RWMutex)(r).RUnlock() }
