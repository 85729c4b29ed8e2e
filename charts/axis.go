package charts

import (
	"fmt"
	"math"
	"strings"

	"github.com/go-echarts/go-echarts/v2/opts"
	"github.com/go-echarts/go-echarts/v2/types"
)

// An axis is one of a plot's two directions: what it shows, and how its numbers are written.
type axis struct {
	name, unit string
	low, high  float64 // of the data
	log        bool
	power      int // the axis counts in this power of ten
}

// newAxis is an axis for data from low to high.
func newAxis(name, unit string, low, high float64, log bool) (axis, error) {
	a := axis{name: name, unit: unit, low: low, high: high, log: log}
	if math.IsInf(high-low, 0) {
		return a, fmt.Errorf("from %g to %g is wider than a float64 can say", low, high)
	}
	if n := magnitude(max(math.Abs(low), math.Abs(high))); !log && (n > 9 || n < -5) {
		a.power = n // or the axis would be all zeros
	}
	return a, nil
}

// value writes a value as it is read.
func (a axis) value(v float64) string {
	if a.log {
		return number(roundTo(v, 0, 5))
	}
	return number(roundTo(v, a.high-a.low, 5))
}

// measured writes a value with its unit.
func (a axis) measured(v float64) string { return withUnit(a.value(v), a.unit) }

// on gives a value as the axis counts.
func (a axis) on(v float64) float64 {
	// In two steps, as the smallest power of ten has no inverse.
	half := a.power / 2
	return v / math.Pow10(half) / math.Pow10(a.power-half)
}

// place gives a value as the axis counts, to a ten thousandth of the axis, which is less
// than a tenth of a pixel.
func (a axis) place(v float64) float64 {
	if a.log {
		return a.on(roundTo(v, 0, 5))
	}
	return a.on(roundTo(v, a.high-a.low, 5))
}

// unitOfCounts is the unit in which the axis counts.
func (a axis) unitOfCounts() string {
	if a.power == 0 {
		return a.unit
	}
	return strings.TrimSpace(powerOfTen(a.power) + " " + a.unit)
}

func (a axis) title() string {
	s := a.name
	if unit := a.unitOfCounts(); unit != "" {
		s += " (" + unit + ")"
	}
	if a.log {
		s += ", logarithmic"
	}
	return s
}

// below makes a the option's horizontal axis.
func (a axis) below(o *option) {
	o.XAxis.Type, o.XAxis.Name = "value", shorten(a.title(), nameSize, false, slimWidth-80)
	o.XAxis.SplitLine = &opts.SplitLine{Show: opts.Bool(false)}
	if a.log {
		low, high := a.decades()
		o.XAxis.Type, o.XAxis.Min, o.XAxis.Max = "log", low, high
		o.XAxis.AxisLabel = &opts.AxisLabel{Formatter: tickFormat(low, high)}
		return
	}
	low, high := a.ends()
	o.XAxis.Min, o.XAxis.Max = a.on(roundTo(low, high-low, 8)), a.on(roundTo(high, high-low, 8))
	// The axis begins and ends with the data, at no round number.
	o.XAxis.AxisLabel = &opts.AxisLabel{ShowMinLabel: opts.Bool(false), ShowMaxLabel: opts.Bool(false)}
}

// beside is a vertical axis with its name, in a margin that is left pixels wide.
func beside(name string, left int) yAxis {
	return yAxis{
		YAxis: opts.YAxis{
			Type: "value", Name: shorten(name, nameSize, false, 260), NameGap: left - 18,
			AxisLine: &opts.AxisLine{Show: opts.Bool(false)},
		},
		AxisTick: &opts.AxisTick{Show: opts.Bool(false)},
	}
}

// beside is a as a vertical axis, and the pixels that it takes at the left of the plot. It
// begins at zero if that is asked for.
func (a axis) beside(zero bool) (yAxis, int) {
	var low, high, step float64
	var format types.FuncStr
	var labels []string
	if a.log {
		low, high = a.decades()
		format = tickFormat(low, high)
		labels = []string{number(low), number(high)}
		if format == "t2g.decade" {
			labels = []string{"10⁻¹⁰"}
		}
	} else {
		low, high = a.on(a.low), a.on(a.high)
		if zero {
			low = min(low, 0)
		}
		low, high, step = ticks(low, high, 5)
		for k := 0.0; low+k*step <= high+step/2; k++ {
			labels = append(labels, number(roundTo(low+k*step, step, 4)))
		}
	}
	width := 20.0
	for _, l := range labels {
		width = max(width, textWidth(l, labelSize, false))
	}
	left := int(width) + 36
	y := beside(a.title(), left)
	y.Min, y.Max, y.Interval = low, high, step
	y.AxisLabel = &opts.AxisLabel{Formatter: format}
	if a.log {
		y.Type = "log"
	}
	return y, left
}

