package lock

import (
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// longestWait has goroutines take a lock in a loop, of which one sleeps in it for 50 µs each time, and
// returns the longest time that a Lock took.
func longestWait(goroutines int, l sync.Locker) time.Duration {
	const during = 2 * time.Second
	var stop atomic.Bool
	longest := make([]time.Duration, goroutines)
	var wg sync.WaitGroup
	for g := range goroutines {
		wg.Go(func() {
			for !stop.Load() {
				begin := time.Now()
				l.Lock()
				longest[g] = max(longest[g], time.Since(begin))
				if g == 0 {
					time.Sleep(50 * time.Microsecond)
				}
				l.Unlock()
			}
		})
	}
	time.Sleep(during)
	stop.Store(true)
	wg.Wait()
	return slices.Max(longest)
}

// Nobody starves: where one goroutine sleeps in the lock, the longest wait is no longer than half as long
// again as with sync.Mutex. This is about the median of runs that alternate, since single waits
// depend on who else uses the machine.
func TestLongestWait(t *testing.T) {
	if !*soak {
		t.Skip("takes half a minute and a quiet machine: run with -soak")
	}
	for _, goroutines := range []int{8, 64} {
		var ours, theirs []time.Duration
		for range 5 {
			theirs = append(theirs, longestWait(goroutines, new(sync.Mutex)))
			ours = append(ours, longestWait(goroutines, new(Mutex)))
		}
		slices.Sort(ours)
		slices.Sort(theirs)
		ratio := float64(ours[2]) / float64(theirs[2])
		t.Logf("%d goroutines: Mutex %v, sync.Mutex %v; ratio of medians %.2f", goroutines, ours, theirs, ratio)
		if ratio > 1.5 {
			t.Errorf("%d goroutines: the longest wait is %.2f times that of sync.Mutex, want at most 1.5", goroutines, ratio)
		}
	}
}
