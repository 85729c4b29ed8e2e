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

	"github.com/threads2go/course/pkg/timeline"
)

// Timeline shows who did what when: a row for each Who, in the order in which they first
// appear, and along it what they did, coloured by What. Kinds differ in the height of their
// bars as well; a kind whose name begins with "wait" is hatched. An event without duration is
// a diamond. A bar that ends in a point had not ended; a cross marks an error. Events of one
// row that overlap are drawn one below the other.
//
// Up to 120 events are drawn one by one, or 8 for each row if that is more. Of others, the 12
// longest are, and the rest together: time is cut into equal steps, and in each the height of a
// colour is its share of the time. What ran or waited at all has some height, so nothing is
// hidden by what is beside it. There are 100 steps or more, in few rows up to 300. To see a part
// closely, draw only its events.
//
// The bytes that a figure takes in a notebook depend on the rows and the steps, not on the
// events: 10,000 events take at most 12 KB in up to 8 rows, 17 KB in 24 and 37 KB in 64.
type Timeline struct {
	Title   string
	Caption string

	// Events in any order; package timeline records them. At most 64 different Who, and at
	// most 7 at once in one row. Of more than 7 kinds those with the least time are drawn
	// as one.
	Events []timeline.Event
}

const (
	maxRows     = 64
	maxLanes    = 7 // of a row
	maxAllLanes = 64
	maxKinds    = 7
	maxAlone    = 120 // events that are drawn one by one
	aloneInRow  = 8   // or so many for each row, if that is more
	maxLongest  = 12  // of more events, those that are
	maxName     = 220 // pixels of a row's or a kind's name
	maxFlagged  = 30  // open or failed events, which are always drawn one by one
	maxLabelled = 12  // instants
)

func (t Timeline) draw() (*drawing, error) {
	f, err := t.figure()
	if err != nil {
		return nil, err
	}
	return newDrawing(t.Title, t.Caption, f), nil
}

// timelineFigure is a timeline whose places are known.
type timelineFigure struct {
	axis   axis
	unit   time.Duration // in which the axis counts
	origin time.Duration // from which it counts
	rows   []timelineRow
	kinds  []timelineKind
	events []timelineEvent // by begin
	lanes  int
	loads  *timelineLoads // events that are drawn together; nil if there are none
}

type timelineRow struct {
	name  string
	lane  int // its first
	lanes int
}

type timelineKind struct {
	name   string
	time   time.Duration
	n      int
	spans  bool // not only instants
	wait   bool
	others int // kinds that are drawn as this one
}

// timelineEvent is an event with its place.
type timelineEvent struct {
	row, kind, lane int
	begin, end      time.Duration
	detail          string
	open            bool
	err             bool
	together        bool // with others
	n               int  // of instants that are drawn as this one
}

func (e timelineEvent) instant() bool { return e.begin == e.end && !e.open }
func (e timelineEvent) flagged() bool { return e.open || e.err }

