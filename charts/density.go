package charts

import (
	"math"
	"slices"
)

// A kernelDensity estimates the density of values: the mean of a normal density around each,
// with the standard deviation h that is Scott's rule for densities, σ n^(-1/5) (Multivariate
// Density Estimation, 1992), scipy's gaussian_kde. The values are first shared among cells h/16
// wide (Wand, Journal of Computational and Graphical Statistics 3, 1994), which no pixel shows.
type kernelDensity struct {
	h, low, step float64
	cells        []float64 // the share of the values that is at low, low+step …
}

const maxCells = 1 << 16

// newDensity is false if the values have none: there are fewer than two different ones.
func newDensity(values []float64, s summary) (kernelDensity, bool) {
	if s.low == s.high {
		return kernelDensity{}, false
	}
	h := s.deviation(values, 1) * math.Pow(float64(s.n), -0.2)
	width := s.high - s.low
	n := int(min(max(math.Ceil(16*width/h), 1), maxCells))
	d := kernelDensity{h: h, low: s.low, step: width / float64(n), cells: make([]float64, n+1)}
	for _, v := range values {
		at := (v - s.low) / d.step
		i := min(int(at), n-1)
		d.cells[i] += 1 - (at - float64(i))
		d.cells[i+1] += at - float64(i)
	}
	for i := range d.cells {
		d.cells[i] /= float64(s.n)
	}
	return d, true
}

func (d kernelDensity) at(x float64) float64 {
	middle, reach := (x-d.low)/d.step, 8*d.h/d.step
	first := int(max(0, math.Ceil(middle-reach)))
	last := int(min(float64(len(d.cells)-1), math.Floor(middle+reach)))
	sum := 0.0
	for i := first; i <= last; i++ {
		if d.cells[i] != 0 {
			sum += d.cells[i] * normal(x, d.low+float64(i)*d.step, d.h)
		}
	}
	return sum
}

// normal is the density of the normal distribution at x.
func normal(x, mean, deviation float64) float64 {
	z := (x - mean) / deviation
	return math.Exp(-z*z/2) / (deviation * math.Sqrt(2*math.Pi))
}

// An xy is a point of a curve.
type xy struct{ x, y float64 }

// places are where to look at the density between low and high: evenly spread, and where the
// values are, as a peak may be much narrower than the plot.
func (d kernelDensity) places(low, high float64) []float64 {
	out := evenly(low, high)
	const parts = 100
	sum := 0.0
	for i, share := range d.cells {
		before := math.Floor(sum * parts)
		sum += share
		if x := d.low + float64(i)*d.step; math.Floor(sum*parts) > before {
			for k := -4.0; k <= 4; k++ {
				if at := x + k/2*d.h; low < at && at < high {
					out = append(out, at)
				}
			}
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// normalPlaces are where to look at a normal density between low and high.
func normalPlaces(mean, deviation, low, high float64) []float64 {
	out := evenly(low, high)
	for k := -40.0; k <= 40; k++ {
		if at := mean + k/8*deviation; low < at && at < high {
			out = append(out, at)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// evenly gives places from low to high, about one per pixel of a figure.
func evenly(low, high float64) []float64 {
	const n = 800
	out := make([]float64, n+1)
	for i := range out {
		out[i] = low + (high-low)*(float64(i)/n)
	}
	return out
}

// trace gives points of a curve, as few as its picture needs: of those at xs, which rise, the
// ones without which the line through the rest would be off by more than half a pixel, in a
// plot that is so many pixels and tall units high (Douglas and Peucker, The Canadian
// Cartographer 10, 1973).
func trace(f func(float64) float64, xs []float64, tall, pixels float64) []xy {
	points := make([]xy, len(xs))
	for i, x := range xs {
		points[i] = xy{x, f(x)}
	}
	last := len(points) - 1
	keep := make([]bool, len(points))
	keep[0], keep[last] = true, true
	var split func(a, b int)
	split = func(a, b int) {
		far, at := 0.5, 0
		for i := a + 1; i < b; i++ {
			share := (points[i].x - points[a].x) / (points[b].x - points[a].x)
			off := math.Abs(points[i].y-(points[a].y+share*(points[b].y-points[a].y))) / tall * pixels
			if off > far {
				far, at = off, i
			}
		}
		if at > 0 {
			keep[at] = true
			split(a, at)
			split(at, b)
		}
	}
	split(0, last)
	out := points[:0]
	for i, p := range points {
		if keep[i] {
			out = append(out, p)
		}
	}
	return out
}
