// Package site holds the pages of the course's site that are written by hand. Its tests hold them
// to what they speak of: the lessons, and the list of what the course runs on.
package site

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// A lesson is what teaching.md says things about.
type lesson struct {
	title    string
	time     string // the line of the first cell: "45 minutes", and how it can be split
	headings []string
	cells    map[string]string // by id
}

func lessons(t *testing.T) map[string]lesson {
	t.Helper()
	files, err := filepath.Glob("../0*.ipynb")
	if err != nil || len(files) == 0 {
		t.Fatalf("no lessons (%v)", err)
	}
	all := map[string]lesson{}
	for _, file := range files {
		var nb struct {
			Cells []struct {
				ID     string
				Source []string
			}
		}
		if err := json.Unmarshal([]byte(read(t, file)), &nb); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		l := lesson{cells: map[string]string{}}
		for _, c := range nb.Cells {
			source := strings.Join(c.Source, "")
			l.cells[c.ID] = source
			for line := range strings.Lines(source) {
				line = strings.TrimSpace(line)
				if title, ok := strings.CutPrefix(line, "# "); ok && l.title == "" {
					l.title = title
				} else if h, ok := strings.CutPrefix(line, "## "); ok {
					l.headings = append(l.headings, h)
				}
			}
		}
		if m := regexp.MustCompile(`\*\*Time\*\*: (.*?)\. \*\*`).FindStringSubmatch(l.cells["title"]); m != nil {
			l.time = m[1]
		}
		all[filepath.Base(file)] = l
	}
	return all
}

// emphasized are the headings that a text names, in *italics*.
func emphasized(text string) (headings []string) {
	for _, m := range regexp.MustCompile(`\*([^*]+)\*`).FindAllStringSubmatch(strings.ReplaceAll(text, "**", ""), -1) {
		headings = append(headings, m[1])
	}
	return headings
}

// TestTeaching: every lesson has its row and its section; minutes are the lesson's own; cells and
// headings that a section names are in that lesson.
func TestTeaching(t *testing.T) {
	page := read(t, "teaching.md")
	var all []string // headings of all lessons
	for file, l := range lessons(t) {
		all = append(all, l.headings...)
		number := file[:2]
		row := regexp.MustCompile(`(?m)^\| \[` + number + ` (.*?)\]\(\.\./` + regexp.QuoteMeta(file) + `\) \| (\d+) \| (.*?) ?\|$`).FindStringSubmatch(page)
		if row == nil {
			t.Errorf("lesson %s has no row with its minutes", number)
			continue
		}
		minutes := row[2] + " minutes"
		if row[3] != "" {
			minutes += "; " + row[3]
		}
		if row[1] != l.title || minutes != l.time {
			t.Errorf("lesson %s is %q, %q; its row says %q, %q", number, l.title, l.time, row[1], minutes)
		}
		if rows, sections := strings.Count(page, "| ["+number+" "), strings.Count(page, "\n## "+number+" "); rows != 1 || sections != 1 {
			t.Errorf("lesson %s has %d rows and %d sections, want one of each", number, rows, sections)
		}
		_, section, ok := strings.Cut(page, "\n## "+number+" "+l.title+"\n")
		if !ok {
			t.Errorf("lesson %s has no section %q", number, "## "+number+" "+l.title)
			continue
		}
		section, _, _ = strings.Cut(section, "\n## ")
		for _, part := range []string{"**Removes**", "**Run live**", "**Ask before**", "**Skip**"} {
			if !strings.Contains(section, part) {
				t.Errorf("lesson %s: its section has no %s", number, part)
			}
		}
		if m := regexp.MustCompile("\\(`([a-z0-9-]+)`\\)").FindStringSubmatch(section); m == nil || l.cells[m[1]] == "" {
			t.Errorf("lesson %s: its section names no cell of the lesson to run: %q", number, m)
		}
		for _, h := range emphasized(section) {
			if !slices.Contains(l.headings, h) {
				t.Errorf("lesson %s has no heading %q", number, h)
			}
		}
	}
	_, fits, _ := strings.Cut(page, "\n## What fits\n")
	fits, _, _ = strings.Cut(fits, "\n## ")
	_, plans, _ := strings.Cut(fits, "\n**90 minutes.**")
	for file := range lessons(t) {
		if !strings.Contains(plans, file[:2]) {
			t.Errorf("lesson %s is in no plan", file[:2])
		}
	}
	breaks := emphasized(fits)
	if len(breaks) == 0 {
		t.Error("what fits names no heading at which to begin, stop or pause")
	}
	for _, h := range breaks {
		if !slices.Contains(all, h) {
			t.Errorf("no lesson has the heading %q", h)
		}
	}
}

// TestLicence: what the course names as its direct requirements is in the list, with a licence.
func TestLicence(t *testing.T) {
	page := read(t, "licence.md")
	for _, list := range []struct{ file, name string }{
		{"../../go.mod", `(?m)^\t(\S+?)(?:/v\d+)? v\S+$`}, // those that are not indirect
		{"../../charts/svg/go.mod", `(?m)^require (\S+) v\S+$`},
		{"../../binder/requirements.in", `(?m)^([a-z][a-z0-9-]*)`},
		{"../../charts/web/package.json", `(?m)^    "(\S+)": "[\d.]+",?$`},
		{"../../charts/web/webtest/package.json", `(?m)^    "(\S+)": "[\d.]+",?$`},
		{"../template/package.json", `(?m)^    "(\S+)": "[\d.]+",?$`},
	} {
		names := regexp.MustCompile(list.name).FindAllStringSubmatch(read(t, list.file), -1)
		if len(names) == 0 {
			t.Errorf("%s: found no requirement", list.file)
		}
		for _, m := range names {
			if !regexp.MustCompile(`(?m)^\|(.*[ ,(])?` + regexp.QuoteMeta(m[1]) + `[ ,)].*\|.+\|.+\|$`).MatchString(page) {
				t.Errorf("%s needs %s, of which licence.md says nothing", list.file, m[1])
			}
		}
	}
}

// TestLinks: links between the pages lead to files, those to other sites have an address.
func TestLinks(t *testing.T) {
	files, err := filepath.Glob("*.md")
	if err != nil || len(files) == 0 {
		t.Fatalf("no pages (%v)", err)
	}
	for _, file := range files {
		for _, m := range regexp.MustCompile(`\]\(([^)]+)\)`).FindAllStringSubmatch(read(t, file), -1) {
			to := m[1]
			if strings.HasPrefix(to, "https://") || to == "made.md" || strings.HasPrefix(to, "api/") { // written by build.py
				continue
			}
			if _, err := os.Stat(to); err != nil {
				t.Errorf("%s has a link to %s: %v", file, m[1], err)
			}
		}
	}
}

func read(t *testing.T, file string) string {
	t.Helper()
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}
