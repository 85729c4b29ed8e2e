package parallel_test

import (
	"context"
	"fmt"
	"math"
	"slices"
	"testing"
	"time"

	"github.com/threads2go/course/pkg/parallel"
)

var backends = []struct {
	name string
	b    parallel.Backend
}{{"serial", parallel.Serial}, {"goroutines", parallel.Goroutines}, {"processes", parallel.Processes}}

func perItem(b *testing.B, n int) {
	b.ReportMetric(float64(b.Elapsed())/float64(b.N)/float64(n), "ns/item")
}

// Calls that do next to nothing, on 2 jobs: what a call costs.
func BenchmarkTiny(b *testing.B) {
	const n = 1_000_000
	in := numbers(n)
	for _, w := range backends {
		ctx := parallel.WithBackend(bg, w.b)
		p := parallel.New(2)
		b.Run(w.name, func(b *testing.B) {
			parallel.Run(ctx, p, square.Delayed(in[:1000]...))
			for b.Loop() {
				if _, err := parallel.Run(ctx, p, square.Delayed(in...)); err != nil {
					b.Fatal(err)
				}
			}
			perItem(b, n)
		})
		p.Close()
	}
}

// The same through a stream.
func BenchmarkTinyStream(b *testing.B) {
	const n = 100_000
	for _, w := range backends {
		ctx := parallel.WithBackend(bg, w.b)
		p := parallel.New(2)
		b.Run(w.name, func(b *testing.B) {
			for b.Loop() {
				for _, err := range parallel.Stream(ctx, p, square.DelayedSeq(slices.Values(numbers(n)))) {
					if err != nil {
						b.Fatal(err)
					}
				}
			}
			perItem(b, n)
		})
		p.Close()
	}
}

// One call: there and back.
func BenchmarkOne(b *testing.B) {
	for _, w := range backends {
		ctx := parallel.WithBackend(bg, w.b)
		p := parallel.New(2)
		b.Run(w.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := parallel.Run(ctx, p, square.Delayed(7)); err != nil {
					b.Fatal(err)
				}
			}
		})
		p.Close()
	}
}

// The first call, and all that it needs: a process, or a goroutine.
func BenchmarkCold(b *testing.B) {
	for _, w := range backends {
		ctx := parallel.WithBackend(bg, w.b)
		b.Run(w.name, func(b *testing.B) {
			for b.Loop() {
				p := parallel.New(1)
				if _, err := parallel.Run(ctx, p, square.Delayed(7)); err != nil {
					b.Fatal(err)
				}
				p.Close()
			}
		})
	}
}

// Calls that take about a millisecond of processor time each, on 2 jobs: the ratio
// is to half of what the serial run takes.
func BenchmarkMillisecond(b *testing.B) {
	const n = 200
	in := slices.Repeat([]int{400_000}, n)
	var serial time.Duration
	for _, w := range backends {
		ctx := parallel.WithBackend(bg, w.b)
		p := parallel.New(2)
		b.Run(w.name, func(b *testing.B) {
			parallel.Run(ctx, p, burn.Delayed(in[:2]...))
			for b.Loop() {
				if _, err := parallel.Run(ctx, p, burn.Delayed(in...)); err != nil {
					b.Fatal(err)
				}
			}
			each := b.Elapsed() / time.Duration(b.N)
			if w.name == "serial" {
				serial = each
			} else if serial > 0 {
				b.ReportMetric(float64(2*each)/float64(serial), "ratio")
			}
		})
		p.Close()
	}
}

var burn = parallel.Func("burn", func(_ context.Context, n int) (uint64, error) {
	x := uint64(n)
	for range n {
		x = x*6364136223846793005 + 1442695040888963407
	}
	return x, nil
})

// The document's nine roots at a hundredth of its sleeps, as a ratio to what the
// schedule takes at least.
func BenchmarkNineRoots(b *testing.B) {
	var in []time.Duration
	for x := 10.0; x > 1; x-- {
		in = append(in, time.Duration(math.Sqrt(x)*float64(10*time.Millisecond)))
	}
	for _, jobs := range []int{1, 2, 4} {
		free := make([]time.Duration, jobs)
		for _, d := range in {
			free[slices.Index(free, slices.Min(free))] += d
		}
		ideal := slices.Max(free)
		for _, w := range backends[1:] {
			ctx := parallel.WithBackend(bg, w.b)
			p := parallel.New(jobs)
			b.Run(fmt.Sprintf("%d/%s", jobs, w.name), func(b *testing.B) {
				parallel.Run(ctx, p, stubborn.Delayed(slices.Repeat([]time.Duration{time.Millisecond}, 8)...))
				for b.Loop() {
					if _, err := parallel.Run(ctx, p, stubborn.Delayed(in...)); err != nil {
						b.Fatal(err)
					}
				}
				b.ReportMetric(float64(b.Elapsed())/float64(b.N)/float64(ideal), "ratio")
			})
			p.Close()
		}
	}
}
