package cluster

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"iter"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/threads2go/course/pkg/parallel"
	"github.com/threads2go/course/pkg/pool"
	"github.com/threads2go/course/pkg/timeline"
)

// Results and order, as with any backend.

func TestRun(t *testing.T) {
	c := use(t)
	for _, p := range []*parallel.Parallel{jobs(t, 2), jobs(t, 1), jobs(t, 5), jobs(t, 2, parallel.WithBatchSize(7))} {
		for _, n := range []int{0, 1, 2, 3, 100, 3001} {
			in := numbers(n)
			out, err := parallel.Run(on(c), p, square.Delayed(in[:n/3]...), slow.Delayed(), square.Delayed(in[n/3:]...))
			if err != nil || len(out) != n {
				t.Fatalf("%d calls: %d results, %v", n, len(out), err)
			}
			for i, r := range out {
				if r != i*i {
					t.Fatalf("%d calls: result %d is %d", n, i, r)
				}
			}
		}
	}
	eventually(t, 5*time.Second, c.link.leaves)
}

func TestStreams(t *testing.T) {
	c := use(t)
	const window, n = 20, 500
	p := jobs(t, 2, parallel.WithPreDispatch(window))
	for _, stream := range []func(context.Context, *parallel.Parallel, iter.Seq[parallel.Calls[int]]) iter.Seq2[int, error]{parallel.Stream[int], parallel.StreamUnordered[int]} {
		taken, handed := 0, 0
		var mu sync.Mutex
		source := func(yield func(int) bool) {
			for i := range n {
				mu.Lock()
				if taken++; taken > handed+window {
					t.Errorf("%d taken, %d handed on", taken, handed)
				}
				mu.Unlock()
				if !yield(i) {
					return
				}
			}
		}
		var got []int
		for r, err := range stream(on(c), p, square.DelayedSeq(source)) {
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, r)
			mu.Lock()
			handed++
			mu.Unlock()
		}
		slices.Sort(got)
		if len(got) != n || got[n-1] != (n-1)*(n-1) || got[1] != 1 {
			t.Errorf("%d results, up to %d", len(got), got[len(got)-1])
		}
	}
	seen := 0
	for _, err := range parallel.Stream(on(c), p, slow.DelayedSeq(slices.Values(numbers(10_000)))) {
		if seen++; err != nil || seen == 5 {
			break
		}
	}
	eventually(t, 5*time.Second, c.link.leaves)
}

func TestSeveralRunsAtOnce(t *testing.T) {
	c := use(t)
	p := jobs(t, 2)
	var all sync.WaitGroup
	for i := range 5 {
		all.Go(func() {
			out, err := parallel.Run(on(c), p, square.Delayed(slices.Repeat([]int{i}, 100)...))
			if err != nil || len(out) != 100 || out[99] != i*i {
				t.Errorf("run %d: %v", i, err)
			}
		})
	}
	all.Wait()
}

// What goes wrong in a call.

func TestFailures(t *testing.T) {
	quiet(t)
	c := use(t)
	p := jobs(t, 2, parallel.WithBatchSize(3))
	run := func(d deed) *parallel.TaskError {
		t.Helper()
		_, err := parallel.Run(on(c), p, do.Delayed(deed{}, deed{}, deed{}, deed{}, d, deed{}))
		var failed *parallel.TaskError
		if !errors.As(err, &failed) || failed.Index != 4 || failed.Func != "do" {
			t.Fatalf("%v: %v", d, err)
		}
		return failed
	}
	if err := run(deed{What: "fail"}); err.Err.Error() != "failed on purpose" {
		t.Error(err)
	}
	var p1 *pool.PanicError
	if err := run(deed{What: "panic"}); !errors.As(err, &p1) || p1.Value != "panic on purpose" || !bytes.Contains(p1.Stack, []byte("helpers_test.go")) {
		t.Error(err)
	}
	if err := run(deed{What: "goexit"}); !errors.Is(err, pool.ErrGoexit) {
		t.Error(err)
	}
	var lost *LostError
	if err := run(deed{What: "exit", N: 7}); !errors.As(err, &lost) || lost.Tries != 1 || lost.Worker != ownName() || string(lost.Stderr) != "the last words\n" {
		t.Errorf("%v, %+v", err, lost)
	} else if want := "parallel: do, call 4: try 1, on worker " + ownName() + ": its process ended: exit status 7"; err.Error() != want {
		t.Errorf("%v\nwant %s", err, want)
	}
	eventually(t, 5*time.Second, c.link.leaves)
}

