package notebooks

import (
	"bufio"
	"fmt"
	"net"
	"net/http"
	"net/http/cookiejar"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// An installation is a copy of the course whose environment the reader cannot write: what the
// image has, and a class that shares one.
type installation struct{ root, env, home string }

func install(t *testing.T) installation {
	t.Helper()
	// Under /tmp, every folder open to other users: as root, the tests start as one of them.
	folder, err := os.MkdirTemp("", "course")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		filepath.Walk(folder, func(path string, info os.FileInfo, err error) error {
			if err == nil && info.IsDir() {
				os.Chmod(path, 0o755)
			}
			return nil
		})
		if err := os.RemoveAll(folder); err != nil {
			t.Error(err)
		}
	})
	i := installation{filepath.Join(folder, "course"), filepath.Join(folder, "env"), filepath.Join(folder, "home")}
	start, err := os.ReadFile("../binder/start")
	if err != nil {
		t.Fatal(err)
	}
	for path, text := range map[string]string{
		i.root + "/binder/start":           string(start),
		i.root + "/notebooks/00_a.ipynb":   "as the course has it",
		i.root + "/notebooks/data/d.csv":   "1,2",
		i.root + "/go.mod":                 "module m\n\ngo 1.26.0\n",
		i.root + "/notebooks/run.py":       "no lesson",
		i.env + "/go-build/00/0123-d":      "warm",
		i.env + "/go-build/trim.txt":       "long ago",
		i.env + "/.setup/warmed":           "Monday",
		i.env + "/.setup/warm-entries":     "./00/0123-d\n",
		i.env + "/env":                     "export GOCACHE=\"$COURSE_STATE/go-build\" XDG_CONFIG_HOME=\"$COURSE_STATE/config\"\nexport PATH=\"" + i.env + "/bin:$PATH\"\n",
		i.env + "/bin/jupyter":             "#!/bin/sh\npwd\n",
		i.home + "/somebody/else/is/here":  "",
		folder + "/full/cp":                "#!/bin/sh\necho 'cp: No space left on device' >&2\nexit 1\n",
		folder + "/memory-1500/cat":        memoryOf(1500),
		folder + "/memory-900/cat":         memoryOf(900),
		folder + "/memory-2000/cat":        memoryOf(2000),
		folder + "/memory-unlimited/cat":   "#!/bin/sh\necho max\necho 9223372036854771712\necho 'MemTotal: 16000000 kB'\n",
		folder + "/memory-not-known/cat":   "#!/bin/sh\nexit 1\n",
		folder + "/course/notebooks/a.txt": "no lesson",
	} {
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	for path, mode := range map[string]os.FileMode{folder: 0o755, i.home: 0o777, i.env: 0o555, i.env + "/go-build": 0o555, i.root + "/notebooks": 0o555} {
		if err := os.Chmod(path, mode); err != nil {
			t.Fatal(err)
		}
	}
	return i
}

// memoryOf is a cat that shows a container's limit in MiB on a machine of 16 GB.
func memoryOf(mib int) string {
	return fmt.Sprintf("#!/bin/sh\necho %d\necho 'MemTotal: 16000000 kB'\n", mib<<20)
}

// start runs binder/start as a reader who is not root.
func (i installation) start(variables []string, command ...string) (string, error) {
	cmd := exec.Command(i.root+"/binder/start", command...)
	cmd.Dir = "/"
	cmd.Env = append([]string{"PATH=" + os.Getenv("PATH"), "HOME=" + i.home, "COURSE_ENV=" + i.env}, variables...)
	if os.Getuid() == 0 {
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 12345, Gid: 12345}}
	}
	out, err := cmd.CombinedOutput()
	return string(out), err
}

