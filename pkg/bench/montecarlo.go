package main

import (
	"bytes"
	"context"
	_ "embed"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/threads2go/course/pkg/montecarlo"
	"github.com/threads2go/course/pkg/pool"
)

//go:embed montecarlo.py
var montecarloProgram string

// montecarloRow compares a year of walks with the Python program of the course,
// which has as many processes as Run has workers. Both times include starting
// the workers. Python walks less often, and enough for its pool's start to be a
// small part of the time; the note says how small.
func montecarloRow(workers int, short bool) Row {
	walks, pythonWalks := 1_000_000, 30_000*workers
	if short {
		walks, pythonWalks = 100_000, 15_000*workers
	}
	share := montecarlo.Model{Start: 100, Days: 250, Drift: 0.05, Volatility: 0.2}
	var starts []float64 // share of the pool's start in Python's rounds
	var versions string
	return Row{
		Name: "Monte Carlo, 250 days",
		Unit: "ns/walk",
		Goal: 0.1,
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
	// Settings of the machine's owner for another numpy would slow this one.
	cmd.Env = slices.DeleteFunc(os.Environ(), func(v string) bool {
		return strings.HasPrefix(v, "OPENBLAS_CORETYPE=") || strings.HasPrefix(v, "OPENBLAS_L2_SIZE=")
	})
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
