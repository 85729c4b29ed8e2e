package pool_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/threads2go/course/pkg/pool"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var bg = context.Background()

func square(_ context.Context, x int) (int, error) { return x * x, nil }

func numbers(n int) []int {
	s := make([]int, n)
	for i := range s {
		s[i] = i
	}
	return s
}

// A gauge counts the tasks that run.
type gauge struct{ now, most atomic.Int32 }

func (g *gauge) enter() {
	n := g.now.Add(1)
	for {
		m := g.most.Load()
		if n <= m || g.most.CompareAndSwap(m, n) {
			return
		}
	}
}

func (g *gauge) leave() { g.now.Add(-1) }

// idle fails the test unless the pool has all its slots and nobody waits.
func idle(t *testing.T, p *pool.Pool) {
	t.Helper()
	if busy, waiting := p.Slots(); busy != 0 || waiting != 0 {
		t.Errorf("after the last call %d slots are taken and %d calls wait", busy, waiting)
	}
}

// virtual runs the test in virtual time. A deadlock fails it, and so does a
// goroutine that stays.
func virtual(t *testing.T, f func(t *testing.T)) {
	t.Helper()
	synctest.Test(t, f)
}

// Results and order.

func TestMapKeepsOrder(t *testing.T) {
	pools := []*pool.Pool{new(pool.Pool), pool.New(1), pool.New(2), pool.New(3), pool.New(8), pool.New(1000)}
	sizes := []int{100, 1000, 4097, 100_000}
	for n := range 70 {
		sizes = append(sizes, n)
	}
	for _, n := range sizes {
		in := numbers(n)
		want := make([]int, n)
		for i := range want {
			want[i] = i * i
		}
		for _, p := range pools {
			out, err := pool.Map(bg, p, in, square)
			if err != nil || !slices.Equal(out, want) {
				t.Fatalf("%d items: wrong results, error %v", n, err)
			}
			idle(t, p)
		}
	}
}

func TestMapCallsOnceForEachItem(t *testing.T) {
	calls := make([]atomic.Int32, 50_000)
	p := pool.New(7)
	if _, err := pool.Map(bg, p, numbers(len(calls)), func(_ context.Context, i int) (struct{}, error) {
		calls[i].Add(1)
		return struct{}{}, nil
	}); err != nil {
		t.Fatal(err)
	}
	for i := range calls {
		if n := calls[i].Load(); n != 1 {
			t.Fatalf("item %d: %d calls", i, n)
		}
	}
}

func TestMapOfNothing(t *testing.T) {
	ended, cancel := context.WithCancel(bg)
	cancel()
	for _, in := range [][]int{nil, {}} {
		for _, ctx := range []context.Context{bg, ended} {
			out, err := pool.Map(ctx, pool.New(2), in, func(context.Context, int) (int, error) {
				t.Error("called")
				return 0, nil
			})
			if out == nil || len(out) != 0 || err != nil {
				t.Errorf("Map of %#v = %#v, %v; want an empty slice", in, out, err)
			}
		}
	}
}

func TestMisuseIsAnError(t *testing.T) {
	type f = func(context.Context, int) (int, error)
	for _, c := range []struct {
		name string
		ctx  context.Context
		p    *pool.Pool
		f    f
		want string
	}{
		{"New(0)", bg, pool.New(0), square, "pool: New(0): a pool needs at least 1 worker; runtime.GOMAXPROCS(0) is one per core"},
		{"New(-3)", bg, pool.New(-3), square, "pool: New(-3): a pool needs at least 1 worker; runtime.GOMAXPROCS(0) is one per core"},
		{"nil pool", bg, nil, square, "pool: nil *Pool; make one with pool.New, or with new(pool.Pool) for one worker per core"},
		{"nil function", bg, pool.New(1), nil, "pool: Map: nil function; give the one to call for each item"},
		{"nil context", nil, pool.New(1), square, "pool: nil context; use context.Background() if there is none"},
	} {
		for _, n := range []int{0, 3} {
			out, err := pool.Map(c.ctx, c.p, numbers(n), c.f)
			if err == nil || err.Error() != c.want {
				t.Errorf("%s, %d items: error %v, want %s", c.name, n, err, c.want)
			}
			if len(out) != n || out == nil {
				t.Errorf("%s, %d items: results %#v", c.name, n, out)
			}
		}
	}
}

