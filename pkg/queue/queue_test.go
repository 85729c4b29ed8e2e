package queue_test

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
	"weak"

	"go.uber.org/goleak"

	"github.com/threads2go/course/pkg/queue"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// kinds are the three kinds of queues, and how each orders items that were put
// in the order of a slice.
var kinds = []struct {
	name  string
	make  func(capacity int) *queue.Queue[int]
	order func([]int)
}{
	{"FIFO", queue.New[int], func([]int) {}},
	{"LIFO", queue.NewLIFO[int], slices.Reverse[[]int]},
	{"priority", func(capacity int) *queue.Queue[int] {
		return queue.NewPriority(capacity, cmp.Compare[int])
	}, slices.Sort[[]int]},
}

// ofEachKind runs a test with each kind, in virtual time.
func ofEachKind(t *testing.T, test func(t *testing.T, make func(capacity int) *queue.Queue[int])) {
	for _, k := range kinds {
		t.Run(k.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { test(t, k.make) })
		})
	}
}

var background = context.Background()

var errCause = errors.New("the cause")

// ended is a context that has ended because of errCause.
var ended = func() context.Context {
	ctx, cancel := context.WithCancelCause(background)
	cancel(errCause)
	return ctx
}()

// put puts items that must find room.
func put(t *testing.T, q *queue.Queue[int], items ...int) {
	t.Helper()
	for _, x := range items {
		if err := q.TryPut(x); err != nil {
			t.Fatalf("TryPut(%d): %v", x, err)
		}
	}
}

// rest takes out all items there are.
func rest(q *queue.Queue[int]) []int {
	items := []int{}
	for {
		x, err := q.TryGet()
		if err != nil {
			return items
		}
		items = append(items, x)
	}
}

// A record is what several goroutines note down.
type record struct {
	mu    sync.Mutex
	notes []string
}

func (r *record) add(note ...any) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.notes = append(r.notes, fmt.Sprint(note...))
}

// take returns the notes since the last call.
func (r *record) take() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	notes := r.notes
	r.notes = nil
	return notes
}

func want[T any](t *testing.T, what string, got, want T) {
	t.Helper()
	if g, w := fmt.Sprint(got), fmt.Sprint(want); g != w {
		t.Errorf("%s: got %v, want %v", what, g, w)
	}
}

func TestOrder(t *testing.T) {
	for _, k := range kinds {
		for _, capacity := range []int{0, 100} {
			q := k.make(capacity)
			items := []int{4, 1, 9, 1, 0, -3, 4, 8, 2, 7, 7, 5, 3, 6, -1, 2, 99, 98, 42}
			if n, err := q.PutN(background, items); n != len(items) || err != nil {
				t.Fatal(n, err)
			}
			expected := slices.Clone(items)
			k.order(expected)
			want(t, k.name, rest(q), expected)
		}
	}
}

func TestEqualPrioritiesComeOutInTheOrderOfPuts(t *testing.T) {
	type job struct{ priority, number int }
	q := queue.NewPriority(0, func(a, b job) int { return cmp.Compare(a.priority, b.priority) })
	var jobs []job
	for i := range 2000 {
		jobs = append(jobs, job{i * i % 7, i})
		q.Put(background, jobs[i])
		if i%3 == 2 { // takes some out in between
			first, _ := q.TryGet()
			at := slices.Index(jobs, first)
			jobs[at].priority = -1 - i // where a stable sort puts it first
		}
	}
	left := slices.DeleteFunc(jobs, func(j job) bool { return j.priority < 0 })
	slices.SortStableFunc(left, func(a, b job) int { return cmp.Compare(a.priority, b.priority) })
	for _, j := range left {
		if got, err := q.TryGet(); got != j || err != nil {
			t.Fatalf("got %v, %v, want %v", got, err, j)
		}
	}
}

