// Package timing measures how long ways of doing the same thing take, compares
// them, and says how sure the comparison is.
//
//	times, err := timing.Measure(ctx, 20, []timing.Candidate{
//		{Name: "serial", Func: serial},
//		{Name: "2 workers", Func: parallel},
//	})
//	speedup, err := times.Speedup("serial", "2 workers")
//	err = charts.Show(charts.Timings{Runs: times.Series})
//
// # How it measures
//
// All candidates run once to warm up. Then they take turns: each round runs every
// candidate once, in alternating order, so that a machine that grows slower or
// faster treats them alike and nobody always runs behind the same neighbour. The
// garbage of one run is collected before the next begins. Every run is kept.
//
// A time is what the wall clock shows. The middle of the runs is their median,
// the spread their quartiles: one run that the operating system disturbs moves
// neither, while it moves a mean and a standard deviation. The lowest time, which
// Python's timeit recommends, is [Series.Quantile] of 0; it tells how fast code
// can be, not how fast it is.
//
// Two readings of the clock take about 50 ns and belong to a run's time. One that
// is shorter than some microseconds measures the clock: put a loop into the
// candidate. For a function of nanoseconds, package testing's benchmarks are the
// better tool.
//
// # From Python
//
//	Python                           here
//	t = perf_counter()               t := time.Now()
//	perf_counter() - t               time.Since(t), which reads a monotonic clock
//	timeit.repeat(f, repeat=20,      Measure(ctx, 20, candidates), for several at once
//	  number=1)
//	number=1000                      for range 1000 { f() } in the candidate
//	setup=…                          what stands before Measure; the warm-up round
//	gc.disable(), as timeit does     a collection before each run; GC works as usual in it
//	min(repeat(…))                   s.Quantile(0)
//	numpy.median, numpy.quantile     s.Median(), s.Quantile(p): the same definition
//	%timeit: mean ± std. dev.        s.Median() and s.Quantile(0.25), (0.75)
//	pyperf: Runner.bench_func        a Candidate
//	pyperf: --values, --warmups      the number of runs; one round warms up
//	pyperf: compare_to               Speedup, with an interval in place of a t-test
//	pyperf: metadata                 Machine, in every Result
//	pyperf: calibrated loops         none: say how much a run does, in the candidate
//	pyperf: many processes           none; a candidate may start one
//	joblib: verbose=10               WithProgress
//	times that Python measured       AddSeconds
//
// Plain Go has testing.B, which chooses the number of loops by itself, runs one
// candidate after the other and reports a mean; golang.org/x/perf/cmd/benchstat
// compares two such reports.
package timing
