package timing_test

import (
	"context"
	"fmt"
	"time"

	"github.com/threads2go/course/charts"
	"github.com/threads2go/course/pkg/timing"
)

// Five sleepers one after the other, and five at once, 20 times each.
func Example() {
	nap := func() { time.Sleep(time.Millisecond) }
	serial := func(context.Context) error {
		for range 5 {
			nap()
		}
		return nil
	}
	concurrent := func(context.Context) error {
		done := make(chan struct{})
		for range 5 {
			go func() { nap(); done <- struct{}{} }()
		}
		for range 5 {
			<-done
		}
		return nil
	}
	times, err := timing.Measure(context.Background(), 20, []timing.Candidate{
		{Name: "serial", Func: serial},
		{Name: "5 goroutines", Func: concurrent},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	speedup, err := times.Speedup("serial", "5 goroutines")
	fmt.Println(len(times.Series[0].Times), "runs each, faster:", speedup.Low > 1, err)
	// Output: 20 runs each, faster: true <nil>
}

// python3 -c "import timeit; print(timeit.repeat(f, number=1, repeat=7))" printed
// the times of the first row; a clock of Go's those of the second.
func ExampleResult_AddSeconds() {
	var times timing.Result
	times.AddSeconds("Python", 0.0402, 0.0404, 0.0401, 0.0409, 0.0402, 0.0425, 0.0403)
	begin := time.Now()
	// … the work …
	_ = time.Since(begin)
	ms := time.Millisecond
	times.Add("Go", 10*ms, 11*ms, 10*ms, 10*ms, 12*ms, 10*ms, 10*ms)
	times.Machine = "the last line says where the times are from" // for the example
	fmt.Println(&times)
	// Output:
	// name    median  quartiles         runs  speed-up over Python
	// Python  40.3ms  40.2ms to 40.7ms  7
	// Go      10ms    10ms to 10.5ms    7     4.03 (3.65 to 4.09)
	// the last line says where the times are from
}

// A result as a chart in a notebook; elsewhere it is text.
func Example_chart() {
	var times timing.Result
	times.AddSeconds("serial", 0.0402, 0.0404, 0.0401)
	times.AddSeconds("threads", 0.0425, 0.0421, 0.0433)
	charts.Show(charts.Timings{Title: "Appending", Runs: times.Series})
	// Output:
	// Appending
	// Times of “Appending”: serial median 40.2 ms, 40.1 ms to 40.4 ms in 3 runs; threads median 42.5 ms, 1.06× slower, 42.1 ms to 43.3 ms in 3 runs.
	// Each dot is a run; the bar above ends at their median. At the right is the median, compared with that of “serial”.
}

func ExampleSeries_Quantile() {
	var times timing.Result
	times.AddSeconds("walks", 1.0, 1.2, 1.1, 1.9)
	walks := times.Series[0]
	fmt.Println(walks.Quantile(0), walks.Quantile(0.25), walks.Median(), walks.Quantile(1))
	// Output: 1s 1.075s 1.15s 1.9s
}

// Two workers, twice as fast, would have an efficiency of 1.
func ExampleResult_Efficiency() {
	var times timing.Result
	times.AddSeconds("serial", 9.1, 9.0, 9.0, 9.2, 8.9, 9.0)
	times.AddSeconds("2 workers", 5.0, 5.1, 5.0, 4.9, 5.0, 5.0)
	e, err := times.Efficiency("serial", "2 workers", 2)
	fmt.Printf("%.2f %v\n", e.Value, err)
	// Output: 0.90 <nil>
}

// A twentieth of the work is serial: whatever the number of workers, it gets at
// most 20 times as fast.
func ExampleAmdahl() {
	serial, err := timing.Amdahl([]int{1, 2, 4, 8}, []float64{1, 1.9, 3.5, 5.9})
	fmt.Printf("%.2f %v\n", serial, err)
	// Output: 0.05 <nil>
}

func ExampleWithProgress() {
	count := func(context.Context) error { return nil }
	timing.Measure(context.Background(), 2, []timing.Candidate{{Name: "count", Func: count}},
		timing.WithProgress(func(done, total int) { fmt.Println(done, "of", total) }))
	// Output:
	// 1 of 3
	// 2 of 3
	// 3 of 3
}