// How many run.

func TestZeroPoolHasAWorkerPerCore(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	p := new(pool.Pool)
	for _, n := range []int{3, 1, 5} { // read at each call
		runtime.GOMAXPROCS(n)
		virtual(t, func(t *testing.T) {
			var g gauge
			pool.Map(bg, p, numbers(50), func(context.Context, int) (int, error) {
				g.enter()
				defer g.leave()
				time.Sleep(time.Second)
				return 0, nil
			})
			if m := g.most.Load(); int(m) != n {
				t.Errorf("GOMAXPROCS %d: %d tasks ran at once", n, m)
			}
		})
	}
}

func TestMapOfNOnNWorkersRunsAllAtOnce(t *testing.T) {
	for n := 1; n <= 64; n++ {
		virtual(t, func(t *testing.T) {
			var all sync.WaitGroup
			all.Add(n)
			if _, err := pool.Map(bg, pool.New(n), numbers(n), func(context.Context, int) (int, error) {
				all.Done()
				all.Wait()
				return 0, nil
			}); err != nil {
				t.Fatal(err)
			}
		})
	}
}

func TestAtMostNRunOverAllCalls(t *testing.T) {
	const n = 3
	p := pool.New(n)
	var g gauge
	var calls sync.WaitGroup
	for i := range 20 {
		calls.Go(func() {
			if _, err := pool.Map(bg, p, numbers(i*20), func(context.Context, int) (int, error) {
				g.enter()
				defer g.leave()
				for range rand.IntN(3) {
					runtime.Gosched()
				}
				return 0, nil
			}); err != nil {
				t.Error(err)
			}
		})
	}
	calls.Wait()
	if m := g.most.Load(); m > n {
		t.Errorf("%d tasks ran at once on %d workers", m, n)
	}
	idle(t, p)
}

func TestWorkersRunAllTheTime(t *testing.T) {
	virtual(t, func(t *testing.T) {
		begun := time.Now()
		pool.Map(bg, pool.New(5), numbers(100), func(context.Context, int) (int, error) {
			time.Sleep(time.Second)
			return 0, nil
		})
		if d := time.Since(begun); d != 20*time.Second {
			t.Errorf("100 tasks of 1 s on 5 workers took %v", d)
		}
	})
}

// A long call must not shut out a short one, which soon has its fair share.
func TestLateCallGetsItsShare(t *testing.T) {
	for n := 1; n <= 8; n *= 2 {
		virtual(t, func(t *testing.T) {
			p := pool.New(n)
			task := func(context.Context, int) (int, error) {
				time.Sleep(time.Second)
				return 0, nil
			}
			begun := time.Now()
			var long sync.WaitGroup
			long.Go(func() { pool.Map(bg, p, numbers(500*n), task) })
			time.Sleep(time.Second / 2)
			pool.Map(bg, p, numbers(10*n), task)
			if d := time.Since(begun); d > 22*time.Second {
				t.Errorf("%d workers: 10 s of work beside a long call took %v", n, d)
			}
			long.Wait()
			if d := time.Since(begun); d > 512*time.Second {
				t.Errorf("%d workers: 510 s of work took %v", n, d)
			}
			idle(t, p)
		})
	}
}

// More calls than workers take turns.
func TestCallsTakeTurns(t *testing.T) {
	virtual(t, func(t *testing.T) {
		p := pool.New(2)
		begun := time.Now()
		var calls sync.WaitGroup
		for i := range 6 {
			calls.Go(func() {
				time.Sleep(time.Duration(i) * time.Millisecond)
				pool.Map(bg, p, numbers(30), func(context.Context, int) (int, error) {
					time.Sleep(time.Second)
					return 0, nil
				})
				if d := time.Since(begun); d < 80*time.Second {
					t.Errorf("call %d had more than its share: ended after %v of 90 s", i, d)
				}
			})
		}
		calls.Wait()
		if d := time.Since(begun); d > 91*time.Second {
			t.Errorf("180 tasks of 1 s on 2 workers took %v", d)
		}
	})
}

