package main

import (
	"context"
	_ "embed"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/threads2go/course/pkg/parallel"
)

//go:embed parallel.py
var parallelProgram string

// What processes are started for.
var (
	processTask = parallel.Func("task", poolTask)
	root        = parallel.Func("root", func(_ context.Context, x float64) (float64, error) {
		r := math.Sqrt(x)
		time.Sleep(nap(r))
		return r, nil
	})
)

// nap is how long the root is slept over: a hundredth of the course's example.
func nap(root float64) time.Duration { return time.Duration(root * float64(time.Second) / 100) }

var parallelRun = mapper{"parallel.Run", func(workers int) (mapping, func()) {
	p := parallel.New(workers, parallel.WithPrefer(parallel.Processes))
	return func(in []int) ([]int, error) {
		return parallel.Run(context.Background(), p, processTask.Delayed(in...))
	}, func() { _ = p.Close() }
}}

// parallelRows compare processes with those of Python, and calls with the shortest time that
// they can take.
func parallelRows(short bool) []Row {
	const workers = 2
	items, lokyItems := 1_000_000, 100_000
	if short {
		items, lokyItems = 100_000, 10_000
	}
	python := &program{source: parallelProgram}
	peer := func(name, library string, items int) Contender {
		return Contender{name, func() (float64, error) {
			seconds, err := python.seconds(map[string]any{"library": library, "workers": workers, "items": items})
			return seconds * 1e9 / float64(items), err
		}}
	}
	in := make([]int, items)
	for i := range in {
		in[i] = i
	}
	// The processes have started, as those of the peers.
	ours := Contender{parallelRun.name, func() (float64, error) {
		f, end := parallelRun.make(workers)
		defer end()
		if _, err := f(in); err != nil {
			return 0, err
		}
		begin := time.Now()
		_, err := f(in)
		return float64(time.Since(begin).Nanoseconds()) / float64(items), err
	}}
	row := func(name string, goal float64, peerName, library string, peerItems int) Row {
		return Row{Name: name, Unit: "ns/task", Goal: goal, Ours: ours, Peers: []Contender{peer(peerName, library, peerItems)},
			Note: func() string {
				return fmt.Sprintf("%d tasks a call against %d, by processes that have started", items, peerItems)
			}}
	}
	rows := []Row{
		row("2 processes, x·x, Pool.map", 0.5, "Python multiprocessing.Pool", "multiprocessing", items),
		row("2 processes, x·x, loky", 0.05, "joblib loky", "loky", lokyItems),
	}
	for _, jobs := range []int{1, 2, 4} {
		rows = append(rows, rootsRow(jobs, "goroutines", parallel.Goroutines), rootsRow(jobs, "processes", parallel.Processes))
	}
	return rows
}

// rootsRow takes the nine roots of the course's example, each of which sleeps, on so
// many jobs. The peer is the time of a schedule that costs nothing.
func rootsRow(jobs int, name string, backend parallel.Backend) Row {
	var numbers []float64
	var naps []time.Duration
	for x := 10.0; x > 1; x-- {
		numbers = append(numbers, x)
		naps = append(naps, nap(math.Sqrt(x)))
	}
	ideal := milliseconds(listSchedule(naps, jobs))
	return Row{Name: fmt.Sprintf("nine roots, n_jobs %d, %s", jobs, name), Unit: "ms", Goal: 1.05,
		Ours: Contender{"parallel.Run", func() (float64, error) {
			p := parallel.New(jobs, parallel.WithPrefer(backend))
			defer p.Close()
			ones := slices.Repeat([]float64{0}, 2*jobs) // the root of 0 takes no time: the processes start
			if _, err := parallel.Run(context.Background(), p, root.Delayed(ones...)); err != nil {
				return 0, err
			}
			begin := time.Now()
			out, err := parallel.Run(context.Background(), p, root.Delayed(numbers...))
			took := time.Since(begin)
			if err == nil && out[1] != 3 {
				err = fmt.Errorf("the roots are %v", out)
			}
			return milliseconds(took), err
		}},
		Peers: []Contender{{"the ideal", func() (float64, error) { return ideal, nil }}},
	}
}

func milliseconds(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

// listSchedule returns how long tasks of these times take if each begins, in their
// order, on the worker that is free first.
func listSchedule(times []time.Duration, workers int) time.Duration {
	free := make([]time.Duration, workers)
	for _, t := range times {
		first := slices.Index(free, slices.Min(free))
		free[first] += t
	}
	return slices.Max(free)
}
