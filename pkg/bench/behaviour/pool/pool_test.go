// Package pool has the table of what pkg/pool and its peers in Go do in the same case.
package pool

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"log"
	"os"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/alitto/pond/v2"
	"github.com/gammazero/workerpool"
	"github.com/panjf2000/ants/v2"
	concIter "github.com/sourcegraph/conc/iter"
	conc "github.com/sourcegraph/conc/pool"
	"github.com/sourcegraph/conc/stream"
	"golang.org/x/sync/errgroup"

	"github.com/threads2go/course/pkg/bench/behaviour"
	"github.com/threads2go/course/pkg/pool"
)

func TestMain(m *testing.M) {
	// Importing ants starts goroutines with timers. In cells about others these would keep Go
	// from seeing a deadlock.
	for _, row := range table.Rows {
		for i, cell := range row.Cells {
			if i != antsColumn && cell != nil {
				row.Cells[i] = func() string {
					_ = ants.ReleaseTimeout(time.Second)
					return cell()
				}
			}
		}
	}
	table.Main(m)
}

func TestTable(t *testing.T) { table.Check(t, "pool.md") }

var (
	ctx     = context.Background()
	errLuck = errors.New("no luck")
)

const short = 50 * time.Millisecond

type task = func(context.Context) error

func fine(context.Context) error  { return nil }
func fails(context.Context) error { return errLuck }

// times is n times the same task.
func times(n int, t task) []task { return slices.Repeat([]task{t}, n) }

// says tells what a call returned, or that it panicked.
func says(call string, f func() (any, error)) (what string) {
	defer func() {
		if v := recover(); v != nil {
			what = fmt.Sprintf("%s panics: %s", call, firstLine(fmt.Sprint(v)))
		}
	}()
	result, err := f()
	switch {
	case err != nil:
		text, _, stack := strings.Cut(err.Error(), ", goroutine ")
		what = fmt.Sprintf("%s returns the error %q", call, text)
		if stack {
			what += " and the stack"
		}
		return what
	case result == nil:
		return call + " returns nil"
	}
	return fmt.Sprintf("%s returns %v", call, result)
}

func firstLine(s string) string {
	s, _, _ = strings.Cut(s, "\n")
	return s
}

// and makes a result of what has one, none an error of what has no result.
func and[T any](result T, err error) (any, error) { return result, err }

func none(err error) (any, error) { return nil, err }

// returns says that a call without a result has returned, or that it panicked.
func returns(call string, f func()) string {
	return strings.TrimSuffix(says(call, func() (any, error) { f(); return nil, nil }), " nil")
}

// do is what a task does in a pool.
func do(ctx context.Context, t task) (int, error) { return 0, t(ctx) }

// A runner has tasks run by so many workers and says how that ended. The context of a task
// ends with the one given, and with the first failure, if the library has such contexts.
type runner func(ctx context.Context, workers int, tasks []task) string

func ours(ctx context.Context, workers int, tasks []task) string {
	return says("Map", func() (any, error) {
		_, err := pool.Map(ctx, pool.New(workers), tasks, do)
		return none(err)
	})
}

func concs(ctx context.Context, workers int, tasks []task) string {
	p := conc.New().WithMaxGoroutines(workers).WithContext(ctx).WithCancelOnError()
	for _, t := range tasks {
		p.Go(t)
	}
	return says("Wait", func() (any, error) { return none(p.Wait()) })
}

func ponds(ctx context.Context, workers int, tasks []task) string {
	g := pond.NewPool(workers).NewGroupContext(ctx)
	for _, t := range tasks {
		g.SubmitErr(func() error { return t(g.Context()) })
	}
	return says("Wait", func() (any, error) { return none(g.Wait()) })
}

// The tasks of ants and workerpool have neither errors nor contexts.