// tickFormat names the format of the powers of ten from low to high.
func tickFormat(low, high float64) types.FuncStr {
	if low < 1e-4 || high > 1e6 {
		return "t2g.decade"
	}
	return "t2g.tick"
}

// label is what stands beside a mark's line.
func (a axis) label(m Mark) string {
	if m.Name == "" {
		return a.value(m.At)
	}
	name := shorten(m.Name, labelSize, false, 160)
	if strings.ContainsFunc(name, func(r rune) bool { return 0x590 <= r && r < 0x900 }) {
		name += "\u200e" // or the number would go to the left of a name that runs to the left
	}
	return name + ": " + a.value(m.At)
}

// labelRows gives the height that the labels of the marks take, in a chart of some width with
// beside pixels beside the plot.
func (a axis) labelRows(marks []Mark, beside int) func(width int) int {
	low, high := a.ends()
	return func(width int) int {
		xs := make([]float64, len(marks))
		widths := make([]float64, len(marks))
		plot := float64(width - beside)
		for i, m := range marks {
			xs[i] = (m.At - low) / (high - low) * plot
			// A pixel more than in the figure, whose rounding may bring labels closer.
			widths[i] = math.Ceil(textWidth(a.label(m), labelSize, false)) + 1
		}
		return labelRow * flagRows(xs, widths, 0, plot)
	}
}

// markSeries draws the marks, in colours of their own if there are any.
func (a axis) markSeries(marks []Mark, colors []string, m margins) series {
	payload := markPayload{
		Rows: m.labels(figureWidth) / labelRow, NarrowRows: m.labels(slimWidth) / labelRow, Narrow: narrowWidth,
		Colors: colors,
	}
	at := make([][1]float64, len(marks))
	for i, mark := range marks {
		label := a.label(mark)
		payload.Labels = append(payload.Labels, label)
		payload.Widths = append(payload.Widths, int(math.Ceil(textWidth(label, labelSize, false))))
		at[i] = [1]float64{a.place(mark.At)}
	}
	return series{
		RenderItem: "t2g.mark", ItemPayload: payload,
		Encode: encode{X: 0}, ItemStyle: fill(vermilion), Silent: true, Data: at,
	}
}

// markPayload goes with the shape t2g.mark: the labels, and the rows that there are for them.
type markPayload struct {
	Labels     []string `json:"labels"`
	Widths     []int    `json:"widths"`
	Rows       int      `json:"rows"`
	Narrow     int      `json:"narrow"` // up to this width of the chart
	NarrowRows int      `json:"narrowRows"`
	Colors     []string `json:"colors,omitempty"`
}

// points gives a curve's points as the axes count: a is the horizontal one, the other one is
// tall high.
func (a axis) points(ps []xy, tall float64) [][]float64 {
	out := make([][]float64, len(ps))
	for i, p := range ps {
		out[i] = []float64{a.place(p.x), roundTo(p.y, tall, 4)}
	}
	return out
}

// ends are where a linear axis begins and ends: a little outside the data.
func (a axis) ends() (low, high float64) {
	span := a.high - a.low
	if span == 0 {
		span = max(1, math.Abs(a.low)/10)
		return a.low - span/2, a.high + span/2
	}
	return a.low - 0.01*span, a.low + 1.01*span
}

// decades are the powers of ten between which the data of a logarithmic axis are.
func (a axis) decades() (low, high float64) {
	low, high = decade(a.low, math.Floor), decade(a.high, math.Ceil)
	if low == high {
		high *= 10
	}
	return low, high
}

// ticks are round numbers, about n steps from one at or below low to one at or above high.
func ticks(low, high float64, n int) (first, last, step float64) {
	if low == high {
		low, high = low-max(0.5, math.Abs(low)/10), high+max(0.5, math.Abs(high)/10)
	}
	rough := (high - low) / float64(n)
	unit := math.Pow(10, math.Floor(math.Log10(rough)))
	step = 10 * unit
	for _, m := range []float64{1, 2, 2.5, 5} {
		if m*unit >= rough*(1-1e-9) {
			step = m * unit
			break
		}
	}
	// Multiplied out, the numbers would be off in their last digits.
	round := func(k float64) float64 { return roundTo(k*step, step, 6) }
	return round(math.Floor(low/step + 1e-9)), round(math.Ceil(high/step - 1e-9)), roundTo(step, 0, 6)
}
