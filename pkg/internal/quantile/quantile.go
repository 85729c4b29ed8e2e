// Package quantile computes quantiles as numpy does by default.
package quantile

import "math"

// Of returns the quantile q, from 0 to 1, of n numbers of which ranked returns the
// one that has so many below it: the straight line between the two that are next to
// position q·(n-1), type 7 of Hyndman and Fan, "Sample Quantiles in Statistical
// Packages", The American Statistician 50 (1996).
func Of(n int, ranked func(rank int) float64, q float64) float64 {
	position := float64(float64(n-1) * q) // not fused: the same bits on every processor
	below := math.Floor(position)
	low := ranked(int(below))
	if position == below {
		return low
	}
	high := ranked(min(int(below)+1, n-1))
	return low + float64((position-below)*(high-low))
}

// OfSorted is Of for sorted numbers.
func OfSorted(x []float64, q float64) float64 {
	return Of(len(x), func(rank int) float64 { return x[rank] }, q)
}
