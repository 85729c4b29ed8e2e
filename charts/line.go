package charts

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
)

// A Line shows how a number depends on another: cost on size, a mean on the number of values,
// the length of a queue on time. The series differ in colour, dashes and markers.
//
// The vertical axis begins at zero if the lowest value is above it and at most half the highest.
// A figure draws about 180 points, half as many if they have intervals, shared evenly between
// the series, and at least 12 of each. Of a longer series it draws the lowest and the highest of
// every stretch, and the points whose intervals reach lowest and highest.
type Line struct {
	Title   string
	Caption string
	X       string // what the horizontal axis shows: "size", "time"; "x" if empty
	XUnit   string // "ms"; none if empty
	Y       string // what the vertical axis shows: "cost", "queue length"; "value" if empty
	YUnit   string
	LogX    bool // logarithmic axes, on which all values must be above zero
	LogY    bool

	Series []Series // at most 6

	// Levels are horizontal lines: a limit, the exact value. At most 2.
	Levels []Mark
}

// A Series is a line of a figure: points, in any order. All numbers must be finite. They are
// only read.
type Series struct {
	Name string // empty only if there is no other series
	X, Y []float64

	// Low and High are the ends of an interval around each point: a confidence interval, the
	// quartiles. They are drawn as bars if there are at most 40 points, else as a band. None if
	// both are nil.
	Low, High []float64

	// Steps says that a value holds until the next point, like the length of a queue.
	Steps bool
}

const (
	maxSeries  = 6
	maxLevels  = 2
	maxPoints  = 200 // of all series
	seriesCost = 14  // the room that a series takes apart from its points, in points
	fewPoints  = 12  // of a series are always drawn
	maxMarkers = 40  // of one series; more would cover each other
	tableCells = 90  // of all tables
)

func (l Line) draw() (*drawing, error) {
	f, err := l.figure()
	if err != nil {
		return nil, err
	}
	return newDrawing(l.Title, l.Caption, f), nil
}

func (l Line) figure() (*lineFigure, error) {
	if len(l.Series) == 0 {
		return nil, errors.New("Line.Series is empty; there is nothing to draw")
	}
	if len(l.Series) > maxSeries {
		return nil, fmt.Errorf("Line.Series has %d series; more than %d cannot be told apart", len(l.Series), maxSeries)
	}
	levels, err := l.levels()
	if err != nil {
		return nil, err
	}
	f := &lineFigure{levels: levels}
	x := reach{log: l.LogX, low: math.Inf(1), high: math.Inf(-1)}
	y := reach{log: l.LogY, low: math.Inf(1), high: math.Inf(-1)}
	for i, s := range l.Series {
		who := fmt.Sprintf("Line.Series[%d]", i)
		c := lineSeries{Series: s, name: clean(s.Name), n: len(s.X)}
		if c.name == "" && len(l.Series) > 1 {
			return nil, fmt.Errorf("%s.Name is empty; where there are several, each needs a name", who)
		}
		if c.name != "" {
			who += fmt.Sprintf(" (%q)", c.name)
		}
		if err := s.measure(who, &x, &y); err != nil {
			return nil, err
		}
		c.order = s.order()
		f.series = append(f.series, c)
	}
	for _, m := range levels {
		y.low, y.high = min(y.low, m.At), max(y.high, m.At)
	}

	name := func(s, instead string) string {
		if s = clean(s); s == "" {
			return instead
		}
		return s
	}
	if f.x, err = newAxis(name(l.X, "x"), clean(l.XUnit), x.low, x.high, l.LogX); err != nil {
		return nil, fmt.Errorf("Line.Series: X: %w", err)
	}
	if f.y, err = newAxis(name(l.Y, "value"), clean(l.YUnit), y.low, y.high, l.LogY); err != nil {
		return nil, fmt.Errorf("Line.Series: Y: %w", err)
	}
	f.thin()
	return f, nil
}

// reach is how far the numbers of an axis go.
type reach struct {
	log       bool
	low, high float64
}

// add is an error if the axis has no place for v; who is named only then, as there may be
// millions.
func (r *reach) add(v float64, who func() string) error {
	switch {
	case math.IsNaN(v) || math.IsInf(v, 0):
		return fmt.Errorf("%s is %g; remove values that are not finite numbers", who(), v)
	case r.log && v <= 0:
		return fmt.Errorf("%s is %g; a logarithmic axis has no place for it", who(), v)
	}
	r.low, r.high = min(r.low, v), max(r.high, v)
	return nil
}

