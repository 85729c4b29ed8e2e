package notebooks

import (
	"fmt"
	"go/ast"
	"go/format"
	"go/parser"
	"go/token"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"
)

// rows are the sections of the Python documents that each notebook follows, in order. Each
// stands under a heading with the tag doc-ROW.
var rows = map[string][]string{
	"01_threads_and_goroutines": {"3.1", "3.2", "3.3", "3.4", "3.5", "3.6", "3.7", "3.8", "3.9", "3.10"},
	"02_threading_hands_on":     {"4.0", "4.1", "4.2", "4.3", "4.4", "4.5", "4.6", "4.7", "4.8", "4.9", "4.10", "4.11", "4.12", "4.13", "4.14", "4.15", "4.16"},
	"03_races_conditions_pools": {"0.1", "0.2", "0.3", "0.4", "0.5", "0.6", "0.7", "0.8", "0.9", "0.10", "0.11"},
	"04_bootstrap_with_workers": {"1.1", "1.2", "1.3", "1.4", "1.5", "1.6", "1.7", "1.8"},
	"05_parallel_jobs":          {"2.1", "2.2", "2.3", "2.4", "2.5", "2.6", "2.7", "2.8", "2.9", "2.10", "2.11", "2.12"},
}

// banned are words that could stand in any course.
var banned = regexp.MustCompile(`(?i)\b(powerful|simply|let's|let us|it is important|the document shows|obviously|of course)\b`)

func TestLint(t *testing.T) {
	for _, path := range lessons(t) {
		n := read(t, path)
		t.Run(n.name, func(t *testing.T) {
			for _, problem := range lint(n) {
				t.Error(problem)
			}
		})
	}
}

// lint returns what is wrong with a notebook's form.
func lint(n notebook) (problems []string) {
	bad := func(format string, args ...any) { problems = append(problems, fmt.Sprintf(format, args...)) }

	if n.Format != 4 || n.Minor < 5 {
		bad("nbformat %d.%d: cell ids need 4.5", n.Format, n.Minor)
	}
	if n.Metadata.Kernelspec.Name != "gonb" || n.Metadata.Kernelspec.DisplayName != "Go" {
		bad("kernel is %+v, want gonb, Go", n.Metadata.Kernelspec)
	}

	seen := map[string]bool{}
	headings := 0
	var tags []string
	sentences := 0       // since the last code cell or heading
	beforeExercises := 0 // cells
	exercises := false   // reached
	firstCode := true    // not yet reached
	for i, c := range n.Cells {
		if !regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`).MatchString(c.ID) || seen[c.ID] {
			bad("cell %d: id %q is missing, repeated or not lower-case words with hyphens", i, c.ID)
		}
		seen[c.ID] = true
		if !exercises {
			beforeExercises++
		}
		src := string(c.Source)
		if src == "" || src != strings.TrimSpace(src) {
			bad("%s: empty, or with blank space around it", c.ID)
		}
		switch c.Type {
		case "markdown":
			exercises = exercises || strings.Contains(src, "## Exercises")
			for line := range strings.Lines(src) {
				if strings.HasPrefix(line, "# ") {
					headings++
				}
				if strings.HasPrefix(line, "#") {
					sentences = 0
				}
			}
			if i > 0 && !strings.HasPrefix(src, "## What to remember") {
				sentences += countSentences(src)
			}
			if sentences > 4 && !exercises {
				bad("%s: %d sentences between two cells, at most 4", c.ID, sentences)
			}
			if w := banned.FindString(src); w != "" {
				bad("%s: the word %q would fit any course", c.ID, w)
			}
			for _, tag := range c.Metadata.Tags {
				if row, ok := strings.CutPrefix(tag, "doc-"); ok {
					tags = append(tags, row)
					if !strings.HasPrefix(src, "## ") {
						bad("%s: tag %s on a cell without a heading", c.ID, tag)
					}
				}
			}
			for _, m := range regexp.MustCompile(`\]\(([^)]*)\)`).FindAllStringSubmatch(src, -1) {
				if err := checkLink(m[1]); err != nil {
					bad("%s: %v", c.ID, err)
				}
			}
		case "code":
			sentences = 0
			if len(c.Outputs) > 0 || c.ExecutionCount != nil {
				bad("%s: has outputs; clear them before you commit", c.ID)
			}
			lines := strings.Split(src, "\n")
			if len(lines) > 25 {
				bad("%s: %d lines, at most 25", c.ID, len(lines))
			}
			for j, l := range lines {
				if w := utf8.RuneCountInString(strings.ReplaceAll(l, "\t", "    ")); w > 80 {
					bad("%s: line %d has %d columns, at most 80", c.ID, j+1, w)
				}
			}
			if firstCode && !strings.Contains(src, "lesson.Begin()") {
				bad("%s: the first code cell does not call lesson.Begin()", c.ID)
			}
			firstCode = false
		default:
			bad("%s: a cell of type %q", c.ID, c.Type)
		}
	}
	if headings != 1 {
		bad("%d headings of level 1, want 1", headings)
	}
	if beforeExercises > 60 {
		bad("%d cells before the exercises, at most 60", beforeExercises)
	}
	if len(n.Cells) > 0 {
		for _, want := range []string{"# ", "**Questions.**", "**Objectives.**", "**Time**", "**Prerequisites**"} {
			if !strings.Contains(string(n.Cells[0].Source), want) {
				bad("the first cell has no %q", want)
			}
		}
	}
	if !slices.Equal(tags, rows[n.name]) {
		bad("tags of rows are %v, want %v", tags, rows[n.name])
	}
	return append(problems, lintGo(n)...)
}

// countSentences counts the ends of sentences outside of headings, tables and code.
func countSentences(md string) (n int) {
	for line := range strings.Lines(md) {
		if strings.HasPrefix(line, "#") || strings.HasPrefix(line, "|") {
			continue
		}
		line = regexp.MustCompile("`[^`]*`").ReplaceAllString(line, "x")
		n += len(regexp.MustCompile(`[.!?]["”*)]*(\s|$)`).FindAllString(strings.TrimSpace(line), -1))
	}
	return n
}

