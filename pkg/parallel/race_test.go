//go:build race

package parallel_test

const race = true