// Where the environment cannot be written, a reader works in the home folder: the warm cache
// is linked, the lessons are copied once, and the shared folders stay as they are.
func TestStartInASharedEnvironment(t *testing.T) {
	i := install(t)
	const look = `cat "$GOCACHE/00/0123-d" && test -L "$GOCACHE/00/0123-d" && echo mine > "$GOCACHE/00/4567-d"`
	if out, err := i.start(nil, "sh", "-c", look); err != nil || out != "warm" {
		t.Fatalf("the cache is not linked: %v, %q", err, out)
	}
	entries, err := os.ReadDir(i.home + "/notebooks")
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	if got := strings.Join(names, " "); got != "00_a.ipynb data go.work" {
		t.Errorf("the lessons' copy has %q", got)
	}
	if b, err := os.ReadFile(i.home + "/notebooks/go.work"); err != nil || string(b) != "go 1.26.0\n\nuse "+i.root+"\n" {
		t.Errorf("go.work has %q, %v", b, err)
	}
	if out, err := i.start(nil, "jupyter", "lab"); err != nil || out != i.home+"\n" {
		t.Errorf("Jupyter starts in %q: %v", out, err)
	}

	// A reader's own work, and compiled cells, outlive a start.
	lesson := i.home + "/notebooks/00_a.ipynb"
	if out, err := i.start(nil, "sh", "-c", `echo changed > "$HOME/notebooks/00_a.ipynb"`); err != nil {
		t.Fatalf("the copy cannot be changed: %v, %s", err, out)
	}
	if out, err := i.start(nil, "sh", "-c", `cat "$GOCACHE/00/4567-d"`); err != nil || out != "mine\n" {
		t.Errorf("a compiled cell is gone: %v, %q", err, out)
	}
	// A newer image has another cache.
	if err := os.WriteFile(i.env+"/.setup/warmed", []byte("Tuesday"), 0o644); err != nil {
		t.Fatal(err)
	}
	if out, err := i.start(nil, "sh", "-c", `cat "$GOCACHE/00/0123-d"; test ! -e "$GOCACHE/00/4567-d"`); err != nil || out != "warm" {
		t.Errorf("the cache is not linked anew: %v, %q", err, out)
	}
	if b, err := os.ReadFile(lesson); err != nil || string(b) != "changed\n" {
		t.Errorf("the reader's lesson is now %q, %v", b, err)
	}
	for path, want := range map[string]string{i.root + "/notebooks/00_a.ipynb": "as the course has it", i.env + "/go-build/trim.txt": "long ago"} {
		if b, err := os.ReadFile(path); err != nil || string(b) != want {
			t.Errorf("%s has changed: %q, %v", path, b, err)
		}
	}
	if b, err := os.ReadFile(i.home + "/.threads2go/go-build/trim.txt"); err != nil || strings.Contains(string(b), "long ago") {
		t.Errorf("the reader's cache would be trimmed: %q, %v", b, err)
	}
}

// What cells added to the build cache goes a month after its last use, when Jupyter starts. What
// was warm from the beginning stays, as a link and as a copy (macOS).
func TestStartTrimsTheCache(t *testing.T) {
	i := install(t)
	const fill = `cd "$GOCACHE/00" && rm 0123-d && mkdir 89ab-d && touch 4567-d cdef-d && touch -t 202001010000 0123-d 4567-a 89ab-d/exe`
	if out, err := i.start(nil, "sh", "-c", fill); err != nil {
		t.Fatalf("%v, %s", err, out)
	}
	const look = `cd "$GOCACHE" && find . -type f | sort | xargs echo`
	if out, err := i.start(nil, "sh", "-c", look); err != nil || !strings.Contains(out, "4567-a") {
		t.Errorf("a cell's start trims the cache: %v, %s", err, out)
	}
	if out, err := i.start(nil, "jupyter", "lab"); err != nil {
		t.Fatalf("%v, %s", err, out)
	}
	if out, err := i.start(nil, "sh", "-c", look); err != nil || out != "./00/0123-d ./00/4567-d ./00/cdef-d ./trim.txt\n" {
		t.Errorf("the cache has %s, %v", out, err)
	}
}

