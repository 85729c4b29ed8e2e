package thread

import (
	"context"
	"fmt"
	"reflect"
	"runtime"
	"runtime/pprof"
	"sync"
)

// A Thread is one function with a name that runs, once started, in a goroutine
// of its own, and whose result can be had from anywhere. New makes one.
//
// Its methods may be called by many goroutines at once. It must not be copied.
type Thread[T any] struct {
	name string
	done chan struct{} // closed when the thread has ended

	mu      sync.Mutex
	f       func(context.Context) (T, error) // nil once started
	state   state
	waiting int // Joins that wait now

	// Belong to the thread until it has ended. Then they never change.
	value T
	err   error
}

type state int

const (
	created state = iota
	alive
	ended
)

var stateNames = [...]string{"not started", "alive", "ended"}

// New returns a thread that runs f once it is started. Until then it costs
// nothing but its memory. The name is for people: in failures, profiles and
// tracebacks. It need not be unique; an empty name becomes that of the function,
// as in "main.sleeper".
func New[T any](name string, f func(context.Context) (T, error)) *Thread[T] {
	if name == "" && f != nil {
		name = runtime.FuncForPC(reflect.ValueOf(f).Pointer()).Name()
	}
	return &Thread[T]{name: name, f: f, done: make(chan struct{})}
}

// Go makes a thread and starts it. It panics if ctx or f is nil.
func Go[T any](ctx context.Context, name string, f func(context.Context) (T, error)) *Thread[T] {
	t := New(name, f)
	if err := t.Start(ctx); err != nil {
		panic(err)
	}
	return t
}

// Start lets the thread run and returns at once. The function gets a context
// derived from ctx: ending ctx asks the thread to end, nothing forces it to.
// With a context that has ended it runs too, and finds that out itself.
//
// A thread runs once: a second Start returns ErrStarted. With a nil context or
// function nothing is started, and the error says which of them it is.
func (t *Thread[T]) Start(ctx context.Context) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	switch {
	case t.state != created:
		return fmt.Errorf("%w: %q; make another with thread.New", ErrStarted, t.name)
	case t.f == nil:
		return fmt.Errorf("thread: %q has a nil function; give thread.New the function to run", t.name)
	case ctx == nil:
		return fmt.Errorf("thread: Start of %q with a nil context; use context.Background() if there is none", t.name)
	}
	f := t.f
	t.f = nil // so that what it refers to lives no longer than it runs
	t.state = alive
	go t.run(ctx, f)
	return nil
}

// run is the life of the thread.
func (t *Thread[T]) run(ctx context.Context, f func(context.Context) (T, error)) {
	ctx = context.WithValue(ctx, currentKey{}, t)
	ctx = pprof.WithLabels(ctx, pprof.Labels("thread", t.name))
	pprof.SetGoroutineLabels(ctx)
	defer t.end(ctx)
	if observe := observer(ctx); observe != nil {
		finish := observe(t.name)
		defer func() { finish(t.err) }()
	}
	defer func() {
		if v := recover(); v != nil {
			t.err = &PanicError{v, stack()}
		}
	}()
	t.err = ErrGoexit // unless f returns or panics
	t.value, t.err = f(ctx)
}

// end tells of a failure that no Join is there to hear of, then lets all Joins
// return. Whether a Join waits is asked under the lock that it leaves by: either
// it returns the failure, or the hook is called.
func (t *Thread[T]) end(ctx context.Context) {
	t.mu.Lock()
	defer t.mu.Unlock()
	defer func() { // deferred, for a hook may do anything
		t.err = own(t.err)
		t.state = ended
		close(t.done)
	}()
	if t.waiting == 0 && failed(ctx, t.err) {
		t.mu.Unlock()
		defer t.mu.Lock()
		report(ctx, t.name, t.err)
	}
}

// Join waits until the thread has ended and returns the result of its function.
// It may be called as often as wanted, by many goroutines at once: all get the
// same. A panic of the function is returned as a *PanicError, a call of
// runtime.Goexit as ErrGoexit.
//
// If ctx ends first, Join returns an error that wraps ErrAlive and
// context.Cause(ctx); the thread goes on and may be joined again. Only then does
// errors.Is(err, ErrAlive) hold, whatever the function returns. A thread that has
// ended is joined even if ctx has ended too.
//
// Join before Start returns ErrNotStarted. A thread that would join itself gets
// an error, provided that ctx is its own or derived from that.
func (t *Thread[T]) Join(ctx context.Context) (T, error) {
	var zero T
	switch {
	case ctx == nil:
		return zero, fmt.Errorf("thread: Join of %q with a nil context; use context.Background() if there is none", t.name)
	case current(ctx) == t:
		return zero, fmt.Errorf("thread: %q joins itself and would wait for ever", t.name)
	case t.wait(+1) == created:
		t.wait(-1)
		return zero, fmt.Errorf("%w: %q; call Start before Join, or make it with thread.Go", ErrNotStarted, t.name)
	}
	select {
	case <-t.done:
	case <-ctx.Done():
	}
	if t.wait(-1) != ended {
		return zero, fmt.Errorf("%w: %q: %w", ErrAlive, t.name, context.Cause(ctx))
	}
	return t.value, t.err
}

// wait counts a Join that begins, +1, or ends, -1, and returns the state.
func (t *Thread[T]) wait(n int) state {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.waiting += n
	return t.state
}

// Name returns the name given to New.
func (t *Thread[T]) Name() string { return t.name }

// Alive reports whether the thread was started and has not ended.
func (t *Thread[T]) Alive() bool { return t.wait(0) == alive }

// Done returns a channel that is closed when the thread has ended, for use in a
// select. Join then returns at once.
func (t *Thread[T]) Done() <-chan struct{} { return t.done }

// String returns the name and whether the thread is alive.
func (t *Thread[T]) String() string {
	return fmt.Sprintf("thread %q (%s)", t.name, stateNames[t.wait(0)])
}

// NoResult makes a thread's function of one that has only an error to return,
// as the Run methods of many types have.
func NoResult(f func(context.Context) error) func(context.Context) (struct{}, error) {
	if f == nil {
		return nil
	}
	return func(ctx context.Context) (struct{}, error) { return struct{}{}, f(ctx) }
}

// Name returns the name of the thread that ctx was given to, or "" if there is
// none. Contexts derived from a thread's have it too.
func Name(ctx context.Context) string {
	if t, ok := current(ctx).(interface{ Name() string }); ok {
		return t.Name()
	}
	return ""
}

// current returns the *Thread that ctx was given to, or nil.
func current(ctx context.Context) any { return ctx.Value(currentKey{}) }

type currentKey struct{}
