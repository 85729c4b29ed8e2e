package main

import (
	"cmp"
	"container/heap"
	"context"
	"fmt"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/threads2go/course/pkg/queue"
)

// A pipe carries integers between goroutines. Its loops put n of them, and get
// until the end has been called and nothing is left.
type pipe struct {
	name string
	make func(capacity int) (put func(n int), get func() (got int), end func())
}

var queuePipe = pipe{"queue.Queue", func(capacity int) (func(int), func() int, func()) {
	q := queue.New[int](capacity)
	ctx := context.Background()
	return func(n int) {
			for i := range n {
				_ = q.Put(ctx, i)
			}
		}, func() (got int) {
			for {
				if _, err := q.Get(ctx); err != nil {
					return got
				}
				got++
			}
		}, q.Shutdown
}}

var batchPipe = pipe{"PutN, GetN of 64", func(capacity int) (func(int), func() int, func()) {
	q := queue.New[int](capacity)
	ctx := context.Background()
	const batch = 64
	return func(n int) {
			var items [batch]int
			for i := 0; i < n; i += batch {
				_, _ = q.PutN(ctx, items[:min(batch, n-i)])
			}
		}, func() (got int) {
			var items [batch]int
			for {
				n, err := q.GetN(ctx, items[:])
				if err != nil {
					return got
				}
				got += n
			}
		}, q.Shutdown
}}

var channelPipe = pipe{"channel", func(capacity int) (func(int), func() int, func()) {
	c := make(chan int, capacity)
	return func(n int) {
			for i := range n {
				c <- i
			}
		}, func() (got int) {
			for range c {
				got++
			}
			return got
		}, func() { close(c) }
}}

// queueRows compare pkg/queue with channels and with what is built from the
// standard library.
func queueRows(short bool) []Row {
	items := 1_000_000
	if short {
		items = 200_000
	}
	flow := func(p pipe, each int) Contender {
		return Contender{p.name, func() (float64, error) {
			put, get, end := p.make(1024)
			var puts, gets sync.WaitGroup
			got := make([]int, each)
			begin := time.Now()
			for i := range each {
				puts.Go(func() { put(items / each) })
				gets.Go(func() { got[i] = get() })
			}
			puts.Wait()
			end()
			gets.Wait()
			took := time.Since(begin)
			sum := 0
			for _, n := range got {
				sum += n
			}
			if sum != items {
				return 0, fmt.Errorf("%d of %d items came out", sum, items)
			}
			return float64(took.Nanoseconds()) / float64(items), nil
		}}
	}
	flowRow := func(each int, goal float64) Row {
		return Row{Name: fmt.Sprintf("queue %d–%d, capacity 1024", each, each), Unit: "ns/item", Goal: goal,
			Ours: flow(queuePipe, each), Peers: []Contender{flow(channelPipe, each)}}
	}
	single := flow(queuePipe, 1)
	single.Name = "Put, Get"
	return []Row{
		flowRow(1, 0.5),
		flowRow(4, 1.1),
		flowRow(8, 1.1),
		{Name: "queue 1–1, batches of 64 against single", Unit: "ns/item", Goal: 0.25,
			Ours: flow(batchPipe, 1), Peers: []Contender{single}},
		deadlineRow(items),
		priorityRow(items / 10),
	}
}

// deadlineRow compares a Get that finds an item, and whose context has a
// deadline, with one whose context never ends.
func deadlineRow(items int) Row {
	get := func(ctx context.Context) (float64, error) {
		q := queue.New[int](1000)
		batch := make([]int, q.Cap())
		var took time.Duration
		for done := 0; done < items; done += len(batch) {
			if _, err := q.PutN(ctx, batch); err != nil {
				return 0, err
			}
			begin := time.Now()
			for range batch {
				if _, err := q.Get(ctx); err != nil {
					return 0, err
				}
			}
			took += time.Since(begin)
		}
		return float64(took.Nanoseconds()) / float64(items), nil
	}
	return Row{Name: "queue Get of an item that is there, with a deadline", Unit: "ns/item", Goal: 1.3,
		Ours: Contender{"context.WithTimeout", func() (float64, error) {
			ctx, cancel := context.WithTimeout(context.Background(), time.Hour)
			defer cancel()
			return get(ctx)
		}},
		Peers: []Contender{{"context.Background", func() (float64, error) { return get(context.Background()) }}},
	}
}

// priorityRow fills and drains priority queues that keep equal items in order,
// have a bound and are used by one goroutine but safe for many.
func priorityRow(items int) Row {
	const batch = 10_000
	r := rand.New(rand.NewPCG(1, 2))
	in := make([]int, batch)
	for i := range in {
		in[i] = r.IntN(batch)
	}
	fillAndDrain := func(name string, make func() (put func(int), get func() int)) Contender {
		return Contender{name, func() (float64, error) {
			put, get := make()
			var took time.Duration
			for done := 0; done < batch+items; done += batch {
				begin := time.Now()
				for _, x := range in {
					put(x)
				}
				last := -1
				for range batch {
					x := get()
					if x < last {
						return 0, fmt.Errorf("%d came out after %d", x, last)
					}
					last = x
				}
				if done > 0 { // the first is for growing
					took += time.Since(begin)
				}
			}
			return float64(took.Nanoseconds()) / float64(items), nil
		}}
	}
	return Row{Name: "priority queue, fill and drain 10,000", Unit: "ns/item", Goal: 1,
		Ours: fillAndDrain("queue.NewPriority", func() (func(int), func() int) {
			q := queue.NewPriority(batch, cmp.Compare[int])
			ctx := context.Background()
			return func(x int) { _ = q.Put(ctx, x) }, func() int { x, _ := q.Get(ctx); return x }
		}),
		Peers: []Contender{fillAndDrain("container/heap", func() (func(int), func() int) {
			q := &heapQueue[int]{compare: cmp.Compare[int]}
			return q.Put, q.Get
		})},
	}
}

// A heapQueue is what one builds from container/heap: with a mutex, a compare
// function and numbers that keep equal items in order. It does not wait.
type heapQueue[T any] struct {
	mu      sync.Mutex
	entries []heapEntry[T]
	next    uint64
	compare func(a, b T) int
}

type heapEntry[T any] struct {
	item   T
	number uint64
}

func (q *heapQueue[T]) Put(item T) {
	q.mu.Lock()
	defer q.mu.Unlock()
	heap.Push((*heapOf[T])(q), heapEntry[T]{item, q.next})
	q.next++
}

func (q *heapQueue[T]) Get() T {
	q.mu.Lock()
	defer q.mu.Unlock()
	return heap.Pop((*heapOf[T])(q)).(heapEntry[T]).item
}

type heapOf[T any] heapQueue[T]

func (h *heapOf[T]) Len() int { return len(h.entries) }

func (h *heapOf[T]) Less(i, j int) bool {
	a, b := &h.entries[i], &h.entries[j]
	c := h.compare(a.item, b.item)
	return c < 0 || c == 0 && a.number < b.number
}

func (h *heapOf[T]) Swap(i, j int) { h.entries[i], h.entries[j] = h.entries[j], h.entries[i] }

func (h *heapOf[T]) Push(x any) { h.entries = append(h.entries, x.(heapEntry[T])) }

func (h *heapOf[T]) Pop() any {
	last := len(h.entries) - 1
	x := h.entries[last]
	h.entries[last] = heapEntry[T]{}
	h.entries = h.entries[:last]
	return x
}
