package exercises

import (
	"errors"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/threads2go/course/pkg/lesson"
)

// Lesson01 are the exercises of "Threads and goroutines".
var Lesson01 = []lesson.Exercise{FillAll, ReadStations, StartClerk}

type fillAll = func(orders []int, fill func(order int))

// FillAll fills orders, each in a goroutine of its own, and waits.
var FillAll = lesson.Exercise{
	Name:    "fillAll",
	Minutes: 5,
	Trains:  "starting goroutines and waiting for all of them",
	Gates: []lesson.Gate{
		lesson.NewGate("right answer", func(t *lesson.T, fillAll fillAll) {
			try := func(orders []int, bySeed string) {
				t.Try("fillAll(%v)%s", orders, bySeed)
				var mu sync.Mutex
				filled := []int{}
				sorted := func() []int {
					mu.Lock()
					defer mu.Unlock()
					return slices.Sorted(slices.Values(filled))
				}
				allButOne := passes(len(orders) - 1)
				returned := underWay(t, func() {
					fillAll(orders, func(order int) {
						<-allButOne
						mu.Lock()
						defer mu.Unlock()
						filled = append(filled, order)
					})
				})
				if n := len(sorted()); over(returned) && n < len(orders) {
					t.Fatalf("it returned when %d of %d orders were filled", n, len(orders))
				}
				close(allButOne)
				<-returned
				got := sorted()
				if len(got) < len(orders) {
					t.Fatalf("it returned when %d of %d orders were filled", len(got), len(orders))
				}
				if want := slices.Sorted(slices.Values(orders)); !slices.Equal(got, want) {
					t.Fatalf("the orders filled, sorted: got %v, want %v", got, want)
				}
			}
			for _, orders := range [][]int{{7}, {1, 2, 3, 4, 5, 6, 7, 8}, {7, 7, 3}, {}} {
				try(orders, "")
			}
			r, bySeed := random()
			orders := make([]int, 2+r.IntN(10))
			for i := range orders {
				orders[i] = r.IntN(100)
			}
			try(orders, bySeed)
		}),
		lesson.NewGate("all at once", func(t *lesson.T, fillAll fillAll) {
			t.Try("20 orders")
			var c crowd
			fillAll(make([]int, 20), func(int) {
				defer c.enter()()
				c.meet(20)
			})
			c.wants(t, 20)
		}),
	},
}

type readStations = func(stations []string, read func(station string) (float64, error)) (map[string]float64, error)

// ReadStations reads temperatures, each in a goroutine of its own, and hands them back.
var ReadStations = lesson.Exercise{
	Name:    "readStations",
	Minutes: 15,
	Trains:  "results and errors of goroutines, in a map that needs a lock or a channel",
	Gates: []lesson.Gate{
		lesson.NewGate("right answer", func(t *lesson.T, readStations readStations) {
			want := map[string]float64{"Oslo": -3.5, "Lima": 19, "Cairo": 30, "Quito": 14, "Perth": 21.5, "Hanoi": 24, "Turin": 9, "Miami": 26}
			var stations []string
			for s := range want {
				stations = append(stations, s)
			}
			t.Try("eight stations")
			got, err := readStations(stations, func(station string) (float64, error) {
				time.Sleep(time.Millisecond)
				return want[station], nil
			})
			t.Equal("the error", err, nil)
			t.Equal("the temperatures", got, want)

			r, bySeed := random()
			for s := range want {
				want[s] = float64(r.IntN(600)-200) / 10
			}
			t.Try("eight stations, and one takes long%s", bySeed)
			allButOne := passes(7)
			returned := underWay(t, func() {
				got, err = readStations(stations, func(station string) (float64, error) {
					<-allButOne
					return want[station], nil
				})
			})
			if over(returned) {
				t.Fatalf("it returned while a station was being read")
			}
			close(allButOne)
			<-returned
			t.Equal("the error", err, nil)
			t.Equal("the temperatures", got, want)

			t.Try("no station")
			got, err = readStations(nil, func(string) (float64, error) { return 0, nil })
			t.Equal("the error", err, nil)
			t.Equal("the number of temperatures", len(got), 0)
		}),
		lesson.NewGate("all at once", func(t *lesson.T, readStations readStations) {
			t.Try("six stations")
			var c crowd
			readStations([]string{"A", "B", "C", "D", "E", "F"}, func(string) (float64, error) {
				defer c.enter()()
				c.meet(6)
				return 20, nil
			})
			c.wants(t, 6)
		}),
		lesson.NewGate("a station fails", func(t *lesson.T, readStations readStations) {
			frozen := errors.New("the sensor is frozen")
			for _, failing := range []string{"Oslo", "Lima", "Cairo"} {
				t.Try("Oslo, Lima and Cairo, and %s fails", failing)
				var c crowd
				_, err := readStations([]string{"Oslo", "Lima", "Cairo"}, func(station string) (float64, error) {
					defer c.enter()()
					if c.meet(3); station == failing {
						return 0, frozen
					}
					time.Sleep(2 * time.Millisecond)
					return 20, nil
				})
				if err == nil || !strings.Contains(err.Error(), failing) {
					t.Fatalf("the error is %v, want one that names %s", err, failing)
				}
				if !errors.Is(err, frozen) {
					t.Fatalf("the error %q does not wrap that of read: errors.Is says false", err)
				}
			}
		}),
	},
}

