package pool

import "context"

// Map calls f for every item of in, on the workers of p, and returns the results
// in the order of in. It blocks until every f that it began has returned.
//
// The first error stops the work: no other f begins, the context that the tasks
// were given ends, and Map returns the error as a [*TaskError] that names the
// item. So it does with a panic, as a [*PanicError], and with runtime.Goexit, as
// [ErrGoexit]. Errors after the first are dropped, except that panics and exits
// are joined to it (see errors.Join): find them with errors.As and errors.Is.
// [WithAllErrors] makes it another way.
//
// If ctx ends before all items are finished and before a task has failed, the
// work stops as well, and Map returns context.Cause(ctx). If ctx has ended
// already, nothing begins.
//
// The results have the length of in, also with an error: items that failed or
// never began have the zero value. An empty in gives an empty result that is not
// nil, and no error.
//
// It is an error, and nothing begins, if p, f or ctx is nil, the pool has less
// than one worker, or it is closed.
func Map[T, R any](ctx context.Context, p *Pool, in []T, f func(context.Context, T) (R, error)) ([]R, error) {
	out := make([]R, len(in))
	if f == nil {
		return out, errNoFunction("Map")
	}
	c, err := newCall(ctx, p, len(in), f)
	if err != nil {
		return out, err
	}
	c.body = body(c, in, out, f)
	return out, c.run()
}

// MapAsync begins what Map does and returns at once. Get waits for the results.
//
// Within a task, with its context, it does not lend the task's place, for the
// task goes on; Get does.
func MapAsync[T, R any](ctx context.Context, p *Pool, in []T, f func(context.Context, T) (R, error)) *Result[[]R] {
	r := &Result[[]R]{pool: p, value: make([]R, len(in))}
	if f == nil {
		return r.failed(errNoFunction("MapAsync"))
	}
	c, err := newCall(ctx, p, len(in), f)
	if err != nil {
		return r.failed(err)
	}
	c.body = body(c, in, r.value, f)
	started, err := c.start(false)
	if !started {
		return r.failed(err)
	}
	go func() {
		defer r.finish()
		r.err = ErrGoexit // unless it comes to the end: a report of progress may not
		defer func() {
			if v := recover(); v != nil {
				r.err = &PanicError{v, taskStack()}
			}
		}()
		r.err = c.result()
	}()
	return r
}

// body is what a worker does with a chunk: f for each of its items.
func body[T, R any](c *call, in []T, out []R, f func(context.Context, T) (R, error)) func(*worker, int) {
	f = timed(c.pool, f)
	return func(w *worker, hi int) { each(c, w, 0, hi, in, out, f) }
}

// each calls f for the items from w.at up to hi, as far as it gets. The slices
// begin with item lo.
func each[T, R any](c crew, w *worker, lo, hi int, in []T, out []R, f func(context.Context, T) (R, error)) {
	for i := w.at; i < hi && w.parent.Err() == nil; {
		for end := min(i+askEvery, hi); i < end; i++ {
			if w.stopped() {
				return
			}
			if r, err := f(w, in[i-lo]); err == nil {
				out[i-lo] = r
			} else if !w.fail(c, err) {
				return
			}
			w.at = i + 1
		}
	}
}
