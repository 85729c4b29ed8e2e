package charts

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/go-echarts/go-echarts/v2/opts"
)

// A Distribution compares how several samples are distributed, on one axis: each is a density,
// or a histogram, of area 1, so that samples of different sizes can be compared. Places in a
// sample can be marked: its mean, an observed value.
//
// A density is the mean of a normal density around each value, with the standard deviation
// (the bandwidth) σ n^(-1/5) (Scott, Multivariate Density Estimation, 1992), as scipy's
// gaussian_kde has it.
type Distribution struct {
	Title   string
	Caption string
	X       string // what the values are: "time", "mean temperature"; "value" if empty
	Unit    string // of the values: "ms"; none if empty

	Samples []Sample // at most 4, or 6 with Panels

	// Panels draws the samples one below the other, on the same horizontal axis; each curve is
	// as high as its panel. Without it they are laid over each other, and share both axes.
	Panels bool

	// Bars draws histograms instead of densities. All samples have the same bins, from the
	// lowest to the highest value of all; Bins and Rule are as for a Histogram, with all values
	// together, but at most 100.
	Bars bool
	Bins int
	Rule Rule
}

// A Sample is one of the samples of a Distribution.
type Sample struct {
	Name string // empty only if there is no other sample

	// Values in any order, all finite. They are only read, and none is kept. A density needs at
	// least two different ones.
	Values []float64

	// Marks are vertical lines, of all samples together at most 6. One without a name is taken
	// for the sample's.
	Marks []Mark
}

const (
	maxSamples     = 4 // laid over each other
	maxPanelled    = 6
	maxSampleMarks = 6
	maxSampleBins  = 100
	panelHeight    = 96 // pixels, of which panelPlot are for the curve
	panelPlot      = 62
	panelFloor     = 92 // where a panel's plot ends, in pixels below its upper end
	panelNote      = 190
)

func (d Distribution) draw() (*drawing, error) {
	f, err := d.figure()
	if err != nil {
		return nil, err
	}
	return newDrawing(d.Title, d.Caption, f), nil
}

func (d Distribution) figure() (*distributionFigure, error) {
	if len(d.Samples) == 0 {
		return nil, errors.New("Distribution.Samples is empty; there is nothing to draw")
	}
	if n := len(d.Samples); n > maxPanelled {
		return nil, fmt.Errorf("Distribution.Samples has %d samples; more than %d cannot be read", n, maxPanelled)
	} else if n > maxSamples && !d.Panels {
		return nil, fmt.Errorf("Distribution.Samples has %d samples; more than %d laid over each other cannot be told apart, so set Panels", n, maxSamples)
	}
	f := &distributionFigure{panels: d.Panels, bars: d.Bars}
	low, high := math.Inf(1), math.Inf(-1)
	marks := 0
	for i, s := range d.Samples {
		who := fmt.Sprintf("Distribution.Samples[%d]", i)
		p := sampleFigure{name: clean(s.Name), values: s.Values}
		if p.name == "" && len(d.Samples) > 1 {
			return nil, fmt.Errorf("%s.Name is empty; where there are several, each needs a name", who)
		}
		if p.name != "" {
			who += fmt.Sprintf(" (%q)", p.name)
		}
		var err error
		if p.s, err = summarize(s.Values); err != nil {
			return nil, fmt.Errorf("%s: %w", who, err)
		}
		if math.IsInf(p.s.high-p.s.low, 0) {
			return nil, fmt.Errorf("%s: Values: from %g to %g is wider than a float64 can say", who, p.s.low, p.s.high)
		}
		if p.marks, err = checkMarks(s.Marks); err != nil {
			return nil, fmt.Errorf("%s: %w", who, err)
		}
		for i, m := range p.marks {
			low, high = min(low, m.At), max(high, m.At)
			p.marks[i].Name = cmp.Or(m.Name, p.name)
		}
		if marks += len(p.marks); marks > maxSampleMarks {
			return nil, fmt.Errorf("%s: Marks: with it there are %d marks; more than %d cannot be read", who, marks, maxSampleMarks)
		}
		margin := 0.0
		if !d.Bars {
			if !(p.s.high-p.s.low > 1e-300) {
				return nil, fmt.Errorf("%s: all its values are %g, which have no density; set Bars for histograms", who, p.s.low)
			}
			p.density, _ = newDensity(s.Values, p.s)
			margin = 3 * p.density.h
		}
		low, high = min(low, p.s.low-margin), max(high, p.s.high+margin)
		p.quantiles = quantiles(s.Values, 0.05, 0.25, 0.5, 0.75, 0.95)
		f.samples = append(f.samples, p)
	}
	x := clean(d.X)
	if x == "" {
		x = "value"
	}
	var err error
	if d.Bars {
		if f.edges, err = d.edges(f.samples); err != nil {
			return nil, fmt.Errorf("Distribution.%w", err)
		}
		f.binning = binning(len(f.edges)-1, d.Bins, maxSampleBins, d.Rule)
		low, high = min(low, f.edges[0]), max(high, f.edges[len(f.edges)-1])
	}
	if f.x, err = newAxis(x, clean(d.Unit), low, high, false); err != nil {
		return nil, fmt.Errorf("Distribution: %w", err)
	}
	f.trace()
	return f, nil
}

