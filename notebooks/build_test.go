package notebooks

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/threads2go/course/charts/web/webtest"
)

// A small course is all that build.py works on, with notebooks of the test's own.
type smallCourse struct {
	t    *testing.T
	root string
}

// code is a cell of a small course.
func code(id, source string, outputs ...map[string]any) map[string]any {
	if outputs == nil {
		outputs = []map[string]any{}
	}
	return map[string]any{"cell_type": "code", "id": id, "source": source, "outputs": outputs, "execution_count": nil, "metadata": map[string]any{}}
}

func stream(name, text string) map[string]any {
	return map[string]any{"output_type": "stream", "name": name, "text": text}
}

func newSmallCourse(t *testing.T) smallCourse {
	t.Helper()
	c := smallCourse{t, t.TempDir()}
	for _, name := range []string{"build.py", "run.py", "made.py", "conf.py", "course.css", "course.js", "exercises/student.py"} {
		b, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		c.write("notebooks/"+name, string(b))
	}
	for _, name := range []string{"kernel.json", "requirements.txt", "tools.sum"} {
		c.write("binder/"+name, name)
	}
	c.write("go.mod", "module example.com/course\n\ngo 1.26\n")
	c.write("go.sum", "")
	c.write("pkg/p/p.go", "package p\n")
	c.write("charts/charts.go", "package charts\n")
	c.write("notebooks/images/none.txt", "")
	c.write("notebooks/data/t.csv", "t\n")
	c.write("notebooks/site/index.md", "# A small course\n\n```{toctree}\n:glob:\n\n0*\nmade\napi/index\n```\n")
	c.write("notebooks/site/api/main.go", `package main

import (
	"os"
	"path/filepath"
)

func main() {
	os.Mkdir(os.Args[2], 0o777)
	if os.WriteFile(filepath.Join(os.Args[2], "index.md"), []byte("# Packages\n"), 0o666) != nil {
		os.Exit(1)
	}
}
`)
	return c
}

func (c smallCourse) path(name string) string { return filepath.Join(c.root, filepath.FromSlash(name)) }

func (c smallCourse) write(name, content string) {
	c.t.Helper()
	if err := os.MkdirAll(filepath.Dir(c.path(name)), 0o777); err != nil {
		c.t.Fatal(err)
	}
	if err := os.WriteFile(c.path(name), []byte(content), 0o666); err != nil {
		c.t.Fatal(err)
	}
}

func (c smallCourse) read(name string) string {
	c.t.Helper()
	b, err := os.ReadFile(c.path(name))
	if err != nil {
		c.t.Fatal(err)
	}
	return string(b)
}

// notebook writes a notebook with a title and cells.
func (c smallCourse) notebook(name, kernel string, cells ...map[string]any) {
	c.t.Helper()
	title := map[string]any{"cell_type": "markdown", "id": "title", "source": "# " + name + "\n\nMaths: $\\frac{1}{1-p}$.", "metadata": map[string]any{}}
	b, err := json.Marshal(map[string]any{
		"cells":    append([]map[string]any{title}, cells...),
		"metadata": map[string]any{"kernelspec": map[string]any{"name": kernel, "display_name": "Go", "language": "go"}},
		"nbformat": 4, "nbformat_minor": 5,
	})
	if err != nil {
		c.t.Fatal(err)
	}
	c.write("notebooks/"+name+".ipynb", string(b))
}

// build builds the site at small scale.
func (c smallCourse) build(args ...string) (log string, err error) {
	c.t.Helper()
	return python(c.t, []string{"COURSE_SCALE=small"}, append([]string{c.path("notebooks/build.py")}, args...)...)
}

func (c smallCourse) mustBuild(args ...string) (log string) {
	c.t.Helper()
	log, err := c.build(args...)
	if err != nil {
		c.t.Fatalf("%v\n%s", err, log)
	}
	return log
}

// says fails the test unless the log has all of the texts.
func says(t *testing.T, log string, wants ...string) {
	t.Helper()
	for _, want := range wants {
		if !strings.Contains(log, want) {
			t.Errorf("no %q in\n%s", want, log)
		}
	}
}

// files are the names of what is in a folder of the course.
func (c smallCourse) files(folder string) (names []string) {
	c.t.Helper()
	entries, err := os.ReadDir(c.path(folder))
	if err != nil {
		c.t.Fatal(err)
	}
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}

