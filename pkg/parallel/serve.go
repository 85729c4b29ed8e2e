//go:build unix

package parallel

import (
	"bufio"
	"context"
	"encoding/binary"
	"fmt"
	"os"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"unsafe"
)

// This file is the worker's process. What it needs to know comes in the
// environment; requests come on its standard input, replies go to file 3, and
// where it is in its work stands in file 4, which it shares with its parent.

const (
	envName  = "GO_PARALLEL_WORKER"
	replyFD  = 3
	markFD   = 4
	markSize = 8
)

// An errand is what a process was started for.
type errand struct {
	name    string // of the function
	inMain  bool   // to be served by Serve, not by Func
	message int    // the limit of a message
	memory  int64  // the limit of memory, or 0
}

func (e errand) String() string {
	return fmt.Sprintf("%t %d %d %s", e.inMain, e.message, e.memory, e.name)
}

func readErrand(s string) (e errand) {
	f := strings.SplitN(s, " ", 4)
	if len(f) < 4 {
		return errand{}
	}
	e.inMain, _ = strconv.ParseBool(f[0])
	e.message, _ = strconv.Atoi(f[1])
	e.memory, _ = strconv.ParseInt(f[2], 10, 64)
	e.name = f[3]
	return e
}

// asked is what this process was started for; no name if it is not a worker's.
var asked = func() errand {
	s := os.Getenv(envName)
	os.Unsetenv(envName) // it is not for the processes that this one starts
	return readErrand(s)
}()

var (
	serves  atomic.Bool // main calls Serve
	serving atomic.Bool // this process has come to its function
)

// program tells this program from others, and from what it is after the next
// build.
var program = func() string {
	path, err := executable()
	if err != nil {
		return err.Error()
	}
	return identify(path)
}()

// identify returns what a program's file is like now.
func identify(path string) string {
	info, err := os.Stat(path)
	if err != nil {
		return err.Error()
	}
	inode := uint64(0)
	if s, ok := info.Sys().(*syscall.Stat_t); ok {
		inode = s.Ino
	}
	return fmt.Sprintf("file %x of %d bytes of %v", inode, info.Size(), info.ModTime().UnixNano())
}

// mainNeverRuns ends a worker's process that has come to use this package as its
// parent does: it has missed the function that it was started for, and would start
// workers in its turn.
func mainNeverRuns() {
	if asked.name != "" && !serving.Load() {
		giveUp("function %q was not registered before main ran; declare it as a package-level variable: var f = parallel.Func(%q, …)", asked.name, asked.name)
	}
}

// giveUp ends a worker's process that cannot do what it was started for.
func giveUp(format string, args ...any) {
	fmt.Fprintf(os.Stderr, "parallel: "+format+"\n", args...)
	os.Exit(3)
}

// serve answers requests until there are no more, then ends the process. It
// occupies the goroutine that initialises the program, and works on others.
func serve(f servant) {
	serving.Store(true)
	maxMessage = asked.message
	in, err := pipeFile(0)
	if err != nil {
		giveUp("no requests: %v", err)
	}
	out, err := pipeFile(replyFD)
	if err != nil {
		giveUp("no replies: %v", err)
	}
	if null, err := os.Open(os.DevNull); err == nil {
		os.Stdin = null
	}
	syscall.CloseOnExec(markFD)
	page, err := syscall.Mmap(markFD, 0, markSize, syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_SHARED)
	if err != nil {
		giveUp("no shared memory: %v", err)
	}
	if asked.memory > 0 {
		if err := limitMemory(asked.memory); err != nil {
			giveUp("%v", err)
		}
	}
	w := &server{
		f:       f,
		at:      (*atomic.Uint64)(unsafe.Pointer(&page[0])),
		work:    make(chan work, maxInFlight),
		replies: make(chan []byte, maxInFlight),
	}
	hello := binary.AppendVarint(nil, born.UnixNano())
	writer := bufio.NewWriter(out)
	if writeFrame(writer, frameHello, append(hello, program...)) != nil {
		leave()
	}
	go w.write(writer)
	go w.read(bufio.NewReader(in))
	go w.run()
	select {} // this goroutine is bound to its thread while the program initialises
}

// pipeFile returns the file that a process was started with, such that a goroutine
// that waits for it leaves the processor, of which there may be one, to others.
// The processes that this one starts do not get it.
func pipeFile(fd int) (*os.File, error) {
	own, err := syscall.Dup(fd)
	if err != nil {
		return nil, err
	}
	syscall.CloseOnExec(fd)
	syscall.CloseOnExec(own)
	if err := syscall.SetNonblock(own, true); err != nil {
		return nil, err
	}
	return os.NewFile(uintptr(own), "worker's pipe"), nil
}

// leave ends the process because its parent has let it go, or is gone. What
// os.Exit does beyond, for the race detector, takes a second.
func leave() { syscall.Exit(0) }

type server struct {
	f       servant
	at      *atomic.Uint64 // mark: which request, and which call of it
	work    chan work
	replies chan []byte
}

// maxInFlight is how many requests a process has at most: one that it works on,
// and one that has come already when it has done that.
const maxInFlight = 2

type work struct {
	ctx     context.Context
	request []byte
}

// read passes requests on. The end of the input is the end of the process, also
// while it computes: nobody is there to take the results.
func (s *server) read(r *bufio.Reader) {
	ctx, cancel := context.WithCancel(context.Background())
	for {
		kind, b, err := readFrame(r)
		if err != nil {
			leave()
		}
		switch kind {
		case frameRequest:
			s.work <- work{ctx, b}
		case frameCancel:
			cancel()
			ctx, cancel = context.WithCancel(context.Background())
		}
	}
}

func (s *server) write(w *bufio.Writer) {
	for b := range s.replies {
		if writeFrame(w, frameReply, b) != nil {
			leave()
		}
	}
}

// run answers one request after the other. Each has a goroutine, for a call may
// end it.
func (s *server) run() {
	done := make(chan struct{})
	for n := uint64(1); ; n++ {
		w := <-s.work
		go func() {
			defer func() { done <- struct{}{} }()
			s.f.answer(w.ctx, w.request, func(call int, runs bool) { s.at.Store(mark(n, call, runs)) }, func(b []byte) { s.replies <- b })
		}()
		<-done
	}
}

// mark is what stands in the shared memory: the number of the request that the
// process is at, from 1 on, whether a call runs, and the index of the call.
func mark(request uint64, call int, runs bool) uint64 {
	m := request<<32 | uint64(call)
	if runs {
		m |= runBit
	}
	return m
}

func unmark(m uint64) (request uint64, call int, runs bool) {
	return m >> 32, int(m & (runBit - 1)), m&runBit != 0
}

const runBit = 1 << 31
