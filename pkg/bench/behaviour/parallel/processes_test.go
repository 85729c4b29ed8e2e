package parallel

import (
	"context"
	"fmt"
	"iter"
	"os"
	"regexp"
	"slices"
	"sync"
	"syscall"
	"time"

	"github.com/threads2go/course/pkg/bench/behaviour"
	"github.com/threads2go/course/pkg/parallel"
)

// What the processes of pkg/parallel run. A file, whose name is in the environment, is what a
// cell and its processes have in common, as in the Python programs.

const marksVariable = "BEHAVIOUR_MARKS"

func mark() {
	file, err := os.OpenFile(os.Getenv(marksVariable), os.O_APPEND|os.O_WRONLY, 0)
	if err == nil {
		_, err = file.WriteString("x")
		file.Close()
	}
	if err != nil {
		panic(err)
	}
}

func marks() int {
	info, err := os.Stat(os.Getenv(marksVariable))
	if err != nil {
		panic(err)
	}
	return int(info.Size())
}

func again() {
	if err := os.Truncate(os.Getenv(marksVariable), 0); err != nil {
		panic(err)
	}
}

func meet(n int) {
	for marks() < n {
		time.Sleep(10 * time.Millisecond)
	}
}

var (
	third  = parallel.Func("third", onThird(func() error { return errLuck }))
	exit   = parallel.Func("exit", onThird(func() error { os.Exit(3); return nil }))
	killed = parallel.Func("killed", onThird(func() error { return syscall.Kill(os.Getpid(), syscall.SIGKILL) }))
	even   = parallel.Func("even", func(_ context.Context, x int) (int, error) {
		time.Sleep(time.Duration(x) * short)
		if x%2 == 0 {
			return 0, fmt.Errorf("no luck with %d", x)
		}
		return x, nil
	})
	first = parallel.Func("first", func(_ context.Context, x int) (int, error) {
		if x == 0 {
			return 0, errLuck
		}
		mark()
		time.Sleep(2 * short / 5)
		return x, nil
	})
	brief = parallel.Func("brief", func(_ context.Context, x int) (int, error) {
		mark()
		time.Sleep(2 * short / 5)
		return x, nil
	})
	outer = parallel.Func("outer", func(ctx context.Context, x int) ([]int, error) {
		p := processes(1)
		defer p.Close()
		return parallel.Run(ctx, p, plain.Delayed(x))
	})
	meeting = parallel.Func("meeting", func(_ context.Context, x int) (int, error) {
		mark()
		meet(4)
		return x, nil
	})
	last = parallel.Func("last", func(_ context.Context, x int) (int, error) {
		if x == 0 {
			meet(99)
		} else {
			mark()
		}
		return x, nil
	})
	plain = parallel.Func("plain", number)
	slow  = parallel.Func("slow", slowest)
	never = parallel.Func("never", deaf)
	half  = parallel.Func("half", func(_ context.Context, x int) (int, error) {
		time.Sleep(20 * short)
		mark()
		return x, nil
	})
	locks = parallel.Func("locks", func(_ context.Context, m *sync.Mutex) (bool, error) { return m.TryLock(), nil })
	add   = parallel.Func("add", func(context.Context, int) (int, error) { added++; return added, nil })
)

var added int // the caller's variable

func onThird(do func() error) func(context.Context, int) (int, error) {
	return func(_ context.Context, x int) (int, error) {
		if x == 2 {
			return 0, do()
		}
		return x, nil
	}
}

func processes(n int, opts ...parallel.Option) *parallel.Parallel {
	return parallel.New(n, append(opts, parallel.WithPrefer(parallel.Processes))...)
}

// marked is a cell that has the file.
func marked(cell func() string) func() string {
	return func() string {
		file, err := os.CreateTemp("", "")
		if err != nil {
			return err.Error()
		}
		file.Close()
		defer os.Remove(file.Name())
		os.Setenv(marksVariable, file.Name())
		return cell()
	}
}

