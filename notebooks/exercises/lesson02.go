package exercises

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"sync"
	"time"

	"github.com/threads2go/course/pkg/lesson"
)

// Lesson02 are the exercises of "Threading, hands on".
var Lesson02 = []lesson.Exercise{NewTally, Convert, Fastest}

// A Tally is what an answer to NewTally makes.
type Tally interface {
	Add(celsius int)
	Count(celsius int) int
	Counts() map[int]int
}

// NewTally counts temperatures, for any number of goroutines.
var NewTally = lesson.Exercise{
	Name:    "newTally",
	Minutes: 10,
	Trains:  "a lock on all sides, and what may leave it",
	Gates: []lesson.Gate{
		lesson.NewGate("right answer", func(t *lesson.T, newTally func() Tally) {
			t.Try("Add of 19, 21, 19, -3 by one goroutine")
			tally := newTally()
			t.Equal("Counts() before", len(tally.Counts()), 0)
			for _, celsius := range []int{19, 21, 19, -3} {
				tally.Add(celsius)
			}
			t.Equal("Count(19)", tally.Count(19), 2)
			t.Equal("Count(20)", tally.Count(20), 0)
			t.Equal("Counts()", tally.Counts(), map[int]int{19: 2, 21: 1, -3: 1})

			r, bySeed := random()
			t.Try("Add of 100 temperatures by one goroutine%s", bySeed)
			tally = newTally()
			want := map[int]int{}
			for range 100 {
				celsius := r.IntN(80) - 40
				tally.Add(celsius)
				want[celsius]++
			}
			for celsius := range 40 {
				t.Equal(fmt.Sprintf("Count(%d)", celsius), tally.Count(celsius), want[celsius])
			}
			t.Equal("Counts()", tally.Counts(), want)
		}),
		lesson.NewGate("shared by many", func(t *lesson.T, newTally func() Tally) {
			t.Try("8 goroutines add 50 temperatures each, and look")
			tally := newTally()
			var stations sync.WaitGroup
			for range 8 {
				stations.Go(func() {
					for i := range 50 { // with pauses, in which the others go on
						tally.Add(i % 5)
						time.Sleep(50 * time.Microsecond)
						tally.Count(i % 5)
						counts := tally.Counts()
						time.Sleep(50 * time.Microsecond)
						for range counts { // what it was given stays as it is
						}
					}
				})
			}
			t.Soon(stations.Wait, "they never come to their end")
			t.Equal("Counts()", tally.Counts(), map[int]int{0: 80, 1: 80, 2: 80, 3: 80, 4: 80})
		}),
		lesson.NewGate("Counts is a copy", func(t *lesson.T, newTally func() Tally) {
			t.Try("the map that Counts() returned is changed")
			tally := newTally()
			tally.Add(19)
			maps.DeleteFunc(tally.Counts(), func(int, int) bool { return true })
			t.Equal("Count(19) after that", tally.Count(19), 1)
		}),
	},
}

type convert = func(ctx context.Context, in <-chan float64, change func(celsius float64) string) <-chan string

// Convert is a stage between two channels.
var Convert = lesson.Exercise{
	Name:    "convert",
	Minutes: 20,
	Trains:  "a stage that closes its channel, and can be called off on both sides",
	Gates: []lesson.Gate{
		lesson.NewGate("right answer", func(t *lesson.T, convert convert) {
			r, bySeed := random()
			for i, n := range []int{4, 1, 0, 2 + r.IntN(20)} {
				t.Try("%d temperatures, then the channel is closed", n)
				next := func(i int) float64 { return float64(i) }
				if i == 3 {
					t.Try("%d temperatures at random, then the channel is closed%s", n, bySeed)
					next = func(int) float64 { return float64(r.IntN(800)-400) / 10 }
				}
				in := make(chan float64, n)
				want := []string{}
				for i := range n {
					celsius := next(i)
					in <- celsius
					want = append(want, degrees(celsius))
				}
				close(in)
				t.Equal("what came out", drained(t, stage(t, convert, context.Background(), in)), want)
			}
		}),
		lesson.NewGate("hands on at once", func(t *lesson.T, convert convert) {
			t.Try("one temperature at a time")
			in := make(chan float64)
			out := stage(t, convert, context.Background(), in)
			for i := range 3 {
				var got string
				t.Soon(func() { in <- float64(i) }, "nobody receives number %d", i+1)
				t.Soon(func() { got = <-out }, "number %d does not come out before the next one is sent", i+1)
				t.Equal("what came out", got, degrees(float64(i)))
			}
			close(in)
			t.Equal("what came out after that", drained(t, out), []string{})
		}),
		lesson.NewGate("heeds its context", func(t *lesson.T, convert convert) {
			t.Try("its context ends while it waits for a temperature")
			ctx, cancel := context.WithCancel(context.Background())
			out := stage(t, convert, ctx, make(chan float64))
			t.Settle()
			cancel()
			t.Equal("what came out", drained(t, out), []string{})

			t.Try("its context ends while nobody takes what it has")
			ctx, cancel = context.WithCancel(context.Background())
			in := make(chan float64, 3)
			in <- 19
			in <- 21
			in <- 30
			stage(t, convert, ctx, in)
			t.Settle()
			cancel()
		}),
	},
}