// measure refuses points that cannot be drawn, and adds the others to what the axes reach.
func (s Series) measure(who string, x, y *reach) error {
	n := len(s.X)
	switch {
	case n != len(s.Y):
		return fmt.Errorf("%s has %d X and %d Y; each point needs both", who, n, len(s.Y))
	case n == 0:
		return fmt.Errorf("%s has no points", who)
	case len(s.Low) != len(s.High), s.Low != nil && len(s.Low) != n:
		return fmt.Errorf("%s has %d Low, %d High and %d points; give each point both, or none", who, len(s.Low), len(s.High), n)
	}
	for _, c := range []struct {
		name   string
		values []float64
		axis   *reach
	}{{"X", s.X, x}, {"Y", s.Y, y}, {"Low", s.Low, y}, {"High", s.High, y}} {
		for i, v := range c.values {
			if err := c.axis.add(v, func() string { return fmt.Sprintf("%s: %s[%d]", who, c.name, i) }); err != nil {
				return err
			}
		}
	}
	for i := range s.Low {
		if s.Low[i] > s.High[i] {
			return fmt.Errorf("%s: Low[%d] is %g, above High[%d], %g", who, i, s.Low[i], i, s.High[i])
		}
	}
	return nil
}

// order gives the series' points by x; nil if they come so. Those with the same x keep their
// order.
func (s Series) order() []int {
	if slices.IsSorted(s.X) {
		return nil
	}
	order := make([]int, len(s.X))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(s.X[a], s.X[b]) })
	return order
}

func (l Line) levels() ([]Mark, error) {
	if len(l.Levels) > maxLevels {
		return nil, fmt.Errorf("Line.Levels has %d levels; more than %d cannot be told apart", len(l.Levels), maxLevels)
	}
	out := make([]Mark, len(l.Levels))
	for i, m := range l.Levels {
		r := reach{log: l.LogY}
		if err := r.add(m.At, func() string { return fmt.Sprintf("Line.Levels[%d] (%q)", i, m.Name) }); err != nil {
			return nil, err
		}
		out[i] = Mark{clean(m.Name), m.At}
	}
	return out, nil
}

// lineFigure is a line figure whose numbers are known.
type lineFigure struct {
	x, y   axis
	series []lineSeries
	levels []Mark
}

type lineSeries struct {
	Series
	name  string
	n     int   // points
	order []int // of the points by x; nil if they come so
	drawn []int // those of the points by x that are drawn
}

type linePoint struct {
	x, y, low, high float64
}

// at is the i-th point by x.
func (s lineSeries) at(i int) linePoint {
	if s.order != nil {
		i = s.order[i]
	}
	p := linePoint{x: s.X[i], y: s.Y[i]}
	if s.interval() {
		p.low, p.high = s.Low[i], s.High[i]
	}
	return p
}

func (s lineSeries) interval() bool { return s.Low != nil }
func (s lineSeries) whiskers() bool { return s.interval() && s.n <= maxMarkers }
func (s lineSeries) band() bool     { return s.interval() && s.n > maxMarkers }

// thin chooses the points that are drawn.
func (f *lineFigure) thin() {
	room := maxPoints - seriesCost*len(f.series)
	if slices.ContainsFunc(f.series, lineSeries.interval) {
		room /= 2
	}
	room = max(room/len(f.series), fewPoints)
	for i := range f.series {
		s := &f.series[i]
		s.drawn = s.extremes(room, func(x float64) float64 {
			if f.x.log {
				return math.Log(x/f.x.low) / math.Log(f.x.high/f.x.low)
			}
			return (x - f.x.low) / (f.x.high - f.x.low)
		})
	}
}

