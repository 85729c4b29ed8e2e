package parallel

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"reflect"
	"runtime/debug"
	"slices"
	"time"

	"github.com/threads2go/course/pkg/pool"
)

// ErrClosed is the error of a call on a Parallel that was closed.
var ErrClosed = errors.New("parallel: use of a closed Parallel; make another with parallel.New")

var errNil = errors.New("parallel: nil *Parallel; make one with parallel.New, or with new(parallel.Parallel) for a job per core")

// A TaskError says which call failed, and how.
type TaskError struct {
	Func  string // the function's name
	Index int    // of the call, among all that Run or Stream was given
	// Err is what the function returned, or a *pool.PanicError, pool.ErrGoexit, or
	// an *ExitError. From another process an error comes as its text; errors.Is
	// still finds context.Canceled and context.DeadlineExceeded in it.
	Err error
}

func (e *TaskError) Error() string {
	return fmt.Sprintf("parallel: %s, call %d: %v", e.Func, e.Index, e.Err)
}

func (e *TaskError) Unwrap() error { return e.Err }

// An ExitError says how a worker's process ended that should not have.
type ExitError struct {
	*os.ProcessState               // exit code, signal, times, memory
	Timeout          time.Duration // it was killed because the call took longer than this; else 0
	Reason           string        // why Go has ended it, "fatal error: …" or "panic: …", if Go did
	Stderr           []byte        // the last 4 KB that it has written to its standard error
}

func (e *ExitError) Error() string {
	switch {
	case e.Timeout > 0:
		return fmt.Sprintf("took longer than its timeout of %v, so its process was killed", e.Timeout)
	case signal(e.ProcessState) == "killed":
		return "its process was killed (signal: killed), perhaps because memory ran out"
	}
	if e.Reason != "" {
		return fmt.Sprintf("its process ended: %v: %s", e.ProcessState, e.Reason)
	}
	return fmt.Sprintf("its process ended: %v", e.ProcessState)
}

// Unwrap returns context.DeadlineExceeded if the process was killed for its timeout.
func (e *ExitError) Unwrap() error {
	if e.Timeout > 0 {
		return context.DeadlineExceeded
	}
	return nil
}

// A timeoutError is the cause of the end of a call's context.
type timeoutError time.Duration

func (e timeoutError) Error() string { return fmt.Sprintf("its time of %v is over", time.Duration(e)) }

func (e timeoutError) Unwrap() error { return context.DeadlineExceeded }

// named returns err, of a call whose time was over, with the time in it.
func (e timeoutError) named(err error) error {
	switch {
	case err == context.DeadlineExceeded:
		return e
	case errors.Is(err, e): // the call has asked for the cause
		return err
	}
	return fmt.Errorf("%w: %w", err, e)
}

// bug reports whether err is a panic or an exit, which is kept even if it is not
// the first failure of a call: nobody else would tell of it.
func bug(err error) bool {
	var p *pool.PanicError
	return errors.As(err, &p) || errors.Is(err, pool.ErrGoexit)
}

// taskStack returns the calls of the task whose panic is being recovered, without
// those of the recovery, above, and of this package, below.
func taskStack() []byte {
	lines := bytes.SplitAfter(debug.Stack(), []byte("\n"))
	lo := 1 // the first line names the goroutine, then each call has two
	for i, l := range lines {
		if bytes.HasPrefix(l, []byte("panic(")) {
			lo = i + 2
			break
		}
	}
	own := []byte(reflect.TypeFor[Parallel]().PkgPath() + ".")
	hi := slices.IndexFunc(lines[lo:], func(l []byte) bool { return bytes.HasPrefix(l, own) })
	if hi < 0 {
		hi = len(lines) - lo
	}
	return slices.Concat(lines[0], bytes.Join(lines[lo:lo+hi], nil))
}