func TestRetries(t *testing.T) {
	quiet(t)
	c := use(t)
	dir := t.TempDir()
	deeds := make([]deed, 40)
	for i := range deeds {
		deeds[i].N = i
		if i%10 == 3 {
			deeds[i] = deed{"exit once", i, filepath.Join(dir, fmt.Sprint(i))}
		}
	}
	var mu sync.Mutex
	spans, errs := 0, 0
	p := jobs(t, 2, parallel.WithRetries(1), parallel.WithBatchSize(5), parallel.WithObserver(func(s pool.Span) {
		mu.Lock()
		defer mu.Unlock()
		spans++
		if s.Err != nil {
			errs++
		}
	}))
	out, err := parallel.Run(on(c), p, do.Delayed(deeds...))
	if err != nil || !slices.Equal(out, numbers(40)) {
		t.Errorf("%v, %v", out, err)
	}
	if errs != 4 || spans < 8+errs {
		t.Errorf("%d spans, %d of lost processes", spans, errs)
	}
	p = jobs(t, 2, parallel.WithRetries(2))
	_, err = parallel.Run(on(c), p, do.Delayed(deed{What: "exit", N: 9}))
	var lost *LostError
	if !errors.As(err, &lost) || lost.Tries != 3 || !strings.Contains(err.Error(), "try 3, on worker") || !strings.Contains(err.Error(), "exit status 9") {
		t.Error(err)
	}
}

func TestLimits(t *testing.T) {
	quiet(t)
	c := use(t)
	var lost *LostError
	begin := time.Now()
	_, err := parallel.Run(on(c), jobs(t, 2, parallel.WithTimeout(100*time.Millisecond), parallel.WithRequire(parallel.HardTimeout)), stubborn.Delayed(0, time.Hour))
	if took := time.Since(begin); !errors.As(err, &lost) || lost.Timeout != 100*time.Millisecond || took > 10*time.Second {
		t.Errorf("after %v: %v", took, err)
	}
	_, err = parallel.Run(on(c), jobs(t, 2, parallel.WithTimeout(100*time.Millisecond)), nap.Delayed(time.Hour))
	if !errors.Is(err, context.DeadlineExceeded) {
		t.Error(err)
	}
	_, err = parallel.Run(on(c), jobs(t, 2, parallel.WithMemoryLimit(300<<20)), do.Delayed(deed{What: "allocate", N: 1 << 20}, deed{What: "allocate", N: 1 << 30}))
	var failed *parallel.TaskError
	if !errors.As(err, &lost) || !errors.As(err, &failed) || failed.Index != 1 || !strings.Contains(lost.Exit, "exit status") || len(lost.Stderr) == 0 {
		t.Errorf("%v, %+v", err, lost)
	}
	if out, err := parallel.Run(on(c), jobs(t, 1, parallel.WithCPUs(0)), cpus.Delayed(struct{}{})); err != nil || out[0] != 1 {
		t.Errorf("%v CPUs, want 1: %v", out, err)
	}
}

// A process has a clean folder, and nothing else than what is named.
func TestSurroundings(t *testing.T) {
	t.Setenv("CLUSTER_TEST_SECRET", "1")
	folder := t.TempDir()
	c := local(t, 2, WithEnv("NAMED=yes"), WithFolder(folder))
	out, err := parallel.Run(on(c), jobs(t, 1), surroundings.Delayed(struct{}{}))
	if err != nil {
		t.Fatal(err)
	}
	dir := out[0][0]
	if !strings.HasPrefix(dir, folder) || out[0][1] != "0 files" {
		t.Errorf("works in %s, with %s", dir, out[0][1])
	}
	var names []string
	for _, v := range out[0][2:] {
		name, _, _ := strings.Cut(v, "=")
		names = append(names, name)
	}
	slices.Sort(names)
	if want := []string{"GOMAXPROCS", "NAMED", "TMPDIR"}; !slices.Equal(names, want) {
		t.Errorf("environment %v, want %v", names, want)
	}
	if err := c.Close(); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(dir); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("%s is still there: %v", dir, err)
	}
}

// Arguments and results beyond the limit of a message.
func TestLargeMessages(t *testing.T) {
	c := use(t)
	big := bytes.Repeat([]byte("0123456789abcdef"), 1<<20/16)
	out, err := parallel.Run(on(c), jobs(t, 2), double.Delayed(nil, big, big[:100], big[:400_000]))
	if err != nil {
		t.Fatal(err)
	}
	for i, in := range [][]byte{nil, big, big[:100], big[:400_000]} {
		if !bytes.Equal(out[i], append(slices.Clone(in), in...)) {
			t.Errorf("result %d: %d bytes, want twice %d", i, len(out[i]), len(in))
		}
	}
	many := slices.Repeat([][]byte{big[:100_000]}, 40)
	if out, err = parallel.Run(on(c), jobs(t, 2, parallel.WithBatchSize(20)), double.Delayed(many...)); err != nil || len(out[39]) != 200_000 {
		t.Error(err)
	}
	eventually(t, 5*time.Second, c.link.leaves)
}

