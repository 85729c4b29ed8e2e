package pool

import "context"

// A job is a task that was applied, whatever its types.
type job struct {
	ctx   *ticket
	run   runner
	links links[job] // while it waits for a worker
	place int        // among the jobs that run, or one of these
}

const (
	waiting = -1
	over    = -2
)

// A runner is what a job is part of.
type runner interface {
	do() (failure error) // runs the task; returns what it has failed with
	done(err error)      // lets the caller go, with this error if there is one
	function() any
}

func (j *job) at() *links[job] { return &j.links }

// A ticket is the context of one job. It is used once, since a task may keep it,
// and allocated with others.
type ticket struct {
	scope
	seat seat
}

type tickets struct {
	used int
	all  [64]ticket
}

func (t *ticket) Value(key any) any { return t.value(key, &t.seat) }

// A line is the party of all that was applied: jobs that run, and jobs that wait
// for a worker. It is guarded by pool.mu.
type line struct {
	party
	pool *Pool
	wait list[job, *job]
	n    int    // jobs that wait
	now  []*job // that run
	up   int    // workers that have begun; the others are about to
}

// push appends a job that a task, from, or nobody has made, and reports whether it
// has to wait for a worker. If the job has no ticket yet, it gets one. It is called
// with p.mu held.
func (p *Pool) push(ctx context.Context, j *job, from *seat) (waits bool, err error) {
	limit, err := p.size(from)
	if err != nil {
		return false, err
	}
	p.limit = limit
	if j.ctx == nil {
		if p.tickets == nil || p.tickets.used == len(p.tickets.all) {
			p.tickets = new(tickets)
		}
		j.ctx = &p.tickets.all[p.tickets.used]
		j.ctx.pool, j.ctx.parent = p, ctx
		p.tickets.used++
	}
	l := &p.line
	if l.pool == nil {
		l.pool, l.owner = p, l
	}
	if p.busy < limit && l.n == 0 && p.queue.first == nil && p.fresh.CompareAndSwap(nil, j) {
		p.busy++
		l.workers++
		l.up++
		l.begin(j)
		p.hire()
		return false, nil
	}
	j.place = waiting
	l.wait.pushBack(j)
	l.n++
	l.widen(limit)
	return l.want > 0, nil
}

// need is how many jobs that wait have no worker that is about to begin.
func (l *line) need() int { return max(0, l.n-(l.workers-l.up)) }

// widen asks for a worker for each job that needs one.
func (l *line) widen(limit int) { l.pool.ask(&l.party, min(l.need(), limit)-l.want) }

// work is the life of a worker: it does one job after the other.
func (l *line) work() (next owner) {
	l.up++
	var j *job
	if l.n > 0 {
		j = l.wait.first
		l.leave(j)
		l.begin(j)
		l.pool.mu.Unlock()
	}
	return l.goOn(j)
}

// goOn does a job, if there is one, and then others. It is entered without p.mu if
// there is one, and returns with it held.
func (l *line) goOn(j *job) (next owner) {
	p := l.pool
	w := worker{party: &l.party}
	returned := false
	defer func() {
		if !returned { // the task has ended the goroutine
			p.mu.Lock()
			l.ended(j, &w)
		}
		l.up--
		p.release(&w)
		if l.n > 0 {
			l.widen(p.limit)
		} else if p.drained != nil {
			p.drain()
		}
		next = p.handOver(returned)
	}()
	for j != nil {
		w.do(j)
		p.mu.Lock()
		l.ended(j, &w)
		if w.seat.nested > 0 || l.n == 0 || p.mustYield(&l.party) {
			break
		}
		j = l.wait.first
		l.leave(j)
		l.begin(j)
		p.mu.Unlock()
	}
	returned = true
	return nil
}

// begin counts a job among those that run.
func (l *line) begin(j *job) {
	j.place = len(l.now)
	l.now = append(l.now, j)
}

// leave takes a job from those that wait. There is no use for a worker without one.
func (l *line) leave(j *job) {
	l.wait.remove(j)
	if l.n--; l.want > l.need() {
		if l.want--; l.want == 0 {
			l.pool.queue.remove(&l.party)
		}
	}
}

// ended lets the caller of a job go. If something that the task left behind has
// lent its slot, the worker has none any more.
func (l *line) ended(j *job, w *worker) {
	last := len(l.now) - 1
	l.now[j.place] = l.now[last]
	l.now[j.place].place = j.place
	l.now[last] = nil
	l.now = l.now[:last]
	j.place = over
	j.ctx.seat.left = true
	w.seat.nested = j.ctx.seat.nested
	j.run.done(nil)
}

// drop ends a job whose context has ended before a worker was free.
func (j *job) drop() {
	cause := context.Cause(j.ctx.parent)
	p := j.ctx.pool
	p.mu.Lock()
	defer p.mu.Unlock()
	if j.place == waiting {
		p.line.give(j, cause)
	}
}

// give ends a job that waits for a worker.
func (l *line) give(j *job, cause error) {
	l.leave(j)
	j.place = over
	j.ctx.shut(cause)
	j.run.done(cause)
	l.pool.drain()
	l.pool.grant()
}

func (l *line) terminate() {
	for l.wait.first != nil {
		l.give(l.wait.first, ErrTerminated)
	}
	for _, j := range l.now {
		j.ctx.shut(ErrTerminated)
	}
}

func (l *line) running(tell func(function any, n int)) {
	for _, j := range l.now {
		tell(j.run.function(), 1)
	}
}

func (l *line) end() {}

// do runs a job, and tells the observer.
func (w *worker) do(j *job) {
	if j.ctx.pool.observe == nil || j.ctx.ends() {
		j.run.do()
		return
	}
	w.scope, w.at = &j.ctx.scope, 0
	begun := w.begin()
	defer func() { w.report(0, begun) }()
	w.failure = ErrGoexit // unless it returns
	w.failure = j.run.do()
}
