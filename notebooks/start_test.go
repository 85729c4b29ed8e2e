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

// binder/start says what is wrong with a machine, and what to do.
func TestStartNamesRemedies(t *testing.T) {
	i := install(t)
	stub := func(name string) string { return "PATH=" + filepath.Dir(i.env) + "/" + name + ":" + os.Getenv("PATH") }
	if err := os.MkdirAll(i.home+"/closed", 0o555); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		env  []string
		fail bool
		want []string // none: it says nothing
	}{
		"a home that is not writable": {[]string{"HOME=" + i.home + "/closed"}, true, []string{i.home + "/closed/.threads2go cannot be written", "-e HOME=/tmp"}},
		"no home":                     {[]string{"HOME="}, true, []string{"/.threads2go cannot be written", "set HOME"}},
		"a full disk":                 {[]string{stub("full"), "COURSE_STATE=" + i.home + "/full"}, true, []string{"No space left", "has no room for the caches", "free some, or name a folder on another disk in COURSE_STATE"}},
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
	for name, text := range map[string]string{"docker": "exit 1", "podman": "exit 1", "id": "echo 1000"} {
		if err := os.WriteFile(filepath.Join(folder, name), []byte("#!/bin/sh\n"+text+"\n"), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	for goal, wants := range map[string][]string{
		"build": {"no docker or podman answers", "apt install podman", "make lab"},
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
	defer stop.Stop()
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
