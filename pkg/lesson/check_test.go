package lesson

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// sum is the exercise of these tests: the sum of prices, given a function that may help.
var sum = Exercise{
	Name: "sum", Minutes: 1, Trains: "adding",
	Gates: []Gate{
		NewGate("right answer", func(t *T, sum func([]int) int) {
			t.Try("sum([1 2 3])")
			t.Equal("the sum", sum([]int{1, 2, 3}), 6)
		}),
		NewGate("no prices", func(t *T, sum func([]int) int) {
			t.Try("sum([])")
			t.Equal("the sum", sum(nil), 0)
		}),
	},
}

// inVain has a gate that waits for what does not come.
var inVain = Exercise{Name: "sum", Gates: []Gate{
	NewGate("right answer", func(t *T, sum func([]int) int) {
		never := make(chan int)
		defer close(never)
		t.Soon(func() { <-never }, "it does not return")
	}),
}}

// add is a right answer.
func add(prices []int) (total int) {
	for _, p := range prices {
		total += p
	}
	return total
}

// after does something and then adds.
func after(something func()) func([]int) int {
	return func(prices []int) int {
		something()
		return add(prices)
	}
}

// hostile are answers to sum that are no such function, or do what a cell should survive.
var hostile = map[string]any{
	"right":         add,
	"waits in vain": add,
	"nothing":       nil,
	"nil":           (func([]int) int)(nil),
	"called":        6,
	"floats":        func([]float64) float64 { return 0 },
	"off by one":    func(prices []int) int { return add(prices) + 1 },
	"panics":        after(func() { panic("no prices") }),
	"Exit(0)":       after(func() { os.Exit(0) }),
	"Exit(3)":       after(func() { os.Exit(3) }),
	"Goexit":        after(runtime.Goexit),
	"killed":        after(func() { syscall.Kill(os.Getpid(), syscall.SIGKILL) }),
	"deadlock":      after(func() { <-make(chan int) }),
	"sleeps":        after(func() { time.Sleep(time.Hour) }),
	"endless":       after(func() { endless() }),
	"100 MB":        after(func() { shout(os.Stdout) }),
	"100 MB stderr": after(func() { shout(os.Stderr) }),
	"memory": after(func() {
		for all := [][]byte{}; ; {
			all = append(all, bytes.Repeat([]byte("x"), 10<<20))
		}
	}),
	"prints": after(func() { fmt.Println("adding up") }),
	"one wrong": func(prices []int) int {
		fmt.Println("adding up")
		return 0
	},
	"leaves one":     after(func() { go func() { select {} }() }),
	"leaves for now": after(func() { go time.Sleep(100 * time.Millisecond) }),
	"leaves child": after(func() {
		cmd := exec.Command("sleep", "3600")
		cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
		if err := cmd.Start(); err != nil {
			panic(err)
		}
		os.WriteFile(os.Getenv("PID_FILE"), []byte(strconv.Itoa(cmd.Process.Pid)), 0o600)
		time.Sleep(time.Hour)
	}),
	"looks for the kernel's pipe": after(func() {
		if environ, _ := os.ReadFile("/proc/self/environ"); strings.Contains(string(environ), "GONB_PIPE") {
			panic("it has the pipe")
		}
	}),
	"leaves itself": after(func() {
		os.WriteFile(os.Getenv("PID_FILE"), []byte(strconv.Itoa(os.Getpid())), 0o600)
		time.Sleep(time.Hour)
	}),
	"recovers": func(prices []int) int {
		defer func() { recover() }()
		return add(prices) + 1
	},
}

func endless() {
	for i := 0; ; i++ {
		if i < 0 {
			i = 0
		}
	}
}

func shout(f *os.File) {
	line := []byte(strings.Repeat("x", 9999) + "\n")
	for range 10_000 {
		f.Write(line)
	}
}

// checkAnswer is a cell's program.
func checkAnswer(name string) {
	maxTime, maxMemory = 2*time.Second, 200<<20
	exercise := sum
	if name == "waits in vain" {
		exercise = inVain
	}
	Check(exercise, hostile[name])
	fmt.Println("the cell goes on")
}

