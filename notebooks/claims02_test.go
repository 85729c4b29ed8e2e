package notebooks

import (
	"strings"
	"testing"
)

// claims02: what the cells of the second lesson print, and of times only the direction, where
// sleeps or a margin of more than 5 decide it.
func claims02(t *testing.T, n notebook) {
	contains := func(id string, wants ...string) { t.Helper(); n.contains(t, id, wants...) }
	numbers := func(id, pattern string) []float64 { t.Helper(); return n.numbers(t, id, pattern) }
	is := func(id, want string) {
		t.Helper()
		if out := n.cell(t, id).output(); out != want {
			t.Errorf("%s: %q, want %q", id, out, want)
		}
	}

	// provoked says whether a cell shows the failure that it is after. That takes two cores; on
	// one the cell may say instead that it found none.
	oneCore := strings.Contains(n.cell(t, "begin").output(), "GOMAXPROCS 1,")
	provoked := func(id string, found bool, otherwise string) {
		t.Helper()
		if found {
			n.lacks(t, id, "is there one core?")
		} else if contains(id, otherwise); !oneCore {
			t.Errorf("%s: nothing was found on two cores or more: %q", id, n.cell(t, id).output())
		}
	}

	contains("begin", "scale small", "GoNB v", "GOMAXPROCS")
	contains("named-python", "I am thread1. Going to sleep for 0.2 seconds", "hello")
	contains("named-python", "thread1 has woken up from sleep\nhello, after join\n")
	contains("named-go", "I am thread1. Going to sleep for 200ms\nthread1 has woken up from sleep\n", `(ended)`)
	contains("hello-go", "hello\n", "thread1: runs from", "not ended at", "main: hello at")
	n.lacks(t, "hello-go", "woken up")
	contains("join-go", "has woken up from sleep\nhello\n", "main: waits from", "main: hello at")
	n.lacks(t, "join-go", "not ended")

	contains("five-python", `what print writes: ['I am thread_0', '\n']`)
	if s := numbers("five-python", `Elapsed time: ([\d.]+) seconds`)[0]; s < 0.2 || s >= 5*0.2 {
		t.Errorf("five-python: five threads of 0.2 s took %v s", s)
	}
	for _, sleepers := range []string{"     5", "100000"} {
		if s := numbers("five-go", sleepers+` sleepers of 200ms: ([\d.]+) seconds`)[0]; s < 0.2 {
			t.Errorf("five-go: %s sleepers of 0.2 s took %v s", sleepers, s)
		}
	}
	contains("torn-go", "torn, one print:  0\n")
	torn := numbers("torn-go", `torn, two prints: (\d+)`)[0]
	provoked("torn-go", torn > 0, "no line was torn in 3 s; is there one core?\n")

	numbers("gil-python", `: ([\d.]+) times as fast`)
	contains("gil-chart", "Speed-up by workers", "with 2")
	if s := numbers("pages-go", `one by one ([\d.]+) s, at once ([\d.]+) s`); s[0] < 0.2 || s[1] < 0.01 || s[1] >= s[0] {
		t.Errorf("pages-go: %v s, want 20 and 1 times 0.01 s at least", s)
	}

	// Whether Python loses updates depends on the machine; the cell says what it found.
	if v := numbers("lost-python", `CallingCounter (\d+) of 20 exact, worst (\d+)`); v[0] == 20 && v[1] != 500_000 {
		t.Errorf("lost-python: all runs exact, and the lowest is %v", v[1])
	}
	contains("lost-python", "Counter 20 of 20 exact, worst 500000\n")
	if runs := numbers("lost-go", `Histogram of ([\d,]+) runs`)[0]; runs < 200 {
		t.Errorf("lost-go: %v runs, want 200 or more", runs)
	}
	worst := numbers("lost-go", `worst run at ([\d,]+)`)[0]
	provoked("lost-go", worst < 500_000, " runs; is there one core?\n")
	contains("interleaving-run", "write 1", "2 at the end: 000111\n2 at the end: 111000\n2 of 20 orders count both")
	contains("lock-python", "count should be 500000, got 500000")
	if v := numbers("lock-times", `of 5000000: (\d+) (\d+) (\d+)`); v[0] > 5_000_000 || v[1] != 5_000_000 || v[2] != 5_000_000 {
		t.Errorf("lock-times: without a lock, with one, atomic: %v", v)
	}

	is("channels-go", "from hand to hand\nbox: 2 of 2\nitem: 5\nitem: 7\na third: 0 false\nnothing can come from nil\n")
	is("stages-go", " 21.5 °C is 70.7 °F\n 19.0 °C is 66.2 °F\n -3.5 °C is 25.7 °F\n 30.0 °C is 86.0 °F\n")
	contains("queues-python", "Queue [5, 1, 3] True\nLifoQueue [3, 1, 5] True\nPriorityQueue [1, 3, 5] True\n", "Consumer done\nProducer done\n")
	is("queues-go", "FIFO: next of 3 is 5; out come 5 1 3; empty: true\n"+
		"LIFO: next of 3 is 3; out come 3 1 5; empty: true\n"+
		"priority: next of 3 is 1; out come 1 3 5; empty: true\n")
	contains("consumer-go", "Consumer waiting\n", "Consumer done\nProducer done, consumer got 1\n")
	contains("freeze-go", "fatal error: all goroutines are asleep - deadlock!", "goroutine 1 [select]", `[chan receive labels:{"thread": "consumer"}]`, "exit status 2")
	is("freeze-ended", "select:   nothing in 50 ms\ncontext:  0 context deadline exceeded\nclose:    0 false\nShutdown: 0 queue: shut down\n")
	is("daemon-go", "joined: saved\nmain: deferred call\n")
	contains("run-source", "func (t *Thread[T]) run(", "recover()", "f(ctx)")
	contains("run-changed", "thread1 has woken up from sleep\nit took ")

	// By the clock of the cell: a save of 60 ms and a check of 20 ms, less the 10 ms to the next key.
	if ms := numbers("editor-chart", `one loop (\d+) ms, goroutines (\d+) ms`); ms[0] < 70 || ms[1] >= ms[0] {
		t.Errorf("editor-chart: the latest key came after %v ms", ms)
	}
	if ids := numbers("processes-go", `main (\d+) calls in \[(\d+) (\d+)\] spelled 2\nmain \d+ calls in \[(\d+) (\d+)\] spelled 2\n`); ids[0] != ids[1] || ids[0] != ids[2] || ids[0] == ids[3] || ids[0] == ids[4] {
		t.Errorf("processes-go: %q", n.cell(t, "processes-go").output())
	}
	contains("crossing-python", "child:  ['of the parent', 'of the child']", "parent: ['of the parent']\n", "a lambda: ", "1 bytes:")
	contains("crossing-chart", "goroutines and a channel: <nil>\n", "a value of type chan int has no meaning there")
	contains("crossing-chart", "goroutines: 8 points", "processes: 8 points")
	here := numbers("crossing-chart", `goroutines: 10,000,000 bytes take (\d+) times as long`)[0]
	if there := numbers("crossing-chart", `processes: 10,000,000 bytes take (\d+) times as long`)[0]; there <= here {
		t.Errorf("crossing-chart: 10 MB take %v times as long as 1 byte in a process, %v here", there, here)
	}
}
