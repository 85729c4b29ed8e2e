package charts

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/go-echarts/go-echarts/v2/opts"

	"github.com/threads2go/course/pkg/timing"
)

// Timings compares how long ways of doing the same thing take. Each has a row with every run
// as a dot; above the dots stands a box over the middle half of the runs, with a line at the
// median and whiskers to the farthest runs within 1.5 times the box (Tukey, Exploratory Data
// Analysis, 1977), or, for fewer than five runs, a bar up to the median. At the right is the
// median, and how many times faster or slower that is than the first row's, or Base's.
//
// The axis begins at zero. It is logarithmic if the medians are more than a factor of 30
// apart, and no run took zero time.
//
// Up to 10 rows take at most 12 KB of a notebook, 20 take 14 and 50 take 25, however many runs
// there are; the time to draw them is linear in these, 1.5 s for ten million.
type Timings struct {
	Title   string
	Caption string
	Runs    []Run  // at most 50, such as the Series of a timing.Result
	Base    string // the Name of the row that the others are compared with; the first if empty
}

// A Run is one way of doing the thing, and the time of each repetition, in any order. No time
// is negative, and there is at least one. All rows together draw at most 120 dots, shared
// evenly, and 80 if there are more than ten rows; a row with more has its dots evenly spread by
// size, the extremes among them.
type Run = timing.Series

const (
	maxRuns     = 50
	maxDots     = 120 // of all rows
	manyRows    = 10  // more have maxManyDots
	maxManyDots = 80
	toldRuns    = 16 // of more, the text tells some
	boxNeeds    = 5  // times
	logFactor   = 30
	rowHeight   = 50 // pixels
	timeDigits  = 4  // of a time in a figure: a twentieth of a pixel at most
)

func (t Timings) draw() (*drawing, error) {
	if len(t.Runs) == 0 {
		return nil, errors.New("Timings.Runs is empty; there is nothing to compare")
	}
	if len(t.Runs) > maxRuns {
		return nil, fmt.Errorf("Timings.Runs has %d rows; more than %d cannot be read", len(t.Runs), maxRuns)
	}
	var f timingsFigure
	for i, r := range t.Runs {
		name := clean(r.Name)
		if name == "" {
			return nil, fmt.Errorf("Timings.Runs[%d].Name is empty; a row needs a name", i)
		}
		if len(r.Times) == 0 {
			return nil, fmt.Errorf("Timings.Runs[%d] (%q) has no times", i, name)
		}
		for k, d := range r.Times {
			if d < 0 {
				return nil, fmt.Errorf("Timings.Runs[%d] (%q): Times[%d] is %v; a time cannot be negative", i, name, k, d)
			}
		}
		f.rows = append(f.rows, summarizeRun(name, r.Times))
	}
	f.log = f.needsLog()
	if base := clean(t.Base); base != "" {
		f.base = slices.IndexFunc(f.rows, func(r timingsRow) bool { return r.name == base })
		if f.base < 0 {
			return nil, fmt.Errorf("Timings.Base is %q; no row has that name", base)
		}
	}

	caption := f.key()
	if c := clean(t.Caption); c != "" {
		caption = c + " " + caption
	}
	heading := clean(t.Title)
	o, height := f.option(heading)
	return &drawing{
		title: heading, caption: caption, alt: f.alt(heading),
		width: figureWidth, height: height,
		option: o, tables: []table{f.table()},
	}, nil
}

// timingsRow is a run with its numbers, in seconds.
type timingsRow struct {
	name                     string
	times                    []float64 // in the order of the runs
	low, q1, median, q3, top float64
	whiskerLow, whiskerHigh  float64
}

func (r timingsRow) boxed() bool { return len(r.times) >= boxNeeds }

