package parallel

import (
	"bufio"
	"bytes"
	"context"
	"encoding/binary"
	"encoding/gob"
	"errors"
	"fmt"
	"io"
	"reflect"
	"strings"
	"time"

	"github.com/threads2go/course/pkg/pool"
)

// Requests and replies stand alone, each with a gob stream of its own: one that
// was lost is simply sent again, to whomever.

// maxMessage is the limit to the bytes of a request and of a reply.
var maxMessage = 1 << 30

// born is the moment from which replies count time.
var born = time.Now()

type request struct {
	calls   int
	timeout time.Duration // of each
	// then the arguments
}

func (r request) append(b []byte) []byte {
	b = binary.AppendUvarint(b, uint64(r.calls))
	return binary.AppendUvarint(b, uint64(r.timeout))
}

func readRequest(b []byte) (request, []byte, error) {
	f := fields{b: b}
	r := request{f.int(), time.Duration(f.int())}
	return r, f.b, f.err
}

type reply struct {
	lo, hi     int  // the calls whose results follow
	last       bool // nothing else comes: all calls are done, or failure is that of call hi
	begin, end time.Duration
	failure    failure
	// then the results
}

func (r reply) append(b []byte) []byte {
	b = binary.AppendUvarint(b, uint64(r.lo))
	b = binary.AppendUvarint(b, uint64(r.hi))
	last := uint64(0)
	if r.last {
		last = 1
	}
	b = binary.AppendUvarint(b, last)
	b = binary.AppendUvarint(b, uint64(r.begin))
	b = binary.AppendUvarint(b, uint64(r.end))
	b = binary.AppendUvarint(b, uint64(r.failure.kind))
	b = binary.AppendUvarint(b, uint64(len(r.failure.text)))
	b = append(b, r.failure.text...)
	b = binary.AppendUvarint(b, uint64(len(r.failure.stack)))
	return append(b, r.failure.stack...)
}

func readReply(b []byte) (reply, []byte, error) {
	f := fields{b: b}
	r := reply{
		lo: f.int(), hi: f.int(), last: f.int() != 0,
		begin: time.Duration(f.int()), end: time.Duration(f.int()),
		failure: failure{kind: f.int(), text: string(f.bytes()), stack: f.bytes()},
	}
	return r, f.b, f.err
}

// isLast reports whether no other reply to the same request follows.
func isLast(b []byte) bool {
	f := fields{b: b}
	f.int()
	f.int()
	return f.int() != 0
}

// fields reads what the append methods above have written.
type fields struct {
	b   []byte
	err error
}

func (f *fields) int() int {
	v, n := binary.Uvarint(f.b)
	if n <= 0 || int64(v) < 0 {
		f.fail()
		return 0
	}
	f.b = f.b[n:]
	return int(v)
}

func (f *fields) bytes() []byte {
	n := f.int()
	if n > len(f.b) {
		f.fail()
		return nil
	}
	b := f.b[:n]
	f.b = f.b[n:]
	return b
}

func (f *fields) fail() { f.b, f.err = nil, errGarbled }

var errGarbled = errors.New("a message is cut off or garbled")

// A failure is an error that crosses to another process.
type failure struct {
	kind  int
	text  string
	stack []byte // of a panic
}

const (
	noFailure = iota
	isError
	isCanceled
	isDeadlineExceeded
	isPanic
	isGoexit
)

func failureOf(err error) failure {
	if err == nil {
		return failure{}
	}
	if p, ok := err.(*pool.PanicError); ok {
		return failure{isPanic, fmt.Sprint(p.Value), p.Stack}
	}
	f := failure{kind: isError, text: err.Error()}
	switch {
	case err == pool.ErrGoexit:
		f.kind = isGoexit
	case errors.Is(err, context.Canceled):
		f.kind = isCanceled
	case errors.Is(err, context.DeadlineExceeded):
		f.kind = isDeadlineExceeded
	}
	return f
}

func (f failure) err() error {
	switch f.kind {
	case noFailure:
		return nil
	case isCanceled:
		return &remoteError{f.text, context.Canceled}
	case isDeadlineExceeded:
		return &remoteError{f.text, context.DeadlineExceeded}
	case isPanic:
		return &pool.PanicError{Value: f.text, Stack: f.stack}
	case isGoexit:
		return pool.ErrGoexit
	}
	return &remoteError{f.text, nil}
}

// A remoteError is what is left of an error of another process: its text, and
// whether it was one of package context's.
type remoteError struct {
	text string
	is   error
}

func (e *remoteError) Error() string { return e.text }

func (e *remoteError) Unwrap() error { return e.is }

// A tooLarge is the error of a message beyond the limit.
type tooLarge struct{ limit int }

func (e tooLarge) Error() string {
	return fmt.Sprintf("more than %d bytes as gob, the limit of a message; pass the name of a file instead", e.limit)
}

// appendGob appends s to b, unless its type has nothing to send.
func appendGob[E any](b []byte, s []E) (_ []byte, err error) {
	if len(s) == 0 || reflect.TypeFor[E]().Size() == 0 {
		return b, nil
	}
	defer noPanic(&err)
	w := message{b}
	if err = gob.NewEncoder(&w).Encode(s); err != nil && strings.Contains(err.Error(), "nil element") {
		err = fmt.Errorf("%w: gob has no nil for an element of a slice, array or map; pass values instead of pointers, or a struct with the pointer as a field", err)
	}
	return w.b, err
}

// readGob fills s with what appendGob has written.
func readGob[E any](b []byte, s []E) (err error) {
	if len(s) == 0 || reflect.TypeFor[E]().Size() == 0 {
		return nil
	}
	defer noPanic(&err)
	got := s[:0]
	if err := gob.NewDecoder(bytes.NewReader(b)).Decode(&got); err != nil {
		return err
	}
	if len(got) != len(s) {
		return fmt.Errorf("%d values in a message, want %d", len(got), len(s))
	}
	copy(s, got) // in place already, unless gob has found the capacity too large to trust
	return nil
}

// noPanic is for methods of the user's types, which gob calls.
func noPanic(err *error) {
	if v := recover(); v != nil {
		*err = &pool.PanicError{Value: v, Stack: taskStack()}
	}
}

type message struct{ b []byte }

func (m *message) Write(p []byte) (int, error) {
	if len(p) > maxMessage-len(m.b) {
		return 0, tooLarge{maxMessage}
	}
	m.b = append(m.b, p...)
	return len(p), nil
}

// Frames: the length of the rest, what it is, and the message.

const (
	frameHello   = 'h' // from the child: who it is
	frameRequest = 'q'
	frameReply   = 'r'
	frameCancel  = 'c' // to the child: end the context of all requests so far
)

func writeFrame(w *bufio.Writer, kind byte, b []byte) error {
	var head [5]byte
	binary.LittleEndian.PutUint32(head[:], uint32(len(b)))
	head[4] = kind
	w.Write(head[:])
	w.Write(b)
	return w.Flush()
}

func readFrame(r *bufio.Reader) (kind byte, b []byte, err error) {
	var head [5]byte
	if _, err := io.ReadFull(r, head[:]); err != nil {
		return 0, nil, err
	}
	n := binary.LittleEndian.Uint32(head[:])
	if int(n) > maxMessage {
		return 0, nil, fmt.Errorf("a frame of %d bytes, beyond the limit of %d", n, maxMessage)
	}
	b = make([]byte, n)
	_, err = io.ReadFull(r, b)
	return head[4], b, err
}