func (t Timeline) figure() (*timelineFigure, error) {
	if len(t.Events) == 0 {
		return nil, errors.New("Timeline.Events is empty; there is nothing to show")
	}
	f := &timelineFigure{}
	rows, kinds := map[string]int{}, map[string]int{}
	low, high := t.Events[0].Begin, t.Events[0].End
	for i, e := range t.Events {
		who, what := clean(e.Who), clean(e.What)
		switch {
		case who == "":
			return nil, fmt.Errorf("Timeline.Events[%d] (%q) has no Who; a row needs a name", i, what)
		case what == "":
			return nil, fmt.Errorf("Timeline.Events[%d] (of %q) has no What; say what was done", i, who)
		case e.End < e.Begin:
			return nil, fmt.Errorf("Timeline.Events[%d] (%q, %q) ends at %v, before it begins, at %v", i, who, what, e.End, e.Begin)
		}
		row, known := rows[who]
		if !known {
			if row = len(f.rows); row == maxRows {
				return nil, fmt.Errorf("Timeline.Events[%d]: %q would be row %d; more than %d cannot be read: draw some of them", i, who, row+1, maxRows)
			}
			rows[who] = row
			f.rows = append(f.rows, timelineRow{name: shorten(who, labelSize, false, maxName)})
		}
		kind, known := kinds[what]
		if !known {
			kind = len(f.kinds)
			kinds[what] = kind
			f.kinds = append(f.kinds, timelineKind{name: shorten(what, labelSize, false, maxName), wait: strings.HasPrefix(strings.ToLower(what), "wait")})
		}
		d := timelineEvent{row: row, kind: kind, begin: e.Begin, end: e.End, open: e.Open, detail: clean(e.Detail), n: 1}
		if e.Err != nil {
			d.err = true
			d.detail = strings.TrimSpace(d.detail + " " + clean("error: "+e.Err.Error()))
		}
		k := &f.kinds[kind]
		k.n++
		k.time += e.End - e.Begin
		k.spans = k.spans || !d.instant()
		f.events = append(f.events, d)
		low, high = min(low, e.Begin), max(high, e.End)
	}
	switch span := high - low; {
	case low > 0 && low <= span/2:
		low = 0 // so near that the beginning belongs to it
	case low > 0:
		f.origin = low // or the axis would be all digits
	}
	if high-low < 0 {
		return nil, fmt.Errorf("Timeline.Events: from %v to %v is longer than a time.Duration can say", low, high)
	}
	f.fewerKinds()
	slices.SortStableFunc(f.events, func(a, b timelineEvent) int {
		return cmp.Or(cmp.Compare(a.begin, b.begin), cmp.Compare(b.end, a.end))
	})
	if err := f.place(high - low); err != nil {
		return nil, err
	}

	f.unit = time.Nanosecond
	unit := "ns"
	for _, u := range []struct {
		name string
		size time.Duration
	}{{"s", time.Second}, {"ms", time.Millisecond}, {"µs", time.Microsecond}} {
		if high-low >= u.size {
			unit, f.unit = u.name, u.size
			break
		}
	}
	f.axis = axis{name: "time", unit: unit, low: f.on(low), high: f.on(high)}
	if f.origin > 0 {
		f.axis.name += " after " + duration(f.origin)
	}
	if len(f.events) > max(maxAlone, aloneInRow*len(f.rows)) {
		f.together()
	}
	return f, nil
}

// on gives a time as the axis counts.
func (f *timelineFigure) on(t time.Duration) float64 { return f.length(t - f.origin) }

// length gives a length of time as the axis counts.
func (f *timelineFigure) length(d time.Duration) float64 { return float64(d) / float64(f.unit) }

// fewerKinds draws kinds as one, so that there are colours for all: all that are waits, and of
// the others those with the least time.
func (f *timelineFigure) fewerKinds() {
	if len(f.kinds) <= maxKinds {
		return
	}
	var waits, others []int
	for i, k := range f.kinds {
		if k.wait {
			waits = append(waits, i)
		} else {
			others = append(others, i)
		}
	}
	if len(waits) > 1 {
		f.asOne(waits, "waits, %s kinds")
		others = others[:0]
		for i, k := range f.kinds {
			if !k.wait {
				others = append(others, i)
			}
		}
	}
	if over := len(f.kinds) - maxKinds; over > 0 {
		slices.SortStableFunc(others, func(a, b int) int {
			return cmp.Or(cmp.Compare(f.kinds[a].time, f.kinds[b].time), cmp.Compare(f.kinds[a].n, f.kinds[b].n))
		})
		f.asOne(others[:over+1], "%s other kinds")
	}
}

// asOne makes one kind, the last, of some. Its events say of which they were.
func (f *timelineFigure) asOne(kinds []int, name string) {
	one := timelineKind{name: fmt.Sprintf(name, number(float64(len(kinds)))), wait: f.kinds[kinds[0]].wait, others: len(kinds)}
	var left []timelineKind
	to := make([]int, len(f.kinds))
	for i, k := range f.kinds {
		if !slices.Contains(kinds, i) {
			to[i] = len(left)
			left = append(left, k)
			continue
		}
		to[i] = len(f.kinds) - len(kinds)
		one.n += k.n
		one.time += k.time
		one.spans = one.spans || k.spans
	}
	for i := range f.events {
		e := &f.events[i]
		if slices.Contains(kinds, e.kind) {
			e.detail = strings.TrimSpace(f.kinds[e.kind].name + " " + e.detail)
		}
		e.kind = to[e.kind]
	}
	f.kinds = append(left, one)
}