// A blocking call that can succeed does, whatever its context; one that cannot
// returns the cause, and has neither put nor taken anything.
func TestEveryCallTriesBeforeItAsksTheContext(t *testing.T) {
	ofEachKind(t, func(t *testing.T, make func(int) *queue.Queue[int]) {
		q := make(2)
		want(t, "Join of none", q.Join(ended), nil)
		want(t, "Put", q.Put(ended, 1), nil)
		n, err := q.PutN(ended, []int{2, 3, 4})
		want(t, "PutN", fmt.Sprint(n, err), "1 the cause")
		want(t, "Put to a full queue", q.Put(ended, 5), errCause)
		want(t, "Join", q.Join(ended), errCause)
		_, err = q.Get(ended)
		want(t, "Get", err, nil)
		n, err = q.GetN(ended, []int{0, 0, 0})
		want(t, "GetN", fmt.Sprint(n, err), "1 <nil>")
		x, err := q.Get(ended)
		want(t, "Get from an empty queue", fmt.Sprint(x, err), "0 the cause")
		n, err = q.GetN(ended, []int{0})
		want(t, "GetN from an empty queue", fmt.Sprint(n, err), "0 the cause")
		want(t, "what is left", rest(q), []int{})
		q.TaskDone()
		q.TaskDone()
		want(t, "Join of what is done", q.Join(ended), nil)
		q.Shutdown()
		want(t, "Put after Shutdown", q.Put(ended, 5), queue.ErrShutdown)
		_, err = q.Get(ended)
		want(t, "Get after Shutdown", err, queue.ErrShutdown)
	})
}

func TestTimeouts(t *testing.T) {
	ofEachKind(t, func(t *testing.T, make func(int) *queue.Queue[int]) {
		q := make(1)
		timed := func(what string, call func(ctx context.Context) error) {
			t.Helper()
			begin := time.Now()
			ctx, cancel := context.WithTimeoutCause(background, time.Minute, errCause)
			defer cancel()
			want(t, what, call(ctx), errCause)
			want(t, what, time.Since(begin), time.Minute)
		}
		timed("Get", func(ctx context.Context) error { _, err := q.Get(ctx); return err })
		timed("GetN", func(ctx context.Context) error { _, err := q.GetN(ctx, []int{0}); return err })
		put(t, q, 1)
		timed("Put", func(ctx context.Context) error { return q.Put(ctx, 2) })
		timed("PutN", func(ctx context.Context) error { _, err := q.PutN(ctx, []int{2, 3}); return err })
		timed("Join", func(ctx context.Context) error { return q.Join(ctx) })
		want(t, "what is left", rest(q), []int{1})
	})
}

func TestWaitersAreWokenInTheirOrder(t *testing.T) {
	ofEachKind(t, func(t *testing.T, make func(int) *queue.Queue[int]) {
		q := make(1)
		var done record
		for i := range 5 {
			go func() { x, _ := q.Get(background); done.add("get", i, "=", x) }()
			synctest.Wait()
		}
		for x := range 5 {
			put(t, q, x)
			synctest.Wait()
		}
		want(t, "gets", done.take(), []string{"get0=0", "get1=1", "get2=2", "get3=3", "get4=4"})
		put(t, q, 5)
		for i := range 5 {
			go func() { q.Put(background, 6+i); done.add("put", i) }()
			synctest.Wait()
		}
		for x := range 6 {
			y, err := q.TryGet()
			want(t, "item", fmt.Sprint(y, err), fmt.Sprint(5+x, nil))
			synctest.Wait()
		}
		want(t, "puts", done.take(), []string{"put0", "put1", "put2", "put3", "put4"})
	})
}

// Many items at once wake as many as wait, although one call wakes only two.
func TestBatchesWakeAllForWhomThereIsSomething(t *testing.T) {
	ofEachKind(t, func(t *testing.T, make func(int) *queue.Queue[int]) {
		q := make(5)
		var done record
		returned := func() int {
			synctest.Wait()
			return len(done.take())
		}
		for range 7 {
			go func() { q.Get(background); done.add() }()
		}
		synctest.Wait()
		q.PutN(background, []int{1, 2, 3, 4, 5})
		want(t, "gets that returned", returned(), 5)
		q.PutN(background, []int{1, 2, 3, 4, 5, 6, 7})
		want(t, "gets that returned", returned(), 2)
		for range 7 {
			go func() { q.Put(background, 1); done.add() }()
		}
		want(t, "puts that returned", returned(), 0)
		q.GetN(background, []int{0, 0, 0, 0, 0})
		want(t, "puts that returned", returned(), 5)
		q.GetN(background, []int{0, 0, 0})
		want(t, "puts that returned", returned(), 2)
		want(t, "items", q.Len(), 4)
	})
}

