package timing_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"os/exec"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/threads2go/course/pkg/timing"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const ms = time.Millisecond

// sleeping is a candidate that takes longer with each run: d, 2d, 3d, ...
func sleeping(name string, d time.Duration, order *[]string) timing.Candidate {
	run := time.Duration(0)
	return timing.Candidate{Name: name, Func: func(context.Context) error {
		*order = append(*order, name)
		run++
		time.Sleep(run * d)
		return nil
	}}
}

func TestEveryRunIsTimedByTurns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var order []string
		var seen []int
		r, err := timing.Measure(t.Context(), 3, []timing.Candidate{
			sleeping("a", ms, &order), sleeping("b", 10*ms, &order), sleeping("c", 100*ms, &order),
		}, timing.WithProgress(func(done, total int) {
			seen = append(seen, done, total)
			time.Sleep(time.Hour) // costs nobody anything
		}))
		if err != nil {
			t.Fatal(err)
		}
		if got := strings.Join(order, ""); got != "abc"+"cba"+"abc"+"cba" {
			t.Errorf("the order is %s", got)
		}
		want := []timing.Series{
			{Name: "a", Times: []time.Duration{2 * ms, 3 * ms, 4 * ms}},
			{Name: "b", Times: []time.Duration{20 * ms, 30 * ms, 40 * ms}},
			{Name: "c", Times: []time.Duration{200 * ms, 300 * ms, 400 * ms}},
		}
		if fmt.Sprint(r.Series) != fmt.Sprint(want) {
			t.Errorf("%v, want %v", r.Series, want)
		}
		if r.Machine != timing.Machine() {
			t.Errorf("the machine is %q", r.Machine)
		}
		if len(seen) != 24 || seen[0] != 1 || seen[22] != 12 || seen[23] != 12 {
			t.Errorf("progress %v", seen)
		}
	})
}

func TestAnErrorNamesCandidateAndRun(t *testing.T) {
	broken := errors.New("no stock")
	for _, failing := range []struct {
		at   int // call of b
		want string
		kept int // rounds
	}{
		{0, `timing: "b", warming up: no stock`, 0},
		{1, `timing: "b", run 1: no stock`, 0},
		{3, `timing: "b", run 3: no stock`, 2},
	} {
		calls := 0
		r, err := timing.Measure(t.Context(), 5, []timing.Candidate{
			{Name: "a", Func: func(context.Context) error { return nil }},
			{Name: "b", Func: func(context.Context) error {
				if calls == failing.at {
					return broken
				}
				calls++
				return nil
			}},
		})
		if !errors.Is(err, broken) || err.Error() != failing.want {
			t.Errorf("error %v, want %v", err, failing.want)
		}
		if failing.kept == 0 && len(r.Series) != 0 {
			t.Errorf("%v: no round was complete, but there is %v", err, r.Series)
		}
		if failing.kept > 0 && (len(r.Series) != 2 || len(r.Series[0].Times) != failing.kept || len(r.Series[1].Times) != failing.kept) {
			t.Errorf("%v: want %d rounds, there is %v", err, failing.kept, r.Series)
		}
	}
}

// A limit of time ends the measurement between two runs, and what there is can
// be used.
func TestTheContextEndsIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		enough := errors.New("enough")
		ctx, cancel := context.WithTimeoutCause(t.Context(), 75*ms, enough)
		defer cancel()
		nap := func(context.Context) error { time.Sleep(10 * ms); return nil }
		r, err := timing.Measure(ctx, 1000, []timing.Candidate{{Name: "a", Func: nap}, {Name: "b", Func: nap}})
		if !errors.Is(err, enough) || err.Error() != `timing: "a", run 4: enough` {
			t.Errorf("error %v", err)
		}
		// At 75 ms the eighth run is under way: it warmed up and ran three rounds.
		if len(r.Series) != 2 || len(r.Series[0].Times) != 3 || len(r.Series[1].Times) != 3 {
			t.Errorf("%v", r.Series)
		}
	})
}

