package parallel_test

import (
	"context"
	"errors"
	"iter"
	"runtime"
	"slices"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/threads2go/course/pkg/parallel"
	"github.com/threads2go/course/pkg/pool"
)

// endless yields 0, 1, 2, ... and counts how many were taken, and whether it has
// returned.
type endless struct {
	taken atomic.Int64
	over  atomic.Bool
}

func (e *endless) numbers(yield func(int) bool) {
	defer e.over.Store(true)
	for i := 0; ; i++ {
		e.taken.Add(1)
		if !yield(i) {
			return
		}
	}
}

func TestStreamsYieldAll(t *testing.T) {
	on(t, func(t *testing.T, ctx context.Context) {
		for _, p := range []*parallel.Parallel{
			open(t, 1), open(t, 3), open(t, 2, parallel.WithPreDispatch(1)), open(t, 2, parallel.WithBatchSize(7)),
			open(t, 2, parallel.WithPreDispatch(5), parallel.WithBatchSize(3)),
		} {
			for _, n := range []int{0, 1, 2, 10, 500} {
				var got []int
				for r, err := range parallel.Stream(ctx, p, square.DelayedSeq(slices.Values(numbers(n)))) {
					if err != nil {
						t.Fatal(err)
					}
					got = append(got, r)
				}
				want := make([]int, n)
				for i := range want {
					want[i] = i * i
				}
				if !slices.Equal(got, want) {
					t.Fatalf("%d calls: %v", n, got)
				}
				got = nil
				for r, err := range parallel.StreamUnordered(ctx, p, square.DelayedSeq(slices.Values(numbers(n)))) {
					if err != nil {
						t.Fatal(err)
					}
					got = append(got, r)
				}
				if slices.Sort(got); !slices.Equal(got, want) {
					t.Fatalf("%d calls, unordered: %v", n, got)
				}
			}
		}
	})
}

// Calls of several functions, and many at a time, also more than the window has.
func TestStreamOfMixedCalls(t *testing.T) {
	on(t, func(t *testing.T, ctx context.Context) {
		calls := func(yield func(parallel.Calls[int]) bool) {
			for i := range 20 {
				if !yield(square.Delayed(i)) || !yield(do.Delayed(deed{"", -1}, deed{"", -2})) ||
					!yield(parallel.Calls[int]{}) || !yield(square.Delayed(numbers(50)...)) {
					return
				}
			}
		}
		var want []int
		for i := range 20 {
			want = append(want, i*i, -1, -2)
			for j := range 50 {
				want = append(want, j*j)
			}
		}
		for _, p := range []*parallel.Parallel{open(t, 2), open(t, 2, parallel.WithPreDispatch(3))} {
			for range 2 { // a stream can be ranged over again
				var got []int
				for r, err := range parallel.Stream(ctx, p, calls) {
					if err != nil {
						t.Fatal(err)
					}
					got = append(got, r)
				}
				if !slices.Equal(got, want) {
					t.Fatalf("%v\nwant %v", got, want)
				}
			}
		}
	})
}

func TestBreakEndsTheStream(t *testing.T) {
	on(t, func(t *testing.T, ctx context.Context) {
		p := open(t, 2)
		for _, stop := range []int{0, 1, 100} {
			var source endless
			n := 0
			for r, err := range parallel.Stream(ctx, p, square.DelayedSeq(source.numbers)) {
				if err != nil || r != n*n {
					t.Fatalf("result %d: %d, %v", n, r, err)
				}
				if n == stop {
					break
				}
				n++
			}
			if !source.over.Load() {
				t.Error("the source has not returned")
			}
		}
	})
}

func TestNothingRunsAfterBreak(t *testing.T) {
	virtual(t, func(t *testing.T) {
		var g gauge
		calls := anything.DelayedSeq(func(yield func(act) bool) {
			for yield(func(ctx context.Context) (int, error) {
				g.enter()
				defer g.leave()
				time.Sleep(time.Second)
				return 0, ctx.Err()
			}) {
			}
		})
		for range parallel.Stream(bg, parallel.New(3), calls) {
			break
		}
		if n := g.now.Load(); n != 0 {
			t.Errorf("%d calls run after the loop", n)
		}
	})
}

