package notebooks

import (
	"fmt"
	"math"
	"regexp"
	"runtime"
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
	contains("once-python", "shipped order 7\nRuntimeError: threads can only be started once")
	contains("once-go", "shipped order 7\norders: 1 error: <nil>\nagain: thread: started before", "ErrStarted: true")
	contains("failure-python", "average: 100", "hook: average failed:", "main: the end")
	contains("failure-go", "average: 100", "panic: runtime error: integer divide by zero", "exit status 2")
	n.lacks(t, "failure-go", "main: the end")
	contains("failure-thread", "error: panic: runtime error: integer divide by zero\nin [main.average.value(...) main.average.Run(...)]\n",
		"hook: alone failed: panic: runtime error: integer divide by zero\nmain: the end\n")
	n.lacks(t, "failure-thread", "hook: joined")

	contains("race-go", "v: 2\n")
	if m := regexp.MustCompile(`(?s)WARNING: DATA RACE\nRead at (0x[0-9a-f]+) by goroutine \d+:\n  main\.addOne\(\)\n.*main\.go:(\d+) .*` +
		`Previous write at (0x[0-9a-f]+) by goroutine \d+:\n  main\.addOne\(\)\n.*main\.go:(\d+) .*` +
		`\(running\) created at:\n  main\.main.*\(finished\) created at:\n  main\.main.*\n(\d+):\tv = v \+ 1\n`).FindStringSubmatch(out("race-report")); m == nil || m[1] != m[3] || m[2] != m[4] || m[2] != m[5] {
		t.Errorf("race-report: want a read and a write of one address, in the line of v = v + 1, got %q", out("race-report"))
	}
	contains("with-go", "caught no stock; Unlock leaves the lock free: false\n",
		"caught no stock; defer leaves the lock free: true\ncaught no stock; With leaves the lock free: true\n")

	for _, id := range []string{"condition-python", "condition-plain"} {
		contains(id, looks("consumer goes on\n", 0, 1, 2, 3))
	}
	contains("condition-run", looks("gave up: context deadline exceeded\n", 0, 0)+looks("gave up: the shop is closed\n", 0, 0)+
		looks("consumer goes on with 3 error: <nil>\n", 0, 1, 2, 3))
	contains("reentrant-deadlock", "locked once", "fatal error: all goroutines are asleep - deadlock!", "[sync.Mutex.Lock]", "exit status 2")
	n.lacks(t, "reentrant-deadlock", "locked twice")
	contains("reentrant-go", "map[bank:30 cash:75]\n")
	contains("lost-python", "notifies at once\nwoken: False\nnotifies when ready\nwoken: True\n")
	contains("lost-chart", "condition: context deadline exceeded\n", "predicate: <nil>\n", "event: <nil>\n", "channel: <nil>\n",
		"from 0 to 4", "producer: 1 × signals")

	if runtime.GOOS == "linux" {
		contains("cores-python", "cores left: 1")
		contains("cores-limited", "NumCPU:     1", "GOMAXPROCS: 1")
	} else {
		contains("cores-limited", "needs Linux")
	}
	if m := regexp.MustCompile(`parent (\d+) workers \[(\d+), (\d+)\]`).FindStringSubmatch(out("workers-python")); m == nil || m[1] == m[2] || m[1] == m[3] {
		t.Errorf("workers-python: want a parent and two other processes, got %q", out("workers-python"))
	}
	if ids := numbers("workers-go", `program (\d+) workers \[(\d+)\]`); ids[0] != ids[1] {
		t.Errorf("workers-go: %q, want one process", out("workers-go"))
	}

	contains("calls-python", "map         [1, 4, 9, 16]", "apply       25", "map_async   to be had later", "get         25")
	last := 0
	for _, line := range []string{"Map         [1 4 9 16]", "Apply       25", "MapAsync    to be had later", "ApplyAsync  to be had later",
		"Get         [1 4 9 16]", "Get         25", "Stream      1\n", "Stream      4\n", "Stream      9\n", "Stream      16\n"} {
		at := strings.Index(out("calls-chart"), line)
		if at < last {
			t.Errorf("calls-chart: %q is missing, or comes too early, in %q", line, out("calls-chart"))
		}
		last = max(at, last)
	}
	contains("calls-chart", "24 events in 8 rows", "10 × returns")
	// The single call did not wait for all of Map's: else its result came 0.2 s later.
	if gets := numbers("calls-chart", `([\d.]+) s  Get +\[1 4 9 16\]\n([\d.]+) s  Get +25\n`); gets[1]-gets[0] > 0.15 {
		t.Errorf("calls-chart: the two Get share no time: %v", gets)
	}
	contains("errgroup", "error:  no stock", "filled: 99")
	contains("map-error", "error:  pool: task 2: no stock")
	// Each of the other three workers had at most the order in hand and the next.
	if filled := numbers("map-error", `filled: (\d+) of 100`)[0]; filled > 20 {
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
	contains("price-python", "Python: ", "numpy: ")
	contains("price-chart", "Speed-up by workers", "with 2", "Times of “100,000 walks, some scaled”", "numpy, 20,000 × 5 median")
	if ratio := numbers("price-chart", `Python, 2,000 × 50: Go's 2 are ([\d.]+) times faster`)[0]; ratio < 1 {
		t.Errorf("price-chart: Go is not faster: %v", ratio)
	}

	// Mean and quantiles of 100,000 walks are within 4 standard errors, as those of the full
	// million are by pkg/montecarlo's test. That of a quantile is √(q(1-q)/n) over the density
	// there, which for the log-normal limit is known.
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
	contains("histogram", "98 of 98 blocks of 1,024 walks (100 %)", "Histogram of 100,000 walks", "100 bins")
	contains("quantiles", "5 % at 74.", "mean at 105.", "95 % at 143.")
	// Every mean is within 4 standard errors, and each error is half of that of a quarter of the walks.
	known := 100 * math.Pow(1+0.05/250, 250)
	var errs []float64
	for i := range 8 {
		v := numbers("convergence", fmt.Sprintf(`(?m)^ *%d walks: ([\d.]+) ± ([\d.]+)$`, 1024<<i))
		if math.Abs(v[0]-known) > 4*v[1] {
			t.Errorf("convergence: %d walks have a mean of %v ± %v, want %.3f", 1024<<i, v[0], v[1], known)
		}
		if errs = append(errs, v[1]); i > 1 && math.Abs(errs[i-2]/v[1]-2) > 0.2 {
			t.Errorf("convergence: %d walks have an error of %v, a quarter of them %v", 1024<<i, v[1], errs[i-2])
		}
	}
	contains("convergence", "The mean converges", "exact at 105.1266")
}

// looks is what a consumer prints that finds these amounts in stock, one after the other.
func looks(then string, stock ...int) string {
	var b strings.Builder
	for _, n := range stock {
		fmt.Fprintf(&b, "consumer looks: %d in stock\n", n)
	}
	return b.String() + then
}

// quantileError is the standard error of quantile q of n walks, at x, where the normal number
// behind it is z; the volatility is 0.2.
func quantileError(q, z, x float64, n int) float64 {
	density := math.Exp(-z*z/2) / math.Sqrt(2*math.Pi) / (0.2 * x)
	return math.Sqrt(q*(1-q)/float64(n)) / density
}
