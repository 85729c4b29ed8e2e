//go:build unix

package parallel_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"math/big"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/threads2go/course/pkg/parallel"
	"github.com/threads2go/course/pkg/pool"
)

var processes = parallel.WithBackend(bg, parallel.Processes)

// What crosses.

type Order struct {
	Symbol string
	Legs   []float64
	Limits map[string]*float64
	At     time.Time
	Sum    *big.Int
	note   string
}

var fill = parallel.Func("fill", func(_ context.Context, o Order) (Order, error) {
	o.Symbol += " filled"
	o.note = "lost on the way back"
	return o, nil
})

func TestValuesCross(t *testing.T) {
	limit := math.Inf(1)
	in := Order{"GO", []float64{1, math.MaxFloat64, -0.1}, map[string]*float64{"upper": &limit}, time.Date(2026, 1, 2, 3, 4, 5, 6, time.UTC), big.NewInt(7), "not sent"}
	out, err := parallel.Run(processes, open(t, 2), fill.Delayed(in, Order{}))
	if err != nil {
		t.Fatal(err)
	}
	o := out[0]
	if o.Symbol != "GO filled" || !slices.Equal(o.Legs, in.Legs) || *o.Limits["upper"] != limit || !o.At.Equal(in.At) || o.Sum.Cmp(in.Sum) != 0 || o.note != "" {
		t.Errorf("%+v", o)
	}
	if o := out[1]; o.Symbol != " filled" || o.Legs != nil || o.Sum != nil {
		t.Errorf("%+v", o)
	}
	out, err = parallel.Run(processes, open(t, 2), fill.Delayed(Order{Legs: []float64{}}))
	if err != nil || out[0].Legs != nil {
		t.Errorf("an empty slice became %#v, %v", out[0].Legs, err)
	}
}

type (
	closed struct{ a, b int }
	holder struct {
		Name string
		Hook func()
	}
	nested   struct{ Inner []map[string]closed }
	endless_ struct {
		Next *endless_
		N    int
	}
	coded struct{ n int }
)

func (c coded) GobEncode() ([]byte, error) { return []byte{byte(c.n)}, nil }
func (c *coded) GobDecode(b []byte) error  { c.n = int(b[0]); return nil }

var (
	takesFunc    = echo[func()]("takes func")
	takesChan    = echo[chan int]("takes chan")
	takesClosed  = echo[closed]("takes closed")
	takesHolder  = echo[*holder]("takes holder")
	takesNested  = echo[nested]("takes nested")
	takesList    = echo[endless_]("takes list")
	takesCoded   = echo[coded]("takes coded")
	takesNothing = echo[struct{}]("takes nothing")
	takesPointer = echo[*int]("takes pointer")
	takesAny     = echo[any]("takes any")
	takesFloats  = echo[[]float64]("takes floats")
)

// nothing returns no number for 0.
var nothing = parallel.Func("nothing", func(_ context.Context, x int) (*int, error) {
	if x == 0 {
		return nil, nil
	}
	return &x, nil
})

// echo is registered in a helper, which is part of the initialisation all the same.
func echo[T any](name string) *parallel.Function[T, T] {
	return parallel.Func(name, func(_ context.Context, x T) (T, error) { return x, nil })
}

