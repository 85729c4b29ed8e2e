package montecarlo

import (
	"math"

	"github.com/threads2go/course/pkg/internal/xoshiro"
)

// Standard normal numbers by the ziggurat of Marsaglia and Tsang, "The Ziggurat
// Method for Generating Random Variables", Journal of Statistical Software 5
// (2000), with random bits for the layer that are not those of the position, as
// Doornik, "An Improved Ziggurat Method to Generate Normal Random Samples" (2005),
// asks for.
//
// What makes it fast: a word of the generator is enough for two numbers, which go
// into two walks, so that nothing waits for a product of its own walk; a step's
// standard deviation is in the table; and the loop over the days holds the
// frequent case only, in registers.
//
// What makes it alike everywhere: every step is an IEEE operation that rounds
// alike on all processors. NormFloat64 of math/rand/v2 calls math.Log and math.Exp
// in its rare cases and adds a product to a number: there the last bit depends on
// the processor. Here float64 around each product that is added forbids the
// compiler to fuse the two into an operation that rounds once.

// The ziggurat covers exp(-x²/2) for x ≥ 0 with layers of one area: rectangles
// from 0 to width[i] on the x axis and from height[i] to height[i+1] on the y
// axis. The lowest ends at edge, where the curve is foot high, and has the tail
// beyond it in addition. Edge and area solve that the layers end at height 1, to 20
// digits.
const (
	layers = 256
	edge   = 3.6541528853610087716
	foot   = 0.0012602859304985975643
	area   = 0.0049286732339746553474
)

// A position within a layer is an odd number between -positions and positions, so
// it is never 0 and no side has more of them: 24 random bits. Position p of layer
// i is the number p·width[i]/positions.
const positions = 1 << 24

var ziggurat = newTables()

type tables struct {
	width, height [layers + 1]float64
	// Below this position a number is under the curve whatever its height.
	inside [layers]uint32
}

func newTables() *tables {
	var t tables
	t.width[0] = area / foot // as if the tail were a rectangle, too
	t.width[1], t.height[1] = edge, foot
	for i := 1; i < layers-1; i++ {
		t.height[i+1] = t.height[i] + area/t.width[i]
		t.width[i+1] = math.Sqrt(-2 * log(t.height[i+1]))
	}
	t.width[layers], t.height[layers] = 0, 1
	for i := range t.inside {
		t.inside[i] = uint32(positions * (t.width[i+1] / t.width[i]))
	}
	return &t
}

// low and high take a layer and a position from a word's lower and upper bits:
// bits 0 to 7 and 16 to 39, and bits 8 to 15 and 40 to 63.
func low(word uint64) (layer uint8, position int64)  { return uint8(word), int64(word<<24)>>39 | 1 }
func high(word uint64) (layer uint8, position int64) { return uint8(word >> 8), int64(word)>>39 | 1 }

// outside tells that a position is not in that part of its layer that is under the
// curve at all heights. It is there 993 times in 1000.
func outside(position int64, inside uint32) bool {
	return uint32(position^position>>63) >= inside // the absolute value, or 1 less
}

// days are the steps of a model's walks.
type days struct {
	growth, sd float64         // a day multiplies a price by growth + sd·normal
	scale      [layers]float64 // sd of a day times a layer's width over positions
	inside     [layers]uint32  // of the ziggurat, so that one address leads to all
}

func (d *days) of(m Model) {
	n := float64(m.Days)
	d.growth, d.sd, d.inside = 1+m.Drift/n, m.Volatility/math.Sqrt(n), ziggurat.inside
	for i := range d.scale {
		d.scale[i] = d.sd * (ziggurat.width[i] / positions)
	}
}

