package timeline

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/threads2go/course/pkg/pool"
)

// An Event is something that somebody did for a time, or at an instant.
type Event struct {
	Who    string // its row: a thread, a worker
	What   string // its kind: "runs", "waits", "download"
	Detail string // more about this one, such as "items 16 to 31"; may be empty

	// Begin and End count from New. They are equal for an instant. Begin is
	// negative for what began before New.
	Begin, End time.Duration

	Open bool  // it has not ended: End is when Events was called
	Err  error // why it failed, or nil
}

// String returns the event as a line of a log: "2s to 2.5s  reader  waits".
func (e Event) String() string {
	s := e.Begin.String()
	switch {
	case e.Open:
		s += " on"
	case e.Begin != e.End:
		s += " to " + e.End.String()
	}
	s += "  " + e.Who + "  " + e.What
	if e.Detail != "" {
		s += "  " + e.Detail
	}
	if e.Err != nil {
		s += "  error: " + e.Err.Error()
	}
	return s
}

// A Timeline records events. Make it with New. All its methods may be called by
// many goroutines at once.
type Timeline struct {
	start time.Time
	last  atomic.Pointer[chunk] // the one that is being filled
	grown sync.Mutex            // held to put another in its place
}

// A chunk is a piece of a timeline. Records stay where they are: what is open
// remembers its place.
type chunk struct {
	before  *chunk
	used    atomic.Int64 // records given away; more than there are when it is full
	records [chunkSize]record
}

const chunkSize = 256

// A record is an event as it is quick to note down. Its state says which fields
// are set, and by that who may read them.
type record struct {
	state      atomic.Uint32
	worker     int32 // its number belongs to who; -1 for none
	who, what  string
	first, n   int // items; n is 0 for none
	begin, end time.Duration
	err        error
}

// The states of a record, in their order.
const (
	unset  = iota
	open   // all is set but end and err
	ending // those are being set
	ended
)

// New returns an empty timeline whose clock begins now.
func New() *Timeline {
	t := &Timeline{start: time.Now()}
	t.last.Store(new(chunk))
	return t
}

// record returns a place for an event.
func (t *Timeline) record() *record {
	for {
		c := t.last.Load()
		if i := c.used.Add(1) - 1; i < chunkSize {
			return &c.records[i]
		}
		t.grow(c)
	}
}

func (t *Timeline) grow(full *chunk) {
	t.grown.Lock()
	defer t.grown.Unlock()
	if t.last.Load() == full {
		t.last.Store(&chunk{before: full})
	}
}

func (t *Timeline) begin(who, what string) *record {
	r := t.record()
	r.who, r.what, r.worker = who, what, -1
	r.begin = time.Since(t.start)
	r.state.Store(open)
	return r
}

func (t *Timeline) end(r *record, err error) {
	now := time.Since(t.start)
	if r.state.CompareAndSwap(open, ending) {
		r.end, r.err = now, err
		r.state.Store(ended)
	}
}

// Begin records that who does what from now on, until the function that it
// returns is called. Calling that again changes nothing.
//
//	defer tl.Begin("reader", "waits")()
func (t *Timeline) Begin(who, what string) (end func()) {
	r := t.begin(who, what)
	return func() { t.end(r, nil) }
}

// Mark records that who does what at this instant.
func (t *Timeline) Mark(who, what string) {
	now := time.Since(t.start)
	r := t.record()
	r.who, r.what, r.worker = who, what, -1
	r.begin, r.end = now, now
	r.state.Store(ended)
}

// Thread records a thread while it runs, as an event of the kind "runs" with the
// error that it ended with. It is an observer for package thread:
//
//	ctx = thread.WithObserver(ctx, tl.Thread)
func (t *Timeline) Thread(name string) (end func(err error)) {
	r := t.begin(name, "runs")
	return func(err error) { t.end(r, err) }
}

// Workers returns an observer that records what the workers of a pool do, as
// events of the kind name. Worker 0 is called "name 0", and so on; give each pool
// a name of its own.
//
//	p := pool.New(4, pool.WithObserver(tl.Workers("download")))
//
// It fits parallel.WithObserver, too. A span that ends before it begins, as clocks of two machines may have it, is
// recorded as an instant.
func (t *Timeline) Workers(name string) func(pool.Span) {
	return func(s pool.Span) {
		r := t.record()
		r.who, r.what, r.worker = name, name, int32(s.Worker)
		r.first, r.n = s.First, s.N
		r.begin = s.Begin.Sub(t.start)
		r.end = max(r.begin, s.End.Sub(t.start))
		r.err = s.Err
		r.state.Store(ended)
	}
}

// Events returns what was recorded so far, sorted by Begin; of events that begin
// at once the longer comes first, then Who and What decide, worker 2 before 10. What has not ended is
// Open. The timeline goes on.
func (t *Timeline) Events() []Event {
	now := time.Since(t.start)
	type entry struct {
		Event
		*record
	}
	var entries []entry
	for c := t.last.Load(); c != nil; c = c.before {
		for i := range min(c.used.Load(), chunkSize) {
			if r := &c.records[i]; r.state.Load() != unset {
				entries = append(entries, entry{r.event(now), r})
			}
		}
	}
	slices.SortFunc(entries, func(a, b entry) int {
		return cmp.Or(cmp.Compare(a.Begin, b.Begin), cmp.Compare(b.End, a.End),
			cmp.Compare(a.who, b.who), cmp.Compare(a.worker, b.worker),
			cmp.Compare(a.what, b.what), cmp.Compare(a.first, b.first))
	})
	events := make([]Event, len(entries))
	for i, e := range entries {
		events[i] = e.Event
	}
	return events
}

func (r *record) event(now time.Duration) Event {
	e := Event{Who: r.who, What: r.what, Begin: r.begin}
	if r.state.Load() == ended {
		e.End, e.Err = r.end, r.err
	} else {
		e.End, e.Open = max(now, r.begin), true
	}
	if r.worker >= 0 {
		e.Who += " " + strconv.Itoa(int(r.worker))
	}
	switch {
	case r.n == 1:
		e.Detail = fmt.Sprint("item ", r.first)
	case r.n > 1:
		e.Detail = fmt.Sprintf("items %d to %d", r.first, r.first+r.n-1)
	}
	return e
}
