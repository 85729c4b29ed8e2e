package pool

// A worker needs a slot to run tasks, and the pool has a limited number of them.
// This file decides who holds one. Its functions that do not lock p.mu are called
// with it held.

// A party is who asks for workers: a Map, a stream, or what was applied.
type party struct {
	owner   owner
	host    *worker // whose task waits for this party to end, or nil
	workers int32   // workers that have a goroutine
	want    int32   // workers that wait for a slot: if any, the party is in the queue
	closed  bool    // no more workers; still in the queue if its host needs a slot again
	links   [2]links
}

// An owner is what a party is part of. Its methods apart from work are called
// with p.mu held, and stop without.
type owner interface {
	work() (next owner)    // the life of a worker; who works for another then returns it
	end()                  // lets the caller go
	widen(limit int)       // the pool has more workers now
	stop(cause error) bool // no more tasks begin
	task() any             // the function that the tasks call
}

// open enters a party that wants workers, and starts those that get a slot. A
// task that made it, from, and waits for it, brings a slot: the one that it does
// not need meanwhile.
func (p *Pool) open(c *party, from *worker, waits bool, want int) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	limit, err := p.size(from)
	if err != nil {
		return err
	}
	p.limit = limit
	p.active.pushBack(c, inPool)
	c.want = int32(want)
	switch {
	case from == nil || !waits || !p.lend(from):
		p.queue.pushBack(c, inQueue)
	case from.nested > 1: // another goroutine of the task has lent the slot
		c.host = from
		p.queue.pushBack(c, inQueue)
	default:
		c.host = from
		p.queue.pushFront(c, inQueue)
	}
	p.grant()
	return nil
}

// lend takes the slot from a task while it waits, and reports whether the task
// still has one, or has lent it already.
func (p *Pool) lend(host *worker) bool {
	if host.left { // a task that has returned has no slot to lend
		return false
	}
	if host.nested++; host.nested == 1 {
		p.busy--
	}
	return true
}

// comeBack queues a party that is over, before all others, until its host has a
// slot again. If the host waits for something else as well, it needs none yet.
func (p *Pool) comeBack(c *party) {
	if c.host.nested > 1 {
		c.host.nested--
		p.over(c)
	} else {
		p.queue.pushFront(c, inQueue)
	}
}

// over ends a party.
func (p *Pool) over(c *party) {
	p.active.remove(c, inPool)
	c.owner.end()
	p.drain()
}

// pause lends the slot of a task that waits for something else than a call of its
// own, and resume takes one back.
func (p *Pool) pause(host *worker) (lent bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	lent = p.lend(host)
	p.grant()
	return lent
}

func (p *Pool) resume(host *worker) {
	c := new(call)
	c.owner, c.host, c.closed = c, host, true
	c.over.Add(1)
	p.mu.Lock()
	p.active.pushBack(&c.party, inPool)
	p.comeBack(&c.party)
	p.grant()
	p.mu.Unlock()
	c.over.Wait()
}

// ask queues a party for n more workers.
func (p *Pool) ask(c *party, n int) {
	if c.closed || n <= 0 {
		return
	}
	if c.want == 0 {
		p.queue.pushBack(c, inQueue)
	}
	c.want += int32(n)
	p.grant()
}

// leave takes the slot from a worker. If the party is over, which it is unless it
// goes on, it ends with its last worker. A worker that stays gets the next owner
// to work for, if there is one; who does not stay lets its goroutine end.
func (p *Pool) leave(w *worker, goesOn, stays bool) (next owner) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.release(w)
	if !goesOn {
		p.finish(w.party)
	}
	if stays {
		next = p.next()
	}
	p.grant()
	return next
}

// abandon ends a party that may have no worker to do so.
func (p *Pool) abandon(c *party) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.finish(c)
	p.grant()
}

