package charts

import (
	"cmp"
	"fmt"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// looked are the figures of statistics whose looks are tested.
func looked() map[string]Figure {
	all, out := statistics(), map[string]Figure{}
	for _, name := range []string{"curves", "line-costs", "line-convergence", "line-waiting", "distribution-bars",
		"distribution-four", "distribution-panels", "heatmap-times"} {
		out[name] = all[name]
	}
	return out
}

// statistics are figures whose positions are tested.
func statistics() map[string]Figure {
	curves := walks()
	curves.Values = curves.Values[:20_000]
	curves.Density, curves.Normal, curves.Mean = true, true, true
	curves.Quantiles, curves.Marks = []float64{0.05, 0.5, 0.95}, nil
	rule := curves
	rule.Rule, rule.Bins, rule.Values = FreedmanDiaconis, 0, rule.Values[:900]
	out := map[string]Figure{"curves": curves, "rule": rule}
	for name, f := range lineFigures() {
		out["line-"+name] = f
	}
	for name, f := range distributions() {
		out["distribution-"+name] = f
	}
	for name, f := range heatmaps() {
		out["heatmap-"+name] = f
	}
	return out
}

// readTick reads the numbers of an axis: "−1,000", "10⁻³".
func readTick(s string) (float64, bool) {
	s = strings.ReplaceAll(s, "−", "-")
	if power, ok := strings.CutPrefix(s, "10"); ok && power != "" {
		if n, err := strconv.Atoi(superscripts.Replace(power)); err == nil && superscripts.Replace(power) != power {
			return math.Pow10(n), true
		}
	}
	return readNumber(s)
}

var superscripts = strings.NewReplacer("⁻", "-", "⁰", "0", "¹", "1", "²", "2", "³", "3", "⁴", "4",
	"⁵", "5", "⁶", "6", "⁷", "7", "⁸", "8", "⁹", "9")

// readAxes gives the scales of a plot with numbers on both axes, of which either may count in a
// power of ten.
func readAxes(t *testing.T, elements []element, x, y axis) (scale, scale) {
	t.Helper()
	read := func(a axis, vertical bool) scale {
		s := readScale(t, elements, vertical, a.log, readTick)
		for _, e := range elements {
			power := regexp.MustCompile(`\(10([⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+)`).FindStringSubmatch(e.text)
			if power == nil || !strings.HasPrefix(e.text, a.name) {
				continue
			}
			n, err := strconv.Atoi(superscripts.Replace(power[1]))
			if err != nil {
				t.Fatal(err)
			}
			// In two steps, as the smallest power of ten has no inverse.
			for _, by := range []float64{math.Pow10(n / 2), math.Pow10(n - n/2)} {
				s.value, s.perPixel = s.value*by, s.perPixel*by
			}
		}
		return s
	}
	return read(x, false), read(y, true)
}

// vertices are the points of the line that has a colour and a width.
func vertices(t *testing.T, elements []element, color, width string) [][2]float64 {
	t.Helper()
	for _, e := range elements {
		if sameColor(e.attrs["stroke"], color) && e.attrs["stroke-width"] == width && e.attrs["stroke-linecap"] != "round" && len(e.points) > 2 {
			return e.points
		}
	}
	return nil
}

// along fails unless the line through the points passes through those wanted, in their order.
func along(t *testing.T, what string, points, want [][2]float64) {
	t.Helper()
	at := 0
	for i, w := range want {
		rest := points[min(at, len(points)):]
		k := 0
		for k < len(rest) && distance(w, rest[k], rest[min(k+1, len(rest)-1)]) > 0.5 {
			k++
		}
		if k == len(rest) {
			t.Errorf("%s does not pass through its point %d at %.2f; from there on it has %.6v", what, i, w, rest)
			return
		}
		at += k
	}
}

// distance is how far p is from the straight line between a and b.
func distance(p, a, b [2]float64) float64 {
	dx, dy := b[0]-a[0], b[1]-a[1]
	share := 0.0
	if l := dx*dx + dy*dy; l > 0 {
		share = max(0, min(((p[0]-a[0])*dx+(p[1]-a[1])*dy)/l, 1))
	}
	return math.Hypot(p[0]-a[0]-share*dx, p[1]-a[1]-share*dy)
}

// uprights are the places of the dashed upright lines.
func uprights(elements []element) []float64 {
	var out []float64
	for _, e := range elements {
		for i := 0; i+1 < len(e.points) && e.attrs["stroke-dasharray"] != ""; i += 2 {
			if a, b := e.points[i], e.points[i+1]; a[0] == b[0] && a[1] != b[1] && e.attrs["stroke-width"] == "1.5" {
				out = append(out, a[0])
			}
		}
	}
	slices.Sort(out)
	return out
}

func checkLine(t *testing.T, l Line, elements []element) {
	t.Helper()
	f, err := l.figure()
	if err != nil {
		t.Fatal(err)
	}
	x, y := readAxes(t, elements, f.x, f.y)
	for i, s := range f.series {
		style := s.style(i)
		var points, whiskers, upper, lower [][2]float64
		for _, k := range s.drawn {
			p := l.Series[i]
			// The points come by x, those with the same x in the order that they have.
			order := make([]int, len(p.X))
			for j := range order {
				order[j] = j
			}
			slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(p.X[a], p.X[b]) })
			j := order[k]
			at := [2]float64{x.at(p.X[j]), y.at(p.Y[j])}
			if s.Steps && len(points) > 0 {
				points = append(points, [2]float64{at[0], points[len(points)-1][1]})
			}
			points = append(points, at)
			if p.Low != nil {
				upper = append(upper, [2]float64{at[0], y.at(p.High[j])})
				lower = append(lower, [2]float64{at[0], y.at(p.Low[j])})
				whiskers = append(whiskers, lower[len(lower)-1], upper[len(upper)-1])
			}
		}
		if len(points) > 2 {
			along(t, s.name, vertices(t, elements, style.color, "2"), points)
		}
		if style.marker != "" {
			along(t, s.name+"'s markers", markers(elements, style), points)
		}
		switch {
		case s.whiskers():
			var drawn [][2]float64
			for _, e := range elements {
				if sameColor(e.attrs["stroke"], style.color) && e.attrs["stroke-width"] == "1.5" {
					drawn = append(drawn, e.points...)
				}
			}
			along(t, s.name+"'s whiskers", drawn, whiskers)
		case s.band():
			var band [][2]float64
			for _, e := range elements {
				if sameColor(e.attrs["fill"], style.color) && len(e.points) > len(points) {
					band = e.points
				}
			}
			slices.Reverse(lower)
			along(t, s.name+"'s band", band, append(upper, lower...))
		}
	}
	var levels []float64
	for _, e := range elements {
		if sameColor(e.attrs["stroke"], black) && e.attrs["stroke-width"] == "1.5" && len(e.points) == 2 && e.points[0][1] == e.points[1][1] {
			levels = append(levels, e.points[0][1])
		}
	}
	if len(levels) != len(l.Levels) {
		t.Errorf("%d levels are drawn, want %d", len(levels), len(l.Levels))
	}
	for i, m := range l.Levels {
		if !slices.ContainsFunc(levels, func(v float64) bool { return math.Abs(v-y.at(m.At)) <= 0.5 }) {
			t.Errorf("no level %d at %.2f: %v", i, y.at(m.At), levels)
		}
	}
}

