package charts

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"
)

// A Histogram shows how values are distributed: bars over bins of equal width, as high as the
// number of values in them, and marks at exact places.
type Histogram struct {
	Title   string
	Caption string
	X       string // what the values are: "price", "latency"; "value" if empty
	Unit    string // of the values: "ms"; none if empty
	Y       string // what is counted: "walks", "requests"; "values" if empty

	// Values in any order. NaN and infinities are an error. They are only read, and none is
	// kept: ten million take 0.1 s, with Quantiles, Density, Normal or FreedmanDiaconis up to
	// 0.5 s, in time that is linear in their number.
	Values []float64

	// Bins is the number of bins from the lowest to the highest value; at most 1000, as a
	// figure has no more pixels. Each holds its lower edge, the last one both, as in numpy's
	// histogram. If it is zero, Rule chooses, at most 200 of them. If all values are equal, there
	// is one bin.
	Bins int
	Rule Rule // Scott or FreedmanDiaconis; the caption names it

	// Marks are vertical lines. Those outside the bins widen the axis.
	Marks []Mark

	// Mean and Quantiles mark more places: the mean of the values, and those of their quantiles
	// for the given shares, from 0 to 1. 0.5 is the median. Between two values a quantile is
	// interpolated linearly: type 7 of Hyndman and Fan (The American Statistician 50, 1996),
	// numpy's default.
	Mean      bool
	Quantiles []float64

	// Density adds a curve, an estimate of the density from which the values came: the mean of a
	// normal density around each, with the standard deviation σ n^(-1/5) (Scott, Multivariate
	// Density Estimation, 1992), as scipy's gaussian_kde has it. Normal adds the normal
	// distribution that has the values' mean and standard deviation (with n-1). Both are scaled
	// to the area of the bars. There are none if all values are equal.
	Density bool
	Normal  bool
}

// A Mark is a named place on a histogram's axis: a quantile, a mean, a reference value.
type Mark struct {
	Name string
	At   float64
}

const (
	maxMarks   = 12
	maxBinRows = 100 // of the table; of more bins, neighbours share a row
	plotHeight = 290 // pixels
)

func (h Histogram) draw() (*drawing, error) {
	s, err := summarize(h.Values)
	if err != nil {
		return nil, fmt.Errorf("Histogram.%w", err)
	}
	edges, err := binEdges(h.Values, s, h.Bins, h.Rule)
	if err != nil {
		return nil, fmt.Errorf("Histogram.%w", err)
	}
	counts := count(h.Values, edges)
	marks, err := h.marks(s)
	if err != nil {
		return nil, err
	}

	x, y, unit := clean(h.X), clean(h.Y), clean(h.Unit)
	if x == "" {
		x = "value"
	}
	if y == "" {
		y = "values"
	}
	low, high := edges[0], edges[len(edges)-1]
	if s.low == s.high {
		low, high = low-(high-low), high+(high-low) // a lone bar, not a wall
	}
	for _, m := range marks {
		low, high = min(low, m.At), max(high, m.At)
	}
	axis, err := newAxis(x, unit, low, high, false)
	if err != nil {
		return nil, fmt.Errorf("Histogram: %w", err)
	}
	f := histogramFigure{axis: axis, y: y, s: s, edges: edges, counts: counts, marks: marks,
		binning: binning(len(counts), h.Bins, maxRuleBins, h.Rule)}
	f.addCurves(h)
	heading := clean(h.Title)
	o, height := f.option(heading)
	return &drawing{
		title: heading, caption: f.caption(clean(h.Caption)), alt: f.alt(),
		width: figureWidth, height: height,
		option: o, tables: f.tables(),
	}, nil
}

