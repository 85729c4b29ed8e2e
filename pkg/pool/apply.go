package pool

import (
	"context"
	"sync"
)

// Apply calls f for x on a worker of p and returns what f returns. It blocks
// until then: first until a worker is free, then until f has returned.
//
// Errors are those of [Map]: a *TaskError, whose Index is 0, for what went wrong
// in f, and context.Cause(ctx) if ctx ended before a worker was free. f runs on
// another goroutine than the caller's. Its context ends when it returns.
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
	t, _ := p.free.Get().(*applied[T, R])
	if t == nil {
		t = new(applied[T, R])
		t.run = t
	}
	t.f, t.x = f, x
	t.over.Add(1)
	waits, err := p.push(ctx, &t.job, nil)
	if err != nil {
		return none, err
	}
	reuse := true
	if waits && ctx.Done() != nil {
		unhook := context.AfterFunc(ctx, t.drop)
		t.over.Wait()
		reuse = unhook()
	} else {
		t.over.Wait()
	}
	r, err := t.value, t.err
	if reuse { // else t.drop may be about to look at it
		t.ctx, t.f, t.value, t.err = nil, nil, none, nil
		t.x = *new(T)
		p.free.Put(t)
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
	if _, err := p.push(ctx, &t.job, p.host(ctx)); err != nil {
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
	over sync.WaitGroup
}

// An async task has a Result, and is used once.
type async[T, R any] struct {
	task[T, R]
	own ticket
}

func (t *task[T, R]) do() {
	ctx := t.ctx
	if ctx.ends() {
		ctx.shut(context.Canceled)
		t.err = ctx.cause()
		return
	}
	returned := false
	defer func() {
		if !returned {
			t.err = ErrGoexit
			if v := recover(); v != nil {
				t.err = &PanicError{v, taskStack()}
			}
		}
		if t.err != nil {
			t.err = &TaskError{0, t.err}
		}
		ctx.shut(context.Canceled)
	}()
	t.value, t.err = timed(ctx.pool, t.f)(ctx, t.x)
	returned = true
}

func (t *task[T, R]) failure() error { return t.err }

func (t *task[T, R]) function() any { return t.f }

func (t *applied[T, R]) done(err error) {
	if err != nil {
		t.err = err
	}
	t.over.Done()
}

func (t *async[T, R]) done(err error) {
	if err != nil {
		t.err = err
	}
	t.finish()
}
