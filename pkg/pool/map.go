package pool

import (
	"context"
	"errors"
)

// Map calls f for every item of in, on the workers of p, and returns the results
// in the order of in. It blocks until every f that it began has returned.
//
// The first error stops the work: no other f begins, the context that the tasks
// were given ends, and Map returns the error as a [*TaskError] that names the
// item. So it does with a panic, as a [*PanicError], and with runtime.Goexit, as
// [ErrGoexit]. Errors after the first are dropped, except that panics and exits
// are joined to it (see errors.Join): find them with errors.As and errors.Is.
//
// If ctx ends before all items are finished and before a task has failed, the
// work stops as well, and Map returns context.Cause(ctx). If ctx has ended
// already, nothing begins.
//
// The results have the length of in, also with an error: items that failed or
// never began have the zero value. An empty in gives an empty result that is not
// nil, and no error.
//
// It is an error, and nothing begins, if p, f or ctx is nil or the pool has less
// than one worker.
func Map[T, R any](ctx context.Context, p *Pool, in []T, f func(context.Context, T) (R, error)) ([]R, error) {
	out := make([]R, len(in))
	if f == nil {
		return out, errors.New("pool: Map: nil function; give the one to call for each item")
	}
	c, err := newCall(ctx, p, len(in))
	if err != nil {
		return out, err
	}
	c.start = func() {
		c.work(func(w *worker, hi int) {
			for i := w.at; i < hi && ctx.Err() == nil; {
				for end := min(i+askEvery, hi); i < end; i++ {
					if c.stopped.Load() {
						return
					}
					r, err := f(w, in[i])
					if err != nil {
						c.fail(i, err)
						return
					}
					out[i] = r
					w.at = i + 1
				}
			}
		})
	}
	return out, c.run()
}
