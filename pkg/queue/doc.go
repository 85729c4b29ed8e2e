// Package queue passes items between goroutines as Python's module queue passes
// them between threads: first in first out, last in first out, or by priority;
// with a bound or without; with timeouts, batches, Join and Shutdown.
//
// Every name of Python's module, with q a *Queue[T] and ctx a context:
//
//	Python                              here                                 plain Go
//	Queue(maxsize=n)                    queue.New[T](n)                      make(chan T, n)
//	Queue(), Queue(0), Queue(-1)        queue.New[T](0), or a zero Queue     none: a channel has a bound
//	SimpleQueue()                       queue.New[T](0): needs no TaskDone   none
//	LifoQueue(n)                        queue.NewLIFO[T](n)                  a slice and a sync.Mutex
//	PriorityQueue(n)                    queue.NewPriority(n, compare)        container/heap and a sync.Mutex
//	put(x)                              q.Put(ctx, x)                        c <- x
//	put(x, timeout=s)                   q.Put(ctx, x), ctx with a timeout    select with time.After
//	put_nowait(x), put(x, block=False)  q.TryPut(x)                          select with default
//	get()                               q.Get(ctx)                           x, ok := <-c
//	get(timeout=s)                      q.Get(ctx), ctx with a timeout       select with time.After
//	get_nowait(), get(block=False)      q.TryGet()                           select with default
//	while True: q.get()                 for x, err := range q.All(ctx)       for x := range c
//	qsize()                             q.Len()                              len(c)
//	empty()                             q.Empty()                            len(c) == 0
//	full()                              q.Full()                             len(c) == cap(c)
//	maxsize                             q.Cap()                              cap(c)
//	task_done(), join()                 q.TaskDone(), q.Join(ctx)            sync.WaitGroup
//	shutdown()                          q.Shutdown()                         close(c)
//	shutdown(immediate=True)            q.ShutdownNow(), returns the rest    none
//	is_shutdown                         ErrShutdown: asking first is a race  none
//	queue.Empty, queue.Full             ErrEmpty, ErrFull                    the default case
//	Empty, Full after a timeout         context.DeadlineExceeded             the timeout's case
//	queue.ShutDown                      ErrShutdown                          ok == false; a send panics
//	ValueError: task_done too often     ErrTaskDone                          a panic
//	q.queue[0]                          q.Peek()                             none
//	q.mutex, not_empty, not_full, …     private, so that nothing can break   none
//	none                                q.PutN(ctx, xs), q.GetN(ctx, xs)     none
//
// Four things differ. The compare function of NewPriority takes the place of
// the tuples (priority, number, item) that Python needs so that equal
// priorities neither compare the items nor change places. A timeout is the
// context's, which is the same for every call on the way; its error is the
// context's cause. A bad capacity panics instead of meaning something else:
// 0 alone means no bound. And ShutdownNow returns what Python throws away.
// Subclasses with their own _put and _get have no counterpart: such orders are
// a matter of compare.
//
// # Or a channel
//
// Prefer a channel where one is enough: it is part of the language and can be
// waited for along with others in a select. And where every item is waited for,
// with room for one item or none, a channel hands it over several times faster.
// A Queue is for what channels lack: no bound, another order than FIFO, batches,
// a look at the next item, Join, an end that any side may declare while others
// are putting, and the items left over when work is cut short.
//
// # Costs
//
// Puts and gets allocate nothing. A FIFO or LIFO queue takes a third to a half of
// the time per item that a channel takes with the same capacity, and in batches
// of 64 a tenth of that. A priority queue takes less than container/heap in the
// same role. The benchmarks in pkg/bench measure this, and tell of your machine.
//
// A context costs nothing until the call has to wait. Then goroutines that wait
// allocate a channel each, which the queue uses again. A timeout costs more than
// all this, mostly in context.WithTimeout: share one context among many calls.
//
// Memory grows with the items, by doubling, and taken items are not kept alive.
// A queue without bound gives memory back when three quarters are unused. One
// with a bound keeps what it once needed, so that it soon allocates no more.
//
// What queues, channels and Python do in the same case is in the table
// pkg/bench/behaviour/queue/queue.md, each cell of which is a program that the
// tests run.
package queue
