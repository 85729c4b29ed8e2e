package queue_test

import (
	"cmp"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"testing"

	"github.com/threads2go/course/pkg/queue"
)

// A thing is an item whose priority says nothing of when it was put.
type thing struct{ priority, number int }

func byPriority(a, b thing) int { return cmp.Compare(a.priority, b.priority) }

// A model is a queue as one would write it who cares for nothing but clarity.
type model struct {
	kind       string
	capacity   int
	items      []thing // in the order of puts
	unfinished int
	shut       bool
}

func (m *model) full() bool { return m.capacity > 0 && len(m.items) == m.capacity }

func (m *model) put(x thing) error {
	switch {
	case m.shut:
		return queue.ErrShutdown
	case m.full():
		return queue.ErrFull
	}
	m.items = append(m.items, x)
	m.unfinished++
	return nil
}

// next is the index of the item that comes out next.
func (m *model) next() int {
	switch m.kind {
	case "LIFO":
		return len(m.items) - 1
	case "priority":
		least := 0
		for i, x := range m.items {
			if x.priority < m.items[least].priority {
				least = i
			}
		}
		return least
	}
	return 0
}

func (m *model) peek() (thing, error) {
	switch {
	case len(m.items) > 0:
		return m.items[m.next()], nil
	case m.shut:
		return thing{}, queue.ErrShutdown
	}
	return thing{}, queue.ErrEmpty
}

func (m *model) get() (thing, error) {
	x, err := m.peek()
	if err == nil {
		i := m.next()
		m.items = slices.Delete(m.items, i, i+1)
	}
	return x, err
}

func (m *model) taskDone() error {
	if m.unfinished == 0 {
		return queue.ErrTaskDone
	}
	m.unfinished--
	return nil
}

func (m *model) shutdownNow() []thing {
	m.shut = true
	left := []thing{}
	for len(m.items) > 0 {
		x, _ := m.get()
		left = append(left, x)
	}
	m.unfinished -= min(m.unfinished, len(left))
	return left
}

// A pair is a queue and its model, which have to do the same.
type pair struct {
	*queue.Queue[thing]
	model  model
	number int
}

func newPair(kind string, capacity int) *pair {
	p := &pair{model: model{kind: kind, capacity: capacity}}
	switch kind {
	case "FIFO":
		p.Queue = queue.New[thing](capacity)
	case "LIFO":
		p.Queue = queue.NewLIFO[thing](capacity)
	case "priority":
		p.Queue = queue.NewPriority(capacity, byPriority)
	}
	return p
}

// operations is the number of operations that do knows.
const operations = 14

