package pool

import "slices"

// A worker needs a slot to run tasks, and the pool has a limited number of them.
// This file decides who holds one. Its functions that do not lock p.mu are called
// with it held.

// A party is who asks for workers: a Map, a stream, or all that was applied.
type party struct {
	owner   owner
	host    *seat // of the task that waits for this party to end, or nil
	workers int   // workers that have a goroutine
	want    int   // workers that wait for a slot: if any, the party is in the queue
	closed  bool  // no more workers; still in the queue if its host needs a slot again
	place   int   // among the pool's active parties, or nowhere
	links   links[party]
}

const nowhere = -1

func (c *party) at() *links[party] { return &c.links }

// An owner is what a party is part of. Its methods are called with p.mu held, and
// work returns with it held.
type owner interface {
	work() (next owner) // the life of a worker; then it works for the next owner
	end()               // lets the caller go
	widen(limit int)    // the pool has more workers now
	terminate()         // no more tasks begin, those that run are asked to end
	running(tell func(function any, n int))
}

// open enters a party that wants workers, and starts those that get a slot. A
// task that made it, from, and waits for it, brings a slot: the one that it does
// not need meanwhile.
func (p *Pool) open(c *party, from *seat, waits bool, want int) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	limit, err := p.size(from)
	if err != nil {
		return err
	}
	p.limit = limit
	p.enter(c)
	if c.want = want; want == 0 { // it asks later
		return nil
	}
	switch {
	case from == nil || !waits || !p.lend(from):
		p.queue.pushBack(c)
	case from.nested > 1: // another goroutine of the task has lent the slot
		c.host = from
		p.queue.pushBack(c)
	default:
		c.host = from
		p.queue.pushFront(c)
	}
	p.grant()
	return nil
}

// lend takes the slot from a task while it waits, and reports whether the task
// still has one, or has lent it already.
func (p *Pool) lend(host *seat) bool {
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
		p.queue.pushFront(c)
	}
}

// over ends a party.
func (p *Pool) over(c *party) {
	if c.place != nowhere {
		p.exit(c)
	}
	c.owner.end()
}

// enter counts a party among the active ones, and exit no longer.
func (p *Pool) enter(c *party) {
	c.place = len(p.active)
	p.active = append(p.active, c)
}

func (p *Pool) exit(c *party) {
	last := len(p.active) - 1
	p.active[c.place] = p.active[last]
	p.active[c.place].place = c.place
	p.active[last] = nil
	p.active = p.active[:last]
	p.drain()
}

// all returns the parties that are not over, and the line. Some may end while one
// goes through them.
func (p *Pool) all() []*party {
	all := slices.Clone(p.active)
	if p.line.pool != nil {
		all = append(all, &p.line.party)
	}
	return all
}

// idle reports whether no call is under way.
func (p *Pool) idle() bool { return len(p.active) == 0 && p.line.n == 0 && p.line.workers == 0 }

// drain lets go those who wait until the pool is idle, if it is.
func (p *Pool) drain() {
	if p.drained != nil && p.idle() {
		close(p.drained)
		p.drained = nil
	}
}

// pause lends the slot of a task that waits for something else than a call of its
// own, and resume takes one back.
func (p *Pool) pause(host *seat) (lent bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	lent = p.lend(host)
	p.grant()
	return lent
}

func (p *Pool) resume(host *seat) {
	c := new(call)
	c.owner, c.host, c.closed, c.place = c, host, true, nowhere
	c.over.Add(1)
	p.mu.Lock()
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
	if n == 1 && p.busy < p.limit && p.queue.first == nil { // most often
		c.workers++
		p.busy++
		p.hired = append(p.hired, c.owner)
		p.hire()
		return
	}
	if c.want == 0 {
		p.queue.pushBack(c)
	}
	c.want += n
	p.grant()
}

// abandon ends a party that may have no worker to do so.
func (p *Pool) abandon(c *party) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.finish(c)
	p.grant()
}

// mustYield reports whether a worker has to give its slot to a party that has
// none, or two fewer than its own, or back to a pool that has fewer now.
func (p *Pool) mustYield(c *party) bool {
	if !p.look.Load() {
		return false
	}
	poor := p.poorest()
	return p.busy > p.limit || poor != nil && (poor.workers == 0 || poor.workers+1 < c.workers)
}

// again queues a party for a worker in the place of one that has yielded.
func (p *Pool) again(c *party) {
	if c.want > 0 {
		p.queue.remove(c)
	}
	c.want++
	p.queue.pushBack(c)
}

// release takes the slot from a worker.
func (p *Pool) release(w *worker) {
	w.seat.left = true
	w.party.workers--
	if w.seat.nested == 0 { // else a goroutine that its task left behind has lent it
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
		p.queue.remove(c)
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
		p.hired = append(p.hired, o)
		p.hire()
	}
	if look := p.queue.first != nil || p.busy > p.limit; look != p.look.Load() {
		p.look.Store(look)
	}
}

// handOver gives the slot of a worker that has left to the next owner, for whom the
// worker works if it stays. If it does not, it gives p.mu away as well.
func (p *Pool) handOver(stays bool) (next owner) {
	if p.queue.first != nil || p.look.Load() {
		if stays {
			next = p.next()
		}
		p.grant()
	}
	if !stays {
		p.mu.Unlock()
	}
	return next
}

// hire starts a goroutine that has a slot, for what is in p.fresh or p.hired.
func (p *Pool) hire() {
	if p.serve == nil {
		p.serve = p.worker // once, for each `go p.worker()` would allocate
	}
	go p.serve()
}

// worker is the life of a goroutine that has a slot, for whom it was hired and
// then for others, while there are any.
func (p *Pool) worker() {
	if j := p.fresh.Swap(nil); j != nil {
		p.work(p.line.goOn(j))
		return
	}
	p.mu.Lock()
	last := len(p.hired) - 1
	o := p.hired[last]
	p.hired[last] = nil
	p.hired = p.hired[:last]
	p.work(o)
}

// work works for o, and then for others. It is entered with p.mu held.
func (p *Pool) work(o owner) {
	for o != nil {
		o = o.work()
	}
	p.mu.Unlock()
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
			p.queue.remove(c)
			c.host.nested--
			if c.host.nested == 0 && !c.host.left {
				p.busy++
			}
			p.over(c)
			continue
		}
		if c.want--; c.want == 0 {
			p.queue.remove(c)
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
	for c := least; c != nil && least.workers > 0; c = c.links.after {
		if c.workers < least.workers {
			least = c
		}
	}
	return least
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
