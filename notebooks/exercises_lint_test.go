package notebooks

import (
	"fmt"
	"go/format"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/threads2go/course/notebooks/exercises"
)

func TestExercisesLint(t *testing.T) {
	for _, path := range lessons(t) {
		n := read(t, path)
		t.Run(n.name, func(t *testing.T) {
			for _, problem := range lintExercises(n) {
				t.Error(problem)
			}
		})
	}
}

var (
	taskHeading = regexp.MustCompile(`^### [A-Z].*\S \((\d+) minutes\)\n\n`)
	oneHint     = `<details>\n<summary>%s</summary>\n\n(?s:.*?\S)\n\n</details>`
	twoHints    = regexp.MustCompile(`^` + fmt.Sprintf(oneHint, "Hint 1") + `\n\n` + fmt.Sprintf(oneHint, "Hint 2") + `$`)
	oneSolution = regexp.MustCompile("^<details>\n<summary>Solution</summary>\n\n```go\n(?s:.*?\\S)\n```\n\n(?s:(.*?\\S))\n\n</details>$")
)

// lintExercises returns what is wrong with the form of a notebook's exercises. They are what
// the package exercises has for the lesson, in its order, between the heading "## Exercises"
// and "## What to remember"; each is five cells, and a summary ends them.
func lintExercises(n notebook) (problems []string) {
	bad := func(format string, args ...any) { problems = append(problems, fmt.Sprintf(format, args...)) }
	lesson := n.name[:2]
	asked := exercises.Lessons[lesson]

	// The order of cells, by their tags.
	var want []string
	if asked != nil {
		want = append(want, "exercises")
		for range asked {
			want = append(want, "exercise", "stub", "check", "hints", "solution")
		}
		want = append(want, "summary")
	}
	var got []string
	first := 0
	for i, c := range n.Cells {
		for _, tag := range []string{"exercises", "exercise", "stub", "check", "hints", "solution", "summary"} {
			if c.has(tag) {
				if got = append(got, tag); len(got) == 1 {
					first = i
				}
			}
		}
	}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		bad("the exercises' cells have the tags %v, want %v", got, want)
		return problems
	}
	if asked == nil {
		return nil
	}
	if len(asked) != 3 {
		bad("%d exercises, want 3", len(asked))
	}
	if after := first + len(want); after >= len(n.Cells) || !strings.HasPrefix(string(n.Cells[after].Source), "## What to remember") || !n.Cells[after-1].has("summary") {
		bad("the exercises' cells do not stand together, before ## What to remember")
	}
	if c := n.Cells[first]; c.ID != "exercises" || !strings.HasPrefix(string(c.Source), "## Exercises\n\n") {
		bad("cell %s: want the id exercises and the heading ## Exercises", c.ID)
	}
	const imports = "import (\n\t\"github.com/threads2go/course/notebooks/exercises\"\n\t\"github.com/threads2go/course/pkg/lesson\"\n)\n\n%%\n"
	if c := n.cellTagged("summary"); c.ID != "exercises-summary" || string(c.Source) != imports+"lesson.Summary(exercises.Lesson"+lesson+"...)" {
		bad("the summary's cell is %s:\n%s", c.ID, c.Source)
	}

	elsewhere := map[string]bool{} // names that other cells declare
	for _, c := range n.Cells {
		if decls, _, isGo := goCell(string(c.Source)); c.Type == "code" && !c.has("stub") && isGo {
			if f, err := parser.ParseFile(token.NewFileSet(), "", "package p\n"+decls, 0); err == nil {
				for name := range declarations(f) {
					elsewhere[name] = true
				}
			}
		}
	}
	for i, e := range n.exercises() {
		ask, id := asked[i], e.task.ID
		for part, c := range map[string]cell{"-stub": e.stub, "-check": e.check, "-hints": e.hints, "-solution": e.solution} {
			if c.ID != id+part {
				bad("%s: cell %s, want %s", id, c.ID, id+part)
			}
		}
		task := string(e.task.Source)
		if m := taskHeading.FindStringSubmatch(task); m == nil || m[1] != fmt.Sprint(ask.Minutes) || ask.Minutes < 5 || ask.Minutes > 30 {
			bad("%s: want a heading \"### Title (%d minutes)\", 5 to 30", id, ask.Minutes)
		}
		if !strings.Contains(task, "`"+ask.Name+"`") || !strings.Contains(task, "For example") {
			bad("%s: the task does not name `%s`, or has no \"For example\"", id, ask.Name)
		}
		if s := countSentences(task); s < 3 || s > 8 {
			bad("%s: a task of %d sentences, want 3 to 8", id, s)
		}
		public := []rune(ask.Name)
		public[0] = unicode.ToUpper(public[0])
		if want := fmt.Sprintf("%slesson.Check(exercises.%s, %s)", imports, string(public), ask.Name); string(e.check.Source) != want {
			bad("%s: want\n%s", e.check.ID, want)
		}
		if strings.Contains(string(e.stub.Source), "%%") {
			bad("%s: a stub only declares", e.stub.ID)
		}
		if !twoHints.MatchString(string(e.hints.Source)) {
			bad("%s: want two hints, each in <details> with blank lines", e.hints.ID)
		}
		if m := oneSolution.FindStringSubmatch(string(e.solution.Source)); m == nil {
			bad("%s: want <details> with a Go block and text, and blank lines between", e.solution.ID)
		} else if s := countSentences(m[1]); s < 3 || s > 5 {
			bad("%s: %d sentences about the solution, want 3 to 5", e.solution.ID, s)
		}
		for _, c := range []struct{ id, source string }{{e.stub.ID, string(e.stub.Source)}, {e.solution.ID, e.answer()}} {
			f, err := parser.ParseFile(token.NewFileSet(), "", "package p\n"+c.source, 0)
			if err != nil {
				bad("%s: %v", c.id, err)
				continue
			}
			names := declarations(f)
			if !names[ask.Name] {
				bad("%s: declares no %s", c.id, ask.Name)
			}
			for name := range names {
				if elsewhere[name] {
					bad("%s: declares %s, which another cell declares too", c.id, name)
				}
			}
			if out, err := format.Source([]byte(c.source)); err != nil || string(out) != c.source {
				bad("%s: is not formatted as gofmt does", c.id)
			}
			for line := range strings.Lines(c.source) {
				if w := utf8.RuneCountInString(strings.ReplaceAll(line, "\t", "    ")); w > 80 {
					bad("%s: a line of %d columns, at most 80", c.id, w)
				}
			}
			if lines := strings.Count(c.source, "\n") + 1; lines > 40 {
				bad("%s: %d lines, at most 40", c.id, lines)
			}
		}
		if ask.Trains == "" {
			bad("%s: Trains is empty", ask.Name)
		}
	}
	return problems
}

