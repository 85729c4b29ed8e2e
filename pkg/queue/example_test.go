package queue_test

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/threads2go/course/pkg/queue"
)

// q = Queue(); a thread gets until it is told that there is no more.
func Example() {
	ctx := context.Background()
	q := queue.New[string](10)

	var consumer sync.WaitGroup
	consumer.Go(func() {
		for item, err := range q.All(ctx) {
			if err != nil { // ctx has ended
				fmt.Println(err)
				return
			}
			fmt.Println("got", item)
		}
	})

	for _, item := range []string{"a", "b", "c"} {
		if err := q.Put(ctx, item); err != nil {
			fmt.Println(err)
		}
	}
	q.Shutdown()
	consumer.Wait()
	// Output:
	// got a
	// got b
	// got c
}

// LifoQueue(): the newest comes out first.
func ExampleNewLIFO() {
	ctx := context.Background()
	q := queue.NewLIFO[int](0)
	for i := range 3 {
		q.Put(ctx, i)
	}
	for !q.Empty() {
		item, _ := q.TryGet()
		fmt.Print(item, " ")
	}
	// Output: 2 1 0
}

// PriorityQueue() with tuples (priority, number, item): a function compares,
// and equal priorities come out in the order in which they were put.
func ExampleNewPriority() {
	type job struct {
		priority int
		name     string
	}
	ctx := context.Background()
	q := queue.NewPriority(0, func(a, b job) int { return cmp.Compare(a.priority, b.priority) })
	for _, j := range []job{{2, "sweep"}, {1, "cook"}, {2, "read"}, {1, "eat"}} {
		q.Put(ctx, j)
	}
	q.Shutdown()
	for j := range q.All(ctx) {
		fmt.Println(j.priority, j.name)
	}
	// Output:
	// 1 cook
	// 1 eat
	// 2 sweep
	// 2 read
}

// SimpleQueue(): no bound, so a put never waits.
func ExampleQueue() {
	var q queue.Queue[int] // the zero value will do
	for i := range 1000 {
		if err := q.TryPut(i); err != nil {
			fmt.Println(err)
		}
	}
	fmt.Println(q.Len(), q.Full())
	// Output: 1000 false
}

// q.get(timeout=0.01)
func ExampleQueue_Get_timeout() {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Millisecond)
	defer cancel()
	_, err := queue.New[int](1).Get(ctx)
	fmt.Println(err)
	// Output: context deadline exceeded
}

// q.put_nowait(x), except queue.Full
func ExampleQueue_TryPut() {
	q := queue.New[string](1)
	for _, item := range []string{"a", "b"} {
		if err := q.TryPut(item); errors.Is(err, queue.ErrFull) {
			fmt.Println("no room for", item)
		}
	}
	// Output: no room for b
}

// q.get_nowait(), except queue.Empty
func ExampleQueue_TryGet() {
	q := queue.New[string](1)
	_, err := q.TryGet()
	fmt.Println(err)
	q.Shutdown()
	_, err = q.TryGet()
	fmt.Println(err)
	// Output:
	// queue: empty
	// queue: shut down
}

// Workers call q.task_done(), and q.join() waits for them.
func ExampleQueue_Join() {
	ctx := context.Background()
	q := queue.New[int](0)
	var sum [3]int // one for each worker: nothing to lock
	var workers sync.WaitGroup
	for w := range sum {
		workers.Go(func() {
			for item := range q.All(ctx) {
				sum[w] += item
				q.TaskDone()
			}
		})
	}
	for i := range 101 {
		q.Put(ctx, i)
	}
	q.Join(ctx)
	fmt.Println(sum[0] + sum[1] + sum[2])

	q.Shutdown() // lets the workers go
	workers.Wait()
	// Output: 5050
}

// q.shutdown(): what is in the queue can still be had.
func ExampleQueue_Shutdown() {
	ctx := context.Background()
	q := queue.New[string](0)
	q.Put(ctx, "last")
	q.Shutdown()
	fmt.Println(q.Put(ctx, "too late"))
	fmt.Println(q.Get(ctx))
	_, err := q.Get(ctx)
	fmt.Println(errors.Is(err, queue.ErrShutdown))
	// Output:
	// queue: shut down
	// last <nil>
	// true
}

// q.shutdown(immediate=True), but nothing is thrown away.
func ExampleQueue_ShutdownNow() {
	ctx := context.Background()
	q := queue.New[string](0)
	q.PutN(ctx, []string{"a", "b", "c"})
	q.Get(ctx)
	fmt.Println("not done:", q.ShutdownNow())
	// Output: not done: [b c]
}

// A loop that a cancelled context ends, and which says so.
func ExampleQueue_All() {
	ctx, cancel := context.WithCancelCause(context.Background())
	defer cancel(nil)
	q := queue.New[int](0)
	q.PutN(ctx, []int{1, 2, 3})
	for item, err := range q.All(ctx) {
		if err != nil {
			fmt.Println(err)
			break
		}
		fmt.Println("got", item)
		if item == 2 {
			cancel(errors.New("enough"))
		}
	}
	fmt.Println(q.Len(), "left")
	// Output:
	// got 1
	// got 2
	// enough
	// 1 left
}

// Batches: one lock for many items.
func ExampleQueue_GetN() {
	ctx := context.Background()
	q := queue.New[int](100)
	q.PutN(ctx, []int{1, 2, 3, 4, 5})
	batch := make([]int, 3)
	for !q.Empty() {
		n, err := q.GetN(ctx, batch)
		fmt.Println(batch[:n], err)
	}
	// Output:
	// [1 2 3] <nil>
	// [4 5] <nil>
}

func ExampleQueue_Peek() {
	q := queue.NewPriority(0, cmp.Compare[int])
	q.PutN(context.Background(), []int{7, 5, 6})
	next, err := q.Peek()
	fmt.Println(next, err, q.Len())
	// Output: 5 <nil> 3
}
