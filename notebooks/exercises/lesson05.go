package exercises

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"github.com/threads2go/course/pkg/lesson"
)

// Lesson05 are the exercises of "Parallel jobs".
var Lesson05 = []lesson.Exercise{LoadAndLook, OpenDesk, Publish}

type loadAndLook = func(names []string, room int, load func(name string) []byte, look func(picture []byte))

// LoadAndLook are two stages with a bound between them.
var LoadAndLook = lesson.Exercise{
	Name:    "loadAndLook",
	Minutes: 15,
	Trains:  "two stages at the same time, of which the fast one waits for the slow one",
	Gates: []lesson.Gate{
		lesson.NewGate("right answer", func(t *lesson.T, loadAndLook loadAndLook) {
			r, bySeed := random()
			for i, n := range []int{12, 1, 0, 2 + r.IntN(30)} {
				room := 2
				t.Try("%d pictures, room for 2", n)
				if i == 3 {
					room = 1 + r.IntN(10)
					t.Try("%d pictures, room for %d%s", n, room, bySeed)
				}
				names, looked := pictures(n), []string{}
				loads := 0
				loadAndLook(names, room, func(name string) []byte {
					loads++ // by one goroutine
					return []byte(name)
				}, func(picture []byte) {
					time.Sleep(200 * time.Microsecond)
					looked = append(looked, string(picture)) // by one goroutine
				})
				t.Equal("the pictures looked at when it returned", looked, names)
				t.Equal("the pictures loaded", loads, n)
			}
		}),
		lesson.NewGate("both at once", func(t *lesson.T, loadAndLook loadAndLook) {
			t.Try("6 pictures, room for 2")
			var loads crowd
			loadedMeanwhile := 0
			first := true
			loadAndLook(pictures(6), 2, func(name string) []byte {
				defer loads.enter()()
				return []byte(name)
			}, func([]byte) {
				if first {
					first = false
					loads.meet(2)
					_, _, loadedMeanwhile = loads.counts()
				}
			})
			if loadedMeanwhile < 2 {
				t.Fatalf("while the first picture is looked at, the second one is not loaded")
			}
		}),
		lesson.NewGate("waits for room", func(t *lesson.T, loadAndLook loadAndLook) {
			for _, room := range []int{3, 1} {
				t.Try("20 pictures, room for %d, and the first look takes long", room)
				var loads crowd
				long := make(chan struct{})
				returned := underWay(t, func() {
					loadAndLook(pictures(20), room, func(name string) []byte {
						defer loads.enter()()
						return []byte(name)
					}, func([]byte) { <-long })
				})
				if over(returned) {
					t.Fatalf("it returned while the first picture was looked at")
				}
				_, _, loaded := loads.counts()
				close(long)
				<-returned
				if waiting := loaded - 2; waiting > room { // one is looked at, one in the loader's hand
					t.Fatalf("%d pictures wait, besides the one that the loader has in hand", waiting)
				}
				if loaded < room+2 {
					t.Fatalf("it has loaded %d pictures and then waits, although there is room for %d, besides the one that is looked at and the one in hand", loaded, room)
				}
			}
		}),
	},
}

func pictures(n int) []string {
	names := []string{}
	for i := range n {
		names = append(names, fmt.Sprintf("sky_%02d.png", i))
	}
	return names
}

type openDesk = func(follow func(ctx context.Context, order int) string) (take func(order int) error, shutdown func() map[int]string)

