package notebooks

import (
	"encoding/json"
	"fmt"
	"html"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/chromedp/chromedp/kb"

	"github.com/threads2go/course/charts/web/webtest"
)

var (
	linkPattern = regexp.MustCompile(`\s(?:href|src)="([^"]*)"`)
	idPattern   = regexp.MustCompile(`\sid="([^"]*)"`)
)

// Links within the site lead to a file of it, and to an element with that name; others are
// addresses in form. None leads out of the site's folder, so it works wherever it is.
func TestSiteLinks(t *testing.T) {
	t.Parallel()
	site := site(t)
	ids := map[string]map[string]bool{} // by file
	read := func(file string) string {
		b, err := os.ReadFile(filepath.Join(site, filepath.FromSlash(file)))
		if err != nil {
			t.Fatal(err)
		}
		return string(b)
	}
	for _, page := range pages(t, site) {
		ids[page] = map[string]bool{"": true, "top": true}
		for _, m := range idPattern.FindAllStringSubmatch(read(page), -1) {
			ids[page][html.UnescapeString(m[1])] = true
		}
	}
	internal := 0
	for page := range ids {
		for _, m := range linkPattern.FindAllStringSubmatch(read(page), -1) {
			link := html.UnescapeString(m[1])
			u, err := url.Parse(link)
			switch {
			case err != nil:
				t.Errorf("%s: %v", page, err)
			case u.Scheme == "data":
			case u.Scheme == "https" && strings.Contains(u.Host, "."):
			case u.Scheme != "" || u.Host != "" || strings.HasPrefix(u.Path, "/"):
				t.Errorf("%s: a link to %q", page, link)
			default:
				internal++
				to := page
				if u.Path != "" {
					to = path.Join(path.Dir(page), u.Path)
				}
				if !filepath.IsLocal(filepath.FromSlash(to)) {
					t.Errorf("%s: a link to %q, out of the site", page, link)
				} else if info, err := os.Stat(filepath.Join(site, filepath.FromSlash(to))); err != nil || info.IsDir() {
					t.Errorf("%s: a link to %q, which is no file", page, link)
				} else if known, ok := ids[to]; ok && !known[u.Fragment] {
					t.Errorf("%s: a link to %q, where nothing has that name", page, link)
				}
			}
		}
	}
	if internal < 1000 {
		t.Errorf("only %d links within the site were checked", internal)
	}
}

// The site is small: what a lesson's page holds beside its pictures, and the chart library once.
func TestSiteSize(t *testing.T) {
	site := site(t)
	picture := regexp.MustCompile(`src="data:image/svg\+xml;base64,[^"]*"`)
	for _, path := range lessons(t) {
		b, err := os.ReadFile(filepath.Join(site, strings.TrimSuffix(path, ".ipynb")+".html"))
		if err != nil {
			t.Fatal(err)
		}
		rest := len(picture.ReplaceAll(b, nil))
		t.Logf("%s: %d KB, %d KB beside its pictures", path, len(b)/1000, rest/1000)
		if rest > 400_000 {
			t.Errorf("%s: the page has %d bytes beside its pictures, at most 400,000", path, rest)
		}
		if strings.Contains(string(b), "course-charts") {
			t.Errorf("%s: the chart library is in the page", path)
		}
	}
}

// TestLessonPage uses a lesson's page as its reader and a lecturer do.
func TestLessonPage(t *testing.T) {
	site := site(t)
	executed := executed(t)
	browser := webtest.Start(t)
	for _, file := range lessons(t) {
		n := read(t, filepath.Join(executed, file))
		t.Run(n.name, func(t *testing.T) {
			page := browser.Open(t, "file://"+filepath.Join(site, n.name+".html"), webtest.Setting{})
			times := webtest.Eval[[]float64](page, `[performance.getEntriesByName("first-contentful-paint")[0].startTime, performance.getEntriesByType("navigation")[0].loadEventEnd]`)
			t.Logf("first paint after %.0f ms, loaded after %.0f ms", times[0], times[1])

			binder := "https://mybinder.org/v2/gh/threads2go/course/main?urlpath=lab/tree/notebooks/" + file
			for selector, want := range map[string]string{
				`.dropdown-launch-buttons a`: binder,
				`a.btn-download`:             "notebooks/" + file,
			} {
				if got := webtest.Eval[string](page, fmt.Sprintf(`document.querySelector(%q)?.getAttribute("href") ?? "none"`, selector)); got != want {
					t.Errorf("%s leads to %s, want %s", selector, got, want)
				}
			}
			assertLanguages(t, page, n)
			assertFailures(t, page, n)

			// Code folds, each cell's and all, with the mouse and with the keyboard.
			unfolded := func() int {
				return webtest.Eval[int](page, `[...document.querySelectorAll(".cell_input")].filter(e => e.checkVisibility()).length`)
			}
			code := unfolded()
			page.Click("button.fold")
			if got := unfolded(); got != code-1 {
				t.Errorf("with one cell folded, %d of %d show their code", got, code)
			}
			page.Click(".btn-fold")
			if got := unfolded(); got != 0 {
				t.Errorf("with all folded, %d of %d show their code", got, code)
			}
			page.Do(`document.querySelector(".btn-fold").focus()`)
			page.Press(kb.Enter)
			if got := unfolded(); got != code {
				t.Errorf("after the keyboard, %d of %d show their code", got, code)
			}
			if n := webtest.Eval[int](page, `document.querySelectorAll(".cell_input button.copybtn").length`); n != code {
				t.Errorf("%d of %d cells have a button that copies", n, code)
			}
			if n := webtest.Eval[int](page, `document.querySelectorAll(".cell_output button.copybtn").length`); n != 0 {
				t.Errorf("%d outputs have a button that copies", n)
			}
			page.NoErrors()
		})
	}
}

