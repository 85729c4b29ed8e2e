package exercises

import (
	"context"
	"errors"
	"math/rand/v2"
	"strings"
	"sync"
	"time"

	"github.com/threads2go/course/pkg/lesson"
)

// Lesson03 are the exercises of "Races, conditions and pools".
var Lesson03 = []lesson.Exercise{Sell, NewWarehouse, WalkBlocks}

type sell = func(mu *sync.Mutex, order func()) error

// Sell runs an order under a lock.
var Sell = lesson.Exercise{
	Name:    "sell",
	Minutes: 10,
	Trains:  "giving a lock back, and a panic that becomes an error",
	Gates: []lesson.Gate{
		lesson.NewGate("right answer", func(t *lesson.T, sell sell) {
			t.Try("an order that returns")
			runs := 0
			err := sell(new(sync.Mutex), func() { runs++ })
			t.Equal("how often it ran", runs, 1)
			t.Equal("the error", err, nil)
			for _, c := range []struct {
				name  string
				order func()
				text  string
			}{
				{`an order that panics with "no stock"`, func() { panic("no stock") }, "no stock"},
				{"an order that panics with an error", func() { panic(errors.New("no such account")) }, "no such account"},
				{"an order that divides by zero", func() { runs /= runs - 1 }, "divide by zero"},
			} {
				t.Try("%s", c.name)
				if err := sell(new(sync.Mutex), c.order); err == nil || !strings.Contains(err.Error(), c.text) {
					t.Fatalf("the error is %v, want one with %q in its text", err, c.text)
				}
			}
		}),
		lesson.NewGate("lock held", func(t *lesson.T, sell sell) {
			t.Try("an order that looks whether the lock is taken")
			var mu sync.Mutex
			free := false
			sell(&mu, func() {
				if free = mu.TryLock(); free {
					mu.Unlock()
				}
			})
			if free {
				t.Fatalf("the lock is free while the order runs")
			}
		}),
		lesson.NewGate("lock given back", func(t *lesson.T, sell sell) {
			for _, c := range []struct {
				name  string
				order func()
			}{{"returned", func() {}}, {"panicked", func() { panic("no stock") }}} {
				t.Try("after an order that %s", c.name)
				var mu sync.Mutex
				sell(&mu, c.order)
				if !mu.TryLock() {
					t.Fatalf("the lock is still taken")
				}
			}
			t.Try("8 goroutines with 50 orders each")
			var mu sync.Mutex
			var clerks sync.WaitGroup
			sold := 0
			for range 8 {
				clerks.Go(func() {
					for i := range 50 {
						sell(&mu, func() {
							sold++
							if i%10 == 0 {
								panic("no stock")
							}
						})
					}
				})
			}
			clerks.Wait()
			t.Equal("the orders sold", sold, 400)
		}),
	},
}

// A Warehouse is what an answer to NewWarehouse makes.
type Warehouse interface {
	Deliver(units int)
	Take(ctx context.Context, units int) error
}