// place gives events of a row that overlap by more than can be seen lanes of their own.
func (f *timelineFigure) place(span time.Duration) error {
	busy := make([][]time.Duration, len(f.rows)) // until when, by lane
	slack := span / 5000
	for i := range f.events {
		e := &f.events[i]
		if e.instant() {
			continue
		}
		lanes := &busy[e.row]
		e.lane = slices.IndexFunc(*lanes, func(until time.Duration) bool { return until <= e.begin+slack })
		if e.lane < 0 {
			e.lane = len(*lanes)
			*lanes = append(*lanes, 0)
		}
		if e.lane == maxLanes {
			return fmt.Errorf("Timeline.Events: %d events of %q overlap at %v; give each that does one thing at a time a Who of its own",
				maxLanes+1, f.rows[e.row].name, e.begin)
		}
		(*lanes)[e.lane] = e.end
	}
	for i := range f.rows {
		f.rows[i].lane, f.rows[i].lanes = f.lanes, max(1, len(busy[i]))
		f.lanes += f.rows[i].lanes
	}
	if f.lanes > maxAllLanes {
		return fmt.Errorf("Timeline.Events: the %d rows have overlapping events, so they take %d lines; more than %d cannot be read: draw some of them",
			len(f.rows), f.lanes, maxAllLanes)
	}
	for i := range f.events {
		f.events[i].lane += f.rows[f.events[i].row].lane
	}
	return nil
}

// when writes a time as it is read, and lasting a length of time.
func (f *timelineFigure) when(t time.Duration) string    { return f.axis.measured(f.on(t)) }
func (f *timelineFigure) lasting(d time.Duration) string { return f.axis.measured(f.length(d)) }

// share writes a part of the whole time.
func (f *timelineFigure) share(d time.Duration) string {
	span := f.axis.high - f.axis.low
	if span == 0 {
		return ""
	}
	return number(roundTo(100*f.length(d)/span, 0, 3)) + " %"
}

// alone counts the events that are drawn one by one, and those drawn together.
func (f *timelineFigure) alone() (alone, together int) {
	for _, e := range f.events {
		if e.together || e.n == 0 {
			together++
		} else {
			alone++
		}
	}
	return alone, together
}

// key says how to read the figure.
func (f *timelineFigure) key() string {
	var out []string
	if slices.ContainsFunc(f.events, func(e timelineEvent) bool { return e.open }) {
		out = append(out, "What ends in a point had not ended.")
	}
	if slices.ContainsFunc(f.events, func(e timelineEvent) bool { return e.err }) {
		out = append(out, "A cross marks an error.")
	}
	if _, n := f.alone(); n > 0 {
		out = append(out, fmt.Sprintf("%s of at most %s are drawn together: the height of a colour is its share of the time.",
			plural(n, "event"), f.lasting(f.loads.longest)))
	}
	return strings.Join(out, " ")
}

// A tally is what one row did of one kind.
type tally struct {
	row, kind, n  int
	time, longest time.Duration
}

// tallies are by row, then kind.
func (f *timelineFigure) tallies() []tally {
	all := make([]tally, len(f.rows)*len(f.kinds))
	for _, e := range f.events {
		t := &all[e.row*len(f.kinds)+e.kind]
		t.row, t.kind = e.row, e.kind
		t.n++
		t.time += e.end - e.begin
		t.longest = max(t.longest, e.end-e.begin)
	}
	return slices.DeleteFunc(all, func(t tally) bool { return t.n == 0 })
}

const (
	toldEvents = 10 // in the text
	toldRows   = 6
	listed     = 24 // events in the table; of more, sums are
	summed     = 12 // sums of each row in the table; of more, those of all rows are
)