// yield gives the worker's slot to a party that has none, or two fewer than its
// own, or back to a pool that has fewer now, and reports whether it did. If so,
// the worker's party waits for another.
func (p *Pool) yield(w *worker) (next owner, yielded bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	c := w.party
	poor := p.poorest()
	if p.busy <= p.limit && (poor == nil || poor.workers > 0 && poor.workers+1 >= c.workers) {
		return nil, false
	}
	p.release(w)
	if c.want > 0 {
		p.queue.remove(c, inQueue)
	}
	c.want++
	p.queue.pushBack(c, inQueue)
	next = p.next()
	p.grant()
	return next, true
}

// release takes the slot from a worker, which has to end.
func (p *Pool) release(w *worker) {
	w.left = true
	w.party.workers--
	if w.nested == 0 { // else a goroutine that its task left behind has lent it
		p.busy--
	}
	if w.lane > 0 {
		p.lanes[w.lane-1] = false
	}
}

// finish has the call start no more workers and, if none is left, end. Before a
// nested call ends, its task needs a slot again.
func (p *Pool) finish(c *party) {
	if c.want > 0 {
		c.want = 0
		p.queue.remove(c, inQueue)
	}
	if c.workers > 0 || c.closed {
		return
	}
	c.closed = true
	if c.host == nil {
		p.over(c)
	} else {
		p.comeBack(c)
	}
}

// grant hands out the free slots.
func (p *Pool) grant() {
	for {
		o := p.next()
		if o == nil {
			break
		}
		if p.serve == nil {
			p.serve = p.worker // once, for each `go p.worker()` would allocate
		}
		p.hired = append(p.hired, o)
		go p.serve()
	}
	p.look.Store(p.queue.first != nil || p.busy > p.limit)
}

// worker is the life of a goroutine that has a slot, for whom it was hired and
// then for others, while there are any.
func (p *Pool) worker() {
	p.mu.Lock()
	last := len(p.hired) - 1
	o := p.hired[last]
	p.hired[last] = nil
	p.hired = p.hired[:last]
	p.mu.Unlock()
	for o != nil {
		o = o.work()
	}
}

// next gives a free slot to a worker for the owner that it returns. It returns
// nil if there is no slot, or none that waits for one.
func (p *Pool) next() owner {
	for p.busy < p.limit {
		c := p.poorest()
		if c == nil {
			break
		}
		if c.closed {
			p.queue.remove(c, inQueue)
			c.host.nested--
			if c.host.nested == 0 && !c.host.left {
				p.busy++
			}
			p.over(c)
			continue
		}
		if c.want--; c.want == 0 {
			p.queue.remove(c, inQueue)
		}
		c.workers++
		p.busy++
		return c.owner
	}
	return nil
}

// poorest returns the party to get the next slot: one whose task must go on;
// else the one with the fewest workers; of these, the one that came first.
func (p *Pool) poorest() *party {
	least := p.queue.first
	for c := least; c != nil && least.workers > 0; c = c.links[inQueue].after {
		if c.workers < least.workers {
			least = c
		}
	}
	return least
}

// waits reports whether a party has no worker yet.
func (p *Pool) waits(c *party) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return c.want > 0
}

// lane returns the lowest number that no worker has, plus one.
func (p *Pool) lane() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	for i, taken := range p.lanes {
		if !taken {
			p.lanes[i] = true
			return i + 1
		}
	}
	p.lanes = append(p.lanes, true)
	return len(p.lanes)
}

// A list holds parties, linked through them. A party is in two lists at most.
type list struct{ first, last *party }

type links struct{ before, after *party }

const (
	inQueue = iota // of the pool
	inPool         // among its active parties
)

func (l *list) pushBack(c *party, by int) {
	c.links[by] = links{before: l.last}
	if l.last == nil {
		l.first = c
	} else {
		l.last.links[by].after = c
	}
	l.last = c
}

func (l *list) pushFront(c *party, by int) {
	c.links[by] = links{after: l.first}
	if l.first == nil {
		l.last = c
	} else {
		l.first.links[by].before = c
	}
	l.first = c
}

func (l *list) remove(c *party, by int) {
	at := c.links[by]
	if at.before == nil {
		l.first = at.after
	} else {
		at.before.links[by].after = at.after
	}
	if at.after == nil {
		l.last = at.before
	} else {
		at.after.links[by].before = at.before
	}
	c.links[by] = links{}
}
