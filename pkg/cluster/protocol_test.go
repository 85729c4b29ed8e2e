package cluster

import (
	"container/heap"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"testing"
	"time"
)

// The simulation drives the protocol of a caller and of workers, the same that NATS drives,
// over a network that loses, delays and doubles messages, with a queue that forgets some,
// and workers that die and stop. Its clock and its chance come from a seed.
type world struct {
	t       *testing.T
	r       *rand.Rand
	now     time.Time
	events  events
	planned int
	steps   int  // messages sent: what else happens is waiting
	calm    bool // no faults any more

	// the caller
	c         *caller
	calls     int
	todo      []part
	window    int
	confirmed map[uint64]bool // the queue has said that it has them
	got       []int           // results, by call
	failed    error
	gone      bool // it was killed

	// the queue
	queue []*message

	// the workers
	machines []*machine
	born     int

	// what has really happened
	deadly  []int // so many processes more does a call take with it
	took    []int // so many has it
	expired int   // leases
}

const (
	simLease    = 3 * time.Second
	simPatience = 30 * time.Second
	simRetry    = 500 * time.Millisecond
)

type event struct {
	at time.Time
	n  int
	do func()
}

type events []event

func (e events) Len() int { return len(e) }
func (e events) Less(i, j int) bool {
	return e[i].at.Before(e[j].at) || e[i].at.Equal(e[j].at) && e[i].n < e[j].n
}
func (e events) Swap(i, j int) { e[i], e[j] = e[j], e[i] }
func (e *events) Push(x any)   { *e = append(*e, x.(event)) }
func (e *events) Pop() any {
	x := (*e)[len(*e)-1]
	*e = (*e)[:len(*e)-1]
	return x
}

type message struct {
	id         uint64
	lo, hi     int
	deliveries int
	leased     time.Time // until then somebody has it
}

type machine struct {
	name   string
	w      *worker
	slots  int
	busy   int
	dead   bool
	paused time.Time // until then
	mine   map[uint64]*message
}

func (x *world) after(d time.Duration, do func()) {
	x.planned++
	heap.Push(&x.events, event{x.now.Add(d), x.planned, do})
}

// send has a message arrive once, late, twice or never.
func (x *world) send(do func()) {
	x.steps++
	copies := 1
	if !x.calm {
		switch x.r.IntN(20) {
		case 0:
			copies = 0
		case 1:
			copies = 2
		}
	}
	for range copies {
		d := time.Duration(x.r.IntN(3000)) * time.Microsecond
		if !x.calm && x.r.IntN(30) == 0 {
			d = time.Duration(x.r.IntN(8000)) * time.Millisecond
		}
		x.after(d, do)
	}
}

// to has a message go to a machine, which may be stopped, or dead.
func (x *world) to(m *machine, do func()) {
	x.send(func() { x.on(m, do) })
}

func (x *world) on(m *machine, do func()) {
	switch {
	case m.dead:
	case m.paused.After(x.now):
		x.after(m.paused.Sub(x.now), func() { x.on(m, do) })
	default:
		do()
	}
}

// The caller.

func (x *world) feed() {
	for x.failed == nil && len(x.c.open) < x.window && len(x.todo) > 0 {
		p := x.todo[0]
		x.todo = x.todo[1:]
		x.publish(x.c.send(p, x.now), p)
	}
}

func (x *world) publish(id uint64, p part) {
	if x.gone || x.c.open[id] == nil || x.confirmed[id] {
		return
	}
	x.send(func() {
		x.queue = append(x.queue, &message{id: id, lo: p.lo, hi: p.hi})
		x.send(func() { x.confirmed[id] = true })
	})
	x.after(simRetry, func() { x.publish(id, p) })
}

func (x *world) audit() {
	if x.gone {
		return
	}
	for _, id := range x.c.silent(x.now.Add(-2*simLease), x.now) {
		if !slices.ContainsFunc(x.queue, func(m *message) bool { return m.id == id }) {
			delete(x.confirmed, id)
			x.publish(id, x.c.open[id].part)
		}
	}
	x.after(simLease, x.audit)
}