// A call that is woken and cancelled at about the same time either succeeds or
// leaves what it was woken for to the next.
func TestCancelledWaiterPassesItsWakeUpOn(t *testing.T) {
	const waits, succeeded, failed = 0, 1, 2
	for order, do := range map[string]func(wake, steal, cancel func()){
		"woken, cancelled":         func(wake, steal, cancel func()) { wake(); cancel() },
		"cancelled, woken":         func(wake, steal, cancel func()) { cancel(); wake() },
		"woken in vain, cancelled": func(wake, steal, cancel func()) { wake(); steal(); cancel() },
		"cancelled, woken in vain": func(wake, steal, cancel func()) { cancel(); wake(); steal() },
		"cancelled, woken twice":   func(wake, steal, cancel func()) { cancel(); wake(); steal(); wake() },
	} {
		t.Run(order, func(t *testing.T) {
			ofEachKind(t, func(t *testing.T, make func(int) *queue.Queue[int]) {
				q := make(1)
				add, remove := func() { q.TryPut(1) }, func() { q.TryGet() }
				test := func(call func(ctx context.Context) error, wake, steal func(), something func() bool) {
					t.Helper()
					ctx, cancel := context.WithCancel(background)
					var state [2]atomic.Int32
					for i, ctx := range []context.Context{ctx, background} {
						go func() {
							if call(ctx) == nil {
								state[i].Store(succeeded)
							} else {
								state[i].Store(failed)
							}
						}()
						synctest.Wait()
					}
					do(wake, steal, cancel)
					synctest.Wait()
					if state[0].Load() == waits {
						t.Fatal("a cancelled call waits on")
					}
					for range 2 {
						if something() && state[1].Load() == waits {
							t.Fatal("a call waits for what is there")
						}
						wake()
						synctest.Wait()
					}
					if state[1].Load() != succeeded {
						t.Fatal("a call waits on although it is the only one")
					}
				}
				for range 30 {
					q.TryGet()
					test(func(ctx context.Context) error { _, err := q.Get(ctx); return err }, add, remove,
						func() bool { return !q.Empty() })
					q.TryPut(1)
					test(func(ctx context.Context) error { return q.Put(ctx, 1) }, remove, add,
						func() bool { return !q.Full() })
				}
			})
		})
	}
}

// Those that give up leave the others their places, wherever they stood.
func TestWaitersThatGiveUp(t *testing.T) {
	ofEachKind(t, func(t *testing.T, make func(int) *queue.Queue[int]) {
		for gone := range 4 {
			q := make(1)
			ctx, cancel := context.WithCancel(background)
			var done record
			for i := range 4 {
				go func() {
					if i != gone {
						q.Get(background)
						done.add(i)
					} else if _, err := q.Get(ctx); err != context.Canceled {
						t.Errorf("got %v", err)
					}
				}()
				synctest.Wait()
			}
			cancel()
			synctest.Wait()
			for x := range 3 {
				put(t, q, x)
				synctest.Wait()
			}
			want(t, "order", done.take(), slices.Delete([]string{"0", "1", "2", "3"}, gone, gone+1))
		}
	})
}

func TestPutNWaitsForRoomAndKeepsOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := queue.New[int](3)
		go func() {
			if n, err := q.PutN(background, []int{0, 1, 2, 3, 4, 5, 6, 7, 8, 9}); n != 10 || err != nil {
				t.Errorf("PutN: %d, %v", n, err)
			}
			q.Shutdown()
		}()
		var got []int
		for x, err := range q.All(background) {
			if err != nil {
				t.Error(err)
			}
			got = append(got, x)
		}
		want(t, "items", got, []int{0, 1, 2, 3, 4, 5, 6, 7, 8, 9})
	})
}

func TestPutNSaysHowManyItPut(t *testing.T) {
	ofEachKind(t, func(t *testing.T, make func(int) *queue.Queue[int]) {
		q := make(2)
		var done record
		go func() { done.add(q.PutN(background, []int{1, 2, 3, 4, 5})) }()
		synctest.Wait()
		q.TryGet()
		synctest.Wait()
		q.Shutdown()
		synctest.Wait()
		want(t, "PutN", done.take(), []string{fmt.Sprint(3, queue.ErrShutdown)})
		want(t, "rest", len(rest(q)), 2)
	})
}

func TestEmptyBatches(t *testing.T) {
	ofEachKind(t, func(t *testing.T, make func(int) *queue.Queue[int]) {
		q := make(1)
		for range 2 { // even when shut down
			n, err := q.PutN(background, nil)
			want(t, "PutN", fmt.Sprint(n, err), "0 <nil>")
			n, err = q.GetN(background, nil)
			want(t, "GetN", fmt.Sprint(n, err), "0 <nil>")
			q.Shutdown()
		}
	})
}

