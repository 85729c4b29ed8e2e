package queue_test

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/threads2go/course/pkg/queue"
)

// A pythonCase is the idea of one of CPython's tests, Lib/test/test_queue.py of
// Python 3.13: a test that holds here too, or why it does not apply.
type pythonCase struct {
	name    string
	holds   func(t *testing.T, make func(capacity int) *queue.Queue[int])
	differs string
}

var pythonCases = []pythonCase{
	{"test_basic", basic, ""},
	{"test_nowait", func(t *testing.T, make func(int) *queue.Queue[int]) {
		q := make(5)
		put(t, q, 1, 1, 1, 1, 1)
		want(t, "one too many", q.TryPut(1), queue.ErrFull)
		want(t, "all", rest(q), []int{1, 1, 1, 1, 1})
		_, err := q.TryGet()
		want(t, "one too many", err, queue.ErrEmpty)
	}, ""},
	{"test_queue_task_done", func(t *testing.T, make func(int) *queue.Queue[int]) {
		want(t, "TaskDone", make(0).TaskDone(), queue.ErrTaskDone)
	}, ""},
	{"test_queue_join", joins, ""},
	{"test_negative_timeout_raises_exception", nil,
		"timeouts are the context's, where one in the past has ended: TestEveryCallTriesBeforeItAsksTheContext"},
	{"test_shrinking_queue", nil, "a capacity does not change, as that of a channel"},

	{"test_shutdown_empty", func(t *testing.T, make func(int) *queue.Queue[int]) {
		q := make(0)
		q.Shutdown()
		want(t, "Put", q.Put(background, 1), queue.ErrShutdown)
		_, err := q.Get(background)
		want(t, "Get", err, queue.ErrShutdown)
	}, ""},
	{"test_shutdown_nonempty", func(t *testing.T, make func(int) *queue.Queue[int]) {
		q := make(0)
		put(t, q, 1)
		q.Shutdown()
		x, err := q.Get(background)
		want(t, "first Get", fmt.Sprint(x, err), "1 <nil>")
		_, err = q.Get(background)
		want(t, "second Get", err, queue.ErrShutdown)
	}, ""},
	{"test_shutdown_immediate", func(t *testing.T, make func(int) *queue.Queue[int]) {
		q := make(0)
		put(t, q, 1)
		q.ShutdownNow()
		_, err := q.Get(background)
		want(t, "Get", err, queue.ErrShutdown)
	}, ""},
	{"test_shutdown_allowed_transitions", func(t *testing.T, make func(int) *queue.Queue[int]) {
		q := make(0)
		put(t, q, 1)
		q.Shutdown()
		want(t, "what Shutdown leaves", q.ShutdownNow(), []int{1})
		q.Shutdown() // does not open it again
		want(t, "Put", q.Put(background, 1), queue.ErrShutdown)
	}, ""},
	{"test_shutdown_all_methods_in_one_thread", func(t *testing.T, make func(int) *queue.Queue[int]) {
		q := make(2)
		put(t, q, 1, 2)
		q.Shutdown()
		want(t, "Put", q.Put(background, 3), queue.ErrShutdown)
		want(t, "TryPut", q.TryPut(3), queue.ErrShutdown)
		for range 2 {
			x, err := q.Get(background)
			if err != nil || x != 1 && x != 2 {
				t.Errorf("Get: %d, %v", x, err)
			}
			want(t, "TaskDone", q.TaskDone(), nil)
		}
		want(t, "Join", q.Join(background), nil)
		for range 2 {
			_, err := q.Get(background)
			want(t, "Get", err, queue.ErrShutdown)
			_, err = q.TryGet()
			want(t, "TryGet", err, queue.ErrShutdown)
		}
	}, ""},
	{"test_shutdown_immediate_all_methods_in_one_thread", func(t *testing.T, make func(int) *queue.Queue[int]) {
		q := make(2)
		put(t, q, 1, 2)
		q.ShutdownNow()
		want(t, "Put", q.Put(background, 3), queue.ErrShutdown)
		want(t, "TryPut", q.TryPut(3), queue.ErrShutdown)
		_, err := q.Get(background)
		want(t, "Get", err, queue.ErrShutdown)
		_, err = q.TryGet()
		want(t, "TryGet", err, queue.ErrShutdown)
		want(t, "TaskDone", q.TaskDone(), queue.ErrTaskDone)
		want(t, "Join", q.Join(background), nil)
	}, ""},
	{"test_shutdown_all_methods_in_many_threads", shutdownAmongMany(false), ""},
	{"test_shutdown_immediate_all_methods_in_many_threads", shutdownAmongMany(true), ""},
	{"test_shutdown_get", shutdownGet(false), ""},
	{"test_shutdown_immediate_get", shutdownGet(true), ""},
	{"test_shutdown_put", shutdownPut(false), ""},
	{"test_shutdown_immediate_put", shutdownPut(true), ""},
	{"test_shutdown_join", shutdownJoin(false), ""},
	{"test_shutdown_immediate_join", shutdownJoin(true), ""},
	{"test_shutdown_put_join", shutdownPutJoin(false), ""},
	{"test_shutdown_immediate_put_join", shutdownPutJoin(true), ""},
	{"test_shutdown_get_task_done_join", func(t *testing.T, make func(int) *queue.Queue[int]) {
		q := make(2)
		put(t, q, 1, 2)
		var done record
		for range 2 {
			go func() { done.add("joined ", q.Join(background)) }()
			go func() { time.Sleep(1); q.Get(background); done.add("done ", q.TaskDone()) }()
		}
		synctest.Wait()
		q.Shutdown()
		time.Sleep(2)
		notes := done.take()
		slices.Sort(notes)
		want(t, "notes", notes, []string{"done <nil>", "done <nil>", "joined <nil>", "joined <nil>"})
	}, ""},
	{"test_shutdown_pending_get", func(t *testing.T, make func(int) *queue.Queue[int]) {
		q := make(0)
		var done record
		go func() { _, err := q.Get(background); done.add(err) }()
		synctest.Wait()
		q.Shutdown()
		synctest.Wait()
		want(t, "Get", done.take(), []string{queue.ErrShutdown.Error()})
	}, ""},

	{"test_failing_queue", nil,
		"there are no _put and _get that a subclass may let fail; compare may: TestPanicInCompareChangesNothing"},

	// Of SimpleQueue, for all kinds.
	{"SimpleQueue test_basic", func(t *testing.T, make func(int) *queue.Queue[int]) {
		q := make(0)
		for i := range 4 {
			want(t, "Len", fmt.Sprint(q.Len(), q.Empty()), fmt.Sprint(i, i == 0))
			put(t, q, i)
		}
		for i := 3; i >= 0; i-- {
			_, err := q.Get(background)
			want(t, "Len", fmt.Sprint(q.Len(), q.Empty(), err), fmt.Sprint(i, i == 0, nil))
		}
		_, err := q.TryGet()
		want(t, "TryGet", err, queue.ErrEmpty)
	}, ""},
	{"SimpleQueue test_order", func(t *testing.T, make func(int) *queue.Queue[int]) {
		items := transfer(queue.New[int](0), 1, 100, func(q *queue.Queue[int]) (int, error) { return q.Get(background) })
		want(t, "items in order", fmt.Sprint(len(items), slices.IsSorted(items)), "100 true")
	}, ""},
	{"SimpleQueue test_many_threads", manyThreads(func(q *queue.Queue[int]) (int, error) { return q.Get(background) }), ""},
	{"SimpleQueue test_many_threads_nonblock", manyThreads(func(q *queue.Queue[int]) (int, error) {
		for {
			x, err := q.TryGet()
			if err != queue.ErrEmpty {
				return x, err
			}
			time.Sleep(10 * time.Microsecond)
		}
	}), ""},
	{"SimpleQueue test_many_threads_timeout", manyThreads(func(q *queue.Queue[int]) (int, error) {
		for {
			ctx, cancel := context.WithTimeout(background, 10*time.Microsecond)
			x, err := q.Get(ctx)
			cancel()
			if err != context.DeadlineExceeded {
				return x, err
			}
		}
	}), ""},
	{"SimpleQueue test_references", nil, "here for all kinds: TestTakenItemsAreNotKeptAlive"},
	{"SimpleQueue test_negative_timeout_raises_exception", nil, "as above"},
	{"SimpleQueue test_is_default", nil, "there is one implementation"},
	{"SimpleQueue test_reentrancy", nil, "Go runs finalizers and cleanups on a goroutine of their own, never inside a put"},
}

