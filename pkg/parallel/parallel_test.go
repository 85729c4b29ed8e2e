package parallel_test

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"math"
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

	"github.com/threads2go/course/pkg/parallel"
	"github.com/threads2go/course/pkg/pool"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var bg = context.Background()

func numbers(n int) []int {
	s := make([]int, n)
	for i := range s {
		s[i] = i
	}
	return s
}

// on runs a test for each backend, or for those that are named.
func on(t *testing.T, test func(t *testing.T, ctx context.Context), names ...string) {
	t.Helper()
	if names == nil {
		names = []string{"serial", "goroutines", "processes"}
	}
	for _, name := range names {
		b, err := parallel.Lookup(name)
		if err != nil {
			t.Fatal(err)
		}
		t.Run(name, func(t *testing.T) { test(t, parallel.WithBackend(bg, b)) })
	}
}

// open returns a Parallel that is closed when the test ends.
func open(t *testing.T, n int, opts ...parallel.Option) *parallel.Parallel {
	p := parallel.New(n, opts...)
	t.Cleanup(func() {
		if err := p.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
	})
	return p
}

// virtual runs the test in virtual time. A deadlock fails it, and so does a
// goroutine that stays.
func virtual(t *testing.T, f func(t *testing.T)) {
	t.Helper()
	synctest.Test(t, f)
}

// Results and order.

func TestRunKeepsOrder(t *testing.T) {
	on(t, func(t *testing.T, ctx context.Context) {
		for _, p := range []*parallel.Parallel{
			open(t, -1), open(t, 1), open(t, 3), open(t, 2, parallel.WithBatchSize(1)), open(t, 2, parallel.WithBatchSize(7)),
		} {
			for _, n := range []int{0, 1, 2, 3, 10, 100, 3001} {
				in := numbers(n)
				third := n / 3
				out, err := parallel.Run(ctx, p, square.Delayed(in[:third]...), square.Delayed(), parallel.Calls[int]{}, square.Delayed(in[third:]...))
				if err != nil || len(out) != n {
					t.Fatalf("%d calls: %d results, %v", n, len(out), err)
				}
				for i, r := range out {
					if r != i*i {
						t.Fatalf("%d calls: result %d is %d", n, i, r)
					}
				}
			}
		}
	})
}

func TestRunOfSeveralFunctions(t *testing.T) {
	on(t, func(t *testing.T, ctx context.Context) {
		p := open(t, 2)
		var calls []parallel.Calls[int]
		var want []int
		for i := range 50 {
			calls = append(calls, square.Delayed(i), do.Delayed(deed{"", i}, deed{"", -i}))
			want = append(want, i*i, i, -i)
		}
		out, err := parallel.Run(ctx, p, calls...)
		if err != nil || !slices.Equal(out, want) {
			t.Errorf("%v, %v; want %v", out, err, want)
		}
	})
}

func TestDelayedCallsNothing(t *testing.T) {
	made.Store(0)
	calls := counted.Delayed(1, 2, 3)
	if calls.Len() != 3 || made.Load() != 0 {
		t.Errorf("%d calls kept, %d made; want 3 and 0", calls.Len(), made.Load())
	}
	for range 2 { // they can be made again
		if _, err := parallel.Run(bg, new(parallel.Parallel), calls); err != nil {
			t.Error(err)
		}
	}
	if n := made.Load(); n != 6 {
		t.Errorf("%d calls made, want 6", n)
	}
}

var made atomic.Int32

var counted = parallel.Func("counted", func(context.Context, int) (struct{}, error) {
	made.Add(1)
	return struct{}{}, nil
})

func TestEachCallIsMadeOnce(t *testing.T) {
	on(t, func(t *testing.T, ctx context.Context) {
		const n = 50_000
		made.Store(0)
		if _, err := parallel.Run(ctx, open(t, 4), counted.Delayed(make([]int, n)...)); err != nil || made.Load() != n {
			t.Errorf("%d of %d calls, %v", made.Load(), n, err)
		}
	}, "serial", "goroutines")
}

// How many run.

func TestJobsCountFromTheCores(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(4))
	for n, want := range map[int]int{1: 1, 3: 3, 100: 100, 0: 0, -1: 4, -2: 3, -4: 1, -5: 1, -100: 1} {
		if got := parallel.New(n).Jobs(); got != want {
			t.Errorf("New(%d).Jobs() = %d on 4 cores, want %d", n, got, want)
		}
	}
	if got := new(parallel.Parallel).Jobs(); got != 4 {
		t.Errorf("the zero Parallel has %d jobs on 4 cores", got)
	}
}