func (n notebook) cellTagged(tag string) cell {
	for _, c := range n.Cells {
		if c.has(tag) {
			return c
		}
	}
	return cell{}
}

// The page for teachers has every exercise, with the notebook's titles and the package's words.
func TestExercisesPage(t *testing.T) {
	b, err := os.ReadFile("site/exercises.md")
	if err != nil {
		t.Fatal(err)
	}
	var want []string
	paths, err := filepath.Glob("0*.ipynb")
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range paths {
		n := read(t, path)
		title, _, _ := strings.Cut(strings.TrimPrefix(string(n.Cells[0].Source), "# "), "\n")
		for i, e := range n.exercises() {
			ask := exercises.Lessons[n.name[:2]][i]
			heading := regexp.MustCompile(`^### (.*) \(`).FindStringSubmatch(string(e.task.Source))
			want = append(want, fmt.Sprintf("| [%s %s](../%s) | %s | %d | %s |", n.name[:2], title, path, heading[1], ask.Minutes, ask.Trains))
		}
	}
	if table := strings.Join(want, "\n"); !strings.Contains(string(b), "|---|---|--:|---|\n"+table+"\n\n") {
		t.Errorf("want in site/exercises.md\n%s", table)
	}
}

// Handed out, a notebook has all but its solutions.
func TestStudent(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "student")
	if log, err := python(t, nil, "exercises/student.py", folder); err != nil {
		t.Fatalf("%v\n%s", err, log)
	}
	for _, path := range lessons(t) {
		with, without := read(t, path), read(t, filepath.Join(folder, path))
		solutions := len(with.exercises())
		if got := len(without.Cells); got != len(with.Cells)-solutions || without.cellTagged("solution").ID != "" {
			t.Errorf("%s: %d cells of %d, with %d solutions", path, got, len(with.Cells), solutions)
		}
	}
	// Also a folder that it has written itself may have a student's answers by now.
	if log, err := python(t, nil, "exercises/student.py", folder); err == nil || !strings.Contains(log, "is not empty, and may have somebody's work") {
		t.Errorf("it wrote into a folder that is not its own: %v\n%s", err, log)
	}
}

