package notebooks

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/threads2go/course/charts/web/webtest"
)

// TestLab drives the real JupyterLab as a reader does: open a lesson, Run All, use a chart,
// save; then open the saved notebook where it is not trusted.
func TestLab(t *testing.T) {
	const name = "03_races_conditions_pools.ipynb"
	folder := t.TempDir()
	source, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(folder, name), source, 0o666); err != nil {
		t.Fatal(err)
	}
	browser := webtest.Start(t)

	var figures int
	t.Run("run all", func(t *testing.T) {
		lab := startLab(t, folder)
		if code := status(t, lab.url+"/api/contents"); code != http.StatusForbidden {
			t.Errorf("without a token the server answers %d, want 403", code)
		}
		page := browser.Open(t, lab.open(name), webtest.Setting{Height: 1200})
		defer pictureOfFailure(t, page)
		ready(page, len(read(t, name).Cells))
		menu(page, "Run", "runmenu:run-all")
		code := 0
		for _, c := range read(t, name).Cells {
			if c.Type == "code" {
				code++
			}
		}
		page.WaitFor(3*time.Minute, fmt.Sprintf(
			`[...document.querySelectorAll(".jp-InputPrompt")].some(p => p.textContent.trim() === "[%d]:")`, code))
		menu(page, "File", "docmanager:save")
		page.Wait(`!document.querySelector(".jp-mod-dirty, .jp-Document .lm-mod-dirty")`)

		saved := read(t, filepath.Join(folder, name))
		for _, c := range saved.Cells {
			failed := false
			for _, o := range c.Outputs {
				figures += strings.Count(string(o.Data["text/html"]), `<figure class="t2g-figure"`)
				failed = failed || o.Type == "error"
			}
			if intended := slices.Contains(c.Metadata.Tags, "raises-exception"); failed != intended {
				t.Errorf("cell %s: failed %t, intended %t: %s", c.ID, failed, intended, c.output())
			}
		}
		if figures == 0 {
			t.Fatal("no figure was saved")
		}
		count := scrollCount(page, ".t2g-live svg")
		if count != figures {
			t.Errorf("%d of %d figures are live", count, figures)
		}
		hover(t, page)
		page.NoErrors()
		picture(t, page, "lab.png")
	})

	t.Run("untrusted", func(t *testing.T) {
		if figures == 0 {
			t.Fatal("no notebook was saved to open")
		}
		// Another server has another database of signatures: it trusts no notebook of this one.
		page := browser.Open(t, startLab(t, folder).open(name), webtest.Setting{Height: 1200})
		defer pictureOfFailure(t, page)
		ready(page, len(read(t, name).Cells))
		if count := scrollCount(page, ".t2g-figure > img"); count != figures {
			t.Errorf("%d of %d figures show their picture", count, figures)
		}
		if webtest.Eval[bool](page, `document.querySelector('.t2g-live') !== null || 't2gCharts' in window`) {
			t.Error("a script of the untrusted notebook ran")
		}
		page.NoErrors()
		page.Wait(`(() => {
			const img = document.querySelector(".t2g-figure > img");
			img.scrollIntoView({ block: "center" });
			const r = img.getBoundingClientRect();
			return r.top > 0 && r.bottom < innerHeight && document.elementFromPoint(r.x + r.width / 2, r.y + r.height / 2) === img;
		})()`)
		picture(t, page, "lab-untrusted.png")
	})
}

// A lab is a JupyterLab server with a home of its own.
type lab struct{ url, token string }

func (l lab) open(notebook string) string {
	return l.url + "/lab/tree/" + notebook + "?token=" + l.token
}

// startLab starts JupyterLab on a folder, with options, and stops it when the test ends.
func startLab(t *testing.T, folder string, options ...string) lab {
	t.Helper()
	return startServer(t, folder, nil, append([]string{"jupyterlab"}, options...)...)
}

// startServer starts a Jupyter server on a folder, as a Python module with options and with
// variables for its environment, and stops it when the test ends.
func startServer(t *testing.T, folder string, variables []string, module ...string) lab {
	t.Helper()
	env, home := environment(t), t.TempDir()
	l := lab{url: "http://127.0.0.1:" + freePort(t), token: "a-token-for-tests"}
	var log strings.Builder
	cmd := exec.Command(filepath.Join(env, "bin", "python"), append([]string{"-m"}, module...)...)
	cmd.Args = append(cmd.Args, "--no-browser", "--allow-root",
		"--ServerApp.ip=127.0.0.1", "--ServerApp.port_retries=0", "--ServerApp.port="+strings.TrimPrefix(l.url, "http://127.0.0.1:"),
		"--ServerApp.root_dir="+folder, "--IdentityProvider.token="+l.token)
	cmd.Env = append(os.Environ(), "HOME="+home, "COURSE_SCALE=full",
		"JUPYTER_CONFIG_DIR="+home+"/config", "JUPYTER_DATA_DIR="+home+"/data", "JUPYTER_RUNTIME_DIR="+home+"/runtime")
	cmd.Env = append(cmd.Env, variables...)
	cmd.Stdout, cmd.Stderr = &log, &log
	cmd.WaitDelay = time.Second // a kernel that outlives the server holds the pipe
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		l.stopKernels(t)
		cmd.Process.Signal(syscall.SIGTERM)
		stop := time.AfterFunc(10*time.Second, func() { cmd.Process.Kill() })
		defer stop.Stop()
		cmd.Wait()
		if t.Failed() {
			t.Log(log.String())
		}
	})
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	for {
		r, err := http.Get(l.url + "/api")
		if err == nil {
			r.Body.Close()
			return l
		}
		select {
		case <-ctx.Done():
			t.Fatalf("%s does not answer: %v", module[0], err)
		case <-time.After(100 * time.Millisecond):
		}
	}
}

