package parallel_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"runtime"
	"runtime/debug"
	"strings"
	"syscall"
	"time"

	"github.com/threads2go/course/pkg/parallel"
)

// The functions of the tests. A worker's process is this test program, stopped at
// the declaration of one of them.

var square = parallel.Func("square", func(_ context.Context, x int) (int, error) { return x * x, nil })

var root = parallel.Func("root", func(_ context.Context, x float64) (float64, error) {
	if x < 0 {
		return 0, fmt.Errorf("no root of %v", x)
	}
	return math.Sqrt(x), nil
})

var pid = parallel.Func("pid", func(context.Context, int) (int, error) { return os.Getpid(), nil })

// nap sleeps for as long as it is told, unless its context ends.
var nap = parallel.Func("nap", func(ctx context.Context, d time.Duration) (int, error) {
	select {
	case <-time.After(d):
		return os.Getpid(), nil
	case <-ctx.Done():
		return 0, context.Cause(ctx)
	}
})

// stubborn sleeps and does not look at its context.
var stubborn = parallel.Func("stubborn", func(_ context.Context, d time.Duration) (int, error) {
	time.Sleep(d)
	return os.Getpid(), nil
})

// spin computes for ever, and gives nobody a chance to stop it.
var spin = parallel.Func("spin", func(context.Context, string) (int, error) {
	for {
	}
})

// A mark is a call that marks a file; the one that waits does so first until there
// are so many marks.
type mark struct {
	File string
	Wait int64
}

var marks = parallel.Func("marks", func(ctx context.Context, m mark) (int, error) {
	for m.Wait > 0 {
		info, err := os.Stat(m.File)
		if err != nil || info.Size() >= m.Wait {
			return 0, err
		}
		if ctx.Err() != nil {
			return 0, fmt.Errorf("there are %d marks of %d", info.Size(), m.Wait)
		}
		time.Sleep(time.Millisecond)
	}
	f, err := os.OpenFile(m.File, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		return 0, err
	}
	_, err = f.WriteString("x")
	return 1, errors.Join(err, f.Close())
})

var say = parallel.Func("say", func(_ context.Context, s string) (int, error) {
	fmt.Print(s)
	return len(s), nil
})

var double = parallel.Func("double", func(_ context.Context, b []byte) ([]byte, error) { return append(b, b...), nil })

// A deed is something that a call does to itself or to its process.
type deed struct {
	What string
	N    int
}

var do = parallel.Func("do", func(ctx context.Context, d deed) (int, error) {
	switch d.What {
	case "":
	case "nap":
		time.Sleep(time.Duration(d.N) * time.Millisecond)
	case "fail":
		return 0, fmt.Errorf("failed on purpose, as told")
	case "panic":
		panic(fmt.Sprintf("panic on purpose %d", d.N))
	case "index":
		return []int{}[d.N], nil
	case "goexit":
		runtime.Goexit()
	case "exit":
		os.Exit(d.N)
	case "shout":
		fmt.Fprint(os.Stderr, strings.Repeat("x", d.N), "the end of stderr\n")
		os.Exit(9)
	case "kill":
		if p, err := os.FindProcess(os.Getpid()); err == nil {
			p.Signal(syscall.Signal(d.N))
		}
		select {}
	case "overflow":
		debug.SetMaxStack(1 << 20)
		var f func(int) int
		f = func(n int) int { return f(n+1) + 1 }
		return f(0), nil
	case "own goroutine":
		go panic("on a goroutine of its own")
		time.Sleep(time.Hour)
	case "allocate":
		var all [][]byte
		for range d.N {
			b := make([]byte, 1<<20)
			for i := range b {
				b[i] = 1
			}
			all = append(all, b)
		}
		return len(all), nil
	case "deadline":
		return 0, fmt.Errorf("gave up: %w", context.DeadlineExceeded)
	case "cores":
		return runtime.NumCPU(), nil
	default:
		return 0, errors.New("no such deed: " + d.What)
	}
	return d.N, nil
})
