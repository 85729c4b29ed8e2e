package thread_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"runtime/pprof"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
	"weak"

	"go.uber.org/goleak"

	"github.com/threads2go/course/pkg/thread"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var (
	ctx     = context.Background()
	errTask = errors.New("no luck")
)

// quiet is a context whose threads' failures nobody hears of.
func quiet(ctx context.Context) context.Context {
	return thread.WithHook(ctx, func(context.Context, string, error) {})
}

// endedWith returns a context that has ended with the given cause.
func endedWith(cause error) context.Context {
	c, cancel := context.WithCancelCause(ctx)
	cancel(cause)
	return c
}

func one(context.Context) (int, error) { return 1, nil }

func wantError(t *testing.T, err error, parts ...string) {
	t.Helper()
	for _, p := range parts {
		if err == nil || !strings.Contains(err.Error(), p) {
			t.Errorf("error %v, want one that says %q", err, p)
		}
	}
}

func panicOf(f func()) (value any) {
	defer func() { value = recover() }()
	f()
	return nil
}

func TestEveryJoinReturnsTheSame(t *testing.T) {
	var outside []int
	for _, c := range []struct {
		name  string
		f     func(context.Context) (int, error)
		value int
		check func(error) bool
	}{
		{"result", func(context.Context) (int, error) { return 42, nil }, 42, func(err error) bool { return err == nil }},
		{"error", func(context.Context) (int, error) { return 0, errTask }, 0, func(err error) bool { return err == errTask }},
		{"both", func(context.Context) (int, error) { return 7, errTask }, 7, func(err error) bool { return err == errTask }},
		{"panic", func(context.Context) (int, error) { panic("boom") }, 0, func(err error) bool {
			p, ok := err.(*thread.PanicError)
			return ok && p.Value == "boom" && err.Error() == "panic: boom" && errors.Unwrap(err) == nil
		}},
		{"panic with an error", func(context.Context) (int, error) { panic(fs.ErrExist) }, 0, func(err error) bool {
			_, ok := err.(*thread.PanicError)
			return ok && errors.Is(err, fs.ErrExist)
		}},
		{"panic of the runtime", func(context.Context) (int, error) { return outside[5], nil }, 0, func(err error) bool {
			_, ok := errors.AsType[runtime.Error](err)
			return ok && strings.Contains(err.Error(), "index out of range [5]")
		}},
		{"panic with nil", func(context.Context) (int, error) { panic(nil) }, 0, func(err error) bool {
			_, ok := errors.AsType[*runtime.PanicNilError](err)
			return ok
		}},
		{"exit", func(context.Context) (int, error) { runtime.Goexit(); return 1, nil }, 0, func(err error) bool { return err == thread.ErrGoexit }},
		{"exit of a panic", func(context.Context) (int, error) { defer runtime.Goexit(); panic(1) }, 0, func(err error) bool { return err == thread.ErrGoexit }},
	} {
		t.Run(c.name, func(t *testing.T) {
			th := thread.Go(quiet(ctx), c.name, c.f)
			var wg sync.WaitGroup
			for range 8 {
				wg.Go(func() {
					for range 2 {
						if v, err := th.Join(ctx); v != c.value || !c.check(err) {
							t.Errorf("got %v, %#v", v, err)
						}
					}
				})
			}
			wg.Wait()
		})
	}
}

//go:noinline
func deeper(depth int) int {
	if depth == 0 {
		panic("at the bottom")
	}
	return deeper(depth-1) + 1
}

func TestPanicErrorHasTheTasksCallsAlone(t *testing.T) {
	for name, f := range map[string]func(){
		"direct":  func() { deeper(2) },
		"runtime": func() { var m map[string]int; defer func() { m["x"] = 1 }(); deeper(0) },
		"again":   func() { defer func() { panic(recover()) }(); deeper(2) },
	} {
		_, err := thread.Go(quiet(ctx), name, thread.NoResult(func(context.Context) error { f(); return nil })).Join(ctx)
		p, ok := err.(*thread.PanicError)
		if !ok {
			t.Fatalf("error %v", err)
		}
		stack := string(p.Stack)
		calls := regexp.MustCompile(`(?m)^\S+\(.*\)$`).FindAllString(stack, -1)
		if !strings.HasPrefix(stack, "goroutine ") || len(calls) == 0 {
			t.Errorf("%s: stack is\n%s", name, stack)
		}
		if !strings.Contains(stack, ".deeper(") || !strings.Contains(stack, "thread_test.go:") {
			t.Errorf("%s: the function that panicked is not in the stack\n%s", name, stack)
		}
		for _, own := range []string{"debug.Stack", ").run", "created by", "thread.stack"} {
			if strings.Contains(stack, own) {
				t.Errorf("%s: %s is in the stack\n%s", name, own, stack)
			}
		}
	}
}

