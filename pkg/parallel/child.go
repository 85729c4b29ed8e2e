//go:build unix

package parallel

import (
	"bufio"
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
	"unsafe"
)

// This file is the parent's side of a worker's process.

const (
	// keepStderr is how much of its standard error the error of a process has.
	keepStderr = 4 << 10

	// A process has so much time to come to its function: the program's
	// initialisation up to there.
	startTime = 30 * time.Second

	// A process that was told to stop has so much time until it is killed.
	graceTime = time.Second

	// Where calls have a timeout, so has each part of the way of their arguments and
	// results. A message of 1 GiB takes some seconds.
	wayTime = 30 * time.Second
)

// A child is a process that serves one function.
type child struct {
	name     string
	proc     *os.Process
	requests *os.File
	replies  *os.File
	reader   *bufio.Reader
	stdout   *output
	stderr   *output
	page     []byte
	at       *atomic.Uint64 // in page: see mark
	epoch    time.Time      // when it began, on this process's clock
	paused   bool           // guarded by whoever uses it

	// While it works, two goroutines have its pipes of requests and replies, so
	// that neither waits for the other.
	frames chan frame // for the writer, which ends when it is closed
	pumps  sync.WaitGroup
	dead   chan struct{} // closed when the process has ended
	state  *os.ProcessState

	mu       sync.Mutex
	sent     uint64 // requests
	inFlight []*flight
	timeout  time.Duration // it was killed for this
	landed   time.Time     // when the last request was answered
}

type frame struct {
	kind byte
	b    []byte
	f    *flight // of a request
}

// A flight is one request under way.
type flight struct {
	number  uint64
	written atomic.Bool // the process can read all of it
	replies chan []byte
}

// startChild starts a process that serves f, and waits until it does.
func startChild(ctx context.Context, f servant, o Options, number int) (*child, error) {
	e, err := errandFor(f)
	if err != nil {
		return nil, err
	}
	path, err := executable()
	if err != nil {
		return nil, fmt.Errorf("parallel: cannot find this program to start it as a worker: %w", err)
	}
	if runtime.GOOS != "linux" && identify(path) != program { // there, the path stays right
		return nil, errChanged(path)
	}
	return startProgram(ctx, Program{Path: path, Args: os.Args, Env: childEnv(o.Jobs), Errand: e}, program, o, number)
}

// startProgram starts a process of a program, whose file must be as its identity says,
// and waits until it serves its function.
func startProgram(ctx context.Context, p Program, identity string, o Options, number int) (_ *child, err error) {
	c := &child{name: p.Errand.Func, dead: make(chan struct{})}
	var theirs []*os.File
	letGo := func() {
		for _, f := range theirs {
			f.Close()
		}
		theirs = nil
	}
	defer func() {
		letGo()
		if err != nil {
			c.release()
		}
	}()
	pipe := func(inward bool) (ours *os.File) {
		if err != nil {
			return nil
		}
		r, w, e := os.Pipe()
		if e != nil {
			err = fmt.Errorf("parallel: no pipe for a worker: %w", e)
			return nil
		}
		if inward {
			theirs = append(theirs, w)
			return r
		}
		theirs = append(theirs, r)
		return w
	}
	c.requests = pipe(false)
	stdout, stderr := pipe(true), pipe(true)
	c.replies = pipe(true)
	if err != nil {
		return nil, err
	}
	c.stdout, _ = newOutput(stdout, func() *os.File { return os.Stdout }, 0)
	c.stderr, _ = newOutput(stderr, func() *os.File { return os.Stderr }, keepStderr)
	shared, err := sharedPage()
	if err != nil {
		return nil, err
	}
	theirs = append(theirs, shared)
	if c.page, err = syscall.Mmap(int(shared.Fd()), 0, markSize, syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_SHARED); err != nil {
		return nil, fmt.Errorf("parallel: no memory to share with a worker: %w", err)
	}
	c.at = (*atomic.Uint64)(unsafe.Pointer(&c.page[0]))
	c.reader = bufio.NewReader(c.replies)

	e := errand{p.Errand.Func, p.Errand.InMain, maxMessage, o.MemoryLimit}
	c.proc, err = startOn(o.CPUs, number, p.Path, p.Args, &os.ProcAttr{
		Dir:   p.Dir,
		Env:   slices.Concat([]string{envName + "=" + e.String()}, p.Env),
		Files: []*os.File{theirs[0], theirs[1], theirs[2], theirs[3], shared},
	})
	if err != nil {
		return nil, fmt.Errorf("parallel: cannot start %s as a worker: %w", p.Path, err)
	}
	letGo() // or the end of the process would not be the end of its replies
	return c, c.hello(ctx, p.Path, identity)
}

