package lesson

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"time"
)

// A kept verdict lies beside the program, in the folder that the kernel has for its cells
// until it ends.
type kept struct {
	Verdict  verdict
	Function string // that was tested
	Source   string // its text then
	At       time.Time
}

func keptFile(exercise string) string {
	program, err := os.Executable()
	if err != nil {
		return ""
	}
	return filepath.Join(filepath.Dir(program), "lesson_"+exercise+".json")
}

// keep saves a verdict for Summary. A folder that cannot be written is no fault of the
// answer, and Summary says then that there was no check.
func (v verdict) keep(s source) {
	if b, err := json.Marshal(kept{v, s.name, s.text, time.Now()}); err == nil {
		_ = os.WriteFile(keptFile(v.Name), b, 0o600)
	}
}

// Summary prints what came of the exercises since the kernel was started, a line for each: it
// can be handed in with the notebook. An answer that was changed after its check counts as
// not checked.
func Summary(exercises ...Exercise) {
	passes, minutes := 0, 0
	var lines string
	for _, e := range exercises {
		line, ok := stateOf(e)
		if ok {
			passes++
			minutes += e.Minutes
		}
		lines += fmt.Sprintf("  %-16s %2d minutes  %s\n", e.Name, e.Minutes, line)
	}
	fmt.Printf("%s: %d of %d exercises pass\n%s", time.Now().Format("2006-01-02 15:04"), passes, len(exercises), lines)
}

func stateOf(e Exercise) (line string, passes bool) {
	var k kept
	b, err := os.ReadFile(keptFile(e.Name))
	if err != nil || json.Unmarshal(b, &k) != nil {
		return "was not checked since the kernel was started", false
	}
	now := source{name: k.Function, methods: makesOne(e.Gates[0].want), lines: map[string][]string{}}
	// What was no function of the right type has no name and no text.
	if k.Function != "" && now.find(filepath.Join(filepath.Dir(keptFile(e.Name)), "main.go")) != k.Source {
		return "was changed after its check: check it again", false
	}
	line = k.Verdict.summary()
	if passes = k.Verdict.passes(); passes {
		line = "passes"
	}
	return line + k.At.Format(" (15:04)"), passes
}
