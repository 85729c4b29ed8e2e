package pool_test

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/threads2go/course/pkg/pool"
)

// collect ranges over a stream to its end.
func collect[R any](s iter.Seq2[R, error]) (out []R, err error) {
	for r, e := range s {
		if e != nil {
			return out, e
		}
		out = append(out, r)
	}
	return out, nil
}

type streamer func(context.Context, *pool.Pool, iter.Seq[int], func(context.Context, int) (int, error)) iter.Seq2[int, error]

// both runs a test for either kind of stream.
func both(t *testing.T, f func(t *testing.T, stream streamer, ordered bool)) {
	t.Run("Stream", func(t *testing.T) { f(t, pool.Stream[int, int], true) })
	t.Run("StreamUnordered", func(t *testing.T) { f(t, pool.StreamUnordered[int, int], false) })
}

func upTo(n int) iter.Seq[int] { return slices.Values(numbers(n)) }

func TestStreamYieldsEachResultOnce(t *testing.T) {
	both(t, func(t *testing.T, stream streamer, ordered bool) {
		for _, p := range []*pool.Pool{
			new(pool.Pool), pool.New(1), pool.New(2), pool.New(9),
			pool.New(3, pool.WithWindow(1)), pool.New(3, pool.WithWindow(2)), pool.New(2, pool.WithWindow(1000)),
			pool.New(2, pool.WithChunkSize(1)), pool.New(2, pool.WithChunkSize(7)), pool.New(2, pool.WithChunkSize(7), pool.WithWindow(5)),
		} {
			for _, n := range []int{0, 1, 2, 3, 7, 8, 100, 1000, 20_000} {
				out, err := collect(stream(bg, p, upTo(n), square))
				if !ordered {
					slices.Sort(out)
				}
				if err != nil || len(out) != n {
					t.Fatalf("%d items: %d results, error %v", n, len(out), err)
				}
				for i, r := range out {
					if r != i*i {
						t.Fatalf("%d items: result %d is %d", n, i, r)
					}
				}
				idle(t, p)
			}
		}
	})
}

func TestUnorderedYieldsWhatIsThereFirst(t *testing.T) {
	virtual(t, func(t *testing.T) {
		out, err := collect(pool.StreamUnordered(bg, pool.New(3), slices.Values([]int{3, 1, 2}), func(_ context.Context, s int) (int, error) {
			time.Sleep(time.Duration(s) * time.Second)
			return s, nil
		}))
		if want := []int{1, 2, 3}; err != nil || !slices.Equal(out, want) {
			t.Errorf("%v, %v, want %v", out, err, want)
		}
	})
}

// A result is there as soon as its task is done, even if the source then blocks.
func TestStreamHandsOnWhileTheSourceBlocks(t *testing.T) {
	both(t, func(t *testing.T, stream streamer, _ bool) {
		for _, n := range []int{1, 5, 700} {
			virtual(t, func(t *testing.T) {
				free := make(chan struct{})
				source := func(yield func(int) bool) {
					for i := range n {
						if !yield(i) {
							return
						}
					}
					<-free
				}
				got := 0
				for _, err := range stream(bg, pool.New(2), source, square) {
					if err != nil {
						t.Error(err)
					}
					if got++; got == n {
						synctest.Wait()
						close(free)
					}
				}
				if got != n {
					t.Errorf("%d results of %d", got, n)
				}
			})
		}
	})
}

// At most a window of items is taken beyond those yielded.
func TestStreamKeepsItsWindow(t *testing.T) {
	both(t, func(t *testing.T, stream streamer, _ bool) {
		for _, w := range []int{1, 2, 3, 10, 100} {
			virtual(t, func(t *testing.T) {
				var taken atomic.Int32
				yielded, most := 0, 0
				source := func(yield func(int) bool) {
					for i := range 1000 {
						taken.Add(1)
						if !yield(i) {
							return
						}
					}
				}
				for range stream(bg, pool.New(4, pool.WithWindow(w)), source, square) {
					yielded++
					if yielded%50 < 3 {
						synctest.Wait() // until all that can be taken is
					}
					most = max(most, int(taken.Load())-yielded)
				}
				if yielded != 1000 || most != w {
					t.Errorf("window %d: %d items were taken beyond those yielded; %d yielded", w, most, yielded)
				}
			})
		}
	})
}

