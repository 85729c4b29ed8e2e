package charts

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
)

// costs are three costs against size, with intervals, on logarithmic axes.
func costs() Line {
	r := rand.New(rand.NewPCG(7, 8))
	l := Line{
		Title: "Cost of an item", X: "goroutines", Y: "cost", YUnit: "ns", LogX: true, LogY: true,
		Levels: []Mark{{"a call", 2.5}},
	}
	for k, name := range []string{"mutex", "channel", "atomic"} {
		s := Series{Name: name}
		for n := 1.0; n <= 4096; n *= 4 {
			y := (40 + 10*r.Float64()) * math.Pow(n, 0.2*float64(k+1))
			s.X, s.Y = append(s.X, n), append(s.Y, y)
			s.Low, s.High = append(s.Low, 0.8*y), append(s.High, 1.3*y)
		}
		l.Series = append(l.Series, s)
	}
	return l
}

// convergence is a mean as values come, with its interval: a band of many points.
var convergence = sync.OnceValue(func() Line {
	r := rand.New(rand.NewPCG(9, 10))
	s := Series{Name: "mean so far"}
	sum, squares := 0.0, 0.0
	for i := range 100_000 {
		v := 100 * math.Exp(0.03+0.2*r.NormFloat64())
		sum, squares = sum+v, squares+v*v
		if n := float64(i + 1); n >= 10 {
			mean := sum / n
			off := 1.96 * math.Sqrt((squares/n-mean*mean)/n)
			s.X, s.Y = append(s.X, n), append(s.Y, mean)
			s.Low, s.High = append(s.Low, mean-off), append(s.High, mean+off)
		}
	}
	return Line{
		Title: "The mean settles", X: "walks", Y: "mean price", YUnit: "€", LogX: true,
		Series: []Series{s}, Levels: []Mark{{"exact", 100 * math.Exp(0.05)}},
	}
})

// waiting is the length of a queue: steps.
func waiting() Line {
	r := rand.New(rand.NewPCG(11, 12))
	var s Series
	at, n := 0.0, 0
	for range 90 {
		n = max(0, min(n+r.IntN(5)-2, 10))
		s.X, s.Y = append(s.X, at), append(s.Y, float64(n))
		at += r.ExpFloat64()
	}
	s.Steps = true
	return Line{Title: "The queue fills", X: "time", XUnit: "ms", Y: "queue length", Series: []Series{s}, Levels: []Mark{{"capacity", 10}}}
}

func lineFigures() map[string]Line {
	six := Line{Levels: []Mark{{"a", 1}, {"b", 7}}}
	r := rand.New(rand.NewPCG(13, 14))
	for k := range 6 {
		s := Series{Name: fmt.Sprint("series ", k)}
		for n := range 6 {
			s.X, s.Y = append(s.X, float64(n)), append(s.Y, float64(k)*r.Float64())
		}
		six.Series = append(six.Series, s)
	}
	return map[string]Line{
		"costs":       costs(),
		"convergence": convergence(),
		"waiting":     waiting(),
		"six":         six,
		"one-point":   {Series: []Series{{X: []float64{3}, Y: []float64{-4}}}},
		"level":       {Series: []Series{{X: []float64{1, 2}, Y: []float64{5, 5}}}},
		"upright":     {Series: []Series{{X: []float64{1, 1, 1}, Y: []float64{5, 7, 6}}}},
		"huge":        {Series: []Series{{X: []float64{1e300, 2e300, 3e300}, Y: []float64{-1e-200, 1e-200, 2e-200}}}},
		"log-point":   {LogX: true, LogY: true, Series: []Series{{X: []float64{10}, Y: []float64{1e-9}}}},
		"far-apart":   {LogX: true, LogY: true, Series: []Series{{X: []float64{1e-12, 1, 1e12}, Y: []float64{1e-3, 1e8, 1e3}}}},
		"offset":      {Series: []Series{{X: []float64{1e9, 1e9 + 1, 1e9 + 2}, Y: []float64{1e6, 1e6 + .5, 1e6 + .25}}}},
	}
}

