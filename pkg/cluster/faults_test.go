//go:build unix

package cluster

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/nats-io/nats.go/jetstream"
	"github.com/threads2go/course/pkg/parallel"
	"github.com/threads2go/course/pkg/pool"
)

// Whatever fails, every result is right, and there once. The tests log what a fault has
// cost, in time.

const testLease = 500 * time.Millisecond

// squares makes n calls of a millisecond, and compares the results. It returns the time
// that took.
func squares(t *testing.T, c *Cluster, n, jobsAtOnce int, opts ...parallel.Option) time.Duration {
	t.Helper()
	begin := time.Now()
	out, err := parallel.Run(on(c), jobs(t, jobsAtOnce, opts...), slow.Delayed(numbers(n)...))
	took := time.Since(begin)
	if err != nil {
		t.Error(err)
	}
	for i, r := range out {
		if r != i*i {
			t.Fatalf("result %d is %d", i, r)
		}
	}
	return took
}

// 4 workers, one of which is killed every 300 ms and replaced.
func TestWorkersKilled(t *testing.T) {
	t.Parallel()
	n := 2000
	if soak {
		n = 20_000
	}
	s := serverRole{Port: ports(t, 1)[0], Store: t.TempDir()}
	spawn(t, role{What: "server", Server: s})
	started := 0
	var folders []string
	start := func(i int) *process {
		started++
		return spawn(t, role{What: "worker", Address: s.address(), Slots: 1, Name: fmt.Sprint("worker", started), Lease: testLease, Folder: folders[i]})
	}
	var workers []*process
	for i := range 4 {
		folders = append(folders, workerFolder(t))
		workers = append(workers, start(i))
	}
	c := dialed(t, s.address(), WithLease(testLease), WithLosses(1000))
	calm := squares(t, c, n, 4)

	ctx, cancel := context.WithCancel(bg)
	var killer sync.WaitGroup
	var done, lost atomic.Int32 // batches
	killed := 0
	killer.Go(func() {
		for ctx.Err() == nil {
			// On a machine that is so busy that nothing is done in 300 ms, it takes longer.
			for before := done.Load(); ctx.Err() == nil; {
				if sleep(ctx, 300*time.Millisecond); done.Load() > before {
					break
				}
			}
			i := killed % 4
			workers[i].kill()
			workers[i] = start(i)
			killed++
		}
	})
	took := squares(t, c, n, 4, parallel.WithObserver(func(s pool.Span) {
		if s.Err != nil {
			lost.Add(1)
		} else {
			done.Add(1)
		}
	}))
	cancel()
	killer.Wait()
	if killed < 2 {
		t.Errorf("only %d were killed in %v", killed, took)
	}
	t.Logf("%d calls: %v; with %d workers killed, %d batches lost: %v", n, calm.Round(time.Millisecond), killed, lost.Load(), took.Round(time.Millisecond))
	eventually(t, 5*time.Second, c.link.leaves)
}

// A worker that is stopped is taken for lost; when it goes on, its answer is late, and
// does not count.
func TestWorkerStopped(t *testing.T) {
	t.Parallel()
	s := serverRole{Port: ports(t, 1)[0], Store: t.TempDir()}
	spawn(t, role{What: "server", Server: s})
	workers := []*process{}
	for i := range 2 {
		workers = append(workers, spawn(t, role{What: "worker", Address: s.address(), Slots: 1, Name: fmt.Sprint("worker", i), Lease: testLease, Folder: workerFolder(t)}))
	}
	c := dialed(t, s.address(), WithLease(testLease))
	calm := squares(t, c, 1000, 2)
	var took time.Duration
	lost := 0
	for try := 0; try < 5 && lost == 0; try++ { // a stop between two batches proves nothing
		var stopper sync.WaitGroup
		stopper.Go(func() {
			time.Sleep(200 * time.Millisecond)
			workers[0].Process.Signal(syscall.SIGSTOP)
			time.Sleep(4 * testLease)
			workers[0].Process.Signal(syscall.SIGCONT)
		})
		took = squares(t, c, 1000, 2, parallel.WithObserver(func(s pool.Span) {
			if s.Err != nil {
				lost++
			}
		}))
		stopper.Wait()
	}
	if lost == 0 {
		t.Error("the worker had nothing when it was stopped")
	}
	t.Logf("%v; with a worker stopped for %v, %d batches lost: %v", calm.Round(time.Millisecond), 4*testLease, lost, took.Round(time.Millisecond))
	again := squares(t, c, 1000, 2)
	t.Logf("when it goes on: %v", again.Round(time.Millisecond))
	eventually(t, 5*time.Second, c.link.leaves)
}

