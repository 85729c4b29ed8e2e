package thread

import (
	"context"
	"errors"
	"log/slog"
)

type (
	hookKey     struct{}
	observerKey struct{}
)

// WithHook returns a context for Start: what is started with it, or with
// contexts derived from it, tells hook of failures, as Python's threads tell
// threading.excepthook.
//
// The hook is called once for a thread that fails while no Join waits for it, on
// the thread's goroutine, with the thread's context, its name and its error:
// what the function returned, a *PanicError or ErrGoexit. A later Join returns
// the error too, after the hook has returned; who waits for Done alone does not
// count. If ctx has ended and the error says no more than that, it is no failure.
//
// A nil hook stands for the one that there is without WithHook: it logs name,
// error and, after a panic, the stack by slog.Default, which writes to standard
// error unless told otherwise. It also logs the panic of a hook, together with
// what the hook was called for.
func WithHook(ctx context.Context, hook func(ctx context.Context, name string, err error)) context.Context {
	return context.WithValue(ctx, hookKey{}, hook)
}

// WithObserver returns a context for Start: what is started with it, or with
// contexts derived from it, calls begin with the thread's name when its function
// is about to run, and the function that begin returned, with the thread's error,
// when it has run. Both are called on the thread's goroutine. They must not panic.
//
// An observer draws timelines, or counts who is alive. Without one, a thread
// spends a look into its context on it.
func WithObserver(ctx context.Context, begin func(name string) (end func(err error))) context.Context {
	return context.WithValue(ctx, observerKey{}, begin)
}

func observer(ctx context.Context) func(string) func(error) {
	begin, _ := ctx.Value(observerKey{}).(func(string) func(error))
	return begin
}

// report calls the hook of ctx.
func report(ctx context.Context, name string, err error) {
	hook, _ := ctx.Value(hookKey{}).(func(context.Context, string, error))
	if hook == nil {
		log(ctx, name, err)
		return
	}
	defer func() {
		if v := recover(); v != nil {
			log(ctx, name, errors.Join(err, &PanicError{v, stack()}))
		}
	}()
	hook(ctx, name, err)
}

// log is the default hook. Stacks go into the message, since handlers that
// write text leave its line breaks alone, and make a value one long line.
func log(ctx context.Context, name string, err error) {
	message := "thread failed"
	if p, ok := errors.AsType[*PanicError](err); ok {
		message += "\n" + string(p.Stack)
	}
	slog.ErrorContext(ctx, message, "thread", name, "err", err)
}
