// Package parallel has the table of what pkg/pool, pkg/parallel and the pools of Python do in the
// same case.
package parallel

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/threads2go/course/pkg/bench/behaviour"
	"github.com/threads2go/course/pkg/pool"
)

func TestMain(m *testing.M)  { table.Main(m) }
func TestTable(t *testing.T) { table.Check(t, "parallel.md") }

var (
	ctx     = context.Background()
	errLuck = errors.New("no luck")
)

const short = 50 * time.Millisecond

// says tells what a call returned.
func says(call string, f func() (any, error)) string {
	result, err := f()
	if err != nil {
		return fmt.Sprintf("%s returns the error %q", call, err)
	}
	return fmt.Sprintf("%s returns %v", call, result)
}

// upTo is the numbers from 0 to n-1.
func upTo(n int) []int {
	in := make([]int, n)
	for i := range in {
		in[i] = i
	}
	return in
}

// mapped says what Map returns for the numbers below items.
func mapped(p *pool.Pool, items int, f func(ctx context.Context, x int) (int, error)) string {
	return says("Map", func() (any, error) {
		out, err := pool.Map(ctx, p, upTo(items), f)
		return out, err
	})
}

func number(_ context.Context, x int) (int, error) { return x, nil }

// slowest is a task of three: 1 takes 0.3 s longer than 2, and 0 that longer than 1.
func slowest(_ context.Context, x int) (int, error) {
	if x < 2 {
		meet(2 - x)
		time.Sleep(6 * short)
	}
	mark()
	return x, nil
}

// deaf is a task that does not heed its context.
func deaf(context.Context, int) (int, error) {
	time.Sleep(time.Hour)
	return 0, nil
}

func yields(call string, results iter.Seq2[int, error]) string {
	what := call + " yields"
	for x, err := range results {
		if err != nil {
			return fmt.Sprintf("%s, then the error %q", what, err)
		}
		what += fmt.Sprint(" ", x)
	}
	return what
}

// counted yields the numbers below n and counts what was taken.
func counted(n int) (source iter.Seq[int], taken *atomic.Int64) {
	taken = new(atomic.Int64)
	return func(yield func(int) bool) {
		for i := range n {
			taken.Add(1)
			if !yield(i) {
				return
			}
		}
	}, taken
}

// oneItem has a source yield an item, and no other before that one's result was seen.
func oneItem(stream func(source iter.Seq[int]) iter.Seq2[int, error]) string {
	seen := make(chan struct{})
	results := stream(func(yield func(int) bool) {
		if yield(0) {
			<-seen
			yield(1)
		}
	})
	return yields("Stream", func(yield func(int, error) bool) {
		for x, err := range results {
			if err == nil && x == 0 {
				close(seen)
			}
			if !yield(x, err) {
				return
			}
		}
	})
}

// few says a number that is small, and differs from run to run.
func few(n int) string {
	if n < 80 {
		return "fewer than 80"
	}
	return fmt.Sprint(n)
}

// What the Python programs begin with. The file at path is what a program and its processes
// have in common.
const prelude = `
import multiprocessing, os, re, sys, tempfile, threading, time
from concurrent.futures import ThreadPoolExecutor, ProcessPoolExecutor, as_completed
from multiprocessing.pool import ThreadPool
fork = multiprocessing.get_context("fork")
Pool = fork.Pool
file, path = tempfile.mkstemp()
def mark():
    with open(path, "ab", 0) as f: f.write(b"x")
def marks(): return os.path.getsize(path)
def meet(n):
    while marks() < n: time.sleep(0.01)
def end(said):
    os.remove(path)
    print(said, flush=True)
    os._exit(0)
def says(call, f):
    watch = threading.Timer(2, end, [call + " hangs"])
    watch.daemon = True
    watch.start()
    try:
        result = f()
        what = f"{call} returns" + ("" if result is None else f" {result!r}")
    except BaseException as e: what = f"{call} raises {type(e).__name__}: {e}".rstrip(": ")
    watch.cancel()
    return re.sub(" at 0x[0-9a-f]+", "", re.split(r"\.(\s|$)|\n", what)[0])
def few(n): return "fewer than 80" if n < 80 else str(n)
`