func summarizeRun(name string, times []time.Duration) timingsRow {
	r := timingsRow{name: name, times: make([]float64, len(times))}
	for i, d := range times {
		r.times[i] = d.Seconds()
	}
	r.low, r.top = slices.Min(r.times), slices.Max(r.times)
	q := quantiles(r.times, 0.25, 0.5, 0.75)
	r.q1, r.median, r.q3 = q[0], q[1], q[2]
	reach := 1.5 * (r.q3 - r.q1)
	r.whiskerLow, r.whiskerHigh = r.q1, r.q3
	for _, v := range r.times {
		if v >= r.q1-reach {
			r.whiskerLow = min(r.whiskerLow, v)
		}
		if v <= r.q3+reach {
			r.whiskerHigh = max(r.whiskerHigh, v)
		}
	}
	return r
}

// quantile interpolates linearly between the order statistics: type 7 of Hyndman and Fan (The
// American Statistician 50, 1996), numpy's default.
func quantile(sorted []float64, p float64) float64 {
	at := p * float64(len(sorted)-1)
	i := int(at)
	if i+1 >= len(sorted) {
		return sorted[len(sorted)-1]
	}
	return sorted[i] + (at-float64(i))*(sorted[i+1]-sorted[i])
}

// timingsFigure is a comparison whose numbers are known.
type timingsFigure struct {
	rows []timingsRow
	log  bool
	base int // the row that the others are compared with
}

func (f timingsFigure) needsLog() bool {
	least, most := math.Inf(1), 0.0
	for _, r := range f.rows {
		if r.low == 0 {
			return false
		}
		least, most = min(least, r.median), max(most, r.median)
	}
	return most > logFactor*least
}

// ratio compares a row's median with the base's. It is "" where there is nothing to compare.
func (f timingsFigure) ratio(i int) string {
	base, m := f.rows[f.base].median, f.rows[i].median
	switch {
	case i == f.base || base == 0 || m == 0:
		return ""
	case m > base:
		return number(roundTo(m/base, 0, 3)) + "× slower"
	case m < base:
		return number(roundTo(base/m, 0, 3)) + "× faster"
	default:
		return "the same"
	}
}

// note stands at the right of a row.
func (f timingsFigure) note(i int) string {
	if ratio := f.ratio(i); ratio != "" {
		return seconds(f.rows[i].median) + " · " + ratio
	}
	return seconds(f.rows[i].median)
}

func seconds(s float64) string { return duration(time.Duration(math.Round(s * 1e9))) }

// key says how to read the figure.
func (f timingsFigure) key() string {
	boxes := slices.ContainsFunc(f.rows, timingsRow.boxed)
	bars := slices.ContainsFunc(f.rows, func(r timingsRow) bool { return !r.boxed() })
	s := "Each dot is a run"
	if slices.ContainsFunc(f.rows, func(r timingsRow) bool { return len(r.times) > f.dots() }) {
		s += fmt.Sprintf(" (at most %d of a row, the lowest and the highest among them)", f.dots())
	}
	if boxes {
		s += "; the box above holds the middle half of them, the line in it is the median"
	}
	switch {
	case bars && f.log:
		s += "; the tick above is their median"
	case bars && boxes:
		s += "; of fewer than five, a bar ends at the median"
	case bars:
		s += "; the bar above ends at their median"
	}
	s += ". At the right is the median"
	if base := f.rows[f.base]; len(f.rows) > 1 && base.median > 0 {
		s += fmt.Sprintf(", compared with that of “%s”", base.name)
	}
	s += "."
	if f.log {
		s += " The axis is logarithmic."
	}
	return s
}

