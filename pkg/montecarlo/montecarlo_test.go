package montecarlo_test

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"math"
	"runtime"
	"slices"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"github.com/threads2go/course/pkg/internal/portable"
	"github.com/threads2go/course/pkg/montecarlo"
	"github.com/threads2go/course/pkg/pool"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var share = montecarlo.Model{Start: 100, Days: 250, Drift: 0.05, Volatility: 0.2}

func run(t *testing.T, m montecarlo.Model, workers, walks int, seed uint64) []float64 {
	t.Helper()
	prices, err := m.Run(t.Context(), pool.New(workers), walks, seed)
	if err != nil {
		t.Fatal(err)
	}
	if len(prices) != walks {
		t.Fatalf("%d prices for %d walks", len(prices), walks)
	}
	return prices
}

// hash is the SHA-256 of the prices' bits: it changes with the last bit of any
// price and with their order.
func hash(prices []float64) string {
	h := sha256.New()
	var b [8]byte
	for _, x := range prices {
		binary.LittleEndian.PutUint64(b[:], math.Float64bits(x))
		h.Write(b[:])
	}
	return hex.EncodeToString(h.Sum(nil))
}

// The last block is partial on purpose, and so is the number of days odd once.
var golden = []struct {
	name  string
	model montecarlo.Model
	walks int
	seed  uint64
	hash  string
}{
	{"a year", share, 20_001, 1,
		"77e22864af0c969d0e0a646373f55780cb8734ee33a53c151b026d1a49bec645"},
	{"odd days", montecarlo.Model{Start: 7, Days: 13, Drift: -0.3, Volatility: 0.9}, 5_000, 2,
		"4b32dbde90d4d85d73035c4fc7b5f0876d86dc0c33ae3a9e8f66b4ba8463da3f"},
	{"one walk of one day", montecarlo.Model{Start: 1, Days: 1, Drift: 0, Volatility: 1}, 1, math.MaxUint64,
		"f5edc107082b8ee535fb2b68fed8be7e49ba6f3871389841ba613be9f0210eb0"},
}

func TestGoldenHashOnAnyNumberOfWorkers(t *testing.T) {
	for _, g := range golden {
		for _, workers := range []int{1, 2, 8} {
			t.Run(fmt.Sprintf("%s/%d workers", g.name, workers), func(t *testing.T) {
				got := hash(run(t, g.model, workers, g.walks, g.seed))
				if got != g.hash {
					t.Errorf("hash of all walks %s, want %s", got, g.hash)
				}
			})
		}
	}
}

func TestGoldenHashOnOtherProcessors(t *testing.T) {
	portable.Passes(t, "TestGoldenHashOnAnyNumberOfWorkers", 3*len(golden))
}

func TestNothingIsFused(t *testing.T) {
	portable.NothingFused(t, "montecarlo.(*days).walk", ".", "../internal/xoshiro", "../internal/quantile")
}

func TestMoreWalksKeepTheFirst(t *testing.T) {
	m := montecarlo.Model{Start: 100, Days: 11, Drift: 0.05, Volatility: 0.2}
	all := run(t, m, 2, 3*montecarlo.BlockSize+5, 9)
	for _, walks := range []int{1, 2, montecarlo.BlockSize - 1, montecarlo.BlockSize, montecarlo.BlockSize + 1} {
		if !slices.Equal(run(t, m, 2, walks, 9), all[:walks]) {
			t.Errorf("the prices of %d walks are not the first of %d", walks, len(all))
		}
	}
}

func TestBlockIsAPieceOfRun(t *testing.T) {
	m := montecarlo.Model{Start: 100, Days: 11, Drift: 0.05, Volatility: 0.2}
	all := run(t, m, 2, 3*montecarlo.BlockSize+5, 9)
	block := uint64(0)
	for want := range slices.Chunk(all, montecarlo.BlockSize) {
		got := make([]float64, len(want))
		if err := m.Block(got, 9, block); err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(got, want) {
			t.Errorf("block %d differs from its part of the run", block)
		}
		block++
	}
}