func TestAPanicGoesOn(t *testing.T) {
	defer func() {
		if v := recover(); v != "mine" {
			t.Errorf("recovered %v", v)
		}
	}()
	timing.Measure(t.Context(), 1, []timing.Candidate{{Name: "a", Func: func(context.Context) error { panic("mine") }}})
	t.Error("it did not")
}

func TestBadInputOfMeasure(t *testing.T) {
	f := func(context.Context) error { t.Error("something ran"); return nil }
	good := []timing.Candidate{{Name: "a", Func: f}}
	for _, c := range []struct {
		ctx        context.Context
		n          int
		candidates []timing.Candidate
		want       string
	}{
		{nil, 1, good, "nil context; use context.Background()"},
		{t.Context(), 0, good, "0 runs of each candidate; ask for at least 1"},
		{t.Context(), -3, good, "-3 runs"},
		{t.Context(), 1, nil, "without a candidate; give at least one"},
		{t.Context(), 1, []timing.Candidate{{Name: "a", Func: f}, {Func: f}}, "candidate 1 has no name"},
		{t.Context(), 1, []timing.Candidate{{Name: "a"}}, `"a" has a nil Func; give it`},
		{t.Context(), 1, append(good, good...), `two candidates are named "a"`},
	} {
		r, err := timing.Measure(c.ctx, c.n, c.candidates)
		if r != nil || err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%v, %v; want an error with %q", r, err, c.want)
		}
	}
}

func TestTimesFromElsewhere(t *testing.T) {
	var r timing.Result
	own := []time.Duration{3 * ms, ms}
	if err := errors.Join(r.Add("go", own...), r.AddSeconds("python", 0.25, 1e-9, 0)); err != nil {
		t.Fatal(err)
	}
	own[0] = 0 // the result has times of its own
	want := "[{go [3ms 1ms]} {python [250ms 1ns 0s]}]"
	if fmt.Sprint(r.Series) != want || r.Machine != timing.Machine() {
		t.Errorf("%v on %q, want %v", r.Series, r.Machine, want)
	}
	for _, c := range []struct {
		err  error
		want string
	}{
		{r.Add("", ms), "without a name"},
		{r.Add("go", ms), `"go", which is there already; give another name`},
		{r.Add("none"), `"none" without times; give at least one`},
		{r.Add("back", ms, -ms), "time 1 is -1ms; a time cannot be negative"},
		{r.AddSeconds("back", -1), "time 0 is -1s; a time cannot be negative"},
		{r.AddSeconds("none"), `"none" without times`},
		{r.AddSeconds("nan", 1, math.NaN()), "time 1 is NaN s"},
		{r.AddSeconds("inf", math.Inf(1)), "time 0 is +Inf s"},
		{r.AddSeconds("ever", 1e10), "time 0 is 1e+10 s"},
		{r.AddSeconds("never", -1e10), "time 0 is -1e+10 s"},
	} {
		if c.err == nil || !strings.Contains(c.err.Error(), c.want) {
			t.Errorf("error %v, want one with %q", c.err, c.want)
		}
	}
	if len(r.Series) != 2 {
		t.Errorf("a refused series was added: %v", r.Series)
	}
}

