package timeline_test

import (
	"context"
	"fmt"
	"os"
	"time"

	"github.com/threads2go/course/pkg/pool"
	"github.com/threads2go/course/pkg/thread"
	"github.com/threads2go/course/pkg/timeline"
)

// Hello is printed before the thread wakes: when main looks, it has not ended.
func Example() {
	tl := timeline.New()
	ctx := thread.WithObserver(context.Background(), tl.Thread)
	asleep := make(chan struct{})
	sleeper := thread.Go(ctx, "sleeper", func(context.Context) (string, error) {
		close(asleep)
		time.Sleep(20 * time.Millisecond)
		return "woken", nil
	})
	<-asleep
	tl.Mark("main", "hello")
	for _, e := range tl.Events() {
		fmt.Println(e.Who, e.What, "open:", e.Open)
	}
	fmt.Println(sleeper.Join(ctx))
	// Output:
	// sleeper runs open: true
	// main hello open: false
	// woken <nil>
}

// What the workers of a pool do, item by item.
func ExampleTimeline_Workers() {
	tl := timeline.New()
	p := pool.New(1, pool.WithChunkSize(1), pool.WithObserver(tl.Workers("download")))
	pool.Map(context.Background(), p, []string{"clouds", "rain"},
		func(_ context.Context, page string) (int, error) { return len(page), nil })
	for _, e := range tl.Events() {
		fmt.Println(e.Who, "·", e.What, "·", e.Detail)
	}
	// Output:
	// download 0 · download · item 0
	// download 0 · download · item 1
}

// A phase ends when the function that Begin returned is called.
func ExampleTimeline_Begin() {
	tl := timeline.New()
	pages := make(chan string, 1)
	read := func() {
		defer tl.Begin("reader", "reads")()
		end := tl.Begin("reader", "waits")
		<-pages
		end()
	}
	pages <- "clouds"
	read()
	for _, e := range tl.Events() {
		fmt.Println(e.Who, e.What)
	}
	// Output:
	// reader reads
	// reader waits
}

// Events may come from anywhere; here they were noted down by a Python program.
// Perfetto opens what is written.
func ExampleWriteTrace() {
	events := []timeline.Event{
		{Who: "thread_0", What: "sleeps", Begin: 0, End: 2 * time.Second},
		{Who: "thread_1", What: "sleeps", Begin: time.Millisecond, End: 2 * time.Second},
	}
	if err := timeline.WriteTrace(os.Stdout, events); err != nil {
		fmt.Println(err)
	}
	// Output:
	// {"displayTimeUnit":"ns","traceEvents":[
	// {"name":"thread_name","ph":"M","pid":1,"tid":1,"args":{"name":"thread_0"}},
	// {"name":"thread_sort_index","ph":"M","pid":1,"tid":1,"args":{"sort_index":0}},
	// {"name":"thread_name","ph":"M","pid":1,"tid":2,"args":{"name":"thread_1"}},
	// {"name":"thread_sort_index","ph":"M","pid":1,"tid":2,"args":{"sort_index":1}},
	// {"name":"sleeps","ph":"X","ts":0.000,"dur":2000000.000,"pid":1,"tid":1},
	// {"name":"sleeps","ph":"X","ts":1000.000,"dur":1999000.000,"pid":1,"tid":2}
	// ]}
}
