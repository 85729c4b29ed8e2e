// Package lock_test has the table of what locks do in the same case: lock.md.
package lock_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"golang.org/x/sync/semaphore"

	"github.com/threads2go/course/pkg/bench/behaviour"
	"github.com/threads2go/course/pkg/lock"
)

func TestMain(m *testing.M)  { table.Main(m) }
func TestTable(t *testing.T) { table.Check(t, "lock.md") }

var (
	background = context.Background()
	errEnough  = errors.New("enough")
)

// ended is a context that has ended with errEnough.
func ended() context.Context {
	ctx, cancel := context.WithCancelCause(background)
	cancel(errEnough)
	return ctx
}

// soon is a context that ends soon, with errEnough.
func soon() context.Context {
	ctx, cancel := context.WithTimeoutCause(background, 20*time.Millisecond, errEnough)
	_ = cancel // the program ends before
	return ctx
}

// said is err in words.
func said(err error) string {
	switch {
	case err == nil:
		return "succeeds"
	case errors.Is(err, lock.ErrNotHeld):
		return "error ErrNotHeld"
	case errors.Is(err, lock.ErrBroken):
		return "error ErrBroken"
	}
	return "error: " + err.Error()
}

// panics does f, and if that panics, says what is said afterwards, too.
func panics(f func(), after func() string) (words string) {
	defer func() {
		if r := recover(); r != nil {
			words = "panic; then " + after()
		}
	}()
	f()
	return "nothing; then " + after()
}

// usable says whether a lock can be locked.
func usable(try func() bool) func() string {
	return func() string {
		if try() {
			return "it can be locked"
		}
		return "it cannot be locked"
	}
}

// rest gives goroutines time to come to where they wait.
func rest() { time.Sleep(100 * time.Millisecond) }

// woken says how many of n goroutines return from wait, after act.
func woken(n int, wait, act func()) string {
	done := make(chan bool, n)
	for range n {
		go func() {
			wait()
			done <- true
		}()
	}
	rest()
	act()
	rest()
	return fmt.Sprintf("%d of %d wake", len(done), n)
}

// overtakes says whether a small request is served before a large one, which came first.
func overtakes(acquire func(n int), tryOne func() bool) string {
	acquire(1)
	go acquire(3)
	rest()
	if tryOne() {
		return "the small one overtakes"
	}
	return "the small one waits"
}

