package cluster

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"time"

	"github.com/threads2go/course/pkg/parallel"
)

// A message has a head, JSON, which is much the same in each, and a body, as package
// parallel has made it.

// An order is the head of a part: what a worker has to start for it.
type order struct {
	Program string // its SHA-256
	Size    int64
	Errand  parallel.Errand
	Args    []string
	Env     []string
	Timeout time.Duration `json:",omitempty"` // of a call
	Memory  int64         `json:",omitempty"`
	CPUs    []int         `json:",omitempty"`
	Object  string        `json:",omitempty"` // the body is there
	Ahead   bool          `json:",omitempty"` // a slot that works on this may take the next already
}

// A notice is the head of what a worker tells a caller.
type notice struct {
	Worker string
	Works  []uint64 `json:",omitempty"` // the parts that it has; else it is a report of one
	Begins bool     `json:",omitempty"` // it begins with it only now

	ID      uint64  `json:",omitempty"`
	Slot    int     `json:",omitempty"`
	Outcome outcome `json:",omitempty"`
	At      int     `json:",omitempty"` // the call that the process was at
	Exit    *exit   `json:",omitempty"` // how it ended
	Epoch   int64   `json:",omitempty"` // when it began, on the worker's clock
	Began   int64   `json:",omitempty"` // when it began with the part
	Ended   int64   `json:",omitempty"` // when it was done
	Now     int64   `json:",omitempty"` // when this was sent
	Lengths []int   `json:",omitempty"` // of the replies in the body
	Object  string  `json:",omitempty"` // the body is there
}

// An exit says how a process ended, or why it did not begin.
type exit struct {
	Text    string
	Reason  string        `json:",omitempty"`
	Stderr  []byte        `json:",omitempty"`
	Timeout time.Duration `json:",omitempty"`
}

// A verdict is what the caller answers.
type verdict struct {
	Unwanted []uint64 `json:",omitempty"` // of the parts that a worker has
}

// A member is what a worker tells of itself.
type member struct {
	Name     string
	Platform string
	Slots    int
	Leaves   bool `json:",omitempty"`
}

var errGarbled = errors.New("cluster: a message is cut off or garbled")

// pack puts head and body together.
func pack(head any, body ...[]byte) ([]byte, error) {
	h, err := json.Marshal(head)
	if err != nil {
		return nil, err
	}
	return packed(h, body...), nil
}

func packed(head []byte, body ...[]byte) []byte {
	n := len(head) + binary.MaxVarintLen64
	for _, b := range body {
		n += len(b)
	}
	m := binary.AppendUvarint(make([]byte, 0, n), uint64(len(head)))
	m = append(m, head...)
	for _, b := range body {
		m = append(m, b...)
	}
	return m
}

// split is the opposite of packed.
func split(m []byte) (head, body []byte, err error) {
	n, k := binary.Uvarint(m)
	if k <= 0 || n > uint64(len(m)-k) {
		return nil, nil, errGarbled
	}
	return m[k : k+int(n)], m[k+int(n):], nil
}

// unpack reads the head of a message.
func unpack(m []byte, head any) (body []byte, err error) {
	h, body, err := split(m)
	if err != nil {
		return nil, err
	}
	d := json.NewDecoder(bytes.NewReader(h))
	if err := d.Decode(head); err != nil {
		return nil, errGarbled
	}
	return body, nil
}

// replies cuts a body into its parts.
func (n *notice) replies(body []byte) ([][]byte, error) {
	var all [][]byte
	for _, l := range n.Lengths {
		if l < 0 || l > len(body) {
			return nil, errGarbled
		}
		all = append(all, body[:l])
		body = body[l:]
	}
	return all, nil
}
