package timing

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"github.com/threads2go/course/pkg/internal/quantile"
)

// Median returns the time that half of the runs were faster than, Quantile(0.5).
func (s Series) Median() time.Duration { return s.Quantile(0.5) }

// Quantile returns the time that a share p of the runs were faster than, to the
// nanosecond: 0 is the fastest, 0.25 and 0.75 are the quartiles, 1 is the
// slowest. Between two runs it interpolates linearly: type 7 of Hyndman and Fan
// (The American Statistician 50, 1996), the default of numpy.quantile and R.
//
// It panics if there are no times or p is not from 0 to 1.
func (s Series) Quantile(p float64) time.Duration {
	switch {
	case len(s.Times) == 0:
		panic(fmt.Sprintf("timing: %q has no times, and so no quantile", s.Name))
	case !(p >= 0 && p <= 1):
		panic(fmt.Sprintf("timing: Quantile(%v): want a share of the runs, from 0 to 1", p))
	}
	return time.Duration(math.Round(quantile.OfSorted(slices.Sorted(slices.Values(nanoseconds(s.Times))), p)))
}

func nanoseconds(times []time.Duration) []float64 {
	x := make([]float64, len(times))
	for i, d := range times {
		x[i] = float64(d)
	}
	return x
}

// A Ratio is a quotient of two medians, with an interval that covers the true one
// with a probability of about 95 %.
type Ratio struct {
	Value     float64
	Low, High float64 // 0 and +Inf after fewer than 6 runs, which cannot tell
}

// String returns the ratio and its interval to three digits, "1.98 (1.95 to 2.01)".
func (r Ratio) String() string {
	if math.IsInf(r.High, 0) {
		return digits(r.Value) + " (too few runs for an interval)"
	}
	return fmt.Sprintf("%s (%s to %s)", digits(r.Value), digits(r.Low), digits(r.High))
}

func digits(x float64) string {
	if x >= 1000 {
		return fmt.Sprintf("%.0f", x)
	}
	return strings.TrimSuffix(fmt.Sprintf("%#.3g", x), ".")
}

const (
	// minRuns is the smallest number of runs whose whole range covers the median
	// with a probability of 95 %: 1 - 2/2^n, as each side holds all runs with
	// 1/2^n.
	minRuns = 6

	resamples = 2000
)

// Speedup returns how many times faster name is than serial: the median time of
// serial divided by that of name.
//
// The interval is found by bootstrap: runs are drawn with replacement, as many as
// there are, and the quotient is computed anew, 2,000 times; the 2.5 % and the
// 97.5 % quantile of these quotients are its ends (the percentile interval of
// Efron and Tibshirani, An Introduction to the Bootstrap, 1993, chapter 13). Two
// candidates that Measure timed by turns are drawn by rounds, so that what
// disturbed a whole round cancels out; others each by itself. The draws are
// seeded: equal times have equal intervals. For 20 runs it takes some
// milliseconds, growing with their number.
//
// It is an error if there is no series of such a name, or a time is 0, which says
// that a run is shorter than the clock can tell.
func (r *Result) Speedup(serial, name string) (Ratio, error) {
	i, err := r.find(serial)
	if err != nil {
		return Ratio{}, err
	}
	j, err := r.find(name)
	if err != nil {
		return Ratio{}, err
	}
	a, b := nanoseconds(r.Series[i].Times), nanoseconds(r.Series[j].Times)
	together := i < r.together && j < r.together && len(a) == len(b)
	return ratio(a, b, together), nil
}

// Efficiency returns Speedup(serial, name) per worker: 1 if name, which uses so
// many workers, is that many times faster than serial. It is an error if there
// are fewer than 1, and where Speedup has one.
func (r *Result) Efficiency(serial, name string, workers int) (Ratio, error) {
	if workers < 1 {
		return Ratio{}, fmt.Errorf("timing: efficiency of %q with %d workers; it has at least 1", name, workers)
	}
	s, err := r.Speedup(serial, name)
	n := float64(workers)
	return Ratio{s.Value / n, s.Low / n, s.High / n}, err
}

// find returns the index of the series called name, if its times can be compared.
func (r *Result) find(name string) (int, error) {
	names := make([]string, len(r.Series))
	for i, s := range r.Series {
		names[i] = s.Name
		if s.Name != name {
			continue
		}
		if len(s.Times) == 0 {
			return 0, fmt.Errorf("timing: %q has no times to compare", name)
		}
		for k, d := range s.Times {
			if d <= 0 {
				return 0, fmt.Errorf("timing: %q: time %d is %v, too short to compare; do the work many times in a run", name, k, d)
			}
		}
		return i, nil
	}
	return 0, fmt.Errorf("timing: no series is named %q; there are %q", name, names)
}

// ratio is the quotient of the medians of a and b.
func ratio(a, b []float64, together bool) Ratio {
	median := func(x []float64) float64 {
		slices.Sort(x)
		return quantile.OfSorted(x, 0.5)
	}
	r := Ratio{median(slices.Clone(a)) / median(slices.Clone(b)), 0, math.Inf(1)}
	if len(a) < minRuns || len(b) < minRuns {
		return r
	}
	random := rand.New(rand.NewPCG(1, 2))
	drawnA, drawnB := make([]float64, len(a)), make([]float64, len(b))
	ratios := make([]float64, resamples)
	for k := range ratios {
		for i := range a {
			at := random.IntN(len(a))
			drawnA[i] = a[at]
			if together {
				drawnB[i] = b[at]
			}
		}
		if !together {
			for i := range b {
				drawnB[i] = b[random.IntN(len(b))]
			}
		}
		ratios[k] = median(drawnA) / median(drawnB)
	}
	slices.Sort(ratios)
	r.Low, r.High = quantile.OfSorted(ratios, 0.025), quantile.OfSorted(ratios, 0.975)
	return r
}

// Amdahl fits Amdahl's law to speed-ups: the work is done in serial to a fraction
// s and by all workers together for the rest, so that n workers are
//
//	1 / (s + (1-s)/n)
//
// times as fast as one (Amdahl, AFIPS Spring Joint Computer Conference, 1967). It
// returns the s from 0 to 1 that comes nearest to the measured times, as shares of
// the serial one, by least squares; 1/s is the most that any number of workers can
// reach. For one speed-up this is the serial fraction of Karp and Flatt
// (Communications of the ACM 33, 1990).
//
// speedups[i] is that of workers[i] workers. It is an error if the lengths differ,
// a number of workers is less than 1 or none is more, or a speed-up is not above 0
// and finite.
func Amdahl(workers []int, speedups []float64) (serial float64, err error) {
	if len(workers) != len(speedups) {
		return 0, fmt.Errorf("timing: Amdahl of %d numbers of workers and %d speed-ups; give as many of one as of the other", len(workers), len(speedups))
	}
	// 1/speedup - 1/n = s (1 - 1/n) is a line through the origin, with slope s.
	var xy, xx float64
	for i, n := range workers {
		if n < 1 {
			return 0, fmt.Errorf("timing: Amdahl: workers[%d] is %d; there is at least 1", i, n)
		}
		if v := speedups[i]; !(v > 0) || math.IsInf(v, 1) {
			return 0, fmt.Errorf("timing: Amdahl: speedups[%d] is %v; want the serial time divided by that of the workers", i, v)
		}
		x, y := 1-1/float64(n), 1/speedups[i]-1/float64(n)
		xy += x * y
		xx += x * x
	}
	if xx == 0 {
		return 0, errors.New("timing: Amdahl without a speed-up of more than 1 worker; measure one, for example with 2")
	}
	return min(max(xy/xx, 0), 1), nil
}
