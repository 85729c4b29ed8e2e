// Package parallel is joblib's idea with Go's types: calls of a named function are
// kept for later, and a backend makes them, as many at once as there are jobs: on
// goroutines, in processes of their own, or wherever the caller wants.
//
//	var root = parallel.Func("root", func(ctx context.Context, x float64) (float64, error) {
//		return math.Sqrt(x), nil
//	})
//
//	roots, err := parallel.Run(ctx, parallel.New(2), root.Delayed(10, 9, 8))
//
// # When to use something else
//
// Goroutines of one process see each other's memory, start in a microsecond and use
// all cores: package pool runs any function on them, also one without a name. This
// package is for functions that may have to run elsewhere: in a process that may
// crash, be killed or have its memory limited, or on another machine; and for
// libraries that leave the choice to who calls them.
//
// # From joblib
//
//	Parallel(n_jobs=2)(delayed(f)(x) for x in xs)   Run(ctx, New(2), f.Delayed(xs...))
//	delayed(f)(x)                                   f.Delayed(x): nothing is called yet
//	f, any function                                 f := Func("f", …), a package-level variable
//	with Parallel(…) as p: p(…); p(…)               p := New(…); defer p.Close()
//	with parallel_config(backend="loky"):           ctx = WithBackend(ctx, Processes)
//	  (parallel_backend is its older name)
//	register_parallel_backend(name, factory)        Register(name, backend)
//	  make_default                                  none: a default is the caller's context
//	ParallelBackendBase                             Backend, Workers
//	cpu_count()                                     runtime.GOMAXPROCS(0)
//	effective_n_jobs(n)                             New(n).Jobs()
//	wrap_non_picklable_objects                      none: a function crosses by its name
//
// The parameters of joblib.Parallel (joblib 1.6.0), and those of parallel_config, which
// has no others than the last two:
//
//	n_jobs                     New(n): negative counts from the cores, 0 is an error.
//	                           None, which is 1 or the context's: say which
//	backend                    WithBackend, by the caller; Lookup for a name
//	  "loky", "multiprocessing"  Processes
//	  "threading"                Goroutines, the default: they share no lock
//	  "sequential"               Serial
//	return_as="list"           Run
//	  "generator"                Stream
//	  "generator_unordered"      StreamUnordered
//	verbose                    WithProgress(bar.Set), with any bar
//	timeout                    WithTimeout, also with one job. joblib's counts while its
//	                           caller waits for a result, this one from the call's beginning
//	pre_dispatch               WithPreDispatch: calls, not batches. "all" is Run: its
//	                           calls are in memory anyway
//	batch_size                 WithBatchSize; without it batches follow the work
//	temp_folder, max_nbytes,   none: they are for arrays that workers map from files.
//	mmap_mode                  Pass the name of a file, or use Goroutines, which share
//	prefer="processes"         WithPrefer(Processes)
//	require="sharedmem"        WithRequire(SharedMemory). Where joblib falls back to
//	                           threads, this is an error: the caller's choice is not
//	                           overruled in silence
//	backend_kwargs,            options of New, which any backend gets: WithRetries,
//	backend_params             WithMemoryLimit, WithCPUs; or fields of your own Backend
//	inner_max_num_threads      a worker has its share of the cores as GOMAXPROCS, unless
//	                           the environment sets that
//
// Memory, dump, load and hash of joblib are about files, not about this.
//
// # From multiprocessing and concurrent.futures
//
//	Pool(4), ProcessPoolExecutor(4)   New(4, WithPrefer(Processes))
//	p.map(f, xs), executor.map        Run
//	p.imap, p.imap_unordered          Stream, StreamUnordered
//	p.starmap                         a struct as the argument
//	p.apply, submit(…).result()       Run of one call
//	map_async, apply_async, submit    Run on a goroutine, or on thread.Go for its result
//	chunksize                         WithBatchSize
//	p.close(), p.join(), shutdown()   p.Close()
//	p.terminate()                     end the context of Run: processes that do not heed
//	                                  it are killed a second later
//	initializer, initargs             package-level variables that the function refers to:
//	                                  each process initialises them before its first call
//	maxtasksperchild,                 none: a process that leaks is better mended, or given
//	max_tasks_per_child               a memory limit and retries
//	mp_context, set_start_method      none: processes start this program anew, as "spawn"
//	                                  does. A Go program cannot fork: its threads would
//	                                  be gone in the child
//	BrokenProcessPool                 ExitError, of the call that it was: the others go on
//	                                  where WithRetries is given
//	if __name__ == "__main__":        nothing: main does not run in a worker
//	Queue, Pipe, Manager, Lock,       none between processes: what they would share,
//	shared_memory                     goroutines do
//	os.cpu_count()                    runtime.NumCPU()
//	current_process().pid             os.Getpid()
//
// # Which backend
//
// The caller of a library chooses, through the context, as joblib advises; the
// library hints, with WithPrefer, and insists, with WithRequire, where it must.
//
//	            features                 a call costs           use
//	Goroutines  SharedMemory             some ns                always, unless …
//	Processes   HardTimeout, Limits      50 ns to 0.1 ms        … it may crash or run wild
//	Serial      SharedMemory             some ns                to compare, to find mistakes
//
// If nobody chooses, calls run on Goroutines, or on Processes if what is required
// needs them. Several Runs on one Parallel share its jobs, also nested ones, whose
// call lends its place: see package pool.
//
// # Processes
//
// A worker is this program, started anew: from /proc/self/exe on Linux, which stays the
// same if the file is replaced, else from os.Executable. The first that the two say to
// each other is which file they are from; if it is not the same, with the same length
// and time, the call fails. A worker runs the initialisation of the program up to the
// declaration of the function that it is for, serves calls from there, and ends when
// its standard input does. So main, or the body of a notebook's cell, never runs
// there, and there is nothing to set up. When a function is called, this has happened:
//
//   - Packages that its package imports are initialised, init functions included.
//   - Variables that it refers to, directly or through functions, are initialised,
//     wherever they are declared: that is Go's order of initialisation.
//
// And this has not:
//
//   - The init functions of its own package, nor those called init_… in a notebook.
//   - Variables of its package that are declared after it, and that it reaches only
//     through a method of an interface, where the compiler sees no reference.
//   - The initialisation of packages that import its package.
//   - main: flags are not parsed, though os.Args is the same.
//
// A program whose functions need these calls [Serve] as the first statement of main.
// Its workers then run the whole initialisation, and main up to there.
//
// Arguments and results cross by encoding/gob, in messages of at most 1 GiB. Functions,
// channels and types with nothing but unexported fields cannot cross: the error says
// which field it is. Unexported fields beside exported ones stay behind, and an empty
// slice or map inside a struct arrives as nil. A nil pointer can be a field, but no
// argument, result or element. An interface's types must be known to gob.Register, in
// the initialisation of a variable that the function refers to. A struct{} costs
// nothing. The context does not cross: in the process it ends as here, but has no
// values, and calls made with it run on goroutines there.
//
// What a worker prints comes out here, in whole lines, before the result of the call
// that printed it. Its standard input is empty. It has the environment of this process,
// without GONB_PIPE and GONB_PIPE_BACK, by which only a notebook's cell itself may
// show things.
//
// A process that ends is an [ExitError] of the call that it was at, with exit status,
// signal, Go's reason and the last 4 KB of its standard error: after a panic on a
// goroutine of the function's own, a fatal error, os.Exit, kill -9, or a call that is
// past its timeout. A panic of the function itself, and an error, is that call's
// failure and no more. With WithRetries the work that was lost is done again by
// another process. Only the call that the process was at loses a try, and from then on
// it goes by itself, so that it takes no others with it. Those before it in its batch
// are made again, too: functions may run more than once, and should not mind. Each
// result counts once.
//
// A cancelled or failed job ends the context of the calls that run. A process that
// has not answered a second later is killed. When this program ends, however it does,
// its workers end, also those that compute.
//
// While nothing runs, workers are asleep in a read, and no goroutine or timer here
// waits for them: a program that waits for ever gets Go's deadlock report. While calls
// run in processes, it does not; a call that waits for ever in its process needs a
// timeout.
//
// Limits of memory and CPUs are for Linux. Without Unix there are no processes.
//
// # Writing a backend
//
// A Backend opens Workers, whose Run ranges over the batches of a [Job] in as many
// goroutines as it likes. It makes the calls of a batch here, with Batch.Run, or sends
// Batch.Request to where the function is known too, has it made there by [Answer], and
// gives what comes back to Batch.Reply. Where workers have not the functions but a copy of
// the program, Batch.Errand says what to start it for, and [StartChild] does. Results,
// their order, windows, progress, errors and cancellation are not its business.
//
//	type loud struct{}
//
//	func (loud) Features() parallel.Features                     { return parallel.SharedMemory }
//	func (loud) Open(parallel.Options) (parallel.Workers, error) { return loud{}, nil }
//	func (loud) Close() error                                    { return nil }
//	func (loud) Run(ctx context.Context, job *parallel.Job) error {
//		for b := range job.Batches(time.Millisecond) {
//			log.Printf("%s, %d calls from %d on", b.Func(), b.Len(), b.First())
//			b.Run(ctx)
//		}
//		return nil
//	}
//
// # Costs
//
// Calls go in batches: first one, then as many as fit in 50 µs on goroutines, 1 ms in
// processes, and fewer near the end. Measured on 2 cores:
//
//	                              goroutines   processes
//	a call that squares an int    6 ns         50 ns, a third of multiprocessing's Pool.map
//	the same in a Stream          0.7 µs       0.4 µs
//	a Run of one call             6 µs         0.1 ms
//	the first Run of one call     8 µs         2 ms and the program's initialisation
//
// A Parallel that is not used holds no goroutine and no timer. A process that waits has 5
// files open here, and some 5 MB of memory, most of it the program's, which all share.
package parallel
