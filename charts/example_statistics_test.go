package charts_test

import (
	"fmt"

	"github.com/threads2go/course/charts"
)

func ExampleLine() {
	err := charts.Show(charts.Line{
		Title: "Cost of an item",
		X:     "goroutines",
		Y:     "cost",
		YUnit: "ns",
		LogX:  true,
		Series: []charts.Series{
			{Name: "mutex", X: []float64{1, 10, 100}, Y: []float64{20, 55, 90}},
			{Name: "atomic", X: []float64{1, 10, 100}, Y: []float64{2, 12, 25}},
		},
		Levels: []charts.Mark{{Name: "a call", At: 1.5}},
	})
	if err != nil {
		fmt.Println(err)
	}
	// Output:
	// Cost of an item
	// 2 lines of cost by goroutines, “Cost of an item”, on a logarithmic axis of goroutines. mutex: 3 points from 20 ns at 1 to 90 ns at 100. atomic: 3 points from 2 ns at 1 to 25 ns at 100. Level: a call at 1.5 ns.
}

// Bins by the rule of Freedman and Diaconis, a density, and quantiles as marks.
func ExampleHistogram() {
	err := charts.Show(charts.Histogram{
		Title:     "Waiting for a lock",
		X:         "time",
		Unit:      "µs",
		Y:         "waits",
		Values:    []float64{1, 1, 2, 2, 2, 3, 3, 4, 5, 9},
		Rule:      charts.FreedmanDiaconis,
		Mean:      true,
		Quantiles: []float64{0.5, 0.95},
		Density:   true,
	})
	if err != nil {
		fmt.Println(err)
	}
	// Output:
	// Waiting for a lock
	// Histogram of 10 waits by time, from 1 to 9 µs, in 5 bins. The highest bar is from 1 to 2.6, with 5 of them (50 %). Mean 3.2. Marked: mean at 3.2; median at 2.5; 95 % at 7.2.
	// The density has a bandwidth of 1.51 µs.
}
