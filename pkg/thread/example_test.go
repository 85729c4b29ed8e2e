package thread_test

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/threads2go/course/pkg/thread"
)

// Thread(target=count, args=(10_000_000,)), start and join. The arguments are what
// the function literal refers to; the result comes back.
func Example() {
	ctx := context.Background()
	n := 10_000_000
	counter := thread.Go(ctx, "counter", func(context.Context) (int, error) {
		count := 0
		for range n {
			count++
		}
		return count, nil
	})
	fmt.Println(counter.Join(ctx))
	// Output: 10000000 <nil>
}

// Start and Join as in Python, one after the other. A thread runs once.
func ExampleNew() {
	ctx := context.Background()
	hello := thread.New("greeter", func(ctx context.Context) (string, error) {
		return "hello from " + thread.Name(ctx), nil
	})
	fmt.Println(hello)
	if err := hello.Start(ctx); err != nil {
		fmt.Println(err)
	}
	fmt.Println(hello.Join(ctx))
	fmt.Println(hello.Start(ctx))
	// Output:
	// thread "greeter" (not started)
	// hello from greeter <nil>
	// thread: started before: "greeter"; make another with thread.New
}

// class Download(Thread) with a method run: any type with a method that New takes.
// The embedded Thread brings Start, Join and Alive.
type Download struct {
	*thread.Thread[int]
	pages int
}

func NewDownload(name string, pages int) *Download {
	d := &Download{pages: pages}
	d.Thread = thread.New(name, d.Run)
	return d
}

func (d *Download) Run(ctx context.Context) (bytes int, err error) {
	for range d.pages {
		bytes += 1500
	}
	return bytes, nil
}

func Example_subclass() {
	ctx := context.Background()
	d := NewDownload("news", 3)
	d.Start(ctx)
	bytes, err := d.Join(ctx)
	fmt.Println(d.Name(), bytes, err)
	// Output: news 4500 <nil>
}

type Server struct{}

func (Server) Run(ctx context.Context) error { return errors.New("the port is taken") }

// A method that has only an error to return.
func ExampleNoResult() {
	ctx := context.Background()
	_, err := thread.Go(ctx, "server", thread.NoResult(Server{}.Run)).Join(ctx)
	fmt.Println(err)
	// Output: the port is taken
}

// t.join(timeout=0.01) and t.is_alive(): Join says itself that the thread goes on.
func ExampleThread_Join_timeout() {
	ctx := context.Background()
	release := make(chan struct{})
	slow := thread.Go(ctx, "slow", func(context.Context) (string, error) {
		<-release
		return "done at last", nil
	})

	soon, cancel := context.WithTimeout(ctx, 10*time.Millisecond)
	defer cancel()
	if _, err := slow.Join(soon); errors.Is(err, thread.ErrAlive) {
		fmt.Println(err)
	}
	close(release)
	fmt.Println(slow.Join(ctx))
	// Output:
	// thread: still alive: "slow": context deadline exceeded
	// done at last <nil>
}

// threading.excepthook: who is told of a failure that nobody waits for.
func ExampleWithHook() {
	ctx := thread.WithHook(context.Background(), func(_ context.Context, name string, err error) {
		fmt.Println("hook:", name, "failed:", err)
	})
	reader := thread.Go(ctx, "reader", func(context.Context) (string, error) {
		return "", errors.New("no such shelf")
	})
	<-reader.Done()
	_, err := reader.Join(ctx)
	fmt.Println("Join:", err)
	// Output:
	// hook: reader failed: no such shelf
	// Join: no such shelf
}

// A panic ends the thread, not the program.
func ExamplePanicError() {
	ctx := thread.WithHook(context.Background(), func(context.Context, string, error) {}) // Join tells
	prices := []int{105, 74, 143}
	_, err := thread.Go(ctx, "reader", func(context.Context) (int, error) {
		return prices[len(prices)], nil
	}).Join(ctx)
	fmt.Println(err)
	if p, ok := errors.AsType[*thread.PanicError](err); ok {
		fmt.Println("the stack is known:", len(p.Stack) > 0)
	}
	// Output:
	// panic: runtime error: index out of range [3] with length 3
	// the stack is known: true
}

