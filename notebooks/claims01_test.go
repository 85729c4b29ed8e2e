package notebooks

import (
	"strings"
	"testing"
)

// claims01: what the cells of the first lesson print, and of times only the direction, where
// sleeps or a margin of more than 5 decide it.
func claims01(t *testing.T, n notebook) {
	contains := func(id string, wants ...string) { t.Helper(); n.contains(t, id, wants...) }
	numbers := func(id, pattern string) []float64 { t.Helper(); return n.numbers(t, id, pattern) }
	// ends says that a cell's last line is this one.
	ends := func(id, line string) {
		t.Helper()
		if out := n.cell(t, id).output(); !strings.HasSuffix(out, line+"\n") {
			t.Errorf("%s: %q does not end with %q", id, out, line)
		}
	}

	contains("begin", "scale small", "GoNB v", "GOMAXPROCS")
	contains("end-of-main-python", "main:   the end", "thread: I am late")
	if out := n.cell(t, "end-of-main-go").output(); out != "main:      the end\n" {
		t.Errorf("end-of-main-go: %q, want main's line alone", out)
	}
	contains("end-of-main-wait", "main:      the end, almost")
	ends("end-of-main-wait", "goroutine: I am late")

	python := numbers("function-python", `counted in ([\d.]+) ms`)[0]
	contains("function-go", "counted to 10000000 in", "error: <nil>")
	if golang := numbers("function-go", `in ([\d.]+) ms`)[0]; golang > python {
		t.Errorf("function-go: Go counted in %v ms, Python in %v", golang, python)
	}
	contains("method-python", "run by counter\nrun by MainThread\n")
	contains("method-go", "Run by \"counter\"\ncounted to 1000000 error: <nil>\nRun by \"\"\n")

	contains("join-python", "join(0.1): None", "This is coming from another thread")
	ends("join-python", "join():    None")
	contains("join-go", "Waiting for the new goroutine to finish...", "This is coming from another goroutine")
	ends("join-go", "It has finished.")
	contains("join-timeout", `"", error: thread: still alive: "task": context deadline exceeded`)
	ends("join-timeout", `"a result", error: <nil>`)

	if kib := numbers("cost-python-bytes", `([\d.]+) KiB resident`)[0]; kib > 1024 {
		t.Errorf("cost-python-bytes: a thread has %v KiB in memory, want far less than the 8 MiB of its stack", kib)
	}
	if kib := numbers("cost-bytes-chart", `a goroutine: ([\d.]+) KiB`)[0]; kib < 2 || kib > 6 {
		t.Errorf("cost-bytes-chart: a goroutine has %v KiB in memory, want a few", kib)
	}
	contains("cost-bytes-chart", "Python threads: 4 points", "goroutines: 3 points", "tasks for 4 workers: 3 points")
	// A thread is slower by a factor of hundreds, pool.Map is faster by more than 5.
	contains("cost-time-chart", "Go: a worker kept median")
	numbers("cost-time-chart", `Go: pool.Map median [^;]* ([\d.,]+)× faster`)
	numbers("cost-time-chart", `Python: a thread each median [^;]* ([\d.,]+)× slower`)
	numbers("cost-time-chart", `Python: a worker kept median [^;]* ([\d.,]+)× slower`)

	if filled := strings.Count(n.cell(t, "daemon-python").output(), "filled order"); filled > 4 {
		t.Errorf("daemon-python: the daemon filled all %d orders", filled)
	}
	ends("daemon-python", "main: the end")
	contains("daemon-drain", "filled order 0\nfilled order 1\nfilled order 2\nfilled order 3\nfilled order 4\nmain: the end\n")
	if v := numbers("daemon-stop", `filled: (\d) left: (\d)`); v[0]+v[1] != 5 || v[1] == 0 {
		t.Errorf("daemon-stop: %v orders filled and left, want 5 together, and some left", v)
	}

	contains("results-python", "125 from queue", "by zero", "nothing from queue")
	contains("results-go", "{125 <nil>}\n{0 0 walks}\n")
	contains("results-future", "125 error: <nil>\n0 error: panic: runtime error: integer divide by zero\n")

	contains("map-python", "RuntimeError: dictionary changed size during iteration", "main goes on")
	n.lacks(t, "map-go", "recovered")
	if !strings.Contains(n.cell(t, "begin").output(), "GOMAXPROCS 1,") {
		contains("map-go", "fatal error: concurrent map iteration and map write", "exit status 2")
	}

	contains("lock-half", "items: 1")
	contains("lock-half-race", "WARNING: DATA RACE", "main.(*halfLocked).check()", "main.(*halfLocked).add()")
	if added := numbers("lock-python", `no failure, (\d+) items added`)[0]; added == 0 {
		t.Error("lock-python: nothing was added to the cache")
	}
	contains("lock-both", "no failure")
	contains("lock-both-race", "no failure", "no race was found")
	n.lacks(t, "lock-both-race", "DATA RACE")
	one, shared := numbers("rwmutex", `one at a time: +([\d.]+) s`)[0], numbers("rwmutex", `readers share: +([\d.]+) s`)[0]
	if one < 0.4 || shared < 0.2 || shared >= one {
		t.Errorf("rwmutex: %v s one at a time and %v s shared, want 0.4 and 0.2", one, shared)
	}
	contains("when-race", "DATA RACE", "main.writeMap")
	n.lacks(t, "when-race", "main.writeSlice")

	blocking, awaiting := numbers("asyncio-python", `blocking: ([\d.]+) s`)[0], numbers("asyncio-python", `awaiting: ([\d.]+) s`)[0]
	if blocking < 0.6 || awaiting < 0.3 || awaiting >= blocking {
		t.Errorf("asyncio-python: %v s blocking and %v s awaiting, want 0.6 and 0.3", blocking, awaiting)
	}
	contains("downloads-go", `["a page of /news" "a page of /weather"] in 0.`)
}
