package bootstrap_test

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"github.com/threads2go/course/pkg/bootstrap"
	"github.com/threads2go/course/pkg/internal/portable"
	"github.com/threads2go/course/pkg/internal/python"
	"github.com/threads2go/course/pkg/pool"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func data(n int) []float64 {
	r := rand.New(rand.NewPCG(7, 7))
	x := make([]float64, n)
	for i := range x {
		x[i] = math.Round(100*(10+float64(6*r.Float64()*r.Float64()))) / 100 // the same on every processor
	}
	return x
}

func run(t *testing.T, workers int, data []float64, resamples int, seed uint64) bootstrap.Resamples {
	t.Helper()
	r, err := bootstrap.Run(t.Context(), pool.New(workers), data, resamples, seed)
	if err != nil {
		t.Fatal(err)
	}
	if len(r.Mean) != resamples || len(r.Std) != resamples || len(r.Skew) != resamples {
		t.Fatalf("%d, %d, %d statistics of %d resamples", len(r.Mean), len(r.Std), len(r.Skew), resamples)
	}
	return r
}

// hash is the SHA-256 of the bits of all statistics; a NaN is a NaN.
func hash(r bootstrap.Resamples) string {
	h := sha256.New()
	var b [8]byte
	for _, x := range slices.Concat(r.Mean, r.Std, r.Skew) {
		if x != x {
			x = math.NaN()
		}
		binary.LittleEndian.PutUint64(b[:], math.Float64bits(x))
		h.Write(b[:])
	}
	return hex.EncodeToString(h.Sum(nil))
}

// The last block is partial on purpose, and the number of values odd once; three
// values make resamples that have to be drawn twice.
var golden = []struct {
	values, resamples int
	seed              uint64
	hash              string
}{
	{1461, 1001, 1, "3e47ddb7b6f64c9b83c99c385ffe1be0aef4c37d429d195fb9f290c9b24494fb"},
	{3, 200, 2, "e981504a3183fdf821280afaeeb62f0604d0115a68f7900461ec14382786b16a"},
	{2, 1, math.MaxUint64, "5c8e0a0740c0c28190d97e20f975e7a2c7123db079aafdc8c5c64f66ca6cbc6b"},
}

func TestGoldenHashOnAnyNumberOfWorkers(t *testing.T) {
	for _, g := range golden {
		for _, workers := range []int{1, 2, 8} {
			t.Run(fmt.Sprintf("%d values/%d workers", g.values, workers), func(t *testing.T) {
				if got := hash(run(t, workers, data(g.values), g.resamples, g.seed)); got != g.hash {
					t.Errorf("hash of all statistics %s, want %s", got, g.hash)
				}
			})
		}
	}
}

func TestGoldenHashOnOtherProcessors(t *testing.T) {
	portable.Passes(t, "TestGoldenHashOnAnyNumberOfWorkers", 3*len(golden))
}

func TestNothingIsFused(t *testing.T) {
	portable.NothingFused(t, "bootstrap.draw", ".", "../internal/xoshiro", "../internal/quantile")
}

func TestMoreResamplesKeepTheFirst(t *testing.T) {
	all := run(t, 2, data(50), 3*bootstrap.BlockSize+5, 9)
	for _, n := range []int{1, 2, bootstrap.BlockSize - 1, bootstrap.BlockSize, bootstrap.BlockSize + 1} {
		r := run(t, 2, data(50), n, 9)
		if !slices.Equal(r.Mean, all.Mean[:n]) || !slices.Equal(r.Std, all.Std[:n]) || !slices.Equal(r.Skew, all.Skew[:n]) {
			t.Errorf("%d resamples are not the first of %d", n, len(all.Mean))
		}
	}
	if other := run(t, 2, data(50), 5, 10); other.Mean[0] == all.Mean[0] {
		t.Error("another seed has the same resamples")
	}
}

func TestNoResampleTwice(t *testing.T) {
	seen := map[float64]bool{}
	for seed := range uint64(4) {
		r := run(t, 2, data(1461), 1000, seed)
		for _, skew := range r.Skew {
			seen[skew] = true
		}
	}
	if len(seen) != 4000 {
		t.Errorf("%d different resamples of 4000", len(seen))
	}
}

