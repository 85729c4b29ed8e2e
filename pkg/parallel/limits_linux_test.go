package parallel_test

import (
	"context"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/threads2go/course/pkg/parallel"
)

func TestMemoryLimit(t *testing.T) {
	quiet(t)
	p := open(t, 2, parallel.WithMemoryLimit(256<<20))
	out, err := parallel.Run(bg, p, do.Delayed(deed{"allocate", 64}))
	if err != nil || out[0] != 64 {
		t.Fatalf("64 MiB of 256: %v, %v", out, err)
	}
	_, err = parallel.Run(bg, p, do.Delayed(deed{"", 1}, deed{"allocate", 1000}))
	failed, exit := exitOf(t, err)
	if race && failed.Index == 1 && exit.ExitCode() > 0 {
		return // the race detector ends the program in its own way
	}
	if failed.Index != 1 || exit.ExitCode() != 2 || !strings.HasPrefix(exit.Reason, "fatal error: ") || !strings.Contains(exit.Reason, "memory") {
		t.Errorf("%v", err)
	}
}

var cpus = parallel.Func("cpus", func(context.Context, int) (string, error) {
	b, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return "", err
	}
	_, rest, _ := strings.Cut(string(b), "Cpus_allowed_list:")
	line, _, _ := strings.Cut(rest, "\n")
	return strings.TrimSpace(line), nil
})

func TestCPUs(t *testing.T) {
	all, err := parallel.Run(bg, open(t, 1), cpus.Delayed(0))
	if err != nil {
		t.Fatal(err)
	}
	var allowed []int
	for part := range strings.SplitSeq(all[0], ",") {
		lo, hi, _ := strings.Cut(part, "-")
		first, _ := strconv.Atoi(lo)
		last := first
		if hi != "" {
			last, _ = strconv.Atoi(hi)
		}
		for i := first; i <= last; i++ {
			allowed = append(allowed, i)
		}
	}
	var got []string
	for _, cpu := range allowed[max(0, len(allowed)-2):] {
		out, err := parallel.Run(bg, open(t, 1, parallel.WithCPUs(cpu)), cpus.Delayed(0))
		if err != nil {
			t.Fatal(err)
		}
		if got = append(got, out[0]); out[0] != strconv.Itoa(cpu) {
			t.Errorf("a process for CPU %d may run on %s", cpu, out[0])
		}
		cores, err := parallel.Run(bg, open(t, 1, parallel.WithCPUs(cpu)), do.Delayed(deed{"cores", 0}))
		if err != nil || cores[0] != 1 {
			t.Errorf("its Go sees %v CPUs, %v", cores, err)
		}
	}
	// This process still has all of them, on whatever thread.
	here, err := parallel.Run(parallel.WithBackend(bg, parallel.Goroutines), open(t, 4), cpus.Delayed(slices.Repeat([]int{0}, 20)...))
	if err != nil || slices.ContainsFunc(here, func(s string) bool { return s != all[0] }) {
		t.Errorf("after starting %v: %v, was %s; %v", got, here, all[0], err)
	}
	_, err = parallel.Run(bg, open(t, 1, parallel.WithCPUs(1000)), cpus.Delayed(0))
	if err == nil || !strings.Contains(err.Error(), "CPU 1000: invalid argument; /proc/self/status names those allowed") {
		t.Error(err)
	}
}
