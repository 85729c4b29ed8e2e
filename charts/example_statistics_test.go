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
	// 5 bins, by the Freedman–Diaconis rule. The density has a bandwidth of 1.51 µs.
}

// The time of an operation with a mutex and with a channel, as densities over each other, the
// medians marked.
func ExampleDistribution() {
	err := charts.Show(charts.Distribution{
		Title: "Time of an operation",
		X:     "time",
		Unit:  "ns",
		Samples: []charts.Sample{
			{Name: "mutex", Values: []float64{18, 19, 20, 20, 21, 23}, Marks: []charts.Mark{{Name: "median", At: 20}}},
			{Name: "channel", Values: []float64{48, 51, 52, 52, 55, 60}, Marks: []charts.Mark{{Name: "median", At: 52}}},
		},
	})
	if err != nil {
		fmt.Println(err)
	}
	// Output:
	// Time of an operation
	// Densities of 2 samples by time, “Time of an operation”. mutex: 6 values from 18 to 23 ns, median 20, the middle 90 % from 18.25 to 22.5; marked: median at 20. channel: 6 values from 48 to 60 ns, median 52, the middle 90 % from 48.75 to 58.75; marked: median at 52.
	// The densities have bandwidths of 1.2 and 2.86 ns.
}

func ExampleHeatmap() {
	err := charts.Show(charts.Heatmap{
		Title:   "Time of an increment",
		X:       "shards",
		Y:       "goroutines",
		Value:   "time",
		Unit:    "ns",
		Columns: []string{"1", "4", "16"},
		Rows:    []string{"2", "8"},
		Cells:   [][]float64{{35, 12, 6}, {90, 31, 8}},
	})
	if err != nil {
		fmt.Println(err)
	}
	// Output:
	// Time of an increment
	// Heatmap of time, “Time of an increment”: 2 rows (goroutines) by 3 columns (shards). Lowest 6 ns (goroutines 2, shards 16), highest 90 ns (goroutines 8, shards 1), median 21.5 ns.
}
