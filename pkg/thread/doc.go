// Package thread gives a goroutine what Python's threading.Thread has: a name, a
// Join with a timeout, a hook for failures; and what that has not: a result and
// an error.
//
//	t := thread.Go(ctx, "counter", func(ctx context.Context) (int, error) {
//		return count(ctx, 10_000_000)
//	})
//	n, err := t.Join(ctx)
//
// A function that fails, panics or calls runtime.Goexit ends its thread with an
// error, which every Join returns. If none waits at that moment, a hook is told,
// by default one that logs to standard error: no failure goes unheard, and none
// takes the program with it. What the runtime ends programs for, nobody can
// recover from: concurrent use of a map, a stack beyond its limit, a deadlock.
//
// # Blocking
//
// Join is the only call that waits. It succeeds if it can at once, even with a
// context that has ended; otherwise it waits until the thread or the context
// ends. Hook and observer run on the thread's goroutine: its Joins return after
// them.
//
// A thread has no goroutine until it is started, one while it runs, and none when
// it has ended; it needs no timer and no closing. A program whose goroutines all
// wait gets Go's deadlock report as usual.
//
// # Names
//
// A thread's goroutine, and those that it starts, carry the label "thread" with
// its name in CPU and goroutine profiles, and in tracebacks if the program runs
// with GODEBUG=tracebacklabels=1:
//
//	goroutine 8 [chan receive labels:{"thread": "reader"}]:
//
// # Costs
//
// Go and Join cost about twice what go and a sync.WaitGroup cost, with 7
// allocations of 392 bytes in all, three of them for the name, besides what the
// function and its result need. While it runs, a thread is a goroutine: its stack
// begins with a few kilobytes and grows as needed.
//
// # From Python's threading
//
//	Python                        here                               plain Go
//	Thread(target=f, args=(x,))   New(name, func(ctx) … { f(x) })    go f(x)
//	class C(Thread): def run      New(name, c.Run), c any type       go c.run()
//	t.start()                     t.Start(ctx); Go does both         go
//	t.run()                       f(ctx): just call it               f()
//	t.join()                      t.Join(ctx)                        WaitGroup.Wait, <-done
//	t.join(timeout)               t.Join with a context that ends    select with time.After
//	t.is_alive()                  t.Alive(), t.Done()                –
//	a result, by a queue          what Join returns                  a channel
//	t.name, getName               t.Name()                           –
//	t.name = …, setName           none (below)                       pprof.Do
//	t.daemon, isDaemon, setDaemon none (below)                       every goroutine is one
//	t.ident, get_ident            none (below)                       –
//	t.native_id, get_native_id    none (below)                       –
//	excepthook, __excepthook__    WithHook; nil is the original      recover, log
//	ExceptHookArgs                the hook's context, name, error    –
//	current_thread, currentThread Name(ctx), the context itself      –
//	main_thread                   none (below)                       –
//	active_count, activeCount     WithObserver, to count             runtime.NumGoroutine
//	enumerate                     a Group, to join them all          pprof.Lookup("goroutine")
//	Timer(s, f).start(), cancel   none (below)                       time.AfterFunc, Stop
//	local                         none (below)                       context.WithValue
//	settrace, gettrace,           none (below)                       runtime/trace
//	settrace_all_threads
//	setprofile, getprofile,       none (below)                       runtime/pprof
//	setprofile_all_threads
//	stack_size                    none (below)                       debug.SetMaxStack
//	TIMEOUT_MAX                   no limit but time.Duration's       292 years
//	RuntimeError, ThreadError     ErrStarted, ErrNotStarted, …       –
//	Lock, RLock, Condition, Event, Semaphore, BoundedSemaphore, Barrier,
//	BrokenBarrierError            package lock
//
// From asyncio and concurrent.futures, what is about one task:
//
//	create_task(f(x))             Go; f is a function like any       go f(x)
//	await task, future.result(s)  t.Join(ctx)                        <-result
//	wait_for(shield(task), s)     t.Join with a context that ends    select with time.After
//	future.exception(s)           the error of t.Join                –
//	task.cancel()                 end the context of t.Start         cancel()
//	task.done, add_done_callback  t.Done()                           <-done
//	gather(…), wait(futures)      a Group                            WaitGroup
//	TaskGroup, executor.submit    package pool                       x/sync/errgroup
//	to_thread(f, x)               f(x): any function may block       f(x)
//
// What has no counterpart, and why:
//
//   - Setting a name. A name that changes names two things in one log. It is
//     given once.
//   - Daemon threads. When main returns, a Go program ends, whatever still runs;
//     no deferred call of another goroutine is made. A Python program waits for
//     its threads unless they are daemons; a Go program that wants to wait says so,
//     with Join. To have threads finish properly, end their context and join them.
//   - Identity. A goroutine has no number to ask for, on purpose: what hangs on it
//     breaks when the work moves to another goroutine. What belongs to a task goes
//     with its context, or into a struct. The operating system's thread may change
//     at any moment, unless runtime.LockOSThread holds it.
//   - The main thread. No goroutine is special, once main runs. Signals come
//     through channels, by os/signal, to whoever reads them.
//   - Timer. time.AfterFunc is that, and needs no goroutine while it waits. For a
//     task with an error, start a thread from it.
//   - local. A value for a task and all that it calls travels by context.WithValue;
//     a worker's own state is a variable of its function, as all else.
//   - Trace and profile functions. The runtime sees all goroutines by itself:
//     runtime/trace records their scheduling, runtime/pprof samples them with the
//     labels above. WithObserver tells of threads that begin and end.
//   - Stack size. Stacks grow and shrink as needed; debug.SetMaxStack has the limit.
//   - Priority. Python has none either. Goroutines run in turn, preempted after 10
//     ms; a queue by priority, in package queue, decides which work is done first.
//   - Killing. Nothing ends a goroutine from outside, as nothing ends a Python
//     thread: it would leave locks held. A context asks it to end.
//
// What this package, its peers in Go, and Python do in the same case is in the
// table pkg/bench/behaviour/thread/thread.md of this module's repository, every
// cell of it a program that is run by a test.
//
// Locks and what they are made of are in package
// [github.com/threads2go/course/pkg/lock]; limits to how many run at a time, and
// policies for errors, in [github.com/threads2go/course/pkg/pool].
package thread
