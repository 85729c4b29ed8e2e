package notebooks

import (
	"encoding/base64"
	"math"
	"regexp"
	"strings"
	"testing"
	"time"
)

// claims07: the prices of all places, and with a worker killed, are the same to the last bit; the
// dead worker has a row, and a cross if it had a batch in hand; of times the direction where it
// has a margin of more than 5.
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
	// What a call costs on a cluster: the first with the program, one alone, one of many.
	const duration = `([\d.]+[nµm]?s)`
	var costs []time.Duration
	for _, s := range regexp.MustCompile(`cluster +` + duration + ` +` + duration + ` +` + duration).FindStringSubmatch(out("travels-table")) {
		if d, err := time.ParseDuration(s); err == nil {
			costs = append(costs, d)
		}
	}
	if len(costs) != 3 || costs[0] < costs[1] || costs[1] < costs[2] {
		t.Errorf("travels-table: %v a call on a cluster, want the first, one alone, and one of many, which costs least", costs)
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
	// Each batch that was lost has a cross in the picture, in white and over that in dark.
	crosses := 0
	for _, o := range n.cell(t, "dies-timeline").Outputs {
		for _, m := range regexp.MustCompile(`svg\+xml;base64,([^"]+)"`).FindAllStringSubmatch(string(o.Data["text/html"]), -1) {
			svg, err := base64.StdEncoding.DecodeString(m[1])
			if err != nil {
				t.Error(err)
			}
			crosses += strings.Count(string(svg), "l8 8m-8 0l8-8")
		}
	}
	if lost := n.numbers(t, "dies-timeline", `batches lost: (\d+)\n`)[0]; float64(crosses) != 2*lost {
		t.Errorf("dies-timeline: %v batches lost, and %d crosses, want 2 each", lost, crosses)
	}
	if rows := n.numbers(t, "dies-timeline", `events in (\d+) rows`)[0]; rows != 3 {
		t.Errorf("dies-timeline: %v rows, want one for each slot", rows)
	}

	slots := n.numbers(t, "reach-slots", `10ms: (\d+) slots\nbatches of 1s: (\d+) slots\n`)
	if slots[0] < 1 || slots[1] < 50*slots[0] {
		t.Errorf("reach-slots: %q, want 100 times as many slots for batches 100 times as long", out("reach-slots"))
	}
	// Ten times the slots want batches of ten times the calls, where those are longer than 10 ms.
	calls := n.numbers(t, "reach-table", `(?m)^ *100 +\S+ +(\d+) .*\n *1000 +\S+ +(\d+) `)
	if calls[0] < 1 || calls[1] < 2*calls[0] {
		t.Errorf("reach-table: %q, want more calls in a batch for more slots", out("reach-table"))
	}
}