func TestJoinThatExpires(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		th := thread.Go(ctx, "sleeper", func(context.Context) (int, error) {
			time.Sleep(5 * time.Second)
			return 5, nil
		})
		begin := time.Now()
		soon, cancel := context.WithTimeoutCause(ctx, 2*time.Second, errTask)
		defer cancel()
		v, err := th.Join(soon)
		if d := time.Since(begin); d != 2*time.Second {
			t.Errorf("Join took %v, want 2 s", d)
		}
		if v != 0 || !errors.Is(err, thread.ErrAlive) || !errors.Is(err, errTask) || !th.Alive() {
			t.Errorf("got %v, %v, alive %v", v, err, th.Alive())
		}
		wantError(t, err, `"sleeper"`)
		if _, err := th.Join(soon); !errors.Is(err, thread.ErrAlive) || time.Since(begin) != 2*time.Second {
			t.Errorf("with a context that has ended: %v after %v", err, time.Since(begin))
		}
		if v, err := th.Join(ctx); v != 5 || err != nil || time.Since(begin) != 5*time.Second {
			t.Errorf("got %v, %v after %v; want 5 after 5 s", v, err, time.Since(begin))
		}
		for range 100 { // a select would choose the context half the time
			if v, err := th.Join(soon); v != 5 || err != nil {
				t.Fatalf("a thread that has ended, a context that has ended: %v, %v", v, err)
			}
		}
	})
}

func TestExpiryIsToldFromTheTasksError(t *testing.T) {
	release := make(chan struct{})
	slow := thread.Go(ctx, "slow", func(context.Context) (int, error) { <-release; return 1, nil })
	for name, f := range map[string]func(error) error{
		"as it is": func(err error) error { return err },
		"wrapped":  func(err error) error { return fmt.Errorf("outer: %w", err) },
		"joined":   func(err error) error { return errors.Join(&fs.PathError{Err: errTask}, err) },
		"panic":    func(err error) error { panic(err) },
	} {
		impatient := thread.Go(quiet(ctx), "impatient", func(context.Context) (int, error) {
			_, err := slow.Join(endedWith(errTask))
			return 0, f(err)
		})
		_, err := impatient.Join(ctx)
		if errors.Is(err, thread.ErrAlive) {
			t.Errorf("%s: the task's error %v passes for that of the Join", name, err)
		}
		if !errors.Is(err, errTask) {
			t.Errorf("%s: the cause is lost in %v", name, err)
		}
		wantError(t, err, "still alive")
		_, panicked := errors.AsType[*thread.PanicError](err)
		_, path := errors.AsType[*fs.PathError](err)
		if panicked != (name == "panic") || path != (name == "joined") {
			t.Errorf("%s: types are lost in %v", name, err)
		}
	}
	close(release)
	slow.Join(ctx)
}