// takes is the caller with a report; answer is what the worker gets.
func (x *world) takes(m *machine, id uint64, o outcome, at int, answer func()) {
	if t, ok := x.c.take(id); ok {
		if o == answered {
			for i := t.lo; i < t.hi; i++ {
				x.got[i]++
			}
		}
		again, failed := x.c.next(t.part, o, at)
		if failed && x.failed == nil {
			x.failed = fmt.Errorf("calls %d to %d, of call %d: outcome %d, %d workers lost", t.lo, t.hi-1, at, o, t.lost+1)
			switch o {
			case crashed:
				if x.took[at] <= x.c.retries {
					x.t.Errorf("call %d has taken %d processes with it, and %d retries: %v", at, x.took[at], x.c.retries, x.failed)
				}
			case lost:
				if x.expired < x.c.limit {
					x.t.Errorf("%d leases have expired: %v", x.expired, x.failed)
				}
			}
		}
		x.todo = append(again, x.todo...)
		x.feed()
	}
	x.to(m, answer)
}

// The queue.

func (x *world) pull(m *machine) {
	for _, q := range x.queue {
		if q.leased.After(x.now) {
			continue
		}
		if q.deliveries++; q.deliveries > 1 {
			x.expired++
		}
		q.leased = x.now.Add(simLease)
		n := q.deliveries
		x.to(m, func() { x.delivered(m, q, n) })
		return
	}
}

func (x *world) ack(q *message) {
	x.send(func() {
		x.queue = slices.DeleteFunc(x.queue, func(o *message) bool { return o == q })
	})
}

// The workers.

func (x *world) start() {
	x.born++
	m := &machine{name: fmt.Sprint("worker ", x.born), w: newWorker(simPatience), slots: 1 + x.r.IntN(2), mine: map[uint64]*message{}}
	x.machines = append(x.machines, m)
	x.ask(m)
	x.beat(m)
}

// ask has a machine ask for work again and again while it has a free slot.
func (x *world) ask(m *machine) {
	if m.dead {
		return
	}
	again := time.Duration(100+x.r.IntN(100)) * time.Millisecond
	x.on(m, func() {
		if m.busy < m.slots && slices.ContainsFunc(x.queue, func(q *message) bool { return !q.leased.After(x.now) }) {
			x.send(func() { x.pull(m) })
			again /= 20
		}
	})
	x.after(again, func() { x.ask(m) })
}

func (x *world) beat(m *machine) {
	if m.dead {
		return
	}
	x.on(m, func() {
		for _, ids := range m.w.keeps() {
			for _, id := range ids {
				q := m.mine[id]
				x.send(func() {
					if slices.Contains(x.queue, q) {
						q.leased = x.now.Add(simLease)
					}
				})
				x.send(func() {
					if x.gone {
						x.to(m, func() { x.misses(m) })
					} else if !x.c.hear(id, "", x.now) {
						x.to(m, func() {
							if m.w.unwanted(key{"", id}) {
								x.ack(m.mine[id])
							}
						})
					} else {
						x.to(m, func() { m.w.reached("") })
					}
				})
			}
		}
	})
	x.after(simLease/4, func() { x.beat(m) })
}

func (x *world) delivered(m *machine, q *message, n int) {
	k := key{"", q.id}
	if m.busy >= m.slots {
		return // it had asked, but has got enough meanwhile
	}
	duty := m.w.deliver(k, n)
	m.mine[q.id] = q
	switch duty {
	case work:
		m.busy++
		x.send(func() { x.c.hear(q.id, m.name, x.now) })
		d := time.Duration(x.r.IntN(10)) * time.Millisecond
		if x.r.IntN(50) == 0 {
			d = time.Duration(x.r.IntN(10)) * time.Second
		}
		x.after(d, func() {
			x.on(m, func() {
				m.busy--
				o, at := answered, 0
				for i := q.lo; i < q.hi; i++ {
					if x.deadly[i] > 0 {
						x.deadly[i]--
						x.took[i]++
						o, at = crashed, i
						break
					}
				}
				if m.w.finish(k, o) {
					x.reports(m, k, o, at)
				}
			})
		})
	case report:
		x.reports(m, k, lost, 0)
	}
}

// reports tells the caller until it has answered.
func (x *world) reports(m *machine, k key, o outcome, at int) {
	if m.dead || m.w.has[k] == nil {
		return
	}
	x.send(func() {
		if x.gone {
			x.to(m, func() { x.misses(m) })
			return
		}
		x.takes(m, k.id, o, at, func() {
			if m.w.told(k) {
				x.ack(m.mine[k.id])
			}
		})
	})
	x.after(simRetry, func() { x.on(m, func() { x.reports(m, k, o, at) }) })
}

// misses tells a machine that nobody answers.
func (x *world) misses(m *machine) {
	for _, k := range m.w.missed("", x.now) {
		x.ack(m.mine[k.id])
	}
}

// Faults.