// NewWarehouse makes a stock that one can wait for.
var NewWarehouse = lesson.Exercise{
	Name:    "newWarehouse",
	Minutes: 20,
	Trains:  "waiting for a condition, with a way to give up",
	Gates: []lesson.Gate{
		lesson.NewGate("right answer", func(t *lesson.T, newWarehouse func() Warehouse) {
			ctx, cancel := context.WithCancel(context.Background())
			defer cancel()
			fresh := func() Warehouse {
				w := newWarehouse()
				if w == nil {
					t.Fatalf("the warehouse is nil")
				}
				return w
			}

			t.Try("Deliver(5), Take(2), Take(3)")
			w := fresh()
			w.Deliver(5)
			t.Equal("the error of Take(2)", w.Take(ctx, 2), nil)
			t.Equal("the error of Take(3)", w.Take(ctx, 3), nil)

			t.Try("Take(3), and then Deliver(1) three times")
			w = fresh()
			three := taking(ctx, w, 3)
			for range 3 {
				t.Settle()
				if taken(three) {
					t.Fatalf("Take returned before there were 3 units")
				}
				w.Deliver(1)
			}
			t.Settle()
			if !taken(three) {
				t.Fatalf("Take waits although there are 3 units")
			}

			t.Try("Take(10) by three, then Take(1) by one, and Deliver(1)")
			w = fresh()
			var tens []chan error
			for range 3 {
				tens = append(tens, taking(ctx, w, 10))
				t.Settle()
			}
			one := taking(ctx, w, 1)
			t.Settle()
			w.Deliver(1)
			t.Settle()
			if !taken(one) {
				t.Fatalf("Take(1) waits although there is 1 unit")
			}

			t.Try("Take(10) by three, and Deliver(30)")
			w.Deliver(30)
			t.Settle()
			for _, ten := range tens {
				if !taken(ten) {
					t.Fatalf("a Take(10) waits although there are units enough for all three")
				}
			}

			t.Try("Take(2) by three, and Deliver(3)")
			w = fresh()
			var twos []chan error
			for range 3 {
				twos = append(twos, taking(ctx, w, 2))
			}
			t.Settle()
			w.Deliver(3)
			t.Settle()
			served := 0
			for _, two := range twos {
				if taken(two) {
					served++
				}
			}
			t.Equal("how many were served", served, 1)
			w.Deliver(3)
			t.Settle()

			r, bySeed := random()
			t.Try("20 deliveries, and half of each is taken at once%s", bySeed)
			w = fresh()
			rest := 0
			for range 20 {
				units := 1 + r.IntN(50)
				w.Deliver(units)
				t.Equal("the error of Take", w.Take(ctx, units/2), nil)
				rest += units - units/2
			}
			t.Try("Take(%d) of what is left%s", rest, bySeed)
			all, more := taking(ctx, w, rest), make(chan error)
			t.Settle()
			if !taken(all) {
				t.Fatalf("it waits although there are %d units", rest)
			}
			more = taking(ctx, w, 1)
			t.Settle()
			if taken(more) {
				t.Fatalf("another unit was taken, which was never delivered")
			}
			w.Deliver(1)
			t.Settle()
		}),
		lesson.NewGate("heeds its context", func(t *lesson.T, newWarehouse func() Warehouse) {
			t.Try("Take(4) of 3 units, and its context is cancelled")
			w := newWarehouse()
			w.Deliver(3)
			ctx, cancel := context.WithCancel(context.Background())
			four := taking(ctx, w, 4)
			t.Settle()
			cancel()
			t.Settle()
			select {
			case err := <-four:
				if !errors.Is(err, context.Canceled) {
					t.Fatalf("the error is %v, want %v", err, context.Canceled)
				}
			default:
				t.Fatalf("Take still waits")
			}

			t.Try("Take(3), after a Take(4) of 3 units gave up")
			three := taking(context.Background(), w, 3)
			t.Settle()
			if !taken(three) {
				t.Fatalf("it waits: who gives up takes nothing")
			}

			t.Try("Take(1) of nothing, with a context that has ended")
			one := taking(ctx, w, 1)
			t.Settle()
			select {
			case err := <-one:
				if !errors.Is(err, context.Canceled) {
					t.Fatalf("the error is %v, want %v", err, context.Canceled)
				}
			default:
				t.Fatalf("it waits")
			}
		}),
		lesson.NewGate("nothing lost", func(t *lesson.T, newWarehouse func() Warehouse) {
			t.Try("4 goroutines deliver 100 units each, 4 take them one by one")
			w := newWarehouse()
			var people sync.WaitGroup
			for range 4 {
				people.Go(func() {
					for range 100 {
						w.Deliver(1)
					}
				})
				people.Go(func() {
					for range 100 {
						w.Take(context.Background(), 1)
					}
				})
			}
			t.Soon(people.Wait, "not all units came through")
			rest := taking(context.Background(), w, 1)
			t.Settle()
			left := taken(rest)
			w.Deliver(1)
			if left {
				t.Fatalf("a unit is left that was not delivered")
			}
			t.Settle()
		}),
	},
}

