package cluster

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/threads2go/course/pkg/parallel"
)

// ErrClosed is the error of a call on a cluster that was closed.
var ErrClosed = errors.New("cluster: use of a closed cluster; make another with cluster.New or cluster.Dial")

// crewKeeps is how long a worker counts that nothing is heard of.
const crewKeeps = 3500 * time.Millisecond

// A Cluster is a backend for package parallel: a connection to a NATS server, whose
// workers make the calls. It may be used by many goroutines at once.
type Cluster struct {
	config  *config
	link    *link
	address string
	rtt     time.Duration
	end     func() error // of what New has started

	mu     sync.Mutex
	closed bool
	crew   map[string]seen
	runs   map[*run]bool
	ending sync.WaitGroup           // of runs
	clocks map[string]time.Duration // the least that a worker's clock is behind, or seems to be
}

// A seen is a worker, and when it was last heard of.
type seen struct {
	member
	last time.Time
}

// New starts a cluster of this machine alone: a NATS server in this process, on loopback,
// with a random password, and a worker that makes so many calls at once, in as many
// processes. Close ends all of it. Others on this machine can join with [Work] and
// Address.
func New(slots int, opts ...Option) (*Cluster, error) {
	c, err := configure(opts)
	if err == nil && slots < 1 {
		err = fmt.Errorf("cluster: New(%d): give the number of calls to make at once, at least 1", slots)
	}
	if err != nil {
		return nil, err
	}
	s, err := startServer(c)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancel(context.Background())
	ready, ended := make(chan struct{}), make(chan error, 1)
	go func() {
		ended <- serve(ctx, s.address(), slots, jetstream.MemoryStorage, c, func() { close(ready) })
	}()
	end := func() error {
		cancel()
		return errors.Join(<-ended, s.stop())
	}
	select {
	case <-ready:
	case err := <-ended:
		ended <- nil
		return nil, errors.Join(err, end())
	}
	k, err := open(s.address(), jetstream.MemoryStorage, c)
	if err != nil {
		return nil, errors.Join(err, end())
	}
	k.end = end
	return k, nil
}

// Dial connects to a cluster: NATS servers with JetStream at an address, and the workers
// there. The address is one or more of the form nats://user:password@host:port, or tls://…,
// separated by commas. Without a user in it, WithCredentials must name a file. Beyond
// loopback the connection is encrypted, or there is none.
//
// It takes at most 5 seconds to fail. It does not look for workers: calls wait a moment
// for some.
func Dial(address string, opts ...Option) (*Cluster, error) {
	c, err := configure(opts)
	if err != nil {
		return nil, err
	}
	return open(address, jetstream.FileStorage, c)
}

func open(address string, storage jetstream.StorageType, c *config) (*Cluster, error) {
	l, err := dial(context.Background(), address, storage, c)
	if err != nil {
		return nil, err
	}
	k := &Cluster{
		config: c, link: l, address: address, end: func() error { return nil },
		crew: map[string]seen{}, runs: map[*run]bool{}, clocks: map[string]time.Duration{},
	}
	if k.rtt, err = l.nc.RTT(); err == nil {
		_, err = l.nc.Subscribe(crewSubject, k.meet)
	}
	if err == nil {
		err = l.nc.Publish(whoSubject, nil)
	}
	if err != nil {
		l.close()
		return nil, l.explain(err)
	}
	return k, nil
}

// Address returns the address of the cluster, with password if it has one, by which
// workers and others can join it.
func (k *Cluster) Address() string { return k.address }

// Features returns parallel.HardTimeout and parallel.Limits.
func (k *Cluster) Features() parallel.Features { return parallel.HardTimeout | parallel.Limits }

// Open is for package parallel, which calls it.
func (k *Cluster) Open(o parallel.Options) (parallel.Workers, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.closed {
		return nil, ErrClosed
	}
	return workers{k}, nil
}

// Close closes the connection, and ends what New has started. Calls that are under way
// fail with ErrClosed, within seconds. It may be called again.
func (k *Cluster) Close() error {
	k.mu.Lock()
	closed := k.closed
	k.closed = true
	runs := slices.Collect(maps.Keys(k.runs))
	k.mu.Unlock()
	if closed {
		return nil
	}
	for _, r := range runs {
		r.stop(ErrClosed)
	}
	k.ending.Wait()
	k.link.close()
	return k.end()
}

// Slots returns how many calls the workers can make at once that the cluster has heard
// of lately: a good number of jobs for parallel.New. It waits until there is a worker, or
// ctx ends.
func (k *Cluster) Slots(ctx context.Context) (int, error) {
	for {
		if n := k.slots(); n > 0 {
			return n, nil
		}
		t := time.NewTimer(10 * time.Millisecond)
		select {
		case <-ctx.Done():
			t.Stop()
			return 0, k.nobody()
		case <-t.C:
		}
	}
}

func (k *Cluster) slots() (n int) {
	k.mu.Lock()
	defer k.mu.Unlock()
	for name, s := range k.crew {
		switch {
		case time.Since(s.last) > crewKeeps:
			delete(k.crew, name)
		case s.Platform == platform:
			n += s.Slots
		}
	}
	return n
}

// nobody is the error where there are no workers.
func (k *Cluster) nobody() error {
	k.mu.Lock()
	defer k.mu.Unlock()
	others := map[string]bool{}
	for _, s := range k.crew {
		others[s.Platform] = true
	}
	if len(others) > 0 {
		return fmt.Errorf("cluster: no worker for %s at %s, only for %s, which cannot run this program; start one, or build the program for theirs", platform, k.link.shown, strings.Join(slices.Sorted(maps.Keys(others)), " and "))
	}
	return fmt.Errorf("cluster: no worker at %s; start one: go install github.com/threads2go/course/pkg/cluster/worker@latest, then worker -h", k.link.shown)
}

// meet hears what a worker tells of itself.
func (k *Cluster) meet(m *nats.Msg) {
	var w member
	if json.Unmarshal(m.Data, &w) != nil || w.Slots < 1 {
		return
	}
	k.mu.Lock()
	if w.Leaves {
		delete(k.crew, w.Name)
	} else {
		k.crew[w.Name] = seen{w, time.Now()}
	}
	runs := slices.Collect(maps.Keys(k.runs))
	k.mu.Unlock()
	for _, r := range runs {
		r.gate.wake()
	}
}

// enter notes that a run is under way, unless the cluster is closed.
func (k *Cluster) enter(r *run) bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	if !k.closed {
		k.runs[r] = true
		k.ending.Add(1)
	}
	return !k.closed
}

func (k *Cluster) leave(r *run) {
	k.mu.Lock()
	defer k.mu.Unlock()
	delete(k.runs, r)
	k.ending.Done()
}

// clock returns what is to be added to the times of a worker, so that they are those of
// this machine's clock. A message that was sent at one and came at the other is late by
// that at least: the least that was seen is the best guess.
func (k *Cluster) clock(worker string, sent, came time.Time) time.Duration {
	k.mu.Lock()
	defer k.mu.Unlock()
	behind := came.Sub(sent)
	if least, ok := k.clocks[worker]; !ok || behind < least {
		k.clocks[worker] = behind
	}
	return k.clocks[worker]
}
