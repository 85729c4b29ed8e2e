//go:build unix

package parallel

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"
)

// A batch for a process aims at this time. Its way there and back costs some 50 µs
// and keeps both sides busy with other things, because a short batch is sent before
// the one ahead of it is done.
const processBatch = time.Millisecond

func (processes) Open(o Options) (Workers, error) {
	if err := canLimit(o); err != nil {
		return nil, err
	}
	return &processWorkers{opts: o}, nil
}

// processWorkers are slots, each with at most one process at work.
type processWorkers struct {
	opts Options

	mu      sync.Mutex
	runs    int // under way
	jobs    int // slots that may be used
	slots   []*slot
	waiters []*waiter
}

// A slot is a worker, with its number. It has a process for each function that it
// was needed for.
type slot struct {
	number   int
	children map[string]*child
	inFlight int    // batches
	job      *Job   // theirs
	name     string // of their function
	ready    bool   // the process for it has started

	quick bool      // the batch that is at work should be done soon
	since time.Time // it is at work
}

// A waiter is a batch that waits for a slot.
type waiter struct {
	b    *Batch
	slot chan *slot
}

func (w *processWorkers) Run(ctx context.Context, job *Job) error {
	w.begin(job)
	defer w.end()
	var senders sync.WaitGroup
	for range job.Jobs() * maxInFlight {
		senders.Go(func() {
			for b := range job.Batches(processBatch) {
				if err := b.c.function().crosses(); err != nil {
					job.stop(err)
				} else {
					w.run(ctx, b)
				}
			}
		})
	}
	senders.Wait()
	return nil
}

// begin notes that a job is under way.
func (w *processWorkers) begin(job *Job) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.runs++
	w.jobs = job.Options().Jobs
	for len(w.slots) < w.jobs {
		w.slots = append(w.slots, &slot{number: len(w.slots), children: map[string]*child{}})
	}
}

// end lets the goroutines of idle processes end with the last job. Then no
// goroutine waits for a pipe, and Go can report it if the program waits for ever.
func (w *processWorkers) end() {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.runs--; w.runs > 0 {
		return
	}
	for _, s := range w.slots {
		for name, c := range s.children {
			if c.paused {
				continue
			}
			c.pause()
			select {
			case <-c.dead:
				c.release()
				delete(s.children, name)
			default:
			}
		}
	}
	lookAgain()
}

// lookAgain is for one of the runtime's threads that may wait for pipes on behalf
// of goroutines that have just stopped to: it would go on for ever, and so seem to
// have something to wait for, if no timer woke it.
func lookAgain() { time.Sleep(1) }

func (w *processWorkers) Close() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	var closing sync.WaitGroup
	for _, s := range w.slots {
		for _, c := range s.children {
			closing.Go(c.close)
		}
	}
	closing.Wait()
	lookAgain()
	w.slots = nil
	return nil
}

// run has the calls of a batch made, whatever becomes of the processes. If one is lost,
// the call that it was at loses a try, and from then on goes by itself; those before
// it, whose results are lost, and those after it go in batches as before.
func (w *processWorkers) run(ctx context.Context, b *Batch) {
	lostBy := map[int]int{} // how many processes each call has lost
	for todo := []*Batch{b}; len(todo) > 0 && ctx.Err() == nil; {
		b, todo = todo[0], todo[1:]
		request, err := b.Request()
		switch large := (tooLarge{}); {
		case err == nil:
		case errors.As(err, &large) && b.n > 1:
			todo = append([]*Batch{b.Part(0, b.n/2), b.Part(b.n/2, b.n)}, todo...)
			continue
		default:
			b.Fail(w.culprit(b), err)
			return
		}
		lost, at := w.try(ctx, b, request)
		if lost == nil {
			if b.got > 0 && b.got < b.n && w.opts.Retries > 0 { // the rest of the reply was lost
				todo = append([]*Batch{b.Part(b.got, b.n)}, todo...)
			}
			continue
		}
		if lostBy[b.first+at]++; lostBy[b.first+at] > w.opts.Retries {
			b.Fail(at, lost)
			return
		}
		again := []*Batch{b.Part(b.got, at), b.Part(at, at+1), b.Part(at+1, b.n)}
		again = slices.DeleteFunc(again, func(b *Batch) bool { return b.n == 0 })
		todo = append(again, todo...)
	}
}

// culprit returns the first call whose argument cannot be sent.
func (w *processWorkers) culprit(b *Batch) int {
	for i := range b.n {
		if _, err := b.Part(i, i+1).Request(); err != nil {
			return i
		}
	}
	return 0
}

