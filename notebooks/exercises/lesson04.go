package exercises

import (
	"context"
	"errors"
	"math/rand/v2"
	"slices"
	"sync/atomic"
	"time"

	"github.com/threads2go/course/pkg/lesson"
	"github.com/threads2go/course/pkg/queue"
)

// Lesson04 are the exercises of "A bootstrap with workers".
var Lesson04 = []lesson.Exercise{ResampleAll, CountWarm, StartWorkers}

type resampleAll = func(n, workers int, resample func(index int) float64) []float64

// ResampleAll has workers put results in their places.
var ResampleAll = lesson.Exercise{
	Name:    "resampleAll",
	Minutes: 10,
	Trains:  "sharing work among workers, and a place for each result",
	Gates: []lesson.Gate{
		lesson.NewGate("right answer", func(t *lesson.T, resampleAll resampleAll) {
			r, bySeed := random()
			for i, c := range []struct{ n, workers int }{{100, 8}, {8, 8}, {3, 8}, {30, 1}, {1, 2}, {0, 4}, {1 + r.IntN(200), 1 + r.IntN(20)}} {
				t.Try("%d resamples, %d workers", c.n, c.workers)
				if i == 6 {
					t.Try("%d resamples, %d workers%s", c.n, c.workers, bySeed)
				}
				calls := make([]atomic.Int64, c.n)
				first := make(chan struct{}) // is the last to be done
				var got []float64
				returned := underWay(t, func() {
					got = resampleAll(c.n, c.workers, func(index int) float64 {
						if index < 0 || index >= c.n {
							return 0
						}
						calls[index].Add(1)
						if index == 0 {
							<-first
						}
						return float64(index) / 10
					})
				})
				early := over(returned) && c.n > 0
				close(first)
				<-returned
				if early && calls[0].Load() > 0 {
					t.Fatalf("it returned before resample(0) did")
				}
				for i := range calls {
					if n := calls[i].Load(); n != 1 {
						t.Fatalf("resample(%d) was called %d times, want once", i, n)
					}
				}
				t.Equal("the number of results", len(got), c.n)
				for i, x := range got {
					if x != float64(i)/10 {
						t.Fatalf("result %d: got %v, want %v, which resample(%d) returned", i, x, float64(i)/10, i)
					}
				}
			}
		}),
		lesson.NewGate("as many at once as workers", func(t *lesson.T, resampleAll resampleAll) {
			t.Try("40 resamples, 4 workers")
			var c crowd
			resampleAll(40, 4, func(int) float64 {
				defer c.enter()()
				c.meet(4)
				time.Sleep(time.Millisecond)
				return 0
			})
			c.wants(t, 4)
		}),
	},
}

type countWarm = func(celsius []float64, workers int, warm func(celsius float64) bool) int

// CountWarm has workers count, without asking each other all the time.
var CountWarm = lesson.Exercise{
	Name:    "countWarm",
	Minutes: 15,
	Trains:  "what it costs to collect, when the work itself costs little",
	Gates: []lesson.Gate{
		lesson.NewGate("right answer", func(t *lesson.T, countWarm countWarm) {
			r, bySeed := random()
			for i, c := range []struct{ n, workers int }{{10_000, 8}, {1000, 7}, {10, 4}, {3, 8}, {50, 1}, {1, 2}, {0, 4}, {100 + r.IntN(900), 1 + r.IntN(20)}} {
				t.Try("%d temperatures, %d workers", c.n, c.workers)
				celsius, warm := temperatures(c.n), warm
				if i == 7 {
					mean := 25 + 10*r.Float64() // not near 20, which the other temperatures are compared with
					t.Try("%d temperatures, %d workers, warm above %.1f%s", c.n, c.workers, mean, bySeed)
					for i := range celsius {
						celsius[i] = mean + 10*r.NormFloat64()
					}
					warm = func(celsius float64) bool { return celsius > mean }
				}
				want := 0
				for _, x := range celsius {
					if warm(x) {
						want++
					}
				}
				t.Equal("the warm ones", countWarm(celsius, c.workers, warm), want)
			}
		}),
		lesson.NewGate("as many at once as workers", func(t *lesson.T, countWarm countWarm) {
			t.Try("40 temperatures, 4 workers")
			var c crowd
			got := countWarm(temperatures(40), 4, func(float64) bool {
				defer c.enter()()
				c.meet(4)
				time.Sleep(time.Millisecond)
				return true
			})
			c.wants(t, 4)
			_, _, total := c.counts()
			t.Equal("the calls of warm", total, 40)
			t.Equal("the warm ones, if all are", got, 40)
		}),
		lesson.NewGate("fast enough", func(t *lesson.T, countWarm countWarm) {
			t.Try("200,000 temperatures, 4 workers")
			if t.Race() {
				return
			}
			celsius := temperatures(200_000)
			var loop, answer time.Duration
			for i := range 5 { // by turns, and the best of each
				start := time.Now()
				n := 0
				for _, x := range celsius {
					if warm(x) {
						n++
					}
				}
				between := time.Now()
				got := countWarm(celsius, 4, warm)
				end := time.Now()
				t.Equal("the warm ones", got, n)
				if i == 0 || between.Sub(start) < loop {
					loop = between.Sub(start)
				}
				if i == 0 || end.Sub(between) < answer {
					answer = end.Sub(between)
				}
			}
			const most = 5
			if ratio := answer.Seconds() / loop.Seconds(); ratio > most {
				t.Fatalf("it takes %.0f times as long as one loop without goroutines, want at most %d times", ratio, most)
			}
		}),
	},
}