func TestQuantilesAreNumpys(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	ps := []float64{0, 0.025, 0.25, 1. / 3, 0.5, 0.75, 0.9, 1}
	var samples [][]time.Duration
	for _, n := range []int{1, 2, 3, 4, 5, 20, 101} {
		x := make([]time.Duration, n)
		for i := range x {
			x[i] = time.Duration(random.Int64N(int64(time.Second)))
		}
		samples = append(samples, x, append(x, x...)) // the latter with ties
	}
	python := exec.Command("python3", "-c", `
import json, sys, numpy
samples, ps = json.load(sys.stdin)
print(json.dumps([list(numpy.quantile(x, ps)) for x in samples]))`)
	input, _ := json.Marshal([]any{samples, ps})
	python.Stdin = bytes.NewReader(input)
	out, err := python.CombinedOutput()
	if err != nil {
		t.Fatalf("python3 with numpy: %v\n%s", err, out)
	}
	var want [][]float64
	if err := json.Unmarshal(out, &want); err != nil || len(want) != len(samples) {
		t.Fatalf("%v: %s", err, out)
	}
	for k, x := range samples {
		s := timing.Series{Name: "x", Times: x}
		before := slices.Clone(x)
		for i, p := range ps {
			if got := float64(s.Quantile(p)); math.Abs(got-want[k][i]) > 0.501 {
				t.Errorf("%d runs, quantile %v is %v ns, numpy says %v", len(x), p, got, want[k][i])
			}
		}
		if !slices.Equal(x, before) {
			t.Error("the times were sorted in place")
		}
		if s.Median() != s.Quantile(0.5) {
			t.Error("the median is no quantile")
		}
	}
}

func TestQuantilePanicsAsDocumented(t *testing.T) {
	for _, f := range []func(){
		func() { timing.Series{Name: "x"}.Median() },
		func() { timing.Series{Name: "x", Times: []time.Duration{1}}.Quantile(1.01) },
		func() { timing.Series{Name: "x", Times: []time.Duration{1}}.Quantile(math.NaN()) },
	} {
		func() {
			defer func() {
				if v, _ := recover().(string); !strings.HasPrefix(v, "timing: ") {
					t.Errorf("panic %q", v)
				}
			}()
			f()
		}()
	}
}

// drifting gives two candidates' times in rounds: both share the round's luck,
// which has a spread of common, and have a spread of own of their own. The first
// takes twice as long as the second.
func drifting(random *rand.Rand, n int, common, own float64) (a, b []time.Duration) {
	for range n {
		luck := math.Exp(common * random.NormFloat64())
		a = append(a, time.Duration(2e7*luck*math.Exp(own*random.NormFloat64())))
		b = append(b, time.Duration(1e7*luck*math.Exp(own*random.NormFloat64())))
	}
	return a, b
}

// replay has Measure time the given runs, in virtual time.
func replay(t *testing.T, a, b []time.Duration) (r *timing.Result) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		play := func(times []time.Duration) func(context.Context) error {
			i := -1
			return func(context.Context) error {
				time.Sleep(times[max(i, 0)])
				i++
				return nil
			}
		}
		var err error
		r, err = timing.Measure(t.Context(), len(a), []timing.Candidate{
			{Name: "a", Func: play(a)}, {Name: "b", Func: play(b)},
		})
		if err != nil {
			t.Fatal(err)
		}
	})
	return r
}

// The interval holds the true ratio about as often as it says. 100 experiments
// cannot tell 95 % from 91 or 99 %.
func TestTheIntervalCovers(t *testing.T) {
	random := rand.New(rand.NewPCG(5, 6))
	covered := 0
	const experiments = 100
	for range experiments {
		var r timing.Result
		a, b := drifting(random, 20, 0, 0.1)
		if err := errors.Join(r.Add("a", a...), r.Add("b", b...)); err != nil {
			t.Fatal(err)
		}
		s, err := r.Speedup("a", "b")
		if err != nil {
			t.Fatal(err)
		}
		if !(s.Low <= s.Value && s.Value <= s.High) {
			t.Fatalf("%+v", s)
		}
		if s.Low <= 2 && 2 <= s.High {
			covered++
		}
	}
	t.Logf("covered: %d of %d", covered, experiments)
	if share := float64(covered) / experiments; share < 0.91 || share > 0.99 {
		t.Errorf("the interval holds the true ratio in %v of the cases", share)
	}
}

