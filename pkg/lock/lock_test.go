package lock

import (
	"context"
	"errors"
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"
)

var soak = flag.Bool("soak", os.Getenv("SOAK") == "1", "run long (or set SOAK=1)")

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var (
	background = context.Background()
	errEnough  = errors.New("enough")
)

// ended is a context that has ended, because of errEnough.
var ended = func() context.Context {
	ctx, cancel := context.WithCancelCause(background)
	cancel(errEnough)
	return ctx
}()

// start runs f in n goroutines and returns when each has returned or is blocked. The function that it
// returns waits until all have returned. It needs a bubble.
func start(n int, f func(i int)) (wait func()) {
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() { f(i) })
	}
	synctest.Wait()
	return wg.Wait
}

// mistake returns the error that f panics with, or nil.
func mistake(f func()) (err error) {
	defer func() {
		if r := recover(); r != nil {
			var ok bool
			if err, ok = r.(error); !ok {
				err = errors.New(r.(string))
			}
		}
	}()
	f()
	return nil
}

// lockable are the calls that all locks have.
type lockable struct {
	lock    func()
	try     func() bool
	context func(context.Context) error
	timeout func(time.Duration) bool
	unlock  func()
}

func exclusive(l interface {
	Locker
	LockContext(context.Context) error
	LockTimeout(time.Duration) bool
}) lockable {
	return lockable{l.Lock, l.TryLock, l.LockContext, l.LockTimeout, l.Unlock}
}

func reading(l *RWMutex) lockable {
	return lockable{l.RLock, l.TryRLock, l.RLockContext, l.RLockTimeout, l.RUnlock}
}

func acquiring(s *Semaphore, n int) lockable {
	acquire := func(ctx context.Context) error { return s.Acquire(ctx, n) }
	return lockable{
		lock:    func() { _ = acquire(background) },
		try:     func() bool { return s.TryAcquire(n) },
		context: acquire,
		timeout: func(d time.Duration) bool {
			if s.TryAcquire(n) {
				return true
			}
			ctx, cancel := context.WithTimeout(background, d)
			defer cancel()
			return acquire(ctx) == nil
		},
		unlock: func() {
			if err := s.Release(n); err != nil {
				panic(err)
			}
		},
	}
}

// pairs are the ways to have one holder keep another out.
var pairs = []struct {
	name string
	make func() (mine, yours lockable)
}{
	{"Mutex", func() (mine, yours lockable) { m := exclusive(new(Mutex)); return m, m }},
	{"RWMutex, two writers", func() (mine, yours lockable) { m := exclusive(new(RWMutex)); return m, m }},
	{"RWMutex, writer and reader", func() (mine, yours lockable) { m := new(RWMutex); return exclusive(m), reading(m) }},
	{"RWMutex, reader and writer", func() (mine, yours lockable) { m := new(RWMutex); return reading(m), exclusive(m) }},
	{"Reentrant", func() (mine, yours lockable) {
		r := new(Reentrant)
		return exclusive(r.Owner()), exclusive(r.Owner())
	}},
	{"Semaphore", func() (mine, yours lockable) {
		s := NewSemaphore(3)
		return acquiring(s, 2), acquiring(s, 3)
	}},
}

func eachPair(t *testing.T, f func(t *testing.T, mine, yours lockable)) {
	for _, p := range pairs {
		t.Run(p.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				mine, yours := p.make()
				f(t, mine, yours)
				if !mine.try() { // whatever went before
					t.Fatal("the lock is not free in the end")
				}
				mine.unlock()
			})
		})
	}
}

func TestTryLockFailsWhileAnotherHolds(t *testing.T) {
	eachPair(t, func(t *testing.T, mine, yours lockable) {
		mine.lock()
		if yours.try() {
			t.Fatal("got a lock that another holds")
		}
		mine.unlock()
		if !yours.try() {
			t.Fatal("did not get a free lock")
		}
		yours.unlock()
	})
}

func TestAFreeLockIsTakenWhateverTheContext(t *testing.T) {
	eachPair(t, func(t *testing.T, mine, yours lockable) {
		if err := mine.context(ended); err != nil {
			t.Fatal(err)
		}
		if err := yours.context(ended); err != errEnough {
			t.Errorf("got %v, want the context's cause", err)
		}
		mine.unlock()
	})
}

func TestAWaitEndsWithItsContext(t *testing.T) {
	eachPair(t, func(t *testing.T, mine, yours lockable) {
		mine.lock()
		ctx, cancel := context.WithTimeoutCause(background, 3*time.Second, errEnough)
		defer cancel()
		begin := time.Now()
		if err := yours.context(ctx); err != errEnough || time.Since(begin) != 3*time.Second {
			t.Errorf("got %v after %v, want the context's cause after 3s", err, time.Since(begin))
		}
		mine.unlock()
		if !yours.try() {
			t.Fatal("whoever gave up left something behind")
		}
		yours.unlock()
	})
}