// language is that of a code cell.
func language(source string) string {
	switch {
	case strings.HasPrefix(source, "%%script python"):
		return "python"
	case strings.HasPrefix(source, "!"):
		return "bash"
	}
	return "go"
}

// assertLanguages: each cell is coloured in its language, not in the notebook's.
func assertLanguages(t *testing.T, page *webtest.Page, n notebook) {
	t.Helper()
	want := map[string]int{"go": 0, "python": 0, "bash": 0}
	for _, c := range n.Cells {
		if c.Type == "code" {
			want[language(string(c.Source))]++
		}
	}
	for name, n := range want {
		if got := webtest.Eval[int](page, fmt.Sprintf(`document.querySelectorAll(".cell_input > .highlight-%s").length`, name)); got != n {
			t.Errorf("%d cells are coloured as %s, want %d", got, name, n)
		}
	}
}

// assertFailures: a cell that fails shows its report in red, and no other output is red but
// the reports of races and of Python.
func assertFailures(t *testing.T, page *webtest.Page, n notebook) {
	t.Helper()
	report := regexp.MustCompile(`WARNING: DATA RACE|(?m)^fatal error: |^panic: |^Traceback \(most`)
	want := 0
	for _, c := range n.Cells {
		for _, o := range c.Outputs {
			if o.Type == "error" || report.MatchString(string(o.Text)) {
				want++
				break
			}
		}
	}
	got := webtest.Eval[int](page, `[...document.querySelectorAll(".cell_output")].filter(e => e.querySelector(".failure")).length`)
	if got != want {
		t.Errorf("%d cells show a failure, want %d", got, want)
	}
	for _, color := range webtest.Eval[[]string](page, `[...document.querySelectorAll(".failure")].map(e => getComputedStyle(e).borderLeftColor)`) {
		if color != "rgb(196, 32, 41)" {
			t.Errorf("a failure is %s", color)
		}
	}
}

// Search finds a word's lessons, and its results lead to pages: from a folder, and from a server.
func TestSearch(t *testing.T) {
	t.Parallel()
	site := site(t)
	server := httptest.NewServer(http.FileServer(http.Dir(site)))
	defer server.Close()
	browser := webtest.Start(t)
	for _, root := range []string{"file://" + filepath.ToSlash(site), server.URL} {
		page := browser.Open(t, root+"/index.html", webtest.Setting{})
		search(t, page, site)
	}
}

func search(t *testing.T, page *webtest.Page, site string) {
	t.Helper()
	page.Do(`document.querySelector(".search-button-field").focus()`)
	page.Press(kb.Enter)
	page.Wait(`document.activeElement.matches("input[type=search]")`)
	page.Press("semaphore" + kb.Enter)
	page.Wait(`location.pathname.endsWith("/search.html")`)
	page.Wait(`document.querySelector("#search-results li a")`)
	links := webtest.Eval[[]string](page, `[...document.querySelectorAll("#search-results li a")].map(a => a.getAttribute("href").replace(/[?#].*/, ""))`)
	found := false
	for _, link := range links {
		if _, err := os.Stat(filepath.Join(site, filepath.FromSlash(link))); err != nil {
			t.Errorf("a result leads to %q: %v", link, err)
		}
		found = found || link == "api/lock.html"
	}
	if !found {
		t.Errorf("semaphore is found in %q, and not in package lock", links)
	}
	page.NoErrors()
}