// What is said of each. All end with exit status 0, and the cell goes on. A test's program has
// no source beside it, so the race gate is not tested here, and says so.
func TestCheckSurvives(t *testing.T) {
	const noSource = "? no race: not tested, go build -race: "
	for name, want := range map[string][]string{
		"right":          {"sum passes in part; not tested: no race\n✓ right answer\n✓ no prices\n✓ no leak\n" + noSource},
		"nothing":        {"sum fails: right type\n✗ right type: there is no function: give Check sum\n"},
		"nil":            {"✗ right type: there is no function"},
		"called":         {"✗ right type: its type is int, not a function's: give Check sum without a call\n"},
		"floats":         {"it is      func([]float64) float64\n    asked for  func([]int) int\n"},
		"off by one":     {"sum fails: right answer\n✗ right answer: sum([1 2 3]): the sum: got 7, want 6\n" + noSource, "\n– not tested yet: no prices, no leak\n"},
		"panics":         {"✗ right answer: sum([1 2 3]): panic: no prices\n    at: \"panics\": "},
		"Exit(0)":        {"✗ right answer: sum([1 2 3]): it ended the program, as os.Exit(0) does\n– not tested yet: no prices, no leak, no race\n"},
		"Exit(3)":        {"sum([1 2 3]): it ended the program: exit status 3\n"},
		"Goexit":         {"sum([1 2 3]): it ended its goroutine (runtime.Goexit) and never returned\n"},
		"killed":         {"sum([1 2 3]): it ended the program: signal: killed\n"},
		"deadlock":       {"sum([1 2 3]): fatal error: all goroutines are asleep - deadlock!\n    chan receive: \"deadlock\": "},
		"sleeps":         {"sum([1 2 3]): it gave no answer in 2s\n    sleep: \"sleeps\": "},
		"endless":        {"sum([1 2 3]): it gave no answer in 2s"},
		"100 MB":         {"sum([1 2 3]): it printed more than 1 MB and was stopped\n", "it printed:\n    " + strings.Repeat("x", 100) + "…\n"},
		"100 MB stderr":  {"sum([1 2 3]): it printed more than 1 MB and was stopped\n"},
		"memory":         {"sum([1 2 3]): it used more than 200 MB of memory\n    at: all = append("},
		"one wrong":      {"got 0, want 6\n", "\nit printed:\n    adding up\n"},
		"leaves one":     {"sum fails: no leak\n✓ right answer\n✗ no leak: 1 goroutine is left behind by \"right answer\"\n    select (no cases): ", "\n        started by: \"leaves one\": ", "\n– not tested yet: no prices\n"},
		"leaves for now": {"✓ no leak\n"},
		"leaves child":   {"it gave no answer in 2s"},
		"recovers":       {"got 7, want 6\n"},

		"looks for the kernel's pipe": {"✓ right answer\n✓ no prices\n"},
	} {
		if name == "memory" && (runtime.GOOS != "linux" || raceEnabled()) {
			continue // it is not known, or grows too slowly
		}
		if name == "deadlock" && raceEnabled() { // which does not report it
			want = []string{"sum([1 2 3]): it gave no answer in 2s\n    chan receive: \"deadlock\": "}
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			pidFile := filepath.Join(t.TempDir(), "pid")
			start := time.Now()
			got, err := child(t, "check "+name, "PID_FILE="+pidFile, "GONB_PIPE=/nowhere", "GONB_PIPE_BACK=/nowhere")
			if err != nil || !strings.HasSuffix(got, "\nthe cell goes on") {
				t.Errorf("the cell ended with %v: %s", err, got)
			}
			for _, w := range want {
				if !strings.Contains(oneLine(got), oneLine(w)) {
					t.Errorf("after %v: got\n%s\nwant in it\n%s", time.Since(start), got, w)
				}
			}
			if len(got) > 5000 {
				t.Errorf("%d bytes of verdict", len(got))
			}
			if b, err := os.ReadFile(pidFile); err == nil {
				if pid, _ := strconv.Atoi(string(b)); alive(pid) {
					t.Errorf("process %d of the answer lives on", pid)
				}
			}
		})
	}
}

