package parallel

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"sync"
	"sync/atomic"
	"time"

	"github.com/threads2go/course/pkg/pool"
)

// A Job is one call of Run or Stream, for a backend to work on. Its methods may be
// called by many goroutines at once.
type Job struct {
	p       *Parallel
	opts    Options
	src     source
	parent  context.Context // the caller's
	ctx     context.Context // the tasks'
	cancel  context.CancelCauseFunc
	stopped atomic.Bool // ctx has ended

	mu      sync.Mutex
	more    sync.Cond // the source has more, or nothing will come
	news    sync.Cond // something is done, or the job is over
	room    sync.Cond // a stream may take more from its source
	cause   error     // why the job has stopped: the first counts
	bugs    []error   // panics and exits that came later
	done    int       // calls
	grain   int       // calls that a batch should have
	each    time.Duration
	running int // of the backend and a stream's feeder
}

// A source is where a job's calls come from. Its methods are called with the job's
// mu held.
type source interface {
	// left returns how many calls can be taken now.
	left() int
	// ended reports that no more than these will come.
	ended() bool
	// taken returns how many calls were taken.
	taken() int
	// take takes up to n calls of one function. There is at least one.
	take(n int) (c chunk, first, size int)
	// finish has calls of a chunk that was taken, or of a part of one, done.
	finish(c chunk, first, size int)
}

func newJob(ctx context.Context, p *Parallel, opts Options, src source) *Job {
	j := &Job{p: p, opts: opts, src: src, parent: ctx, grain: 1, running: 1}
	j.more.L, j.news.L, j.room.L = &j.mu, &j.mu, &j.mu
	j.ctx, j.cancel = context.WithCancelCause(ctx)
	return j
}

// Options returns what the Parallel asks of the workers.
func (j *Job) Options() Options { return j.opts }

// Jobs returns how many calls may run at once: what the Parallel allows, or as
// many as there are if they are fewer.
func (j *Job) Jobs() int {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.src.ended() {
		return min(j.opts.Jobs, max(1, j.src.left()))
	}
	return j.opts.Jobs
}

// Batches returns the job's batches until there are no more, or the job has failed
// or is cancelled. Several goroutines may range over it, each gets others. They
// wait where a stream's source has nothing to give yet.
//
// A batch has as many calls as take about d, as far as is known from those before:
// what a batch costs beside its calls should be small against d. It has fewer near
// the end, and exactly as many as WithBatchSize says if that is given.
func (j *Job) Batches(d time.Duration) iter.Seq[*Batch] {
	return func(yield func(*Batch) bool) {
		for {
			b := j.next(d)
			if b == nil || !yield(b) {
				return
			}
		}
	}
}

const (
	// A batch has at most so many times the calls of those before it.
	maxGrowth = 8

	// No call is thought to be faster. It bounds a batch, behind whose calls
	// slow ones may hide.
	minEach = 20 * time.Nanosecond

	// A batch that takes so many times what it aims at is still short enough to
	// stand in line for one worker.
	quick = 10

	// A batch leaves so many times its length to each worker, so that the last
	// ones are short and end together.
	reserve = 2
)

func (j *Job) next(d time.Duration) *Batch {
	j.mu.Lock()
	defer j.mu.Unlock()
	for j.cause == nil && j.ctx.Err() == nil {
		if left := j.src.left(); left > 0 {
			size := j.p.batch
			if size == 0 {
				size = min(j.grain, int(d/minEach), j.share(left))
			}
			c, first, n := j.src.take(min(left, max(1, size)))
			return &Batch{
				job: j, c: c, first: first, n: n, target: d,
				quick: j.each > 0 && j.each*time.Duration(n) <= quick*d,
			}
		}
		if j.src.ended() {
			return nil
		}
		j.more.Wait()
	}
	return nil
}

// share is what one worker may take of the calls that are left.
func (j *Job) share(left int) int {
	if j.src.ended() {
		return left / (reserve * j.opts.Jobs)
	}
	return (left + j.opts.Jobs - 1) / j.opts.Jobs
}