// The reader's choice of light or dark is kept from page to page, and the charts follow it.
func TestTheme(t *testing.T) {
	t.Parallel()
	site := site(t)
	dark := func(page *webtest.Page, want bool) {
		t.Helper()
		if got := webtest.Eval[bool](page, `document.documentElement.dataset.theme === "dark"`); got != want {
			t.Errorf("the page is dark: %v, want %v", got, want)
		}
		if got := webtest.Eval[bool](page, `[...document.querySelectorAll(".t2g-figure img")].every(e => getComputedStyle(e).filter !== "none")`); got != want {
			t.Errorf("the charts are dark: %v, want %v", got, want)
		}
	}
	page := webtest.Start(t).Open(t, "file://"+filepath.Join(site, "03_races_conditions_pools.html"), webtest.Setting{})
	dark(page, false)
	page.Click(".theme-switch-button")
	page.Click(`.theme-change-button[data-mode="dark"]`)
	dark(page, true)
	page.Click("a.right-next")
	page.Wait(`location.pathname.endsWith("/04_bootstrap_with_workers.html") && document.readyState === "complete"`)
	dark(page, true)
	page.NoErrors()
}

// The arrow keys and the links at the foot go through the lessons in order.
func TestNextPage(t *testing.T) {
	t.Parallel()
	site := site(t)
	lessons := lessons(t)
	page := webtest.Start(t).Open(t, "file://"+filepath.Join(site, strings.Replace(lessons[0], ".ipynb", ".html", 1)), webtest.Setting{})
	for _, next := range lessons[1:] {
		name := strings.Replace(next, ".ipynb", ".html", 1)
		if got := webtest.Eval[string](page, `document.querySelector("a.right-next").getAttribute("href")`); got != name {
			t.Errorf("the next page is %s, want %s", got, name)
		}
		page.Press(kb.ArrowRight)
		page.Wait(fmt.Sprintf(`location.pathname.endsWith(%q) && document.readyState === "complete"`, "/"+name))
	}
	page.Press(kb.ArrowLeft)
	page.Wait(fmt.Sprintf(`location.pathname.endsWith(%q)`, "/"+strings.Replace(lessons[len(lessons)-2], ".ipynb", ".html", 1)))
}

// A notebook that is downloaded is the lesson without outputs, and JupyterLab opens it.
func TestDownload(t *testing.T) {
	t.Parallel()
	site := site(t)
	folder := filepath.Join(site, "notebooks")
	for _, path := range lessons(t) {
		got, want := read(t, filepath.Join(folder, path)), read(t, path)
		if len(got.Cells) != len(want.Cells) {
			t.Fatalf("%s has %d cells, want %d", path, len(got.Cells), len(want.Cells))
		}
		for i, c := range got.Cells {
			if c.ID != want.Cells[i].ID || c.Source != want.Cells[i].Source || len(c.Outputs) > 0 || c.ExecutionCount != nil {
				t.Errorf("%s: cell %s is not the lesson's without its outputs", path, c.ID)
			}
		}
	}
	data, err := filepath.Glob("data/*")
	if err != nil || len(data) == 0 {
		t.Fatalf("no data: %v", err)
	}
	for _, file := range data { // which lesson 04 reads
		if _, err := os.Stat(filepath.Join(folder, file)); err != nil {
			t.Error(err)
		}
	}
	name := lessons(t)[0]
	page := webtest.Start(t).Open(t, startLab(t, folder).open(name), webtest.Setting{})
	ready(page, len(read(t, name).Cells))
	page.NoErrors()
}

// The page that says how the pages were made has every lesson's run.
func TestMadePage(t *testing.T) {
	site := site(t)
	b, err := os.ReadFile(filepath.Join(site, "made.html"))
	if err != nil {
		t.Fatal(err)
	}
	text := regexp.MustCompile(`<[^>]*>`).ReplaceAllString(string(b), " ")
	for _, path := range lessons(t) {
		n := read(t, filepath.Join(executed(t), path))
		title, _, _ := strings.Cut(strings.TrimPrefix(string(n.Cells[0].Source), "# "), "\n")
		row := regexp.MustCompile(regexp.QuoteMeta(html.EscapeString(title)) + `\s+\d+ s\s+[\d,]+ MB\s+small\s+20\d\d-\d\d-\d\d`)
		if !row.MatchString(strings.ReplaceAll(text, "’", "'")) {
			t.Errorf("no row %s", row)
		}
	}
	for _, want := range []string{"GOMAXPROCS", "GoNB v", "Python 3.", "myst-nb"} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q", want)
		}
	}
}

