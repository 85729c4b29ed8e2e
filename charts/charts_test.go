package charts

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"
	"gonum.org/v1/gonum/stat"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// environment is the course's environment, without which most tests here prove nothing.
func environment(t *testing.T) string {
	t.Helper()
	env := os.Getenv("COURSE_ENV")
	if env == "" {
		t.Fatal("COURSE_ENV is not set; run the tests with `make test`, or set it to the environment's folder (.venv)")
	}
	return env
}

// numpy evaluates a Python expression of x with numpy for each of the samples.
func numpy[T any](t *testing.T, expression string) map[string]T {
	t.Helper()
	return numpyOf[T](t, samples(), expression)
}

func numpyOf[T any](t *testing.T, xs map[string][]float64, expression string) map[string]T {
	t.Helper()
	cmd := exec.Command(filepath.Join(environment(t), "bin", "python"), "-c", `
import json, sys, numpy as np
f = lambda x: `+expression+`
print(json.dumps({name: f(np.array(x, dtype=float)) for name, x in json.load(sys.stdin).items()}))`)
	in, err := json.Marshal(xs)
	if err != nil {
		t.Fatal(err)
	}
	cmd.Stdin = bytes.NewReader(in)
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("numpy in the course's environment: %v; run `make test`, which sets it up\n%s", err, stderr.String())
	}
	var answers map[string]T
	if err := json.Unmarshal(out, &answers); err != nil {
		t.Fatalf("%s: %v", out, err)
	}
	return answers
}

// samples are values that bins may get wrong.
func samples() map[string][]float64 {
	r := rand.New(rand.NewPCG(1, 2))
	draw := func(n int, f func() float64) []float64 {
		x := make([]float64, n)
		for i := range x {
			x[i] = f()
		}
		return x
	}
	return map[string][]float64{
		"log-normal": draw(20_000, func() float64 { return 100 * math.Exp(0.05+0.2*r.NormFloat64()) }),
		"on edges":   draw(5_000, func() float64 { return float64(r.IntN(11)) / 10 }),
		"integers":   draw(5_000, func() float64 { return float64(r.IntN(7)) }),
		"two":        {1, 2},
		"far out":    append(draw(1_000, r.NormFloat64), 1e6),
		"tiny":       draw(1_000, func() float64 { return 1e-9 * r.Float64() }),
		"offset":     draw(1_000, func() float64 { return 1e9 + r.Float64() }),
		"negative":   draw(1_000, func() float64 { return -5 - r.ExpFloat64() }),
	}
}

func TestBinsEqualNumpys(t *testing.T) {
	for _, bins := range []int{1, 7, 100} {
		for name, want := range numpy[struct {
			Counts []int
			Edges  []float64
		}](t, fmt.Sprintf("dict(zip(['Counts', 'Edges'], [a.tolist() for a in np.histogram(x, bins=%d)]))", bins)) {
			edges, counts := binned(t, Histogram{Values: samples()[name], Bins: bins})
			if !slices.Equal(counts, want.Counts) {
				t.Errorf("%s in %d bins: counts %v, numpy has %v", name, bins, counts, want.Counts)
			}
			for i := range edges {
				if math.Abs(edges[i]-want.Edges[i]) > 1e-12*(edges[bins]-edges[0])+1e-15*math.Abs(edges[i]) {
					t.Errorf("%s in %d bins: edge %d is %v, numpy has %v", name, bins, i, edges[i], want.Edges[i])
				}
			}
		}
	}
}

func TestScottsRuleEqualsNumpys(t *testing.T) {
	for name, want := range numpy[int](t, "len(np.histogram_bin_edges(x, bins='scott')) - 1") {
		_, counts := binned(t, Histogram{Values: samples()[name]})
		if len(counts) != min(want, maxRuleBins) {
			t.Errorf("%s: %d bins, numpy has %d", name, len(counts), want)
		}
	}
}