func antss(ctx context.Context, workers int, tasks []task) string {
	var said strings.Builder
	p, err := ants.NewPool(workers, ants.WithLogger(log.New(&said, "", 0)))
	if err != nil {
		return fmt.Sprintf("NewPool returns the error %q", err)
	}
	var wg sync.WaitGroup
	for _, t := range tasks {
		wg.Add(1)
		err := p.Submit(func() {
			defer wg.Done()
			_ = t(ctx)
		})
		if err != nil {
			return fmt.Sprintf("Submit returns the error %q", err)
		}
	}
	wg.Wait()
	_ = p.ReleaseTimeout(time.Second) // so that its log is complete
	if said.Len() > 0 {
		return fmt.Sprintf("it logs %q", firstLine(said.String()))
	}
	return "sync.WaitGroup.Wait returns"
}

func errgroups(ctx context.Context, workers int, tasks []task) string {
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(workers)
	for _, t := range tasks {
		g.Go(func() error { return t(ctx) })
	}
	return says("Wait", func() (any, error) { return none(g.Wait()) })
}

func workerpools(ctx context.Context, workers int, tasks []task) string {
	p := workerpool.New(workers)
	for _, t := range tasks {
		p.Submit(func() { _ = t(ctx) })
	}
	return returns("StopWait", p.StopWait)
}

var runners = []runner{ours, concs, ponds, antss, errgroups, workerpools}

// every makes a row's cells by trying the same with each library, except those at the
// indices in but, which have no such thing.
func every(try func(run runner) string, but ...int) []behaviour.Cell {
	var cells []behaviour.Cell
	for i, run := range runners {
		if slices.Contains(but, i) {
			cells = append(cells, nil)
			continue
		}
		cells = append(cells, func() string { return try(run) })
	}
	return cells
}

const antsColumn, workerpoolColumn = 3, 5

// outcome tries tasks on two workers.
func outcome(tasks ...task) func(runner) string {
	return func(run runner) string { return run(ctx, 2, tasks) }
}

// others tells how many of 100 tasks run on one worker besides the first, which does something
// else.
func others(first func(cancel func()) error) func(runner) string {
	return func(run runner) string {
		ctx, cancel := context.WithCancel(ctx)
		defer cancel()
		ran, ended := 0, 0 // one worker: no race
		tasks := times(100, func(ctx context.Context) error {
			ran++
			if ctx.Err() != nil {
				ended++
			}
			return nil
		})
		tasks[0] = func(context.Context) error { return first(cancel) }
		run(ctx, 1, tasks)
		switch {
		case ended == 0:
			return fmt.Sprint(ran)
		case ended == ran:
			return fmt.Sprintf("%d, with a context that has ended", ran)
		}
		return fmt.Sprintf("%d, %d of them with a context that has ended", ran, ended)
	}
}

// meeting is a task that waits until so many are at it, and a word on whether that happened.
func meeting(n int) (t task, met func() string) {
	var here atomic.Int64
	all := make(chan struct{})
	return func(context.Context) error {
			if here.Add(1) == int64(n) {
				close(all)
			}
			<-all
			return nil
		}, func() string {
			select {
			case <-all:
				return "they meet"
			default:
				return "they do not"
			}
		}
}

// atOnce tells how many of three tasks run at the same time.
func atOnce(submit func(task func())) string {
	var running, most atomic.Int64
	var wg sync.WaitGroup
	for range 3 {
		wg.Add(1)
		submit(func() {
			defer wg.Done()
			n := running.Add(1)
			for m := most.Load(); n > m && !most.CompareAndSwap(m, n); m = most.Load() {
			}
			time.Sleep(2 * short)
			running.Add(-1)
		})
	}
	wg.Wait()
	return fmt.Sprintf("%d of 3 tasks at once", most.Load())
}

// endless yields 0, 1, 2 and so on up to 999, and counts what was taken.
func endless(taken *atomic.Int64) iter.Seq[int] {
	return func(yield func(int) bool) {
		for i := range 1000 {
			taken.Add(1)
			if !yield(i) {
				return
			}
		}
	}
}

// ahead tells how many items are taken from a source while no task gets done.
func ahead(feed func(source iter.Seq[int], slow func())) string {
	var taken atomic.Int64
	go feed(endless(&taken), func() { select {} })
	return fmt.Sprint(behaviour.Settled(&taken, 4*short))
}