// A gauge counts the calls that run.
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

// A call of any is whatever a test in virtual time wants it to be.
var anything = parallel.Func("anything", func(ctx context.Context, f func(context.Context) (int, error)) (int, error) {
	return f(ctx)
})

type act = func(context.Context) (int, error)

func sleep(d time.Duration) act {
	return func(context.Context) (int, error) {
		time.Sleep(d)
		return 0, nil
	}
}

func repeat(n int, f act) []act {
	s := make([]act, n)
	for i := range s {
		s[i] = f
	}
	return s
}

func TestAtMostNRunOverAllCalls(t *testing.T) {
	virtual(t, func(t *testing.T) {
		const n = 3
		p := parallel.New(n)
		var g gauge
		var runs sync.WaitGroup
		begun := time.Now()
		for range 4 {
			runs.Go(func() {
				if _, err := parallel.Run(bg, p, anything.Delayed(repeat(30, func(context.Context) (int, error) {
					g.enter()
					defer g.leave()
					time.Sleep(time.Second)
					return 0, nil
				})...)); err != nil {
					t.Error(err)
				}
			})
		}
		runs.Wait()
		if m := g.most.Load(); m != n {
			t.Errorf("%d calls ran at once with %d jobs", m, n)
		}
		if d := time.Since(begun); d != 40*time.Second {
			t.Errorf("120 calls of 1 s with 3 jobs took %v", d)
		}
	})
}

func TestNCallsOnNJobsRunTogether(t *testing.T) {
	for n := 1; n <= 32; n++ {
		virtual(t, func(t *testing.T) {
			var all sync.WaitGroup
			all.Add(n)
			if _, err := parallel.Run(bg, parallel.New(n), anything.Delayed(repeat(n, func(context.Context) (int, error) {
				all.Done()
				all.Wait()
				return 0, nil
			})...)); err != nil {
				t.Fatal(err)
			}
		})
	}
}

func TestSerialRunsInOrder(t *testing.T) {
	var order []int
	var calls []act
	for i := range 100 {
		calls = append(calls, func(context.Context) (int, error) {
			order = append(order, i)
			return i, nil
		})
	}
	out, err := parallel.Run(parallel.WithBackend(bg, parallel.Serial), parallel.New(8), anything.Delayed(calls...))
	if err != nil || !slices.Equal(order, numbers(100)) || !slices.Equal(out, order) {
		t.Errorf("order %v, results %v, %v", order, out, err)
	}
}

// The document's example: nine numbers, each sleeps its own root. Whoever is free
// takes the next: the times are those of that schedule, to the nanosecond.
func TestNineRootsKeepTheSchedule(t *testing.T) {
	for _, jobs := range []int{1, 2, 3, 4, 9, 20} {
		var calls []act
		free := make([]time.Duration, jobs)
		for x := 10.0; x > 1; x-- {
			d := time.Duration(math.Sqrt(x) * float64(time.Second))
			calls = append(calls, sleep(d))
			free[slices.Index(free, slices.Min(free))] += d
		}
		virtual(t, func(t *testing.T) {
			begun := time.Now()
			if _, err := parallel.Run(bg, parallel.New(jobs), anything.Delayed(calls...)); err != nil {
				t.Error(err)
			}
			if d, ideal := time.Since(begun), slices.Max(free); d != ideal {
				t.Errorf("%d jobs: %v, ideal %v", jobs, d, ideal)
			}
		})
	}
}

// Nested calls.

func TestNestedCallsLendTheirPlace(t *testing.T) {
	virtual(t, func(t *testing.T) {
		p := parallel.New(1)
		var g gauge
		var nest func(depth int) act
		nest = func(depth int) act {
			return func(ctx context.Context) (int, error) {
				if depth == 0 {
					g.enter()
					defer g.leave()
					time.Sleep(time.Second)
					return 1, nil
				}
				out, err := parallel.Run(ctx, p, anything.Delayed(repeat(3, nest(depth-1))...))
				sum := 0
				for _, n := range out {
					sum += n
				}
				return sum, err
			}
		}
		out, err := parallel.Run(bg, p, anything.Delayed(nest(3)))
		if err != nil || out[0] != 27 || g.most.Load() != 1 {
			t.Errorf("%v, %v; %d ran at once", out, err, g.most.Load())
		}
	})
}

// What goes wrong.

