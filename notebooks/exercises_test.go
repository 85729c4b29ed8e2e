package notebooks

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/threads2go/course/pkg/pool"
)

// An exercise is its five cells in a notebook.
type exercise struct {
	task, stub, check, hints, solution cell
}

// exercises returns those of a notebook, as far as they are whole: the lint says what is not.
func (n notebook) exercises() (all []exercise) {
	for i, c := range n.Cells {
		if c.has("exercise") && i+5 <= len(n.Cells) {
			all = append(all, exercise{c, n.Cells[i+1], n.Cells[i+2], n.Cells[i+3], n.Cells[i+4]})
		}
	}
	return all
}

// exerciseCells are the ids of the cells that are the exercises, for copyCells.
func (n notebook) exerciseCells() map[string]string {
	ids := map[string]string{"exercises-summary": ""}
	for _, e := range n.exercises() {
		for _, c := range []cell{e.task, e.stub, e.check, e.hints, e.solution} {
			ids[c.ID] = ""
		}
	}
	return ids
}

func (c cell) has(tag string) bool { return slices.Contains(c.Metadata.Tags, tag) }

var (
	checkCall = regexp.MustCompile(`(?m)^lesson\.Check\(exercises\.(\w+), (\w+)\)$`)
	goBlock   = regexp.MustCompile("(?s)```go\n(.*?)\n```")
)

// function is the name of the function that is asked for.
func (e exercise) function() string {
	if m := checkCall.FindStringSubmatch(string(e.check.Source)); m != nil {
		return m[2]
	}
	return ""
}

// answer is the Go code of the solution.
func (e exercise) answer() string {
	if m := goBlock.FindStringSubmatch(string(e.solution.Source)); m != nil {
		return m[1]
	}
	return ""
}

// stubs are what the checks say to the stubs: the gate that fails, and words.
var stubs = map[string][2]string{
	"fillAll":      {"right answer", "fillAll([7]): it returned when 0 of 1 orders were filled"},
	"readStations": {"right answer", "eight stations: the temperatures: got map[], want map[Cairo:30 Hanoi:24 "},
	"startClerk":   {"right answer", "an order that takes long, then stop: put waits until the order is filled"},

	"newTally": {"no race", "two goroutines use the same memory, and nothing makes one wait for the other\n    a "},
	"convert":  {"right answer", "4 temperatures, then the channel is closed: it returned a nil channel"},
	"fastest":  {"right answer", "where only Zurich answers in time: never more than 0 mirrors asked at once, want all"},

	"sell":         {"right answer", `an order that panics with "no stock": panic: no stock`},
	"newWarehouse": {"right answer", "Take(3), and then Deliver(1) three times: Take returned before there were 3 units"},
	"walkBlocks":   {"right answer", "8 workers, 60 blocks: the price of block 1: got "},

	"resampleAll":  {"right answer", "100 resamples, 8 workers: resample(0) was called 0 times, want once"},
	"countWarm":    {"as many at once as workers", "40 temperatures, 4 workers: never more than 1 under way, want 4"},
	"startWorkers": {"right answer", "30 numbers, 8 workers, Join, then end: it returned nil for end"},

	"loadAndLook": {"both at once", "6 pictures, room for 2: while the first picture is looked at, the second one is not loaded"},
	"openDesk":    {"right answer", "take(2) does not return at once"},
	"publish":     {"right answer", `5 readers: what was read: got ["no such file" `},

	"sellUntil": {"waits", "nobody comes, then stop is closed: it still waits"},
	"callAgain": {"right answer", "a supplier who answers call 4: the error: got the supplier is shut, want <nil>"},
	"newLedger": {"parts do not wait for each other", "never more than 1 under way, want 4"},
}

// An answer is one that the test has checked: a stub, a solution, or one of testdata.
type answer struct {
	name   string // as in "sell/no_lock"
	source string // without its package
	check  string // the call
	fails  string // the gate that it fails; nothing for a right one
	says   []string
}

var wrongHeader = regexp.MustCompile(`(?m)^// (fails|says): (.*)$`)

// answers returns all answers to the exercises of the notebooks under test.
func answers(t *testing.T) (all []answer) {
	t.Helper()
	for _, path := range lessons(t) {
		for _, e := range read(t, path).exercises() {
			f, check := e.function(), checkCall.FindString(string(e.check.Source))
			all = append(all,
				answer{name: f + "/stub", source: string(e.stub.Source), check: check, fails: stubs[f][0], says: []string{stubs[f][1]}},
				answer{name: f + "/solution", source: e.answer(), check: check})
			if stubs[f][1] == "" {
				t.Errorf("%s: add to stubs what the check says to the stub", f)
			}
			all = append(all, kept(t, "right", f, check, 1)...)
			all = append(all, kept(t, "wrong", f, check, 2)...)
		}
	}
	return all
}