func TestPythonCases(t *testing.T) {
	for _, c := range pythonCases {
		t.Run(c.name, func(t *testing.T) {
			if c.holds == nil {
				t.Logf("does not apply: %s", c.differs)
				return
			}
			ofEachKind(t, c.holds)
		})
	}
}

// basic is twice through the life of one queue: order, bounds, timeouts, and
// calls that wait until another makes them go on.
func basic(t *testing.T, make func(int) *queue.Queue[int]) {
	q := make(5)
	for range 2 {
		want(t, "empty, full", fmt.Sprint(q.Empty(), q.Full()), "true false")
		put(t, q, 111, 333, 222)
		want(t, "items", len(rest(q)), 3)
		put(t, q, 1, 2, 3, 4)
		want(t, "empty, full, length", fmt.Sprint(q.Empty(), q.Full(), q.Len()), "false false 4")
		put(t, q, 10)
		want(t, "empty, full, length", fmt.Sprint(q.Empty(), q.Full(), q.Len()), "false true 5")
		want(t, "TryPut", q.TryPut(30), queue.ErrFull)
		soon, cancel := context.WithTimeout(background, time.Millisecond)
		want(t, "Put", q.Put(soon, 30), context.DeadlineExceeded)
		for _, ctx := range []context.Context{background, late(t)} {
			begin := time.Now()
			time.AfterFunc(time.Second, func() { q.TryGet() })
			want(t, "Put that waits", q.Put(ctx, 30), nil)
			want(t, "it waits", time.Since(begin), time.Second)
		}
		want(t, "items", len(rest(q)), 5)
		_, err := q.TryGet()
		want(t, "TryGet", err, queue.ErrEmpty)
		_, err = q.Get(soon)
		want(t, "Get", err, context.DeadlineExceeded)
		for _, ctx := range []context.Context{background, late(t)} {
			begin := time.Now()
			time.AfterFunc(time.Second, func() { q.TryPut(7) })
			x, err := q.Get(ctx)
			want(t, "Get that waits", fmt.Sprint(x, err), "7 <nil>")
			want(t, "it waits", time.Since(begin), time.Second)
		}
		cancel()
	}
}

