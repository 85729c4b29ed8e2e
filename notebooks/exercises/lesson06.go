package exercises

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"github.com/threads2go/course/pkg/lesson"
)

// Lesson06 are the exercises of "Only in Go".
var Lesson06 = []lesson.Exercise{SellUntil, CallAgain, NewLedger}

type sellUntil = func(stop <-chan struct{}, customers <-chan int, sell func(customer int)) int

// SellUntil stops when it is told to, whoever waits.
var SellUntil = lesson.Exercise{
	Name:    "sellUntil",
	Minutes: 10,
	Trains:  "a stop that comes before everything else in a select",
	Gates: []lesson.Gate{
		lesson.NewGate("right answer", func(t *lesson.T, sellUntil sellUntil) {
			r, bySeed := random()
			for i, n := range []int{3, 1, 0, 4 + r.IntN(50)} {
				t.Try("%d customers, then their channel is closed", n)
				if i == 3 {
					t.Try("%d customers, then their channel is closed%s", n, bySeed)
				}
				customers := make(chan int, n)
				for i := range n {
					customers <- i
				}
				close(customers)
				sold, got := 0, 0
				t.Soon(func() {
					got = sellUntil(make(chan struct{}), customers, func(customer int) {
						if customer == sold {
							sold++
						}
					})
				}, "it does not return")
				t.Equal("the customers served, in their order", sold, n)
				t.Equal("what it returned", got, n)
			}
		}),
		lesson.NewGate("waits", func(t *lesson.T, sellUntil sellUntil) {
			t.Try("nobody comes, then stop is closed")
			stop, customers := make(chan struct{}), make(chan int)
			got := make(chan int, 1)
			go func() { got <- sellUntil(stop, customers, func(int) {}) }()
			t.Settle()
			if len(got) > 0 {
				t.Fatalf("it returned before stop was closed")
			}
			close(stop)
			t.Settle()
			if len(got) == 0 {
				t.Fatalf("it still waits")
			}
			t.Equal("what it returned", <-got, 0)
		}),
		lesson.NewGate("stop comes first", func(t *lesson.T, sellUntil sellUntil) {
			t.Try("stop is closed while ten customers wait, 200 times")
			for range 200 {
				stop, customers := make(chan struct{}), make(chan int, 10)
				for i := range 10 {
					customers <- i
				}
				close(stop)
				if n := sellUntil(stop, customers, func(int) {}); n > 0 {
					t.Fatalf("%d customers were served after the stop", n)
				}
			}
			t.Try("stop is closed during the third of ten sales, 200 times")
			for range 200 {
				stop, customers := make(chan struct{}), make(chan int, 10)
				for i := range 10 {
					customers <- i
				}
				n := sellUntil(stop, customers, func(customer int) {
					if customer == 2 {
						close(stop)
					}
				})
				t.Equal("the customers served", n, 3)
			}
		}),
	},
}

type callAgain = func(ctx context.Context, sleep func(ctx context.Context, pause time.Duration) error, call func() error) error

// CallAgain pauses on a clock that it is given.
var CallAgain = lesson.Exercise{
	Name:    "callAgain",
	Minutes: 15,
	Trains:  "pauses and timeouts that a test need not wait for",
	Gates: []lesson.Gate{
		lesson.NewGate("right answer", func(t *lesson.T, callAgain callAgain) {
			shut := errors.New("the supplier is shut")
			r, bySeed := random()
			for i, failures := range []int{3, 0, 8, 1 + r.IntN(18)} {
				t.Try("a supplier who answers call %d", failures+1)
				if i == 3 {
					t.Try("a supplier who answers call %d%s", failures+1, bySeed)
				}
				calls := 0
				var pauses, want []time.Duration
				sleep := func(_ context.Context, pause time.Duration) error {
					if pauses = append(pauses, pause); len(pauses) > 20 {
						return errors.New("this was the last of 20 pauses")
					}
					return nil
				}
				call := func() error {
					if calls++; calls <= failures {
						return shut
					}
					return nil
				}
				var err error
				t.Soon(func() { err = callAgain(context.Background(), sleep, call) }, "it does not return, as if it had a clock of its own")
				for i := range failures {
					want = append(want, time.Minute<<i)
				}
				t.Equal("the error", err, nil)
				t.Equal("the calls", calls, failures+1)
				t.Equal("the pauses", pauses, want)
			}
		}),
		lesson.NewGate("heeds its context", func(t *lesson.T, callAgain callAgain) {
			shut := errors.New("the supplier is shut")
			t.Try("five hours, and a supplier who never answers")
			passed, calls := time.Duration(0), 0
			err := callAgain(context.Background(), func(_ context.Context, pause time.Duration) error {
				if passed += pause; passed > 5*time.Hour {
					return context.DeadlineExceeded
				}
				return nil
			}, func() error {
				if calls++; calls > 100 {
					return nil
				}
				return shut
			})
			t.Equal("the calls", calls, 9)
			if !errors.Is(err, context.DeadlineExceeded) || !errors.Is(err, shut) {
				t.Fatalf("the error is %v, want one that wraps %q and %q", err, shut, context.DeadlineExceeded)
			}
			t.Try("the context that sleep is given")
			ctx, cancel := context.WithCancel(context.Background())
			calls = 0
			err = callAgain(ctx, func(ctx context.Context, _ time.Duration) error {
				if calls > 3 {
					return errors.New("its context has not ended")
				}
				return ctx.Err()
			}, func() error {
				calls++
				cancel() // during the call
				return shut
			})
			if !errors.Is(err, context.Canceled) {
				t.Fatalf("the error is %v, want one that wraps %q", err, context.Canceled)
			}
		}),
	},
}

