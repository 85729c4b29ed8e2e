package lock

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"
)

// These are for looking into one lock. The comparison with its peers, as ratios within one run, is made by
// pkg/bench: go run . -run 'Mutex|Condition'.

// use has goroutines share b.N calls of f.
func use(b *testing.B, goroutines int, f func()) {
	b.ReportAllocs()
	var wg sync.WaitGroup
	for g := range goroutines {
		wg.Go(func() {
			for range (b.N + g) / goroutines {
				f()
			}
		})
	}
	wg.Wait()
}

func BenchmarkLocked(b *testing.B) {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	var (
		std   sync.Mutex
		stdRW sync.RWMutex
		m     Mutex
		rw    RWMutex
		s     = NewSemaphore(1)
		x     int
	)
	for _, c := range []struct {
		name string
		f    func()
	}{
		{"sync.Mutex", func() { std.Lock(); x++; std.Unlock() }},
		{"Mutex", func() { m.Lock(); x++; m.Unlock() }},
		{"Mutex,context", func() { _ = m.LockContext(ctx); x++; m.Unlock() }},
		{"Mutex,timeout", func() { m.LockTimeout(time.Minute); x++; m.Unlock() }},
		{"sync.RWMutex", func() { stdRW.Lock(); x++; stdRW.Unlock() }},
		{"RWMutex", func() { rw.Lock(); x++; rw.Unlock() }},
		{"sync.RWMutex,read", func() { stdRW.RLock(); _ = x; stdRW.RUnlock() }},
		{"RWMutex,read", func() { rw.RLock(); _ = x; rw.RUnlock() }},
		{"Semaphore", func() { _ = s.Acquire(ctx, 1); x++; _ = s.Release(1) }},
	} {
		for _, goroutines := range []int{1, 8, 64} {
			b.Run(fmt.Sprintf("%s/goroutines=%d", c.name, goroutines), func(b *testing.B) { use(b, goroutines, c.f) })
		}
	}
}

func BenchmarkReentrant(b *testing.B) {
	var r Reentrant
	o := r.Owner()
	o.Lock()
	use(b, 1, func() { o.Lock(); o.Unlock() })
}

func BenchmarkEvent(b *testing.B) {
	var e Event
	e.Set()
	b.Run("IsSet", func(b *testing.B) { use(b, 8, func() { e.IsSet() }) })
	b.Run("Wait", func(b *testing.B) { use(b, 8, func() { _ = e.Wait(context.Background()) }) })
	b.Run("C", func(b *testing.B) { use(b, 8, func() { <-e.C() }) })
}

// A turn is a notification and a wake-up.
func BenchmarkConditionTurn(b *testing.B) {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	var (
		std  sync.Mutex
		cond = sync.NewCond(&std)
		m    Mutex
		c    = NewCondition(&m)
	)
	for _, k := range []struct {
		name         string
		l            sync.Locker
		wait, notify func()
	}{
		{"sync.Cond", &std, cond.Wait, cond.Signal},
		{"background", &m, func() { _ = c.Wait(context.Background()) }, c.NotifyOne},
		{"cancellable", &m, func() { _ = c.Wait(ctx) }, c.NotifyOne},
	} {
		b.Run(k.name, func(b *testing.B) {
			b.ReportAllocs()
			turn := 0
			var wg sync.WaitGroup
			for me := range 2 {
				wg.Go(func() {
					k.l.Lock()
					defer k.l.Unlock()
					for range (b.N + 1) / 2 {
						for turn != me {
							k.wait()
						}
						turn = 1 - me
						k.notify()
					}
				})
			}
			wg.Wait()
		})
	}
}

func BenchmarkBarrierRound(b *testing.B) {
	const parties = 4
	barrier := NewBarrier(parties, nil)
	b.ReportAllocs()
	var wg sync.WaitGroup
	for range parties {
		wg.Go(func() {
			for range b.N {
				_, _ = barrier.Wait(context.Background())
			}
		})
	}
	wg.Wait()
}
