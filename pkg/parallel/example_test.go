//go:build unix

package parallel_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"math"
	"os"
	"slices"
	"time"

	"github.com/threads2go/course/pkg/parallel"
)

// Functions are registered where package-level variables are declared.
var sqrt = parallel.Func("sqrt", func(_ context.Context, x float64) (float64, error) {
	if x < 0 {
		return 0, errors.New("negative")
	}
	return math.Sqrt(x), nil
})

var cube = parallel.Func("cube", func(_ context.Context, x float64) (float64, error) { return x * x * x, nil })

// A function of several arguments takes a struct.
type power struct {
	Base     float64
	Exponent int
}

var raise = parallel.Func("raise", func(_ context.Context, p power) (float64, error) {
	return math.Pow(p.Base, float64(p.Exponent)), nil
})

// Parallel(n_jobs=2)(delayed(sqrt)(x) for x in [16, 9, 4])
func Example() {
	ctx := context.Background()
	p := parallel.New(2)
	fmt.Println(parallel.Run(ctx, p, sqrt.Delayed(16, 9, 4)))
	// Output: [4 3 2] <nil>
}

// with parallel_config(backend="loky"): the caller chooses, here processes.
func ExampleWithBackend() {
	roots := func(ctx context.Context) ([]float64, error) { // a library's function
		p := parallel.New(2)
		defer p.Close()
		return parallel.Run(ctx, p, sqrt.Delayed(16, 9, 4))
	}
	ctx := parallel.WithBackend(context.Background(), parallel.Processes)
	fmt.Println(roots(ctx))
	// Output: [4 3 2] <nil>
}

// delayed keeps calls for later. Those of several functions run together.
func ExampleFunction_Delayed() {
	calls := []parallel.Calls[float64]{
		sqrt.Delayed(16),
		cube.Delayed(2, 3),
		raise.Delayed(power{Base: 2, Exponent: 10}),
	}
	fmt.Println(parallel.Run(context.Background(), parallel.New(-1), calls...))
	// Output: [4 8 27 1024] <nil>
}

// prefer="processes": a library's hint, which the caller's context overrules. What it
// requires, nothing overrules.
func ExampleWithPrefer() {
	library := parallel.New(2, parallel.WithPrefer(parallel.Processes), parallel.WithRequire(parallel.HardTimeout))
	defer library.Close()
	fmt.Println(parallel.Run(context.Background(), library, cube.Delayed(2)))

	ctx := parallel.WithBackend(context.Background(), parallel.Goroutines)
	_, err := parallel.Run(ctx, library, cube.Delayed(2))
	fmt.Println(err)
	// Output:
	// [8] <nil>
	// parallel: backend "goroutines", which the context has chosen, has not what the call requires: HardTimeout; choose another with WithBackend, or leave the choice to the call
}

// The error names the function and the call.
func ExampleRun_error() {
	out, err := parallel.Run(context.Background(), parallel.New(1), sqrt.Delayed(16, -1, 4))
	var failed *parallel.TaskError
	if errors.As(err, &failed) {
		fmt.Println("call", failed.Index, "of", failed.Func, "failed:", failed.Err)
	}
	fmt.Println(out)
	// Output:
	// call 1 of sqrt failed: negative
	// [4 0 0]
}

var fragile = parallel.Func("fragile", func(_ context.Context, x int) (int, error) {
	if x == 2 {
		os.Exit(7)
	}
	return x, nil
})

// A process that ends does not take the program with it.
func ExampleExitError() {
	p := parallel.New(2, parallel.WithPrefer(parallel.Processes))
	defer p.Close()
	_, err := parallel.Run(context.Background(), p, fragile.Delayed(0, 1, 2, 3))
	var exit *parallel.ExitError
	if errors.As(err, &exit) {
		fmt.Println(err, "–", exit.ExitCode())
	}
	// Output: parallel: fragile, call 2: its process ended: exit status 7 – 7
}

var crashOnce = parallel.Func("crashOnce", func(_ context.Context, marker string) (string, error) {
	if _, err := os.Stat(marker); err != nil {
		os.WriteFile(marker, nil, 0o600)
		os.Exit(1)
	}
	return "done at the second try", nil
})