// At most w calls are taken beyond the results that were handed on.
func TestPreDispatch(t *testing.T) {
	virtual(t, func(t *testing.T) {
		for _, w := range []int64{1, 2, 5, 100} {
			for _, s := range []func(context.Context, *parallel.Parallel, iter.Seq[parallel.Calls[int]]) iter.Seq2[int, error]{
				parallel.Stream[int], parallel.StreamUnordered[int],
			} {
				var source endless
				n := int64(0)
				for _, err := range s(bg, parallel.New(3, parallel.WithPreDispatch(int(w))), square.DelayedSeq(source.numbers)) {
					synctest.Wait()
					if err != nil {
						t.Fatal(err)
					}
					if taken := source.taken.Load(); taken > n+w {
						t.Fatalf("window %d: %d taken when %d were handed on", w, taken, n)
					}
					if n++; n == 50 {
						break
					}
				}
			}
		}
	})
}

func TestDefaultPreDispatchIsTwoForEachJob(t *testing.T) {
	virtual(t, func(t *testing.T) {
		var taken atomic.Int32
		calls := anything.DelayedSeq(func(yield func(act) bool) {
			for {
				taken.Add(1)
				if !yield(sleep(time.Second)) {
					return
				}
			}
		})
		for range parallel.Stream(bg, parallel.New(3), calls) {
			synctest.Wait()
			if n := taken.Load(); n != 6 {
				t.Errorf("%d calls of a second taken with 3 jobs, want 6", n)
			}
			break
		}
	})
}

// A source that has nothing more to give for now does not keep what it has given.
func TestSlowSource(t *testing.T) {
	virtual(t, func(t *testing.T) {
		begun := time.Now()
		calls := square.DelayedSeq(func(yield func(int) bool) {
			for i := range 5 {
				if !yield(i) {
					return
				}
				time.Sleep(time.Hour)
			}
		})
		n := 0
		for r, err := range parallel.Stream(bg, parallel.New(2), calls) {
			if err != nil || r != n*n || time.Since(begun) != time.Duration(n)*time.Hour {
				t.Errorf("result %d: %d, %v after %v", n, r, err, time.Since(begun))
			}
			n++
		}
		if d := time.Since(begun); n != 5 || d != 5*time.Hour {
			t.Errorf("%d results in %v", n, d)
		}
	})
}

// Unordered, a slow call keeps none waiting; ordered, it does, and all run at once.
func TestOrderOfStreams(t *testing.T) {
	virtual(t, func(t *testing.T) {
		var calls []act
		for _, s := range []int{9, 1, 2, 3} {
			calls = append(calls, func(context.Context) (int, error) {
				time.Sleep(time.Duration(s) * time.Second)
				return s, nil
			})
		}
		begun := time.Now()
		var got []int
		for r := range parallel.StreamUnordered(bg, parallel.New(4), anything.DelayedSeq(slices.Values(calls))) {
			if d := time.Since(begun); d != time.Duration(r)*time.Second {
				t.Errorf("the call of %d s came after %v", r, d)
			}
			got = append(got, r)
		}
		if !slices.Equal(got, []int{1, 2, 3, 9}) {
			t.Errorf("unordered: %v", got)
		}
		got = nil
		begun = time.Now()
		for r := range parallel.Stream(bg, parallel.New(4), anything.DelayedSeq(slices.Values(calls))) {
			got = append(got, r)
		}
		if d := time.Since(begun); !slices.Equal(got, []int{9, 1, 2, 3}) || d != 9*time.Second {
			t.Errorf("ordered: %v in %v", got, d)
		}
	})
}

func TestStreamFails(t *testing.T) {
	on(t, func(t *testing.T, ctx context.Context) {
		var source endless
		calls := func(yield func(parallel.Calls[int]) bool) {
			for i := range source.numbers {
				d := deed{"", i}
				if i == 20 {
					d.What = "fail"
				}
				if !yield(do.Delayed(d)) {
					return
				}
			}
		}
		n := 0
		var last error
		for r, err := range parallel.Stream(ctx, open(t, 2), calls) {
			if last != nil {
				t.Fatal("a result after the error")
			}
			if last = err; err == nil && r != n {
				t.Fatalf("result %d: %d", n, r)
			}
			n++
		}
		var failed *parallel.TaskError
		if !errors.As(last, &failed) || failed.Index != 20 || n > 21 || !source.over.Load() {
			t.Errorf("%v after %d results", last, n-1)
		}
	})
}

