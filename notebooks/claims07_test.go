package notebooks

import (
	"math"
	"regexp"
	"strings"
	"testing"
)

// claims07: the prices of all places, and with a worker killed, are the same to the last bit; the
// dead worker has a row, and a cross if it had a batch in hand; of times the direction where it has a margin of more than 5.
func claims07(t *testing.T, n notebook) {
	out := func(id string) string { return n.cell(t, id).output() }
	contains := func(id string, wants ...string) { t.Helper(); n.contains(t, id, wants...) }

	contains("begin", "scale small", "GoNB v", "GOMAXPROCS")
	line := regexp.MustCompile(`\d+ walks, mean \d+\.\d{4}, bits [0-9a-f]{16}`)
	same := func(ids ...string) {
		t.Helper()
		want := line.FindString(out(ids[0]))
		for _, id := range ids {
			if got := line.FindString(out(id)); got == "" || got != want {
				t.Errorf("%s: %q, want what %s has: %q", id, got, ids[0], want)
			}
			contains(id, want)
		}
	}
	same("places-report", "places-processes-run", "places-cluster-run")
	contains("places-report", "1000448 walks, mean 105.")
	for _, id := range []string{"places-report", "places-processes-run", "places-cluster-run"} {
		contains(id, "977 of 977 blocks (100 %)")
	}

	contains("travels-table", "goroutines", "processes", "cluster")
	if mb := n.numbers(t, "travels-table", `the program: (\d+) MB`)[0]; mb < 10 || mb > 60 {
		t.Errorf("travels-table: a program of %v MB", mb)
	}

	// The mean of numpy's walks is the exact one, within five standard errors.
	contains("dask-python", "976 of 977 blocks\n", "1000448 walks, mean ")
	if mean := n.numbers(t, "dask-python", `mean (\d+\.\d+)`)[0]; math.Abs(mean-105.1266) > 5*0.0213 {
		t.Errorf("dask-python: a mean of %v", mean)
	}
	same("places-report", "dask-compare")
	contains("dask-compare", "Dask:    ", "cluster: ")

	contains("dies-build", "worker\n")
	same("dies-goroutines", "dies-timeline")
	contains("dies-timeline", "2048000 walks", "the worker: signal: killed\n", "“Slots”")
	if rows := n.numbers(t, "dies-timeline", `events in (\d+) rows`)[0]; rows != 3 {
		t.Errorf("dies-timeline: %v rows, want one for each slot", rows)
	}

	slots := n.numbers(t, "reach-slots", `10ms: at most (\d+) slots\nbatches of 1s: at most (\d+) slots\n`)
	if slots[0] < 1 || slots[1] < 50*slots[0] {
		t.Errorf("reach-slots: %q, want 100 times as many slots for batches 100 times as long", out("reach-slots"))
	}
	if !strings.Contains(out("reach-table"), "1000") {
		t.Errorf("reach-table: %q", out("reach-table"))
	}
}
