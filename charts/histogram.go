package charts

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/go-echarts/go-echarts/v2/opts"
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
	// kept: ten million take 0.1 s.
	Values []float64

	// Bins is the number of bins from the lowest to the highest value; at most 1000, as a
	// figure has no more pixels. Each holds its lower edge, the last one both, as in numpy's
	// histogram. Zero is Scott's rule: bins 3.49 σ n^(-1/3) wide (Biometrika 66, 1979), with
	// numpy's constant, and at most 200 of them. If all values are equal, there is one bin.
	Bins int

	// Marks are vertical lines. Those outside the bins widen the axis.
	Marks []Mark
}

// A Mark is a named place on a histogram's axis: a quantile, a mean, a reference value.
type Mark struct {
	Name string
	At   float64
}

const (
	maxBins      = 1000
	maxScottBins = 200
	maxMarks     = 12
	plotHeight   = 290 // pixels
)

func (h Histogram) draw() (*drawing, error) {
	s, err := summarize(h.Values)
	if err != nil {
		return nil, fmt.Errorf("Histogram.%w", err)
	}
	edges, err := h.edges(s)
	if err != nil {
		return nil, err
	}
	counts := count(h.Values, edges)
	marks, err := h.marks()
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
	span := high - low
	if math.IsInf(span, 0) {
		return nil, fmt.Errorf("Histogram: from %g to %g is wider than a float64 can say", low, high)
	}
	f := histogramFigure{x: x, y: y, unit: unit, s: s, edges: edges, counts: counts, marks: marks, low: low, span: span}
	if n := magnitude(max(math.Abs(low), math.Abs(high))); n > 9 || n < -5 {
		f.power = n // or the axis would be all zeros
	}
	heading := clean(h.Title)
	o, height := f.option(heading)
	return &drawing{
		title: heading, caption: clean(h.Caption), alt: f.alt(),
		width: figureWidth, height: height,
		option: o, tables: f.tables(),
	}, nil
}

// summary is what one pass over the values gives.
type summary struct {
	n               int
	low, high, mean float64
}

// summarize refuses values that no histogram can hold.
func summarize(values []float64) (summary, error) {
	if len(values) == 0 {
		return summary{}, errors.New("Values is empty; a histogram needs at least one value")
	}
	s := summary{n: len(values), low: values[0], high: values[0]}
	weight := 1 / float64(s.n) // of one value in the mean: the sum of large ones would overflow
	for i, v := range values {
		if !(math.Abs(v) <= math.MaxFloat64) {
			return summary{}, fmt.Errorf("Values[%d] is %g; remove values that are not finite numbers", i, v)
		}
		s.low, s.high = min(s.low, v), max(s.high, v)
		s.mean += weight * v
	}
	return s, nil
}

// edges are the limits of the bins, one more than there are bins.
func (h Histogram) edges(s summary) ([]float64, error) {
	if h.Bins < 0 || h.Bins > maxBins {
		return nil, fmt.Errorf("Histogram.Bins is %d; use 1 to %d, or 0 to let Scott's rule choose", h.Bins, maxBins)
	}
	width := s.high - s.low
	switch {
	case width == 0:
		half := max(0.5, math.Abs(s.low)/1000)
		return []float64{s.low - half, s.low + half}, nil
	case math.IsInf(width, 0):
		return nil, fmt.Errorf("Histogram.Values: from %g to %g is wider than a float64 can say", s.low, s.high)
	case width < 1e-300:
		return nil, fmt.Errorf("Histogram.Values: from %g to %g is narrower than bins can be", s.low, s.high)
	}
	n := h.Bins
	if n == 0 {
		n = scott(h.Values, s)
	}
	edges := make([]float64, n+1)
	step := width / float64(n)
	for i := range edges {
		edges[i] = s.low + float64(i)*step
	}
	edges[n] = s.high
	for i := range n {
		if edges[i] < edges[i+1] {
			continue
		}
		if h.Bins == 0 {
			return []float64{s.low, s.high}, nil
		}
		return nil, fmt.Errorf("Histogram.Bins is %d; between %v and %v a float64 has no room for so many bins", n, s.low, s.high)
	}
	return edges, nil
}