// binder/start says what is wrong with a machine, and what to do.
func TestStartNamesRemedies(t *testing.T) {
	i := install(t)
	stub := func(name string) string { return "PATH=" + filepath.Dir(i.env) + "/" + name + ":" + os.Getenv("PATH") }
	if err := os.MkdirAll(i.home+"/closed", 0o555); err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(i.home+"/own/notebooks", 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(i.home+"/own", 0o777); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		env  []string
		fail bool
		want []string // none: it says nothing
	}{
		"a home that is not writable": {[]string{"HOME=" + i.home + "/closed"}, true, []string{i.home + "/closed/.threads2go cannot be written", "-e HOME=/tmp"}},
		"no home":                     {[]string{"HOME="}, true, []string{"/.threads2go cannot be written", "set HOME"}},
		"a full disk":                 {[]string{stub("full"), "COURSE_STATE=" + i.home + "/full"}, true, []string{"No space left", "for the reason above", " MB free", "free some, or name a folder on another disk in COURSE_STATE"}},
		"a home for the cache only":   {[]string{"HOME=" + i.home + "/closed", "COURSE_STATE=" + i.home + "/state"}, true, []string{"ermission denied", "cannot be copied, for the reason above"}},
		"notebooks of one's own":      {[]string{"HOME=" + i.home + "/own"}, false, []string{i.home + "/own/notebooks exists and has no lessons; rename it and start again"}},
		"1500 MiB":                    {[]string{stub("memory-1500")}, false, []string{"1500 MiB of memory", "need 2048 MiB", "--memory=2g", "COURSE_SCALE=small"}},
		"900 MiB, small":              {[]string{stub("memory-900"), "COURSE_SCALE=small"}, false, []string{"900 MiB of memory", "need 1024 MiB"}},
		"1500 MiB, small":             {[]string{stub("memory-1500"), "COURSE_SCALE=small"}, false, nil},
		"2000 MiB":                    {[]string{stub("memory-2000")}, false, nil},
		"no limit":                    {[]string{stub("memory-unlimited")}, false, nil},
		"no such files":               {[]string{stub("memory-not-known")}, false, nil},
	} {
		t.Run(name, func(t *testing.T) {
			out, err := i.start(c.env, "jupyter", "lab")
			if (err != nil) != c.fail {
				t.Errorf("error %v, want one: %t", err, c.fail)
			}
			if c.want == nil && strings.Contains(out, "start:") {
				t.Errorf("it says %s", out)
			}
			for _, want := range c.want {
				if !strings.Contains(out, want) {
					t.Errorf("no %q in\n%s", want, out)
				}
			}
		})
	}
}

// binder/image says what is missing.
func TestImageNamesRemedies(t *testing.T) {
	folder := t.TempDir()
	programs(t, folder, map[string]string{
		"docker": "echo 'a warning' >&2; echo 'permission denied while trying to connect' >&2; exit 1",
		"podman": "echo 'Cannot connect to Podman' >&2; exit 125",
		"id":     "echo 1000",
	})
	for goal, wants := range map[string][]string{
		"build": {"docker is here and says: permission denied while", "usermod -aG docker", "podman is here and says: Cannot connect", "start it", "no docker or podman answers", "apt install podman", "make lab"},
		"check": {"neither docker nor podman answers", "needs root"},
		"":      {"use: binder/image build"},
	} {
		cmd := exec.Command("../binder/image", goal)
		cmd.Env = append(os.Environ(), "PATH="+folder+":"+os.Getenv("PATH"))
		out, err := cmd.CombinedOutput()
		if err == nil {
			t.Errorf("%s succeeds", goal)
		}
		for _, want := range wants {
			if !strings.Contains(string(out), want) {
				t.Errorf("%s: no %q in\n%s", goal, want, out)
			}
		}
	}
}

// programs are scripts of their names in a folder.
func programs(t *testing.T, folder string, texts map[string]string) {
	t.Helper()
	for name, text := range texts {
		path := filepath.Join(folder, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte("#!/bin/sh\n"+text+"\n"), 0o755); err != nil {
			t.Fatal(err)
		}
	}
}