func TestBadCalls(t *testing.T) {
	th := thread.New("counter", one)
	_, err := th.Join(ctx)
	if !errors.Is(err, thread.ErrNotStarted) {
		t.Errorf("Join before Start: %v", err)
	}
	wantError(t, err, `"counter"`, "call Start before Join")
	wantError(t, th.Start(nil), `"counter"`, "nil context", "context.Background()")
	if err := th.Start(ctx); err != nil {
		t.Fatalf("the thread is spoilt by bad calls: %v", err)
	}
	for range 2 {
		err := th.Start(ctx)
		if !errors.Is(err, thread.ErrStarted) {
			t.Errorf("second Start: %v", err)
		}
		wantError(t, err, `"counter"`, "make another with thread.New")
		if v, err := th.Join(ctx); v != 1 || err != nil {
			t.Errorf("got %v, %v", v, err)
		}
	}
	_, err = th.Join(nil)
	wantError(t, err, "nil context", "context.Background()")

	none := thread.New[int]("none", nil)
	wantError(t, none.Start(ctx), `"none"`, "nil function")
	wantError(t, none.Start(ctx), "nil function")
	if none.Alive() {
		t.Error("a thread without function is alive")
	}
	if _, err := none.Join(ctx); !errors.Is(err, thread.ErrNotStarted) {
		t.Errorf("Join of what could not start: %v", err)
	}
	wantError(t, new(thread.Thread[int]).Start(ctx), "nil function", "thread.New")
	wantError(t, thread.New("run", thread.NoResult(nil)).Start(ctx), `"run"`, "nil function")

	var g thread.Group[int]
	for _, f := range []func(){
		func() { thread.Go[int](ctx, "none", nil) },
		func() { thread.Go(nil, "none", one) },
		func() { g.Go(ctx, "none", nil) },
		func() { g.Go(nil, "none", one) },
	} {
		err, _ := panicOf(f).(error)
		wantError(t, err, `"none"`, "nil")
	}
	if values, err := g.Join(ctx); len(values) != 0 || err != nil {
		t.Errorf("a group in which nothing was started: %v, %v", values, err)
	}
	_, err = g.Join(nil)
	wantError(t, err, "nil context")
}