// Calls that share the workers as evenly as can be leave it at that, rather than
// pass them to and fro.
func TestSharingSettles(t *testing.T) {
	for n := 2; n <= 5; n++ {
		virtual(t, func(t *testing.T) {
			p := pool.New(n)
			var calls sync.WaitGroup
			for range 2 {
				calls.Go(func() {
					var mu sync.Mutex
					workers := map[context.Context]bool{} // each has its own
					pool.Map(bg, p, numbers(200), func(ctx context.Context, _ int) (int, error) {
						mu.Lock()
						workers[ctx] = true
						mu.Unlock()
						time.Sleep(time.Second)
						return 0, nil
					})
					if len(workers) > 2*n {
						t.Errorf("%d workers: a call of 200 tasks had %d, one after another", n, len(workers))
					}
				})
			}
			calls.Wait()
		})
	}
}

// Where calls outnumber the workers, they take turns at chunks, not at items.
func TestTurnsKeepChunks(t *testing.T) {
	virtual(t, func(t *testing.T) {
		p := pool.New(1)
		var calls sync.WaitGroup
		for range 3 {
			calls.Go(func() {
				workers := map[context.Context]bool{}
				pool.Map(bg, p, numbers(1000), func(ctx context.Context, i int) (int, error) {
					workers[ctx] = true
					if i == 0 {
						time.Sleep(time.Millisecond) // until all wait
					}
					return 0, nil
				})
				if len(workers) > 40 {
					t.Errorf("1000 tiny items took %d turns", len(workers))
				}
			})
		}
		calls.Wait()
	})
}

// hour is a call of one task that takes an hour.
func hour(ctx context.Context, p *pool.Pool) error {
	_, err := pool.Map(ctx, p, numbers(1), func(context.Context, int) (int, error) {
		time.Sleep(time.Hour)
		return 0, nil
	})
	return err
}

// A call that has failed or is cancelled ends with its last task: others may
// wait for the workers, but it waits for none.
func TestStoppedCallDoesNotQueue(t *testing.T) {
	virtual(t, func(t *testing.T) {
		for _, fails := range []bool{true, false} {
			p := pool.New(2)
			ctx, cancel := context.WithTimeout(bg, 1500*time.Millisecond)
			begun := time.Now()
			var others sync.WaitGroup
			for range 2 {
				others.Go(func() {
					time.Sleep(time.Second / 2)
					hour(bg, p)
				})
			}
			_, err := pool.Map(ctx, p, numbers(9), func(_ context.Context, i int) (int, error) {
				time.Sleep(time.Duration(1+i) * time.Second)
				if fails {
					return 0, errors.New("failed")
				}
				return 0, nil
			})
			if d := time.Since(begun); err == nil || d != 2*time.Second {
				t.Errorf("returned after %v, its last task after 2 s; %v", d, err)
			}
			cancel()
			others.Wait()
		}
	})
}

// A call on a pool whose only worker has other work, which never ends by itself.
func TestCancelledWhileWaitingForAWorker(t *testing.T) {
	virtual(t, func(t *testing.T) {
		p := pool.New(1)
		free := make(chan struct{})
		var other sync.WaitGroup
		other.Go(func() {
			pool.Map(bg, p, numbers(1), func(context.Context, int) (int, error) {
				<-free
				return 0, nil
			})
		})
		synctest.Wait()
		ctx, cancel := context.WithTimeout(bg, time.Minute)
		defer cancel()
		begun := time.Now()
		out, err := pool.Map(ctx, p, numbers(3), square)
		if d := time.Since(begun); err != context.DeadlineExceeded || d != time.Minute || !slices.Equal(out, make([]int, 3)) {
			t.Errorf("after %v: %v, %v", d, out, err)
		}
		if busy, waiting := p.Slots(); busy != 1 || waiting != 0 {
			t.Errorf("%d slots taken, %d calls wait", busy, waiting)
		}
		close(free)
		other.Wait()
		idle(t, p)
	})
}

// Chunks.

