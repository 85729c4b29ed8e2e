package pool_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strconv"
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