// A notebook is run again if something that it depends on has changed, and only then.
func TestBuildRunsWhatChanged(t *testing.T) {
	t.Parallel()
	c := newSmallCourse(t)
	c.notebook("00_one", "gonb", code("hello", "%%\nfmt.Println(\"one\")", stream("stdout", "from an editor")))
	c.notebook("01_two", "gonb", code("hello", "%%\nfmt.Println(\"two\")"))
	says(t, c.mustBuild("--only=00"), "00_one.ipynb has outputs, which the pages do not use", "running 00_one.ipynb", "open ")
	says(t, c.read("build/html/01_two.html"), "This lesson was not run yet")
	says(t, c.mustBuild(), "00_one.ipynb has not changed", "running 01_two.ipynb")
	if page := c.read("build/html/00_one.html"); strings.Contains(page, "from an editor") || !strings.Contains(page, "one\n") {
		t.Error("the page does not show what the cell prints")
	}
	says(t, c.read("build/html/made.html"), "measures them, in 8 minutes") // there is no build/bench.json
	if strings.Contains(c.read("build/html/notebooks/00_one.ipynb"), "from an editor") {
		t.Error("the notebook to download has outputs")
	}

	c.write("pkg/p/p.go", "package p // changed\n")
	c.notebook("01_two", "gonb", code("hello", "%%\nfmt.Println(\"deux\")"))
	log := c.mustBuild("--only=01")
	says(t, log, "running 01_two.ipynb")
	if strings.Contains(log, "00_one.ipynb at") {
		t.Errorf("00_one was run:\n%s", log)
	}
	says(t, c.read("build/html/01_two.html"), "deux")
	says(t, c.read("build/html/00_one.html"), "one") // as it last ran
}

// The sum of a notebook's inputs covers all that its outputs may depend on, and no more.
func TestInputs(t *testing.T) {
	t.Parallel()
	c := newSmallCourse(t)
	c.notebook("00_one", "gonb", code("hello", "%%"))
	out, err := python(t, []string{"COURSE_SCALE=small"}, "-c", `
import json, os, pathlib, sys
root = pathlib.Path(sys.argv[1])
sys.path.insert(0, str(root / "notebooks"))
import run
notebook = root / "notebooks" / "00_one.ipynb"
last = run.inputs(notebook)

def same(what):
    global last
    last, before = run.inputs(notebook), last
    print(what, last == before)

def write(name):
    (root / name).parent.mkdir(exist_ok=True)
    (root / name).write_text("changed")
    same(name)

def cell(**change):
    nb = json.loads(notebook.read_text())
    nb["cells"][1].update(change)
    notebook.write_text(json.dumps(nb))
    same(*change)

same("nothing")
write("pkg/p/p_test.go")
cell(outputs=[{"output_type": "stream", "name": "stdout", "text": "from an editor"}])
cell(execution_count=5)
print("now what changes them")
cell(source="%%\nprint()")
cell(metadata={"tags": ["raises-exception"]})
os.environ["COURSE_SCALE"] = "full"
same("scale")
for name in ["pkg/p/p.go", "pkg/q/q.go", "charts/page.js", "notebooks/data/t.csv", "go.sum", "binder/tools.sum"]:
    write(name)
`, c.root)
	unchanged, changed, ok := strings.Cut(out, "now what changes them\n")
	if err != nil || !ok || strings.Count(unchanged, " True\n") != 4 || strings.Count(changed, " False\n") != 9 || strings.Contains(changed, "True") {
		t.Errorf("%v\n%s", err, out)
	}
}

