// Package python lets tests compare results with those of Python's packages.
package python

import (
	"bytes"
	"encoding/json"
	"errors"
	"os/exec"
	"testing"
)

// Ask runs a program that reads its input, as JSON, and prints its output, as JSON. The
// test is skipped where python3 or a package that the program imports is missing:
// binder/start go test has them all.
func Ask(t *testing.T, program string, in, out any) {
	t.Helper()
	text, err := json.Marshal(in)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), "python3", "-c", program)
	cmd.Stdin = bytes.NewReader(text)
	text, err = cmd.Output()
	var exit *exec.ExitError
	switch {
	case errors.Is(err, exec.ErrNotFound):
		t.Skip("python3 is not on PATH: binder/start go test has it")
	case errors.As(err, &exit) && bytes.Contains(exit.Stderr, []byte("No module named")):
		t.Skipf("binder/start go test has what this python3 lacks: %s", exit.Stderr)
	case errors.As(err, &exit):
		t.Fatalf("python3: %v: %s", err, exit.Stderr)
	case err != nil:
		t.Fatalf("python3: %v", err)
	}
	if err := json.Unmarshal(text, out); err != nil {
		t.Fatalf("%v in %s", err, text)
	}
}
