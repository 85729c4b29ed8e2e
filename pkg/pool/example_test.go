package pool_test

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"math"
	"os"
	"runtime"
	"slices"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/threads2go/course/pkg/pool"
)

func Example() {
	p := pool.New(4)
	squares, err := pool.Map(context.Background(), p, []int{1, 2, 3, 4, 5, 6},
		func(_ context.Context, x int) (int, error) { return x * x, nil })
	fmt.Println(squares, err)
	// Output: [1 4 9 16 25 36] <nil>
}

// The error tells which item failed. Here one worker goes through the items one
// by one, so the results up to there are known.
func ExampleMap_error() {
	prices, err := pool.Map(context.Background(), pool.New(1), []string{"105", "74", "1O5", "143"},
		func(_ context.Context, s string) (int, error) { return strconv.Atoi(s) })
	var failed *pool.TaskError
	if errors.As(err, &failed) {
		fmt.Println("item", failed.Index, "failed:", failed.Err)
	}
	fmt.Println(prices, errors.Is(err, strconv.ErrSyntax))
	// Output:
	// item 2 failed: strconv.Atoi: parsing "1O5": invalid syntax
	// [105 74 0 0] true
}

// A panic does not end the program. It is the error of its item, and has the
// stack of the task.
func ExampleMap_panic() {
	walks := [][]float64{{100, 101}, {}, {100, 99}}
	_, err := pool.Map(context.Background(), pool.New(2), walks,
		func(_ context.Context, walk []float64) (float64, error) { return walk[len(walk)-1], nil })
	fmt.Println(err)
	var p *pool.PanicError
	if errors.As(err, &p) {
		fmt.Fprintf(os.Stderr, "%s", p.Stack)
	}
	// Output: pool: task 1: panic: runtime error: index out of range [-1]
}

// A task that may take long watches its context: the call ends when its tasks
// have.
func ExampleMap_cancel() {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Millisecond)
	defer cancel()
	_, err := pool.Map(ctx, pool.New(2), []string{"market", "limit"},
		func(ctx context.Context, order string) (string, error) {
			select {
			case <-time.After(time.Hour):
				return order + " filled", nil
			case <-ctx.Done():
				return "", ctx.Err()
			}
		})
	fmt.Println(err)
	// Output: context deadline exceeded
}

// Tasks call the pool that they run in, with the context that they were given.
func ExampleMap_nested() {
	p := pool.New(1) // even one worker does
	months := [][]float64{{1, 3}, {-2, 0, 2}, {10}}
	fahrenheit, err := pool.Map(context.Background(), p, months,
		func(ctx context.Context, days []float64) ([]float64, error) {
			return pool.Map(ctx, p, days,
				func(_ context.Context, c float64) (float64, error) { return c*9/5 + 32, nil })
		})
	fmt.Println(fahrenheit, err)
	// Output: [[33.8 37.4] [28.4 32 35.6] [50]] <nil>
}

func ExampleWithProgress() {
	percent := 0
	p := pool.New(2, pool.WithProgress(func(done, total int) { percent = 100 * done / total }))
	_, err := pool.Map(context.Background(), p, make([]int, 1000),
		func(_ context.Context, x int) (int, error) { return x, nil })
	fmt.Println(percent, "% done,", err)
	// Output: 100 % done, <nil>
}

// Python: mp.Pool(processes=n_cpu), with n_cpu = mp.cpu_count().
func ExampleNew() {
	p := pool.New(runtime.GOMAXPROCS(0)) // as the zero Pool has
	roots, err := pool.Map(context.Background(), p, []float64{1, 4, 9},
		func(_ context.Context, x float64) (float64, error) { return math.Sqrt(x), nil })
	fmt.Println(roots, err)
	// Output: [1 2 3] <nil>
}

// Python: pool.map(do_walk, range(n)), where the number of a walk seeds it.
func ExampleMap() {
	doWalk := func(_ context.Context, walk int) (price float64, err error) {
		price = 100
		for day := range 250 {
			price *= 1 + 0.002*math.Sin(float64(walk*day))
		}
		return price, nil
	}
	walks := make([]int, 1000)
	for i := range walks {
		walks[i] = i
	}
	prices, err := pool.Map(context.Background(), new(pool.Pool), walks, doWalk)
	fmt.Println(len(prices), prices[0], err)
	// Output: 1000 100 <nil>
}

// Python: r = pool.map_async(f, items); …; r.get().
func ExampleMapAsync() {
	ctx := context.Background()
	r := pool.MapAsync(ctx, pool.New(2), []string{"rain", "snow"},
		func(_ context.Context, s string) (int, error) { return len(s), nil })
	fmt.Println("meanwhile")
	lengths, err := r.Get(ctx)
	fmt.Println(lengths, err)
	// Output:
	// meanwhile
	// [4 4] <nil>
}

// Python: pool.apply(f, [x]).
func ExampleApply() {
	root, err := pool.Apply(context.Background(), pool.New(2), 10.0,
		func(_ context.Context, x float64) (float64, error) { return math.Sqrt(x), nil })
	fmt.Printf("%.4f %v\n", root, err)
	// Output: 3.1623 <nil>
}

