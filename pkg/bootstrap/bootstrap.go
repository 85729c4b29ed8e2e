// Package bootstrap estimates how far the mean, the standard deviation and the
// skewness of data can be trusted: it draws many samples from the data, with
// replacement, and looks how the three vary.
//
//	data, dropped := bootstrap.DropNaN(temperatures)
//	sample, err := bootstrap.Describe(data)                 // of the data themselves
//	r, err := bootstrap.Run(ctx, p, data, 10_000, seed)     // of each of 10,000 resamples
//	low, high, err := bootstrap.Interval(r.Mean, 0.95)      // the mean, with 95 % confidence
//
// # Definitions
//
// A resample has as many values as the data, each of them any value of the data
// with the same probability: the bootstrap of Efron, "Bootstrap Methods: Another
// Look at the Jackknife", The Annals of Statistics 7 (1979). Of n values x with
// mean m, the standard deviation is
//
//	√(Σ(x-m)²/n)
//
// with n and not n-1 (ddof=0), as numpy's std has it by default, and the skewness is
//
//	(Σ(x-m)³/n) / (Σ(x-m)²/n)^1.5
//
// without correction for bias, as scipy.stats.skew has it by default. Where all
// values are equal, but for rounding, the standard deviation is 0 and there is no
// skewness: it is NaN, as scipy's. All three agree with numpy's and scipy's to 12
// digits.
//
// # From numpy and scipy
//
//	x[~np.isnan(x)]                                        DropNaN(x)
//	x.mean(), x.std(), scipy.stats.skew(x)                 Describe(x)
//	y = rng.choice(x, len(x)), and the three of y          Run(ctx, p, x, 1, seed)
//	res = scipy.stats.bootstrap((x,), np.mean,             r, err := Run(ctx, p, x, 9999, seed)
//	    n_resamples=9999, method="percentile", rng=seed)
//	res.bootstrap_distribution                             r.Mean
//	res.confidence_interval                                Interval(r.Mean, 0.95)
//	np.quantile(y, [0.025, 0.975])                         Interval(y, 0.95)
//	a list that threads append to                          r's slices, by number of resample
//
// scipy's default method is "BCa", which corrects for bias and skewness of the
// resamples; this package has the plain percentile interval.
//
// # Reproducible on any number of workers
//
// Resamples are drawn in blocks of BlockSize. Block b has stream b of the seed as
// its own, a piece of xoshiro256++ that no other block of the seed shares a number
// with (Blackman and Vigna, "Scrambled Linear Pseudorandom Number Generators", ACM
// Transactions on Mathematical Software 47, 2021). So what a resample is depends on
// the seed and its number, not on who draws it; more resamples keep the first ones
// as they are; and since every operation rounds alike on all processors, the results
// are the same to the last bit on all of them.
package bootstrap

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/threads2go/course/pkg/internal/quantile"
	"github.com/threads2go/course/pkg/internal/xoshiro"
	"github.com/threads2go/course/pkg/pool"
)

// BlockSize is the number of resamples that share one random stream. The results
// depend on it, so it never changes.
const BlockSize = 32

// Statistics are those of one sample, in the data's unit, but for the skewness,
// which has none.
type Statistics struct {
	Mean float64
	Std  float64 // standard deviation, with n: numpy's ddof=0
	Skew float64 // skewness, biased; NaN where all values are equal
}

// Resamples are the statistics of many resamples: element i of each slice belongs to
// resample i.
type Resamples struct {
	Mean, Std, Skew []float64
}

// Describe returns the statistics of the data themselves. Fewer than two values, and
// values that are NaN or infinite, are an error.
func Describe(data []float64) (Statistics, error) {
	if err := check(data); err != nil {
		return Statistics{}, err
	}
	m := mean(data)
	var s sums
	for _, x := range data {
		s = s.plus(x - m)
	}
	return s.statistics(m, len(data)), nil
}

