package cluster

import (
	"bytes"
	"cmp"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"sync"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/threads2go/course/pkg/parallel"
)

const (
	// A batch aims at this time, or at so many times what it is on its way.
	batchTime = 10 * time.Millisecond
	rtts      = 20

	// A part that takes so many times what it aims at is still short enough to have
	// the next stand in line behind it.
	quick = 10

	// A message has room for its head.
	maxHead = 64 << 10

	// So long a run waits for the first worker, and for room in the store.
	startTime = 4 * time.Second
	// So long it waits for one if there was one, and for a server.
	absence = 30 * time.Second
	// So long a run that has ended waits for what is at work still: a call that does
	// not heed its context is killed after a second.
	graceTime = 2 * time.Second
)

// maxObject is how large the arguments of a part are at most, and its results.
var maxObject = 256 << 20

// workers are those of a Parallel: the cluster's.
type workers struct{ *Cluster }

func (workers) Close() error { return nil }

// A run is one job, and what is on its way for it.
type run struct {
	*Cluster
	job     *parallel.Job
	id      string
	program program
	cancel  context.CancelFunc
	gate    *gate
	aim     time.Duration // of a batch

	mu      sync.Mutex
	failed  error
	caller  *caller
	waiting map[uint64]chan told
	numbers map[string]int // of the workers' slots, for observers
	news    time.Time      // when a worker last had something to say of a part, or the run began
	quick   bool           // what was reported last had not taken long
	objects bool           // some has not fit in a message
}

// A told is a report, and the part that it is of.
type told struct {
	notice
	*to
	body []byte
	came time.Time
}

func (w workers) Run(ctx context.Context, job *parallel.Job) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	r := &run{
		Cluster: w.Cluster, job: job, id: rand.Text(), cancel: cancel, aim: max(batchTime, rtts*w.rtt),
		caller:  newCaller(w.config.losses, job.Options().Retries),
		waiting: map[uint64]chan told{}, numbers: map[string]int{}, news: time.Now(),
	}
	r.gate = newGate(r.room)
	if !w.enter(r) {
		return ErrClosed
	}
	defer w.leave(r)
	err := r.run(ctx)
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.failed != nil {
		return r.failed
	}
	return err
}

// stop has the run end with an error. The first counts.
func (r *run) stop(err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.failed == nil {
		r.failed = err
	}
	r.cancel()
}

func (r *run) hasFailed() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.failed != nil
}

func (r *run) run(ctx context.Context) error {
	start, cancel := context.WithTimeout(ctx, startTime)
	defer cancel()
	if _, err := r.Slots(start); err != nil {
		return err
	}
	var err error
	if r.program, err = r.link.upload(ctx); err != nil {
		return err
	}
	reports, err := r.link.nc.Subscribe(runSubject+r.id, r.hear)
	if err == nil {
		err = reports.SetPendingLimits(-1, -1)
	}
	if err != nil {
		return r.link.explain(err)
	}
	defer reports.Unsubscribe()

	said := make(chan struct{}) // the workers have been told that the run is over
	unhook := context.AfterFunc(ctx, func() {
		defer close(said)
		r.link.nc.Publish(stopSubject+r.id, nil)
		r.gate.wake()
		if r.link.nc.IsConnected() {
			r.link.nc.FlushTimeout(requestTime)
		}
	})
	defer func() {
		if unhook() {
			r.link.nc.Publish(stopSubject+r.id, nil)
		} else {
			<-said
		}
		r.clear()
	}()
	watching, end := context.WithCancel(ctx)
	var watch, senders sync.WaitGroup
	watch.Go(func() { r.watch(watching) })
	for range 2 * r.job.Jobs() {
		senders.Go(func() {
			inside := r.gate.enter(ctx)
			if inside {
				for b := range r.job.Batches(r.aim) {
					r.batch(ctx, b)
					r.gate.leave()
					if inside = r.gate.enter(ctx); !inside {
						break
					}
				}
			}
			if inside {
				r.gate.leave()
			}
		})
	}
	senders.Wait()
	end()
	watch.Wait()
	return nil
}

// clear removes what is left of a run: parts and objects that nobody needs any more, because
// the run has ended early, or because workers that had answered them are gone.
func (r *run) clear() {
	ctx, cancel := context.WithTimeout(context.Background(), requestTime)
	defer cancel()
	queue, _, _ := r.link.stores()
	queue.Purge(ctx, jetstream.WithPurgeSubject(workSubject+platform+"."+r.id+".>"))
	r.mu.Lock()
	objects := r.objects
	r.mu.Unlock()
	if objects {
		r.link.sweep(r.id)
	}
}

