package main

import (
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write testdata/pages anew")

// TestPages: the module in testdata/shop gives the pages in testdata/pages, each to the letter
// and no other: unexported names, packages for the inside and files of other systems are not in
// them, links lead to pages and targets, examples have their code and their output.
func TestPages(t *testing.T) {
	out, want := t.TempDir(), filepath.Join("testdata", "pages")
	if *update {
		if err := os.RemoveAll(want); err != nil {
			t.Fatal(err)
		}
		out = want
	}
	if err := write(filepath.Join("testdata", "shop"), out); err != nil {
		t.Fatal(err)
	}
	got, wanted := read(t, out), read(t, want)
	for name, text := range wanted {
		if got[name] != text {
			t.Errorf("%s is\n%s\nwant\n%s", name, got[name], text)
		}
	}
	for name := range got {
		if _, ok := wanted[name]; !ok {
			t.Errorf("there is a page %s", name)
		}
	}
	assertLinks(t, got)
}

// TestCourse: this module's pages are the same each time, and no link in them leads nowhere.
func TestCourse(t *testing.T) {
	root := filepath.Join("..", "..", "..")
	first, second := t.TempDir(), t.TempDir()
	for _, out := range []string{first, second} {
		if err := write(root, out); err != nil {
			t.Fatal(err)
		}
	}
	pages := read(t, first)
	for name, text := range read(t, second) {
		if pages[name] != text {
			t.Errorf("%s is another at the second time", name)
		}
	}
	for _, name := range []string{"index.md", "charts.md", "pool.md", "behaviour-pool.md"} {
		if pages[name] == "" {
			t.Errorf("there is no page %s", name)
		}
	}
	if !strings.Contains(pages["pool.md"], "**Example**") {
		t.Error("pool.md has no example")
	}
	assertLinks(t, pages)
}

var (
	fence  = regexp.MustCompile("(?ms)^```.*?^```$")
	target = regexp.MustCompile(`(?m)^\(([a-z0-9_-]+)\)=$`)
	link   = regexp.MustCompile(`\]\(([^)]+)\)`)
)

// assertLinks: each link leads to a page, a target, or another site; no target is there twice.
func assertLinks(t *testing.T, pages map[string]string) {
	t.Helper()
	targets := map[string]bool{}
	for name, text := range pages {
		for _, m := range target.FindAllStringSubmatch(fence.ReplaceAllString(text, ""), -1) {
			if targets[m[1]] {
				t.Errorf("%s has the target %s, which is there already", name, m[1])
			}
			targets[m[1]] = true
		}
	}
	links := 0
	for name, text := range pages {
		for _, m := range link.FindAllStringSubmatch(fence.ReplaceAllString(text, ""), -1) {
			links++
			to, isTarget := strings.CutPrefix(m[1], "#")
			if isTarget && !targets[to] || !isTarget && pages[to] == "" && !strings.HasPrefix(to, "https://") {
				t.Errorf("%s has a link to %s, which is not there", name, m[1])
			}
		}
	}
	if links == 0 || len(targets) == 0 {
		t.Errorf("%d links and %d targets: is there nothing to check?", links, len(targets))
	}
}

func TestErrors(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o666); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		files map[string]string // of the module
		out   string
		want  string
	}{
		"a package without doc":    {map[string]string{"pkg/order/order.go": "package order\n"}, "", "package example.org/shop/pkg/order has no doc; write a comment"},
		"Go that is none":          {map[string]string{"pkg/order/order.go": "// Package order is broken.\npackage order\n\nfunc {\n"}, "", "order.go:4:6: expected 'IDENT'"},
		"no package":               {nil, "", "there is no public package in charts or pkg of "},
		"a table without title":    {map[string]string{"pkg/bench/behaviour/x/x.md": "| case |\n"}, "", "x.md has no title; begin it with #"},
		"a folder that is a file":  {map[string]string{}, file, file + ": not a directory"},
		"a folder below that file": {map[string]string{}, filepath.Join(file, "pages"), file + ": not a directory"},
	} {
		t.Run(name, func(t *testing.T) {
			root, out := t.TempDir(), c.out
			if out == "" {
				out = filepath.Join(t.TempDir(), "pages")
			}
			files := map[string]string{"go.mod": "module example.org/shop\n"}
			if c.files != nil {
				files["charts/charts.go"] = "// Package charts draws.\npackage charts\n"
			}
			for _, more := range []map[string]string{files, c.files} {
				for name, text := range more {
					file := filepath.Join(root, name)
					if err := os.MkdirAll(filepath.Dir(file), 0o777); err != nil {
						t.Fatal(err)
					}
					if err := os.WriteFile(file, []byte(text), 0o666); err != nil {
						t.Fatal(err)
					}
				}
			}
			err := write(root, out)
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("the error is %v, want one with %q", err, c.want)
			}
			if _, err := os.Stat(filepath.Join(out, "index.md")); err == nil {
				t.Error("pages were written all the same")
			}
		})
	}
}

func TestOutsideOfAModule(t *testing.T) {
	t.Chdir(t.TempDir())
	if err := run("pages"); err == nil || !strings.Contains(err.Error(), "there is no go.mod here or above") {
		t.Errorf("the error is %v", err)
	}
}

// read gives the texts of a folder's files.
func read(t *testing.T, dir string) map[string]string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	texts := map[string]string{}
	for _, e := range entries {
		b, err := os.ReadFile(filepath.Join(dir, e.Name()))
		if err != nil {
			t.Fatal(err)
		}
		texts[e.Name()] = string(b)
	}
	return texts
}
