package pool

// A worker needs a slot to run tasks, and the pool has a limited number of them.
// This file decides who holds one. Its functions that do not lock p.mu are called
// with it held.

// enter asks for slots for the call's workers, and starts those that get one.
// A nested call brings a slot: the one that its task does not need meanwhile.
func (p *Pool) enter(c *call) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.limit = c.limit
	if h := c.host; h == nil || h.left {
		c.host = nil // a task that has returned has no slot to lend
		p.queue.pushBack(c)
	} else if h.nested++; h.nested > 1 {
		p.queue.pushBack(c) // another goroutine of the task has lent the slot
	} else {
		p.busy--
		p.queue.pushFront(c)
	}
	p.grant()
}

// leave ends a worker that found no more work; with the last one the call ends.
func (p *Pool) leave(w *worker) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if w.left { // it has yielded
		return
	}
	p.release(w)
	p.finish(w.call)
	p.grant()
}

// abandon ends a call that may have no worker to do so.
func (p *Pool) abandon(c *call) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.finish(c)
	p.grant()
}

// yield gives the worker's slot to a call that has none, or two fewer than its
// own, and reports whether it did. If so, the worker has to end; the call waits
// for a slot, to go on with chunks of grain items.
func (p *Pool) yield(w *worker, grain int) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	c := w.call
	if c.stopped.Load() || c.next.Load() >= int64(c.n) {
		return false // it is about to leave
	}
	next := p.poorest()
	if next == nil || next.workers > 0 && next.workers+1 >= c.workers {
		return false
	}
	p.release(w)
	c.grain.Store(int64(grain))
	if c.want > 0 {
		p.queue.remove(c)
	}
	c.want++
	p.queue.pushBack(c)
	p.grant()
	return true
}

// release takes the slot from a worker, which has to end.
func (p *Pool) release(w *worker) {
	w.left = true
	w.call.workers--
	if w.nested == 0 { // else a goroutine that its task left behind has lent it
		p.busy--
	}
}

// finish has the call start no more workers and, if none is left, end. Before a
// nested call ends, its task needs a slot again.
func (p *Pool) finish(c *call) {
	if c.want > 0 {
		c.want = 0
		p.queue.remove(c)
	}
	if c.workers > 0 || c.closed {
		return
	}
	c.closed = true
	switch h := c.host; {
	case h == nil:
		c.end()
	case h.nested > 1: // another call of the task is still under way
		h.nested--
		c.end()
	default:
		p.queue.pushFront(c)
	}
}

// grant hands out the free slots.
func (p *Pool) grant() {
	for p.busy < p.limit {
		c := p.poorest()
		if c == nil {
			break
		}
		if c.closed {
			p.queue.remove(c)
			c.host.nested--
			if c.host.nested == 0 && !c.host.left {
				p.busy++
			}
			c.end()
			continue
		}
		if c.want--; c.want == 0 {
			p.queue.remove(c)
		}
		c.workers++
		p.busy++
		go c.start()
	}
	p.waiting.Store(int32(p.queue.len))
}

// poorest returns the call to get the next slot: one whose task must go on;
// else the one with the fewest workers; of these, the one that came first.
func (p *Pool) poorest() *call {
	least := p.queue.first
	for c := least; c != nil && least.workers > 0; c = c.after {
		if c.workers < least.workers {
			least = c
		}
	}
	return least
}

// A queue is a list of calls that wait for slots, linked through them.
type queue struct {
	first, last *call
	len         int
}

func (q *queue) pushBack(c *call) {
	c.before, c.after = q.last, nil
	if q.last == nil {
		q.first = c
	} else {
		q.last.after = c
	}
	q.last = c
	q.len++
}

func (q *queue) pushFront(c *call) {
	c.before, c.after = nil, q.first
	if q.first == nil {
		q.last = c
	} else {
		q.first.before = c
	}
	q.first = c
	q.len++
}

func (q *queue) remove(c *call) {
	if c.before == nil {
		q.first = c.after
	} else {
		c.before.after = c.after
	}
	if c.after == nil {
		q.last = c.before
	} else {
		c.after.before = c.before
	}
	c.before, c.after = nil, nil
	q.len--
}
