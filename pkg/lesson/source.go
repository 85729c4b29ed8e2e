package lesson

import (
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"runtime"
	"slices"
	"strings"
)

// A source is the text of an answer, by which verdicts can quote it.
type source struct {
	pkg     string // of the answer, as in stacks: "main"
	dir     string // where its files are
	name    string
	methods bool                // its result has some, which are the answer's too
	lines   map[string][]string // of the files that were asked for
	text    string              // the function, and if methods those of the types that it names
}

// sourceOf finds the source of a function beside the program, where the kernel has put it.
func sourceOf(answer any) source {
	f := runtime.FuncForPC(reflect.ValueOf(answer).Pointer())
	s := source{name: f.Name(), methods: makesOne(reflect.TypeOf(answer)), lines: map[string][]string{}}
	slash := strings.LastIndex(s.name, "/") + 1
	if pkg, name, ok := strings.Cut(s.name[slash:], "."); ok {
		s.pkg, s.name = s.name[:slash]+pkg, name
	}
	file, _ := f.FileLine(f.Entry())
	s.dir = filepath.Dir(file)
	s.text = s.find(file)
	return s
}

// makesOne reports whether a function returns one thing that is asked for its methods. Other
// functions may name a type of the lesson by chance, as the parameter order does.
func makesOne(function reflect.Type) bool {
	return function.NumOut() == 1 && function.Out(0).Kind() == reflect.Interface && function.Out(0) != reflect.TypeFor[error]()
}

var receiver = regexp.MustCompile(`^func \((?:\w+\s+)?\*?(\w+)[\[)]`)

// find returns the function's text, and if it makes one thing that of the methods of the types
// that it names.
func (s source) find(file string) string {
	var function, methods []string
	lines := s.file(file)
	body := func(from int) []string {
		for i := from; i < len(lines); i++ {
			if i == from && strings.HasSuffix(lines[i], "}") || lines[i] == "}" {
				return lines[from : i+1]
			}
		}
		return nil
	}
	for i, l := range lines {
		if strings.HasPrefix(l, "func "+s.name+"(") {
			function = body(i)
		}
	}
	for i, l := range lines {
		if m := receiver.FindStringSubmatch(l); m != nil && s.methods {
			if regexp.MustCompile(`\b` + m[1] + `\b`).MatchString(strings.Join(function, "\n")) {
				methods = append(methods, body(i)...)
			}
		}
	}
	return strings.Join(slices.Concat(function, methods), "\n")
}

// excerpt is the beginning of each function of the answer.
func (s source) excerpt() string {
	if s.text == "" {
		return ""
	}
	most := 6
	if strings.Contains(s.text, "\nfunc ") {
		most = 3
	}
	var b strings.Builder
	n := 0 // lines of this function
	for line := range strings.Lines(s.text + "\n") {
		if strings.HasPrefix(line, "func ") {
			n = 0
		}
		switch n++; {
		case n <= most || line == "}\n" && n == most+1:
			b.WriteString(line)
		case n == most+1:
			b.WriteString("\t…\n")
		}
	}
	return b.String()
}

func (s source) file(name string) []string {
	lines, ok := s.lines[name]
	if !ok {
		b, _ := os.ReadFile(name) // without it there is nothing to quote
		lines = strings.Split(string(b), "\n")
		s.lines[name] = lines
	}
	return lines
}

// A goroutine is what a stack trace says of one.
type goroutine struct {
	id, state string
	frames    []frame // innermost first
	created   frame
	text      string
}

// does says whether a goroutine is at work, or for what it waits.
func (g goroutine) does() string {
	if g.state == "running" || g.state == "runnable" {
		return "at"
	}
	return g.state
}

type frame struct {
	function string
	file     string
	line     int
}

var (
	header = regexp.MustCompile(`^goroutine (\d+) .*?\[([^\],]+)`)
	place  = regexp.MustCompile(`^\s+(.*\.\w+):(\d+)(?: \+0x.*)?$`)
)

// parseStacks reads what the runtime prints of goroutines.
func parseStacks(text string) (all []goroutine) {
	for stanza := range strings.SplitSeq(text, "\n\n") {
		stanza = strings.Trim(stanza, "\n")
		at := 0
		if !strings.HasPrefix(stanza, "goroutine ") {
			if at = strings.Index(stanza, "\ngoroutine ") + 1; at == 0 {
				continue
			}
		}
		stanza = stanza[at:]
		first, rest, _ := strings.Cut(stanza, "\n")
		m := header.FindStringSubmatch(first)
		if m == nil {
			continue
		}
		g := goroutine{id: m[1], state: m[2], text: stanza}
		g.frames = parseFrames(rest, &g.created)
		all = append(all, g)
	}
	return all
}

