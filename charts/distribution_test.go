package charts

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"gonum.org/v1/gonum/stat"
	"gonum.org/v1/gonum/stat/distuv"
)

// latencies are three samples of different sizes, with a marked value each.
func latencies() []Sample {
	r := rand.New(rand.NewPCG(15, 16))
	var out []Sample
	for k, name := range []string{"mutex", "channel", "atomic"} {
		s := Sample{Name: name}
		for range 500 * (k + 1) {
			s.Values = append(s.Values, 10+3*float64(k)+r.NormFloat64()*float64(k+1)+r.ExpFloat64())
		}
		s.Marks = []Mark{{"", 11 + 3*float64(k)}}
		out = append(out, s)
	}
	return out
}

func distributions() map[string]Distribution {
	d := Distribution{Title: "Time of an operation", X: "time", Unit: "ns", Samples: latencies()}
	bars, panels, both := d, d, d
	bars.Bars, both.Bars, panels.Panels, both.Panels = true, true, true, true
	both.Bins = 30
	var six []Sample
	for k := range 6 {
		s := latencies()[k%3]
		s.Name = fmt.Sprint(s.Name, " ", k)
		s.Marks = []Mark{{"a", s.Values[0]}}
		six = append(six, s)
	}
	return map[string]Distribution{
		"over":       d,
		"bars":       bars,
		"panels":     panels,
		"panel-bars": both,
		"four":       {Samples: six[:4]},
		"six-panels": {Samples: six, Panels: true},
		"alone":      {Samples: []Sample{{Values: []float64{1, 2, 3, 3.2}}}},
		"equal-bars": {Samples: []Sample{{Values: []float64{7, 7}}}, Bars: true},
		"huge":       {Samples: []Sample{{Values: []float64{1e300, 2e300, 5e300}}}},
		"tiny":       {Samples: []Sample{{Values: []float64{1e-200, 2e-200, 5e-200}}}, Bars: true},
	}
}

// The heights are those of numpy's histogram of each sample, with density=True and bins over
// all values.
func TestSampleBinsEqualNumpys(t *testing.T) {
	all := map[string][]float64{}
	for _, s := range latencies() {
		all[s.Name] = s.Values
		all["all"] = append(all["all"], s.Values...)
	}
	for rule, name := range map[Rule]string{Scott: "'scott'", FreedmanDiaconis: "'fd'"} {
		d := Distribution{Samples: latencies(), Bars: true, Rule: rule}
		f, err := d.figure()
		if err != nil {
			t.Fatal(err)
		}
		edges := numpyOf[[]float64](t, all, fmt.Sprintf("np.histogram_bin_edges(x, bins=%s).tolist()", name))["all"]
		if len(edges) != len(f.edges) {
			t.Fatalf("%s: %d edges, numpy has %d", name, len(f.edges), len(edges))
		}
		heights := numpyOf[[]float64](t, all, fmt.Sprintf("np.histogram(x, bins=%d, range=(%v, %v), density=True)[0].tolist()",
			len(edges)-1, edges[0], edges[len(edges)-1]))
		for _, p := range f.samples {
			for k, want := range heights[p.name] {
				if got := p.curve[k].y; math.Abs(got-want) > 1e-12 {
					t.Errorf("%s, %s: bin %d is %v high, numpy's %v", name, p.name, k, got, want)
				}
			}
		}
	}
}