// Python: r = pool.apply_async(f, [x]); r.get(timeout=0.01).
func ExampleApplyAsync() {
	ctx := context.Background()
	filled := make(chan struct{})
	order := pool.ApplyAsync(ctx, pool.New(2), "AAPL",
		func(_ context.Context, symbol string) (string, error) {
			<-filled
			return symbol + " filled", nil
		})
	soon, cancel := context.WithTimeout(ctx, 10*time.Millisecond)
	defer cancel()
	_, err := order.Get(soon)
	fmt.Println("still at work:", errors.Is(err, pool.ErrAlive))
	close(filled)
	fmt.Println(order.Get(ctx))
	// Output:
	// still at work: true
	// AAPL filled <nil>
}

// Results come in the order of the items, as soon as they are there. The source
// could go on for ever: no more is taken from it than the window allows.
func ExampleStream() {
	var days iter.Seq[int] = func(yield func(int) bool) {
		for day := 1; yield(day); day++ {
		}
	}
	high := func(_ context.Context, day int) (float64, error) {
		return 20 + 10*math.Sin(float64(day)/58), nil
	}
	for temperature, err := range pool.Stream(context.Background(), pool.New(2), days, high) {
		if err != nil {
			fmt.Println(err)
		}
		if temperature > 28 {
			fmt.Printf("the first hot day has %.1f degrees\n", temperature)
			break // ends the source and what runs
		}
	}
	// Output: the first hot day has 28.0 degrees
}

// Whatever is ready is handed on, whichever was asked for first.
func ExampleStreamUnordered() {
	snow := make(chan struct{})
	fetch := func(_ context.Context, page string) (string, error) {
		if page == "rain" {
			<-snow // a slow server
		}
		return page, nil
	}
	for page, err := range pool.StreamUnordered(context.Background(), pool.New(2), slices.Values([]string{"rain", "snow"}), fetch) {
		fmt.Println(page, err)
		if page == "snow" {
			close(snow)
		}
	}
	// Output:
	// snow <nil>
	// rain <nil>
}

// All items are tried, and all errors returned.
func ExampleWithAllErrors() {
	p := pool.New(2, pool.WithAllErrors())
	prices, err := pool.Map(context.Background(), p, []string{"105", "7A", "1O5", "143"},
		func(_ context.Context, s string) (int, error) { return strconv.Atoi(s) })
	fmt.Println(prices)
	fmt.Println(err)
	// Output:
	// [105 0 0 143]
	// pool: task 1: strconv.Atoi: parsing "7A": invalid syntax
	// pool: task 2: strconv.Atoi: parsing "1O5": invalid syntax
}

// Each task has a time of its own.
func ExampleWithTimeout() {
	p := pool.New(2, pool.WithTimeout(10*time.Millisecond))
	_, err := pool.Apply(context.Background(), p, "slow.example",
		func(ctx context.Context, host string) (string, error) {
			<-ctx.Done() // as a request that is given the context
			return "", ctx.Err()
		})
	fmt.Println(err)
	// Output: pool: task 0: its time of 10ms is over
}

// The observer is told of each item, if chunks have one item.
func ExampleWithObserver() {
	var busy atomic.Int64
	p := pool.New(2, pool.WithChunkSize(1), pool.WithObserver(func(s pool.Span) {
		busy.Add(int64(s.End.Sub(s.Begin)))
	}))
	pool.Map(context.Background(), p, make([]int, 4),
		func(context.Context, int) (int, error) { time.Sleep(time.Millisecond); return 0, nil })
	fmt.Println("busy for at least 4 ms:", time.Duration(busy.Load()) >= 4*time.Millisecond)
	// Output: busy for at least 4 ms: true
}

// A pool can grow and shrink while it works.
func ExamplePool_Resize() {
	p := pool.New(1)
	both := make(chan int)
	meet := func(_ context.Context, side int) (int, error) {
		if side == 0 {
			p.Resize(2) // else the other side would never begin
			return <-both, nil
		}
		both <- side
		return side, nil
	}
	fmt.Println(pool.Map(context.Background(), p, []int{0, 1}, meet))
	// Output: [1 1] <nil>
}

// Python: pool.close(); pool.join().
func ExamplePool_Join() {
	ctx := context.Background()
	p := pool.New(2)
	r := pool.ApplyAsync(ctx, p, 7, func(_ context.Context, x int) (int, error) { return x * x, nil })
	p.Close()
	fmt.Println(p.Join(ctx))
	fmt.Println(r.Get(ctx))
	_, err := pool.Apply(ctx, p, 7, func(_ context.Context, x int) (int, error) { return x, nil })
	fmt.Println(err)
	// Output:
	// <nil>
	// 49 <nil>
	// pool: closed; make another with pool.New
}

// A task that does not heed its context cannot be ended, but it can be named.
func ExamplePool_Terminate() {
	ctx := context.Background()
	p := pool.New(2)
	begun, free := make(chan struct{}), make(chan struct{})
	r := pool.ApplyAsync(ctx, p, 1, func(context.Context, int) (int, error) {
		close(begun)
		<-free
		return 1, nil
	})
	<-begun
	soon, cancel := context.WithTimeout(ctx, 10*time.Millisecond)
	defer cancel()
	fmt.Println(p.Terminate(soon))
	close(free)
	fmt.Println(r.Get(ctx))
	fmt.Println(p.Terminate(ctx))
	// Output:
	// pool: still at work: 1 running: 1 of github.com/threads2go/course/pkg/pool_test.ExamplePool_Terminate.func1: context deadline exceeded
	// 1 <nil>
	// <nil>
}