// daemon=True ends a thread in the midst of its work when the program ends. To
// have it finish what it does, end its context and join it.
func Example_daemon() {
	ctx := context.Background()
	working, stop := context.WithCancel(ctx)
	orders := make(chan int)
	clerk := thread.Go(working, "clerk", func(ctx context.Context) (int, error) {
		done := 0
		for {
			select {
			case <-orders:
				done++
			case <-ctx.Done():
				return done, nil
			}
		}
	})
	for order := range 3 {
		orders <- order
	}
	stop()
	fmt.Println(clerk.Join(ctx))
	// Output: 3 <nil>
}

// Timer(0.01, f): a thread that starts later, or never if it is stopped before.
func Example_timer() {
	ctx := context.Background()
	backup := thread.New("backup", func(context.Context) (string, error) { return "saved", nil })
	time.AfterFunc(10*time.Millisecond, func() { backup.Start(ctx) })

	never := thread.New("never", func(context.Context) (string, error) { return "lost", nil })
	timer := time.AfterFunc(time.Hour, func() { never.Start(ctx) })
	fmt.Println("stopped in time:", timer.Stop())

	<-backup.Done()
	fmt.Println(backup.Join(ctx))
	// Output:
	// stopped in time: true
	// saved <nil>
}

type userKey struct{}

func greet(ctx context.Context) string { return "hello, " + ctx.Value(userKey{}).(string) }

// threading.local: what belongs to a thread goes with its context.
func Example_local() {
	ctx := context.Background()
	var group thread.Group[string]
	for _, user := range []string{"Ada", "Grace"} {
		group.Go(context.WithValue(ctx, userKey{}, user), user, func(ctx context.Context) (string, error) {
			return greet(ctx), nil
		})
	}
	fmt.Println(group.Join(ctx))
	// Output: [hello, Ada hello, Grace] <nil>
}

// for t in threads: t.start(); for t in threads: t.join(), with the results in
// the order of start, whichever thread was first.
func ExampleGroup() {
	ctx := context.Background()
	var group thread.Group[int]
	for i := range 5 {
		group.Go(ctx, fmt.Sprintf("sleeper %d", i), func(context.Context) (int, error) {
			time.Sleep(time.Duration(5-i) * time.Millisecond)
			if i == 3 {
				return 0, errors.New("overslept")
			}
			return i * i, nil
		})
	}
	squares, err := group.Join(ctx)
	fmt.Println(squares)
	fmt.Println(err)
	// Output:
	// [0 1 4 0 16]
	// thread "sleeper 3": overslept
}

// Whichever ends first.
func ExampleThread_Done() {
	ctx := context.Background()
	hare := thread.Go(ctx, "hare", func(context.Context) (int, error) { return 1, nil })
	release := make(chan struct{})
	tortoise := thread.Go(ctx, "tortoise", func(context.Context) (int, error) { <-release; return 2, nil })
	select {
	case <-hare.Done():
		fmt.Println(hare)
	case <-tortoise.Done():
		fmt.Println(tortoise)
	}
	close(release)
	tortoise.Join(ctx)
	// Output: thread "hare" (ended)
}

// threading.current_thread().name
func ExampleName() {
	ctx := context.Background()
	where := func(ctx context.Context) string { return "running in " + thread.Name(ctx) }
	fmt.Println(thread.Go(ctx, "reader", func(ctx context.Context) (string, error) {
		return where(ctx), nil
	}).Join(ctx))
	// Output: running in reader <nil>
}

// threading.active_count(), of the threads that share a context.
func ExampleWithObserver() {
	var active atomic.Int32
	ctx := thread.WithObserver(context.Background(), func(name string) func(error) {
		active.Add(1)
		return func(error) { active.Add(-1) }
	})
	release := make(chan struct{})
	ready := make(chan struct{})
	var group thread.Group[int]
	for range 5 {
		group.Go(ctx, "waiter", func(context.Context) (int, error) {
			ready <- struct{}{}
			<-release
			return 0, nil
		})
	}
	for range 5 {
		<-ready
	}
	fmt.Println(active.Load(), "threads are active")
	close(release)
	group.Join(ctx)
	fmt.Println(active.Load(), "threads are active")
	// Output:
	// 5 threads are active
	// 0 threads are active
}
