package parallel

import (
	"context"
	"errors"
	"fmt"
	"iter"

	"github.com/threads2go/course/pkg/pool"
)

// Stream makes the calls of a sequence and yields their results in the order of
// the calls, as they come: joblib's return_as="generator". It takes from the
// sequence only so many calls beyond the results that were handed on as
// WithPreDispatch says, so the sequence may be endless, and slow.
//
//	for root, err := range parallel.Stream(ctx, p, root.DelayedSeq(numbers)) {
//
// The first failure, as of Run, stops the work. The results of the calls before it
// that are done already are still yielded, then the error, with a zero result, as
// the last. If the loop ends early, by break or return, the work stops: no other
// call begins, and the contexts of those that run end.
//
// The loop ends when every call that began has returned, or its process has ended,
// and the sequence has returned. That runs on a goroutine of its own, and should
// watch ctx where it waits for long. A panic in it is yielded as a
// *pool.PanicError.
//
// Each range over the result makes the calls anew. A Stream in whose loop other
// calls on p are made shares the jobs with them.
func Stream[R any](ctx context.Context, p *Parallel, calls iter.Seq[Calls[R]]) iter.Seq2[R, error] {
	return stream(ctx, p, calls, true)
}

// StreamUnordered is Stream, except that results come as soon as they are there:
// joblib's return_as="generator_unordered". So a slow call keeps none waiting.
func StreamUnordered[R any](ctx context.Context, p *Parallel, calls iter.Seq[Calls[R]]) iter.Seq2[R, error] {
	return stream(ctx, p, calls, false)
}

func stream[R any](ctx context.Context, p *Parallel, calls iter.Seq[Calls[R]], ordered bool) iter.Seq2[R, error] {
	return func(yield func(R, error) bool) {
		mainNeverRuns()
		var none R
		if calls == nil {
			yield(none, errors.New("parallel: Stream of a nil sequence; give the calls, as DelayedSeq makes them"))
			return
		}
		w, opts, err := p.begin(ctx)
		if err != nil {
			yield(none, err)
			return
		}
		defer p.end()
		if ctx.Err() != nil {
			yield(none, context.Cause(ctx))
			return
		}
		f := &flow[R]{window: p.window, ordered: ordered, blocks: map[int][]R{}}
		j := newJob(ctx, p, opts, f)
		f.job = j
		j.running++
		go f.feed(calls)
		stopped := false
		err = j.run(w, func() {
			for !stopped {
				out := f.ready()
				if out == nil && !f.report(p.progress) {
					return // nothing has come meanwhile
				}
				for _, r := range out {
					j.mu.Unlock()
					stopped = !yield(r, nil)
					j.mu.Lock()
					if stopped {
						j.halt(errStopped)
						return
					}
					f.handed++
					j.room.Signal()
					f.report(p.progress)
				}
			}
		})
		if err != nil && !stopped {
			yield(none, err)
		}
	}
}

var errStopped = errors.New("parallel: the loop over the stream has ended")

// A flow is the source of a stream. Its fields are guarded by the job's mu.
type flow[R any] struct {
	job     *Job
	window  int
	ordered bool

	pending []Calls[R] // taken from the sequence, not from here
	waiting int        // calls in pending
	pulled  int        // calls taken from the sequence
	first   int        // the index of the first call in pending
	ends    bool       // nothing comes any more

	blocks map[int][]R // results, by the index of the first
	queue  [][]R       // the same if order does not matter
	handed int         // results handed on
	told   [2]int      // the last progress reported
}

func (f *flow[R]) left() int { return f.waiting }

func (f *flow[R]) ended() bool { return f.ends }

func (f *flow[R]) taken() int { return f.first }

// take takes calls of one function from as many of the pending as there are.
func (f *flow[R]) take(n int) (c chunk, first, size int) {
	if s := f.pending[0]; s.n > n {
		size = n
		c = s.f.chunk(s.args, 0, n, make([]R, n))
		f.pending[0] = s.slice(n, s.n)
	} else {
		k := 0
		for k < len(f.pending) && f.pending[k].f == s.f && size+f.pending[k].n <= n {
			size += f.pending[k].n
			k++
		}
		c = s.f.chunk(s.f.join(f.pending[:k]), 0, size, make([]R, size))
		clear(f.pending[:k])
		f.pending = f.pending[k:]
	}
	first = f.first
	f.first += size
	f.waiting -= size
	return c, first, size
}

func (f *flow[R]) finish(c chunk, first, size int) {
	out := c.(interface{ output() []R }).output()
	if f.ordered {
		f.blocks[first] = out
	} else {
		f.queue = append(f.queue, out)
	}
}

// ready returns results to hand on now, or nil.
func (f *flow[R]) ready() []R {
	if f.ordered {
		out := f.blocks[f.handed]
		delete(f.blocks, f.handed)
		return out
	}
	if len(f.queue) == 0 {
		return nil
	}
	out := f.queue[0]
	f.queue[0] = nil
	f.queue = f.queue[1:]
	return out
}

// feed takes the calls from the sequence.
func (f *flow[R]) feed(calls iter.Seq[Calls[R]]) {
	j := f.job
	err := fmt.Errorf("parallel: the sequence of calls: %w", pool.ErrGoexit)
	defer func() {
		if v := recover(); v != nil {
			err = fmt.Errorf("parallel: the sequence of calls: %w", &pool.PanicError{Value: v, Stack: taskStack()})
		}
		j.mu.Lock()
		defer j.mu.Unlock()
		if err != nil {
			j.halt(err)
		}
		f.ends = true
		j.running--
		j.more.Broadcast()
		j.news.Broadcast()
	}()
	j.mu.Lock()
	open := f.wait()
	j.mu.Unlock()
	if open {
		calls(func(c Calls[R]) bool {
			j.mu.Lock()
			defer j.mu.Unlock()
			return f.push(c)
		})
	}
	err = nil
}

// push puts calls into pending as there is room, waits until there is more, and
// reports whether the job goes on.
func (f *flow[R]) push(c Calls[R]) bool {
	for c.n > 0 {
		n := min(c.n, max(1, f.space())) // the window may have shrunk since wait
		f.pending = append(f.pending, c.slice(0, n))
		f.waiting += n
		f.pulled += n
		f.job.more.Signal()
		if !f.wait() {
			return false
		}
		c = c.slice(n, c.n)
	}
	return f.job.cause == nil // which has not been asked if there were no calls
}

// wait waits until there is room for a call, and reports whether the job goes on.
func (f *flow[R]) wait() bool {
	for f.space() < 1 && f.job.cause == nil {
		f.job.room.Wait()
	}
	return f.job.cause == nil
}

// space returns how many calls may be taken from the sequence.
func (f *flow[R]) space() int {
	window := f.window
	if window == 0 {
		window = 2 * f.job.opts.Jobs * max(f.job.grain, f.job.p.batch)
	}
	return window - (f.pulled - f.handed)
}

// report tells of progress if there is any, and reports whether it has: then the
// lock was free for a while.
func (f *flow[R]) report(progress func(done, total int)) bool {
	now := [2]int{f.handed, -1}
	if f.ends && f.job.cause == nil {
		now[1] = f.pulled
	}
	if progress == nil || now == f.told {
		return false
	}
	f.told = now
	f.job.mu.Unlock()
	progress(now[0], now[1])
	f.job.mu.Lock()
	return true
}
