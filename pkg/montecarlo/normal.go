package montecarlo

import (
	"math"
	"math/rand/v2"
)

// Standard normal numbers by the ziggurat of Marsaglia and Tsang, "The Ziggurat
// Method for Generating Random Variables", Journal of Statistical Software 5
// (2000), with separate random bits for layer and position, as Doornik, "An
// Improved Ziggurat Method to Generate Normal Random Samples" (2005), asks for.
//
// NormFloat64 of math/rand/v2 is the same method, but its rare cases call
// math.Log and math.Exp and add a product to a number: their last bit depends
// on the processor. Here every step is an IEEE operation that rounds alike
// everywhere, and float64 around each product that is added forbids the
// compiler to fuse the two into an operation that rounds once.

// The ziggurat covers exp(-x²/2) for x ≥ 0 with layers of one area: rectangles
// from 0 to width[i] on the x axis and from height[i] to height[i+1] on the y
// axis. The lowest ends at edge and has the tail beyond it in addition. Edge
// and area solve that the layers end at height 1, to 20 digits.
const (
	layers = 256
	edge   = 3.6541528853610087716
	area   = 0.0049286732339746553474
)

var ziggurat = newTables()

type tables struct {
	width, height [layers + 1]float64
	scale         [layers]float64 // width of a layer over 2^52
}

func newTables() *tables {
	var t tables
	t.width[0] = area / expNeg(edge*edge/2) // as if the tail were a rectangle, too
	t.width[1], t.height[1] = edge, expNeg(edge*edge/2)
	for i := 1; i < layers-1; i++ {
		t.height[i+1] = t.height[i] + area/t.width[i]
		t.width[i+1] = math.Sqrt(-2 * log(t.height[i+1]))
	}
	t.width[layers], t.height[layers] = 0, 1
	for i := range t.scale {
		t.scale[i] = t.width[i] / (1 << 52)
	}
	return &t
}

// normal returns a standard normal number. It takes one word of src in about 99
// cases of 100.
func normal(src *rand.ChaCha8) float64 {
	for {
		bits := src.Uint64()
		i := bits % layers
		x := float64(int64(bits)>>11) * ziggurat.scale[i] // uniform in ±width[i]
		if math.Abs(x) < ziggurat.width[i+1] {
			return x // under the curve whatever the height
		}
		if i == 0 {
			return math.Copysign(tail(src), x)
		}
		low, high := ziggurat.height[i], ziggurat.height[i+1]
		if low+float64(uniform(src)*(high-low)) < expNeg(x*x/2) {
			return x
		}
	}
}

// tail returns a normal number beyond edge by Marsaglia's method of 1964, which
// Marsaglia and Tsang give, too.
func tail(src *rand.ChaCha8) float64 {
	for {
		x, y := -log(uniform(src))/edge, -log(uniform(src))
		if y+y > x*x {
			return edge + x
		}
	}
}

// uniform returns a number in (0, 1].
func uniform(src *rand.ChaCha8) float64 {
	return float64(src.Uint64()>>11+1) / (1 << 53)
}

// expNeg returns e^-x for x from 0 to 8 to about 14 digits, the same bits on
// every processor: Taylor's series at x/64, squared six times.
func expNeg(x float64) float64 {
	x /= 64
	y := 1.0
	for k := 10.0; k > 0; k-- {
		y = 1 - float64(x*y)/k
	}
	for range 6 {
		y *= y
	}
	return y
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
