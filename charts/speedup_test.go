package charts

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/threads2go/course/charts/web/webtest"
	"github.com/threads2go/course/pkg/timing"
)

// scaled is a program of which a fraction is serial, timed n times with each number of workers.
func scaled(name string, serial float64, n int, workers ...int) Scaling {
	s := Scaling{Name: name, Times: new(timing.Result), Workers: workers}
	for i, w := range workers {
		var times []time.Duration
		for k := range n {
			noise := 1 + 0.02*math.Sin(float64(7*k+3*i))
			times = append(times, time.Duration(1e9*noise/amdahl(serial, float64(w))))
		}
		if err := s.Times.Add(fmt.Sprint(w, " workers, ", i), times...); err != nil {
			panic(err)
		}
	}
	return s
}

func speedups() map[string]Speedup {
	return map[string]Speedup{
		"one":     {Title: "Walks, faster with more workers", Curves: []Scaling{scaled("", 0.05, 9, 1, 2, 4, 8)}},
		"two":     {Title: "Speed-up of 1,000 walks", Curves: []Scaling{scaled("Go", 0.03, 20, 1, 1, 2, 3, 4), scaled("Python's threads", 1, 7, 1, 2, 4)}},
		"few":     {Curves: []Scaling{scaled("Go", 0.1, 3, 1, 2)}},
		"many":    {Curves: []Scaling{scaled("cluster", 0.001, 6, 1, 10, 100, 1000)}},
		"perfect": {Curves: []Scaling{scaled("Go", 0, 6, 1, 2, 16, 64)}},
	}
}

// checkSpeedup compares a speed-up's shapes in an SVG with its numbers.
func checkSpeedup(t *testing.T, s Speedup, svg string) {
	t.Helper()
	f, err := s.figure()
	if err != nil {
		t.Fatal(err)
	}
	elements := parseSVG(t, svg)
	x := readScale(t, elements, false, f.x.log, readNumber)
	y := readScale(t, elements, true, f.y.log, readNumber)
	// seen says whether a shape of a colour has corners at all of these points, one after the other.
	seen := func(color string, points ...xy) bool {
		return slices.ContainsFunc(elements, func(e element) bool {
			if !sameColor(e.attrs["stroke"], color) && !sameColor(e.attrs["fill"], color) {
				return false
			}
			for i := 0; i+len(points) <= len(e.points); i++ {
				all := true
				for k, p := range points {
					q := e.points[i+k]
					all = all && math.Abs(q[0]-x.at(p.x)) <= 0.5 && math.Abs(q[1]-y.at(p.y)) <= 0.5
				}
				if all {
					return true
				}
			}
			return false
		})
	}
	if !seen(black, xy{1, 1}, xy{f.most, f.most}) {
		t.Errorf("no ideal line to %v", f.most)
	}
	for i, c := range f.curves {
		color := curveStyle(i, true).color
		for _, p := range c.points {
			n := float64(p.workers)
			at := xy{n, p.Value}
			switch curveStyle(i, true).marker {
			case "circle":
				if !seen(color, at) {
					t.Errorf("%s: no point at %v", c.name, at)
				}
			case "square":
				px := 3.5 * x.perPixel
				if !f.x.log && !seen(color, xy{n - px, p.Value - 3.5*y.perPixel}) {
					t.Errorf("%s: no point at %v", c.name, at)
				}
			}
			if c.interval() && p.Low < p.High && !seen(color, xy{n, p.Low}, xy{n, p.High}) {
				t.Errorf("%s: no bar from %v to %v at %v workers", c.name, p.Low, p.High, n)
			}
		}
		for share := range 3 {
			n := 1 + float64(share)/2*(f.x.high-1)
			if f.x.log {
				n = math.Pow(f.x.high, float64(share)/2)
			}
			if share == 1 {
				n = f.x.high // both are drawn, whatever is between
			}
			if v := amdahl(c.serial, n); v <= f.y.high && !seen(color, xy{n, v}) {
				t.Errorf("%s: the fit is not at %v for %v workers", c.name, v, n)
			}
		}
	}
}

func TestSpeedupPositionsInThePicture(t *testing.T) {
	environment(t)
	for name, f := range speedups() {
		t.Run(name, func(t *testing.T) { checkSpeedup(t, f, drawn(t, f)) })
	}
}