func TestWhatCannotCross(t *testing.T) {
	p := open(t, 2)
	check := func(err error, want string) {
		t.Helper()
		if err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%v\nwant %s", err, want)
		}
	}
	_, err := parallel.Run(processes, p, takesFunc.Delayed(nil))
	check(err, `parallel: the argument of "takes func" cannot cross to another process: a value of type func() has no meaning there; pass what the function needs to make its own`)
	_, err = parallel.Run(processes, p, takesChan.Delayed(nil))
	check(err, `parallel: the argument of "takes chan" cannot cross to another process: a value of type chan int has no meaning there`)
	_, err = parallel.Run(processes, p, takesClosed.Delayed(closed{}))
	check(err, `parallel: the argument of "takes closed" cannot cross to another process: type parallel_test.closed has only unexported fields, which gob leaves out; export those that matter, or give the type GobEncode and GobDecode`)
	_, err = parallel.Run(processes, p, takesHolder.Delayed(nil))
	check(err, `parallel: the argument of "takes holder" cannot cross to another process: field Hook of parallel_test.holder: a value of type func()`)
	_, err = parallel.Run(processes, p, takesNested.Delayed(nested{}))
	check(err, `parallel: the argument of "takes nested" cannot cross to another process: field Inner of parallel_test.nested: type parallel_test.closed has only`)
	one := 1
	_, err = parallel.Run(processes, p, takesPointer.Delayed(&one, nil, &one))
	const noNil = `gob: encodeArray: nil element: gob has no nil for an element of a slice, array or map; pass values instead of pointers, or a struct with the pointer as a field`
	check(err, `parallel: takes pointer, call 1: argument: `+noNil)
	_, err = parallel.Run(processes, p, nothing.Delayed(7, 0, 7))
	check(err, `parallel: nothing, call 1: result: `+noNil)
	_, err = parallel.Run(processes, p, takesAny.Delayed(1, "two", closed{}))
	check(err, `parallel: takes any, call 2: argument: gob: type not registered for interface: parallel_test.closed`)

	// and what can
	if out, err := parallel.Run(processes, p, takesList.Delayed(endless_{&endless_{nil, 1}, 2})); err != nil || out[0].Next.N != 1 {
		t.Errorf("%v, %v", out, err)
	}
	if out, err := parallel.Run(processes, p, takesCoded.Delayed(coded{7})); err != nil || out[0].n != 7 {
		t.Errorf("%v, %v", out, err)
	}
	if out, err := parallel.Run(processes, p, takesNothing.Delayed(make([]struct{}, 1000)...)); err != nil || len(out) != 1000 {
		t.Errorf("%d, %v", len(out), err)
	}
	if out, err := parallel.Run(processes, p, takesAny.Delayed(1, "two", 3.5)); err != nil || !slices.Equal(out, []any{1, "two", 3.5}) {
		t.Errorf("%v, %v", out, err)
	}
	bits := []float64{math.NaN(), math.Inf(-1), math.Copysign(0, -1), math.SmallestNonzeroFloat64}
	out, err := parallel.Run(processes, p, takesFloats.Delayed(bits, nil))
	if err != nil {
		t.Fatal(err)
	}
	for i, x := range out[0] {
		if math.Float64bits(x) != math.Float64bits(bits[i]) {
			t.Errorf("%v became %v", bits[i], x)
		}
	}
}

// Arguments and results that fill the pipes both ways, with more under way than is
// answered: nobody waits for the other. Every result is as large as twice its
// argument.
func TestLargeMessagesBothWays(t *testing.T) {
	for _, batch := range []int{0, 1, 3} {
		opts := []parallel.Option{}
		if batch > 0 {
			opts = append(opts, parallel.WithBatchSize(batch))
		}
		p := open(t, 2, opts...)
		var in [][]byte
		for i := range 60 {
			in = append(in, bytes.Repeat([]byte{byte(i)}, 300_000+i))
		}
		out, err := parallel.Run(processes, p, double.Delayed(in...))
		if err != nil {
			t.Fatal(err)
		}
		for i, b := range out {
			if len(b) != 2*(300_000+i) || b[0] != byte(i) || b[len(b)-1] != byte(i) {
				t.Fatalf("result %d: %d bytes", i, len(b))
			}
		}
	}
}

func TestLimitOfAMessage(t *testing.T) {
	defer parallel.SetMaxMessage(10_000)()
	p := open(t, 2, parallel.WithBatchSize(100))
	in := slices.Repeat([][]byte{make([]byte, 2000)}, 100)
	out, err := parallel.Run(processes, p, double.Delayed(in...)) // in halves, both ways
	if err != nil {
		t.Fatal(err)
	}
	for i, b := range out {
		if len(b) != 4000 {
			t.Errorf("result %d: %d bytes", i, len(b))
		}
	}
	in[30] = make([]byte, 20_000)
	_, err = parallel.Run(processes, p, double.Delayed(in...))
	if want := "parallel: double, call 30: argument: more than 10000 bytes as gob, the limit of a message; pass the name of a file instead"; err == nil || err.Error() != want {
		t.Errorf("%v, want %s", err, want)
	}
	in[30] = make([]byte, 6000)
	_, err = parallel.Run(processes, p, double.Delayed(in...))
	if want := "parallel: double, call 30: result: more than 10000 bytes as gob, the limit of a message; pass the name of a file instead"; err == nil || err.Error() != want {
		t.Errorf("%v, want %s", err, want)
	}
}

// How processes end.