// ran says what Run returns for the numbers below items.
func ran[R any](p *parallel.Parallel, f *parallel.Function[int, R], items int) string {
	return says("Run", func() (any, error) {
		out, err := parallel.Run(ctx, p, f.Delayed(upTo(items)...))
		return out, err
	})
}

func streamed(p *parallel.Parallel, f *parallel.Function[int, int], items iter.Seq[int]) iter.Seq2[int, error] {
	return parallel.Stream(ctx, p, f.DelayedSeq(items))
}

// refused says how Func panics, without the place of the call.
func refused(name string, f func(context.Context, int) (int, error)) (what string) {
	defer func() {
		what = "Func panics: " + regexp.MustCompile(` at \S+:\d+`).ReplaceAllString(fmt.Sprint(recover()), "")
	}()
	parallel.Func(name, f)
	return
}

// The cells of the column, by their cases.
var (
	processFails  = func() string { return ran(processes(2), third, 4) }
	processExits  = func() string { return ran(processes(2), exit, 4) }
	processKilled = func() string { return ran(processes(2), killed, 4) }
	processFirst  = marked(func() string {
		ran(processes(2), first, 100)
		return few(marks())
	})
	processAllErrors = func() string { return ran(processes(2), even, 4) }
	processNested    = func() string { return "with processes of its own " + ran(processes(1), outer, 1) }
	processMeet      = marked(func() string { return ran(processes(4), meeting, 4) })
	processLast      = marked(func() string {
		p := processes(2)
		_, _ = parallel.Run(ctx, p, last.Delayed(1, 1)) // starts both processes
		again()
		what := make(chan string, 1)
		go func() {
			what <- says("Run", func() (any, error) {
				out, err := parallel.Run(ctx, p, last.Delayed(upTo(100)...))
				return fmt.Sprint(len(out), " results"), err
			})
		}()
		select {
		case what := <-what:
			return what
		case <-time.After(2 * time.Second):
			return "Run hangs"
		}
	})
	processOrder = marked(func() string {
		p := processes(3)
		what := ran(p, slow, 3)
		again()
		return what + "; " + yields("StreamUnordered", parallel.StreamUnordered(ctx, p, slow.DelayedSeq(slices.Values(upTo(3)))))
	})
	processAhead = func() string {
		ahead := func(opts ...parallel.Option) string {
			source, taken := counted(100)
			go yields("", streamed(processes(2, opts...), never, source))
			return fmt.Sprint(behaviour.Settled(taken, 4*short))
		}
		return fmt.Sprintf("Stream: %s; WithPreDispatch(3): %s", ahead(), ahead(parallel.WithPreDispatch(3)))
	}
	processOneItem = func() string {
		return oneItem(func(source iter.Seq[int]) iter.Seq2[int, error] { return streamed(processes(2), plain, source) })
	}
	processBreak = marked(func() string {
		for range streamed(processes(2), brief, slices.Values(upTo(100))) {
			break
		}
		return few(marks())
	})
	processTimeout = marked(func() string {
		what := ran(processes(2, parallel.WithTimeout(6*short)), half, 1)
		time.Sleep(30 * short)
		if marks() == 0 {
			return what + "; the task does not run on"
		}
		return what + "; the task runs on"
	})
	processZero     = func() string { return ran(processes(0), plain, 2) }
	processNegative = func() string { return ran(processes(-1), plain, 2) }
	processNil      = func() string { return refused("nil", nil) }
	processUnnamed  = func() string { return refused("", number) }
	processLock     = func() string {
		return says("Run", func() (any, error) { return parallel.Run(ctx, processes(2), locks.Delayed(new(sync.Mutex))) })
	}
	processVariable = func() string {
		ran(processes(2), add, 2)
		return fmt.Sprint(added)
	}
	processClosed = func() string {
		p := processes(2)
		p.Close()
		return ran(p, plain, 2)
	}
	processProgress = func() string {
		what := ""
		ran(processes(2, parallel.WithProgress(func(done, total int) { what = fmt.Sprintf("%d of %d are done", done, total) })), plain, 10)
		return "WithProgress: " + what
	}
)