// The libraries: run(f, items, n) maps on n workers, and call is what does that.
const (
	threadPool = `
P, call = ThreadPool, "map"
def run(f, items, n=2): return P(n).map(f, items)
`
	processPool = `
P, call = Pool, "map"
def run(f, items, n=2): return P(n).map(f, items)
`
	futures = `
P, call = ThreadPoolExecutor, "map"
def run(f, items, n=2): return list(P(n).map(f, items))
`
	futureProcesses = `
P, call = lambda n: ProcessPoolExecutor(n, mp_context=fork), "ProcessPoolExecutor.map"
`
	loky = `
from joblib import Parallel, delayed
call, backend = "Parallel", "loky"
def run(f, items, n=2, **options): return Parallel(n, backend=backend, **options)(delayed(f)(x) for x in items)
def arrive(n):
    mark()
    meet(n)
def warm(n=2):  # starts n processes, which takes longer than what follows
    run(arrive, [n] * n, n)
    os.truncate(path, 0)
warm()
`
	joblibThreading = `
from joblib import Parallel, delayed
call, backend = "Parallel", "threading"
def run(f, items, n=2, **options): return Parallel(n, backend=backend, **options)(delayed(f)(x) for x in items)
def warm(n=2): pass
`
)

var columns = []string{threadPool, processPool, futures, loky, joblibThreading}

// python is a cell whose script ends by giving end the words.
func python(column, script string) behaviour.Cell {
	if script == "" {
		return nil
	}
	return behaviour.Python(prelude + column + script)
}

// each is a row with our cells and the same script for all of Python.
func each(ours, processes behaviour.Cell, script string) []behaviour.Cell {
	return row(ours, processes, script, script, script, script)
}

// row is a row with our cells, and scripts for ThreadPool and Pool, which have the same methods,
// concurrent.futures, and joblib on its two backends. Without a script it is a dash.
func row(ours, processes behaviour.Cell, pools, future, joblib, joblibThreads string) []behaviour.Cell {
	cells := []behaviour.Cell{ours, processes}
	for i, script := range []string{pools, pools, future, joblib, joblibThreads} {
		cells = append(cells, python(columns[i], script))
	}
	return cells
}

const (
	dies = `
def f(x):
    if x == 2: os.kill(os.getpid(), 9)
end(says(call, lambda: run(f, range(4))))
`
	exits = `
def f(x):
    if x == 2: sys.exit(3)
end(says(call, lambda: run(f, range(4))))
`
	breaks = `
def f(x):
    mark()
    time.sleep(0.02)
    return x
`
)