func exitOf(t *testing.T, err error) (*parallel.TaskError, *parallel.ExitError) {
	t.Helper()
	var failed *parallel.TaskError
	var exit *parallel.ExitError
	if !errors.As(err, &failed) || !errors.As(err, &exit) {
		t.Fatalf("error %v", err)
	}
	return failed, exit
}

// quiet has what workers write to standard error dropped.
func quiet(t *testing.T) {
	old := os.Stderr
	null, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	os.Stderr = null
	t.Cleanup(func() {
		os.Stderr = old
		null.Close()
	})
}

func TestEndOfAProcessNamesTheCall(t *testing.T) {
	quiet(t)
	for _, batch := range []int{1, 20} {
		p := open(t, 2, parallel.WithBatchSize(batch))
		for _, c := range []struct {
			deed
			want, stderr string
			code         int
			signal       syscall.Signal
		}{
			{deed{"exit", 0}, "its process ended: exit status 0", "", 0, -1},
			{deed{"exit", 7}, "its process ended: exit status 7", "", 7, -1},
			{deed{"kill", 9}, "its process was killed (signal: killed), perhaps because memory ran out", "", -1, syscall.SIGKILL},
			{deed{"kill", 15}, "its process ended: signal: terminated", "", -1, syscall.SIGTERM},
			{deed{"shout", 10_000}, "its process ended: exit status 9", strings.Repeat("x", 4096-len("the end of stderr\n")) + "the end of stderr\n", 9, -1},
			{deed{"overflow", 0}, "its process ended: exit status 2: fatal error: stack overflow", "", 2, -1},
			{deed{"own goroutine", 0}, "its process ended: exit status 2: panic: on a goroutine of its own", "", 2, -1},
		} {
			in := slices.Repeat([]deed{{"", 1}}, 40)
			in[13] = c.deed
			out, err := parallel.Run(processes, p, do.Delayed(in...))
			failed, exit := exitOf(t, err)
			if failed.Index != 13 || err.Error() != "parallel: do, call 13: "+c.want || exit.ExitCode() != c.code {
				t.Errorf("%+v: %v, code %d", c.deed, err, exit.ExitCode())
			}
			if c.signal > 0 && exit.Sys().(syscall.WaitStatus).Signal() != c.signal {
				t.Errorf("%+v: %v", c.deed, exit.Sys())
			}
			if len(exit.Stderr) > 4096 || c.stderr != "" && string(exit.Stderr) != c.stderr {
				t.Errorf("%+v: stderr of %d bytes: %q", c.deed, len(exit.Stderr), exit.Stderr)
			}
			if c.What == "own goroutine" && !strings.Contains(string(exit.Stderr), "panic: on a goroutine of its own") {
				t.Errorf("stderr %q", exit.Stderr)
			}
			if len(out) != 40 || out[13] != 0 {
				t.Errorf("results %v", out)
			}
			if out, err := parallel.Run(processes, p, do.Delayed(in[:13]...)); err != nil || len(out) != 13 {
				t.Errorf("after %+v: %v", c.deed, err)
			}
		}
	}
}

func TestTimeoutKillsWhoDoesNotHeedIt(t *testing.T) {
	p := open(t, 2, parallel.WithTimeout(100*time.Millisecond), parallel.WithRequire(parallel.HardTimeout))
	// One that does heed it fails, and its process lives on.
	before, err := parallel.Run(processes, p, nap.Delayed(0))
	if err != nil {
		t.Fatal(err)
	}
	_, err = parallel.Run(processes, p, nap.Delayed(time.Hour))
	if !errors.Is(err, context.DeadlineExceeded) || err.Error() != "parallel: nap, call 0: its time of 100ms is over" {
		t.Errorf("%v", err)
	}
	if after, err := parallel.Run(processes, p, nap.Delayed(0)); err != nil || after[0] != before[0] {
		t.Errorf("process %v, then %v; %v", before, after, err)
	}
	for name, run := range map[string]func() error{
		"stubborn": func() error {
			_, err := parallel.Run(processes, p, stubborn.Delayed(0, 0, time.Hour, 0))
			return err
		},
		"spin": func() error {
			_, err := parallel.Run(bg, p, spin.Delayed("")) // a process without being chosen
			return err
		},
	} {
		err := run()
		failed, exit := exitOf(t, err)
		if want := fmt.Sprintf("parallel: %s, call %d: took longer than its timeout of 100ms, so its process was killed", name, failed.Index); err.Error() != want || exit.Timeout != 100*time.Millisecond || !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%v, want %s", err, want)
		}
		if name == "stubborn" && failed.Index != 2 {
			t.Errorf("call %d", failed.Index)
		}
	}
}