// do does an operation with both and returns what differs. Nothing blocks: the
// contexts have ended.
func (p *pair) do(op, argument int) error {
	var what string
	var got, want any
	cause := func(err error) error { // what a blocking call makes of it
		if err == queue.ErrFull || err == queue.ErrEmpty {
			return errCause
		}
		return err
	}
	p.number++
	x := thing{argument % 5, p.number}
	switch op {
	case 0:
		what, got, want = "TryPut", p.TryPut(x), p.model.put(x)
	case 1:
		what, got, want = "Put", p.Put(ended, x), cause(p.model.put(x))
	case 2:
		y, err := p.TryGet()
		z, wantErr := p.model.get()
		what, got, want = "TryGet", fmt.Sprint(y, err), fmt.Sprint(z, wantErr)
	case 3:
		y, err := p.Get(ended)
		z, wantErr := p.model.get()
		what, got, want = "Get", fmt.Sprint(y, err), fmt.Sprint(z, cause(wantErr))
	case 4, 5:
		items := make([]thing, argument%(1+3*op))
		n, wantErr := 0, error(nil)
		for i := range items {
			p.number++
			items[i] = thing{p.number * 7 % 5, p.number}
			if wantErr == nil {
				if wantErr = p.model.put(items[i]); wantErr == nil {
					n++
				}
			}
		}
		m, err := p.PutN(ended, items)
		what, got, want = "PutN", fmt.Sprint(m, err), fmt.Sprint(n, cause(wantErr))
	case 6, 7:
		dst := make([]thing, argument%(1+3*op))
		n, err := p.GetN(ended, dst)
		var items []thing
		var wantErr error
		for len(items) < len(dst) && wantErr == nil {
			var y thing
			if y, wantErr = p.model.get(); wantErr == nil {
				items = append(items, y)
			}
		}
		if len(items) > 0 {
			wantErr = nil
		}
		what, got, want = "GetN", fmt.Sprint(dst[:n], err), fmt.Sprint(items, cause(wantErr))
	case 8:
		y, err := p.Peek()
		z, wantErr := p.model.peek()
		what, got, want = "Peek", fmt.Sprint(y, err), fmt.Sprint(z, wantErr)
	case 9, 10:
		what, got, want = "TaskDone", p.TaskDone(), p.model.taskDone()
	case 11:
		var wantErr error
		if p.model.unfinished > 0 {
			wantErr = errCause
		}
		what, got, want = "Join", p.Join(ended), wantErr
	case 12:
		if argument%64 != 0 { // seldom: it is the end
			return nil
		}
		p.Shutdown()
		p.model.shut = true
	case 13:
		if argument%64 != 0 {
			return nil
		}
		what, got, want = "ShutdownNow", fmt.Sprint(p.ShutdownNow()), fmt.Sprint(p.model.shutdownNow())
	}
	if got != want {
		return fmt.Errorf("%s: got %v, want %v", what, got, want)
	}
	n := len(p.model.items)
	if p.Len() != n || p.Empty() != (n == 0) || p.Full() != p.model.full() || p.Cap() != p.model.capacity {
		return fmt.Errorf("after %s: Len %d, Empty %v, Full %v, Cap %d; want %d items", what, p.Len(), p.Empty(), p.Full(), p.Cap(), n)
	}
	return nil
}

// Random operations, with spells of mostly puts and of mostly gets, so that
// stores grow, turn round and shrink. SOAK=1 makes them a million for each kind.
func TestAgainstModel(t *testing.T) {
	total := 50_000
	if os.Getenv("SOAK") != "" {
		total = 1_000_000
	}
	for _, k := range kinds {
		t.Run(k.name, func(t *testing.T) {
			seed := rand.Uint64()
			r := rand.New(rand.NewPCG(seed, 0))
			puts, gets := []int{0, 0, 1, 4, 5}, []int{2, 2, 3, 6, 7}
			for done := 0; done < total; {
				capacity := []int{0, 0, 1, 2, 5, 16, 300}[r.IntN(7)]
				p := newPair(k.name, capacity)
				var log []string
				spell := puts
				for range 1000 {
					done++
					if r.IntN(150) == 0 {
						spell = [][]int{puts, gets}[r.IntN(2)]
					}
					op := r.IntN(operations)
					if r.IntN(3) > 0 {
						op = spell[r.IntN(len(spell))]
					}
					argument := r.IntN(1000)
					log = append(log, fmt.Sprint(op, ",", argument))
					if err := p.do(op, argument); err != nil {
						t.Fatalf("seed %d, capacity %d: %v\nafter operations %v", seed, capacity, err, log)
					}
				}
			}
		})
	}
}

// The same, led by the fuzzer: a byte for the capacity, then two for each
// operation.
func FuzzQueue(f *testing.F) {
	f.Add([]byte{0, 4, 200, 6, 3, 2, 0, 13, 0, 2, 0})
	f.Add([]byte{3, 5, 12, 0, 1, 3, 0, 9, 0, 11, 0, 12, 64, 3, 0, 3, 0})
	f.Fuzz(func(t *testing.T, data []byte) {
		if len(data) == 0 {
			return
		}
		for _, k := range kinds {
			p := newPair(k.name, int(data[0]%20))
			for rest := data[1:]; len(rest) >= 2; rest = rest[2:] {
				if err := p.do(int(rest[0])%operations, int(rest[1])); err != nil {
					t.Fatal(errors.Join(fmt.Errorf("%s, capacity %d", k.name, p.model.capacity), err))
				}
			}
		}
	})
}
