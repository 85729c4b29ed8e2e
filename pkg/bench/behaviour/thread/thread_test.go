// Package thread has the table of what pkg/thread and its peers do in the same case.
package thread

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime"
	"runtime/pprof"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/sourcegraph/conc"
	"github.com/sourcegraph/conc/pool"
	"golang.org/x/sync/errgroup"

	"github.com/threads2go/course/pkg/bench/behaviour"
	"github.com/threads2go/course/pkg/thread"
)

func TestMain(m *testing.M)  { table.Main(m) }
func TestTable(t *testing.T) { table.Check(t, "thread.md") }

var (
	ctx    = context.Background()
	errNot = errors.New("no luck")
)

func answer(context.Context) (int, error) { return 42, nil }
func fails(context.Context) (int, error)  { return 0, errNot }
func panics(context.Context) (int, error) { panic("boom") }

// returns says what a Wait returned.
func returns(call string, err error) string {
	switch {
	case err == nil:
		return call + " returns nil"
	case errors.Is(err, errNot) && err.Error() == errNot.Error():
		return call + " returns it"
	}
	return fmt.Sprintf("%s returns the error %q", call, err)
}

// does says what a call did that may panic.
func does(call string, f func()) (what string) {
	defer func() {
		if v := recover(); v != nil {
			what = fmt.Sprintf("%s panics: %s", call, firstLine(fmt.Sprint(v)))
		}
	}()
	f()
	return call + " returns"
}

func firstLine(s string) string {
	s, _, _ = strings.Cut(s, "\n")
	return s
}

// silence says what f wrote to the log, after time enough.
func silence(f func()) string {
	var out bytes.Buffer
	slog.SetDefault(slog.New(slog.NewTextHandler(&out, &slog.HandlerOptions{ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
		if a.Key == slog.TimeKey || a.Key == slog.LevelKey {
			return slog.Attr{}
		}
		return a
	}})))
	f()
	time.Sleep(100 * time.Millisecond)
	if out.Len() == 0 {
		return "silence"
	}
	return "logged: " + strings.TrimSpace(out.String())
}

// all lets eight wait.
func all(wait func() string) string {
	said := make(chan string, 8)
	for range 8 {
		go func() { said <- wait() }()
	}
	count := map[string]int{}
	for range 8 {
		count[<-said]++
	}
	if len(count) > 1 {
		return fmt.Sprint(count)
	}
	for s := range count {
		return "each: " + s
	}
	return ""
}

// named says whether the list of goroutines has the name.
func named(wait func()) string {
	time.Sleep(50 * time.Millisecond) // until it waits
	var list bytes.Buffer
	if err := pprof.Lookup("goroutine").WriteTo(&list, 1); err != nil {
		return err.Error()
	}
	wait()
	for line := range strings.Lines(list.String()) {
		if strings.Contains(line, "reader") && strings.Contains(line, "labels") {
			return strings.TrimSpace(strings.TrimPrefix(line, "# "))
		}
	}
	return "none"
}

// The Python programs begin with this.
const prelude = `
import os, sys, threading, time
from concurrent.futures import ThreadPoolExecutor
def later(say):  # what a program says that would hang
    t = threading.Timer(1, lambda: (print(say, flush=True), os._exit(0)))
    t.daemon = True
    t.start()
def fails(): raise ValueError("no luck")
def said(f):
    try: return f"returns {f()!r}"
    except BaseException as e: return f"raises {type(e).__name__}: {e}".rstrip(": ")
`

func python(script string) behaviour.Cell { return behaviour.Python(prelude + script) }

// gives says what a script's expression does; call is how the table names it.
func gives(call, set, expression string) behaviour.Cell {
	return python(set + "\nprint('" + call + "', said(lambda: " + expression + "))")
}