func TestAll(t *testing.T) {
	ofEachKind(t, func(t *testing.T, make func(int) *queue.Queue[int]) {
		type seen struct {
			sum    int
			errors []error
		}
		loop := func(q *queue.Queue[int], ctx context.Context, last int) (s seen) {
			for x, err := range q.All(ctx) {
				s.sum += x
				if err != nil {
					s.errors = append(s.errors, err)
				}
				if x == last {
					break
				}
			}
			return s
		}

		q := make(0)
		go func() {
			time.Sleep(time.Second)
			put(t, q, 1, 2)
			time.Sleep(time.Second)
			put(t, q, 3)
			q.Shutdown()
		}()
		want(t, "until shut down", loop(q, background, -1), seen{6, nil})
		want(t, "after that", loop(q, background, -1), seen{})
		want(t, "TaskDone was not called", q.Join(ended), errCause)

		q = make(0)
		put(t, q, 1)
		want(t, "break", loop(q, background, 1), seen{1, nil})
		put(t, q, 5)
		want(t, "again", loop(q, background, 5), seen{5, nil})

		put(t, q, 7)
		want(t, "a context that has ended", loop(q, ended, -1), seen{0, []error{errCause}})
		want(t, "which took nothing", q.Len(), 1)
		ctx, cancel := context.WithTimeoutCause(background, time.Second, errCause)
		defer cancel()
		want(t, "one that ends", loop(q, ctx, -1), seen{7, []error{errCause}})

		// A cause that looks like the end of the queue.
		ctx2, cancel2 := context.WithCancelCause(background)
		cancel2(queue.ErrShutdown)
		want(t, "ErrShutdown as a cause", loop(q, ctx2, -1), seen{0, []error{queue.ErrShutdown}})
	})
}

func TestPeek(t *testing.T) {
	ofEachKind(t, func(t *testing.T, make func(int) *queue.Queue[int]) {
		q := make(0)
		if _, err := q.Peek(); err != queue.ErrEmpty {
			t.Errorf("empty: %v", err)
		}
		put(t, q, 3, 1, 2)
		q.Shutdown()
		for n := 3; n > 0; n-- {
			next, err := q.Peek()
			x, _ := q.TryGet()
			if x != next || err != nil || q.Len() != n-1 {
				t.Errorf("peeked at %d, %v; got %d; %d left", next, err, x, q.Len())
			}
		}
		if _, err := q.Peek(); err != queue.ErrShutdown {
			t.Errorf("shut down: %v", err)
		}
	})
}

func TestShutdownWakesAll(t *testing.T) {
	ofEachKind(t, func(t *testing.T, make func(int) *queue.Queue[int]) {
		for _, now := range []bool{false, true} {
			empty, full := make(1), make(1)
			put(t, full, 1)
			var done record
			for range 10 {
				go func() { _, err := empty.Get(background); done.add(err) }()
				go func() { _, err := empty.GetN(background, []int{0, 0}); done.add(err) }()
				go func() { err := full.Put(background, 2); done.add(err) }()
				go func() { _, err := full.PutN(background, []int{2, 3}); done.add(err) }()
			}
			synctest.Wait()
			for range 2 {
				if now {
					empty.ShutdownNow()
					full.ShutdownNow()
				} else {
					empty.Shutdown()
					full.Shutdown()
				}
			}
			synctest.Wait()
			want(t, "errors", done.take(), slices.Repeat([]string{queue.ErrShutdown.Error()}, 40))
			want(t, "left", full.Len(), map[bool]int{false: 1, true: 0}[now])
		}
	})
}

func TestShutdownNowReturnsTheRestInOrder(t *testing.T) {
	for _, k := range kinds {
		for _, capacity := range []int{0, 50} {
			q := k.make(capacity)
			var items []int
			for i := range 40 { // so that the ring is turned
				items = append(items, i*7%40)
			}
			q.PutN(background, items[:20])
			taken := rest(q)
			q.PutN(background, items)
			k.order(items)
			want(t, k.name, q.ShutdownNow(), items)
			want(t, k.name+", again", q.ShutdownNow(), []int{})
			want(t, k.name+", length", q.Len(), 0)

			// Join waits for the others only.
			want(t, k.name, q.Join(ended), errCause)
			for range taken {
				want(t, k.name, q.TaskDone(), nil)
			}
			want(t, k.name, q.Join(ended), nil)
			want(t, k.name, q.TaskDone(), queue.ErrTaskDone)
		}
	}
}

