// Command stuck waits for ever, after it has used goroutines and processes.
package main

import (
	"context"
	"fmt"
	"os"
	"runtime"
	"time"

	"github.com/threads2go/course/pkg/parallel"
)

var double = parallel.Func("double", func(_ context.Context, x int) (int, error) { return 2 * x, nil })

func main() {
	fmt.Println("goroutines:", runtime.NumGoroutine())
	p := parallel.New(2)
	for _, b := range []parallel.Backend{parallel.Goroutines, parallel.Processes} {
		if _, err := parallel.Run(parallel.WithBackend(context.Background(), b), p, double.Delayed(make([]int, 100)...)); err != nil {
			panic(err)
		}
	}
	if len(os.Args) > 1 && os.Args[1] == "close" { // else the processes are there
		p.Close()
	}
	// One that has told its end is counted until it has left its last function.
	for end := time.Now().Add(10 * time.Second); runtime.NumGoroutine() > 1 && time.Now().Before(end); {
		runtime.Gosched()
	}
	fmt.Println("goroutines:", runtime.NumGoroutine())
	<-make(chan int)
}