var table = behaviour.Table{
	Title: "Pools, and those of Python",
	Intro: "What happens in pkg/pool, in pkg/parallel with processes, and in Python: in multiprocessing's ThreadPool and Pool (whose processes are forked), " +
		"in concurrent.futures (ThreadPoolExecutor, if nothing else is said) and in joblib.Parallel on its backends loky " +
		"(processes) and threading. There are two workers, if nothing else is said. A dash: there is no such thing.",
	Columns: []string{"pool", "parallel, processes", "ThreadPool", "Pool", "concurrent.futures", "joblib loky", "joblib threading"},
	Limit:   20 * time.Second, // what hangs in Python says so by itself
	Rows: []behaviour.Row{
		{Case: "the third of four tasks fails with \"no luck\"", Cells: each(
			func() string {
				return mapped(pool.New(2), 4, func(_ context.Context, x int) (int, error) {
					if x == 2 {
						return 0, errLuck
					}
					return x, nil
				})
			}, processFails, `
def f(x):
    if x == 2: raise ValueError("no luck")
end(says(call, lambda: run(f, range(4))))
`)},
		{Case: "the third of four tasks calls sys.exit(3), os.Exit(3)", Cells: row(
			func() string {
				return mapped(pool.New(2), 4, func(_ context.Context, x int) (int, error) {
					if x == 2 {
						os.Exit(3)
					}
					return x, nil
				})
			}, processExits, exits, exits, exits, exits)},
		{Case: "the process of the third of four tasks is killed", Cells: row(
			func() string {
				return mapped(pool.New(2), 4, func(_ context.Context, x int) (int, error) {
					if x == 2 {
						_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
					}
					return x, nil
				})
			}, processKilled, dies, futureProcesses+dies, dies, dies)},
		{Case: "the first of 100 tasks fails: how many others run", Cells: row(
			func() string {
				var ran atomic.Int64
				_, _ = pool.Map(ctx, pool.New(2), upTo(100), func(_ context.Context, x int) (int, error) {
					if x == 0 {
						return 0, errLuck
					}
					ran.Add(1)
					time.Sleep(2 * short / 5)
					return x, nil
				})
				return few(int(ran.Load()))
			}, processFirst, `
def f(x):
    if x == 0: raise ValueError("no luck")
    mark()
    time.sleep(0.02)
p = P(2)
says(call, lambda: p.map(f, range(100)))
p.close()
p.join()
end(few(marks()))
`, `
def f(x):
    if x == 0: raise ValueError("no luck")
    mark()
    time.sleep(0.02)
p = P(2)
says(call, lambda: list(p.map(f, range(100))))
p.shutdown()
end(few(marks()))
`, joblibFirstFails, joblibFirstFails)},
		{Case: "all errors are wanted; the first and the third of four tasks fail", Cells: row(
			func() string {
				return says("Map", func() (any, error) {
					return pool.Map(ctx, pool.New(2, pool.WithAllErrors()), upTo(4), func(_ context.Context, x int) (int, error) {
						if x%2 == 0 {
							return 0, fmt.Errorf("no luck with %d", x)
						}
						return x, nil
					})
				})
			}, processAllErrors, evenFail+`
results, said = P(2).imap(f, range(4)), []
while True:
    try: said.append(f"yields {next(results)}")
    except StopIteration: break
    except Exception as e: said.append(f"raises {type(e).__name__}: {e}")
end("imap " + "; ".join(said))
`, evenFail+`
p = P(2)
end("submit, exception: " + ", ".join(str(p.submit(f, x).exception()) for x in range(4)))
`, evenFail+`
end(says(call, lambda: run(f, range(4))))
`, evenFail+`
end(says(call, lambda: run(f, range(4))))
`)},
		{Case: "a task gives its pool of one worker another task and waits for it", Cells: []behaviour.Cell{
			func() string {
				p := pool.New(1)
				return says("Apply", func() (any, error) {
					return pool.Apply(ctx, p, 1, func(ctx context.Context, x int) (int, error) {
						return pool.Apply(ctx, p, x, number)
					})
				})
			},
			processNested,
			python(threadPool, `
p = P(1)
end(says("apply", lambda: p.apply(lambda: p.apply(abs, [1]))))
`),
			python(processPool, `
def f(p): return p.apply(abs, [1])
def own(): return Pool(1).apply(abs, [1])
p = P(1)
end(says("apply", lambda: p.apply(f, [p])) + "; with a pool of its own " + says("apply", lambda: p.apply(own)))
`),
			python(futures, `
p = P(1)
end(says("result", lambda: p.submit(lambda: p.submit(abs, 1).result()).result()))
`),
			python(loky, nested),
			python(joblibThreading, nested),
		}},
		{Case: "four tasks wait for each other, four workers", Cells: each(
			func() string {
				var wg sync.WaitGroup
				wg.Add(4)
				return mapped(pool.New(4), 4, func(_ context.Context, x int) (int, error) {
					wg.Done()
					wg.Wait()
					return x, nil
				})
			}, processMeet, `
if "joblib" in sys.modules: warm(4)
def f(x):
    mark()
    meet(4)
    return x
end(says(call, lambda: run(f, range(4), 4)))
`)},
		{Case: "the first of 100 tasks waits until all others have run", Cells: each(
			func() string {
				var wg sync.WaitGroup
				wg.Add(99)
				return says("Map", func() (any, error) {
					out, err := pool.Map(ctx, pool.New(2), upTo(100), func(_ context.Context, x int) (int, error) {
						if x == 0 {
							wg.Wait()
						} else {
							wg.Done()
						}
						return x, nil
					})
					return fmt.Sprint(len(out), " results"), err
				})
			}, processLast, `
def f(x):
    if x == 0: meet(99)
    else: mark()
end(says(call, lambda: len(run(f, range(100)))).replace("100", "100 results"))
`)},
		{Case: "results of three tasks on three workers, the first takes longest; and as they come", Cells: row(
			marked(func() string {
				what := mapped(pool.New(3), 3, slowest)
				again()
				return what + "; " + yields("StreamUnordered", pool.StreamUnordered(ctx, pool.New(3), slices.Values(upTo(3)), slowest))
			}), processOrder, slowestFirst+`
p = P(3)
print(says(call, lambda: p.map(f, range(3))), end="")
again()
end("; imap_unordered yields " + " ".join(map(str, p.imap_unordered(f, range(3)))))
`, slowestFirst+`
p = P(3)
print(says(call, lambda: list(p.map(f, range(3)))), end="")
again()
end("; as_completed yields " +
    " ".join(str(r.result()) for r in as_completed([p.submit(f, x) for x in range(3)])))
`, joblibUnordered, joblibUnordered)},
		{Case: "items taken from a source of 100 while two tasks do not get done", Cells: row(
			func() string {
				ahead := func(opts ...pool.Option) string {
					source, taken := counted(100)
					go yields("", pool.Stream(ctx, pool.New(2, opts...), source, deaf))
					return fmt.Sprint(behaviour.Settled(taken, 4*short))
				}
				return fmt.Sprintf("Stream: %s; WithWindow(3): %s", ahead(), ahead(pool.WithWindow(3)))
			}, processAhead, source+`
results = P(2).imap(f, source())
time.sleep(0.3)
end(f"imap: {taken}")
`, source+`
results = P(2).map(f, source())
time.sleep(0.3)
end(f"map: {taken}")
`, joblibSource, joblibSource)},
		{Case: "a source yields one item, and no other before it has seen that one's result", Cells: row(
			func() string {
				return oneItem(func(source iter.Seq[int]) iter.Seq2[int, error] { return pool.Stream(ctx, pool.New(2), source, number) })
			}, processOneItem, waiting+`
p = P(2)
end(says("imap", lambda: see(p.imap(abs, source()))))
`, waiting+`
p = P(2)
end(says("map", lambda: see(p.map(abs, source()))))
`, joblibWaiting, joblibWaiting)},
		{Case: "the caller breaks out after the first of 100 results: how many tasks run in all", Cells: row(
			func() string {
				var ran atomic.Int64
				for range pool.Stream(ctx, pool.New(2), slices.Values(upTo(100)), func(_ context.Context, x int) (int, error) {
					ran.Add(1)
					time.Sleep(2 * short / 5)
					return x, nil
				}) {
					break
				}
				return few(int(ran.Load()))
			}, processBreak, breaks+`
p = P(2)
for x in p.imap(f, range(100)): break
p.close()
p.join()
end(few(marks()))
`, breaks+`
p = P(2)
for x in p.map(f, range(100)): break
p.shutdown()
end(few(marks()))
`, joblibBreaks, joblibBreaks)},
		{Case: "it is terminated while a caller waits for four tasks of 0.3 s", Cells: row(
			func() string {
				p := pool.New(2)
				time.AfterFunc(2*short, func() { _ = p.Terminate(ctx) })
				return says("Map", func() (any, error) {
					_, err := pool.Map(ctx, p, upTo(4), func(context.Context, int) (int, error) {
						time.Sleep(6 * short)
						return 0, nil
					})
					return nil, err
				})
			}, nil, `
p = P(2)
threading.Timer(0.1, p.terminate).start()
end(says(call, lambda: p.map(time.sleep, [0.3] * 4)))
`, `
p = P(2)
threading.Timer(0.1, lambda: p.shutdown(cancel_futures=True)).start()
end(says(call, lambda: list(p.map(time.sleep, [0.3] * 4))))
`, "", "")},
		{Case: "it is ended while a task runs that does not heed that", Cells: row(
			func() string {
				p := pool.New(2)
				pool.ApplyAsync(ctx, p, 0, deaf)
				time.Sleep(short)
				ctx, cancel := context.WithTimeout(ctx, short)
				defer cancel()
				return fmt.Sprintf("Terminate returns the error %q", p.Terminate(ctx))
			}, nil, runsOn+`
p = P(2)
p.apply_async(f)
time.sleep(0.1)
end(says("terminate", p.terminate) + "; " + lives())
`, runsOn+`
p = P(2)
p.submit(f)
time.sleep(0.1)
end(says("shutdown", lambda: p.shutdown(cancel_futures=True)) + (" when the task has" if marks() else ""))
`, "", "")},
		{Case: "0.3 s are given, and a task takes 1 s", Cells: row(
			func() string {
				return says("Map", func() (any, error) {
					return pool.Map(ctx, pool.New(2, pool.WithTimeout(6*short)), upTo(1), func(ctx context.Context, x int) (int, error) {
						select {
						case <-time.After(20 * short):
							return x, nil
						case <-ctx.Done():
							return 0, ctx.Err()
						}
					})
				})
			}, processTimeout, runsOn+`
p = P(2)
end(says("map_async, get", lambda: p.map_async(f, [0]).get(timeout=0.3)) + "; " + lives())
`, runsOn+`
p = P(2)
end(says(call, lambda: list(p.map(f, [0], timeout=0.3))) + "; " + lives())
`, joblibTimeout, joblibTimeout)},
		{Case: "0 workers", Cells: each(
			func() string { return mapped(pool.New(0), 2, number) }, processZero, `end(says(call, lambda: run(abs, range(2), 0)))`)},
		{Case: "−1 workers", Cells: each(
			func() string { return mapped(pool.New(-1), 2, number) }, processNegative, `end(says(call, lambda: run(abs, range(2), -1)))`)},
		{Case: "no function", Cells: each(
			func() string { return mapped(pool.New(2), 2, nil) }, processNil, `end(says(call, lambda: run(None, range(2))))`)},
		{Case: "a function without a name", Cells: each(
			func() string {
				return mapped(pool.New(2), 2, func(_ context.Context, x int) (int, error) { return -x, nil })
			}, processUnnamed, `
said = says(call, lambda: run(lambda x: -x, range(2)))
end(re.sub(r"\w+: Can't (get|pickle) local object .*", "an error: it cannot be pickled", said)) # how, differs
`)},
		{Case: "an item that holds a lock", Cells: each(
			func() string {
				return says("Map", func() (any, error) {
					return pool.Map(ctx, pool.New(2), []*sync.Mutex{{}}, func(_ context.Context, m *sync.Mutex) (bool, error) { return m.TryLock(), nil })
				})
			}, processLock, `
def f(lock): return lock.acquire()
end(says(call, lambda: run(f, [threading.Lock()])))
`)},
		{Case: "two tasks each add 1 to a variable of the caller", Cells: each(
			func() string {
				var mu sync.Mutex
				n := 0
				_, _ = pool.Map(ctx, pool.New(2), upTo(2), func(context.Context, int) (int, error) {
					mu.Lock()
					defer mu.Unlock()
					n++
					return n, nil
				})
				return fmt.Sprint(n)
			}, processVariable, `
n = 0
def f(x):
    global n
    n += 1
run(f, range(2))
end(n)
`)},
		{Case: "a task after the end", Cells: row(
			func() string {
				p := pool.New(2)
				p.Close()
				return mapped(p, 2, number)
			}, processClosed, `
p = P(2)
p.close()
end(says(call, lambda: p.map(abs, range(2))))
`, `
p = P(2)
p.shutdown()
end(says(call, lambda: p.map(abs, range(2))))
`, "", "")},
		{Case: "a task fails and nobody waits", Cells: row(
			func() string {
				r, w, err := os.Pipe()
				if err != nil {
					return err.Error()
				}
				os.Stderr = w
				pool.ApplyAsync(ctx, pool.New(2), 0, func(context.Context, int) (int, error) { return 0, errLuck })
				time.Sleep(2 * short)
				w.Close()
				if said, _ := io.ReadAll(r); len(said) > 0 {
					return strings.TrimSpace(string(said))
				}
				return "silence"
			}, nil, unheard+`
p.apply_async(f)
`+heard, unheard+`
p.submit(f)
`+heard, "", "")},
		{Case: "progress over 10 tasks, at the end", Cells: row(
			func() string {
				what := ""
				p := pool.New(2, pool.WithProgress(func(done, total int) { what = fmt.Sprintf("%d of %d are done", done, total) }))
				_, _ = pool.Map(ctx, p, upTo(10), number)
				return "WithProgress: " + what
			}, processProgress, "", "", progress, progress)},
	},
}