// marks are all that the histogram has, those of its own last.
func (h Histogram) marks(s summary) ([]Mark, error) {
	marks, err := checkMarks(h.Marks)
	if err != nil {
		return nil, fmt.Errorf("Histogram.%w", err)
	}
	if h.Mean {
		marks = append(marks, Mark{"mean", s.mean})
	}
	for i, p := range h.Quantiles {
		if !(0 <= p && p <= 1) {
			return nil, fmt.Errorf("Histogram.Quantiles[%d] is %v; use 0 to 1", i, p)
		}
	}
	for i, q := range quantiles(h.Values, h.Quantiles...) {
		marks = append(marks, Mark{quantileName(h.Quantiles[i]), q})
	}
	if len(marks) > maxMarks {
		return nil, fmt.Errorf("Histogram.Marks and Quantiles are %d marks; more than %d cannot be read", len(marks), maxMarks)
	}
	return marks, nil
}

func quantileName(p float64) string {
	if p == 0.5 {
		return "median"
	}
	return number(roundTo(100*p, 0, 6)) + " %"
}

// checkMarks gives the marks with clean names.
func checkMarks(marks []Mark) ([]Mark, error) {
	if len(marks) > maxMarks {
		return nil, fmt.Errorf("Marks has %d marks; more than %d cannot be read", len(marks), maxMarks)
	}
	out := make([]Mark, len(marks))
	for i, m := range marks {
		if math.IsNaN(m.At) || math.IsInf(m.At, 0) {
			return nil, fmt.Errorf("Marks[%d] (%q) is at %g; a mark needs a finite number", i, m.Name, m.At)
		}
		out[i] = Mark{clean(m.Name), m.At}
	}
	return out, nil
}

// histogramFigure is a histogram whose numbers are known.
type histogramFigure struct {
	axis
	y      string
	s      summary
	edges  []float64
	counts []int
	marks  []Mark
	curves []histogramCurve
	empty  bool // of curves that were asked for

	binning string // how many bins, and by which rule
}

// A histogramCurve goes over the bars.
type histogramCurve struct {
	style
	name   string
	about  string // it in numbers
	points []xy
}

func (f *histogramFigure) addCurves(h Histogram) {
	if !h.Density && !h.Normal {
		return
	}
	density, ok := newDensity(h.Values, f.s)
	if !ok {
		f.empty = true
		return
	}
	width := (f.edges[len(f.edges)-1] - f.edges[0]) / float64(len(f.counts))
	area := width * float64(f.s.n)
	low, high := f.ends()
	add := func(s style, name, about string, d func(float64) float64, xs []float64) {
		curve := func(x float64) float64 { return area * d(x) }
		f.curves = append(f.curves, histogramCurve{s, name, about, trace(curve, xs, float64(slices.Max(f.counts)), plotHeight)})
	}
	if h.Density {
		add(curveStyle(4, false), "density", fmt.Sprintf("The density has a bandwidth of %s.", withUnit(number(roundTo(density.h, 0, 3)), f.unit)), density.at, density.places(low, high))
	}
	if h.Normal {
		deviation := f.s.deviation(h.Values, 1)
		about := fmt.Sprintf("The normal distribution has the mean %s and the standard deviation %s.",
			f.value(f.s.mean), f.measured(deviation))
		add(curveStyle(3, false), "normal distribution", about, func(x float64) float64 { return normal(x, f.s.mean, deviation) },
			normalPlaces(f.s.mean, deviation, low, high))
	}
}

// caption says what bins and curves there are.
func (f histogramFigure) caption(caption string) string {
	caption += " " + f.binning + "."
	for _, c := range f.curves {
		caption += " " + c.about
	}
	if f.empty {
		caption += " All values are equal, so there is no curve."
	}
	return strings.TrimSpace(caption)
}

