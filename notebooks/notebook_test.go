// Package notebooks tests the course: every notebook is linted, run on the real kernel,
// turned into a page and opened in a browser, and the numbers that it claims are checked.
package notebooks

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// A notebook is the part of nbformat 4.5 that the tests look at.
type notebook struct {
	name     string // without folder and ending
	Cells    []cell `json:"cells"`
	Metadata struct {
		Kernelspec struct {
			Name        string `json:"name"`
			DisplayName string `json:"display_name"`
		} `json:"kernelspec"`
		Course struct { // written by run.py
			Seconds map[string]float64 `json:"seconds"`
			Total   float64            `json:"total"`
			Scale   string             `json:"scale"`
		} `json:"course"`
	} `json:"metadata"`
	Format int `json:"nbformat"`
	Minor  int `json:"nbformat_minor"`
}

type cell struct {
	Type     string `json:"cell_type"`
	ID       string `json:"id"`
	Metadata struct {
		Tags []string `json:"tags"`
	} `json:"metadata"`
	Source         text     `json:"source"`
	ExecutionCount *int     `json:"execution_count"`
	Outputs        []output `json:"outputs"`
}

type output struct {
	Type string          `json:"output_type"`
	Name string          `json:"name"` // of a stream
	Text text            `json:"text"`
	Data map[string]text `json:"data"`

	Traceback []string `json:"traceback"` // of an error
}

// text is a string that nbformat may store as a list of lines.
type text string

func (t *text) UnmarshalJSON(b []byte) error {
	var lines []string
	if err := json.Unmarshal(b, &lines); err == nil {
		*t = text(strings.Join(lines, ""))
		return nil
	}
	return json.Unmarshal(b, (*string)(t))
}

func read(t *testing.T, path string) notebook {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	n := notebook{name: strings.TrimSuffix(filepath.Base(path), ".ipynb")}
	if err := json.Unmarshal(b, &n); err != nil {
		t.Fatalf("%s is not a notebook: %v", path, err)
	}
	return n
}

// lessons are the paths of the notebooks under test: all, or those whose names contain the
// environment's ONLY.
func lessons(t *testing.T) []string {
	t.Helper()
	paths, err := filepath.Glob("*" + os.Getenv("ONLY") + "*.ipynb")
	if err != nil || len(paths) == 0 {
		t.Fatalf("ONLY=%q names no notebook (%v)", os.Getenv("ONLY"), err)
	}
	return paths
}

func (n notebook) cell(t *testing.T, id string) cell {
	t.Helper()
	for _, c := range n.Cells {
		if c.ID == id {
			return c
		}
	}
	t.Fatalf("%s has no cell %q", n.name, id)
	return cell{}
}

// output is all that a cell printed and showed, its errors included, as text.
func (c cell) output() string {
	var b strings.Builder
	for _, o := range c.Outputs {
		b.WriteString(string(o.Text))
		b.WriteString(string(o.Data["text/plain"]))
		b.WriteString(strings.Join(o.Traceback, "\n"))
	}
	return b.String()
}

// contains fails the test unless the output of a cell has all of the texts.
func (n notebook) contains(t *testing.T, id string, wants ...string) {
	t.Helper()
	out := n.cell(t, id).output()
	for _, want := range wants {
		if !strings.Contains(out, want) {
			t.Errorf("%s: no %q in %q", id, want, out)
		}
	}
}

// lacks fails the test if the output of a cell has one of the texts.
func (n notebook) lacks(t *testing.T, id string, others ...string) {
	t.Helper()
	out := n.cell(t, id).output()
	for _, other := range others {
		if strings.Contains(out, other) {
			t.Errorf("%s: has %q in %q", id, other, out)
		}
	}
}

// numbers returns what the groups of a pattern hold in the output of a cell.
func (n notebook) numbers(t *testing.T, id, pattern string) (v []float64) {
	t.Helper()
	out := n.cell(t, id).output()
	m := regexp.MustCompile(pattern).FindStringSubmatch(out)
	if m == nil {
		t.Fatalf("%s: no %q in %q", id, pattern, out)
	}
	for _, s := range m[1:] {
		x, err := strconv.ParseFloat(strings.ReplaceAll(s, ",", ""), 64)
		if err != nil {
			t.Fatalf("%s: %v", id, err)
		}
		v = append(v, x)
	}
	return v
}