func TestBinsEqualGonums(t *testing.T) {
	for name, x := range samples() {
		t.Run(name, func(t *testing.T) {
			edges, counts := binned(t, Histogram{Values: x, Bins: 50})
			dividers := slices.Clone(edges)
			dividers[50] = math.Nextafter(dividers[50], math.Inf(1)) // gonum's last bin is open
			for i, c := range stat.Histogram(nil, dividers, slices.Sorted(slices.Values(x)), nil) {
				if counts[i] != int(c) {
					t.Errorf("bin %d has %d values, gonum's %v", i, counts[i], c)
				}
			}
		})
	}
}

func binned(t *testing.T, h Histogram) ([]float64, []int) {
	t.Helper()
	s, err := summarize(h.Values)
	if err != nil {
		t.Fatal(err)
	}
	edges, err := binEdges(h.Values, s, h.Bins, h.Rule)
	if err != nil {
		t.Fatal(err)
	}
	return edges, count(h.Values, edges)
}

func TestQuantilesEqualNumpys(t *testing.T) {
	ps := []float64{0, 0.05, 0.25, 0.5, 0.75, 0.95, 1}
	for name, want := range numpy[[]float64](t, "np.quantile(x, [0, .05, .25, .5, .75, .95, 1]).tolist()") {
		sorted := slices.Sorted(slices.Values(samples()[name]))
		for i, p := range ps {
			if got := quantile(sorted, p); math.Abs(got-want[i]) > 1e-14*math.Abs(want[i]) {
				t.Errorf("%s: quantile %v is %v, numpy has %v", name, p, got, want[i])
			}
		}
	}
}

func TestTenMillionValues(t *testing.T) {
	x := make([]float64, 10_000_000)
	for i := range x {
		x[i] = float64(i % 1000)
	}
	d, err := Histogram{Values: x, Bins: 100}.draw()
	if err != nil {
		t.Fatal(err)
	}
	if b, err := d.json(); err != nil || len(b) > 4000 {
		t.Errorf("the option has %d bytes, error %v; the values must not be in it", len(b), err)
	}
	if want := "Histogram of 10,000,000 values by value, from 0 to 999, in 100 bins."; !strings.HasPrefix(d.alt, want) {
		t.Errorf("got %q, want %q …", d.alt, want)
	}
}

func TestErrorsNameTheCulprit(t *testing.T) {
	one := []float64{1, 2, 3}
	sec := []time.Duration{time.Second}
	for _, c := range []struct {
		figure Figure
		want   string
	}{
		{nil, "the figure is nil"},
		{(*Histogram)(nil), "the figure is nil"},
		{(*Grid)(nil), "the figure is nil"},
		{Histogram{}, "Histogram.Values is empty"},
		{Histogram{Values: []float64{1, math.NaN()}}, "Histogram.Values[1] is NaN"},
		{Histogram{Values: []float64{1, 2, math.Inf(1)}}, "Histogram.Values[2] is +Inf"},
		{Histogram{Values: []float64{math.Inf(-1)}}, "Histogram.Values[0] is -Inf"},
		{Histogram{Values: one, Bins: -3}, "Histogram.Bins is -3; use 1 to 1000"},
		{Histogram{Values: one, Bins: 1001}, "Histogram.Bins is 1001"},
		{Histogram{Values: []float64{1e16, 1e16 + 2}, Bins: 10}, "no room for so many bins"},
		{Histogram{Values: []float64{-1.5e308, 1.5e308}}, "wider than a float64"},
		{Histogram{Values: []float64{0, 5e-324}}, "narrower than bins can be"},
		{Histogram{Values: one, Marks: []Mark{{"a", 1}, {"mean", math.NaN()}}}, `Histogram.Marks[1] ("mean") is at NaN`},
		{Histogram{Values: one, Marks: []Mark{{"far", 1.7e308}, {"far", -1.7e308}}}, "wider than a float64"},
		{Histogram{Values: one, Marks: make([]Mark, 13)}, "Histogram.Marks has 13 marks"},
		{Histogram{Values: one, Title: "__f__alert(1)__f__"}, `charts: Histogram: a text of the figure contains "__f__"`},
		{&Histogram{Values: one, X: "__f__"}, `charts: Histogram: a text of the figure contains "__f__"`},
		{Grid{Figures: []Figure{Histogram{Values: one}, Timings{Runs: []Run{{Name: "__f__", Times: sec}}}}}, `charts: Grid.Figures[1]: Timings: a text of the figure contains "__f__"`},
		{Grid{Figures: []Figure{(*Timings)(nil)}}, "Grid.Figures[0] is nil"},
		{Timings{}, "Timings.Runs is empty"},
		{Timings{Runs: make([]Run, 51)}, "Timings.Runs has 51 rows"},
		{Timings{Runs: []Run{{Name: "a", Times: sec}, {Name: "", Times: sec}}}, "Timings.Runs[1].Name is empty"},
		{Timings{Runs: []Run{{Name: "  \n", Times: sec}}}, "Timings.Runs[0].Name is empty"},
		{Timings{Runs: []Run{{Name: "a", Times: sec}}, Base: "b"}, `Timings.Base is "b"; no row has that name`},
		{Timings{Runs: []Run{{Name: "a", Times: nil}}}, `Timings.Runs[0] ("a") has no times`},
		{Timings{Runs: []Run{{Name: "a", Times: sec}, {Name: "b", Times: []time.Duration{1, -5}}}}, `Timings.Runs[1] ("b"): Times[1] is -5ns`},
	} {
		err := Save(filepath.Join(t.TempDir(), "f.svg"), c.figure)
		if err == nil || !strings.HasPrefix(err.Error(), "charts: ") || !strings.Contains(err.Error(), c.want) {
			t.Errorf("got the error %v, want one with %q", err, c.want)
		}
	}
}