// extremes chooses at most n of the points: the first, the last, and of those in every stretch
// of equal width the lowest and the highest, and those whose intervals reach lowest and highest.
// where gives the place of an x, 0 to 1.
func (s lineSeries) extremes(n int, where func(x float64) float64) []int {
	var chosen []int
	if s.n <= n {
		for i := range s.n {
			chosen = append(chosen, i)
		}
		return chosen
	}
	ends := 2 // of a stretch
	if s.interval() {
		ends = 4
	}
	stretches := (n - 2) / ends
	stretch := func(i int) int {
		w := where(s.at(i).x)
		if !(w > 0) { // also if all are at one place
			return 0
		}
		return min(int(w*float64(stretches)), stretches-1)
	}
	add := func(i int) {
		if len(chosen) == 0 || i > chosen[len(chosen)-1] {
			chosen = append(chosen, i)
		}
	}
	add(0)
	for i := 0; i < s.n; {
		low, high, lowest, highest, here := i, i, i, i, stretch(i)
		for ; i < s.n && stretch(i) == here; i++ {
			p := s.at(i)
			if p.y < s.at(low).y {
				low = i
			}
			if p.y > s.at(high).y {
				high = i
			}
			if p.low < s.at(lowest).low {
				lowest = i
			}
			if p.high > s.at(highest).high {
				highest = i
			}
		}
		ends := []int{low, high}
		if s.interval() {
			ends = append(ends, lowest, highest)
		}
		slices.Sort(ends)
		for _, end := range ends {
			add(end)
		}
	}
	add(s.n - 1)
	return chosen
}

// key says how to read the figure.
func (f lineFigure) key() string {
	var out []string
	whiskers, band := slices.ContainsFunc(f.series, lineSeries.whiskers), slices.ContainsFunc(f.series, lineSeries.band)
	switch {
	case whiskers && band:
		out = append(out, "Bars and bands show each point's interval.")
	case whiskers:
		out = append(out, "A bar shows a point's interval.")
	case band:
		out = append(out, "A band shows the points' intervals.")
	}
	return strings.Join(append(out, f.thinned()), " ")
}

// thinned says how many points are drawn, if not all.
func (f lineFigure) thinned() string {
	all, drawn, of := 0, 0, ""
	for _, s := range f.series {
		all, drawn = all+s.n, drawn+len(s.drawn)
		if s.interval() && len(s.drawn) < s.n {
			of = " points and intervals"
		}
	}
	if drawn == all {
		return ""
	}
	return fmt.Sprintf("Of %s points %s are drawn, among them the lowest and the highest%s of every stretch.",
		number(float64(all)), number(float64(drawn)), of)
}

func (f lineFigure) alt(heading string) string {
	var b strings.Builder
	if len(f.series) == 1 {
		fmt.Fprintf(&b, "Line of %s by %s", f.y.name, f.x.name)
	} else {
		fmt.Fprintf(&b, "%d lines of %s by %s", len(f.series), f.y.name, f.x.name)
	}
	if heading != "" {
		fmt.Fprintf(&b, ", “%s”", heading)
	}
	switch {
	case f.x.log && f.y.log:
		b.WriteString(", on logarithmic axes")
	case f.x.log || f.y.log:
		fmt.Fprintf(&b, ", on a logarithmic axis of %s", map[bool]string{true: f.x.name, false: f.y.name}[f.x.log])
	}
	b.WriteString(".")
	for _, s := range f.series {
		b.WriteString(" ")
		if s.name != "" {
			fmt.Fprintf(&b, "%s: ", s.name)
		}
		at := func(p linePoint) string { return f.y.measured(p.y) + " at " + f.x.measured(p.x) }
		first, last := s.at(0), s.at(s.n-1)
		if s.n == 1 {
			fmt.Fprintf(&b, "one point, %s.", at(first))
			continue
		}
		low, high := first, first
		for i := range s.n {
			p := s.at(i)
			if p.y < low.y {
				low = p
			}
			if p.y > high.y {
				high = p
			}
		}
		fmt.Fprintf(&b, "%s points from %s to %s", number(float64(s.n)), at(first), at(last))
		if s.interval() {
			fmt.Fprintf(&b, " (%s to %s)", f.y.value(last.low), f.y.value(last.high))
		}
		if low.y == high.y {
			b.WriteString(", all equal.")
			continue
		}
		if low.y < min(first.y, last.y) {
			fmt.Fprintf(&b, ", lowest %s", at(low))
		}
		if high.y > max(first.y, last.y) {
			fmt.Fprintf(&b, ", highest %s", at(high))
		}
		b.WriteString(".")
	}
	for _, m := range f.levels {
		fmt.Fprintf(&b, " Level: %s.", strings.TrimSpace(m.Name+" at "+f.y.measured(m.At)))
	}
	return strings.TrimSpace(b.String() + " " + f.thinned())
}

// sameX says whether both have points at the same places.
func (s lineSeries) sameX(o lineSeries) bool {
	if s.n != o.n {
		return false
	}
	for i := range s.n {
		if s.at(i).x != o.at(i).x {
			return false
		}
	}
	return true
}