// edges are those of the bins that all samples have.
func (d Distribution) edges(samples []sampleFigure) ([]float64, error) {
	if d.Bins > maxSampleBins {
		return nil, fmt.Errorf("Bins is %d; use 1 to %d, or 0 to let Rule choose", d.Bins, maxSampleBins)
	}
	all := summary{low: samples[0].s.low, high: samples[0].s.high}
	for _, p := range samples {
		all.n += p.s.n
		all.low, all.high = min(all.low, p.s.low), max(all.high, p.s.high)
	}
	var values []float64
	if d.Bins == 0 {
		values = make([]float64, 0, all.n)
		for _, p := range samples {
			values = append(values, p.values...)
			all.mean += p.s.mean * (float64(p.s.n) / float64(all.n))
		}
	}
	edges, err := binEdges(values, all, d.Bins, d.Rule)
	if err == nil && len(edges) > maxSampleBins+1 {
		return binEdges(values, all, maxSampleBins, d.Rule)
	}
	return edges, err
}

// distributionFigure is a distribution whose numbers are known.
type distributionFigure struct {
	x            axis
	samples      []sampleFigure
	panels, bars bool
	edges        []float64 // of the bars
	binning      string    // how many bars, and by which rule
	tall         float64   // the highest density of all
}

type sampleFigure struct {
	name      string
	values    []float64
	s         summary
	quantiles []float64 // 5, 25, 50, 75, 95 %
	marks     []Mark
	density   kernelDensity
	tall      float64 // the highest density
	curve     []xy    // the density, or the left upper corners of the bars and the last one's end
}

// trace works the curves out.
func (f *distributionFigure) trace() {
	low, high := f.x.ends()
	places := make([][]float64, len(f.samples)) // where to look at the densities
	for i := range f.samples {
		p := &f.samples[i]
		if f.bars {
			width := (f.edges[len(f.edges)-1] - f.edges[0]) / float64(len(f.edges)-1)
			for k, c := range count(p.values, f.edges) {
				p.curve = append(p.curve, xy{f.edges[k], float64(c) / float64(p.s.n) / width})
			}
			p.curve = append(p.curve, xy{f.edges[len(f.edges)-1], p.curve[len(p.curve)-1].y})
			p.tall = slices.MaxFunc(p.curve, byHeight).y
		} else {
			places[i] = p.density.places(max(low, p.s.low-4*p.density.h), min(high, p.s.high+4*p.density.h))
			for _, x := range places[i] {
				p.tall = max(p.tall, p.density.at(x))
			}
		}
		f.tall = max(f.tall, p.tall)
	}
	if f.bars {
		return
	}
	pixels := float64(plotHeight)
	switch {
	case f.panels:
		pixels = panelPlot
	case len(f.samples) > 3:
		pixels *= 0.6 // a little coarser, so that the figure stays small
	}
	for i := range f.samples {
		p := &f.samples[i]
		tall := f.tall
		if f.panels {
			tall = p.tall
		}
		p.curve = trace(p.density.at, places[i], tall, pixels)
	}
}