// begun waits until a worker has said that it has begun with a part.
func begun(t *testing.T, c *Cluster) {
	eventually(t, soon, func() error {
		c.mu.Lock()
		defer c.mu.Unlock()
		for r := range c.runs {
			r.mu.Lock()
			defer r.mu.Unlock()
			for _, to := range r.caller.open {
				if to.holder != "" {
					return nil
				}
			}
		}
		return errors.New("no worker begins")
	})
}

// The late answer of a worker that was stopped is too large for a message. It is not kept.
func TestLateObject(t *testing.T) {
	t.Parallel()
	s := serverRole{Port: ports(t, 1)[0], Store: t.TempDir()}
	spawn(t, role{What: "server", Server: s})
	stopped := spawn(t, role{What: "worker", Address: s.address(), Slots: 1, Name: "worker", Lease: testLease, Folder: workerFolder(t)})
	c := dialed(t, s.address(), WithLease(testLease))
	p := jobs(t, 1)
	if _, err := parallel.Run(on(c), p, square.Delayed(1)); err != nil { // it has a process
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() {
		_, err := parallel.Run(on(c), p, lazy.Delayed(lazily{After: time.Second, N: 3 << 20}))
		done <- err
	}()
	begun(t, c)
	stopped.Process.Signal(syscall.SIGSTOP)
	spawn(t, role{What: "worker", Address: s.address(), Slots: 1, Name: "another", Lease: testLease, Folder: workerFolder(t)})
	if err := <-done; err != nil {
		t.Error(err)
	}
	begin := time.Now()
	stopped.Process.Signal(syscall.SIGCONT)
	eventually(t, soon, func() error { // until it goes on
		c.mu.Lock()
		defer c.mu.Unlock()
		if c.crew["worker"].last.Before(begin) {
			return errors.New("the worker does not go on")
		}
		return nil
	})
	for range 10 { // its answer would be there by now
		if err := c.link.leaves(); err != nil {
			t.Error(err)
			break
		}
		time.Sleep(testLease / 4)
	}
}

// A worker that is ended in peace while it is at a call gives that back, whether the call
// heeds its context or has to be killed.
func TestWorkersEnded(t *testing.T) {
	t.Parallel()
	s := serverRole{Port: ports(t, 1)[0], Store: t.TempDir()}
	spawn(t, role{What: "server", Server: s})
	start := func(name string) *process {
		return spawn(t, role{What: "worker", Address: s.address(), Slots: 1, Name: name, Folder: workerFolder(t)})
	}
	w := start("worker0")
	c := dialed(t, s.address())
	for i, f := range []*parallel.Function[time.Duration, int]{nap, stubborn} {
		var mu sync.Mutex
		lost := 0
		p := jobs(t, 1, parallel.WithBatchSize(1), parallel.WithObserver(func(s pool.Span) {
			mu.Lock()
			defer mu.Unlock()
			if s.Err != nil {
				lost++
			}
		}))
		var ender sync.WaitGroup
		ender.Go(func() {
			begun(t, c)
			time.Sleep(200 * time.Millisecond) // its process has, too
			w.end()
			w = start(fmt.Sprint("worker", i+1))
		})
		begin := time.Now()
		_, err := parallel.Run(on(c), p, f.Delayed(1500*time.Millisecond))
		took := time.Since(begin)
		ender.Wait()
		if err != nil {
			t.Error(err)
		}
		if mu.Lock(); lost == 0 {
			t.Error("the worker had nothing when it was ended")
		}
		mu.Unlock()
		t.Logf("a call of 1.5s, with its worker ended: %v", took.Round(time.Millisecond))
		eventually(t, 5*time.Second, c.link.leaves)
	}
}

// A worker that comes when the program was removed from the store by age gets it again.
func TestProgramTooOld(t *testing.T) {
	t.Parallel()
	const age = 2 * time.Second
	s := serverRole{Port: ports(t, 1)[0], Store: t.TempDir()}
	spawn(t, role{What: "server", Server: s})
	old := spawn(t, role{What: "worker", Address: s.address(), Slots: 1, Name: "old", Lease: testLease, Age: age, Folder: workerFolder(t)})
	c := dialed(t, s.address(), WithLease(testLease), WithAge(age), WithLosses(50))
	var changer sync.WaitGroup
	changer.Go(func() {
		time.Sleep(age)
		eventually(t, soon, func() error {
			s, err := c.link.js.Stream(bg, "OBJ_"+programsName)
			if err == nil && s.CachedInfo().State.Msgs > 0 {
				err = errors.New("the program is there still")
			}
			return err
		})
		spawn(t, role{What: "worker", Address: s.address(), Slots: 1, Name: "new", Folder: t.TempDir()})
		old.end()
	})
	if _, err := parallel.Run(on(c), jobs(t, 1), nap.Delayed(slices.Repeat([]time.Duration{100 * time.Millisecond}, 40)...)); err != nil {
		t.Error(err)
	}
	changer.Wait()
}

// A call that takes its worker with it again and again is an error that names it.
func TestCallThatKillsWorkers(t *testing.T) {
	t.Parallel()
	s := serverRole{Port: ports(t, 1)[0], Store: t.TempDir()}
	spawn(t, role{What: "server", Server: s})
	ctx, cancel := context.WithCancel(bg)
	var keeper sync.WaitGroup
	defer keeper.Wait()
	defer cancel()
	keeper.Go(func() {
		for i := 0; ctx.Err() == nil; i++ {
			p := spawn(t, role{What: "worker", Address: s.address(), Slots: 1, Name: fmt.Sprint("worker", i), Lease: testLease, Folder: workerFolder(t)})
			select {
			case <-p.ended:
			case <-ctx.Done():
			}
		}
	})
	c := dialed(t, s.address(), WithLease(testLease), WithLosses(3))
	deeds := make([]deed, 20)
	deeds[13] = deed{What: "kill the worker"}
	out, err := parallel.Run(on(c), jobs(t, 1, parallel.WithBatchSize(5)), do.Delayed(deeds...))
	var failed *parallel.TaskError
	var lost *LostError
	if !errors.As(err, &failed) || !errors.As(err, &lost) || failed.Index != 13 || lost.Workers != 3 || lost.Calls != 1 || !strings.HasPrefix(lost.Worker, "worker") {
		t.Errorf("%v, %+v", err, lost)
	}
	t.Log(err)
	if len(out) != 20 {
		t.Errorf("%d results", len(out))
	}
}

func TestServerRestarts(t *testing.T) {
	t.Parallel()
	s := serverRole{Port: ports(t, 1)[0], Store: t.TempDir()}
	srv := spawn(t, role{What: "server", Server: s})
	for i := range 2 {
		spawn(t, role{What: "worker", Address: s.address(), Slots: 1, Name: fmt.Sprint("worker", i), Lease: testLease, Folder: workerFolder(t)})
	}
	c := dialed(t, s.address(), WithLease(testLease))
	calm := squares(t, c, 1000, 2)
	restarts := 1
	if soak {
		restarts = 5
	}
	var restarter sync.WaitGroup
	restarter.Go(func() {
		for i := range restarts {
			time.Sleep(200 * time.Millisecond)
			if i%2 == 0 {
				srv.kill()
			} else {
				srv.Process.Signal(syscall.SIGTERM)
				<-srv.ended
			}
			srv = spawn(t, role{What: "server", Server: s})
		}
	})
	took := squares(t, c, 1000*restarts, 2)
	restarter.Wait()
	t.Logf("1000 calls: %v; %d with %d restarts: %v", calm.Round(time.Millisecond), 1000*restarts, restarts, took.Round(time.Millisecond))
	eventually(t, 5*time.Second, c.link.leaves)
}

// A server restarts while objects go to and fro.
func TestServerRestartsWithObjects(t *testing.T) {
	t.Parallel()
	n, restarts := 10, 1
	if soak {
		n, restarts = 300, 5
	}
	s := serverRole{Port: ports(t, 1)[0], Store: t.TempDir()}
	srv := spawn(t, role{What: "server", Server: s})
	for i := range 2 {
		spawn(t, role{What: "worker", Address: s.address(), Slots: 1, Name: fmt.Sprint("worker", i), Lease: testLease, Folder: workerFolder(t)})
	}
	c := dialed(t, s.address(), WithLease(testLease), WithLosses(50))
	var done atomic.Int32
	p := jobs(t, 2, parallel.WithObserver(func(pool.Span) { done.Add(1) }))
	objects := func(restarts int) time.Duration {
		var restarter sync.WaitGroup
		restarter.Go(func() {
			for range restarts {
				before := done.Load()
				eventually(t, time.Minute, func() error {
					if done.Load() < before+3 {
						return errors.New("nothing is done")
					}
					return nil
				})
				srv.kill()
				srv = spawn(t, role{What: "server", Server: s})
			}
		})
		begin := time.Now()
		out, err := parallel.Run(on(c), p, double.Delayed(slices.Repeat([][]byte{bytes.Repeat([]byte("y"), 2<<20)}, n)...))
		took := time.Since(begin)
		restarter.Wait()
		if err != nil {
			t.Fatal(err)
		}
		for i, b := range out {
			if len(b) != 4<<20 || b[0] != 'y' || b[len(b)-1] != 'y' {
				t.Fatalf("result %d: %d bytes", i, len(b))
			}
		}
		return took
	}
	calm := objects(0)
	took := objects(restarts)
	t.Logf("%d calls of 2 MB there and 4 MB back: %v; with %d restarts: %v", n, calm.Round(time.Millisecond), restarts, took.Round(time.Millisecond))
	if most := 2*calm + time.Duration(restarts)*absence; took > most {
		t.Errorf("took %v, want at most %v", took, most)
	}
}

// A request for an object that is lost with a server is made again soon.
func TestRequestLost(t *testing.T) {
	t.Parallel()
	s := serverRole{Port: ports(t, 1)[0], Store: t.TempDir()}
	srv := spawn(t, role{What: "server", Server: s})
	c := dialed(t, s.address())
	_, _, data := c.link.stores()
	want := bytes.Repeat([]byte("0123456789"), 100_000)
	if _, err := data.PutBytes(bg, "object", want); err != nil {
		t.Fatal(err)
	}
	srv.Process.Signal(syscall.SIGSTOP)
	var got bytes.Buffer
	begin := time.Now()
	read := make(chan error)
	go func() { read <- c.link.get(bg, data, "object", &got) }()
	time.Sleep(requestTime / 10)
	srv.kill()
	spawn(t, role{What: "server", Server: s})
	if err := <-read; err != nil || !bytes.Equal(got.Bytes(), want) {
		t.Errorf("%d bytes, want %d: %v", got.Len(), len(want), err)
	}
	if took := time.Since(begin); took > absence {
		t.Errorf("after %v", took)
	}
	// Nor does the end of a run wait for it.
	ctx, cancel := context.WithCancel(bg)
	cancel()
	if err := c.link.get(ctx, data, "object", &got); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

// A server that is gone for long is the error, not the workers that nothing is heard of.
func TestServerAway(t *testing.T) {
	t.Parallel()
	s := serverRole{Port: ports(t, 1)[0], Store: t.TempDir()}
	srv := spawn(t, role{What: "server", Server: s})
	spawn(t, role{What: "worker", Address: s.address(), Slots: 1, Name: "worker", Lease: testLease, Folder: workerFolder(t)})
	c := dialed(t, s.address(), WithLease(testLease), func(c *config) { c.absence = time.Second })
	var killer sync.WaitGroup
	killer.Go(func() {
		underWay(t, c)
		srv.kill()
	})
	_, err := parallel.Run(on(c), jobs(t, 1), nap.Delayed(time.Hour))
	killer.Wait()
	if err == nil || !strings.Contains(err.Error(), "the server was not reached for") || strings.Contains(err.Error(), "no worker") {
		t.Error(err)
	}
}

// A server that comes back and lets nobody in any more.
func TestCredentialsWithdrawn(t *testing.T) {
	t.Parallel()
	s := serverRole{Port: ports(t, 1)[0], Store: t.TempDir()}
	srv := spawn(t, role{What: "server", Server: s})
	c := dialed(t, s.address(), WithLease(testLease))
	worker, caller := make(chan error, 1), make(chan error, 1)
	go func() { worker <- Work(bg, s.address(), 1, WithLease(testLease), WithFolder(workerFolder(t))) }()
	if _, err := parallel.Run(on(c), jobs(t, 1), square.Delayed(1)); err != nil {
		t.Fatal(err)
	}
	go func() {
		_, err := parallel.Run(on(c), parallel.New(1), nap.Delayed(time.Hour))
		caller <- err
	}()
	time.Sleep(200 * time.Millisecond)
	srv.kill()
	s.Password = "another"
	spawn(t, role{What: "server", Server: s})
	for who, ch := range map[string]chan error{"worker": worker, "caller": caller} {
		select {
		case err := <-ch:
			if err == nil || !strings.Contains(err.Error(), "does not know these credentials") {
				t.Errorf("%s: %v", who, err)
			}
		case <-time.After(time.Minute):
			t.Errorf("the %s goes on", who)
		}
	}
}

// Three servers, each of which keeps all. The one that leads the queue is killed, and
// comes back.
func TestLeaderKilled(t *testing.T) {
	t.Parallel()
	kills, n := 1, 500
	if soak {
		kills, n = 2, 10_000
	}
	p := ports(t, 6)
	var roles []serverRole
	for i := range 3 {
		roles = append(roles, serverRole{Port: p[i], Route: p[3+i], Routes: p[3:], Store: t.TempDir()})
	}
	servers := make([]*process, 3)
	var starting sync.WaitGroup
	for i := range servers {
		starting.Go(func() { servers[i] = spawn(t, role{What: "server", Server: roles[i]}) })
	}
	starting.Wait()
	if t.Failed() {
		t.FailNow()
	}
	address := strings.Join([]string{roles[0].address(), roles[1].address(), roles[2].address()}, ",")
	opts := []Option{WithLease(testLease), WithReplicas(3)}
	var c *Cluster
	eventually(t, 20*time.Second, func() (err error) { // until they have elected a leader
		c, err = Dial(address, opts...)
		return err
	})
	if c == nil {
		t.FailNow()
	}
	defer c.Close()
	for i := range 2 {
		spawn(t, role{What: "worker", Address: address, Slots: 1, Name: fmt.Sprint("worker", i), Lease: testLease, Folder: workerFolder(t)})
	}
	calm := squares(t, c, n, 2)
	ctx, cancel := context.WithCancel(bg)
	var killer sync.WaitGroup
	killed := 0
	killer.Go(func() {
		sleep(ctx, 200*time.Millisecond)
		for killed < kills && ctx.Err() == nil {
			s, err := c.link.js.Stream(ctx, queueName)
			if err != nil || s.CachedInfo().Cluster == nil {
				sleep(ctx, 50*time.Millisecond)
				continue
			}
			info := s.CachedInfo().Cluster
			caught := 0
			for _, r := range info.Replicas {
				if r.Current && !r.Offline {
					caught++
				}
			}
			i := slices.IndexFunc(roles, func(r serverRole) bool { return fmt.Sprint("server-", r.Port) == info.Leader })
			if i < 0 || caught < 2 {
				sleep(ctx, 50*time.Millisecond)
				continue
			}
			servers[i].kill()
			killed++
			servers[i] = spawn(t, role{What: "server", Server: roles[i]})
		}
	})
	took := squares(t, c, n, 2)
	cancel()
	killer.Wait()
	t.Logf("%d calls: %v; with %d leaders killed: %v", n, calm.Round(time.Millisecond), killed, took.Round(time.Millisecond))
	if killed != kills {
		t.Errorf("%d leaders killed, want %d", killed, kills)
	}
	eventually(t, 10*time.Second, c.link.leaves)
}

// A caller that is killed leaves nothing behind, after the age limit.
func TestCallerKilled(t *testing.T) {
	t.Parallel()
	s := serverRole{Port: ports(t, 1)[0], Store: t.TempDir()}
	spawn(t, role{What: "server", Server: s})
	folder := t.TempDir()
	const age = 2 * time.Second
	spawn(t, role{What: "worker", Address: s.address(), Slots: 2, Name: "worker", Lease: testLease, Age: age, Folder: folder})
	caller := spawn(t, role{What: "caller", Address: s.address(), Slots: 100_000, Age: age, Lease: testLease})
	c := dialed(t, s.address(), WithLease(testLease), WithAge(age))
	eventually(t, 10*time.Second, func() error { // until it is at work
		if err := c.link.leaves(); err != nil {
			return nil
		}
		return errors.New("nothing is under way")
	})
	caller.kill()
	begin := time.Now()
	eventually(t, 20*time.Second, func() error {
		err := c.link.leaves()
		for _, name := range []string{"OBJ_" + programsName} {
			if s, e := c.link.js.Stream(bg, name); e != nil || s.CachedInfo().State.Msgs > 0 {
				err = errors.Join(err, e, fmt.Errorf("%s still has messages", name))
			}
		}
		return err
	})
	t.Logf("nothing is left %v after the caller was killed, the age limit is %v", time.Since(begin).Round(time.Millisecond), age)
	squares(t, c, 100, 2)
}

// What a worker that was killed has left on its machine, the next one there removes.
func TestScratchOfTheKilled(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	c := local(t, 1)
	before, err := filepath.Glob(filepath.Join(os.TempDir(), "*"))
	if err != nil {
		t.Fatal(err)
	}
	w := spawn(t, role{What: "worker", Address: c.Address(), Slots: 1, Name: "another"})
	eventually(t, 10*time.Second, func() error {
		if c.slots() < 2 {
			return errors.New("the worker has not joined")
		}
		return nil
	})
	w.kill()
	if left, _ := filepath.Glob(filepath.Join(os.TempDir(), "*")); len(left) != len(before)+1 {
		t.Errorf("%v before, %v after the worker was killed; want one more", before, left)
	}
	own, err := newScratch()
	if err != nil {
		t.Fatal(err)
	}
	if err := own.remove(); err != nil {
		t.Error(err)
	}
	if left, _ := filepath.Glob(filepath.Join(os.TempDir(), "*")); !slices.Equal(left, before) {
		t.Errorf("%v are left, want %v", left, before)
	}
	if out, err := parallel.Run(on(c), jobs(t, 1), square.Delayed(3)); err != nil || out[0] != 9 {
		t.Errorf("%v, %v", out, err)
	}
}

// A store that has not room for all arguments and results at once has for some.
func TestStoreAtItsLimit(t *testing.T) {
	t.Parallel()
	p, err := self()
	if err != nil {
		t.Fatal(err)
	}
	const size = 1 << 20 // beyond a message
	c := local(t, 2, WithStore(p.size+p.size/8+6*size), func(c *config) { c.payload = 512 << 10 })
	in := slices.Repeat([][]byte{bytes.Repeat([]byte("x"), size)}, 5)
	begin := time.Now()
	out, err := parallel.Run(on(c), jobs(t, 2), double.Delayed(in...))
	if err != nil {
		t.Fatal(err)
	}
	for _, b := range out {
		if len(b) != 2*size {
			t.Errorf("%d bytes", len(b))
		}
	}
	t.Logf("5 calls, of %d bytes there and %d back, in a store of %d: %v", size, 2*size, 6*size, time.Since(begin).Round(time.Millisecond))
	eventually(t, 5*time.Second, c.link.leaves)
}

// Parts wait for room in the store while workers are at long calls.
func TestStoreFullForLong(t *testing.T) {
	t.Parallel()
	p, err := self()
	if err != nil {
		t.Fatal(err)
	}
	const size = 1 << 20
	c := local(t, 1, WithStore(p.size+p.size/8+3*size), func(c *config) { c.payload = 512 << 10 })
	_, _, data := c.link.stores()
	calls := func(yield func(lazily) bool) {
		if !yield(lazily{After: startTime + 2*time.Second, N: 1}) {
			return
		}
		begun(t, c)
		for i := 0; err == nil; i++ { // others fill the store
			_, err = data.PutBytes(bg, fmt.Sprint("others.", i), make([]byte, size/4))
		}
		if !isFull(err) {
			t.Error(err)
		}
		yield(lazily{Argument: make([]byte, size), N: 2})
	}
	n := 0
	for out, err := range parallel.Stream(on(c), jobs(t, 2, parallel.WithBatchSize(1)), lazy.DelayedSeq(calls)) {
		if n++; err != nil || len(out) != n {
			t.Errorf("call %d: %d bytes, %v", n, len(out), err)
		}
		c.link.sweep("others")
	}
	if n != 2 {
		t.Errorf("%d calls, want 2", n)
	}
	eventually(t, 5*time.Second, c.link.leaves)
}

// A program in the store that is not what its name says is refused, and replaced.
func TestCorruptProgram(t *testing.T) {
	t.Parallel()
	p, err := self()
	if err != nil {
		t.Fatal(err)
	}
	folder := t.TempDir()
	c := local(t, 1, WithFolder(folder))
	wrong, err := os.ReadFile(p.path)
	if err != nil {
		t.Fatal(err)
	}
	wrong[len(wrong)/2] ^= 1
	if _, err := c.link.programs.Put(bg, jetstream.ObjectMeta{Name: p.sum}, bytes.NewReader(wrong)); err != nil {
		t.Fatal(err)
	}
	_, err = parallel.Run(on(c), jobs(t, 1), square.Delayed(2))
	if err == nil || !strings.Contains(err.Error(), p.sum+" is corrupt in the store") {
		t.Error(err)
	}
	files, err := os.ReadDir(filepath.Join(folder, "programs"))
	if err != nil || len(files) != 0 {
		t.Errorf("the worker has kept %v, %v", files, err)
	}
	if out, err := parallel.Run(on(c), jobs(t, 1), square.Delayed(2)); err != nil || out[0] != 4 {
		t.Errorf("%v, %v", out, err)
	}
}

// Two versions of a function are functions of two programs: each caller gets its own. A
// worker keeps the last few programs.
func TestVersions(t *testing.T) {
	t.Parallel()
	s := serverRole{Port: ports(t, 1)[0], Store: t.TempDir()}
	spawn(t, role{What: "server", Server: s})
	folder := t.TempDir()
	spawn(t, role{What: "worker", Address: s.address(), Slots: 2, Folder: folder})
	letters := []string{"a", "b"}
	if soak {
		letters = []string{"a", "b", "c", "d", "e", "f"}
	}
	var callers []*process
	for _, l := range letters {
		callers = append(callers, spawnProgram(t, version(t, l), role{What: "caller", Address: s.address(), Slots: 4}))
	}
	for i, l := range letters {
		select {
		case <-callers[i].ended:
		case <-time.After(30 * time.Second):
			t.Fatalf("caller %s does not end", l)
		}
		if got, want := callers[i].out.String(), "["+strings.TrimSpace(strings.Repeat(l+" ", 4))+"] <nil>\n"; got != want {
			t.Errorf("version %s has got %q", l, got)
		}
	}
	files, err := os.ReadDir(filepath.Join(folder, "programs"))
	if want := min(len(letters), 1+keptPrograms); err != nil || len(files) != want {
		t.Errorf("the worker has kept %d programs, want %d; %v", len(files), want, err)
	}
}
