// Package queue has the table of what pkg/queue and its peers do in the same case.
package queue

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
	"weak"

	workiva "github.com/Workiva/go-datastructures/queue"

	"github.com/threads2go/course/pkg/bench/behaviour"
	"github.com/threads2go/course/pkg/queue"
)

func TestMain(m *testing.M)  { table.Main(m) }
func TestTable(t *testing.T) { table.Check(t, "queue.md") }

var ctx = context.Background()

const short = 50 * time.Millisecond

// timeout is a context that ends soon.
func timeout() context.Context {
	ctx, cancel := context.WithTimeout(ctx, short)
	time.AfterFunc(2*short, cancel)
	return ctx
}

// ended is a context that has ended.
func ended() context.Context {
	ctx, cancel := context.WithCancel(ctx)
	cancel()
	return ctx
}

// of is an unbounded queue with these items, and full a bounded one.
func of[T any](items ...T) *queue.Queue[T] {
	q := queue.New[T](0)
	q.PutN(ctx, items)
	return q
}

func full() *queue.Queue[int] {
	q := queue.New[int](1)
	q.Put(ctx, 1)
	return q
}

func fullChannel() chan int {
	c := make(chan int, 1)
	c <- 1
	return c
}

func fullRing() *workiva.RingBuffer {
	q := workiva.NewRingBuffer(2) // 1 would do, but Put and Get of that spin for ever
	q.Put(1)
	q.Put(2)
	return q
}

func workivaOf(items ...any) *workiva.Queue {
	q := workiva.New(0)
	q.Put(items...)
	return q
}

// says tells what a call returned, or that it panicked.
func says(call string, f func() (any, error)) (what string) {
	defer func() {
		if v := recover(); v != nil {
			what = fmt.Sprintf("%s panics: %v", call, v)
		}
	}()
	result, err := f()
	switch {
	case err != nil:
		return fmt.Sprintf("%s returns the error %q", call, err)
	case result == nil:
		return call + " returns nil"
	}
	return fmt.Sprintf("%s returns %v", call, result)
}

// none makes an error of what has no result.
func none(err error) (any, error) { return nil, err }

// and makes a result of what has one.
func and[T any](result T, err error) (any, error) { return result, err }

// three has three goroutines wait and then ends the waiting. It returns what
// they say.
func three(wait func() string, end func()) string {
	results := make(chan string)
	for range 3 {
		go func() { results <- wait() }()
	}
	time.Sleep(short)
	end()
	said := []string{<-results, <-results, <-results}
	slices.Sort(said)
	return "3 times: " + strings.Join(slices.Compact(said), ", or ")
}

// A job's number takes no part in its priority.
type job struct{ priority, number int }

func (j job) Compare(other workiva.Item) int { return cmp.Compare(j.priority, other.(job).priority) }

var jobs = []job{{1, 0}, {0, 1}, {1, 2}, {0, 3}, {1, 4}, {0, 5}, {1, 6}, {0, 7}}

func orderOf(jobs []job) string {
	s := ""
	for _, j := range jobs {
		s += fmt.Sprint(" ", j.number)
	}
	return "out come" + s
}

// A fragile number cannot be compared with 13.
type fragile int

func compareFragile(a, b fragile) int {
	if a == 13 || b == 13 {
		panic("bad luck")
	}
	return cmp.Compare(a, b)
}

func (f fragile) Compare(other workiva.Item) int { return compareFragile(f, other.(fragile)) }

// alive tells whether an item that was put and taken is kept alive by what
// use leaves.
func alive(use func(item *[1000]int) (kept any)) string {
	item := new([1000]int)
	w := weak.Make(item)
	kept := use(item)
	item = nil
	runtime.GC()
	defer runtime.KeepAlive(kept)
	if w.Value() == nil {
		return "freed"
	}
	return "kept alive"
}

// keeps tells how much memory is left in use after many items.
func keeps(use func() (kept any)) string {
	inUse := func() int64 {
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return int64(m.HeapAlloc)
	}
	before := inUse()
	kept := use()
	after := inUse()
	runtime.KeepAlive(kept)
	if after-before < 100_000 {
		return "less than 100 kB"
	}
	return "more than 100 kB"
}

const many = 100_000