// room returns how many parts may be on their way: one for each job; or, if there are no
// more slots than that, one more for each slot, so that none waits for the next.
func (r *run) room() int {
	jobs, slots := r.job.Options().Jobs, r.slots()
	if slots <= jobs {
		return 2 * max(1, slots)
	}
	return jobs
}

// ahead reports whether a slot may take a part while it works on another: no other slot
// waits for it, nor will it wait for long.
func (r *run) ahead() bool {
	few := r.slots() <= r.job.Options().Jobs
	r.mu.Lock()
	defer r.mu.Unlock()
	return few && r.quick
}

// A gate lets so many in as there is room.
type gate struct {
	mu     sync.Mutex
	moved  sync.Cond
	inside int
	room   func() int
}

func newGate(room func() int) *gate {
	g := &gate{room: room}
	g.moved.L = &g.mu
	return g
}

func (g *gate) enter(ctx context.Context) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	for g.inside >= g.room() && ctx.Err() == nil {
		g.moved.Wait()
	}
	if ctx.Err() != nil {
		return false
	}
	g.inside++
	return true
}

func (g *gate) leave() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.inside--
	g.moved.Broadcast()
}

func (g *gate) wake() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.moved.Broadcast()
}

// hear takes what a worker tells.
func (r *run) hear(m *nats.Msg) {
	came := time.Now()
	var n notice
	body, err := unpack(m.Data, &n)
	if err != nil {
		return
	}
	var v verdict
	r.mu.Lock()
	r.objects = r.objects || n.Object != ""
	if n.Works != nil {
		holder := ""
		if n.Begins {
			holder = slotName(n.Worker, n.Slot)
		}
		for _, id := range n.Works {
			if r.caller.hear(id, holder, came) {
				r.news = came
			} else {
				v.Unwanted = append(v.Unwanted, id)
			}
		}
	} else if t, ok := r.caller.take(n.ID); ok {
		r.news = came
		r.quick = n.Outcome == answered && time.Duration(n.Ended-n.Began) <= quick*r.aim
		r.waiting[n.ID] <- told{n, t, body, came}
		delete(r.waiting, n.ID)
	}
	r.mu.Unlock()
	if m.Reply != "" {
		if b, err := json.Marshal(v); err == nil {
			m.Respond(b)
		}
	}
}

// watch looks after parts that nobody speaks of, after workers, and after the server.
func (r *run) watch(ctx context.Context) {
	every := time.NewTicker(min(r.link.lease, r.config.absence/2))
	defer every.Stop()
	last, up := time.Now(), true // since then something is missing
	for {
		select {
		case <-ctx.Done():
			return
		case now := <-every.C:
			if r.link.nc.IsClosed() { // the server does not want this user any more
				r.stop(r.link.closed())
				return
			}
			switch was := up; {
			case r.slots() > 0, r.link.nc.IsConnected() != was:
				last, up = now, r.link.nc.IsConnected()
			case now.Sub(last) <= r.config.absence:
			case up:
				r.stop(r.nobody())
				return
			default:
				r.stop(r.link.away(now.Sub(last)))
				return
			}
			if !up {
				continue
			}
			r.mu.Lock()
			silent := r.caller.silent(now.Add(-2*r.link.lease), now)
			r.mu.Unlock()
			for _, id := range silent {
				r.audit(ctx, id)
			}
		}
	}
}