// late is a context that ends after what is waited for.
func late(t *testing.T) context.Context {
	ctx, cancel := context.WithTimeout(background, 10*time.Second)
	t.Cleanup(cancel)
	return ctx
}

// joins has two workers who add up, and joins twice, on the same queue twice.
func joins(t *testing.T, make func(int) *queue.Queue[int]) {
	q := make(0)
	for range 2 {
		var sum atomic.Int64
		var workers sync.WaitGroup
		for range 2 {
			workers.Go(func() {
				for {
					x, _ := q.Get(background)
					if x >= 0 {
						time.Sleep(time.Millisecond) // else Join has nothing to wait for
						sum.Add(int64(x))
					}
					q.TaskDone()
					if x < 0 {
						return
					}
				}
			})
		}
		for x := range 100 {
			q.Put(background, x)
		}
		want(t, "Join", q.Join(background), nil)
		want(t, "sum", sum.Load(), 4950)
		q.PutN(background, []int{-1, -1})
		want(t, "Join", q.Join(background), nil)
		workers.Wait()
	}
	want(t, "TaskDone", q.TaskDone(), queue.ErrTaskDone)
}

func shut(q *queue.Queue[int], now bool) {
	if now {
		q.ShutdownNow()
	} else {
		q.Shutdown()
	}
}