func TestPathEndsWhereTheWalkDoes(t *testing.T) {
	for _, m := range []montecarlo.Model{share, {Start: 7, Days: 13, Drift: -0.3, Volatility: 0.9}, {Start: 1, Days: 1, Volatility: 1}} {
		all := run(t, m, 2, 2*montecarlo.BlockSize+3, 9)
		for _, walk := range []int{0, 1, 2, 3, 1000, 1023, 1024, 1025, 2 * montecarlo.BlockSize, 2*montecarlo.BlockSize + 2} {
			path, err := m.Path(9, walk)
			if err != nil {
				t.Fatal(err)
			}
			if len(path) != m.Days+1 || path[0] != m.Start || path[m.Days] != all[walk] {
				t.Errorf("path of walk %d has %d prices from %v to %v, want %d from %v to %v",
					walk, len(path), path[0], path[m.Days], m.Days+1, m.Start, all[walk])
			}
		}
	}
	_, err := share.Path(1, -1)
	names(t, err, "walk number -1", "from 0")
}

// The factors of one path have the model's mean and standard deviation.
func TestPathHasTheModelsDays(t *testing.T) {
	m := montecarlo.Model{Start: 1, Days: 100_000, Drift: 5, Volatility: 3}
	path, err := m.Path(1, 0)
	if err != nil {
		t.Fatal(err)
	}
	n := float64(m.Days)
	var sum, squares float64
	for day := range m.Days {
		x := path[day+1]/path[day] - 1
		sum += x
		squares += x * x
	}
	mean, sd := m.Drift/n, m.Volatility/math.Sqrt(n)
	if got := sum / n; math.Abs(got-mean) > 4*sd/math.Sqrt(n) {
		t.Errorf("a day's mean is %v, want %v", got, mean)
	}
	if got := squares/n - mean*mean; math.Abs(got/(sd*sd)-1) > 4*math.Sqrt(2/n) {
		t.Errorf("a day's variance is %v, want %v", got, sd*sd)
	}
}

func TestStreamHasTheWalksOfRun(t *testing.T) {
	m := montecarlo.Model{Start: 100, Days: 3, Drift: 0.05, Volatility: 0.2}
	for _, walks := range []int{1, montecarlo.BlockSize, 20*montecarlo.BlockSize + 5} {
		all := run(t, m, 2, walks, 9)
		for _, workers := range []int{1, 2, 8} {
			var got []float64
			for prices, err := range m.Stream(t.Context(), pool.New(workers), walks, 9) {
				if err != nil {
					t.Fatal(err)
				}
				got = append(got, prices...)
			}
			if !slices.Equal(got, all) {
				t.Errorf("%d workers: the stream of %d walks is not Run's", workers, walks)
			}
		}
	}
}

func TestStreamEndsEarly(t *testing.T) {
	p := pool.New(2)
	turns := 0
	for _, err := range share.Stream(t.Context(), p, math.MaxInt32, 1) {
		if err != nil {
			t.Fatal(err)
		}
		if turns++; turns == 3 {
			break
		}
	}

	ctx, cancel := context.WithCancelCause(t.Context())
	defer cancel(nil)
	stop := errors.New("seen enough")
	turns = 0
	var last error
	for prices, err := range share.Stream(ctx, p, math.MaxInt32, 1) {
		if last = err; err != nil && prices != nil {
			t.Error("prices beside the error")
		}
		if turns++; turns == 3 {
			cancel(stop)
		}
	}
	if !errors.Is(last, stop) || turns < 4 {
		t.Errorf("%d turns, the last with error %v, want the context's cause", turns, last)
	}
}

func TestStreamAllocatesNothingPerWalk(t *testing.T) {
	m := montecarlo.Model{Start: 100, Days: 50, Drift: 0.05, Volatility: 0.2}
	const blocks = 400
	p := pool.New(2)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	for _, err := range m.Stream(t.Context(), p, blocks*montecarlo.BlockSize, 1) {
		if err != nil {
			t.Fatal(err)
		}
	}
	runtime.ReadMemStats(&after)
	// All prices would be 3.3 MB; the race detector has pools drop some of what they keep.
	if bytes := after.TotalAlloc - before.TotalAlloc; bytes > 2_000_000 {
		t.Errorf("%d bytes for %d blocks", bytes, blocks)
	}
}

// The document's program repeats walks, because its processes inherit one
// generator's state. Here every walk of every block and seed is new.
func TestNoWalkTwice(t *testing.T) {
	seen := map[float64]bool{}
	walks := 0
	for seed := range uint64(4) {
		for _, price := range run(t, share, 8, 10*montecarlo.BlockSize, seed) {
			seen[price] = true
			walks++
		}
	}
	if len(seen) != walks {
		t.Errorf("%d different prices in %d walks", len(seen), walks)
	}
}