func TestOneOfManyStartsCounts(t *testing.T) {
	var runs atomic.Int32
	th := thread.New("once", func(context.Context) (int32, error) { return runs.Add(1), nil })
	var started atomic.Int32
	var wg sync.WaitGroup
	for range 16 {
		wg.Go(func() {
			if err := th.Start(ctx); err == nil {
				started.Add(1)
			} else if !errors.Is(err, thread.ErrStarted) {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	th.Join(ctx)
	if started.Load() != 1 || runs.Load() != 1 {
		t.Errorf("%d starts, %d runs", started.Load(), runs.Load())
	}
}

func TestStartWithAnEndedContextRuns(t *testing.T) {
	_, err := thread.Go(endedWith(errTask), "late", func(ctx context.Context) (int, error) {
		return 0, context.Cause(ctx)
	}).Join(ctx)
	if err != errTask {
		t.Errorf("error %v, want the context's cause as the function found it", err)
	}
}

func TestJoiningItselfIsAnError(t *testing.T) {
	var th *thread.Thread[int]
	th = thread.New("snake", func(ctx context.Context) (int, error) {
		ctx, cancel := context.WithCancel(ctx)
		defer cancel()
		return th.Join(ctx)
	})
	th.Start(quiet(ctx))
	_, err := th.Join(ctx)
	wantError(t, err, `"snake" joins itself`)

	var g thread.Group[int]
	var member *thread.Thread[int]
	ready := make(chan struct{})
	member = g.Go(quiet(ctx), "member", func(ctx context.Context) (int, error) {
		<-ready
		_, err := g.Join(ctx)
		return 0, err
	})
	close(ready)
	_, err = g.Join(ctx)
	wantError(t, err, `"member" joins its own group`)
	if _, err := member.Join(ctx); err == nil {
		t.Error("no error")
	}
}

// Only what a thread is started with can find that it is joined by itself: one
// thread may join another with its own context.
func TestThreadsJoinThreads(t *testing.T) {
	inner := thread.New("inner", one)
	outer := thread.Go(ctx, "outer", func(ctx context.Context) (int, error) {
		if err := inner.Start(ctx); err != nil {
			return 0, err
		}
		v, err := inner.Join(ctx)
		return v + 1, err
	})
	if v, err := outer.Join(ctx); v != 2 || err != nil {
		t.Errorf("got %v, %v", v, err)
	}
}

func TestStates(t *testing.T) {
	release := make(chan struct{})
	th := thread.New("x", func(context.Context) (int, error) { <-release; return 1, nil })
	check := func(alive, done bool, text string) {
		t.Helper()
		select {
		case <-th.Done():
			if !done {
				t.Error("Done is closed")
			}
		default:
			if done {
				t.Error("Done is open")
			}
		}
		if th.Alive() != alive || fmt.Sprint(th) != text || th.Name() != "x" {
			t.Errorf("alive %v, %v, want %v, %s", th.Alive(), th, alive, text)
		}
	}
	check(false, false, `thread "x" (not started)`)
	th.Start(ctx)
	check(true, false, `thread "x" (alive)`)
	close(release)
	<-th.Done()
	check(false, true, `thread "x" (ended)`)
}

func TestNames(t *testing.T) {
	if n := thread.New("", one).Name(); n != "github.com/threads2go/course/pkg/thread_test.one" {
		t.Errorf("an empty name becomes %q", n)
	}
	if n := thread.Name(ctx); n != "" {
		t.Errorf("a context of no thread has the name %q", n)
	}
	type key struct{}
	th := thread.Go(context.WithValue(ctx, key{}, "mine"), "outer", func(ctx context.Context) ([]string, error) {
		label, _ := pprof.Label(ctx, "thread")
		inner := thread.Go(ctx, "inner", func(ctx context.Context) (string, error) { return thread.Name(ctx), nil })
		name, err := inner.Join(ctx)
		derived, cancel := context.WithCancel(ctx)
		defer cancel()
		return []string{thread.Name(derived), label, ctx.Value(key{}).(string), name}, err
	})
	if got, err := th.Join(ctx); err != nil || !slices.Equal(got, []string{"outer", "outer", "mine", "inner"}) {
		t.Errorf("got %q, %v", got, err)
	}
}

func TestProfilesHaveTheName(t *testing.T) {
	release := make(chan struct{})
	ready := make(chan struct{})
	th := thread.Go(ctx, "reader of profiles", func(context.Context) (int, error) {
		go func() { close(ready); <-release }() // has the label too
		<-release
		return 1, nil
	})
	<-ready
	var profile bytes.Buffer
	if err := pprof.Lookup("goroutine").WriteTo(&profile, 1); err != nil {
		t.Fatal(err)
	}
	close(release)
	th.Join(ctx)
	if n := strings.Count(profile.String(), `"thread":"reader of profiles"`); n != 2 {
		t.Errorf("%d goroutines have the label, want 2, in\n%s", n, &profile)
	}
}

// heard collects what a hook is told, in any order.
type heard struct {
	mu   sync.Mutex
	list []string
}

func (h *heard) hook(ctx context.Context, name string, err error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.list = append(h.list, fmt.Sprintf("%s/%s: %v", name, thread.Name(ctx), err))
}

func (h *heard) wants(t *testing.T, want ...string) {
	t.Helper()
	h.mu.Lock()
	defer h.mu.Unlock()
	slices.Sort(h.list)
	if !slices.Equal(h.list, want) {
		t.Errorf("the hook was told %q, want %q", h.list, want)
	}
}

func TestHookIsToldOnceWhenNoJoinWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var h heard
		hooked := thread.WithHook(ctx, h.hook)
		lonely := thread.Go(hooked, "lonely", func(context.Context) (int, error) { return 0, errTask })
		synctest.Wait()
		h.wants(t, "lonely/lonely: no luck")
		for range 2 {
			if _, err := lonely.Join(ctx); err != errTask {
				t.Errorf("a later Join returns %v", err)
			}
		}
		h.wants(t, "lonely/lonely: no luck")

		h.list = nil
		watched := thread.Go(hooked, "watched", func(context.Context) (int, error) {
			time.Sleep(time.Second)
			return 0, errTask
		})
		if _, err := watched.Join(ctx); err != errTask {
			t.Errorf("Join returns %v", err)
		}
		h.wants(t)

		// The Join has left before the failure.
		left := thread.Go(hooked, "left", func(context.Context) (int, error) {
			time.Sleep(time.Second)
			panic("boom")
		})
		soon, cancel := context.WithTimeout(ctx, time.Second/2)
		defer cancel()
		left.Join(soon)
		<-left.Done()
		h.wants(t, "left/left: panic: boom")
	})
}

func TestWhatIsAFailure(t *testing.T) {
	cause := errors.New("enough")
	task := func(f func(ctx context.Context) error) func(context.Context) error { return f }
	for _, c := range []struct {
		name  string
		ctx   context.Context
		f     func(context.Context) error
		fails bool
	}{
		{"success", ctx, task(func(context.Context) error { return nil }), false},
		{"error", ctx, task(func(context.Context) error { return errTask }), true},
		{"exit", ctx, task(func(context.Context) error { runtime.Goexit(); return nil }), true},
		{"panic", ctx, task(func(context.Context) error { panic("boom") }), true},
		{"the context's error", endedWith(cause), task(func(ctx context.Context) error { return ctx.Err() }), false},
		{"the context's cause", endedWith(cause), task(context.Cause), false},
		{"wrapped cause", endedWith(cause), task(func(ctx context.Context) error { return fmt.Errorf("reading: %w", context.Cause(ctx)) }), false},
		{"another error", endedWith(cause), task(func(context.Context) error { return errTask }), true},
		{"another besides", endedWith(cause), task(func(ctx context.Context) error { return errors.Join(ctx.Err(), errTask) }), true},
		{"panic with it", endedWith(cause), task(func(ctx context.Context) error { panic(ctx.Err()) }), true},
		{"the same before the end", ctx, task(func(context.Context) error { return context.Canceled }), true},
	} {
		var h heard
		th := thread.Go(thread.WithHook(c.ctx, h.hook), "x", thread.NoResult(c.f))
		<-th.Done()
		if got := len(h.list) == 1; got != c.fails {
			t.Errorf("%s: the hook was told %q", c.name, h.list)
		}
	}
}

// Under real concurrency: a failure that meets Joins in the moment of their
// expiry is returned by one of them or told to the hook, and never both lost.
func TestFailureIsAlwaysHeardOf(t *testing.T) {
	var byHook, byJoin int
	for i := range 3000 {
		var told, joined atomic.Int32
		hooked := thread.WithHook(ctx, func(context.Context, string, error) { told.Add(1) })
		fail := make(chan struct{})
		th := thread.Go(hooked, "x", func(context.Context) (int, error) { <-fail; return 0, errTask })
		var wg sync.WaitGroup
		short, cancel := context.WithCancel(ctx)
		for range 2 {
			wg.Go(func() {
				if _, err := th.Join(short); err == errTask {
					joined.Add(1)
				} else if !errors.Is(err, thread.ErrAlive) {
					t.Error(err)
				}
			})
		}
		for range i % 50 {
			runtime.Gosched()
		}
		if i%2 == 0 {
			wg.Go(func() { close(fail) })
			wg.Go(cancel)
		} else {
			cancel()
			close(fail)
		}
		wg.Wait()
		<-th.Done()
		if told.Load() > 1 || told.Load() == 0 && joined.Load() == 0 {
			t.Fatalf("the hook was told %d times, %d Joins returned the failure", told.Load(), joined.Load())
		}
		byHook += int(told.Load())
		byJoin += int(joined.Load())
	}
	t.Logf("heard by the hook %d times, by a Join %d times", byHook, byJoin)
}

func TestJoinReturnsAfterTheHook(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		slow := thread.WithHook(ctx, func(context.Context, string, error) { time.Sleep(time.Minute) })
		begin := time.Now()
		th := thread.Go(slow, "x", func(context.Context) (int, error) { return 0, errTask })
		synctest.Wait()
		if !th.Alive() {
			t.Error("ended while its hook runs")
		}
		soon, cancel := context.WithTimeout(ctx, time.Second)
		defer cancel()
		if _, err := th.Join(soon); !errors.Is(err, thread.ErrAlive) {
			t.Errorf("Join during the hook: %v", err)
		}
		if _, err := th.Join(ctx); err != errTask || time.Since(begin) != time.Minute {
			t.Errorf("%v after %v, want the task's after a minute", err, time.Since(begin))
		}
	})
}

