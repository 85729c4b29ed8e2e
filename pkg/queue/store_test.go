package queue

import (
	"cmp"
	"context"
	"testing"
)

// slots returns how many slots a queue's store has.
func (q *Queue[T]) slots() int {
	if q.heap != nil {
		return cap(q.heap.nodes)
	}
	return len(q.ring.slots)
}

func TestStoresShrink(t *testing.T) {
	ctx := context.Background()
	const many = 1 << 16
	items := make([]int, many)
	for i := range items {
		items[i] = i * 7919 % many
	}
	for _, take := range []func(q *Queue[int]){
		func(q *Queue[int]) {
			for range many - 10 {
				q.Get(ctx)
			}
		},
		func(q *Queue[int]) { q.GetN(ctx, make([]int, many-10)) },
		func(q *Queue[int]) { q.ShutdownNow() },
	} {
		for name, make := range map[string]func(capacity int) *Queue[int]{
			"FIFO": New[int], "LIFO": NewLIFO[int],
			"priority": func(n int) *Queue[int] { return NewPriority(n, cmp.Compare[int]) },
		} {
			q := make(0)
			q.PutN(ctx, items)
			if q.slots() < many {
				t.Fatalf("%s: %d items in %d slots", name, many, q.slots())
			}
			take(q)
			if q.slots() > 512 {
				t.Errorf("%s keeps %d slots for %d items", name, q.slots(), q.Len())
			}
		}
	}
}

// A bound is not paid for before it is needed, and what was needed is kept.
func TestBoundedStoresGrowOnceAndStay(t *testing.T) {
	ctx := context.Background()
	for name, q := range map[string]*Queue[int]{
		"FIFO": New[int](1 << 40), "LIFO": NewLIFO[int](1 << 40), "priority": NewPriority(1<<40, cmp.Compare[int]),
	} {
		if q.slots() > 0 {
			t.Errorf("%s: %d slots before the first item", name, q.slots())
		}
		for i := range 2000 {
			q.Put(ctx, i)
		}
		grown := q.slots()
		for range 2000 {
			q.Get(ctx)
		}
		if q.slots() != grown || grown > 4096 {
			t.Errorf("%s: %d slots for 2000 items, then %d", name, grown, q.slots())
		}
	}
}

// Waiters are used again: a queue has as many as ever waited at once.
func TestWaitersAreReused(t *testing.T) {
	ended, cancel := context.WithCancel(context.Background())
	cancel()
	q := New[int](1)
	for range 100 {
		q.Get(ended)
	}
	q.Put(ended, 1)
	for range 100 {
		q.Put(ended, 1)
	}
	for name, l := range map[string]*line{"getters": &q.getters, "putters": &q.putters} {
		if l.first != nil || l.last != nil || l.asleep != 0 || l.woken != 0 || l.spare == nil || l.spare.next != nil {
			t.Errorf("%s: %+v, want nobody in line and one spare waiter", name, l)
		}
	}
}