// A cancel reaches workers within a second; a process that does not heed it is killed
// another second later.
func TestCancel(t *testing.T) {
	c := use(t)
	for _, f := range []struct {
		what  string
		limit time.Duration
		heard int
	}{{"until the end", time.Second, 2}, {"beyond the end", 4 * time.Second, 0}} {
		if _, err := parallel.Run(on(c), jobs(t, 2), square.Delayed(1), do.Delayed(deed{}, deed{})); err != nil {
			t.Fatal(err)
		}
		dir := t.TempDir()
		var deeds []deed
		for i := range 5 {
			deeds = append(deeds, deed{What: f.what, File: filepath.Join(dir, fmt.Sprint(i))})
		}
		said := func(what string) int {
			files, _ := filepath.Glob(filepath.Join(dir, "*."+what))
			return len(files)
		}
		ctx, cancel := context.WithCancelCause(on(c))
		why := errors.New("enough")
		var cancelled time.Time
		var canceller sync.WaitGroup
		canceller.Go(func() {
			eventually(t, soon, func() error {
				if said("begun") < 2 {
					return errors.New("the calls do not begin")
				}
				return nil
			})
			cancelled = time.Now()
			cancel(why)
		})
		_, err := parallel.Run(ctx, jobs(t, 2, parallel.WithBatchSize(1)), do.Delayed(deeds...))
		canceller.Wait()
		took := time.Since(cancelled)
		t.Logf("%s: returns %v after the cancel", f.what, took.Round(time.Millisecond))
		if err != why || took > f.limit {
			t.Errorf("%s: %v after the cancel, want at most %v: %v", f.what, took, f.limit, err)
		}
		// The two that had begun have heard of it; the others have never begun.
		if said("begun") != 2 || said("heard") != f.heard {
			t.Errorf("%s: %d calls have begun, want 2, and %d have heard of the cancel, want %d", f.what, said("begun"), said("heard"), f.heard)
		}
		eventually(t, 5*time.Second, c.link.leaves)
	}
	// A worker is free at once.
	if _, err := parallel.Run(on(c), jobs(t, 2), square.Delayed(1, 2)); err != nil {
		t.Error(err)
	}
}

// What is half stored when a run ends is removed as well.
func TestCancelWhileStoring(t *testing.T) {
	c := use(t)
	ctx, cancel := context.WithCancel(on(c))
	defer cancel()
	var canceller sync.WaitGroup
	canceller.Go(func() {
		underWay(t, c)
		cancel()
	})
	_, err := parallel.Run(ctx, jobs(t, 2), double.Delayed(make([]byte, 200<<20)))
	canceller.Wait()
	if !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	eventually(t, 5*time.Second, c.link.leaves)
}

func TestTimeline(t *testing.T) {
	c := use(t)
	tl := timeline.New()
	begin := time.Now()
	p := jobs(t, 2, parallel.WithBatchSize(1), parallel.WithObserver(tl.Workers("worker")))
	if _, err := parallel.Run(on(c), p, nap.Delayed(slices.Repeat([]time.Duration{20 * time.Millisecond}, 8)...)); err != nil {
		t.Fatal(err)
	}
	took := time.Since(begin)
	rows := map[string]int{}
	for _, e := range tl.Events() {
		rows[e.Who]++
		if d := e.End - e.Begin; d < 20*time.Millisecond || d > took {
			t.Errorf("%v in a run of %v", e, took)
		}
		if e.Begin < 0 || e.End > took {
			t.Errorf("%v in a run of %v", e, took)
		}
	}
	if len(rows) != 2 {
		t.Errorf("rows %v", rows)
	}
}

func TestClose(t *testing.T) {
	c := local(t, 1)
	p := jobs(t, 1)
	failed := make(chan error)
	go func() {
		_, err := parallel.Run(on(c), p, nap.Delayed(time.Hour))
		failed <- err
	}()
	time.Sleep(100 * time.Millisecond)
	for range 2 {
		if err := c.Close(); err != nil {
			t.Error(err)
		}
	}
	if err := <-failed; !errors.Is(err, ErrClosed) {
		t.Error(err)
	}
	if _, err := parallel.Run(on(c), jobs(t, 1), square.Delayed(1)); !errors.Is(err, ErrClosed) {
		t.Error(err)
	}
}
