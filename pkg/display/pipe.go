//go:build unix

package display

import (
	"encoding/gob"
	"fmt"
	"io"
	"os"
	"sync"
	"syscall"

	"github.com/janpfeifer/gonb/gonbui/protocol"
)

// pipe leads to the kernel that runs this program, if one does.
var pipe = takePipe()

// kernelPipe speaks GoNB's protocol: gob values over two named pipes. After each display it
// asks for an acknowledgement and waits for it, which is what makes displays synchronous.
type kernelPipe struct {
	outPath, backPath string

	mu  sync.Mutex // one display at a time, its acknowledgement included
	enc *gob.Encoder
	dec *gob.Decoder
	seq int
	err error // the first failure: a gob stream does not recover
}

// takePipe removes the pipe's address from the environment, so that children do not have it.
func takePipe() *kernelPipe {
	p := &kernelPipe{
		outPath:  os.Getenv(protocol.GONB_PIPE_ENV),
		backPath: os.Getenv(protocol.GONB_PIPE_BACK_ENV),
	}
	os.Unsetenv(protocol.GONB_PIPE_ENV)
	os.Unsetenv(protocol.GONB_PIPE_BACK_ENV)
	return p
}

func (p *kernelPipe) exists() bool { return p.outPath != "" && p.backPath != "" }

// send returns once the kernel has handled the display.
func (p *kernelPipe) send(c content, id string) error {
	data := make(map[protocol.MIMEType]any, len(c))
	for mime, s := range c {
		data[protocol.MIMEType(mime)] = s
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.err == nil {
		if err := p.exchange(&protocol.DisplayData{Data: data, DisplayID: id}); err != nil {
			p.err = fmt.Errorf("display: the notebook's kernel does not answer: %w; restart the kernel and run the cell again", err)
		}
	}
	return p.err
}

func (p *kernelPipe) exchange(d *protocol.DisplayData) error {
	if p.enc == nil {
		// Both opens wait until the kernel has opened the other end, which it does at once.
		out, err := openRaw(p.outPath, syscall.O_WRONLY)
		if err != nil {
			return err
		}
		back, err := openRaw(p.backPath, syscall.O_RDONLY)
		if err != nil {
			return err
		}
		p.enc, p.dec = gob.NewEncoder(out), gob.NewDecoder(back)
	}
	p.seq++
	if err := p.enc.Encode(d); err != nil {
		return err
	}
	please := &protocol.CommValue{Address: protocol.GonbuiSyncAddress, Value: p.seq}
	if err := p.enc.Encode(&protocol.DisplayData{Data: map[protocol.MIMEType]any{protocol.MIMECommValue: please}}); err != nil {
		return err
	}
	for {
		var ack protocol.CommValue
		if err := p.dec.Decode(&ack); err != nil {
			return err
		}
		if ack.Address == protocol.GonbuiSyncAckAddress && ack.Value == p.seq {
			return nil
		}
	}
}

// A rawFD is a file descriptor used by plain system calls. An os.File on a named pipe would
// wait in the network poller, and a runtime that polls no longer reports deadlocks.
type rawFD int

func openRaw(path string, mode int) (rawFD, error) {
	for {
		fd, err := syscall.Open(path, mode|syscall.O_CLOEXEC, 0)
		if err == syscall.EINTR {
			continue
		}
		if err != nil {
			return -1, &os.PathError{Op: "open", Path: path, Err: err}
		}
		return rawFD(fd), nil
	}
}

func (fd rawFD) Write(p []byte) (n int, err error) {
	for n < len(p) {
		m, err := syscall.Write(int(fd), p[n:])
		if err == syscall.EINTR {
			continue
		}
		if err != nil {
			return n, err
		}
		n += m
	}
	return n, nil
}

func (fd rawFD) Read(p []byte) (int, error) {
	for {
		n, err := syscall.Read(int(fd), p)
		switch {
		case err == syscall.EINTR:
		case err != nil:
			return 0, err
		case n == 0 && len(p) > 0:
			return 0, io.EOF
		default:
			return n, nil
		}
	}
}