// What disturbs whole rounds widens the interval of times that were taken apart,
// not that of times taken by turns.
func TestRoundsAreDrawnTogether(t *testing.T) {
	a, b := drifting(rand.New(rand.NewPCG(7, 8)), 20, 0.3, 0.01)
	together := replay(t, a, b)
	var apart timing.Result
	if err := errors.Join(apart.Add("a", a...), apart.Add("b", b...)); err != nil {
		t.Fatal(err)
	}
	if fmt.Sprint(together.Series) != fmt.Sprint(apart.Series) {
		t.Fatal("the times are not the same")
	}
	narrow, err := together.Speedup("a", "b")
	if err != nil {
		t.Fatal(err)
	}
	wide, err := apart.Speedup("a", "b")
	if err != nil {
		t.Fatal(err)
	}
	if narrow.Value != wide.Value || 5*(narrow.High-narrow.Low) > wide.High-wide.Low {
		t.Errorf("together %v, apart %v", narrow, wide)
	}
	if !(narrow.Low <= 2 && 2 <= narrow.High) {
		t.Errorf("%v does not hold 2", narrow)
	}
	again, _ := together.Speedup("a", "b")
	if again != narrow {
		t.Errorf("%v, and the second time %v", narrow, again)
	}
	// A third one, added, was not there in the rounds.
	if err := together.Add("c", b...); err != nil {
		t.Fatal(err)
	}
	if c, _ := together.Speedup("a", "c"); c != wide {
		t.Errorf("with times added: %v, want %v", c, wide)
	}
}

func TestFewRunsHaveNoInterval(t *testing.T) {
	var r timing.Result
	six := []time.Duration{ms, ms, ms, ms, ms, ms}
	if err := errors.Join(r.Add("five", six[:5]...), r.Add("six", six...), r.Add("two of them", 2*ms, 2*ms, 2*ms, 2*ms, 2*ms, 2*ms)); err != nil {
		t.Fatal(err)
	}
	if s, err := r.Speedup("five", "six"); err != nil || s.Value != 1 || s.Low != 0 || !math.IsInf(s.High, 1) {
		t.Errorf("%+v, %v", s, err)
	}
	if s, err := r.Speedup("two of them", "six"); err != nil || (s != timing.Ratio{Value: 2, Low: 2, High: 2}) {
		t.Errorf("%+v, %v", s, err)
	}
	if e, err := r.Efficiency("two of them", "six", 4); err != nil || (e != timing.Ratio{Value: 0.5, Low: 0.5, High: 0.5}) {
		t.Errorf("%+v, %v", e, err)
	}
}

func TestRatioAsText(t *testing.T) {
	for want, r := range map[string]timing.Ratio{
		"2.00 (1.95 to 12.3)":                  {Value: 2, Low: 1.95, High: 12.34},
		"123 (0.00812 to 4567)":                {Value: 123.4, Low: 0.00812, High: 4567.4},
		"0.500 (too few runs for an interval)": {Value: 0.5, High: math.Inf(1)},
	} {
		if r.String() != want {
			t.Errorf("%q, want %q", r, want)
		}
	}
}

func TestBadInputOfSpeedup(t *testing.T) {
	r := timing.Result{Series: []timing.Series{
		{Name: "a", Times: []time.Duration{ms}}, {Name: "zero", Times: []time.Duration{ms, 0}}, {Name: "empty"},
	}}
	for _, c := range []struct{ serial, name, want string }{
		{"a", "b", `no series is named "b"; there are ["a" "zero" "empty"]`},
		{"b", "a", `no series is named "b"`},
		{"a", "zero", `"zero": time 1 is 0s, too short to compare`},
		{"empty", "a", `"empty" has no times`},
	} {
		_, err := r.Speedup(c.serial, c.name)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("error %v, want one with %q", err, c.want)
		}
		_, again := r.Efficiency(c.serial, c.name, 2)
		if fmt.Sprint(again) != fmt.Sprint(err) {
			t.Errorf("Efficiency says %v, Speedup %v", again, err)
		}
	}
	if _, err := r.Efficiency("a", "a", 0); err == nil || !strings.Contains(err.Error(), `"a" with 0 workers; it has at least 1`) {
		t.Errorf("%v", err)
	}
}