func TestLockTimeout(t *testing.T) {
	eachPair(t, func(t *testing.T, mine, yours lockable) {
		if !yours.timeout(time.Second) {
			t.Fatal("did not get a free lock")
		}
		yours.unlock()
		mine.lock()
		for _, d := range []time.Duration{-1, 0, time.Second} {
			begin := time.Now()
			if yours.timeout(d) || time.Since(begin) != max(d, 0) {
				t.Fatalf("LockTimeout(%v) of a held lock took %v", d, time.Since(begin))
			}
		}
		time.AfterFunc(time.Second, mine.unlock)
		begin := time.Now()
		if !yours.timeout(2*time.Second) || time.Since(begin) != time.Second {
			t.Fatalf("did not get the lock after 1s, but %v", time.Since(begin))
		}
		yours.unlock()
	})
}

func TestUnlockOfAFreeLockIsAMistakeThatHurtsNobody(t *testing.T) {
	eachPair(t, func(t *testing.T, mine, yours lockable) {
		for _, l := range []lockable{mine, yours, mine} {
			if err := mistake(l.unlock); !errors.Is(err, ErrNotHeld) {
				t.Errorf("got %v, want ErrNotHeld", err)
			}
			l.lock()
			l.unlock()
		}
	})
}

func TestUnlockOfWhatAnotherHoldsInItsOwnWay(t *testing.T) {
	for _, p := range pairs {
		if p.name == "Mutex" || p.name == "RWMutex, two writers" || p.name == "Semaphore" {
			continue // there anyone may unlock
		}
		mine, yours := p.make()
		mine.lock()
		if err := mistake(yours.unlock); !errors.Is(err, ErrNotHeld) {
			t.Errorf("%s: got %v, want ErrNotHeld", p.name, err)
		}
		if yours.try() {
			t.Errorf("%s: the mistake freed the lock", p.name)
		}
		mine.unlock()
	}
}

// atOnce does two things, in an order and with a distance that depend on i.
func atOnce(i int, f, g func()) {
	if i%2 == 0 {
		f, g = g, f
	}
	f()
	for range i % 5 {
		runtime.Gosched()
	}
	g()
}

// The second waiter is not told when the first gives up just as it is served. So the first has to pass
// on what it got, or to keep it and unlock; if it did neither, the bubble would deadlock.
func TestWhoGivesUpWhenServedLosesNothing(t *testing.T) {
	eachPair(t, func(t *testing.T, mine, yours lockable) {
		served := 0
		for round := range 1000 {
			mine.lock()
			ctx, cancel := context.WithCancel(background)
			first := start(1, func(int) {
				if yours.context(ctx) == nil {
					served++
					yours.unlock()
				}
			})
			second := start(1, func(int) {
				yours.lock()
				yours.unlock()
			})
			atOnce(round, cancel, mine.unlock)
			first()
			second()
		}
		if served == 0 || served == 1000 {
			t.Errorf("%d of 1000 were served: that tests nothing", served)
		}
	})
}

// The lock comes free between a call's first try and its place in the queue. The test keeps the queue shut
// meanwhile.
func TestWhatComesFreeBeforeTheWaitIsTaken(t *testing.T) {
	var m Mutex
	s := NewSemaphore(1)
	for _, c := range []struct {
		l lockable
		q *waitList
	}{{exclusive(&m), &m.q}, {acquiring(s, 1), &s.t.q}} {
		ctx, cancel := context.WithTimeout(background, 10*time.Second)
		defer cancel()
		for range 100 {
			c.l.lock()
			c.q.mu.Lock()
			got := make(chan error)
			go func() { got <- c.l.context(ctx) }()
			for range 10 {
				runtime.Gosched() // it tries, and comes to the queue
			}
			c.l.unlock()
			c.q.mu.Unlock()
			if err := <-got; err != nil {
				t.Fatal(err)
			}
			c.l.unlock()
		}
	}
}

func TestANotificationGoesToOneWhoStays(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var m Mutex
		c := NewCondition(&m)
		for round := range 1000 {
			ctx, cancel := context.WithCancel(background)
			waiting := 2
			first := start(1, func(int) {
				With(&m, func() {
					err := c.Wait(ctx)
					waiting--
					if err == nil {
						c.NotifyOne() // it was served, so it looks after the others
					}
				})
			})
			second := start(1, func(int) {
				With(&m, func() {
					if err := c.Wait(background); err != nil {
						t.Error(err)
					}
					waiting--
				})
			})
			if waiting != 2 {
				t.Fatalf("round %d: somebody was woken by what another one left", round)
			}
			atOnce(round, cancel, c.NotifyOne)
			first()
			second()
		}
	})
}