// The lint itself: one fault at a time, and what must be said of it.
func TestExercisesLintFindsFaults(t *testing.T) {
	const path = "03_races_conditions_pools.ipynb"
	edit := func(id string, change func(*cell)) func(*notebook) {
		return func(n *notebook) {
			for i := range n.Cells {
				if n.Cells[i].ID == id {
					change(&n.Cells[i])
					return
				}
			}
			t.Fatalf("%s has no cell %s", path, id)
		}
	}
	replace := func(id, old, new string) func(*notebook) {
		return edit(id, func(c *cell) {
			if !strings.Contains(string(c.Source), old) {
				t.Fatalf("%s has no %q", id, old)
			}
			c.Source = text(strings.ReplaceAll(string(c.Source), old, new))
		})
	}
	for want, fault := range map[string]func(*notebook){
		"the exercises' cells have the tags [exercises exercise stub check hints solution exercise stub check hints exercise": edit("warehouse-solution", func(c *cell) { c.Metadata.Tags = nil }),
		"do not stand together":                     func(n *notebook) { n.Cells = n.Cells[:len(n.Cells)-2] },
		"want the id exercises and the heading":     replace("exercises", "## Exercises", "## Tasks"),
		"the summary's cell is":                     replace("exercises-summary", "Lesson03", "Lesson04"),
		"lock-back: cell stub, want lock-back-stub": edit("lock-back-stub", func(c *cell) { c.ID = "stub" }),
		"(10 minutes)\", 5 to 30":                   replace("lock-back", "10 minutes", "12 minutes"),
		"lock-back: the task does not name":         replace("lock-back", "For example", "As in"),
		"a task of ":                                edit("lock-back", func(c *cell) { c.Source += " Or. Else. And. So. On." }),
		"lock-back-check: want":                     replace("lock-back-check", "sell)", "sell) // now"),
		"a stub only declares":                      replace("lock-back-stub", "func sell", "%%\nfunc sell"),
		"lock-back-hints: want two hints":           replace("lock-back-hints", "</summary>\n\n", "</summary>\n"),
		"lock-back-solution: want <details>":        replace("lock-back-solution", "```go", "```"),
		"sentences about the solution":              replace("lock-back-solution", "With the lock forgotten", "Well. Well. Well. With the lock forgotten"),
		"lock-back-solution: declares no sell":      replace("lock-back-solution", "func sell", "func buy"),
		"blocks-stub: declares book, which another": replace("blocks-stub", "func walkBlocks", "func book() {}\n\nfunc walkBlocks"),
		"lock-back-stub: is not formatted":          replace("lock-back-stub", "\torder()", "  order()"),
		"lock-back-stub: a line of ":                replace("lock-back-stub", "\torder()", "\torder() // "+strings.Repeat("x", 80)),
		"lock-back-stub: 4":                         replace("lock-back-stub", "\torder()", strings.Repeat("\torder()\n", 40)+"\torder()"),
	} {
		n := read(t, path)
		fault(&n)
		if got := strings.Join(lintExercises(n), "\n"); !strings.Contains(got, want) {
			t.Errorf("the lint does not say %q; it says\n%s", want, got)
		}
	}
}

// The pages have solutions, unless SOLUTIONS says no.
func TestPagesWithoutSolutions(t *testing.T) {
	const path = "03_races_conditions_pools.ipynb"
	cells := len(read(t, path).Cells)
	for solutions, want := range map[string]string{"": fmt.Sprint(cells, "\n"), "no": fmt.Sprint(cells-3, "\n"), "maybe": "html: SOLUTIONS is 'maybe': set it to no, or leave it out; no page was changed\n"} {
		got, err := python(t, []string{"SOLUTIONS=" + solutions}, "-c", "import nbformat, build; print(len(build.for_readers(nbformat.read('"+path+"', as_version=4)).cells))")
		if !strings.HasSuffix(got, want) || (err != nil) != (solutions == "maybe") {
			t.Errorf("SOLUTIONS=%s: %v, %q, want %q", solutions, err, got, want)
		}
	}
}
