package pool_test

import (
	"context"
	"errors"
	"fmt"
	"io"
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

// Errors.

func TestErrorNamesItsItem(t *testing.T) {
	for _, n := range []int{1, 3} {
		out, err := pool.Map(bg, pool.New(n), numbers(1000), func(_ context.Context, i int) (int, error) {
			if i == 500 {
				return -1, io.ErrUnexpectedEOF
			}
			return i + 1, nil
		})
		var te *pool.TaskError
		if !errors.As(err, &te) || te.Index != 500 || te.Err != io.ErrUnexpectedEOF {
			t.Fatalf("error %v", err)
		}
		if !errors.Is(err, io.ErrUnexpectedEOF) {
			t.Error("the error does not wrap the task's")
		}
		if len(out) != 1000 || out[500] != 0 {
			t.Errorf("%d results; that of the failed item is %d", len(out), out[500])
		}
		for i, v := range out {
			if v != 0 && v != i+1 {
				t.Errorf("result %d is %d", i, v)
			}
		}
		if n == 1 && !slices.Equal(out[498:502], []int{499, 500, 0, 0}) {
			t.Errorf("finished items are lost, or others have results: %v", out[498:502])
		}
	}
}

// Also within a chunk: one worker runs a long one here.
func TestNoTaskBeginsAfterTheFirstError(t *testing.T) {
	for _, bad := range []int{0, 1, 2, 700, 9999} {
		calls := 0
		_, err := pool.Map(bg, pool.New(1), numbers(10_000), func(_ context.Context, i int) (int, error) {
			calls++
			if i == bad {
				return 0, io.EOF
			}
			return 0, nil
		})
		if calls != bad+1 || !errors.Is(err, io.EOF) {
			t.Errorf("item %d fails: %d calls, error %v", bad, calls, err)
		}
	}
	virtual(t, func(t *testing.T) {
		var calls atomic.Int32
		pool.Map(bg, pool.New(4), numbers(100), func(_ context.Context, i int) (int, error) {
			calls.Add(1)
			if i == 2 {
				time.Sleep(time.Second / 2)
				return 0, io.EOF
			}
			time.Sleep(time.Second)
			return 0, nil
		})
		if n := calls.Load(); n != 4 {
			t.Errorf("%d calls, want the 4 that had begun before the error", n)
		}
	})
}

// A worker in the middle of a long chunk of tiny items stops at an error of
// another.
func TestErrorStopsOtherChunks(t *testing.T) {
	virtual(t, func(t *testing.T) {
		const n = 100_000
		var calls, after atomic.Int32
		var failed atomic.Bool
		halfway := make(chan struct{})
		pool.Map(bg, pool.New(2), numbers(n), func(ctx context.Context, i int) (int, error) {
			if i == 0 {
				<-halfway
				failed.Store(true)
				return 0, io.EOF
			}
			if failed.Load() {
				after.Add(1)
			}
			if calls.Add(1) == n/2 {
				close(halfway)
				<-ctx.Done()
			}
			return 0, nil
		})
		if after.Load() != 0 {
			t.Errorf("%d tasks began after the error", after.Load())
		}
	})
}

// It returns only when every task has, however long they take to notice.
func TestMapWaitsForTasksThatRun(t *testing.T) {
	virtual(t, func(t *testing.T) {
		begun := time.Now()
		var g gauge
		_, err := pool.Map(bg, pool.New(3), numbers(3), func(_ context.Context, i int) (int, error) {
			g.enter()
			defer g.leave()
			if i == 0 {
				time.Sleep(time.Second) // until the others have begun
				return 0, io.EOF
			}
			time.Sleep(time.Hour)
			return 0, nil
		})
		if d := time.Since(begun); d != time.Hour || g.now.Load() != 0 || !errors.Is(err, io.EOF) {
			t.Errorf("returned after %v, with %d tasks running: %v", d, g.now.Load(), err)
		}
	})
}

func TestFirstErrorWins(t *testing.T) {
	virtual(t, func(t *testing.T) {
		_, err := pool.Map(bg, pool.New(3), numbers(3), func(_ context.Context, i int) (int, error) {
			time.Sleep(time.Duration(3-i) * time.Second)
			return 0, fmt.Errorf("error of %d", i)
		})
		if want := "pool: task 2: error of 2"; err == nil || err.Error() != want {
			t.Errorf("error %v, want %s", err, want)
		}
	})
}

// Panics and exits.

func fallOver(i int) int {
	var a []int
	return a[i]
}

func TestPanicIsAnError(t *testing.T) {
	p := pool.New(2)
	_, err := pool.Map(bg, p, numbers(100), func(_ context.Context, i int) (int, error) {
		if i == 42 {
			return fallOver(i), nil
		}
		return i, nil
	})
	var te *pool.TaskError
	var pe *pool.PanicError
	var re runtime.Error
	if !errors.As(err, &te) || te.Index != 42 || !errors.As(err, &pe) || !errors.As(err, &re) || pe.Value != re {
		t.Fatalf("error %v", err)
	}
	if want := "pool: task 42: panic: runtime error: index out of range [42] with length 0"; err.Error() != want {
		t.Errorf("error %v, want %s", err, want)
	}
	idle(t, p)
}

func TestPanicValues(t *testing.T) {
	for _, v := range []any{"boom", 42, io.EOF, &pool.TaskError{Index: 1, Err: io.EOF}} {
		_, err := pool.Map(bg, pool.New(1), numbers(1), func(context.Context, int) (int, error) { panic(v) })
		var pe *pool.PanicError
		if !errors.As(err, &pe) || pe.Value != v {
			t.Errorf("panic(%v): error %v", v, err)
		}
		if e, ok := v.(error); ok != (pe.Unwrap() != nil) || ok && !errors.Is(err, e) {
			t.Errorf("panic(%v): unwraps to %v", v, pe.Unwrap())
		}
	}
	_, err := pool.Map(bg, pool.New(1), numbers(1), func(context.Context, int) (int, error) { panic(nil) })
	var pn *runtime.PanicNilError
	if !errors.As(err, &pn) {
		t.Errorf("panic(nil): error %v", err)
	}
}

// The stack shows the task's calls, from the one that panicked to the task's own.
func TestPanicStackIsTheTasks(t *testing.T) {
	again := func(i int) int {
		defer func() {
			if v := recover(); v != nil {
				panic(v)
			}
		}()
		return fallOver(i)
	}
	for _, f := range []func(int) int{fallOver, again} {
		_, err := pool.Map(bg, pool.New(1), numbers(1), func(_ context.Context, i int) (int, error) { return f(i), nil })
		var pe *pool.PanicError
		if !errors.As(err, &pe) {
			t.Fatal(err)
		}
		stack := string(pe.Stack)
		if !strings.HasPrefix(stack, "goroutine ") || !strings.Contains(stack, "map_test.go:") ||
			!strings.Contains(stack, "TestPanicStackIsTheTasks.func") {
			t.Errorf("the stack lacks the task:\n%s", stack)
		}
		if first := strings.Split(stack, "\n")[1]; !strings.Contains(first, "pool_test.") {
			t.Errorf("the stack begins with %s", first)
		}
		for _, s := range []string{"course/pkg/pool.", "runtime/debug", "created by"} {
			if strings.Contains(stack, s) {
				t.Errorf("the stack has more than the task, namely %s:\n%s", s, stack)
			}
		}
	}
}

func TestGoexitIsAnError(t *testing.T) {
	for n := 1; n <= 3; n++ {
		p := pool.New(n)
		_, err := pool.Map(bg, p, numbers(1000), func(_ context.Context, i int) (int, error) {
			if i == 5 {
				runtime.Goexit()
			}
			return i, nil
		})
		var te *pool.TaskError
		if !errors.As(err, &te) || te.Index != 5 || te.Err != pool.ErrGoexit || !errors.Is(err, pool.ErrGoexit) {
			t.Errorf("error %v", err)
		}
		idle(t, p)
	}
}

func TestNestedPanicsAndExits(t *testing.T) {
	for _, end := range []func(){func() { panic(io.EOF) }, runtime.Goexit} {
		virtual(t, func(t *testing.T) {
			p := pool.New(1)
			_, err := pool.Map(bg, p, numbers(2), func(ctx context.Context, _ int) ([]int, error) {
				return pool.Map(ctx, p, numbers(2), func(context.Context, int) (int, error) {
					end()
					return 0, nil
				})
			})
			if !errors.Is(err, io.EOF) && !errors.Is(err, pool.ErrGoexit) {
				t.Error(err)
			}
			idle(t, p)
		})
	}
}

// Errors after the first are dropped, but no panic and no exit is.
func TestLaterPanicsAreJoined(t *testing.T) {
	virtual(t, func(t *testing.T) {
		p := pool.New(6)
		_, err := pool.Map(bg, p, numbers(6), func(ctx context.Context, i int) (int, error) {
			time.Sleep(time.Duration(1+i) * time.Second)
			switch i {
			case 0:
				return 0, errors.New("first")
			case 1:
				return 0, errors.New("second")
			case 2:
				panic("third")
			case 3:
				runtime.Goexit()
			case 4:
				return 0, context.Cause(ctx) // an echo of the first
			}
			_, err := pool.Map(bg, p, numbers(1), func(context.Context, int) (int, error) { panic("nested") })
			return 0, err
		})
		want := "pool: task 0: first\n" +
			"pool: task 2: panic: third\n" +
			"pool: task 3: runtime.Goexit called in the task\n" +
			"pool: task 5: pool: task 0: panic: nested"
		if err == nil || err.Error() != want {
			t.Errorf("error\n%v\nwant\n%s", err, want)
		}
		var te *pool.TaskError
		if !errors.As(err, &te) || te.Index != 0 {
			t.Errorf("the first error is not the first: %v", te)
		}
	})
}

// A panic that nested calls get from their context is the one that is known.
func TestPanicIsToldOnce(t *testing.T) {
	virtual(t, func(t *testing.T) {
		p := pool.New(4)
		_, err := pool.Map(bg, p, numbers(4), func(ctx context.Context, i int) ([]int, error) {
			if i == 0 {
				time.Sleep(time.Second)
				panic("boom")
			}
			return pool.Map(ctx, p, numbers(2), func(ctx context.Context, _ int) (int, error) {
				<-ctx.Done()
				return 0, context.Cause(ctx)
			})
		})
		if want := "pool: task 0: panic: boom"; err == nil || err.Error() != want {
			t.Errorf("error\n%v\nwant\n%s", err, want)
		}
	})
}

// The caller's context.

var errStop = errors.New("enough")

func TestEndedContextStartsNothing(t *testing.T) {
	ctx, cancel := context.WithCancelCause(bg)
	cancel(errStop)
	out, err := pool.Map(ctx, pool.New(2), numbers(3), func(context.Context, int) (int, error) {
		t.Error("called")
		return 1, nil
	})
	if err != errStop || !slices.Equal(out, []int{0, 0, 0}) {
		t.Errorf("%v, %v", out, err)
	}
}

func TestCancelReturnsTheCause(t *testing.T) {
	virtual(t, func(t *testing.T) {
		ctx, cancel := context.WithCancelCause(bg)
		begun := time.Now()
		time.AfterFunc(time.Minute, func() { cancel(errStop) })
		out, err := pool.Map(ctx, pool.New(2), numbers(1000), func(_ context.Context, i int) (int, error) {
			time.Sleep(time.Second * 7 / 4)
			return 1, nil
		})
		// 34 tasks of each worker end before the minute, the 35th after it.
		if d := time.Since(begun); err != errStop || d != 61250*time.Millisecond {
			t.Errorf("after %v: %v", d, err)
		}
		if !slices.Equal(out[68:72], []int{1, 1, 0, 0}) {
			t.Errorf("results of tasks that ran are lost, or others began: %v", out[60:80])
		}
	})
}

func TestDeadlineReturnsTheCause(t *testing.T) {
	virtual(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeoutCause(bg, time.Minute, errStop)
		defer cancel()
		_, err := pool.Map(ctx, pool.New(2), numbers(10), func(ctx context.Context, _ int) (int, error) {
			if d, ok := ctx.Deadline(); !ok || time.Until(d) > time.Minute {
				t.Errorf("the task's deadline is %v, %v", d, ok)
			}
			<-ctx.Done()
			return 0, ctx.Err()
		})
		if err != errStop {
			t.Error(err)
		}
	})
}