// The check with an engine that only writes down what it is asked: options that docker and podman
// both take, one run on a root that can be written, and a last line that names what was skipped.
func TestImageCheck(t *testing.T) {
	for name, c := range map[string]struct {
		says string // by the container whose home cannot be written
		want string
	}{
		"as it should be":  {"start: /home/jovyan/.threads2go cannot be written; set HOME", "ok: the published base images, with podman; not checked: what Binder's repo2docker makes of it\n"},
		"another failure":  {"no such image", "no such image\nimage: it does not say that its home cannot be written\n"},
		"nothing is wrong": {"", "image: started in a home that cannot be written\n"},
	} {
		t.Run(name, func(t *testing.T) {
			folder := t.TempDir()
			programs(t, folder, map[string]string{
				"podman": `echo "$*" >> "$ASKED"; case "$*" in *" true") test -z "$SAYS" || { echo "$SAYS" >&2; exit 1; } ;; esac`,
			})
			cmd := exec.Command("../binder/image", "check")
			cmd.Env = append(os.Environ(), "PATH="+folder+":"+os.Getenv("PATH"), "COURSE_ENGINE=podman", "COURSE_IMAGES="+folder+"/images",
				"PYTHON=false", "ASKED="+folder+"/asked", "SAYS="+c.says)
			out, err := cmd.CombinedOutput()
			if !strings.HasSuffix(string(out), c.want) || (err == nil) != strings.HasPrefix(c.want, "ok") {
				t.Errorf("%v, and not %q at the end of\n%s", err, c.want, out)
			}
			asked, err := os.ReadFile(folder + "/asked")
			if err != nil {
				t.Fatal(err)
			}
			runs := regexp.MustCompile(`(?m)^run .*$`).FindAllString(string(asked), -1)
			writable := 0
			for _, run := range runs {
				if strings.Contains(run, "uid=") { // podman refuses it
					t.Errorf("asked for %s", run)
				}
				if !strings.Contains(run, "--read-only") {
					writable++
				}
			}
			if len(runs) != 4 || writable != 1 {
				t.Errorf("%d runs, %d of them on a root that can be written:\n%s", len(runs), writable, asked)
			}
		})
	}
}

// What binder/check.py measures can fail.
func TestImageCheckHasGoals(t *testing.T) {
	for seconds, ok := range map[string]bool{"2.9": true, "3.1": false} {
		cmd := exec.Command("python", "-c", "import check; check.say('it', "+seconds+", goal=1)")
		cmd.Dir = "../binder"
		if out, err := cmd.CombinedOutput(); (err == nil) != ok || !strings.Contains(string(out), "check: it: "+seconds) {
			t.Errorf("%s s with a goal of 1 s: %v, %s", seconds, err, out)
		}
	}
}

// Continuous integration checks the image, or says why not.
func TestContinuousIntegration(t *testing.T) {
	const absent = "exit 1"
	for name, c := range map[string]struct{ docker, set, want string }{
		"nothing builds it": {absent, "1", "image-check: not run here, because no docker or podman answers"},
		"no time for it":    {"exit 0", "", "image-check: not run here, because it takes 8 minutes more: set COURSE_IMAGE_CHECK=1"},
		"checked":           {"exit 0", "1", "make image-check"},
	} {
		t.Run(name, func(t *testing.T) {
			folder := t.TempDir()
			b, err := os.ReadFile("../.ci/run")
			if err != nil {
				t.Fatal(err)
			}
			programs(t, folder, map[string]string{"bin/docker": c.docker, "bin/podman": absent, "bin/id": "echo 1000", "bin/make": `echo "make $*"`, ".ci/run": ""})
			if err := os.WriteFile(folder+"/.ci/run", b, 0o755); err != nil {
				t.Fatal(err)
			}
			cmd := exec.Command(folder + "/.ci/run")
			cmd.Env = append(os.Environ(), "PATH="+folder+"/bin:"+os.Getenv("PATH"), "COURSE_IMAGE_CHECK="+c.set)
			out, err := cmd.CombinedOutput()
			if err != nil || !strings.HasPrefix(string(out), "make test\n") || !strings.Contains(string(out), c.want) {
				t.Errorf("%v, want %q, have\n%s", err, c.want, out)
			}
			if strings.Contains(string(out), "make image-check") != (c.want == "make image-check") {
				t.Errorf("%s", out)
			}
		})
	}
}