// shutdownAmongMany shuts down in the middle of puts, gets and joins.
func shutdownAmongMany(now bool) func(t *testing.T, make func(int) *queue.Queue[int]) {
	return func(t *testing.T, make func(int) *queue.Queue[int]) {
		q := make(0)
		var put, got atomic.Int64
		var all sync.WaitGroup
		all.Go(func() {
			for i := range 64 {
				time.Sleep(100 * time.Microsecond)
				if q.Put(background, i) == nil {
					put.Add(1)
				}
				if i == 31 {
					shut(q, now)
				}
			}
		})
		for range 4 {
			all.Go(func() {
				for range q.All(background) {
					got.Add(1)
					time.Sleep(200 * time.Microsecond)
					q.TaskDone()
				}
			})
		}
		for range 3 {
			all.Go(func() {
				if err := q.Join(background); err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
		want(t, "puts", put.Load(), 32)
		if got.Load() > put.Load() || !now && got.Load() < put.Load() {
			t.Errorf("%d of %d items were got", got.Load(), put.Load())
		}
	}
}

func shutdownGet(now bool) func(t *testing.T, make func(int) *queue.Queue[int]) {
	return func(t *testing.T, make func(int) *queue.Queue[int]) {
		q := make(2)
		put(t, q, 1, 2)
		shut(q, now)
		var done record
		for range 3 {
			go func() { _, err := q.Get(background); done.add(err) }()
		}
		synctest.Wait()
		notes := done.take()
		slices.Sort(notes)
		succeed := map[bool]int{false: 2, true: 0}[now]
		want(t, "gets", notes, append(slices.Repeat([]string{"<nil>"}, succeed),
			slices.Repeat([]string{queue.ErrShutdown.Error()}, 3-succeed)...))
	}
}

func shutdownPut(now bool) func(t *testing.T, make func(int) *queue.Queue[int]) {
	return func(t *testing.T, make func(int) *queue.Queue[int]) {
		q := make(2)
		put(t, q, 1, 2)
		var done record
		for range 2 {
			go func() { done.add(q.Put(background, 3)) }()
		}
		synctest.Wait()
		shut(q, now)
		synctest.Wait()
		want(t, "puts", done.take(), slices.Repeat([]string{queue.ErrShutdown.Error()}, 2))
	}
}

func shutdownJoin(now bool) func(t *testing.T, make func(int) *queue.Queue[int]) {
	return func(t *testing.T, make func(int) *queue.Queue[int]) {
		q := make(0)
		put(t, q, 1)
		var done record
		for range 2 {
			go func() { done.add(q.Join(background)) }()
		}
		synctest.Wait()
		shut(q, now)
		synctest.Wait()
		if !now { // the item is still to be worked on
			want(t, "joins", done.take(), nil)
			q.Get(background)
			q.TaskDone()
			synctest.Wait()
		}
		want(t, "joins", done.take(), []string{"<nil>", "<nil>"})
	}
}

func shutdownPutJoin(now bool) func(t *testing.T, make func(int) *queue.Queue[int]) {
	return func(t *testing.T, make func(int) *queue.Queue[int]) {
		q := make(2)
		put(t, q, 1)
		var joined, done record
		go func() { joined.add(q.Join(background)) }()
		synctest.Wait()
		want(t, "TaskDone before Get", q.TaskDone(), nil)
		shut(q, now)
		go func() { done.add(q.Put(background, 2)) }()
		synctest.Wait()
		want(t, "Join", joined.take(), []string{"<nil>"})
		want(t, "Put", done.take(), []string{queue.ErrShutdown.Error()})
	}
}

// transfer has n goroutines put items 0, 1, … and n others get them until the
// queue is shut down.
func transfer(q *queue.Queue[int], n, items int, get func(q *queue.Queue[int]) (int, error)) []int {
	var next atomic.Int64
	var mu sync.Mutex
	var got []int
	var puts, gets sync.WaitGroup
	for range n {
		puts.Go(func() {
			for x := int(next.Add(1)) - 1; x < items; x = int(next.Add(1)) - 1 {
				q.Put(background, x)
				if x%3 == 0 {
					time.Sleep(time.Duration(x%7) * 100 * time.Microsecond)
				}
			}
		})
		gets.Go(func() {
			for {
				x, err := get(q)
				if err != nil {
					return
				}
				mu.Lock()
				got = append(got, x)
				mu.Unlock()
			}
		})
	}
	puts.Wait()
	q.Shutdown()
	gets.Wait()
	return got
}

func manyThreads(get func(q *queue.Queue[int]) (int, error)) func(t *testing.T, make func(int) *queue.Queue[int]) {
	return func(t *testing.T, make func(int) *queue.Queue[int]) {
		q := make(0)
		got := transfer(q, 50, 2000, get)
		slices.Sort(got)
		for i, x := range got {
			if i != x {
				t.Fatalf("item %d is %d", i, x)
			}
		}
		want(t, "items", fmt.Sprint(len(got), q.Len()), "2000 0")
	}
}