// Tasks that return the error of their context are not to blame.
func TestEchoDoesNotMaskTheCause(t *testing.T) {
	for range 100 {
		ctx, cancel := context.WithCancelCause(bg)
		var running sync.WaitGroup
		running.Add(3)
		go func() {
			running.Wait()
			cancel(errStop)
		}()
		_, err := pool.Map(ctx, pool.New(3), numbers(3), func(ctx context.Context, _ int) (int, error) {
			running.Done()
			<-ctx.Done()
			return 0, ctx.Err()
		})
		if err != errStop {
			t.Fatal(err)
		}
	}
}

func TestFailureBeforeTheCancelWins(t *testing.T) {
	virtual(t, func(t *testing.T) {
		ctx, cancel := context.WithCancelCause(bg)
		_, err := pool.Map(ctx, pool.New(2), numbers(2), func(_ context.Context, i int) (int, error) {
			if i == 0 {
				return 0, io.EOF
			}
			time.Sleep(time.Second)
			cancel(errStop)
			return 0, errStop
		})
		if want := "pool: task 0: EOF"; err == nil || err.Error() != want {
			t.Errorf("error %v, want %s", err, want)
		}
	})
}

func TestPanicAfterTheCancelIsTold(t *testing.T) {
	ctx, cancel := context.WithCancelCause(bg)
	_, err := pool.Map(ctx, pool.New(1), numbers(2), func(context.Context, int) (int, error) {
		cancel(errStop)
		panic("boom")
	})
	if want := "enough\npool: task 0: panic: boom"; err == nil || err.Error() != want || !errors.Is(err, errStop) {
		t.Errorf("error %v, want %s", err, want)
	}
}

