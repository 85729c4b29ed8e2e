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

// Speedup shows how many times faster work is with more workers: what was measured, with the
// interval that timing.Result.Speedup gives; the ideal, as many times faster as there are
// workers; and Amdahl's law with the serial fraction that timing.Amdahl fits.
//
// The axes are logarithmic if there are more than 64 workers.
//
// Up to 3 curves of 8 points take at most 12 KB of a notebook, 4 of 8 take 15 and 4 of 30 take 21.
type Speedup struct {
	Title   string
	Caption string
	Curves  []Scaling // at most 4
}

// A Scaling is one program, timed with different numbers of workers.
type Scaling struct {
	Name string // empty only if there is no other

	// Times has a series for each number of workers, at most 30. The first is the serial one,
	// with which the others are compared.
	Times *timing.Result

	// Workers are the numbers of workers of the series, in their order. The first is 1.
	Workers []int
}

const (
	maxCurves       = 4
	maxScaling      = 30 // points of a curve
	tabledScaling   = 32 // points of all curves in the table
	logWorkers      = 64
	toldScaling     = 6 // points in the text
	amdahlFormula   = "1/(s + (1−s)/n)"
	amdahlReference = "Amdahl, AFIPS 1967"
)

func (s Speedup) draw() (*drawing, error) {
	f, err := s.figure()
	if err != nil {
		return nil, err
	}
	return newDrawing(s.Title, s.Caption, f), nil
}

// speedupFigure is a speed-up whose numbers are known.
type speedupFigure struct {
	curves []scaling
	x, y   axis
	most   float64 // where the ideal line ends, in workers
}

type scaling struct {
	name   string
	points []scalingPoint // by workers
	serial float64        // fraction
}

type scalingPoint struct {
	workers int
	time    time.Duration // the median
	timing.Ratio
	interval bool
}

func (s Speedup) figure() (*speedupFigure, error) {
	if len(s.Curves) == 0 {
		return nil, errors.New("Speedup.Curves is empty; there is nothing to show")
	}
	if len(s.Curves) > maxCurves {
		return nil, fmt.Errorf("Speedup.Curves has %d curves; more than %d cannot be told apart", len(s.Curves), maxCurves)
	}
	f := &speedupFigure{}
	low, high, workers := 1.0, 1.0, 1
	for i, c := range s.Curves {
		who := fmt.Sprintf("Speedup.Curves[%d]", i)
		name := clean(c.Name)
		if name == "" && len(s.Curves) > 1 {
			return nil, fmt.Errorf("%s.Name is empty; where there are several, each needs a name", who)
		}
		if name != "" {
			who += fmt.Sprintf(" (%q)", name)
		}
		sc, err := c.measured()
		if err != nil {
			return nil, fmt.Errorf("%s: %w", who, err)
		}
		sc.name = cmp.Or(name, "measured")
		for _, p := range sc.points {
			workers = max(workers, p.workers)
			low, high = min(low, p.Low), max(high, p.High)
		}
		f.curves = append(f.curves, sc)
	}
	log := workers > logWorkers
	var err error
	if f.x, err = newAxis("workers", "", 1, float64(workers), log); err != nil {
		return nil, fmt.Errorf("Speedup.Curves: %w", err)
	}
	// The ideal line is part of the figure, but not most of it.
	f.most = min(float64(workers), max(8*high, 2))
	if log {
		f.most = float64(workers)
	}
	if f.y, err = newAxis("speed-up", "", low, max(high, f.most), log); err != nil {
		return nil, fmt.Errorf("Speedup.Curves: %w", err)
	}
	return f, nil
}

