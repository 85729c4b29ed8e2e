package main

import (
	"fmt"
	"time"

	"github.com/threads2go/course/pkg/pool"
	"github.com/threads2go/course/pkg/timeline"
)

// timelineRows are what an event costs who is observed. The goal is a time, 100 ns at most, which
// the note has; the peer is what cannot be saved, the two readings of the clock.
func timelineRows(short bool) []Row {
	events := 1_000_000
	if short {
		events = 100_000
	}
	var phases, spans []float64
	contender := func(name string, record func(tl *timeline.Timeline) func(), costs *[]float64) Contender {
		return Contender{name, func() (float64, error) {
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
			ns := float64(took.Nanoseconds()) / float64(events)
			if costs != nil {
				*costs = append(*costs, ns)
			}
			return ns, nil
		}}
	}
	readings := contender("two clock readings", func(*timeline.Timeline) func() {
		start := time.Now()
		return func() { time.Since(start); time.Since(start) }
	}, nil)
	return []Row{
		{Name: "timeline, begin and end", Unit: "ns/event", Peers: []Contender{readings},
			Ours: contender("Begin", func(tl *timeline.Timeline) func() { return func() { tl.Begin("sleeper", "waits")() } }, &phases),
			Note: func() string { return fmt.Sprintf("an event takes %.0f ns; goal 100", median(phases)) }},
		{Name: "timeline, a worker's span", Unit: "ns/event", Peers: []Contender{readings},
			Ours: contender("Workers", func(tl *timeline.Timeline) func() {
				observe, now := tl.Workers("download"), time.Now()
				span := pool.Span{Worker: 3, First: 16, N: 16, Begin: now, End: now}
				return func() { observe(span) }
			}, &spans),
			Note: func() string { return fmt.Sprintf("an event takes %.0f ns; goal 100", median(spans)) }},
	}
}