// What was lost with a process is done again by another.
func ExampleWithRetries() {
	dir, err := os.MkdirTemp("", "")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	p := parallel.New(2, parallel.WithPrefer(parallel.Processes), parallel.WithRetries(1))
	defer p.Close()
	fmt.Println(parallel.Run(context.Background(), p, crashOnce.Delayed(dir+"/marker")))
	// Output: [done at the second try] <nil>
}

// timeout=0.05, and one that can be relied on.
func ExampleWithTimeout() {
	p := parallel.New(2, parallel.WithTimeout(50*time.Millisecond), parallel.WithRequire(parallel.HardTimeout))
	defer p.Close()
	_, err := parallel.Run(context.Background(), p, spin.Delayed("for ever"))
	fmt.Println(err)
	// Output: parallel: spin, call 0: took longer than its timeout of 50ms, so its process was killed
}

// return_as="generator": results in order, from a source without an end.
func ExampleStream() {
	numbers := func(yield func(float64) bool) {
		for x := 0.0; yield(x); x++ {
		}
	}
	for c, err := range parallel.Stream(context.Background(), parallel.New(2), cube.DelayedSeq(numbers)) {
		if err != nil {
			log.Fatal(err)
		}
		if c > 100 {
			break
		}
		fmt.Print(c, " ")
	}
	// Output: 0 1 8 27 64
}

// return_as="generator_unordered": as they come.
func ExampleStreamUnordered() {
	naps := []time.Duration{100 * time.Millisecond, time.Millisecond}
	for d, err := range parallel.StreamUnordered(context.Background(), parallel.New(2), sleeps.DelayedSeq(slices.Values(naps))) {
		fmt.Println(d, err)
	}
	// Output:
	// 1ms <nil>
	// 100ms <nil>
}

func ExampleWithProgress() {
	percent := 0
	p := parallel.New(2, parallel.WithProgress(func(done, total int) { percent = 100 * done / total }))
	_, err := parallel.Run(context.Background(), p, cube.Delayed(make([]float64, 1000)...))
	fmt.Println(percent, "% done,", err)
	// Output: 100 % done, <nil>
}

// effective_n_jobs, and n_jobs that count from the cores.
func ExampleParallel_Jobs() {
	fmt.Println(parallel.New(3).Jobs(), parallel.New(-1).Jobs() >= 1, parallel.New(-1000).Jobs())
	// Output: 3 true 1
}

// A backend from a setting.
func ExampleLookup() {
	b, err := parallel.Lookup("threading")
	fmt.Println(b, err != nil)
	b, err = parallel.Lookup("goroutines")
	fmt.Println(b == parallel.Goroutines, err)
	// Output:
	// <nil> true
	// true <nil>
}

// A backend of one's own: it tells what it does.
type talkative struct{}

func (talkative) Features() parallel.Features                     { return parallel.SharedMemory }
func (talkative) Open(parallel.Options) (parallel.Workers, error) { return talkative{}, nil }
func (talkative) Close() error                                    { return nil }
func (talkative) Run(ctx context.Context, job *parallel.Job) error {
	for b := range job.Batches(time.Millisecond) {
		fmt.Printf("%s: %d from %d on\n", b.Func(), b.Len(), b.First())
		b.Run(ctx)
	}
	return nil
}

// register_parallel_backend: a name for it. In a notebook the function is called
// init_talkative.
func init() { parallel.Register("talkative", talkative{}) }

func ExampleRegister() {
	b, err := parallel.Lookup("talkative")
	if err != nil {
		log.Fatal(err)
	}
	ctx := parallel.WithBackend(context.Background(), b)
	fmt.Println(parallel.Run(ctx, parallel.New(4), cube.Delayed(3)))
	// Output:
	// cube: 1 from 0 on
	// [27] <nil>
}

func ExampleBackend() {
	ctx := parallel.WithBackend(context.Background(), talkative{})
	p := parallel.New(1, parallel.WithBatchSize(2))
	fmt.Println(parallel.Run(ctx, p, sqrt.Delayed(16, 9, 4)))
	// Output:
	// sqrt: 2 from 0 on
	// sqrt: 1 from 2 on
	// [4 3 2] <nil>
}