func (c Scaling) measured() (scaling, error) {
	var out scaling
	switch {
	case c.Times == nil:
		return out, errors.New("Times is nil; measure with timing.Measure")
	case len(c.Times.Series) == 0:
		return out, errors.New("Times has no series")
	case len(c.Workers) != len(c.Times.Series):
		return out, fmt.Errorf("Workers has %d numbers, Times %d series; each series needs its number of workers", len(c.Workers), len(c.Times.Series))
	case len(c.Workers) > maxScaling:
		return out, fmt.Errorf("Workers has %d numbers; more than %d cannot be read", len(c.Workers), maxScaling)
	case c.Workers[0] != 1:
		return out, fmt.Errorf("Workers[0] is %d; the first series is the serial one, with 1 worker", c.Workers[0])
	case slices.Max(c.Workers) == 1:
		return out, errors.New("no number of workers is above 1; there is nothing to compare")
	}
	names := map[string]bool{}
	var n []int
	var v []float64
	for i, s := range c.Times.Series {
		if c.Workers[i] < 1 {
			return out, fmt.Errorf("Workers[%d] (%q) is %d; there is at least 1", i, clean(s.Name), c.Workers[i])
		}
		if names[s.Name] {
			return out, fmt.Errorf("two series of Times are named %q", clean(s.Name))
		}
		names[s.Name] = true
		r, err := c.Times.Speedup(c.Times.Series[0].Name, s.Name)
		if err != nil {
			return out, err
		}
		p := scalingPoint{workers: c.Workers[i], time: s.Median(), Ratio: r, interval: !math.IsInf(r.High, 1)}
		if i == 0 || !p.interval {
			p.Low, p.High = r.Value, r.Value
		}
		out.points = append(out.points, p)
		n, v = append(n, p.workers), append(v, p.Value)
	}
	var err error
	if out.serial, err = timing.Amdahl(n, v); err != nil {
		return out, err
	}
	slices.SortStableFunc(out.points, func(a, b scalingPoint) int { return cmp.Compare(a.workers, b.workers) })
	return out, nil
}

func (c scaling) interval() bool {
	return slices.ContainsFunc(c.points, func(p scalingPoint) bool { return p.interval })
}

// amdahl is the law for n workers.
func amdahl(serial, n float64) float64 { return 1 / (serial + (1-serial)/n) }

// ratio writes a speed-up with three digits.
func ratio(v float64) string { return number(roundTo(v, 0, 3)) }

// fraction writes a part of one.
func fraction(s float64) string {
	if s < 0.1 {
		return number(roundTo(100*s, 0, 2)) + " %"
	}
	return number(roundTo(100*s, 0, 3)) + " %"
}

// fit names the fitted curve in the legend.
func (c scaling) fit() string { return "Amdahl, " + fraction(c.serial) + " serial" }

// key says how to read the figure.
func (f *speedupFigure) key() string {
	s := "Dashed: the ideal, as many times faster as there are workers. Dotted: Amdahl's law, " + amdahlFormula +
		" for n workers, with the serial fraction s that fits best (least squares; " + amdahlReference + ")."
	all := !slices.ContainsFunc(f.curves, func(c scaling) bool { return !c.interval() })
	switch {
	case all:
		s += " A bar is the 95 % interval of a speed-up, by bootstrap."
	case slices.ContainsFunc(f.curves, scaling.interval):
		s += " A bar is the 95 % interval of a speed-up, by bootstrap; fewer than 6 runs give none."
	default:
		s += " Fewer than 6 runs give no interval."
	}
	if slices.ContainsFunc(f.curves, func(c scaling) bool { return len(c.points) > f.tabled() }) {
		s += fmt.Sprintf(" The table has %d points of each.", f.tabled())
	}
	return s
}

func (p scalingPoint) String() string {
	s := ratio(p.Value)
	if p.interval {
		s += fmt.Sprintf(" (%s to %s)", ratio(p.Low), ratio(p.High))
	}
	return s + " with " + number(float64(p.workers))
}

func (f *speedupFigure) alt(heading string) string {
	var b strings.Builder
	b.WriteString("Speed-up by workers")
	if heading != "" {
		fmt.Fprintf(&b, ", “%s”", heading)
	}
	b.WriteString(".")
	for _, c := range f.curves {
		told := slices.DeleteFunc(slices.Clone(c.points), func(p scalingPoint) bool { return p.workers == 1 })
		if len(told) > toldScaling {
			best := slices.MaxFunc(told, func(a, b scalingPoint) int { return cmp.Compare(a.Value, b.Value) })
			told = slices.CompactFunc([]scalingPoint{told[0], best, told[len(told)-1]}, func(a, b scalingPoint) bool { return a.workers == b.workers })
		}
		var parts []string
		for _, p := range told {
			parts = append(parts, p.String())
		}
		fmt.Fprintf(&b, " %s: %s workers.", c.name, strings.Join(parts, ", "))
		if c.serial == 0 {
			b.WriteString(" Amdahl's law finds no serial part.")
			continue
		}
		fmt.Fprintf(&b, " Amdahl's law fits with %s serial work, so at most %s times faster.", fraction(c.serial), ratio(1/c.serial))
	}
	return b.String()
}

