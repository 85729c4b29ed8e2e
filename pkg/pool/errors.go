package pool

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"reflect"
	"runtime/debug"
	"slices"
	"time"
)

// ErrGoexit is the error of a task that called runtime.Goexit, as the FailNow
// of package testing does.
var ErrGoexit = errors.New("runtime.Goexit called in the task")

var (
	// ErrClosed is returned by calls on a pool that was closed.
	ErrClosed = errors.New("pool: closed; make another with pool.New")

	// ErrTerminated is returned by calls that Terminate has cut short, and is the
	// cause of the end of their tasks' context.
	ErrTerminated = errors.New("pool: terminated")

	// ErrOpen is returned by Join of a pool that was not closed.
	ErrOpen = errors.New("pool: not closed; call Close before Join")

	// ErrAlive is wrapped by the error of a Get, Join or Terminate whose context
	// ended before the tasks did.
	ErrAlive = errors.New("pool: still at work")
)

var errNilContext = errors.New("pool: nil context; use context.Background() if there is none")

func errNoFunction(name string) error {
	return fmt.Errorf("pool: %s: nil function; give the one to call for each item", name)
}

// A TaskError says which item's task failed, and how.
type TaskError struct {
	Index int   // of the item in the input
	Err   error // what the task returned, a *PanicError, or ErrGoexit
}

func (e *TaskError) Error() string { return fmt.Sprintf("pool: task %d: %v", e.Index, e.Err) }

func (e *TaskError) Unwrap() error { return e.Err }

// A PanicError is the error of a task that panicked.
type PanicError struct {
	Value any    // what was given to panic
	Stack []byte // the task's calls, innermost first, in the form of runtime/debug.Stack
}

func (e *PanicError) Error() string { return fmt.Sprintf("panic: %v", e.Value) }

// Unwrap returns Value if it is an error, as runtime errors are; else nil.
func (e *PanicError) Unwrap() error {
	err, _ := e.Value.(error)
	return err
}

// bug reports whether err holds a panic or an exit other than those in known,
// which a task may have got from context.Cause, or from a nested call.
func bug(err, known error) bool {
	switch e := err.(type) {
	case *PanicError:
		return true
	case *TaskError:
		return error(e) != known && bug(e.Err, known)
	case interface{ Unwrap() error }:
		return bug(e.Unwrap(), known)
	case interface{ Unwrap() []error }:
		return slices.ContainsFunc(e.Unwrap(), func(err error) bool { return bug(err, known) })
	}
	return err == ErrGoexit
}

// taskStack returns the calls of the task whose panic is being recovered. It
// leaves out those of the recovery, above, and those of this package, below.
func taskStack() []byte {
	lines := bytes.SplitAfter(debug.Stack(), []byte("\n"))
	// A line that names the goroutine, then two for each call: its function, and
	// where in it.
	lo, hi := 1, len(lines)
	for i, l := range lines {
		if bytes.HasPrefix(l, []byte("panic(")) {
			lo = i + 2
			break
		}
	}
	own := []byte(reflect.TypeFor[Pool]().PkgPath() + ".")
	for i := hi - 1; i > lo; i-- {
		switch l := bytes.TrimPrefix(lines[i], []byte("created by ")); {
		case len(l) == 0, l[0] == '\t':
		case bytes.HasPrefix(l, own):
			hi = i
		default:
			i = lo // a call of the task
		}
	}
	return slices.Concat(lines[0], bytes.Join(lines[lo:hi], nil))
}

// timed gives each call of f the time that the pool has for a task.
func timed[T, R any](p *Pool, f func(context.Context, T) (R, error)) func(context.Context, T) (R, error) {
	if p.timeout == 0 {
		return f
	}
	cause := timeoutError(p.timeout)
	return func(ctx context.Context, x T) (R, error) {
		ctx, cancel := context.WithTimeoutCause(ctx, p.timeout, cause)
		defer cancel()
		r, err := f(ctx, x)
		if errors.Is(err, context.DeadlineExceeded) && context.Cause(ctx) == cause {
			err = cause.named(err)
		}
		return r, err
	}
}

// A timeoutError is the cause of the end of a task's context.
type timeoutError time.Duration

func (e timeoutError) Error() string { return fmt.Sprintf("its time of %v is over", time.Duration(e)) }

func (e timeoutError) Unwrap() error { return context.DeadlineExceeded }

// named returns err, of a task whose time was over, with the time in it.
func (e timeoutError) named(err error) error {
	switch {
	case err == context.DeadlineExceeded:
		return e
	case errors.Is(err, e): // the task has asked for the cause
		return err
	}
	return fmt.Errorf("%w: %w", err, e)
}
