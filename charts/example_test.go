package charts_test

import (
	"fmt"
	"time"

	"github.com/threads2go/course/charts"
)

// Outside a notebook Show prints what the figure says.
func Example() {
	err := charts.Show(charts.Histogram{
		Title:  "Rolls of two dice",
		X:      "sum",
		Y:      "rolls",
		Values: []float64{7, 5, 9, 7, 12, 6, 7, 8, 4, 2},
		Bins:   5,
		Marks:  []charts.Mark{{Name: "expected", At: 7}},
	})
	if err != nil {
		fmt.Println(err)
	}
	// Output:
	// Rolls of two dice
	// Histogram of 10 rolls by sum, from 2 to 12, in 5 bins. The highest bar is from 6 to 8, with 4 of them (40 %). Mean 6.7. Marked: expected at 7.
	// 5 bins, by count.
}

func ExampleTimings() {
	ms := time.Millisecond
	err := charts.Show(charts.Timings{
		Title: "Sum of ten million numbers",
		Runs: []charts.Run{
			{Name: "one goroutine", Times: []time.Duration{8 * ms, 9 * ms, 8 * ms, 10 * ms, 8 * ms}},
			{Name: "two goroutines", Times: []time.Duration{5 * ms, 4 * ms, 4 * ms, 6 * ms, 4 * ms}},
		},
	})
	if err != nil {
		fmt.Println(err)
	}
	// Output:
	// Sum of ten million numbers
	// Times of “Sum of ten million numbers”: one goroutine median 8 ms, 8 ms to 10 ms in 5 runs; two goroutines median 4 ms, 2× faster, 4 ms to 6 ms in 5 runs.
	// Each dot is a run; the box above holds the middle half of them, the line in it is the median. At the right is the median, compared with that of “one goroutine”.
}

func ExampleSave() {
	err := charts.Save("prices.pdf", charts.Histogram{Values: []float64{1, 2, 3}})
	fmt.Println(err)
	// Output: charts: "prices.pdf" does not end in .svg or .html
}

func ExampleGrid() {
	ms := time.Millisecond
	err := charts.Show(charts.Grid{
		Title: "Ten walks",
		Figures: []charts.Figure{
			charts.Histogram{Title: "Where they end", Values: []float64{98, 104, 99, 101, 110, 95, 107, 102, 100, 93}, Bins: 4},
			charts.Timings{Title: "How long they take", Runs: []charts.Run{{Name: "Go", Times: []time.Duration{2 * ms}}}},
		},
	})
	if err != nil {
		fmt.Println(err)
	}
	// Output:
	// Ten walks
	//
	// Where they end
	// Histogram of 10 values by value, from 93 to 110, in 4 bins. The highest bar is from 97.25 to 101.5, with 4 of them (40 %). Mean 100.9.
	// 4 bins, by count.
	//
	// How long they take
	// Times of “How long they take”: Go median 2 ms, one run.
	// Each dot is a run; the bar above ends at their median. At the right is the median.
}