// Whatever stops a build is said with its remedy, and leaves the old site as it was.
func TestBuildStops(t *testing.T) {
	t.Parallel()
	c := newSmallCourse(t)
	c.notebook("00_one", "gonb", code("hello", "%%\nfmt.Println(\"one\")"))
	c.mustBuild()
	old := c.read("build/html/00_one.html")
	stops := func(wants []string, args ...string) {
		t.Helper()
		log, err := c.build(args...)
		if err == nil {
			t.Errorf("it succeeds, saying %s", log)
		}
		says(t, log, append(wants, "no page was changed")...)
		if strings.Contains(log, "Traceback") {
			t.Errorf("a traceback of Python:\n%s", log)
		}
		if c.read("build/html/00_one.html") != old {
			t.Error("the old site has changed")
		}
		for _, name := range c.files("build") {
			if name != "html" && name != "notebooks" {
				t.Errorf("%s is left", name)
			}
		}
		for _, name := range c.files("build/notebooks/small") {
			if !strings.HasSuffix(name, ".ipynb") {
				t.Errorf("%s is left", name)
			}
		}
	}

	stops([]string{`no notebook's name contains '99': there are 00_one.ipynb`}, "--only=99")

	c.notebook("00_one", "gonb", code("hello", "%%\nfmt.Println(\"before\")\nvar p *int\n*p = 1"))
	stops([]string{"cell hello failed; mend it, or tag it raises-exception", "*p = 1", "before", "nil pointer", "stopped at 00_one.ipynb"})

	c.notebook("00_one", "no-such-kernel", code("hello", "%%"))
	stops([]string{"there is no kernel 'no-such-kernel' here; run `make setup`"})

	c.write("notebooks/00_one.ipynb", "{")
	stops([]string{"00_one.ipynb cannot be read as a notebook"})

	c.notebook("00_one", "gonb", code("hello", "%%\nfmt.Println(\"one\")"))
	c.write("notebooks/site/extra.md", "# Extra\n\n[nowhere](missing.md)\n")
	stops([]string{"extra.md", "Sphinx stopped"})
}

// A folder that is not a site of the course is never replaced.
func TestBuildKeepsForeignFolder(t *testing.T) {
	t.Parallel()
	c := newSmallCourse(t)
	c.notebook("00_one", "gonb", code("hello", "%%"))
	c.write("build/html/thesis.txt", "precious")
	c.write("build/docs/.buildinfo", "another site of Sphinx")
	c.write("build/docs/thesis.txt", "precious")
	for _, folder := range []string{"build/html", "build/docs"} {
		log, err := c.build("--output", c.path(folder))
		if err == nil {
			t.Errorf("%s: it succeeds", folder)
		}
		says(t, log, "exists and is not a site of the course: move it, or give --output")
		if strings.Contains(log, "running") {
			t.Errorf("it says so only after a run:\n%s", log)
		}
		if c.read(folder+"/thesis.txt") != "precious" {
			t.Errorf("%s: the file is gone", folder)
		}
	}
	if err := os.Mkdir(c.path("empty"), 0o777); err != nil {
		t.Fatal(err)
	}
	c.mustBuild("--output", c.path("empty"))
	says(t, c.read("empty/00_one.html"), "00_one")
	c.mustBuild("--output", c.path("empty")) // now it is a site
}

// A full disk is said, and leaves no half of anything. To the programs a limit on the size of
// files is the same as a full disk: writing fails.
func TestFullDisk(t *testing.T) {
	t.Parallel()
	c := newSmallCourse(t)
	c.notebook("00_one", "gonb", code("hello", "%%\nfmt.Println(\"one\")"))
	c.mustBuild()
	old := c.read("build/html/00_one.html")

	cmd := exec.Command("sh", "-c", `ulimit -f 100; exec "$@"`, "sh", filepath.Join(environment(t), "bin", "python"), c.path("notebooks/build.py"), "--executed", c.path("build/notebooks/small"))
	cmd.Env = append(os.Environ(), "COURSE_SCALE=small")
	log, err := cmd.CombinedOutput()
	if err == nil {
		t.Error("the build succeeds")
	}
	says(t, string(log), "File too large", "no page was changed")
	if bytes.Contains(log, []byte("Traceback")) {
		t.Errorf("a traceback of Python:\n%s", log)
	}
	if c.read("build/html/00_one.html") != old || !slices.Equal(c.files("build"), []string{"html", "notebooks"}) {
		t.Errorf("the old site has changed, or something is left: %q", c.files("build"))
	}

	if _, err := os.Stat("/dev/full"); err != nil {
		t.Skipf("%v: it stands for a full disk", err)
	}
	if err := os.Symlink("/dev/full", c.path("out.part")); err != nil {
		t.Fatal(err)
	}
	text, err := python(t, nil, "run.py", c.path("notebooks/00_one.ipynb"), c.path("out.ipynb"))
	if err == nil {
		t.Error("the run succeeds")
	}
	says(t, text, "00_one.ipynb: its outputs cannot be written: ", "No space left on device")
	if files := c.files("."); slices.Contains(files, "out.ipynb") || slices.Contains(files, "out.part") {
		t.Errorf("something is left: %q", files)
	}
}

