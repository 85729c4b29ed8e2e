//go:build unix

package parallel

import (
	"bytes"
	"os"
	"sync"
	"syscall"
	"time"
)

// An output is the standard output or error of a worker's process, on its way to
// that of this one, in whole lines.
type output struct {
	from *os.File
	raw  syscall.RawConn
	to   func() *os.File // asked each time, for a program may set os.Stdout
	keep int             // how many of the last bytes to keep
	done chan struct{}   // closed when the pump has ended; nil if there is none

	mu     sync.Mutex
	line   []byte // not whole yet
	tail   []byte
	reason string // the last line in which Go says why it ends a program
	buf    []byte
}

// maxLine is how long a line may be and still come in one piece.
const maxLine = 64 << 10

// printing has one line written at a time, whichever process it is from.
var printing sync.Mutex

func newOutput(from *os.File, to func() *os.File, keep int) (*output, error) {
	raw, err := from.SyscallConn()
	return &output{from: from, raw: raw, to: to, keep: keep, buf: make([]byte, 4<<10)}, err
}

// start has a goroutine pass on what comes, until stop.
func (o *output) start() {
	o.done = make(chan struct{})
	o.from.SetReadDeadline(time.Time{})
	go func() {
		defer close(o.done)
		o.raw.Read(o.read)
	}()
}

func (o *output) stop() {
	o.from.SetReadDeadline(time.Now().Add(-time.Second))
	<-o.done
}

// drain passes on all that was written until now. It does not wait, also not for
// the goroutine of start. So what a call has printed is out before its result is.
func (o *output) drain() {
	o.raw.Control(func(fd uintptr) { o.read(fd) })
}

// read passes on what there is, and reports whether that was the end.
func (o *output) read(fd uintptr) (end bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for {
		n, err := syscall.Read(int(fd), o.buf)
		switch {
		case err == syscall.EINTR:
		case err == syscall.EAGAIN:
			return false
		case n <= 0:
			return true
		default:
			o.pass(o.buf[:n])
		}
	}
}

// pass writes the lines that are whole now.
func (o *output) pass(b []byte) {
	if o.keep > 0 {
		o.tail = append(o.tail, b...)
		o.tail = o.tail[max(0, len(o.tail)-o.keep):]
	}
	o.line = append(o.line, b...)
	whole := bytes.LastIndexByte(o.line, '\n') + 1
	if whole == 0 && len(o.line) > maxLine {
		whole = len(o.line)
	}
	if whole > 0 {
		if o.keep > 0 {
			for l := range bytes.Lines(o.line[:whole]) {
				if bytes.HasPrefix(l, []byte("fatal error: ")) || bytes.HasPrefix(l, []byte("panic: ")) {
					o.reason = string(bytes.TrimSpace(l))
				}
			}
		}
		o.write(o.line[:whole])
		o.line = append(o.line[:0], o.line[whole:]...)
	}
}

func (o *output) write(b []byte) {
	printing.Lock()
	defer printing.Unlock()
	o.to().Write(b)
}

// close passes on the rest, as a line, when nothing can come any more.
func (o *output) close() {
	o.drain()
	o.mu.Lock()
	defer o.mu.Unlock()
	if len(o.line) > 0 {
		o.write(append(o.line, '\n'))
		o.line = nil
	}
	o.from.Close()
}

func (o *output) last() (tail []byte, reason string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return bytes.Clone(o.tail), o.reason
}