func byHeight(a, b xy) int {
	switch {
	case a.y < b.y:
		return -1
	case a.y > b.y:
		return 1
	}
	return 0
}

// key says how to read the figure.
func (f distributionFigure) key() string {
	var s string
	if f.bars {
		s = fmt.Sprintf("Each histogram has the area 1, and the same %s.", f.binning)
	} else {
		widths := make([]string, len(f.samples))
		for i, p := range f.samples {
			widths[i] = number(roundTo(p.density.h, 0, 3))
		}
		last := len(widths) - 1
		if last == 0 {
			s = "The density has a bandwidth of " + withUnit(widths[0], f.x.unit) + "."
		} else {
			s = "The densities have bandwidths of " + strings.Join(widths[:last], ", ") + " and " + withUnit(widths[last], f.x.unit) + "."
		}
	}
	if f.panels && len(f.samples) > 1 {
		s += " Each panel has a vertical scale of its own."
	}
	if f.panels && slices.ContainsFunc(f.samples, func(p sampleFigure) bool { return len(p.marks) > 0 }) {
		s += " The dashed lines are at the numbers on the right."
	}
	return s
}

func (f distributionFigure) alt(heading string) string {
	var b strings.Builder
	what := "Density"
	switch {
	case f.bars && len(f.samples) > 1:
		what = "Histograms"
	case f.bars:
		what = "Histogram"
	case len(f.samples) > 1:
		what = "Densities"
	}
	fmt.Fprintf(&b, "%s of %s by %s", what, plural(len(f.samples), "sample"), f.x.name)
	if heading != "" {
		fmt.Fprintf(&b, ", “%s”", heading)
	}
	b.WriteString(".")
	for _, p := range f.samples {
		b.WriteString(" ")
		if p.name != "" {
			fmt.Fprintf(&b, "%s: ", p.name)
		}
		if p.s.low == p.s.high {
			fmt.Fprintf(&b, "%s, %s", plural(p.s.n, "value"), f.x.measured(p.s.low))
		} else {
			fmt.Fprintf(&b, "%s from %s to %s, median %s, the middle 90 %% from %s to %s",
				plural(p.s.n, "value"), f.x.value(p.s.low), f.x.measured(p.s.high), f.x.value(p.quantiles[2]),
				f.x.value(p.quantiles[0]), f.x.value(p.quantiles[4]))
		}
		for i, m := range p.marks {
			sep := ","
			if i == 0 {
				sep = "; marked:"
			}
			fmt.Fprintf(&b, "%s %s", sep, strings.TrimSpace(m.Name+" at "+f.x.value(m.At)))
		}
		b.WriteString(".")
	}
	return b.String()
}

func (f distributionFigure) tables() []table {
	name := f.x.name
	if f.x.unit != "" {
		name += " (" + f.x.unit + ")"
	}
	t := table{heads: []string{"sample, " + name, "values", "lowest", "5 %", "25 %", "median", "75 %", "95 %", "highest", "mean", "standard deviation"}}
	at := table{heads: []string{"mark", "sample", name}}
	for _, p := range f.samples {
		row := []string{cmp.Or(p.name, "all"), number(float64(p.s.n)), f.x.value(p.s.low)}
		for _, q := range p.quantiles {
			row = append(row, f.x.value(q))
		}
		deviation := ""
		if p.s.n > 1 {
			deviation = number(roundTo(p.s.deviation(p.values, 1), 0, 4))
		}
		t.rows = append(t.rows, append(row, f.x.value(p.s.high), f.x.value(p.s.mean), deviation))
		for _, m := range p.marks {
			at.rows = append(at.rows, []string{cmp.Or(m.Name, "mark"), cmp.Or(p.name, "all"), f.x.value(m.At)})
		}
	}
	if len(at.rows) == 0 {
		return []table{t}
	}
	return []table{t, at}
}

