package notebooks

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// binder/setup says what is missing and how to get it, before it does anything.
func TestSetupNamesRemedies(t *testing.T) {
	folder := t.TempDir()
	script := func(name, text string) string {
		path := filepath.Join(folder, name)
		if err := os.WriteFile(path, []byte("#!/bin/sh\n"+text), 0o755); err != nil {
			t.Fatal(err)
		}
		return path
	}
	old := script("old", `case "$*" in *version_info*) exit 1 ;; --version) echo "Python 3.8.10" ;; esac`)
	bare := script("bare", `case "$*" in *ensurepip*) exit 1 ;; esac`)
	path := func(name, text string) string { // a PATH on which that program comes first
		if err := os.Mkdir(filepath.Join(folder, "with-"+name), 0o777); err != nil {
			t.Fatal(err)
		}
		return "PATH=" + filepath.Dir(script("with-"+name+"/"+name, text)) + ":" + os.Getenv("PATH")
	}
	foreign := filepath.Join(folder, "foreign")
	if err := os.MkdirAll(filepath.Join(foreign, "precious"), 0o777); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		env  []string
		args []string
		want []string
	}{
		"no Python":                 {[]string{"PYTHON=no-such-python"}, nil, []string{"there is no no-such-python", "apt install python3", "dnf install", "brew install"}},
		"an old Python":             {[]string{"PYTHON=" + old}, nil, []string{"Python 3.8.10 is too old", "3.11 or newer", "make PYTHON=python3.12 lab"}},
		"no venv":                   {[]string{"PYTHON=" + bare}, nil, []string{"has no venv module", "apt install python3-venv"}},
		"a space":                   {[]string{"COURSE_ENV=" + folder + "/a b"}, nil, []string{"has a space"}},
		"not ours":                  {[]string{"COURSE_ENV=" + foreign}, nil, []string{"exists and is not the course's"}},
		"a full disk":               {[]string{"COURSE_ENV=" + folder + "/new/env", path("df", "echo Filesystem; echo /dev/x 1 1 812345 1% /")}, nil, []string{"793 MB free for " + folder, "needs 2000 MB", "another disk in COURSE_ENV"}},
		"a machine of another kind": {[]string{path("uname", "echo riscv64")}, nil, []string{"this machine is riscv64", "x86_64 and arm64", "Binder"}},
		"not writable":              {[]string{"COURSE_ENV=/proc/env"}, nil, []string{"is not yours to write", "COURSE_ENV"}},
		"a wrong goal":              {nil, []string{"everything"}, []string{`"everything" is not a goal`}},
		"not set up":                {[]string{"COURSE_ENV=" + folder + "/none"}, nil, []string{"is not set up", "make setup"}},
	} {
		t.Run(name, func(t *testing.T) {
			cmd := exec.Command("../binder/setup", c.args...)
			if name == "not set up" {
				cmd = exec.Command("../binder/start", "true")
			}
			cmd.Env = append(os.Environ(), c.env...)
			out, err := cmd.CombinedOutput()
			if err == nil {
				t.Errorf("it succeeds, saying %s", out)
			}
			for _, want := range c.want {
				if !strings.Contains(string(out), want) {
					t.Errorf("no %q in\n%s", want, out)
				}
			}
		})
	}
	if _, err := os.Stat(filepath.Join(foreign, "precious")); err != nil {
		t.Errorf("the foreign folder was touched: %v", err)
	}
}