type startClerk = func(fill func(order int)) (put func(order int), stop func() int)

// StartClerk starts a goroutine in the background that is ended properly.
var StartClerk = lesson.Exercise{
	Name:    "startClerk",
	Minutes: 20,
	Trains:  "a goroutine in the background that finishes what it has to do, and ends",
	Gates: []lesson.Gate{
		lesson.NewGate("right answer", func(t *lesson.T, startClerk startClerk) {
			t.Try("an order that takes long, then stop")
			long := make(chan struct{})
			put, stop := start(t, startClerk, func(int) { <-long })
			t.Soon(func() { put(1) }, "put waits until the order is filled")
			filled := make(chan int, 1)
			go func() { filled <- stop() }()
			t.Settle()
			if len(filled) > 0 {
				t.Fatalf("stop returned %d while the order was being filled", <-filled)
			}
			close(long)
			t.Equal("what stop returned", <-filled, 1)

			r, bySeed := random()
			for i, n := range []int{5, 1, 0, 2 + r.IntN(10)} {
				t.Try("%d orders, then stop", n)
				next := func(i int) int { return i }
				if i == 3 {
					t.Try("%d orders at random, then stop%s", n, bySeed)
					next = func(int) int { return r.IntN(1000) }
				}
				filled := []int{}
				put, stop := start(t, startClerk, func(order int) {
					time.Sleep(3 * time.Millisecond)
					filled = append(filled, order) // by one clerk, and read after stop
				})
				want := []int{}
				for i := range n {
					order := next(i)
					put(order)
					want = append(want, order)
				}
				got := stop()
				t.Equal("what stop returned", got, n)
				t.Equal("the orders filled", filled, want)
			}
		}),
		lesson.NewGate("orders from many", func(t *lesson.T, startClerk startClerk) {
			t.Try("8 goroutines put 20 orders each")
			var c crowd
			put, stop := start(t, startClerk, func(int) {
				defer c.enter()()
				time.Sleep(10 * time.Microsecond)
			})
			var customers sync.WaitGroup
			for i := range 8 {
				customers.Go(func() {
					for j := range 20 {
						put(20*i + j)
					}
				})
			}
			customers.Wait()
			got := stop()
			_, most, total := c.counts()
			t.Equal("what stop returned", got, 160)
			t.Equal("the orders filled", total, 160)
			t.Equal("how many were filled at a time", most, 1)
		}),
	},
}

func start(t *lesson.T, startClerk startClerk, fill func(int)) (put func(int), stop func() int) {
	if put, stop = startClerk(fill); put == nil || stop == nil {
		t.Fatalf("it returned nil for put or stop")
	}
	return put, stop
}