func TestDistributionErrorsNameTheCulprit(t *testing.T) {
	ok := []float64{1, 2, 3}
	of := func(s ...Sample) Distribution { return Distribution{Samples: s} }
	for _, c := range []struct {
		figure Distribution
		want   string
	}{
		{Distribution{}, "Distribution.Samples is empty"},
		{of(make([]Sample, 7)...), "Distribution.Samples has 7 samples"},
		{of(make([]Sample, 5)...), "Distribution.Samples has 5 samples; more than 4 laid over each other cannot be told apart, so set Panels"},
		{of(Sample{}), "Distribution.Samples[0]: Values is empty"},
		{of(Sample{Name: "a", Values: ok}, Sample{Values: ok}), "Distribution.Samples[1].Name is empty"},
		{of(Sample{Name: "a", Values: []float64{1, math.NaN()}}), `Distribution.Samples[0] ("a"): Values[1] is NaN`},
		{of(Sample{Name: "a", Values: []float64{1, math.Inf(1)}}), `Distribution.Samples[0] ("a"): Values[1] is +Inf`},
		{of(Sample{Name: "a", Values: []float64{7, 7}}), `Distribution.Samples[0] ("a"): all its values are 7, which have no density; set Bars`},
		{of(Sample{Values: []float64{7}}), "Distribution.Samples[0]: all its values are 7"},
		{of(Sample{Values: []float64{-1.7e308, 1.7e308}}), "wider than a float64"},
		{of(Sample{Values: ok, Marks: []Mark{{"m", math.NaN()}}}), `Distribution.Samples[0]: Marks[0] ("m") is at NaN`},
		{of(Sample{Name: "a", Values: ok, Marks: make([]Mark, 6)}, Sample{Name: "b", Values: ok, Marks: make([]Mark, 1)}), `Distribution.Samples[1] ("b"): Marks: with it there are 7 marks`},
		{Distribution{Samples: []Sample{{Values: ok}}, Bars: true, Bins: 101}, "Distribution.Bins is 101; use 1 to 100"},
		{Distribution{Samples: []Sample{{Values: ok}}, Bars: true, Bins: -1}, "Distribution.Bins is -1"},
		{Distribution{Samples: []Sample{{Values: ok}}, Bars: true, Rule: 9}, "Distribution.Rule is 9"},
	} {
		_, err := draw(c.figure)
		if err == nil || !strings.HasPrefix(err.Error(), "charts: Distribution") || !strings.Contains(err.Error(), c.want) {
			t.Errorf("got the error %v, want one with %q", err, c.want)
		}
	}
}

func TestStatisticsAreSmall(t *testing.T) {
	environment(t)
	for name, f := range statistics() {
		html := htmlOf(t, f)
		t.Logf("%s: %d bytes", name, len(html))
		if len(html) > 12_000 {
			t.Errorf("%s takes %d bytes in a notebook", name, len(html))
		}
	}
}

// What a figure can hold at most, all of it with long names.
func TestTheLargestFiguresTakeAtMost20KB(t *testing.T) {
	environment(t)
	long := strings.Repeat("long name ", 4)
	line := Line{Title: long, Caption: long, X: long, Y: long, XUnit: "ms", YUnit: "ms", Levels: []Mark{{long, 1.5}, {long, 2.5}}}
	for k := range maxSeries {
		s := Series{Name: fmt.Sprint(long, k)}
		for i := range 1000 {
			y := math.Sin(float64(i*k)) * 1234.567
			s.X, s.Y = append(s.X, float64(i)*1.2345), append(s.Y, y)
			s.Low, s.High = append(s.Low, y-100), append(s.High, y+123.4)
		}
		line.Series = append(line.Series, s)
	}
	whiskers := line
	whiskers.Series = nil
	for _, s := range line.Series {
		whiskers.Series = append(whiskers.Series, Series{Name: s.Name, X: s.X[:maxMarkers], Y: s.Y[:maxMarkers], Low: s.Low[:maxMarkers], High: s.High[:maxMarkers]})
	}
	heat := Heatmap{Title: long, X: long, Y: long, Value: long, Unit: "ns"}
	heat.Cells = cells(12, 12, func(r, c int) float64 { return float64(r*c)*1.2345 + float64(c) })
	for i := range 12 {
		heat.Rows, heat.Columns = append(heat.Rows, fmt.Sprint(long, i)), append(heat.Columns, fmt.Sprint(long, i))
	}
	over := Distribution{Title: long, X: long, Unit: "ms"}
	for k := range maxPanelled {
		s := latencies()[k%3]
		s.Name, s.Marks = fmt.Sprint(long, k), []Mark{{long, 12}}
		over.Samples = append(over.Samples, s)
	}
	panels := over
	panels.Panels, over.Samples = true, over.Samples[:maxSamples]
	bars := walks()
	bars.Bins, bars.Values = maxBins, bars.Values[:100_000]
	for name, f := range map[string]Figure{"line": line, "whiskers": whiskers, "heatmap": heat, "over": over, "panels": panels, "bars": bars} {
		html := htmlOf(t, f)
		t.Logf("%s: %d bytes", name, len(html))
		if len(html) > 20_000 {
			t.Errorf("%s takes %d bytes in a notebook", name, len(html))
		}
	}
}

