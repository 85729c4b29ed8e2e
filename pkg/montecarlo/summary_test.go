package montecarlo_test

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/threads2go/course/pkg/montecarlo"
)

func near(a, b float64) bool { return math.Abs(a-b) <= 1e-12*math.Max(math.Abs(a), math.Abs(b)) }

// The wanted numbers are those of numpy 2.4.6:
//
//	numpy.percentile(x, [0, 5, 10, 25, 37.5, 50, 90, 95, 99, 100])
//	numpy.mean(x), numpy.std(x, ddof=1) / numpy.sqrt(len(x))
func TestSummarizeEqualsNumpy(t *testing.T) {
	x := []float64{103.5, 88.25, 140, 97.125, 120.75, 61.5, 99, 110.375, 84, 131.25}
	before := slices.Clone(x)
	got, err := montecarlo.Summarize(x, 0, 0.05, 0.1, 0.25, 0.375, 0.5, 0.9, 0.95, 0.99, 1)
	if err != nil {
		t.Fatal(err)
	}
	want := []float64{61.5, 71.625, 81.75, 90.46875, 97.828125, 101.25, 132.125, 136.0625, 139.2125, 140}
	if !slices.EqualFunc(got.Quantiles, want, near) {
		t.Errorf("quantiles %v, want %v", got.Quantiles, want)
	}
	if got.Walks != 10 || !near(got.Mean, 103.575) || !near(got.StdErr, 7.367185125043802) {
		t.Errorf("%d walks, mean %v ± %v", got.Walks, got.Mean, got.StdErr)
	}
	if !slices.Equal(x, before) {
		t.Error("Summarize reordered the prices")
	}
}

// type7 is numpy's definition written down directly: position q·(n-1) from 0.
func type7(sorted []float64, q float64) float64 {
	h := q * float64(len(sorted)-1)
	i := int(h)
	if i+1 == len(sorted) {
		return sorted[i]
	}
	return sorted[i] + (h-float64(i))*(sorted[i+1]-sorted[i])
}

func TestQuantilesAreType7ForAnySize(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for n := 1; n < 400; n++ {
		x := make([]float64, n)
		for i := range x {
			x[i] = math.Exp(r.NormFloat64())
		}
		q := []float64{0, 1, 0.5, r.Float64(), r.Float64(), math.SmallestNonzeroFloat64, math.Nextafter(1, 0)}
		got, err := montecarlo.Summarize(x, q...)
		if err != nil {
			t.Fatal(err)
		}
		slices.Sort(x)
		for i, q := range q {
			if want := type7(x, q); !near(got.Quantiles[i], want) {
				t.Errorf("quantile %v of %d prices is %v, want %v", q, n, got.Quantiles[i], want)
			}
		}
	}
}

// Sums of 1,000,001 equal prices would drift if they were added one by one.
func TestMeanOfManyPricesIsAccurate(t *testing.T) {
	x := slices.Repeat([]float64{0.1}, 1_000_001)
	got, err := montecarlo.Summarize(x)
	if err != nil {
		t.Fatal(err)
	}
	if math.Abs(got.Mean-0.1) > 1e-14 || got.StdErr > 1e-16 {
		t.Errorf("mean %v ± %v of equal prices 0.1", got.Mean, got.StdErr)
	}
}

func TestSummaryOfOnePrice(t *testing.T) {
	got, err := montecarlo.Summarize([]float64{3}, 0, 0.3, 1)
	if err != nil {
		t.Fatal(err)
	}
	if got.Mean != 3 || !math.IsNaN(got.StdErr) || !slices.Equal(got.Quantiles, []float64{3, 3, 3}) {
		t.Errorf("%+v, want mean 3 ± NaN and quantiles 3", got)
	}
}

// The wanted numbers are 100·1.0002^250 and 100·exp(0.03 + 0.2·z) with
// z = -1.6448536269514722, 0 and 1.6448536269514722, computed outside Go.
func TestExpected(t *testing.T) {
	got, err := share.Expected(0.05, 0.5, 0.95, 0, 1)
	if err != nil {
		t.Fatal(err)
	}
	want := []float64{74.15811186150574, 103.0454533953517, 143.18548839652178, 0, math.Inf(1)}
	if !near(got.Mean, 105.12658407344218) {
		t.Errorf("mean %v", got.Mean)
	}
	for i := range want {
		if got.Quantiles[i] != want[i] && !near(got.Quantiles[i], want[i]) {
			t.Errorf("quantiles %v, want %v", got.Quantiles, want)
		}
	}
	if got.Walks != 0 || got.StdErr != 0 {
		t.Errorf("%d walks and a standard error of %v in theory", got.Walks, got.StdErr)
	}
}

func TestSummarizeRefusesBadInput(t *testing.T) {
	_, err := montecarlo.Summarize(nil)
	names(t, err, "0 prices", "at least 1")
	_, err = montecarlo.Summarize([]float64{1, math.NaN()})
	names(t, err, "price 1 is NaN", "smaller drift or volatility")
	_, err = montecarlo.Summarize([]float64{math.Inf(1)})
	names(t, err, "price 0 is +Inf", "smaller drift or volatility")
	for _, q := range []float64{-0.1, 5, math.NaN()} {
		_, err = montecarlo.Summarize([]float64{1}, q)
		names(t, err, "outside [0, 1]", "0.05")
		_, err = share.Expected(q)
		names(t, err, "outside [0, 1]", "0.05")
	}
}
