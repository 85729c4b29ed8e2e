// Package pool runs a function over many items, on a bounded number of workers,
// and returns the results in the order of the items: Pool.map of Python's
// multiprocessing, for goroutines.
//
//	p := pool.New(4)
//	prices, err := pool.Map(ctx, p, orders, price)
//
// # When to use something else
//
// Two or three goroutines that each do a thing of their own need a
// sync.WaitGroup, and golang.org/x/sync/errgroup if they can fail. Stages that
// hand items on need channels. A pool is for many items of one kind: when they
// are more than should run at once, when they are too small or too uneven for a
// goroutine each, when the results belong in order, or when one bound has to
// hold over several calls.
//
// # From Python, and from plain Go
//
//	Python                    here                        errgroup
//	Pool(4), ThreadPool(4)    pool.New(4)                 g.SetLimit(4)
//	Pool()                    new(pool.Pool)              g.SetLimit(runtime.GOMAXPROCS(0))
//	p.map(f, items)           pool.Map(ctx, p, items, f)  g.Go for each, results[i] = ...
//	p.close(), p.join()       nothing: no worker is idle  g.Wait
//
// Where something goes wrong they differ more:
//
//	                        Python                    here                     errgroup
//	a task fails            most others still run     no other begins          all others still run
//	which item was it?      not told                  TaskError.Index          not told
//	a task crashes          map hangs (a process)     PanicError, with stack   the program ends
//	a task ends its thread  map hangs (ThreadPool)    ErrGoexit                Wait returns nil
//	map within a task       hangs (ThreadPool)        lends its place          hangs at the limit
//	no workers: 0           ValueError                an error from each call  Go blocks for ever
//
// Python's tasks of a ThreadPool take turns at the interpreter's lock, and those
// of a Pool run in processes, which copy what they are given. Tasks here run at
// the same time in the same memory: what they share and change needs a lock.
//
// # Blocking
//
// A call returns only when every task that it began has returned. Nothing cuts
// that short, for a goroutine cannot be killed: a task that may take long should
// watch its context.
//
// At most as many tasks run at any time as the pool has workers, over all calls
// on it. A call takes the workers that are free and shares them from then on:
// whenever a worker has done a chunk of its items, it goes over to a call that
// has no worker, or two fewer than its own. So a long call shuts no other out,
// but no task is interrupted.
//
// A call of n items on n free workers runs all of them at once, and they may
// wait for each other. Nothing else is promised about which tasks run together:
// tasks that wait for each other in other ways can wait for ever.
//
// # Nested calls
//
// A task may call the pool that it runs in. If it does so with the context that
// it was given, or one derived from that, its place in the pool is lent to the
// nested call and taken back before that returns: it never deadlocks, at any
// depth, and the bound holds. While any nested call of a task is under way, from
// whichever of its goroutines, the task counts as waiting.
//
// With any other context the pool cannot know who calls. The task then keeps its
// place while it waits for another, and if all do so they wait for ever. A task's
// context is its own: a goroutine that it leaves behind must not use it for calls
// on the pool, or one task too many may run meanwhile.
//
// # Contexts
//
// The context of a task is a child of the caller's. It ends when the call does,
// and before that with the first failure of a task, which context.Cause then
// returns. Between two tasks, a worker notices a failure at once, and the end of
// the caller's context within 16 items.
//
// # Costs
//
// Workers take their items in chunks: first one, then as many as fit in 20 µs,
// at most 1,024, and fewer as the end draws near. This makes tiny tasks cheap
// and keeps slow ones from lining up behind each other, whatever their order.
//
// A task costs one or two nanoseconds more than a call of its function in a loop,
// and allocates nothing. A call on the pool costs one to three microseconds,
// mostly to start its goroutines, and four allocations; one more if its context
// can end or it reports, three more when a task first asks its context for Done
// or a value. A Pool has no timer, and no goroutine while it is idle: a program
// that waits for ever in one gets Go's deadlock report.
package pool