// tables are one table if all series have points at the same places, else one per series. Of
// many points they have some, evenly spread.
func (f lineFigure) tables() []table {
	head := func(name, unit string) string {
		if unit == "" {
			return name
		}
		return name + " (" + unit + ")"
	}
	together := [][]lineSeries{f.series}
	for _, s := range f.series {
		if !s.sameX(f.series[0]) {
			together = nil
			for _, s := range f.series {
				together = append(together, []lineSeries{s})
			}
			break
		}
	}
	var out []table
	for _, group := range together {
		t := table{heads: []string{head(f.x.name, f.x.unit)}}
		for _, s := range group {
			name := s.name
			if name == "" {
				name = f.y.name
			}
			t.heads = append(t.heads, head(name, f.y.unit))
			if s.interval() {
				t.heads = append(t.heads, "from", "to")
			}
		}
		for _, k := range some(group[0].n, max(4, tableCells/len(t.heads)/len(together))) {
			row := []string{f.x.value(group[0].at(k).x)}
			for _, s := range group {
				p := s.at(k)
				row = append(row, f.y.value(p.y))
				if s.interval() {
					row = append(row, f.y.value(p.low), f.y.value(p.high))
				}
			}
			t.rows = append(t.rows, row)
		}
		out = append(out, t)
	}
	if len(f.levels) > 0 {
		t := table{heads: []string{"level", head(f.y.name, f.y.unit)}}
		for _, m := range f.levels {
			t.rows = append(t.rows, []string{cmp.Or(m.Name, "level"), f.y.value(m.At)})
		}
		out = append(out, t)
	}
	return out
}

// some chooses at most most of n things, evenly spread, the first and the last among them.
func some(n, most int) []int {
	out := make([]int, min(n, most))
	for i := range out {
		out[i] = i
		if n > most {
			out[i] = i * (n - 1) / (most - 1)
		}
	}
	return out
}

func (f lineFigure) option(heading string) (option, int) {
	y, left := f.y.beside(f.y.low > 0 && f.y.low <= f.y.high/2)
	m := margins{left: left, right: 20, bottom: 54}
	if f.x.log { // the last label is under the axis' end
		_, high := f.x.decades()
		m.right = max(m.right, int(textWidth(number(high), labelSize, false)/2)+4)
		if tickFormat(f.x.decades()) == "t2g.decade" {
			m.right = 24
		}
	}
	if len(f.series) > 1 || len(f.levels) > 0 {
		for i, s := range f.series {
			name := s.name
			if name == "" {
				name = f.y.name
			}
			m.add(name, s.style(i).icon())
		}
		for i, l := range f.levels {
			m.add(f.y.label(l), levelStyle(i).icon())
		}
	}
	o, height := newOption(heading, plotHeight, m)
	f.x.below(&o)
	o.YAxis = y

	for i, l := range f.levels {
		style := levelStyle(i)
		o.Series = append(o.Series, series{
			Name: m.series(len(f.series) + i), RenderItem: "t2g.level", ItemPayload: levelPayload{style.dash},
			Encode: encode{Y: 0}, ItemStyle: fill(style.color), Silent: true, Data: [][1]float64{{f.y.place(l.At)}},
		})
	}
	for i, s := range f.series {
		data := make([][]float64, len(s.drawn))
		for k, at := range s.drawn {
			p := s.at(at)
			data[k] = []float64{f.x.place(p.x), f.y.place(p.y)}
			if s.interval() {
				data[k] = append(data[k], f.y.place(p.low), f.y.place(p.high))
			}
		}
		name := s.name
		if name == "" {
			name = f.y.name
		}
		o.Series = append(o.Series, s.style(i).series(m.series(i), curvePayload{
			Name: name, XUnit: f.x.unitOfCounts(), YUnit: f.y.unitOfCounts(),
			Steps: s.Steps, Band: s.band(), Whiskers: s.whiskers(),
		}, data))
	}
	return o, height
}

func (s lineSeries) style(i int) style { return curveStyle(i, s.n <= maxMarkers) }

// levelStyle is the style of the i-th level.
func levelStyle(i int) style {
	s := curveStyle(i+1, false)
	s.color = black
	return s
}

// levelPayload goes with the shape t2g.level.
type levelPayload struct {
	Dash string `json:"dash"`
}
