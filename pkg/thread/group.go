package thread

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
)

// A Group starts threads and joins them all. What should happen when one of them
// fails is not its business: package pool has policies for that.
//
// The zero Group is ready to use, by many goroutines at once. It must not be
// copied after its first use. It keeps the threads, and so their results, as
// long as it lives.
type Group[T any] struct {
	mu      sync.Mutex
	threads []*Thread[T]
	joins   int // Joins that wait now
}

// Go starts a thread as the function Go does and adds it to the group. It panics
// if ctx or f is nil.
func (g *Group[T]) Go(ctx context.Context, name string, f func(context.Context) (T, error)) *Thread[T] {
	t := New(name, f)
	g.mu.Lock()
	defer g.mu.Unlock()
	t.waiting = g.joins
	if err := t.Start(ctx); err != nil {
		panic(err)
	}
	g.threads = append(g.threads, t)
	return t
}

// Join waits until all threads of the group have ended, those included that are
// started meanwhile. It returns their values in the order in which they were
// started, and the errors of those that failed in the same order, with their
// names, as errors.Join does: all other threads have run to their end
// nevertheless. While it waits, it waits for each of them: no hook is told what it
// returns.
//
// If ctx ends first, the values of threads that are still alive are zero values,
// and the error wraps ErrAlive and context.Cause(ctx), besides the errors of
// those that have ended. Join may be called again, and the group used again; each
// Join returns the results of all threads since the group's first.
func (g *Group[T]) Join(ctx context.Context) ([]T, error) {
	if ctx == nil {
		return nil, errors.New("thread: Join of a group with a nil context; use context.Background() if there is none")
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if t, _ := current(ctx).(*Thread[T]); slices.Contains(g.threads, t) {
		return nil, fmt.Errorf("thread: %q joins its own group and would wait for ever", t.name)
	}
	g.joins++
	for _, t := range g.threads {
		t.wait(+1)
	}
	expired := false
	for i := 0; i < len(g.threads) && !expired; i++ {
		t := g.threads[i]
		g.mu.Unlock()
		select {
		case <-t.done:
		case <-ctx.Done():
			expired = true
		}
		g.mu.Lock()
	}
	g.joins--
	return g.results(ctx)
}

// results takes the threads' results for a Join that waits no longer.
func (g *Group[T]) results(ctx context.Context) ([]T, error) {
	values := make([]T, len(g.threads))
	var errs []error
	var late []*Thread[T]
	for i, t := range g.threads {
		if t.wait(-1) != ended {
			late = append(late, t)
			continue
		}
		values[i] = t.value
		if t.err != nil {
			errs = append(errs, fmt.Errorf("thread %q: %w", t.name, t.err))
		}
	}
	if len(late) > 0 {
		errs = append(errs, fmt.Errorf("%w: %d of %d, first %q: %w",
			ErrAlive, len(late), len(values), late[0].name, context.Cause(ctx)))
	}
	return values, errors.Join(errs...)
}
