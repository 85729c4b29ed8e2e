package montecarlo

import (
	"math"
	"math/rand/v2"
	"os"
	"slices"
	"testing"

	"github.com/threads2go/course/pkg/internal/python"
)

func TestExpAndLogAreAccurate(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 100_000 {
		x := r.Float64()
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
		if fall := z.height[i+1] / z.height[i]; fall > math.E {
			t.Errorf("the curve falls by a factor %v in layer %d", fall, i)
		}
	}
	tail := math.Sqrt(math.Pi/2) * math.Erfc(edge/math.Sqrt2)
	if base := edge*z.height[1] + tail; math.Abs(base/area-1) > 1e-12 {
		t.Errorf("the base has area %v, want %v", base, area)
	}
	// What is called inside is under the curve, and the next position is not.
	for i := range layers {
		for _, p := range []int64{int64(z.inside[i]) - 2, int64(z.inside[i]) + 2} {
			for _, p := range []int64{p | 1, -(p | 1)} {
				x := math.Abs(float64(p)) * (z.width[i] / positions)
				if under := x <= z.width[i+1]; p > 0 && under == outside(p, z.inside[i]) {
					t.Errorf("layer %d: %v is inside: %v, under the curve: %v", i, x, !under, under)
				}
			}
		}
	}
}

// Layers and positions come from bits of their own, each number of a word from
// others: the bits of the four do not overlap, and positions are odd.
func TestBitsAreUsedOnce(t *testing.T) {
	ones := ^uint64(0)
	users := map[int]int{}
	for bit := range 64 {
		word := uint64(1) << bit
		i, p := low(word)
		j, q := high(word)
		if i != 0 {
			users[bit]++
		}
		if p != 1 {
			users[bit]++
		}
		if j != 0 {
			users[bit]++
		}
		if q != 1 {
			users[bit]++
		}
	}
	for bit, n := range users {
		if n > 1 {
			t.Errorf("bit %d is used %d times", bit, n)
		}
	}
	if len(users) != 64 {
		t.Errorf("%d of 64 bits are used", len(users))
	}
	for _, word := range []uint64{0, ones, 1 << 63, ones >> 1, 1 << 39, ones &^ (1 << 39)} {
		_, p := low(word)
		_, q := high(word)
		for _, p := range []int64{p, q} {
			if p%2 == 0 || p >= positions || p <= -positions {
				t.Errorf("position %d of %x", p, word)
			}
		}
	}
}

// normals is a model whose prices are normal numbers themselves: 1 + N(-1, 1).
var normals = Model{Start: 1, Days: 1, Drift: -1, Volatility: 1}

func cdf(x float64) float64 { return math.Erfc(-x/math.Sqrt2) / 2 }

// SOAK=1 looks at 1e9 numbers, about two minutes.
func manyDraws() int {
	if os.Getenv("SOAK") != "" {
		return 1_000_000_000
	}
	return 25 * Draws
}

