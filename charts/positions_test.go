package charts

import (
	"fmt"
	"maps"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// checkPositions reads the figure's shapes from an SVG, and its axes from their labels, and
// compares them with the numbers: nothing may be half a pixel off.
func checkPositions(t *testing.T, f Figure, svg string) {
	t.Helper()
	elements := parseSVG(t, svg)
	near := func(what string, got, want float64) {
		t.Helper()
		if !(math.Abs(got-want) <= 0.5) {
			t.Errorf("%s is at %.2f, should be at %.2f", what, got, want)
		}
	}
	switch f := f.(type) {
	case Histogram:
		edges, counts := binned(t, f)
		x := readScale(t, elements, false, false, readNumber)
		power := 1.0 // in which the axis counts, by its name
		for _, e := range elements {
			if name := regexp.MustCompile(`^value \(10(.*)\)$`).FindStringSubmatch(e.text); name != nil {
				n, err := strconv.Atoi(strings.NewReplacer("⁻", "-", "⁰", "0", "²", "2", "³", "3").Replace(name[1]))
				if err != nil {
					t.Fatal(err)
				}
				power = math.Pow10(n)
			}
		}
		x.value, x.perPixel = x.value*power, x.perPixel*power
		y := readScale(t, elements, true, false, readNumber)

		checkHistogramCurves(t, f, elements, x, y)
		outline := outlined(t, elements)
		for i, c := range counts {
			near(fmt.Sprintf("the top of bar %d", i), outline((edges[i]+edges[i+1])/2, x), y.at(float64(c)))
			if i > 0 && counts[i-1] != c && math.Abs(y.at(float64(c))-y.at(float64(counts[i-1]))) > 1 {
				between := (y.at(float64(c)) + y.at(float64(counts[i-1]))) / 2
				near(fmt.Sprintf("the edge of bars %d and %d", i-1, i), crossing(t, elements, between, x.at(edges[i])), x.at(edges[i]))
			}
		}
		lines := uprights(elements)
		sum, err := summarize(f.Values)
		if err != nil {
			t.Fatal(err)
		}
		marks, err := f.marks(sum)
		if err != nil {
			t.Fatal(err)
		}
		if len(lines) != len(marks) {
			t.Fatalf("%d marks drawn, want %d", len(lines), len(marks))
		}
		slices.SortFunc(marks, func(a, b Mark) int { return int(math.Copysign(1, a.At-b.At)) })
		for i, m := range marks {
			near("the mark "+m.Name, lines[i], x.at(m.At))
		}
	case Line:
		checkLine(t, f, elements)
	case Distribution:
		checkDistribution(t, f, elements)
	case Heatmap:
		checkHeatmap(t, f, elements)
	case Timings:
		d, err := f.draw()
		if err != nil {
			t.Fatal(err)
		}
		log := d.option.XAxis.Type == "log"
		x := readScale(t, elements, false, log, readDuration)
		var drawnDots, medians, boxes, whiskers, wantWhiskers, wantDots, wantMedians, wantBoxes []float64
		for _, e := range elements {
			switch {
			case sameColor(e.attrs["stroke"], "#222") && e.attrs["stroke-linecap"] == "round" || sameColor(e.attrs["fill"], black) && e.points != nil:
				for i := 0; i < len(e.points); i += 2 {
					drawnDots = append(drawnDots, e.points[i][0])
				}
			case e.attrs["stroke-width"] == "3" && sameColor(e.attrs["stroke"], blue):
				for i := 0; i < len(e.points); i += 2 {
					medians = append(medians, e.points[i][0])
				}
			case e.attrs["stroke-width"] == "1.5" && sameColor(e.attrs["stroke"], blue) && len(e.points) > 1 && !sameColor(e.attrs["fill"], blueTint):
				for _, p := range e.points { // whiskers, their ends, and the lines over bars
					whiskers = append(whiskers, p[0])
				}
			case sameColor(e.attrs["fill"], blueTint):
				for i := 0; i+3 < len(e.points); i += 4 {
					boxes = append(boxes, e.points[i][0], e.points[i+1][0])
				}
			}
		}
		dots := map[bool]int{false: 120, true: 80}[len(f.Runs) > 10] / len(f.Runs)
		for _, r := range f.Runs {
			row := summarizeRun(r.Name, r.Times)
			wantMedians = append(wantMedians, x.at(row.median))
			if row.boxed() {
				wantBoxes = append(wantBoxes, x.at(row.q1), x.at(row.q3))
				// A line from the box to the farthest run within 1.5 times its length, with an end.
				low, high := row.q1, row.q3
				for _, d := range r.Times {
					if s := d.Seconds(); s >= row.q1-1.5*(row.q3-row.q1) && s <= row.q3+1.5*(row.q3-row.q1) {
						low, high = min(low, s), max(high, s)
					}
				}
				l, h := x.at(low), x.at(high)
				wantWhiskers = append(wantWhiskers, l, l, h, h)
				if low < row.q1 {
					wantWhiskers = append(wantWhiskers, l, x.at(row.q1))
				}
				if high > row.q3 {
					wantWhiskers = append(wantWhiskers, x.at(row.q3), h)
				}
			} else {
				if !log {
					wantBoxes = append(wantBoxes, x.at(0), x.at(row.median))
				}
				if low, high := slices.Min(r.Times), slices.Max(r.Times); low < high {
					wantWhiskers = append(wantWhiskers, x.at(low.Seconds()), x.at(high.Seconds()))
				}
			}
			for _, k := range spread(row.times, dots) {
				wantDots = append(wantDots, x.at(row.times[k]))
			}
		}
		for _, c := range []struct {
			what      string
			got, want []float64
		}{{"dot", drawnDots, wantDots}, {"median", medians, wantMedians}, {"box", boxes, wantBoxes}, {"whisker", whiskers, wantWhiskers}} {
			if len(c.got) != len(c.want) {
				t.Errorf("%d × %s drawn, want %d", len(c.got), c.what, len(c.want))
				continue
			}
			slices.Sort(c.got)
			slices.Sort(c.want)
			for i := range c.got {
				near(fmt.Sprint(c.what, " ", i), c.got[i], c.want[i])
			}
		}
	}
}

// sameColor compares colours, of which a picture has some in the short form.
func sameColor(a, b string) bool {
	long := func(s string) string {
		if len(s) == 4 {
			s = string([]byte{'#', s[1], s[1], s[2], s[2], s[3], s[3]})
		}
		return strings.ToLower(s)
	}
	return long(a) == long(b)
}

// outlined gives the height of the histogram's outline above a value.
func outlined(t *testing.T, elements []element) func(v float64, x scale) float64 {
	t.Helper()
	points := outline(t, elements)
	return func(v float64, x scale) float64 {
		px := x.at(v)
		for i := 1; i < len(points); i++ {
			a, b := points[i-1], points[i]
			if a[1] == b[1] && a[0] <= px && px <= b[0] {
				return a[1]
			}
		}
		return math.NaN()
	}
}

func outline(t *testing.T, elements []element) [][2]float64 {
	t.Helper()
	for _, e := range elements {
		if sameColor(e.attrs["fill"], blue) || sameColor(e.attrs["fill"], blueTint) {
			return e.points
		}
	}
	t.Fatal("no bars")
	return nil
}

// crossing gives the place of the outline's upright side that spans y nearest to x.
func crossing(t *testing.T, elements []element, y, x float64) float64 {
	t.Helper()
	points := outline(t, elements)
	best := math.Inf(1)
	for i := 1; i < len(points); i++ {
		a, b := points[i-1], points[i]
		if a[0] == b[0] && min(a[1], b[1]) <= y && y <= max(a[1], b[1]) && math.Abs(a[0]-x) < math.Abs(best-x) {
			best = a[0]
		}
	}
	return best
}

// labelled are figures whose labels have to be moved out of each other's way.
func labelled() map[string]Histogram {
	x := make([]float64, 500)
	for i := range x {
		x[i] = 60 + 140*float64(i)/499
	}
	return map[string]Histogram{
		"close":       {Values: x, Marks: []Mark{{"a", 100}, {"b with a long name", 101}, {"median of all the values", 103}}},
		"both-ends":   {Values: x, Marks: []Mark{{"left", 60}, {"right", 200}, {"far right", 199}, {"nearly left", 61}}},
		"twice":       {Values: x, Marks: []Mark{{"mean", 130}, {"median", 130}}},
		"one-at-left": {Values: x, Marks: []Mark{{"a name that is rather long", 60}}},
		"twelve":      {Values: x, Marks: slices.Repeat([]Mark{{"m", 100}, {"n", 150}, {"o", 190}}, 4)},
		"title":       {Title: "A title", Values: x, Marks: []Mark{{"a", 100}, {"b", 101}, {"c", 102}}},
	}
}

// checkLabels finds the labels of the marks, and fails if one covers another, the title, or
// leaves the picture, or if one is missing.
func checkLabels(t *testing.T, h Histogram, svg string, width float64) {
	t.Helper()
	type box struct {
		text       string
		x0, x1, y0 float64
	}
	var boxes []box
	for _, e := range parseSVG(t, svg) {
		if e.points != nil || e.turned || e.text == "" {
			continue
		}
		size, bold := float64(labelSize), false
		if h.Title != "" && strings.HasPrefix(h.Title, e.text) {
			size, bold = titleSize, true
		} else if e.attrs["stroke"] == "" {
			continue // of the axes
		}
		boxes = append(boxes, box{e.text, e.x, e.x + textWidth(e.text, size, bold), e.y - size/2})
	}
	labels := len(h.Marks)
	if h.Title != "" {
		labels++
	}
	if len(boxes) != labels {
		t.Errorf("%d labels, want %d: %v", len(boxes), labels, boxes)
	}
	for i, a := range boxes {
		if a.x0 < 0 || a.x1 > width || a.y0 < 0 {
			t.Errorf("%v leaves the picture", a)
		}
		for _, b := range boxes[:i] {
			if a.x0 < b.x1 && b.x0 < a.x1 && math.Abs(a.y0-b.y0) < labelSize {
				t.Errorf("%v covers %v", a, b)
			}
		}
	}
}

// figures are those whose positions and looks are tested.
func figures() map[string]Figure {
	few := comparison()
	few.Runs[1].Times = few.Runs[1].Times[:3]
	few.Runs[2].Times = few.Runs[2].Times[:1]
	apart := comparison() // on a logarithmic axis
	for i := range apart.Runs[2].Times {
		apart.Runs[2].Times[i] /= 5000
	}
	apart.Runs[1].Times = apart.Runs[1].Times[:2]
	all := looked()
	maps.Copy(all, map[string]Figure{
		"walks":    walks(),
		"few-bins": Histogram{Values: []float64{1, 2, 2, 3, 3, 3, 7}, Bins: 4, Marks: []Mark{{"mean", 3}}},
		"one":      Histogram{Values: []float64{42}},
		"huge":     Histogram{Values: []float64{1e300, 2e300, 2e300, 4e300}, Bins: 3},
		"tiny":     Histogram{Values: []float64{-1e-200, 2e-200, 2e-200, 4e-200}, Bins: 4, Marks: []Mark{{"zero", 0}}},
		"crowded":  Histogram{Values: []float64{1e9, 1e9 + 1e-2, 1e9 + 2e-2}},
		"many":     Histogram{Values: walks().Values[:5000], Bins: 400},
		"boxes":    comparison(),
		"few":      few,
		"apart":    apart,
	})
	return all
}

// placed are those whose positions are tested.
func placed() map[string]Figure {
	all := figures()
	maps.Copy(all, statistics())
	return all
}

func TestPositionsInThePicture(t *testing.T) {
	environment(t)
	for name, f := range placed() {
		t.Run(name, func(t *testing.T) { checkPositions(t, f, drawn(t, f)) })
	}
}

func TestLabelsInThePicture(t *testing.T) {
	environment(t)
	for name, h := range labelled() {
		t.Run(name, func(t *testing.T) { checkLabels(t, h, drawn(t, h), figureWidth) })
	}
}

func drawn(t *testing.T, f Figure) string {
	t.Helper()
	d, err := draw(f)
	if err != nil {
		t.Fatal(err)
	}
	svg, _, err := d.picture()
	if err != nil {
		t.Fatal(err)
	}
	return svg
}