// markers are the middles of a style's markers.
func markers(elements []element, s style) [][2]float64 {
	var out [][2]float64
	each := map[string]int{"circle": 2, "square": 4, "triangle": 3, "diamond": 4}[s.marker]
	off := map[string][2]float64{"square": {3.5, 3.5}, "triangle": {0, 5}, "diamond": {0, 5}}[s.marker]
	for _, e := range elements {
		dot := sameColor(e.attrs["stroke"], s.color) && e.attrs["stroke-linecap"] == "round"
		if !dot && !sameColor(e.attrs["fill"], s.color) {
			continue
		}
		for i := 0; i+each <= len(e.points); i += each {
			out = append(out, [2]float64{e.points[i][0] + off[0], e.points[i][1] + off[1]})
		}
	}
	return out
}

// checkCurve fails unless the points are on a curve of values, and enough of them.
func checkCurve(t *testing.T, what string, points [][2]float64, x, y scale, curve func(float64) float64) {
	t.Helper()
	if len(points) < 12 {
		t.Errorf("%s has only %d points", what, len(points))
	}
	value := func(px float64) float64 { return x.value + (px-x.pixel)*x.perPixel }
	for _, p := range points {
		if math.Abs(p[1]-y.at(0)) < 0.06 {
			continue // the area under the curve ends here
		}
		// A coordinate is rounded to a tenth of a pixel: where a curve is steep, that is more in y.
		low, high := math.Inf(1), math.Inf(-1)
		for _, dx := range []float64{-0.1, 0, 0.1} {
			at := y.at(curve(value(p[0] + dx)))
			low, high = min(low, at), max(high, at)
		}
		if p[1] < low-0.5 || p[1] > high+0.5 {
			t.Errorf("%s: at %.2f it is at %.2f, should be at %.2f to %.2f", what, p[0], p[1], low, high)
			return
		}
	}
}