func (f *timelineFigure) alt(heading string) string {
	var b strings.Builder
	b.WriteString("Timeline")
	if heading != "" {
		fmt.Fprintf(&b, " of “%s”", heading)
	}
	fmt.Fprintf(&b, ": %s in %s, from %s to %s.", plural(len(f.events), "event"), plural(len(f.rows), "row"),
		f.axis.value(f.axis.low), f.axis.measured(f.axis.high)+strings.TrimPrefix(f.axis.name, "time"))
	switch {
	case len(f.events) <= toldEvents:
		for _, e := range f.events {
			fmt.Fprintf(&b, " %s: %s", f.rows[e.row].name, f.kinds[e.kind].name)
			switch {
			case e.instant():
				fmt.Fprintf(&b, " at %s", f.when(e.begin))
			case e.open:
				fmt.Fprintf(&b, " from %s, not ended at %s", f.when(e.begin), f.when(e.end))
			default:
				fmt.Fprintf(&b, " from %s to %s", f.when(e.begin), f.when(e.end))
			}
			if e.err {
				b.WriteString(", with an error")
			}
			b.WriteString(".")
		}
	case len(f.rows) <= toldRows:
		before := -1
		for _, t := range f.tallies() {
			sep := ", "
			if t.row != before {
				if before >= 0 {
					b.WriteString(".")
				}
				sep = " " + f.rows[t.row].name + ": "
			}
			before = t.row
			b.WriteString(sep + f.told(t.kind, t.n, t.time, 1))
		}
		b.WriteString(".")
	default:
		for i, k := range f.kinds {
			sep := ", "
			if i == 0 {
				sep = " All rows: "
			}
			b.WriteString(sep + f.told(i, k.n, k.time, len(f.rows)))
		}
		b.WriteString(".")
		busy := make([]time.Duration, len(f.rows))
		for _, t := range f.tallies() {
			if !f.kinds[t.kind].wait {
				busy[t.row] += t.time
			}
		}
		most, least := slices.Index(busy, slices.Max(busy)), slices.Index(busy, slices.Min(busy))
		fmt.Fprintf(&b, " Busiest is %s with %s, least busy %s with %s.",
			f.rows[most].name, f.lasting(busy[most]), f.rows[least].name, f.lasting(busy[least]))
	}
	return b.String()
}

// told says how much there is of a kind in so many rows.
func (f *timelineFigure) told(kind, n int, d time.Duration, rows int) string {
	if !f.kinds[kind].spans {
		return fmt.Sprintf("%s × %s", number(float64(n)), f.kinds[kind].name)
	}
	s := fmt.Sprintf("%s %s", f.kinds[kind].name, f.lasting(d))
	if share := f.share(d / time.Duration(rows)); share != "" {
		s += " (" + share + ")"
	}
	if n > 1 {
		s += fmt.Sprintf(" in %s", plural(n, "event"))
	}
	return s
}

func (f *timelineFigure) tables() []table {
	if len(f.events) <= listed {
		t := table{heads: []string{"who", "what", "begin", "end", "more"}}
		for _, e := range f.events {
			end, more := f.when(e.end), e.detail
			if e.instant() {
				end = ""
			}
			if e.open {
				end = "not ended"
			}
			t.rows = append(t.rows, []string{f.rows[e.row].name, f.kinds[e.kind].name, f.when(e.begin), end, shorten(more, labelSize, false, 240)})
		}
		return []table{t}
	}
	t := table{heads: []string{"who", "what", "events", "time", "share", "longest"}}
	add := func(who string, rows, kind, n int, d, longest time.Duration) {
		t.rows = append(t.rows, []string{who, f.kinds[kind].name, number(float64(n)),
			f.lasting(d), f.share(d / time.Duration(rows)), f.lasting(longest)})
	}
	all := f.tallies()
	if len(all) <= summed {
		for _, a := range all {
			add(f.rows[a.row].name, 1, a.kind, a.n, a.time, a.longest)
		}
		return []table{t}
	}
	for i, k := range f.kinds {
		longest := time.Duration(0)
		for _, a := range all {
			if a.kind == i {
				longest = max(longest, a.longest)
			}
		}
		add("all "+plural(len(f.rows), "row"), len(f.rows), i, k.n, k.time, longest)
	}
	return []table{t}
}

// kindColors go with the bands in web/timeline.js, which have the heights of the bars.
var kindColors = []string{blue, "#E69F00", "#009E73", "#CC79A7", "#56B4E9", vermilion, black}

const (
	waitColor   = "#6E6E6E"
	othersColor = "#999999"
)

// rowsPayload goes with the shape t2g.rows.
type rowsPayload struct {
	Names []string      `json:"names"`
	Unit  string        `json:"unit"`
	Loads *loadsPayload `json:"loads,omitempty"`
}

// spanPayload goes with the shapes t2g.span and t2g.instant.
type spanPayload struct {
	Kind    string   `json:"kind"`
	Band    int      `json:"band"`              // -1 for a hatched bar
	Details []string `json:"details,omitempty"` // of each event
	Label   bool     `json:"label,omitempty"`   // instants have one
}

