package main

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

func sample(n int, draw func() float64) []float64 {
	x := make([]float64, n)
	for i := range x {
		x[i] = draw()
	}
	slices.Sort(x)
	return x
}

// distributions have the median in their name.
func distributions(r *rand.Rand) map[float64]func() float64 {
	return map[float64]func() float64{
		1:              func() float64 { return 1 + 0.1*r.NormFloat64() },
		2:              func() float64 { return 1.8 + 0.4*r.Float64() },
		3:              func() float64 { return 3 * math.Exp(0.3*r.NormFloat64()) },
		4 + math.Ln2/5: func() float64 { return 4 + r.ExpFloat64()/5 },
	}
}

func TestMedian(t *testing.T) {
	for want, x := range map[float64][]float64{3: {3}, 2: {3, 1}, 5: {9, 5, 1}, 4: {1, 5, 3, 9}} {
		before := slices.Clone(x)
		if got := median(x); got != want {
			t.Errorf("median of %v is %v, want %v", x, got, want)
		}
		if !slices.Equal(x, before) {
			t.Error("median sorted its argument")
		}
	}
}

// The wanted places are those of tables of the sign test at 5 %, two-sided.
func TestIntervalTakesTheRightValues(t *testing.T) {
	for n, k := range map[int]int{6: 1, 8: 1, 9: 2, 11: 2, 12: 3, 15: 4, 20: 6, 25: 8, 41: 14} {
		x := make([]float64, n)
		for i := range x {
			x[i] = float64(i + 1)
		}
		low, high := interval(x)
		if low != float64(k) || high != float64(n+1-k) {
			t.Errorf("interval of %d values is the %v-th to the %v-th, want %d-th and %d-th", n, low, high, k, n+1-k)
		}
	}
	if low, high := interval(make([]float64, 5)); !math.IsInf(low, -1) || !math.IsInf(high, 1) {
		t.Errorf("interval of 5 values is [%v, %v]: nothing is certain with so few", low, high)
	}
}

func TestIntervalCoversTheMedian(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	const samples = 4000
	for _, n := range []int{minRounds, 11, 15, 41} {
		for median, draw := range distributions(r) {
			covered := 0.0
			for range samples {
				if low, high := interval(sample(n, draw)); low <= median && median <= high {
					covered++
				}
			}
			// 95 % less three standard errors.
			if covered/samples < 0.95-3*math.Sqrt(0.95*0.05/samples) {
				t.Errorf("%d rounds, median %v: covered in %v of %d samples", n, median, covered, samples)
			}
		}
	}
}

func TestVerdict(t *testing.T) {
	for _, c := range []struct {
		low, high, goal float64
		want            string
	}{
		{0.90, 0.98, 1, Yes},
		{0.90, 1.00, 1, Yes},
		{0.90, 1.01, 1, Undecided},
		{1.00, 1.01, 1, Undecided},
		{1.01, 1.02, 1, No},
		{0.01, 0.02, 0, Undecided},
		{math.Inf(-1), math.Inf(1), 1, Undecided},
	} {
		if got := verdict(c.low, c.high, c.goal); got != c.want {
			t.Errorf("[%v, %v] against the goal %v: %s, want %s", c.low, c.high, c.goal, got, c.want)
		}
	}
}

func TestOneModeIsSeldomTakenForTwo(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	const samples = 2000
	for _, n := range []int{modesMinRounds, 15, 41} {
		for median, draw := range distributions(r) {
			wrong := 0
			for range samples {
				if modes(sample(n, draw)) != nil {
					wrong++
				}
			}
			if wrong > samples*4/100 {
				t.Errorf("%d rounds, median %v: two modes in %d of %d samples", n, median, wrong, samples)
			}
		}
	}
}

func TestTwoModesAreFound(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	const samples = 500
	for _, n := range []int{15, 41} {
		right := 0
		for range samples {
			m := modes(sample(n, func() float64 { return 1 + 0.5*float64(r.IntN(2)) + 0.03*r.NormFloat64() }))
			if len(m) == 2 && math.Abs(m[0]-1) < 0.05 && math.Abs(m[1]-1.5) < 0.05 {
				right++
			}
		}
		if right < samples*95/100 {
			t.Errorf("%d rounds: modes 1 and 1.5 found in %d of %d samples", n, right, samples)
		}
	}
}

func TestNoModes(t *testing.T) {
	ones := slices.Repeat([]float64{1}, 20)
	for name, x := range map[string][]float64{
		"nothing":           nil,
		"equal values":      ones,
		"one outlier":       append(slices.Clone(ones), 2),
		"modes 1 % apart":   append(slices.Clone(ones), slices.Repeat([]float64{1.01}, 20)...),
		"too few for modes": {1, 1, 1, 1, 1, 2, 2, 2, 2, 2},
	} {
		if m := modes(x); m != nil {
			t.Errorf("%s: modes %v", name, m)
		}
	}
}
