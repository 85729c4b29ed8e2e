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
	var stopper sync.WaitGroup
	stopper.Go(func() {
		time.Sleep(200 * time.Millisecond)
		workers[0].Process.Signal(syscall.SIGSTOP)
		time.Sleep(4 * testLease)
		workers[0].Process.Signal(syscall.SIGCONT)
	})
	took := squares(t, c, 1000, 2)
	stopper.Wait()
	t.Logf("%v; with a worker stopped for %v: %v", calm.Round(time.Millisecond), 4*testLease, took.Round(time.Millisecond))
	again := squares(t, c, 1000, 2)
	t.Logf("when it goes on: %v", again.Round(time.Millisecond))
	eventually(t, 5*time.Second, c.link.leaves)
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
