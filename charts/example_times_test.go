package charts_test

import (
	"fmt"
	"time"

	"github.com/threads2go/course/charts"
	"github.com/threads2go/course/pkg/timeline"
	"github.com/threads2go/course/pkg/timing"
)

func ExampleTimeline() {
	ms := time.Millisecond
	err := charts.Show(charts.Timeline{
		Title: "Two stages",
		Events: []timeline.Event{ // as timeline.New().Events() gives them
			{Who: "downloader", What: "download", Begin: 0, End: 30 * ms},
			{Who: "processor", What: "waits", Begin: 0, End: 30 * ms},
			{Who: "downloader", What: "download", Begin: 30 * ms, End: 55 * ms},
			{Who: "processor", What: "process", Begin: 30 * ms, End: 90 * ms, Open: true},
			{Who: "downloader", What: "done", Begin: 55 * ms, End: 55 * ms},
		},
	})
	if err != nil {
		fmt.Println(err)
	}
	// Output:
	// Two stages
	// Timeline of “Two stages”: 5 events in 2 rows, from 0 to 90 ms. downloader: download from 0 ms to 30 ms. processor: waits from 0 ms to 30 ms. processor: process from 30 ms, not ended at 90 ms. downloader: download from 30 ms to 55 ms. downloader: done at 55 ms.
	// What ends in a point had not ended.
}

func ExampleSpeedup() {
	var times timing.Result // as timing.Measure gives it
	times.AddSeconds("serial", 8.1, 8.0, 8.0, 8.2, 8.0, 8.1)
	times.AddSeconds("2 workers", 4.2, 4.3, 4.2, 4.2, 4.4, 4.2)
	times.AddSeconds("4 workers", 2.4, 2.3, 2.3, 2.3, 2.5, 2.3)
	err := charts.Show(charts.Speedup{
		Title:  "Ten thousand walks",
		Curves: []charts.Scaling{{Times: &times, Workers: []int{1, 2, 4}}},
	})
	if err != nil {
		fmt.Println(err)
	}
	// Output:
	// Ten thousand walks
	// Speed-up by workers, “Ten thousand walks”. measured: 1.92 (1.86 to 1.94) with 2, 3.5 (3.31 to 3.54) with 4 workers. Amdahl's law fits with 4.6 % serial work, so at most 21.6 times faster.
	// Dashed: the ideal, as many times faster as there are workers. Dotted: Amdahl's law, 1/(s + (1−s)/n) for n workers, with the serial fraction s that fits best (least squares; Amdahl, AFIPS 1967). A bar is the 95 % interval of a speed-up, by bootstrap.
}
