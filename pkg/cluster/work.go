package cluster

import (
	"bytes"
	"context"
	"debug/elf"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/threads2go/course/pkg/parallel"
)

const (
	// So long a worker tries to reach a caller that it has something to tell: a
	// server that starts anew, or elects a leader, is back by then.
	patience = 30 * time.Second

	crewEvery = time.Second // a worker tells of itself

	// So many reports may be on their way while a slot goes on.
	maxReports = 16

	keptChildren = 4                // processes of one slot, for several functions
	childIdle    = 30 * time.Second // until such a process is ended
)

// Work is a worker: it makes calls for all who send any to the cluster at an address, as
// many at once as it has slots, until ctx ends. Then it ends its processes, gives back
// what it has not finished, and returns nil. An error says why it could not begin; later
// it goes on whatever the server does, unless that lets it in no more.
//
// The address is one or more of the form nats://user:password@host:port, or tls://…,
// separated by commas, as for [Dial].
//
// A worker runs any program that is sent by whoever has credentials for the cluster: see
// "Security" in the package's documentation.
func Work(ctx context.Context, address string, slots int, opts ...Option) error {
	c, err := configure(opts)
	if err == nil && slots < 1 {
		err = fmt.Errorf("cluster: Work with %d slots; give the number of calls to make at once, at least 1", slots)
	}
	if err != nil {
		return err
	}
	if err = serve(ctx, address, slots, jetstream.FileStorage, c, func() {}); ctx.Err() != nil {
		return nil
	}
	return err
}

// A site is a worker with its connection.
type site struct {
	link   *link
	name   string
	slots  int
	folder string
	cache  cache

	mu      sync.Mutex
	w       *worker
	held    map[key]*held
	stopped map[string]time.Time // runs that are over
	reports sync.WaitGroup
}

// A held is a delivery that is not acknowledged.
type held struct {
	msg    jetstream.Msg
	cancel context.CancelFunc // of the work on it
}

func serve(ctx context.Context, address string, slots int, storage jetstream.StorageType, c *config, ready func()) (err error) {
	s := &site{slots: slots, name: c.name, folder: c.folder, held: map[key]*held{}, stopped: map[string]time.Time{}}
	if s.name == "" {
		s.name = ownName()
	}
	if s.folder == "" {
		own, err := newScratch()
		if err != nil {
			return err
		}
		defer own.remove()
		s.folder = own.path
	}
	s.cache.folder = filepath.Join(s.folder, "programs")
	if err = os.MkdirAll(s.cache.folder, 0o700); err == nil {
		err = s.clean()
	}
	if err != nil {
		return fmt.Errorf("cluster: no folder for a worker: %w", err)
	}
	if s.link, err = dial(ctx, address, storage, c); err != nil {
		return err
	}
	defer s.link.close()
	s.w = newWorker(min(patience, s.link.age))
	for subject, f := range map[string]nats.MsgHandler{
		stopSubject + "*": func(m *nats.Msg) { s.stop(strings.TrimPrefix(m.Subject, stopSubject)) },
		whoSubject:        func(*nats.Msg) { s.tell(false) },
	} {
		if _, err := s.link.nc.Subscribe(subject, f); err != nil {
			return s.link.explain(err)
		}
	}
	s.tell(false)
	if err := s.link.nc.FlushTimeout(connectTime); err != nil && ctx.Err() == nil {
		return s.link.explain(err)
	}
	ready()
	ctx, end := context.WithCancel(ctx)
	defer end()
	s.link.nc.SetClosedHandler(func(*nats.Conn) { end() })
	var all sync.WaitGroup
	for i := range slots {
		all.Go(func() { s.slot(ctx, i) })
	}
	all.Go(func() { s.beat(ctx) })
	all.Wait()
	s.reports.Wait()
	if s.link.nc.IsClosed() {
		return s.link.closed()
	}
	s.leave()
	return nil
}

// clean removes what a worker that was killed has left in the folder.
func (s *site) clean() error {
	left, err := filepath.Glob(filepath.Join(s.folder, "work-*"))
	for _, folder := range left {
		err = errors.Join(err, os.RemoveAll(folder))
	}
	return err
}

// tell tells the callers of this worker.
func (s *site) tell(leaves bool) {
	if b, err := json.Marshal(member{s.name, platform, s.slots, leaves}); err == nil {
		s.link.nc.Publish(crewSubject, b)
	}
}

// leave gives back what is not finished.
func (s *site) leave() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, h := range s.held {
		h.msg.Nak()
	}
	s.tell(true)
	if s.link.nc.IsConnected() {
		s.link.nc.FlushTimeout(requestTime)
	}
}

