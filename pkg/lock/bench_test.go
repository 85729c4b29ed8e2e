package lock

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"
)

func contend(b *testing.B, goroutines int, lock, unlock func()) {
	var wg sync.WaitGroup
	n := b.N
	x := 0
	for g := range goroutines {
		wg.Go(func() {
			for i := g; i < n; i += goroutines {
				lock()
				x++
				unlock()
			}
		})
	}
	wg.Wait()
	if x != n {
		b.Fatal(x, n)
	}
}

func BenchmarkMutex(b *testing.B) {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	for _, g := range []int{1, 2, 8, 64} {
		b.Run(fmt.Sprintf("sync-%d", g), func(b *testing.B) {
			var mu sync.Mutex
			contend(b, g, mu.Lock, mu.Unlock)
		})
		b.Run(fmt.Sprintf("ours-%d", g), func(b *testing.B) {
			b.ReportAllocs()
			var mu Mutex
			contend(b, g, mu.Lock, mu.Unlock)
		})
		b.Run(fmt.Sprintf("ctx-%d", g), func(b *testing.B) {
			b.ReportAllocs()
			var mu Mutex
			contend(b, g, func() { _ = mu.LockContext(ctx) }, mu.Unlock)
		})
		b.Run(fmt.Sprintf("timeout-%d", g), func(b *testing.B) {
			b.ReportAllocs()
			var mu Mutex
			contend(b, g, func() { mu.LockTimeout(time.Minute) }, mu.Unlock)
		})
	}
}

type cond interface {
	Signal()
	Wait()
}

type syncCond struct{ *sync.Cond }

type ours struct {
	c   Condition
	ctx context.Context
}

func (o *ours) Signal() { o.c.NotifyOne() }
func (o *ours) Wait()   { _ = o.c.Wait(o.ctx) }

func BenchmarkCondition(b *testing.B) {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	b.Run("sync", func(b *testing.B) {
		mu := new(sync.Mutex)
		pingpong(b, mu, sync.NewCond(mu))
	})
	b.Run("background", func(b *testing.B) {
		mu := new(Mutex)
		pingpong(b, mu, &ours{Condition{L: mu}, context.Background()})
	})
	b.Run("cancel", func(b *testing.B) {
		mu := new(Mutex)
		pingpong(b, mu, &ours{Condition{L: mu}, ctx})
	})
}

func pingpong(b *testing.B, l sync.Locker, c cond) {
	b.ReportAllocs()
	turn, n := 0, b.N
	var wg sync.WaitGroup
	for me := range 2 {
		wg.Go(func() {
			l.Lock()
			for range n / 2 {
				for turn != me {
					c.Wait()
				}
				turn = 1 - me
				c.Signal()
			}
			l.Unlock()
		})
	}
	wg.Wait()
}
