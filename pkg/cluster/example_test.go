package cluster_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"math"
	"os"
	"time"

	"github.com/threads2go/course/pkg/cluster"
	"github.com/threads2go/course/pkg/parallel"
)

var root = parallel.Func("root", func(_ context.Context, x float64) (float64, error) {
	return math.Sqrt(x), nil
})

var crash = parallel.Func("crash", func(_ context.Context, status int) (int, error) {
	if status > 0 {
		os.Exit(status)
	}
	return status, nil
})

// From one machine to many it is one line: the backend.
func Example() {
	c, err := cluster.New(2)
	if err != nil {
		log.Fatal(err)
	}
	defer c.Close()
	p := parallel.New(2)
	defer p.Close()

	ctx := parallel.WithBackend(context.Background(), c)
	roots, err := parallel.Run(ctx, p, root.Delayed(9, 4, 1))
	fmt.Println(roots, err)
	// Output: [3 2 1] <nil>
}

// A process that ends is the error of its call.
func ExampleLostError() {
	c, err := cluster.New(1, cluster.WithName("here"))
	if err != nil {
		log.Fatal(err)
	}
	defer c.Close()
	p := parallel.New(1, parallel.WithRetries(1))
	defer p.Close()

	_, err = parallel.Run(parallel.WithBackend(context.Background(), c), p, crash.Delayed(0, 0, 7))
	fmt.Println(err)
	var lost *cluster.LostError
	if errors.As(err, &lost) {
		fmt.Println("processes lost:", lost.Tries)
	}
	// Output:
	// parallel: crash, call 2: try 2, on worker here: its process ended: exit status 7
	// processes lost: 2
}

// Another worker joins, on this machine or on any that has credentials.
func ExampleWork() {
	c, err := cluster.New(1)
	if err != nil {
		log.Fatal(err)
	}
	defer c.Close()
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error)
	go func() { ended <- cluster.Work(ctx, c.Address(), 3, cluster.WithName("another")) }()

	for slots := 0; slots < 4; time.Sleep(10 * time.Millisecond) {
		if slots, err = c.Slots(ctx); err != nil {
			log.Fatal(err)
		}
	}
	fmt.Println("4 slots")
	stop()
	fmt.Println(<-ended)
	// Output:
	// 4 slots
	// <nil>
}