const (
	joblibFirstFails = `
def f(x):
    if x == 0: raise ValueError("no luck")
    mark()
    time.sleep(0.02)
says(call, lambda: run(f, range(100)))
time.sleep(0.3)
end(few(marks()))
`
	evenFail = `
def f(x):
    time.sleep(0.05 * x)
    if x % 2 == 0: raise ValueError(f"no luck with {x}")
    return x
`
	nested = `
def f(x): return run(abs, [x], 1)
end(says(call, lambda: run(f, [1], 1)))
`
	slowestFirst = `
def f(x):
    if x < 2:
        meet(2 - x)
        time.sleep(0.3)
    mark()
    return x
def again(): os.truncate(path, 0)
`
	joblibUnordered = slowestFirst + `
warm(3)
print(says(call, lambda: run(f, range(3), 3)), end="", flush=True)
again()
end("; generator_unordered yields " +
    " ".join(map(str, run(f, range(3), 3, return_as="generator_unordered"))))
`
	source = `
taken = 0
def source():
    global taken
    for i in range(100):
        taken += 1
        yield i
def f(x): time.sleep(30)
`
	joblibSource = source + `
results = run(f, source(), return_as="generator")
time.sleep(0.3)
end(f"generator: {taken}")
`
	waiting = `
seen = threading.Event()
def source():
    yield 0
    seen.wait()
    yield 1
def see(results):
    said = []
    for x in results:
        if x == 0: seen.set()
        said.append(x)
    return said
`
	joblibWaiting = waiting + `
end(says("generator", lambda: see(run(abs, source(), return_as="generator"))))
`
	joblibBreaks = breaks + `
for x in run(f, range(100), return_as="generator"): break
time.sleep(0.3)
end(few(marks()))
`
	runsOn = `
def f(x=0):
    time.sleep(1)
    mark()
def lives():
    time.sleep(1.5)
    return "the task runs on" if marks() else "the task does not run on"
`
	joblibTimeout = runsOn + `
end(says(call, lambda: run(f, [0], timeout=0.3)) + "; " + lives())
`
	unheard = `
import io
sys.stderr = io.StringIO()
def f(): raise ValueError("no luck")
p = P(2)
`
	heard = `
time.sleep(0.3)
end("logged: " + sys.stderr.getvalue() if sys.stderr.getvalue() else "silence")
`
	progress = `
import contextlib, io
text = io.StringIO()
with contextlib.redirect_stdout(text), contextlib.redirect_stderr(text): run(abs, range(10), verbose=10)
end("verbose: " + text.getvalue().strip().splitlines()[-1].split("|")[0].strip())
`
)
