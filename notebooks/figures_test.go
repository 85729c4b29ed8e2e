package notebooks

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/threads2go/course/charts/web/webtest"
)

// TestFiguresInLab does with figures of every kind, in the real JupyterLab, what readers and
// JupyterLab do with outputs: testdata/figures.ipynb.
func TestFiguresInLab(t *testing.T) {
	const name = "figures.ipynb"
	folder := t.TempDir()
	source, err := os.ReadFile("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	for _, copy := range []string{name, "other.ipynb"} {
		if err := os.WriteFile(filepath.Join(folder, copy), source, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	cells := len(read(t, "testdata/"+name).Cells)
	figures := cells // the first brings the library, the last has two
	browser := webtest.Start(t)
	// Tall enough for all figures at once, as one that is far from the screen is not woken.
	tall := webtest.Setting{Width: 1500, Height: 700 * cells}

	l := startLab(t, folder, "--LabApp.expose_app_in_browser=True")
	page := browser.Open(t, l.open(name), tall)
	defer pictureOfFailure(t, page)
	ready(page, cells)
	page.Wait(connected)
	execute := func(command, arguments string) {
		page.Do(fmt.Sprintf(`jupyterapp.commands.execute(%q, %s).then(() => {})`, command, arguments))
	}
	do := func(command string) { execute(command, "{}") }
	doAt := func(cell int, command string) {
		page.Do(fmt.Sprintf(`jupyterapp.shell.currentWidget.content.activeCellIndex = %d`, cell))
		do(command)
	}
	// alive waits for so many live charts, each on the page and as wide as its place.
	alive := func(t *testing.T, n int) {
		t.Helper()
		page.Wait(fmt.Sprintf(`[...document.querySelectorAll(".t2g-live svg")].filter(e => {
			const width = e => e.getBoundingClientRect().width, place = e.closest(".t2g-grid") ? e.closest(".t2g-figure") : e.closest(".jp-OutputArea-output");
			return e.checkVisibility() && Math.abs(width(e) - Math.min(720, width(place))) < 24;
		}).length === %d`, n))
		page.Wait(fmt.Sprintf(`t2gCharts.count() === %d`, n))
		if still := webtest.Eval[int](page, still); still != 0 {
			t.Errorf("%d pictures beside %d live charts", still, n)
		}
		page.NoErrors()
	}

	t.Run("set-up that comes late", func(t *testing.T) {
		for i := 1; i < cells; i++ {
			doAt(i, "notebook:run-cell")
		}
		page.Wait(fmt.Sprintf(`%s === %d`, still, figures))
		if webtest.Eval[bool](page, `document.querySelector(".t2g-live") !== null`) {
			t.Error("a figure is live without the library")
		}
		doAt(0, "notebook:run-cell")
		alive(t, figures)
	})
	t.Run("twenty runs", func(t *testing.T) {
		var after5 webtest.Counts
		for i := range 20 {
			doAt(1, "notebook:run-cell")
			alive(t, figures)
			if i == 4 {
				after5 = page.Counts()
			}
		}
		// JupyterLab's own nodes come and go by some hundreds; a chart has as many.
		if c := page.Counts(); c.Nodes > after5.Nodes+15*50 {
			t.Errorf("after 5 runs %+v, after 20 %+v", after5, c)
		}
	})
	t.Run("clear, undo, hide", func(t *testing.T) {
		doAt(1, "notebook:clear-cell-output")
		alive(t, figures-1)
		doAt(1, "notebook:run-cell")
		alive(t, figures)
		doAt(2, "notebook:cut-cell")
		alive(t, figures-1)
		do("notebook:undo-cell-action")
		alive(t, figures)
		doAt(1, "notebook:move-cell-down") // detached and attached elsewhere
		alive(t, figures)
		do("notebook:move-cell-up")
		alive(t, figures)
		do("notebook:hide-all-cell-outputs")
		page.Wait(`[...document.querySelectorAll(".t2g-live")].every(e => !e.checkVisibility())`)
		do("notebook:show-all-cell-outputs")
		alive(t, figures)
	})
	t.Run("two views", func(t *testing.T) {
		do("docmanager:clone")
		alive(t, 2*figures) // each as wide as its half of the window
		do("application:close")
		alive(t, figures)
		doAt(1, "notebook:create-output-view")
		page.Wait(fmt.Sprintf(`t2gCharts.count() === %d`, figures+1))
		do("application:close")
		alive(t, figures)
	})
	t.Run("two notebooks", func(t *testing.T) {
		execute("docmanager:open", `{ path: "other.ipynb", options: { mode: "split-right" } }`)
		page.Wait(`jupyterapp.shell.currentWidget.title.label === "other.ipynb"`)
		page.Wait(connected)
		do("notebook:run-all-cells")
		alive(t, 2*figures)
		do("notebook:clear-all-cell-outputs") // its library, too
		alive(t, figures)
		do("notebook:run-all-cells")
		alive(t, 2*figures)
		do("application:close") // asks whether to save
		page.Click(".jp-Dialog .jp-mod-warn")
		alive(t, figures)
		doAt(1, "notebook:run-cell")
		alive(t, figures)
	})
	readable := func(t *testing.T, page *webtest.Page) {
		t.Helper()
		page.Do(`for (const d of document.querySelectorAll(".t2g-figure details")) d.open = true`)
		page.Do(`document.querySelectorAll(".t2g-figure").forEach((f, i) => f.id = "figure-" + i)`)
		for i := range figures {
			for _, v := range page.Violations(fmt.Sprintf("#figure-%d", i)) {
				t.Error(v)
			}
		}
		for _, text := range page.Texts(".t2g-figure") {
			if text.Contrast < 4.5 {
				t.Errorf("%q has a contrast of %.2f", text.Text, text.Contrast)
			}
		}
	}
	t.Run("light and dark", func(t *testing.T) {
		for _, theme := range []string{"JupyterLab Light", "JupyterLab Dark"} {
			execute("apputils:change-theme", fmt.Sprintf(`{ theme: %q }`, theme))
			page.Wait(fmt.Sprintf(`document.body.dataset.jpThemeName === %q`, theme))
			readable(t, page)
			picture(t, page, "lab-figures-"+strings.ToLower(theme[len("JupyterLab "):])+".png")
		}
	})
	t.Run("reopened", func(t *testing.T) {
		do("docmanager:save")
		libraries := 0
		for _, c := range read(t, filepath.Join(folder, name)).Cells {
			for _, o := range c.Outputs {
				html := string(o.Data["text/html"])
				if strings.Contains(html, `<script data-course="charts">`) {
					libraries++
				} else if len(html) > 12_000 {
					t.Errorf("%s takes %d bytes in the notebook", c.ID, len(html))
				}
			}
		}
		if libraries != 1 {
			t.Errorf("the notebook holds the chart library %d times", libraries)
		}
		page = browser.Open(t, l.open(name), tall)
		ready(page, cells)
		alive(t, figures) // nothing was run
	})
	t.Run("untrusted", func(t *testing.T) {
		// Another server has another database of signatures: it trusts no notebook of this one.
		page := browser.Open(t, startLab(t, folder, "--LabApp.expose_app_in_browser=True").open(name), tall)
		ready(page, cells)
		page.Wait(fmt.Sprintf(`%s === %d`, still, figures))
		if webtest.Eval[bool](page, `document.querySelector(".t2g-live") !== null || "t2gCharts" in window`) {
			t.Error("a script of the untrusted notebook ran")
		}
		readable(t, page)
		page.NoErrors()
		picture(t, page, "lab-figures-untrusted.png")

		page.Do(`void jupyterapp.commands.execute("notebook:trust")`)
		page.Click(".jp-Dialog .jp-mod-accept, .jp-Dialog .jp-mod-warn")
		page.Wait(fmt.Sprintf(`t2gCharts.count() === %d && %s === 0`, figures, still)) // nothing was run
	})
	t.Run("exported", func(t *testing.T) {
		export := func(name string, options ...string) *webtest.Page {
			args := append([]string{"-m", "nbconvert", "--to=html", "--output=" + name, "--output-dir=" + folder,
				"--HTMLExporter.require_js_url=", "--HTMLExporter.mathjax_url=", "--HTMLExporter.mermaid_js_url="}, options...)
			if log, err := python(t, nil, append(args, filepath.Join(folder, "figures.ipynb"))...); err != nil {
				t.Fatalf("%v\n%s", err, log)
			}
			return browser.Open(t, "file://"+filepath.Join(folder, name), tall)
		}
		page := export("figures.html")
		page.Wait(fmt.Sprintf(`t2gCharts.count() === %d && %s === 0`, figures, still))
		page.NoErrors()

		// Nbconvert's sanitizer leaves no picture, of whatever kind, but the description and the
		// numbers, and the scripts only out of sight.
		page = export("sanitized.html", "--HTMLExporter.sanitize_html=True")
		text := webtest.Eval[string](page, `document.body.innerText`)
		for _, want := range []string{`<img alt="Histogram of 10,000 draws by value, from `, "From a normal distribution.", "The numbers", `<img alt="Times of “Time for 1,000 walks”: one worker median `} {
			if !strings.Contains(text, want) {
				t.Errorf("no %q in\n%s", want, text)
			}
		}
		for _, unwanted := range []string{"Apache ECharts", "t2gCharts", "renderItem"} {
			if strings.Contains(text, unwanted) {
				t.Errorf("%q in\n%s", unwanted, text)
			}
		}
		page.NoErrors()
	})
}

// TestFiguresInClassicNotebook is about the page of the notebook before JupyterLab, which has
// require.js on it and writes outputs with jQuery.
func TestFiguresInClassicNotebook(t *testing.T) {
	const name = "figures.ipynb"
	folder := t.TempDir()
	source, err := os.ReadFile("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(folder, name), source, 0o666); err != nil {
		t.Fatal(err)
	}
	cells := len(read(t, "testdata/"+name).Cells)
	figures := cells
	classic := filepath.Join(environment(t), "share", "nbclassic")
	if _, err := os.Stat(classic); err != nil {
		t.Fatalf("the classic notebook: %v; run `make test`, which sets it up", err)
	}
	start := func(t *testing.T) string {
		l := startServer(t, folder, []string{"PYTHONPATH=" + classic}, "nbclassic")
		return l.url + "/notebooks/" + name + "?token=" + l.token
	}
	browser := webtest.Start(t)
	tall := webtest.Setting{Height: 700 * cells}
	address := start(t)
	page := browser.Open(t, address, tall)
	page.Wait(`Jupyter.notebook.kernel.is_connected()`)
	alive := func(t *testing.T, n int) {
		t.Helper()
		page.Wait(fmt.Sprintf(`t2gCharts.count() === %d && document.querySelectorAll(".t2g-live svg").length === %d && %s === 0`, n, n, still))
		for _, e := range page.Errors() {
			if !strings.Contains(e, "/nbextensions/widgets/") { // which it wants from ipywidgets
				t.Error(e)
			}
		}
	}

	t.Run("set-up that comes late", func(t *testing.T) {
		page.Do(`Jupyter.notebook.execute_cell_range(1, Jupyter.notebook.ncells())`)
		page.Wait(fmt.Sprintf(`%s === %d`, still, figures))
		page.Do(`Jupyter.notebook.execute_cells([0])`)
		alive(t, figures)
		picture(t, page, "classic.png")
	})
	t.Run("twenty runs, clear", func(t *testing.T) {
		for i := range 20 {
			page.Do(`Jupyter.notebook.execute_cells([1])`)
			page.Wait(fmt.Sprintf(`Jupyter.notebook.get_cell(1).input_prompt_number === %d`, cells+1+i))
			alive(t, figures)
		}
		page.Do(`Jupyter.notebook.get_cell(1).clear_output()`)
		alive(t, figures-1)
		page.Do(`Jupyter.notebook.execute_cells([1])`)
		alive(t, figures)
		page.Do(`Jupyter.notebook.save_notebook().then(() => {})`)
	})
	t.Run("reopened", func(t *testing.T) {
		page = browser.Open(t, address, tall)
		alive(t, figures)
	})
	t.Run("untrusted", func(t *testing.T) {
		page := browser.Open(t, start(t), tall)
		page.Wait(fmt.Sprintf(`%s === %d`, still, figures))
		if webtest.Eval[bool](page, `document.querySelector(".t2g-live") !== null || "t2gCharts" in window`) {
			t.Error("a script of the untrusted notebook ran")
		}
		picture(t, page, "classic-untrusted.png")
	})
}

// connected says that the notebook in front has a kernel to run on.
const connected = `(c => c.isReady && c.session.kernel.connectionStatus === "connected")(jupyterapp.shell.currentWidget.sessionContext)`

// still counts the pictures that are to be seen.
const still = `[...document.querySelectorAll(".t2g-figure > img")].filter(e => e.getBoundingClientRect().height > 100 && e.naturalWidth > 0).length`
