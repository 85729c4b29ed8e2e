//go:build !race

package montecarlo

const Draws = 400_000