// scott is the number of bins by Scott's rule.
func scott(values []float64, s summary) int {
	variance := 0.0
	for _, v := range values {
		variance += (v - s.mean) * (v - s.mean) / float64(s.n)
	}
	width := math.Cbrt(24*math.Sqrt(math.Pi)/float64(s.n)) * math.Sqrt(variance)
	return int(max(1, min(math.Ceil((s.high-s.low)/width), maxScottBins)))
}

// count puts each value into its bin in constant time. Where rounding puts a value one bin
// off, the edges decide, as in numpy.
func count(values, edges []float64) []int {
	n := len(edges) - 1
	counts := make([]int, n)
	low := edges[0]
	scale := float64(n) / (edges[n] - low)
	for _, v := range values {
		i := min(int((v-low)*scale), n-1)
		if v < edges[i] {
			i--
		} else if v >= edges[i+1] && i < n-1 {
			i++
		}
		counts[i]++
	}
	return counts
}

func (h Histogram) marks() ([]Mark, error) {
	if len(h.Marks) > maxMarks {
		return nil, fmt.Errorf("Histogram.Marks has %d marks; more than %d cannot be read", len(h.Marks), maxMarks)
	}
	marks := make([]Mark, len(h.Marks))
	for i, m := range h.Marks {
		if math.IsNaN(m.At) || math.IsInf(m.At, 0) {
			return nil, fmt.Errorf("Histogram.Marks[%d] (%q) is at %g; a mark needs a finite number", i, m.Name, m.At)
		}
		marks[i] = Mark{clean(m.Name), m.At}
	}
	return marks, nil
}

// histogramFigure is a histogram whose numbers are known.
type histogramFigure struct {
	x, y, unit string
	s          summary
	edges      []float64
	counts     []int
	marks      []Mark
	low, span  float64 // of the axis
	power      int     // the axis counts in this power of ten
}

// value writes a value of the axis as it is read.
func (f histogramFigure) value(v float64) string { return number(roundTo(v, f.span, 5)) }

// label is what stands beside a mark's line.
func (f histogramFigure) label(m Mark) string {
	if m.Name == "" {
		return f.value(m.At)
	}
	name := shorten(m.Name, labelSize, false, 160)
	if strings.ContainsFunc(name, func(r rune) bool { return 0x590 <= r && r < 0x900 }) {
		name += "\u200e" // or the number would go to the left of a name that runs to the left
	}
	return name + ": " + f.value(m.At)
}