// binder/audit asks about everything, and a tool that is missing hides no other's answer.
func TestAudit(t *testing.T) {
	const (
		silent  = "audit: %s: not checked"
		nothing = "audit: %s: nothing known"
	)
	b, err := os.ReadFile("../binder/audit")
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		change map[string]string
		status int
		want   []string
	}{
		"nothing known": {nil, 0, []string{
			fmt.Sprintf(nothing, "Go module pkg/bench"), fmt.Sprintf(nothing, "bin/gonb"), fmt.Sprintf(nothing, "bin/goimports"), fmt.Sprintf(nothing, "libexec/gopls"),
			fmt.Sprintf(nothing, "binder/requirements.txt"), fmt.Sprintf(nothing, "pkg/bench/requirements.txt"), fmt.Sprintf(nothing, "binder/jupyterhub")}},
		"a finding in a program": {map[string]string{"build/audit/bin/govulncheck": `case $* in *libexec/gopls) exit 3 ;; esac`}, 1, []string{
			fmt.Sprintf(nothing, "bin/gonb"), "audit: libexec/gopls: see above", fmt.Sprintf(nothing, "binder/requirements.txt")}},
		"no govulncheck": {map[string]string{"bin/go": "exit 1"}, 2, []string{
			fmt.Sprintf(silent, "Go modules and programs"), fmt.Sprintf(nothing, "binder/requirements.txt"), fmt.Sprintf(nothing, "charts/web")}},
		"no pip-audit": {map[string]string{"build/audit/bin/pip-audit": "", "bin/python3": "exit 1"}, 2, []string{
			fmt.Sprintf(nothing, "bin/gonb"), fmt.Sprintf(silent, "Python packages"), fmt.Sprintf(nothing, "charts/web")}},
		"a finding, and no npm": {map[string]string{"build/audit/bin/pip-audit": "echo 'Name Fix Versions'; exit 1", "bin/npm": "echo npm error; exit 1"}, 1, []string{
			"audit: binder/go.txt: see above", fmt.Sprintf(silent, "npm packages")}},
	} {
		t.Run(name, func(t *testing.T) {
			folder := t.TempDir()
			texts := map[string]string{"build/audit/bin/govulncheck": "exit 0", "build/audit/bin/pip-audit": "exit 0", "bin/go": "exit 0", "bin/npm": "exit 0", "binder/audit": ""}
			for path, text := range c.change {
				texts[path] = text
			}
			programs(t, folder, texts)
			if c.change["bin/python3"] != "" {
				os.Remove(folder + "/build/audit/bin/pip-audit")
			}
			if err := os.WriteFile(folder+"/binder/audit", b, 0o755); err != nil {
				t.Fatal(err)
			}
			for _, sub := range []string{"charts/svg", "charts/web/webtest", "pkg/bench", "notebooks/template", "binder/jupyterhub"} {
				if err := os.MkdirAll(folder+"/"+sub, 0o755); err != nil {
					t.Fatal(err)
				}
			}
			cmd := exec.Command(folder + "/binder/audit")
			cmd.Env = append(os.Environ(), "PATH="+folder+"/bin:"+os.Getenv("PATH"), "COURSE_ENV="+folder)
			out, _ := cmd.CombinedOutput()
			if cmd.ProcessState.ExitCode() != c.status {
				t.Errorf("status %d, want %d", cmd.ProcessState.ExitCode(), c.status)
			}
			for _, want := range c.want {
				if !strings.Contains(string(out), want) {
					t.Errorf("no %q in\n%s", want, out)
				}
			}
		})
	}
}

