package notebooks

import (
	"math"
	"strings"
	"testing"
)

// claims06: counts exactly, what is random within 4 standard errors, of times the direction
// where it has a margin of more than 5.
func claims06(t *testing.T, n notebook) {
	out := func(id string) string { return n.cell(t, id).output() }
	numbers := func(id, pattern string) []float64 { t.Helper(); return n.numbers(t, id, pattern) }
	contains := func(id string, wants ...string) { t.Helper(); n.contains(t, id, wants...) }

	contains("begin", "scale small", "GoNB v", "GOMAXPROCS")
	contains("leak-count", "goroutines: 201\n")
	contains("leak-profile", "goroutines: 202\n")
	contains("leak-report", "goroutines: 202\ngoroutineleak profile: total 200\n200 @ ", "\tmain.firstQuote.func1+")
	contains("leak-cured", "goroutines: 1\n")
	contains("leak-proof", "goroutines: 1\ngoroutineleak profile: total 0\n")

	contains("virtual-test", `9 calls in 5h0m0s: "the supplier is shut\ncontext deadline exceeded"`, "--- PASS: TestRetry",
		"10 events in 2 rows, from 0 to 18,000 s", "shut at 15,300 s") // 255 minutes
	contains("virtual-exact", "59.999999999s calls: 1\n1m0s calls: 2\n2m59.999999999s calls: 2\n3m0s calls: 3\n", "--- PASS: TestPause")
	contains("virtual-leak", "--- FAIL: TestFirstQuote", "main bubble goroutine has exited but blocked goroutines remain")
	n.lacks(t, "virtual-leak", "the price is")
	if blocked := strings.Count(out("virtual-leak"), "[chan send (durable), synctest bubble"); blocked != 2 {
		t.Errorf("virtual-leak: %d goroutines in a chan send, want 2, in %q", blocked, out("virtual-leak"))
	}

	contains("trace-chart", "12 events in 4 rows")
	for _, clerk := range []string{"Ann", "Ben", "Cem", "Dora"} {
		contains("trace-chart", clerk+": sorts ")
		contains("trace-record", clerk+": ") // by trace.Log
	}
	contains("trace-record", "GC: marking ", " in 5 rows")
	for _, state := range []string{"sorts", "running", "runnable", "waiting", "marking"} {
		if ms := numbers("trace-record", `(?m)^`+state+` +(\d+) ms$`)[0]; ms == 0 {
			t.Errorf("trace-record: nobody was %s in %q", state, out("trace-record"))
		}
	}
	if ms := numbers("trace-record", `(?m)^waiting +(\d+) ms$`)[0]; ms < 19 { // four sleeps of 5 ms, and a few µs each to begin
		t.Errorf("trace-record: waiting %v ms, want what four parcels were on the scale", ms)
	}

	wait := func(profile, method string) float64 {
		t.Helper()
		return numbers("contention-profile", profile+` profile, `+method+`: ([\d.]+) s\n`)[0]
	}
	if sell, audit := wait("block", "sell"), wait("block", "audit"); sell < 5*audit {
		t.Errorf("contention-profile: sell waits %v s, audit %v s; want nearly all in sell", sell, audit)
	}
	if sell, audit := wait("mutex", "sell"), wait("mutex", "audit"); audit < sell {
		t.Errorf("contention-profile: sell makes wait %v s, audit %v s; want most in audit", sell, audit)
	}
	waited := numbers("contention-sharded", `parts  1: .* waited +(\d+) ms\nparts  4: .* waited +(\d+) ms\nparts 16: .* waited +(\d+) ms\nparts 64: .* waited +(\d+) ms\n`)
	if waited[0] < 2*waited[1] || waited[0] < 5*waited[2] || waited[0] < 64*waited[3] {
		t.Errorf("contention-sharded: %q; want about a fourth left with 4 parts, far less with 16, and less than a 64th with 64", out("contention-sharded"))
	}
	contains("contention-sharded", "“What sales waited”")
	contains("sharing-chart", "apart: ", "next to each other", "128 bytes apart")

	contains("tree-chart", "north:    a storm\n", "Oslo:     a storm\n", "purchase: context deadline exceeded\n",
		"south:    context deadline exceeded\n", "Rome:     context deadline exceeded\n")
	contains("tree-cancel", "11110 branches, 11111 goroutines\none cancel: all have ended after ")

	// 5,000 rounds of 1,000 coins: the mean of a round is 500, its deviation √250.
	coins := numbers("select-fair", `has the mean ([\d.]+) and the standard deviation (\d+(?:\.\d+)?)`)
	if deviation := math.Sqrt(250); math.Abs(coins[0]-500) > 4*deviation/math.Sqrt(5000) ||
		math.Abs(coins[1]-deviation) > 4*deviation/math.Sqrt(2*5000) {
		t.Errorf("select-fair: mean and deviation %v, want 500 and %.2f", coins, deviation)
	}
	// 100,000 days: none is served on half of them, and one in the mean, with a deviation of √2.
	days := numbers("select-stop", `from 0 to 1, with ([\d,]+) of them.* Mean (\d+(?:\.\d+)?)`)
	if math.Abs(days[0]-50_000) > 4*math.Sqrt(25_000) || math.Abs(days[1]-1) > 4*math.Sqrt(2./100_000)+0.0005 {
		t.Errorf("select-stop: none on %v days, %v in the mean; want 50,000 and 1", days[0], days[1])
	}
	contains("select-cured", "served after the stop, at most: 0\n")

	never := numbers("memory-atomic", `0 +0 +nobody +(\d+) +(\d+)`)
	if never[1] != 0 {
		t.Errorf("memory-atomic: with atomics both saw 0, in %q", out("memory-atomic"))
	}
	if said := strings.Contains(out("memory-atomic"), "no race was seen in this run"); said != (never[0] == 0) {
		t.Errorf("memory-atomic: %q does not say what it found", out("memory-atomic"))
	}
}