func TestFirstFailureStopsTheWork(t *testing.T) {
	on(t, func(t *testing.T, ctx context.Context) {
		in := slices.Repeat([]deed{{"nap", 1}}, 10_000) // all of them take seconds
		in[3] = deed{What: "fail"}
		out, err := parallel.Run(ctx, open(t, 2), do.Delayed(in...))
		var failed *parallel.TaskError
		if !errors.As(err, &failed) || failed.Index != 3 || failed.Func != "do" || err.Error() != "parallel: do, call 3: failed on purpose, as told" {
			t.Fatalf("error %v", err)
		}
		if len(out) != len(in) || out[3] != 0 || !slices.Contains(out, 0) {
			t.Errorf("%d results", len(out))
		}
		if n := len(out); out[n-1] != 0 {
			t.Error("the last call was made after the failure")
		}
	})
}

func TestWhatACallMayDo(t *testing.T) {
	on(t, func(t *testing.T, ctx context.Context) {
		p := open(t, 2)
		for _, c := range []struct {
			what, want string
			check      func(error) bool
		}{
			{"fail", "parallel: do, call 1: failed on purpose, as told", func(err error) bool { return err != nil }},
			{"panic", "parallel: do, call 1: panic: panic on purpose 7", hasStack},
			{"index", "parallel: do, call 1: panic: runtime error: index out of range [7] with length 0", hasStack},
			{"goexit", "parallel: do, call 1: runtime.Goexit called in the task", func(err error) bool { return errors.Is(err, pool.ErrGoexit) }},
			{"deadline", "parallel: do, call 1: gave up: context deadline exceeded", func(err error) bool { return errors.Is(err, context.DeadlineExceeded) }},
		} {
			_, err := parallel.Run(ctx, p, do.Delayed(deed{"", 1}, deed{c.what, 7}))
			if err == nil || err.Error() != c.want || !c.check(err) {
				t.Errorf("%s: %v, want %s", c.what, err, c.want)
			}
			// and nothing is broken
			if out, err := parallel.Run(ctx, p, do.Delayed(deed{"", 1}, deed{"", 2})); err != nil || !slices.Equal(out, []int{1, 2}) {
				t.Errorf("after %s: %v, %v", c.what, out, err)
			}
		}
	})
}

func hasStack(err error) bool {
	var p *pool.PanicError
	return errors.As(err, &p) && strings.Contains(string(p.Stack), "functions_test.go") && !strings.Contains(string(p.Stack), "chunk.go")
}

func TestLaterPanicsAreJoined(t *testing.T) {
	virtual(t, func(t *testing.T) {
		boom := errors.New("boom")
		_, err := parallel.Run(bg, parallel.New(4), anything.Delayed(
			func(context.Context) (int, error) { time.Sleep(time.Second); return 0, boom },
			func(context.Context) (int, error) { time.Sleep(2 * time.Second); panic("late") },
			func(ctx context.Context) (int, error) { <-ctx.Done(); return 0, context.Cause(ctx) },
			func(context.Context) (int, error) { time.Sleep(3 * time.Second); return 0, errors.New("dropped") },
		))
		if want := "parallel: anything, call 0: boom\nparallel: anything, call 1: panic: late"; err == nil || err.Error() != want || !errors.Is(err, boom) {
			t.Errorf("error %v, want %s", err, want)
		}
	})
}

func TestCancelled(t *testing.T) {
	virtual(t, func(t *testing.T) {
		for _, b := range []parallel.Backend{parallel.Serial, parallel.Goroutines} {
			cause := errors.New("closing time")
			ctx, cancel := context.WithTimeoutCause(parallel.WithBackend(bg, b), time.Minute, cause)
			begun := time.Now()
			out, err := parallel.Run(ctx, parallel.New(2), anything.Delayed(repeat(9, func(ctx context.Context) (int, error) {
				select {
				case <-time.After(50 * time.Second):
					return 1, nil
				case <-ctx.Done():
					time.Sleep(time.Second) // it is waited for
					return 0, ctx.Err()
				}
			})...))
			if d := time.Since(begun); err != cause || d != 61*time.Second || out[0] != 1 {
				t.Errorf("%v after %v, results %v", err, d, out)
			}
			cancel()
			if out, err := parallel.Run(ctx, parallel.New(2), square.Delayed(1, 2)); err != cause || !slices.Equal(out, []int{0, 0}) {
				t.Errorf("a context that has ended: %v, %v", out, err)
			}
		}
	})
}