// audit has a part be sent again that the queue has not, though nobody has reported of it.
func (r *run) audit(ctx context.Context, id uint64) {
	look, cancel := context.WithTimeout(ctx, requestTime)
	defer cancel()
	queue, _, _ := r.link.stores()
	_, err := queue.GetLastMsgForSubject(look, r.subject(id))
	if !errors.Is(err, jetstream.ErrMsgNotFound) {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if ch := r.waiting[id]; ch != nil && len(ch) == 0 { // there is room for this, and for a report
		ch <- told{notice: notice{Outcome: missing}}
	}
}

// missing is not reported by a worker, but found by the caller: the queue has lost a part.
const missing outcome = 0

func (r *run) subject(id uint64) string {
	return fmt.Sprintf("%s%s.%s.%d", workSubject, platform, r.id, id)
}

// batch has the calls of a batch made, whatever becomes of workers and processes.
func (r *run) batch(ctx context.Context, b *parallel.Batch) {
	first := b.First()
	errand, err := b.Errand()
	if err != nil {
		r.stop(err)
		return
	}
	o := r.job.Options()
	head := order{
		Program: r.program.sum, Size: r.program.size, Errand: errand, Args: os.Args, Env: r.config.env,
		Timeout: o.Timeout, Memory: o.MemoryLimit, CPUs: o.CPUs,
	}
	for todo := []part{{lo: first, hi: first + b.Len()}}; len(todo) > 0 && ctx.Err() == nil; {
		p := todo[0]
		todo = todo[1:]
		b := b.Part(p.lo-first, p.hi-first)
		body, err := b.Request()
		if size := len(body); err != nil || r.link.large(size) {
			if half := (p.lo + p.hi) / 2; half > p.lo {
				todo = slices.Concat([]part{{p.lo, half, p.lost}, {half, p.hi, p.lost}}, todo)
				continue
			}
			if err == nil && size > maxObject {
				err = fmt.Errorf("argument: %d bytes as gob, more than the %d that a cluster takes; pass the name of a file that workers can read, or send it in pieces", size, maxObject)
			}
			if err != nil {
				b.Fail(0, err)
				return
			}
		}
		head.Ahead = r.ahead()
		t, ok := r.send(ctx, p, head, body)
		if !ok || r.hasFailed() { // else the end of calls would seem to be why the run ends
			return
		}
		if t.Outcome == answered {
			err := r.reply(ctx, b, t)
			if err != nil && ctx.Err() == nil && !errors.Is(err, jetstream.ErrObjectNotFound) {
				r.stop(err)
				return
			}
			if err == nil || ctx.Err() != nil {
				continue
			}
			t.Outcome = lost // with what the server has lost, or what was too old for it
		}
		again, failed := r.next(p, t)
		switch t.Outcome {
		case refused:
			if ctx.Err() == nil { // else that is why
				r.stop(fmt.Errorf("cluster: worker %s: %s", t.Worker, t.Exit.Text))
			}
			return
		case absent:
			_, err := r.link.upload(ctx)
			if ctx.Err() != nil {
				return
			}
			if err != nil || failed {
				r.stop(cmp.Or(err, fmt.Errorf("cluster: worker %s: %s", t.Worker, t.Exit.Text)))
				return
			}
			todo = slices.Concat(again, todo)
			continue
		case bulky:
			if failed {
				b.Fail(0, errors.New(t.Exit.Text))
				return
			}
			todo = slices.Concat(again, todo)
			continue
		}
		lost := r.loss(p, t)
		if t.Outcome == crashed || t.holder != "" { // else nobody had begun with it
			b.Lost(r.number(t), r.since(t), lost)
		}
		if failed {
			b.Fail(max(0, min(t.At, b.Len()-1)), lost)
			return
		}
		todo = slices.Concat(again, todo)
	}
}

func (r *run) next(p part, t told) ([]part, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.caller.next(p, t.Outcome, p.lo+t.At)
}

// loss is the error of a part that was lost.
func (r *run) loss(p part, t told) *LostError {
	if t.Outcome == lost {
		return &LostError{Calls: p.hi - p.lo, Workers: p.lost + 1, Worker: t.holder}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	return &LostError{
		Calls: 1, Workers: p.lost, Worker: t.Worker, Tries: r.caller.crashes[p.lo+t.At],
		Exit: t.Exit.Text, Reason: t.Exit.Reason, Stderr: t.Exit.Stderr, Timeout: t.Exit.Timeout,
	}
}

func slotName(worker string, slot int) string { return fmt.Sprint(worker, " slot ", slot) }

// number returns the number that observers know the slot of a report by.
func (r *run) number(t told) int {
	name := slotName(t.Worker, t.Slot)
	if t.Outcome == lost {
		name = t.holder
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	n, ok := r.numbers[name]
	if !ok {
		n = len(r.numbers)
		r.numbers[name] = n
	}
	return n
}

// since returns when the work began that was lost.
func (r *run) since(t told) time.Time {
	if t.Outcome == crashed {
		return time.Unix(0, t.Began).Add(r.clock(t.Worker, time.Unix(0, t.Now), t.came))
	}
	return t.begun
}

// reply hands on what a worker has answered.
func (r *run) reply(ctx context.Context, b *parallel.Batch, t told) error {
	body := t.body
	if t.Object != "" {
		_, _, data := r.link.stores()
		var all bytes.Buffer
		if err := r.link.get(ctx, data, t.Object, &all); err != nil {
			return r.link.explain(fmt.Errorf("result %s: %w", t.Object, err))
		}
		body = all.Bytes()
		r.link.remove(t.Object)
	}
	replies, err := t.replies(body)
	epoch := time.Unix(0, t.Epoch).Add(r.clock(t.Worker, time.Unix(0, t.Now), t.came))
	last := false
	for _, reply := range replies {
		if err == nil {
			last, err = b.Reply(r.number(t), epoch, reply)
		}
	}
	if err == nil && !last {
		err = errGarbled
	}
	return err
}

// send has a part be in the work queue, and waits for the report of it. If the run has
// ended, ok is false.
func (r *run) send(ctx context.Context, p part, head order, body []byte) (_ told, ok bool) {
	ch := make(chan told, 2)
	r.mu.Lock()
	id := r.caller.send(p, time.Now())
	r.waiting[id] = ch
	large := r.link.large(len(body))
	r.objects = r.objects || large
	r.mu.Unlock()
	defer func() {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.caller.drop(id)
		delete(r.waiting, id)
	}()
	if large {
		head.Object = fmt.Sprintf("%s.%d.argument", r.id, id)
		defer func() { r.link.remove(head.Object) }()
	}
	if !r.publish(ctx, id, head, body, ch) {
		return told{}, false
	}
	for {
		select {
		case t := <-ch:
			if t.Outcome != missing {
				return t, true
			}
			if !r.publish(ctx, id, head, body, ch) {
				return told{}, false
			}
		case <-ctx.Done():
			return r.last(id, ch)
		}
	}
}

// last waits a moment for the report of a part that is at work when the run ends.
func (r *run) last(id uint64, ch chan told) (told, bool) {
	r.mu.Lock()
	t := r.caller.open[id]
	at := t != nil && t.holder != ""
	r.mu.Unlock()
	if t != nil && !at {
		return told{}, false
	}
	grace := time.NewTimer(graceTime)
	defer grace.Stop()
	select {
	case t := <-ch:
		return t, t.Outcome != missing
	case <-grace.C:
		return told{}, false
	}
}

// publish puts a part into the work queue. It tries again while the server cannot be
// reached, or its store is full of what will be done.
func (r *run) publish(ctx context.Context, id uint64, head order, body []byte, ch chan told) bool {
	m := &nats.Msg{Subject: r.subject(id)}
	began := time.Now()
	for wait := 20 * time.Millisecond; ; wait = min(2*wait, 500*time.Millisecond) {
		err := r.put(ctx, m, head, body)
		if err == nil {
			return true
		}
		r.mu.Lock()
		open, news := r.caller.open[id] != nil, r.news
		r.mu.Unlock()
		if !open {
			return true // it had been put, and was answered meanwhile
		}
		if news.Before(began) {
			news = began
		}
		quiet := time.Since(news)
		if temporary := isFull(err) && quiet < startTime || isAway(err) && quiet < r.config.absence; !temporary && ctx.Err() == nil {
			r.stop(r.link.explain(err))
		}
		if errors.Is(err, jetstream.ErrNoStreamResponse) || errors.Is(err, nats.ErrNoResponders) {
			again, cancel := context.WithTimeout(ctx, requestTime)
			r.link.setUp(again) // a server without a disk has started anew
			cancel()
		}
		sleep(ctx, wait)
		if ctx.Err() != nil {
			return false
		}
	}
}

// isAway reports whether an error says that the server does not answer.
func isAway(err error) bool {
	for _, e := range []error{
		nats.ErrTimeout, nats.ErrNoResponders, nats.ErrConnectionReconnecting, nats.ErrDisconnected, nats.ErrReconnectBufExceeded,
		jetstream.ErrNoStreamResponse, context.DeadlineExceeded,
	} {
		if errors.Is(err, e) {
			return true
		}
	}
	var api *jetstream.APIError
	return errors.As(err, &api) && api.Code == 503 && !isFull(err)
}

// put tries once.
func (r *run) put(ctx context.Context, m *nats.Msg, head order, body []byte) error {
	if head.Object != "" {
		_, _, data := r.link.stores()
		err := r.link.put(ctx, data, jetstream.ObjectMeta{Name: head.Object}, len(body), func() (io.ReadCloser, error) {
			return io.NopCloser(bytes.NewReader(body)), nil
		})
		if err != nil {
			return err
		}
		body = nil
	}
	if m.Data == nil {
		data, err := pack(head, body)
		if err != nil {
			return err
		}
		m.Data = data
	}
	ctx, cancel := context.WithTimeout(ctx, requestTime)
	defer cancel()
	_, err := r.link.js.PublishMsg(ctx, m)
	return err
}
