package timeline_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/threads2go/course/pkg/timeline"
)

const ms = time.Millisecond

// A traced is an event of a trace, with the fields that the Trace Event Format
// has for the phases that are written.
type traced struct {
	Name  string
	Phase string   `json:"ph"`
	Time  *float64 `json:"ts"`
	Dur   *float64
	Scope string `json:"s"`
	Pid   *int
	Tid   *int
	Args  map[string]any
}

// parse reads a trace back, and checks it by the rules of the format: the fields
// that each phase needs, and slices of a thread that are nested or apart. It
// returns the events other than metadata, in the file's order, and the threads'
// names.
func parse(t *testing.T, trace []byte) (events []traced, names map[int]string) {
	t.Helper()
	var file struct {
		DisplayTimeUnit string
		TraceEvents     []traced
	}
	decoder := json.NewDecoder(bytes.NewReader(trace))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&file); err != nil {
		t.Fatalf("%v in\n%s", err, trace)
	}
	if file.DisplayTimeUnit != "ns" || file.TraceEvents == nil {
		t.Errorf("unit %q, events %v", file.DisplayTimeUnit, file.TraceEvents)
	}
	names = map[int]string{}
	open := map[int][]float64{} // ends of a thread's slices
	last := 0.0
	for _, e := range file.TraceEvents {
		if e.Pid == nil || e.Tid == nil {
			t.Fatalf("no pid or tid: %+v", e)
		}
		if e.Phase == "M" {
			switch e.Name {
			case "thread_name":
				if names[*e.Tid] != "" {
					t.Errorf("two names for thread %d", *e.Tid)
				}
				names[*e.Tid] = e.Args["name"].(string)
			case "thread_sort_index":
				_ = e.Args["sort_index"].(float64)
			default:
				t.Errorf("metadata %q", e.Name)
			}
			continue
		}
		if e.Time == nil || *e.Time < last {
			t.Fatalf("no ts, or one before %v: %+v", last, e)
		}
		last = *e.Time
		if names[*e.Tid] == "" {
			t.Errorf("thread %d has no name", *e.Tid)
		}
		end := 1e300
		switch e.Phase {
		case "X":
			if e.Dur == nil || *e.Dur <= 0 {
				t.Errorf("no dur: %+v", e)
				continue
			}
			end = *e.Time + *e.Dur
		case "i":
			if e.Scope != "t" || e.Dur != nil {
				t.Errorf("an instant needs a scope and no dur: %+v", e)
			}
			end = *e.Time
		case "B":
			if e.Dur != nil {
				t.Errorf("a begin has a dur: %+v", e)
			}
		default:
			t.Errorf("phase %q", e.Phase)
		}
		const rounding = 1e-6 // of the sum of ts and dur
		stack := open[*e.Tid]
		for len(stack) > 0 && stack[len(stack)-1] <= *e.Time+rounding {
			stack = stack[:len(stack)-1]
		}
		if len(stack) > 0 && end > stack[len(stack)-1]+rounding {
			t.Errorf("neither nested nor apart: %+v", e)
		}
		open[*e.Tid] = append(stack, end)
		events = append(events, e)
	}
	return events, names
}

func trace(t *testing.T, events []timeline.Event) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := timeline.WriteTrace(&b, events); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestTrace(t *testing.T) {
	in := []timeline.Event{ // not in order
		{Who: "main", What: "hello", Begin: 1500, End: 1500},
		{Who: "sleeper", What: "sleeps", Begin: 1001, End: 2*ms + 1},
		{Who: "sleeper", What: "runs", Begin: 1, End: 3 * ms, Open: true},
		{Who: "w 0", What: "w", Detail: "items 0 to 3", Begin: 5 * ms, End: 6 * ms, Err: errors.New(`no "stock"` + "\n")},
	}
	before := slices.Clone(in)
	out := trace(t, in)
	if !slices.Equal(in, before) {
		t.Error("the events were sorted in place")
	}
	events, names := parse(t, out)
	if fmt.Sprint(names) != "map[1:sleeper 2:main 3:w 0]" {
		t.Errorf("%v", names)
	}
	var got strings.Builder
	for _, e := range events {
		dur := 0.0
		if e.Dur != nil {
			dur = *e.Dur
		}
		fmt.Fprintln(&got, e.Phase, *e.Tid, e.Name, *e.Time, dur, e.Args)
	}
	check(t, got.String(), `
		B 1 runs 0.001 0 map[]
		X 1 sleeps 1.001 1999 map[]
		i 2 hello 1.5 0 map[]
		X 3 w 5000 1000 map[detail:items 0 to 3 error:no "stock"`+"\n]\n")
}

func TestTraceOfNothing(t *testing.T) {
	if events, names := parse(t, trace(t, nil)); len(events)+len(names) != 0 {
		t.Errorf("%v %v", events, names)
	}
}

// What began before the timeline moves all the others.
func TestTraceBeginsAtZero(t *testing.T) {
	events, _ := parse(t, trace(t, []timeline.Event{
		{Who: "a", What: "x", Begin: -2 * ms, End: ms}, {Who: "a", What: "y", Begin: 0, End: ms},
	}))
	if *events[0].Time != 0 || *events[0].Dur != 3000 || *events[1].Time != 2000 {
		t.Errorf("%+v", events)
	}
}

// Overlapping events of one name, which the format does not allow on a thread,
// are all there: parse checks that they are nested or apart.
func TestTraceOfOverlaps(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	var in []timeline.Event
	for i := range 500 {
		begin := time.Duration(random.IntN(1000)) * time.Microsecond
		in = append(in, timeline.Event{Who: fmt.Sprint("t", i%3), What: fmt.Sprint(i),
			Begin: begin, End: begin + time.Duration(random.IntN(30))*time.Microsecond, Open: i%100 == 0})
	}
	events, names := parse(t, trace(t, in))
	seen := map[string]bool{}
	for _, e := range events {
		seen[names[*e.Tid]+" "+e.Name] = true
	}
	for i := range in {
		if want := fmt.Sprintf("t%d %d", i%3, i); !seen[want] {
			t.Errorf("%s is lost", want)
		}
	}
	if len(events) != len(in) || len(names) < 6 {
		t.Errorf("%d events on %d threads", len(events), len(names))
	}
}

func TestBadInputOfTrace(t *testing.T) {
	for _, c := range []struct {
		event timeline.Event
		want  string
	}{
		{timeline.Event{What: "waits", End: 1}, "event 1 (0s to 1ns    waits) has an empty Who; name the row"},
		{timeline.Event{Who: "a", Begin: 2, End: 1}, `event 1 of "a" ends at 1ns, before it begins at 2ns; give`},
	} {
		var b bytes.Buffer
		err := timeline.WriteTrace(&b, []timeline.Event{{Who: "a"}, c.event})
		if err == nil || !strings.Contains(err.Error(), c.want) || b.Len() > 0 {
			t.Errorf("%v and %q, want an error with %q", err, &b, c.want)
		}
	}
	full := errors.New("the disk is full")
	if err := timeline.WriteTrace(broken{full}, []timeline.Event{{Who: "a"}}); !errors.Is(err, full) {
		t.Errorf("%v", err)
	}
}

type broken struct{ err error }

func (b broken) Write([]byte) (int, error) { return 0, b.err }