// taking calls Take in a goroutine.
func taking(ctx context.Context, w Warehouse, units int) chan error {
	result := make(chan error, 1)
	go func() { result <- w.Take(ctx, units) }()
	return result
}

// taken reports whether a call of taking has returned.
func taken(result chan error) bool { return len(result) > 0 }

type walkBlocks = func(ctx context.Context, workers, blocks int, walk func(*rand.Rand) (float64, error)) ([]float64, error)

// WalkBlocks walks with a generator for each block.
var WalkBlocks = lesson.Exercise{
	Name:    "walkBlocks",
	Minutes: 20,
	Trains:  "a pool of workers, and random numbers that belong to the work",
	Gates: []lesson.Gate{
		lesson.NewGate("right answer", func(t *lesson.T, walkBlocks walkBlocks) {
			walk := func(r *rand.Rand) (float64, error) {
				price := 100.0
				for range 10 {
					price *= 1 + r.NormFloat64()/100
				}
				time.Sleep(time.Duration(r.IntN(300)) * time.Microsecond)
				return price, nil
			}
			r, bySeed := random()
			for i, blocks := range []int{60, 2, 1, 0, 3 + r.IntN(40)} {
				want := make([]float64, blocks)
				for i := range want {
					want[i], _ = walk(rand.New(rand.NewPCG(26, uint64(i))))
				}
				for _, workers := range []int{8, 2, 1} {
					t.Try("%d workers, %d blocks", workers, blocks)
					if i == 4 {
						workers = 2 + r.IntN(10)
						t.Try("%d workers, %d blocks%s", workers, blocks, bySeed)
					}
					var got []float64
					var err error
					allButOne := passes(blocks - 1)
					returned := underWay(t, func() {
						got, err = walkBlocks(context.Background(), workers, blocks, func(r *rand.Rand) (float64, error) {
							<-allButOne
							return walk(r)
						})
					})
					if over(returned) && blocks > 0 {
						t.Fatalf("it returned while a block was under way")
					}
					close(allButOne)
					<-returned
					t.Equal("the error", err, nil)
					t.Equal("the number of prices", len(got), blocks)
					for i := range want {
						if got[i] != want[i] {
							t.Fatalf("the price of block %d: got %v, want %v, which its own generator gives", i, got[i], want[i])
						}
					}
				}
			}
		}),
		lesson.NewGate("as many at once as workers", func(t *lesson.T, walkBlocks walkBlocks) {
			t.Try("4 workers, 40 blocks")
			var c crowd
			walkBlocks(context.Background(), 4, 40, func(*rand.Rand) (float64, error) {
				defer c.enter()()
				c.meet(4)
				time.Sleep(time.Millisecond)
				return 0, nil
			})
			c.wants(t, 4)
			now, _, _ := c.counts()
			t.Equal("the blocks under way when it returns", now, 0)
		}),
		lesson.NewGate("stops at an error", func(t *lesson.T, walkBlocks walkBlocks) {
			t.Try("4 workers, 400 blocks, and the tenth walk fails")
			halted := errors.New("the exchange is halted")
			var c crowd
			_, err := walkBlocks(context.Background(), 4, 400, func(*rand.Rand) (float64, error) {
				defer c.enter()()
				time.Sleep(time.Millisecond)
				if _, _, total := c.counts(); total >= 10 {
					return 0, halted
				}
				return 1, nil
			})
			if !errors.Is(err, halted) {
				t.Fatalf("the error is %v, want one that is or wraps %q", err, halted)
			}
			if _, _, total := c.counts(); total > 200 {
				t.Fatalf("%d blocks were walked after all", total)
			}
			t.Try("a context that has ended")
			ended, cancel := context.WithCancel(context.Background())
			cancel()
			_, err = walkBlocks(ended, 4, 400, func(*rand.Rand) (float64, error) {
				time.Sleep(time.Millisecond)
				return 1, nil
			})
			if !errors.Is(err, context.Canceled) {
				t.Fatalf("the error is %v, want %v", err, context.Canceled)
			}
		}),
	},
}