// OpenDesk follows each order in a goroutine, until it is shut down.
var OpenDesk = lesson.Exercise{
	Name:    "openDesk",
	Minutes: 30,
	Trains:  "a goroutine for each order, and a service that ends with all of them",
	Gates: []lesson.Gate{
		lesson.NewGate("right answer", func(t *lesson.T, openDesk openDesk) {
			t.Try("order 1 is sold, orders 2 and 3 are followed until shutdown")
			take, shutdown := opened(t, openDesk, func(ctx context.Context, order int) string {
				if order == 1 {
					return "sold"
				}
				<-ctx.Done()
				return fmt.Sprint("order ", order, " waits")
			})
			for order := 1; order <= 3; order++ {
				var err error
				t.Soon(func() { err = take(order) }, "take(%d) does not return at once", order)
				t.Equal("the error of take", err, nil)
			}
			var states map[int]string
			t.Soon(func() { states = shutdown() }, "shutdown does not return")
			t.Equal("the states", states, map[int]string{1: "sold", 2: "order 2 waits", 3: "order 3 waits"})

			r, bySeed := random()
			t.Try("orders of any numbers, and one takes long to end after shutdown%s", bySeed)
			want := map[int]string{}
			for len(want) < 10 {
				want[r.IntN(1_000_000)] = "waits"
			}
			allButOne := passes(9)
			var c crowd
			take, shutdown = opened(t, openDesk, func(ctx context.Context, _ int) string {
				defer c.enter()()
				<-ctx.Done()
				<-allButOne
				return "waits"
			})
			for order := range want {
				t.Equal("the error of take", take(order), nil)
			}
			returned := underWay(t, func() { states = shutdown() })
			if now, _, _ := c.counts(); over(returned) {
				t.Fatalf("shutdown returned when %d of 10 orders had ended", 10-now)
			}
			close(allButOne)
			t.Soon(func() { <-returned }, "shutdown does not return")
			t.Equal("the states", states, want)

			t.Try("no order, then shutdown")
			_, shutdown = opened(t, openDesk, func(context.Context, int) string { return "" })
			t.Soon(func() { states = shutdown() }, "shutdown does not return")
			t.Equal("the number of states", len(states), 0)
		}),
		lesson.NewGate("all at once", func(t *lesson.T, openDesk openDesk) {
			t.Try("20 orders, taken by 4 goroutines")
			var c crowd
			take, shutdown := opened(t, openDesk, func(context.Context, int) string {
				defer c.enter()()
				c.meet(20)
				return "sold"
			})
			var customers sync.WaitGroup
			for i := range 4 {
				customers.Go(func() {
					for j := range 5 {
						take(5*i + j)
					}
				})
			}
			t.Soon(customers.Wait, "take does not return at once")
			c.meet(20)
			states := shutdown()
			c.wants(t, 20)
			t.Equal("the number of states", len(states), 20)
		}),
		lesson.NewGate("closed after shutdown", func(t *lesson.T, openDesk openDesk) {
			t.Try("take(2) after shutdown")
			var follows atomic.Int64
			take, shutdown := opened(t, openDesk, func(ctx context.Context, _ int) string {
				follows.Add(1)
				<-ctx.Done()
				return "waits"
			})
			take(1)
			shutdown()
			if err := take(2); err == nil {
				t.Fatalf("the error is nil: the order was taken, and nobody will end it")
			}
			t.Settle()
			t.Equal("the orders that were followed", int(follows.Load()), 1)
		}),
		lesson.NewGate("none is lost", func(t *lesson.T, openDesk openDesk) {
			t.Try("an order is taken, and then the desk is shut down")
			// Nothing here orders what take does after it has given its lock back before shutdown:
			// the race detector sees a count of orders that goes up there.
			long := make(chan struct{})
			take, shutdown := opened(t, openDesk, func(context.Context, int) string {
				<-long
				return "waits"
			})
			go take(1)
			t.Settle()
			var states map[int]string
			returned := underWay(t, func() { states = shutdown() })
			close(long)
			t.Soon(func() { <-returned }, "shutdown does not return")
			t.Equal("the states", states, map[int]string{1: "waits"})

			t.Try("an order is taken while the desk is shut down, again and again")
			rounds := int64(10_000)
			if t.Race() {
				rounds = 200
			}
			var begun, ended atomic.Int64 // rounds, of the customer
			var ok bool
			closing := make(chan struct{})
			await := func(n *atomic.Int64, round int64) { // without a pause at first: they shall meet
				for i := 0; n.Load() < round; i++ {
					if i > 20_000 {
						runtime.Gosched()
					}
				}
			}
			go func() {
				for round := int64(1); ; round++ {
					if await(&begun, round); over(closing) {
						return
					}
					ok = take(1) == nil
					ended.Store(round)
				}
			}()
			giveUp := time.Now().Add(patience / 4) // on a busy machine they hardly ever meet
			pause := 0                             // so long that either comes first half of the times
			round := int64(1)
			for ; round <= rounds && time.Now().Before(giveUp); round++ {
				take, shutdown = opened(t, openDesk, func(context.Context, int) string { return "sold" })
				begun.Store(round)
				if round%8 == 0 { // on one core they meet where the customer waits, if it does
					runtime.Gosched()
				}
				for range max(pause+rand.IntN(64), 0) {
					begun.Load()
				}
				states = shutdown()
				await(&ended, round)
				if ok { // the customer came first
					pause--
				} else {
					pause++
				}
				if _, has := states[1]; ok != has {
					t.Fatalf("order 1: taken %t, among the states of shutdown %t", ok, has)
				}
			}
			close(closing)
			begun.Store(round)
		}),
	},
}