func (f timingsFigure) alt(heading string) string {
	var b strings.Builder
	b.WriteString("Times")
	if heading != "" {
		fmt.Fprintf(&b, " of “%s”", heading)
	}
	told := make([]int, len(f.rows))
	for i := range told {
		told[i] = i
	}
	if len(told) > toldRuns {
		slices.SortStableFunc(told, func(a, b int) int { return cmp.Compare(f.rows[a].median, f.rows[b].median) })
		fmt.Fprintf(&b, " of %d rows, of which these are told: the fastest, the middle one, the slowest and that of the comparison", len(told))
		told = []int{told[0], told[(len(told)-1)/2], told[len(told)-1], f.base}
		told = slices.Compact(slices.Sorted(slices.Values(told)))
	}
	for k, i := range told {
		r, sep := f.rows[i], "; "
		if k == 0 {
			sep = ": "
		}
		fmt.Fprintf(&b, "%s%s median %s", sep, r.name, seconds(r.median))
		if ratio := f.ratio(i); ratio != "" {
			fmt.Fprintf(&b, ", %s", ratio)
		}
		if n := len(r.times); n > 1 {
			fmt.Fprintf(&b, ", %s to %s in %s runs", seconds(r.low), seconds(r.top), number(float64(n)))
		} else {
			b.WriteString(", one run")
		}
	}
	b.WriteString(".")
	return b.String()
}

func (f timingsFigure) table() table {
	t := table{heads: []string{"name", "runs", "lowest", "lower quartile", "median", "upper quartile", "highest", "compared"}}
	units := map[string]bool{}
	for i, r := range f.rows {
		t.rows = append(t.rows, []string{r.name, number(float64(len(r.times))), seconds(r.low), seconds(r.q1),
			seconds(r.median), seconds(r.q3), seconds(r.top), f.ratio(i)})
		for _, cell := range t.rows[i][2:7] {
			_, unit, _ := strings.Cut(cell, " ")
			units[unit] = true
		}
	}
	if len(units) == 1 { // the heads have it
		for unit := range units {
			for c := 2; c < 7; c++ {
				t.heads[c] += " (" + unit + ")"
				for _, row := range t.rows {
					row[c] = strings.TrimSuffix(row[c], " "+unit)
				}
			}
		}
	}
	return t
}

// headPayload goes with the shape t2g.head.
type headPayload struct {
	Names     []string `json:"names"`
	Notes     []string `json:"notes"`
	NoteWidth int      `json:"noteWidth"`
	Unit      float64  `json:"unit,omitempty"` // of the times in the data, in seconds
}

// barPayload goes with the shapes t2g.box and t2g.bar.
type barPayload struct {
	Tint string `json:"tint"`
	Log  bool   `json:"log,omitempty"`
}

// runPayload goes with the shape t2g.run.
type runPayload struct {
	Thinned bool `json:"thinned,omitempty"` // not every run has a dot, so a dot's number is not its run's
}

// unit is a power of ten that makes whole numbers of times, which are short to write.
func (f timingsFigure) unit() float64 {
	least := math.Inf(1)
	for _, r := range f.rows {
		if r.low > 0 {
			least = min(least, r.low)
		} else if r.median > 0 {
			least = min(least, r.median)
		}
	}
	if math.IsInf(least, 1) {
		return 1
	}
	return math.Pow10(magnitude(least) - timeDigits + 1)
}

