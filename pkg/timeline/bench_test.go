package timeline_test

import (
	"testing"
	"time"

	"github.com/threads2go/course/pkg/pool"
	"github.com/threads2go/course/pkg/timeline"
)

// most is the number of events that a timeline of the benchmark gets, about as
// many as one can look at.
const most = 10_000

// What an event costs who is observed. The readings of the clock, two for a
// thread or a phase and one for a mark, are in it; a pool's span brings its own.
func BenchmarkEvent(b *testing.B) {
	events := map[string]func(tl *timeline.Timeline) (record func()){
		"thread": func(tl *timeline.Timeline) func() { return func() { tl.Thread("sleeper")(nil) } },
		"begin":  func(tl *timeline.Timeline) func() { return func() { tl.Begin("sleeper", "waits")() } },
		"mark":   func(tl *timeline.Timeline) func() { return func() { tl.Mark("sleeper", "hello") } },
		"worker": func(tl *timeline.Timeline) func() {
			observe, now := tl.Workers("download"), time.Now()
			span := pool.Span{Worker: 3, First: 16, N: 16, Begin: now, End: now}
			return func() { observe(span) }
		},
	}
	for name, f := range events {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			record := f(timeline.New())
			for i := 1; b.Loop(); i++ {
				if i%most == 0 {
					record = f(timeline.New())
				}
				record()
			}
		})
		b.Run(name+"/all cores", func(b *testing.B) {
			record := f(timeline.New())
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					record()
				}
			})
		})
	}
	b.Run("two clock readings", func(b *testing.B) {
		start := time.Now()
		for b.Loop() {
			time.Since(start)
			time.Since(start)
		}
	})
}
