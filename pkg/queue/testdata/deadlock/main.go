// Leaves a queue idle that was waited for with timeouts, and then waits for an
// item that nobody puts.
package main

import (
	"cmp"
	"context"
	"fmt"
	"time"

	"github.com/threads2go/course/pkg/queue"
)

func main() {
	idle := queue.NewPriority(1, cmp.Compare[int])
	ctx, cancel := context.WithTimeout(context.Background(), time.Millisecond)
	_, err := idle.Get(ctx)
	idle.Put(ctx, 1)
	fmt.Println(err, idle.Put(ctx, 2), idle.Join(ctx))
	cancel()

	queue.New[int](1).Get(context.Background())
}