// The course as one PDF has every lesson in its outline, on the page that its contents say,
// and its figures.
func TestPDF(t *testing.T) {
	t.Parallel()
	if os.Getenv("ONLY") != "" {
		t.Skip("ONLY is set: the PDF needs every notebook")
	}
	executed := executed(t)
	file := filepath.Join(built, "course.pdf")
	if log, err := python(t, []string{"COURSE_SCALE=small"}, "build.py", "--executed", executed, "--pdf", file); err != nil {
		t.Fatalf("%v\n%s", err, log)
	}
	out, err := python(t, nil, "-c", `
import json, pypdf, sys
pdf = pypdf.PdfReader(sys.argv[1])
outline = {}
def walk(items):
    for item in items:
        if isinstance(item, list):
            walk(item)
        else:
            outline.setdefault(item.title, pdf.get_destination_page_number(item) + 1)
walk(pdf.outline)
print(json.dumps({"outline": outline, "pages": [page.extract_text() for page in pdf.pages], "tagged": "/StructTreeRoot" in pdf.trailer["/Root"]}))`, file)
	var pdf struct {
		Outline map[string]int
		Pages   []string
		Tagged  bool
	}
	if err != nil || json.Unmarshal([]byte(out), &pdf) != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	info, err := os.Stat(file)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%d pages, %.1f MB", len(pdf.Pages), float64(info.Size())/1e6)
	if !pdf.Tagged {
		t.Error("the PDF has no tags for screen readers")
	}
	all := strings.Join(strings.Fields(strings.Join(pdf.Pages, " ")), " ")
	for _, path := range lessons(t) {
		n := read(t, filepath.Join(executed, path))
		title, _, _ := strings.Cut(strings.TrimPrefix(string(n.Cells[0].Source), "# "), "\n")
		title = strings.ReplaceAll(title, "'", "’")
		page, ok := pdf.Outline[title]
		if !ok {
			t.Errorf("%q is not in the outline %v", title, pdf.Outline)
		} else if entry := fmt.Sprintf("%d%s %s", page, n.name[:2], title); !strings.Contains(pdf.Pages[0], entry) {
			t.Errorf("no %q in the contents\n%s", entry, pdf.Pages[0])
		}
		for _, c := range n.Cells {
			for _, o := range c.Outputs {
				for _, m := range regexp.MustCompile(`<img alt="[^"]*“([^"”]+)”`).FindAllStringSubmatch(string(o.Data["text/html"]), -1) {
					if title := html.UnescapeString(m[1]); !strings.Contains(all, strings.Join(strings.Fields(title), " ")) {
						t.Errorf("%s: the figure %q is not in the PDF", n.name, title)
					}
				}
			}
		}
	}
}

// A lesson becomes a page that needs no network by plain nbconvert, with its figures live and
// each cell in its language.
func TestTemplate(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	args := []string{"-m", "nbconvert", "--to=html", "--template=course", "--output-dir=" + folder}
	for _, path := range lessons(t) {
		args = append(args, filepath.Join(executed(t), path))
	}
	if log, err := python(t, nil, args...); err != nil {
		t.Fatalf("%v\n%s", err, log)
	}
	browser := webtest.Start(t)
	for _, path := range lessons(t) {
		n := read(t, filepath.Join(executed(t), path))
		t.Run(n.name, func(t *testing.T) {
			converted(t, browser.Open(t, "file://"+filepath.Join(folder, n.name+".html"), webtest.Setting{}), n)
		})
	}
}

func converted(t *testing.T, page *webtest.Page, n notebook) {
	t.Helper()
	wakeAll(page)
	if got, want := webtest.Eval[int](page, `document.querySelectorAll(".t2g-live svg").length`), shows(n).figures; got != want {
		t.Errorf("%d live figures, want %d", got, want)
	}
	for _, c := range n.Cells {
		if language(string(c.Source)) == "python" && c.Type == "code" {
			if !webtest.Eval[bool](page, `[...document.querySelectorAll(".highlight")].some(e => e.textContent.startsWith("%%script python") && [...e.querySelectorAll("span.kn, span.k")].some(k => k.textContent === "import"))`) {
				t.Error("Python is not coloured as Python")
			}
			break
		}
	}
	// Links lead to the same files as in JupyterLab: nbconvert writes beside the notebook.
	for _, link := range webtest.Eval[[]string](page, `[...document.querySelectorAll("a[href]")].map(a => a.getAttribute("href"))`) {
		if !strings.HasPrefix(link, "#") && checkLink(link) != nil {
			t.Errorf("a link to %q: %v", link, checkLink(link))
		}
	}
	page.NoErrors()
}
