package cluster

import (
	"context"
	"fmt"
	"os"
	"testing"
	"time"

	"github.com/threads2go/course/pkg/parallel"
	"go.uber.org/goleak"
)

var bg = context.Background()

func TestMain(m *testing.M) {
	if os.Getenv("CLUSTER_TEST_WORKER") != "" {
		workerMain()
		return
	}
	goleak.VerifyTestMain(m)
}

func workerMain() {}

// The functions of the tests.

var square = parallel.Func("square", func(_ context.Context, x int) (int, error) { return x * x, nil })

var nap = parallel.Func("nap", func(ctx context.Context, d time.Duration) (int, error) {
	select {
	case <-time.After(d):
		return os.Getpid(), nil
	case <-ctx.Done():
		return 0, context.Cause(ctx)
	}
})

func TestSmoke(t *testing.T) {
	begin := time.Now()
	c, err := New(2)
	if err != nil {
		t.Fatal(err)
	}
	t.Log("started", time.Since(begin))
	defer func() {
		begin := time.Now()
		if err := c.Close(); err != nil {
			t.Error(err)
		}
		t.Log("closed", time.Since(begin))
	}()
	ctx := parallel.WithBackend(bg, c)
	p := parallel.New(2)
	defer p.Close()
	for _, n := range []int{1, 1, 1, 100, 10000, 1000000, 1000000} {
		begin = time.Now()
		in := make([]int, n)
		for i := range in {
			in[i] = i
		}
		out, err := parallel.Run(ctx, p, square.Delayed(in...))
		if err != nil {
			t.Fatal(err)
		}
		for i, r := range out {
			if r != i*i {
				t.Fatal(i, r)
			}
		}
		t.Log(n, time.Since(begin), time.Since(begin)/time.Duration(n))
	}
	pp := parallel.New(2)
	defer pp.Close()
	for _, c := range []context.Context{ctx, parallel.WithBackend(bg, parallel.Processes), ctx, parallel.WithBackend(bg, parallel.Processes)} {
		begin = time.Now()
		naps := make([]time.Duration, 1000)
		for i := range naps {
			naps[i] = time.Millisecond
		}
		if _, err := parallel.Run(c, pp, nap.Delayed(naps...)); err != nil {
			t.Fatal(err)
		}
		t.Log("1000 naps of 1 ms", time.Since(begin))
	}
	fmt.Println()
}