// oddNames are what a name may hold.
var oddNames = []string{
	`</script><script>window.pwned=1</script>`,
	`"><img src=x onerror="window.pwned=2">`,
	`{b} {c} ${window.pwned=3}`,
	`<!--<script>`,
	`it's "quoted" & <b>bold</b>`,
	"🐢 goroutines 🚀",
	"قياس الزمن שלום",
	"日本語のとても長い名前",
	"tab\tand\nnewline",
	"control \x00\x07\x1b[31m and broken \xff\xfe",
	`back\slash \u003c/script\u003e`,
	strings.Repeat("long ", 60),
}

func TestFigureIsSmall(t *testing.T) {
	environment(t)
	many := comparison()
	for i := range many.Runs {
		many.Runs[i].Times = slices.Repeat(many.Runs[i].Times, 50)
	}
	figures := gallery()
	figures["thousands of timings"] = many
	for name, f := range figures {
		d, err := draw(f)
		if err != nil {
			t.Fatal(err)
		}
		html, err := d.html()
		if err != nil {
			t.Fatal(err)
		}
		t.Logf("%s: %d bytes", name, len(html))
		if len(html) > 12_000 {
			t.Errorf("%s takes %d bytes in a notebook, more than 12,000", name, len(html))
		}
	}
}

// walks is the course's histogram: a million prices in 100 bins.
var walks = sync.OnceValue(func() Histogram {
	r := rand.New(rand.NewPCG(3, 4))
	x := make([]float64, 1_000_000)
	for i := range x {
		x[i] = 100 * math.Exp(0.03+0.2*r.NormFloat64())
	}
	s := slices.Sorted(slices.Values(x))
	return Histogram{
		Title: "Price after 250 days", Caption: "A million geometric walks that begin at 100.",
		X: "price", Unit: "€", Y: "walks", Values: x, Bins: 100,
		Marks: []Mark{{"5 %", quantile(s, 0.05)}, {"mean", stat.Mean(x, nil)}, {"95 %", quantile(s, 0.95)}},
	}
})

