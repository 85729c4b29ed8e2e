package montecarlo_test

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"math"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strings"
	"testing"

	"go.uber.org/goleak"

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
		"f10bd097e7ed2816a5d093c7463415aba61a6ef319423e399f637b85a5f3c890"},
	{"odd days", montecarlo.Model{Start: 7, Days: 13, Drift: -0.3, Volatility: 0.9}, 5_000, 2,
		"eae12436ecc0039d73cb93721fa588841999b9f2ddb844c1997bc7e253cb446d"},
	{"one walk of one day", montecarlo.Model{Start: 1, Days: 1, Drift: 0, Volatility: 1}, 1, math.MaxUint64,
		"d8239c2df2e23ee709135f6965c5492f31679983d63cb8800827727d19a8d3e8"},
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

// GOAMD64=v3 is where the amd64 compiler begins to fuse products and sums.
func TestGoldenHashWithFusedMultiplyAdd(t *testing.T) {
	if runtime.GOARCH != "amd64" {
		t.Skipf("GOAMD64 is a setting of amd64, this is %s", runtime.GOARCH)
	}
	if testing.Short() {
		t.Skip("-short: building the standard library for GOAMD64=v3 takes a while the first time")
	}
	if os.Getenv("GOAMD64") == "v3" {
		t.Skip("this test process is the v3 build already")
	}
	cmd := exec.CommandContext(t.Context(), "go", "test", "-vet=off", "-count=1", "-v",
		"-run=^TestGoldenHashOnAnyNumberOfWorkers$", ".")
	cmd.Env = append(os.Environ(), "GOAMD64=v3")
	out, err := cmd.CombinedOutput()
	if strings.Contains(string(out), "can only be run on AMD64 processors with v3") {
		t.Skip("this processor cannot run programs built for GOAMD64=v3")
	}
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	passed := strings.Count(string(out), "--- PASS: TestGoldenHashOnAnyNumberOfWorkers/")
	if passed != 3*len(golden) {
		t.Errorf("%d cases passed in the v3 build, want %d:\n%s", passed, 3*len(golden), out)
	}
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

func TestMomentsAndQuantiles(t *testing.T) {
	prices := run(t, share, 2, montecarlo.Draws, 1)
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
	n, days := float64(montecarlo.Draws), float64(share.Days)
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
		if c.m != share {
			names(t, c.m.Block(make([]float64, 1), 1, 0), c.want...)
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
