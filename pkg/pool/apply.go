package pool

import (
	"context"
	"errors"
	"sync"
)

// Apply calls f for x on a worker of p and returns what f returns. It blocks
// until then: first until a worker is free, then until f has returned.
//
// Errors are those of [Map]: a *TaskError, whose Index is 0, for what went wrong in
// f, and context.Cause(ctx) if ctx ended before that, or before a worker was free. f
// runs on another goroutine than the caller's. Its context ends when it returns.
func Apply[T, R any](ctx context.Context, p *Pool, x T, f func(context.Context, T) (R, error)) (R, error) {
	var none R
	if err := check(ctx, p); err != nil {
		return none, err
	}
	if f == nil {
		return none, errNoFunction("Apply")
	}
	if p.host(ctx) != nil {
		out, err := Map(ctx, p, []T{x}, f) // which lends the task's slot
		return out[0], err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	var t *applied[T, R]
	if last := len(p.free) - 1; last >= 0 {
		t, _ = p.free[last].(*applied[T, R])
		p.free = p.free[:last]
	}
	if t == nil {
		t = new(applied[T, R])
		t.run = t
		t.over.L = &p.mu
	}
	t.f, t.x = f, x
	waits, err := p.push(ctx, &t.job, nil)
	if err != nil {
		return none, err
	}
	unhooked := true
	if waits && ctx.Done() != nil {
		unhook := context.AfterFunc(ctx, t.drop)
		for t.place != over {
			t.over.Wait()
		}
		unhooked = unhook()
	}
	for t.place != over {
		t.over.Wait()
	}
	r, err := t.value, t.err
	if unhooked && len(p.free) < p.limit { // else t.drop may be about to look at it
		t.ctx, t.f, t.value, t.err = nil, nil, none, nil
		t.x = *new(T)
		p.free = append(p.free, t)
	}
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
	t := new(async[T, R])
	if err := check(ctx, p); err != nil {
		return t.failed(err)
	}
	if f == nil {
		return t.failed(errNoFunction("ApplyAsync"))
	}
	t.run, t.ctx, t.pool = t, &t.own, p
	t.f, t.x = f, x
	t.own.pool, t.own.parent = p, ctx // for drop
	if ctx.Done() != nil {
		g := &gate{done: make(chan struct{})}
		g.unhook = context.AfterFunc(ctx, t.drop)
		t.gate.Store(g)
	}
	from := p.host(ctx)
	p.mu.Lock()
	_, err := p.push(ctx, &t.job, from)
	p.mu.Unlock()
	if err != nil {
		return t.failed(err)
	}
	if ctx.Err() != nil { // drop may have been there too soon
		t.drop()
	}
	return &t.Result
}

// A task is one call of a function that was applied.
type task[T, R any] struct {
	job
	Result[R]
	f func(context.Context, T) (R, error)
	x T
}

// An applied task has a caller who waits for it. It is used again and again.
type applied[T, R any] struct {
	task[T, R]
	over sync.Cond
}

// An async task has a Result, and is used once.
type async[T, R any] struct {
	task[T, R]
	own ticket
}

func (t *task[T, R]) do() (failure error) {
	ctx := t.ctx
	if ctx.ends() {
		ctx.shut(context.Canceled)
		t.err = ctx.cause()
		return nil
	}
	returned := false
	defer func() {
		if !returned {
			failure = ErrGoexit
			if v := recover(); v != nil {
				failure = &PanicError{v, taskStack()}
			}
		}
		if failure != nil {
			t.fail(failure)
		} else {
			ctx.shut(context.Canceled)
		}
	}()
	t.value, failure = timed(ctx.pool, t.f)(ctx, t.x)
	returned = true
	return failure
}

// fail notes what the task has failed with, unless it was told to stop before that: most
// such failures are echoes of it, but panics and exits are not.
func (t *task[T, R]) fail(failure error) {
	t.err = &TaskError{0, failure}
	if !t.ctx.shut(t.err) {
		cause := t.ctx.cause()
		if bug(failure, cause) {
			t.err = errors.Join(cause, t.err)
		} else {
			t.err = cause
		}
	}
}

func (t *task[T, R]) function() any { return t.f }

func (t *applied[T, R]) done(err error) {
	if err != nil {
		t.err = err
	}
	t.over.Signal()
}

func (t *async[T, R]) done(err error) {
	if err != nil {
		t.err = err
	}
	t.finish()
}