func streamAhead(opts ...pool.Option) string {
	return ahead(func(source iter.Seq[int], slow func()) {
		for range pool.Stream(ctx, pool.New(2, opts...), source, func(_ context.Context, x int) (int, error) {
			slow()
			return x, nil
		}) {
		}
	})
}

func antsPool(n int) *ants.Pool {
	p, err := ants.NewPool(n)
	if err != nil {
		panic(err)
	}
	return p
}

// grow tells how many of four tasks run on two workers, and then on four.
func grow(call string, submit func(task func()), resize func(n int)) string {
	var running atomic.Int64
	for range 4 {
		go submit(func() { running.Add(1); select {} })
	}
	time.Sleep(short)
	before := running.Load()
	said := returns(call, func() { resize(4) })
	time.Sleep(short)
	return fmt.Sprintf("%s; %d, then %d", said, before, running.Load())
}

// idle tells how many goroutines there are more than before, some time after use.
func idle(use func(task func())) string {
	before := runtime.NumGoroutine()
	use(func() {})
	time.Sleep(2 * short)
	return fmt.Sprint(runtime.NumGoroutine() - before)
}

// imported tells how many goroutines a package has before it is used.
func imported(path string) behaviour.Cell {
	return func() string {
		stacks := make([]byte, 1<<20)
		stacks = stacks[:runtime.Stack(stacks, true)]
		n := 0
		for _, s := range strings.Split(string(stacks), "\n\n") {
			if strings.Contains(s, path+".") {
				n++
			}
		}
		return fmt.Sprint(n)
	}
}

// logged says what f wrote to the standard error, after time enough.
func logged(f func()) string {
	r, w, err := os.Pipe()
	if err != nil {
		return err.Error()
	}
	stderr := os.Stderr
	os.Stderr = w
	log.SetOutput(w)
	f()
	time.Sleep(2 * short)
	os.Stderr = stderr
	w.Close()
	said, _ := io.ReadAll(r)
	if len(said) == 0 {
		return "silence"
	}
	return "logged: " + firstLine(string(said))
}

// deaf is a task that does not heed its context.
func deaf(context.Context, int) (int, error) {
	time.Sleep(time.Hour)
	return 0, nil
}

func number(_ context.Context, x int) (int, error) { return x, nil }

// slowest takes longest for 0 and no time for 2.
func slowest(x int) int {
	time.Sleep(time.Duration(2-x) * 2 * short)
	return x
}