// The window that follows the work is small while items are slow.
func TestStreamsOwnWindow(t *testing.T) {
	virtual(t, func(t *testing.T) {
		var taken atomic.Int32
		source := func(yield func(int) bool) {
			for yield(0) {
				taken.Add(1)
			}
		}
		yielded := 0
		for range pool.Stream(bg, pool.New(2), source, func(context.Context, int) (int, error) {
			time.Sleep(time.Second)
			return 0, nil
		}) {
			synctest.Wait()
			if yielded++; int(taken.Load()) > yielded+8 {
				t.Fatalf("%d taken, %d yielded", taken.Load(), yielded)
			}
			if yielded == 100 {
				break
			}
		}
	})
}

// The body of the loop may give the source what it waits for.
func TestStreamFedByItsOwnResults(t *testing.T) {
	both(t, func(t *testing.T, stream streamer, _ bool) {
		for _, p := range []*pool.Pool{pool.New(1), pool.New(3, pool.WithWindow(1)), pool.New(2, pool.WithWindow(100))} {
			virtual(t, func(t *testing.T) {
				links := make(chan int)
				go func() { links <- 1 }()
				visited := 0
				for x, err := range stream(bg, p, func(yield func(int) bool) {
					for x := range links {
						if !yield(x) {
							return
						}
					}
				}, func(_ context.Context, x int) (int, error) { return x, nil }) {
					if err != nil {
						t.Fatal(err)
					}
					if visited++; x == 500 {
						close(links)
					} else {
						links <- x + 1
					}
				}
				if visited != 500 {
					t.Errorf("%d of 500", visited)
				}
			})
		}
	})
}

// After a break the source has returned, its defers have run, and nothing runs.
func TestBreakEndsEverything(t *testing.T) {
	both(t, func(t *testing.T, stream streamer, _ bool) {
		for _, at := range []int{1, 2, 50, 999} {
			virtual(t, func(t *testing.T) {
				p := pool.New(3)
				var g gauge
				var begun, cancelled atomic.Int32
				closed := false
				source := func(yield func(int) bool) {
					defer func() { closed = true }()
					for i := 0; yield(i); i++ {
					}
				}
				n := 0
				for range stream(bg, p, source, func(ctx context.Context, i int) (int, error) {
					g.enter()
					defer g.leave()
					begun.Add(1)
					if i%10 < 9 {
						return i, nil
					}
					select {
					case <-ctx.Done():
						cancelled.Add(1)
					case <-time.After(time.Second):
					}
					return i, nil
				}) {
					if n++; n == at {
						break
					}
				}
				if !closed {
					t.Error("the source has not returned")
				}
				if now := g.now.Load(); now != 0 {
					t.Errorf("%d tasks run", now)
				}
				before := begun.Load()
				synctest.Wait()
				if after := begun.Load(); after != before {
					t.Errorf("%d tasks began after the break", after-before)
				}
				idle(t, p)
			})
		}
	})
}

func TestStreamIsLazyAndBeginsAnew(t *testing.T) {
	begun := 0
	s := pool.Stream(bg, pool.New(2), func(yield func(int) bool) {
		begun++
		yield(7)
	}, square)
	if begun != 0 {
		t.Error("the source was asked before the range")
	}
	for range 3 {
		if out, err := collect(s); err != nil || !slices.Equal(out, []int{49}) {
			t.Errorf("%v, %v", out, err)
		}
	}
	if begun != 3 {
		t.Errorf("the source ran %d times", begun)
	}
}