// hello waits until the process has come to its function.
func (c *child) hello(ctx context.Context, path, identity string) error {
	c.stdout.start()
	c.stderr.start()
	c.replies.SetReadDeadline(time.Now().Add(startTime))
	unhook := context.AfterFunc(ctx, func() { c.replies.SetReadDeadline(time.Now().Add(-time.Second)) })
	kind, b, err := readFrame(c.reader)
	now := time.Now()
	cancelled := !unhook()
	born, n := binary.Varint(b)
	switch {
	case err == nil && !cancelled && kind == frameHello && n > 0 && string(b[n:]) == identity:
		c.epoch = now.Add(time.Duration(born - now.UnixNano()))
		c.work()
		return nil
	case cancelled:
		err = context.Cause(ctx)
	case err == nil:
		err = errChanged(path)
	case errors.Is(err, os.ErrDeadlineExceeded):
		err = fmt.Errorf("parallel: a worker has not come to Func(%q) in %v; what is initialised before it must not wait", c.name, startTime)
	default:
		err = nil
	}
	c.proc.Kill()
	c.bury()
	if err == nil {
		err = &startError{c.name, c.exit()}
	}
	return err
}

// A startError says that a process has ended before it came to its function.
type startError struct {
	name string
	exit *ExitError
}

func (e *startError) Error() string {
	last := bytes.TrimSpace(e.exit.Stderr)
	last = last[bytes.LastIndexByte(last, '\n')+1:]
	return fmt.Sprintf("parallel: the process for %q has not come to it: %v; it says: %s", e.name, e.exit.ProcessState, last)
}

func (e *startError) Unwrap() error { return e.exit }

func errChanged(path string) error {
	return fmt.Errorf("parallel: the program has changed: %s is not what this process was started from; start that anew", path)
}

// work starts what a child needs that has, or will have, something to do.
func (c *child) work() {
	c.replies.SetReadDeadline(time.Time{})
	c.frames = make(chan frame, 2*maxInFlight) // requests, and as many cancels
	c.pumps.Go(c.write)
	c.pumps.Go(c.read)
}

func (c *child) write() {
	w := bufio.NewWriter(c.requests)
	for f := range c.frames {
		writeFrame(w, f.kind, f.b) // an error is the end of the process, which the reader sees
		if f.f != nil {
			f.f.written.Store(true)
		}
	}
}

// send puts a request under way.
func (c *child) send(request []byte) *flight {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.sent++
	f := &flight{number: c.sent, replies: make(chan []byte, 1)}
	c.inFlight = append(c.inFlight, f)
	c.frames <- frame{frameRequest, request, f}
	return f
}

// cancel ends the context of all requests so far.
func (c *child) cancel() { c.frames <- frame{kind: frameCancel} }

// oldest reports whether the process has nothing else to do before f.
func (c *child) oldest(f *flight) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.inFlight) > 0 && c.inFlight[0] == f
}

// What a process was doing with a request when it ended.
type progress int

const (
	waiting  progress = iota // it had not begun with it
	begun                    // it was at one of its calls
	finished                 // it was at the next, but the reply to this one is lost
)

// do sends a request and has take take the replies, up to the last. If the process
// ends before that, do returns how, what it was doing with the request, and at which
// call. It ends the process if a call takes longer than timeout, unless that is 0, and
// if nothing comes in graceTime after the end of ctx.
func (c *child) do(ctx context.Context, request []byte, timeout time.Duration, take func(reply []byte) (last bool)) (lost *ExitError, was progress, at int) {
	f := c.send(request)
	var look, overdue <-chan time.Time
	late := timeout + timeout/10 + 50*time.Millisecond // it may heed its context
	if timeout > 0 {
		t := time.NewTicker(late / 20)
		defer t.Stop()
		look = t.C
	}
	cancelled := ctx.Done()
	seen, counts, since := uint64(0), wayTime, time.Now() // for so long it may be there
	for {
		select {
		case reply := <-f.replies:
			if take(reply) {
				return nil, 0, 0
			}
		case <-c.dead:
			for len(f.replies) > 0 { // they came before the end
				if take(<-f.replies) {
					return nil, 0, 0
				}
			}
			switch number, call, _ := unmark(c.mark()); {
			case number < f.number:
				return c.exit(), waiting, 0
			case number > f.number:
				return c.exit(), finished, 0
			default:
				return c.exit(), begun, call
			}
		case <-cancelled:
			cancelled = nil
			c.cancel()
			grace := time.NewTimer(graceTime)
			defer grace.Stop()
			overdue = grace.C
		case <-overdue:
			c.kill(0)
		case now := <-look:
			m, limit := c.mark(), wayTime
			if number, _, runs := unmark(m); runs && number == f.number || number < f.number && f.written.Load() {
				limit = late
			}
			if m != seen || limit != counts || !c.oldest(f) {
				seen, counts, since = m, limit, now
			} else if now.Sub(since) >= limit {
				c.kill(timeout)
			}
		}
	}
}

