// Package portable helps tests to show that results are the same to the last bit on
// every processor.
package portable

import (
	"bytes"
	"os"
	"os/exec"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"
)

// builds are those whose compiler fuses products and sums where the source lets it:
// that for GOAMD64=v3, and that for arm64, which runs under qemu-aarch64 elsewhere.
var builds = []struct {
	name, arch, emulator string
	env                  []string
}{
	{"amd64 v3", "amd64", "", []string{"GOARCH=amd64", "GOAMD64=v3"}},
	{"arm64", "arm64", "qemu-aarch64", []string{"GOARCH=arm64", "CGO_ENABLED=0"}},
}

// Passes checks that a test of the package in this folder passes with all its
// subtests when it is built for other processors, as far as they can be run here.
func Passes(t *testing.T, test string, subtests int) {
	skipShort(t)
	for _, b := range builds {
		t.Run(b.name, func(t *testing.T) {
			args := []string{"test", "-vet=off", "-count=1", "-v", "-run=^" + test + "$", "."}
			if runtime.GOARCH != b.arch {
				if _, err := exec.LookPath(b.emulator); err != nil {
					t.Skipf("this is %s, and no emulator %s is on PATH; the test of fused instructions looks at the compiler's output instead",
						runtime.GOARCH, b.emulator)
				}
				args = slices.Insert(args, 1, "-exec="+b.emulator)
			}
			out, err := command(t, b.env, args).CombinedOutput()
			if strings.Contains(string(out), "can only be run on AMD64 processors with v3") {
				t.Skip("this processor cannot run programs built for GOAMD64=v3")
			}
			if err != nil {
				t.Fatalf("%v\n%s", err, out)
			}
			if passed := strings.Count(string(out), "--- PASS: "+test+"/"); passed != subtests {
				t.Errorf("%d subtests passed, want %d:\n%s", passed, subtests, out)
			}
		})
	}
}

var fused = regexp.MustCompile(`\t(VFN?M(ADD|SUB)|FN?M(ADD|SUB))`)

// NothingFused checks that what the compiler makes of packages has no instruction that
// rounds a product and a sum once. A function whose assembly must be there shows that
// it was looked at.
func NothingFused(t *testing.T, function string, packages ...string) {
	skipShort(t)
	for _, b := range builds {
		t.Run(b.name, func(t *testing.T) {
			out, err := command(t, b.env, append([]string{"build", "-gcflags=-S"}, packages...)).CombinedOutput()
			if err != nil {
				t.Fatalf("%v\n%s", err, out)
			}
			if !bytes.Contains(out, []byte(function+" STEXT")) {
				t.Fatalf("the output has no assembly of %s", function)
			}
			for line := range bytes.Lines(out) {
				if fused.Match(line) {
					t.Errorf("%s", line)
				}
			}
		})
	}
}

func command(t *testing.T, env, args []string) *exec.Cmd {
	cmd := exec.CommandContext(t.Context(), "go", args...)
	cmd.Env = append(os.Environ(), env...)
	return cmd
}

func skipShort(t *testing.T) {
	if testing.Short() {
		t.Skip("-short: building the standard library for another processor takes a while the first time")
	}
}