// comparison has a box, a bar, and medians a factor of 8 apart.
func comparison() Timings {
	r := rand.New(rand.NewPCG(5, 6))
	times := func(n int, median float64) []time.Duration {
		d := make([]time.Duration, n)
		for i := range d {
			d[i] = time.Duration(median * 1e6 * math.Exp(0.15*r.NormFloat64()))
		}
		return d
	}
	return Timings{
		Title: "Time for 1,000 walks",
		Runs:  []Run{{Name: "Python, 2 processes", Times: times(4, 80)}, {Name: "Go, 1 worker", Times: times(21, 21)}, {Name: "Go, 2 workers", Times: times(21, 11)}},
	}
}

func TestDescriptionSaysTheNumbers(t *testing.T) {
	ms := func(ds ...int) (out []time.Duration) {
		for _, d := range ds {
			out = append(out, time.Duration(d)*time.Millisecond)
		}
		return out
	}
	for _, c := range []struct {
		figure Figure
		want   string
	}{
		{
			Histogram{X: "price", Unit: "€", Y: "walks", Values: []float64{1, 2, 2, 2, 3, 9}, Bins: 4, Marks: []Mark{{"mean", 3.1666667}, {"", 5}}},
			"Histogram of 6 walks by price, from 1 to 9 €, in 4 bins. The highest bar is from 1 to 3, with 4 of them (66.7 %). Mean 3.1667. Marked: mean at 3.1667; at 5.",
		},
		{
			Histogram{Values: []float64{42}},
			"Histogram of a single value, 42.",
		},
		{
			Histogram{Values: []float64{7, 7, 7}, Bins: 9, Unit: "s"},
			"Histogram of 3 values by value, all at 7 s.",
		},
		{
			Timings{Title: "Sum", Runs: []Run{{Name: "Python", Times: ms(30, 10, 20)}, {Name: "Go", Times: ms(4)}, {Name: "slow", Times: ms(200, 100, 300)}}},
			"Times of “Sum”: Python median 20 ms, 10 ms to 30 ms in 3 runs; Go median 4 ms, 5× faster, one run; slow median 200 ms, 10× slower, 100 ms to 300 ms in 3 runs.",
		},
		{
			Timings{Base: "Go", Runs: []Run{{Name: "Python", Times: ms(30, 10, 20)}, {Name: "Go", Times: ms(4)}}},
			"Times: Python median 20 ms, 5× slower, 10 ms to 30 ms in 3 runs; Go median 4 ms, one run.",
		},
	} {
		d, err := draw(c.figure)
		if err != nil {
			t.Fatal(err)
		}
		if d.alt != c.want {
			t.Errorf("got  %s\nwant %s", d.alt, c.want)
		}
	}
}

func TestLogarithmicAxisOnlyWhereItHelps(t *testing.T) {
	rows := func(medians ...time.Duration) Timings {
		var t Timings
		for i, m := range medians {
			t.Runs = append(t.Runs, Run{Name: fmt.Sprint("run ", i), Times: []time.Duration{m}})
		}
		return t
	}
	for _, c := range []struct {
		timings Timings
		want    string
	}{
		{rows(1, 30), "value"},
		{rows(1, 31), "log"},
		{rows(0, 1, 31), "value"}, // a logarithm of zero is nowhere
		{rows(0), "value"},
		{rows(5), "value"},
	} {
		d, err := c.timings.draw()
		if err != nil {
			t.Fatal(err)
		}
		if got := d.option.XAxis.Type; got != c.want {
			t.Errorf("%v: axis %q, want %q", c.timings.Runs, got, c.want)
		}
	}
}

func TestManyRunsAreThinnedWithTheirExtremes(t *testing.T) {
	times := make([]float64, 1234)
	for i := range times {
		times[i] = float64((i * 577) % 1234)
	}
	chosen := spread(times, maxDots)
	if len(chosen) != maxDots || !slices.IsSorted(chosen) || len(slices.Compact(slices.Clone(chosen))) != maxDots {
		t.Fatalf("chose %v", chosen)
	}
	low, high := math.Inf(1), 0.0
	for _, i := range chosen {
		low, high = min(low, times[i]), max(high, times[i])
	}
	if low != 0 || high != 1233 {
		t.Errorf("chose times from %v to %v, want 0 to 1233", low, high)
	}
}