func speedupPages(t *testing.T, b *webtest.Browser) {
	p := openAll(t, b, webtest.Setting{}, speedups())
	still := openAll(t, b, webtest.Setting{NoScript: true}, speedups())
	for name, f := range speedups() {
		t.Run(name, func(t *testing.T) {
			checkSpeedup(t, f, svgOf(p, "#"+name))
			if share := differing(t, p.Screenshot("#"+name+" .t2g-live"), still.Screenshot("#"+name+" img")); share >= 0.01 {
				t.Errorf("%.2f %% of the pixels differ between live chart and picture", 100*share)
			}
		})
	}
	p.Set(webtest.Setting{Width: 390, Height: 500 * len(speedups())})
	p.Wait(`[...document.querySelectorAll(".t2g-live svg")].every(s => s.getAttribute("width") === "374")`)
	p.Do(`new Promise(done => requestAnimationFrame(() => setTimeout(done, 50)))`)
	for name, f := range speedups() {
		t.Run(name+" at 390", func(t *testing.T) { checkSpeedup(t, f, svgOf(p, "#"+name)) })
	}
}

func TestSpeedupErrorsNameTheCurve(t *testing.T) {
	good := scaled("Go", 0.1, 6, 1, 2)
	with := func(change func(*Scaling)) Speedup {
		s := scaled("Go", 0.1, 6, 1, 2)
		change(&s)
		return Speedup{Curves: []Scaling{good, s}}
	}
	for _, c := range []struct {
		figure Speedup
		want   string
	}{
		{Speedup{}, "Speedup.Curves is empty"},
		{Speedup{Curves: make([]Scaling, 5)}, "Speedup.Curves has 5 curves"},
		{with(func(s *Scaling) { s.Name = " " }), "Speedup.Curves[1].Name is empty"},
		{with(func(s *Scaling) { s.Times = nil }), `Speedup.Curves[1] ("Go"): Times is nil`},
		{with(func(s *Scaling) { s.Times = new(timing.Result) }), `("Go"): Times has no series`},
		{with(func(s *Scaling) { s.Workers = []int{1} }), `("Go"): Workers has 1 numbers, Times 2 series`},
		{with(func(s *Scaling) { s.Workers = []int{2, 4} }), `("Go"): Workers[0] is 2; the first series is the serial one`},
		{with(func(s *Scaling) { s.Workers = []int{1, 1} }), `("Go"): no number of workers is above 1`},
		{with(func(s *Scaling) { s.Workers, s.Times = []int{1, 0, 2}, scaled("", 0, 6, 1, 2, 3).Times }), `Workers[1] ("2 workers, 1") is 0`},
		{with(func(s *Scaling) { s.Times.Series[1].Name = s.Times.Series[0].Name }), `two series of Times are named "1 workers, 0"`},
		{with(func(s *Scaling) { s.Times.Series[1].Times[3] = 0 }), `"2 workers, 1": time 3 is 0s, too short to compare`},
		{Speedup{Curves: []Scaling{scaled("Go", 0, 6, slices.Repeat([]int{1, 2}, 16)...)}}, "Workers has 32 numbers; more than 30"},
	} {
		err := Show(c.figure)
		if err == nil || !strings.HasPrefix(err.Error(), "charts: ") || !strings.Contains(err.Error(), c.want) {
			t.Errorf("got the error %v, want one with %q", err, c.want)
		}
	}
}

func TestSpeedupSaysTheNumbers(t *testing.T) {
	two := new(timing.Result)
	two.AddSeconds("serial", 4)
	two.AddSeconds("2 workers", 2.5)
	for _, c := range []struct {
		figure Speedup
		want   string
	}{
		{Speedup{Title: "Sum", Curves: []Scaling{{"Go", two, []int{1, 2}}}},
			"Speed-up by workers, “Sum”. Go: 1.6 with 2 workers. Amdahl's law fits with 25 % serial work, so at most 4 times faster."},
		{speedups()["perfect"], "Speed-up by workers. Go: 2.04 (2 to 2.06) with 2, 16 (15.7 to 16.3) with 16, 65.2 (64.1 to 66.1) with 64 workers. Amdahl's law finds no serial part."},
	} {
		d, err := draw(c.figure)
		if err != nil {
			t.Fatal(err)
		}
		if !strings.HasPrefix(d.alt, c.want) {
			t.Errorf("got  %s\nwant %s", d.alt, c.want)
		}
	}
}
