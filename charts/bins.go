package charts

import (
	"errors"
	"fmt"
	"math"
	"slices"
)

// A Rule chooses how many bins a histogram has.
type Rule int

const (
	// Scott's rule makes bins 3.49 σ n^(-1/3) wide (Biometrika 66, 1979), with numpy's constant:
	// its bins="scott". It suits values that are about normal.
	Scott Rule = iota

	// FreedmanDiaconis makes bins 2 IQR n^(-1/3) wide, where IQR is the width of the values'
	// middle half (Zeitschrift für Wahrscheinlichkeitstheorie 57, 1981): numpy's bins="fd". A
	// few values far out do not widen its bins.
	FreedmanDiaconis
)

// String is the rule's name.
func (r Rule) String() string {
	switch r {
	case Scott:
		return "Scott's rule"
	case FreedmanDiaconis:
		return "the Freedman–Diaconis rule"
	}
	return fmt.Sprintf("Rule(%d)", int(r))
}

// binning says how many bins there are, and by which rule; asked is how many the figure asks for,
// or 0, and most the most that a rule may choose.
func binning(n, asked, most int, rule Rule) string {
	switch {
	case asked > 0 && asked == n:
		return plural(n, "bin") + ", by count"
	case asked == 0 && n == most:
		return plural(n, "bin") + ", the most that " + rule.String() + " gets here"
	case n == 1:
		return "1 bin"
	}
	return plural(n, "bin") + ", by " + rule.String()
}

const (
	maxBins     = 1000
	maxRuleBins = 200
)

// What follows is of this package, and not gonum's, as that costs more than a pass over the values:
// its quantiles and histogram want them sorted, which takes a second for ten million, and a cell
// would link its linear algebra. The tests compare both.

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

// deviation is the standard deviation of n values around their mean, with n-ddof for n.
func (s summary) deviation(values []float64, ddof int) float64 {
	width := s.high - s.low
	if width == 0 {
		return 0
	}
	variance := 0.0 // in units of the width: the square of a large value would overflow
	for _, v := range values {
		d := (v - s.mean) / width
		variance += d * d
	}
	return width * math.Sqrt(variance/float64(s.n-ddof))
}

// binEdges are the limits of n bins, one more than there are bins, or of as many as the rule
// chooses if n is zero.
func binEdges(values []float64, s summary, n int, rule Rule) ([]float64, error) {
	if n < 0 || n > maxBins {
		return nil, fmt.Errorf("Bins is %d; use 1 to %d, or 0 to let Rule choose", n, maxBins)
	}
	if rule != Scott && rule != FreedmanDiaconis {
		return nil, fmt.Errorf("Rule is %d; use Scott or FreedmanDiaconis", rule)
	}
	width := s.high - s.low
	switch {
	case width == 0:
		half := max(0.5, math.Abs(s.low)/1000)
		return []float64{s.low - half, s.low + half}, nil
	case math.IsInf(width, 0):
		return nil, fmt.Errorf("Values: from %g to %g is wider than a float64 can say", s.low, s.high)
	case width < 1e-300:
		return nil, fmt.Errorf("Values: from %g to %g is narrower than bins can be", s.low, s.high)
	}
	chosen := n
	if n == 0 {
		chosen = rule.bins(values, s)
	}
	edges := make([]float64, chosen+1)
	step := width / float64(chosen)
	for i := range edges {
		edges[i] = s.low + float64(i)*step
	}
	edges[chosen] = s.high
	for i := range chosen {
		if edges[i] < edges[i+1] {
			continue
		}
		if n == 0 {
			return []float64{s.low, s.high}, nil
		}
		return nil, fmt.Errorf("Bins is %d; between %v and %v a float64 has no room for so many bins", n, s.low, s.high)
	}
	return edges, nil
}

// bins is the number of bins by the rule.
func (r Rule) bins(values []float64, s summary) int {
	var width float64
	if r == FreedmanDiaconis {
		q := quantiles(values, 0.25, 0.75)
		width = 2 * (q[1] - q[0]) / math.Cbrt(float64(s.n))
	} else {
		width = math.Cbrt(24*math.Sqrt(math.Pi)/float64(s.n)) * s.deviation(values, 0)
	}
	if width == 0 {
		return 1 // as numpy has it
	}
	return int(max(1, min(math.Ceil((s.high-s.low)/width), maxRuleBins)))
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

// quantiles of values in any order, each as quantile defines it, in time that is linear in
// their number.
func quantiles(values []float64, ps ...float64) []float64 {
	values = slices.Clone(values)
	out := make([]float64, len(ps))
	for i, p := range ps {
		at := p * float64(len(values)-1)
		k := int(at)
		settle(values, k)
		pair := values[k : k+1]
		if k+1 < len(values) {
			pair = []float64{values[k], slices.Min(values[k+1:])}
		}
		out[i] = quantile(pair, at-float64(k))
	}
	return out
}

// settleAll moves the values of some ranks, which rise, to their places.
func settleAll(x []float64, ranks []int) {
	var settled func(x []float64, ranks []int, first int) // x begins with the rank first
	settled = func(x []float64, ranks []int, first int) {
		if len(ranks) == 0 {
			return
		}
		m := len(ranks) / 2
		k := ranks[m] - first
		settle(x, k)
		settled(x[:k], ranks[:m], first)
		settled(x[k+1:], ranks[m+1:], first+k+1)
	}
	settled(x, ranks, 0)
}

// settle moves the k-th lowest value to its place, lower ones before it and higher ones behind
// (quickselect: Hoare, Communications of the ACM 4, 1961).
func settle(x []float64, k int) {
	for rounds := 0; len(x) > 1; rounds++ {
		if rounds > 64 { // the pivots were bad
			slices.Sort(x)
			return
		}
		a, b, c := x[0], x[len(x)/2], x[len(x)-1]
		pivot := max(min(a, b), min(max(a, b), c))
		i, j := 0, len(x)-1
		for i <= j {
			for x[i] < pivot {
				i++
			}
			for x[j] > pivot {
				j--
			}
			if i <= j {
				x[i], x[j] = x[j], x[i]
				i, j = i+1, j-1
			}
		}
		switch {
		case k <= j:
			x = x[:j+1]
		case k >= i:
			x, k = x[i:], k-i
		default:
			return
		}
	}
}