func (x *world) fault() {
	if x.calm {
		return
	}
	m := x.machines[x.r.IntN(len(x.machines))]
	switch x.r.IntN(4) {
	case 0:
		m.dead = true
		x.machines = slices.DeleteFunc(x.machines, func(o *machine) bool { return o == m })
		x.start()
	case 1:
		m.paused = x.now.Add(time.Duration(x.r.IntN(10_000)) * time.Millisecond)
	case 2:
		if len(x.queue) > 0 {
			i := x.r.IntN(len(x.queue))
			x.queue = slices.Delete(x.queue, i, i+1)
		}
	case 3: // ended in peace, it gives back what it has
		m.dead = true
		x.machines = slices.DeleteFunc(x.machines, func(o *machine) bool { return o == m })
		for k := range m.w.has {
			x.send(func() { m.mine[k.id].leased = x.now })
		}
		x.start()
	}
	x.after(time.Duration(x.r.IntN(2000))*time.Millisecond, x.fault)
}

func newWorld(t *testing.T, seed uint64) *world {
	r := rand.New(rand.NewPCG(seed, 13))
	x := &world{
		t: t, r: r, now: time.Unix(0, 0), calls: 1 + r.IntN(400), window: 1 + r.IntN(8),
		confirmed: map[uint64]bool{},
	}
	limit, retries := 1_000_000, 1_000_000
	if r.IntN(3) == 0 {
		limit = 1 + r.IntN(6)
	}
	if r.IntN(3) == 0 {
		retries = r.IntN(3)
	}
	x.c = newCaller(limit, retries)
	x.got, x.deadly, x.took = make([]int, x.calls), make([]int, x.calls), make([]int, x.calls)
	for i := range x.deadly {
		if r.IntN(50) == 0 {
			x.deadly[i] = r.IntN(4)
		}
	}
	for lo := 0; lo < x.calls; {
		hi := min(x.calls, lo+1+r.IntN(40))
		x.todo = append(x.todo, part{lo: lo, hi: hi})
		lo = hi
	}
	for range 1 + r.IntN(4) {
		x.start()
	}
	return x
}

// busy reports whether the queue or a worker has anything.
func (x *world) busy() bool {
	return len(x.queue) > 0 || slices.ContainsFunc(x.machines, func(m *machine) bool { return len(m.w.has) > 0 || m.busy > 0 })
}

// simulate returns how many steps it has taken.
func simulate(t *testing.T, seed uint64) int {
	x := newWorld(t, seed)
	defer func() {
		if t.Failed() {
			t.Logf("seed %d, at %v, %d messages", seed, x.now.Sub(time.Unix(0, 0)), x.steps)
		}
	}()
	x.feed()
	x.audit()
	x.fault()
	x.after(time.Duration(x.r.IntN(120))*time.Second, func() { x.calm = true })
	if x.r.IntN(5) == 0 {
		x.after(time.Duration(x.r.IntN(5000))*time.Millisecond, func() { x.gone = true })
	}
	for x.failed == nil && !x.gone && (len(x.todo) > 0 || len(x.c.open) > 0) {
		if x.now.Sub(time.Unix(0, 0)) > time.Hour {
			t.Errorf("after an hour %d parts are open and %d to be sent", len(x.c.open), len(x.todo))
			break
		}
		e := heap.Pop(&x.events).(event)
		x.now = e.at
		e.do()
	}
	for i, n := range x.got {
		if n > 1 || n < 1 && x.failed == nil && !x.gone {
			t.Errorf("call %d has %d results", i, n)
		}
	}
	// The run is over: the workers let go of what they have, and so does the queue, whose
	// messages are purged, or else worked off or given up.
	x.calm = true
	x.c.open = map[uint64]*to{}
	for end := x.now.Add(10 * simPatience); x.now.Before(end) && x.busy(); {
		e := heap.Pop(&x.events).(event)
		x.now = e.at
		e.do()
	}
	if x.busy() {
		t.Errorf("after the run the queue still has %d messages, or a worker something", len(x.queue))
	}
	return x.steps
}

func TestProtocolLosesAndDoublesNothing(t *testing.T) {
	want := 100_000
	if os.Getenv("SOAK") != "" {
		want = 1_000_000
	}
	steps, seed := 0, uint64(0)
	for ; steps < want && !t.Failed(); seed++ {
		steps += simulate(t, seed)
	}
	t.Logf("%d messages in %d runs", steps, seed)
}

func FuzzProtocol(f *testing.F) {
	f.Add(uint64(1))
	f.Fuzz(func(t *testing.T, seed uint64) { simulate(t, seed) })
}