func TestAmdahl(t *testing.T) {
	law := func(s float64, n int) float64 { return 1 / (s + (1-s)/float64(n)) }
	workers := []int{1, 2, 4, 8}
	for _, s := range []float64{0, 0.05, 0.5, 1} {
		var speedups []float64
		for _, n := range workers {
			speedups = append(speedups, law(s, n))
		}
		if got, err := timing.Amdahl(workers, speedups); err != nil || math.Abs(got-s) > 1e-12 {
			t.Errorf("serial fraction %v, %v; want %v", got, err, s)
		}
	}
	// The least squares of what no s fits exactly, found by trying all.
	speedups := []float64{1, 1.7, 2.9, 3.3}
	distance := func(s float64) (sum float64) {
		for i, n := range workers {
			d := 1/law(s, n) - 1/speedups[i]
			sum += d * d
		}
		return sum
	}
	best := 0.0
	for s := 0.0; s <= 1; s += 1e-5 {
		if distance(s) < distance(best) {
			best = s
		}
	}
	if got, err := timing.Amdahl(workers, speedups); err != nil || math.Abs(got-best) > 1e-5 {
		t.Errorf("serial fraction %v, %v; want %v", got, err, best)
	}
	for want, speedup := range map[float64]float64{0: 2.5, 1: 0.4} { // out of the law's reach
		if got, err := timing.Amdahl([]int{2}, []float64{speedup}); err != nil || got != want {
			t.Errorf("speed-up %v with 2 workers: serial fraction %v, %v; want %v", speedup, got, err, want)
		}
	}
	for _, c := range []struct {
		workers  []int
		speedups []float64
		want     string
	}{
		{[]int{1, 2}, []float64{1}, "2 numbers of workers and 1 speed-ups"},
		{[]int{2, 0}, []float64{1, 1}, "workers[1] is 0"},
		{[]int{2}, []float64{0}, "speedups[0] is 0"},
		{[]int{2}, []float64{math.NaN()}, "speedups[0] is NaN"},
		{[]int{2}, []float64{math.Inf(1)}, "speedups[0] is +Inf"},
		{[]int{1, 1}, []float64{1, 1}, "more than 1 worker"},
		{nil, nil, "more than 1 worker"},
	} {
		if _, err := timing.Amdahl(c.workers, c.speedups); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("Amdahl(%v, %v): error %v, want one with %q", c.workers, c.speedups, err, c.want)
		}
	}
}

func TestMachine(t *testing.T) {
	m := timing.Machine()
	want := fmt.Sprintf(`^[^,\n]+.*, %d cores?, GOMAXPROCS %d, %s %s/%s$`, runtime.NumCPU(), runtime.GOMAXPROCS(0),
		regexp.QuoteMeta(runtime.Version()), runtime.GOOS, runtime.GOARCH)
	if !regexp.MustCompile(want).MatchString(m) {
		t.Errorf("%q is not like %s", m, want)
	}
}

func TestImportsAndLinksLittle(t *testing.T) {
	out, err := exec.Command("go", "list", "-deps", "-f", "{{.ImportPath}} {{.Standard}}", ".").CombinedOutput()
	if err != nil {
		t.Fatalf("go list: %v\n%s", err, out)
	}
	var own []string
	for line := range strings.Lines(string(out)) {
		path, standard, _ := strings.Cut(strings.TrimSpace(line), " ")
		if standard != "true" {
			own = append(own, path)
		}
		switch path {
		case "net", "runtime/cgo", "os/user", "os/signal":
			t.Errorf("links %s", path)
		}
	}
	if len(own) != 2 || !strings.HasSuffix(own[0], "/internal/quantile") || !strings.HasSuffix(own[1], "/timing") {
		t.Errorf("links more than itself, the quantile and the standard library: %v", own)
	}
}
