package pool

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

const (
	// A stream's chunk aims at a longer time than a call's, since it changes hands
	// twice more. It is never longer than maxStreamChunk.
	streamChunkTime = 100 * time.Microsecond
	maxStreamChunk  = 256

	// The window that follows the work has so many chunks for each worker.
	windowChunks = 4
)

// Stream calls f for each item that the source in yields, on the workers of p, and
// yields the results in the order of the items, as soon as they are there:
// Python's imap, except that it takes items no sooner than it needs them.
//
//	for page, err := range pool.Stream(ctx, p, urls, fetch) {
//		if err != nil {
//			return err
//		}
//		…
//	}
//
// At most a window of items is taken from the source beyond those whose results
// were yielded. [WithWindow] sets it. Without that it follows the work: it is four
// chunks for each worker, where a chunk is what takes 100 µs, one item at least and
// 256 at most; so with 2 workers it is 8 slow items, or up to 2,048 tiny ones.
//
// The first failure stops the work, as in [Map]: the stream yields the results of
// items before it that are finished, then the error, with a zero value, and ends.
// So it does when ctx ends before the source has, with context.Cause(ctx). With [WithAllErrors] a failure
// is yielded in the place of the result and the stream goes on.
//
// Nothing begins before the stream is ranged over, and each range begins anew. The
// source runs on a goroutine of its own. When the range ends, by itself or by a
// break, the source is asked to return, by a false from its yield, and the context
// of the tasks ends; the range is over when the source and all tasks have returned.
// So a source that waits for something should also watch what may end the range.
// A source that panics ends the stream with a *PanicError.
//
// Within a task, a stream with the task's context lends the task's place while it
// waits for results, not while the body of the loop runs.
func Stream[T, R any](ctx context.Context, p *Pool, in iter.Seq[T], f func(context.Context, T) (R, error)) iter.Seq2[R, error] {
	return streamOf(ctx, p, in, f, "Stream", true)
}

// StreamUnordered is [Stream] except that it yields results in the order in which
// they come: Python's imap_unordered. What belongs to which item, the results must
// say themselves; errors do, by the index of a *TaskError.
func StreamUnordered[T, R any](ctx context.Context, p *Pool, in iter.Seq[T], f func(context.Context, T) (R, error)) iter.Seq2[R, error] {
	return streamOf(ctx, p, in, f, "StreamUnordered", false)
}

func streamOf[T, R any](ctx context.Context, p *Pool, in iter.Seq[T], f func(context.Context, T) (R, error), name string, ordered bool) iter.Seq2[R, error] {
	return func(yield func(R, error) bool) {
		var none R
		switch {
		case f == nil:
			yield(none, errNoFunction(name))
			return
		case in == nil:
			yield(none, fmt.Errorf("pool: %s: nil source; give the items, for example as slices.Values(items)", name))
			return
		}
		limit, from, err := p.admit(ctx)
		if err == nil && ctx.Err() != nil {
			err = context.Cause(ctx)
		}
		if err != nil {
			yield(none, err)
			return
		}
		s := &stream[T, R]{f: timed(p, f), function: f, from: from, ordered: ordered, width: limit, grain: max(1, p.chunk)}
		s.pool, s.parent, s.owner = p, ctx, s
		s.wake, s.room, s.fed = make(chan struct{}, 1), make(chan struct{}, 1), make(chan struct{})
		if err := p.open(&s.party, from, false, 0); err != nil {
			yield(none, err)
			return
		}
		defer s.close()
		go s.feed(in)
		s.handOn(yield)
	}
}

