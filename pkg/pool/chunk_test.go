package pool

import (
	"math/rand/v2"
	"testing"
	"time"
	"unsafe"
)

// Workers lie side by side: two that wrote to one cache line would slow each other.
func TestWorkersShareNoCacheLine(t *testing.T) {
	if size := unsafe.Sizeof(worker{}); size%64 != 0 {
		t.Errorf("a worker has %d bytes", size)
	}
}

func TestGrainFitsChunkTime(t *testing.T) {
	for _, c := range []struct {
		items int
		took  time.Duration
		want  int
	}{
		{1, chunkTime, 1},
		{1, 10 * time.Second, 1},
		{1, chunkTime / 3, 3},
		{100, chunkTime, 100},
		{100, 2 * chunkTime, 50},
		{100, 1000 * chunkTime, 1},
		{1, 0, maxGrowth}, // a clock that stands still
		{1, time.Nanosecond, maxGrowth},
		{10, chunkTime / 100, 10 * maxGrowth},
		{maxChunk, time.Nanosecond, maxChunk},
		{maxChunk / 2, chunkTime / 3, maxChunk},
	} {
		if got := nextGrain(c.items, c.took, chunkTime); got != c.want {
			t.Errorf("after %d items in %v: %d items, want %d", c.items, c.took, got, c.want)
		}
	}
}

// Whatever the grain is, chunks cover the items once, in order; none is longer
// than the grain, nor so long that it leaves too little to the others.
func TestTakeCoversItems(t *testing.T) {
	for range 1000 {
		c := &call{n: 1 + rand.IntN(5000), width: 1 + rand.IntN(20)}
		c.pool = new(Pool)
		for next := 0; ; {
			grain := 1 + rand.IntN(2*maxChunk)
			lo, hi := c.take(grain)
			if lo != next {
				t.Fatalf("%d items, %d workers: a chunk begins at %d, want %d", c.n, c.width, lo, next)
			}
			if size, left := hi-lo, c.n-lo; size > grain || size > 1 && size*c.width*reserve > left {
				t.Fatalf("%d workers, grain %d: took %d of %d items", c.width, grain, size, left)
			}
			if lo == hi {
				if hi != c.n {
					t.Fatalf("%d items: ended at %d", c.n, hi)
				}
				break
			}
			next = hi
		}
	}
}

func TestList(t *testing.T) {
	{
		var l list[party, *party]
		var want []*party
		for range 10_000 {
			switch k := rand.IntN(3); {
			case k == 0:
				c := new(party)
				l.pushBack(c)
				want = append(want, c)
			case k == 1:
				c := new(party)
				l.pushFront(c)
				want = append([]*party{c}, want...)
			case len(want) > 0:
				i := rand.IntN(len(want))
				l.remove(want[i])
				want = append(want[:i:i], want[i+1:]...)
			}
			var last *party
			n := 0
			for c := l.first; c != nil; c = c.links.after {
				if n == len(want) || c != want[n] || c.links.before != last {
					t.Fatalf("item %d of %d is not the one expected", n, len(want))
				}
				last = c
				n++
			}
			if n != len(want) || l.last != last {
				t.Fatalf("%d items, want %d", n, len(want))
			}
		}
	}
}

// The call that gets a slot is the one with the fewest workers; of these the
// first, so that one whose task must go on comes before all.
func TestPoorest(t *testing.T) {
	for _, c := range []struct {
		workers []int
		want    int
	}{
		{[]int{0}, 0},
		{[]int{3}, 0},
		{[]int{0, 0}, 0},
		{[]int{1, 0, 0}, 1},
		{[]int{2, 1, 3, 1}, 1},
		{[]int{2, 2}, 0},
	} {
		var p Pool
		var calls []*party
		for _, n := range c.workers {
			calls = append(calls, &party{workers: n})
			p.queue.pushBack(calls[len(calls)-1])
		}
		if p.poorest() != calls[c.want] {
			t.Errorf("of calls with %v workers, call %d does not come first", c.workers, c.want)
		}
	}
	if new(Pool).poorest() != nil {
		t.Error("an empty queue has a call")
	}
}
