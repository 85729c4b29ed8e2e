package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

const bars = `[{"width": 300, "height": 200, "option": {"xAxis": {"min": 0, "max": 4}, "yAxis": {}, "series": [
	{"type": "custom", "renderItem": "t2g.bin", "itemPayload": {"low": 0, "high": 4, "bins": 2}, "encode": {"y": 0}, "data": [3, 5]}
]}}]`

// library copies the built chart library, so that a test may spoil what lies beside it.
func library(t *testing.T) string {
	t.Helper()
	env := os.Getenv("COURSE_ENV")
	if env == "" {
		t.Fatal("COURSE_ENV is not set; run the tests with `make test`, or set it to the environment's folder (.venv)")
	}
	b, err := os.ReadFile(filepath.Join(env, "share", "course", "charts-picture.js"))
	if err != nil {
		t.Fatalf("%v; run `make test`, which builds it", err)
	}
	return write(t, string(b))
}

func write(t *testing.T, source string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "charts-picture.js")
	if err := os.WriteFile(path, []byte(source), 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

func drawBars(t *testing.T, path string) string {
	t.Helper()
	var out bytes.Buffer
	if err := run(path, strings.NewReader(bars), &out); err != nil {
		t.Fatal(err)
	}
	var svgs []string
	if err := json.Unmarshal(out.Bytes(), &svgs); err != nil || len(svgs) != 1 || !strings.HasPrefix(svgs[0], "<svg ") {
		t.Fatalf("not an array with an SVG: %v, %s", err, out.String())
	}
	return svgs[0]
}

func TestCompiledLibraryDrawsTheSame(t *testing.T) {
	path := library(t)
	first := drawBars(t, path)
	compiled := strings.TrimSuffix(path, ".js") + ".bytecode"
	kept, err := os.ReadFile(compiled)
	if err != nil {
		t.Fatal(err)
	}
	if second := drawBars(t, path); second != first {
		t.Errorf("compiled: %s\nsource:   %s", second, first)
	}
	// Of another library, or cut short before its key ends: made anew.
	for _, spoiled := range [][]byte{nil, kept[:20], append([]byte("another key of some thirty bytes"), kept[32:]...)} {
		if err := os.WriteFile(compiled, spoiled, 0o644); err != nil {
			t.Fatal(err)
		}
		if again := drawBars(t, path); again != first {
			t.Errorf("after spoiling: %s", again)
		}
		if b, _ := os.ReadFile(compiled); !bytes.Equal(b, kept) {
			t.Errorf("the spoiled file is still there")
		}
	}
}

func TestDrawsWhereNothingCanBeKept(t *testing.T) {
	path := library(t)
	// A folder in the place of the compiled file cannot be replaced, not even by root.
	if err := os.MkdirAll(strings.TrimSuffix(path, ".js")+".bytecode/x", 0o755); err != nil {
		t.Fatal(err)
	}
	drawBars(t, path)
	files, err := os.ReadDir(filepath.Dir(path))
	if err != nil || len(files) != 2 {
		t.Errorf("left behind: %v %v", files, err)
	}
}

func TestErrors(t *testing.T) {
	for _, c := range []struct{ library, in, want string }{
		{"/no/such/library.js", bars, "no such file or directory; run `make lab` once"},
		{write(t, "syntax error"), bars, "the chart library"},
		{write(t, ""), "{", "standard input is not JSON"},
		{write(t, ""), bars, "t2gPictures"},
		{library(t), strings.Replace(bars, "t2g.bin", "t2g.new", 1), "no shape t2g.new; it is older than the figure"},
		{library(t), `[{"width": 1}]`, "drawing: "},
	} {
		expectError(t, c.library, c.in, c.want)
	}
	t.Setenv("COURSE_ENV", "")
	expectError(t, "", bars, "COURSE_ENV is not set")
}

func TestEndlessDrawingIsStopped(t *testing.T) {
	defer func(d time.Duration) { limit = d }(limit)
	limit = 100 * time.Millisecond
	expectError(t, write(t, "for (;;);"), bars, "stopped after 100ms")
	expectError(t, write(t, "globalThis.t2gPictures = () => { for (;;); }"), bars, "drawing: stopped after 100ms")
}

func expectError(t *testing.T, library, in, want string) {
	t.Helper()
	var out bytes.Buffer
	err := run(library, strings.NewReader(in), &out)
	if err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("got %v, want an error with %q", err, want)
	}
	if out.Len() != 0 {
		t.Errorf("%s: wrote %s", want, out.String())
	}
}
