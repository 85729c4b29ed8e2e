package thread

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"reflect"
	"runtime/debug"
)

var (
	// ErrStarted is wrapped by the error of Start for a thread that was
	// started before, whether it has ended or not.
	ErrStarted = errors.New("thread: started before")

	// ErrNotStarted is wrapped by the error of Join before Start.
	ErrNotStarted = errors.New("thread: not started")

	// ErrAlive is wrapped by the error of a Join whose context ended before the
	// thread did, and never by that of a thread.
	ErrAlive = errors.New("thread: still alive")

	// ErrGoexit is the error of a thread whose function called runtime.Goexit,
	// as the FailNow of package testing does.
	ErrGoexit = errors.New("thread: runtime.Goexit called")
)

// A PanicError is the error of a thread whose function panicked.
type PanicError struct {
	Value any    // what was given to panic
	Stack []byte // the function's calls, innermost first, in the form of runtime/debug.Stack
}

func (e *PanicError) Error() string { return fmt.Sprintf("panic: %v", e.Value) }

// Unwrap returns Value if it is an error, as runtime errors are; else nil.
func (e *PanicError) Unwrap() error {
	err, _ := e.Value.(error)
	return err
}

// stack returns the calls of the function whose panic is being recovered. It
// leaves out those of the recovery, above, and those of this package, below.
func stack() []byte {
	title, calls, _ := bytes.Cut(debug.Stack(), []byte("\n"))
	// A call is two lines: the function, and where in it.
	if _, rest, ok := bytes.Cut(calls, []byte("\npanic(")); ok {
		_, rest, _ = bytes.Cut(rest, []byte("\n\t"))
		_, calls, _ = bytes.Cut(rest, []byte("\n"))
	}
	run := "\n" + reflect.TypeFor[PanicError]().PkgPath() + ".(*Thread[...]).run("
	if i := bytes.LastIndex(calls, []byte(run)); i >= 0 {
		calls = calls[:i+1]
	}
	return bytes.Join([][]byte{title, calls}, []byte("\n"))
}

// failed reports whether err is news to who ended ctx. As SystemExit is none in
// Python, it is no failure of a thread to pass on that its context has ended.
func failed(ctx context.Context, err error) bool {
	if err == nil {
		return false
	}
	if _, ok := errors.AsType[*PanicError](err); ok || ctx.Err() == nil {
		return true
	}
	for e := err; e != nil; e = errors.Unwrap(e) {
		if _, ok := e.(interface{ Unwrap() []error }); ok {
			return true // there is another error in it
		}
	}
	return !errors.Is(err, ctx.Err()) && !errors.Is(err, context.Cause(ctx))
}

// own returns err, which a thread has ended with, such that it is not taken for
// that of a Join of this thread: the thread may have joined others, in vain.
func own(err error) error {
	if errors.Is(err, ErrAlive) {
		return ownError{err}
	}
	return err
}

// An ownError is its error, except that it is not ErrAlive. It has no Unwrap,
// which would show that again.
type ownError struct{ err error }

func (e ownError) Error() string { return e.err.Error() }

func (e ownError) Is(target error) bool { return target != ErrAlive && errors.Is(e.err, target) }

func (e ownError) As(target any) bool { return errors.As(e.err, target) }