// A panic while the caller's context ends: whichever comes first, it is told.
func TestPanicBesideTheCancelIsTold(t *testing.T) {
	p := pool.New(1)
	for range 3000 {
		ctx, cancel := context.WithCancelCause(bg)
		var other sync.WaitGroup
		other.Go(func() { cancel(errStop) })
		began := false
		_, err := pool.Map(ctx, p, numbers(1), func(context.Context, int) (int, error) {
			began = true
			panic("told")
		})
		var pe *pool.PanicError
		if began && !errors.As(err, &pe) {
			t.Fatalf("the panic is lost: %v", err)
		}
		other.Wait()
	}
}

func TestCancelAfterTheLastItemIsNoError(t *testing.T) {
	for _, n := range []int{1, 100} {
		ctx, cancel := context.WithCancel(bg)
		out, err := pool.Map(ctx, pool.New(1), numbers(n), func(_ context.Context, i int) (int, error) {
			if i == n-1 {
				cancel()
			}
			return i, nil
		})
		if err != nil || !slices.Equal(out, numbers(n)) {
			t.Errorf("%v, %v", out, err)
		}
	}
}

func TestCancelIsNoticedWithinAChunk(t *testing.T) {
	for _, last := range []int{0, 1, 5000, 5001, 5002, 5003} {
		ctx, cancel := context.WithCancel(bg)
		calls := 0
		_, err := pool.Map(ctx, pool.New(1), numbers(100_000), func(_ context.Context, i int) (int, error) {
			calls++
			if i == last {
				cancel()
			}
			return 0, nil
		})
		if err != context.Canceled || calls > last+pool.AskEvery {
			t.Errorf("cancelled in item %d: %d calls, error %v", last, calls, err)
		}
	}
}