// kernels is the density as its definition has it.
func kernels(values []float64) func(float64) float64 {
	s, _ := summarize(values)
	h := s.deviation(values, 1) * math.Pow(float64(s.n), -0.2)
	return func(x float64) float64 {
		sum := 0.0
		for _, v := range values {
			sum += normal(x, v, h)
		}
		return sum / float64(s.n)
	}
}

func checkHistogramCurves(t *testing.T, h Histogram, elements []element, x, y scale) {
	t.Helper()
	s, _ := summarize(h.Values)
	edges, _ := binned(t, h)
	area := (edges[1] - edges[0]) * float64(s.n)
	if h.Density {
		f := kernels(h.Values)
		checkCurve(t, "the density", vertices(t, elements, black, "2"), x, y, func(v float64) float64 { return area * f(v) })
	}
	if h.Normal {
		deviation := s.deviation(h.Values, 1)
		checkCurve(t, "the normal curve", vertices(t, elements, "#CC79A7", "2"), x, y,
			func(v float64) float64 { return area * normal(v, s.mean, deviation) })
	}
}

func checkDistribution(t *testing.T, d Distribution, elements []element) {
	t.Helper()
	f, err := d.figure()
	if err != nil {
		t.Fatal(err)
	}
	var x, y scale
	if d.Panels {
		x = readScale(t, elements, false, false, readTick)
	} else {
		x, y = readAxes(t, elements, f.x, axis{name: "density"})
	}
	var lines [][][2]float64 // by sample
	for i := range f.samples {
		if d.Panels {
			break
		}
		lines = append(lines, vertices(t, elements, curveStyle(i, false).color, "2"))
	}
	if d.Panels {
		for _, e := range elements {
			if sameColor(e.attrs["stroke"], blue) && len(e.points) > 2 {
				lines = append(lines, e.points)
			}
		}
		if len(lines) == 1 && len(f.samples) > 1 { // in a picture, all are one path
			all := lines[0]
			lines = nil
			for i, from := 1, 0; i <= len(all); i++ {
				if i == len(all) || all[i][0] < all[i-1][0] {
					lines, from = append(lines, all[from:i]), i
				}
			}
		}
	}
	if len(lines) != len(f.samples) {
		t.Fatalf("%d lines are drawn, want %d", len(lines), len(f.samples))
	}
	var marks []float64
	for i, p := range f.samples {
		for _, m := range d.Samples[i].Marks {
			marks = append(marks, x.at(m.At))
		}
		if d.Panels {
			// A panel's name stands 81 pixels above its plot's floor.
			floor := math.NaN()
			for _, e := range elements {
				if e.attrs["font-weight"] == "bold" && e.text == p.name {
					floor = e.y + panelFloor - 11
				}
			}
			y = scale{pixel: floor, value: 0, perPixel: -p.tall / panelPlot}
		}
		if d.Bars {
			width := f.edges[1] - f.edges[0]
			var want [][2]float64
			for k, c := range count(d.Samples[i].Values, f.edges) {
				h := y.at(float64(c) / float64(len(d.Samples[i].Values)) / width)
				want = append(want, [2]float64{x.at(f.edges[k]), h}, [2]float64{x.at(f.edges[k+1]), h})
			}
			along(t, p.name, lines[i], want)
			continue
		}
		checkCurve(t, p.name, lines[i], x, y, kernels(d.Samples[i].Values))
	}
	slices.Sort(marks)
	drawn := uprights(elements)
	if len(drawn) != len(marks) {
		t.Fatalf("%d marks are drawn, want %d", len(drawn), len(marks))
	}
	for _, p := range f.samples {
		for _, m := range p.marks {
			if label := f.x.label(m); !slices.ContainsFunc(elements, func(e element) bool { return strings.Contains(e.text, label) }) {
				t.Errorf("the mark at %v has no label %q", m.At, label)
			}
		}
	}
	for i := range marks {
		if math.Abs(drawn[i]-marks[i]) > 0.5 {
			t.Errorf("a mark is at %.2f, should be at %.2f", drawn[i], marks[i])
		}
	}
}