func TestADensityIsTheMeanOfItsKernels(t *testing.T) {
	for name, x := range samples() {
		s, err := summarize(x)
		if err != nil {
			t.Fatal(err)
		}
		d, ok := newDensity(x, s)
		if !ok {
			t.Fatalf("%s has no density", name)
		}
		exact := kernels(x)
		most := 0.0
		for _, v := range []float64{s.low, s.mean, s.high} {
			most = max(most, exact(v))
		}
		for k := range 50 {
			v := s.low - 2*d.h + (s.high-s.low+4*d.h)*float64(k)/49
			if got, want := d.at(v), exact(v); math.Abs(got-want) > 0.001*max(most, want) {
				t.Errorf("%s: at %v it is %v, should be %v", name, v, got, want)
			}
		}
	}
	// A peak that is much narrower than a pixel is seen.
	narrow := append(make([]float64, 100_000), 1e6)
	for i := range narrow[:100_000] {
		narrow[i] = 500.3 + float64(i%100)/100
	}
	s, _ := summarize(narrow)
	d, _ := newDensity(narrow, s)
	most := 0.0
	for _, p := range trace(d.at, d.places(0, 1e6), d.at(500.8), 290) {
		most = max(most, p.y)
	}
	if want := d.at(500.8); math.Abs(most-want) > 0.02*want {
		t.Errorf("the peak is %v high, should be %v", most, want)
	}
	if _, ok := newDensity([]float64{3, 3}, summary{n: 2, low: 3, high: 3, mean: 3}); ok {
		t.Error("equal values have a density")
	}
}

func TestMomentsAndNormalCurveEqualGonums(t *testing.T) {
	for name, x := range samples() {
		s, err := summarize(x)
		if err != nil {
			t.Fatal(err)
		}
		mean, deviation := stat.MeanStdDev(x, nil)
		if math.Abs(s.mean-mean) > 1e-12*math.Abs(mean) || math.Abs(s.deviation(x, 1)-deviation) > 1e-6*deviation {
			t.Errorf("%s: mean %v ± %v, gonum has %v ± %v", name, s.mean, s.deviation(x, 1), mean, deviation)
		}
		gonums := distuv.Normal{Mu: mean, Sigma: deviation}
		for k := range 20 {
			v := s.low + (s.high-s.low)*float64(k)/19
			if got, want := normal(v, mean, deviation), gonums.Prob(v); math.Abs(got-want) > 1e-12*want {
				t.Errorf("%s: the normal density at %v is %v, gonum has %v", name, v, got, want)
			}
		}
	}
}

// The bandwidth is scipy's: the standard deviation, with n-1, by n to the power of -1/5.
func TestBandwidthIsScottsRule(t *testing.T) {
	for name, want := range numpy[float64](t, "float(x.std(ddof=1) * len(x) ** (-1 / 5))") {
		x := samples()[name]
		s, _ := summarize(x)
		if d, _ := newDensity(x, s); math.Abs(d.h-want) > 1e-9*want {
			t.Errorf("%s: %v, should be %v", name, d.h, want)
		}
	}
}