func TestJoinIsReleasedOnceAllIsDone(t *testing.T) {
	ofEachKind(t, func(t *testing.T, make func(int) *queue.Queue[int]) {
		q := make(0)
		var done record
		join := func() {
			for range 3 {
				go func() { done.add(q.Join(background)) }()
			}
			synctest.Wait()
		}
		all := []string{"<nil>", "<nil>", "<nil>"}
		put(t, q, 1, 2)
		join()
		rest(q)
		q.TaskDone()
		synctest.Wait()
		want(t, "released while one is unfinished", done.take(), nil)
		q.TaskDone()
		put(t, q, 3) // too late to keep them
		synctest.Wait()
		want(t, "released", done.take(), all)
		join()
		want(t, "released while there is work again", done.take(), nil)
		q.ShutdownNow()
		synctest.Wait()
		want(t, "released by ShutdownNow", done.take(), all)
	})
}

func TestBadInputPanicsWithARemedy(t *testing.T) {
	for _, c := range []struct {
		call func()
		want string
	}{
		{func() { queue.New[int](-1) }, "queue: New(-1): negative capacity; 0 makes a queue without bound"},
		{func() { queue.NewLIFO[int](-2) }, "queue: NewLIFO(-2): negative capacity; 0 makes a queue without bound"},
		{func() { queue.NewPriority(-3, cmp.Compare[int]) },
			"queue: NewPriority(-3): negative capacity; 0 makes a queue without bound"},
		{func() { queue.NewPriority[int](0, nil) },
			"queue: NewPriority: nil compare; give a function as for slices.SortFunc, for example cmp.Compare[int]"},
	} {
		want(t, "panic", panics(c.call), any(c.want))
	}
}

func panics(f func()) (value any) {
	defer func() { value = recover() }()
	f()
	return nil
}

// A nil context is a programmer's error; it must not break the queue.
func TestNilContextLeavesTheQueueSound(t *testing.T) {
	ofEachKind(t, func(t *testing.T, make func(int) *queue.Queue[int]) {
		q := make(1)
		for what, call := range map[string]func(){
			"Get": func() { q.Get(nil) }, "GetN": func() { q.GetN(nil, []int{0}) },
		} {
			if panics(call) == nil {
				t.Errorf("%s(nil) of an empty queue did not panic", what)
			}
		}
		put(t, q, 1)
		for what, call := range map[string]func(){
			"Put": func() { q.Put(nil, 2) }, "PutN": func() { q.PutN(nil, []int{2}) }, "Join": func() { q.Join(nil) },
		} {
			if panics(call) == nil {
				t.Errorf("%s(nil) did not panic", what)
			}
		}
		go q.Put(background, 2)
		synctest.Wait()
		want(t, "rest", fmt.Sprint(q.TryGet()), "1 <nil>")
		synctest.Wait()
		want(t, "rest", fmt.Sprint(q.TryGet()), "2 <nil>")
	})
}

// A compare function that panics keeps the item out, or in, and the queue sound,
// at whichever comparison it does.
func TestPanicInCompareChangesNothing(t *testing.T) {
	for what, call := range map[string]func(q *queue.Queue[int]){
		"Put":         func(q *queue.Queue[int]) { q.Put(background, -1) },
		"TryPut":      func(q *queue.Queue[int]) { q.TryPut(-1) },
		"Get":         func(q *queue.Queue[int]) { q.Get(background) },
		"GetN":        func(q *queue.Queue[int]) { q.GetN(background, []int{0}) },
		"ShutdownNow": func(q *queue.Queue[int]) { q.ShutdownNow() },
	} {
		for at := 1; ; at++ {
			countdown := 0
			q := queue.NewPriority(0, func(a, b int) int {
				if countdown--; countdown == 0 {
					panic("compare")
				}
				return cmp.Compare(a, b)
			})
			var items []int
			for i := range 100 {
				items = append(items, i*37%100)
			}
			q.PutN(background, items)
			slices.Sort(items)
			countdown = at
			if panics(func() { call(q) }) == nil {
				if at < 4 {
					t.Errorf("%s compares only %d times", what, at-1)
				}
				break
			}
			countdown = 0
			want(t, what, rest(q), items)
		}
	}
}

