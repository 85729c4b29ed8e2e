package main

import (
	"bytes"
	"context"
	_ "embed"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"strings"
	"time"

	"github.com/threads2go/course/pkg/montecarlo"
	"github.com/threads2go/course/pkg/pool"
)

//go:embed montecarlo.py
var montecarloProgram string

//go:embed montecarlo_peers.py
var montecarloPeersProgram string

// share is the model of all rows.
var share = montecarlo.Model{Start: 100, Days: 250, Drift: 0.05, Volatility: 0.2}

// montecarloRows compare the walks with what people write in Python, with the fastest
// that it has, and with one worker.
func montecarloRows(workers int, short bool) []Row {
	walks := 400_000
	if short {
		walks = 50_000
	}
	// The costs are those of a core: per step, times the number of workers.
	perStep := func(seconds float64, workers int) float64 {
		return seconds * 1e9 * float64(workers) / float64(walks*share.Days)
	}
	run := func(name string, workers int, cost func(seconds float64) float64) Contender {
		return Contender{name, func() (float64, error) {
			begin := time.Now()
			_, err := share.Run(context.Background(), pool.New(workers), walks, 1)
			return cost(time.Since(begin).Seconds()), err
		}}
	}
	ours := run("montecarlo.Run", workers, func(seconds float64) float64 { return perStep(seconds, workers) })
	peers := &program{source: montecarloPeersProgram, python: peersPython()}
	row := func(name, peer string, goal float64) Row {
		return Row{
			Name: "Monte Carlo, " + peer, Unit: "ns/step", Goal: goal, Ours: ours,
			Peers: []Contender{{name, func() (float64, error) {
				seconds, err := peers.seconds(map[string]any{
					"peer": peer, "threads": workers, "walks": walks, "days": share.Days})
				return perStep(seconds, workers), err
			}}},
			Note: func() string { return fmt.Sprintf("%d walks in %d threads each", walks, workers) },
		}
	}
	rows := []Row{
		montecarloRow(workers, short),
		row("numpy, SFC64", "numpy", 0.25),
		row("numba, SFC64", "numba", 0.5),
	}
	if runtime.GOOS == "linux" && runtime.GOARCH == "amd64" {
		rows = append(rows, row("MKL, ICDF of SFMT19937", "MKL", 1.05))
	} else {
		last := &rows[len(rows)-1]
		note := last.Note
		last.Note = func() string {
			return fmt.Sprintf("%s; there is no row for MKL: it has no wheels for %s/%s", note(), runtime.GOOS, runtime.GOARCH)
		}
	}
	seconds := func(seconds float64) float64 { return seconds }
	return append(append(rows, growthRows(workers, short)...), Row{
		Name: "Monte Carlo, speed-up of 2", Unit: "s", Goal: 1 / 1.9,
		Ours:  run("2 workers", 2, seconds),
		Peers: []Contender{run("1 worker", 1, seconds)},
	})
}

// growthRows compare what a step costs in a run and in one of a tenth of its size, which is
// made until that has taken as long: the ratio is 1 where time grows as the work does.
func growthRows(workers int, short bool) []Row {
	walks, atLeast := 100_000, 200*time.Millisecond
	if short {
		walks, atLeast = 10_000, 20*time.Millisecond
	}
	size := func(walks, days int) Contender {
		m := share
		m.Days = days
		return Contender{fmt.Sprintf("%d walks of %d", walks, days), func() (float64, error) {
			return perItem(atLeast, walks*days, func() error {
				_, err := m.Run(context.Background(), pool.New(workers), walks, 1)
				return err
			})
		}}
	}
	row := func(of string, ours Contender) Row {
		return Row{Name: "Monte Carlo, ten times the " + of, Unit: "ns/step", Goal: 1.05, Ours: ours,
			Peers: []Contender{size(walks, share.Days)},
			Note:  func() string { return fmt.Sprintf("ours are %s steps, in %d threads", ours.Name, workers) }}
	}
	return []Row{row("walks", size(10*walks, share.Days)), row("steps", size(walks, 10*share.Days))}
}

// montecarloRow compares a year of walks with the Python program of the course,
// which has as many processes as Run has workers. Both times include starting
// the workers. Python walks less often, and enough for its pool's start to be a
// small part of the time; the note says how small.
func montecarloRow(workers int, short bool) Row {
	walks, pythonWalks := 1_000_000, 30_000*workers
	if short {
		walks, pythonWalks = 100_000, 15_000*workers
	}
	var starts []float64 // share of the pool's start in Python's rounds
	var versions string
	return Row{
		Name: "Monte Carlo, Pool.map",
		Unit: "ns/walk",
		Goal: 1. / 40,
		Ours: Contender{"montecarlo.Run", func() (float64, error) {
			begin := time.Now()
			_, err := share.Run(context.Background(), pool.New(workers), walks, 1)
			return float64(time.Since(begin).Nanoseconds()) / float64(walks), err
		}},
		Peers: []Contender{{"Python multiprocessing.Pool", func() (float64, error) {
			out, err := python(montecarloProgram, strconv.Itoa(workers), strconv.Itoa(pythonWalks))
			if err != nil {
				return 0, err
			}
			var seconds, start, mean float64
			var version, numpy string
			if _, err := fmt.Sscan(out, &seconds, &start, &mean, &version, &numpy); err != nil {
				return 0, fmt.Errorf("the program printed %q: %v", out, err)
			}
			if !(mean > 100 && mean < 110) {
				return 0, fmt.Errorf("the program's mean price is %v, not about 105.13", mean)
			}
			starts = append(starts, start/seconds)
			versions = fmt.Sprintf("Python %s, numpy %s", version, numpy)
			return seconds * 1e9 / float64(pythonWalks), nil
		}}},
		Note: func() string {
			return fmt.Sprintf(
				"%d walks against %d on %s with %d processes, of whose time the pool's start is %.1f %%",
				walks, pythonWalks, versions, workers, 100*median(starts))
		},
	}
}

// python runs a program on the python3 of PATH and returns what it prints.
func python(program string, args ...string) (string, error) {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, "python3", append([]string{"-c", program}, args...)...)
	cmd.Env = forNumpy(os.Environ())
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	switch {
	case errors.Is(err, exec.ErrNotFound):
		return "", errors.New("python3 is not on PATH: install Python, or call make bench, which has its own")
	case strings.Contains(stderr.String(), "No module named 'numpy'"):
		return "", fmt.Errorf("%s has no numpy: install it there, or call make bench, which has its own", cmd.Path)
	case ctx.Err() != nil:
		return "", errors.New("python3 did not end within 2 minutes")
	case err != nil:
		return "", fmt.Errorf("python3: %v: %s", err, bytes.TrimSpace(stderr.Bytes()))
	}
	return string(out), nil
}