func (f timingsFigure) option(heading string) (option, int) {
	n := len(f.rows)
	names, notes := make([]string, n), make([]string, n)
	noteWidth := 0.0
	least, most := math.Inf(1), 0.0
	for i, r := range f.rows {
		names[i] = shorten(r.name, nameSize, true, 480)
		notes[i] = f.note(i)
		noteWidth = max(noteWidth, textWidth(notes[i], nameSize, false))
		least, most = min(least, r.low), max(most, r.top)
	}

	m := margins{left: 14, right: 30, bottom: 56}
	if f.log { // its first label stands around the left end
		m.left = 4 + int(textWidth(seconds(decade(least, math.Floor)), labelSize, false)/2)
	}
	o, height := newOption(heading, n*rowHeight, m)
	o.XAxis.Type, o.XAxis.Name, o.XAxis.Min = "value", "time", 0
	o.XAxis.AxisLabel = &opts.AxisLabel{Formatter: "t2g.duration"}
	switch {
	case f.log:
		o.XAxis.Type, o.XAxis.Name = "log", "time (logarithmic)"
		o.XAxis.Min, o.XAxis.Max = decade(least, math.Floor), decade(most, math.Ceil)
	case most == 0:
		o.XAxis.Max = 1e-9 // every run took no time
	}
	o.YAxis.YAxis = opts.YAxis{
		Type: "value", Show: opts.Bool(false), Inverse: opts.Bool(true), Min: 0, Max: n,
	}

	heads := make([][1]int, n)
	unit := f.unit()
	in := func(seconds ...float64) []float64 {
		for i, s := range seconds {
			seconds[i] = roundTo(roundTo(s, 0, timeDigits)/unit, 0, timeDigits)
		}
		return seconds
	}
	var boxes, bars [][]float64
	dots := make([][]float64, n)
	thinned := false
	for i, r := range f.rows {
		heads[i] = [1]int{i}
		if r.boxed() {
			boxes = append(boxes, append([]float64{float64(i)}, in(r.whiskerLow, r.q1, r.median, r.q3, r.whiskerHigh)...))
		} else {
			bars = append(bars, append([]float64{float64(i)}, in(r.low, r.median, r.top)...))
		}
		for _, k := range spread(r.times, f.dots()) {
			dots[i] = append(dots[i], r.times[k])
		}
		in(dots[i]...)
		thinned = thinned || len(dots[i]) < len(r.times)
	}
	o.Series = []series{{
		RenderItem:  "t2g.head",
		ItemPayload: headPayload{Names: names, Notes: notes, NoteWidth: int(math.Ceil(noteWidth)), Unit: unit},
		Encode:      encode{Y: 0}, Silent: true, Data: heads,
	}}
	if len(boxes) > 0 {
		o.Series = append(o.Series, series{
			RenderItem:  "t2g.box",
			ItemPayload: barPayload{Tint: blueTint},
			Encode:      encode{X: []int{1, 2, 3, 4, 5}, Y: 0}, ItemStyle: fill(blue),
			Clip: true, Data: boxes,
		})
	}
	if len(bars) > 0 {
		o.Series = append(o.Series, series{
			RenderItem:  "t2g.bar",
			ItemPayload: barPayload{Tint: blueTint, Log: f.log},
			Encode:      encode{X: []int{1, 2, 3}, Y: 0}, ItemStyle: fill(blue),
			Clip: true, Data: bars,
		})
	}
	o.Series = append(o.Series, series{
		RenderItem:  "t2g.run",
		ItemPayload: runPayload{thinned},
		Encode:      encode{X: 2, Y: 0}, ItemStyle: fill(black),
		Data: dots,
	})
	return o, height
}

// dots is the number of dots that a row may have.
func (f timingsFigure) dots() int {
	if len(f.rows) > manyRows {
		return max(2, maxManyDots/len(f.rows))
	}
	return maxDots / len(f.rows)
}

// decade moves s to a power of ten.
func decade(s float64, round func(float64) float64) float64 {
	return math.Pow(10, round(math.Log10(s)))
}

// spread chooses at most n of the times, evenly in their order by size, so that the lowest and
// the highest are among them. It gives their indices, in order, in time that is linear in their
// number: times need not be sorted for it.
func spread(times []float64, n int) []int {
	chosen := make([]int, min(n, len(times)))
	if len(times) <= n {
		for i := range chosen {
			chosen[i] = i
		}
		return chosen
	}
	for i := range chosen {
		chosen[i] = i * (len(times) - 1) / (n - 1)
	}
	settled := slices.Clone(times)
	settleAll(settled, chosen)
	values := make([]float64, n)
	for i, k := range chosen {
		values[i] = settled[k]
	}
	// Of equal times the first are chosen.
	chosen = chosen[:0]
	taken := make([]int, n) // by the first of equal values
	for i, t := range times {
		k, found := slices.BinarySearch(values, t)
		if at := k; found && at+taken[k] < n && values[at+taken[k]] == t {
			taken[k]++
			chosen = append(chosen, i)
		}
	}
	return chosen
}