var table = behaviour.Table{
	Title: "Pools",
	Intro: "What happens in pkg/pool, in sourcegraph/conc, alitto/pond, panjf2000/ants, x/sync/errgroup and " +
		"gammazero/workerpool. Where nothing else is said, the same tasks are given to each on two workers and waited for; " +
		"with conc, pond and errgroup in a group with a context that the first failure ends. A dash: there is no such thing.",
	Columns: []string{"pool", "conc", "pond", "ants", "errgroup", "workerpool"},
	Limit:   2 * time.Second,
	Rows: []behaviour.Row{
		{Case: "the third of four tasks fails with \"no luck\"",
			Cells: every(outcome(fine, fine, fails, fine), antsColumn, workerpoolColumn)},
		{Case: "a task panics with \"boom\"",
			Cells: every(func(run runner) string {
				defer time.Sleep(short) // for errgroup's Wait may return before the program dies
				return outcome(fine, func(context.Context) error { panic("boom") })(run)
			})},
		{Case: "a task calls runtime.Goexit",
			Cells: every(outcome(fine, func(context.Context) error { runtime.Goexit(); return nil }))},
		{Case: "a task is nil", Cells: []behaviour.Cell{
			func() string {
				return says("Map", func() (any, error) { return and(pool.Map[int, int](ctx, pool.New(2), []int{1}, nil)) })
			},
			func() string {
				p := conc.New()
				p.Go(nil)
				return returns("Wait", p.Wait)
			},
			func() string {
				return says("Wait", func() (any, error) { return none(pond.NewPool(2).Submit(nil).Wait()) })
			},
			func() string {
				return says("Submit", func() (any, error) { return none(antsPool(2).Submit(nil)) })
			},
			func() string {
				var g errgroup.Group
				g.Go(nil)
				defer time.Sleep(short)
				return says("Wait", func() (any, error) { return none(g.Wait()) })
			},
			func() string {
				return returns("SubmitWait", func() { workerpool.New(2).SubmitWait(nil) })
			},
		}},
		{Case: "the first of 100 tasks fails, one worker: how many others run",
			Cells: every(others(func(func()) error { return errLuck }), antsColumn, workerpoolColumn)},
		{Case: "the caller's context ends in the first of 100 tasks, one worker: how many others run",
			Cells: every(others(func(cancel func()) error { cancel(); return nil }), antsColumn, workerpoolColumn)},
		{Case: "all errors are wanted; the first and the third of four tasks fail", Cells: []behaviour.Cell{
			func() string {
				return says("Map", func() (any, error) {
					_, err := pool.Map(ctx, pool.New(2, pool.WithAllErrors()), []task{fails, fine, fails, fine}, do)
					return none(err)
				})
			},
			func() string {
				return says("Wait", func() (any, error) {
					p := conc.New().WithErrors()
					for _, t := range []task{fails, fine, fails, fine} {
						p.Go(func() error { return t(ctx) })
					}
					return none(p.Wait())
				})
			},
			func() string { return outcome(fails, fine, fails, fine)(ponds) },
			nil,
			func() string { return outcome(fails, fine, fails, fine)(errgroups) },
			nil,
		}},
		{Case: "a task gives its pool of one worker another task and waits for it", Cells: []behaviour.Cell{
			func() string {
				p := pool.New(1)
				return says("Apply", func() (any, error) {
					return and(pool.Apply(ctx, p, 1, func(ctx context.Context, x int) (int, error) {
						return pool.Apply(ctx, p, x, number)
					}))
				})
			},
			func() string {
				p := conc.New().WithMaxGoroutines(1)
				p.Go(func() {
					done := make(chan struct{})
					p.Go(func() { close(done) })
					<-done
				})
				return returns("Wait", p.Wait)
			},
			func() string {
				p := pond.NewPool(1)
				return says("Wait", func() (any, error) {
					return none(p.SubmitErr(func() error { return p.Submit(func() {}).Wait() }).Wait())
				})
			},
			func() string {
				p := antsPool(1)
				done := make(chan struct{})
				_ = p.Submit(func() { _ = p.Submit(func() { close(done) }) })
				<-done
				return "it runs"
			},
			func() string {
				var g errgroup.Group
				g.SetLimit(1)
				g.Go(func() error {
					done := make(chan struct{})
					g.Go(func() error { close(done); return nil })
					<-done
					return nil
				})
				return says("Wait", func() (any, error) { return none(g.Wait()) })
			},
			func() string {
				p := workerpool.New(1)
				return returns("SubmitWait", func() { p.SubmitWait(func() { p.SubmitWait(func() {}) }) })
			},
		}},
		{Case: "four tasks wait for each other, four workers",
			Cells: every(func(run runner) string {
				t, met := meeting(4)
				run(ctx, 4, times(4, t))
				return met()
			})},
		{Case: "the first of 100 tasks waits until all others have run",
			Cells: every(func(run runner) string {
				var wg sync.WaitGroup
				wg.Add(99)
				tasks := times(100, func(context.Context) error { wg.Done(); return nil })
				tasks[0] = func(context.Context) error { wg.Wait(); return nil }
				return run(ctx, 2, tasks)
			})},
		{Case: "results of three tasks, of which the first takes longest", Cells: []behaviour.Cell{
			func() string {
				return says("Map", func() (any, error) {
					return and(pool.Map(ctx, pool.New(3), []int{0, 1, 2}, func(_ context.Context, x int) (int, error) { return slowest(x), nil }))
				})
			},
			func() string {
				p := conc.NewWithResults[int]()
				for x := range 3 {
					p.Go(func() int { return slowest(x) })
				}
				m := concIter.Mapper[int, int]{MaxGoroutines: 3}
				return fmt.Sprintf("iter.Map returns %v; ResultPool.Wait returns %v",
					m.Map([]int{0, 1, 2}, func(x *int) int { return slowest(*x) }), p.Wait())
			},
			func() string {
				g := pond.NewResultPool[int](3).NewGroup()
				for x := range 3 {
					g.Submit(func() int { return slowest(x) })
				}
				return says("Wait", func() (any, error) { return and(g.Wait()) })
			},
			nil, nil, nil,
		}},
		{Case: "the same, as they come", Cells: []behaviour.Cell{
			func() string {
				what := "StreamUnordered yields"
				for x, err := range pool.StreamUnordered(ctx, pool.New(3), slices.Values([]int{0, 1, 2}),
					func(_ context.Context, x int) (int, error) { return slowest(x), nil }) {
					if err != nil {
						return err.Error()
					}
					what += fmt.Sprint(" ", x)
				}
				return what
			},
			nil, nil, nil, nil, nil,
		}},
		{Case: "items taken from a source of 1,000 while two tasks do not get done", Cells: []behaviour.Cell{
			func() string {
				return fmt.Sprintf("%s; WithWindow(3): %s", streamAhead(), streamAhead(pool.WithWindow(3)))
			},
			func() string {
				return ahead(func(source iter.Seq[int], slow func()) {
					s := stream.New().WithMaxGoroutines(2)
					for range source {
						s.Go(func() stream.Callback { slow(); return func() {} })
					}
				})
			},
			func() string {
				feed := func(p pond.Pool) func(source iter.Seq[int], slow func()) {
					return func(source iter.Seq[int], slow func()) {
						for range source {
							_ = p.Go(slow)
						}
					}
				}
				return fmt.Sprintf("%s; WithQueueSize(3): %s", ahead(feed(pond.NewPool(2))),
					ahead(feed(pond.NewPool(2, pond.WithQueueSize(3)))))
			},
			func() string {
				p := antsPool(2)
				return ahead(func(source iter.Seq[int], slow func()) {
					for range source {
						_ = p.Submit(slow)
					}
				})
			},
			func() string {
				return ahead(func(source iter.Seq[int], slow func()) {
					var g errgroup.Group
					g.SetLimit(2)
					for range source {
						g.Go(func() error { slow(); return nil })
					}
				})
			},
			func() string {
				p := workerpool.New(2)
				return ahead(func(source iter.Seq[int], slow func()) {
					for range source {
						p.Submit(slow)
					}
				})
			},
		}},
		{Case: "a source yields one item, and no other before it has seen that one's result", Cells: []behaviour.Cell{
			func() string {
				seen := make(chan struct{})
				source := func(yield func(int) bool) {
					if yield(0) {
						<-seen
						yield(1)
					}
				}
				what := "Stream yields"
				for x, err := range pool.Stream(ctx, pool.New(2), source, number) {
					if err != nil {
						return err.Error()
					}
					what += fmt.Sprint(" ", x)
					if x == 0 {
						close(seen)
					}
				}
				return what
			},
			func() string {
				seen := make(chan struct{})
				what := "it calls back for"
				s := stream.New().WithMaxGoroutines(2)
				callback := func(x int) stream.Callback {
					return func() {
						what += fmt.Sprint(" ", x)
						if x == 0 {
							close(seen)
						}
					}
				}
				s.Go(func() stream.Callback { return callback(0) })
				<-seen
				s.Go(func() stream.Callback { return callback(1) })
				s.Wait()
				return what
			},
			nil, nil, nil, nil,
		}},
		{Case: "the caller breaks out of a stream while a task waits for the end of its context: what still runs", Cells: []behaviour.Cell{
			func() string {
				var running atomic.Int64
				for range pool.Stream(ctx, pool.New(2), endless(new(atomic.Int64)), func(ctx context.Context, x int) (int, error) {
					running.Add(1)
					defer running.Add(-1)
					if x > 0 {
						<-ctx.Done()
					}
					return x, nil
				}) {
					break
				}
				return fmt.Sprintf("%d tasks", running.Load())
			},
			nil, nil, nil, nil, nil,
		}},
		{Case: "each task has 50 ms; one waits for the end of its context", Cells: []behaviour.Cell{
			func() string {
				return says("Map", func() (any, error) {
					_, err := pool.Map(ctx, pool.New(2, pool.WithTimeout(short)),
						[]task{fine, func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() }, fine}, do)
					return none(err)
				})
			},
			nil, nil, nil, nil, nil,
		}},
		{Case: "0 workers", Cells: limits(0)},
		{Case: "−1 workers", Cells: limits(-1)},
		{Case: "from 2 to 4 workers: how many of four endless tasks run", Cells: []behaviour.Cell{
			func() string {
				p := pool.New(2)
				return grow("Resize", func(task func()) {
					_, _ = pool.Apply(ctx, p, 0, func(context.Context, int) (int, error) { task(); return 0, nil })
				}, func(n int) {
					if err := p.Resize(n); err != nil {
						panic(err)
					}
				})
			},
			func() string {
				p := conc.New().WithMaxGoroutines(2)
				return grow("WithMaxGoroutines", p.Go, func(n int) { p.WithMaxGoroutines(n) })
			},
			func() string {
				p := pond.NewPool(2)
				return grow("Resize", func(task func()) { _ = p.Go(task) }, p.Resize)
			},
			func() string {
				p := antsPool(2)
				return grow("Tune", func(task func()) { _ = p.Submit(task) }, p.Tune)
			},
			func() string {
				var g errgroup.Group
				g.SetLimit(2)
				return grow("SetLimit", func(task func()) { g.Go(func() error { task(); return nil }) }, g.SetLimit)
			},
			nil,
		}},
		{Case: "a task after the end", Cells: []behaviour.Cell{
			func() string {
				p := pool.New(2)
				p.Close()
				return says("Apply", func() (any, error) { return and(pool.Apply(ctx, p, 1, number)) })
			},
			func() string {
				p := conc.New()
				p.Go(func() {})
				p.Wait()
				return returns("Go", func() { p.Go(func() {}) })
			},
			func() string {
				p := pond.NewPool(2)
				p.StopAndWait()
				return says("Go", func() (any, error) { return none(p.Go(func() {})) })
			},
			func() string {
				p := antsPool(2)
				p.Release()
				return says("Submit", func() (any, error) { return none(p.Submit(func() {})) })
			},
			func() string {
				var g errgroup.Group
				_ = g.Wait()
				ran := make(chan struct{})
				g.Go(func() error { close(ran); return nil })
				<-ran
				return "it runs"
			},
			func() string {
				p := workerpool.New(2)
				p.StopWait()
				return says("Do", func() (any, error) { return none(p.Do(func() {})) }) + "; " +
					returns("Submit", func() { p.Submit(func() {}) })
			},
		}},
		{Case: "it is ended twice", Cells: []behaviour.Cell{
			func() string {
				p := pool.New(2)
				p.Close()
				return returns("Close", p.Close)
			},
			func() string {
				p := conc.New()
				p.Go(func() {})
				p.Wait()
				return returns("Wait", p.Wait)
			},
			func() string {
				p := pond.NewPool(2)
				p.StopAndWait()
				return returns("StopAndWait", p.StopAndWait)
			},
			func() string {
				p := antsPool(2)
				p.Release()
				return returns("Release", p.Release)
			},
			func() string {
				var g errgroup.Group
				_ = g.Wait()
				return says("Wait", func() (any, error) { return none(g.Wait()) })
			},
			func() string {
				p := workerpool.New(2)
				p.StopWait()
				return returns("StopWait", p.StopWait)
			},
		}},
		{Case: "it is ended, with 50 ms for the task that runs, which does not heed that", Cells: []behaviour.Cell{
			func() string {
				p := pool.New(2)
				pool.ApplyAsync(ctx, p, 0, deaf)
				time.Sleep(short)
				ctx, cancel := context.WithTimeout(ctx, short)
				defer cancel()
				return says("Terminate", func() (any, error) { return none(p.Terminate(ctx)) })
			},
			nil,
			func() string {
				p := pond.NewPool(2)
				_ = p.Go(func() { time.Sleep(time.Hour) })
				time.Sleep(short)
				select {
				case <-p.Stop().Done():
					return "Stop is done"
				case <-time.After(short):
					return fmt.Sprintf("Stop is not done; RunningWorkers returns %d", p.RunningWorkers())
				}
			},
			func() string {
				p := antsPool(2)
				_ = p.Submit(func() { time.Sleep(time.Hour) })
				time.Sleep(short)
				return says("ReleaseTimeout", func() (any, error) { return none(p.ReleaseTimeout(short)) })
			},
			nil,
			func() string {
				p := workerpool.New(2)
				p.Submit(func() { time.Sleep(time.Hour) })
				time.Sleep(short)
				return returns("Stop", p.Stop)
			},
		}},
		{Case: "a task fails and nobody waits", Cells: []behaviour.Cell{
			func() string { return logged(func() { pool.ApplyAsync(ctx, pool.New(2), fails, do) }) },
			func() string { return logged(func() { conc.New().WithErrors().Go(func() error { return errLuck }) }) },
			func() string { return logged(func() { pond.NewPool(2).SubmitErr(func() error { return errLuck }) }) },
			nil,
			func() string { return logged(func() { new(errgroup.Group).Go(func() error { return errLuck }) }) },
			nil,
		}},
		{Case: "progress over 10 tasks, at the end", Cells: []behaviour.Cell{
			func() string {
				what := ""
				p := pool.New(2, pool.WithProgress(func(done, total int) { what = fmt.Sprintf("%d of %d are done", done, total) }))
				_, _ = pool.Map(ctx, p, times(10, fine), do)
				return what
			},
			nil,
			func() string {
				p := pond.NewPool(2)
				for range 10 {
					_ = p.Go(func() {})
				}
				p.StopAndWait()
				return fmt.Sprintf("CompletedTasks returns %d", p.CompletedTasks())
			},
			nil, nil, nil,
		}},
		{Case: "goroutines when it is imported", Cells: []behaviour.Cell{
			imported("github.com/threads2go/course/pkg/pool"), imported("github.com/sourcegraph/conc/pool"),
			imported("github.com/alitto/pond/v2"), imported("github.com/panjf2000/ants/v2"),
			imported("golang.org/x/sync/errgroup"), imported("github.com/gammazero/workerpool"),
		}},
		{Case: "goroutines that it keeps, when a task was done 0.1 s ago", Cells: []behaviour.Cell{
			func() string {
				return idle(func(task func()) {
					_, _ = pool.Apply(ctx, pool.New(2), 0, func(context.Context, int) (int, error) { task(); return 0, nil })
				})
			},
			func() string {
				return idle(func(task func()) { p := conc.New(); p.Go(task); p.Wait() })
			},
			func() string {
				return idle(func(task func()) { _ = pond.NewPool(2).Submit(task).Wait() })
			},
			func() string {
				return idle(func(task func()) { _ = antsPool(2).Submit(task) })
			},
			func() string {
				return idle(func(task func()) {
					var g errgroup.Group
					g.Go(func() error { task(); return nil })
					_ = g.Wait()
				})
			},
			func() string {
				return idle(func(task func()) { workerpool.New(2).SubmitWait(task) })
			},
		}},
	},
}

// limits are the cells for a number of workers that cannot be, or means something else.
func limits(n int) []behaviour.Cell {
	return []behaviour.Cell{
		func() string {
			return says("Map", func() (any, error) { return and(pool.Map(ctx, pool.New(n), []int{1}, number)) })
		},
		func() string {
			return returns("WithMaxGoroutines", func() { conc.New().WithMaxGoroutines(n) })
		},
		func() string {
			var p pond.Pool
			if what := returns("NewPool", func() { p = pond.NewPool(n) }); p == nil {
				return what
			}
			return atOnce(func(task func()) { _ = p.Go(task) })
		},
		func() string {
			p, err := ants.NewPool(n)
			if err != nil {
				return fmt.Sprintf("NewPool returns the error %q", err)
			}
			return atOnce(func(task func()) { _ = p.Submit(task) })
		},
		func() string {
			var g errgroup.Group
			g.SetLimit(n)
			return atOnce(func(task func()) { g.Go(func() error { task(); return nil }) })
		},
		func() string {
			return atOnce(workerpool.New(n).Submit)
		},
	}
}
