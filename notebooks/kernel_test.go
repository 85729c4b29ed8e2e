package notebooks

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"
)

// What the lessons rely on, on the real kernel: testdata/kernel.ipynb.
func TestKernel(t *testing.T) {
	out := filepath.Join(t.TempDir(), "kernel.ipynb")
	if log, err := python(t, nil, "run.py", "--timeout=120", "testdata/kernel.ipynb", out); err != nil {
		t.Fatalf("%v\n%s", err, log)
	}
	n := read(t, out)

	displays := n.cell(t, "displays").Outputs
	if len(displays) != 10_000 {
		t.Errorf("%d of 10000 displays arrived", len(displays))
	}
	for i, o := range displays {
		if o.Data["text/html"] != text(fmt.Sprint(i)) {
			t.Fatalf("display %d is %q", i, o.Data["text/html"])
		}
	}
	for id, wants := range map[string][]string{
		"deadlock":    {"shown before the deadlock", "all goroutines are asleep - deadlock!"},
		"child":       {"from the parent", "GONB_TMP_DIR=", "<nil>"},
		"race":        {"2 exitcode=0"},
		"race-report": {"WARNING: DATA RACE"},
		"no-network":  {"github.com/threads2go/nowhere"},
	} {
		got := n.cell(t, id).output()
		for _, want := range wants {
			if !strings.Contains(got, want) {
				t.Errorf("%s: no %q in %q", id, want, got)
			}
		}
	}
	if got := n.cell(t, "child").output(); strings.Contains(got, "GONB_PIPE") {
		t.Errorf("a child of a cell inherits the display pipe: %s", got)
	}
}