func TestNormalNumbersAreNormal(t *testing.T) {
	const part, bins, cells = 1 << 16, 1 << 20, 16
	var (
		n         = manyDraws() / part * part
		x, p      = make([]float64, part), make([]float64, part)
		sums      [7]float64
		bounds    = []float64{0, 0.1, 1, 2, 3, 3.5, edge, 4, 4.5, 5, 5.5}
		beyond    = make([][2]int, len(bounds))
		ranks     = make([]int, bins)
		lags      = []int{1, 2, 3, 4}
		products  = make([][2]float64, len(lags)) // of neighbours, and of their squares
		neighbour [2][cells][cells]int
	)
	for block := range n / part {
		normals.fill(x, 1, uint64(block))
		var part [7]float64
		for i, x := range x {
			power := 1.0
			for k := range part {
				part[k] += power
				power *= x
			}
			for k, bound := range bounds {
				if x < -bound {
					beyond[k][0]++
				} else if x > bound {
					beyond[k][1]++
				} else {
					break
				}
			}
			p[i] = cdf(x)
			ranks[min(int(p[i]*bins), bins-1)]++
		}
		for k := range sums {
			sums[k] += part[k]
		}
		for k, lag := range lags {
			for i := range len(x) - lag {
				a, b := x[i], x[i+lag]
				products[k][0] += a * b
				products[k][1] += (a*a - 1) * (b*b - 1)
			}
		}
		for i := 0; i+3 < len(p); i += 4 { // of one word, and of one walk on two days
			neighbour[0][int(p[i]*cells)][int(p[i+1]*cells)]++
			neighbour[1][int(p[i]*cells)][int(p[i+2]*cells)]++
		}
	}
	count := float64(n)

	// The moments of a standard normal number are 0, 1, 0, 3, 0, 15, and the
	// variance of x^k is E[x^2k] − E[x^k]².
	for k, want := range map[int][2]float64{1: {0, 1}, 2: {1, 2}, 3: {0, 15}, 4: {3, 96}, 5: {0, 945}, 6: {15, 10170}} {
		if se := math.Sqrt(want[1] / count); math.Abs(sums[k]/count-want[0]) > 4*se {
			t.Errorf("moment %v is %v ± %v, want %v", k, sums[k]/count, se, want[0])
		}
	}

	// Counts beyond a bound on either side, past the edge of the ziggurat too:
	// within 4 standard errors, where few are expected within as many of Poisson's.
	for k, bound := range bounds {
		want := count * cdf(-bound)
		t.Logf("%v numbers beyond ∓%v, expected %.1f", beyond[k], bound, want)
		for _, got := range beyond[k] {
			if math.Abs(float64(got)-want) > 4*math.Sqrt(want*(1-want/count))+3 {
				t.Errorf("%v numbers beyond ∓%v, want %.1f", beyond[k], bound, want)
			}
		}
	}

	// Kolmogorov and Smirnov: the largest distance between the two distribution
	// functions, times √n, exceeds 1.95 once in 1000. Looked at in a million places,
	// it is at most a millionth larger in between.
	seen, distance := 0, 0.0
	for i, n := range ranks {
		seen += n
		distance = max(distance, math.Abs(float64(seen)/count-float64(i+1)/bins))
	}
	t.Logf("Kolmogorov–Smirnov distance times √n %.3f of %d numbers", distance*math.Sqrt(count), n)
	if d := (distance + 1.0/bins) * math.Sqrt(count); count < 1e8 && d > 1.95 {
		t.Errorf("Kolmogorov–Smirnov statistic %v", d)
	} else if d := distance * math.Sqrt(count); d > 1.95 {
		t.Errorf("Kolmogorov–Smirnov statistic %v at least", d)
	}

	for k, lag := range lags {
		r := [2]float64{products[k][0] / count, products[k][1] / count / 2}
		if math.Abs(r[0]) > 4/math.Sqrt(count) || math.Abs(r[1]) > 4/math.Sqrt(count) {
			t.Errorf("numbers at distance %d have correlation %v, their squares %v", lag, r[0], r[1])
		}
	}
	// The chi-square statistic of 255 degrees of freedom exceeds 345 once in 8000.
	for k, cell := range neighbour {
		chi2, want := 0.0, count/4/cells/cells
		for _, row := range cell {
			for _, got := range row {
				chi2 += (float64(got) - want) * (float64(got) - want) / want
			}
		}
		if chi2 > 345 {
			t.Errorf("chi-square of pairs at distance %d is %.0f", k+1, chi2)
		}
	}
}

// numpy's numbers have the same quantiles, as far as a sample of this size tells.
func TestQuantilesBesideNumpy(t *testing.T) {
	probabilities := []float64{0.0001, 0.001, 0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99, 0.999, 0.9999}
	var theirs []float64
	const program = `
import json, sys
import numpy as np
n, q = json.load(sys.stdin)
x = np.random.Generator(np.random.SFC64(1)).standard_normal(n)
json.dump(np.quantile(x, q).tolist(), sys.stdout)`
	n := manyDraws() / 10
	if n > 50_000_000 {
		n = 50_000_000 // 400 MB, twice
	}
	python.Ask(t, program, []any{n, probabilities}, &theirs)

	x := make([]float64, n)
	normals.fill(x, 2, 0)
	slices.Sort(x)
	for i, q := range probabilities {
		ours := x[int(q*float64(n-1))]
		z := -math.Sqrt2 * math.Erfcinv(2*q)
		se := math.Sqrt(q*(1-q)/float64(n)) / (math.Exp(-z*z/2) / math.Sqrt(2*math.Pi))
		if math.Abs(ours-theirs[i]) > 4*math.Sqrt2*se {
			t.Errorf("quantile %v is %v, numpy's %v, their difference's standard error %v", q, ours, theirs[i], math.Sqrt2*se)
		}
	}
}

func BenchmarkNormal(b *testing.B) {
	x := make([]float64, BlockSize)
	for b.Loop() {
		normals.fill(x, 1, 0)
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*len(x)), "ns/number")
}