func opened(t *lesson.T, openDesk openDesk, follow func(context.Context, int) string) (take func(int) error, shutdown func() map[int]string) {
	if take, shutdown = openDesk(follow); take == nil || shutdown == nil {
		t.Fatalf("it returned nil for take or shutdown")
	}
	return take, shutdown
}

type publish = func(readers int, write func() error, prepare func(reader int), read func(reader int) string) ([]string, error)

// Publish has readers wait for a file that is being written.
var Publish = lesson.Exercise{
	Name:    "publish",
	Minutes: 15,
	Trains:  "a signal that many wait for, and that may never come",
	Gates: []lesson.Gate{
		lesson.NewGate("right answer", func(t *lesson.T, publish publish) {
			r, bySeed := random()
			for i, readers := range []int{5, 1, 0, 2 + r.IntN(20)} {
				t.Try("%d readers", readers)
				if i == 3 {
					t.Try("%d readers%s", readers, bySeed)
				}
				allButOne := passes(readers - 1)
				var written atomic.Bool
				want := []string{}
				for i := range readers {
					want = append(want, fmt.Sprint("page ", i))
				}
				var got []string
				var err error
				returned := underWay(t, func() {
					got, err = publish(readers, func() error {
						time.Sleep(time.Millisecond)
						written.Store(true)
						return nil
					}, func(int) {}, func(reader int) string {
						ready := written.Load()
						<-allButOne
						if !ready {
							return "no such file"
						}
						return fmt.Sprint("page ", reader)
					})
				})
				early := over(returned) && readers > 0
				close(allButOne)
				t.Soon(func() { <-returned }, "it does not return")
				if early {
					t.Fatalf("it returned while the file was being read")
				}
				t.Equal("the error", err, nil)
				if len(want) > 0 || len(got) > 0 {
					t.Equal("what was read", got, want)
				}
			}
		}),
		lesson.NewGate("all at once", func(t *lesson.T, publish publish) {
			t.Try("5 readers prepare while the file is written")
			var c crowd
			publish(5, func() error {
				defer c.enter()()
				c.meet(6)
				return nil
			}, func(int) {
				defer c.enter()()
				c.meet(6)
			}, func(int) string { return "" })
			if _, most, _ := c.counts(); most < 6 {
				t.Fatalf("never more than %d of write and 5 times prepare under way, want all", most)
			}
			t.Try("5 readers read at the same time")
			var reading crowd
			publish(5, func() error { return nil }, func(int) {}, func(int) string {
				defer reading.enter()()
				reading.meet(5)
				return ""
			})
			reading.wants(t, 5)
		}),
		lesson.NewGate("nobody reads too early", func(t *lesson.T, publish publish) {
			t.Try("5 readers, and a write that takes long")
			long := make(chan struct{})
			var reads atomic.Int64
			returned := underWay(t, func() {
				publish(5, func() error { <-long; return nil }, func(int) {}, func(int) string {
					reads.Add(1)
					return ""
				})
			})
			early, readsEarly := over(returned), reads.Load()
			close(long)
			<-returned
			t.Equal("the readers that read before the file was written", int(readsEarly), 0)
			if early {
				t.Fatalf("it returned before the file was written")
			}
		}),
		lesson.NewGate("a write that fails", func(t *lesson.T, publish publish) {
			t.Try("5 readers, and write fails")
			full := errors.New("the disk is full")
			var reads atomic.Int64
			var err error
			t.Soon(func() {
				_, err = publish(5, func() error {
					time.Sleep(time.Millisecond)
					return full
				}, func(int) {}, func(int) string {
					reads.Add(1)
					return ""
				})
			}, "it does not return")
			if !errors.Is(err, full) {
				t.Fatalf("the error is %v, want one that is or wraps %q", err, full)
			}
			t.Equal("the readers that read all the same", int(reads.Load()), 0)
		}),
	},
}