func TestNumbersAsTheyAreRead(t *testing.T) {
	for _, c := range []struct {
		x, span float64
		digits  int
		want    string
	}{
		{74.183921, 210, 5, "74.18"},
		{1234567, 0, 7, "1,234,567"},
		{-1234.5, 0, 5, "−1,234.5"},
		{0.1 + 0.2, 0, 5, "0.3"},
		{1e9 + 0.25, 1, 5, "1,000,000,000.25"},
		{1.25e-9, 1e-9, 3, "1.25×10⁻⁹"},
		{1e-9, 1, 5, "0"},
		{0, 0, 3, "0"},
		{-1e300, 1e300, 3, "−1×10³⁰⁰"},
	} {
		if got := number(roundTo(c.x, c.span, c.digits)); got != c.want {
			t.Errorf("%v to %d digits of %v: %s, want %s", c.x, c.digits, c.span, got, c.want)
		}
	}
	for d, want := range map[time.Duration]string{
		0: "0 s", 1: "1 ns", 999: "999 ns", 999_950: "1 ms", 1_234_567: "1.23 ms", 999_499_999: "999 ms",
		time.Second: "1 s", 100 * time.Minute: "6,000 s",
	} {
		if got := duration(d); got != want {
			t.Errorf("duration(%d) = %s, want %s", d, got, want)
		}
	}
}

func TestSaveRefusesOtherEndings(t *testing.T) {
	dir := t.TempDir()
	err := Save(filepath.Join(dir, "figure.png"), walks())
	if err == nil || !strings.Contains(err.Error(), "does not end in .svg or .html") {
		t.Errorf("got %v", err)
	}
	environment(t)
	err = Save(filepath.Join(dir, "no", "such", "figure.svg"), walks())
	if err == nil || !strings.Contains(err.Error(), "no such file or directory") {
		t.Errorf("got %v", err)
	}
	if files, _ := os.ReadDir(dir); len(files) != 0 {
		t.Errorf("left %v", files)
	}
}

// The chosen times are those at even places in their order, as sorting gives them, equal ones too.
func TestSpreadEqualsSorting(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 8))
	for _, values := range []int{3, 50, 1 << 40} {
		times := make([]float64, 5000)
		for i := range times {
			times[i] = float64(r.Int64N(int64(values)))
		}
		sorted := slices.Sorted(slices.Values(times))
		for _, n := range []int{2, 7, 120} {
			var got, want []float64
			for i, k := range spread(times, n) {
				got = append(got, times[k])
				want = append(want, sorted[i*(len(times)-1)/(n-1)])
			}
			if slices.Sort(got); !slices.Equal(got, want) {
				t.Errorf("%d of %d values: chose %v, want %v", n, values, got, want)
			}
		}
	}
}

// The caption names the rule that chose the bins.
func TestCaptionNamesTheRuleOfTheBins(t *testing.T) {
	normal := walks().Values[:1000]
	for _, c := range []struct {
		figure Figure
		want   string
	}{
		{Histogram{Values: normal, Bins: 40}, "40 bins, by count."},
		{Histogram{Values: normal, Caption: "Prices."}, "Prices. 20 bins, by Scott's rule."},
		{Histogram{Values: normal, Rule: FreedmanDiaconis}, "bins, by the Freedman–Diaconis rule."},
		{Histogram{Values: samples()["far out"], Rule: FreedmanDiaconis}, "200 bins, the most that the Freedman–Diaconis rule gets here."},
		{Histogram{Values: []float64{7, 7}}, "1 bin."},
		{Distribution{Samples: []Sample{{Values: normal}}, Bars: true}, "the same 20 bins, by Scott's rule."},
		{Distribution{Samples: []Sample{{Values: normal}}, Bars: true, Bins: 9}, "the same 9 bins, by count."},
	} {
		d, err := draw(c.figure)
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(d.caption, c.want) {
			t.Errorf("the caption is %q, want %q in it", d.caption, c.want)
		}
	}
}