func TestStreamIsCancelled(t *testing.T) {
	virtual(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(bg, 10*time.Second)
		defer cancel()
		n := 0
		for _, err := range parallel.Stream(ctx, parallel.New(2), anything.DelayedSeq(func(yield func(act) bool) {
			for yield(sleep(3 * time.Second)) {
			}
		})) {
			if err != nil {
				if err != context.DeadlineExceeded {
					t.Error(err)
				}
				break
			}
			n++
		}
		if n < 6 || n > 8 {
			t.Errorf("%d results of 3 s on 2 jobs in 10 s", n)
		}
	})
}

func TestSourceGoesWrong(t *testing.T) {
	virtual(t, func(t *testing.T) {
		for what, want := range map[string]string{
			"panic":  "parallel: the sequence of calls: panic: in the source",
			"goexit": "parallel: the sequence of calls: runtime.Goexit called in the task",
		} {
			var got []int
			for r, err := range parallel.Stream(bg, parallel.New(2), square.DelayedSeq(func(yield func(int) bool) {
				yield(1)
				time.Sleep(time.Second)
				if what == "panic" {
					panic("in the source")
				}
				runtime.Goexit()
			})) {
				if err != nil {
					var p *pool.PanicError
					if err.Error() != want || errors.As(err, &p) != (what == "panic") {
						t.Errorf("%v, want %s", err, want)
					}
					continue
				}
				got = append(got, r)
			}
			if !slices.Equal(got, []int{1}) {
				t.Errorf("%s: results %v", what, got)
			}
		}
	})
}

func TestLoopGoesWrong(t *testing.T) {
	virtual(t, func(t *testing.T) {
		var source endless
		func() {
			defer func() {
				if v := recover(); v != "in the loop" {
					t.Errorf("recovered %v", v)
				}
			}()
			for range parallel.Stream(bg, parallel.New(2), square.DelayedSeq(source.numbers)) {
				panic("in the loop")
			}
		}()
		if !source.over.Load() {
			t.Error("the source has not returned")
		}
	})
}

// In the loop over a stream, the same Parallel can be used: also of one job.
func TestCallsInALoopOverAStream(t *testing.T) {
	on(t, func(t *testing.T, ctx context.Context) {
		p := open(t, 1)
		n := 0
		for r, err := range parallel.Stream(ctx, p, square.DelayedSeq(slices.Values(numbers(50)))) {
			if err != nil {
				t.Fatal(err)
			}
			out, err := parallel.Run(ctx, p, square.Delayed(r, n))
			if err != nil || out[0] != r*r || out[1] != r {
				t.Fatalf("%v, %v", out, err)
			}
			n++
		}
		if n != 50 {
			t.Errorf("%d results", n)
		}
	})
}

func TestStreamProgress(t *testing.T) {
	var reports [][2]int
	p := parallel.New(2, parallel.WithProgress(func(done, total int) { reports = append(reports, [2]int{done, total}) }))
	for range parallel.Stream(bg, p, square.DelayedSeq(slices.Values(numbers(100)))) {
	}
	if last := reports[len(reports)-1]; last != [2]int{100, 100} {
		t.Errorf("the last report is %v", last)
	}
	for i, r := range reports {
		if r[1] != -1 && r[1] != 100 || i > 0 && r[0] < reports[i-1][0] {
			t.Errorf("reports %v", reports)
		}
	}
}

// A sequence that goes on with nothing is told that the loop has ended, too.
func TestBreakIsToldToASequenceOfNothing(t *testing.T) {
	virtual(t, func(t *testing.T) {
		calls := func(yield func(parallel.Calls[int]) bool) {
			for i := 1; yield(square.Delayed(numbers(i)...)); i = 0 {
				time.Sleep(time.Second)
			}
		}
		begun := time.Now()
		for range parallel.Stream(bg, parallel.New(1), calls) {
			break
		}
		if d := time.Since(begun); d > time.Second {
			t.Errorf("the loop ended after %v", d)
		}
	})
}