func degrees(celsius float64) string { return fmt.Sprintf("%.1f °F", celsius*9/5+32) }

// stage starts one, which must not keep its caller waiting.
func stage(t *lesson.T, convert convert, ctx context.Context, in <-chan float64) (out <-chan string) {
	t.Soon(func() { out = convert(ctx, in, degrees) }, "it does not return its channel at once")
	if out == nil {
		t.Fatalf("it returned a nil channel")
	}
	return out
}

// drained is what comes out of a channel until it is closed.
func drained(t *lesson.T, out <-chan string) []string {
	all := []string{}
	t.Soon(func() {
		for s := range out {
			all = append(all, s)
		}
	}, "the channel that it returned was not closed")
	return all
}

type fastest = func(ctx context.Context, mirrors []string, get func(ctx context.Context, mirror string) (string, error)) (string, error)

// Fastest asks many and takes the first answer.
var Fastest = lesson.Exercise{
	Name:    "fastest",
	Minutes: 25,
	Trains:  "the first of many results, and an end for the others",
	Gates: []lesson.Gate{
		lesson.NewGate("right answer", func(t *lesson.T, fastest fastest) {
			mirrors := []string{"Zurich", "Tokyo", "Quito", "Perth"}
			for _, quick := range mirrors {
				t.Try("%v, where only %s answers in time", mirrors, quick)
				var c crowd
				page, err := fastest(context.Background(), mirrors, func(ctx context.Context, mirror string) (string, error) {
					defer c.enter()()
					if c.meet(4); mirror == quick {
						return "the page of " + mirror, nil
					}
					return waits(ctx)
				})
				if _, most, _ := c.counts(); most < 4 {
					t.Fatalf("never more than %d mirrors asked at once, want all", most)
				}
				t.Equal("the error", err, nil)
				t.Equal("the page", page, "the page of "+quick)
			}
			r, bySeed := random()
			mirrors = nil
			for i := range 2 + r.IntN(8) {
				mirrors = append(mirrors, fmt.Sprint("mirror ", i))
			}
			quick := mirrors[r.IntN(len(mirrors))]
			t.Try("%d mirrors, where only %s answers in time%s", len(mirrors), quick, bySeed)
			page, err := fastest(context.Background(), mirrors, func(ctx context.Context, mirror string) (string, error) {
				if mirror == quick {
					return "the page of " + mirror, nil
				}
				return waits(ctx)
			})
			t.Equal("the error", err, nil)
			t.Equal("the page", page, "the page of "+quick)

			t.Try("four mirrors that answer at the same time")
			var c crowd
			page, err = fastest(context.Background(), mirrors, func(context.Context, string) (string, error) {
				defer c.enter()()
				c.meet(4)
				return "the page", nil
			})
			t.Equal("the error", err, nil)
			t.Equal("the page", page, "the page")
		}),
		lesson.NewGate("mirrors that fail", func(t *lesson.T, fastest fastest) {
			down := errors.New("the mirror is down")
			t.Try("three mirrors that fail, and one that answers after them")
			var c crowd
			page, err := fastest(context.Background(), []string{"A", "B", "C", "D"}, func(_ context.Context, mirror string) (string, error) {
				if mirror != "D" {
					defer c.enter()()
					return "", down
				}
				c.meet(3)
				return "the page of D", nil
			})
			t.Equal("the error", err, nil)
			t.Equal("the page", page, "the page of D")

			t.Try("three mirrors that fail")
			page, err = fastest(context.Background(), []string{"A", "B", "C"}, func(context.Context, string) (string, error) { return "", down })
			if !errors.Is(err, down) {
				t.Fatalf("the error is %v, want one that is or wraps %q", err, down)
			}
			t.Equal("the page", page, "")
		}),
		lesson.NewGate("heeds its context", func(t *lesson.T, fastest fastest) {
			t.Try("its context ends while all mirrors are asked")
			ctx, cancel := context.WithCancel(context.Background())
			var err error
			returned := make(chan struct{})
			go func() {
				defer close(returned)
				_, err = fastest(ctx, []string{"A", "B"}, func(ctx context.Context, _ string) (string, error) { return waits(ctx) })
			}()
			t.Settle()
			cancel()
			t.Soon(func() { <-returned }, "it still waits")
			if !errors.Is(err, context.Canceled) {
				t.Fatalf("the error is %v, want one that is or wraps %q", err, context.Canceled)
			}
		}),
	},
}

// waits is a call that comes to nothing until its context ends.
func waits(ctx context.Context) (string, error) {
	<-ctx.Done()
	return "", ctx.Err()
}