func TestTimeoutEndsTheContext(t *testing.T) {
	virtual(t, func(t *testing.T) {
		p := parallel.New(2, parallel.WithTimeout(time.Second))
		begun := time.Now()
		_, err := parallel.Run(bg, p, anything.Delayed(sleep(time.Second/2), func(ctx context.Context) (int, error) {
			<-ctx.Done()
			return 0, ctx.Err()
		}))
		var failed *parallel.TaskError
		if !errors.As(err, &failed) || failed.Index != 1 || !errors.Is(err, context.DeadlineExceeded) || failed.Err.Error() != "its time of 1s is over" || time.Since(begun) != time.Second {
			t.Errorf("%v after %v", err, time.Since(begun))
		}
		// Who does not look goes on: it is a goroutine.
		if _, err := parallel.Run(bg, p, anything.Delayed(sleep(time.Hour))); err != nil {
			t.Error(err)
		}
	})
}

// Bad input.

func TestMisuseIsAnError(t *testing.T) {
	type opt = parallel.Option
	with := func(n int, o ...opt) *parallel.Parallel { return parallel.New(n, o...) }
	processes := parallel.WithBackend(bg, parallel.Processes)
	for _, c := range []struct {
		ctx  context.Context
		p    *parallel.Parallel
		want string
	}{
		{bg, nil, "parallel: nil *Parallel; make one with parallel.New, or with new(parallel.Parallel) for a job per core"},
		{nil, with(1), "parallel: nil context; use context.Background() if there is none"},
		{bg, with(0), "parallel: New(0): no jobs, so nothing could run; 1 is one after the other, -1 a job for each core"},
		{bg, with(1, parallel.WithTimeout(-time.Second)), "parallel: WithTimeout(-1s): a call needs some time; give more than 0, or leave the option away"},
		{bg, with(1, parallel.WithTimeout(0)), "parallel: WithTimeout(0s): a call needs some time; give more than 0, or leave the option away"},
		{bg, with(1, parallel.WithRetries(-1)), "parallel: WithRetries(-1): give how often a lost call is made again, 0 for never"},
		{bg, with(1, parallel.WithBatchSize(0)), "parallel: WithBatchSize(0): a batch has at least 1 call; leave the option away for a size that follows the work"},
		{bg, with(1, parallel.WithPreDispatch(0)), "parallel: WithPreDispatch(0): a stream needs at least 1 call at a time; leave the option away for a number that follows the work"},
		{bg, with(1, parallel.WithPrefer(nil)), "parallel: WithPrefer(nil): give a backend, such as parallel.Processes, or leave the option away"},
		{bg, with(1, parallel.WithRequire(1<<9)), "parallel: WithRequire(Features(512)): give SharedMemory, HardTimeout or Limits"},
		{bg, with(1, parallel.WithRequire(0)), "parallel: WithRequire(Features(0)): give SharedMemory, HardTimeout or Limits"},
		{bg, with(1, parallel.WithMemoryLimit(0)), "parallel: WithMemoryLimit(0): give a number of bytes, such as 512<<20"},
		{bg, with(1, parallel.WithCPUs()), "parallel: WithCPUs([]): give at least one CPU, counted from 0"},
		{bg, with(1, parallel.WithCPUs(0, -1)), "parallel: WithCPUs([0 -1]): give at least one CPU, counted from 0"},
		{processes, with(1, parallel.WithRequire(parallel.SharedMemory)), `parallel: backend "processes", which the context has chosen, has not what the call requires: SharedMemory; choose another with WithBackend, or leave the choice to the call`},
		{parallel.WithBackend(bg, parallel.Goroutines), with(1, parallel.WithTimeout(1), parallel.WithRequire(parallel.HardTimeout)), `parallel: backend "goroutines", which the context has chosen, has not what the call requires: HardTimeout; choose another with WithBackend, or leave the choice to the call`},
		{bg, with(1, parallel.WithPrefer(parallel.Processes), parallel.WithRequire(parallel.SharedMemory)), `parallel: WithPrefer and WithRequire contradict each other: backend "processes" has not SharedMemory; leave one away`},
		{bg, with(1, parallel.WithRequire(parallel.SharedMemory|parallel.Limits)), "parallel: neither goroutines nor processes have SharedMemory|Limits together; require less, or choose a backend that has, with WithBackend"},
		{parallel.WithBackend(bg, parallel.Serial), with(1, parallel.WithMemoryLimit(1)), `parallel: backend "serial", which the context has chosen, has not what the call requires: Limits; choose another with WithBackend, or leave the choice to the call`},
		{parallel.WithBackend(bg, uncomparable{}), with(1), "parallel: a backend of type parallel_test.uncomparable cannot be compared, so that its workers would not be found again; use a pointer to it"},
	} {
		for _, n := range []int{0, 3} {
			out, err := parallel.Run(c.ctx, c.p, square.Delayed(numbers(n)...))
			if err == nil || err.Error() != c.want || out == nil || len(out) != n {
				t.Errorf("Run of %d: %v, %v\nwant %s", n, out, err, c.want)
			}
		}
		for _, s := range []iter.Seq2[int, error]{
			parallel.Stream(c.ctx, c.p, square.DelayedSeq(slices.Values(numbers(3)))),
			parallel.StreamUnordered(c.ctx, c.p, square.DelayedSeq(slices.Values(numbers(3)))),
		} {
			n := 0
			for _, err := range s {
				if n++; err == nil || err.Error() != c.want {
					t.Errorf("Stream: %v\nwant %s", err, c.want)
				}
			}
			if n != 1 {
				t.Errorf("Stream yielded %d times", n)
			}
		}
	}
	for _, err := range parallel.Stream[int](bg, new(parallel.Parallel), nil) {
		if want := "parallel: Stream of a nil sequence; give the calls, as DelayedSeq makes them"; err == nil || err.Error() != want {
			t.Errorf("%v, want %s", err, want)
		}
	}
}