// beat keeps alive what this worker has, and asks the callers whether it is still wanted.
func (s *site) beat(ctx context.Context) {
	beat := time.NewTicker(s.link.lease / 4)
	defer beat.Stop()
	crew := time.NewTicker(crewEvery)
	defer crew.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-crew.C:
			s.tell(false)
		case now := <-beat.C:
			s.mu.Lock()
			for _, h := range s.held {
				h.msg.InProgress()
			}
			keeps := s.w.keeps()
			for run, t := range s.stopped {
				if now.Sub(t) > 2*patience {
					delete(s.stopped, run)
				}
			}
			s.mu.Unlock()
			var asking sync.WaitGroup
			for run, ids := range keeps {
				asking.Go(func() { s.ask(ctx, run, notice{Worker: s.name, Works: ids}, nil, s.link.lease/4) })
			}
			asking.Wait()
		}
	}
}

// ask tells the caller of a run something, and reports whether it has answered.
func (s *site) ask(ctx context.Context, run string, n notice, body [][]byte, wait time.Duration) bool {
	n.Now = time.Now().UnixNano()
	m, err := pack(n, body...)
	if err != nil {
		return false
	}
	ctx, cancel := context.WithTimeout(ctx, wait)
	defer cancel()
	answer, err := s.link.nc.RequestWithContext(ctx, runSubject+run, m)
	var v verdict
	if err == nil {
		err = json.Unmarshal(answer.Data, &v)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if err != nil {
		for _, k := range s.w.missed(run, time.Now()) {
			s.forget(k)
		}
		return false
	}
	s.w.reached(run)
	for _, id := range v.Unwanted {
		if k := (key{run, id}); s.w.unwanted(k) {
			s.forget(k)
		}
	}
	return true
}

// forget acknowledges a delivery, and gives up the work on it. s.mu is held.
func (s *site) forget(k key) {
	if h := s.held[k]; h != nil {
		h.msg.Ack()
		h.cancel()
		delete(s.held, k)
	}
}

// stop gives up the work of a run that is over. Its caller waits a moment for the
// reports.
func (s *site) stop(run string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.stopped[run] = time.Now()
	for k, h := range s.held {
		if k.run == run {
			h.cancel()
		}
	}
}

// slot makes one call after the other.
func (s *site) slot(ctx context.Context, number int) {
	b := &bench{site: s, number: number, children: map[string]*child{}, tokens: make(chan struct{}, maxReports)}
	defer b.clear(0)
	for ctx.Err() == nil {
		err := b.serve(ctx, s.link.end())
		if ctx.Err() != nil {
			return
		}
		// The server has lost the queue, or restarts.
		sleep(ctx, 200*time.Millisecond)
		if errors.Is(err, jetstream.ErrConsumerDeleted) || errors.Is(err, jetstream.ErrConsumerNotFound) || errors.Is(err, nats.ErrNoResponders) || errors.Is(err, jetstream.ErrNoHeartbeat) {
			renew, cancel := context.WithTimeout(ctx, requestTime)
			s.link.setUp(renew)
			cancel()
		}
	}
}

func sleep(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
	case <-t.C:
	}
}

// A bench is a slot with its processes.
type bench struct {
	*site
	number   int
	children map[string]*child
	tokens   chan struct{} // for reports
}

// A child is a process, and the folder that it works in.
type child struct {
	*parallel.Child
	folder string
	used   time.Time
}

func (c *child) close() {
	c.Close()
	os.RemoveAll(c.folder)
}

// clear ends the processes that were not used for so long.
func (b *bench) clear(idle time.Duration) {
	for name, c := range b.children {
		if time.Since(c.used) >= idle {
			c.close()
			delete(b.children, name)
		}
	}
}

// A parcel is a delivery to work on.
type parcel struct {
	key
	ctx   context.Context
	order order
	body  []byte
	err   error // it cannot be read
}

// serve takes parts from the queue until that fails. While it works on one that says so,
// it has the next come already, so that its process does not wait for that.
func (b *bench) serve(ctx context.Context, consumer jetstream.Consumer) error {
	queue, err := consumer.Messages(jetstream.PullMaxMessages(1), jetstream.PullExpiry(10*time.Second), jetstream.PullHeartbeat(2*time.Second), jetstream.WithMessagesErrOnMissingHeartbeat(true))
	if err != nil {
		return err
	}
	type pulled struct {
		*parcel
		err error
	}
	var next chan pulled
	defer func() {
		queue.Stop()
		if next != nil {
			<-next // it stays held, and is given back
		}
	}()
	defer context.AfterFunc(ctx, queue.Stop)()
	for ctx.Err() == nil {
		var p *parcel
		if next == nil {
			p, err = b.pull(ctx, queue)
		} else {
			n := <-next
			next = nil
			p, err = n.parcel, n.err
		}
		switch {
		case errors.Is(err, nats.ErrTimeout):
			b.clear(childIdle)
			continue
		case err != nil:
			return err
		}
		if p.order.Ahead {
			ahead := make(chan pulled, 1)
			next = ahead
			go func() {
				p, err := b.pull(ctx, queue)
				ahead <- pulled{p, err}
			}()
		}
		b.take(ctx, p)
	}
	return nil
}