// Slow items among tiny ones: while one is not done, all are except those in its
// chunk, so the count of those that are not is the chunk's length at most.
func TestNoChunkIsLongerThanTheCap(t *testing.T) {
	const n = 100_000
	for _, slow := range []int{0, 1, 9, 5000, n / 2, n - 1000, n - 1} {
		virtual(t, func(t *testing.T) {
			var done atomic.Int32
			free := make(chan struct{})
			var c sync.WaitGroup
			c.Go(func() {
				pool.Map(bg, pool.New(2), numbers(n), func(_ context.Context, i int) (int, error) {
					if i == slow {
						<-free
					}
					done.Add(1)
					return 0, nil
				})
			})
			synctest.Wait()
			if left := n - done.Load(); left > pool.MaxChunk {
				t.Errorf("item %d is slow: %d items wait for it", slow, left)
			}
			close(free)
			c.Wait()
		})
	}
}

// Here the clock moves only while tasks sleep: the items before the slow ones
// look infinitely fast, which makes chunks as long as they can get.
func TestClusterOfSlowItemsIsShared(t *testing.T) {
	for _, first := range []int{0, 50_000, 99_000} {
		virtual(t, func(t *testing.T) {
			const n, slow = 100_000, 1000
			begun := time.Now()
			pool.Map(bg, pool.New(4), numbers(n), func(_ context.Context, i int) (int, error) {
				if first <= i && i < first+slow*4 && i < n {
					time.Sleep(time.Second)
				}
				return 0, nil
			})
			ideal := time.Duration(min(slow*4, n-first)) * time.Second / 4
			if d := time.Since(begun); d > ideal+pool.MaxChunk*time.Second {
				t.Errorf("slow items from %d: %v, ideal %v", first, d, ideal)
			}
		})
	}
}

// Long tasks after short ones: chunks shrink as soon as they take long.
func TestChunksShrink(t *testing.T) {
	virtual(t, func(t *testing.T) {
		begun := time.Now()
		pool.Map(bg, pool.New(2), numbers(10_000), func(_ context.Context, i int) (int, error) {
			d := time.Microsecond
			if i >= 9000 {
				d = time.Millisecond
			}
			time.Sleep(d)
			return 0, nil
		})
		ideal := (9000*time.Microsecond + 1000*time.Millisecond) / 2
		if d := time.Since(begun); d > ideal+25*time.Millisecond {
			t.Errorf("took %v, ideal %v", d, ideal)
		}
	})
}

// Nested calls.

// tree maps over width items at each of depth levels, and counts the leaves.
func tree(ctx context.Context, p *pool.Pool, g *gauge, width, depth int) (int, error) {
	counts, err := pool.Map(ctx, p, numbers(width), func(ctx context.Context, _ int) (int, error) {
		g.enter()
		defer g.leave()
		runtime.Gosched()
		if depth == 1 {
			return 1, nil
		}
		g.leave() // it waits
		defer g.enter()
		return tree(ctx, p, g, width, depth-1)
	})
	sum := 0
	for _, n := range counts {
		sum += n
	}
	return sum, err
}

func TestNestedCallsNeverDeadlock(t *testing.T) {
	for n := 1; n <= 4; n++ {
		for _, c := range []struct{ width, depth, leaves int }{{3, 3, 27}, {5, 4, 625}, {2, 8, 256}, {1, 50, 1}} {
			virtual(t, func(t *testing.T) {
				p := pool.New(n)
				var g gauge
				var calls sync.WaitGroup
				for range 3 {
					calls.Go(func() {
						if got, err := tree(bg, p, &g, c.width, c.depth); got != c.leaves || err != nil {
							t.Errorf("%d leaves, error %v; want %d", got, err, c.leaves)
						}
					})
				}
				calls.Wait()
				if m := g.most.Load(); int(m) > n {
					t.Errorf("%d workers, depth %d: %d tasks ran at once", n, c.depth, m)
				}
				idle(t, p)
			})
		}
	}
}

// The slots of waiting tasks are used.
func TestNestedCallUsesTheWholePool(t *testing.T) {
	virtual(t, func(t *testing.T) {
		p := pool.New(4)
		begun := time.Now()
		pool.Map(bg, p, numbers(1), func(ctx context.Context, _ int) ([]int, error) {
			return pool.Map(ctx, p, numbers(4), func(context.Context, int) (int, error) {
				time.Sleep(time.Second)
				return 0, nil
			})
		})
		if d := time.Since(begun); d != time.Second {
			t.Errorf("4 tasks of 1 s on 4 workers took %v", d)
		}
	})
}

