package pool_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/threads2go/course/pkg/pool"
)

// burn works for about n steps of a nanosecond or two.
//
//go:noinline
func burn(n int) int {
	x := uint64(n)
	for range n {
		x = x*6364136223846793005 + 1442695040888963407
	}
	return int(x)
}

// steps returns what to give to burn so that it takes as long as d.
var steps = sync.OnceValue(func() float64 {
	best := time.Duration(1 << 62)
	for range 50 {
		begun := time.Now()
		burn(100_000)
		best = min(best, time.Since(begun))
	}
	return 100_000 / float64(best)
})

type task = func(context.Context, int) (int, error)

// serially is what Map replaces: a loop over a function that is not inlined.
func serially(in []int, f task) []int {
	out := make([]int, len(in))
	for i, x := range in {
		r, err := f(bg, x)
		if err != nil {
			return out
		}
		out[i] = r
	}
	return out
}

func perItem(b *testing.B, n int) {
	b.ReportMetric(float64(b.Elapsed())/float64(b.N)/float64(n), "ns/item")
}

// Each workload as a loop and on the zero Pool. The skewed ones have a mean of
// about 11 µs: a tenth of the items takes 100 times as long as the others.
func BenchmarkMap(b *testing.B) {
	us := func(n float64) int { return int(n * 1000 * steps()) }
	for _, w := range []struct {
		name  string
		items int
		f     task
	}{
		{"square", 1_000_000, square},
		{"1µs", 20_000, func(context.Context, int) (int, error) { return burn(us(1)), nil }},
		{"50µs", 1000, func(context.Context, int) (int, error) { return burn(us(50)), nil }},
		{"skewed-scattered", 2000, func(_ context.Context, i int) (int, error) {
			if i*7919%10 == 0 {
				return burn(us(100)), nil
			}
			return burn(us(1)), nil
		}},
		{"skewed-last", 2000, func(_ context.Context, i int) (int, error) {
			if i >= 1800 {
				return burn(us(100)), nil
			}
			return burn(us(1)), nil
		}},
		{"skewed-first", 64, func(_ context.Context, i int) (int, error) {
			if i < 6 {
				return burn(us(10_000)), nil
			}
			return burn(us(100)), nil
		}},
		{"eight-squares", 8, square},
		{"eight-10µs", 8, func(context.Context, int) (int, error) { return burn(us(10)), nil }},
	} {
		in := numbers(w.items)
		b.Run(w.name+"/loop", func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				serially(in, w.f)
			}
			perItem(b, w.items)
		})
		b.Run(w.name+"/pool", func(b *testing.B) {
			p := new(pool.Pool)
			b.ReportAllocs()
			for b.Loop() {
				pool.Map(bg, p, in, w.f)
			}
			perItem(b, w.items)
		})
	}
}

// What a call may have beside its items: a context that can end, tasks that look
// at theirs, progress, a task that makes it, others that share the pool.
func BenchmarkMapVariants(b *testing.B) {
	ctx, cancel := context.WithCancel(bg)
	defer cancel()
	for _, n := range []int{8, 100_000} {
		in := numbers(n)
		run := func(name string, call func()) {
			b.Run(fmt.Sprintf("%d/%s", n, name), func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					call()
				}
				perItem(b, n)
			})
		}
		p := new(pool.Pool)
		run("plain", func() { pool.Map(bg, p, in, square) })
		run("cancellable", func() { pool.Map(ctx, p, in, square) })
		run("looking", func() {
			pool.Map(bg, p, in, func(ctx context.Context, x int) (int, error) {
				select {
				case <-ctx.Done():
					return 0, ctx.Err()
				default:
					return x * x, nil
				}
			})
		})
		reporting := pool.New(2, pool.WithProgress(func(int, int) {}))
		run("progress", func() { pool.Map(bg, reporting, in, square) })
		run("nested", func() {
			pool.Map(bg, p, in[:1], func(ctx context.Context, _ int) ([]int, error) {
				return pool.Map(ctx, p, in, square)
			})
		})
		run("shared", func() {
			var calls sync.WaitGroup
			for range 2 {
				calls.Go(func() { pool.Map(bg, p, in[:n/2], square) })
			}
			calls.Wait()
		})
	}
}