// A Ledger is what an answer to NewLedger makes.
type Ledger interface {
	Sell(article int, write func())
	Sold() int
}

// NewLedger divides a lock.
var NewLedger = lesson.Exercise{
	Name:    "newLedger",
	Minutes: 25,
	Trains:  "a lock that is divided, so that fewer wait for it",
	Gates: []lesson.Gate{
		lesson.NewGate("right answer", func(t *lesson.T, newLedger func(parts int) Ledger) {
			r, bySeed := random()
			for i, parts := range []int{4, 1, 2 + r.IntN(10)} {
				t.Try("%d parts, 8 goroutines sell 40 articles each", parts)
				article := func(i int) int { return i }
				if i == 2 {
					articles := r.Perm(1000)
					t.Try("%d parts, 8 goroutines sell 40 articles each, at random%s", parts, bySeed)
					article = func(i int) int { return articles[i] }
				}
				ledger := made(t, newLedger, parts)
				t.Equal("Sold() before", ledger.Sold(), 0)
				var written atomic.Int64
				var sellers sync.WaitGroup
				for seller := range 8 {
					sellers.Go(func() {
						for i := range 40 {
							ledger.Sell(article(seller*40+i), func() { written.Add(1) })
							time.Sleep(20 * time.Microsecond)
						}
					})
				}
				t.Soon(sellers.Wait, "they never come to their end")
				t.Equal("the lines written", int(written.Load()), 320)
				t.Equal("Sold()", ledger.Sold(), 320)
			}
		}),
		lesson.NewGate("one at a time in a part", func(t *lesson.T, newLedger func(parts int) Ledger) {
			t.Try("4 parts, articles 1, 5, 9 and 13 at the same time")
			ledger := made(t, newLedger, 4)
			var c crowd
			var sellers sync.WaitGroup
			for article := 1; article <= 13; article += 4 {
				sellers.Go(func() {
					ledger.Sell(article, func() {
						defer c.enter()()
						time.Sleep(2 * time.Millisecond)
					})
				})
			}
			sellers.Wait()
			c.wants(t, 1)
		}),
		lesson.NewGate("parts do not wait for each other", func(t *lesson.T, newLedger func(parts int) Ledger) {
			t.Try("4 parts, articles 0, 1, 2 and 3 at the same time")
			ledger := made(t, newLedger, 4)
			var c crowd
			var sellers sync.WaitGroup
			for article := range 4 {
				sellers.Go(func() {
					ledger.Sell(article, func() {
						defer c.enter()()
						c.meet(4)
					})
				})
			}
			sellers.Wait()
			c.wants(t, 4)
		}),
		lesson.NewGate("looks while others sell", func(t *lesson.T, newLedger func(parts int) Ledger) {
			t.Try("Sold() again and again, while 4 goroutines sell")
			ledger := made(t, newLedger, 4)
			var people sync.WaitGroup
			for seller := range 4 {
				people.Go(func() {
					for i := range 30 {
						ledger.Sell(seller+4*i, func() {})
						time.Sleep(50 * time.Microsecond)
					}
				})
			}
			fell := false
			people.Go(func() {
				for last := 0; last < 120; {
					now := ledger.Sold()
					if now < last || now > 120 {
						fell = true
						return
					}
					last = now
					time.Sleep(50 * time.Microsecond)
				}
			})
			t.Soon(people.Wait, "Sold() has not come to 120, the number of sales")
			if fell {
				t.Fatalf("Sold() became less than before, or more than was sold")
			}
		}),
	},
}

func made(t *lesson.T, newLedger func(parts int) Ledger, parts int) Ledger {
	ledger := newLedger(parts)
	if ledger == nil {
		t.Fatalf("the ledger is nil")
	}
	return ledger
}
