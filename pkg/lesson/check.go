package lesson

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// The names of the two gates that every exercise has.
const (
	noLeak = "no leak"
	noRace = "no race"
)

const maxOutput = 1 << 20 // bytes that an answer may print

var ( // tests have less
	maxTime   = 10 * time.Second // that an answer may take for all gates
	maxMemory = 1 << 30          // bytes that it may use; under the race detector four times as many
)

// childEnv tells a child what it shall test, and where its notes go: "name file".
const childEnv = "LESSON_CHECK"

// Check tests an answer to an exercise and prints the verdict. It never fails: the cell goes
// on, whatever the answer does.
//
// The answer runs in a child: the cell's program once more, until it comes to this Check.
// The child has 10 s, may print 1 MB, and on Linux may use 1 GB of memory. It goes from gate to gate up to the first that the
// answer does not pass. A child that ends before that (a panic, a deadlock, os.Exit) was
// ended by the answer, and the verdict says how, and where. Goroutines that are left when a
// gate's test has returned are leaks. Then the program is built with -race and runs again.
//
// Above the verdict are the first lines of the function that was tested: after an error of
// the compiler the kernel keeps the version before it.
func Check(e Exercise, answer any) {
	if name, file, ok := strings.Cut(os.Getenv(childEnv), " "); ok {
		if name == e.Name {
			e.serve(answer, file)
			os.Exit(0)
		}
		return // a later Check of this cell is meant
	}
	v, s := verdict{Name: e.Name}, source{}
	if problem := e.accepts(answer); problem != "" {
		v.set("right type", failed, problem)
	} else {
		s = sourceOf(answer)
		fmt.Print(s.excerpt())
		v.judge(e, s)
	}
	fmt.Print(v)
	v.keep(s)
}

// A verdict is what came of a check, gate by gate.
type verdict struct {
	Name    string
	Gates   []result
	Printed string // by the answer
}

type result struct {
	Gate  string
	State state
	Words string
}

type state int

const (
	passed state = iota
	failed
	notNeeded // as a gate before it has failed
	notTested // as it cannot be, for a reason in words
)

// set has the result of a gate, in place of one that it may have already.
func (v *verdict) set(gate string, s state, words string) {
	for i := range v.Gates {
		if v.Gates[i].Gate == gate {
			v.Gates[i] = result{gate, s, words}
			return
		}
	}
	v.Gates = append(v.Gates, result{gate, s, words})
}

// of names the gates in a state, with commas.
func (v verdict) of(s state) string {
	var names []string
	for _, r := range v.Gates {
		if r.State == s {
			names = append(names, r.Gate)
		}
	}
	return strings.Join(names, ", ")
}

func (v verdict) passes() bool { return v.of(failed) == "" && v.of(notTested) == "" }

// summary is the verdict in a line.
func (v verdict) summary() string {
	switch {
	case v.passes():
		return "passes: " + v.of(passed)
	case v.of(failed) != "":
		return "fails: " + v.of(failed)
	}
	return "passes in part; not tested: " + v.of(notTested)
}

// String is the summary, and if that is not enough a line or more for each gate.
func (v verdict) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s\n", v.Name, v.summary())
	if v.passes() {
		return b.String()
	}
	for _, r := range v.Gates {
		switch r.State {
		case passed:
			fmt.Fprintf(&b, "✓ %s\n", r.Gate)
		case failed:
			b.WriteString(wrap("✗ "+r.Gate+": "+r.Words) + "\n")
		case notTested:
			b.WriteString(wrap("? "+r.Gate+": not tested, "+r.Words) + "\n")
		}
	}
	if rest := v.of(notNeeded); rest != "" {
		b.WriteString(wrap("– not tested yet: "+rest) + "\n")
	}
	if v.Printed != "" {
		fmt.Fprintf(&b, "it printed:\n%s\n", v.Printed)
	}
	return b.String()
}

// wrap breaks the first line of a text, where it is longer than a notebook's width. The lines
// after it are quotes, and stay.
func wrap(text string) string {
	const width = 78
	first, quotes, _ := strings.Cut(text, "\n")
	var b strings.Builder
	column := 0
	for i, word := range strings.Split(first, " ") {
		n := utf8.RuneCountInString(word)
		switch {
		case i == 0:
		case column+1+n > width:
			b.WriteString("\n  ")
			column = 2
		default:
			b.WriteByte(' ')
			column++
		}
		b.WriteString(word)
		column += n
	}
	if quotes != "" {
		b.WriteString("\n" + quotes)
	}
	return b.String()
}

// judge runs the child twice, the second time under the race detector.
func (v *verdict) judge(e Exercise, s source) {
	dir, err := os.MkdirTemp("", "lesson")
	if err != nil {
		v.set(e.Gates[0].name, notTested, err.Error())
		return
	}
	defer os.RemoveAll(dir)
	runtime.LockOSThread() // on Linux the child ends with the thread that started it
	defer runtime.UnlockOSThread()

	program, err := os.Executable()
	if err != nil {
		v.set(e.Gates[0].name, notTested, err.Error())
		return
	}
	plain := run{e: e, source: s, notes: filepath.Join(dir, "notes"), memory: maxMemory, enough: -1}
	plain.start(program, maxTime)
	v.Printed = plain.printed()
	v.addRun(e, plain)

	if plain.stuck { // and would be again
		v.set(noRace, notNeeded, "")
		return
	}
	r := run{e: e, source: s, notes: filepath.Join(dir, "race_notes"), memory: 4 * maxMemory, enough: -1}
	if plain.long {
		// It would wait in vain again, and all that it can still say is a race: also that of
		// an answer that waits for ever because of it.
		r.enough = plain.gate
	}
	v.race(r, filepath.Join(dir, "race"), filepath.Dir(program))
}

