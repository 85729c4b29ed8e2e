package pool

import (
	"context"
	"sync"
	"time"
)

// Apply calls f for x on a worker of p and returns what f returns. It blocks
// until then: first until a worker is free, then until f has returned.
//
// Errors are those of [Map]: a *TaskError, whose Index is 0, for what went wrong
// in f, and context.Cause(ctx) if ctx ended before a worker was free. f runs on
// another goroutine than the caller's. Its context ends when Apply returns.
func Apply[T, R any](ctx context.Context, p *Pool, x T, f func(context.Context, T) (R, error)) (R, error) {
	var zero R
	if f == nil {
		return zero, errNoFunction("Apply")
	}
	if err := check(ctx, p); err != nil {
		return zero, err
	}
	s, _ := p.slabs.Get().(*slab[T, R])
	if s == nil {
		s = new(slab[T, R])
	}
	j := &s.jobs[s.used]
	if s.used++; s.used < len(s.jobs) {
		p.slabs.Put(s)
	}
	j.init(ctx, p, x, f)
	j.over.Add(1)
	if err := p.open(&j.party, j.from, true, 1); err != nil {
		return zero, err
	}
	if ctx.Done() != nil && p.waits(&j.party) {
		defer context.AfterFunc(ctx, j.drop)()
	}
	j.over.Wait()
	r, err := j.result.value, j.result.err
	var none T
	j.x, j.f, j.result.value = none, nil, zero // others in the slab may live longer
	return r, err
}

// ApplyAsync begins what Apply does and returns at once. Get waits for the result.
//
// Tasks begin in the order in which they were applied. Any number may wait for a
// worker: what bounds them is the caller, or a [Stream].
//
// Within a task, with its context, ApplyAsync does not lend the task's place, for
// the task goes on; Get does.
func ApplyAsync[T, R any](ctx context.Context, p *Pool, x T, f func(context.Context, T) (R, error)) *Result[R] {
	if f == nil {
		return new(Result[R]).failed(errNoFunction("ApplyAsync"))
	}
	if err := check(ctx, p); err != nil {
		return new(Result[R]).failed(err)
	}
	j := &job[T, R]{async: true}
	j.init(ctx, p, x, f)
	if ctx.Done() != nil {
		j.unhook = context.AfterFunc(ctx, j.drop)
	}
	if err := p.open(&j.party, j.from, false, 1); err != nil {
		j.result.err = err
		j.end()
	}
	return &j.result
}

// A job is one task that was applied.
type job[T, R any] struct {
	scope
	party
	self   worker // its context
	from   *worker
	f      func(context.Context, T) (R, error)
	x      T
	result Result[R]
	ran    bool
	async  bool
	over   sync.WaitGroup // until Apply may return
	unhook func() bool    // has ApplyAsync no longer follow the caller's context
}

// Apply allocates many jobs at a time, and uses each once: a task may keep its
// context, which is part of the job.
type slab[T, R any] struct {
	used int
	jobs [16]job[T, R]
}

func (j *job[T, R]) init(ctx context.Context, p *Pool, x T, f func(context.Context, T) (R, error)) {
	j.pool, j.parent, j.owner, j.from = p, ctx, j, p.host(ctx)
	j.self.scope, j.self.party = &j.scope, &j.party
	j.f, j.x = f, x
	j.result.pool = p
}

// work runs the task.
func (j *job[T, R]) work() (next owner) {
	w := &j.self
	var begun time.Time
	if j.pool.observe != nil {
		begun = time.Now()
	}
	returned := false
	defer func() {
		if !returned {
			j.result.err = ErrGoexit
			if v := recover(); v != nil {
				j.result.err = &PanicError{v, taskStack()}
				returned = true
			}
		}
		if err := j.result.err; err != nil && j.ran {
			w.failure = err
			j.result.err = &TaskError{0, err}
		}
		if j.pool.observe != nil && j.ran {
			w.report(w.at, begun)
		}
		j.shut(context.Canceled)
		next = j.pool.leave(w, false, returned)
	}()
	if j.ends() {
		j.stop(context.Canceled)
		j.result.err = j.cause()
	} else {
		j.ran = true
		j.result.value, j.result.err = timed(j.pool, j.f)(w, j.x)
	}
	returned = true
	return nil
}

// stop ends the task's context, or keeps the task from beginning.
func (j *job[T, R]) stop(cause error) bool {
	if j.parent.Err() != nil {
		cause = context.Cause(j.parent)
	}
	return j.shut(cause)
}

// drop ends the job if no worker is at it.
func (j *job[T, R]) drop() {
	j.stop(context.Canceled)
	j.pool.abandon(&j.party)
}

// end lets the caller go.
func (j *job[T, R]) end() {
	if !j.ran && j.result.err == nil {
		j.result.err = j.cause()
	}
	if j.async {
		if j.unhook != nil {
			j.unhook()
		}
		j.result.finish()
	} else {
		j.over.Done()
	}
}

func (j *job[T, R]) widen(int) {}

func (j *job[T, R]) task() any { return j.f }
