package web

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestScriptIsOneElementBelow800KB(t *testing.T) {
	if os.Getenv("COURSE_ENV") == "" {
		t.Fatal("COURSE_ENV is not set; run the tests with `make test`, or set it to the environment's folder (.venv)")
	}
	script, err := Script()
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(script, `<div class="lm-Widget lm-mod-hidden"><script data-course="charts">`) || !strings.HasSuffix(script, "</script></div>") {
		t.Errorf("not an element: %.100s … %s", script, script[len(script)-100:])
	}
	if n := strings.Count(strings.ToLower(script), "</script"); n != 1 {
		t.Errorf("it ends %d times", n)
	}
	if len(script) > 800_000 {
		t.Errorf("%d bytes", len(script))
	}
	if !strings.Contains(script, "Apache License 2.0") {
		t.Error("the licence of ECharts is not named")
	}
}

func TestErrorsSayWhatToDo(t *testing.T) {
	with := func(library string) string {
		env := t.TempDir()
		if err := os.MkdirAll(filepath.Join(env, "share", "course"), 0o755); err != nil {
			t.Fatal(err)
		}
		for _, name := range []string{"charts.js", "charts-picture.js"} {
			if err := os.WriteFile(filepath.Join(env, "share", "course", name), []byte(library), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		return env
	}
	for env, want := range map[string]string{
		"":                    "COURSE_ENV is not set",
		t.TempDir():           "does not exist; run `make lab` once",
		with("old();\n"):      "not built from the sources of this version",
		with("\n// " + sum()): "not built from the sources of this version",
		with(""):              "not built from the sources of this version",
	} {
		t.Setenv("COURSE_ENV", env)
		script, err := Script()
		path, err2 := Picture()
		for _, err := range []error{err, err2} {
			if err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), "make lab") {
				t.Errorf("got %v, want an error with %q", err, want)
			}
		}
		if script != "" || path != "" {
			t.Errorf("%s: %.50q, %q", want, script, path)
		}
	}
	t.Setenv("COURSE_ENV", with("// "+sum()+"\nf('</SCRIPT>')"))
	if script, err := Script(); err == nil || !strings.Contains(err.Error(), "would end its script element") {
		t.Errorf("got %.50q and %v", script, err)
	}
}