// pull waits for a delivery to work on. With others it does what the protocol says.
func (b *bench) pull(ctx context.Context, queue jetstream.MessagesContext) (*parcel, error) {
	for {
		msg, err := queue.Next(jetstream.NextMaxWait(childIdle / 3))
		if err != nil {
			return nil, err
		}
		switch p, duty := b.accept(ctx, msg); duty {
		case work:
			return p, nil
		case report:
			b.report(ctx, p.key, notice{Worker: b.name, ID: p.id, Slot: b.number, Outcome: lost}, nil)
		}
	}
}

func (b *bench) accept(ctx context.Context, msg jetstream.Msg) (*parcel, duty) {
	run, number, _ := strings.Cut(strings.TrimPrefix(msg.Subject(), workSubject+platform+"."), ".")
	id, err := strconv.ParseUint(number, 10, 64)
	meta, wrong := msg.Metadata()
	if err != nil || wrong != nil {
		msg.Term()
		return nil, hold
	}
	p := &parcel{key: key{run, id}}
	var cancel context.CancelFunc
	p.ctx, cancel = context.WithCancel(ctx)
	b.mu.Lock()
	defer b.mu.Unlock()
	if _, over := b.stopped[run]; over {
		cancel()
		msg.Ack()
		return nil, hold
	}
	duty := b.w.deliver(p.key, int(meta.NumDelivered))
	if duty == hold {
		cancel()
		b.held[p.key].msg = msg
		return nil, hold
	}
	b.held[p.key] = &held{msg, cancel}
	p.body, p.err = unpack(msg.Data(), &p.order)
	return p, duty
}

// take works on a part, and reports what became of it.
func (b *bench) take(ctx context.Context, p *parcel) {
	n := notice{Worker: b.name, ID: p.id, Slot: b.number, Began: time.Now().UnixNano()}
	if m, err := pack(notice{Worker: b.name, Slot: b.number, Works: []uint64{p.id}, Begins: true}); err == nil {
		b.link.nc.Publish(runSubject+p.run, m)
	}
	body := b.work(p, &n)
	n.Ended = time.Now().UnixNano()
	if ctx.Err() != nil {
		return // it has ended because the worker does: it stays held, and is given back
	}
	b.mu.Lock()
	send := b.w.finish(p.key, n.Outcome)
	b.mu.Unlock()
	if send {
		b.report(ctx, p.key, n, body)
	}
}

// report tells the caller of a run what became of a part, until it has answered, on a
// goroutine of its own. It waits while too many reports are on their way. When the
// worker ends, it tries once more, but stores nothing any more.
func (b *bench) report(life context.Context, k key, n notice, body [][]byte) {
	b.tokens <- struct{}{}
	b.reports.Go(func() {
		defer func() { <-b.tokens }()
		ctx := context.WithoutCancel(life)
		size := 0
		for _, r := range body {
			n.Lengths = append(n.Lengths, len(r))
			size += len(r)
		}
		if size > maxObject {
			n.Outcome, body = bulky, nil
			n.Exit = &exit{Text: fmt.Sprintf("result: %d bytes as gob, more than the %d that a cluster takes; write it to a file, and return its name", size, maxObject)}
		}
		large := body != nil && b.link.large(size)
		name := fmt.Sprintf("%s.%d.result", k.run, k.id)
		_, _, data := b.link.stores()
		began := time.Now()
		for wait := 50 * time.Millisecond; ; wait = min(2*wait, time.Second) {
			told := true
			if large { // what is not wanted is not stored, and the caller is to look after what is
				told = b.ask(ctx, k.run, notice{Worker: b.name, Works: []uint64{k.id}, Object: name}, nil, requestTime)
				if told && b.holds(k) {
					err := b.link.put(life, data, jetstream.ObjectMeta{Name: name}, size, func() (io.ReadCloser, error) { return pieces(body), nil })
					switch {
					case err == nil:
						n.Object, body, large = name, nil, false
					case isFull(err) && time.Since(began) > patience:
						n.Outcome, body, large = refused, nil, false
						n.Exit = &exit{Text: b.link.explain(fmt.Errorf("result, %d bytes: %w", size, err)).Error()}
					default:
						told = false
					}
				}
			}
			told = told && b.holds(k) && b.ask(ctx, k.run, n, body, requestTime)
			b.mu.Lock()
			_, over := b.stopped[k.run]
			if told && b.w.told(k) || over && b.w.unwanted(k) {
				b.forget(k)
			}
			_, still := b.held[k]
			b.mu.Unlock()
			if !still || life.Err() != nil {
				if over && n.Object != "" { // the caller may have been through before
					b.link.remove(n.Object)
				}
				return
			}
			sleep(life, wait)
		}
	})
}