type uncomparable struct{ loud []int }

func (uncomparable) Features() parallel.Features                     { return parallel.SharedMemory }
func (uncomparable) Open(parallel.Options) (parallel.Workers, error) { return nil, nil }

func TestRegistrationPanics(t *testing.T) {
	f := func(context.Context, int) (int, error) { return 0, nil }
	for want, call := range map[string]func(){
		`parallel: Func("square"): this name is taken; give another`:        func() { parallel.Func("square", f) },
		`parallel: Register("processes"): this name is taken; give another`: func() { parallel.Register("processes", parallel.Serial) },
		`parallel: Register("", {}): give a name and a backend`:             func() { parallel.Register("", parallel.Serial) },
		`parallel: Register("nothing", <nil>): give a name and a backend`:   func() { parallel.Register("nothing", nil) },
		`parallel: Func("none") with a nil function`:                        func() { parallel.Func[int, int]("none", nil) },
		`parallel: Func without a name`:                                     func() { parallel.Func("", f) },
	} {
		func() {
			defer func() {
				if v := recover(); !strings.HasPrefix(fmt.Sprint(v), want) {
					t.Errorf("panic %v, want %s", v, want)
				} else if strings.Contains(want, "Func") && !strings.Contains(want, "taken") && !strings.Contains(v.(string), "parallel_test.go:") {
					t.Errorf("panic %v does not say where", v)
				}
			}()
			call()
		}()
	}
}

func TestClosed(t *testing.T) {
	on(t, func(t *testing.T, ctx context.Context) {
		p := parallel.New(2)
		if _, err := parallel.Run(ctx, p, square.Delayed(1, 2)); err != nil {
			t.Fatal(err)
		}
		for range 2 {
			if err := p.Close(); err != nil {
				t.Error(err)
			}
		}
		if _, err := parallel.Run(ctx, p, square.Delayed(1)); err != parallel.ErrClosed {
			t.Errorf("Run after Close: %v", err)
		}
		for _, err := range parallel.Stream(ctx, p, square.DelayedSeq(slices.Values(numbers(3)))) {
			if err != parallel.ErrClosed {
				t.Errorf("Stream after Close: %v", err)
			}
		}
	})
}

func TestCloseWaits(t *testing.T) {
	virtual(t, func(t *testing.T) {
		p := parallel.New(2)
		begun := time.Now()
		var run sync.WaitGroup
		run.Go(func() {
			if _, err := parallel.Run(bg, p, anything.Delayed(repeat(4, sleep(time.Second))...)); err != nil {
				t.Error(err)
			}
		})
		synctest.Wait()
		p.Close()
		if d := time.Since(begun); d != 2*time.Second {
			t.Errorf("Close returned after %v", d)
		}
		run.Wait()
	})
}

// What is reported.

