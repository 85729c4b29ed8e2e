package lock

import (
	"context"
	"errors"
	"math"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// A case is an idea from CPython's own tests of its locks (Lib/test/lock_tests.py, where it has the same
// name), told anew: either it holds here, or the reason says why it does not apply.
type cpythonCase struct {
	name   string
	holds  func(t *testing.T)
	reason string
}

func TestCPythonsIdeas(t *testing.T) {
	for _, c := range cpythonCases {
		t.Run(c.name, func(t *testing.T) {
			if (c.holds == nil) == (c.reason == "") {
				t.Fatal("a case holds, or there is a reason")
			}
			if c.holds != nil {
				synctest.Test(t, c.holds)
			}
		})
	}
}

var cpythonCases = []cpythonCase{
	{"Lock.constructor", func(t *testing.T) {
		var (
			m Mutex
			w RWMutex
			r Reentrant
			e Event
		)
		if !m.TryLock() || !w.TryLock() || !r.Owner().TryLock() || e.IsSet() {
			t.Error("a zero value is not free")
		}
	}, ""},
	{"Lock.repr", nil, "fmt shows any value; a lock's own text would be old when it is read"},
	{"Lock.acquire_destroy", func(t *testing.T) { new(Mutex).Lock() }, ""},
	{"Lock.acquire_release", func(t *testing.T) {
		var m Mutex
		for range 3 {
			m.Lock()
			m.Unlock()
		}
	}, ""},
	{"Lock.try_acquire, try_acquire_contended", nil, "see TestTryLockFailsWhileAnotherHolds, for every lock"},
	{"Lock.acquire_contended", func(t *testing.T) {
		var m Mutex
		m.Lock()
		passed := 0
		wait := start(5, func(int) { With(&m, func() { passed++ }) })
		if passed != 0 {
			t.Error("somebody passed a lock that is held")
		}
		m.Unlock()
		wait()
		if passed != 5 {
			t.Errorf("%d of 5 passed", passed)
		}
	}, ""},
	{"Lock.with", nil, "see TestWithUnlocksAfterAPanic"},
	{"Lock.thread_leak", nil, "waiting starts no goroutine; goleak watches all tests"},
	{"Lock.timeout: not blocking and a timeout at once", nil, "these are two calls, TryLock and LockTimeout"},
	{"Lock.timeout: negative", nil, "LockTimeout(-1) is TryLock, as with the timeouts of context"},
	{"Lock.timeout: huge", func(t *testing.T) {
		var m Mutex
		m.Lock()
		time.AfterFunc(time.Hour, m.Unlock)
		if !m.LockTimeout(math.MaxInt64) {
			t.Error("292 years were over after an hour")
		}
	}, ""},
	{"Lock.timeout: expiry", nil, "see TestLockTimeout, for every lock"},
	{"Lock.reacquire", func(t *testing.T) {
		var m Mutex
		phase := 0
		wait := start(1, func(int) {
			m.Lock()
			phase = 1
			m.Lock()
			phase = 2
		})
		if phase != 1 {
			t.Errorf("phase %d: a Mutex is not reentrant", phase)
		}
		m.Unlock()
		wait()
		if phase != 2 {
			t.Errorf("phase %d after Unlock", phase)
		}
	}, ""},
	{"Lock.different_thread", func(t *testing.T) {
		var m Mutex
		m.Lock()
		start(1, func(int) { m.Unlock() })()
		m.Lock()
	}, ""},
	{"Lock.state_after_timeout", func(t *testing.T) {
		var m Mutex
		m.Lock()
		if m.LockTimeout(time.Millisecond) {
			t.Error("got a lock that is held")
		}
		m.Unlock()
		if !m.TryLock() {
			t.Error("who gave up left something behind")
		}
	}, ""},
	{"Lock.locked", nil, "there is no Locked: its answer would be old when it arrives"},
	{"RLock.reacquire, release_unacquired, different_thread", nil, "see TestOwner; the owner is not a thread but an Owner"},
	{"RLock.release_save_unacquired", nil, "only a Condition needs to save it, and an Owner cannot be a Condition's lock"},
	{"RLock._is_owned, recursion_count", nil, "private; who has an Owner locks once more, or TryLocks"},
	{"Event.is_set", func(t *testing.T) {
		var e Event
		for range 2 {
			e.Set()
			e.Set()
			if !e.IsSet() {
				t.Error("not set after Set")
			}
			e.Clear()
			e.Clear()
			if e.IsSet() {
				t.Error("set after Clear")
			}
		}
	}, ""},
	{"Event.notify", func(t *testing.T) {
		var e Event
		for range 2 {
			var woken atomic.Int64
			wait := start(5, func(int) {
				if err := errors.Join(e.Wait(background), e.Wait(ended)); err != nil {
					t.Error(err)
				}
				woken.Add(1)
			})
			if woken.Load() != 0 {
				t.Error("somebody did not wait")
			}
			e.Set()
			wait()
			e.Clear()
		}
	}, ""},
	{"Event.timeout", func(t *testing.T) {
		var e Event
		ctx, cancel := context.WithTimeout(background, time.Second)
		defer cancel()
		begin := time.Now()
		if err := e.Wait(ctx); err != context.DeadlineExceeded || time.Since(begin) != time.Second {
			t.Errorf("%v after %v", err, time.Since(begin))
		}
		e.Set()
		if err := e.Wait(ctx); err != nil {
			t.Errorf("%v, although the event is set", err)
		}
	}, ""},
	{"Event.set_and_clear", func(t *testing.T) {
		var e Event
		var woken atomic.Int64
		wait := start(5, func(i int) {
			if i%2 == 0 {
				_ = e.Wait(background)
			} else {
				<-e.C()
			}
			woken.Add(1)
		})
		e.Set()
		e.Clear()
		synctest.Wait()
		if n := woken.Load(); n != 5 {
			t.Errorf("%d of 5 woke", n)
			e.Set()
		}
		wait()
		if e.IsSet() || e.Wait(ended) != errEnough {
			t.Error("the event is set after Clear")
		}
	}, ""},
	{"Event.reset_internal_locks", nil, "for the child of a fork, which Go programs do not have"},
	{"Condition.acquire", func(t *testing.T) {
		var m Mutex
		c := NewCondition(&m)
		c.L.Lock()
		if m.TryLock() {
			t.Error("a Condition has another lock than its own")
		}
	}, ""},
	{"Condition.acquire: twice, by default", nil, "there is no default lock, and reentrant ones have explicit owners"},
	{"Condition.unacquired_wait", func(t *testing.T) {
		var m Mutex
		if err := NewCondition(&m).Wait(background); !errors.Is(err, ErrNotHeld) {
			t.Errorf("got %v, want ErrNotHeld", err)
		}
		if err := NewCondition(&m).WaitFor(background, func() bool { return true }); !errors.Is(err, ErrNotHeld) {
			t.Errorf("got %v, want ErrNotHeld", err)
		}
		if !m.TryLock() {
			t.Error("the mistake locked the lock")
		}
	}, ""},
	{"Condition.unacquired_notify", nil, "it is allowed, as in sync.Cond: nothing can go wrong if the state changed under the lock"},
	{"Condition.notify", func(t *testing.T) {
		var m Mutex
		c := NewCondition(&m)
		var order []int
		var waits []func()
		for i := range 5 {
			waits = append(waits, start(1, func(int) {
				With(&m, func() {
					if err := c.Wait(background); err != nil {
						t.Error(err)
					}
					order = append(order, i)
				})
			}))
		}
		for _, want := range []struct{ notify, woken int }{{0, 0}, {-1, 0}, {1, 1}, {2, 3}, {9, 5}} {
			With(&m, func() {
				c.Notify(want.notify)
				time.Sleep(time.Second)
				if len(order) > want.woken-want.notify && want.notify > 0 && want.notify < 9 {
					t.Errorf("somebody went on before the notifier unlocked: %v", order)
				}
			})
			synctest.Wait()
			slices.Sort(order) // of those who were woken together, any may be first
			if len(order) != want.woken || want.woken > 0 && order[want.woken-1] != want.woken-1 {
				t.Errorf("after Notify(%d), %v went on; want the first %d", want.notify, order, want.woken)
			}
		}
		for _, wait := range waits {
			wait()
		}
	}, ""},
	{"Condition.timeout", func(t *testing.T) {
		var m Mutex
		c := NewCondition(&m)
		start(5, func(int) {
			ctx, cancel := context.WithTimeout(background, time.Second)
			defer cancel()
			begin := time.Now()
			m.Lock()
			defer m.Unlock() // so it is locked after the expiry
			if err := c.Wait(ctx); err != context.DeadlineExceeded || time.Since(begin) != time.Second {
				t.Errorf("%v after %v", err, time.Since(begin))
			}
		})()
	}, ""},
	{"Condition.waitfor", func(t *testing.T) {
		var m Mutex
		c := NewCondition(&m)
		state := 0
		wait := start(1, func(int) {
			With(&m, func() {
				if err := c.WaitFor(background, func() bool { return state == 4 }); err != nil || state != 4 {
					t.Errorf("%v in state %d", err, state)
				}
			})
		})
		for range 4 {
			time.Sleep(time.Second)
			With(&m, func() {
				state++
				c.NotifyOne()
			})
		}
		wait()
	}, ""},
	{"Condition.waitfor_timeout", func(t *testing.T) {
		var m Mutex
		c := NewCondition(&m)
		state := 0
		wait := start(2, func(i int) {
			ctx, cancel := context.WithTimeout(background, 10*time.Second)
			defer cancel()
			m.Lock()
			defer m.Unlock()
			err := c.WaitFor(ctx, func() bool { return state == 4-i })
			if (err == nil) != (i == 1) { // that one's state came without a notification: it looks once more
				t.Errorf("waiting for state %d: %v", 4-i, err)
			}
		})
		for range 3 {
			time.Sleep(time.Second)
			With(&m, func() { state++ })
		}
		wait()
	}, ""},
	{"Semaphore.constructor", func(t *testing.T) {
		for _, n := range []int{-1, math.MinInt} {
			if err := mistake(func() { NewSemaphore(n) }); err == nil || !strings.Contains(err.Error(), "NewSemaphore(-") {
				t.Errorf("NewSemaphore(%d): %v", n, err)
			}
		}
	}, ""},
	{"Semaphore(0)", nil, "what can never be acquired is a mistake here; to signal, Go has channels"},
	{"Semaphore.acquire, acquire_destroy", func(t *testing.T) {
		s := NewSemaphore(2)
		for range 3 {
			if err := errors.Join(s.Acquire(background, 1), s.Acquire(background, 1), s.Release(1), s.Release(1)); err != nil {
				t.Error(err)
			}
		}
		_ = s.Acquire(background, 2)
	}, ""},
	{"Semaphore.acquire_contended", func(t *testing.T) {
		s := NewSemaphore(7)
		var passed atomic.Int64
		wait := start(10, func(int) {
			for range 2 {
				_ = s.Acquire(background, 1)
				passed.Add(1)
			}
		})
		for _, want := range []int64{7, 14, 20} {
			if passed.Load() != want {
				t.Errorf("%d passed, want %d", passed.Load(), want)
			}
			for range min(7, 20-want) {
				_ = s.Release(1)
			}
			synctest.Wait()
		}
		wait()
		if s.TryAcquire(1) {
			t.Error("20 tokens were acquired and 13 released, so all 7 are taken")
		}
	}, ""},
	{"Semaphore.try_acquire, try_acquire_contended", func(t *testing.T) {
		s := NewSemaphore(4)
		_ = s.Acquire(background, 1)
		var got atomic.Int64
		start(5, func(int) {
			for range 2 {
				if s.TryAcquire(1) {
					got.Add(1)
				}
			}
		})()
		if n := got.Load(); n != 3 {
			t.Errorf("%d tokens of 3", n)
		}
	}, ""},
	{"Semaphore.acquire_timeout", nil, "see TestAWaitEndsWithItsContext"},
	{"Semaphore.default_value", nil, "there is no default: with 1, a Mutex does it"},
	{"Semaphore.with", nil, "Acquire can fail, so With does not take it: defer s.Release(1)"},
	{"Semaphore.release_unacquired", nil, "only the bounded kind is here; see the package's table, note 4"},
	{"Semaphore.multirelease", func(t *testing.T) {
		s := NewSemaphore(3)
		_ = s.Acquire(background, 3)
		var passed atomic.Int64
		wait := start(3, func(int) { _ = s.Acquire(background, 1); passed.Add(1) })
		_ = s.Release(2)
		synctest.Wait()
		if n := passed.Load(); n != 2 {
			t.Errorf("2 tokens let %d pass", n)
		}
		_ = s.Release(1)
		wait()
	}, ""},
	{"BoundedSemaphore.release_unacquired", func(t *testing.T) {
		s := NewSemaphore(3)
		if err := s.Release(1); !errors.Is(err, ErrNotHeld) {
			t.Errorf("got %v, want ErrNotHeld", err)
		}
		_ = s.Acquire(background, 1)
		if err := s.Release(2); !errors.Is(err, ErrNotHeld) || !strings.Contains(err.Error(), "1 of 3") {
			t.Errorf("got %v, want ErrNotHeld and how many are taken", err)
		}
		if err := s.Release(1); err != nil || !s.TryAcquire(3) {
			t.Errorf("the mistake changed the semaphore (%v)", err)
		}
	}, ""},
	{"Barrier.constructor", func(t *testing.T) {
		for _, n := range []int{0, -3} {
			if err := mistake(func() { NewBarrier(n, nil) }); err == nil || !strings.Contains(err.Error(), "NewBarrier(") {
				t.Errorf("NewBarrier(%d): %v", n, err)
			}
		}
	}, ""},
	{"Barrier.barrier, barrier_10", func(t *testing.T) {
		b := NewBarrier(5, nil)
		var before, after atomic.Int64
		start(5, func(int) {
			for round := range int64(10) {
				before.Add(1)
				if n := after.Load(); n != 5*round {
					t.Errorf("round %d began with %d out of the last", round, n)
				}
				pass(t, b)
				after.Add(1)
				if n := before.Load(); n != 5*(round+1) {
					t.Errorf("round %d ended with %d in", round, n)
				}
				pass(t, b)
			}
		})()
		if b.Waiting() != 0 || b.Broken() || b.Parties() != 5 {
			t.Error("the barrier is not as it was")
		}
	}, ""},
	{"Barrier.wait_return", func(t *testing.T) {
		b := NewBarrier(5, nil)
		var got [5]int
		var waits []func()
		for i := range 5 {
			waits = append(waits, start(1, func(int) { got[i], _ = b.Wait(background) }))
		}
		for _, wait := range waits {
			wait()
		}
		if got != [5]int{0, 1, 2, 3, 4} {
			t.Errorf("got %v, want the order of arrival", got)
		}
	}, ""},
	{"Barrier.action", func(t *testing.T) {
		calls := 0
		b := NewBarrier(5, func() error { calls++; return nil })
		start(5, func(int) {
			pass(t, b)
			if calls != 1 {
				t.Errorf("went on after %d calls of the action", calls)
			}
		})()
	}, ""},
	{"Barrier.abort", func(t *testing.T) {
		b := NewBarrier(5, nil)
		var errs [5]error
		wait := start(4, func(i int) { _, errs[i] = b.Wait(background) })
		b.Abort()
		wait()
		_, errs[4] = b.Wait(background)
		if !slices.Equal(errs[:], slices.Repeat([]error{ErrBroken}, 5)) || !b.Broken() {
			t.Errorf("got %v", errs)
		}
	}, ""},
	{"Barrier.reset", func(t *testing.T) {
		b := NewBarrier(5, nil)
		wait := start(4, func(int) {
			if _, err := b.Wait(background); err != ErrBroken {
				t.Errorf("got %v, want ErrBroken", err)
			}
			pass(t, b)
		})
		b.Reset()
		pass(t, b)
		wait()
	}, ""},
	{"Barrier.abort_and_reset", func(t *testing.T) {
		b := NewBarrier(2, nil)
		b.Abort()
		b.Reset()
		start(2, func(int) { pass(t, b) })()
	}, ""},
	{"Barrier.timeout", func(t *testing.T) {
		b := NewBarrier(3, nil)
		var errs [2]error
		start(2, func(i int) {
			ctx, cancel := context.WithTimeout(background, time.Duration(i+1)*time.Second)
			defer cancel()
			_, errs[i] = b.Wait(ctx)
		})()
		if errs != [2]error{context.DeadlineExceeded, ErrBroken} || !b.Broken() {
			t.Errorf("got %v, want the one's expiry and the other's ErrBroken", errs)
		}
	}, ""},
	{"Barrier.default_timeout", nil, "a context carries it"},
	{"Barrier.single_thread", func(t *testing.T) {
		b := NewBarrier(1, nil)
		for range 2 {
			if i, err := b.Wait(ended); i != 0 || err != nil {
				t.Errorf("got %d, %v: the last to come never waits", i, err)
			}
		}
	}, ""},
	{"Barrier.wait: the action raises", func(t *testing.T) {
		for _, action := range []func() error{
			func() error { return errEnough },
			func() error { panic(errEnough) },
		} {
			b := NewBarrier(2, action)
			wait := start(1, func(int) {
				if _, err := b.Wait(background); err != ErrBroken {
					t.Errorf("the other got %v, want ErrBroken", err)
				}
			})
			var err error
			if p := mistake(func() { _, err = b.Wait(background) }); p != nil {
				err = p
			}
			wait()
			if err != errEnough || !b.Broken() {
				t.Errorf("the last got %v, broken is %t", err, b.Broken())
			}
		}
	}, ""},
	{"all: repr, weak references, at_fork_reinit", nil, "Python's memory and processes are not Go's"},
}

// pass waits at a barrier that all pass.
func pass(t *testing.T, b *Barrier) {
	if _, err := b.Wait(background); err != nil {
		t.Error(err)
	}
}