// learn has later batches fit the time that a batch took.
func (j *Job) learn(n int, took, target time.Duration) {
	j.each = max(1, took/time.Duration(n))
	j.grain = int(max(1, min(int64(target/j.each), int64(n)*maxGrowth)))
}

// stop keeps batches from being taken and ends the tasks' context. The first cause
// counts, the end of the caller's context before all.
func (j *Job) stop(cause error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.halt(cause)
}

func (j *Job) halt(cause error) {
	switch {
	case j.cause == nil:
		if j.parent.Err() != nil {
			cause = context.Cause(j.parent)
		}
		j.cause = cause
		j.cancel(cause)
		j.stopped.Store(true)
	case bug(cause) && !errors.Is(cause, j.cause) && !errors.Is(j.cause, cause):
		j.bugs = append(j.bugs, cause)
	}
	j.more.Broadcast()
	j.news.Broadcast()
	j.room.Broadcast()
}

// run has the backend work and returns when it has. Meanwhile, whenever something
// is done, it calls news, with j.mu held. Nothing new may be left when news returns,
// also of what came while it had let the lock go.
func (j *Job) run(w Workers, news func()) error {
	defer j.cancel(context.Canceled)
	defer context.AfterFunc(j.parent, func() { j.stop(context.Canceled) })()
	go j.work(w)
	finished := false
	defer func() {
		if !finished { // news has panicked, or ended the goroutine
			j.stop(context.Canceled)
			j.mu.Lock()
			defer j.mu.Unlock()
			for j.running > 0 {
				j.news.Wait()
			}
		}
	}()
	j.mu.Lock()
	for j.running > 0 {
		news()
		if j.running > 0 {
			j.news.Wait()
		}
	}
	news()
	j.mu.Unlock()
	finished = true
	return j.err()
}

// work is the goroutine that the backend is called on.
func (j *Job) work(w Workers) {
	err := fmt.Errorf("parallel: the backend: %w", pool.ErrGoexit)
	defer func() { // deferred, for a call may end this goroutine
		if v := recover(); v != nil {
			err = fmt.Errorf("parallel: the backend: %w", &pool.PanicError{Value: v, Stack: taskStack()})
		}
		j.mu.Lock()
		defer j.mu.Unlock()
		if err == nil && (!j.src.ended() || j.src.left() > 0 || j.done < j.src.taken()) {
			err = errors.New("parallel: the backend returned before all calls were made; its Run has to range over Batches to the end, and do something with each")
		}
		if err != nil && (j.cause == nil || !errors.Is(err, pool.ErrGoexit)) { // else a call, which has noted it
			j.halt(err)
		}
		j.running--
		j.news.Broadcast()
	}()
	err = w.Run(j.ctx, j)
}

// err returns what the caller of a job that is over should know.
func (j *Job) err() error {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.bugs == nil {
		return j.cause
	}
	return errors.Join(append([]error{j.cause}, j.bugs...)...)
}

// A Batch is a few calls of one function. A backend either makes them in this
// process, with Run, or has another process make them, with Request and Reply.
// Whatever goes wrong with a call, they note it, and the job stops. A Batch is for one
// goroutine at a time.
type Batch struct {
	job    *Job
	c      chunk
	first  int
	n      int
	got    int // calls that are done
	target time.Duration
	quick  bool // it will not take long
}

// Func returns the name of the function.
func (b *Batch) Func() string { return b.c.function().Name() }

// First returns the index of the first call, among all of the job.
func (b *Batch) First() int { return b.first }

// Len returns how many calls there are.
func (b *Batch) Len() int { return b.n }

