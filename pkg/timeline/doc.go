// Package timeline records who did what when, for a chart or a trace viewer.
//
//	tl := timeline.New()
//	ctx = thread.WithObserver(ctx, tl.Thread)
//	p := pool.New(4, pool.WithObserver(tl.Workers("download")))
//	… the work …
//	events := tl.Events()
//
// Threads of package thread and workers of the packages pool and parallel,
// processes included, record themselves once they are told to. Whatever else is of
// interest is recorded by a call:
//
//	tl.Mark("main", "hello")                    // an instant
//	defer tl.Begin("reader", "waits")()         // from here to the end of the function
//
// Events are data for a chart with a row for each Who and a colour for each What.
// [WriteTrace] writes them to a file for Perfetto. What has not ended when they are
// asked for is among them, as Open: a thread that never wakes is seen too.
//
// # Costs
//
// To begin and end an event costs about 100 ns, half of which are two readings of
// the clock, and an allocation of 24 bytes; a span of a pool, which brings its
// times, costs 30 ns and allocates nothing. Many goroutines record at once, and wait
// for each other only while memory is made for the next 256 events. An event takes
// 96 bytes until the timeline is dropped: there is no limit. A timeline has no
// goroutine and no timer.
//
// Times are of the monotonic clock, in virtual time that of the bubble (see
// testing/synctest): there a timeline is the same in every run.
//
// # From Python, and beside Go's own
//
//	Python                                 here
//	log.append((name, perf_counter()))     tl.Mark(name, "…")
//	the same before and after some work    tl.Begin(name, "…"), and the function it returns
//	logging: threadName, relativeCreated   Event.Who, Event.Begin
//	threading.setprofile, settrace         thread.WithObserver(ctx, tl.Thread)
//	future.add_done_callback               the observer of the pool, tl.Workers
//	joblib: verbose=10                     the same, or a pool's progress
//	viztracer, trace files for Perfetto    WriteTrace
//	matplotlib: broken_barh, by hand       tl.Events, for a chart
//
// Go's runtime/trace and `go tool trace` record what the scheduler does with every
// goroutine: which ran on which processor, and why it waited. That tells why a
// program is slow, in the runtime's terms. A timeline tells what it did, in yours.
package timeline
