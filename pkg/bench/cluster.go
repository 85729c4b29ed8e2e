package main

import (
	"context"
	_ "embed"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"time"

	"github.com/threads2go/course/pkg/cluster"
	"github.com/threads2go/course/pkg/parallel"
)

//go:embed cluster_peers.py
var clusterPeersProgram string

// clusterRows compare a cluster of this machine, server included, with those of Dask and
// Ray, with the process backend, and its start with the time that it may take.
func clusterRows(short bool) []Row {
	const workers = 2
	// As many tasks as Dask can do in some seconds, and ours as many as they: what a call costs
	// once weighs the same on both sides.
	items, peerItems, long := 1_000_000, 3_000, 400
	if short {
		items, peerItems, long = 100_000, 300, 100
	}
	tiny := make([]int, items)
	for i := range tiny {
		tiny[i] = i
	}
	millisecond := -calibrate(time.Millisecond)
	longer := make([]int, long)
	for i := range longer {
		longer[i] = millisecond
	}
	python := &program{source: clusterPeersProgram, python: peersPython()}
	peer := func(name, peer string) Contender {
		return Contender{name, func() (float64, error) {
			seconds, err := python.seconds(map[string]any{"peer": peer, "workers": workers, "items": peerItems})
			return seconds * 1e9 / float64(peerItems), err
		}}
	}
	ours := func(in []int) Contender {
		return Contender{"cluster.New", func() (float64, error) {
			c, err := cluster.New(workers)
			if err != nil {
				return 0, err
			}
			defer c.Close()
			return perTask(c, workers, in)
		}}
	}
	processes := func(in []int) Contender {
		return Contender{"parallel.Processes", func() (float64, error) { return perTask(parallel.Processes, workers, in) }}
	}
	size := func(items int) func() string {
		return func() string { return fmt.Sprintf("%d tasks a call on each side", items) }
	}
	return []Row{
		{Name: "cluster, x·x, processes", Unit: "ns/task", Goal: 10, Ours: ours(tiny), Peers: []Contender{processes(tiny)}, Note: size(items)},
		{Name: "cluster, 1 ms tasks, processes", Unit: "ns/task", Goal: 1.1, Ours: ours(longer), Peers: []Contender{processes(longer)}},
		{Name: "cluster, x·x, Dask", Unit: "ns/task", Goal: 0.1, Ours: ours(tiny[:peerItems]), Peers: []Contender{peer("dask.distributed", "dask")}, Note: size(peerItems)},
		{Name: "cluster, x·x, Ray", Unit: "ns/task", Goal: 0.1, Ours: ours(tiny[:peerItems]), Peers: []Contender{peer("ray", "ray")}, Note: size(peerItems)},
		{Name: "cluster, a run of one call", Unit: "ms", Goal: 1, Ours: Contender{"cluster.New", func() (float64, error) { return oneCall(true) }}, Peers: allowed(100)},
		{Name: "cluster, a program's first run", Unit: "ms", Goal: 1, Ours: Contender{"cluster.New", firstRun}, Peers: allowed(1000), Note: programSize},
	}
}

// perTask returns what a task costs, in ns, after a call that starts the processes.
func perTask(b parallel.Backend, workers int, in []int) (float64, error) {
	p := parallel.New(workers)
	defer p.Close()
	ctx := parallel.WithBackend(context.Background(), b)
	if _, err := parallel.Run(ctx, p, processTask.Delayed(in[:len(in)/4]...)); err != nil {
		return 0, err
	}
	begin := time.Now()
	out, err := parallel.Run(ctx, p, processTask.Delayed(in...))
	took := time.Since(begin)
	if last := len(in) - 1; err == nil && in[last] >= 0 && out[last] != last*last {
		err = fmt.Errorf("the last result is %d", out[last])
	}
	return float64(took.Nanoseconds()) / float64(len(in)), err
}

// firstRun returns what the first run of a program costs, in ms, from a process of its own:
// a process reads its program and takes the SHA-256 once only.
func firstRun() (float64, error) {
	path, err := os.Executable()
	if err != nil {
		return 0, err
	}
	cmd := exec.Command(path, "-first")
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		return 0, fmt.Errorf("%s -first: %w", path, err)
	}
	return strconv.ParseFloat(strings.TrimSpace(string(out)), 64)
}

// oneCall returns what a run of one call costs, in ms: the second on a new cluster, or the
// first, before which the server has not seen the program.
func oneCall(warm bool) (float64, error) {
	c, err := cluster.New(1)
	if err != nil {
		return 0, err
	}
	defer c.Close()
	p := parallel.New(1)
	defer p.Close()
	ctx := parallel.WithBackend(context.Background(), c)
	run := func() error {
		_, err := parallel.Run(ctx, p, processTask.Delayed(1))
		return err
	}
	if warm {
		if err := run(); err != nil {
			return 0, err
		}
	}
	begin := time.Now()
	err = run()
	return milliseconds(time.Since(begin)), err
}

// calibrate returns how many steps of work take about so long here.
func calibrate(d time.Duration) int {
	best := time.Hour
	const steps = 100_000
	for range 20 {
		begin := time.Now()
		work(steps)
		best = min(best, time.Since(begin))
	}
	return int(d * steps / best)
}

func programSize() string {
	path, err := os.Executable()
	if err != nil {
		return err.Error()
	}
	info, err := os.Stat(path)
	if err != nil {
		return err.Error()
	}
	return fmt.Sprintf("a program of %.1f MB, each time in a new process: its SHA-256, its way there, the check, the start, and the call", float64(info.Size())/1e6)
}