// The slot that a task lends is for its nested call before all others, and the
// task has it again before others do.
func TestNestedCallComesFirst(t *testing.T) {
	virtual(t, func(t *testing.T) {
		p := pool.New(1)
		var order []string
		var other sync.WaitGroup
		pool.Map(bg, p, numbers(1), func(ctx context.Context, _ int) (int, error) {
			other.Go(func() {
				pool.Map(bg, p, numbers(1), func(context.Context, int) (int, error) {
					order = append(order, "other")
					return 0, nil
				})
			})
			synctest.Wait()
			pool.Map(ctx, p, numbers(1), func(context.Context, int) (int, error) {
				order = append(order, "nested")
				return 0, nil
			})
			time.Sleep(time.Second)
			order = append(order, "task")
			return 0, nil
		})
		other.Wait()
		if want := []string{"nested", "task", "other"}; !slices.Equal(order, want) {
			t.Errorf("order %v, want %v", order, want)
		}
	})
}

// A nested call that is cancelled while it waits returns at once if another of
// the same task has the slot.
func TestCancelledBesideAnotherNestedCall(t *testing.T) {
	virtual(t, func(t *testing.T) {
		p := pool.New(1)
		pool.Map(bg, p, numbers(1), func(ctx context.Context, _ int) (int, error) {
			var first sync.WaitGroup
			first.Go(func() { hour(ctx, p) })
			synctest.Wait()
			begun := time.Now()
			short, cancel := context.WithTimeout(ctx, time.Second)
			defer cancel()
			if err := hour(short, p); err != context.DeadlineExceeded || time.Since(begun) != time.Second {
				t.Errorf("after %v: %v", time.Since(begun), err)
			}
			first.Wait()
			return 0, nil
		})
		idle(t, p)
	})
}

// A nested call waits to give its task the slot back; meanwhile the task makes
// another, which needs the slot.
func TestNestedCallBeginsWhileAnotherEnds(t *testing.T) {
	virtual(t, func(t *testing.T) {
		p := pool.New(1)
		var g gauge
		var other sync.WaitGroup
		pool.Map(bg, p, numbers(1), func(ctx context.Context, _ int) (int, error) {
			other.Go(func() {
				time.Sleep(time.Second / 2)
				hour(bg, p) // has the slot from 1 s on
			})
			var second sync.WaitGroup
			second.Go(func() {
				time.Sleep(time.Minute)
				pool.Map(ctx, p, numbers(2), func(context.Context, int) (int, error) {
					g.enter()
					defer g.leave()
					time.Sleep(time.Second)
					return 0, nil
				})
			})
			short, cancel := context.WithTimeout(ctx, 30*time.Second)
			defer cancel()
			pool.Map(short, p, numbers(9), func(context.Context, int) (int, error) {
				time.Sleep(time.Second)
				return 0, nil
			})
			second.Wait()
			return 0, nil
		})
		other.Wait()
		if m := g.most.Load(); m != 1 {
			t.Errorf("%d tasks ran at once on one worker", m)
		}
		idle(t, p)
	})
}

func TestNestedCallWithADerivedContext(t *testing.T) {
	virtual(t, func(t *testing.T) {
		p := pool.New(1)
		_, err := pool.Map(bg, p, numbers(2), func(ctx context.Context, _ int) ([]int, error) {
			ctx, cancel := context.WithTimeout(context.WithValue(ctx, "k", "v"), time.Minute)
			defer cancel()
			return pool.Map(ctx, p, numbers(2), square)
		})
		if err != nil {
			t.Error(err)
		}
		idle(t, p)
	})
}