// DropNaN returns a copy of the data without the values that are NaN, and how many
// those were.
func DropNaN(data []float64) (kept []float64, dropped int) {
	kept = slices.DeleteFunc(slices.Clone(data), math.IsNaN)
	return kept, len(data) - len(kept)
}

// Run draws resamples of the data on p and returns the statistics of each. They
// depend on the data, the seed and BlockSize alone. The data stay as they are and
// must not change meanwhile.
//
// It blocks until the last resample is done. One item of the pool's progress is a
// block. When ctx ends first, Run waits for the blocks in hand and returns
// context.Cause(ctx) with the resamples so far; the statistics of those that are
// missing are NaN. Fewer than two values, values that are NaN or infinite, and less
// than one resample are an error before any work.
//
// The cost is one to two nanoseconds for each value of each resample, 24 bytes for
// each resample, and one allocation for each block: no resample is ever in memory,
// only its sums.
func Run(ctx context.Context, p *pool.Pool, data []float64, resamples int, seed uint64) (Resamples, error) {
	if resamples < 1 {
		return Resamples{}, fmt.Errorf("bootstrap: number of resamples is %d: ask for at least 1, for example 10000", resamples)
	}
	if err := check(data); err != nil {
		return Resamples{}, err
	}
	missing := slices.Repeat([]float64{math.NaN()}, resamples)
	r := Resamples{missing, slices.Clone(missing), slices.Clone(missing)}
	m := mean(data)
	blocks := make([]int, (resamples-1)/BlockSize+1)
	for i := range blocks {
		blocks[i] = i
	}
	_, err := pool.Map(ctx, p, blocks, func(_ context.Context, block int) (struct{}, error) {
		src := stream(seed, uint64(block))
		for i := block * BlockSize; i < min((block+1)*BlockSize, resamples); i++ {
			var s Statistics
			s, src = resample(data, m, src)
			r.Mean[i], r.Std[i], r.Skew[i] = s.Mean, s.Std, s.Skew
		}
		return struct{}{}, nil
	})
	return r, err
}

// Interval returns the bounds between which the middle part of the values lies: of
// Run's resamples, the percentile confidence interval of what they are values of.
// level is that part, above 0 and below 1: 0.95 leaves 2.5 % of the values on either
// side. The bounds are quantiles as numpy computes them by default.
//
// No values, a value that is NaN, or a level outside (0, 1) is an error. The values
// stay in their order, for a sorted copy.
func Interval(values []float64, level float64) (low, high float64, err error) {
	if !(level > 0 && level < 1) {
		return 0, 0, fmt.Errorf("bootstrap: level %v is outside (0, 1): write 0.95 for 95 %%", level)
	}
	if len(values) == 0 {
		return 0, 0, errors.New("bootstrap: 0 values: an interval needs at least 1")
	}
	if i := slices.IndexFunc(values, math.IsNaN); i >= 0 {
		return 0, 0, errNaN(i)
	}
	sorted := slices.Sorted(slices.Values(values))
	return quantile.OfSorted(sorted, (1-level)/2), quantile.OfSorted(sorted, (1+level)/2), nil
}

func check(data []float64) error {
	switch n := len(data); {
	case n == 0:
		return errors.New("bootstrap: 0 values: give at least 2")
	case n == 1:
		return fmt.Errorf("bootstrap: 1 value, %v: all its resamples are alike, give at least 2", data[0])
	case uint64(n) > math.MaxUint32:
		return fmt.Errorf("bootstrap: %d values: give at most %d", n, uint32(math.MaxUint32))
	}
	for i, x := range data {
		switch {
		case math.IsNaN(x):
			return errNaN(i)
		case math.IsInf(x, 0):
			return fmt.Errorf("bootstrap: value %d is %v: give finite values", i, x)
		}
	}
	return nil
}

func errNaN(i int) error {
	return fmt.Errorf("bootstrap: value %d is NaN: leave such values out with DropNaN, which counts them", i)
}

