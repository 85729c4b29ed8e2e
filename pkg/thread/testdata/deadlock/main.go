// Waits for a thread that waits for a value that nobody sends, after others have
// come and gone. Nothing that package thread leaves behind may keep Go from
// reporting the deadlock.
package main

import (
	"context"
	"errors"
	"time"

	"github.com/threads2go/course/pkg/thread"
)

func main() {
	ctx, cancel := context.WithTimeout(context.Background(), time.Millisecond)
	defer cancel()
	values := make(chan int)
	ctx = thread.WithHook(ctx, func(context.Context, string, error) {})
	thread.Go(ctx, "failed", func(context.Context) (int, error) { return 0, errors.New("no luck") })

	reader := thread.Go(ctx, "reader", func(context.Context) (int, error) { return <-values, nil })
	reader.Join(ctx) // in vain
	reader.Join(context.Background())
}