// logs has slog write into the buffer that it returns.
func logs(t *testing.T) *bytes.Buffer {
	var out bytes.Buffer
	old := slog.Default()
	slog.SetDefault(slog.New(slog.NewTextHandler(&out, nil)))
	t.Cleanup(func() { slog.SetDefault(old) })
	return &out
}

func TestHooksOfInnerContextsCount(t *testing.T) {
	out := logs(t)
	var outer, inner heard
	fails := func(context.Context) (int, error) { return 0, errTask }
	outerCtx := thread.WithHook(ctx, outer.hook)
	derived, cancel := context.WithCancel(outerCtx)
	defer cancel()
	<-thread.Go(derived, "a", fails).Done()
	<-thread.Go(thread.WithHook(derived, inner.hook), "b", fails).Done()
	<-thread.Go(outerCtx, "parent", func(ctx context.Context) (int, error) {
		<-thread.Go(ctx, "child", fails).Done()
		return 0, nil
	}).Done()
	outer.wants(t, "a/a: no luck", "child/child: no luck")
	inner.wants(t, "b/b: no luck")
	if out.Len() > 0 {
		t.Errorf("the default hook was called: %s", out)
	}
	<-thread.Go(thread.WithHook(outerCtx, nil), "c", fails).Done()
	if s := out.String(); !strings.Contains(s, `level=ERROR msg="thread failed" thread=c err="no luck"`) {
		t.Errorf("a nil hook is not the default: %q", s)
	}
}