// kept are answers to an exercise in testdata: right ones that go about it in another way than
// the solution, and wrong ones, which say above their package which gate they fail, and what
// the verdict says.
func kept(t *testing.T, kind, function, check string, atLeast int) (all []answer) {
	t.Helper()
	files, err := filepath.Glob("testdata/" + kind + "/" + function + "/*.go")
	if err != nil || len(files) < atLeast {
		t.Errorf("%s has %d %s answers in testdata/%s, want %d at least", function, len(files), kind, kind, atLeast)
	}
	for _, file := range files {
		b, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		head, source, ok := strings.Cut("\n"+string(b), "\npackage answer\n")
		a := answer{name: function + "/" + strings.TrimSuffix(filepath.Base(file), ".go"), source: source, check: check}
		for _, m := range wrongHeader.FindAllStringSubmatch(head, -1) {
			if m[1] == "fails" {
				a.fails = m[2]
			} else {
				a.says = append(a.says, m[2])
			}
		}
		if !ok || (a.fails != "") != (kind == "wrong") {
			t.Errorf("%s: want package answer, and above it a line \"// fails: GATE\" if it is wrong", file)
		}
		all = append(all, a)
	}
	return all
}

// program lays all answers out as GoNB does a cell, in a module of their own that uses the
// course's, each as a package, and builds them into one program, which does what its
// environment's ANSWER says.
func program(t *testing.T, name string, all []answer) string {
	t.Helper()
	root, err := filepath.Abs("..")
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(root, "build", "test", name)
	write := func(name, text string) {
		file := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o777); err != nil {
			t.Fatal(err)
		}
		if old, err := os.ReadFile(file); err == nil && string(old) == text {
			return
		}
		if err := os.WriteFile(file, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	var imports, cases strings.Builder
	for _, a := range all {
		pkg := strings.ReplaceAll(strings.ToLower(a.name), "/", "_")
		write(pkg+"/answer.go", "package "+pkg+"\n\n"+a.source+"\n")
		write(pkg+"/check.go", fmt.Sprintf(`package %s

import (
	"github.com/threads2go/course/notebooks/exercises"
	"github.com/threads2go/course/pkg/lesson"
)

func Check() { %s }
`, pkg, a.check))
		fmt.Fprintf(&imports, "\t%q\n", "answers/"+pkg)
		fmt.Fprintf(&cases, "\tcase %q:\n\t\t%s.Check()\n", a.name, pkg)
	}
	write("main.go", "package main\n\nimport (\n\t\"os\"\n\n"+imports.String()+")\n\nfunc main() {\n\tswitch os.Getenv(\"ANSWER\") {\n"+cases.String()+"\t}\n}\n")
	version := "go " + strings.TrimPrefix(runtime.Version(), "go") + "\n\n"
	write("go.mod", "module answers\n\n"+version)
	write("go.work", version+"use .\n\nuse "+strconv.Quote(root)+"\n")
	for _, args := range [][]string{
		{"build", "-o", "answers", "."},
		{"build", "-race", "-o", "lesson_race", "."}, // as a check does, which then finds it
	} {
		cmd := exec.Command("go", args...)
		cmd.Dir = dir
		if out, err := cmd.CombinedOutput(); err != nil && args[1] != "-race" {
			t.Fatalf("go %v: %v\n%s", args, err, out)
		}
	}
	return filepath.Join(dir, "answers")
}

// Every stub and every wrong answer fails the gate that it should fail, in words, and every
// right one passes. SOAK=1 does it 20 times, and
// a solution's check takes 3 s at most. ANSWER=sell takes those with sell in their names.
func TestAnswers(t *testing.T) {
	all := answers(t)
	if len(all) == 0 {
		t.Skip("no exercise in the notebooks under test")
	}
	binary := program(t, "answers"+os.Getenv("ONLY"), all)
	all = slices.DeleteFunc(all, func(a answer) bool { return !strings.Contains(a.name, os.Getenv("ANSWER")) })
	if os.Getenv("SOAK") != "" {
		all = slices.Repeat(all, 20)
	}
	checked := func(_ context.Context, a answer) (checkedAnswer, error) { return a.run(binary), nil }
	took := map[string][]time.Duration{}                          // by name
	p := pool.New(2*runtime.GOMAXPROCS(0), pool.WithChunkSize(1)) // wrong answers mostly wait
	for c, err := range pool.Stream(t.Context(), p, slices.Values(all), checked) {
		if err != nil {
			t.Fatal(err)
		}
		t.Run(c.name, func(t *testing.T) {
			t.Logf("%.1f s\n%s", c.took.Seconds(), c.verdict)
			if c.err != nil {
				t.Errorf("the check ended with %v", c.err)
			}
			c.judge(t, c.verdict)
		})
		took[c.name] = append(took[c.name], c.took)
	}
	for name, all := range took {
		slices.Sort(all)
		if half := all[len(all)/2]; os.Getenv("SOAK") != "" && strings.HasSuffix(name, "/solution") && half > 3*time.Second {
			t.Errorf("%s: half of its checks took more than %.1f s, want at most 3", name, half.Seconds())
		}
	}
}

// A checkedAnswer is an answer with what its check said.
type checkedAnswer struct {
	answer
	verdict string
	took    time.Duration
	err     error
}

func (a answer) run(binary string) checkedAnswer {
	cmd := exec.Command(binary)
	cmd.Env = append(os.Environ(), "ANSWER="+a.name)
	start := time.Now()
	verdict, err := cmd.CombinedOutput()
	return checkedAnswer{a, string(verdict), time.Since(start), err}
}

// judge tests a verdict.
func (a answer) judge(t *testing.T, verdict string) {
	t.Helper()
	f, _, _ := strings.Cut(a.name, "/")
	has := func(pattern string) bool { return regexp.MustCompile(`(?m)^` + pattern).MatchString(verdict) }
	if !strings.Contains(verdict, "func "+f+"(") {
		t.Errorf("the verdict does not show the function that it tested:\n%s", verdict)
	}
	for _, function := range regexp.MustCompile(`(?m)^func .*$`).FindAllString(verdict, -1) {
		if !strings.Contains("\n"+a.source+"\n", "\n"+function+"\n") {
			t.Errorf("the verdict shows %q, which is not the answer's:\n%s", function, verdict)
		}
	}
	switch {
	case a.fails == "" && !has(f+` passes: right answer, .*no leak, no race$`):
		t.Errorf("a right answer does not pass:\n%s", verdict)
	case a.fails != "" && (!has(`✗ `+a.fails+`: `) || has(f+` passes`)):
		t.Errorf("want it to fail the gate %q:\n%s", a.fails, verdict)
	}
	for _, says := range a.says {
		if !strings.Contains(oneLine(verdict), oneLine(says)) {
			t.Errorf("the verdict does not say %q:\n%s", says, verdict)
		}
	}
}

// On the kernel, among all that their notebook declares, the stubs fail in their own words,
// twice, and the notebook runs on; the summary has them all.
func TestStubs(t *testing.T) {
	for _, path := range lessons(t) {
		if len(read(t, path).exercises()) == 0 {
			continue
		}
		n := run(t, path)
		for _, e := range n.exercises() {
			f := e.function()
			a := answer{name: f + "/stub", source: string(e.stub.Source), fails: stubs[f][0], says: []string{stubs[f][1]}}
			a.judge(t, e.check.output())
			n.contains(t, "exercises-summary", f+" ")
		}
		n.contains(t, "exercises-summary", ": 0 of 3 exercises pass\n")
	}
}

// On the kernel, among all that their notebook declares, the solutions pass in their stubs'
// place. The lesson's cells are there without what they run: TestStubs runs them.
func TestSolutions(t *testing.T) {
	for _, path := range lessons(t) {
		n := read(t, path)
		if len(n.exercises()) == 0 {
			continue
		}
		t.Run(n.name, func(t *testing.T) {
			t.Parallel()
			cells := n.exerciseCells()
			for _, c := range n.Cells {
				if _, ofExercise := cells[c.ID]; c.Type == "code" && !ofExercise {
					if declares, _, _ := goCell(string(c.Source)); declares != "" {
						cells[c.ID] = declares
					}
				}
			}
			solutions := map[string]string{} // by the id of their check
			for _, e := range n.exercises() {
				cells[e.stub.ID], solutions[e.check.ID] = e.answer(), e.answer()
			}
			data, err := filepath.Abs("data")
			if err != nil {
				t.Fatal(err)
			}
			solved := filepath.Join(t.TempDir(), path)
			if err := os.Symlink(data, filepath.Join(filepath.Dir(solved), "data")); err != nil {
				t.Fatal(err)
			}
			copyCells(t, path, solved, cells)
			out := filepath.Join(built, "solved", path)
			if log, err := python(t, nil, "run.py", "--timeout=60", solved, out); err != nil {
				t.Fatalf("%v\n%s", err, log)
			}
			n := read(t, out)
			for _, e := range n.exercises() {
				answer{name: e.function() + "/solution", source: solutions[e.check.ID]}.judge(t, e.check.output())
				t.Logf("%s: %.1f s", e.function(), n.Metadata.Course.Seconds[e.check.ID])
			}
			n.contains(t, "exercises-summary", ": 3 of 3 exercises pass\n")
		})
	}
}

// oneLine takes away where lines end: a check breaks long ones.
func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }

// Without a C compiler nothing passes in silence.
func TestNoCompiler(t *testing.T) {
	for _, a := range answers(t) {
		if !strings.HasSuffix(a.name, "/solution") {
			continue
		}
		cmd := exec.Command(program(t, "no_compiler", []answer{a}))
		cmd.Env = append(os.Environ(), "ANSWER="+a.name, "CGO_ENABLED=0")
		out, err := cmd.CombinedOutput()
		if f, _, _ := strings.Cut(a.name, "/"); err != nil ||
			!strings.Contains(string(out), f+" passes in part; not tested: no race\n") ||
			!strings.Contains(oneLine(string(out)), "? no race: not tested, the race detector needs a C compiler; install gcc or clang, then restart the kernel") {
			t.Errorf("%v\n%s", err, out)
		}
		return // one is enough
	}
}
