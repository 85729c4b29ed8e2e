package bootstrap

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/threads2go/course/pkg/internal/python"
	"github.com/threads2go/course/pkg/internal/xoshiro"
)

// samples are data of all kinds that make rounding errors large.
func samples() map[string][]float64 {
	r := rand.New(rand.NewPCG(1, 2))
	many := func(n int, f func() float64) []float64 {
		x := make([]float64, n)
		for i := range x {
			x[i] = f()
		}
		return x
	}
	return map[string][]float64{
		"two":            {3, 8},
		"three":          {-1, 2, 2},
		"equal":          slices.Repeat([]float64{0.1}, 10),
		"normal":         many(1461, r.NormFloat64),
		"temperatures":   many(5000, func() float64 { return math.Round(10*(11+7*r.NormFloat64())) / 10 }),
		"far from 0":     many(1000, func() float64 { return 1e6 + r.Float64() }),
		"skewed":         many(999, func() float64 { return math.Exp(2 * r.NormFloat64()) }),
		"one far away":   append(many(20, r.NormFloat64), 1e9),
		"of a few sizes": many(5, func() float64 { return math.Exp(20 * r.NormFloat64()) }),
	}
}

const statisticsByScipy = `
import json, sys, warnings
import numpy as np
from scipy.stats import skew
warnings.simplefilter("ignore")
def three(x):
    s = skew(x)
    return [np.mean(x), np.std(x), None if np.isnan(s) else s]
json.dump([three(np.array(x, dtype=float)) for x in json.load(sys.stdin)], sys.stdout)`

// equals compares with scipy's statistics of the same values: to 12 digits, and, for
// values far from 0 beside their spread, to the 15 that the values themselves have.
func equals(t *testing.T, name string, got Statistics, want [3]*float64, values []float64) {
	t.Helper()
	size := 0.0
	for _, x := range values {
		size = max(size, math.Abs(x))
	}
	mean, std := *want[0], *want[1]
	if math.Abs(got.Mean-mean) > 1e-15*size || math.Abs(got.Std-std) > 1e-12*std+1e-15*size {
		t.Errorf("%s: mean %v, standard deviation %v, want %v, %v", name, got.Mean, got.Std, mean, std)
	}
	switch {
	case want[2] == nil:
		if !math.IsNaN(got.Skew) {
			t.Errorf("%s: skewness %v, want NaN", name, got.Skew)
		}
	case !(math.Abs(got.Skew-*want[2]) <= 1e-12*max(1, math.Abs(*want[2]))+1e-15*size/std):
		t.Errorf("%s: skewness %v, want %v", name, got.Skew, *want[2])
	}
}

// drawn returns the values of a resample, by the rule written down plainly.
func drawn(data []float64, src xoshiro.Source) ([]float64, xoshiro.Source) {
	n := uint64(len(data))
	var values []float64
	take := func(half uint64) bool {
		product := half * n
		if product%(1<<32) < (1<<32)%n {
			return false
		}
		values = append(values, data[product/(1<<32)])
		return true
	}
	again := func() {
		for {
			var word uint64
			word, src = src.Next()
			if take(word / (1 << 32)) {
				return
			}
		}
	}
	for range n / 2 {
		var word uint64
		word, src = src.Next()
		lower, upper := word%(1<<32), word/(1<<32)
		if !take(lower) {
			again()
		}
		if !take(upper) {
			again()
		}
	}
	if n%2 == 1 {
		again()
	}
	return values, src
}

// The statistics of data and of each resample are those that numpy and scipy find of
// the same values.
func TestStatisticsEqualNumpyAndScipy(t *testing.T) {
	var names []string
	var got []Statistics
	var in [][]float64
	for name, data := range samples() {
		s, err := Describe(data)
		if err != nil {
			t.Fatal(err)
		}
		names, got, in = append(names, name), append(got, s), append(in, data)
		m := mean(data)
		for block := range uint64(2) {
			src, same := stream(5, block), stream(5, block)
			for i := range 20 {
				var s Statistics
				var values []float64
				s, src = resample(data, m, src)
				values, same = drawn(data, same)
				if src != same {
					t.Fatalf("%s: resample %d of block %d takes other words of the stream", name, i, block)
				}
				names = append(names, fmt.Sprintf("%s, resample %d of block %d", name, i, block))
				got, in = append(got, s), append(in, values)
			}
		}
	}
	var want [][3]*float64
	python.Ask(t, statisticsByScipy, in, &want)
	for i, name := range names {
		equals(t, name, got[i], want[i], in[i])
	}
}

// Each value is drawn as often as any other, and no two draws of a word depend on
// each other: chi-square of the counts, whose mean is the number of cells.
func TestEveryValueIsDrawnAlike(t *testing.T) {
	for _, n := range []int{2, 3, 7, 10} {
		data := make([]float64, n)
		for i := range data {
			data[i] = float64(i)
		}
		const resamples = 20_000
		single, pairs := make([]float64, n), make([]float64, n*n)
		src := stream(1, uint64(n))
		for range resamples {
			var values []float64
			values, src = drawn(data, src)
			for _, x := range values {
				single[int(x)]++
			}
			pairs[int(values[0])*n+int(values[1])]++
		}
		for _, counts := range [][]float64{single, pairs} {
			var total, chi2 float64
			for _, c := range counts {
				total += c
			}
			cells := float64(len(counts))
			for _, c := range counts {
				chi2 += (c - total/cells) * (c - total/cells) / (total / cells)
			}
			if chi2 > cells-1+4.5*math.Sqrt(2*(cells-1))+8 {
				t.Errorf("%d values: chi-square %v of %v cells", n, chi2, cells)
			}
		}
	}
}

// With three quarters of 2^32 values, a third of all words would favour some of them.
func TestRedrawIsFair(t *testing.T) {
	const n = 3 << 30
	src := stream(1, 0)
	var counts [3]float64
	for range 300_000 {
		var i uint64
		i, src = redraw(n, uint32(1<<32%n), src)
		counts[i>>32%3]++
	}
	for _, c := range counts {
		if math.Abs(c-100_000) > 4*math.Sqrt(300_000*2/9.) {
			t.Errorf("counts %v, want 100000 of each", counts)
		}
	}
}