func TestHookMayDoAnything(t *testing.T) {
	out := logs(t)
	for name, hook := range map[string]func(context.Context, string, error){
		"panics": func(context.Context, string, error) { panic("hook broke") },
		"exits":  func(context.Context, string, error) { runtime.Goexit() },
	} {
		th := thread.Go(thread.WithHook(ctx, hook), name, func(context.Context) (int, error) { return 0, errTask })
		<-th.Done()
		if _, err := th.Join(ctx); err != errTask {
			t.Errorf("hook %s: Join returns %v", name, err)
		}
	}
	for _, want := range []string{"thread=panics", "no luck", "hook broke", "TestHookMayDoAnything"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("no %q in the log %q", want, out)
		}
	}
}

func TestObserverSeesBeginAndEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var mu sync.Mutex
		var seen []string
		say := func(format string, args ...any) {
			mu.Lock()
			defer mu.Unlock()
			seen = append(seen, fmt.Sprintf(format, args...))
		}
		begin := time.Now()
		observed := thread.WithObserver(quiet(ctx), func(name string) func(error) {
			say("%s begins at %v", name, time.Since(begin))
			return func(err error) { say("%s ends at %v: %v", name, time.Since(begin), err) }
		})
		idle := thread.New("idle", one)
		for i, f := range []func(context.Context) (int, error){
			one,
			func(context.Context) (int, error) { return 0, errTask },
			func(context.Context) (int, error) { panic("boom") },
			func(context.Context) (int, error) { runtime.Goexit(); return 0, nil },
		} {
			th := thread.Go(observed, fmt.Sprint(i), func(ctx context.Context) (int, error) {
				time.Sleep(time.Second)
				return f(ctx)
			})
			th.Join(ctx)
		}
		if idle.Alive() {
			t.Error("it was not started")
		}
		want := []string{
			"0 begins at 0s", "0 ends at 1s: <nil>",
			"1 begins at 1s", "1 ends at 2s: no luck",
			"2 begins at 2s", "2 ends at 3s: panic: boom",
			"3 begins at 3s", "3 ends at 4s: thread: runtime.Goexit called",
		}
		if !slices.Equal(seen, want) {
			t.Errorf("seen\n%q, want\n%q", seen, want)
		}
	})
}

func TestFunctionIsNotKeptAlive(t *testing.T) {
	th, captured := func() (*thread.Thread[int], weak.Pointer[[1 << 16]byte]) {
		big := new([1 << 16]byte)
		return thread.Go(ctx, "x", func(context.Context) (int, error) { return int(big[0]), nil }), weak.Make(big)
	}()
	th.Join(ctx)
	for range 100 { // the goroutine may need a moment to go
		if runtime.GC(); captured.Value() == nil {
			return
		}
		runtime.Gosched()
	}
	t.Errorf("%v keeps what its function refers to", th)
}

func TestAllocations(t *testing.T) {
	n := testing.AllocsPerRun(1000, func() {
		if v, err := thread.Go(ctx, "x", one).Join(ctx); v != 1 || err != nil {
			t.Error(v, err)
		}
	})
	if n > 8 {
		t.Errorf("%v allocations, want at most 8", n)
	}
}