// Walks at the same place in neighbouring blocks, and neighbours within a
// block, are uncorrelated: |r| stays below 4/√n.
func TestWalksAreUncorrelated(t *testing.T) {
	prices := run(t, montecarlo.Model{Start: 1, Days: 1, Volatility: 1}, 2, 100*montecarlo.BlockSize, 3)
	for _, lag := range []int{1, 2, montecarlo.BlockSize} {
		var sum float64
		n := len(prices) - lag
		for i := range n {
			sum += (prices[i] - 1) * (prices[i+lag] - 1) // both have mean 0 and variance 1
		}
		if r := sum / float64(n); math.Abs(r) > 4/math.Sqrt(float64(n)) {
			t.Errorf("correlation %v at distance %d of %d walks", r, lag, n)
		}
	}
}

// The lesson's walks at full scale, seed included: mean and quantiles are within 4
// standard errors of what is known.
//
// The mean is exact, 100·(1+0.05/250)^250, for the days are independent. The quantiles,
// 100·exp(0.05 − 0.2²/2 + 0.2·z), are those of the log-normal limit, geometric Brownian
// motion (Hull, "Options, Futures, and Other Derivatives", on the log-normal property):
// those of 250 days are within 0.02 % of them, which is less than one standard error.
func TestMomentsAndQuantiles(t *testing.T) {
	const walks = 1_000_000
	prices := run(t, share, 2, walks, 1)
	got, err := montecarlo.Summarize(prices, 0.05, 0.5, 0.95)
	if err != nil {
		t.Fatal(err)
	}
	want, err := share.Expected(0.05, 0.5, 0.95)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%d walks: %+v, expected %+v", got.Walks, got, want)
	if math.Abs(got.Mean-want.Mean) > 4*got.StdErr {
		t.Errorf("mean %v ± %v, exactly %v", got.Mean, got.StdErr, want.Mean)
	}
	// The exact variance of the product is E[X²]^days − E[X]^(2·days).
	n, days := float64(walks), float64(share.Days)
	a, s2 := 1+share.Drift/days, share.Volatility*share.Volatility/days
	sd := share.Start * math.Sqrt(math.Pow(a*a+s2, days)-math.Pow(a, 2*days))
	if ratio := got.StdErr * math.Sqrt(n) / sd; math.Abs(ratio-1) > 0.01 {
		t.Errorf("standard deviation is %v of the exact %v", ratio, sd)
	}
	// A quantile's standard error is √(q(1−q)/n) over the density there.
	for i, q := range []float64{0.05, 0.5, 0.95} {
		x := want.Quantiles[i]
		z := (math.Log(x/share.Start) - share.Drift + share.Volatility*share.Volatility/2) / share.Volatility
		density := math.Exp(-z*z/2) / math.Sqrt(2*math.Pi) / (x * share.Volatility)
		if se := math.Sqrt(q*(1-q)/n) / density; math.Abs(got.Quantiles[i]-x) > 4*se {
			t.Errorf("quantile %v is %v ± %v, in theory %v", q, got.Quantiles[i], se, x)
		}
	}
}

func TestWithoutVolatilityEveryWalkIsTheMean(t *testing.T) {
	m := montecarlo.Model{Start: 100, Days: 250, Drift: 0.05}
	want, err := m.Expected(0, 0.5, 1)
	if err != nil {
		t.Fatal(err)
	}
	for _, price := range run(t, m, 1, 3, 1) {
		if math.Abs(price-want.Mean) > 1e-11 {
			t.Errorf("price %v, want %v", price, want.Mean)
		}
	}
	for _, q := range want.Quantiles {
		if q != 100*math.Exp(0.05) {
			t.Errorf("quantile %v, want %v", q, 100*math.Exp(0.05))
		}
	}
}

func TestProgressCountsBlocks(t *testing.T) {
	var last, total int
	p := pool.New(2, pool.WithProgress(func(d, n int) { last, total = d, n }))
	if _, err := share.Run(t.Context(), p, 5*montecarlo.BlockSize+1, 1); err != nil {
		t.Fatal(err)
	}
	if last != 6 || total != 6 {
		t.Errorf("last progress was %d of %d blocks, want 6 of 6", last, total)
	}
}

func TestCancelledRunKeepsWhatItHas(t *testing.T) {
	ctx, cancel := context.WithCancelCause(t.Context())
	stop := errors.New("seen enough")
	p := pool.New(1, pool.WithProgress(func(done, _ int) { cancel(stop) }))
	prices, err := share.Run(ctx, p, 1000*montecarlo.BlockSize, 1)
	if !errors.Is(err, stop) {
		t.Fatalf("error %v, want the context's cause", err)
	}
	finished := 0
	for block := range slices.Chunk(prices, montecarlo.BlockSize) {
		zeros := 0
		for _, price := range block {
			if price == 0 {
				zeros++
			}
		}
		switch zeros {
		case 0:
			finished++
		case montecarlo.BlockSize:
		default:
			t.Fatalf("%d unfinished walks in a block", zeros)
		}
	}
	if finished == 0 || finished == 1000 {
		t.Errorf("%d blocks of 1000 finished", finished)
	}
}

