package lock

import (
	"context"
	"fmt"
	"sync/atomic"
)

// A Semaphore hands out up to a fixed number of tokens, one or several to a call. It is Python's
// BoundedSemaphore, with weights. Calls that wait are served strictly in the order of arrival: a
// call for many tokens is not overtaken by calls for few, even while there are enough for those.
type Semaphore struct {
	size int64
	t    tokens
}

// NewSemaphore returns a semaphore with size tokens, all of them free. It panics if size is less
// than 1.
func NewSemaphore(size int) *Semaphore {
	if size < 1 {
		panic(fmt.Sprintf("lock: NewSemaphore(%d): a semaphore needs at least 1 token", size))
	}
	return &Semaphore{size: int64(size)}
}

// Acquire takes n tokens at once and returns nil. It returns context.Cause(ctx), without any token,
// if it has to wait and ctx ends first. Tokens that are free, and that nobody waits for, it takes
// even if ctx has ended. If n is not between 1 and the size, Acquire returns an error at once.
func (s *Semaphore) Acquire(ctx context.Context, n int) error {
	if err := s.check("Acquire", n); err != nil {
		return err
	}
	return s.t.acquire(ctx, int64(n), s.size)
}

// TryAcquire takes n tokens if they are free and nobody waits, and reports whether it did. It panics
// if n is not between 1 and the size.
func (s *Semaphore) TryAcquire(n int) bool {
	if err := s.check("TryAcquire", n); err != nil {
		panic(err)
	}
	return s.t.try(int64(n), s.size)
}

// Release gives n tokens back, from any goroutine. If fewer than n are taken, it changes nothing and
// returns an error that wraps ErrNotHeld.
func (s *Semaphore) Release(n int) error {
	if err := s.check("Release", n); err != nil {
		return err
	}
	if taken, ok := s.t.release(int64(n), s.size); !ok {
		return fmt.Errorf("%w: Release(%d) of a Semaphore of which %d of %d tokens are taken; release what was acquired, once",
			ErrNotHeld, n, taken, s.size)
	}
	return nil
}

func (s *Semaphore) check(call string, n int) error {
	switch {
	case s.size == 0:
		return fmt.Errorf("lock: %s on a Semaphore without tokens; make it with NewSemaphore", call)
	case n < 1 || int64(n) > s.size:
		return fmt.Errorf("lock: %s(%d) on a Semaphore of %d tokens; the number must be from 1 to %[3]d", call, n, s.size)
	}
	return nil
}

// tokens are what Semaphore and RWMutex have in common: a number of tokens, given out in the order
// of arrival. Their size comes with each call, so that the zero tokens can be used.
type tokens struct {
	state atomic.Int64 // twice the tokens taken, plus queued
	q     waitList
}

// queued is set while somebody waits; then the state changes under q.mu only.
const queued int64 = 1

func (t *tokens) try(n, size int64) bool {
	for {
		v := t.state.Load()
		if v&queued != 0 || v>>1 > size-n {
			return false
		}
		if t.state.CompareAndSwap(v, v+n<<1) {
			return true
		}
	}
}

func (t *tokens) acquire(ctx context.Context, n, size int64) error {
	if t.try(n, size) {
		return nil
	}
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	t.q.mu.Lock()
	for {
		v := t.state.Load()
		if v&queued != 0 {
			break
		}
		if v>>1 <= size-n { // released since try
			if t.state.CompareAndSwap(v, v+n<<1) {
				t.q.mu.Unlock()
				return nil
			}
		} else if t.state.CompareAndSwap(v, v|queued) {
			break
		}
	}
	w := newWaiter()
	w.n = n
	t.q.push(w)
	t.q.mu.Unlock()
	if w.await(ctx.Done()) {
		return nil
	}
	t.q.mu.Lock()
	defer t.q.mu.Unlock()
	if !w.listed {
		return nil
	}
	t.q.remove(w)
	t.grant(size) // those behind may ask for less
	return context.Cause(ctx)
}

// release reports how many tokens were taken, and false if those are fewer than n.
func (t *tokens) release(n, size int64) (taken int64, ok bool) {
	for {
		v := t.state.Load()
		if v>>1 < n {
			return v >> 1, false
		}
		if v&queued == 0 {
			if t.state.CompareAndSwap(v, v-n<<1) {
				return v >> 1, true
			}
			continue
		}
		t.q.mu.Lock()
		if t.state.CompareAndSwap(v, v-n<<1) { // still queued, and nobody else changes it now
			t.grant(size)
			t.q.mu.Unlock()
			return v >> 1, true
		}
		t.q.mu.Unlock()
	}
}

// grant serves the queue as far as the tokens go. It needs q.mu, and queued to be set.
func (t *tokens) grant(size int64) {
	for w := t.q.head; w != nil && t.state.Load()>>1 <= size-w.n; w = t.q.head {
		t.state.Add(w.n << 1) // first, since the waiter may give them back at once
		t.q.release()
	}
	if t.q.head == nil {
		t.state.And(^queued)
	}
}