// What cells print is shown as what it is: a failure, a long text, maths, another language.
func TestBuildShowsCells(t *testing.T) {
	t.Parallel()
	var long strings.Builder
	for i := range 100 {
		fmt.Fprintf(&long, "line %d\n", i)
	}
	c := newSmallCourse(t)
	c.notebook("00_one", "gonb",
		code("long", "%%\nprint()", stream("stdout", long.String())),
		code("panic", "%%\npanic(1)", stream("stderr", "panic: 1\n\nmain.main()\n\t\x1b[7m[[ Cell [5] Line 8 ]]\x1b[0m /tmp/main.go\nexit status 2\n"),
			map[string]any{"output_type": "error", "ename": "ERROR", "evalue": "exit status 2", "traceback": []string{"exit status 2"}}),
		code("log", "%%\nlog.Print()", stream("stderr", "only a log\n")),
		code("python", "%%script python3\nimport os", stream("stdout", "Python says\n")),
		code("shell", "!*go run -race . | head", stream("stdout", "WARNING: DATA RACE\n")))
	// These outputs are taken as if run.py had made them.
	var n map[string]any
	if err := json.Unmarshal([]byte(c.read("notebooks/00_one.ipynb")), &n); err != nil {
		t.Fatal(err)
	}
	n["metadata"].(map[string]any)["course"] = map[string]any{"total": 61.0, "memory": 512e6, "scale": "small", "date": "2026-11-25T10:00+00:00", "python": "3.11.7"}
	b, err := json.Marshal(n)
	if err != nil {
		t.Fatal(err)
	}
	c.write("executed/00_one.ipynb", string(b))
	c.write("build/bench.json", `[{"name":"queue/put","ours":120,"peer":100,"peer_name":"channels","unit":"ns","ratio":1.2,"ratio_low":1.1,"ratio_high":1.3,"goal":2,"ok":"yes","bimodal":true,"modes":[1.1,1.3],"note":"with a lock each","machine":"a quick one"},
		{"name":"pool/none","unit":"ns","ok":"undecided","error":"no such peer","machine":"a quick one"}]`)
	c.mustBuild("--executed", c.path("executed"))

	page := webtest.Start(t).Open(t, "file://"+c.path("build/html/00_one.html"), webtest.Setting{})
	page.Wait(`document.querySelector("mjx-container svg")`)
	if fold := webtest.Eval[string](page, `document.querySelector("details.more summary").textContent + document.querySelector("details.more").open`); fold != "80 more linesfalse" {
		t.Errorf("the long output is folded as %q", fold)
	}
	if text := webtest.Eval[string](page, `[...document.querySelectorAll(".cell")].map(e => [...e.querySelectorAll(".output")].map(o => o.textContent.trim()).join("|")).slice(1).join("\n--\n")`); !strings.Contains(text, "[[ Cell [5] Line 8 ]] /tmp/main.go\nexit status 2\n--\nonly a log") {
		t.Errorf("the outputs are\n%s", text) // exit status 2 once, no codes of a terminal
	}
	red := webtest.Eval[[]string](page, `[...document.querySelectorAll(".output")].filter(e => getComputedStyle(e).borderLeftColor === "rgb(196, 32, 41)").map(e => e.textContent.trim().split("\n")[0])`)
	if want := []string{"panic: 1", "WARNING: DATA RACE"}; !slices.Equal(red, want) {
		t.Errorf("red are %q, want %q", red, want)
	}
	assertLanguages(t, page, read(t, c.path("executed/00_one.ipynb")))
	page.NoErrors()

	page.Set(webtest.Setting{Print: true})
	if !webtest.Eval[bool](page, `document.querySelector("details.more pre").getBoundingClientRect().height > 500`) {
		t.Error("a long output is not whole on paper")
	}

	made := c.read("build/html/made.html")
	says(t, made, "61 s", "512 MB", "1.2 [1.1, 1.3]", "yes *", "queue/put: with a lock each", "not measured: no such peer", "a quick one")

	// The same cells by plain nbconvert.
	if log, err := python(t, nil, "-m", "nbconvert", "--to=html", "--template=course", c.path("executed/00_one.ipynb")); err != nil {
		t.Fatalf("%v\n%s", err, log)
	}
	page = webtest.Start(t).Open(t, "file://"+c.path("executed/00_one.html"), webtest.Setting{})
	page.Wait(`document.querySelector("mjx-container svg")`)
	page.NoErrors()
}
