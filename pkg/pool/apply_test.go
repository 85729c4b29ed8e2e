package pool_test

import (
	"context"
	"errors"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/threads2go/course/pkg/pool"
)

// applier is Apply, or ApplyAsync and Get.
type applier func(ctx context.Context, p *pool.Pool, x int, f func(context.Context, int) (int, error)) (int, error)

func applyBoth(t *testing.T, f func(t *testing.T, apply applier)) {
	t.Run("Apply", func(t *testing.T) { f(t, pool.Apply[int, int]) })
	t.Run("ApplyAsync", func(t *testing.T) {
		f(t, func(ctx context.Context, p *pool.Pool, x int, f func(context.Context, int) (int, error)) (int, error) {
			return pool.ApplyAsync(ctx, p, x, f).Get(bg)
		})
	})
}

func TestApply(t *testing.T) {
	applyBoth(t, func(t *testing.T, apply applier) {
		for _, p := range []*pool.Pool{new(pool.Pool), pool.New(1), pool.New(3)} {
			for x := range 100 {
				if r, err := apply(bg, p, x, square); r != x*x || err != nil {
					t.Fatal(r, err)
				}
				idle(t, p)
			}
		}
	})
}

func TestApplyFails(t *testing.T) {
	applyBoth(t, func(t *testing.T, apply applier) {
		p := pool.New(2)
		for _, c := range []struct {
			f    func(context.Context, int) (int, error)
			want string
		}{
			{func(context.Context, int) (int, error) { return 7, errStop }, "pool: task 0: enough"},
			{func(context.Context, int) (int, error) { panic("boom") }, "pool: task 0: panic: boom"},
			{func(context.Context, int) (int, error) { runtime.Goexit(); return 7, nil }, "pool: task 0: runtime.Goexit called in the task"},
		} {
			for range 3 {
				_, err := apply(bg, p, 1, c.f)
				var te *pool.TaskError
				if err == nil || err.Error() != c.want || !errors.As(err, &te) {
					t.Errorf("error %v, want %s", err, c.want)
				}
				var pe *pool.PanicError
				if errors.As(err, &pe) && (!strings.Contains(string(pe.Stack), "apply_test.go") || strings.Contains(string(pe.Stack), "apply.go")) {
					t.Errorf("the stack is not the task's:\n%s", pe.Stack)
				}
				idle(t, p)
			}
			if r, err := apply(bg, p, 3, square); r != 9 || err != nil {
				t.Errorf("afterwards: %d, %v", r, err)
			}
		}
	})
}

func TestApplyMisuse(t *testing.T) {
	applyBoth(t, func(t *testing.T, apply applier) {
		closed := pool.New(1)
		closed.Close()
		ended, cancel := context.WithCancelCause(bg)
		cancel(errStop)
		for _, c := range []struct {
			ctx  context.Context
			p    *pool.Pool
			f    func(context.Context, int) (int, error)
			want string
		}{
			{bg, pool.New(0), square, "pool: New(0): a pool needs at least 1 worker; runtime.GOMAXPROCS(0) is one per core"},
			{bg, nil, square, "pool: nil *Pool; make one with pool.New, or with new(pool.Pool) for one worker per core"},
			{nil, pool.New(1), square, "pool: nil context; use context.Background() if there is none"},
			{bg, pool.New(1), nil, "nil function; give the one to call for each item"},
			{bg, closed, square, "pool: closed; make another with pool.New"},
			{bg, pool.New(1, pool.WithTimeout(-time.Second)), square, "pool: WithTimeout(-1s): a task needs some time; give more than 0, or leave the option away"},
			{bg, pool.New(1, pool.WithChunkSize(0)), square, "pool: WithChunkSize(0): a chunk has at least 1 item; leave the option away for a size that follows the work"},
			{ended, pool.New(1), square, "enough"},
		} {
			if _, err := apply(c.ctx, c.p, 1, c.f); err == nil || !strings.HasSuffix(err.Error(), c.want) {
				t.Errorf("error %v, want %s", err, c.want)
			}
		}
	})
}