// loadPayload goes with the shape t2g.load, whose data are in the rowsPayload.
type loadPayload struct {
	Kind string `json:"kind"`
}

// laneHeight is the height of a lane, in pixels.
func (f *timelineFigure) laneHeight() int {
	switch {
	case f.lanes <= 10:
		return 26
	case f.lanes <= 20:
		return 20
	case f.lanes <= 32:
		return 16
	}
	return 13
}

// margins leave room for the rows' names.
func (f *timelineFigure) margins() margins {
	names := 0.0
	for _, r := range f.rows {
		names = max(names, textWidth(r.name, labelSize, false))
	}
	return margins{
		left: int(math.Ceil(min(names, 160))) + 2*titleLeft - 4, right: 20, bottom: 54,
		slimLeft: int(math.Ceil(min(names, 84))) + 2*titleLeft - 4,
	}
}

func (f *timelineFigure) option(heading string) (option, int) {
	m := f.margins()
	bands := 0
	styles := make([]struct {
		band  int
		color string
	}, len(f.kinds))
	for i, k := range f.kinds {
		s := &styles[i]
		icon := "instant"
		switch {
		case k.wait:
			s.band, s.color = -1, waitColor
		case k.others > 0:
			s.band, s.color = maxKinds-1, othersColor
		default:
			s.band, s.color = bands, kindColors[bands]
			bands++
		}
		if k.spans {
			icon = fmt.Sprint("band", s.band)
		}
		m.add(k.name, icon)
	}
	o, height := newOption(heading, f.lanes*f.laneHeight(), m)
	f.axis.below(&o)
	o.XAxis.SplitLine = nil
	o.YAxis.YAxis = opts.YAxis{Type: "value", Show: opts.Bool(false), Inverse: opts.Bool(true), Min: 0, Max: f.lanes}

	head := rowsPayload{Unit: f.axis.unit, Loads: f.loads.payload()}
	var rows [][]int
	for _, r := range f.rows {
		head.Names = append(head.Names, shorten(r.name, labelSize, false, 160))
		rows = append(rows, []int{r.lane, r.lanes})
	}
	o.Series = []series{{
		RenderItem: "t2g.rows", ItemPayload: head, Encode: encode{Y: 0}, Silent: true, Data: rows,
	}}

	details, labels := 0, 0
	for _, e := range f.events {
		if !e.together {
			details += len(e.detail)
		}
		if e.instant() && e.n > 0 {
			labels++
		}
	}
	at := func(d time.Duration) float64 { return f.axis.place(f.on(d)) }
	var instants []series
	for i, k := range f.kinds {
		spans := spanPayload{Kind: k.name, Band: styles[i].band}
		instant := spanPayload{Kind: k.name, Band: styles[i].band, Label: labels <= maxLabelled}
		var spanData, instantData [][]float64
		told := details > 0 && details < 1500
		for _, e := range f.events {
			if e.kind != i {
				continue
			}
			switch {
			case e.instant() && e.n > 0:
				instantData = append(instantData, []float64{float64(e.lane), at(e.begin), float64(e.n)})
			case !e.instant() && !e.together:
				flags := 0.0
				if e.open {
					flags++
				}
				if e.err {
					flags += 2
				}
				row := []float64{float64(e.lane), at(e.begin), at(e.end)}
				if flags > 0 || len(spanData) == 0 { // the first row says how many numbers a row has
					row = append(row, flags)
				}
				spanData = append(spanData, row)
				if told {
					spans.Details = append(spans.Details, e.detail)
				}
			}
		}
		one := func(shape string, p any, data [][]float64, x any) series {
			return series{
				Name: m.series(i), RenderItem: shape, ItemPayload: p,
				Encode: encode{X: x, Y: 0}, ItemStyle: fill(styles[i].color), Data: data,
			}
		}
		if f.loads.of(i) {
			o.Series = append(o.Series, one("t2g.load", loadPayload{k.name}, nil, nil))
		}
		if len(spanData) > 0 {
			o.Series = append(o.Series, one("t2g.span", spans, spanData, []int{1, 2}))
		}
		if len(instantData) > 0 {
			instants = append(instants, one("t2g.instant", instant, instantData, []int{1}))
		}
	}
	o.Series = append(o.Series, instants...) // above the bars
	return o, height
}