func (f histogramFigure) alt() string {
	var b strings.Builder
	switch {
	case f.s.n == 1:
		fmt.Fprintf(&b, "Histogram of a single %s, %s.", f.x, withUnit(f.value(f.s.low), f.unit))
	case f.s.low == f.s.high:
		fmt.Fprintf(&b, "Histogram of %s %s by %s, all at %s.", number(float64(f.s.n)), f.y, f.x, withUnit(f.value(f.s.low), f.unit))
	default:
		peak := slices.Index(f.counts, slices.Max(f.counts))
		share := 100 * float64(f.counts[peak]) / float64(f.s.n)
		fmt.Fprintf(&b, "Histogram of %s %s by %s, from %s to %s, in %s. The highest bar is from %s to %s, with %s of them (%s %%). Mean %s.",
			number(float64(f.s.n)), f.y, f.x, f.value(f.s.low), withUnit(f.value(f.s.high), f.unit), plural(len(f.counts), "bin"),
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
	bins := table{heads: []string{f.x + " " + from, to, f.y}}
	for i, c := range f.counts {
		bins.rows = append(bins.rows, []string{f.value(f.edges[i]), f.value(f.edges[i+1]), number(float64(c))})
	}
	if len(f.marks) == 0 {
		return []table{bins}
	}
	at := table{heads: []string{"mark", f.x}}
	if f.unit != "" {
		at.heads[1] += " (" + f.unit + ")"
	}
	for _, m := range f.marks {
		at.rows = append(at.rows, []string{m.Name, f.value(m.At)})
	}
	return []table{at, bins}
}

// axisUnit is the unit in which the axis counts.
func (f histogramFigure) axisUnit() string {
	if f.power == 0 {
		return f.unit
	}
	return strings.TrimSpace(powerOfTen(f.power) + " " + f.unit)
}

func (f histogramFigure) axisName() string {
	if unit := f.axisUnit(); unit != "" {
		return f.x + " (" + unit + ")"
	}
	return f.x
}

// onAxis gives a value as the axis counts.
func (f histogramFigure) onAxis(v float64) float64 {
	// In two steps, as the smallest power of ten has no inverse.
	half := f.power / 2
	return v / math.Pow10(half) / math.Pow10(f.power-half)
}

func (f histogramFigure) option(heading string) (option, int) {
	// Room for the counts beside the axis, which may end above the highest bar.
	ticks := int(textWidth(number(math.Ceil(1.25*float64(slices.Max(f.counts)))), labelSize, false))
	low, high := f.low-0.01*f.span, f.low+1.01*f.span
	m := margins{left: max(ticks, 20) + 36, right: 20, bottom: 54}
	m.labels = func(width int) int {
		xs := make([]float64, len(f.marks))
		widths := make([]float64, len(f.marks))
		plot := float64(width - m.left - m.right)
		for i, mark := range f.marks {
			xs[i] = (mark.At - low) / (high - low) * plot
			widths[i] = textWidth(f.label(mark), labelSize, false)
		}
		return labelRow * flagRows(xs, widths, 0, plot)
	}

	o, height := newOption(heading, plotHeight, m)
	o.XAxis.Type, o.XAxis.Name = "value", shorten(f.axisName(), nameSize, false, slimWidth-80)
	o.XAxis.Min, o.XAxis.Max = f.onAxis(roundTo(low, f.span, 8)), f.onAxis(roundTo(high, f.span, 8))
	o.XAxis.SplitLine = &opts.SplitLine{Show: opts.Bool(false)}
	// The axis begins and ends with the data, at no round number.
	o.XAxis.AxisLabel = &opts.AxisLabel{ShowMinLabel: opts.Bool(false), ShowMaxLabel: opts.Bool(false)}
	o.YAxis = yAxis{
		YAxis: opts.YAxis{
			Type: "value", Name: shorten(f.y+" per bin", nameSize, false, 260), NameGap: m.left - 18,
			MinInterval: 1, AxisLine: &opts.AxisLine{Show: opts.Bool(false)},
		},
		AxisTick: &opts.AxisTick{Show: opts.Bool(false)},
	}

	bins := binPayload{
		Low: f.onAxis(f.edges[0]), High: f.onAxis(f.edges[len(f.counts)]), Bins: len(f.counts),
		Of: f.y, Unit: withUnit("", f.axisUnit()),
	}
	o.Series = []series{{
		Type: "custom", RenderItem: "t2g.bin", ItemPayload: bins,
		Encode: encode{Y: 0}, ItemStyle: fill(blue),
		Tooltip: tooltip("t2g.bin"), Clip: true, Data: f.counts,
	}}
	if len(f.marks) > 0 {
		payload := markPayload{
			Rows: m.labels(figureWidth) / labelRow, NarrowRows: m.labels(slimWidth) / labelRow, Narrow: narrowWidth,
		}
		at := make([][1]float64, len(f.marks))
		for i, mark := range f.marks {
			label := f.label(mark)
			payload.Labels = append(payload.Labels, label)
			payload.Widths = append(payload.Widths, int(math.Ceil(textWidth(label, labelSize, false))))
			at[i] = [1]float64{f.onAxis(roundTo(mark.At, f.span, 6))}
		}
		o.Series = append(o.Series, series{
			Type: "custom", RenderItem: "t2g.mark", ItemPayload: payload,
			Encode: encode{X: 0}, ItemStyle: fill(vermilion), Silent: true, Data: at,
		})
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
}

// markPayload goes with the shape t2g.mark: the labels, and the rows that there are for them.
type markPayload struct {
	Labels     []string `json:"labels"`
	Widths     []int    `json:"widths"`
	Rows       int      `json:"rows"`
	Narrow     int      `json:"narrow"` // up to this width of the chart
	NarrowRows int      `json:"narrowRows"`
}