func (b *bench) holds(k key) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.held[k] != nil
}

// work makes the calls of a part. What became of them goes into n, the replies are
// returned.
func (b *bench) work(p *parcel, n *notice) [][]byte {
	refuse := func(err error) [][]byte {
		n.Outcome, n.Exit = refused, &exit{Text: err.Error()}
		return nil
	}
	ctx, o, body, err := p.ctx, p.order, p.body, p.err
	if err == nil && ctx.Err() != nil {
		err = context.Cause(ctx)
	}
	if err != nil {
		return refuse(err)
	}
	if o.Object != "" {
		_, _, data := b.link.stores()
		var all bytes.Buffer
		switch err := b.link.get(ctx, data, o.Object, &all); {
		case errors.Is(err, jetstream.ErrObjectNotFound): // another worker has had the part
			n.Outcome = lost
			return nil
		case err != nil:
			return refuse(fmt.Errorf("argument %s: %w", o.Object, err))
		}
		body = all.Bytes()
		b.link.remove(o.Object) // there may be little room
	}
	c, err := b.child(ctx, &o)
	if err != nil {
		var e *parallel.ExitError
		if errors.As(err, &e) && e.Sys().(syscall.WaitStatus).Signaled() {
			n.Outcome, n.Exit = crashed, exitOf(e)
			return nil
		}
		refuse(err)
		if errors.Is(err, jetstream.ErrObjectNotFound) {
			n.Outcome = absent
		}
		return nil
	}
	n.Epoch = c.Epoch().UnixNano()
	replies, gone, at := c.Do(ctx, body, o.Timeout)
	c.used = time.Now()
	if gone != nil {
		n.Outcome, n.At, n.Exit = crashed, at, exitOf(gone)
		for name, other := range b.children {
			if other == c {
				delete(b.children, name)
			}
		}
		c.close()
		return nil
	}
	n.Outcome = answered
	return replies
}

func exitOf(e *parallel.ExitError) *exit {
	return &exit{Text: e.Error(), Reason: e.Reason, Stderr: e.Stderr, Timeout: e.Timeout}
}

// child returns a process for an order.
func (b *bench) child(ctx context.Context, o *order) (*child, error) {
	same := *o
	same.Object, same.Timeout, same.Ahead = "", 0, false
	name, err := json.Marshal(same)
	if err != nil {
		return nil, err
	}
	if c := b.children[string(name)]; c != nil {
		return c, nil
	}
	for len(b.children) >= keptChildren {
		oldest := ""
		for n, c := range b.children {
			if oldest == "" || c.used.Before(b.children[oldest].used) {
				oldest = n
			}
		}
		b.children[oldest].close()
		delete(b.children, oldest)
	}
	path, err := b.cache.get(ctx, b.link, o.Program, o.Size)
	if err != nil {
		return nil, err
	}
	folder, err := os.MkdirTemp(b.folder, "work-*")
	if err != nil {
		return nil, err
	}
	env := []string{
		"TMPDIR=" + folder,
		fmt.Sprintf("GOMAXPROCS=%d", max(1, runtime.GOMAXPROCS(0)/b.slots)),
	}
	p, err := parallel.StartChild(ctx, parallel.Program{
		Path: path, Args: o.Args, Env: append(env, o.Env...), Dir: folder, Errand: o.Errand,
	}, parallel.Options{MemoryLimit: o.Memory, CPUs: o.CPUs}, b.number)
	if err != nil {
		os.RemoveAll(folder)
		return nil, b.hint(path, err)
	}
	c := &child{Child: p, folder: folder, used: time.Now()}
	b.children[string(name)] = c
	return c, nil
}

// hint adds to the error of a process that did not come to its function what may be the
// reason.
func (b *bench) hint(path string, err error) error {
	f, e := elf.Open(path)
	if e != nil {
		return err
	}
	defer f.Close()
	if libraries, e := f.ImportedLibraries(); e == nil && len(libraries) > 0 {
		return fmt.Errorf("%w; the program needs %s of this machine: build it with CGO_ENABLED=0, or with -tags netgo,osusergo", err, strings.Join(libraries, ", "))
	}
	return err
}

// pieces reads one slice after the other.
func pieces(all [][]byte) io.ReadCloser {
	var readers []io.Reader
	for _, b := range all {
		readers = append(readers, bytes.NewReader(b))
	}
	return io.NopCloser(io.MultiReader(readers...))
}
