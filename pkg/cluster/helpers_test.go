package cluster

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/threads2go/course/pkg/parallel"
	"go.uber.org/goleak"
)

var bg = context.Background()

// soak says that the long tests are asked for.
var soak = os.Getenv("SOAK") != ""

// The test program is also the worker, the server and the caller that tests start as
// processes of their own, to kill them.
const roleEnv = "CLUSTER_TEST_ROLE"

// A role is what such a process does.
type role struct {
	What    string // worker, server or caller
	Address string
	Slots   int
	Name    string
	Folder  string
	Lease   time.Duration
	Age     time.Duration
	Server  serverRole
}

type serverRole struct {
	Port, Route int
	Routes      []int
	Store       string
	MaxStore    int64
	Password    string // if not the usual one
}

func TestMain(m *testing.M) {
	if s := os.Getenv(roleEnv); s != "" {
		os.Unsetenv(roleEnv)
		var r role
		err := json.Unmarshal([]byte(s), &r)
		if err == nil {
			err = r.play()
		}
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	flag.Parse()
	if f := flag.Lookup("test.parallel"); f.Value.String() == f.DefValue {
		flag.Set(f.Name, "4") // the tests of faults wait most of the time
	}
	code := m.Run()
	if c, err := shared(); err == nil {
		if err := c.Close(); err != nil {
			fmt.Fprintln(os.Stderr, "Close:", err)
			code = 1
		}
	}
	// A failed Put of the client leaves this goroutine behind, if it ends before that begins.
	known := goleak.IgnoreTopFunction("github.com/nats-io/nats.go/jetstream.(*jetStream).resetPendingAcksOnReconnect")
	if err := goleak.Find(known); err != nil && code == 0 {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}

// shared is a cluster of this machine for the tests that leave it as it is.
var shared = sync.OnceValues(func() (*Cluster, error) {
	return New(2, func(c *config) { c.payload = 512 << 10 })
})

func use(t testing.TB) *Cluster {
	t.Helper()
	c, err := shared()
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// play is main of such a process. It says a word when it is ready, and ends when its
// standard input does.
func (r role) play() error {
	ctx, stop := signal.NotifyContext(bg, syscall.SIGTERM)
	defer stop()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	go func() {
		bufio.NewReader(os.Stdin).ReadByte()
		cancel()
	}()
	opts := []Option{}
	for _, o := range []struct {
		given bool
		o     func() Option
	}{
		{r.Lease > 0, func() Option { return WithLease(r.Lease) }},
		{r.Age > 0, func() Option { return WithAge(r.Age) }},
		{r.Name != "", func() Option { return WithName(r.Name) }},
		{r.Folder != "", func() Option { return WithFolder(r.Folder) }},
	} {
		if o.given {
			opts = append(opts, o.o())
		}
	}
	switch r.What {
	case "worker":
		fmt.Println("ready")
		return Work(ctx, r.Address, r.Slots, opts...)
	case "server":
		s, err := server.NewServer(r.Server.options())
		if err != nil {
			return err
		}
		s.Start()
		if !s.ReadyForConnections(10 * time.Second) {
			return errors.New("the server is not ready")
		}
		fmt.Println("ready")
		<-ctx.Done()
		s.Shutdown()
		s.WaitForShutdown()
		return nil
	case "caller":
		c, err := Dial(r.Address, opts...)
		if err != nil {
			return err
		}
		p := parallel.New(2)
		fmt.Println("ready")
		out, err := parallel.Run(parallel.WithBackend(ctx, c), p, trailer.Delayed(slices.Repeat([]time.Duration{5 * time.Millisecond}, r.Slots)...))
		fmt.Println(out, err)
		return errors.Join(p.Close(), c.Close())
	}
	return errors.New("no such role: " + r.What)
}

const user, password = "user", "a-password-of-tests"

func (r serverRole) options() *server.Options {
	o := &server.Options{
		ServerName: fmt.Sprint("server-", r.Port), Host: "127.0.0.1", Port: r.Port, Username: user, Password: cmp.Or(r.Password, password), NoLog: true, NoSigs: true,
		JetStream: true, StoreDir: r.Store, JetStreamMaxStore: r.MaxStore, MaxPayload: 1 << 20,
	}
	if r.Route > 0 {
		o.Cluster = server.ClusterOpts{Name: "tests", Host: "127.0.0.1", Port: r.Route}
		var routes []string
		for _, p := range r.Routes {
			routes = append(routes, fmt.Sprintf("nats://127.0.0.1:%d", p))
		}
		o.RoutesStr = strings.Join(routes, ",")
		o.Routes = server.RoutesFromStr(o.RoutesStr)
	}
	return o
}

func (r serverRole) address() string {
	return fmt.Sprintf("nats://%s:%s@127.0.0.1:%d", user, password, r.Port)
}

// A process is one that a test has started. The test's end ends it.
type process struct {
	*exec.Cmd
	out   *bytes.Buffer
	ended chan struct{}
}

// spawn starts a process in a role, and waits until it is ready.
func spawn(t testing.TB, r role) *process {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	return spawnProgram(t, self, r)
}

func spawnProgram(t testing.TB, path string, r role) *process {
	t.Helper()
	b, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	p := &process{Cmd: exec.Command(path), out: &bytes.Buffer{}, ended: make(chan struct{})}
	p.Env = append(os.Environ(), roleEnv+"="+string(b))
	p.Stderr = os.Stderr
	in, err := p.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := p.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewReader(out)
	line, err := lines.ReadString('\n')
	go func() {
		defer close(p.ended)
		p.out.ReadFrom(lines)
		p.Wait()
	}()
	t.Cleanup(func() {
		in.Close()
		select {
		case <-p.ended:
		case <-time.After(10 * time.Second):
			t.Errorf("%s %s does not end", r.What, r.Name)
			p.kill()
		}
	})
	if err != nil || line != "ready\n" {
		t.Fatalf("%s: %q, %v", r.What, line, err)
	}
	return p
}

// kill is kill -9.
func (p *process) kill() {
	p.Process.Kill()
	<-p.ended
}

// end is docker stop, or Ctrl-C.
func (p *process) end() {
	p.Process.Signal(syscall.SIGTERM)
	<-p.ended
}

// ports returns ports of loopback that are free now.
func ports(t testing.TB, n int) (all []int) {
	t.Helper()
	for range n {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer l.Close()
		all = append(all, l.Addr().(*net.TCPAddr).Port)
	}
	return all
}

// local starts a cluster of this machine.
func local(t testing.TB, slots int, opts ...Option) *Cluster {
	t.Helper()
	c, err := New(slots, opts...)
	return opened(t, c, err)
}

// dialed connects to a cluster.
func dialed(t testing.TB, address string, opts ...Option) *Cluster {
	t.Helper()
	c, err := Dial(address, opts...)
	return opened(t, c, err)
}

// opened returns a cluster that is closed after the test.
func opened(t testing.TB, c *Cluster, err error) *Cluster {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := c.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
	})
	return c
}

// jobs returns a Parallel.
func jobs(t testing.TB, n int, opts ...parallel.Option) *parallel.Parallel {
	p := parallel.New(n, opts...)
	t.Cleanup(func() {
		if err := p.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
	})
	return p
}

func contextWithin(d time.Duration) (context.Context, context.CancelFunc) {
	return context.WithTimeout(bg, d)
}

func on(c *Cluster) context.Context { return parallel.WithBackend(bg, c) }

// workerFolder makes the folder of a worker, which has this program already: to fetch it takes
// time.
func workerFolder(t testing.TB) string {
	t.Helper()
	p, err := self()
	if err != nil {
		t.Fatal(err)
	}
	path, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	folder := t.TempDir()
	programs := filepath.Join(folder, "programs")
	if err := os.Mkdir(programs, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(path, filepath.Join(programs, p.sum)); err != nil {
		t.Fatal(err)
	}
	return folder
}

func numbers(n int) []int {
	s := make([]int, n)
	for i := range s {
		s[i] = i
	}
	return s
}

// quiet has what processes write to standard error dropped.
func quiet(t *testing.T) {
	old := os.Stderr
	null, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	os.Stderr = null
	t.Cleanup(func() { os.Stderr = old; null.Close() })
}

// eventually waits for at most d until what returns nil.
func eventually(t *testing.T, d time.Duration, what func() error) {
	t.Helper()
	for end := time.Now().Add(d); ; time.Sleep(10 * time.Millisecond) {
		err := what()
		if err == nil {
			return
		}
		if time.Now().After(end) {
			t.Errorf("after %v: %v", d, err)
			return
		}
	}
}

// leaves reports what a server still has of runs: messages of the queue, and of the
// bucket for data.
func (l *link) leaves() error {
	for _, name := range []string{queueName, "OBJ_" + dataName} {
		s, err := l.js.Stream(bg, name)
		if err != nil {
			return err
		}
		if n := s.CachedInfo().State.Msgs; n > 0 {
			return fmt.Errorf("%s still has %d messages", name, n)
		}
	}
	return nil
}

// The functions of the tests.

var square = parallel.Func("square", func(_ context.Context, x int) (int, error) { return x * x, nil })

// slow squares take a millisecond.
var slow = parallel.Func("slow", func(_ context.Context, x int) (int, error) {
	time.Sleep(time.Millisecond)
	return x * x, nil
})

// nap sleeps for as long as it is told, unless its context ends.
var nap = parallel.Func("nap", func(ctx context.Context, d time.Duration) (int, error) {
	select {
	case <-time.After(d):
		return os.Getpid(), nil
	case <-ctx.Done():
		return 0, context.Cause(ctx)
	}
})

// stubborn sleeps and does not look at its context.
var stubborn = parallel.Func("stubborn", func(_ context.Context, d time.Duration) (int, error) {
	time.Sleep(d)
	return os.Getpid(), nil
})

var double = parallel.Func("double", func(_ context.Context, b []byte) ([]byte, error) { return append(b, b...), nil })

// lazy takes an argument of any size, and returns so many bytes after a while.
var lazy = parallel.Func("lazy", func(_ context.Context, d lazily) ([]byte, error) {
	time.Sleep(d.After)
	return make([]byte, d.N), nil
})

type lazily struct {
	Argument []byte
	After    time.Duration
	N        int
}

// cpus returns how many the process may use.
var cpus = parallel.Func("cpus", func(context.Context, struct{}) (int, error) { return runtime.NumCPU(), nil })

var takesChan = parallel.Func("takes chan", func(context.Context, chan int) (int, error) { return 0, nil })

// A deed is something that a call does to itself or to its process.
type deed struct {
	What string
	N    int
	File string
}

var do = parallel.Func("do", func(ctx context.Context, d deed) (int, error) {
	switch d.What {
	case "":
	case "fail":
		return 0, errors.New("failed on purpose")
	case "panic":
		panic("panic on purpose")
	case "goexit":
		runtime.Goexit()
	case "exit":
		fmt.Fprintln(os.Stderr, "the last words")
		os.Exit(d.N)
	case "exit once":
		f, err := os.OpenFile(d.File, os.O_CREATE|os.O_EXCL, 0o600)
		if err == nil {
			f.Close()
			os.Exit(d.N)
		}
	case "allocate":
		b := make([]byte, d.N)
		for i := 0; i < d.N; i += 4096 {
			b[i] = 1
		}
	case "until the end":
		err := os.WriteFile(d.File+".begun", nil, 0o600)
		<-ctx.Done()
		return 0, errors.Join(err, os.WriteFile(d.File+".heard", nil, 0o600), ctx.Err())
	case "beyond the end":
		if err := os.WriteFile(d.File+".begun", nil, 0o600); err != nil {
			return 0, err
		}
		time.Sleep(time.Hour)
	case "kill the worker":
		time.Sleep(100 * time.Millisecond) // by then it has told that it has begun
		if p, err := os.FindProcess(os.Getppid()); err == nil {
			p.Kill()
		}
		time.Sleep(time.Hour)
	default:
		return 0, errors.New("no such deed: " + d.What)
	}
	return d.N, nil
})

// surroundings tells what a process has been given.
var surroundings = parallel.Func("surroundings", func(context.Context, struct{}) ([]string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return nil, err
	}
	files, err := os.ReadDir(dir)
	return append([]string{dir, fmt.Sprint(len(files), " files")}, os.Environ()...), err
})

// trailer returns the last letter of the file of the program.
var trailer = parallel.Func("trailer", func(_ context.Context, d time.Duration) (string, error) {
	time.Sleep(d)
	b, err := os.ReadFile("/proc/self/exe")
	if err != nil {
		return "", err
	}
	return string(b[len(b)-1:]), nil
})

// version returns the path of another version of this program: a copy with a letter more.
func version(t *testing.T, letter string) string {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(self)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "version-"+letter)
	if err := os.WriteFile(path, append(b, letter...), 0o700); err != nil {
		t.Fatal(err)
	}
	return path
}

// underWay waits until the server has something of a run.
func underWay(t *testing.T, c *Cluster) {
	t.Helper()
	eventually(t, soon, func() error {
		if c.link.leaves() == nil {
			return errors.New("nothing is under way")
		}
		return nil
	})
}