var table = behaviour.Table{
	Title: "One goroutine, one thread",
	Intro: "What happens in pkg/thread, in what Go programmers use for one goroutine and its end, and in Python. " +
		"A dash: there is no such thing.",
	Columns: []string{"thread", "go + sync.WaitGroup", "sourcegraph/conc", "x/sync errgroup", "Python threading", "Python concurrent.futures"},
	Rows: []behaviour.Row{
		{Case: "it has a result", Cells: []behaviour.Cell{
			func() string {
				v, err := thread.Go(ctx, "x", answer).Join(ctx)
				return fmt.Sprintf("%s and %d", returns("Join", err), v)
			},
			func() string {
				var v int
				var wg sync.WaitGroup
				wg.Go(func() { v = 42 })
				wg.Wait()
				return fmt.Sprintf("a shared variable: %d", v)
			},
			func() string {
				p := pool.NewWithResults[int]()
				p.Go(func() int { return 42 })
				return fmt.Sprintf("Wait returns %v", p.Wait())
			},
			func() string {
				var v int
				var g errgroup.Group
				g.Go(func() error { v = 42; return nil })
				return fmt.Sprintf("%s, a shared variable: %d", returns("Wait", g.Wait()), v)
			},
			gives("join", "t = threading.Thread(target=lambda: 42); t.start()", "t.join()"),
			gives("result", "f = ThreadPoolExecutor().submit(lambda: 42)", "f.result()"),
		}},
		{Case: "it fails", Cells: []behaviour.Cell{
			func() string {
				_, err := thread.Go(ctx, "x", fails).Join(ctx)
				return returns("Join", err)
			},
			nil,
			func() string {
				p := pool.New().WithErrors()
				p.Go(func() error { return errNot })
				return returns("Wait", p.Wait())
			},
			func() string {
				var g errgroup.Group
				g.Go(func() error { return errNot })
				return returns("Wait", g.Wait())
			},
			gives("join", "t = threading.Thread(target=fails); t.start()", "t.join()"),
			gives("result", "f = ThreadPoolExecutor().submit(fails)", "f.result()"),
		}},
		{Case: "it fails while nobody waits", Cells: []behaviour.Cell{
			func() string { return silence(func() { thread.Go(ctx, "reader", fails) }) },
			nil,
			func() string { return silence(func() { pool.New().WithErrors().Go(func() error { return errNot }) }) },
			func() string { return silence(func() { new(errgroup.Group).Go(func() error { return errNot }) }) },
			python(`
import io
sys.stderr = io.StringIO()
t = threading.Thread(target=fails, name="reader"); t.start(); t.join()
lines = sys.stderr.getvalue().strip().split("\n")
print("on stderr:", lines[0], lines[-1])`),
			python(`
import io
sys.stderr = io.StringIO()
e = ThreadPoolExecutor(); e.submit(fails); e.shutdown()
print("on stderr: " + sys.stderr.getvalue() if sys.stderr.getvalue() else "silence")`),
		}},
		{Case: "it panics", Cells: []behaviour.Cell{
			func() string {
				_, err := thread.Go(ctx, "x", panics).Join(ctx)
				p, ok := errors.AsType[*thread.PanicError](err)
				if !ok || !bytes.Contains(p.Stack, []byte("thread.panics(")) {
					return returns("Join", err)
				}
				return returns("Join", err) + ", whose stack names the function"
			},
			func() string {
				var wg sync.WaitGroup
				wg.Go(func() { panics(ctx) })
				return does("Wait", wg.Wait)
			},
			func() string {
				var wg conc.WaitGroup
				wg.Go(func() { panics(ctx) })
				return does("Wait", wg.Wait)
			},
			func() string {
				var g errgroup.Group
				g.Go(func() error { _, err := panics(ctx); return err })
				return does("Wait", func() { g.Wait() })
			},
			nil, nil,
		}},
		{Case: "it calls runtime.Goexit (sys.exit)", Cells: []behaviour.Cell{
			func() string {
				_, err := thread.Go(ctx, "x", func(context.Context) (int, error) { runtime.Goexit(); return 1, nil }).Join(ctx)
				return returns("Join", err)
			},
			func() string {
				var wg sync.WaitGroup
				wg.Go(runtime.Goexit)
				return does("Wait", wg.Wait)
			},
			func() string {
				var wg conc.WaitGroup
				wg.Go(runtime.Goexit)
				return does("Wait", wg.Wait)
			},
			func() string {
				var g errgroup.Group
				g.Go(func() error { runtime.Goexit(); return errNot })
				return returns("Wait", g.Wait())
			},
			gives("join", "t = threading.Thread(target=sys.exit); t.start()", "t.join()"),
			gives("result", "f = ThreadPoolExecutor().submit(sys.exit)", "f.result()"),
		}},
		{Case: "wait at most 50 ms, then for good", Cells: []behaviour.Cell{
			func() string {
				release := make(chan struct{})
				t := thread.Go(ctx, "x", func(context.Context) (int, error) { <-release; return 42, nil })
				soon, cancel := context.WithTimeout(ctx, 50*time.Millisecond)
				defer cancel()
				_, err := t.Join(soon)
				close(release)
				alive := "Join returns nil"
				if errors.Is(err, thread.ErrAlive) {
					alive = "Join returns ErrAlive"
				}
				v, err := t.Join(ctx)
				return fmt.Sprintf("%s; then %s and %d", alive, returns("Join", err), v)
			},
			nil, nil, nil,
			python(`
go = threading.Event()
t = threading.Thread(target=go.wait); t.start()
print("join", said(lambda: t.join(0.05)) + ", alive", str(t.is_alive()) + ";", end=" ")
go.set()
print("then", said(t.join))`),
			python(`
go = threading.Event()
f = ThreadPoolExecutor().submit(lambda: go.wait() and 42)
print("result", said(lambda: f.result(0.05)) + ";", end=" ")
go.set()
print("then", said(f.result))`),
		}},
		{Case: "eight wait for it", Cells: []behaviour.Cell{
			func() string {
				t := thread.Go(ctx, "x", func(context.Context) (int, error) { time.Sleep(50 * time.Millisecond); return 42, nil })
				return all(func() string {
					v, err := t.Join(ctx)
					return fmt.Sprintf("%s and %d", returns("Join", err), v)
				})
			},
			func() string {
				var wg sync.WaitGroup
				wg.Go(func() { time.Sleep(50 * time.Millisecond) })
				return all(func() string { return does("Wait", wg.Wait) })
			},
			func() string {
				var wg conc.WaitGroup
				wg.Go(func() { time.Sleep(50 * time.Millisecond) })
				return all(func() string { return does("Wait", wg.Wait) })
			},
			func() string {
				var g errgroup.Group
				g.Go(func() error { time.Sleep(50 * time.Millisecond); return errNot })
				return all(func() string { return returns("Wait", g.Wait()) })
			},
			python(`
t = threading.Thread(target=time.sleep, args=(0.05,)); t.start()
with ThreadPoolExecutor(8) as e: print("each:", *set(e.map(lambda _: "join " + said(t.join), range(8))))`),
			python(`
f = ThreadPoolExecutor().submit(lambda: time.sleep(0.05) or 42)
with ThreadPoolExecutor(8) as e: print("each:", *set(e.map(lambda _: "result " + said(f.result), range(8))))`),
		}},
		{Case: "waited for before it is started", Cells: []behaviour.Cell{
			func() string {
				_, err := thread.New("x", answer).Join(ctx)
				return returns("Join", err)
			},
			func() string { return does("Wait", new(sync.WaitGroup).Wait) },
			func() string { return does("Wait", new(conc.WaitGroup).Wait) },
			func() string { return returns("Wait", new(errgroup.Group).Wait()) },
			gives("join", "t = threading.Thread(target=fails)", "t.join()"),
			nil,
		}},
		{Case: "started again", Cells: []behaviour.Cell{
			func() string {
				t := thread.Go(ctx, "x", answer)
				t.Join(ctx)
				return returns("Start", t.Start(ctx))
			},
			nil,
			func() string {
				p := pool.New()
				p.Go(func() {})
				p.Wait()
				return does("Go", func() { p.Go(func() {}) })
			},
			nil,
			gives("start", "t = threading.Thread(target=len, args=('x',)); t.start(); t.join()", "t.start()"),
			python("e = ThreadPoolExecutor(); e.submit(fails); e.shutdown(); print('submit', said(lambda: e.submit(fails)))"),
		}},
		{Case: "it waits for itself", Cells: []behaviour.Cell{
			func() string {
				var t *thread.Thread[int]
				t = thread.New("snake", func(ctx context.Context) (int, error) { return t.Join(ctx) })
				t.Start(ctx)
				_, err := t.Join(ctx)
				return returns("Join", err)
			},
			func() string {
				var wg sync.WaitGroup
				wg.Go(wg.Wait)
				return does("Wait", wg.Wait)
			},
			func() string {
				var wg conc.WaitGroup
				wg.Go(wg.Wait)
				return does("Wait", wg.Wait)
			},
			func() string {
				var g errgroup.Group
				g.Go(g.Wait)
				return returns("Wait", g.Wait())
			},
			python(`
def snake(): print("join", said(t.join))
t = threading.Thread(target=snake); t.start()`),
			python(`
later("hangs")
def snake(): time.sleep(0.1); return f.result()
f = ThreadPoolExecutor().submit(snake)
print("result", said(f.result))`),
		}},
		{Case: "two of three fail", Cells: []behaviour.Cell{
			func() string {
				var g thread.Group[int]
				for i, f := range []func(context.Context) (int, error){answer, fails, panics} {
					g.Go(ctx, fmt.Sprint(i), f)
				}
				v, err := g.Join(ctx)
				return fmt.Sprintf("Group.Join returns %v and the error %q", v, err)
			},
			nil,
			func() string {
				p := pool.NewWithResults[int]().WithErrors()
				for i := range 3 {
					p.Go(func() (int, error) {
						time.Sleep(time.Duration(i) * 20 * time.Millisecond)
						if i > 0 {
							return 0, fmt.Errorf("%w %d", errNot, i)
						}
						return 42, nil
					})
				}
				v, err := p.Wait()
				return fmt.Sprintf("Wait returns %v and the error %q", v, err)
			},
			func() string {
				var g errgroup.Group
				for i := range 3 {
					g.Go(func() error {
						time.Sleep(time.Duration(i) * 20 * time.Millisecond)
						if i > 0 {
							return fmt.Errorf("%w %d", errNot, i)
						}
						return nil
					})
				}
				return returns("Wait", g.Wait())
			},
			python(`
threading.excepthook = lambda args: said.append(args.thread.name)
said = []
ts = [threading.Thread(target=f, name=str(i)) for i, f in enumerate([len, fails, fails])]
ts[0] = threading.Thread(target=len, args=("x",))
for t in ts: t.start()
for t in ts: t.join()
print("the hook is told of", *sorted(said))`),
			python(`
e = ThreadPoolExecutor()
print("each result for itself:", ", ".join(said(e.submit(f).result) for f in [lambda: 42, fails, fails]))`),
		}},
		{Case: "its name, in a list of all", Cells: []behaviour.Cell{
			func() string {
				release := make(chan struct{})
				t := thread.Go(ctx, "reader", func(context.Context) (int, error) { <-release; return 1, nil })
				return named(func() { close(release); t.Join(ctx) })
			},
			func() string {
				release := make(chan struct{})
				var wg sync.WaitGroup
				wg.Go(func() { <-release })
				return named(func() { close(release); wg.Wait() })
			},
			func() string {
				release := make(chan struct{})
				var wg conc.WaitGroup
				wg.Go(func() { <-release })
				return named(func() { close(release); wg.Wait() })
			},
			func() string {
				release := make(chan struct{})
				var g errgroup.Group
				g.Go(func() error { <-release; return nil })
				return named(func() { close(release); g.Wait() })
			},
			python(`
go = threading.Event()
t = threading.Thread(target=go.wait, name="reader"); t.start()
print(*[t.name for t in threading.enumerate() if "reader" in t.name])
go.set()`),
			python(`
go = threading.Event()
ThreadPoolExecutor(thread_name_prefix="reader").submit(go.wait)
print(*[t.name for t in threading.enumerate() if "reader" in t.name])
go.set()`),
		}},
		{Case: "main ends while it runs", Cells: []behaviour.Cell{
			func() string {
				thread.Go(ctx, "x", func(context.Context) (int, error) {
					time.Sleep(100 * time.Millisecond)
					return fmt.Print(", and after it ", waits)
				})
				return "main ends the program"
			},
			func() string {
				go func() {
					time.Sleep(100 * time.Millisecond)
					fmt.Print(", and after it ", waits)
				}()
				return "main ends the program"
			},
			func() string {
				new(conc.WaitGroup).Go(func() {
					time.Sleep(100 * time.Millisecond)
					fmt.Print(", and after it ", waits)
				})
				return "main ends the program"
			},
			func() string {
				new(errgroup.Group).Go(func() error {
					time.Sleep(100 * time.Millisecond)
					_, err := fmt.Print(", and after it ", waits)
					return err
				})
				return "main ends the program"
			},
			python("threading.Thread(target=lambda: (time.sleep(0.1), print('" + waits + "'))).start()"),
			python("ThreadPoolExecutor().submit(lambda: (time.sleep(0.1), print('" + waits + "')))"),
		}},
	},
}

const waits = "the program waits for it"
