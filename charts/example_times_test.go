package charts_test

import (
	"fmt"
	"time"

	"github.com/threads2go/course/charts"
	"github.com/threads2go/course/pkg/timeline"
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
