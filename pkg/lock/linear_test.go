package lock

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/anishathalye/porcupine"
)

// The histories of goroutines that use a lock at the same time are recorded, and porcupine looks for an
// order of the calls, one after the other, that explains what each returned. Here a lock is its
// tokens: a Mutex has 1, a semaphore some, an RWMutex many, of which a writer takes all.

// A request is a call: for n tokens, or to give them back.
type request struct {
	name string
	n    int
	back bool
	// try: the call did not wait, so it may fail only if the tokens are taken. Any other call that
	// fails was given up.
	try bool
}

func tokensOf(size int, weighted bool) porcupine.Model {
	return porcupine.Model{
		Init: func() any { return 0 },
		Step: func(state, input, output any) (bool, any) {
			taken, r, got := state.(int), input.(request), output.(bool)
			switch {
			case r.back:
				return got && taken >= r.n, taken - r.n
			case got:
				return taken+r.n <= size, taken + r.n
			case r.try && weighted: // who waits for many tokens, as a writer does, keeps others out
				return taken > 0, taken
			case r.try:
				return taken == size, taken
			}
			return true, taken
		},
		DescribeOperation: func(input, output any) string {
			return fmt.Sprintf("%s(%d) = %v", input.(request).name, input.(request).n, output)
		},
	}
}

// A history is recorded in a bubble: there goroutines run at the same time, but those that sleep cost
// nothing, so that waits can be long enough for a Mutex to be handed over.
type history struct {
	clock atomic.Int64
	mu    sync.Mutex
	ops   []porcupine.Operation
}

func (h *history) call(client int, r request, f func() bool) bool {
	begin := h.clock.Add(1)
	got := f()
	end := h.clock.Add(1)
	h.mu.Lock()
	defer h.mu.Unlock()
	h.ops = append(h.ops, porcupine.Operation{ClientId: client, Input: r, Call: begin, Output: got, Return: end})
	return got
}

// use takes a lock in a way chosen at random, and gives it back.
func (h *history) use(client, n int, rnd *rand.Rand, l lockable) {
	got := false
	switch way := rnd.IntN(6); way {
	case 0:
		got = h.call(client, request{name: "TryLock", n: n, try: true}, l.try)
	case 1, 2:
		got = h.call(client, request{name: "Lock", n: n}, func() bool { l.lock(); return true })
	case 3:
		got = h.call(client, request{name: "LockTimeout", n: n}, func() bool {
			return l.timeout(time.Duration(rnd.IntN(3000)) * time.Microsecond)
		})
	case 4:
		got = h.call(client, request{name: "LockContext, ended", n: n, try: true}, func() bool {
			return l.context(ended) == nil
		})
	case 5:
		ctx, cancel := context.WithCancel(background)
		defer cancel()
		go cancel() // at any time
		got = h.call(client, request{name: "LockContext", n: n}, func() bool { return l.context(ctx) == nil })
	}
	if !got {
		return
	}
	if rnd.IntN(8) == 0 {
		time.Sleep(time.Duration(rnd.IntN(2000)) * time.Microsecond)
	}
	h.call(client, request{name: "Unlock", n: n, back: true}, func() bool { l.unlock(); return true })
}

// shared are the locks whose histories are looked at.
var shared = []struct {
	name     string
	size     int
	weighted bool
	make     func() func(rnd *rand.Rand) (n int, l lockable) // a new lock, and a way to use it
}{
	{"Mutex", 1, false, func() func(*rand.Rand) (int, lockable) {
		l := exclusive(new(Mutex))
		return func(*rand.Rand) (int, lockable) { return 1, l }
	}},
	{"RWMutex", clients, true, func() func(*rand.Rand) (int, lockable) {
		m := new(RWMutex)
		return func(rnd *rand.Rand) (int, lockable) {
			if rnd.IntN(2) == 0 {
				return clients, exclusive(m)
			}
			return 1, reading(m)
		}
	}},
	{"Semaphore", 2, false, func() func(*rand.Rand) (int, lockable) {
		l := acquiring(NewSemaphore(2), 1)
		return func(*rand.Rand) (int, lockable) { return 1, l }
	}},
	{"weighted Semaphore", 5, true, func() func(*rand.Rand) (int, lockable) {
		s := NewSemaphore(5)
		return func(rnd *rand.Rand) (int, lockable) {
			n := 1 + rnd.IntN(5)
			return n, acquiring(s, n)
		}
	}},
}

const clients = 5

func TestHistoriesAreLinearizable(t *testing.T) {
	const calls = 12
	histories := 150
	if *soak {
		histories = 5000
	}
	for _, c := range shared {
		t.Run(c.name, func(t *testing.T) {
			for range histories {
				seed := rand.Uint64()
				var h history
				synctest.Test(t, func(t *testing.T) {
					use := c.make()
					start(clients, func(client int) {
						rnd := rand.New(rand.NewPCG(seed, uint64(client)))
						for range calls {
							n, l := use(rnd)
							h.use(client, n, rnd, l)
						}
					})()
				})
				switch porcupine.CheckOperationsTimeout(tokensOf(c.size, c.weighted), h.ops, 30*time.Second) {
				case porcupine.Illegal:
					t.Fatalf("seed %d: no order explains these %d calls", seed, len(h.ops))
				case porcupine.Unknown:
					t.Fatalf("seed %d: no order found for %d calls in 30s", seed, len(h.ops))
				}
			}
		})
	}
}

// In longer runs than can be explained, there are at least never too many holders, nothing is left in the
// end, and nobody is forgotten: the bubble would deadlock.
func TestCrowdsHoldNoMoreThanThereIs(t *testing.T) {
	calls := 2000
	if *soak {
		calls = 200_000
	}
	for _, c := range shared {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				use := c.make()
				var held atomic.Int64
				start(clients, func(client int) {
					rnd := rand.New(rand.NewPCG(rand.Uint64(), 0))
					for range calls {
						n, l := use(rnd)
						var got bool
						switch rnd.IntN(4) {
						case 0:
							l.lock()
							got = true
						case 1:
							got = l.try()
						default:
							got = l.timeout(time.Duration(rnd.IntN(3000)) * time.Microsecond)
						}
						if !got {
							continue
						}
						if h := held.Add(int64(n)); h > int64(c.size) {
							t.Errorf("%d of %d tokens are held", h, c.size)
						}
						if rnd.IntN(3) == 0 {
							time.Sleep(time.Duration(rnd.IntN(2000)) * time.Microsecond)
						}
						held.Add(int64(-n))
						l.unlock()
					}
				})()
				if _, l := use(rand.New(rand.NewPCG(1, 1))); !l.try() {
					t.Error("in the end, the lock is not free")
				}
			})
		})
	}
}