func (f distributionFigure) option(heading string) (option, int) {
	if f.panels {
		return f.panelOption(heading)
	}
	y, _ := newAxis("density", "", 0, f.tall, false)
	if f.x.unit != "" {
		y.unit = "per " + f.x.unit
	}
	axis, left := y.beside(true)
	m := margins{left: left, right: 20, bottom: 54}
	var marks []Mark
	var colors []string
	for i, p := range f.samples {
		style := curveStyle(i, false)
		if len(f.samples) > 1 {
			m.add(p.name, style.icon())
		}
		for _, mark := range p.marks {
			marks, colors = append(marks, mark), append(colors, style.color)
		}
	}
	m.labels = f.x.labelRows(marks, m.left+m.right)
	o, height := newOption(heading, plotHeight, m)
	f.x.below(&o)
	o.YAxis = axis
	for i, p := range f.samples {
		data := make([][]float64, len(p.curve))
		for k, c := range p.curve {
			data[k] = []float64{f.x.place(c.x), y.place(c.y)}
		}
		o.Series = append(o.Series, curveStyle(i, false).series(m.series(i), f.payload(p, y), data))
	}
	if len(marks) > 0 {
		o.Series = append(o.Series, f.x.markSeries(marks, colors, m))
	}
	return o, height
}

func (f distributionFigure) payload(p sampleFigure, y axis) curvePayload {
	name := p.name
	if name == "" {
		name = "density"
	}
	unit := "density"
	if y.power != 0 {
		unit = powerOfTen(y.power) + " " + unit
	}
	return curvePayload{Name: name, XUnit: f.x.unitOfCounts(), YUnit: unit, Steps: f.bars, Fill: 0.2}
}

// panelOption has one panel per sample. The vertical axis counts panels from the top.
func (f distributionFigure) panelOption(heading string) (option, int) {
	n := len(f.samples)
	o, height := newOption(heading, n*panelHeight, margins{left: 14, right: 30, bottom: 54})
	f.x.below(&o)
	o.YAxis.YAxis = opts.YAxis{
		Type: "value", Show: opts.Bool(false), Inverse: opts.Bool(true), Min: 0, Max: n,
	}
	const floor, plot = float64(panelFloor) / panelHeight, float64(panelPlot) / panelHeight
	y, _ := newAxis("density", "", 0, f.tall, false)

	names, notes := make([]string, n), make([]string, n)
	heads := make([][1]int, n)
	noteWidth := 0.0
	var pins [][]float64
	for i, p := range f.samples {
		heads[i] = [1]int{i}
		names[i] = shorten(p.name, nameSize, true, 480)
		var labels []string
		for _, m := range p.marks {
			labels = append(labels, f.x.label(m))
			pins = append(pins, []float64{f.x.place(m.At), roundTo(float64(i)+floor-plot, 1, 6), roundTo(float64(i)+floor, 1, 6)})
		}
		notes[i] = shorten(strings.Join(labels, " · "), nameSize, false, panelNote)
		noteWidth = max(noteWidth, textWidth(notes[i], nameSize, false))
		base := roundTo(float64(i)+floor, 1, 6)
		data := make([][]float64, len(p.curve))
		for k, c := range p.curve {
			data[k] = []float64{f.x.place(c.x), roundTo(base-plot*c.y/p.tall, 1, 5)}
		}
		payload := f.payload(p, y)
		payload.Base, payload.Scale = base, roundTo(-y.on(p.tall)/plot, 0, 6)
		payload.Fill, payload.Tint = 0, blueTint
		s := curveStyle(0, false)
		o.Series = append(o.Series, s.series("", payload, data))
	}
	o.Series = append(o.Series, series{
		RenderItem:  "t2g.head",
		ItemPayload: headPayload{Names: names, Notes: notes, NoteWidth: int(math.Ceil(noteWidth))},
		Encode:      encode{Y: 0}, Silent: true, Data: heads,
	})
	if len(pins) > 0 {
		o.Series = append(o.Series, series{
			RenderItem: "t2g.pin", ItemPayload: struct{}{},
			Encode: encode{X: 0, Y: []int{1, 2}}, ItemStyle: fill(vermilion), Silent: true, Clip: true, Data: pins,
		})
	}
	return o, height
}