// An old waiter may give up just when it is handed the lock.
func TestAHandoverGoesToOneWhoStays(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var m Mutex
		took := 0
		for round := range 1000 {
			m.Lock()
			ctx, cancel := context.WithCancel(background)
			first := start(1, func(int) {
				if m.LockContext(ctx) == nil {
					took++
					m.Unlock()
				}
			})
			second := start(1, func(int) { With(&m, func() {}) })
			time.Sleep(2 * patience)
			miss(t, &m)
			atOnce(round, cancel, m.Unlock)
			first()
			second()
			if m.state.Load() != 0 || m.q.head != nil {
				t.Fatalf("round %d: state %b, queue %v", round, m.state.Load(), m.q.head)
			}
		}
		if took == 0 || took == 1000 {
			t.Errorf("%d of 1000 were handed the lock: that tests nothing", took)
		}
	})
}

// Either all parties pass and the barrier is whole, or none does and it is broken.
func TestWhoGivesUpAtTheLastMomentBreaksAllOrNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := NewBarrier(2, func() error { time.Sleep(time.Second); return nil })
		whole := 0
		for round := range 1000 {
			ctx, cancel := context.WithCancelCause(background)
			var errs [2]error
			first := start(1, func(int) { _, errs[0] = b.Wait(ctx) })
			atOnce(round, func() { cancel(errEnough) }, func() { _, errs[1] = b.Wait(background) })
			first()
			switch {
			case errs == [2]error{} && !b.Broken():
				whole++
			case errs == [2]error{errEnough, ErrBroken} && b.Broken():
				b.Reset()
			default:
				t.Fatalf("round %d: the parties got %v, broken is %t", round, errs, b.Broken())
			}
			synctest.Wait()
		}
		if whole == 0 || whole == 1000 {
			t.Errorf("%d of 1000 rounds went well: that tests nothing", whole)
		}
	})
}

// An old waiter that gives up must not leave the lock as one that only old waiters get.
func TestAnOldWaiterThatGivesUpLeavesNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var m Mutex
		m.Lock()
		ctx, cancel := context.WithCancel(background)
		wait := start(1, func(int) {
			if m.LockContext(ctx) == nil {
				t.Error("got the lock")
			}
		})
		time.Sleep(2 * patience)
		miss(t, &m)
		cancel()
		wait()
		m.Unlock()
		if !m.TryLock() {
			t.Error("nobody can have the lock")
		}
	})
}

// miss does what happens when the oldest waiter is called and finds that somebody was faster.
func miss(t *testing.T, m *Mutex) {
	m.q.mu.Lock()
	defer m.q.mu.Unlock()
	m.state.And(^uint32(knock))
	if m.claim() {
		t.Fatal("got a lock that is held")
	}
}

func TestAnOldWaiterIsHandedTheLock(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var m Mutex
		var order []int
		tried := make(chan bool)
		m.Lock()
		var waits []func()
		for i := range 3 {
			waits = append(waits, start(1, func(int) {
				m.Lock()
				<-tried
				order = append(order, i)
				if i == 0 && m.state.Load() != locked|knock|starving {
					t.Errorf("state %b: the second waiter is as old as the first", m.state.Load())
				}
				if m.TryLock() {
					t.Error("the lock was handed over and free")
				}
				m.Unlock()
			}))
			time.Sleep(patience / 2)
		}
		time.Sleep(patience)

		miss(t, &m)
		m.Unlock()
		if m.TryLock() {
			t.Error("overtook a waiter that is too old for that")
		}
		close(tried)
		for _, wait := range waits {
			wait()
		}
		if len(order) != 3 || order[0] != 0 || order[1] != 1 || order[2] != 2 {
			t.Errorf("served %v, want the order of arrival", order)
		}
		if m.state.Load() != 0 {
			t.Errorf("state %b after all", m.state.Load())
		}
	})
}

func TestWaitingReadersComeBeforeTheNextWriter(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var m RWMutex
		var order []string
		m.Lock()
		w := start(1, func(int) { With(&m, func() { order = append(order, "writer") }) })
		r := start(1, func(int) {
			m.RLock()
			order = append(order, "reader")
			time.Sleep(time.Second)
			m.RUnlock()
		})
		m.Unlock()
		synctest.Wait()
		if m.TryRLock() {
			t.Error("a reader overtook the writer that waits")
		}
		w()
		r()
		if got := strings.Join(order, " "); got != "reader writer" {
			t.Errorf("order %s", got)
		}
	})
}

