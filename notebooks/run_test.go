package notebooks

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
)

// built is where the tests leave what they made, for a person to look at.
const built = "../build/test"

// environment is the folder that binder/setup made, with the kernel in it.
func environment(t *testing.T) string {
	t.Helper()
	env := os.Getenv("COURSE_ENV")
	if env == "" {
		t.Fatal("COURSE_ENV is not set: run the tests with `make test`, or `binder/start go test ./notebooks`")
	}
	return env
}

// python runs a script of this folder with the environment's Python.
func python(t *testing.T, env []string, args ...string) (output string, err error) {
	t.Helper()
	cmd := exec.Command(filepath.Join(environment(t), "bin", "python"), args...)
	cmd.Env = append(os.Environ(), env...)
	var b bytes.Buffer
	cmd.Stdout, cmd.Stderr = &b, &b
	err = cmd.Run()
	return b.String(), err
}

var (
	runOnce sync.Once
	ran     = map[string]error{} // by path
	runLog  = map[string]string{}
)

// run executes every lesson once per test binary, at small scale, each section twice, and
// returns the notebook with its outputs.
func run(t *testing.T, path string) notebook {
	t.Helper()
	runOnce.Do(func() {
		for _, p := range lessons(t) {
			runLog[p], ran[p] = python(t, []string{"COURSE_SCALE=small"},
				"run.py", "--twice", "--timeout=60", p, filepath.Join(built, "notebooks", p))
		}
	})
	if err := ran[path]; err != nil {
		t.Fatalf("%v\n%s", err, runLog[path])
	}
	return read(t, filepath.Join(built, "notebooks", path))
}

// claims check the numbers that a lesson states or that its prose relies on.
var claims = map[string]func(*testing.T, notebook){
	"00_start_here":             claims00,
	"01_threads_and_goroutines": claims01,
	"02_threading_hands_on":     claims02,
	"03_races_conditions_pools": claims03,
	"04_bootstrap_with_workers": claims04,
	"05_parallel_jobs":          claims05,
	"06_only_in_go":             claims06,
	"07_beyond_one_machine":     claims07,
}

func TestRun(t *testing.T) {
	for _, path := range lessons(t) {
		t.Run(strings.TrimSuffix(path, ".ipynb"), func(t *testing.T) {
			n := run(t, path)
			t.Logf("%.1f s at scale %s, each section twice", n.Metadata.Course.Total, n.Metadata.Course.Scale)
			check := claims[n.name]
			if check == nil {
				t.Fatal("no claims are checked: add a function to claims")
			}
			check(t, n)
		})
	}
}

// At the documents' sizes a lesson runs within five minutes.
func TestFullScale(t *testing.T) {
	if os.Getenv("SOAK") == "" {
		t.Skip("takes some 20 minutes: it is in `make soak`")
	}
	for _, path := range lessons(t) {
		t.Run(strings.TrimSuffix(path, ".ipynb"), func(t *testing.T) {
			out := filepath.Join(t.TempDir(), path)
			if log, err := python(t, []string{"COURSE_SCALE=full"}, "run.py", path, out); err != nil {
				t.Fatalf("%v\n%s", err, log)
			}
			took := read(t, out).Metadata.Course.Total
			t.Logf("%.0f s", took)
			if took > 300 {
				t.Errorf("%.0f s, at most 300", took)
			}
		})
	}
}

// The runner refuses what GoNB or nbclient would let pass.
func TestRunnerRefuses(t *testing.T) {
	source := read(t, "testdata/faults.ipynb")
	for _, c := range source.Cells {
		t.Run(c.ID, func(t *testing.T) {
			one := filepath.Join(t.TempDir(), "one.ipynb")
			copyCells(t, "testdata/faults.ipynb", one, map[string]string{c.ID: ""})
			timeout := "--timeout=60" // a first cell compiles more than itself
			if c.ID == "hang" {
				timeout = "--timeout=5"
			}
			log, err := python(t, nil, "run.py", timeout, one, filepath.Join(t.TempDir(), "out.ipynb"))
			want := map[string]string{
				"error":       "cell error failed; mend it",
				"silent":      "cell silent failed in silence",
				"not-failing": "cell not-failing is tagged raises-exception and did not fail",
				"hang":        "cell hang ran for more than 5 s",
				"command":     "cell command used a command that GoNB does not know",
			}[c.ID]
			if err == nil || want == "" || !strings.Contains(log, want) {
				t.Errorf("err %v, want %q in\n%s", err, want, log)
			}
		})
	}
}

// copyCells copies a notebook with those of its cells whose ids are given, with other sources
// where these are not empty. A cell with another source is not meant to fail.
func copyCells(t *testing.T, from, to string, sources map[string]string) {
	t.Helper()
	b, err := os.ReadFile(from)
	if err != nil {
		t.Fatal(err)
	}
	var n map[string]any
	if err := json.Unmarshal(b, &n); err != nil {
		t.Fatal(err)
	}
	n["cells"] = slices.DeleteFunc(n["cells"].([]any), func(c any) bool {
		_, keep := sources[c.(map[string]any)["id"].(string)]
		return !keep
	})
	for _, c := range n["cells"].([]any) {
		c := c.(map[string]any)
		if source := sources[c["id"].(string)]; source != "" {
			c["source"] = source
			if tags, ok := c["metadata"].(map[string]any)["tags"].([]any); ok {
				c["metadata"].(map[string]any)["tags"] = slices.DeleteFunc(tags, func(tag any) bool { return tag == "raises-exception" })
			}
		}
	}
	if b, err = json.Marshal(n); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(to, b, 0o666); err != nil {
		t.Fatal(err)
	}
}
