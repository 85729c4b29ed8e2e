package cluster

import (
	"slices"
	"time"
)

// This file is the protocol: what a caller and a worker know, and what they do about what
// they hear. It sends nothing, waits for nothing and reads no clock. The backend and the
// worker drive it with NATS; the simulation drives it with a network that loses, delays
// and doubles messages, and with workers that die.
//
// The caller sends a part, some calls of one batch, as a message to the work queue, which
// delivers it to a worker. That begins, works, and reports; when the caller has answered the
// report, the worker acknowledges the delivery. A delivery that nobody acknowledges, nor
// keeps alive, is delivered again, which says that the worker before was lost: whoever
// gets it reports that, and does not work. So it is the caller alone who decides what
// becomes of calls, and a number never means other calls than it did at first.

// A part is calls of a run that travel together.
type part struct {
	lo, hi int // the calls lo to hi-1
	lost   int // so many workers were lost with it
}

// What a worker reports of a part.
type outcome int

const (
	answered outcome = iota + 1 // the results are there
	crashed                     // the process ended at one of the calls
	lost                        // the worker that had it was lost
	refused                     // no process could be started for it
	bulky                       // the results are too large to go together
	absent                      // the program was not in the store
)

// A caller is what the caller of a run knows.
type caller struct {
	limit   int            // so many workers may be lost with a part
	retries int            // so many processes may be lost with a call, and it is made again
	sent    uint64         // the last number that was given
	open    map[uint64]*to // the parts that nothing was reported of yet
	crashes map[int]int    // processes lost, by call
}

// A to is a part on its way.
type to struct {
	part
	holder string    // the worker that has said that it began; "" if none has
	begun  time.Time // when it said so
	heard  time.Time // when it was sent, or last heard of
}

func newCaller(limit, retries int) *caller {
	return &caller{limit: limit, retries: retries, open: map[uint64]*to{}, crashes: map[int]int{}}
}

// send gives a part a number, under which it is to be put into the work queue.
func (c *caller) send(p part, now time.Time) uint64 {
	c.sent++
	c.open[c.sent] = &to{part: p, heard: now}
	return c.sent
}

// drop has a part be of no interest any more.
func (c *caller) drop(id uint64) { delete(c.open, id) }

// hear takes a worker's word that it has a part, and reports whether it should. If the
// worker is named, it begins with it.
func (c *caller) hear(id uint64, worker string, now time.Time) bool {
	t := c.open[id]
	if t == nil {
		return false
	}
	if worker != "" {
		t.holder, t.begun = worker, now
	}
	t.heard = now
	return true
}

// take takes a report. Only the first of a part counts: of any other, ok is false, and
// the worker shall forget the part.
func (c *caller) take(id uint64) (t *to, ok bool) {
	t, ok = c.open[id]
	delete(c.open, id)
	return t, ok
}

// silent returns parts that nobody was heard of since before: perhaps the queue has lost
// them. Those that it has not are better left alone.
func (c *caller) silent(before, now time.Time) (ids []uint64) {
	for id, t := range c.open {
		if t.heard.Before(before) {
			t.heard = now
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	return ids
}

// shards is in how many parts the calls of a lost worker go on their way again. It
// takes few losses until the call whose fault it is goes alone, so that it can be named.
const shards = 16

// next says what becomes of a part after a report of it: nothing if it was answered; else
// its calls are sent again, in other parts, unless call failed has lost too many workers or
// processes.
func (c *caller) next(p part, o outcome, at int) (again []part, failed bool) {
	switch o {
	case crashed:
		at = min(max(at, p.lo), p.hi-1)
		if c.crashes[at]++; c.crashes[at] > c.retries {
			return nil, true
		}
		again = []part{{p.lo, at, p.lost}, {at, at + 1, p.lost}, {at + 1, p.hi, p.lost}}
	case lost:
		if p.lost+1 >= c.limit {
			return nil, true
		}
		n := p.hi - p.lo
		for i := range shards {
			again = append(again, part{p.lo + i*n/shards, p.lo + (i+1)*n/shards, p.lost + 1})
		}
	case bulky:
		if p.hi-p.lo < 2 {
			return nil, true
		}
		half := (p.lo + p.hi) / 2
		again = []part{{p.lo, half, p.lost}, {half, p.hi, p.lost}}
	case absent: // it has aged away, and may do so again, but not for ever
		if p.lost++; p.lost > c.limit {
			return nil, true
		}
		again = []part{p}
	case refused:
		return nil, true
	}
	return slices.DeleteFunc(again, func(p part) bool { return p.lo == p.hi }), false
}

// A key is the number of a part, and the run that it is of.
type key struct {
	run string
	id  uint64
}

// A worker is what a worker knows: the deliveries that it has not acknowledged.
type worker struct {
	patience time.Duration // so long it tries to reach a caller
	has      map[key]*delivery
}

type delivery struct {
	reports outcome   // 0 while it is worked on
	missing time.Time // since then the caller was not reached; zero if it was
}

func newWorker(patience time.Duration) *worker {
	return &worker{patience: patience, has: map[key]*delivery{}}
}

// What a worker does with a delivery.
type duty int

const (
	work   duty = iota + 1
	report      // that the worker before was lost
	hold        // nothing: it has the part already, and is at it
)

// deliver takes the nth delivery of a part.
func (w *worker) deliver(k key, n int) duty {
	if w.has[k] != nil {
		return hold // this worker was slow, not lost
	}
	d := &delivery{}
	w.has[k] = d
	if n > 1 {
		d.reports = lost
		return report
	}
	return work
}

// finish has the work on a part be done, one way or the other. It is to be reported,
// unless it is of no interest any more.
func (w *worker) finish(k key, o outcome) (send bool) {
	d := w.has[k]
	if d == nil {
		return false
	}
	d.reports = o
	return true
}

// told has the caller know. The delivery is to be acknowledged, if it was not yet.
func (w *worker) told(k key) (ack bool) {
	d := w.has[k]
	if d == nil || d.reports == 0 {
		return false
	}
	delete(w.has, k)
	return true
}

// unwanted has the caller say that it does not need a part. Work on it is to be given
// up, and it is to be acknowledged.
func (w *worker) unwanted(k key) (ack bool) {
	_, ok := w.has[k]
	delete(w.has, k)
	return ok
}

// reached has the caller of a run answer.
func (w *worker) reached(run string) {
	for k, d := range w.has {
		if k.run == run {
			d.missing = time.Time{}
		}
	}
}

// missed has the caller of a run not answer. It returns the parts that are given up,
// because it has not for long: they are to be acknowledged.
func (w *worker) missed(run string, now time.Time) (ack []key) {
	for k, d := range w.has {
		switch {
		case k.run != run:
		case d.missing.IsZero():
			d.missing = now
		case now.Sub(d.missing) >= w.patience:
			delete(w.has, k)
			ack = append(ack, k)
		}
	}
	return ack
}

// keeps returns the deliveries that are to be kept alive, by run.
func (w *worker) keeps() map[string][]uint64 {
	all := map[string][]uint64{}
	for k := range w.has {
		all[k.run] = append(all[k.run], k.id)
	}
	for _, ids := range all {
		slices.Sort(ids)
	}
	return all
}