func TestProgress(t *testing.T) {
	on(t, func(t *testing.T, ctx context.Context) {
		last, calls := -1, 0
		p := open(t, 2, parallel.WithProgress(func(done, total int) {
			if done <= last || total != 1000 {
				t.Errorf("progress %d of %d after %d", done, total, last)
			}
			last = done
			calls++
		}))
		if _, err := parallel.Run(ctx, p, square.Delayed(numbers(1000)...)); err != nil || last != 1000 || calls < 1 {
			t.Errorf("%v; %d reports, the last of %d", err, calls, last)
		}
		last = -1
		if _, err := parallel.Run(ctx, p, do.Delayed(slices.Repeat([]deed{{What: "fail"}}, 1000)...)); err == nil || last != 0 {
			t.Errorf("%v; last report of %d", err, last)
		}
	})
}

func TestProgressPanics(t *testing.T) {
	virtual(t, func(t *testing.T) {
		ended := time.Time{}
		p := parallel.New(2, parallel.WithProgress(func(done, total int) {
			if done > 0 {
				panic("in progress")
			}
		}))
		func() {
			defer func() {
				if v := recover(); v != "in progress" {
					t.Errorf("recovered %v", v)
				}
				if d := time.Since(ended); d != 0 {
					t.Errorf("%v after the calls that ran", d)
				}
			}()
			parallel.Run(bg, p, anything.Delayed(sleep(time.Second), func(context.Context) (int, error) {
				time.Sleep(time.Minute)
				ended = time.Now()
				return 0, nil
			}))
		}()
		if err := p.Close(); err != nil {
			t.Error(err)
		}
	})
}

func TestCloseOfNothing(t *testing.T) {
	var none *parallel.Parallel
	if err := none.Close(); err == nil || !strings.HasPrefix(err.Error(), "parallel: nil *Parallel; make one with parallel.New") {
		t.Error(err)
	}
}

func TestObserver(t *testing.T) {
	on(t, func(t *testing.T, ctx context.Context) {
		var mu sync.Mutex
		var spans []pool.Span
		p := open(t, 2, parallel.WithObserver(func(s pool.Span) {
			mu.Lock()
			defer mu.Unlock()
			spans = append(spans, s)
		}))
		const n = 20_000
		begun := time.Now()
		if _, err := parallel.Run(ctx, p, square.Delayed(numbers(n)...)); err != nil {
			t.Fatal(err)
		}
		ended := time.Now()
		slices.SortFunc(spans, func(a, b pool.Span) int { return a.First - b.First })
		next := 0
		for _, s := range spans {
			if s.First != next || s.N < 1 || s.Err != nil || s.Worker < 0 || s.Worker > 1 {
				t.Fatalf("span %+v, want one from %d on", s, next)
			}
			next += s.N
			if s.Begin.Before(begun) || s.End.After(ended) || s.End.Before(s.Begin) {
				t.Errorf("span %v to %v, in a run from %v to %v", s.Begin, s.End, begun, ended)
			}
		}
		slices.SortFunc(spans, func(a, b pool.Span) int { return a.Begin.Compare(b.Begin) })
		last := map[int]time.Time{}
		for _, s := range spans {
			if s.Begin.Before(last[s.Worker]) {
				t.Errorf("spans of worker %d overlap", s.Worker)
			}
			last[s.Worker] = s.End
		}
		if next != n {
			t.Errorf("spans cover %d of %d calls", next, n)
		}
		spans = nil
		parallel.Run(ctx, p, do.Delayed(deed{What: "fail"}))
		if len(spans) != 1 || spans[0].N != 1 || spans[0].Err == nil {
			t.Errorf("spans of a failure: %+v", spans)
		}
	})
}

// However many calls are under way on a Parallel, no two of its workers have one
// number at a time.
func TestObserverOfSeveralCalls(t *testing.T) {
	for _, backend := range []parallel.Backend{parallel.Goroutines, parallel.Serial} {
		virtual(t, func(t *testing.T) {
			var mu sync.Mutex
			var spans []pool.Span
			p := parallel.New(3, parallel.WithBatchSize(1), parallel.WithObserver(func(s pool.Span) {
				mu.Lock()
				defer mu.Unlock()
				spans = append(spans, s)
			}))
			ctx := parallel.WithBackend(bg, backend)
			wait := func(context.Context) (int, error) { time.Sleep(time.Second); return 0, nil }
			nest := func(ctx context.Context) (int, error) {
				time.Sleep(time.Second)
				_, err := parallel.Run(ctx, p, anything.Delayed(wait, wait))
				return 0, err
			}
			var runs sync.WaitGroup
			for _, a := range []act{wait, wait, nest} {
				runs.Go(func() {
					if _, err := parallel.Run(ctx, p, anything.Delayed(a, a, a)); err != nil {
						t.Error(err)
					}
				})
			}
			runs.Wait()
			if len(spans) != 9+6 {
				t.Errorf("%d spans", len(spans))
			}
			for i, a := range spans {
				for _, b := range spans[:i] {
					if a.Worker == b.Worker && a.Begin.Before(b.End) && b.Begin.Before(a.End) {
						t.Errorf("worker %d: %v to %v, and %v to %v", a.Worker, a.Begin, a.End, b.Begin, b.End)
					}
				}
			}
			if err := p.Close(); err != nil {
				t.Error(err)
			}
		})
	}
}