// parseFrames reads lines of functions and places, as they are in stacks and in reports of
// races.
func parseFrames(text string, created *frame) (frames []frame) {
	function := ""
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, "\n")
		m := place.FindStringSubmatch(line)
		if m == nil {
			function = strings.TrimSpace(line)
			continue
		}
		f := frame{file: m[1]}
		fmt.Sscan(m[2], &f.line)
		if by, ok := strings.CutPrefix(function, "created by "); ok {
			f.function, _, _ = strings.Cut(by, " in goroutine ")
			*created = f
			continue
		}
		f.function = function
		if open := strings.LastIndex(function, "("); open > 0 {
			f.function = function[:open]
		}
		frames = append(frames, f)
	}
	return frames
}

// own reports whether a frame is in the answer's package. What another package has had built
// into it (a function that is inlined) has a name like the answer's, and a file of its own.
// A loop that does nothing is in line 1, which is in no function.
func (s source) own(f frame) bool {
	return strings.HasPrefix(f.function, s.pkg+".") && filepath.Dir(f.file) == s.dir && f.line > 1
}

// innermost returns the first frame that is the answer's, in a goroutine that is not Check's.
func (s source) innermost(frames []frame) (frame, bool) {
	i := slices.IndexFunc(frames, s.own)
	if i < 0 || slices.ContainsFunc(frames, func(f frame) bool { return f.function == checkFunction }) {
		return frame{}, false
	}
	return frames[i], true
}

// checkFunction is Check's name in stacks.
var checkFunction = reflect.TypeFor[Exercise]().PkgPath() + ".Check"

// quote is the line of a frame.
func (s source) quote(f frame) string {
	lines := s.file(f.file)
	if f.line < 1 || f.line > len(lines) {
		return f.function
	}
	return cut(strings.TrimSpace(lines[f.line-1]), 70)
}

// places says where the answer's goroutines were when the program ended, each in a line.
func (s source) places(stderr string) string {
	var lines []string
	count := map[string]int{}
	for _, g := range parseStacks(stderr) {
		f, ok := s.innermost(g.frames)
		if !ok {
			continue
		}
		line := fmt.Sprintf("%s: %s", g.does(), s.quote(f))
		if count[line]++; count[line] == 1 {
			lines = append(lines, line)
		}
	}
	var b strings.Builder
	for i, line := range lines {
		if i == 4 {
			b.WriteString("\n    …")
			break
		}
		b.WriteString("\n    " + line)
		if n := count[line]; n > 1 {
			fmt.Fprintf(&b, " (%d goroutines)", n)
		}
	}
	return b.String()
}

// leak says of the goroutines that are left where they are and where they were started.
func (s source) leak(gate, stacks string) string {
	var lines []string
	count := map[string]int{}
	total := 0
	for _, g := range parseStacks(stacks) {
		total++
		line := g.does()
		if f, ok := s.innermost(g.frames); ok {
			line += ": " + s.quote(f)
		}
		switch {
		case s.own(g.created):
			line += "\n        started by: " + s.quote(g.created)
		case g.created.function != "":
			line += "\n        started by " + g.created.function
		}
		if count[line]++; count[line] == 1 {
			lines = append(lines, line)
		}
	}
	var b strings.Builder
	if total == 1 {
		fmt.Fprintf(&b, "1 goroutine is left behind by %q", gate)
	} else {
		fmt.Fprintf(&b, "%d goroutines are left behind by %q", total, gate)
	}
	for i, line := range lines {
		if i == 3 {
			b.WriteString("\n    …")
			break
		}
		where, started, _ := strings.Cut(line, "\n")
		if n := count[line]; n > 1 {
			where += fmt.Sprintf(" (%d of them)", n)
		}
		b.WriteString("\n    " + strings.TrimRight(where+"\n"+started, "\n"))
	}
	return b.String()
}

var access = regexp.MustCompile(`(?m)^(Write|Read|Previous write|Previous read|Atomic write|Previous atomic write|Atomic read|Previous atomic read) at .*:$`)

// race says in words what a report of the race detector says: two accesses.
func (s source) race(report string) string {
	var b strings.Builder
	b.WriteString("two goroutines use the same memory, and nothing makes one wait for the other")
	for _, at := range access.FindAllStringSubmatchIndex(report, 2) {
		stack, _, _ := strings.Cut(report[at[1]:], "\n\n")
		kind := strings.TrimPrefix(strings.ToLower(report[at[2]:at[3]]), "previous ")
		fmt.Fprintf(&b, "\n    a %s", kind)
		var unused frame
		if f, ok := s.innermost(parseFrames(stack, &unused)); ok {
			b.WriteString(" in: " + s.quote(f))
		} else {
			b.WriteString(" in the check")
		}
	}
	return b.String()
}
