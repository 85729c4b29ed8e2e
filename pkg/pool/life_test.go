package pool_test

import (
	"context"
	"errors"
	"fmt"
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

func second(ctx context.Context, x int) (int, error) {
	select {
	case <-time.After(time.Second):
		return x, nil
	case <-ctx.Done():
		return 0, ctx.Err()
	}
}

// stubborn does not heed its context.
func stubborn(_ context.Context, x int) (int, error) {
	time.Sleep(time.Hour)
	return x, nil
}

// Resize.

func TestResizeWhileWorkIsUnderWay(t *testing.T) {
	work := map[string]func(p *pool.Pool, n int){
		"Map": func(p *pool.Pool, n int) { pool.Map(bg, p, numbers(n), second) },
		"Stream": func(p *pool.Pool, n int) {
			collect(pool.Stream(bg, p, upTo(n), second))
		},
		"StreamUnordered": func(p *pool.Pool, n int) {
			collect(pool.StreamUnordered(bg, p, upTo(n), second))
		},
		"ApplyAsync": func(p *pool.Pool, n int) {
			var rs []*pool.Result[int]
			for i := range n {
				rs = append(rs, pool.ApplyAsync(bg, p, i, second))
			}
			for _, r := range rs {
				r.Get(bg)
			}
		},
	}
	for name, f := range work {
		for _, c := range []struct {
			from, to int
			want     time.Duration // of 100 tasks, 10 s before the change
		}{
			{1, 9, 20 * time.Second},
			{9, 1, 20 * time.Second},
			{2, 4, 30 * time.Second},
			{4, 3, 30 * time.Second},
		} {
			virtual(t, func(t *testing.T) {
				p := pool.New(c.from, pool.WithWindow(50))
				time.AfterFunc(10*time.Second-1, func() {
					if err := p.Resize(c.to); err != nil {
						t.Error(err)
					}
				})
				begun := time.Now()
				f(p, 10*c.from+c.to*int(c.want/time.Second-10))
				// Workers that come begin a nanosecond early.
				if d := time.Since(begun).Round(time.Second); d != c.want {
					t.Errorf("%s, from %d to %d workers: took %v, want %v", name, c.from, c.to, d, c.want)
				}
				idle(t, p)
			})
		}
	}
}

// A task that takes long does not keep the others of its call waiting for a new
// worker.
func TestResizeBesideALongTask(t *testing.T) {
	virtual(t, func(t *testing.T) {
		p := pool.New(1)
		var done atomic.Int32
		go func() {
			time.Sleep(time.Minute)
			p.Resize(2)
			synctest.Wait()
			if n := done.Load(); n != 99 {
				t.Errorf("%d items are done", n)
			}
		}()
		pool.Map(bg, p, numbers(100), func(_ context.Context, i int) (int, error) {
			if i == 0 {
				time.Sleep(time.Hour)
			} else {
				done.Add(1)
			}
			return 0, nil
		})
		idle(t, p)
	})
}

func TestResizeNeverExceeds(t *testing.T) {
	p := pool.New(1)
	var limit, over atomic.Int32
	limit.Store(8)
	var g gauge
	var calls sync.WaitGroup
	for range 4 {
		calls.Go(func() {
			pool.Map(bg, p, numbers(3000), func(context.Context, int) (int, error) {
				g.enter()
				defer g.leave()
				if g.now.Load() > limit.Load() {
					over.Add(1)
				}
				runtime.Gosched()
				return 0, nil
			})
		})
	}
	for n := range 500 {
		p.Resize(1 + n%8)
		runtime.Gosched()
	}
	calls.Wait()
	if over.Load() > 0 {
		t.Errorf("more than 8 tasks ran at once %d times", over.Load())
	}
	idle(t, p)
}

func TestResizeMisuse(t *testing.T) {
	for _, n := range []int{0, -3} {
		want := fmt.Sprintf("pool: Resize(%d): a pool needs at least 1 worker; to end it use Close, or Terminate", n)
		if err := pool.New(1).Resize(n); err == nil || err.Error() != want {
			t.Error(err)
		}
	}
	var none *pool.Pool
	if err := none.Resize(1); err == nil || !strings.HasPrefix(err.Error(), "pool: nil *Pool") {
		t.Error(err)
	}
	p := new(pool.Pool)
	if err := p.Resize(3); err != nil {
		t.Error(err)
	}
	virtual(t, func(t *testing.T) {
		begun := time.Now()
		pool.Map(bg, p, numbers(9), second)
		if d := time.Since(begun); d != 3*time.Second {
			t.Errorf("9 tasks on 3 workers took %v", d)
		}
	})
}

// Close, Join, Terminate.

func TestCloseAndJoin(t *testing.T) {
	virtual(t, func(t *testing.T) {
		p := pool.New(2)
		if err := p.Join(bg); err != pool.ErrOpen {
			t.Errorf("Join before Close: %v", err)
		}
		m := pool.MapAsync(bg, p, numbers(10), second)
		r := pool.ApplyAsync(bg, p, 7, func(ctx context.Context, x int) (int, error) {
			time.Sleep(time.Minute)
			return pool.Apply(ctx, p, x, second) // its own tasks may
		})
		p.Close()
		p.Close()
		if _, err := pool.Map(bg, p, numbers(1), second); err != pool.ErrClosed {
			t.Error(err)
		}
		if _, err := pool.MapAsync(bg, p, nil, second).Get(bg); err != pool.ErrClosed {
			t.Error(err)
		}
		short, cancel := context.WithTimeoutCause(bg, 3*time.Second/2, errStop)
		defer cancel()
		err := p.Join(short)
		if !errors.Is(err, pool.ErrAlive) || !errors.Is(err, errStop) {
			t.Error(err)
		}
		begun := time.Now()
		var joins sync.WaitGroup
		for range 3 {
			joins.Go(func() {
				if err := p.Join(bg); err != nil {
					t.Error(err)
				}
				if d := time.Since(begun); d < 59*time.Second {
					t.Errorf("joined after %v", d)
				}
			})
		}
		joins.Wait()
		if out, err := m.Get(bg); err != nil || !slices.Equal(out, numbers(10)) {
			t.Error(out, err)
		}
		if v, err := r.Get(bg); v != 7 || err != nil {
			t.Error(v, err)
		}
		if err := p.Join(bg); err != nil {
			t.Error(err)
		}
		idle(t, p)
	})
}

func TestEndOfNoPool(t *testing.T) {
	var none *pool.Pool
	none.Close()
	for name, end := range map[string]func(*pool.Pool, context.Context) error{"Join": (*pool.Pool).Join, "Terminate": (*pool.Pool).Terminate} {
		if err := end(none, bg); err == nil || !strings.HasPrefix(err.Error(), "pool: nil *Pool; make one with pool.New") {
			t.Errorf("%s of a nil pool: %v", name, err)
		}
		for _, p := range []*pool.Pool{new(pool.Pool), pool.New(1, pool.WithTimeout(-1))} {
			p.Close()
			if err := end(p, nil); err == nil || err.Error() != "pool: nil context; use context.Background() if there is none" {
				t.Errorf("%s with a nil context: %v", name, err)
			}
			if err := end(p, bg); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
	}
}

func TestJoinFromWithin(t *testing.T) {
	p := pool.New(1)
	pool.Apply(bg, p, 0, func(ctx context.Context, _ int) (int, error) {
		p.Close()
		if err := p.Join(ctx); err == nil || err.Error() != "pool: a task joins its own pool and would wait for ever; join it from outside" {
			t.Error(err)
		}
		return 0, nil
	})
	if err := p.Join(bg); err != nil {
		t.Error(err)
	}
}

func TestTerminate(t *testing.T) {
	virtual(t, func(t *testing.T) {
		p := pool.New(3)
		heeds := pool.MapAsync(bg, p, numbers(10), second)
		mapped := pool.MapAsync(bg, p, numbers(1), stubborn)
		applied := pool.ApplyAsync(bg, p, 0, stubborn)
		waits := pool.ApplyAsync(bg, p, 0, func(context.Context, int) (int, error) {
			t.Error("began")
			return 0, nil
		})
		streamed := make(chan error)
		go func() {
			_, err := collect(pool.Stream(bg, p, func(yield func(int) bool) {
				for yield(0) {
				}
			}, second))
			streamed <- err
		}()
		time.Sleep(1500 * time.Millisecond)
		begun := time.Now()
		short, cancel := context.WithTimeoutCause(bg, time.Second, errStop)
		defer cancel()
		err := p.Terminate(short)
		want := "pool: still at work: 2 running: 2 of github.com/threads2go/course/pkg/pool_test.stubborn: enough"
		if d := time.Since(begun); err == nil || err.Error() != want || !errors.Is(err, pool.ErrAlive) || d != time.Second {
			t.Errorf("after %v: %v, want %s", d, err, want)
		}
		out, err := heeds.Get(bg)
		if err != pool.ErrTerminated || len(out) != 10 {
			t.Error(out, err)
		}
		if _, err := waits.Get(bg); err != pool.ErrTerminated {
			t.Error(err)
		}
		if err := <-streamed; err != pool.ErrTerminated {
			t.Error(err)
		}
		if _, err := pool.Apply(bg, p, 1, second); err != pool.ErrClosed {
			t.Error(err)
		}
		if err := p.Terminate(bg); err != nil { // again, and long enough
			t.Error(err)
		}
		if out, err := mapped.Get(bg); err != nil || out[0] != 0 { // what has finished, counts
			t.Error(out, err)
		}
		if v, err := applied.Get(bg); v != 0 || err != nil {
			t.Error(v, err)
		}
		idle(t, p)
	})
}

func TestTerminateTellsTheCause(t *testing.T) {
	virtual(t, func(t *testing.T) {
		p := pool.New(4)
		cause := func(ctx context.Context, _ int) (error, error) {
			<-ctx.Done()
			return context.Cause(ctx), nil
		}
		a := pool.ApplyAsync(bg, p, 0, cause)
		m := pool.MapAsync(bg, p, numbers(1), cause)
		nested := pool.ApplyAsync(bg, p, 0, func(ctx context.Context, x int) (error, error) {
			return pool.Apply(ctx, p, x, cause)
		})
		synctest.Wait()
		if err := p.Terminate(bg); err != nil {
			t.Error(err)
		}
		for _, r := range []*pool.Result[error]{a, nested} {
			if cause, err := r.Get(bg); cause != pool.ErrTerminated {
				t.Error(cause, err)
			}
		}
		if causes, err := m.Get(bg); causes[0] != pool.ErrTerminated {
			t.Error(causes, err)
		}
		idle(t, p)
	})
}

// All errors.

func TestMapWithAllErrors(t *testing.T) {
	for _, opts := range [][]pool.Option{{}, {pool.WithChunkSize(50)}} {
		for n := 1; n <= 4; n++ {
			done, total := 0, 0
			p := pool.New(n, append(opts, pool.WithAllErrors(), pool.WithProgress(func(d, of int) { done, total = d, of }))...)
			out, err := pool.Map(bg, p, numbers(1000), func(_ context.Context, i int) (int, error) {
				switch i % 100 {
				case 30:
					return 5, errStop
				case 50:
					panic(i)
				case 70:
					runtime.Goexit()
				}
				return i, nil
			})
			var want []string
			for i, r := range out {
				switch i % 100 {
				case 30:
					want = append(want, fmt.Sprintf("pool: task %d: enough", i))
				case 50:
					want = append(want, fmt.Sprintf("pool: task %d: panic: %d", i, i))
				case 70:
					want = append(want, fmt.Sprintf("pool: task %d: %v", i, pool.ErrGoexit))
				default:
					if r != i {
						t.Fatalf("result %d is %d", i, r)
					}
					continue
				}
				if r != 0 {
					t.Fatalf("result %d is %d", i, r)
				}
			}
			if err == nil || err.Error() != strings.Join(want, "\n") {
				t.Errorf("error\n%v\nwant\n%s", err, strings.Join(want, "\n"))
			}
			var te *pool.TaskError
			if !errors.As(err, &te) || te.Index != 30 {
				t.Errorf("first error %v", te)
			}
			if done != 1000 || total != 1000 {
				t.Errorf("progress ended at %d of %d", done, total)
			}
			idle(t, p)
		}
	}
}

func TestAllErrorsAndCancel(t *testing.T) {
	ctx, cancel := context.WithCancelCause(bg)
	_, err := pool.Map(ctx, pool.New(1, pool.WithAllErrors()), numbers(1000), func(ctx context.Context, i int) (int, error) {
		switch i {
		case 3:
			return 0, errors.New("three")
		case 10:
			cancel(errStop)
			return 0, ctx.Err()
		}
		return 0, nil
	})
	if want := "enough\npool: task 3: three"; err == nil || err.Error() != want {
		t.Errorf("%v, want %s", err, want)
	}
}

// A task's time.

func TestTimeout(t *testing.T) {
	virtual(t, func(t *testing.T) {
		p := pool.New(2, pool.WithTimeout(2*time.Second), pool.WithAllErrors())
		task := func(ctx context.Context, s int) (int, error) {
			if s == 9 { // does not heed it
				time.Sleep(9 * time.Second)
				return s, nil
			}
			select {
			case <-time.After(time.Duration(s) * time.Second):
				return s, nil
			case <-ctx.Done():
				return 0, ctx.Err()
			}
		}
		in := []int{1, 5, 1, 9, 4}
		want := "pool: task 1: its time of 2s is over\npool: task 4: its time of 2s is over"
		begun := time.Now()
		out, err := pool.Map(bg, p, in, task)
		if err == nil || err.Error() != want || !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%v, want %s", err, want)
		}
		if !slices.Equal(out, []int{1, 0, 1, 9, 0}) {
			t.Error(out)
		}
		if d := time.Since(begun); d != 11*time.Second {
			t.Errorf("took %v", d)
		}
		if _, err := pool.Apply(bg, p, 5, task); err == nil || err.Error() != "pool: task 0: its time of 2s is over" {
			t.Error(err)
		}
		if _, err := collect(pool.Stream(bg, p, slices.Values(in), task)); err == nil || err.Error() != "pool: task 1: its time of 2s is over" {
			t.Error(err)
		}
		idle(t, p)
	})
}

// The error of a task that was too slow names its time, however it says so.
func TestTimeoutIsNamed(t *testing.T) {
	virtual(t, func(t *testing.T) {
		p := pool.New(2, pool.WithTimeout(2*time.Second))
		own := errors.New("no answer")
		for _, c := range []struct {
			say  func(ctx context.Context) error
			want string
		}{
			{context.Context.Err, "pool: task 0: its time of 2s is over"},
			{context.Cause, "pool: task 0: its time of 2s is over"},
			{func(ctx context.Context) error { return fmt.Errorf("load a: %w", ctx.Err()) }, "pool: task 0: load a: context deadline exceeded: its time of 2s is over"},
			{func(ctx context.Context) error { return fmt.Errorf("load a: %w", context.Cause(ctx)) }, "pool: task 0: load a: its time of 2s is over"},
			{func(ctx context.Context) error { return own }, "pool: task 0: no answer"},
		} {
			_, err := pool.Apply(bg, p, 0, func(ctx context.Context, _ int) (int, error) {
				<-ctx.Done()
				return 0, c.say(ctx)
			})
			if err == nil || err.Error() != c.want || errors.Is(err, context.DeadlineExceeded) == errors.Is(err, own) {
				t.Errorf("%v, want %s", err, c.want)
			}
		}
	})
}

// Chunks and the observer.

func TestChunkSize(t *testing.T) {
	for _, size := range []int{1, 2, 7, 100} {
		var mu sync.Mutex
		var spans []pool.Span
		p := pool.New(3, pool.WithChunkSize(size), pool.WithObserver(func(s pool.Span) {
			mu.Lock()
			defer mu.Unlock()
			spans = append(spans, s)
		}))
		for name, f := range map[string]func() error{
			"Map":    func() error { _, err := pool.Map(bg, p, numbers(50), square); return err },
			"Stream": func() error { _, err := collect(pool.Stream(bg, p, upTo(50), square)); return err },
		} {
			spans = nil
			if err := f(); err != nil {
				t.Fatal(err)
			}
			covers(t, name, spans, 50)
			for _, s := range spans {
				if s.N > size || name == "Map" && s.N < size && s.First+s.N < 50 {
					t.Errorf("%s, chunks of %d: one has %d items", name, size, s.N)
				}
			}
		}
	}
}

// covers fails the test unless the spans hold n items once each, and those of one
// worker do not overlap.
func covers(t *testing.T, name string, spans []pool.Span, n int) {
	t.Helper()
	slices.SortFunc(spans, func(a, b pool.Span) int { return a.First - b.First })
	next := 0
	for _, s := range spans {
		if s.First != next || s.N < 1 || s.End.Before(s.Begin) {
			t.Fatalf("%s: after item %d comes a span of %+v", name, next, s)
		}
		next += s.N
	}
	if next != n {
		t.Errorf("%s: spans of %d items, want %d", name, next, n)
	}
	alone(t, spans)
}

func alone(t *testing.T, spans []pool.Span) {
	t.Helper()
	last := map[int]pool.Span{}
	slices.SortFunc(spans, func(a, b pool.Span) int { return a.Begin.Compare(b.Begin) })
	for _, s := range spans {
		if before, ok := last[s.Worker]; ok && s.Begin.Before(before.End) {
			t.Errorf("worker %d: %+v and %+v overlap", s.Worker, before, s)
		}
		last[s.Worker] = s
	}
}

func TestObserver(t *testing.T) {
	var mu sync.Mutex
	var spans []pool.Span
	p := pool.New(3, pool.WithObserver(func(s pool.Span) {
		mu.Lock()
		defer mu.Unlock()
		spans = append(spans, s)
	}))
	virtual(t, func(t *testing.T) {
		start := time.Now()
		pool.Map(bg, p, []int{3, 1, 2}, func(_ context.Context, s int) (int, error) {
			time.Sleep(time.Duration(s) * time.Second)
			return 0, nil
		})
		covers(t, "Map", spans, 3)
		for i, want := range []time.Duration{3 * time.Second, time.Second, 2 * time.Second} {
			s := spans[slices.IndexFunc(spans, func(s pool.Span) bool { return s.First == i })]
			if s.Begin != start || s.End.Sub(start) != want || s.Worker > 2 || s.Err != nil {
				t.Errorf("item %d: %+v", i, s)
			}
		}
	})
	spans = nil
	pool.Apply(bg, p, 1, func(context.Context, int) (int, error) { return 0, errStop })
	pool.Apply(bg, p, 1, func(context.Context, int) (int, error) { runtime.Goexit(); return 0, nil })
	pool.Map(bg, p, numbers(1), func(context.Context, int) (int, error) { panic("boom") })
	if len(spans) != 3 || spans[0].Err != errStop || spans[1].Err != pool.ErrGoexit || spans[2].Err.Error() != "panic: boom" {
		t.Errorf("%+v", spans)
	}
	for _, s := range spans {
		if s.Worker != 0 || s.First != 0 || s.N != 1 {
			t.Errorf("%+v", s)
		}
	}
}

// Spans of one worker never overlap, with nested calls either.
func TestObserverOfNestedCalls(t *testing.T) {
	var mu sync.Mutex
	var spans []pool.Span
	p := pool.New(2, pool.WithObserver(func(s pool.Span) {
		mu.Lock()
		defer mu.Unlock()
		spans = append(spans, s)
	}))
	virtual(t, func(t *testing.T) {
		var g gauge
		tree(bg, p, &g, 3, 3)
		if len(spans) != 3+9+27 {
			t.Errorf("%d spans", len(spans))
		}
		alone(t, spans)
	})
}
