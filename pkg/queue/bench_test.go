package queue_test

import (
	"cmp"
	"context"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"

	"github.com/threads2go/course/pkg/queue"
)

// flow measures producers that put and consumers that get until the end.
func flow(b *testing.B, each int, put func(i int), get func() bool, end func()) {
	b.ReportAllocs()
	var puts, gets sync.WaitGroup
	for g := range each {
		puts.Go(func() {
			for i := g; i < b.N; i += each {
				put(i)
			}
		})
		gets.Go(func() {
			for get() {
			}
		})
	}
	puts.Wait()
	end()
	gets.Wait()
}

// Goals against the channel, for 1, 4 and 8 on each side: 0.5, 1.1, 1.1.
func BenchmarkFlow(b *testing.B) {
	for _, each := range []int{1, 4, 8} {
		b.Run(fmt.Sprintf("channel/%d", each), func(b *testing.B) {
			c := make(chan int, 1024)
			flow(b, each, func(i int) { c <- i }, func() bool { _, ok := <-c; return ok }, func() { close(c) })
		})
		b.Run(fmt.Sprintf("queue/%d", each), func(b *testing.B) {
			q := queue.New[int](1024)
			flow(b, each, func(i int) { q.Put(background, i) },
				func() bool { _, err := q.Get(background); return err == nil }, q.Shutdown)
		})
	}
}

func BenchmarkBatchesOf64(b *testing.B) {
	b.ReportAllocs()
	q := queue.New[int](1024)
	var get sync.WaitGroup
	get.Go(func() {
		var batch [64]int
		for {
			if _, err := q.GetN(background, batch[:]); err != nil {
				return
			}
		}
	})
	var batch [64]int
	for i := 0; i < b.N; i += len(batch) {
		q.PutN(background, batch[:])
	}
	q.Shutdown()
	get.Wait()
}

// One goroutine, so nothing waits: what the kinds and the context cost.
func BenchmarkPutGet(b *testing.B) {
	deadline, cancel := context.WithTimeout(background, 1<<40)
	defer cancel()
	for _, k := range kinds {
		for name, ctx := range map[string]context.Context{"background": background, "deadline": deadline} {
			b.Run(k.name+"/"+name, func(b *testing.B) {
				b.ReportAllocs()
				q := k.make(16)
				for i := range b.N {
					q.Put(ctx, i)
					q.Get(ctx)
				}
			})
		}
	}
}

func BenchmarkTaskDone(b *testing.B) {
	q := queue.New[int](16)
	for i := range b.N {
		q.Put(background, i)
		q.Get(background)
		q.TaskDone()
	}
}

func BenchmarkPriorityFillAndDrain(b *testing.B) {
	for _, n := range []int{100, 10_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			b.ReportAllocs()
			r := rand.New(rand.NewPCG(1, 2))
			q := queue.NewPriority(n, cmp.Compare[int])
			for i := 0; i < b.N; i += n {
				m := min(n, b.N-i)
				for range m {
					q.Put(background, r.IntN(n))
				}
				for range m {
					q.Get(background)
				}
			}
		})
	}
}
