// Api writes a page of MyST Markdown for each public package of the module that it is run in,
// from the packages' docs and examples, and for each behaviour table:
//
//	go run ./notebooks/site/api -out FOLDER
//
// FOLDER/index.md lists them all. The pages are the same on every system: of files that are for
// some systems only, those for Linux are taken. Nothing is loaded from a network.
package main

import (
	"errors"
	"flag"
	"fmt"
	"go/build"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
)

func main() {
	out := flag.String("out", "", "the folder for the pages (made if it is not there)")
	flag.Parse()
	if *out == "" || flag.NArg() > 0 {
		fmt.Fprintln(os.Stderr, "usage: go run ./notebooks/site/api -out FOLDER")
		os.Exit(2)
	}
	if err := run(*out); err != nil {
		fmt.Fprintln(os.Stderr, "api:", err)
		os.Exit(1)
	}
}

// run writes the pages of the module that the working directory is in.
func run(out string) error {
	dir, err := os.Getwd()
	if err != nil {
		return err
	}
	for ; ; dir = filepath.Dir(dir) {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return write(dir, out)
		} else if dir == filepath.Dir(dir) {
			return errors.New("there is no go.mod here or above; run this in the course's folder")
		}
	}
}

// write writes the pages of the module in folder root to folder out, once all have been made.
func write(root, out string) error {
	module, err := modulePath(filepath.Join(root, "go.mod"))
	if err != nil {
		return err
	}
	s := &site{module: module}
	for _, dir := range []string{"charts", "pkg"} {
		if err := s.add(root, dir); err != nil {
			return err
		}
	}
	if len(s.packages) == 0 {
		return fmt.Errorf("there is no public package in charts or pkg of %s", root)
	}
	tables, err := filepath.Glob(filepath.Join(root, "pkg", "bench", "behaviour", "*", "*.md"))
	if err != nil {
		return err
	}
	for _, file := range tables {
		if err := s.addTable(root, file); err != nil {
			return err
		}
	}

	pages := s.pages()
	if err := os.MkdirAll(out, 0o777); err != nil {
		return err
	}
	for name, text := range pages {
		if err := os.WriteFile(filepath.Join(out, name), []byte(text), 0o666); err != nil {
			return err
		}
	}
	return nil
}

func modulePath(file string) (string, error) {
	b, err := os.ReadFile(file)
	if err != nil {
		return "", err
	}
	for line := range strings.Lines(string(b)) {
		if module, ok := strings.CutPrefix(line, "module "); ok {
			return strings.TrimSpace(module), nil
		}
	}
	return "", fmt.Errorf("%s names no module", file)
}

// add reads the packages in a folder and those below it. Not public are: internal, testdata,
// helpers of tests (…test), what is a module of its own, and folders without a Go file for Linux.
func (s *site) add(root, dir string) error {
	goFiles := build.Default
	goFiles.GOOS, goFiles.GOARCH, goFiles.CgoEnabled = "linux", "amd64", false
	err := filepath.WalkDir(filepath.Join(root, dir), func(folder string, d fs.DirEntry, err error) error {
		if err != nil || !d.IsDir() {
			return err
		}
		name := d.Name()
		if name == "internal" || name == "testdata" || strings.HasSuffix(name, "test") {
			return fs.SkipDir
		}
		if _, err := os.Stat(filepath.Join(folder, "go.mod")); err == nil {
			return fs.SkipDir
		}
		files, err := goFiles.ImportDir(folder, 0)
		if none := (*build.NoGoError)(nil); errors.As(err, &none) {
			return nil
		} else if err != nil {
			return err
		}
		rel, err := filepath.Rel(root, folder)
		if err != nil {
			return err
		}
		return s.addPackage(files, path.Join(s.module, filepath.ToSlash(rel)))
	})
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}
