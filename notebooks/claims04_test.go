package notebooks

import (
	"math"
	"strings"
	"testing"
)

// claims04: what the cells of the lesson on the bootstrap print; of times only the direction,
// where a margin of more than 5 decides it.
func claims04(t *testing.T, n notebook) {
	contains := func(id string, wants ...string) { t.Helper(); n.contains(t, id, wants...) }
	numbers := func(id, pattern string) []float64 { t.Helper(); return n.numbers(t, id, pattern) }
	is := func(id, want string) {
		t.Helper()
		if out := n.cell(t, id).output(); out != want {
			t.Errorf("%s: %q, want %q", id, out, want)
		}
	}

	contains("begin", "scale small", "GoNB v", "GOMAXPROCS")
	if v := numbers("slices-python", `looks: (\d+) counted: (\d+)`); v[1] > v[0] {
		t.Errorf("slices-python: counted %v of %v looks", v[1], v[0])
	}
	if v := numbers("slices-run", `turns: Python (\d+) Go (\d+)`); v[0] < 3 || v[1] < 3 {
		t.Errorf("slices-run: Python's threads had %v turns and goroutines %v, want one each at least", v[0], v[1])
	}

	// The statistics are numpy's and scipy's.
	contains("resample-python", "800 of 800 resamples; 1461 days")
	contains("resample-go", "1461 days, 0 dropped")
	const statistics = `mean (\S+) std (\S+) skew (\S+)`
	numpy := numbers("resample-python", statistics)
	for i, v := range numbers("resample-go", statistics) {
		if math.Abs(v-numpy[i]) > 1e-12*math.Abs(numpy[i]) {
			t.Errorf("resample-go: %v, want %v as numpy and scipy have it", v, numpy[i])
		}
	}

	if !strings.Contains(n.cell(t, "begin").output(), "GOMAXPROCS 1,") {
		if kept := numbers("race-go", `has (\d+) of 800`)[0]; kept >= 800 {
			t.Errorf("race-go: %v of 800", kept)
		}
	}
	contains("race-report", "WARNING: DATA RACE", "main.main.func1()", "main.eight.func1()")
	contains("collect-place", "lock has 800 in order", "channel has 800 in order", "own place has 800 in order: 800\n")
	contains("collect-chart", "Times of “800 resamples”: lock", "Times of “100,000 times nothing”: lock")

	lines := "DEBUG:debug:Bootstrap 0\nDEBUG:debug:Bootstrap 10\nDEBUG:debug:Bootstrap 20\n"
	is("worker-python", lines)
	log := n.cell(t, "worker-log").output()
	if strings.Count(log, "level=DEBUG msg=bootstrap index=") != 3 || !strings.HasPrefix(log, "a log at level INFO\na log at level DEBUG\n") {
		t.Errorf("worker-log: want three lines, all at level DEBUG, in %q", log)
	}
	contains("worker-log", `index=0 by="one worker"`, `index=10 by`, `index=20 by`)

	calls := numbers("serial-python", `choice +([\d.]+) µs\nmean +([\d.]+) µs\nstd +([\d.]+) µs\nskew +([\d.]+) µs`)
	if skew := calls[3]; skew < calls[0] || skew < calls[1] || skew < calls[2] {
		t.Errorf("serial-python: %v µs, want the last to be longest", calls)
	}
	contains("serial-go", "a resample takes", "the same list again: true")

	is("eight-python", "threads after three timings: 25\nafter they were told to end: 1\n")
	same := strings.Repeat("the list of serial: true\n", 3)
	is("eight-run", "goroutines: 9\ngoroutines: 17\ngoroutines: 25\n"+same+"goroutines: 1\n")

	is("timings-python", "threads after 11 timings: 89\n")
	numbers("timings-chart", `Python, 8 threads is ([\d.]+) \(`)
	numbers("timings-chart", `Go, 8 workers is ([\d.]+) \(`)
	if ratio := numbers("timings-chart", `bootstrap.Run is ([\d.]+) \(`)[0]; ratio < 1 {
		t.Errorf("timings-chart: bootstrap.Run is %v times as fast as Python", ratio)
	}

	// Seeded, so the same on every machine.
	contains("grid-chart",
		"Mean: 12.34, 95 % of the resamples from 12.03 to 12.64 °C\n",
		"Standard deviation: 6.00, 95 % of the resamples from 5.82 to 6.17 °C\n",
		"Skewness: 0.05, 95 % of the resamples from -0.03 to 0.14",
		"Times of “100 resamples”", "sample at 12.3369", "sample at 5.996", "sample at 0.05362")
}