// A hub that does not come up, and does not heed SIGTERM, is ended with all that it started.
func TestMeasureLeavesNothing(t *testing.T) {
	if _, err := os.Stat("/proc/self/environ"); err != nil {
		t.Skip("there is no /proc here")
	}
	folder := t.TempDir()
	// As the hub starts its proxy: in a session of its own.
	programs(t, folder, map[string]string{"python": `trap '' TERM; setsid sleep 300 & echo > begun; wait`})
	const program = `
import asyncio, pathlib, sys, time
import measure
folder = pathlib.Path(sys.argv[1])
measure.sys.executable = str(folder / "python")
measure.patience, measure.grace = 1, 0.2
hub = measure.Hub(folder, "small")
async def begun(*_):
    while not (folder / "begun").exists():
        await asyncio.sleep(0.01)
    sys.exit("does not come")
hub.until = begun
async def main():
    async with hub:
        pass
asyncio.run(main())
`
	mark := "COURSE_TEST=" + folder
	cmd := exec.Command("python", "-c", program, folder)
	cmd.Dir = "../binder/jupyterhub"
	cmd.Env = append(os.Environ(), mark)
	if out, err := cmd.CombinedOutput(); err == nil || !strings.Contains(string(out), "does not come") {
		t.Errorf("%v, %s", err, out)
	}
	left := marked(mark)
	for end := time.Now().Add(10 * time.Second); len(left) > 0 && time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		left = marked(mark) // killed, and about to be gone
	}
	for pid, command := range left {
		t.Errorf("left: %d %s", pid, command)
		syscall.Kill(pid, syscall.SIGKILL)
	}
}

// On The Littlest JupyterHub, HTTPS is on only when its proxy has read the settings, and servers
// start in the environment that the recipe makes, outside the folder that GoNB gives gopls.
func TestClassRecipe(t *testing.T) {
	b, err := os.ReadFile("../binder/jupyterhub/README.md")
	if err != nil {
		t.Fatal(err)
	}
	if !regexp.MustCompile(`(?s)https\.enabled true\n.*https\.letsencrypt\.email .*https\.letsencrypt\.domains .*tljh-config reload proxy\n`).Match(b) {
		t.Error("the recipe leaves HTTPS off")
	}
	config, err := os.ReadFile("../binder/jupyterhub/tljh.py")
	if err != nil {
		t.Fatal(err)
	}
	made := regexp.MustCompile(`COURSE_ENV=(\S+) /opt/threads2go/binder/setup hub`).FindSubmatch(b)
	used := regexp.MustCompile(`"COURSE_ENV": "(.*?)"`).FindSubmatch(config)
	if made == nil || used == nil || string(made[1]) != string(used[1]) || strings.HasPrefix(string(made[1])+"/", "/opt/threads2go/") {
		t.Errorf("the recipe makes %q, and servers use %q", made, used)
	}
}

// The recipe of the image: one file for docker and Binder, pinned bases, not root.
func TestDockerfile(t *testing.T) {
	if target, err := os.Readlink("../Dockerfile"); err != nil || target != "binder/Dockerfile" {
		t.Errorf("Dockerfile leads to %q, %v; docker reads that name, Binder the other", target, err)
	}
	b, err := os.ReadFile("../Dockerfile")
	if err != nil {
		t.Fatal(err)
	}
	recipe := string(b)
	for _, m := range regexp.MustCompile(`(?m)^FROM (\S+)`).FindAllStringSubmatch(recipe, -1) {
		base := m[1]
		if name, ok := strings.CutPrefix(base, "${"); ok {
			m := regexp.MustCompile(`(?m)^ARG ` + strings.TrimSuffix(name, "}") + `=(\S+)`).FindStringSubmatch(recipe)
			if m == nil {
				t.Fatalf("%s has no default", base)
			}
			base = m[1]
		}
		if !regexp.MustCompile(`:\d+\.\d+`).MatchString(base) {
			t.Errorf("base %s is not pinned to a version", base)
		}
	}
	// What binder/setup compiles is there when it runs.
	setup, err := os.ReadFile("../binder/setup")
	if err != nil {
		t.Fatal(err)
	}
	before, _, _ := strings.Cut(recipe, "binder/setup hub")
	for _, m := range regexp.MustCompile(`(?m)^ *quiet .*$`).FindAllString(string(setup), -1) {
		for _, folder := range regexp.MustCompile(` \./([a-z/]+[a-z])`).FindAllStringSubmatch(m, -1) {
			top, _, _ := strings.Cut(folder[1], "/")
			if !strings.Contains(before, "\nCOPY "+top+" ") && !strings.Contains(before, "\nCOPY "+folder[1]+" ") {
				t.Errorf("binder/setup compiles %s, which is not copied before it runs", folder[1])
			}
		}
	}
	// Whatever the umask of the clone, the course is root's to write and everyone's to read.
	for _, copied := range strings.Split(recipe[strings.Index(recipe, "WORKDIR /course"):], "\nRUN ")[1:] {
		if strings.HasPrefix(copied, "binder/setup") {
			t.Errorf("files keep the modes of the clone: RUN %s", copied)
		}
	}
	if !regexp.MustCompile(`\nCOPY \. \.\nRUN chmod -R u=rwX,go=rX \.\n`).MatchString(recipe) {
		t.Error("the course keeps the modes of the clone")
	}
	last := regexp.MustCompile(`(?m)^USER (.*)$`).FindAllStringSubmatch(recipe, -1)
	if len(last) == 0 || last[len(last)-1][1] != "${NB_UID}" {
		t.Errorf("the image runs as %v", last)
	}
	goVersion := regexp.MustCompile(`(?m)^ARG GO=golang:(\d+\.\d+)`).FindStringSubmatch(recipe)
	mod, err := os.ReadFile("../go.mod")
	if err != nil {
		t.Fatal(err)
	}
	if goVersion == nil || !strings.Contains(string(mod), "\ngo "+goVersion[1]) {
		t.Errorf("the image has Go %v, and go.mod wants another", goVersion)
	}
	if out, err := exec.Command("sh", "-n", "../binder/image").CombinedOutput(); err != nil {
		t.Errorf("binder/image: %s", out)
	}
}