func TestReadersShareTheLock(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var m RWMutex
		begin := time.Now()
		start(5, func(int) { With(m.RLocker(), func() { time.Sleep(time.Second) }) })()
		if d := time.Since(begin); d != time.Second {
			t.Errorf("5 readers took %v, want 1s", d)
		}
		if !m.TryLock() {
			t.Error("readers left something behind")
		}
	})
}

func TestOwner(t *testing.T) {
	var r Reentrant
	a, b := r.Owner(), r.Owner()
	if !a.TryLock() || !a.LockTimeout(0) || a.LockContext(ended) != nil {
		t.Fatal("the owner was kept out")
	}
	a.Lock()
	for range 4 {
		if b.TryLock() {
			t.Fatal("the lock was free too early")
		}
		a.Unlock()
	}
	if !b.TryLock() {
		t.Fatal("the lock was not freed by the last Unlock")
	}
	if err := mistake(a.Unlock); !errors.Is(err, ErrNotHeld) {
		t.Errorf("got %v, want ErrNotHeld", err)
	}
	b.Unlock()
	if err := mistake(new(Owner).Lock); err == nil || !strings.Contains(err.Error(), "Reentrant.Owner") {
		t.Errorf("an Owner of nothing: %v", err)
	}
}

func TestCallsThatDoNotBlockAllocateNothing(t *testing.T) {
	ctx, cancel := context.WithCancel(background)
	defer cancel()
	for _, p := range pairs {
		l, _ := p.make()
		n := testing.AllocsPerRun(100, func() {
			l.lock()
			l.unlock()
			if l.try() {
				l.unlock()
			}
			if l.context(ctx) == nil {
				l.unlock()
			}
			if l.timeout(time.Hour) {
				l.unlock()
			}
		})
		if n != 0 {
			t.Errorf("%s: %v allocations", p.name, n)
		}
	}
}

func TestAConditionUsesItsWaitersAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var m Mutex
		c := NewCondition(&m)
		ctx, cancel := context.WithCancel(background)
		wait := start(3, func(int) {
			m.Lock()
			defer m.Unlock()
			for c.Wait(ctx) == nil {
			}
		})
		if n := testing.AllocsPerRun(100, func() {
			c.NotifyAll()
			synctest.Wait()
		}); n != 0 {
			t.Errorf("%v allocations to wake 3", n)
		}
		cancel()
		wait()
	})
}

func TestWithUnlocksAfterAPanic(t *testing.T) {
	var m Mutex
	if err := mistake(func() { With(&m, func() { panic("oh") }) }); err == nil || err.Error() != "oh" {
		t.Errorf("got %v, want the function's panic", err)
	}
	if err := mistake(func() { With(&m, nil) }); err == nil || !strings.Contains(err.Error(), "With") {
		t.Errorf("got %v", err)
	}
	if !m.TryLock() {
		t.Error("the lock is still held")
	}
}

func TestCopiesAreFoundByVet(t *testing.T) {
	out, err := exec.Command("go", "vet", "./testdata/copies").CombinedOutput()
	if err == nil {
		t.Fatal("vet finds nothing")
	}
	for _, name := range []string{"Mutex", "RWMutex", "Reentrant", "Owner", "Condition", "Event", "Semaphore", "Barrier"} {
		if !strings.Contains(string(out), "lock."+name) {
			t.Errorf("vet does not find a copied %s:\n%s", name, out)
		}
	}
}

func TestDeadlocksAreReported(t *testing.T) {
	bin := filepath.Join(t.TempDir(), "deadlock")
	// Built without -race, under which Go reports no deadlocks.
	if out, err := exec.Command("go", "build", "-o", bin, "./testdata/deadlock").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	for _, name := range []string{"Mutex", "RWMutex", "Reentrant", "Condition", "Event", "Semaphore", "Barrier"} {
		t.Run(name, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(background, 20*time.Second)
			defer cancel()
			out, _ := exec.CommandContext(ctx, bin, name).CombinedOutput()
			if !strings.Contains(string(out), "all goroutines are asleep - deadlock!") {
				t.Errorf("no deadlock report:\n%s", out)
			}
		})
	}
}

func TestOnlyTheStandardLibraryIsImported(t *testing.T) {
	out, err := exec.Command("go", "list", "-deps", "-f", "{{if not .Standard}}{{.ImportPath}}{{end}}", ".").Output()
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.TrimSpace(string(out)); got != "github.com/threads2go/course/pkg/lock" {
		t.Errorf("imported: %s", got)
	}
}