// A stream has three sides: a feeder, which puts items into chunks; workers, which
// take chunks and do them; and the caller, who is handed their results.
//
// Lock order: pool.mu before stream.mu.
type stream[T, R any] struct {
	scope
	party
	f        func(context.Context, T) (R, error)
	function any   // f, as the caller knows it
	from     *seat // of the task that ranges over the stream, or nil
	ordered  bool

	handed atomic.Int64  // results handed on
	full   atomic.Bool   // the feeder waits for room
	room   chan struct{} // a token: there is some
	wake   chan struct{} // a token: the caller should look
	fed    chan struct{} // closed when the source has returned

	mu      sync.Mutex
	width   int            // workers, at most
	asked   int            // workers that there are, or that wait for a slot
	coming  int            // of these, those that have not begun
	grain   int            // items in a chunk, at most
	taken   int            // items from the source
	filling *chunk[T, R]   // the last of todo, if it has room; or nil
	todo    []*chunk[T, R] // that no worker has taken
	out     []*chunk[T, R] // to be handed on: in order, or those that are done
	pending int            // chunks that were not handed on
	spare   []*chunk[T, R]
	waits   bool               // the caller waits
	ended   bool               // the source has
	gone    bool               // there are no workers, and there will be none
	last    *chunk[T, R]       // is being handed on
	errs    map[int]*TaskError // of items that failed, if the others go on
	bugs    []*TaskError       // panics and exits after what stopped the stream
}

// A chunk is a few items on their way.
type chunk[T, R any] struct {
	lo   int // index of the first item
	in   []T
	out  []R
	errs []error // of items that failed, if the others go on; or nil
	n    int     // items from the front that are finished
	done bool
}

// The feeder.

// feed puts the items of the source into chunks.
func (s *stream[T, R]) feed(in iter.Seq[T]) {
	defer close(s.fed)
	returned := false
	defer func() {
		if !returned {
			var err error = ErrGoexit
			if v := recover(); v != nil {
				err = &PanicError{v, taskStack()}
			}
			s.halt(fmt.Errorf("pool: the source of a stream: %w", err))
		} else if s.parent.Err() != nil {
			s.halt(context.Canceled) // the source may have ended for that
		}
		s.mu.Lock()
		defer s.mu.Unlock()
		s.ended = true
		s.look()
	}()
	in(s.put)
	returned = true
}

// put adds an item to the last chunk and returns, when there is room for another,
// whether there should be one.
func (s *stream[T, R]) put(x T) bool {
	if s.ends() {
		return false
	}
	s.mu.Lock()
	c := s.filling
	if c == nil {
		c = s.newChunk()
		s.filling = c
		s.todo = append(s.todo, c)
		if s.ordered {
			s.out = append(s.out, c)
		}
		s.pending++
	}
	c.in = append(c.in, x)
	s.taken++
	taken := s.taken
	if len(c.in) >= s.grain {
		s.filling = nil
	}
	n := s.need()
	window := s.window()
	s.mu.Unlock()
	if n > 0 {
		s.pool.mu.Lock()
		s.pool.ask(&s.party, n)
		s.pool.mu.Unlock()
	}
	for taken-int(s.handed.Load()) >= window {
		s.full.Store(true)
		if s.ends() || taken-int(s.handed.Load()) < window {
			break
		}
		select {
		case <-s.room:
		case <-s.parent.Done():
		}
		if s.ends() {
			break
		}
		s.mu.Lock()
		window = s.window()
		s.mu.Unlock()
	}
	return !s.ends()
}

func (s *stream[T, R]) window() int {
	if s.pool.window > 0 {
		return s.pool.window
	}
	return windowChunks * s.width * s.grain
}

// need counts workers that are needed and asks for them: one for each chunk.
func (s *stream[T, R]) need() int {
	n := min(len(s.todo)-s.coming, s.width-s.asked)
	if n <= 0 {
		return 0
	}
	s.asked += n
	s.coming += n
	return n
}

func (s *stream[T, R]) newChunk() *chunk[T, R] {
	if last := len(s.spare) - 1; last >= 0 {
		c := s.spare[last]
		s.spare = s.spare[:last]
		c.lo = s.taken
		return c
	}
	return &chunk[T, R]{lo: s.taken, in: make([]T, 0, s.grain)}
}

// Workers.

func (s *stream[T, R]) work() (next owner) {
	s.pool.mu.Unlock()
	s.mu.Lock()
	s.coming--
	s.mu.Unlock()
	return s.goOn(&worker{scope: &s.scope, party: &s.party}, nil)
}

// resume goes on for a worker whose goroutine a task has ended.
func (s *stream[T, R]) resume(w *worker, c *chunk[T, R]) { s.pool.work(s.goOn(w, c)) }

