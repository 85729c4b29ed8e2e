package charts

import (
	"cmp"
	"slices"
)

const (
	labelRow = 16 // height of a row of labels, in pixels
	flagGap  = 4
)

// flagRows is the number of rows that labels of the given widths take above lines at xs, in a
// plot from left to right. It places them as placeFlags in web/marks.js does.
func flagRows(xs, widths []float64, left, right float64) int {
	n := len(xs)
	order := make([]int, n)
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(xs[a], xs[b]) })

	// Labels before the cut stand to the right of their lines, the others to the left.
	cut := n
	tooFarRight := func(i int) bool { return xs[i]+flagGap+widths[i] > right }
	tooFarLeft := func(i int) bool { return xs[i]-flagGap-widths[i] < left }
	if slices.ContainsFunc(order, tooFarRight) {
		cut = 0
		if slices.ContainsFunc(order, tooFarLeft) {
			widest := -1.0
			for k := 1; k < n; k++ {
				if space := xs[order[k]] - xs[order[k-1]]; space > widest {
					widest, cut = space, k
				}
			}
		}
	}

	type flag struct {
		x, start, end float64
		row           int
	}
	var placed []flag
	rows := 0
	place := func(i int, wish float64) {
		start := max(left, min(wish, right-widths[i]))
		f := flag{x: xs[i], start: start, end: start + widths[i]}
		clash := func(p flag) bool {
			return p.row == f.row && f.start < p.end+2*flagGap && p.start < f.end+2*flagGap ||
				p.row >= f.row && f.start-flagGap < p.x && p.x < f.end+flagGap
		}
		for slices.ContainsFunc(placed, clash) {
			f.row++
		}
		placed = append(placed, f)
		rows = max(rows, f.row+1)
	}
	for k := cut - 1; k >= 0; k-- {
		place(order[k], xs[order[k]]+flagGap)
	}
	for k := cut; k < n; k++ {
		place(order[k], xs[order[k]]-flagGap-widths[order[k]])
	}
	return rows
}