func TestNestedCallWithAnotherContextWaits(t *testing.T) {
	virtual(t, func(t *testing.T) {
		p := pool.New(1)
		ctx, cancel := context.WithTimeout(bg, time.Hour)
		defer cancel()
		_, err := pool.Map(bg, p, numbers(1), func(context.Context, int) ([]int, error) {
			return pool.Map(ctx, p, numbers(1), func(context.Context, int) (int, error) {
				t.Error("a second task runs on one worker")
				return 0, nil
			})
		})
		if !errors.Is(err, context.DeadlineExceeded) {
			t.Error(err)
		}
		idle(t, p)
	})
}

// A task that calls the pool from several goroutines lends one slot, not one for
// each of them, until the last has returned.
func TestTaskLendsItsSlotOnce(t *testing.T) {
	for n := 1; n <= 3; n++ {
		virtual(t, func(t *testing.T) {
			p := pool.New(n)
			var g gauge // tasks at work: not the one that has lent its slot
			pool.Map(bg, p, numbers(n), func(ctx context.Context, i int) (int, error) {
				if i > 0 {
					g.enter()
					defer g.leave()
					time.Sleep(time.Hour)
					return 0, nil
				}
				var calls sync.WaitGroup
				for k := range 10 {
					calls.Go(func() {
						time.Sleep(time.Duration(k) * time.Second / 2)
						pool.Map(ctx, p, numbers(3), func(context.Context, int) (int, error) {
							g.enter()
							defer g.leave()
							time.Sleep(time.Second)
							return 0, nil
						})
					})
				}
				calls.Wait()
				return 0, nil
			})
			if m := g.most.Load(); int(m) != n {
				t.Errorf("%d tasks ran at once on %d workers", m, n)
			}
			idle(t, p)
		})
	}
}

// Calls of one task that begin and end at any moment leave the slots right.
func TestTaskCallsFromManyGoroutines(t *testing.T) {
	p := pool.New(2)
	for range 50 {
		_, err := pool.Map(bg, p, numbers(5), func(ctx context.Context, _ int) (int, error) {
			var calls sync.WaitGroup
			for range 4 {
				calls.Go(func() {
					for range 3 {
						if _, err := pool.Map(ctx, p, numbers(rand.IntN(4)), square); err != nil {
							t.Error(err)
						}
					}
				})
			}
			calls.Wait()
			return 0, nil
		})
		if err != nil {
			t.Fatal(err)
		}
		idle(t, p)
	}
}

// Through a task of another pool, too, a call finds the slot to lend.
func TestNestedCallThroughAnotherPool(t *testing.T) {
	virtual(t, func(t *testing.T) {
		p, q := pool.New(1), pool.New(3)
		_, err := pool.Map(bg, p, numbers(2), func(ctx context.Context, _ int) ([][]int, error) {
			return pool.Map(ctx, q, numbers(5), func(ctx context.Context, _ int) ([]int, error) {
				return pool.Map(ctx, p, numbers(3), square)
			})
		})
		if err != nil {
			t.Error(err)
		}
		idle(t, p)
		idle(t, q)
	})
}

// What a task leaves behind may use its context against the rules: the pool
// stays whole.
func TestContextOutlivesItsTask(t *testing.T) {
	virtual(t, func(t *testing.T) {
		p := pool.New(2)
		var behind sync.WaitGroup
		_, err := pool.Map(bg, p, numbers(20), func(ctx context.Context, i int) (int, error) {
			behind.Go(func() {
				for range 3 {
					pool.Map(ctx, p, numbers(3), func(context.Context, int) (int, error) {
						time.Sleep(700 * time.Millisecond)
						return 0, nil
					})
					time.Sleep(300 * time.Millisecond)
				}
			})
			time.Sleep(time.Second)
			return 0, nil
		})
		if err != nil {
			t.Error(err)
		}
		behind.Wait()
		idle(t, p)
	})
}

func TestNestedErrors(t *testing.T) {
	p := pool.New(1)
	boom := errors.New("boom")
	_, err := pool.Map(bg, p, numbers(3), func(ctx context.Context, i int) ([]int, error) {
		return pool.Map(ctx, p, numbers(3), func(_ context.Context, j int) (int, error) {
			if i == 1 && j == 2 {
				return 0, boom
			}
			return 0, nil
		})
	})
	if want := "pool: task 1: pool: task 2: boom"; err == nil || err.Error() != want || !errors.Is(err, boom) {
		t.Errorf("error %v, want %s", err, want)
	}
	idle(t, p)
}

