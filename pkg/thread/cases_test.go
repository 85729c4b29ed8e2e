package thread_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/threads2go/course/pkg/thread"
)

// A pythonCase is what CPython's own tests of threading (Lib/test/test_threading.py,
// 3.13) ask of a thread. Either the same is asked here, by a function or by the
// test of this package that is named, or instead says why it does not apply.
type pythonCase struct {
	name    string // of Python's tests
	holds   func(t *testing.T)
	test    string
	instead string
}

var pythonCases = []pythonCase{
	{name: "test_name", holds: func(t *testing.T) {
		if n := thread.New("myname", one).Name(); n != "myname" {
			t.Errorf("name %q", n)
		}
		if n := thread.New("", one).Name(); !strings.HasSuffix(n, ".one") {
			t.Errorf("the default name %q is not that of the function", n)
		}
	}},
	{name: "test_args_argument", holds: func(t *testing.T) {
		for _, arg := range []any{1, "str", []int{1}} {
			v, err := thread.Go(ctx, "args", func(context.Context) (string, error) { return fmt.Sprint(arg), nil }).Join(ctx)
			if v != fmt.Sprint(arg) || err != nil {
				t.Errorf("got %v, %v", v, err)
			}
		}
	}},
	{name: "test_boolean_target", instead: "a Go function is nil or it is not"},
	{name: "test_various_ops", holds: func(t *testing.T) {
		var running, most atomic.Int32
		slots := make(chan struct{}, 3)
		var threads []*thread.Thread[int]
		for i := range 10 {
			th := thread.New(fmt.Sprintf("<thread %d>", i), func(context.Context) (int, error) {
				slots <- struct{}{}
				defer func() { <-slots }()
				n := running.Add(1)
				defer running.Add(-1)
				if n > most.Load() {
					most.Store(n)
				}
				return i, nil
			})
			if !strings.HasSuffix(th.String(), "(not started)") {
				t.Errorf("%v", th)
			}
			th.Start(ctx)
			threads = append(threads, th)
		}
		for i, th := range threads {
			v, err := th.Join(ctx)
			if v != i || err != nil || th.Alive() || !strings.HasSuffix(th.String(), "(ended)") {
				t.Errorf("%v: %v, %v", th, v, err)
			}
		}
		if running.Load() != 0 || most.Load() > 3 {
			t.Errorf("%d run, at most %d did", running.Load(), most.Load())
		}
	}},
	{name: "test_various_ops_small_stack, test_various_ops_large_stack, test_recursion_limit",
		instead: "stacks grow as needed; beyond debug.SetMaxStack the program ends"},
	{name: "test_ident_of_no_threading_threads, test_foreign_thread, test_main_thread, test_main_thread_during_shutdown",
		holds: func(t *testing.T) { // no identity; but it can be told whether a thread of this package runs
			if n := thread.Name(ctx); n != "" {
				t.Errorf("main has the name %q", n)
			}
			name := make(chan string)
			go func() { name <- thread.Name(ctx) }()
			if n := <-name; n != "" {
				t.Errorf("a plain goroutine has the name %q", n)
			}
		}},
	{name: "test_PyThreadState_SetAsyncExc, InterruptMainTests", holds: func(t *testing.T) { // only by asking
		stoppable, stop := context.WithCancelCause(ctx)
		th := thread.Go(stoppable, "worker", func(ctx context.Context) (int, error) {
			<-ctx.Done()
			return 0, context.Cause(ctx)
		})
		stop(errTask)
		if _, err := th.Join(ctx); err != errTask {
			t.Errorf("got %v", err)
		}
	}},
	{name: "test_limbo_cleanup", test: "TestBadCalls"},
	{name: "test_finalize_running_thread, test_4_daemon_threads, test_start_new_thread_at_finalization, test_locals_at_exit, AtexitTests",
		instead: "when main returns, nothing else runs any more, and nothing is torn down under it"},
	{name: "test_join_nondaemon_on_shutdown, test_1_join_on_shutdown, test_import_from_another_thread",
		instead: "a Go program does not wait for goroutines; Join says so where it should"},
	{name: "test_finalize_with_trace, test_frame_tstate_tracing, test_gettrace, test_gettrace_all_threads, test_getprofile, test_getprofile_all_threads",
		instead: "the runtime traces and profiles all goroutines; TestObserverSeesBeginAndEnd, TestProfilesHaveTheName"},
	{name: "test_enumerate_after_join", holds: func(t *testing.T) {
		var active atomic.Int32
		counted := thread.WithObserver(ctx, func(string) func(error) {
			active.Add(1)
			return func(error) { active.Add(-1) }
		})
		for range 100 {
			thread.Go(counted, "x", one).Join(ctx)
			if n := active.Load(); n != 0 {
				t.Fatalf("%d threads are active after Join", n)
			}
		}
	}},
	{name: "test_join_from_multiple_threads", holds: func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			for n := 2; n < 20; n++ {
				th := thread.Go(ctx, "worker", func(context.Context) (int, error) { time.Sleep(5 * time.Millisecond); return n, nil })
				var wg sync.WaitGroup
				for range n {
					wg.Go(func() {
						if v, err := th.Join(ctx); v != n || err != nil {
							t.Errorf("got %v, %v", v, err)
						}
					})
				}
				wg.Wait()
			}
		})
	}},
	{name: "test_join_with_timeout", test: "TestJoinThatExpires"},
	{name: "test_no_refcycle_through_target", test: "TestFunctionIsNotKeptAlive"},
	{name: "test_leak_without_join", holds: func(t *testing.T) {
		for range 100 { // goleak looks for what they leave
			<-thread.Go(ctx, "x", one).Done()
		}
	}},
	{name: "test_old_threading_api", instead: "there are no old names"},
	{name: "test_repr_stopped", test: "TestStates"},
	{name: "test_repr_daemon, test_daemon_param, test_daemonize_active_thread", instead: "all goroutines are daemons"},
	{name: "test_thread_from_thread", test: "TestThreadsJoinThreads"},
	{name: "test_dummy_thread_after_fork, test_is_alive_after_fork, test_main_thread_after_fork and two more, test_2_join_in_forked_process, test_3_join_in_forked_from_thread, test_reinit_tls_after_fork, test_clear_threads_states_after_fork",
		instead: "a Go program does not fork without exec"},
	{name: "SubinterpThreadingTests", instead: "there is one runtime in a process"},
	{name: "test_start_thread_again", holds: func(t *testing.T) {
		th := thread.Go(ctx, "x", one)
		if err := th.Start(ctx); !errors.Is(err, thread.ErrStarted) {
			t.Errorf("got %v", err)
		}
		th.Join(ctx)
	}},
	{name: "test_joining_current_thread", test: "TestJoiningItselfIsAnError"},
	{name: "test_joining_inactive_thread", holds: func(t *testing.T) {
		if _, err := thread.New("x", one).Join(ctx); !errors.Is(err, thread.ErrNotStarted) {
			t.Errorf("got %v", err)
		}
	}},
	{name: "test_print_exception, test_excepthook, test_original_excepthook", test: "TestDefaultHookOnStandardError"},
	{name: "test_print_exception_stderr_is_none_1, test_print_exception_stderr_is_none_2", instead: "slog keeps its writer"},
	{name: "test_print_exception_gh_102056, test_bare_raise_in_brand_new_thread, test_multithread_modify_file_noerror",
		instead: "bugs of CPython's exceptions and tracebacks"},
	{name: "test_excepthook_thread_None", instead: "only threads call the hook, and each has a name"},
	{name: "test_system_exit", test: "TestWhatIsAFailure"}, // for the end of the context
	{name: "test_custom_excepthook", test: "TestHookIsToldOnceWhenNoJoinWaits"},
	{name: "test_custom_excepthook_fail", test: "TestHookMayDoAnything"},
	{name: "TimerTests", holds: func(t *testing.T) { // time.AfterFunc is the timer; a thread can be its function
		synctest.Test(t, func(t *testing.T) {
			begin := time.Now()
			th := thread.New("late", func(context.Context) (time.Duration, error) { return time.Since(begin), nil })
			time.AfterFunc(time.Second, func() { th.Start(ctx) })
			never := thread.New("never", one)
			if !time.AfterFunc(time.Minute, func() { never.Start(ctx) }).Stop() {
				t.Error("cancel came too late")
			}
			<-th.Done()
			if d, err := th.Join(ctx); d != time.Second || err != nil {
				t.Errorf("ran after %v, %v", d, err)
			}
		})
	}},
	{name: "test_lock_no_args, test_lock_no_subclass, test_lock_or_none, test_releasing_unacquired_lock, test_BoundedSemaphore_limit, LockTests and the like",
		instead: "package lock has its own table"},
	{name: "test__all__", test: "TestDocsAnswerEveryNameOfPython"},
	{name: "test_finalization_shutdown", instead: "the hook of concurrent.futures in the interpreter's shutdown"},
}

func TestPythonsCases(t *testing.T) {
	answers := func(c pythonCase) (n int) {
		for _, given := range []bool{c.holds != nil, c.test != "", c.instead != ""} {
			if given {
				n++
			}
		}
		return n
	}
	var tests strings.Builder
	for _, file := range []string{"thread_test.go", "group_test.go"} {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		tests.Write(text)
	}
	for _, c := range pythonCases {
		if c.test != "" && !strings.Contains(tests.String(), "func "+c.test+"(") {
			t.Errorf("%s: there is no %s", c.name, c.test)
		}
		if n := answers(c); n != 1 {
			t.Errorf("%s has %d answers", c.name, n)
		}
		if c.holds != nil {
			name, _, _ := strings.Cut(c.name, ",")
			t.Run(name, c.holds)
		}
	}
}
