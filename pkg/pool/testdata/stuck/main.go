// Command stuck waits for ever in a pool: its task calls the pool with a context
// that is not the task's.
package main

import (
	"context"
	"fmt"
	"runtime"

	"github.com/threads2go/course/pkg/pool"
)

var p = pool.New(1)

func main() {
	fmt.Println("goroutines:", runtime.NumGoroutine())
	if _, err := pool.Map(context.Background(), p, make([]int, 100), double); err != nil {
		panic(err)
	}
	pool.Map(context.Background(), p, []int{1}, func(context.Context, int) ([]int, error) {
		return pool.Map(context.Background(), p, []int{1}, double)
	})
}

func double(_ context.Context, x int) (int, error) { return 2 * x, nil }