// Where the plain run has waited in vain, the run under the race detector is soon ended, when
// it has come as far.
func TestWaitsInVainOnce(t *testing.T) {
	for _, c := range []struct {
		answer string
		enough int
		limit  time.Duration
		wrong  string
		long   bool
	}{
		{"waits in vain", -1, time.Minute, "it does not return", true},
		{"waits in vain", 0, time.Minute, "it ended the program: signal: killed", false},
		{"sleeps", 1, 2 * time.Second, "sum([1 2 3]): it gave no answer in 2s", false},
	} {
		t.Run(c.answer, func(t *testing.T) {
			t.Parallel()
			r := run{e: sum, notes: filepath.Join(t.TempDir(), "notes"), memory: maxMemory, enough: c.enough}
			r.start(os.Args[0], c.limit, "LESSON_CHILD=check "+c.answer)
			if wrong, _, _ := strings.Cut(r.wrong, "\n"); wrong != c.wrong || r.long != c.long {
				t.Errorf("enough %d: wrong %q, long %t, want %q, %t", c.enough, wrong, r.long, c.wrong, c.long)
			}
		})
	}
}

// A method is shown and kept with the functions that make what has it, and with no others.
func TestMethods(t *testing.T) {
	file := filepath.Join(t.TempDir(), "main.go")
	const text = "package main\n\nfunc (o order) check() {\n}\n\nfunc (order) sell() {\n}\n\nfunc (o *order) take() {\n}\n\nfunc (p page[T]) read() {\n}\n\nfunc open(order int, page string) int {\n}\n"
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		makes   any
		methods string
	}{
		{func() fmt.Stringer { return nil }, "\nfunc (o order) check() {\n}\nfunc (order) sell() {\n}\nfunc (o *order) take() {\n}\nfunc (p page[T]) read() {\n}"},
		{func() error { return nil }, ""},
		{func() int { return 0 }, ""},
		{func() {}, ""},
		{func() (fmt.Stringer, int) { return nil, 0 }, ""},
	} {
		s := source{name: "open", methods: makesOne(reflect.TypeOf(c.makes)), lines: map[string][]string{}}
		if got, want := s.find(file), "func open(order int, page string) int {\n}"+c.methods; got != want {
			t.Errorf("%T: got\n%s\nwant\n%s", c.makes, got, want)
		}
	}
}

// A cell that is interrupted while it checks an answer leaves no process behind.
func TestInterruptedCheck(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("elsewhere than on Linux a child is not told that its parent has ended")
	}
	pidFile := filepath.Join(t.TempDir(), "pid")
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), "LESSON_CHILD=check leaves itself", "PID_FILE="+pidFile)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	pid := 0
	for pid == 0 {
		time.Sleep(time.Millisecond)
		if b, err := os.ReadFile(pidFile); err == nil {
			pid, _ = strconv.Atoi(string(b))
		}
	}
	if err := cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Wait(); err == nil {
		t.Error("the cell was not interrupted")
	}
	for start := time.Now(); alive(pid); time.Sleep(time.Millisecond) {
		if time.Since(start) > 10*time.Second {
			t.Fatalf("process %d of the answer lives on", pid)
		}
	}
}

// alive reports whether there is a process that has not ended.
func alive(pid int) bool {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	return err == nil && !strings.Contains(string(stat), ") Z ")
}

// oneLine takes away where lines end: long ones are broken.
func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }

func TestWrap(t *testing.T) {
	for text, want := range map[string]string{
		"short":                                                 "short",
		strings.Repeat("twelve chars ", 7):                      strings.Repeat("twelve chars ", 5) + "twelve chars\n  twelve chars ",
		"✗ gate: " + strings.Repeat("x", 100):                   "✗ gate:\n  " + strings.Repeat("x", 100),
		"a\n    " + strings.Repeat("quote ", 20):                "a\n    " + strings.Repeat("quote ", 20),
		strings.Repeat("ü", 39) + " " + strings.Repeat("ü", 38): strings.Repeat("ü", 39) + " " + strings.Repeat("ü", 38),
	} {
		if got := wrap(text); got != want {
			t.Errorf("got\n%q\nwant\n%q", got, want)
		}
	}
}