func TestOfManyPointsTheExtremesAreDrawn(t *testing.T) {
	of := func(n int, x, y func(i int) float64) lineSeries {
		s := lineSeries{n: n}
		for i := range n {
			s.X, s.Y = append(s.X, x(i)), append(s.Y, y(i))
		}
		s.order = s.Series.order()
		return s
	}
	long := of(100_000, func(i int) float64 { return float64(i) }, func(i int) float64 { return math.Sin(float64(i) / 1e4) })
	long.Y[31_234], long.Y[77_777] = 9, -9
	where := func(x float64) float64 { return x / 99_999 }
	chosen := long.extremes(240, where)
	if n := len(chosen); n > 240 || n < 200 || !slices.IsSorted(chosen) || len(slices.Compact(slices.Clone(chosen))) != n {
		t.Errorf("chose %d: %v", n, chosen)
	}
	for _, want := range []int{0, 31_234, 77_777, 99_999} {
		if !slices.Contains(chosen, want) {
			t.Errorf("point %d is left out", want)
		}
	}
	falling := of(1000, func(i int) float64 { return float64(-i) }, func(i int) float64 { return float64(i % 500) })
	for k, i := range falling.extremes(2000, where) {
		if got := falling.at(i).x; got != float64(k-999) {
			t.Fatalf("point %d is at %v; they must come by x", k, got)
		}
	}
	same := of(1000, func(int) float64 { return 0 }, func(i int) float64 { return float64(i % 501 / 500) })
	if chosen := same.extremes(240, func(float64) float64 { return math.NaN() }); !slices.Contains(chosen, 500) {
		t.Errorf("of equal places, %v are drawn", chosen)
	}
}

func TestLinesKeepTheirSizeWhateverTheyHold(t *testing.T) {
	environment(t)
	long := Line{Title: "long"}
	for k := range 6 {
		s := Series{Name: fmt.Sprint("series ", k)}
		for i := range 1000 {
			y := math.Sin(float64(i*(k+1))) * 1234.5678
			s.X, s.Y = append(s.X, float64(i)/7), append(s.Y, y)
		}
		long.Series = append(long.Series, s)
	}
	figures := lineFigures()
	figures["long"] = long
	for name, f := range figures {
		html := htmlOf(t, f)
		t.Logf("%s: %d bytes", name, len(html))
		if len(html) > 12_000 {
			t.Errorf("%s takes %d bytes in a notebook", name, len(html))
		}
	}
}

func TestTenMillionPoints(t *testing.T) {
	s := Series{X: make([]float64, 10_000_000), Y: make([]float64, 10_000_000)}
	for i := range s.X {
		s.X[i], s.Y[i] = float64(i), float64(i%1000)
	}
	d, err := Line{Series: []Series{s}}.draw()
	if err != nil {
		t.Fatal(err)
	}
	if b, err := d.json(); err != nil || len(b) > 6000 {
		t.Errorf("the option has %d bytes, error %v", len(b), err)
	}
	if want := "Of 10,000,000 points 185 are drawn, among them the lowest and the highest of every stretch."; d.caption != want {
		t.Errorf("caption %q, want %q", d.caption, want)
	}
}

func TestLineErrorsNameTheCulprit(t *testing.T) {
	ok := []float64{1, 2, 3}
	series := func(s ...Series) Line { return Line{Series: s} }
	for _, c := range []struct {
		line Line
		want string
	}{
		{Line{}, "Line.Series is empty"},
		{series(make([]Series, 7)...), "Line.Series has 7 series"},
		{series(Series{}), "Line.Series[0] has no points"},
		{series(Series{Name: "a", X: ok}), `Line.Series[0] ("a") has 3 X and 0 Y`},
		{series(Series{Name: "a", X: ok, Y: ok}, Series{X: ok, Y: ok}), "Line.Series[1].Name is empty"},
		{series(Series{Name: "a", X: ok, Y: []float64{1, math.NaN(), 2}}), `Line.Series[0] ("a"): Y[1] is NaN`},
		{series(Series{Name: "a", X: []float64{1, 2, math.Inf(-1)}, Y: ok}), `Line.Series[0] ("a"): X[2] is -Inf`},
		{series(Series{X: ok, Y: ok, Low: ok}), "has 3 Low, 0 High and 3 points"},
		{series(Series{X: ok, Y: ok, Low: ok[:1], High: ok[:1]}), "has 1 Low, 1 High and 3 points"},
		{series(Series{X: ok, Y: ok, Low: ok, High: []float64{1, 1, 3}}), "Low[1] is 2, above High[1], 1"},
		{series(Series{X: ok, Y: ok, Low: ok, High: []float64{1, math.Inf(1), 3}}), "High[1] is +Inf"},
		{Line{LogX: true, Series: []Series{{Name: "b", X: []float64{1, 0, 2}, Y: ok}}}, `Line.Series[0] ("b"): X[1] is 0; a logarithmic axis has no place for it`},
		{Line{LogY: true, Series: []Series{{Name: "b", X: ok, Y: []float64{1, 2, -5}}}}, `Line.Series[0] ("b"): Y[2] is -5; a logarithmic axis has no place for it`},
		{Line{LogY: true, Series: []Series{{X: ok, Y: ok, Low: []float64{-1, 1, 1}, High: ok}}}, "Low[0] is -1; a logarithmic axis"},
		{Line{LogY: true, Series: []Series{{X: ok, Y: ok}}, Levels: []Mark{{"zero", 0}}}, `Line.Levels[0] ("zero") is 0; a logarithmic axis`},
		{Line{Series: []Series{{X: ok, Y: ok}}, Levels: []Mark{{"a", math.NaN()}}}, `Line.Levels[0] ("a") is NaN`},
		{Line{Series: []Series{{X: ok, Y: ok}}, Levels: make([]Mark, 3)}, "Line.Levels has 3 levels"},
		{series(Series{X: []float64{-1.7e308, 1.7e308}, Y: ok[:2]}), "wider than a float64"},
		{series(Series{X: ok[:2], Y: []float64{-1.7e308, 1.7e308}}), "wider than a float64"},
	} {
		_, err := draw(c.line)
		if err == nil || !strings.HasPrefix(err.Error(), "charts: Line") || !strings.Contains(err.Error(), c.want) {
			t.Errorf("got the error %v, want one with %q", err, c.want)
		}
	}
}