// n Applies on n free workers run together.
func TestBarrierOfApplies(t *testing.T) {
	for n := 1; n <= 16; n++ {
		virtual(t, func(t *testing.T) {
			p := pool.New(n)
			for range 3 {
				var all, callers sync.WaitGroup
				all.Add(n)
				wait := func(context.Context, int) (int, error) {
					all.Done()
					all.Wait()
					return 0, nil
				}
				var rs []*pool.Result[int]
				for i := range n {
					if i%2 == 0 {
						rs = append(rs, pool.ApplyAsync(bg, p, i, wait))
					} else {
						callers.Go(func() { pool.Apply(bg, p, i, wait) })
					}
				}
				callers.Wait()
				for _, r := range rs {
					r.Get(bg)
				}
				idle(t, p)
			}
		})
	}
}

func TestAppliedTasksBeginInOrder(t *testing.T) {
	virtual(t, func(t *testing.T) {
		p := pool.New(1)
		var order []int
		var rs []*pool.Result[int]
		for i := range 100 {
			rs = append(rs, pool.ApplyAsync(bg, p, i, func(context.Context, int) (int, error) {
				order = append(order, i)
				time.Sleep(time.Second)
				return 0, nil
			}))
		}
		for _, r := range rs {
			r.Get(bg)
		}
		if !slices.Equal(order, numbers(100)) {
			t.Error(order)
		}
	})
}

// A call that is cancelled before a worker is free ends at once.
func TestApplyIsCancelledWhileItWaits(t *testing.T) {
	applyBoth(t, func(t *testing.T, apply applier) {
		virtual(t, func(t *testing.T) {
			p := pool.New(1)
			long := pool.ApplyAsync(bg, p, 0, func(context.Context, int) (int, error) {
				time.Sleep(time.Hour)
				return 1, nil
			})
			begun := time.Now()
			for range 3 {
				ctx, cancel := context.WithTimeoutCause(bg, time.Minute, errStop)
				_, err := apply(ctx, p, 1, func(context.Context, int) (int, error) {
					t.Error("called")
					return 0, nil
				})
				if err != errStop {
					t.Error(err)
				}
				cancel()
			}
			if d := time.Since(begun); d != 3*time.Minute {
				t.Errorf("after %v", d)
			}
			if r, err := apply(bg, p, 3, square); r != 9 || err != nil {
				t.Error(r, err)
			}
			if r, err := long.Get(bg); r != 1 || err != nil {
				t.Error(r, err)
			}
			idle(t, p)
		})
	})
}

// A task that runs is asked to end; the call waits for it.
func TestApplyIsCancelledWhileItRuns(t *testing.T) {
	applyBoth(t, func(t *testing.T, apply applier) {
		virtual(t, func(t *testing.T) {
			p := pool.New(1)
			ctx, cancel := context.WithTimeoutCause(bg, time.Minute, errStop)
			defer cancel()
			begun := time.Now()
			r, err := apply(ctx, p, 1, func(ctx context.Context, _ int) (int, error) {
				<-ctx.Done()
				time.Sleep(time.Second)
				return 5, context.Cause(ctx)
			})
			if d := time.Since(begun); err != errStop || d != 61*time.Second {
				t.Errorf("after %v: %d, %v", d, r, err)
			}
			idle(t, p)
		})
	})
}