// build makes a program of testdata, without -race, under which Go reports no
// deadlocks.
func build(t *testing.T, name string) string {
	t.Helper()
	bin := filepath.Join(t.TempDir(), name)
	if out, err := exec.Command("go", "build", "-o", bin, "./testdata/"+name).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return bin
}

// start runs a program to its end, which must come soon.
func start(t *testing.T, bin string, env ...string) (stdout, stderr string) {
	t.Helper()
	limit, cancel := context.WithTimeout(ctx, 20*time.Second)
	defer cancel()
	cmd := exec.CommandContext(limit, bin)
	cmd.Env = append(os.Environ(), env...)
	var out, errs strings.Builder
	cmd.Stdout, cmd.Stderr = &out, &errs
	cmd.Run()
	if limit.Err() != nil {
		t.Fatalf("%s hangs", filepath.Base(bin))
	}
	return out.String(), errs.String()
}

func TestDeadlockIsReportedWithNames(t *testing.T) {
	_, stderr := start(t, build(t, "deadlock"), "GODEBUG=tracebacklabels=1")
	for _, want := range []string{"all goroutines are asleep - deadlock!", `labels:{"thread": "reader"}`} {
		if !strings.Contains(stderr, want) {
			t.Errorf("no %q in\n%s", want, stderr)
		}
	}
	if n := strings.Count(stderr, "\ngoroutine "); n != 2 {
		t.Errorf("%d goroutines are left, want main and the reader, in\n%s", n, stderr)
	}
}

// What a program prints that lets threads fail and does not look.
func TestDefaultHookOnStandardError(t *testing.T) {
	stdout, stderr := start(t, build(t, "failure"))
	if stdout != "main goes on\n" {
		t.Errorf("stdout %q", stdout)
	}
	for _, want := range []string{
		"ERROR thread failed thread=reader err=\"no such shelf\"\n",
		"ERROR thread failed\ngoroutine ", // the stack, its lines as lines
		"main.divide(",
		"\n thread=divider err=\"panic: runtime error: integer divide by zero\"\n",
	} {
		if !strings.Contains(stderr, want) {
			t.Errorf("no %q in\n%s", want, stderr)
		}
	}
}

func TestCopiesAreCaughtByVet(t *testing.T) {
	out, err := exec.Command("go", "vet", "./testdata/copy").CombinedOutput()
	for _, name := range []string{"Thread", "Group"} {
		if !regexp.MustCompile("copies lock value.*/pkg/thread." + name).Match(out) {
			t.Errorf("%s: %v, vet says\n%s", name, err, out)
		}
	}
}

// What a deadlock lesson imports must not link what keeps the runtime awake, and
// users get nothing but the standard library.
func TestImports(t *testing.T) {
	out, err := exec.Command("go", "list", "-deps", ".").CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	deps := strings.Fields(string(out))
	for _, d := range deps {
		switch {
		case slices.Contains([]string{"net", "runtime/cgo", "os/user", "os/signal"}, d):
			t.Errorf("thread links %s", d)
		case strings.Contains(d, ".") && d != "github.com/threads2go/course/pkg/thread":
			t.Errorf("thread imports %s", d)
		}
	}
	if !slices.Contains(deps, "runtime/pprof") {
		t.Error("the list of packages is not thread's")
	}
}

// A reader who knows Python's threading finds each of its names in the docs.
func TestDocsAnswerEveryNameOfPython(t *testing.T) {
	out, err := exec.Command("python3", "-c", `import threading, asyncio
names = set(threading.__all__) | {n for n in dir(threading) if not n.startswith('_')
    and getattr(getattr(threading, n), '__module__', '') == 'threading'}
names |= {n for n in dir(threading.Thread) if not n.startswith('_')} | {'cancel'}
print(*names)`).Output()
	if err != nil {
		t.Fatalf("python3: %v", err)
	}
	names := strings.Fields(string(out))
	if len(names) < 38 {
		t.Fatalf("Python says that its names are only %q", names)
	}
	// Names of later versions than the one that was asked.
	names = append(names, "settrace_all_threads", "setprofile_all_threads")
	doc, err := os.ReadFile("doc.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range names {
		if !regexp.MustCompile(`\b` + n + `\b`).Match(doc) {
			t.Errorf("the package's documentation does not say what %s is here", n)
		}
	}
}