func (f histogramFigure) alt() string {
	var b strings.Builder
	switch {
	case f.s.n == 1:
		fmt.Fprintf(&b, "Histogram of a single %s, %s.", f.name, f.measured(f.s.low))
	case f.s.low == f.s.high:
		fmt.Fprintf(&b, "Histogram of %s %s by %s, all at %s.", number(float64(f.s.n)), f.y, f.name, f.measured(f.s.low))
	default:
		peak := slices.Index(f.counts, slices.Max(f.counts))
		share := 100 * float64(f.counts[peak]) / float64(f.s.n)
		fmt.Fprintf(&b, "Histogram of %s %s by %s, from %s to %s, in %s. The highest bar is from %s to %s, with %s of them (%s %%). Mean %s.",
			number(float64(f.s.n)), f.y, f.name, f.value(f.s.low), f.measured(f.s.high), plural(len(f.counts), "bin"),
			f.value(f.edges[peak]), f.value(f.edges[peak+1]), number(float64(f.counts[peak])),
			number(roundTo(share, 0, 3)), f.value(f.s.mean))
	}
	for i, m := range f.marks {
		sep := ";"
		if i == 0 {
			sep = " Marked:"
		}
		fmt.Fprintf(&b, "%s %s", sep, strings.TrimSpace(m.Name+" at "+f.value(m.At)))
	}
	if len(f.marks) > 0 {
		b.WriteString(".")
	}
	return b.String()
}

func (f histogramFigure) tables() []table {
	from, to := "from", "to"
	if f.unit != "" {
		from, to = from+" ("+f.unit+")", to+" ("+f.unit+")"
	}
	bins := table{heads: []string{f.name + " " + from, to, f.y}}
	rows := maxBinRows
	if len(f.curves) > 0 {
		rows /= 3
	}
	per := (len(f.counts) + rows - 1) / rows // bins in a row
	for i := 0; i < len(f.counts); i += per {
		end := min(i+per, len(f.counts))
		sum := 0
		for _, c := range f.counts[i:end] {
			sum += c
		}
		bins.rows = append(bins.rows, []string{f.value(f.edges[i]), f.value(f.edges[end]), number(float64(sum))})
	}
	if len(f.marks) == 0 {
		return []table{bins}
	}
	at := table{heads: []string{"mark", f.name}}
	if f.unit != "" {
		at.heads[1] += " (" + f.unit + ")"
	}
	for _, m := range f.marks {
		at.rows = append(at.rows, []string{cmp.Or(m.Name, "mark"), f.value(m.At)})
	}
	return []table{at, bins}
}

func (f histogramFigure) option(heading string) (option, int) {
	// Room for the counts beside the axis, which may end above the highest bar.
	most := float64(slices.Max(f.counts))
	for _, c := range f.curves {
		for _, p := range c.points {
			most = max(most, p.y)
		}
	}
	ticks := int(textWidth(number(math.Ceil(1.25*most)), labelSize, false))
	m := margins{left: max(ticks, 20) + 36, right: 20, bottom: 54}
	m.labels = f.labelRows(f.marks, m.left+m.right)
	if len(f.curves) > 0 {
		m.add(f.y+" per bin", areaIcon)
		for _, c := range f.curves {
			m.add(c.name, c.icon())
		}
	}

	o, height := newOption(heading, plotHeight, m)
	f.below(&o)
	o.YAxis = beside(f.y+" per bin", m.left)
	o.YAxis.MinInterval = 1

	tint := "" // the bars are pale under curves
	if len(f.curves) > 0 {
		tint = blueTint
	}
	o.Series = []series{{
		Name: m.series(0), RenderItem: "t2g.bin",
		ItemPayload: binPayload{
			Low: f.on(f.edges[0]), High: f.on(f.edges[len(f.counts)]), Bins: len(f.counts),
			Of: f.y, Unit: withUnit("", f.unitOfCounts()), Tint: tint,
		},
		Encode: encode{Y: 0}, ItemStyle: fill(blue),
		Clip: true, Data: f.counts,
	}}
	for i, c := range f.curves {
		o.Series = append(o.Series, c.series(m.series(i+1), curvePayload{
			Name: c.name, XUnit: f.unitOfCounts(), YUnit: f.y + " per bin",
		}, f.points(c.points, most)))
	}
	if len(f.marks) > 0 {
		o.Series = append(o.Series, f.markSeries(f.marks, nil, m))
	}
	return o, height
}

// binPayload goes with the shape t2g.bin, whose data are the counts.
type binPayload struct {
	Low  float64 `json:"low"` // where the first bin begins
	High float64 `json:"high"`
	Bins int     `json:"bins"`
	Of   string  `json:"of"` // what is counted
	Unit string  `json:"unit"`
	Tint string  `json:"tint,omitempty"`
}