// Those that wait do not hang when another's comparison panics.
func TestPanicInCompareLosesNoWakeUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var bad atomic.Bool
		q := queue.NewPriority(2, func(a, b int) int {
			if bad.Swap(false) {
				panic("compare")
			}
			return cmp.Compare(a, b)
		})
		put(t, q, 10, 20)
		var done record
		for x := range 3 {
			go func() { done.add(x, panics(func() { q.Put(background, x) })) }()
			synctest.Wait()
		}
		bad.Store(true)
		q.TryGet() // wakes the first, who has to compare
		synctest.Wait()
		want(t, "puts", done.take(), []string{"0compare", "1 <nil>"})
		want(t, "items", rest(q)[:2], []int{1, 20})
		synctest.Wait()
		want(t, "puts", done.take(), []string{"2 <nil>"})
	})
}

func TestTakenItemsAreNotKeptAlive(t *testing.T) {
	type item struct{ x [64]int }
	byNumber := func(a, b *item) int { return cmp.Compare(a.x[0], b.x[0]) }
	for name, make := range map[string]func() *queue.Queue[*item]{
		"FIFO":     func() *queue.Queue[*item] { return queue.New[*item](8) },
		"LIFO":     func() *queue.Queue[*item] { return queue.NewLIFO[*item](8) },
		"priority": func() *queue.Queue[*item] { return queue.NewPriority(8, byNumber) },
	} {
		for what, take := range map[string]func(q *queue.Queue[*item]){
			"Get": func(q *queue.Queue[*item]) {
				for range 8 {
					q.Get(background)
				}
			},
			"GetN":        func(q *queue.Queue[*item]) { var dst [8]*item; q.GetN(background, dst[:]) },
			"ShutdownNow": func(q *queue.Queue[*item]) { q.ShutdownNow() },
		} {
			q := make()
			var items [9]weak.Pointer[item] // the last finds no room
			for i := range items {
				p := &item{[64]int{i * 5 % 8}}
				items[i] = weak.Make(p)
				q.Put(ended, p)
			}
			take(q)
			runtime.GC()
			for i, p := range items {
				if p.Value() != nil {
					t.Errorf("%s keeps item %d alive after %s", name, i, what)
				}
			}
			runtime.KeepAlive(q)
		}
	}
}

func TestNoAllocations(t *testing.T) {
	for _, k := range kinds {
		q := k.make(100)
		ctx, cancel := context.WithTimeout(background, time.Hour)
		defer cancel()
		batch := make([]int, 64)
		q.PutN(ctx, batch)
		q.GetN(ctx, batch)
		for what, call := range map[string]func(){
			"Put, Get":       func() { q.Put(ctx, 1); q.Get(ctx) },
			"TryPut, TryGet": func() { q.TryPut(1); q.TryGet() },
			"PutN, GetN":     func() { q.PutN(ctx, batch); q.GetN(ctx, batch) },
			"TryGet of none": func() { q.TryGet() },
			"ended context":  func() { q.Get(ended) },
			"TaskDone":       func() { q.Put(ctx, 1); q.Get(ctx); q.TaskDone() },
		} {
			if n := testing.AllocsPerRun(100, call); n > 0 {
				t.Errorf("%s, %s: %v allocations", k.name, what, n)
			}
		}
	}
}

// An idle queue holds nothing that keeps the runtime from seeing a deadlock.
func TestDeadlockIsReported(t *testing.T) {
	bin := filepath.Join(t.TempDir(), "deadlock")
	// Built without -race, under which Go reports no deadlocks.
	if out, err := exec.Command("go", "build", "-o", bin, "./testdata/deadlock").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	ctx, cancel := context.WithTimeout(background, 20*time.Second)
	defer cancel()
	out, err := exec.CommandContext(ctx, bin).CombinedOutput()
	text := string(out)
	if err == nil || !strings.HasPrefix(text, "context deadline exceeded context deadline exceeded context deadline exceeded\n") ||
		!strings.Contains(text, "all goroutines are asleep - deadlock!") {
		t.Errorf("%v, printed\n%s", err, out)
	}
}

func TestVetFindsCopies(t *testing.T) {
	out, err := exec.Command("go", "vet", "./testdata/copy").CombinedOutput()
	if err == nil || !strings.Contains(string(out), "assignment copies lock value to p") {
		t.Errorf("%v, printed\n%s", err, out)
	}
}

// Beside package lock, which has the same test.
func TestImportsTheStandardLibraryOnly(t *testing.T) {
	out, err := exec.Command("go", "list", "-deps", "-f", "{{if not .Standard}}{{.ImportPath}}{{end}}", ".").CombinedOutput()
	want := "github.com/threads2go/course/pkg/lock\ngithub.com/threads2go/course/pkg/queue\n"
	if err != nil || string(out) != want {
		t.Errorf("%v, imports\n%s", err, out)
	}
}
