package notebooks

import (
	"math"
	"regexp"
	"strings"
	"testing"
)

// claims03: exact results exactly; of timings only the direction, which make bench measures
// with a margin of more than 5.
func claims03(t *testing.T, n notebook) {
	out := func(id string) string { return n.cell(t, id).output() }
	numbers := func(id, pattern string) []float64 { t.Helper(); return n.numbers(t, id, pattern) }
	contains := func(id string, wants ...string) { t.Helper(); n.contains(t, id, wants...) }

	contains("begin", "scale small", "GoNB v", "GOMAXPROCS")
	contains("cores-python", "cores left: 1")
	contains("cores-limited", "NumCPU:     1", "GOMAXPROCS: 1")
	if m := regexp.MustCompile(`parent (\d+) workers \[(\d+), (\d+)\]`).FindStringSubmatch(out("workers-python")); m == nil || m[1] == m[2] || m[1] == m[3] {
		t.Errorf("workers-python: want a parent and two other processes, got %q", out("workers-python"))
	}
	if ids := numbers("workers-go", `program (\d+) workers \[(\d+)\]`); ids[0] != ids[1] {
		t.Errorf("workers-go: %q, want one process", out("workers-go"))
	}

	contains("calls-python", "map         [1, 4, 9, 16]", "apply       25", "map_async   to be had later", "get         25")
	contains("calls-go-run", "Map         [1 4 9 16]", "go          to be had later", "receive     [1 4 9 16]")
	contains("errgroup-run", "error:  no stock", "filled: 99")
	contains("map-error", "error:  pool: task 2: no stock")
	// Each of the other three workers had at most the order in hand and the next.
	if filled := numbers("map-error", `filled: (\d+)`)[0]; filled > 20 {
		t.Errorf("map-error: %v orders were filled after the failure of number 2", filled)
	}

	// Each worker's walks are the other's too, so at most as many are new as one worker had;
	// with tasks dealt in eight chunks that is far from all.
	if walks := numbers("walks-python", `(\d+) walks, (\d+) different prices`); walks[0] != 20_000 || walks[1] > 17_500 {
		t.Errorf("walks-python: %q, want about half of the prices to be new", out("walks-python"))
	}
	var means []string
	for line := range strings.Lines(out("seeds-run")) {
		_, mean, ok := strings.Cut(line, "workers: 20000 different prices, mean ")
		if !ok {
			t.Errorf("seeds-run: %q", line)
		}
		means = append(means, mean)
	}
	if len(means) != 3 || means[0] != means[1] || means[1] != means[2] {
		t.Errorf("seeds-run: the means of 1, 2 and 8 workers differ: %q", means)
	}
	contains("million", "98 of 98 blocks (100 %)", "100000 walks in")
	if ratio := numbers("price-chart", `a walk is (\d+) times faster in Go`)[0]; ratio < 1 {
		t.Errorf("price-chart: Go is not faster: %v", ratio)
	}

	// Mean and quantiles of 100,000 walks are within 4 standard errors. That of a quantile is
	// √(q(1-q)/n) over the density there, which for the log-normal limit is known.
	const walks = 100_000
	for _, c := range []struct {
		name         string
		known, error float64
	}{
		{"mean", 100 * math.Pow(1+0.05/250, 250), 0.067},
		{"5 % quantile", 74.158, quantileError(0.05, -1.6449, 74.158, walks)},
		{"95 % quantile", 143.185, quantileError(0.95, 1.6449, 143.185, walks)},
	} {
		v := numbers("quantiles", regexp.QuoteMeta(c.name)+` +[\d.]+ +([\d.]+) +([\d.]+)`)
		if math.Abs(v[1]-c.known) > 0.001 {
			t.Errorf("quantiles: the known %s is said to be %v, want %.3f", c.name, v[1], c.known)
		}
		if math.Abs(v[0]-c.known) > 4*c.error {
			t.Errorf("quantiles: %s of these walks is %v, more than 4 × %.3f from %.3f", c.name, v[0], c.error, c.known)
		}
	}
	contains("histogram", "Histogram of 100,000 walks", "100 bins")
	contains("quantiles-chart", "5 % at 74.", "mean at 105.", "95 % at 143.")
}

// quantileError is the standard error of quantile q of n walks, at x, where the normal number
// behind it is z; the volatility is 0.2.
func quantileError(q, z, x float64, n int) float64 {
	density := math.Exp(-z*z/2) / math.Sqrt(2*math.Pi) / (0.2 * x)
	return math.Sqrt(q*(1-q)/float64(n)) / density
}