func checkHeatmap(t *testing.T, h Heatmap, elements []element) {
	t.Helper()
	place := func(name string, vertical bool) float64 {
		best := math.NaN()
		for _, e := range elements {
			if e.points != nil || strings.TrimSpace(e.text) != name || e.turned {
				continue
			}
			if vertical && e.attrs["text-anchor"] == "end" {
				best = e.y
			} else if !vertical && e.attrs["text-anchor"] == "middle" && (math.IsNaN(best) || e.y > 0) {
				best = e.x
			}
		}
		return best
	}
	low, high := math.Inf(1), math.Inf(-1)
	for _, row := range h.Cells {
		low, high = min(low, slices.Min(row)), max(high, slices.Max(row))
	}
	for r, row := range h.Cells {
		for c, v := range row {
			x, y := place(h.Columns[c], false), place(h.Rows[r], true)
			level := 5.
			if high > low {
				level = min(15, math.Floor((v-low)/(high-low)*16))
			}
			a, b, share := [3]float64{236, 244, 250}, [3]float64{0, 114, 178}, level/15/0.6
			if share > 1 {
				a, b, share = b, [3]float64{0, 36, 59}, (level/15-0.6)/0.4
			}
			var rgb [3]float64
			for i := range rgb {
				rgb[i] = math.Round(a[i] + share*(b[i]-a[i]))
			}
			if !slices.ContainsFunc(elements, func(e element) bool { return paints(e, x, y, rgb) }) {
				t.Errorf("cell %d, %d (%v) is not at %.1f, %.1f in %v", r, c, v, x, y, rgb)
			}
		}
	}
}

// paints says whether an element is a cell, or has one, with its middle at x, y in a colour.
func paints(e element, x, y float64, rgb [3]float64) bool {
	same := func(color string) bool {
		var want string
		for _, v := range rgb {
			want += fmt.Sprintf("%02x", int(v))
		}
		color = strings.TrimPrefix(strings.ToLower(color), "#")
		if strings.HasPrefix(color, "rgb") {
			n := numbers(color)
			return len(n) == 3 && [3]float64{n[0], n[1], n[2]} == rgb
		}
		if len(color) == 3 {
			color = string([]byte{color[0], color[0], color[1], color[1], color[2], color[2]})
		}
		return color == want
	}
	n := 0 // points of a cell
	switch {
	case same(e.attrs["stroke"]):
		n = 2
	case same(e.attrs["fill"]):
		n = 4
	default:
		return false
	}
	for i := 0; i+n <= len(e.points); i += n {
		mx, my := 0.0, 0.0
		for _, p := range e.points[i : i+n] {
			mx, my = mx+p[0]/float64(n), my+p[1]/float64(n)
		}
		if math.Abs(mx-x) <= 0.5 && math.Abs(my-y) <= 0.5 {
			return true
		}
	}
	return false
}