func TestATraceIsNowhereOffByMoreThanHalfAPixel(t *testing.T) {
	f := func(x float64) float64 { return normal(x, 0, 1) }
	points := trace(f, evenly(-5, 5), f(0), 290)
	if len(points) > 80 || len(points) < 12 {
		t.Errorf("%d points", len(points))
	}
	for i := 1; i < len(points); i++ {
		a, b := points[i-1], points[i]
		for k := range 20 {
			share := float64(k) / 20
			x, y := a.x+share*(b.x-a.x), a.y+share*(b.y-a.y)
			if off := math.Abs(y-f(x)) / f(0) * 290; off > 0.6 {
				t.Errorf("at %v it is off by %v pixels", x, off)
			}
		}
	}
}

func TestQuantilesOfUnsortedValues(t *testing.T) {
	ps := []float64{0, 0.001, 0.05, 0.25, 0.5, 0.75, 0.95, 1}
	all := samples()
	all["equal"] = slices.Repeat([]float64{4}, 1000)
	all["falling"] = make([]float64, 1001)
	for i := range all["falling"] {
		all["falling"][i] = float64(-i)
	}
	all["organ pipes"] = append(slices.Clone(all["falling"]), -1, -2, -3)
	all["one"] = []float64{5}
	for name, x := range all {
		before := slices.Clone(x)
		sorted := slices.Sorted(slices.Values(x))
		for i, got := range quantiles(x, ps...) {
			if want := quantile(sorted, ps[i]); got != want {
				t.Errorf("%s: quantile %v is %v, want %v", name, ps[i], got, want)
			}
		}
		if !slices.Equal(x, before) {
			t.Errorf("%s: the values were moved", name)
		}
	}
}

func TestFreedmanDiaconisEqualsNumpys(t *testing.T) {
	for name, want := range numpy[int](t, "len(np.histogram_bin_edges(x, bins='fd')) - 1") {
		_, counts := binned(t, Histogram{Values: samples()[name], Rule: FreedmanDiaconis})
		if len(counts) != min(want, maxRuleBins) {
			t.Errorf("%s: %d bins, numpy has %d", name, len(counts), want)
		}
	}
}

func TestHistogramRefuses(t *testing.T) {
	one := []float64{1, 2, 3}
	for _, c := range []struct {
		figure Histogram
		want   string
	}{
		{Histogram{Values: one, Rule: 2}, "Histogram.Rule is 2; use Scott or FreedmanDiaconis"},
		{Histogram{Values: one, Quantiles: []float64{0.5, 1.5}}, "Histogram.Quantiles[1] is 1.5; use 0 to 1"},
		{Histogram{Values: one, Quantiles: []float64{math.NaN()}}, "Histogram.Quantiles[0] is NaN"},
		{Histogram{Values: one, Mean: true, Quantiles: make([]float64, 12)}, "are 13 marks"},
	} {
		if _, err := draw(c.figure); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("got the error %v, want one with %q", err, c.want)
		}
	}
	d, err := Histogram{Values: []float64{4, 4}, Density: true, Normal: true, Mean: true, Quantiles: []float64{0.5}}.draw()
	if err != nil || d.caption != "1 bin. All values are equal, so there is no curve." || !strings.HasSuffix(d.alt, "Marked: mean at 4; median at 4.") {
		t.Errorf("%v, caption %q, text %q", err, d.caption, d.alt)
	}
}

func TestTenMillionValuesWithAllThatAHistogramHas(t *testing.T) {
	x := make([]float64, 10_000_000)
	for i := range x {
		x[i] = float64((i * 7919) % 1_000_003)
	}
	d, err := Histogram{Values: x, Rule: FreedmanDiaconis, Density: true, Normal: true, Mean: true, Quantiles: []float64{0.05, 0.5, 0.95}}.draw()
	if err != nil {
		t.Fatal(err)
	}
	if b, err := d.json(); err != nil || len(b) > 6000 {
		t.Errorf("the option has %d bytes, error %v", len(b), err)
	}
	for _, bars := range []bool{false, true} {
		d, err := Distribution{Samples: []Sample{{Values: x}}, Bars: bars}.draw()
		if err != nil {
			t.Fatal(err)
		}
		if b, err := d.json(); err != nil || len(b) > 6000 {
			t.Errorf("the distribution's option has %d bytes, error %v", len(b), err)
		}
	}
}