func TestStreamMisuse(t *testing.T) {
	both(t, func(t *testing.T, stream streamer, ordered bool) {
		name := map[bool]string{true: "Stream", false: "StreamUnordered"}[ordered]
		closed := pool.New(1)
		closed.Close()
		ended, cancel := context.WithCancelCause(bg)
		cancel(errStop)
		for _, c := range []struct {
			s    iter.Seq2[int, error]
			want string
		}{
			{stream(bg, pool.New(0), upTo(3), square), "pool: New(0): a pool needs at least 1 worker; runtime.GOMAXPROCS(0) is one per core"},
			{stream(bg, nil, upTo(3), square), "pool: nil *Pool; make one with pool.New, or with new(pool.Pool) for one worker per core"},
			{stream(nil, pool.New(1), upTo(3), square), "pool: nil context; use context.Background() if there is none"},
			{stream(bg, pool.New(1), nil, square), "pool: " + name + ": nil source; give the items, for example as slices.Values(items)"},
			{stream(bg, pool.New(1), upTo(3), nil), "pool: " + name + ": nil function; give the one to call for each item"},
			{stream(bg, pool.New(1, pool.WithWindow(0)), upTo(3), square), "pool: WithWindow(0): a stream needs at least 1 item at a time; leave the option away for a window that follows the work"},
			{stream(bg, closed, upTo(3), square), "pool: closed; make another with pool.New"},
			{stream(ended, pool.New(1), upTo(3), square), "enough"},
		} {
			n := 0
			for r, err := range c.s {
				if n++; err == nil || err.Error() != c.want || r != 0 {
					t.Errorf("%d, error %v, want %s", r, err, c.want)
				}
			}
			if n != 1 {
				t.Errorf("%s: yielded %d times", c.want, n)
			}
		}
	})
}

// Failures.

func TestStreamStopsAtTheFirstFailure(t *testing.T) {
	for n := 1; n <= 4; n++ {
		for _, bad := range []int{0, 1, 10, 500} {
			virtual(t, func(t *testing.T) {
				p := pool.New(n)
				var late atomic.Int32
				var failed atomic.Bool
				out, err := collect(pool.Stream(bg, p, upTo(1000), func(_ context.Context, i int) (int, error) {
					if failed.Load() {
						late.Add(1)
					}
					if i == bad {
						failed.Store(true)
						return 0, errStop
					}
					time.Sleep(time.Millisecond)
					return i, nil
				}))
				var te *pool.TaskError
				if !errors.As(err, &te) || te.Index != bad || te.Err != errStop {
					t.Errorf("item %d: error %v", bad, err)
				}
				if !slices.Equal(out, numbers(bad)) {
					t.Errorf("%d workers: item %d failed, %d results before the error", n, bad, len(out))
				}
				if late.Load() > int32(n) { // those that another worker was about to begin
					t.Errorf("%d tasks began after the failure", late.Load())
				}
				idle(t, p)
			})
		}
	}
}

func TestStreamPanicsAndExits(t *testing.T) {
	both(t, func(t *testing.T, stream streamer, _ bool) {
		_, err := collect(stream(bg, pool.New(2), upTo(100), func(_ context.Context, i int) (int, error) {
			if i == 7 {
				panic("boom")
			}
			return 0, nil
		}))
		var pe *pool.PanicError
		if !errors.As(err, &pe) || err.Error() != "pool: task 7: panic: boom" || !strings.Contains(string(pe.Stack), "stream_test.go") || strings.Contains(string(pe.Stack), "stream.go:") {
			t.Errorf("error %v, stack\n%s", err, pe.Stack)
		}
		_, err = collect(stream(bg, pool.New(2), upTo(100), func(_ context.Context, i int) (int, error) {
			if i == 7 {
				runtime.Goexit()
			}
			return 0, nil
		}))
		if !errors.Is(err, pool.ErrGoexit) || err.Error() != "pool: task 7: runtime.Goexit called in the task" {
			t.Errorf("error %v", err)
		}
	})
}

