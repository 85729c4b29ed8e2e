package main

import (
	"time"

	"github.com/threads2go/course/pkg/pool"
	"github.com/threads2go/course/pkg/timeline"
)

// timelineRows are what an event costs who is observed, readings of the clock included, beside
// what it may cost.
func timelineRows(short bool) []Row {
	events := 1_000_000
	if short {
		events = 100_000
	}
	row := func(name, call string, record func(tl *timeline.Timeline) func()) Row {
		ours := Contender{call, func() (float64, error) {
			const most = 10_000 // events of a timeline, about as many as one can look at
			var took time.Duration
			for range events / most {
				r := record(timeline.New())
				begin := time.Now()
				for range most {
					r()
				}
				took += time.Since(begin)
			}
			return float64(took.Nanoseconds()) / float64(events), nil
		}}
		return Row{Name: name, Unit: "ns/event", Goal: 1, Ours: ours, Peers: allowed(100)}
	}
	return []Row{
		row("timeline, begin and end", "Begin", func(tl *timeline.Timeline) func() {
			return func() { tl.Begin("sleeper", "waits")() }
		}),
		row("timeline, a worker's span", "Workers", func(tl *timeline.Timeline) func() {
			observe, now := tl.Workers("download"), time.Now()
			span := pool.Span{Worker: 3, First: 16, N: 16, Begin: now, End: now}
			return func() { observe(span) }
		}),
	}
}