// What an applied task returns after it was told to stop is an echo of that, unless it
// is a panic: as with Map.
func TestAppliedTaskIsToldToStop(t *testing.T) {
	tasks := map[string]func(context.Context, int) (int, error){
		"echo": func(ctx context.Context, _ int) (int, error) { <-ctx.Done(); return 0, ctx.Err() },
		"fails": func(ctx context.Context, _ int) (int, error) {
			<-ctx.Done()
			return 0, errors.New("half of it is lost")
		},
		"panics": func(ctx context.Context, _ int) (int, error) { <-ctx.Done(); panic("too late") },
		"exits":  func(ctx context.Context, _ int) (int, error) { <-ctx.Done(); runtime.Goexit(); return 0, nil },
	}
	applyBoth(t, func(t *testing.T, apply applier) {
		for name, task := range tasks {
			for _, terminate := range []bool{true, false} {
				virtual(t, func(t *testing.T) {
					var seen error
					p := pool.New(1, pool.WithObserver(func(s pool.Span) { seen = s.Err }))
					ctx, cancel := context.WithCancelCause(bg)
					cause := errStop
					stop := func() { cancel(errStop) }
					if terminate {
						cause, stop = pool.ErrTerminated, func() { p.Terminate(bg) }
					}
					time.AfterFunc(time.Second, stop)
					_, err := apply(ctx, p, 1, task)
					var pe *pool.PanicError
					switch {
					case !errors.Is(err, cause):
						t.Errorf("%s: %v, want %v", name, err, cause)
					case name == "panics":
						if !errors.As(err, &pe) || pe.Value != "too late" {
							t.Errorf("the panic is lost: %v", err)
						}
					case name == "exits":
						if !errors.Is(err, pool.ErrGoexit) {
							t.Errorf("the exit is lost: %v", err)
						}
					case err != cause:
						t.Errorf("%s: %v, want %v alone", name, err, cause)
					}
					if err := p.Terminate(bg); err != nil || seen == nil {
						t.Errorf("%s: %v; the observer was told of %v", name, err, seen)
					}
					idle(t, p)
					cancel(nil)
				})
			}
		}
	})
}

// The context of an applied task has ended for good when the task has returned,
// however often the pool uses its memory again.
func TestContextOfAnAppliedTaskStaysEnded(t *testing.T) {
	applyBoth(t, func(t *testing.T, apply applier) {
		type key struct{}
		p := pool.New(2)
		ctx := context.WithValue(bg, key{}, "mine")
		var looked, kept []context.Context
		for i := range 300 {
			apply(ctx, p, i, func(ctx context.Context, i int) (int, error) {
				if ctx.Err() != nil {
					t.Error("ended too soon")
				}
				if i%2 == 0 {
					looked = append(looked, ctx)
					select {
					case <-ctx.Done():
						t.Error("done too soon")
					default:
					}
				} else {
					kept = append(kept, ctx)
				}
				return 0, nil
			})
		}
		for _, ctx := range append(looked, kept...) {
			<-ctx.Done()
			if ctx.Err() != context.Canceled || context.Cause(ctx) != context.Canceled || ctx.Value(key{}) != "mine" {
				t.Fatalf("%v, cause %v, value %v", ctx.Err(), context.Cause(ctx), ctx.Value(key{}))
			}
		}
	})
}

func TestNestedApply(t *testing.T) {
	for n := 1; n <= 3; n++ {
		virtual(t, func(t *testing.T) {
			p := pool.New(n)
			var g gauge
			var fib func(ctx context.Context, x int) (int, error)
			fib = func(ctx context.Context, x int) (int, error) {
				g.enter()
				time.Sleep(time.Second)
				if x < 2 {
					g.leave()
					return x, nil
				}
				later := pool.ApplyAsync(ctx, p, x-1, fib)
				g.leave()
				a, err := pool.Apply(ctx, p, x-2, fib)
				if err != nil {
					return 0, err
				}
				b, err := later.Get(ctx)
				return a + b, err
			}
			if r, err := pool.Apply(bg, p, 9, fib); r != 34 || err != nil {
				t.Error(r, err)
			}
			if m := g.most.Load(); int(m) > n {
				t.Errorf("%d tasks ran at once on %d workers", m, n)
			}
			idle(t, p)
		})
	}
}