// tabled is the number of points of a curve that the table has.
func (f *speedupFigure) tabled() int { return tabledScaling / len(f.curves) }

// tables have the points. Of many they have some, evenly spread.
func (f *speedupFigure) tables() []table {
	t := table{heads: []string{"workers", "program", "median time", "speed-up", "from", "to", "efficiency"}}
	fits := table{heads: []string{"program", "serial fraction", "at most"}}
	for _, c := range f.curves {
		for _, k := range some(len(c.points), f.tabled()) {
			p := c.points[k]
			row := []string{number(float64(p.workers)), c.name, duration(p.time), ratio(p.Value), "", "",
				fraction(p.Value / float64(p.workers))}
			if p.interval {
				row[4], row[5] = ratio(p.Low), ratio(p.High)
			}
			t.rows = append(t.rows, row)
		}
		most := "no limit"
		if c.serial > 0 {
			most = ratio(1/c.serial) + "×"
		}
		fits.rows = append(fits.rows, []string{c.name, fraction(c.serial), most})
	}
	return []table{t, fits}
}

// fit gives points of Amdahl's law, as few as its picture needs, up to where it leaves the plot.
func (f *speedupFigure) fit(serial float64) []xy {
	on, from := func(v float64) float64 { return v }, func(v float64) float64 { return v } // the axes
	if f.x.log {
		on, from = math.Log, math.Exp
	}
	curve := func(at float64) float64 { return on(amdahl(serial, from(at))) }
	places := evenly(on(1), on(f.x.high))
	if cut := slices.IndexFunc(places, func(at float64) bool { return curve(at) > on(f.y.high) }); cut >= 0 {
		places = places[:cut]
	}
	points := trace(curve, places, on(f.y.high)-on(min(1, f.y.high)), plotHeight)
	for i, p := range points {
		points[i] = xy{from(p.x), from(p.y)}
	}
	return points
}

func (f *speedupFigure) option(heading string) (option, int) {
	y, left := f.y.beside(true)
	m := margins{left: left, right: 24, bottom: 54}
	styles := make([]style, len(f.curves))
	for i, c := range f.curves {
		styles[i] = curveStyle(i, true)
		m.add(c.name, "points-"+styles[i].marker)
		m.add(c.fit(), "dotted")
	}
	m.add("ideal", "dashed")
	o, height := newOption(heading, plotHeight, m)
	f.x.below(&o)
	o.XAxis.MinInterval = 1
	if !f.x.log {
		o.XAxis.AxisLabel = &opts.AxisLabel{Formatter: "t2g.tick", ShowMinLabel: opts.Bool(false), ShowMaxLabel: opts.Bool(false)}
	}
	o.YAxis = y

	tall := f.y.high // to which numbers are rounded
	if f.y.log {
		tall = 0
	}
	place := func(points []xy) [][]float64 {
		out := make([][]float64, len(points))
		for i, p := range points {
			out[i] = []float64{f.x.place(p.x), roundTo(p.y, tall, 4)}
		}
		return out
	}
	unit := "times"
	ideal := style{color: black, dash: "dashed"}
	o.Series = append(o.Series, ideal.series(m.series(2*len(f.curves)), curvePayload{Name: "ideal", XUnit: "workers", YUnit: unit},
		place([]xy{{1, 1}, {f.most, f.most}})))
	for i, c := range f.curves {
		s := style{color: styles[i].color, dash: "dotted"}
		o.Series = append(o.Series, s.series(m.series(2*i+1), curvePayload{Name: c.name + ": " + c.fit(), XUnit: "workers", YUnit: unit}, place(f.fit(c.serial))))
	}
	for i, c := range f.curves {
		var data [][]float64
		for _, p := range c.points {
			row := place([]xy{{float64(p.workers), p.Value}})[0]
			if c.interval() {
				row = append(row, roundTo(p.Low, tall, 4), roundTo(p.High, tall, 4))
			}
			data = append(data, row)
		}
		o.Series = append(o.Series, styles[i].series(m.series(2*i),
			curvePayload{Name: c.name, XUnit: "workers", YUnit: unit, Whiskers: c.interval(), Bare: true}, data))
	}
	return o, height
}