// A server as `make lab` starts it: another port where its own is taken, this machine only, a
// token even if the variable for it is empty, no request from other sites, and nothing is left
// of its kernels when it is killed.
func TestServer(t *testing.T) {
	makefile, err := os.ReadFile("../Makefile")
	if err != nil {
		t.Fatal(err)
	}
	options := regexp.MustCompile(`\$\(start\) jupyter lab (.*)`).FindStringSubmatch(string(makefile))
	if options == nil {
		t.Fatal("the Makefile starts no JupyterLab")
	}
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	_, port, _ := net.SplitHostPort(taken.Addr().String())

	state := t.TempDir()
	cmd := exec.Command("../binder/start", append(append([]string{"jupyter", "lab"}, strings.Fields(options[1])...),
		"--no-browser", "--allow-root", "--ServerApp.port="+port)...)
	mark := "COURSE_TEST=" + t.Name() + port
	cmd.Env = append(os.Environ(), mark, "JUPYTER_TOKEN=", "JUPYTER_NO_CONFIG=1", "HOME="+state)
	cmd.Dir = t.TempDir()
	stderr, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	start, err := filepath.Abs("../binder/start")
	if err != nil {
		t.Fatal(err)
	}
	cmd.Path = start // cmd.Dir is another folder
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	stop := time.AfterFunc(time.Minute, func() { cmd.Process.Kill() })
	defer func() {
		cmd.Process.Kill()
		cmd.Wait()
		for pid := range marked(mark) {
			syscall.Kill(pid, syscall.SIGKILL)
		}
	}()
	var log strings.Builder
	address := regexp.MustCompile(`(http://\S+?)/lab/\S*\?token=(\w+)`)
	var url, token string
	for lines := bufio.NewScanner(stderr); url == "" && lines.Scan(); {
		log.WriteString(lines.Text() + "\n")
		if m := address.FindStringSubmatch(lines.Text()); m != nil {
			url, token = m[1], m[2]
		}
	}
	stop.Stop()
	if url == "" {
		t.Fatalf("no address with a token in\n%s", log.String())
	}
	if !strings.Contains(log.String(), "port "+port+" is already in use") {
		t.Errorf("no word about the port that is taken:\n%s", log.String())
	}
	if !strings.HasPrefix(url, "http://127.0.0.1:") {
		t.Errorf("it serves %s", url)
	}
	// It says its address shortly before it listens.
	for try := 0; ; try++ {
		r, err := http.Get(url + "/api")
		if err == nil {
			r.Body.Close()
			break
		}
		if try == 600 {
			t.Fatalf("it does not answer: %v\n%s", err, log.String())
		}
		time.Sleep(50 * time.Millisecond)
	}
	if code := status(t, url+"/api/contents"); code != http.StatusForbidden {
		t.Errorf("without a token it answers %d", code)
	}
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	browser := http.Client{Jar: jar, Timeout: 30 * time.Second}
	ask := func(do func() (*http.Response, error), want int) {
		t.Helper()
		r, err := do()
		if err != nil {
			t.Fatal(err)
		}
		r.Body.Close()
		if r.StatusCode != want {
			t.Errorf("%s %s answers %d, want %d", r.Request.Method, r.Request.URL.Path, r.StatusCode, want)
		}
	}
	ask(func() (*http.Response, error) { return browser.Get(url + "/lab?token=" + token) }, http.StatusOK)
	ask(func() (*http.Response, error) { return browser.Get(url + "/api/kernels") }, http.StatusOK)
	ask(func() (*http.Response, error) {
		return browser.Post(url+"/api/kernels", "text/plain", strings.NewReader("{}"))
	}, http.StatusForbidden)

	// With a token of its own the request is the reader's.
	ask(func() (*http.Response, error) {
		r, err := http.NewRequest("POST", url+"/api/kernels", strings.NewReader(`{"name": "gonb"}`))
		if err != nil {
			return nil, err
		}
		r.Header.Set("Authorization", "token "+token)
		return http.DefaultClient.Do(r)
	}, http.StatusCreated)
	if len(marked(mark)) == 0 {
		t.Log("there is no /proc here, so what is left cannot be seen")
		return
	}
	within := func(what string, done func(map[int]string) bool) {
		t.Helper()
		for end := time.Now().Add(30 * time.Second); !done(marked(mark)); time.Sleep(100 * time.Millisecond) {
			if time.Now().After(end) {
				t.Fatalf("%s: %v", what, marked(mark))
			}
		}
	}
	within("no gopls has started", func(left map[int]string) bool {
		for _, command := range left {
			if strings.Contains(command, "gopls -listen") {
				return true
			}
		}
		return false
	})
	cmd.Process.Kill() // the worst case: nobody tells the kernel
	cmd.Wait()
	within("the server was killed and has left", func(left map[int]string) bool { return len(left) == 0 })
}