// stopKernels ends the server's kernels: one that is still starting outlives the server.
func (l lab) stopKernels(t *testing.T) {
	var kernels []struct{ ID string }
	request := func(method, path string, answer any) {
		r, err := http.NewRequest(method, l.url+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Authorization", "token "+l.token)
		response, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Error(err)
			return
		}
		defer response.Body.Close()
		if answer != nil {
			if err := json.NewDecoder(response.Body).Decode(answer); err != nil {
				t.Error(err)
			}
		}
	}
	request("GET", "/api/kernels", &kernels)
	for _, k := range kernels {
		request("DELETE", "/api/kernels/"+k.ID, nil)
	}
}

func freePort(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	_, port, _ := net.SplitHostPort(listener.Addr().String())
	return port
}

func status(t *testing.T, url string) int {
	t.Helper()
	r, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	r.Body.Close()
	return r.StatusCode
}

// ready waits until the notebook is on the page with all its cells, and its kernel is idle.
func ready(page *webtest.Page, cells int) {
	page.WaitFor(2*time.Minute, `[...document.querySelectorAll(".jp-Notebook-ExecutionIndicator")].some(
		e => e.dataset.status === "idle")`)
	page.Wait(fmt.Sprintf(`document.querySelectorAll(".jp-Cell").length >= %d`, cells))
}

// menu picks an entry of one of JupyterLab's menus with the mouse. An entry is taken where the
// pointer has moved to, so it moves there first.
func menu(page *webtest.Page, name, command string) {
	page.Wait(fmt.Sprintf(`[...document.querySelectorAll(".lm-MenuBar-item")].some(
		e => e.textContent === %q && (e.id = "test-menu"))`, name))
	page.Click("#test-menu")
	page.Do(`document.querySelector("#test-menu").removeAttribute("id")`)
	entry := fmt.Sprintf(`.lm-Menu-item[data-command=%q]`, command)
	page.Wait(fmt.Sprintf(`document.querySelector('%s')`, entry))
	at := webtest.Eval[struct{ X, Y float64 }](page, fmt.Sprintf(`(() => {
		const r = document.querySelector('%s').getBoundingClientRect();
		return { x: r.x + r.width / 2, y: r.y + r.height / 2 };
	})()`, entry))
	page.Point(at.X-1, at.Y)
	page.Point(at.X, at.Y)
	page.Click(entry)
	page.Wait(`!document.querySelector(".lm-Menu")`)
}

// scrollCount scrolls through the notebook and counts the places where a selector matches;
// JupyterLab may take what is far from the screen off the page.
func scrollCount(page *webtest.Page, selector string) int {
	return webtest.Eval[int](page, fmt.Sprintf(`(async () => {
		const seen = new Set(), area = document.querySelector(".jp-WindowedPanel-outer");
		for (let y = 0; y < area.scrollHeight; y += area.clientHeight / 3) {
			area.scrollTo(0, y);
			await new Promise(r => setTimeout(r, 200));
			for (const e of document.querySelectorAll(%q)) if (e.getBoundingClientRect().height > 100) seen.add(e);
		}
		return seen.size;
	})()`, selector))
}

// hover moves the pointer over a live histogram and waits for what it says.
func hover(t *testing.T, page *webtest.Page) {
	t.Helper()
	box := webtest.Eval[struct{ X, Y float64 }](page, `(() => {
		const charts = document.querySelectorAll(".t2g-live"), chart = charts[charts.length - 1];
		chart.scrollIntoView({ block: "center" });
		const r = chart.getBoundingClientRect();
		return { x: r.x + r.width / 2, y: r.y + r.height * 0.8 };
	})()`)
	page.Wait(fmt.Sprintf(`document.elementFromPoint(%g, %g).closest(".t2g-live")`, box.X, box.Y))
	for dx := range 5 {
		page.Point(box.X-40+float64(10*dx), box.Y)
	}
	page.Wait(`[...document.querySelectorAll(".t2g-live")].some(e => /\d/.test([...e.querySelectorAll("div")].map(d => d.innerText).join("")))`)
}

// pictureOfFailure keeps what the page shows when the test fails.
func pictureOfFailure(t *testing.T, page *webtest.Page) {
	if t.Failed() {
		picture(t, page, "lab-failed.png")
	}
}

func picture(t *testing.T, page *webtest.Page, name string) {
	t.Helper()
	folder := filepath.Join(built, "pages")
	if err := os.MkdirAll(folder, 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(folder, name), page.Screenshot("#main, #notebook"), 0o666); err != nil {
		t.Fatal(err)
	}
}
