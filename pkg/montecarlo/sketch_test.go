package montecarlo_test

import (
	"math"
	"math/rand/v2"
	"os"
	"runtime"
	"slices"
	"testing"
	"time"

	"github.com/threads2go/course/pkg/montecarlo"
	"github.com/threads2go/course/pkg/pool"
)

var fine = []float64{0, 1e-9, 0.0001, 0.001, 0.05, 0.1, 0.25, 1.0 / 3, 0.5, 0.75, 0.9, 0.95, 0.99, 0.9999, 1 - 1e-9, 1}

func sketch(t *testing.T, blocks ...[]float64) *montecarlo.Sketch {
	t.Helper()
	s := new(montecarlo.Sketch)
	for _, b := range blocks {
		if err := s.Add(b); err != nil {
			t.Fatal(err)
		}
	}
	return s
}

// compare checks a sketch of all prices against their Summary.
func compare(t *testing.T, s *montecarlo.Sketch, all []float64) {
	t.Helper()
	got, err := s.Summary(fine...)
	if err != nil {
		t.Fatal(err)
	}
	want, err := montecarlo.Summarize(all, fine...)
	if err != nil {
		t.Fatal(err)
	}
	if got.Walks != want.Walks || s.Walks() != len(all) || !near(got.Mean, want.Mean) ||
		len(all) > 1 && math.Abs(got.StdErr-want.StdErr) > 1e-10*want.StdErr+1e-15*math.Abs(want.Mean) {
		t.Errorf("%d walks, mean %v ± %v; want %d, %v ± %v", got.Walks, got.Mean, got.StdErr, want.Walks, want.Mean, want.StdErr)
	}
	sorted := slices.Sorted(slices.Values(all))
	for i, q := range fine {
		// A quantile lies between two prices, each of which may be off by 1/4096 of
		// its size, or a little next to 0.
		h := q * float64(len(all)-1)
		low, high := sorted[int(h)], sorted[min(int(h)+1, len(all)-1)]
		bound := max(math.Abs(low), math.Abs(high))/4096 + 1e-307
		if q == 0 || q == 1 {
			bound = 0
		}
		if math.Abs(got.Quantiles[i]-want.Quantiles[i]) > bound {
			t.Errorf("quantile %v of %d prices is %v, want %v ± %v", q, len(all), got.Quantiles[i], want.Quantiles[i], bound)
		}
	}
}

func TestSketchIsWithinItsError(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	draws := map[string]func() float64{
		"of a share":     func() float64 { return 100 * math.Exp(0.2*r.NormFloat64()) },
		"of all sizes":   func() float64 { return math.Exp(100 * r.NormFloat64()) },
		"around nothing": r.NormFloat64,
		"below nothing":  func() float64 { return -r.ExpFloat64() },
		"few values":     func() float64 { return float64(r.IntN(4)) - 1 },
		"tiny":           func() float64 { return math.SmallestNonzeroFloat64 * float64(r.IntN(100)-50) },
		"equal":          func() float64 { return 0.1 },
	}
	for name, draw := range draws {
		t.Run(name, func(t *testing.T) {
			for _, n := range []int{1, 2, 3, 10, 1000, 20_000} {
				all := make([]float64, n)
				for i := range all {
					all[i] = draw()
				}
				var parts [][]float64
				for rest := all; len(rest) > 0; {
					k := min(1+r.IntN(2000), len(rest))
					parts, rest = append(parts, rest[:k]), rest[k:]
				}
				compare(t, sketch(t, parts...), all)
			}
		})
	}
}

func TestSketchOfAStream(t *testing.T) {
	const walks = 100_001
	m := montecarlo.Model{Start: 100, Days: 5, Drift: 0.05, Volatility: 0.2}
	all := run(t, m, 2, walks, 1)
	want, err := montecarlo.Summarize(all)
	if err != nil {
		t.Fatal(err)
	}
	var first montecarlo.Summary
	for _, workers := range []int{1, 2, 8} {
		var s montecarlo.Sketch
		for prices, err := range m.Stream(t.Context(), pool.New(workers), walks, 1) {
			if err != nil {
				t.Fatal(err)
			}
			if err := s.Add(prices); err != nil {
				t.Fatal(err)
			}
		}
		compare(t, &s, all)
		got, err := s.Summary(fine...)
		if err != nil {
			t.Fatal(err)
		}
		if got.Mean != want.Mean {
			t.Errorf("mean %v, that of Summarize is %v", got.Mean, want.Mean)
		}
		if first.Walks == 0 {
			first = got
		}
		if got.StdErr != first.StdErr || !slices.Equal(got.Quantiles, first.Quantiles) {
			t.Errorf("%d workers: %+v, with 1 worker %+v", workers, got, first)
		}
	}
}