// goOn finishes a worker's chunk, if it has one, and goes on with others until there
// are none. It returns with pool.mu held.
func (s *stream[T, R]) goOn(w *worker, c *chunk[T, R]) (next owner) {
	p := s.pool
	returned, yields := false, false
	defer func() { // deferred, for a task may end this goroutine
		if !returned {
			if p.allErrors && !s.ends() {
				go s.resume(w, c)
				return
			}
			s.done(c, w.at, 0)
			s.retire()
		}
		if !yields {
			p.mu.Lock()
		}
		p.release(w)
		switch {
		case s.ends():
			s.halt(context.Canceled)
			p.finish(&s.party)
		case yields:
			p.again(&s.party)
		}
		next = p.handOver(returned)
	}()
	body := func(w *worker, hi int) { each(s, w, c.lo, hi, c.in, c.out, s.f) }
	for {
		if c == nil {
			if c = s.take(); c == nil {
				break
			}
			w.at = c.lo
		}
		begun := time.Now()
		for hi := c.lo + len(c.in); w.at < hi && !s.ends(); { // again after a panic, if the others go on
			w.run(s, hi, body)
		}
		s.done(c, w.at, time.Since(begun))
		c = nil
		if p.look.Load() {
			p.mu.Lock()
			if yields = p.mustYield(&s.party) && s.yield(); yields {
				break
			}
			p.mu.Unlock()
		}
	}
	returned = true
	return nil
}

// take takes the first chunk that nobody has taken, even if it is not full. If
// there is none, the worker is no longer counted.
func (s *stream[T, R]) take() *chunk[T, R] {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.todo) == 0 || s.ends() {
		s.asked--
		return nil
	}
	c := s.todo[0]
	s.todo[0] = nil
	s.todo = s.todo[1:]
	if c == s.filling {
		s.filling = nil
	}
	if cap(c.out) < len(c.in) {
		c.out = make([]R, cap(c.in))
	}
	c.out = c.out[:len(c.in)]
	return c
}

// yield has the worker counted as one that has not begun, for another will begin in
// its place, if there is work for one.
func (s *stream[T, R]) yield() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.todo) == 0 || s.ends() {
		return false
	}
	s.coming++
	return true
}

func (s *stream[T, R]) retire() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.asked--
}

// done notes that a worker has done a chunk, as far as it got, in so much time.
func (s *stream[T, R]) done(c *chunk[T, R], at int, took time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c.n, c.done = at-c.lo, true
	if !s.ordered {
		s.out = append(s.out, c)
	}
	if took > 0 && s.pool.chunk == 0 {
		s.grain = min(nextGrain(c.n, took, streamChunkTime), maxStreamChunk)
	}
	if w := s.pool.window; w > 0 {
		s.grain = max(1, min(s.grain, w/(2*s.width)))
	}
	if len(s.out) > 0 && s.out[0].done {
		s.look()
	}
}

// failed stops the stream with the error of an item, or has it handed on if all are
// wanted.
func (s *stream[T, R]) failed(w *worker, err error) (goOn bool) {
	failure := &TaskError{w.at, err}
	all := s.pool.allErrors && !s.ends()
	if !all && s.halt(failure) {
		return false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if all {
		if s.errs == nil {
			s.errs = map[int]*TaskError{}
		}
		s.errs[w.at] = failure
	} else if bug(err, s.cause()) {
		s.bugs = append(s.bugs, failure)
	}
	return all
}

func (s *stream[T, R]) did(int) {}

// halt keeps items from beginning, and has all sides look.
func (s *stream[T, R]) halt(cause error) bool {
	first := s.shut(cause)
	select {
	case s.room <- struct{}{}:
	default:
	}
	return first
}

func (s *stream[T, R]) terminate() {
	s.halt(ErrTerminated)
	s.pool.finish(&s.party)
}

func (s *stream[T, R]) running(tell func(function any, n int)) { tell(s.function, s.workers) }

func (s *stream[T, R]) widen(limit int) {
	s.mu.Lock()
	s.width = limit
	n := s.need()
	s.mu.Unlock()
	s.pool.ask(&s.party, n)
}

// end: the last worker has left.
func (s *stream[T, R]) end() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.gone = true
	s.look()
}