// A context that is not of package context, which its children follow late.
type ownContext struct {
	context.Context
	done chan struct{}
}

func (c *ownContext) Done() <-chan struct{} { return c.done }

func (c *ownContext) Err() error {
	select {
	case <-c.done:
		return errStop
	default:
		return nil
	}
}

func (c *ownContext) Value(any) any { return nil }

func TestContextOfAnotherMake(t *testing.T) {
	for range 100 {
		ctx := &ownContext{bg, make(chan struct{})}
		_, err := pool.Map(ctx, pool.New(3), numbers(20), func(_ context.Context, i int) (int, error) {
			if i == 2 {
				close(ctx.done)
			}
			<-ctx.done
			return 0, errors.New("stopped") // before its own context tells
		})
		if err != errStop {
			t.Fatal(err)
		}
	}
}

// The tasks' context.

func TestContextOfTasks(t *testing.T) {
	virtual(t, func(t *testing.T) {
		type key struct{}
		var kept, kept2 context.Context
		_, err := pool.Map(context.WithValue(bg, key{}, "value"), pool.New(3), numbers(3), func(ctx context.Context, i int) (int, error) {
			if v := ctx.Value(key{}); v != "value" {
				t.Errorf("value %v", v)
			}
			if _, ok := ctx.Deadline(); ok || ctx.Err() != nil || context.Cause(ctx) != nil {
				t.Error("the context ends too soon")
			}
			switch i {
			case 0:
				kept = ctx
				<-ctx.Done()
			case 1:
				child, cancel := context.WithTimeout(ctx, time.Hour)
				defer cancel()
				<-child.Done()
				ctx = child
			case 2:
				kept2 = ctx
				time.Sleep(time.Second)
				return 0, io.EOF
			}
			if ctx.Err() != context.Canceled || !errors.Is(context.Cause(ctx), io.EOF) {
				t.Errorf("task %d: %v, cause %v", i, ctx.Err(), context.Cause(ctx))
			}
			return 0, ctx.Err()
		})
		for _, ctx := range []context.Context{kept, kept2} {
			if context.Cause(ctx) != err || ctx.Err() != context.Canceled {
				t.Errorf("cause %v, want the call's error %v", context.Cause(ctx), err)
			}
		}
	})
}

