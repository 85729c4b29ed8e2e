package notebooks

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/threads2go/course/charts/web/webtest"
)

var (
	siteOnce sync.Once
	siteLog  string
	siteErr  error
)

// site builds the pages of the notebooks that were run, once per test binary, and returns
// their folder. With ONLY set, the test that asks is skipped: the site needs every notebook.
func site(t *testing.T) string {
	t.Helper()
	if os.Getenv("ONLY") != "" {
		t.Skip("ONLY is set: the site needs every notebook")
	}
	folder, err := filepath.Abs(filepath.Join(built, "html"))
	if err != nil {
		t.Fatal(err)
	}
	executed := executed(t)
	siteOnce.Do(func() {
		siteLog, siteErr = python(t, []string{"COURSE_SCALE=small"}, "build.py", "--executed", executed, "--output", folder)
	})
	if siteErr != nil {
		t.Fatalf("%v\n%s", siteErr, siteLog)
	}
	return folder
}

// executed is the folder of the notebooks with their outputs. EXECUTED names one with
// notebooks that run.py ran before, for those who work on the pages and not on the lessons.
func executed(t *testing.T) string {
	t.Helper()
	if folder := os.Getenv("EXECUTED"); folder != "" {
		return folder
	}
	for _, path := range lessons(t) {
		run(t, path)
	}
	return filepath.Join(built, "notebooks")
}

// pages are the paths of all pages of the site, relative to its folder.
func pages(t *testing.T, site string) (paths []string) {
	t.Helper()
	err := fs.WalkDir(os.DirFS(site), ".", func(path string, d fs.DirEntry, err error) error {
		if path == "_static" {
			return fs.SkipDir
		}
		if strings.HasSuffix(path, ".html") {
			paths = append(paths, path)
		}
		return err
	})
	if err != nil || len(paths) < len(lessons(t))+10 {
		t.Fatalf("the site has the pages %q (%v)", paths, err)
	}
	return paths
}

// shown is what a page has to show of its notebook's outputs.
type shown struct{ figures, tables int }

func shows(n notebook) (s shown) {
	for _, c := range n.Cells {
		for _, o := range c.Outputs {
			html := string(o.Data["text/html"])
			s.figures += strings.Count(html, `<figure class="t2g-figure"`)
			s.tables += strings.Count(html, "<table")
		}
	}
	return s
}

// TestPages opens every page as readers do: on a light and a dark screen, on a phone, on paper,
// without JavaScript; never with a network. A picture of each stays in build/test/pages.
func TestPages(t *testing.T) {
	site := site(t)
	executed := executed(t)
	pictures := filepath.Join(built, "pages")
	if err := os.MkdirAll(pictures, 0o777); err != nil {
		t.Fatal(err)
	}
	browser := webtest.Start(t)
	for _, path := range pages(t, site) {
		name := strings.TrimSuffix(path, ".html")
		var want shown
		if slices.Contains(lessons(t), name+".ipynb") {
			if want = shows(read(t, filepath.Join(executed, name+".ipynb"))); want.figures == 0 {
				t.Errorf("%s shows no figure", name)
			}
		}
		for how, s := range map[string]webtest.Setting{
			"light":    {},
			"dark":     {Dark: true},
			"narrow":   {Width: 390, Height: 844},
			"print":    {Print: true, Dark: true}, // paper is light whatever the screen is
			"noscript": {NoScript: true},
		} {
			t.Run(name+"/"+how, func(t *testing.T) {
				t.Parallel()
				page := browser.Open(t, "file://"+filepath.Join(site, filepath.FromSlash(path)), s)
				assertShown(t, page, want, s)
				if wide := webtest.Eval[int](page, `document.documentElement.scrollWidth - innerWidth`); wide > 0 && !s.Print {
					t.Errorf("the page is %d pixels wider than the screen", wide)
				}
				page.NoErrors() // axe, below, asks for style sheets in vain
				if want.figures > 0 || how == "light" || how == "narrow" {
					keep(t, page, s, filepath.Join(pictures, strings.ReplaceAll(name, "/", "-")+"-"+how+".png"))
				}
				if how == "light" || how == "dark" {
					for _, v := range page.Violations("") {
						t.Error(v)
					}
				}
			})
		}
	}
}

// assertShown: every figure is there, live where scripts run and as its picture where not, and
// every table; the page is as dark as its reader wants, and so are the figures.
func assertShown(t *testing.T, page *webtest.Page, want shown, s webtest.Setting) {
	t.Helper()
	if s.NoScript {
		assertPictures(t, page, want.figures)
		if colors := webtest.Eval[int](page, `new Set([...document.querySelectorAll(".cell_input span")].map(e => getComputedStyle(e).color)).size`); want.figures > 0 && colors < 3 {
			t.Errorf("code has %d colours", colors)
		}
	} else {
		wakeAll(page)
		if n := webtest.Eval[int](page, `document.querySelectorAll(".t2g-live svg").length`); n != want.figures {
			t.Errorf("%d live figures, want the notebook's %d", n, want.figures)
		}
	}
	if s.Print {
		assertPictures(t, page, want.figures)
	}
	if tables := webtest.Eval[int](page, `document.querySelectorAll(".cell_output table").length`); tables != want.tables {
		t.Errorf("%d tables, want the notebook's %d", tables, want.tables)
	}
	ground := webtest.Eval[int](page, `(() => { // red, of 255; transparent is white
		const [red, , , opacity] = getComputedStyle(document.body).backgroundColor.match(/[\d.]+/g);
		return opacity === "0" ? 255 : Number(red);
	})()`)
	if dark := s.Dark && !s.Print; dark != (ground < 64) {
		t.Errorf("the page's ground is %d of 255", ground)
	} else if n := webtest.Eval[int](page, `[...document.querySelectorAll(".t2g-figure > :is(img, .t2g-live)")].filter(e => getComputedStyle(e).filter !== "none").length`); dark != (n > 0) && want.figures > 0 {
		t.Errorf("%d figures are turned dark", n)
	}
}

// keep keeps a picture of the whole page. Sidebars are whole only in a window as tall as the
// page, which cannot be taller than the browser paints.
func keep(t *testing.T, page *webtest.Page, s webtest.Setting, path string) {
	t.Helper()
	page.Do(`scrollTo(0, 0);
		document.head.append(Object.assign(document.createElement("style"), { textContent: "* { transition: none !important }" }))`)
	if height := webtest.Eval[int](page, `document.documentElement.scrollHeight`); height < 8000 {
		tall := s
		tall.Height = height
		page.Set(tall)
	}
	shot := page.Screenshot("")
	page.Set(s)
	if err := os.WriteFile(path, shot, 0o666); err != nil {
		t.Error(err)
	}
}

// wakeAll scrolls to each figure until it is live, as charts wake when they come near the screen.
func wakeAll(page *webtest.Page) {
	page.Do(`(async () => {
		for (const figure of document.querySelectorAll(".t2g-figure")) {
			figure.scrollIntoView();
			while (!figure.querySelector(".t2g-live svg")) await new Promise(r => setTimeout(r, 20));
		}
	})()`)
}

// assertPictures: every figure shows its picture, drawn, with a text beside it.
func assertPictures(t *testing.T, page *webtest.Page, figures int) {
	t.Helper()
	page.Wait(fmt.Sprintf(`[...document.querySelectorAll(".t2g-figure > img")].filter(
		i => i.naturalWidth > 0 && i.getBoundingClientRect().height > 100 && i.alt.length > 40).length === %d`, figures))
}
