package pool

import (
	"bytes"
	"errors"
	"fmt"
	"reflect"
	"runtime/debug"
	"slices"
)

// ErrGoexit is the error of a task that called runtime.Goexit, as the FailNow
// of package testing does.
var ErrGoexit = errors.New("runtime.Goexit called in the task")

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
func bug(err error, known *TaskError) bool {
	switch e := err.(type) {
	case *PanicError:
		return true
	case *TaskError:
		return e != known && bug(e.Err, known)
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