// Backends.

// A dozen lines make a backend: this one tells what it does.
type loud struct{ t *testing.T }

func (l loud) Features() parallel.Features                     { return parallel.SharedMemory }
func (l loud) Open(parallel.Options) (parallel.Workers, error) { return l, nil }
func (l loud) Close() error                                    { return nil }
func (l loud) Run(ctx context.Context, job *parallel.Job) error {
	for b := range job.Batches(time.Millisecond) {
		l.t.Logf("%s, calls %d to %d", b.Func(), b.First(), b.First()+b.Len()-1)
		b.Run(ctx)
	}
	return nil
}

func TestOwnBackend(t *testing.T) {
	ctx := parallel.WithBackend(bg, loud{t})
	p := parallel.New(4)
	out, err := parallel.Run(ctx, p, square.Delayed(numbers(100)...))
	if err != nil || out[99] != 99*99 {
		t.Errorf("%v, %v", out, err)
	}
	if _, err := parallel.Run(ctx, p, do.Delayed(deed{What: "goexit"})); !errors.Is(err, pool.ErrGoexit) || strings.Contains(err.Error(), "\n") {
		t.Errorf("a call that ends the backend's goroutine: %v", err)
	}
	n := 0
	for r, err := range parallel.Stream(ctx, p, square.DelayedSeq(slices.Values(numbers(100)))) {
		if err != nil || r != n*n {
			t.Fatalf("result %d: %d, %v", n, r, err)
		}
		n++
	}
	if n != 100 {
		t.Errorf("%d results", n)
	}
	if p.Close() != nil {
		t.Error("Close fails")
	}
}

// wire makes the calls as a backend on other machines does: with nothing but what
// Request and Reply carry.
type wire struct{ again bool }

func (w wire) Features() parallel.Features                     { return 0 }
func (w wire) Open(parallel.Options) (parallel.Workers, error) { return w, nil }
func (w wire) Close() error                                    { return nil }
func (w wire) Run(ctx context.Context, job *parallel.Job) error {
	for b := range job.Batches(time.Millisecond) {
		request, err := b.Request()
		if err != nil {
			return err
		}
		var replies [][]byte
		if err := parallel.Answer(ctx, b.Func(), request, func(reply []byte) { replies = append(replies, reply) }); err != nil {
			return err
		}
		for _, r := range replies {
			if _, err := b.Reply(0, time.Now(), r); err != nil {
				return err
			}
		}
		if w.again {
			if _, err := b.Reply(0, time.Now(), replies[0]); err == nil {
				return errors.New("a second reply to the same request was taken")
			}
		}
	}
	return nil
}

func TestBackendOfMessages(t *testing.T) {
	defer parallel.SetMaxMessage(200)() // so that some replies come in parts
	for _, again := range []bool{false, true} {
		ctx := parallel.WithBackend(bg, wire{again})
		p := parallel.New(4)
		in := numbers(2000)
		for i := range in {
			in[i] = i * 1e9
		}
		out, err := parallel.Run(ctx, p, square.Delayed(in[:50]...))
		if err != nil || out[49] != in[49]*in[49] {
			t.Errorf("%v, %v", out, err)
		}
		if again {
			continue
		}
		for what, want := range map[string]string{
			"fail":  "parallel: do, call 0: failed on purpose, as told",
			"panic": "parallel: do, call 0: panic: panic on purpose 0",
		} {
			if _, err := parallel.Run(ctx, p, do.Delayed(deed{What: what})); err == nil || err.Error() != want {
				t.Errorf("%v, want %s", err, want)
			}
		}
	}
	if err := parallel.Answer(bg, "nobody", nil, nil); err == nil || err.Error() != `parallel: no function "nobody" here; it must be registered with parallel.Func` {
		t.Error(err)
	}
}

// broken is a backend that does not do as it should.
type broken struct{ how string }