// try sends a batch to a process and takes its replies. If the process ends before
// they are complete, try returns how, and the call that it was at; or nil, if the
// calls were made, and a part of the reply has come.
func (w *processWorkers) try(ctx context.Context, b *Batch, request []byte) (lost *ExitError, at int) {
	for fresh := false; ; {
		s := w.acquire(ctx, b)
		if s == nil {
			return nil, 0 // the job has stopped
		}
		if ctx.Err() != nil {
			w.release(s, nil)
			return nil, 0
		}
		c := s.children[b.Func()]
		if c == nil {
			fresh = true
			var err error
			if c, err = w.start(ctx, s, b); err != nil {
				w.release(s, nil)
				var exit *ExitError
				if errors.As(err, &exit) && signal(exit.ProcessState) != "" {
					return exit, 0
				}
				b.job.stop(err)
				return nil, 0
			}
		}
		begin := time.Now()
		lost, was, at := c.do(ctx, request, w.opts.Timeout, func(reply []byte) bool {
			last, err := b.Reply(s.number, c.epoch, reply)
			if err != nil {
				b.job.stop(err)
				return isLast(reply)
			}
			return last
		})
		w.release(s, c)
		if lost == nil {
			return nil, 0
		}
		switch {
		case was == begun, was == waiting && fresh:
			b.Lost(s.number, c.freeSince(begin), lost)
			return lost, max(at, b.got)
		case was == finished && w.opts.Retries == 0:
			return nil, 0 // the job fails, by the batch that came next
		case b.got > 0:
			return nil, 0 // the request would bring again what is there
		}
		// The process has ended before it began with the batch, perhaps long ago, or
		// after it: the batch has nothing to do with that. One that even a fresh
		// process does not come to has, as far as anybody can tell.
	}
}

// start starts the process that a slot needs for a batch.
func (w *processWorkers) start(ctx context.Context, s *slot, b *Batch) (*child, error) {
	c, err := startChild(ctx, b.c.function(), w.opts, s.number)
	if err != nil {
		return nil, err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	s.children[b.Func()] = c
	s.ready = true
	w.serve()
	return c, nil
}

// acquire returns a slot for a batch, or nil if the job has stopped before there
// is one.
func (w *processWorkers) acquire(ctx context.Context, b *Batch) *slot {
	w.mu.Lock()
	me := &waiter{b, make(chan *slot, 1)}
	i := slices.IndexFunc(w.waiters, func(o *waiter) bool { return o.b.job == b.job && o.b.first > b.first })
	if i < 0 {
		i = len(w.waiters)
	}
	w.waiters = slices.Insert(w.waiters, i, me) // those of one job in their order
	w.serve()
	w.mu.Unlock()
	select {
	case s := <-me.slot:
		return s
	case <-ctx.Done():
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if i := slices.Index(w.waiters, me); i >= 0 {
		w.waiters = slices.Delete(w.waiters, i, i+1)
		return nil
	}
	return <-me.slot // just given: its call ends at once
}

// release gives a slot back, with the child that was used.
func (w *processWorkers) release(s *slot, c *child) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if s.inFlight--; s.inFlight > 0 { // only what is quick was next in line
		s.quick, s.since = true, time.Now()
	}
	if c != nil {
		select {
		case <-c.dead:
			s.ready = false
			if s.inFlight == 0 { // else somebody still looks at it
				delete(s.children, c.name)
				c.end()
			}
		default:
		}
	}
	w.serve()
}

// serve gives slots to those who wait.
func (w *processWorkers) serve() {
	w.waiters = slices.DeleteFunc(w.waiters, func(o *waiter) bool {
		s := w.fit(o.b)
		if s == nil {
			return false
		}
		name := o.b.Func()
		if s.inFlight == 0 {
			s.quick, s.since = o.b.quick, time.Now()
			s.job, s.name, s.ready = o.b.job, name, s.children[name] != nil
			if c := s.children[name]; c != nil && c.paused {
				c.resume()
			}
		}
		s.inFlight++
		o.slot <- s
		return true
	})
}

// fit returns the slot that a batch should have, or nil: one that is idle, best
// with a process for its function; or else, if the batch is short, one whose
// process has one batch of the same job, to be next in line there. But nothing
// stands in line behind a batch that takes long, nor behind one that should not and
// does: another process may be idle before that is done.
func (w *processWorkers) fit(b *Batch) *slot {
	var idle, next *slot
	for _, s := range w.slots[:min(w.jobs, len(w.slots))] {
		switch {
		case s.inFlight == 0:
			if s.children[b.Func()] != nil {
				return s
			}
			if idle == nil {
				idle = s
			}
		case b.quick && s.quick && time.Since(s.since) < 2*processBatch &&
			s.inFlight < maxInFlight && s.ready && s.job == b.job && s.name == b.Func() && next == nil:
			next = s
		}
	}
	if idle != nil {
		return idle
	}
	return next
}
