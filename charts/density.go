package charts

import (
	"math"
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

// trace gives points of a curve from low to high, as few as its picture needs: of many, those
// without which the line through the rest would be off by more than half a pixel, in a
// plot that is so many pixels and tall units high (Douglas and Peucker, The Canadian
// Cartographer 10, 1973).
func trace(f func(float64) float64, low, high, tall, pixels float64) []xy {
	const n = 800
	points := make([]xy, n+1)
	for i := range points {
		x := low + (high-low)*float64(i)/n
		points[i] = xy{x, f(x)}
	}
	keep := make([]bool, n+1)
	keep[0], keep[n] = true, true
	var split func(a, b int)
	split = func(a, b int) {
		far, at := 0.5, 0
		for i := a + 1; i < b; i++ {
			share := float64(i-a) / float64(b-a)
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
	split(0, n)
	out := points[:0]
	for i, p := range points {
		if keep[i] {
			out = append(out, p)
		}
	}
	return out
}
