package montecarlo

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

func TestExpAndLogAreAccurate(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 100_000 {
		x := 8 * r.Float64()
		if got, want := expNeg(x), math.Exp(-x); math.Abs(got/want-1) > 2e-14 {
			t.Fatalf("expNeg(%v) = %v, want %v", x, got, want)
		}
		u := math.Ldexp(1-r.Float64(), -r.IntN(54))
		if got, want := log(u), math.Log(u); math.Abs(got-want) > 1e-15*max(1, -want) {
			t.Fatalf("log(%v) = %v, want %v", u, got, want)
		}
	}
	if expNeg(0) != 1 || log(1) != 0 {
		t.Errorf("expNeg(0) = %v, log(1) = %v", expNeg(0), log(1))
	}
}

// The layers are a ziggurat: widths fall to 0 and heights rise to 1 on the
// curve, and every layer has the same area, the top one included.
func TestZigguratClosesAtTheTop(t *testing.T) {
	z := ziggurat
	for i := 1; i < layers; i++ {
		if z.width[i+1] >= z.width[i] || z.height[i+1] <= z.height[i] {
			t.Fatalf("layer %d does not lie on the one below", i)
		}
		if on := math.Exp(-z.width[i] * z.width[i] / 2); math.Abs(on-z.height[i]) > 1e-14 {
			t.Errorf("corner %d is at height %v, the curve at %v", i, z.height[i], on)
		}
		if a := z.width[i] * (z.height[i+1] - z.height[i]); math.Abs(a/area-1) > 1e-11 {
			t.Errorf("layer %d has area %v, want %v", i, a, area)
		}
	}
	tail := math.Sqrt(math.Pi/2) * math.Erfc(edge/math.Sqrt2)
	if base := edge*z.height[1] + tail; math.Abs(base/area-1) > 1e-12 {
		t.Errorf("the base has area %v, want %v", base, area)
	}
}

func cdf(x float64) float64 { return math.Erfc(-x/math.Sqrt2) / 2 }

func TestNormalNumbersAreNormal(t *testing.T) {
	src := stream(1, 0)
	x := make([]float64, Draws)
	for i := range x {
		x[i] = normal(src)
	}
	n := float64(Draws)

	// The moments of a standard normal number are 0, 1, 0, 3, and the variance
	// of x^k is E[x^2k] − E[x^k]².
	for k, want := range map[float64][2]float64{1: {0, 1}, 2: {1, 2}, 3: {0, 15}, 4: {3, 96}} {
		var sum float64
		for _, x := range x {
			sum += math.Pow(x, k)
		}
		if se := math.Sqrt(want[1] / n); math.Abs(sum/n-want[0]) > 4*se {
			t.Errorf("moment %v is %v ± %v, want %v", k, sum/n, se, want[0])
		}
	}

	var products float64
	for i := range len(x) - 1 {
		products += x[i] * x[i+1]
	}
	if r := products / n; math.Abs(r) > 4/math.Sqrt(n) {
		t.Errorf("neighbours have correlation %v", r)
	}

	// Counts beyond a bound on either side, past the edge of the ziggurat too.
	for _, bound := range []float64{0.1, 1, 2, 3, 3.5, edge, 4, 4.5} {
		want := n * cdf(-bound)
		left, right := 0.0, 0.0
		for _, x := range x {
			if x < -bound {
				left++
			}
			if x > bound {
				right++
			}
		}
		if se := math.Sqrt(want); math.Abs(left-want) > 4*se || math.Abs(right-want) > 4*se {
			t.Errorf("%v numbers below -%v and %v above, want %v ± %v", left, bound, right, want, se)
		}
	}

	// Kolmogorov and Smirnov: the largest distance between the two distribution
	// functions, times √n, exceeds 1.95 once in 1000.
	slices.Sort(x)
	var distance float64
	for i, x := range x {
		p := cdf(x)
		distance = max(distance, p-float64(i)/n, float64(i+1)/n-p)
	}
	if d := distance * math.Sqrt(n); d > 1.95 {
		t.Errorf("Kolmogorov–Smirnov statistic %v", d)
	}
}

func BenchmarkNormal(b *testing.B) {
	src := stream(1, 0)
	var sum float64
	for b.Loop() {
		sum += normal(src)
	}
	if math.IsNaN(sum) {
		b.Fatal(sum)
	}
}

// NormFloat64 on the same source, for comparison.
func BenchmarkNormFloat64(b *testing.B) {
	src := stream(1, 0)
	r := rand.New(src)
	var sum float64
	for b.Loop() {
		sum += r.NormFloat64()
	}
	if math.IsNaN(sum) {
		b.Fatal(sum)
	}
}