// look wakes the caller, if it waits.
func (s *stream[T, R]) look() {
	if s.waits {
		s.waits = false
		select {
		case s.wake <- struct{}{}:
		default: // it is about to look
		}
	}
}

// The caller.

// handOn yields results until there are no more, and then the error, if there is
// one.
func (s *stream[T, R]) handOn(yield func(R, error) bool) {
	var report func(done, total int)
	if s.from == nil {
		report = s.pool.progress
	}
	handed := 0
	for {
		c := s.receive()
		if c == nil {
			break
		}
		for k, r := range c.out[:c.n] {
			handed++
			s.handed.Store(int64(handed))
			if s.full.Load() && s.full.CompareAndSwap(true, false) {
				select {
				case s.room <- struct{}{}:
				default:
				}
			}
			var err error
			if c.errs != nil && c.errs[k] != nil {
				err = c.errs[k]
			}
			if !yield(r, err) {
				return
			}
		}
		if report != nil {
			report(handed, s.total())
		}
	}
	if report != nil {
		report(handed, s.total())
	}
	if err := s.err(); err != nil {
		var none R
		yield(none, err)
	}
}

// total returns how many items there are, or -1 if that is not known yet.
func (s *stream[T, R]) total() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.ended {
		return -1
	}
	return s.taken
}

// receive waits for the next chunk to be handed on, and returns nil if there are no
// more.
func (s *stream[T, R]) receive() *chunk[T, R] {
	s.mu.Lock()
	defer s.mu.Unlock()
	if c := s.last; c != nil { // its results were handed on
		s.last = nil
		if c.n < len(c.in) && s.ordered {
			s.out = nil // what comes behind the gap
		}
		clear(c.in)
		clear(c.out)
		c.in, c.errs, c.done = c.in[:0], nil, false
		s.spare = append(s.spare, c)
	}
	for {
		if len(s.out) > 0 && s.out[0].done {
			return s.pop()
		}
		if s.gone || s.ended && s.pending == 0 {
			return nil
		}
		s.await()
	}
}

// pop takes the first chunk of those that are to be handed on.
func (s *stream[T, R]) pop() *chunk[T, R] {
	c := s.out[0]
	s.out[0] = nil
	s.out = s.out[1:]
	s.pending--
	s.last = c
	if len(s.errs) > 0 {
		c.errs = make([]error, c.n)
		for k := range c.errs {
			if err := s.errs[c.lo+k]; err != nil {
				c.errs[k] = err
				delete(s.errs, c.lo+k)
			}
		}
	}
	return c
}

// await waits until there may be something new. It is called with s.mu held, and
// gives it away meanwhile.
func (s *stream[T, R]) await() {
	s.waits = true
	s.mu.Unlock()
	lent := s.from != nil && s.pool.pause(s.from)
	if !s.ends() {
		select {
		case <-s.wake:
		case <-s.parent.Done():
		}
	} else {
		s.halt(context.Canceled)
		s.pool.abandon(&s.party)
		<-s.wake // when the tasks that run have returned
	}
	if lent {
		s.pool.resume(s.from)
	}
	s.mu.Lock()
}

// err returns why the stream has ended before its source, or nil.
func (s *stream[T, R]) err() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.stopped() {
		return nil
	}
	cause := s.cause()
	for _, failure := range s.errs { // behind a gap, so they were not handed on
		if bug(failure, cause) {
			s.bugs = append(s.bugs, failure)
		}
	}
	if s.bugs == nil {
		return cause
	}
	slices.SortFunc(s.bugs, func(a, b *TaskError) int { return a.Index - b.Index })
	errs := []error{cause}
	for _, b := range s.bugs {
		errs = append(errs, b)
	}
	return errors.Join(errs...)
}

// close returns when the source and all tasks have returned.
func (s *stream[T, R]) close() {
	s.halt(context.Canceled)
	s.pool.abandon(&s.party)
	lent := s.from != nil && s.pool.pause(s.from)
	<-s.fed
	s.mu.Lock()
	for !s.gone {
		s.waits = true
		s.mu.Unlock()
		<-s.wake
		s.mu.Lock()
	}
	s.mu.Unlock()
	if lent {
		s.pool.resume(s.from)
	}
}
