//go:build race

package montecarlo

// The race detector makes the tests of distributions some ten times slower.
const Draws = 40_000