// freeSince returns when the process could begin with what was sent at a time.
func (c *child) freeSince(sent time.Time) time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.landed.After(sent) {
		return c.landed
	}
	return sent
}

// read passes replies on until the process ends, or pause stops it.
func (c *child) read() {
	for {
		kind, b, err := readFrame(c.reader)
		if errors.Is(err, os.ErrDeadlineExceeded) {
			return // nothing is under way
		}
		// What it has printed comes before what it has replied.
		c.stdout.drain()
		c.stderr.drain()
		if err != nil || kind != frameReply {
			c.proc.Kill()
			c.bury()
			return
		}
		c.mu.Lock()
		f := c.inFlight[0]
		if isLast(b) {
			c.inFlight = c.inFlight[1:]
			c.landed = time.Now()
		}
		c.mu.Unlock()
		f.replies <- b
	}
}

// kill ends the process at once, because a call took longer than d if that is
// given. The reader does the rest.
func (c *child) kill(d time.Duration) {
	c.mu.Lock()
	if d > 0 && c.timeout == 0 {
		c.timeout = d
	}
	c.mu.Unlock()
	c.proc.Kill()
}

// bury waits for the end of the process and lets its files go.
func (c *child) bury() {
	state, _ := c.proc.Wait()
	c.stdout.stop()
	c.stderr.stop()
	c.stdout.close()
	c.stderr.close()
	c.state = state
	close(c.dead)
}

// exit says how the process has ended.
func (c *child) exit() *ExitError {
	c.mu.Lock()
	defer c.mu.Unlock()
	tail, reason := c.stderr.last()
	return &ExitError{c.state, c.timeout, reason, tail}
}

// pause ends the goroutines of a child that nothing is under way to: so a program
// that waits for ever gets Go's report of that, which it does not while a
// goroutine waits for a pipe.
func (c *child) pause() {
	c.paused = true
	close(c.frames)
	c.replies.SetReadDeadline(time.Now().Add(-time.Second))
	c.pumps.Wait()
	select {
	case <-c.dead:
	default:
		c.stdout.stop()
		c.stderr.stop()
	}
}

// resume is the opposite of pause.
func (c *child) resume() {
	c.paused = false
	c.stdout.start()
	c.stderr.start()
	c.work()
}

// close ends a paused process, by the end of its input.
func (c *child) close() {
	c.requests.Close()
	timer := time.AfterFunc(graceTime, func() { c.proc.Kill() })
	c.stdout.start()
	c.stderr.start()
	c.bury()
	timer.Stop()
	c.release()
}

// end lets a dead child go.
func (c *child) end() {
	close(c.frames)
	c.pumps.Wait()
	c.release()
}

// mark is where the process is: see mark.
func (c *child) mark() uint64 { return c.at.Load() }

// release lets go what a child holds in this process.
func (c *child) release() {
	for _, f := range []*os.File{c.requests, c.replies} {
		if f != nil {
			f.Close()
		}
	}
	for _, o := range []*output{c.stdout, c.stderr} {
		if o != nil {
			o.from.Close()
		}
	}
	if c.page != nil {
		syscall.Munmap(c.page)
		c.page = nil
	}
}

// sharedPage returns a file without a name, to be mapped by parent and child.
func sharedPage() (*os.File, error) {
	f, err := os.CreateTemp("", "parallel-*")
	if err == nil {
		os.Remove(f.Name())
		err = f.Truncate(markSize)
	}
	if err != nil {
		return nil, fmt.Errorf("parallel: no file to share memory by; the folder for temporary files, TMPDIR, must be writable: %w", err)
	}
	return f, nil
}

// executable returns the path of this program. On Linux it is one that stays
// right when the file is replaced or removed.
func executable() (string, error) {
	if runtime.GOOS == "linux" {
		return "/proc/self/exe", nil
	}
	return os.Executable()
}

// childEnv returns the environment of a worker's process: that of this one without
// the pipes of a notebook's cell, which only one process may use, and with a share
// of the cores unless that is set.
func childEnv(jobs int) []string {
	var env []string
	share := true
	for _, v := range os.Environ() {
		switch name, _, _ := strings.Cut(v, "="); name {
		case "GONB_PIPE", "GONB_PIPE_BACK":
			continue
		case "GOMAXPROCS":
			share = false
		}
		env = append(env, v)
	}
	if share {
		env = append(env, fmt.Sprintf("GOMAXPROCS=%d", max(1, runtime.GOMAXPROCS(0)/jobs)))
	}
	return env
}

func signal(s *os.ProcessState) string {
	if w, ok := s.Sys().(syscall.WaitStatus); ok && w.Signaled() {
		return w.Signal().String()
	}
	return ""
}