var table = behaviour.Table{
	Title: "Queues",
	Intro: "What happens in pkg/queue, with a channel (and sync.WaitGroup for Join), in Workiva's go-datastructures/queue " +
		"(Queue, RingBuffer for bounds, PriorityQueue) and in Python. A dash: there is no such thing. " +
		"Python's shutdown came with 3.13; the table runs with older ones too, and leaves it out.",
	Columns: []string{"queue", "channel", "Workiva", "Python queue"},
	Rows: []behaviour.Row{
		{Case: "get from an empty queue, for 50 ms at most", Cells: []behaviour.Cell{
			func() string {
				return says("Get", func() (any, error) { return and(queue.New[int](1).Get(timeout())) })
			},
			func() string {
				select {
				case <-make(chan int):
					return "an item"
				case <-timeout().Done():
					return "the timeout's case"
				}
			},
			func() string {
				return says("Poll", func() (any, error) { return and(workiva.New(0).Poll(1, short)) })
			},
			python(`try: queue.Queue().get(timeout=0.05)
except queue.Empty: print("get raises Empty")`),
		}},
		{Case: "get from an empty queue, without end, in the only goroutine", Cells: []behaviour.Cell{
			func() string { return says("Get", func() (any, error) { return and(queue.New[int](1).Get(ctx)) }) },
			func() string { return fmt.Sprint(<-make(chan int)) },
			func() string { return says("Get", func() (any, error) { return and(workiva.New(0).Get(1)) }) },
			python(`queue.Queue().get()`),
		}},
		{Case: "get of an item that is there, when the time is over", Cells: []behaviour.Cell{
			func() string { return says("Get", func() (any, error) { return and(of(1).Get(ended())) }) },
			func() string {
				over, items := ended(), 0
				for range 1000 {
					select {
					case <-fullChannel():
						items++
					case <-over.Done():
					}
				}
				if items == 0 || items == 1000 {
					return fmt.Sprintf("%d times of 1000 the item", items)
				}
				return "sometimes the item, sometimes the timeout's case"
			},
			func() string {
				return says("Poll", func() (any, error) { return and(workivaOf(1).Poll(1, 1)) })
			},
			python(`q = queue.Queue(); q.put(1); print("get returns", q.get(timeout=0))`),
		}},
		{Case: "put into a full queue, for 50 ms at most; then what is in it", Cells: []behaviour.Cell{
			func() string {
				q := full()
				return says("Put", func() (any, error) { return none(q.Put(timeout(), 2)) }) + fmt.Sprint("; ", q.ShutdownNow())
			},
			func() string {
				c, what := fullChannel(), "put"
				select {
				case c <- 2:
				case <-timeout().Done():
					what = "the timeout's case"
				}
				return fmt.Sprintf("%s; [%d]", what, <-c)
			},
			nil,
			python(`q = queue.Queue(1); q.put(1)
try: q.put(2, timeout=0.05)
except queue.Full: print("put raises Full;", list(q.queue))`),
		}},
		{Case: "put into a full queue, without waiting", Cells: []behaviour.Cell{
			func() string { return says("TryPut", func() (any, error) { return none(full().TryPut(2)) }) },
			func() string {
				select {
				case fullChannel() <- 2:
					return "put"
				default:
					return "the default case"
				}
			},
			func() string { return says("Offer", func() (any, error) { return and(fullRing().Offer(3)) }) },
			python(`q = queue.Queue(1); q.put(1)
try: q.put_nowait(2)
except queue.Full: print("put_nowait raises Full")`),
		}},
		{Case: "a capacity of 0", Cells: []behaviour.Cell{
			func() string {
				return says("TryPut", func() (any, error) { return none(queue.New[int](0).TryPut(1)) }) + ": no bound"
			},
			func() string {
				select {
				case make(chan int, 0) <- 1:
					return "put"
				default:
					return "a send waits for its receiver"
				}
			},
			func() string {
				return says("Put", func() (any, error) { return none(workiva.New(0).Put(1)) }) + ": a hint, not a bound"
			},
			python(`queue.Queue(0).put_nowait(1); print("put_nowait returns: no bound")`),
		}},
		{Case: "a capacity of -1", Cells: []behaviour.Cell{
			func() string { return says("New", func() (any, error) { return queue.New[int](-1), nil }) },
			func() string {
				n := -1
				return says("make", func() (any, error) { return make(chan int, n), nil })
			},
			func() string { return says("New", func() (any, error) { return and(workiva.New(-1).Len(), nil) }) },
			python(`queue.Queue(-1).put_nowait(1); print("put_nowait returns: no bound")`),
		}},
		{Case: "three wait to get, and the queue is shut down", Cells: []behaviour.Cell{
			func() string {
				q := queue.New[int](0)
				return three(func() string { return says("Get", func() (any, error) { return and(q.Get(ctx)) }) }, q.Shutdown)
			},
			func() string {
				c := make(chan int)
				return three(func() string { x, ok := <-c; return fmt.Sprint("receives ", x, ", ", ok) }, func() { close(c) })
			},
			func() string {
				q := workiva.New(0)
				return three(func() string { return says("Get", func() (any, error) { return and(q.Get(1)) }) },
					func() { q.Dispose() })
			},
			nil,
		}},
		{Case: "three wait to put, and the queue is shut down", Cells: []behaviour.Cell{
			func() string {
				q := full()
				return three(func() string { return says("Put", func() (any, error) { return none(q.Put(ctx, 2)) }) }, q.Shutdown)
			},
			func() string {
				c := fullChannel()
				return three(func() string { return says("a send", func() (any, error) { c <- 2; return nil, nil }) },
					func() { close(c) })
			},
			func() string {
				q := fullRing()
				return three(func() string { return says("Put", func() (any, error) { return none(q.Put(3)) }) }, q.Dispose)
			},
			nil,
		}},
		{Case: "put after the shutdown", Cells: []behaviour.Cell{
			func() string {
				q := queue.New[int](0)
				q.Shutdown()
				return says("Put", func() (any, error) { return none(q.Put(ctx, 1)) })
			},
			func() string {
				c := make(chan int, 1)
				close(c)
				return says("a send", func() (any, error) { c <- 1; return nil, nil })
			},
			func() string {
				q := workiva.New(0)
				q.Dispose()
				return says("Put", func() (any, error) { return none(q.Put(1)) })
			},
			nil,
		}},
		{Case: "two items are left at the shutdown", Cells: []behaviour.Cell{
			func() string {
				q, now := of(1, 2), of(1, 2)
				q.Shutdown()
				return says("Get", func() (any, error) { return and(q.Get(ctx)) }) +
					"; " + says("ShutdownNow", func() (any, error) { return now.ShutdownNow(), nil })
			},
			func() string {
				c := make(chan int, 2)
				c <- 1
				c <- 2
				close(c)
				return fmt.Sprint("receives ", <-c)
			},
			func() string {
				q := workivaOf(1, 2)
				return says("Dispose", func() (any, error) { return q.Dispose(), nil }) +
					"; " + says("Get", func() (any, error) { return and(q.Get(1)) })
			},
			nil,
		}},
		{Case: "shut down twice", Cells: []behaviour.Cell{
			func() string {
				q := of(1)
				q.Shutdown()
				return says("Shutdown", func() (any, error) { q.Shutdown(); return nil, nil })
			},
			func() string {
				c := make(chan int)
				close(c)
				return says("close", func() (any, error) { close(c); return nil, nil })
			},
			func() string {
				q := workivaOf(1)
				q.Dispose()
				return says("Dispose", func() (any, error) { return len(q.Dispose()), nil })
			},
			nil,
		}},
		{Case: "one task is reported done twice", Cells: []behaviour.Cell{
			func() string {
				q := of(1)
				q.TaskDone()
				return says("TaskDone", func() (any, error) { return none(q.TaskDone()) })
			},
			func() string {
				var wg sync.WaitGroup
				wg.Add(1)
				wg.Done()
				return says("Done", func() (any, error) { wg.Done(); return nil, nil })
			},
			nil,
			python(`q = queue.Queue(); q.put(1); q.task_done()
try: q.task_done()
except ValueError as e: print("task_done raises ValueError:", e)`),
		}},
		{Case: "wait until all is done, for 50 ms at most", Cells: []behaviour.Cell{
			func() string { return says("Join", func() (any, error) { return none(of(1).Join(timeout())) }) },
			nil,
			nil,
			python(`q = queue.Queue(); q.put(1)
try: q.join(timeout=0.05)
except TypeError: print("join raises TypeError: it has no timeout")`),
		}},
		{Case: "look at the next item", Cells: []behaviour.Cell{
			func() string { return says("Peek", func() (any, error) { return and(of(1, 2).Peek()) }) },
			nil,
			func() string { return says("Peek", func() (any, error) { return and(workivaOf(1, 2).Peek()) }) },
			python(`q = queue.Queue(); q.put(1); print("queue[0] is", q.queue[0], "(undocumented)")`),
		}},
		{Case: "ten items are asked for, three are there", Cells: []behaviour.Cell{
			func() string {
				dst := make([]int, 10)
				return says("GetN", func() (any, error) { n, err := of(1, 2, 3).GetN(ctx, dst); return dst[:n], err })
			},
			nil,
			func() string { return says("Get", func() (any, error) { return and(workivaOf(1, 2, 3).Get(10)) }) },
			nil,
		}},
		{Case: "a loop over the queue is told to stop after two of three items", Cells: []behaviour.Cell{
			func() string {
				ctx, cancel := context.WithCancelCause(ctx)
				defer cancel(nil)
				q, what := of(1, 2, 3), "gets"
				for x, err := range q.All(ctx) {
					if err != nil {
						return fmt.Sprintf("%s, then the error %q; %d left", what, err, q.Len())
					}
					what += fmt.Sprint(" ", x)
					if x == 2 {
						cancel(errors.New("enough"))
					}
				}
				return what + ", and ends"
			},
			func() string {
				_, cancel := context.WithCancel(ctx)
				defer cancel()
				c, what := make(chan int, 3), "receives"
				c <- 1
				c <- 2
				c <- 3
				close(c)
				for x := range c {
					what += fmt.Sprint(" ", x)
					if x == 2 {
						cancel() // of which range knows nothing
					}
				}
				return what
			},
			nil,
			nil,
		}},
		{Case: "priorities 1 0 1 0 1 0 1 0 of the items 0 to 7", Cells: []behaviour.Cell{
			func() string {
				q := queue.NewPriority(0, func(a, b job) int { return cmp.Compare(a.priority, b.priority) })
				q.PutN(ctx, jobs)
				return orderOf(q.ShutdownNow())
			},
			nil,
			func() string {
				q := workiva.NewPriorityQueue(8, true)
				var out []job
				for _, j := range jobs {
					q.Put(j)
				}
				for range jobs {
					j, _ := q.Get(1)
					out = append(out, j[0].(job))
				}
				return orderOf(out)
			},
			python(`q = queue.PriorityQueue()
try:
    for i in range(8): q.put((1 - i % 2, {"number": i}))
except TypeError as e: print("put raises TypeError:", e)`),
		}},
		{Case: "the comparison of a new item fails; then how many items there are", Cells: []behaviour.Cell{
			func() string {
				q := queue.NewPriority(0, compareFragile)
				q.Put(ctx, 1)
				return says("Put", func() (any, error) { return none(q.Put(ctx, 13)) }) + fmt.Sprintf("; %d", q.Len())
			},
			nil,
			func() string {
				q := workiva.NewPriorityQueue(8, true)
				q.Put(fragile(1))
				return says("Put", func() (any, error) { return none(q.Put(fragile(13))) }) + fmt.Sprintf("; %d", q.Len())
			},
			python(`q = queue.PriorityQueue(); q.put(1)
try: q.put("thirteen")
except TypeError: print("put raises TypeError;", q.qsize())`),
		}},
		{Case: "an item that was taken out", Cells: []behaviour.Cell{
			func() string {
				return alive(func(item *[1000]int) any { q := of(item, nil); q.Get(ctx); return q })
			},
			func() string {
				return alive(func(item *[1000]int) any {
					c := make(chan *[1000]int, 2)
					c <- item
					c <- nil
					<-c
					return c
				})
			},
			func() string {
				return alive(func(item *[1000]int) any { q := workivaOf(item, 2); q.Get(1); return q })
			},
			python(`import weakref
class Item: pass
q = queue.Queue(); q.put(Item()); w = weakref.ref(q.get())
print("kept alive" if w() else "freed")`),
		}},
		{Case: "memory in use when 100,000 items have come and gone", Cells: []behaviour.Cell{
			func() string {
				return keeps(func() any {
					q := queue.New[int](0)
					for i := range many {
						q.Put(ctx, i)
					}
					for range many {
						q.Get(ctx)
					}
					return q
				})
			},
			func() string {
				return keeps(func() any {
					c := make(chan int, many)
					for i := range many {
						c <- i
					}
					for range many {
						<-c
					}
					return c
				})
			},
			func() string {
				return keeps(func() any {
					q := workiva.New(0)
					for i := range many {
						q.Put(i)
					}
					for range many {
						q.Get(1)
					}
					return q
				})
			},
			python(`import sys
q = queue.Queue()
for i in range(100_000): q.put(i)
for i in range(100_000): q.get()
print("less than 100 kB" if sys.getsizeof(q.queue) < 100_000 else "more than 100 kB")`),
		}},
	},
}

func python(script string) behaviour.Cell { return behaviour.Python("import queue\n" + script) }
