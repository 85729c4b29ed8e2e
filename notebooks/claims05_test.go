package notebooks

import (
	"math"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// claims05: what is seeded, or follows from the sources, exactly; of times the direction where
// it has a margin of more than 5, and that nothing beats the schedule's ideal.
func claims05(t *testing.T, n notebook) {
	out := func(id string) string { return n.cell(t, id).output() }
	numbers := func(id, pattern string) []float64 { t.Helper(); return n.numbers(t, id, pattern) }
	contains := func(id string, wants ...string) { t.Helper(); n.contains(t, id, wants...) }

	contains("begin", "scale small", "GoNB v", "GOMAXPROCS")

	numbers("pictures-photo", `sky_15.png is (\d+) % cloud\n`)
	// Pictures: the half one fails, alone, in both runs; the queue keeps its bound.
	if bad := strings.Count(out("pictures-chart"), "error: half.png "); bad != 2 || strings.Count(out("pictures-chart"), "error: ") != 2 {
		t.Errorf("pictures-chart: want one error in each of two runs, all of half.png, in %q", out("pictures-chart"))
	}
	contains("pictures-chart", "png: invalid format: not enough pixel data", "Times of “Skies”: one by one median", "4 + 2 median",
		"room for 2: at most 2: ", "51 events in 9 rows", "wait for room", "in 17 events")
	if most := numbers("pictures-chart", `no bound: at most (\d+): `)[0]; most <= 2 || most > 17 {
		t.Errorf("pictures-chart: at most %v pictures wait without a bound, want more than 2", most)
	}

	means := regexp.MustCompile(`(\d) parts: mean (\S+)\n`).FindAllStringSubmatch(out("features-table"), -1)
	if len(means) != 3 || !strings.HasSuffix(means[0][2], "6279") || !strings.HasSuffix(means[1][2], "6307") {
		t.Errorf("features-table: %q, want means that end in 6279 and 6307", means)
	}
	contains("features-chart", "1 workers: 120 columns, the serial ones: true\n2 workers: 120 columns, the serial ones: true\n",
		"Speed-up by workers", "with 2")

	contains("backtest-run", "0 days before each cluster: 126 of 159 alerts, the serial list: false\n",
		"5 days before each cluster: 159 of 159 alerts, the serial list: true\n")

	// Orders: each mistake is named, and neither it nor a second service harms the first.
	const bad = "400 Bad Request: "
	contains("orders-thousand",
		bad+"size -1 and strike 100 must be above 0\n",
		bad+"symbol \"SPX\" is not traded here\n",
		bad+"not an order: invalid character 's' looking for beginning of object key string\n",
		bad+"not an order: json: unknown field \"halt\"\n",
		bad+"stop 101, entry 99.9, target 100.4 must rise, above 0\n",
		bad+"expiry \"26-12-18\" is no date like 2026-12-18\n",
		bad+"not an order: more comes after it\n",
		"a second service: listen tcp 127.0.0.1:", "bind: address already in use\n",
		"waits 523\nholds 105\nsold 145\nstopped 227\ngoroutines at the end: 1\n")
	if held := numbers("orders-thousand", `goroutines with 1,000 orders: (\d+)\n`)[0]; held < 1001 || held > 1050 {
		t.Errorf("orders-thousand: %v goroutines, want one for each order, main, and a few for the server", held)
	}

	for _, id := range []string{"twos-python", "twos-go"} {
		odd, even := []string{}, []string{}
		for line := range strings.Lines(out(id)) {
			if n, ok := strings.CutPrefix(line, "ODD: "); ok {
				odd = append(odd, strings.TrimSpace(n))
			} else if n, ok := strings.CutPrefix(line, "EVEN: "); ok {
				even = append(even, strings.TrimSpace(n))
			}
		}
		if strings.Join(odd, "") != "13579" || strings.Join(even, "") != "02468" {
			t.Errorf("%s: odd %v and even %v, each in its order", id, odd, even)
		}
	}
	contains("twos-test", "EVEN at 0s\nODD at 0s\nODD at 1s\nEVEN at 2s\nODD at 2s\nODD at 3s\nEVEN at 4s\nODD at 4s\nEVEN at 6s\nEVEN at 8s\n",
		"--- PASS: TestEvenAndOdd (0.0")
	contains("twos-go", "10 events in 2 rows")

	// What the reader has is a beginning of all, and at last all.
	for _, id := range []string{"file-python", "file-go"} {
		reads := regexp.MustCompile(`(?m)^(?:Reader reads:|reader has) ?(\d*)$`).FindAllStringSubmatch(out(id), -1)
		for _, r := range reads {
			if !strings.HasPrefix("0123456789", r[1]) {
				t.Errorf("%s: the reader has %q", id, r[1])
			}
		}
		if len(reads) == 0 || reads[len(reads)-1][1] != "0123456789" {
			t.Errorf("%s: the reader never has all in %q", id, out(id))
		}
	}
	contains("first-python", "in reader\nFileNotFoundError: [Errno 2] No such file or directory: ", "writer wrote 4 characters\nmain has joined both\n")
	contains("first-go", `0: "", error: open `, "/0.txt: no such file or directory\n1: \"0123\", error: <nil>\n2: \"\", error: open /no/2.txt: no such file or directory\n")
	contains("loop-python", "joined for 0.1 s, alive: True\nRun ended.\ntold to stop, alive: False\n")
	contains("loop-go", "listens has ended, error: <nil>\n", `still alive: "deaf": context canceled`)

	contains("roots-python", "loky, 4 jobs: measured", "(<built-in function sqrt>, (10,), {})")
	for _, row := range []string{"serial 1", "loky 2", "loky 4"} {
		v := numbers("roots-run", row+`: the article [\d.]+ s, its ideal ([\d.]+) s\n  here joblib ([\d.]+) s, goroutines ([\d.]+) s, ideal ([\d.]+) s`)
		if math.Abs(v[0]-map[string]float64{"serial 1": 21.47, "loky 2": 11.40, "loky 4": 6.31}[row]) > 0.006 {
			t.Errorf("roots-run: the ideal of %s is %v", row, v[0])
		}
		if v[1] < v[3]-0.006 || v[2] < v[3]-0.001 { // as they are rounded
			t.Errorf("roots-run: %s took %v and %v s, faster than the ideal %v", row, v[1], v[2], v[3])
		}
	}
	contains("delayed-go", "kept: 2 made: 0\nsquares: [9 16] made: 2\nsquares: [9 16] made: 4\n")
	contains("backends-choice", "nobody chooses: in this process: false\nthe caller chooses: in this process: true\n",
		`the library insists: parallel: backend "goroutines", which the context has chosen, has not what the call requires: HardTimeout`)
	contains("backends-register", "telling: 1 call of where\nin this process: true\n")

	runs := strings.SplitAfter(out("kill"), "]\n")
	if len(runs) != 3 {
		t.Fatalf("kill: want two runs in %q", out("kill"))
	}
	roots := func(run string) (all []string) {
		for _, m := range regexp.MustCompile(`\{(\d[\d.]*) \d+\}`).FindAllStringSubmatch(run, -1) {
			all = append(all, m[1])
		}
		return all
	}
	if got := roots(runs[0]); !strings.HasPrefix(runs[0], "0 retries, error: parallel: rootBy, call 5: its process was killed (signal: killed)") ||
		len(got) != 9 || got[5] != "0" {
		t.Errorf("kill: without a retry %q, want an error, and 0 for what was lost", runs[0])
	}
	if got := roots(runs[1]); !strings.HasPrefix(runs[1], "1 retries, error: <nil>\n") ||
		!slices.Equal(got, []string{"3.1622777", "3", "2.828427", "2.6457512", "2.4494898", "2.236068", "2", "1.7320508", "1.4142135"}) {
		t.Errorf("kill: with a retry %q, want all nine roots", runs[1])
	}

	contains("compared-chart", "“Warm”: serial median", "joblib, serial median", "ideal 4 median", "“More when cold”")
	for _, jobs := range []string{"2", "4"} {
		start := func(backend string) float64 {
			t.Helper()
			v := numbers("compared-chart", backend+" "+jobs+`: cold ([\d.]+) s, warm ([\d.]+) s\n`)
			return v[0] - v[1]
		}
		start("threading")
		start("multiprocessing")
		// loky starts Python anew in each process: hundreds of times what the others need.
		if loky := start("loky"); loky < start("goroutines") || loky < start("processes") {
			t.Errorf("compared-chart: loky needs %v s to start, want more than goroutines and processes", loky)
		}
	}
}