// What a task began and did not wait for is cancelled when the task returns.
func TestAsyncEndsWithItsTask(t *testing.T) {
	virtual(t, func(t *testing.T) {
		p := pool.New(2)
		var r *pool.Result[int]
		pool.Apply(bg, p, 0, func(ctx context.Context, _ int) (int, error) {
			r = pool.ApplyAsync(ctx, p, 1, func(ctx context.Context, _ int) (int, error) {
				<-ctx.Done()
				return 0, ctx.Err()
			})
			time.Sleep(time.Second)
			return 0, nil
		})
		if _, err := r.Get(bg); !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
		idle(t, p)
	})
}

func TestGet(t *testing.T) {
	virtual(t, func(t *testing.T) {
		p := pool.New(1)
		r := pool.ApplyAsync(bg, p, 3, func(_ context.Context, x int) (int, error) {
			time.Sleep(time.Minute)
			return x, nil
		})
		if _, err := r.Get(nil); err == nil || err.Error() != "pool: nil context; use context.Background() if there is none" {
			t.Error(err)
		}
		select {
		case <-r.Done():
			t.Error("done too soon")
		default:
		}
		short, cancel := context.WithTimeoutCause(bg, time.Second, errStop)
		defer cancel()
		if v, err := r.Get(short); v != 0 || !errors.Is(err, pool.ErrAlive) || !errors.Is(err, errStop) {
			t.Error(v, err)
		}
		var all sync.WaitGroup
		for range 5 {
			all.Go(func() {
				if v, err := r.Get(bg); v != 3 || err != nil {
					t.Error(v, err)
				}
			})
		}
		all.Wait()
		<-r.Done()
		if v, err := r.Get(short); v != 3 || err != nil { // is there, although short has ended
			t.Error(v, err)
		}
	})
}

func TestMapAsync(t *testing.T) {
	virtual(t, func(t *testing.T) {
		p := pool.New(2)
		begun := time.Now()
		r := pool.MapAsync(bg, p, numbers(10), func(_ context.Context, x int) (int, error) {
			time.Sleep(time.Second)
			return x * x, nil
		})
		if d := time.Since(begun); d != 0 {
			t.Errorf("MapAsync took %v", d)
		}
		out, err := r.Get(bg)
		if d := time.Since(begun); d != 5*time.Second || err != nil || out[9] != 81 || len(out) != 10 {
			t.Errorf("after %v: %v, %v", d, out, err)
		}
		idle(t, p)
		for _, in := range [][]int{nil, {}} {
			if out, err := pool.MapAsync(bg, p, in, square).Get(bg); out == nil || len(out) != 0 || err != nil {
				t.Errorf("of nothing: %v, %v", out, err)
			}
		}
		_, err = pool.MapAsync(bg, p, numbers(5), func(_ context.Context, x int) (int, error) {
			if x == 3 {
				return 0, errStop
			}
			return 0, nil
		}).Get(bg)
		if err == nil || err.Error() != "pool: task 3: enough" {
			t.Error(err)
		}
		for _, c := range []struct {
			p    *pool.Pool
			f    func(context.Context, int) (int, error)
			want string
		}{
			{nil, square, "pool: nil *Pool; make one with pool.New, or with new(pool.Pool) for one worker per core"},
			{p, nil, "pool: MapAsync: nil function; give the one to call for each item"},
		} {
			if out, err := pool.MapAsync(bg, c.p, numbers(2), c.f).Get(bg); err == nil || err.Error() != c.want || len(out) != 2 {
				t.Errorf("%v, %v, want %s", out, err, c.want)
			}
		}
	})
}

// A task that maps asynchronously goes on, so its place is not lent until it waits.
func TestMapAsyncWithinATask(t *testing.T) {
	virtual(t, func(t *testing.T) {
		p := pool.New(1)
		var g gauge
		_, err := pool.Map(bg, p, numbers(3), func(ctx context.Context, _ int) ([]int, error) {
			g.enter()
			r := pool.MapAsync(ctx, p, numbers(3), func(context.Context, int) (int, error) {
				g.enter()
				defer g.leave()
				time.Sleep(time.Second)
				return 0, nil
			})
			time.Sleep(time.Minute)
			g.leave()
			return r.Get(ctx)
		})
		if err != nil {
			t.Error(err)
		}
		if m := g.most.Load(); m != 1 {
			t.Errorf("%d tasks ran at once on one worker", m)
		}
		idle(t, p)
	})
}

