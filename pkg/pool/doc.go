// Package pool runs functions over many items, on a bounded number of workers:
// Python's multiprocessing.Pool and ThreadPool, for goroutines.
//
//	p := pool.New(4)
//	prices, err := pool.Map(ctx, p, orders, price)      // all of them, in order
//	price, err := pool.Apply(ctx, p, order, price)      // one
//	later := pool.ApplyAsync(ctx, p, order, price)      // one, later: later.Get(ctx)
//	for page, err := range pool.Stream(ctx, p, urls, fetch) { … } // as they come
//
// All have one form: a context, the pool, what to work on, and the function, which
// is given a context and one item and returns a result and an error.
//
// # When to use something else
//
// Two or three goroutines that each do a thing of their own need a
// sync.WaitGroup, and golang.org/x/sync/errgroup if they can fail. Stages that
// hand items on need channels. One thing that goes on beside the program is a
// thread of package thread. A pool is for many items of one kind: when they are
// more than should run at once, when they are too small or too uneven for a
// goroutine each, when the results belong in order, or when one bound has to hold
// over several calls. For other processes, or a choice of where to run, see
// package parallel.
//
// # From Python, and from plain Go
//
//	multiprocessing.pool          here                              plain Go, errgroup
//	Pool(4), ThreadPool(4)        pool.New(4)                       g.SetLimit(4)
//	Pool()                        new(pool.Pool)                    g.SetLimit(runtime.GOMAXPROCS(0))
//	p.map(f, items)               Map(ctx, p, items, f)             g.Go for each, results[i] = …
//	p.map(f, items, chunksize)    New(n, WithChunkSize(k))          –
//	p.map_async(f, items)         MapAsync; callback: <-r.Done()    g.Go, then g.Wait
//	p.apply(f, [x])               Apply(ctx, p, x, f)               f(x)
//	p.apply_async(f, [x])         ApplyAsync(ctx, p, x, f)          go, and a channel
//	p.starmap(f, pairs)           Map, with a struct for an item    –
//	p.imap(f, items)              Stream(ctx, p, items, f)          channels
//	p.imap_unordered(f, items)    StreamUnordered(ctx, p, items, f) channels
//	r.get(), r.get(timeout)       r.Get(ctx)                        <-c, select
//	r.wait, r.ready, r.successful r.Done(), then Get                select with default
//	p.close(); p.join()           p.Close(); p.Join(ctx)            g.Wait
//	p.terminate()                 p.Terminate(ctx) (below)          cancel()
//	with Pool() as p:             defer p.Terminate(ctx); or nothing, see Pool
//	initializer, initargs         a value the function refers to    –
//	maxtasksperchild, context     package parallel: processes       –
//	TimeoutError                  ErrAlive                          –
//
//	concurrent.futures, asyncio   here
//	ThreadPoolExecutor(4)         pool.New(4)
//	executor.submit(f, x)         ApplyAsync(ctx, p, x, f)
//	future.result(timeout)        r.Get(ctx)
//	future.cancel()               end the context given to ApplyAsync
//	executor.map(f, items)        Stream; buffersize: WithWindow
//	as_completed(futures)         StreamUnordered
//	wait(futures, FIRST_…)        select on r.Done()
//	executor.shutdown(wait)       p.Close(), p.Join(ctx); cancel_futures: p.Terminate(ctx)
//	asyncio.gather(*coros)        Map; return_exceptions: WithAllErrors
//	asyncio.TaskGroup             Map, or ApplyAsync with one context for all
//	asyncio.Semaphore(4)          pool.New(4)
//	asyncio.timeout for each      WithTimeout
//	tqdm(p.imap(…))               WithProgress
//
// Where something goes wrong they differ more:
//
//	                        Python                    here                     errgroup
//	a task fails            most others still run     no other begins          all others still run
//	all errors are wanted   by hand                   WithAllErrors            the first one only
//	which item was it?      not told                  TaskError.Index          not told
//	a task crashes          map hangs (a process)     PanicError, with stack   the program ends
//	a task ends its thread  map hangs (ThreadPool)    ErrGoexit                Wait returns nil
//	map within a task       hangs (ThreadPool)        lends its place          hangs at the limit
//	a slow reader of imap   all items are taken       a window of them         –
//	no workers: 0           ValueError                an error from each call  Go blocks for ever
//
// Python's tasks of a ThreadPool take turns at the interpreter's lock, and those
// of a Pool run in processes, which copy what they are given. Tasks here run at
// the same time in the same memory: what they share and change needs a lock. More
// of what happens here and elsewhere in the same case is in the table
// pkg/bench/behaviour/pool/pool.md of this module's repository, every cell of it a
// program that is run by a test.
//
// # Blocking
//
// Map, Apply and the range over a stream return only when every task that they
// began has returned, also after a failure or the end of their context. Nothing
// cuts that short, for a goroutine cannot be killed: a task that may take long
// should watch its context. MapAsync and ApplyAsync return at once; Get waits as
// long as its context allows. Join and Terminate wait for all calls.
//
// At most as many tasks run at any time as the pool has workers, over all calls
// on it. A call takes the workers that are free and shares them from then on:
// whenever a worker has done a chunk of its items, it goes over to a call that
// has no worker, or two fewer than its own. What is applied stands in one line and
// counts as one call. So a long call shuts no other out, but no task is
// interrupted.
//
// A call of n items on n free workers runs all of them at once, as do n Applies,
// and they may wait for each other. Nothing else is promised about which tasks run
// together: tasks that wait for each other in other ways can wait for ever.
//
// # Nested calls
//
// A task may call the pool that it runs in. If it does so with the context that
// it was given, or one derived from that, its place in the pool is lent while it
// waits and taken back before the call returns: it never deadlocks, at any depth,
// and the bound holds. While a task waits in any such call, from whichever of its
// goroutines, the task counts as waiting.
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
// Workers take their items in chunks: first one, then as many as fit in 20 µs (of
// a stream, 100 µs), at most 1,024 (256), and fewer as the end draws near. This
// makes tiny tasks cheap and keeps slow ones from lining up behind each other,
// whatever their order. Results of a stream leave with their chunk.
//
// A task of Map costs one or two nanoseconds more than a call of its function in a
// loop, of a stream about 20, and allocates nothing. A Map costs one to three
// microseconds, mostly to start its goroutines, and four allocations; one more if
// its context can end or it reports, three more when a task first asks its context
// for Done or a value. Apply costs about what a goroutine and a channel for its
// result do, and allocates once in 64 calls; ApplyAsync with Get a third of that when
// many are under way, and one allocation of 160 bytes.
//
// Zero goroutines are started at import. A Pool has no goroutine while it is idle
// and, but for WithTimeout, never a timer: a program that waits for ever in one
// gets Go's deadlock report.
package pool