// In practice a smooth distribution's quantiles are far better than the bound.
func TestSketchOfAShareIsBetterThanItsError(t *testing.T) {
	all := run(t, montecarlo.Model{Start: 100, Days: 5, Drift: 0.05, Volatility: 0.2}, 2, 400_000, 1)
	q := []float64{0.05, 0.5, 0.95}
	got, err := sketch(t, all).Summary(q...)
	if err != nil {
		t.Fatal(err)
	}
	want, err := montecarlo.Summarize(all, q...)
	if err != nil {
		t.Fatal(err)
	}
	for i := range q {
		if off := math.Abs(got.Quantiles[i]/want.Quantiles[i] - 1); off > 1e-4 {
			t.Errorf("quantile %v is off by %v", q[i], off)
		}
	}
}

func TestSketchMemoryIsConstant(t *testing.T) {
	var s montecarlo.Sketch
	prices := run(t, montecarlo.Model{Start: 100, Days: 5, Drift: 0.05, Volatility: 0.2}, 2, 100*montecarlo.BlockSize, 1)
	add := func() {
		if err := s.Add(prices); err != nil {
			t.Fatal(err)
		}
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	add()
	runtime.ReadMemStats(&after)
	if bytes := after.TotalAlloc - before.TotalAlloc; bytes > 300_000 {
		t.Errorf("%d bytes for the prices of a share", bytes)
	}
	if n := testing.AllocsPerRun(3, add); n > 0 {
		t.Errorf("%v allocations for prices like those before", n)
	}
}

// Many walks take no more memory than some, and come closer to what is known.
func TestSketchOfVeryManyWalks(t *testing.T) {
	walks := 200 * montecarlo.BlockSize
	if os.Getenv("SOAK") != "" {
		walks = 100_000_000
	}
	var s montecarlo.Sketch
	begin := time.Now()
	var most uint64
	for prices, err := range share.Stream(t.Context(), pool.New(2), walks, 3) {
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Add(prices); err != nil {
			t.Fatal(err)
		}
		if s.Walks()%(100*montecarlo.BlockSize) == 0 {
			var m runtime.MemStats
			runtime.ReadMemStats(&m)
			most = max(most, m.HeapInuse)
		}
	}
	took := time.Since(begin)
	got, err := s.Summary(0.05, 0.95)
	if err != nil {
		t.Fatal(err)
	}
	want, err := share.Expected(0.05, 0.95)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%+v in %v, %.2f ns per step and core of 2; the heap was at most %.1f MB", got, took.Round(time.Millisecond),
		2*float64(took.Nanoseconds())/float64(walks*share.Days), float64(most)/1e6)
	if got.Walks != walks || math.Abs(got.Mean-want.Mean) > 4*got.StdErr {
		t.Errorf("mean %v ± %v of %d walks, exactly %v", got.Mean, got.StdErr, got.Walks, want.Mean)
	}
	for i, x := range got.Quantiles {
		// The walks' quantiles are within 0.02 % of the log-normal ones, and the sketch's
		// within 0.025 % of the walks'; a quantile's standard error is about 1.5 times the mean's.
		if math.Abs(x-want.Quantiles[i]) > 0.00045*x+4*2*got.StdErr {
			t.Errorf("quantile %v, in theory %v", x, want.Quantiles[i])
		}
	}
	if most > 100_000_000 { // the prices alone would be 800 MB
		t.Errorf("the heap grew to %d bytes", most)
	}
}

func TestSketchRefusesBadInput(t *testing.T) {
	var s montecarlo.Sketch
	_, err := s.Summary()
	names(t, err, "0 prices", "Add")
	if err := s.Add(nil); err != nil || s.Walks() != 0 {
		t.Errorf("%v, %d prices after none", err, s.Walks())
	}
	if err := s.Add([]float64{1, 2}); err != nil {
		t.Fatal(err)
	}
	names(t, s.Add([]float64{3, math.NaN()}), "price 3 is NaN", "smaller")
	names(t, s.Add([]float64{math.Inf(-1)}), "price 2 is -Inf", "smaller")
	got, err := s.Summary(0.5)
	if err != nil || got.Walks != 2 || got.Mean != 1.5 || got.Quantiles[0] != 1.5 {
		t.Errorf("%+v, %v after prices that were refused", got, err)
	}
	for _, q := range []float64{-0.1, 5, math.NaN()} {
		_, err := s.Summary(q)
		names(t, err, "outside [0, 1]", "0.05")
	}
}

func BenchmarkSketch(b *testing.B) {
	prices, err := share.Run(b.Context(), pool.New(runtime.GOMAXPROCS(0)), 100*montecarlo.BlockSize, 1)
	if err != nil {
		b.Fatal(err)
	}
	var s montecarlo.Sketch
	b.ReportAllocs()
	for b.Loop() {
		if err := s.Add(prices); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*len(prices)), "ns/price")
}