func TestPanicInTheProgressOfMapAsync(t *testing.T) {
	p := pool.New(1, pool.WithProgress(func(int, int) { panic("report") }))
	_, err := pool.MapAsync(bg, p, numbers(10), square).Get(bg)
	var pe *pool.PanicError
	if !errors.As(err, &pe) || pe.Value != "report" {
		t.Error(err)
	}
	idle(t, p)
}

func TestExitInTheProgressOfMapAsync(t *testing.T) {
	virtual(t, func(t *testing.T) {
		p := pool.New(2, pool.WithProgress(func(int, int) { runtime.Goexit() }))
		out, err := pool.MapAsync(bg, p, numbers(10), second).Get(bg)
		if err != pool.ErrGoexit || len(out) != 10 {
			t.Error(out, err)
		}
		idle(t, p)
	})
}

func TestApplyHasNothingToAllocate(t *testing.T) {
	if raceEnabled {
		t.Skip("the race detector has sync.Pool drop things at random")
	}
	p := pool.New(2)
	ctx, cancel := context.WithCancel(bg)
	defer cancel()
	for _, ctx := range []context.Context{bg, ctx} {
		if n := testing.AllocsPerRun(2000, func() { pool.Apply(ctx, p, 3, square) }); n != 0 {
			t.Errorf("%v allocations", n)
		}
	}
	if n := testing.AllocsPerRun(2000, func() { pool.ApplyAsync(bg, p, 3, square) }); n > 1 {
		t.Errorf("ApplyAsync: %v allocations", n)
	}
}

// Many callers, many kinds of end.
func TestApplyFromManyGoroutines(t *testing.T) {
	const n = 3
	p := pool.New(n)
	var g gauge
	var callers sync.WaitGroup
	var ran atomic.Int32
	for k := range 16 {
		callers.Go(func() {
			for i := range 200 {
				ctx, cancel := context.WithCancel(bg)
				if (i+k)%7 == 0 {
					go cancel()
				}
				r, err := pool.Apply(ctx, p, i, func(_ context.Context, i int) (int, error) {
					g.enter()
					defer g.leave()
					ran.Add(1)
					switch i % 50 {
					case 10:
						panic(i)
					case 20:
						runtime.Goexit()
					}
					return i, nil
				})
				if err == nil && r != i {
					t.Errorf("%d, want %d", r, i)
				}
				cancel()
			}
		})
	}
	callers.Wait()
	if m := g.most.Load(); m > n {
		t.Errorf("%d tasks ran at once on %d workers", m, n)
	}
	// A worker may be about to begin whose job was called off. It finds none, and leaves.
	for range 1_000_000 {
		if busy, _ := p.Slots(); busy == 0 {
			break
		}
		runtime.Gosched()
	}
	idle(t, p)
}

// A Map beside a long line of applied tasks gets its share.
func TestLineTakesTurnsWithCalls(t *testing.T) {
	virtual(t, func(t *testing.T) {
		p := pool.New(2)
		sleep := func(context.Context, int) (int, error) {
			time.Sleep(time.Second)
			return 0, nil
		}
		var last *pool.Result[int]
		for i := range 100 {
			last = pool.ApplyAsync(bg, p, i, sleep)
		}
		synctest.Wait()
		begun := time.Now()
		pool.Map(bg, p, numbers(10), sleep)
		if d := time.Since(begun); d > 12*time.Second {
			t.Errorf("10 s of work beside a line took %v", d)
		}
		last.Get(bg)
		if d := time.Since(begun); d > 56*time.Second {
			t.Errorf("110 s of work on two workers took %v", d)
		}
		p.Close()
		if err := p.Join(bg); err != nil {
			t.Error(err)
		}
		idle(t, p)
	})
}