// The mean of a resample has the data's mean, and their standard deviation over √n.
func TestMeansAreSpreadAsTheoryHasIt(t *testing.T) {
	x := data(400)
	sample, err := bootstrap.Describe(x)
	if err != nil {
		t.Fatal(err)
	}
	const resamples = 20_000
	means, err := bootstrap.Describe(run(t, 2, x, resamples, 3).Mean)
	if err != nil {
		t.Fatal(err)
	}
	se := sample.Std / math.Sqrt(400)
	if math.Abs(means.Mean-sample.Mean) > 4*se/math.Sqrt(resamples) {
		t.Errorf("means have the mean %v, the data %v", means.Mean, sample.Mean)
	}
	if math.Abs(means.Std/se-1) > 4/math.Sqrt(2*resamples) {
		t.Errorf("means have the standard deviation %v, want %v", means.Std, se)
	}
}

// scipy.stats.bootstrap draws other resamples. Its intervals agree as well as those of
// two of our seeds may: the bounds of 20,000 resamples are known to about 2 % of the
// interval's width.
func TestIntervalsAgreeWithScipy(t *testing.T) {
	const program = `
import json, sys
import numpy as np
from scipy import stats
x = np.array(json.load(sys.stdin), dtype=float)
def interval(f):
    r = stats.bootstrap((x,), f, n_resamples=20000, method="percentile", rng=np.random.default_rng(1), batch=1000)
    return [r.confidence_interval.low, r.confidence_interval.high]
json.dump([interval(f) for f in (np.mean, np.std, stats.skew)], sys.stdout)`
	x := data(200)
	var want [3][2]float64
	python.Ask(t, program, x, &want)
	r := run(t, 2, x, 20_000, 3)
	for i, values := range [][]float64{r.Mean, r.Std, r.Skew} {
		low, high, err := bootstrap.Interval(values, 0.95)
		if err != nil {
			t.Fatal(err)
		}
		width := want[i][1] - want[i][0]
		if math.Abs(low-want[i][0]) > 0.03*width || math.Abs(high-want[i][1]) > 0.03*width {
			t.Errorf("interval %d from %v to %v, scipy's is %v", i, low, high, want[i])
		}
	}
}

func TestIntervalIsNumpysQuantiles(t *testing.T) {
	x := data(77)
	before := slices.Clone(x)
	const program = `
import json, sys
import numpy as np
x, levels = json.load(sys.stdin)
json.dump([np.quantile(x, [(1 - p) / 2, (1 + p) / 2]).tolist() for p in levels], sys.stdout)`
	levels := []float64{0.5, 0.8, 0.95, 0.999}
	var want [][2]float64
	python.Ask(t, program, []any{x, levels}, &want)
	for i, level := range levels {
		low, high, err := bootstrap.Interval(x, level)
		if err != nil || math.Abs(low-want[i][0]) > 1e-12 || math.Abs(high-want[i][1]) > 1e-12 {
			t.Errorf("interval of %v from %v to %v, %v; numpy's %v", level, low, high, err, want[i])
		}
	}
	if !slices.Equal(x, before) {
		t.Error("Interval reordered the values")
	}
}

func TestDropNaNCounts(t *testing.T) {
	nan := math.NaN()
	x := []float64{nan, 1, 2, nan, 3}
	kept, dropped := bootstrap.DropNaN(x)
	if !slices.Equal(kept, []float64{1, 2, 3}) || dropped != 2 {
		t.Errorf("%v, %d dropped", kept, dropped)
	}
	if !math.IsNaN(x[0]) || x[4] != 3 {
		t.Errorf("the data became %v", x)
	}
	if kept, dropped := bootstrap.DropNaN(nil); len(kept) != 0 || dropped != 0 {
		t.Errorf("%v, %d dropped of nothing", kept, dropped)
	}
}

func TestResamplesOfEqualValues(t *testing.T) {
	x := slices.Repeat([]float64{0.1}, 10)
	r := run(t, 1, x, 5, 1)
	for i := range r.Mean {
		if math.Abs(r.Mean[i]-0.1) > 1e-16 || r.Std[i] > 1e-16 || !math.IsNaN(r.Skew[i]) {
			t.Errorf("mean %v, standard deviation %v, skewness %v", r.Mean[i], r.Std[i], r.Skew[i])
		}
	}
	_, _, err := bootstrap.Interval(r.Skew, 0.95)
	names(t, err, "value 0 is NaN", "DropNaN")
}

