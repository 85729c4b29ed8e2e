package charts

import (
	"math"
	"slices"
)

// timelineLoad is a stretch of steps: the height of a kind in each, and how high it reaches on
// top of the kinds before.
type timelineLoad struct {
	lane, kind, first int
	n                 int     // events
	busy              float64 // as the axis counts
	heights, tops     []int   // in parts of the lane's height, of which there are heightUnits
}

// together cuts the time into steps, and draws as loads what is shorter than one; of no steps,
// nothing.
func (f *timelineFigure) together(steps int) {
	if steps == 0 {
		return
	}
	low := f.axis.low
	f.step = (f.axis.high - low) / float64(steps)
	flagged := 0
	for _, e := range f.events {
		if e.flagged() {
			flagged++
		}
	}
	type cell struct {
		busy []float64 // by kind, as the axis counts
		n    []int
		free float64 // not taken by what is drawn alone
	}
	cells := make([][]cell, f.lanes)
	for i := range cells {
		cells[i] = make([]cell, steps)
		for k := range cells[i] {
			cells[i][k].free = f.step
		}
	}
	// each calls do with the steps that e is in, and for how long.
	each := func(e timelineEvent, do func(c *cell, d float64)) {
		begin, end := f.on(e.begin), f.on(e.end)
		first := max(0, min(int((begin-low)/f.step), steps-1))
		for k := first; k < steps; k++ {
			from := low + float64(k)*f.step
			if k > first && from >= end {
				return
			}
			do(&cells[e.lane][k], max(0, min(end, from+f.step)-max(begin, from)))
		}
	}
	last := map[[2]int]int{} // of the instants drawn, by lane and kind
	for i := range f.events {
		e := &f.events[i]
		if e.instant() {
			e.n = 1
			key := [2]int{e.lane, e.kind}
			if k, found := last[key]; found && f.length(e.begin-f.events[k].begin) < f.step {
				f.events[k].n++
				e.n = 0
			} else {
				last[key] = i
			}
			continue
		}
		e.together = f.length(e.end-e.begin) < f.step && (flagged > maxFlagged || !e.flagged())
		if !e.together {
			each(*e, func(c *cell, d float64) { c.free -= d })
			continue
		}
		first := true
		each(*e, func(c *cell, d float64) {
			if c.busy == nil {
				c.busy, c.n = make([]float64, len(f.kinds)), make([]int, len(f.kinds))
			}
			c.busy[e.kind] += max(d, 1e-12*f.step) // it was there, however short
			if first {
				c.n[e.kind]++
			}
			first = false
		})
	}

	f.loads = nil
	for lane, row := range cells {
		heights := make([][]int, steps)
		for k, c := range row {
			heights[k] = shares(c.busy, c.free)
		}
		for kind := range f.kinds {
			var run *timelineLoad
			for k, c := range row {
				if heights[k] == nil || heights[k][kind] == 0 {
					run = nil
					continue
				}
				if run == nil {
					f.loads = append(f.loads, timelineLoad{lane: lane, kind: kind, first: k})
					run = &f.loads[len(f.loads)-1]
				}
				below := 0
				for _, h := range heights[k][:kind] {
					below += h
				}
				run.heights, run.tops = append(run.heights, heights[k][kind]), append(run.tops, below+heights[k][kind])
				run.n += c.n[kind]
				run.busy += c.busy[kind]
			}
		}
	}
}

// A lane's height is counted in heightUnits, of which whatever there is at all has leastUnits.
const (
	heightUnits = 20
	leastUnits  = 2
)

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