// marked are the commands of the processes, by number, that have a variable in their environment.
func marked(variable string) map[int]string {
	found := map[int]string{}
	paths, _ := filepath.Glob("/proc/[0-9]*/environ")
	for _, path := range paths {
		environ, err := os.ReadFile(path)
		if err != nil || !strings.Contains("\x00"+string(environ), "\x00"+variable+"\x00") {
			continue // it has ended, or is another user's, or not ours
		}
		command, _ := os.ReadFile(filepath.Join(filepath.Dir(path), "cmdline"))
		pid, _ := strconv.Atoi(filepath.Base(filepath.Dir(path)))
		found[pid] = strings.ReplaceAll(string(command), "\x00", " ")
	}
	return found
}

// Each lesson in the README's table opens on Binder, too.
func TestBinderLinks(t *testing.T) {
	b, err := os.ReadFile("../README.md")
	if err != nil {
		t.Fatal(err)
	}
	lessons := regexp.MustCompile(`(?m)^\| \[\d\d .*\]\(notebooks/(\d\d_\w+\.ipynb)\).* \|`).FindAllStringSubmatch(string(b), -1)
	if len(lessons) == 0 {
		t.Fatal("the README's table has no lessons")
	}
	for _, m := range lessons {
		if _, err := os.Stat(m[1]); err != nil {
			t.Error(err)
		}
		link := "(https://mybinder.org/v2/gh/threads2go/course/HEAD?urlpath=lab/tree/notebooks/" + m[1] + ")"
		if !strings.Contains(m[0], link) {
			t.Errorf("README.md: the row of %s lacks [Binder]%s", m[1], link)
		}
	}
}