func TestContextEndsWithTheCall(t *testing.T) {
	var looked, kept context.Context
	pool.Map(bg, pool.New(2), numbers(1), func(ctx context.Context, _ int) (int, error) {
		looked = ctx
		return 0, ctx.Err()
	})
	pool.Map(bg, pool.New(2), numbers(1), func(ctx context.Context, _ int) (int, error) {
		kept = ctx
		return 0, nil
	})
	for _, ctx := range []context.Context{looked, kept} {
		<-ctx.Done()
		if ctx.Err() != context.Canceled || context.Cause(ctx) != context.Canceled {
			t.Errorf("%v, cause %v", ctx.Err(), context.Cause(ctx))
		}
	}
	if s := fmt.Sprint(kept); s != "pool task" {
		t.Errorf("prints as %s", s)
	}
}

// All of a context's methods at once, from several goroutines, while it ends.
func TestContextIsSafe(t *testing.T) {
	for range 200 {
		var behind sync.WaitGroup
		pool.Map(bg, pool.New(2), numbers(4), func(ctx context.Context, i int) (int, error) {
			for range 2 {
				behind.Go(func() {
					for ctx.Err() == nil {
						select {
						case <-ctx.Done():
							if ctx.Err() == nil {
								t.Error("done, but no error")
							}
						default:
							runtime.Gosched()
						}
					}
					select {
					case <-ctx.Done():
					default:
						t.Error("an error, but not done")
					}
				})
			}
			if i == 2 {
				return 0, io.EOF
			}
			return 0, nil
		})
		behind.Wait()
	}
}

// Progress.

func TestProgress(t *testing.T) {
	for _, c := range []struct {
		name  string
		n     int
		bad   int // item that fails
		final int
	}{
		{"all", 1000, -1, 1000},
		{"one", 1, -1, 1},
		{"first fails", 1000, 0, 0},
		{"one fails", 1000, 700, 700},
	} {
		var seen []int // without a lock: the race detector sees whether calls are serial
		p := pool.New(1, pool.WithProgress(func(done, total int) {
			if total != c.n {
				t.Errorf("%s: total %d", c.name, total)
			}
			seen = append(seen, done)
		}))
		pool.Map(bg, p, numbers(c.n), func(_ context.Context, i int) (int, error) {
			runtime.Gosched()
			if i == c.bad {
				return 0, io.EOF
			}
			return 0, nil
		})
		if len(seen) == 0 || seen[len(seen)-1] != c.final || !slices.IsSorted(seen) || len(slices.Compact(seen)) != len(seen) {
			t.Errorf("%s: reported %v, want it to grow up to %d", c.name, seen, c.final)
		}
		idle(t, p)
	}
}

// It shows each moment's state, and holds up nobody.
func TestSlowProgress(t *testing.T) {
	virtual(t, func(t *testing.T) {
		begun := time.Now()
		var seen []int
		p := pool.New(2, pool.WithProgress(func(done, _ int) {
			seen = append(seen, done)
			time.Sleep(2500 * time.Millisecond)
		}))
		var worked atomic.Int64
		pool.Map(bg, p, numbers(10), func(_ context.Context, i int) (int, error) {
			time.Sleep(time.Second + time.Duration(i)) // no two end together
			worked.Store(int64(time.Since(begun)))
			return 0, nil
		})
		if want := []int{1, 6, 10}; !slices.Equal(seen, want) {
			t.Errorf("reported %v, want %v", seen, want)
		}
		if d := time.Duration(worked.Load()); d > 5100*time.Millisecond {
			t.Errorf("5 s of work took %v", d)
		}
	})
}

func TestProgressAfterCancel(t *testing.T) {
	virtual(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(bg, 3500*time.Millisecond)
		defer cancel()
		var seen []int
		p := pool.New(2, pool.WithProgress(func(done, _ int) { seen = append(seen, done) }))
		pool.Map(ctx, p, numbers(100), func(context.Context, int) (int, error) {
			time.Sleep(time.Second)
			return 0, nil
		})
		if n := len(seen); n == 0 || seen[n-1] != 8 {
			t.Errorf("reported %v, want 8 at last", seen)
		}
	})
}