//go:noinline
func warm(celsius float64) bool { return celsius > 20 }

func temperatures(n int) []float64 {
	r := rand.New(rand.NewPCG(26, uint64(n)))
	celsius := make([]float64, n)
	for i := range celsius {
		celsius[i] = 28 + 10*r.NormFloat64() // a summer: most are warm
	}
	return celsius
}

type startWorkers = func(ctx context.Context, numbers *queue.Queue[int], workers int, work func(number int) error) (end func() error)

// StartWorkers has workers take from a queue until they are ended.
var StartWorkers = lesson.Exercise{
	Name:    "startWorkers",
	Minutes: 25,
	Trains:  "workers on a queue that survive a failure, and end",
	Gates: []lesson.Gate{
		lesson.NewGate("right answer", func(t *lesson.T, startWorkers startWorkers) {
			r, bySeed := random()
			for i, workers := range []int{8, 1, 2 + r.IntN(10)} {
				t.Try("30 numbers, %d workers, Join, then end", workers)
				next := func(i int) int { return i }
				if i == 2 {
					t.Try("30 numbers at random, %d workers, Join, then end%s", workers, bySeed)
					next = func(int) int { return r.IntN(1000) }
				}
				ctx := context.Background()
				var numbers queue.Queue[int]
				done := make(chan int, 100)
				end := begin(t, startWorkers, ctx, &numbers, workers, func(number int) error {
					time.Sleep(200 * time.Microsecond)
					done <- number
					return nil
				})
				var want []int
				for i := range 30 {
					want = append(want, next(i))
					numbers.Put(ctx, want[i])
				}
				slices.Sort(want)
				t.Soon(func() { numbers.Join(ctx) }, "Join still waits")
				t.Equal("the error of end", ends(t, end), nil)
				var got []int
				for range len(done) {
					got = append(got, <-done)
				}
				slices.Sort(got)
				t.Equal("the numbers worked on, sorted", got, want)

				t.Try("30 numbers, %d workers, end at once", workers)
				var more queue.Queue[int]
				var c crowd
				allButOne := passes(29)
				end = begin(t, startWorkers, ctx, &more, workers, func(int) error {
					defer c.enter()()
					<-allButOne
					return nil
				})
				more.PutN(ctx, want)
				var err error
				returned := underWay(t, func() { err = end() })
				if now, _, total := c.counts(); over(returned) {
					t.Fatalf("end returned when %d of 30 numbers were done", total-now)
				}
				close(allButOne)
				t.Soon(func() { <-returned }, "end does not return")
				t.Equal("the error of end", err, nil)
				_, _, total := c.counts()
				t.Equal("the numbers worked on when end has returned", total, 30)
			}
		}),
		lesson.NewGate("as many at once as workers", func(t *lesson.T, startWorkers startWorkers) {
			t.Try("40 numbers, 4 workers")
			var numbers queue.Queue[int]
			var c crowd
			end := begin(t, startWorkers, context.Background(), &numbers, 4, func(int) error {
				defer c.enter()()
				c.meet(4)
				time.Sleep(time.Millisecond)
				return nil
			})
			numbers.PutN(context.Background(), make([]int, 40))
			ends(t, end)
			c.wants(t, 4)
		}),
		lesson.NewGate("survives failures", func(t *lesson.T, startWorkers startWorkers) {
			t.Try("20 numbers, 2 workers, and work fails for every number below 15")
			ctx := context.Background()
			cold := errors.New("the sensor is frozen")
			var numbers queue.Queue[int]
			end := begin(t, startWorkers, ctx, &numbers, 2, func(number int) error {
				time.Sleep(200 * time.Microsecond)
				if number < 15 {
					return cold
				}
				return nil
			})
			for i := range 20 {
				numbers.Put(ctx, i)
			}
			t.Soon(func() { numbers.Join(ctx) }, "Join still waits")
			if err := ends(t, end); !errors.Is(err, cold) {
				t.Fatalf("the error of end is %v, want one that wraps %q", err, cold)
			}
		}),
		lesson.NewGate("heeds its context", func(t *lesson.T, startWorkers startWorkers) {
			t.Try("its context ends while the workers wait for numbers")
			ctx, cancel := context.WithCancel(context.Background())
			var numbers queue.Queue[int]
			end := begin(t, startWorkers, ctx, &numbers, 4, func(int) error { return nil })
			t.Settle()
			cancel()
			t.Settle()
			numbers.Put(context.Background(), 1)
			t.Settle()
			if numbers.Len() == 0 {
				t.Fatalf("a worker still takes numbers")
			}
			if err := ends(t, end); !errors.Is(err, context.Canceled) {
				t.Fatalf("the error of end is %v, want one that wraps %q", err, context.Canceled)
			}
		}),
	},
}

func begin(t *lesson.T, startWorkers startWorkers, ctx context.Context, numbers *queue.Queue[int], workers int, work func(int) error) (end func() error) {
	t.Soon(func() { end = startWorkers(ctx, numbers, workers, work) }, "it does not return at once")
	if end == nil {
		t.Fatalf("it returned nil for end")
	}
	return end
}

func ends(t *lesson.T, end func() error) (err error) {
	t.Soon(func() { err = end() }, "end does not return")
	return err
}