func TestLineIsDescribed(t *testing.T) {
	for _, c := range []struct {
		line Line
		want string
	}{
		{
			Line{X: "size", Y: "cost", YUnit: "ns", Series: []Series{
				{Name: "map", X: []float64{3, 1, 2}, Y: []float64{30, 10, 50}, Low: []float64{28, 9, 1}, High: []float64{32, 11, 99}},
				{Name: "slice", X: []float64{1, 2}, Y: []float64{7, 7}},
			}, Levels: []Mark{{"limit", 60}}},
			"2 lines of cost by size. map: 3 points from 10 ns at 1 to 30 ns at 3 (28 to 32), highest 50 ns at 2. slice: 2 points from 7 ns at 1 to 7 ns at 2, all equal. Level: limit at 60 ns.",
		},
		{
			Line{LogX: true, Series: []Series{{X: []float64{100}, Y: []float64{-3}}}},
			"Line of value by x, on a logarithmic axis of x. one point, -3 at 100.",
		},
	} {
		d, err := c.line.draw()
		if err != nil {
			t.Fatal(err)
		}
		if want := strings.ReplaceAll(c.want, " -", " −"); d.alt != want {
			t.Errorf("got  %s\nwant %s", d.alt, want)
		}
	}
}

func TestTicksAreRoundAndHoldTheData(t *testing.T) {
	for _, c := range [][2]float64{{0, 1}, {0, 10}, {3, 17}, {-1e-9, 3e-9}, {99.9, 100.1}, {1e6, 1e6 + 1}, {-5, -5}, {0, 0}, {0, 1.0000001}} {
		low, high, step := ticks(c[0], c[1], 5)
		n := (high - low) / step
		if !(low <= c[0] && c[1] <= high) || n < 1.5 || n > 9.1 || math.Abs(n-math.Round(n)) > 1e-6 {
			t.Errorf("from %v to %v: %v to %v by %v", c[0], c[1], low, high, step)
		}
	}
}

// Of a long series the widest intervals are drawn, too, and the text says what is left out.
func TestThinnedLineKeepsTheWidestIntervals(t *testing.T) {
	s := Series{Name: "a"}
	for i := range 5000 {
		y := math.Sin(float64(i) / 500)
		s.X, s.Y = append(s.X, float64(i)), append(s.Y, y)
		s.Low, s.High = append(s.Low, y-0.1), append(s.High, y+0.1)
	}
	s.Low[1234], s.High[3210] = -9, 7
	l := Line{Series: []Series{s}}
	f, err := l.figure()
	if err != nil {
		t.Fatal(err)
	}
	drawn := f.series[0].drawn
	for _, want := range []int{1234, 3210} {
		if !slices.Contains(drawn, want) {
			t.Errorf("point %d, whose interval is the widest, is not drawn", want)
		}
	}
	if len(drawn) > 100 {
		t.Errorf("%d points are drawn", len(drawn))
	}
	d, err := draw(l)
	if err != nil {
		t.Fatal(err)
	}
	want := fmt.Sprintf("Of 5,000 points %d are drawn, among them the lowest and the highest points and intervals of every stretch.", len(drawn))
	if !strings.HasSuffix(d.alt, want) || !strings.Contains(d.caption, want) {
		t.Errorf("the text is %q, the caption %q; want in both: %s", d.alt, d.caption, want)
	}
}