// checkLink: links name files that exist, never headings; those that leave the course are
// checked by their form.
func checkLink(to string) error {
	switch {
	case strings.Contains(to, "#"):
		return fmt.Errorf("link to %q: link to a file, headings change", to)
	case strings.HasPrefix(to, "https://"):
		return nil
	}
	if _, err := os.Stat(filepath.FromSlash(to)); err != nil {
		return fmt.Errorf("link to %q: %v", to, err)
	}
	return nil
}

// goCell splits a Go cell into its declarations and the body of main. Cells of other
// languages and of shell commands are not Go.
func goCell(src string) (decls, body string, isGo bool) {
	if regexp.MustCompile(`(?m)^(!|%%\w)`).MatchString(src) {
		return "", "", false
	}
	src = regexp.MustCompile(`(?m)^%(env|goflags|test)\b.*$`).ReplaceAllString(src, "")
	if head, tail, ok := strings.Cut("\n"+src, "\n%%\n"); ok {
		return strings.TrimSpace(head), strings.TrimSpace(tail), true
	}
	return strings.TrimSpace(src), "", true
}

// lintGo checks the Go cells: their formatting, that a name is declared once in a notebook,
// and that each section imports what it uses.
func lintGo(n notebook) (problems []string) {
	bad := func(format string, args ...any) { problems = append(problems, fmt.Sprintf(format, args...)) }
	declared := map[string]string{} // name to cell
	everywhere := map[string]bool{} // package names that the notebook imports
	here := map[string]bool{}       // those that this section imports
	var cells []cell
	for _, c := range n.Cells {
		if c.Type == "code" {
			decls, _, isGo := goCell(string(c.Source))
			if f, err := parser.ParseFile(token.NewFileSet(), "", "package p\n"+decls, parser.ImportsOnly); isGo && err == nil {
				for _, name := range imported(f) {
					everywhere[name] = true
				}
			}
		}
		cells = append(cells, c)
	}
	for _, c := range cells {
		if c.Type == "markdown" && strings.HasPrefix(string(c.Source), "## ") {
			clear(here)
		}
		if c.Type != "code" {
			continue
		}
		decls, body, isGo := goCell(string(c.Source))
		if !isGo {
			continue
		}
		for _, part := range []string{decls, body} {
			if out, err := format.Source([]byte(part)); err != nil {
				bad("%s: %v", c.ID, err)
			} else if string(out) != part {
				bad("%s: is not formatted as gofmt does; it wants\n%s", c.ID, out)
			}
		}
		f, err := parser.ParseFile(token.NewFileSet(), "", "package p\n"+decls+"\nfunc main() {\n"+body+"\n}\n", 0)
		if err != nil {
			bad("%s: %v", c.ID, err)
			continue
		}
		for _, name := range imported(f) {
			here[name] = true
		}
		for _, id := range f.Unresolved {
			if everywhere[id.Name] && !here[id.Name] {
				bad("%s: uses package %s, which its section does not import", c.ID, id.Name)
				here[id.Name] = true // say it once
			}
		}
		for name := range declarations(f) {
			if first, ok := declared[name]; ok {
				bad("%s: declares %s again; cell %s has it", c.ID, name, first)
			}
			declared[name] = c.ID
		}
	}
	return problems
}