// The nested call is cancelled with the task that made it, and its task has its
// slot again when it returns.
func TestNestedCallIsCancelled(t *testing.T) {
	virtual(t, func(t *testing.T) {
		p := pool.New(2)
		boom := errors.New("boom")
		var nested error
		_, err := pool.Map(bg, p, numbers(2), func(ctx context.Context, i int) (int, error) {
			if i == 0 {
				time.Sleep(time.Second)
				return 0, boom
			}
			_, nested = pool.Map(ctx, p, numbers(5), func(ctx context.Context, _ int) (int, error) {
				<-ctx.Done()
				return 0, ctx.Err()
			})
			return 0, nested
		})
		if want := "pool: task 0: boom"; err == nil || err.Error() != want {
			t.Errorf("error %v, want %s", err, want)
		}
		if nested != err {
			t.Errorf("the nested call returned %v, want the cause %v", nested, err)
		}
		idle(t, p)
	})
}

// What the package promises of itself.

func TestImportsAndLinksLittle(t *testing.T) {
	out, err := exec.Command("go", "list", "-deps", "-f", "{{.ImportPath}} {{.Standard}}", ".").CombinedOutput()
	if err != nil {
		t.Fatalf("go list: %v\n%s", err, out)
	}
	var own []string
	for line := range strings.Lines(string(out)) {
		path, standard, _ := strings.Cut(strings.TrimSpace(line), " ")
		if standard != "true" {
			own = append(own, path)
		}
		switch path {
		case "net", "runtime/cgo", "os/user", "os/signal":
			t.Errorf("links %s", path)
		}
	}
	if len(own) != 2 || !strings.HasSuffix(own[0], "/lock") || !strings.HasSuffix(own[1], "/pool") {
		t.Errorf("links more than itself, pkg/lock and the standard library: %v", own)
	}
}

// A program that waits for ever in a pool gets Go's report: nothing was started
// at import, and no goroutine or timer of the pool keeps it from that.
func TestDeadlockIsReported(t *testing.T) {
	prog := filepath.Join(t.TempDir(), "stuck")
	if runtime.GOOS == "windows" {
		prog += ".exe"
	}
	if out, err := exec.Command("go", "build", "-o", prog, "./testdata/stuck").CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, prog)
	cmd.Env = append(os.Environ(), "GOTRACEBACK=single")
	out, err := cmd.CombinedOutput()
	if err == nil || !strings.Contains(string(out), "fatal error: all goroutines are asleep - deadlock!") {
		t.Errorf("%v; output:\n%s", err, out)
	}
	if !strings.HasPrefix(string(out), "goroutines: 1\n") {
		t.Errorf("a goroutine was started at import; output:\n%s", out)
	}
}

func TestAllocations(t *testing.T) {
	p := pool.New(2)
	ended, cancel := context.WithCancel(bg)
	defer cancel()
	for _, c := range []struct {
		name  string
		ctx   context.Context
		items int
		most  float64
	}{
		{"8 items", bg, 8, 4},
		{"10,000 items", bg, 10_000, 4},
		{"a context that can end", ended, 8, 5},
	} {
		in := numbers(c.items)
		// Rarely the runtime has no used goroutine at hand and allocates one.
		if n := testing.AllocsPerRun(200, func() { pool.Map(c.ctx, p, in, square) }); n > c.most {
			t.Errorf("%s: %v allocations, want at most %v", c.name, n, c.most)
		}
	}
}

func TestErrorsPrintShort(t *testing.T) {
	for _, c := range []struct {
		err  error
		want string
	}{
		{&pool.TaskError{Index: 7, Err: errors.New("boom")}, "pool: task 7: boom"},
		{&pool.TaskError{Index: 0, Err: &pool.PanicError{Value: 42, Stack: []byte("stack")}}, "pool: task 0: panic: 42"},
		{&pool.TaskError{Index: 1, Err: pool.ErrGoexit}, "pool: task 1: runtime.Goexit called in the task"},
	} {
		if got := fmt.Sprint(c.err); got != c.want {
			t.Errorf("%q, want %q", got, c.want)
		}
	}
}
