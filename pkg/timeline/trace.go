package timeline

import (
	"bufio"
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"slices"
	"time"
)

// WriteTrace writes events, in any order, as a trace that ui.perfetto.dev and
// chrome://tracing open: JSON in Chrome's Trace Event Format, with a thread for
// each Who, whose slices are named by What. What is Open has no end there, and
// Detail and Err are its arguments. Times are in microseconds with three decimals,
// so none is rounded; if the first event begins before 0, all move until it begins
// at 0.
//
// The format wants the slices of a thread nested or apart. Where those of one Who
// overlap otherwise, they are shared among several threads of that name.
//
// It is an error, and nothing is written, if Who is empty or End comes before
// Begin. Otherwise the error is w's.
func WriteTrace(w io.Writer, events []Event) error {
	for i, e := range events {
		switch {
		case e.Who == "":
			return fmt.Errorf("timeline: event %d (%v) has an empty Who; name the row that it belongs to", i, e)
		case e.End < e.Begin:
			return fmt.Errorf("timeline: event %d of %q ends at %v, before it begins at %v; give the later time as End", i, e.Who, e.End, e.Begin)
		}
	}
	events = slices.Clone(events)
	slices.SortStableFunc(events, func(a, b Event) int {
		return cmp.Or(cmp.Compare(a.Begin, b.Begin), cmp.Compare(b.end(), a.end()))
	})

	out := bufio.NewWriter(w) // keeps the first error, for Flush
	out.WriteString(`{"displayTimeUnit":"ns","traceEvents":[`)
	separator := "\n"
	write := func(e traceEvent) {
		line, err := json.Marshal(e)
		if err != nil {
			panic(err) // strings and numbers only
		}
		out.WriteString(separator)
		out.Write(line)
		separator = ",\n"
	}
	threads, rows := assign(events)
	for row, who := range rows {
		write(traceEvent{Name: "thread_name", Phase: "M", Process: 1, Thread: row + 1, Args: map[string]any{"name": who}})
		write(traceEvent{Name: "thread_sort_index", Phase: "M", Process: 1, Thread: row + 1, Args: map[string]any{"sort_index": row}})
	}
	for i, e := range events {
		write(e.trace(threads[i], min(0, events[0].Begin)))
	}
	out.WriteString("\n]}\n")
	return out.Flush()
}

// A traceEvent has the fields of the Trace Event Format.
type traceEvent struct {
	Name     string         `json:"name"`
	Phase    string         `json:"ph"`
	Time     json.Number    `json:"ts,omitempty"`
	Duration json.Number    `json:"dur,omitempty"`
	Scope    string         `json:"s,omitempty"`
	Process  int            `json:"pid"`
	Thread   int            `json:"tid"`
	Args     map[string]any `json:"args,omitempty"`
}

func (e Event) trace(thread int, zero time.Duration) traceEvent {
	t := traceEvent{Name: e.What, Time: microseconds(e.Begin - zero), Process: 1, Thread: thread}
	switch {
	case e.Open:
		t.Phase = "B"
	case e.Begin == e.End:
		t.Phase, t.Scope = "i", "t" // an instant of a thread
	default:
		t.Phase, t.Duration = "X", microseconds(e.End-e.Begin)
	}
	if e.Detail != "" || e.Err != nil {
		t.Args = map[string]any{}
	}
	if e.Detail != "" {
		t.Args["detail"] = e.Detail
	}
	if e.Err != nil {
		t.Args["error"] = e.Err.Error()
	}
	return t
}

func microseconds(d time.Duration) json.Number {
	return json.Number(fmt.Sprintf("%d.%03d", d/1000, d%1000))
}

// end is where e ends on a thread: never, if it is open.
func (e Event) end() time.Duration {
	if e.Open {
		return math.MaxInt64
	}
	return e.End
}

// assign gives each of the events, which are sorted, a thread, from 1 on, on which
// it is nested in the others or apart from them, and returns the threads' names.
// Threads of one name stand together, in the order in which the names come.
func assign(events []Event) (threads []int, names []string) {
	type lane struct{ ends []time.Duration } // of what is under way, the innermost last
	lanes := map[string][]*lane{}
	at := make([]int, len(events)) // the lane of each
	var order []string
	for i, e := range events {
		of, known := lanes[e.Who]
		if !known {
			order = append(order, e.Who)
		}
		k := slices.IndexFunc(of, func(l *lane) bool {
			for len(l.ends) > 0 && l.ends[len(l.ends)-1] <= e.Begin {
				l.ends = l.ends[:len(l.ends)-1]
			}
			return len(l.ends) == 0 || e.end() <= l.ends[len(l.ends)-1]
		})
		if k < 0 {
			k = len(of)
			lanes[e.Who] = append(of, new(lane))
		}
		l := lanes[e.Who][k]
		l.ends = append(l.ends, e.end())
		at[i] = k
	}
	first := map[string]int{}
	for _, who := range order {
		first[who] = len(names) + 1
		for range lanes[who] {
			names = append(names, who)
		}
	}
	for i, e := range events {
		threads = append(threads, first[e.Who]+at[i])
	}
	return threads, names
}