func imported(f *ast.File) (names []string) {
	for _, s := range f.Imports {
		p, err := strconv.Unquote(s.Path.Value)
		if err != nil {
			continue
		}
		name := path.Base(p)
		if regexp.MustCompile(`^v\d+$`).MatchString(name) { // math/rand/v2 is package rand
			name = path.Base(path.Dir(p))
		}
		if s.Name != nil {
			name = s.Name.Name
		}
		names = append(names, name)
	}
	return names
}

// declarations are the package-level names of a cell but main and GoNB's init_ functions.
func declarations(f *ast.File) map[string]bool {
	names := map[string]bool{}
	for _, d := range f.Decls {
		switch d := d.(type) {
		case *ast.FuncDecl:
			if d.Recv == nil && d.Name.Name != "main" && !strings.HasPrefix(d.Name.Name, "init_") {
				names[d.Name.Name] = true
			}
		case *ast.GenDecl:
			for _, s := range d.Specs {
				switch s := s.(type) {
				case *ast.TypeSpec:
					names[s.Name.Name] = true
				case *ast.ValueSpec:
					for _, id := range s.Names {
						if id.Name != "_" {
							names[id.Name] = true
						}
					}
				}
			}
		}
	}
	return names
}

// The lint itself: a notebook with one fault of each kind, and what must be said of it.
func TestLintFindsFaults(t *testing.T) {
	md := func(id, src string, tags ...string) cell {
		c := cell{Type: "markdown", ID: id, Source: text(src)}
		c.Metadata.Tags = tags
		return c
	}
	code := func(id, src string) cell { return cell{Type: "code", ID: id, Source: text(src)} }
	one := 1
	n := notebook{name: "none", Format: 4, Minor: 4, Cells: []cell{
		md("a", "# Title"),
		code("b", "x := 1"),
		md("a", "# Second title"),
		md("D", "A [link](missing.md). And [another](03_races_conditions_pools.ipynb#x)."),
		md("e", "One. Two! Three? Four. It is powerful."),
		md("f", "text", "doc-9.9"),
		code("g", "import \"fmt\"\n\nfunc f() {}\n\n%%\nfmt.Println(1)"),
		md("h", "## Next"),
		code("i", "func f() {}\n\n%%\nfmt.Println( 1 )"),
		code("j", "%%\n// "+strings.Repeat("x", 80)+strings.Repeat("\n_ = 1", 25)),
		{Type: "code", ID: "k", Source: "!ls", ExecutionCount: &one},
		{Type: "raw", ID: "l", Source: "x"},
		md("m", " x"),
	}}
	got := strings.Join(lint(n), "\n")
	for _, want := range []string{
		"cell ids need 4.5", "kernel is", "2 headings", `id "a" is missing, repeated`, `id "D"`, "missing.md", "headings change",
		"e: 7 sentences", `"powerful"`, "doc-9.9 on a cell without a heading", "tags of rows are [9.9]", "b: the first code cell",
		"i: uses package fmt, which its section does not import", "i: declares f again; cell g has it", "i: is not formatted",
		"j: 27 lines", "j: line 2 has 83 columns", "k: has outputs", `type "raw"`, "m: empty, or with blank space", `no "**Questions.**"`,
	} {
		if !strings.Contains(got, want) {
			t.Errorf("the lint does not say %q; it says\n%s", want, got)
		}
	}
}