// addRun adds the results of the plain run.
func (v *verdict) addRun(e Exercise, r run) {
	bad := false
	for i, g := range e.Gates {
		switch {
		case bad, i > r.gate:
			v.set(g.name, notNeeded, "")
		case i == r.gate && r.wrong != "":
			v.set(g.name, failed, r.wrong)
			bad = true
		default:
			v.set(g.name, passed, "")
		}
	}
	switch {
	case r.leak != "":
		v.set(noLeak, failed, r.leak)
	case bad:
		v.set(noLeak, notNeeded, "")
	default:
		v.set(noLeak, passed, "")
	}
}

// race builds the program in its folder with the race detector and runs it again.
func (v *verdict) race(r run, log, folder string) {
	program := filepath.Join(folder, "lesson_race")
	build := exec.Command("go", "build", "-race", "-o", program, ".")
	build.Dir = folder
	if out, err := build.CombinedOutput(); err != nil {
		v.set(noRace, notTested, cannotBuild(string(out), err))
		return
	}
	r.start(program, 2*maxTime, "GORACE=halt_on_error=1 exitcode=66 atexit_sleep_ms=0 log_path="+log)
	switch report := readReport(log); {
	case report != "":
		v.set(noRace, failed, r.source.race(report))
	case v.of(failed) != "": // so the second run has not come further either
		v.set(noRace, notNeeded, "")
	default:
		v.set(noRace, passed, "")
		const again = "in a second run, under the race detector: "
		if r.wrong != "" {
			v.set(r.e.Gates[r.gate].name, failed, again+r.wrong)
		} else if r.leak != "" {
			v.set(noLeak, failed, again+r.leak)
		}
	}
}

func cannotBuild(out string, err error) string {
	if strings.Contains(out, "-race requires cgo") || strings.Contains(out, "C compiler") {
		return "the race detector needs a C compiler; install gcc or clang, then restart the kernel"
	}
	return fmt.Sprintf("go build -race: %v: %s", err, strings.TrimSpace(out))
}

func readReport(log string) string {
	files, _ := filepath.Glob(log + ".*")
	var all strings.Builder
	for _, f := range files {
		b, _ := os.ReadFile(f)
		all.Write(b)
	}
	return all.String()
}

// An event is a note of the child for its parent.
type event struct {
	Gate  *int   `json:",omitempty"` // begins with this gate
	Tried string `json:",omitempty"` // begins to try this
	Wrong string `json:",omitempty"` // the gate's test says
	Long  bool   `json:",omitempty"` // and it has said so after waiting in vain
	Leak  string `json:",omitempty"` // the goroutines that are left, as stacks
	Ended bool   `json:",omitempty"` // comes to its end
}

// A log keeps the notes, each at once, as the next step may end the program.
type log struct{ file *os.File }

func (l *log) note(e event) {
	if err := json.NewEncoder(l.file).Encode(e); err != nil {
		panic(err) // the parent's folder is gone, and so is the parent
	}
}

// serve is the child.
func (e Exercise) serve(answer any, file string) {
	f, err := os.OpenFile(file, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		panic(err)
	}
	os.Unsetenv(childEnv) // its own children are none of ours
	t := &T{log: &log{f}, race: raceEnabled(), source: sourceOf(answer)}
	before := goroutines()
	for i, g := range e.Gates {
		t.log.note(event{Gate: &i})
		start := time.Now()
		if wrong := t.run(g, answer); wrong != "" {
			t.log.note(event{Wrong: wrong, Long: time.Since(start) >= patience})
			break
		}
		if leak := leftOver(before); leak != "" {
			t.log.note(event{Leak: leak})
			break
		}
	}
	t.log.note(event{Ended: true})
}

// raceEnabled reports whether the program was built with -race.
func raceEnabled() bool {
	info, ok := debug.ReadBuildInfo()
	return ok && slices.Contains(info.Settings, debug.BuildSetting{Key: "-race", Value: "true"})
}

// goroutines returns the ids of all goroutines.
func goroutines() map[string]bool {
	ids := map[string]bool{}
	for _, g := range parseStacks(allStacks()) {
		ids[g.id] = true
	}
	return ids
}

// leftOver returns the stacks of the goroutines that are not among those of before. It waits
// for them to end, for a second: one that is about to may not have had its turn on a core.
func leftOver(before map[string]bool) string {
	var left []string
	for pause := time.Millisecond; pause < time.Second; pause *= 2 {
		left = nil
		for _, g := range parseStacks(allStacks()) {
			if !before[g.id] {
				left = append(left, g.text)
			}
		}
		if left == nil {
			return ""
		}
		time.Sleep(pause)
	}
	return strings.Join(left, "\n\n")
}

func allStacks() string {
	for b := make([]byte, 64<<10); ; b = make([]byte, 2*len(b)) {
		if n := runtime.Stack(b, true); n < len(b) {
			return string(b[:n])
		}
	}
}
