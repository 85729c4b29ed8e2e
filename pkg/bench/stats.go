package main

import (
	"math"
	"slices"
)

// Verdicts on a ratio.
const (
	Yes       = "yes"       // the whole interval is at or below the goal
	No        = "no"        // the whole interval is above it
	Undecided = "undecided" // the interval has the goal inside, or there is none
)

func verdict(low, high, goal float64) string {
	switch {
	case goal <= 0:
		return Undecided
	case high <= goal:
		return Yes
	case low > goal:
		return No
	}
	return Undecided
}

func median(x []float64) float64 {
	x = slices.Sorted(slices.Values(x))
	n := len(x)
	return (x[(n-1)/2] + x[n/2]) / 2
}

// minRounds is the smallest number of rounds that has a 95 % interval.
const minRounds = 6

// interval returns an interval that covers the median of the distribution of x,
// which is sorted, with a probability of at least 95 %, whatever that
// distribution is: the k-th smallest and the k-th largest value with the
// largest k such that fewer than k of n values lie on one given side of the
// median with a probability of at most 2.5 %. That number is binomial (Conover,
// Practical Nonparametric Statistics, section on quantiles). Fewer than
// minRounds values cannot do it: their interval is infinite.
func interval(x []float64) (low, high float64) {
	n := len(x)
	if n < minRounds {
		return math.Inf(-1), math.Inf(1)
	}
	// p is the probability of exactly k values below the median, below that of
	// fewer than k.
	k, p, below := 0, math.Pow(0.5, float64(n)), 0.0
	for below+p <= 0.025 {
		below += p
		p *= float64(n-k) / float64(k+1)
		k++
	}
	return x[k-1], x[n-k]
}

// Two modes are reported where they are this far apart, in units of the spread
// within them (the D of Ashman, Bird and Zepf, Astronomical Journal 108, 1994)
// and relatively. D is 2.7 for the halves of a normal distribution and 3.5 for
// those of an even one. With the bound of 6 and 11 rounds, 4 in 100 samples of
// an even distribution look bimodal and 1 in 100 of a normal one, and fewer with
// more rounds; of fewer rounds than 11 nothing can be said.
const (
	modesApart     = 6.0
	modesDiffer    = 0.05
	modesAtLeast   = 0.2 // share of the rounds in the smaller mode
	modesMinRounds = 11
)

// modes splits x, which is sorted, where the two parts have the least spread
// and returns their means if they are two modes, else nil.
func modes(x []float64) []float64 {
	n := len(x)
	if n < modesMinRounds {
		return nil
	}
	smallest := int(math.Ceil(modesAtLeast * float64(n)))
	least := math.Inf(1)
	var result []float64
	for k := smallest; k <= n-smallest; k++ {
		m1, s1 := squares(x[:k])
		m2, s2 := squares(x[k:])
		if s1+s2 >= least {
			continue
		}
		least = s1 + s2
		result = nil
		spread := math.Sqrt((s1/float64(k-1) + s2/float64(n-k-1)) / 2)
		if m2-m1 > modesApart*spread && m2 > (1+modesDiffer)*m1 {
			result = []float64{m1, m2}
		}
	}
	return result
}

// squares returns the mean of x and the sum of the squared distances from it.
func squares(x []float64) (mean, sum float64) {
	for _, v := range x {
		mean += v
	}
	mean /= float64(len(x))
	for _, v := range x {
		sum += (v - mean) * (v - mean)
	}
	return mean, sum
}