func TestStreamHandsOnAllErrors(t *testing.T) {
	both(t, func(t *testing.T, stream streamer, ordered bool) {
		for _, opts := range [][]pool.Option{{}, {pool.WithChunkSize(10)}, {pool.WithWindow(3)}} {
			p := pool.New(2, append(opts, pool.WithAllErrors())...)
			var seen []int
			i := 0
			for r, err := range stream(bg, p, upTo(300), func(_ context.Context, i int) (int, error) {
				switch i % 10 {
				case 3:
					return 0, errStop
				case 5:
					panic(i)
				case 7:
					runtime.Goexit()
				}
				return i, nil
			}) {
				at := r
				if err != nil {
					var te *pool.TaskError
					if !errors.As(err, &te) {
						t.Fatal(err)
					}
					at = te.Index
					want := map[int]string{3: "enough", 5: fmt.Sprintf("panic: %d", at), 7: pool.ErrGoexit.Error()}[at%10]
					if te.Err.Error() != want {
						t.Errorf("item %d: %v", at, err)
					}
				} else if slices.Contains([]int{3, 5, 7}, r%10) {
					t.Errorf("item %d has no error", r)
				}
				if ordered && at != i {
					t.Fatalf("item %d in the place of %d", at, i)
				}
				seen = append(seen, at)
				i++
			}
			slices.Sort(seen)
			if !slices.Equal(seen, numbers(300)) {
				t.Errorf("items %v", seen)
			}
			idle(t, p)
		}
	})
}

func TestStreamOfASourceThatFails(t *testing.T) {
	both(t, func(t *testing.T, stream streamer, _ bool) {
		for _, before := range []int{0, 3} {
			for _, exit := range []bool{false, true} {
				p := pool.New(2)
				_, err := collect(stream(bg, p, func(yield func(int) bool) {
					for i := range before {
						yield(i)
					}
					if exit {
						runtime.Goexit()
					}
					panic("no more pages")
				}, square))
				want := "pool: the source of a stream: panic: no more pages"
				if exit {
					want = "pool: the source of a stream: " + pool.ErrGoexit.Error()
				}
				if err == nil || err.Error() != want {
					t.Errorf("error %v, want %s", err, want)
				}
				idle(t, p)
			}
		}
	})
}

func TestPanicInTheLoop(t *testing.T) {
	p := pool.New(2)
	func() {
		defer func() {
			if v := recover(); v != "mine" {
				t.Errorf("recovered %v", v)
			}
		}()
		for range pool.Stream(bg, p, upTo(1000), square) {
			panic("mine")
		}
	}()
	idle(t, p)
}

// Contexts.

func TestStreamIsCancelled(t *testing.T) {
	both(t, func(t *testing.T, stream streamer, _ bool) {
		// While the source waits; while tasks run; from the loop.
		virtual(t, func(t *testing.T) {
			ctx, cancel := context.WithTimeoutCause(bg, time.Minute, errStop)
			defer cancel()
			p := pool.New(2)
			out, err := collect(stream(ctx, p, func(yield func(int) bool) {
				yield(3)
				<-ctx.Done()
			}, square))
			if err != errStop || !slices.Equal(out, []int{9}) {
				t.Errorf("%v, %v", out, err)
			}
			idle(t, p)
		})
		virtual(t, func(t *testing.T) {
			ctx, cancel := context.WithTimeoutCause(bg, time.Minute, errStop)
			defer cancel()
			p := pool.New(2)
			begun := time.Now()
			_, err := collect(stream(ctx, p, upTo(1000), func(ctx context.Context, _ int) (int, error) {
				<-ctx.Done()
				time.Sleep(time.Second)
				return 0, ctx.Err()
			}))
			if d := time.Since(begun); err != errStop || d != 61*time.Second {
				t.Errorf("after %v: %v", d, err)
			}
			idle(t, p)
		})
		virtual(t, func(t *testing.T) {
			ctx, cancel := context.WithCancelCause(bg)
			defer cancel(nil)
			p := pool.New(2)
			n := 0
			var err error
			for _, err = range stream(ctx, p, upTo(100_000), square) {
				if n++; n == 100 {
					cancel(errStop)
				}
			}
			if err != errStop {
				t.Errorf("error %v after %d results", err, n)
			}
			idle(t, p)
		})
	})
}