func TestBadInputNamesValueAndRemedy(t *testing.T) {
	model := func(change func(*montecarlo.Model)) montecarlo.Model {
		m := share
		change(&m)
		return m
	}
	nan, inf := math.NaN(), math.Inf(1)
	for _, c := range []struct {
		m     montecarlo.Model
		walks int
		want  []string
	}{
		{share, 0, []string{"number of walks is 0", "at least 1"}},
		{share, -7, []string{"number of walks is -7", "at least 1"}},
		{model(func(m *montecarlo.Model) { m.Days = 0 }), 1, []string{"Days is 0", "at least 1"}},
		{model(func(m *montecarlo.Model) { m.Days = -250 }), 1, []string{"Days is -250", "at least 1"}},
		{model(func(m *montecarlo.Model) { m.Drift = nan }), 1, []string{"Drift is NaN", "finite"}},
		{model(func(m *montecarlo.Model) { m.Drift = -inf }), 1, []string{"Drift is -Inf", "finite"}},
		{model(func(m *montecarlo.Model) { m.Volatility = nan }), 1, []string{"Volatility is NaN", "finite"}},
		{model(func(m *montecarlo.Model) { m.Volatility = inf }), 1, []string{"Volatility is +Inf", "finite"}},
		{model(func(m *montecarlo.Model) { m.Volatility = -0.2 }), 1, []string{"Volatility is -0.2", "at least 0"}},
		{model(func(m *montecarlo.Model) { m.Start = 0 }), 1, []string{"Start is 0", "above 0"}},
		{model(func(m *montecarlo.Model) { m.Start = -1 }), 1, []string{"Start is -1", "above 0"}},
		{model(func(m *montecarlo.Model) { m.Start = nan }), 1, []string{"Start is NaN", "above 0"}},
		{model(func(m *montecarlo.Model) { m.Start = inf }), 1, []string{"Start is +Inf", "finite"}},
	} {
		prices, err := c.m.Run(t.Context(), pool.New(1), c.walks, 1)
		names(t, err, c.want...)
		if prices != nil {
			t.Errorf("%v: %d prices beside the error", err, len(prices))
		}
		for prices, err := range c.m.Stream(t.Context(), pool.New(1), c.walks, 1) {
			names(t, err, c.want...)
			if prices != nil {
				t.Errorf("%v: prices beside the error", err)
			}
		}
		if c.m != share {
			names(t, c.m.Block(make([]float64, 1), 1, 0), c.want...)
			_, err = c.m.Path(1, 0)
			names(t, err, c.want...)
			_, err = c.m.Expected()
			names(t, err, c.want...)
		}
	}
	names(t, share.Block(make([]float64, 1025), 1, 0), "1025 walks", "at most 1024")
}

func names(t *testing.T, err error, want ...string) {
	t.Helper()
	for _, s := range want {
		if err == nil || !strings.Contains(err.Error(), s) {
			t.Errorf("error %q does not say %q", fmt.Sprint(err), s)
		}
	}
}

// A block allocates its generator, and nothing for its walks.
func TestNoAllocationPerWalk(t *testing.T) {
	dst := make([]float64, montecarlo.BlockSize)
	allocs := testing.AllocsPerRun(5, func() {
		if err := share.Block(dst, 1, 2); err != nil {
			t.Fatal(err)
		}
	})
	if allocs > 1 {
		t.Errorf("%v allocations for a block", allocs)
	}
}

func BenchmarkBlock(b *testing.B) {
	dst := make([]float64, montecarlo.BlockSize)
	b.ReportAllocs()
	for b.Loop() {
		if err := share.Block(dst, 1, 0); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*len(dst)*share.Days), "ns/step")
}

func BenchmarkRun(b *testing.B) {
	p := pool.New(runtime.GOMAXPROCS(0))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := share.Run(b.Context(), p, 100_000, 1); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*100_000), "ns/walk")
}

func BenchmarkSummarize(b *testing.B) {
	prices, err := share.Run(b.Context(), pool.New(runtime.GOMAXPROCS(0)), 100_000, 1)
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := montecarlo.Summarize(prices, 0.05, 0.95); err != nil {
			b.Fatal(err)
		}
	}
}