var table = behaviour.Table{
	Title: "Locks",
	Intro: "What locks do in the same case. Each cell is a program that the tests run; – means that there is no such call. " +
		"In the column x/sync, a lock is a `semaphore.Weighted` of 1.",
	Columns: []string{"pkg/lock", "sync", "x/sync", "Python's threading"},
	Rows: []behaviour.Row{
		{Case: "lock a free lock with a context that has ended", Cells: []behaviour.Cell{
			func() string { return said(new(lock.Mutex).LockContext(ended())) },
			nil,
			func() string { return said(semaphore.NewWeighted(1).Acquire(ended(), 1)) },
			behaviour.Python(`import threading; print("succeeds" if threading.Lock().acquire(timeout=0) else "fails")`),
		}},
		{Case: "lock a held lock until a context ends with the cause “enough”", Cells: []behaviour.Cell{
			func() string {
				var m lock.Mutex
				m.Lock()
				return said(m.LockContext(soon()))
			},
			nil,
			func() string {
				m := semaphore.NewWeighted(1)
				m.TryAcquire(1)
				return said(m.Acquire(soon(), 1))
			},
			behaviour.Python(`import threading; m = threading.Lock(); m.acquire(); print("returns", m.acquire(timeout=0.02))`),
		}},
		{Case: "lock a lock twice", Cells: []behaviour.Cell{
			func() string {
				var m lock.Mutex
				m.Lock()
				m.Lock()
				return "succeeds"
			},
			func() string {
				var m sync.Mutex
				m.Lock()
				m.Lock()
				return "succeeds"
			},
			func() string {
				m := semaphore.NewWeighted(1)
				_ = m.Acquire(background, 1)
				return said(m.Acquire(background, 1))
			},
			behaviour.Python(`
import threading
m = threading.Lock()
t = threading.Thread(target=lambda: (m.acquire(), m.acquire()), daemon=True)
t.start()
t.join(0.5)
print("hangs" if t.is_alive() else "succeeds")`),
		}},
		{Case: "lock a reentrant lock twice", Cells: []behaviour.Cell{
			func() string {
				var r lock.Reentrant
				o := r.Owner()
				o.Lock()
				o.Lock()
				return "succeeds"
			},
			nil, nil,
			behaviour.Python(`import threading; m = threading.RLock(); m.acquire(); m.acquire(); print("succeeds")`),
		}},
		{Case: "unlock a reentrant lock that another holds", Cells: []behaviour.Cell{
			func() string {
				var r lock.Reentrant
				r.Owner().Lock()
				return panics(r.Owner().Unlock, usable(r.Owner().TryLock))
			},
			nil, nil,
			behaviour.Python(`
import threading
m = threading.RLock()
t = threading.Thread(target=m.acquire)
t.start()
t.join()
m.release()`),
		}},
		{Case: "unlock a lock that is not locked", Cells: []behaviour.Cell{
			func() string {
				var m lock.Mutex
				return panics(m.Unlock, usable(m.TryLock))
			},
			func() string {
				var m sync.Mutex
				return panics(m.Unlock, usable(m.TryLock))
			},
			func() string {
				m := semaphore.NewWeighted(1)
				return panics(func() { m.Release(1) }, usable(func() bool { return m.TryAcquire(1) }))
			},
			behaviour.Python(`import threading; threading.Lock().release()`),
		}},
		{Case: "RUnlock a lock that is locked for writing", Cells: []behaviour.Cell{
			func() string {
				var m lock.RWMutex
				m.Lock()
				return panics(m.RUnlock, usable(m.TryRLock))
			},
			func() string {
				var m sync.RWMutex
				m.Lock()
				return panics(m.RUnlock, usable(m.TryRLock))
			},
			nil, nil,
		}},
		{Case: "read while a writer waits for another reader", Cells: []behaviour.Cell{
			func() string {
				var m lock.RWMutex
				m.RLock()
				go m.Lock()
				rest()
				return usable(m.TryRLock)()
			},
			func() string {
				var m sync.RWMutex
				m.RLock()
				go m.Lock()
				rest()
				return usable(m.TryRLock)()
			},
			nil, nil,
		}},
		{Case: "give up writing; do readers that came later go on?", Cells: []behaviour.Cell{
			func() string {
				var m lock.RWMutex
				m.RLock()
				go m.LockTimeout(50 * time.Millisecond)
				return woken(3, func() { time.Sleep(10 * time.Millisecond); m.RLock() }, rest)
			},
			nil, nil, nil,
		}},
		{Case: "panic while holding a lock", Cells: []behaviour.Cell{
			func() string {
				var m lock.Mutex
				return panics(func() { lock.With(&m, func() { panic("oh") }) }, usable(m.TryLock))
			},
			func() string {
				var m sync.Mutex
				return panics(func() { m.Lock(); defer m.Unlock(); panic("oh") }, usable(m.TryLock))
			},
			func() string {
				m := semaphore.NewWeighted(1)
				return panics(func() { m.TryAcquire(1); defer m.Release(1); panic("oh") },
					usable(func() bool { return m.TryAcquire(1) }))
			},
			behaviour.Python(`
import threading
m = threading.Lock()
try:
    with m:
        raise Exception
except Exception:
    print("exception; then it", "can" if m.acquire(False) else "cannot", "be locked")`),
		}},
		{Case: "wait on a condition whose lock nobody holds", Cells: []behaviour.Cell{
			func() string { return said(lock.NewCondition(new(lock.Mutex)).Wait(background)) },
			func() string { sync.NewCond(new(sync.Mutex)).Wait(); return "returns" },
			nil,
			behaviour.Python(`import threading; threading.Condition().wait()`),
		}},
		{Case: "wait on a condition until a context ends; is the lock held then?", Cells: []behaviour.Cell{
			func() string {
				var m lock.Mutex
				m.Lock()
				err := lock.NewCondition(&m).Wait(soon())
				return fmt.Sprintf("%s, held: %t", said(err), !m.TryLock())
			},
			nil, nil,
			behaviour.Python(`
import threading
c = threading.Condition(threading.Lock())
c.acquire()
print(f"returns {c.wait(timeout=0.02)}, held: {str(not c.acquire(False)).lower()}")`),
		}},
		{Case: "wait on a condition for what came true without a notification, until a context ends", Cells: []behaviour.Cell{
			func() string {
				var m lock.Mutex
				m.Lock()
				begin := time.Now()
				return said(lock.NewCondition(&m).WaitFor(soon(), func() bool {
					return time.Since(begin) > 5*time.Millisecond
				}))
			},
			nil, nil,
			behaviour.Python(`
import threading, time
begin = time.monotonic()
c = threading.Condition()
with c:
    print("succeeds" if c.wait_for(lambda: time.monotonic() - begin > 0.005, timeout=0.02) else "fails")`),
		}},
		{Case: "notify 2 of 5 that wait on a condition", Cells: []behaviour.Cell{
			func() string {
				var m lock.Mutex
				c := lock.NewCondition(&m)
				return woken(5, func() { lock.With(&m, func() { _ = c.Wait(background) }) }, func() { c.Notify(2) })
			},
			func() string {
				var m sync.Mutex
				c := sync.NewCond(&m)
				return woken(5, func() { m.Lock(); c.Wait(); m.Unlock() }, func() { c.Signal(); c.Signal() })
			},
			nil,
			behaviour.Python(wokenInPython + `
c = threading.Condition()
def wait():
    with c: c.wait()
def act():
    with c: c.notify(2)
woken(5, wait, act)`),
		}},
		{Case: "set an event that 5 wait for, and clear it at once", Cells: []behaviour.Cell{
			func() string {
				var e lock.Event
				return woken(5, func() { _ = e.Wait(background) }, func() { e.Set(); e.Clear() })
			},
			func() string { // as written with a sync.Cond
				var m sync.Mutex
				c, isSet := sync.NewCond(&m), false
				return woken(5, func() {
					m.Lock()
					defer m.Unlock()
					for !isSet {
						c.Wait()
					}
				}, func() {
					m.Lock()
					defer m.Unlock()
					isSet = true
					c.Broadcast()
					isSet = false
				})
			},
			nil,
			behaviour.Python(wokenInPython + `
e = threading.Event()
woken(5, e.wait, lambda: (e.set(), e.clear()))`),
		}},
		{Case: "set an event twice", Cells: []behaviour.Cell{
			func() string {
				var e lock.Event
				e.Set()
				e.Set()
				return said(e.Wait(ended()))
			},
			func() string { // as written with a channel
				e := make(chan struct{})
				close(e)
				close(e)
				return "succeeds"
			},
			nil,
			behaviour.Python(`import threading; e = threading.Event(); e.set(); e.set(); print("succeeds" if e.wait(0) else "fails")`),
		}},
		{Case: "release a bounded semaphore too often", Cells: []behaviour.Cell{
			func() string { return said(lock.NewSemaphore(1).Release(1)) },
			nil,
			func() string {
				s := semaphore.NewWeighted(1)
				return panics(func() { s.Release(1) }, usable(func() bool { return s.TryAcquire(1) }))
			},
			behaviour.Python(`import threading; threading.BoundedSemaphore(1).release()`),
		}},
		{Case: "acquire 3 of a semaphore's 2", Cells: []behaviour.Cell{
			func() string { return said(lock.NewSemaphore(2).Acquire(background, 3)) },
			nil,
			func() string { return said(semaphore.NewWeighted(2).Acquire(background, 3)) },
			nil,
		}},
		{Case: "acquire −1 of a semaphore's 2, and then 2", Cells: []behaviour.Cell{
			func() string {
				s := lock.NewSemaphore(2)
				return said(s.Acquire(background, -1)) + "; " + said(s.Acquire(background, 2))
			},
			nil,
			func() string {
				s := semaphore.NewWeighted(2)
				if err := errors.Join(s.Acquire(background, -1), s.Acquire(background, 2)); err != nil {
					return said(err)
				}
				return fmt.Sprintf("succeeds; succeeds; one more of the 2: %t", s.TryAcquire(1))
			},
			nil,
		}},
		{Case: "make a semaphore of −1", Cells: []behaviour.Cell{
			func() string {
				return panics(func() { lock.NewSemaphore(-1) }, func() string { return "there is none" })
			},
			nil,
			func() string {
				return panics(func() { semaphore.NewWeighted(-1) }, func() string { return "there is one" })
			},
			behaviour.Python(`import threading; threading.Semaphore(-1)`),
		}},
		{Case: "acquire 1 of 3, while another waits for all 3", Cells: []behaviour.Cell{
			func() string {
				s := lock.NewSemaphore(3)
				return overtakes(func(n int) { _ = s.Acquire(background, n) }, func() bool { return s.TryAcquire(1) })
			},
			nil,
			func() string {
				s := semaphore.NewWeighted(3)
				return overtakes(func(n int) { _ = s.Acquire(background, int64(n)) }, func() bool { return s.TryAcquire(1) })
			},
			nil,
		}},
		{Case: "give up acquiring 3 of 3; do those behind, who want 1, go on?", Cells: []behaviour.Cell{
			func() string {
				s := lock.NewSemaphore(3)
				_ = s.Acquire(background, 1)
				ctx, cancel := context.WithCancel(background)
				go s.Acquire(ctx, 3)
				rest()
				return woken(2, func() { _ = s.Acquire(background, 1) }, cancel)
			},
			nil,
			func() string {
				s := semaphore.NewWeighted(3)
				_ = s.Acquire(background, 1)
				ctx, cancel := context.WithCancel(background)
				go s.Acquire(ctx, 3)
				rest()
				return woken(2, func() { _ = s.Acquire(background, 1) }, cancel)
			},
			nil,
		}},
		{Case: "come to a barrier for 2, and give up; what does the other get?", Cells: []behaviour.Cell{
			func() string {
				b := lock.NewBarrier(2, nil)
				_, mine := b.Wait(soon())
				_, other := b.Wait(background)
				return said(mine) + "; the other: " + said(other)
			},
			nil, nil,
			behaviour.Python(`
import threading
b = threading.Barrier(2)
for who in ("", "; the other: "):
    try:
        b.wait(timeout=0.02)
    except Exception as e:
        print(who + type(e).__name__, end="")`),
		}},
		{Case: "the action of a barrier for 2 fails; what does the other get?", Cells: []behaviour.Cell{
			func() string {
				b := lock.NewBarrier(2, func() error { return errEnough })
				other := make(chan error)
				go func() {
					_, err := b.Wait(background)
					other <- err
				}()
				rest()
				_, mine := b.Wait(background)
				return said(mine) + "; the other: " + said(<-other)
			},
			nil, nil,
			behaviour.Python(`
import threading, time
def action(): raise ValueError
b = threading.Barrier(2, action)
def wait(who):
    try:
        b.wait()
    except Exception as e:
        said[who] = type(e).__name__
said = {}
t = threading.Thread(target=wait, args=("other",))
t.start()
time.sleep(0.2)
wait("mine")
t.join()
print(said["mine"] + "; the other: " + said["other"])`),
		}},
		{Case: "use a barrier for 2 three times", Cells: []behaviour.Cell{
			func() string {
				b := lock.NewBarrier(2, nil)
				return woken(2, func() {
					for range 3 {
						_, _ = b.Wait(background)
					}
				}, func() {})
			},
			func() string { // as written with a sync.WaitGroup
				var b sync.WaitGroup
				b.Add(2)
				done := make(chan string, 2)
				for range 2 {
					go func() {
						done <- panics(func() {
							for range 3 {
								b.Done()
								b.Wait()
							}
						}, func() string { return "it is used up" })
					}()
				}
				return <-done
			},
			nil,
			behaviour.Python(wokenInPython + `
b = threading.Barrier(2)
woken(2, lambda: [b.wait() for _ in range(3)], lambda: None)`),
		}},
	},
}

const wokenInPython = `
import threading, time
def woken(n, wait, act):
    done = []
    for _ in range(n):
        threading.Thread(target=lambda: (wait(), done.append(1)), daemon=True).start()
    time.sleep(0.2)
    act()
    time.sleep(0.2)
    print(len(done), "of", n, "wake")
`