// Nested.

func TestStreamWithinATask(t *testing.T) {
	both(t, func(t *testing.T, stream streamer, _ bool) {
		for n := 1; n <= 3; n++ {
			virtual(t, func(t *testing.T) {
				p := pool.New(n)
				var g gauge
				_, err := pool.Map(bg, p, numbers(4), func(ctx context.Context, _ int) (int, error) {
					g.enter()
					defer g.leave()
					sum := 0
					next := stream(ctx, p, upTo(20), func(context.Context, int) (int, error) {
						g.enter()
						defer g.leave()
						time.Sleep(time.Second)
						return 1, nil
					})
					g.leave()
					for r, err := range next {
						g.enter() // the body of the loop has its place
						if err != nil {
							t.Error(err)
						}
						sum += r
						time.Sleep(time.Second)
						g.leave()
					}
					g.enter()
					if sum != 20 {
						t.Errorf("%d results", sum)
					}
					return 0, nil
				})
				if err != nil {
					t.Error(err)
				}
				if m := g.most.Load(); int(m) > n {
					t.Errorf("%d tasks ran at once on %d workers", m, n)
				}
				idle(t, p)
			})
		}
	})
}

// A stream whose source waits keeps no worker from others.
func TestIdleStreamHoldsNoWorker(t *testing.T) {
	virtual(t, func(t *testing.T) {
		p := pool.New(1)
		for _, err := range pool.Stream(bg, p, func(yield func(int) bool) {
			yield(1)
			if _, err := pool.Map(bg, p, numbers(3), square); err != nil {
				t.Error(err)
			}
			yield(2)
		}, square) {
			if err != nil {
				t.Error(err)
			}
			if _, err := pool.Apply(bg, p, 3, square); err != nil {
				t.Error(err)
			}
		}
		idle(t, p)
	})
}

func TestStreamsAndCallsShareThePool(t *testing.T) {
	const n = 3
	p := pool.New(n)
	var g gauge
	f := func(_ context.Context, x int) (int, error) {
		g.enter()
		defer g.leave()
		for range rand.IntN(3) {
			runtime.Gosched()
		}
		return x, nil
	}
	done := make(chan int)
	for k := range 12 {
		go func() {
			defer func() { done <- k }()
			switch k % 4 {
			case 0:
				if out, err := collect(pool.Stream(bg, p, upTo(500), f)); err != nil || len(out) != 500 {
					t.Errorf("%d results, %v", len(out), err)
				}
			case 1:
				if out, err := collect(pool.StreamUnordered(bg, p, upTo(500), f)); err != nil || len(out) != 500 {
					t.Errorf("%d results, %v", len(out), err)
				}
			case 2:
				if _, err := pool.Map(bg, p, numbers(500), f); err != nil {
					t.Error(err)
				}
			case 3:
				for i := range 200 {
					if r, err := pool.Apply(bg, p, i, f); r != i || err != nil {
						t.Error(r, err)
					}
				}
			}
		}()
	}
	for range 12 {
		<-done
	}
	if m := g.most.Load(); m > n {
		t.Errorf("%d tasks ran at once on %d workers", m, n)
	}
	idle(t, p)
}

func TestStreamReportsProgress(t *testing.T) {
	virtual(t, func(t *testing.T) {
		var said []string
		p := pool.New(1, pool.WithProgress(func(done, total int) { said = append(said, fmt.Sprint(done, "/", total)) }))
		free := make(chan struct{})
		for range pool.Stream(bg, p, func(yield func(int) bool) {
			yield(1)
			<-free
		}, square) {
			close(free)
			synctest.Wait()
		}
		if want := []string{"1/1", "1/1"}; !slices.Equal(said, want) {
			t.Errorf("%v, want %v", said, want)
		}
	})
}
