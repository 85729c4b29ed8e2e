package charts

import (
	"cmp"
	"maps"
	"math"
	"slices"
	"strconv"
	"time"
)

const (
	leastSteps = 100
	leastStep  = 2   // pixels
	loadCells  = 800 // lanes by steps, if there are more than leastSteps

	// A lane's height is counted in heightUnits. Whatever there is at all has one of them. The
	// JavaScript file web/timeline.js has the same.
	heightUnits = 10
	leastUnits  = 1
)

// timelineLoads are the events that are drawn together. Each lane is cut into steps, which begin
// at whole pixels of a figure.
type timelineLoads struct {
	low, step float64       // as the axis counts: where the first step begins, and how long each is
	longest   time.Duration // of the events
	lanes     [][][]int     // by lane and step: the heights of the kinds; nil if there are none
	kinds     []int         // those that there are
}

// of says whether there are events of a kind among them.
func (l *timelineLoads) of(kind int) bool { return l != nil && slices.Contains(l.kinds, kind) }

// together draws all events together but the longest.
func (f *timelineFigure) together() {
	m := f.margins()
	plot := figureWidth - m.left - m.right
	wide := max(leastStep, min(int(math.Ceil(float64(plot*f.lanes)/loadCells)), plot/leastSteps)) // pixels
	steps := (plot + wide - 1) / wide
	low, high := f.axis.ends()
	l := &timelineLoads{low: low, step: (high - low) / float64(plot) * float64(wide)}
	f.loads = l
	f.chooseAlone()

	type cell struct {
		busy []float64 // by kind, as the axis counts
		free float64   // not taken by what is drawn alone
	}
	cells := make([][]cell, f.lanes)
	for i := range cells {
		cells[i] = make([]cell, steps)
		for k := range cells[i] {
			cells[i][k].free = l.step
		}
	}
	for _, e := range f.events {
		if e.instant() {
			continue
		}
		begin, end := f.on(e.begin), f.on(e.end)
		first := max(0, min(int((begin-low)/l.step), steps-1))
		for k := first; k < steps; k++ {
			from := low + float64(k)*l.step
			if k > first && from >= end {
				break
			}
			c, d := &cells[e.lane][k], max(0, min(end, from+l.step)-max(begin, from))
			if !e.together {
				c.free -= d
				continue
			}
			if c.busy == nil {
				c.busy = make([]float64, len(f.kinds))
			}
			c.busy[e.kind] += max(d, 1e-12*l.step) // it was there, however short
		}
	}
	l.lanes = make([][][]int, f.lanes)
	for lane, row := range cells {
		for _, c := range row {
			l.lanes[lane] = append(l.lanes[lane], shares(c.busy, c.free))
		}
	}
}

// chooseAlone decides which events are drawn together: those shorter than a step, and of the
// others all but the longest. Instants that are too close to be told apart are drawn as one.
func (f *timelineFigure) chooseAlone() {
	flagged, kinds := 0, map[int]bool{}
	var lengths []time.Duration
	for _, e := range f.events {
		if e.flagged() {
			flagged++
		}
		lengths = append(lengths, e.end-e.begin)
	}
	slices.Sort(lengths)
	limit := lengths[max(0, len(lengths)-1-maxLongest)]
	for i := range f.events {
		e := &f.events[i]
		length := e.end - e.begin
		short := length <= limit || f.length(length) < f.loads.step
		e.together = short && !e.instant() && (flagged > maxFlagged || !e.flagged())
		if e.together {
			f.loads.longest = max(f.loads.longest, length)
			kinds[e.kind] = true
		}
	}
	f.loads.kinds = slices.Sorted(maps.Keys(kinds))
	for apart := f.loads.step; f.thinInstants(apart) > maxLongest && apart < f.axis.high-f.axis.low; {
		apart *= 2
	}
}

// thinInstants draws instants of a lane and kind as one that are less than apart from its first,
// and counts what is left.
func (f *timelineFigure) thinInstants(apart float64) int {
	last := map[[2]int]int{} // of those drawn, by lane and kind
	drawn := 0
	for i := range f.events {
		e := &f.events[i]
		if !e.instant() {
			continue
		}
		e.n = 1
		key := [2]int{e.lane, e.kind}
		if k, found := last[key]; found && f.length(e.begin-f.events[k].begin) < apart {
			f.events[k].n++
			e.n = 0
			continue
		}
		last[key] = i
		drawn++
	}
	return drawn
}

// shares are the heights of the kinds in a step, for the time that each was busy of what is
// free. What there is at all can be seen, and so can the rest.
func shares(busy []float64, free float64) []int {
	if busy == nil {
		return nil
	}
	total := 0.0
	for _, b := range busy {
		total += b
	}
	free = max(free, total)
	room := heightUnits
	if total < 0.995*free {
		room -= leastUnits
	}
	heights := make([]int, len(busy))
	sum := 0
	for i, b := range busy {
		if b > 0 {
			heights[i] = max(leastUnits, int(math.Round(heightUnits*b/free)))
			sum += heights[i]
		}
	}
	for ; sum > room; sum-- {
		heights[slices.Index(heights, slices.Max(heights))]--
	}
	return heights
}

// loadsPayload goes with the shapes t2g.rows and t2g.load. A lane is a string with a letter for
// each step. Steps that look the same have the same letter, the commonest those that take a byte.
type loadsPayload struct {
	Low     float64  `json:"low"`
	Step    float64  `json:"step"`
	Letters string   `json:"letters"`
	Heights string   `json:"heights"` // of the kinds that have a load, a digit of base 36 each, for each letter
	Lanes   []string `json:"lanes"`
}

func (l *timelineLoads) payload() *loadsPayload {
	if l == nil {
		return nil
	}
	looks := func(heights []int) string {
		var out []byte
		for _, k := range l.kinds {
			h := 0
			if heights != nil {
				h = heights[k]
			}
			out = strconv.AppendInt(out, int64(h), 36)
		}
		return string(out)
	}
	n := map[string]int{}
	for _, lane := range l.lanes {
		for _, heights := range lane {
			n[looks(heights)]++
		}
	}
	p := &loadsPayload{Low: roundTo(l.low, l.step, 5), Step: roundTo(l.step, 0, 8)}
	letters := map[string]rune{}
	next := ' '
	for _, look := range slices.SortedFunc(maps.Keys(n), func(a, b string) int {
		return cmp.Or(cmp.Compare(n[b], n[a]), cmp.Compare(a, b))
	}) {
		for slices.Contains([]rune(`"&<>\`), next) { // which take more in JSON
			next++
		}
		letters[look] = next
		p.Letters += string(next)
		p.Heights += look
		if next++; next == 0x7f {
			next = 0x100
		}
	}
	for _, lane := range l.lanes {
		var steps []rune
		for _, heights := range lane {
			steps = append(steps, letters[looks(heights)])
		}
		p.Lanes = append(p.Lanes, string(steps))
	}
	return p
}