func (b broken) Features() parallel.Features { return parallel.SharedMemory }
func (b broken) Open(parallel.Options) (parallel.Workers, error) {
	if b.how == "open" {
		return nil, errors.New("no server at 127.0.0.1:1")
	}
	return b, nil
}
func (b broken) Close() error { return errors.New("cannot close") }
func (b broken) Run(ctx context.Context, job *parallel.Job) error {
	switch b.how {
	case "error":
		return errors.New("connection lost")
	case "panic":
		panic("at the backend")
	case "goexit":
		runtime.Goexit()
	case "drop":
		for range job.Batches(time.Second) {
		}
	case "fail":
		for b := range job.Batches(time.Second) {
			b.Fail(b.Len()-1, errors.New("too large"))
		}
	}
	return nil
}

func TestBrokenBackend(t *testing.T) {
	for how, want := range map[string]string{
		"open":   "no server at 127.0.0.1:1",
		"error":  "connection lost",
		"panic":  "parallel: the backend: panic: at the backend",
		"goexit": "parallel: the backend: runtime.Goexit called in the task",
		"return": "parallel: the backend returned before all calls were made; its Run has to range over Batches to the end, and do something with each",
		"drop":   "parallel: the backend returned before all calls were made; its Run has to range over Batches to the end, and do something with each",
		"fail":   "parallel: square, call 0: too large",
	} {
		ctx := parallel.WithBackend(bg, broken{how})
		p := parallel.New(2)
		if _, err := parallel.Run(ctx, p, square.Delayed(1, 2, 3)); err == nil || err.Error() != want {
			t.Errorf("%s: %v, want %s", how, err, want)
		}
		if how == "drop" {
			continue // a stream would wait for the results for ever
		}
		for _, err := range parallel.Stream(ctx, p, square.DelayedSeq(slices.Values(numbers(100)))) {
			if err == nil || err.Error() != want {
				t.Errorf("%s: Stream: %v, want %s", how, err, want)
			}
		}
		if err := p.Close(); how != "open" && (err == nil || err.Error() != "cannot close") {
			t.Errorf("Close: %v", err)
		}
	}
}

func TestBackendIsTheCallersChoice(t *testing.T) {
	here, err := parallel.Run(bg, parallel.New(1), pid.Delayed(0))
	if err != nil || here[0] != os.Getpid() {
		t.Errorf("by default: %v, %v", here, err)
	}
	for _, c := range []struct {
		name  string
		ctx   context.Context
		opts  []parallel.Option
		child bool
	}{
		{"preferred", bg, []parallel.Option{parallel.WithPrefer(parallel.Processes)}, true},
		{"preferred, but chosen otherwise", parallel.WithBackend(bg, parallel.Goroutines), []parallel.Option{parallel.WithPrefer(parallel.Processes)}, false},
		{"chosen", parallel.WithBackend(bg, parallel.Processes), nil, true},
		{"chosen, and taken back", parallel.WithBackend(parallel.WithBackend(bg, parallel.Processes), nil), nil, false},
		{"required", bg, []parallel.Option{parallel.WithRequire(parallel.HardTimeout)}, true},
		{"shared memory", bg, []parallel.Option{parallel.WithRequire(parallel.SharedMemory)}, false},
	} {
		out, err := parallel.Run(c.ctx, open(t, 1, c.opts...), pid.Delayed(0))
		if err != nil || (out[0] != os.Getpid()) != c.child {
			t.Errorf("%s: process %v of %d, %v", c.name, out, os.Getpid(), err)
		}
	}
}

func TestLookup(t *testing.T) {
	for name, want := range map[string]parallel.Backend{"serial": parallel.Serial, "goroutines": parallel.Goroutines, "processes": parallel.Processes, "registered": registered{}} {
		if b, err := parallel.Lookup(name); b != want || err != nil {
			t.Errorf("%s: %v, %v", name, b, err)
		}
	}
	want := `parallel: no backend "lokky"; there are goroutines, processes, registered, serial, talkative; parallel.Register adds others`
	if _, err := parallel.Lookup("lokky"); err == nil || err.Error() != want {
		t.Errorf("%v, want %s", err, want)
	}
}

type registered struct{ loud }

func init() { parallel.Register("registered", registered{}) }

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
			own = append(own, filepath.Base(path))
		}
		switch path {
		case "net", "runtime/cgo", "os/user", "os/signal":
			t.Errorf("links %s", path)
		}
	}
	for _, name := range own {
		if !slices.Contains([]string{"parallel", "pool", "queue", "lock"}, name) {
			t.Errorf("links %s: more than itself, pool and what that has, and the standard library", name)
		}
	}
}