// walk moves two prices on by n days, with a word of src for each day and a few more.
func (d *days) walk(a, b float64, n int, src xoshiro.Source) (float64, float64, xoshiro.Source) {
	growth := d.growth
	for {
		var word uint64
		for ; n > 0; n-- {
			word, src = src.Next()
			i, p := low(word)
			j, q := high(word)
			if outside(p, d.inside[i]) || outside(q, d.inside[j]) {
				break
			}
			a *= growth + float64(float64(p)*d.scale[i])
			b *= growth + float64(float64(q)*d.scale[j])
		}
		if n == 0 {
			return a, b, src
		}
		// One day in 75 a number is at the border of its layer.
		n--
		i, p := low(word)
		j, q := high(word)
		x, y := float64(float64(p)*d.scale[i]), float64(float64(q)*d.scale[j])
		if outside(p, d.inside[i]) {
			x, src = border(i, p, src)
			x = float64(x * d.sd)
		}
		if outside(q, d.inside[j]) {
			y, src = border(j, q, src)
			y = float64(y * d.sd)
		}
		a *= growth + x
		b *= growth + y
	}
}

// border returns the normal number that begins with a position outside of what is
// inside its layer: the same place if it is under the curve, or else a new number.
func border(i uint8, p int64, src xoshiro.Source) (float64, xoshiro.Source) {
	z := ziggurat
	for {
		x := float64(p) * (z.width[i] / positions)
		if i == 0 {
			var beyond float64
			beyond, src = tail(src)
			return math.Copysign(beyond, x), src
		}
		// The layer's top is where the curve is at its inner end; from there the curve
		// falls by less than a factor e.
		var u float64
		u, src = uniform(src)
		bottom, top, end := z.height[i], z.height[int(i)+1], z.width[int(i)+1]
		if bottom+float64(u*(top-bottom)) < top*expNeg((float64(x*x)-float64(end*end))/2) {
			return x, src
		}
		var word uint64
		word, src = src.Next()
		i, p = low(word)
		if !outside(p, z.inside[i]) {
			return float64(p) * (z.width[i] / positions), src
		}
	}
}

// tail returns a normal number beyond edge by Marsaglia's method of 1964, which
// Marsaglia and Tsang give, too.
func tail(src xoshiro.Source) (float64, xoshiro.Source) {
	for {
		var u, v float64
		u, src = uniform(src)
		v, src = uniform(src)
		x, y := -log(u)/edge, -log(v)
		if y+y > x*x {
			return edge + x, src
		}
	}
}

// uniform returns a number in (0, 1].
func uniform(src xoshiro.Source) (float64, xoshiro.Source) {
	word, src := src.Next()
	return float64(word>>11+1) / (1 << 53), src
}

// expNeg returns e^-x for x from 0 to 1 to about 14 digits, the same bits on every
// processor: Taylor's series at x/8, its even and odd powers apart, squared three
// times.
func expNeg(x float64) float64 {
	x *= 1. / 8
	x2 := float64(x * x)
	x4 := float64(x2 * x2)
	even := 1 + float64(x2*(1./2)) + float64(x4*(1./24+float64(x2*(1./720)))) + float64(x4*x4*(1./40320))
	odd := 1 + float64(x2*(1./6)) + float64(x4*(1./120+float64(x2*(1./5040)))) + float64(x4*x4*(1./362880))
	y := even - float64(x*odd)
	y = float64(y * y)
	y = float64(y * y)
	return y * y
}

// log returns the natural logarithm of x > 0 to about 15 digits, the same bits
// on every processor: ln(m·2^e) = e·ln 2 + 2·artanh((m-1)/(m+1)), with m within
// a factor √2 of 1 and artanh by its series.
func log(x float64) float64 {
	m, e := math.Frexp(x)
	if m < math.Sqrt2/2 {
		m, e = 2*m, e-1
	}
	s := (m - 1) / (m + 1)
	s2 := s * s
	sum := 0.0
	for k := 21.0; k > 0; k -= 2 {
		sum = 1/k + float64(s2*sum)
	}
	return float64(float64(e)*math.Ln2) + float64(2*s*sum)
}