// Slow takes long to cross, there and back.
type Slow struct{ N byte }

func (s Slow) GobEncode() ([]byte, error) {
	time.Sleep(200 * time.Millisecond)
	return []byte{s.N}, nil
}

func (s *Slow) GobDecode(b []byte) error {
	time.Sleep(200 * time.Millisecond)
	s.N = b[0]
	return nil
}

var slow = echo[Slow]("slow to cross")

// Only the call itself counts.
func TestTimeoutDoesNotCountTheWay(t *testing.T) {
	p := open(t, 1, parallel.WithTimeout(40*time.Millisecond), parallel.WithBatchSize(2))
	out, err := parallel.Run(processes, p, slow.Delayed(Slow{1}, Slow{2}))
	if err != nil || !slices.Equal(out, []Slow{{1}, {2}}) {
		t.Error(out, err)
	}
}

// A process that does nothing at all, not even look at its input.
func TestTimeoutKillsAStoppedProcess(t *testing.T) {
	p := open(t, 1, parallel.WithTimeout(500*time.Millisecond))
	if _, err := parallel.Run(processes, p, nap.Delayed(0)); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Kill(p.Pids()[0], syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	time.Sleep(100 * time.Millisecond) // until its threads have stopped, one of which reads
	// It has not begun with the call, so another process makes it.
	if out, err := parallel.Run(processes, p, nap.Delayed(0)); err != nil || out[0] == 0 {
		t.Errorf("%v, %v", out, err)
	}
}

func TestCancelledProcesses(t *testing.T) {
	p := open(t, 2)
	first, err := parallel.Run(processes, p, nap.Delayed(0))
	if err != nil {
		t.Fatal(err)
	}
	cause := errors.New("closing time")
	for _, heeds := range []bool{true, false} {
		ctx, cancel := context.WithCancelCause(processes)
		time.AfterFunc(50*time.Millisecond, func() { cancel(cause) })
		f := nap
		if !heeds {
			f = stubborn
		}
		begun := time.Now()
		_, err := parallel.Run(ctx, p, f.Delayed(slices.Repeat([]time.Duration{time.Hour}, 10)...))
		if err != cause || time.Since(begun) > time.Minute {
			t.Errorf("%v after %v", err, time.Since(begun))
		}
	}
	// Who heeds it is not killed.
	if again, err := parallel.Run(processes, p, nap.Delayed(0)); err != nil || again[0] != first[0] {
		t.Errorf("process %v, was %v; %v", again, first, err)
	}
}

func TestProcessesStayUntilClose(t *testing.T) {
	p := parallel.New(2)
	var pids []int
	for range 3 {
		out, err := parallel.Run(processes, p, nap.Delayed(slices.Repeat([]time.Duration{20 * time.Millisecond}, 4)...))
		if err != nil {
			t.Fatal(err)
		}
		slices.Sort(out)
		if out = slices.Compact(out); pids != nil && !slices.Equal(out, pids) || len(out) != 2 {
			t.Errorf("processes %v, then %v", pids, out)
		}
		pids = out
	}
	if err := p.Close(); err != nil {
		t.Error(err)
	}
	for _, pid := range pids {
		if alive(pid) {
			t.Errorf("process %d after Close", pid)
		}
	}
}

// alive reports whether there is a process that is not a zombie.
func alive(pid int) bool {
	if syscall.Kill(pid, 0) != nil {
		return false
	}
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return runtime.GOOS != "linux"
	}
	_, rest, _ := strings.Cut(string(stat), ") ")
	return !strings.HasPrefix(rest, "Z")
}