// mean adds up in parts, so that rounding errors grow with the size and the number
// of parts, not with their product.
func mean(data []float64) float64 {
	var sum float64
	for part := range slices.Chunk(data, 1024) {
		var s float64
		for _, x := range part {
			s += x
		}
		sum += s
	}
	return sum / float64(len(data))
}

// sums are those of some values' differences from a centre, their squares and cubes.
type sums struct{ d1, d2, d3 float64 }

func (s sums) plus(d float64) sums {
	d2 := float64(d * d) // a product that is added is not fused
	return sums{s.d1 + d, s.d2 + d2, s.d3 + float64(d2*d)}
}

// statistics turns the sums of n differences from a centre into the statistics of the
// values. The mean of the differences should be small beside their size.
func (s sums) statistics(centre float64, n int) Statistics {
	d1, d2, d3 := s.d1/float64(n), s.d2/float64(n), s.d3/float64(n)
	square := float64(d1 * d1)
	m2 := max(d2-square, 0)
	m3 := d3 - float64(3*d1*d2) + float64(2*d1*square)
	st := Statistics{Mean: centre + d1, Std: math.Sqrt(m2), Skew: math.NaN()}
	// Values are taken to be equal where scipy does.
	if least := st.Mean * 0x1p-52; m2 > float64(least*least) {
		st.Skew = m3 / float64(m2*st.Std)
	}
	return st
}

// stream returns the random numbers of one block.
func stream(seed, block uint64) xoshiro.Source {
	return xoshiro.Stream("bootstrap", seed, block)
}

// resample draws one resample of the data, whose mean is m, and returns its
// statistics.
//
// Differences are taken from m, since the resample's own mean is not known before it
// is drawn. Where that is so far off that digits would be lost, as happens with a
// handful of values and with rare values far away, the same values are drawn a second
// time, for their differences from their own mean.
func resample(data []float64, m float64, src xoshiro.Source) (Statistics, xoshiro.Source) {
	s, next := draw(data, m, src)
	n := float64(len(data))
	if d1 := s.d1 / n; !(float64(d1*d1) < 0.9*(s.d2/n)) {
		m += d1
		s, next = draw(data, m, src)
	}
	return s.statistics(m, len(data)), next
}

// draw adds up a resample's differences from a centre.
//
// A word of src draws two values, by the upper half of the product of 32 random bits
// with the number of values, which Lemire describes in "Fast Random Integer
// Generation in an Interval", ACM Transactions on Modeling and Computer Simulation 29
// (2019): where the lower half shows that a value would come too often, another word
// is taken. The two go into sums of their own, so that one need not wait for the
// other.
func draw(data []float64, centre float64, src xoshiro.Source) (sums, xoshiro.Source) {
	n := uint64(len(data))
	unfair := uint32(1 << 32 % n)
	var a, b sums
	var word uint64
	for range n / 2 {
		word, src = src.Next()
		i, j := uint64(uint32(word))*n, word>>32*n
		if uint32(i) < unfair {
			i, src = redraw(n, unfair, src)
		}
		if uint32(j) < unfair {
			j, src = redraw(n, unfair, src)
		}
		a = a.plus(data[i>>32] - centre)
		b = b.plus(data[j>>32] - centre)
	}
	if n%2 == 1 {
		var i uint64
		i, src = redraw(n, unfair, src)
		a = a.plus(data[i>>32] - centre)
	}
	return sums{a.d1 + b.d1, a.d2 + b.d2, a.d3 + b.d3}, src
}

// redraw returns a product of n with 32 random bits that is fair.
func redraw(n uint64, unfair uint32, src xoshiro.Source) (uint64, xoshiro.Source) {
	for {
		var word uint64
		word, src = src.Next()
		if i := word >> 32 * n; uint32(i) >= unfair {
			return i, src
		}
	}
}
