package parallel

import (
	"context"
	"errors"
	"fmt"
	"math"
	"reflect"
	"sync/atomic"
	"time"

	"github.com/threads2go/course/pkg/pool"
)

// A chunk is a few calls of one function, whose types are forgotten: what a
// Batch is made of.
type chunk interface {
	function() servant
	part(lo, hi int) chunk
	// run makes the calls here, one after the other, until one fails, or until
	// stopped says that ctx has ended, which costs less than to ask ctx. It has *at
	// at the call that it is at, and tells mark, if not nil, before each.
	run(ctx context.Context, stopped *atomic.Bool, timeout time.Duration, at *int, mark marker) error
	// request is what another process needs to make them.
	request(timeout time.Duration) ([]byte, error)
	// results takes those of the calls lo to hi-1 from a reply.
	results(lo, hi int, data []byte) error
}

// A marker is told which call a process is at, and whether that runs: before the first
// its argument is read, and after the last the result is written.
type marker func(call int, runs bool)

// A servant is a *Function, as a process sees it that serves it.
type servant interface {
	Name() string
	site() (where string, late bool)
	crosses() error
	answer(ctx context.Context, request []byte, mark marker, send func(reply []byte))
}

type piece[T, R any] struct {
	f   *Function[T, R]
	in  []T
	out []R
}

func (p *piece[T, R]) function() servant { return p.f }

func (p *piece[T, R]) part(lo, hi int) chunk { return p.slice(lo, hi) }

func (p *piece[T, R]) slice(lo, hi int) *piece[T, R] {
	return &piece[T, R]{p.f, p.in[lo:hi], p.out[lo:hi]}
}

// output is where the results go.
func (p *piece[T, R]) output() []R { return p.out }

// run recovers from a panic once for all calls, because tiny ones would feel it. If
// one ends the goroutine, *at stays below len(p.in).
func (p *piece[T, R]) run(ctx context.Context, stopped *atomic.Bool, timeout time.Duration, at *int, mark marker) (err error) {
	returned := false
	defer func() {
		if !returned {
			if v := recover(); v != nil {
				err = &pool.PanicError{Value: v, Stack: taskStack()}
			}
		}
	}()
	for i, x := range p.in {
		*at = i
		if stopped.Load() {
			returned = true
			return context.Cause(ctx)
		}
		if mark != nil {
			mark(i, true)
		}
		r, err := p.call(ctx, timeout, x)
		if err != nil {
			returned = true
			return err
		}
		p.out[i] = r
	}
	*at = len(p.in)
	returned = true
	return nil
}

func (p *piece[T, R]) call(ctx context.Context, timeout time.Duration, x T) (R, error) {
	if timeout == 0 {
		return p.f.f(ctx, x)
	}
	cause := timeoutError(timeout)
	ctx, cancel := context.WithTimeoutCause(ctx, timeout, cause)
	defer cancel()
	r, err := p.f.f(ctx, x)
	if errors.Is(err, context.DeadlineExceeded) && context.Cause(ctx) == cause {
		err = cause.named(err)
	}
	return r, err
}

func (p *piece[T, R]) request(timeout time.Duration) ([]byte, error) {
	b, err := appendGob(request{len(p.in), timeout}.append(nil), p.in)
	if err != nil {
		err = fmt.Errorf("argument: %w", err)
	}
	return b, err
}

func (p *piece[T, R]) results(lo, hi int, data []byte) error {
	if lo < 0 || lo > hi || hi > len(p.out) {
		return fmt.Errorf("a reply with results %d to %d of %d", lo, hi, len(p.out))
	}
	return readGob(data, p.out[lo:hi])
}

func (f *Function[T, R]) site() (where string, late bool) { return f.where, f.late }

func (f *Function[T, R]) crosses() error {
	f.check.Do(func() {
		if err := crosses(reflect.TypeFor[T]()); err != nil {
			f.wrong = fmt.Errorf("parallel: the argument of %q cannot cross to another process: %w", f.name, err)
		} else if err := crosses(reflect.TypeFor[R]()); err != nil {
			f.wrong = fmt.Errorf("parallel: the result of %q cannot cross to another process: %w", f.name, err)
		}
	})
	return f.wrong
}

// answer makes the calls of a request in this process, and sends the reply.
func (f *Function[T, R]) answer(ctx context.Context, data []byte, mark marker, send func(reply []byte)) {
	begin := time.Since(born)
	mark(0, false)
	p, timeout, err := f.read(data)
	at := 0
	defer func() { // deferred, for a call may end this goroutine
		mark(max(0, min(at, len(p.in)-1)), false)
		p.reply(0, at, true, begin, err, send)
	}()
	if err != nil {
		err = fmt.Errorf("argument: %w", err)
		return
	}
	var stopped atomic.Bool
	stopped.Store(ctx.Err() != nil)
	defer context.AfterFunc(ctx, func() { stopped.Store(true) })()
	err = pool.ErrGoexit
	err = p.run(ctx, &stopped, timeout, &at, mark)
}

// read returns the calls of a request.
func (f *Function[T, R]) read(data []byte) (*piece[T, R], time.Duration, error) {
	q, data, err := readRequest(data)
	if err == nil && reflect.TypeFor[T]().Size() > 0 && q.calls > len(data) || q.calls > math.MaxInt32 {
		err = errGarbled // each argument has a byte at least
	}
	if err != nil {
		return &piece[T, R]{f: f}, 0, err
	}
	p := &piece[T, R]{f, make([]T, q.calls), make([]R, q.calls)}
	return p, q.timeout, readGob(data, p.in)
}

// reply sends the results lo to hi-1. Those too large for one message go in
// halves.
func (p *piece[T, R]) reply(lo, hi int, last bool, begin time.Duration, err error, send func(reply []byte)) {
	r := reply{lo: lo, hi: hi, last: last, begin: begin, end: time.Since(born), failure: failureOf(err)}
	b, wrong := appendGob(r.append(nil), p.out[lo:hi])
	switch {
	case wrong == nil:
		send(b)
	case hi-lo > 1:
		half := (lo + hi) / 2
		p.reply(lo, half, false, begin, nil, send)
		p.reply(half, hi, last, begin, err, send)
	default:
		r.hi, r.last, r.failure = lo, true, failureOf(fmt.Errorf("result: %w", wrong))
		send(r.append(nil))
	}
}