// What happens to idle processes is nobody's failure.
func TestProcessesKilledBetweenCalls(t *testing.T) {
	p := open(t, 2)
	for range 5 {
		out, err := parallel.Run(processes, p, square.Delayed(numbers(100)...))
		if err != nil || out[99] != 99*99 {
			t.Fatal(err)
		}
		for _, pid := range p.Pids() {
			if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// Retries.

// A trace has a function note in a file that it was called.
type trace struct {
	File string
	I    int
	Dies int // so many times
}

var traced = parallel.Func("traced", func(_ context.Context, a trace) (int, error) {
	f, err := os.OpenFile(a.File, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return 0, err
	}
	defer f.Close()
	fmt.Fprintln(f, a.I)
	if count(a.File)[a.I] <= a.Dies {
		syscall.Kill(os.Getpid(), syscall.SIGKILL)
		select {}
	}
	return a.I, nil
})

// count returns how often each call was made.
func count(file string) map[int]int {
	n := map[int]int{}
	b, _ := os.ReadFile(file)
	for line := range strings.Lines(string(b)) {
		i, _ := strconv.Atoi(strings.TrimSpace(line))
		n[i]++
	}
	return n
}

var piece = parallel.Func("piece", func(_ context.Context, a trace) ([]byte, error) {
	f, err := os.OpenFile(a.File, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	fmt.Fprintln(f, a.I)
	return bytes.Repeat([]byte{byte(a.I)}, 80_000), nil
})

// A reply in four parts, of which some have come when the process dies at the next
// batch: only the others are made again.
func TestRetriesWithAReplyInParts(t *testing.T) {
	defer parallel.SetMaxMessage(100_000)()
	for range 20 {
		file := filepath.Join(t.TempDir(), "calls")
		var p *parallel.Parallel
		var kill sync.Mutex
		killed := -1 // the first call of the batch whose reply was cut off
		p = open(t, 1, parallel.WithRetries(1), parallel.WithBatchSize(4), parallel.WithObserver(func(s pool.Span) {
			kill.Lock()
			defer kill.Unlock()
			if killed >= 0 || s.First%4 != 0 || s.N != 1 {
				return
			}
			// Only so much fits in the pipe: the rest is still there, while the process
			// goes on to the next batch, if it has that already.
			for range 50 {
				if count(file)[s.First+4] > 0 {
					killed = s.First
					syscall.Kill(p.Pids()[0], syscall.SIGKILL)
					return
				}
				time.Sleep(time.Millisecond)
			}
		}))
		var calls []trace
		for i := range 40 {
			calls = append(calls, trace{file, i, 0})
		}
		out, err := parallel.Run(processes, p, piece.Delayed(calls...))
		if err != nil {
			t.Fatal(err)
		}
		for i, b := range out {
			if len(b) != 80_000 || b[0] != byte(i) {
				t.Fatalf("result %d: %d bytes", i, len(b))
			}
		}
		if killed < 0 {
			continue
		}
		made := count(file)
		if made[killed] != 1 || made[killed+3] != 2 {
			t.Errorf("killed after batch %d: calls were made %v", killed, made)
		}
		return
	}
	t.Error("no process was at the next batch in time")
}

func TestRetries(t *testing.T) {
	for _, batch := range []int{1, 10} {
		for retries := range 3 {
			for dies := range 4 {
				p := open(t, 2, parallel.WithRetries(retries), parallel.WithBatchSize(batch))
				file := filepath.Join(t.TempDir(), "calls")
				var calls []trace
				for i := range 20 {
					calls = append(calls, trace{file, i, 0})
				}
				calls[6].Dies = dies
				out, err := parallel.Run(processes, p, traced.Delayed(calls...))
				made := count(file)
				if dies > retries {
					failed, _ := exitOf(t, err)
					if failed.Index != 6 || made[6] != retries+1 {
						t.Errorf("dies %d times, %d retries: %v, made %d times", dies, retries, err, made[6])
					}
					continue
				}
				if err != nil || !slices.Equal(out, numbers(20)) || made[6] != dies+1 {
					t.Errorf("dies %d times, %d retries: %v, %v, made %v", dies, retries, out, err, made)
				}
				for i, n := range made {
					if i != 6 && n > 2 || i > 6 && i < 10 && batch == 10 && n != 1 {
						t.Errorf("call %d was made %d times", i, n)
					}
				}
			}
		}
	}
}

// Two calls of one batch that each take their process with them once: with one
// retry each, all is well. Neither loses a try for the other.
func TestOnlyTheRunningCallLosesATry(t *testing.T) {
	p := open(t, 1, parallel.WithRetries(1), parallel.WithBatchSize(10))
	file := filepath.Join(t.TempDir(), "calls")
	var calls []trace
	for i := range 10 {
		calls = append(calls, trace{file, i, i % 2})
	}
	out, err := parallel.Run(processes, p, traced.Delayed(calls...))
	if err != nil || !slices.Equal(out, numbers(10)) {
		t.Errorf("%v, %v, made %v", out, err, count(file))
	}
}

func TestFailuresAreNotRetried(t *testing.T) {
	p := open(t, 2, parallel.WithRetries(5))
	for _, d := range []deed{{"fail", 0}, {"panic", 0}, {"goexit", 0}} {
		_, err := parallel.Run(processes, p, do.Delayed(d))
		var exit *parallel.ExitError
		if err == nil || errors.As(err, &exit) {
			t.Errorf("%v: %v", d, err)
		}
	}
}

// Thousands of calls while processes are killed all the time: every result is
// right and counts once.
func TestKilledAllTheTime(t *testing.T) {
	const calls, kills, every = 10_000, 15, 200 * time.Millisecond
	results := make([]int, calls)
	p := open(t, 4, parallel.WithRetries(10))
	stop := make(chan struct{})
	killed := 0
	var killer sync.WaitGroup
	killer.Go(func() {
		for {
			select {
			case <-stop:
				return
			case <-time.After(every):
			}
			if pids := p.Pids(); len(pids) > 0 && syscall.Kill(pids[rand.IntN(len(pids))], syscall.SIGKILL) == nil {
				killed++
			}
		}
	})
	in := make([]time.Duration, calls)
	for i := range in {
		in[i] = 2*time.Millisecond + time.Duration(i) // the argument comes back
	}
	next := 0
	for d, err := range parallel.Stream(processes, p, sleeps.DelayedSeq(slices.Values(in))) {
		if err != nil {
			t.Error(err)
			break
		}
		if i := int(d - 2*time.Millisecond); i != next {
			t.Fatalf("result %d is that of call %d", next, i)
		} else {
			results[i]++
		}
		next++
	}
	close(stop)
	killer.Wait()
	if next != calls || slices.ContainsFunc(results, func(n int) bool { return n != 1 }) {
		t.Errorf("%d of %d results, each once", next, calls)
	}
	if killed < kills {
		t.Errorf("only %d processes were killed, want at least %d", killed, kills)
	}
	t.Logf("%d calls, %d processes killed", calls, killed)
}

var sleeps = parallel.Func("sleeps", func(_ context.Context, d time.Duration) (time.Duration, error) {
	time.Sleep(d)
	return d, nil
})

// The same with batches of tiny calls, several under way: whatever a process was
// doing when it was killed, also while it started.
func TestKilledInBatches(t *testing.T) {
	p := open(t, 3, parallel.WithRetries(50))
	killed := 0
	var killer sync.WaitGroup
	killer.Go(func() {
		for end := time.Now().Add(time.Second); time.Now().Before(end); {
			time.Sleep(time.Duration(rand.IntN(20)) * time.Millisecond)
			if pids := p.Pids(); len(pids) > 0 && syscall.Kill(pids[rand.IntN(len(pids))], syscall.SIGKILL) == nil {
				killed++
			}
		}
	})
	runs := 0
	for end := time.Now().Add(time.Second); time.Now().Before(end); runs++ {
		var calls []parallel.Calls[int]
		for i := range 4 { // two functions by turns
			f := square
			if i%2 == 1 {
				f = cubes
			}
			calls = append(calls, f.Delayed(numbers(20_000)...))
		}
		out, err := parallel.Run(processes, p, calls...)
		if err != nil {
			t.Error(err)
			break
		}
		for i, r := range out {
			x := i % 20_000
			want := x * x
			if i/20_000%2 == 1 {
				want *= x
			}
			if r != want {
				t.Fatalf("result %d is %d, want %d", i, r, want)
			}
		}
	}
	killer.Wait()
	if killed < 10 {
		t.Errorf("only %d processes were killed", killed)
	}
	t.Logf("%d runs, %d processes killed", runs, killed)
}

var cubes = parallel.Func("cubes", func(_ context.Context, x int) (int, error) { return x * x * x, nil })

// What a child says.

// printed returns what is written to standard output while f runs.
func printed(t *testing.T, f func()) string {
	t.Helper()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	old := os.Stdout
	os.Stdout = w
	out := make(chan string)
	go func() {
		b, _ := io.ReadAll(r)
		r.Close()
		out <- string(b)
	}()
	func() {
		defer func() {
			os.Stdout = old
			w.Close()
		}()
		f()
	}()
	return <-out
}

func TestOutputComesInWholeLines(t *testing.T) {
	var in []string
	for i := range 400 {
		line := strings.Repeat(string(rune('a'+i%26)), 1+i*7)
		in = append(in, line[:len(line)/2], line[len(line)/2:]+"\n")
	}
	// Two calls in a row of one process make a line.
	got := printed(t, func() {
		p := parallel.New(4, parallel.WithBatchSize(2))
		if _, err := parallel.Run(processes, p, say.Delayed(in...)); err != nil {
			t.Error(err)
		}
		p.Close()
	})
	var lines, want []string
	for line := range strings.Lines(got) {
		lines = append(lines, line)
	}
	for i := 0; i < len(in); i += 2 {
		want = append(want, in[i]+in[i+1])
	}
	slices.Sort(lines)
	slices.Sort(want)
	if !slices.Equal(lines, want) {
		t.Errorf("%d lines, want %d", len(lines), len(want))
	}
}

// What a call has printed is out before its result is there.
func TestOutputComesBeforeTheResult(t *testing.T) {
	p := open(t, 2)
	for i := range 50 {
		r, w, err := os.Pipe()
		if err != nil {
			t.Fatal(err)
		}
		old := os.Stdout
		os.Stdout = w
		_, err = parallel.Run(processes, p, say.Delayed(fmt.Sprintln("line", i)))
		os.Stdout = old
		w.Close() // all that comes later is lost
		b, _ := io.ReadAll(r)
		r.Close()
		if want := fmt.Sprintln("line", i); err != nil || string(b) != want {
			t.Fatalf("%q, %v; want %q", b, err, want)
		}
	}
}

func TestLastLineNeedsNoEnd(t *testing.T) {
	got := printed(t, func() {
		p := parallel.New(1)
		if _, err := parallel.Run(processes, p, say.Delayed("no end")); err != nil {
			t.Error(err)
		}
		p.Close()
	})
	if got != "no end\n" {
		t.Errorf("%q", got)
	}
}

// Programs.

// build returns the path of a program of testdata.
func build(t *testing.T, name string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if out, err := exec.Command("go", "build", "-o", path, "./testdata/"+name).CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	return path
}

func TestPrograms(t *testing.T) {
	program := build(t, "program")
	for _, c := range []struct {
		arg, want string
	}{
		{"state", "[variable a table of 0] <nil>\n[1] <nil>\n"},
		{"serve", "main goes on\n[variable init main a table of 1] <nil>\n[2] <nil>\n"},
		{"late", `[0] parallel: Func("late") was called after the program's initialisation, at FILE, where no worker's process would come to; declare it as a package-level variable, or call parallel.Serve first in main` + "\n[7] <nil>\n"},
		{"served late", "[7] <nil>\n"},
		{"served early", `[0] parallel: the process for "late" has not come to it: exit status 3; it says: parallel: Serve was called before Func("late"); register the functions first` + "\n"},
		{"from an init function", "[8] <nil>\n"},
		{"environment", "[ false  false  false kept true] <nil>\n"},
	} {
		cmd := exec.Command(program, c.arg)
		cmd.Env = append(os.Environ(), "GONB_PIPE=/nowhere", "GONB_PIPE_BACK=/nowhere", "OTHER=kept")
		out, err := cmd.Output()
		got := string(out)
		if i := strings.Index(got, "at /"); i >= 0 {
			place, rest, _ := strings.Cut(got[i:], ", where")
			if !strings.Contains(place, "testdata/program/main.go:") {
				t.Errorf("place %s", place)
			}
			got = got[:i] + "at FILE, where" + rest
		}
		if err != nil || got != c.want {
			t.Errorf("%s: %v\n%swant\n%s", c.arg, err, got, c.want)
		}
	}
}

// Whoever kills a program with -9 leaves no orphans, not even those that compute.
func TestNoOrphans(t *testing.T) {
	program := build(t, "program")
	dir := t.TempDir()
	files := []string{filepath.Join(dir, "1"), filepath.Join(dir, "2")}
	cmd := exec.Command(program, "spin", files[0], files[1])
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	var pids []int
	for _, f := range files {
		eventually(t, "a worker computes", func() bool {
			b, _ := os.ReadFile(f)
			pid, err := strconv.Atoi(string(b))
			if err == nil {
				pids = append(pids, pid)
			}
			return err == nil
		})
	}
	cmd.Process.Kill()
	cmd.Wait()
	for _, pid := range pids {
		eventually(t, "the worker has ended", func() bool { return !alive(pid) })
	}
}

func eventually(t *testing.T, what string, f func() bool) {
	t.Helper()
	for end := time.Now().Add(30 * time.Second); !f(); time.Sleep(2 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("not so after 30 s: %s", what)
		}
	}
}

func TestProgramHasChanged(t *testing.T) {
	restore := parallel.SetProgram("another")
	defer restore()
	_, err := parallel.Run(processes, open(t, 1), square.Delayed(1))
	if err == nil || !strings.HasPrefix(err.Error(), "parallel: the program has changed: ") || !strings.HasSuffix(err.Error(), " is not what this process was started from; start that anew") {
		t.Error(err)
	}
}

func TestNoPlaceForSharedMemory(t *testing.T) {
	t.Setenv("TMPDIR", filepath.Join(t.TempDir(), "nowhere"))
	_, err := parallel.Run(processes, open(t, 1), square.Delayed(1))
	if err == nil || !strings.HasPrefix(err.Error(), "parallel: no file to share memory by; the folder for temporary files, TMPDIR, must be writable: ") {
		t.Error(err)
	}
}

// A program that waits for ever gets Go's report, also while it has processes.
func TestDeadlockIsReported(t *testing.T) {
	program := build(t, "stuck")
	for i := range 10 { // for it may depend on which of the runtime's threads waits for what
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		cmd := exec.CommandContext(ctx, program, []string{"leave", "close"}[i%2])
		cmd.Env = append(os.Environ(), "GOTRACEBACK=single")
		out, err := cmd.CombinedOutput()
		if err == nil || !strings.Contains(string(out), "fatal error: all goroutines are asleep - deadlock!") {
			t.Errorf("%v; output:\n%s", err, out)
		}
		if !strings.HasPrefix(string(out), "goroutines: 1\ngoroutines: 1\n") {
			t.Errorf("goroutines at import, or left by calls; output:\n%s", out)
		}
	}
}

// N calls on N processes run together: they wait for each other, by files.
func TestNCallsOnNProcessesRunTogether(t *testing.T) {
	dir := t.TempDir()
	if _, err := parallel.Run(processes, open(t, 3), meet.Delayed(meeting{dir, 0, 3}, meeting{dir, 1, 3}, meeting{dir, 2, 3})); err != nil {
		t.Error(err)
	}
}

type meeting struct {
	Dir   string
	I, Of int
}

var meet = parallel.Func("meet", func(_ context.Context, m meeting) (struct{}, error) {
	if err := os.WriteFile(filepath.Join(m.Dir, fmt.Sprint(m.I)), nil, 0o600); err != nil {
		return struct{}{}, err
	}
	for end := time.Now().Add(30 * time.Second); time.Now().Before(end); time.Sleep(time.Millisecond) {
		if files, _ := os.ReadDir(m.Dir); len(files) == m.Of {
			return struct{}{}, nil
		}
	}
	return struct{}{}, errors.New("the others did not come in 30 s")
})

// Several goroutines use one Parallel.
// Nothing waits behind a call that takes long while another process is idle: here
// the first call waits until all others are done.
func TestALongCallKeepsNoOtherWaiting(t *testing.T) {
	p := open(t, 2, parallel.WithTimeout(20*time.Second))
	file := filepath.Join(t.TempDir(), "marks")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	calls := make([]mark, 200)
	for i := range calls {
		calls[i].File = file
	}
	if _, err := parallel.Run(processes, p, marks.Delayed(calls[:100]...)); err != nil {
		t.Fatal(err)
	}
	calls[100].Wait = 100 + 99
	if _, err := parallel.Run(processes, p, marks.Delayed(calls[100:]...)); err != nil {
		t.Error(err)
	}
}

func TestSharedParallel(t *testing.T) {
	p := open(t, 2)
	var runs sync.WaitGroup
	for i := range 6 {
		runs.Go(func() {
			for range 3 {
				if i%2 == 0 {
					out, err := parallel.Run(processes, p, square.Delayed(numbers(1000*i)...))
					if err != nil || i > 0 && out[999] != 999*999 {
						t.Error(err)
					}
				} else if out, err := parallel.Run(processes, p, root.Delayed(4, 9, 16)); err != nil || out[2] != 4 {
					t.Error(out, err)
				}
			}
		})
	}
	runs.Wait()
}
