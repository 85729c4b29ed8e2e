package charts

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// standIn makes an environment with the real chart library, and a shell script in the place
// of echarts-svg.
func standIn(t *testing.T, script string) (env string) {
	t.Helper()
	env = t.TempDir()
	if err := os.MkdirAll(filepath.Join(env, "bin"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.CopyFS(filepath.Join(env, "share", "course"), os.DirFS(filepath.Join(environment(t), "share", "course"))); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(env, "bin", "echarts-svg"), []byte("#!/bin/sh\n"+script), 0o755); err != nil {
		t.Fatal(err)
	}
	return env
}

var small = Histogram{Title: "Small", Values: []float64{1, 2, 3}}

func TestChildDoesNotInheritTheNotebooksPipe(t *testing.T) {
	env := standIn(t, `env > "$COURSE_ENV/seen"; cat > /dev/null; echo '["<svg></svg>"]'`)
	t.Setenv("COURSE_ENV", env)
	t.Setenv("GONB_PIPE", "/tmp/pipe")
	t.Setenv("GONB_PIPE_BACK", "/tmp/back")
	t.Setenv("GONB_TMP_DIR", "/tmp")
	d, err := draw(small)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := d.html(); err != nil {
		t.Fatal(err)
	}
	seen, err := os.ReadFile(filepath.Join(env, "seen"))
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(seen), "GONB_PIPE") || !strings.Contains(string(seen), "GONB_TMP_DIR") {
		t.Errorf("the child's environment:\n%s", seen)
	}
}

func TestWithoutTheLibraryNothingIsShown(t *testing.T) {
	withoutProgram := standIn(t, "")
	if err := os.RemoveAll(filepath.Join(withoutProgram, "bin")); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		env  string
		want []string
	}{
		{"", []string{"COURSE_ENV is not set", "make lab"}},
		{t.TempDir(), []string{"charts-picture.js does not exist", "make lab"}},
		{withoutProgram, []string{"echarts-svg, which draws the pictures, does not exist", "make lab"}},
		{standIn(t, "echo 'it is broken; run `make lab`' >&2; exit 1"), []string{"it is broken; run `make lab`"}},
		{standIn(t, "echo '[]'"), []string{"did not answer with 1 pictures", "make lab"}},
		{standIn(t, "echo nonsense"), []string{"did not answer with 1 pictures", "make lab"}},
	} {
		t.Setenv("PATH", "/bin:/usr/bin")
		t.Setenv("GONB_TMP_DIR", "/tmp") // as in a cell
		t.Setenv("COURSE_ENV", c.env)
		shown := printed(t, func() {
			err := Show(small)
			for _, want := range c.want {
				if err == nil || !strings.Contains(err.Error(), want) {
					t.Errorf("got the error %v, want one with %q", err, want)
				}
			}
		})
		if shown != "" {
			t.Errorf("shown although it failed: %s", shown)
		}
	}
}

func TestShowPrintsTextOutsideANotebook(t *testing.T) {
	t.Setenv("COURSE_ENV", "")
	t.Setenv("GONB_TMP_DIR", "")
	shown := printed(t, func() {
		if err := Show(small); err != nil {
			t.Error(err)
		}
	})
	if !strings.HasPrefix(shown, "Small\nHistogram of 3 values") {
		t.Errorf("printed %q", shown)
	}
}

// printed gives what f writes to standard output.
func printed(t *testing.T, f func()) string {
	t.Helper()
	file, err := os.Create(filepath.Join(t.TempDir(), "stdout"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	defer func(old *os.File) { os.Stdout = old }(os.Stdout)
	os.Stdout = file
	f()
	b, err := os.ReadFile(file.Name())
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// Go reports a deadlock only if certain packages are not linked, and nothing waits in the
// background. A cell that shows a figure and then deadlocks must still get the report.
func TestDeadlockReportSurvivesShow(t *testing.T) {
	environment(t)
	program := filepath.Join(t.TempDir(), "deadlock")
	build := exec.Command("go", "build", "-tags=netgo,osusergo", "-o", program, "./testdata/deadlock")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	cmd := exec.Command(program)
	cmd.Env = append(os.Environ(), "GONB_TMP_DIR=/tmp")
	cmd.WaitDelay = time.Second
	timer := time.AfterFunc(30*time.Second, func() { cmd.Process.Kill() })
	defer timer.Stop()
	out, err := cmd.CombinedOutput()
	if err == nil || !strings.Contains(string(out), "all goroutines are asleep - deadlock!") {
		t.Errorf("error %v, output %s", err, out)
	}
	if !strings.Contains(string(out), "Histogram of 3 values") {
		t.Errorf("the figure is not in %s", out)
	}
}

func TestLinksNothingThatHidesDeadlocks(t *testing.T) {
	out, err := exec.Command("go", "list", "-deps", "-tags=netgo,osusergo", ".").Output()
	if err != nil {
		t.Fatal(err)
	}
	deps := strings.Fields(string(out))
	for _, bad := range []string{"net", "runtime/cgo", "os/user", "os/signal"} {
		if slices.Contains(deps, bad) {
			t.Errorf("package charts links %s", bad)
		}
	}
}
