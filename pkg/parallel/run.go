package parallel

import (
	"context"
)

// Run makes the calls and returns their results, in the order of the calls. It
// blocks until every call that it began has returned, or its process has ended.
//
//	roots, err := parallel.Run(ctx, p, root.Delayed(10, 9, 8))
//
// is joblib's Parallel(n_jobs)(delayed(root)(x) for x in [10, 9, 8]). Calls of
// several functions, with results of one type, are several arguments.
//
// The first failure stops the work: no other call begins, but for those on their way
// to a process; the context that the functions were given ends; and Run returns a
// [*TaskError] that names the call. So it does with a panic, a [runtime.Goexit], and a
// process that ended. Later failures are dropped, except that panics and exits are
// joined to the first (see errors.Join). If ctx ends before all is done, the work stops
// as well and Run returns context.Cause(ctx).
//
// The results have the number of the calls, also with an error: calls that failed,
// or were not made, have the zero value. No calls give an empty result.
func Run[R any](ctx context.Context, p *Parallel, calls ...Calls[R]) ([]R, error) {
	mainNeverRuns()
	l := newList(calls)
	w, opts, err := p.begin(ctx)
	if err != nil {
		return l.out, err
	}
	defer p.end()
	if len(l.out) == 0 {
		return l.out, nil
	}
	if ctx.Err() != nil {
		return l.out, context.Cause(ctx)
	}
	j := newJob(ctx, p, opts, l)
	reported := -1
	return l.out, j.run(w, func() {
		for p.progress != nil && j.done > reported { // more may be done meanwhile
			reported = j.done
			j.mu.Unlock()
			p.progress(reported, len(l.out))
			j.mu.Lock()
		}
	})
}

// A list is the source of Run.
type list[R any] struct {
	calls []Calls[R]
	out   []R
	next  int // the first call that was not taken
	at    int // calls[at] has it, or it is the last
	base  int // the index of the first call in calls[at]
}

func newList[R any](calls []Calls[R]) *list[R] {
	n := 0
	for _, c := range calls {
		n += c.n
	}
	return &list[R]{calls: calls, out: make([]R, n)}
}

func (l *list[R]) left() int { return len(l.out) - l.next }

func (l *list[R]) ended() bool { return true }

func (l *list[R]) taken() int { return l.next }

func (l *list[R]) take(n int) (c chunk, first, size int) {
	for l.next == l.base+l.calls[l.at].n {
		l.base = l.next
		l.at++
	}
	s := l.calls[l.at]
	first = l.next
	size = min(n, l.base+s.n-first)
	l.next += size
	return s.f.chunk(s.args, first-l.base, first-l.base+size, l.out[first:l.next]), first, size
}

func (l *list[R]) finish(chunk, int, int) {}