func TestProgressCountsBlocks(t *testing.T) {
	var last, total int
	p := pool.New(2, pool.WithProgress(func(d, n int) { last, total = d, n }))
	if _, err := bootstrap.Run(t.Context(), p, data(9), 5*bootstrap.BlockSize+1, 1); err != nil {
		t.Fatal(err)
	}
	if last != 6 || total != 6 {
		t.Errorf("last progress was %d of %d blocks, want 6 of 6", last, total)
	}
}

func TestCancelledRunKeepsWhatItHas(t *testing.T) {
	ctx, cancel := context.WithCancelCause(t.Context())
	stop := errors.New("seen enough")
	p := pool.New(1, pool.WithProgress(func(int, int) { cancel(stop) }))
	r, err := bootstrap.Run(ctx, p, data(1000), 1000*bootstrap.BlockSize, 1)
	if !errors.Is(err, stop) {
		t.Fatalf("error %v, want the context's cause", err)
	}
	finished := 0
	for i := range r.Mean {
		if !math.IsNaN(r.Mean[i]) {
			finished++
		}
		if math.IsNaN(r.Mean[i]) != math.IsNaN(r.Std[i]) || math.IsNaN(r.Mean[i]) != math.IsNaN(r.Skew[i]) {
			t.Fatalf("resample %d is half there", i)
		}
	}
	if finished == 0 || finished == len(r.Mean) || finished%bootstrap.BlockSize != 0 {
		t.Errorf("%d resamples of %d finished", finished, len(r.Mean))
	}
}

func TestBadInputNamesValueAndRemedy(t *testing.T) {
	nan, inf := math.NaN(), math.Inf(1)
	for _, c := range []struct {
		data []float64
		want []string
	}{
		{nil, []string{"0 values", "at least 2"}},
		{[]float64{3.5}, []string{"1 value, 3.5", "at least 2"}},
		{[]float64{1, 2, nan}, []string{"value 2 is NaN", "DropNaN"}},
		{[]float64{1, inf, nan}, []string{"value 1 is +Inf", "finite"}},
		{[]float64{-inf, 1}, []string{"value 0 is -Inf", "finite"}},
	} {
		_, err := bootstrap.Describe(c.data)
		names(t, err, c.want...)
		r, err := bootstrap.Run(t.Context(), pool.New(1), c.data, 1, 1)
		names(t, err, c.want...)
		if r.Mean != nil {
			t.Errorf("%v: results beside the error", err)
		}
	}
	for _, n := range []int{0, -7} {
		_, err := bootstrap.Run(t.Context(), pool.New(1), data(5), n, 1)
		names(t, err, fmt.Sprintf("resamples is %d", n), "at least 1")
	}
	for _, level := range []float64{0, 1, 95, -0.1, nan} {
		_, _, err := bootstrap.Interval(data(5), level)
		names(t, err, fmt.Sprintf("level %v is outside (0, 1)", level), "0.95")
	}
	_, _, err := bootstrap.Interval(nil, 0.95)
	names(t, err, "0 values", "at least 1")
	_, err = bootstrap.Run(t.Context(), nil, data(5), 1, 1)
	names(t, err, "nil *Pool", "pool.New")
}

func names(t *testing.T, err error, want ...string) {
	t.Helper()
	for _, s := range want {
		if err == nil || !strings.Contains(err.Error(), s) {
			t.Errorf("error %q does not say %q", fmt.Sprint(err), s)
		}
	}
}

func TestNoAllocationPerResample(t *testing.T) {
	x, p := data(100), pool.New(1)
	few := testing.AllocsPerRun(5, func() { run(t, 1, x, 1, 1) })
	many := testing.AllocsPerRun(5, func() {
		if _, err := bootstrap.Run(context.Background(), p, x, 100*bootstrap.BlockSize, 1); err != nil {
			t.Fatal(err)
		}
	})
	if many > few+100 {
		t.Errorf("%v allocations for 100 blocks, %v for one", many, few)
	}
}

func BenchmarkRun(b *testing.B) {
	x, p := data(5000), pool.New(runtime.GOMAXPROCS(0))
	const resamples = 2000
	b.ReportAllocs()
	for b.Loop() {
		if _, err := bootstrap.Run(b.Context(), p, x, resamples, 1); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*len(x)*resamples), "ns/draw")
}