// Run makes the calls here, on this goroutine, one after the other, until one
// fails. The context must be the one that Workers.Run has got, or one derived from
// it.
func (b *Batch) Run(ctx context.Context) {
	j := b.job
	worker := j.p.enter()
	begin := time.Now()
	at := 0
	err := pool.ErrGoexit
	defer func() { // deferred, for a call may end this goroutine
		j.p.leave(worker)
		b.finish(0, at, err, pool.Span{Worker: worker, Begin: begin, End: time.Now()})
	}()
	err = b.c.run(ctx, &j.stopped, j.opts.Timeout, &at, nil)
}

// Request returns what another process needs to make the calls. It is complete in
// itself and may be sent more than once.
func (b *Batch) Request() ([]byte, error) { return b.c.request(b.job.opts.Timeout) }

// Reply takes a reply that another process has made to the request. A reply may
// come in parts; last reports that nothing is missing. What was replied before is
// not taken again.
//
// The worker's number is for observers, and epoch for the times that they get: the
// moment at which the process began, on the clock of this one.
func (b *Batch) Reply(worker int, epoch time.Time, data []byte) (last bool, err error) {
	r, data, err := readReply(data)
	if err == nil && r.lo != b.got {
		err = fmt.Errorf("a reply from call %d on, want %d", r.lo, b.got)
	}
	if err == nil {
		err = b.c.results(r.lo, r.hi, data)
	}
	if err != nil {
		return false, fmt.Errorf("parallel: reply to %s, calls %d to %d: %w", b.Func(), b.first, b.first+b.n-1, err)
	}
	b.finish(r.lo, r.hi, r.failure.err(), pool.Span{Worker: worker, Begin: epoch.Add(r.begin), End: epoch.Add(r.end)})
	return r.last, nil
}

// Fail says that call i of the batch has failed, and how.
func (b *Batch) Fail(i int, err error) {
	b.finish(i, i, err, pool.Span{})
}

// finish has the calls lo to hi-1 done, and call hi failed if err says so.
func (b *Batch) finish(lo, hi int, err error, s pool.Span) {
	j := b.job
	j.mu.Lock()
	if hi > lo {
		b.got = hi
		j.done += hi - lo
		j.src.finish(b.c.part(lo, hi), b.first+lo, hi-lo)
		if s.End.After(s.Begin) {
			j.learn(hi, s.End.Sub(s.Begin), b.target) // all since it began: a reply may come in parts
		}
		j.news.Broadcast()
		j.room.Signal()
	}
	if err != nil {
		j.halt(&TaskError{b.Func(), b.first + hi, err})
		s.Err = err
		hi++ // it began, too
	}
	j.mu.Unlock()
	if j.p.observe != nil && !s.Begin.IsZero() {
		s.First, s.N = b.first+lo, hi-lo
		j.p.observe(s)
	}
}

// Lost tells observers that a worker was lost which had the batch since begin. It
// changes nothing: the backend lets another make the calls, or has one Fail.
func (b *Batch) Lost(worker int, begin time.Time, err error) {
	if observe := b.job.p.observe; observe != nil {
		observe(pool.Span{Worker: worker, First: b.first, N: b.n, Begin: begin, End: time.Now(), Err: err})
	}
}

// Part returns the calls lo to hi-1 of the batch as a batch of their own, to be made
// instead of it: after a worker was lost, one by one, or because it is too large.
func (b *Batch) Part(lo, hi int) *Batch {
	return &Batch{job: b.job, c: b.c.part(lo, hi), first: b.first + lo, n: hi - lo, target: b.target, quick: b.quick}
}

// Answer makes the calls of a request in this process and sends the reply, in
// parts if that is large: the other side of Request and Reply, for backends whose
// workers have the functions. An error says that the function is not there; all
// else is in the reply.
func Answer(ctx context.Context, name string, request []byte, send func(reply []byte)) error {
	f, ok := functions.get(name)
	if !ok {
		return fmt.Errorf("parallel: no function %q here; it must be registered with parallel.Func", name)
	}
	answered := make(chan struct{})
	go func() { // a call may end it
		defer close(answered)
		f.answer(ctx, request, func(int, bool) {}, send)
	}()
	<-answered
	return nil
}