func TestNoProgressWithoutWork(t *testing.T) {
	p := pool.New(2, pool.WithProgress(func(done, total int) { t.Errorf("reported %d of %d", done, total) }))
	pool.Map(bg, p, nil, square)
	ended, cancel := context.WithCancel(bg)
	cancel()
	pool.Map(ended, p, numbers(3), square)
}

func TestNestedCallsDoNotReport(t *testing.T) {
	var seen []int
	p := pool.New(1, pool.WithProgress(func(done, total int) {
		if total != 3 {
			t.Errorf("%d of %d: a nested call's", done, total)
		}
		seen = append(seen, done)
	}))
	pool.Map(bg, p, numbers(3), func(ctx context.Context, _ int) ([]int, error) {
		return pool.Map(ctx, p, numbers(50), square)
	})
	if n := len(seen); n == 0 || seen[n-1] != 3 {
		t.Errorf("reported %v", seen)
	}
}

func TestProgressMayUseThePool(t *testing.T) {
	virtual(t, func(t *testing.T) {
		var p *pool.Pool
		inside := false
		p = pool.New(1, pool.WithProgress(func(int, int) {
			if inside {
				return
			}
			inside = true
			if _, err := pool.Map(bg, p, numbers(3), square); err != nil {
				t.Error(err)
			}
			inside = false
		}))
		if _, err := pool.Map(bg, p, numbers(10), square); err != nil {
			t.Error(err)
		}
		idle(t, p)
	})
}

// A panic in the report reaches the caller when all tasks have returned.
func TestPanicInProgress(t *testing.T) {
	for _, end := range []func(){func() { panic("report") }, runtime.Goexit} {
		virtual(t, func(t *testing.T) {
			var g gauge
			var calls atomic.Int32
			p := pool.New(3, pool.WithProgress(func(int, int) { end() }))
			var caller sync.WaitGroup
			caller.Go(func() {
				defer func() {
					v := recover()
					if g.now.Load() != 0 || v != nil && v != "report" {
						t.Errorf("recovered %v with %d tasks running", v, g.now.Load())
					}
				}()
				pool.Map(bg, p, numbers(100), func(context.Context, int) (int, error) {
					g.enter()
					defer g.leave()
					calls.Add(1)
					time.Sleep(time.Duration(calls.Load()) * time.Second)
					return 0, nil
				})
				t.Error("Map returned")
			})
			caller.Wait()
			if n := calls.Load(); n > 6 {
				t.Errorf("%d tasks began: the panic did not stop the work", n)
			}
			idle(t, p)
		})
	}
}

// So it does when the call has no worker just then.
func TestPanicInProgressWithoutAWorker(t *testing.T) {
	virtual(t, func(t *testing.T) {
		p := pool.New(1, pool.WithProgress(func(_, total int) {
			if total > 1 {
				panic("report")
			}
		}))
		var other sync.WaitGroup
		other.Go(func() {
			time.Sleep(time.Second / 2)
			hour(bg, p)
		})
		begun := time.Now()
		func() {
			defer func() {
				if recover() != "report" || time.Since(begun) != time.Second {
					t.Errorf("returned after %v", time.Since(begun))
				}
			}()
			pool.Map(bg, p, numbers(2), func(context.Context, int) (int, error) {
				time.Sleep(time.Second)
				return 0, nil
			})
		}()
		other.Wait()
		idle(t, p)
	})
}

// Two calls at once report each for itself.
func TestProgressOfTwoCalls(t *testing.T) {
	virtual(t, func(t *testing.T) {
		var mu sync.Mutex
		last := map[int]int{}
		p := pool.New(2, pool.WithProgress(func(done, total int) {
			mu.Lock()
			defer mu.Unlock()
			last[total] = done
		}))
		var calls sync.WaitGroup
		for n := 5; n <= 6; n++ {
			calls.Go(func() {
				pool.Map(bg, p, numbers(n), func(context.Context, int) (int, error) {
					time.Sleep(time.Second)
					return 0, nil
				})
			})
		}
		calls.Wait()
		synctest.Wait()
		if last[5] != 5 || last[6] != 6 {
			t.Errorf("reported %v", last)
		}
	})
}
