package charts

import (
	"bytes"
	"cmp"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"image/png"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/threads2go/course/charts/web"
	"github.com/threads2go/course/charts/web/webtest"
)

// TestPages is about figures in a real browser, in pages like those that hold them.
func TestPages(t *testing.T) {
	environment(t)
	b := webtest.Start(t)
	for name, test := range map[string]func(*testing.T, *webtest.Browser){
		"accessible":                 accessible,
		"contrast":                   contrast,
		"stillness":                  stillness,
		"numbers for all":            numbersForAll,
		"positions":                  livePositions,
		"labels":                     liveLabels,
		"live equals picture":        liveEqualsPicture,
		"odd names":                  liveOddNames,
		"run again":                  runAgain,
		"library comes late":         libraryComesLate,
		"library comes twice":        libraryComesTwice,
		"two versions":               twoVersions,
		"require.js on the page":     besideRequireJS,
		"taken off and put back":     takenOffAndPutBack,
		"no JavaScript":              withoutJavaScript,
		"scripts stripped":           scriptsStripped,
		"broken option":              brokenOption,
		"print":                      onPaper,
		"narrow":                     narrow,
		"tooltip":                    tooltips,
		"zoom":                       zoom,
		"legend":                     legends,
		"save as picture":            saveAsPicture,
		"dark":                       dark,
		"table":                      tableForAll,
		"hidden, then shown":         hiddenThenShown,
		"two hundred on one page":    manyFigures,
		"saved picture stands alone": savedSVG,
		"grid":                       gridPages,
		"timelines":                  timelinePages,
		"speed-ups":                  speedupPages,
	} {
		t.Run(name, func(t *testing.T) { test(t, b) })
	}
}

func htmlOf(t *testing.T, f Figure) string {
	t.Helper()
	d, err := draw(f)
	if err != nil {
		t.Fatal(err)
	}
	html, err := d.html()
	if err != nil {
		t.Fatal(err)
	}
	return html
}

func library(t *testing.T) string {
	t.Helper()
	script, err := web.Script()
	if err != nil {
		t.Fatal(err)
	}
	return script
}

// open puts parts into a page and opens it.
func open(t *testing.T, b *webtest.Browser, s webtest.Setting, parts ...string) *webtest.Page {
	t.Helper()
	path := filepath.Join(t.TempDir(), "page.html")
	html := `<!doctype html><html lang="en"><meta charset="utf-8"><title>Test</title><body style="margin:0;padding:8px">` + strings.Join(parts, "\n")
	if err := os.WriteFile(path, []byte(html), 0o644); err != nil {
		t.Fatal(err)
	}
	return b.Open(t, "file://"+path, s)
}

// Expressions about the page's figures.
const (
	// ECharts paints in the frame after a change.
	painted = `new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(done))))`

	live   = `document.querySelectorAll(".t2g-live svg").length`
	images = `[...document.querySelectorAll(".t2g-figure img")].filter(i => i.offsetWidth > 100 && i.naturalWidth > 0).length`
)

// expect fails unless the page shows so many live charts and pictures, without errors.
func expect(t *testing.T, p *webtest.Page, charts, still int) {
	t.Helper()
	if charts > 0 {
		p.Wait(fmt.Sprintf("%s === %d", live, charts))
	}
	if n := webtest.Eval[int](p, live); n != charts {
		t.Errorf("%d live charts, want %d", n, charts)
	}
	if n := webtest.Eval[int](p, images); n != still {
		t.Errorf("%d pictures, want %d", n, still)
	}
	p.NoErrors()
}

// openAll opens a page with the figures, each in an element whose id is its name.
func openAll[F Figure](t *testing.T, b *webtest.Browser, s webtest.Setting, figures map[string]F) *webtest.Page {
	t.Helper()
	s.Height = 500 * len(figures) // all of them in sight, so all live
	parts := []string{library(t)}
	for _, name := range slices.Sorted(maps.Keys(figures)) {
		parts = append(parts, fmt.Sprintf(`<div id="%s">%s</div>`, name, htmlOf(t, figures[name])))
	}
	p := open(t, b, s, parts...)
	if s.NoScript {
		expect(t, p, 0, len(figures))
	} else {
		expect(t, p, len(figures), 0)
	}
	return p
}

// svgOf gives the SVG that a live chart draws, the first of those in an element.
func svgOf(p *webtest.Page, selector string) string {
	return webtest.Eval[string](p, fmt.Sprintf(`new XMLSerializer().serializeToString(document.querySelector(%q))`, strings.TrimSpace(selector+" .t2g-live svg")))
}

func livePositions(t *testing.T, b *webtest.Browser) {
	p := openAll(t, b, webtest.Setting{}, placed())
	for name, f := range placed() {
		t.Run(name, func(t *testing.T) { checkPositions(t, f, svgOf(p, "#"+name)) })
	}
}

func liveLabels(t *testing.T, b *webtest.Browser) {
	p := openAll(t, b, webtest.Setting{}, labelled())
	for name, h := range labelled() {
		t.Run(name, func(t *testing.T) { checkLabels(t, h, svgOf(p, "#"+name), figureWidth) })
	}
	p.Set(webtest.Setting{Width: 390, Height: 3000})
	p.Wait(`[...document.querySelectorAll(".t2g-live svg")].every(s => s.getAttribute("width") === "374")`)
	p.Do(painted)
	for name, h := range labelled() {
		t.Run(name+" at 390", func(t *testing.T) { checkLabels(t, h, svgOf(p, "#"+name), 374) })
	}
}

// liveEqualsPicture compares them by pixels, at the same size.
func liveEqualsPicture(t *testing.T, b *webtest.Browser) {
	all := figures()
	maps.Copy(all, gallery())
	alive := openAll(t, b, webtest.Setting{}, all)
	still := openAll(t, b, webtest.Setting{NoScript: true}, all)
	for name := range all {
		t.Run(name, func(t *testing.T) {
			shotLive, shotPicture := alive.Screenshot("#"+name+" .t2g-live"), still.Screenshot("#"+name+" img")
			share := differing(t, shotLive, shotPicture)
			t.Logf("%.2f %% of the pixels differ", 100*share)
			if share >= 0.01 {
				t.Errorf("%.2f %% of the pixels differ between live chart and picture", 100*share)
			}
			if dir := os.Getenv("CHARTS_SHOTS"); dir != "" { // to look at them
				os.WriteFile(filepath.Join(dir, name+"-live.png"), shotLive, 0o644)
				os.WriteFile(filepath.Join(dir, name+"-picture.png"), shotPicture, 0o644)
			}
		})
	}
}

// differing is the share of pixels that differ visibly.
func differing(t *testing.T, a, b []byte) float64 {
	t.Helper()
	x, err := png.Decode(bytes.NewReader(a))
	if err != nil {
		t.Fatal(err)
	}
	y, err := png.Decode(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	if x.Bounds() != y.Bounds() {
		t.Fatalf("sizes %v and %v", x.Bounds(), y.Bounds())
	}
	n := 0
	for i := x.Bounds().Min.X; i < x.Bounds().Max.X; i++ {
		for j := x.Bounds().Min.Y; j < x.Bounds().Max.Y; j++ {
			r1, g1, b1, _ := x.At(i, j).RGBA()
			r2, g2, b2, _ := y.At(i, j).RGBA()
			for _, d := range []int{int(r1) - int(r2), int(g1) - int(g2), int(b1) - int(b2)} {
				if d > 16<<8 || d < -16<<8 {
					n++
					break
				}
			}
		}
	}
	return float64(n) / float64(x.Bounds().Dx()*x.Bounds().Dy())
}

func liveOddNames(t *testing.T, b *webtest.Browser) {
	parts := []string{library(t)}
	for _, name := range oddNames {
		for _, f := range gallery() {
			html := htmlOf(t, named(f, name))
			checkMarkup(t, name, html)
			parts = append(parts, html)
		}
	}
	n := len(parts) - 1
	p := open(t, b, webtest.Setting{Height: 800 * n}, parts...)
	expect(t, p, n, 0)
	if shown := point(p, "figure"); shown < n {
		t.Errorf("tooltips in %d of %d figures", shown, n)
	}
	if v := webtest.Eval[string](p, `String(window.pwned)`); v != "undefined" {
		t.Errorf("a name ran as a script: pwned = %s", v)
	}
	if n := webtest.Eval[int](p, `document.querySelectorAll("img:not(.t2g-figure > img), figure b:not(.t2g-live b)").length`); n != 0 {
		t.Errorf("%d names became elements", n)
	}
	expect(t, p, n, 0)
}

// point moves the pointer over some of the shapes of the live charts in the elements that match a
// selector, and counts the elements in which it sees a tooltip.
func point(p *webtest.Page, selector string) int {
	p.Do(fmt.Sprintf(`spots = [...document.querySelectorAll(%q)].flatMap((figure, i) => {
		const spots = [...figure.querySelectorAll(".t2g-live svg path")].map(e => {
			const r = e.getBoundingClientRect();
			return r.width > 2 && r.width < 300 && r.height > 2 ? [r.x + r.width / 2, r.y + r.height / 2, i] : null;
		}).filter(Boolean);
		return [1, 2, 3, 4].map(k => spots[Math.floor(k / 5 * spots.length)]);
	})`, selector))
	shown := map[float64]bool{}
	for _, s := range webtest.Eval[[][3]float64](p, `spots`) {
		p.Point(s[0], s[1])
		if webtest.Eval[bool](p, fmt.Sprintf(`[...document.querySelectorAll(%q)[%v].querySelectorAll(".t2g-live > div > div")].some(e => e.innerText && getComputedStyle(e).visibility === "visible" && getComputedStyle(e).opacity > 0)`, selector, s[2])) {
			shown[s[2]] = true
		}
	}
	return len(shown)
}

// checkMarkup fails if the name that all texts of a figure are became more than text.
func checkMarkup(t *testing.T, name, html string) {
	t.Helper()
	lower := strings.ToLower(html)
	if n := strings.Count(lower, "<script"); n != 2 {
		t.Errorf("%q: %d script elements, want the option and the line that enqueues", name, n)
	}
	if strings.Count(lower, "<img") != 1 || strings.Contains(lower, "<b>") || strings.Contains(lower, "<!--") {
		t.Errorf("%q: a name became an element in %s", name, html)
	}
	_, picture, _ := strings.Cut(html, "base64,")
	picture, _, _ = strings.Cut(picture, `"`)
	svg, err := base64.StdEncoding.DecodeString(picture)
	if err != nil {
		t.Fatal(err)
	}
	parseSVG(t, string(svg)) // fails if it is not XML
}

// rerun puts a figure's HTML into an output as JupyterLab does: scripts run in order.
const rerun = `(html) => {
	const out = document.querySelector("#out");
	out.innerHTML = html;
	for (const old of out.querySelectorAll("script")) {
		const s = document.createElement("script");
		s.type = old.type || "text/javascript";
		s.textContent = old.textContent;
		old.replaceWith(s);
	}
}`

func runAgain(t *testing.T, b *webtest.Browser) {
	n := len(gallery())
	p := open(t, b, webtest.Setting{Height: 1000 * n}, library(t), `<div id="out"></div>`)
	html, _ := json.Marshal(strings.Join(slices.Collect(maps.Values(galleryHTML())), ""))
	var after5 webtest.Counts
	for i := range 20 {
		p.Do(fmt.Sprintf("(%s)(%s)", rerun, html))
		p.Wait(fmt.Sprintf("%s === %d", live, n))
		p.Wait(fmt.Sprintf("t2gCharts.count() === %d", n)) // those of the earlier runs are gone, not only out of sight
		if i == 4 {
			after5 = p.Counts()
		}
	}
	expect(t, p, n, 0)
	if c := p.Counts(); c != after5 {
		t.Errorf("%+v after 5 runs, %+v after 20", after5, c)
	}
	p.Do(`document.querySelector("#out").replaceChildren()`)
	p.Wait(`t2gCharts.count() === 0`)
	expect(t, p, 0, 0)
}

func libraryComesLate(t *testing.T, b *webtest.Browser) {
	n := len(gallery())
	parts := slices.Collect(maps.Values(galleryHTML()))
	p := open(t, b, webtest.Setting{Height: 1000 * n}, append(parts, `<div id="out"></div>`)...)
	expect(t, p, 0, n)
	script, _ := json.Marshal(library(t))
	p.Do(fmt.Sprintf("(%s)(%s)", rerun, script))
	expect(t, p, n, 0)
}

func libraryComesTwice(t *testing.T, b *webtest.Browser) {
	p := open(t, b, webtest.Setting{}, library(t), htmlOf(t, walks()), library(t), htmlOf(t, comparison()), library(t))
	expect(t, p, 2, 0)
	if n := webtest.Eval[int](p, `document.querySelectorAll("style").length`); n != 1 {
		t.Errorf("%d style sheets, want 1", n)
	}
}

// A page may hold outputs of two versions of the course. Each figure is drawn by its own library,
// whichever comes first.
func twoVersions(t *testing.T, b *webtest.Browser) {
	newer := library(t)
	// The other version is another name and another text.
	version := func(html string) string { return strings.ReplaceAll(html, web.Library(), "0ther000") }
	older := strings.Replace(version(newer), "Save as picture", "Save as before", 1)
	mine, theirs := htmlOf(t, walks()), version(htmlOf(t, comparison()))
	for name, parts := range map[string][]string{
		"older first":     {older, theirs, newer, mine},
		"newer first":     {newer, mine, older, theirs},
		"figures first":   {theirs, mine, newer, older},
		"one after other": {older, newer, mine, theirs, older, newer},
	} {
		t.Run(name, func(t *testing.T) {
			p := open(t, b, webtest.Setting{}, parts...)
			expect(t, p, 2, 0)
			tool := func(figure string) string {
				return webtest.Eval[string](p, fmt.Sprintf(`t2gCharts.chart(document.querySelector("figure[data-library='%s']")).getOption().toolbox[0].feature.saveAsImage.title`, figure))
			}
			if got := tool(web.Library()); got != "Save as picture" {
				t.Errorf("the newer figure is drawn with %q", got)
			}
			if got := tool("0ther000"); got != "Save as before" {
				t.Errorf("the older figure is drawn with %q", got)
			}
			if n := webtest.Eval[int](p, `t2gCharts.count()`); n != 2 {
				t.Errorf("%d live charts are counted, want 2", n)
			}
		})
	}
	// One whose library is not there stays a picture.
	p := open(t, b, webtest.Setting{}, newer, theirs, mine)
	expect(t, p, 1, 1)
}

// The classic notebook's page has a loader of AMD modules, which catches many libraries.
func besideRequireJS(t *testing.T, b *webtest.Browser) {
	loader := `<script>window.define = (...a) => { window.caught = a }; define.amd = {}; window.require = define; window.module = { exports: {} }; window.exports = module.exports</script>`
	p := open(t, b, webtest.Setting{}, loader, library(t), htmlOf(t, walks()))
	expect(t, p, 1, 0)
	if webtest.Eval[bool](p, `"caught" in window || "echarts" in window || Object.keys(module.exports).length > 0`) {
		t.Error("the library leaves something on the page")
	}
}

func takenOffAndPutBack(t *testing.T, b *webtest.Browser) {
	p := open(t, b, webtest.Setting{}, library(t), htmlOf(t, walks()))
	expect(t, p, 1, 0)
	for range 3 {
		p.Do(`window.kept = document.querySelector("figure"); kept.remove()`)
		p.Wait(`!t2gCharts.chart(kept) && !kept.querySelector(".t2g-live")`)
		p.Do(`document.body.append(kept)`)
		expect(t, p, 1, 0)
	}
	// Moved in one step, it never leaves.
	p.Do(`document.body.prepend(document.querySelector("figure"))`)
	expect(t, p, 1, 0)
}

func withoutJavaScript(t *testing.T, b *webtest.Browser) {
	p := open(t, b, webtest.Setting{NoScript: true}, library(t), htmlOf(t, walks()), htmlOf(t, comparison()))
	expect(t, p, 0, 2)
}

// What a sanitizer leaves of a notebook that is not trusted: no scripts, no inline SVG.
func scriptsStripped(t *testing.T, b *webtest.Browser) {
	html := stripped(library(t) + htmlOf(t, walks()))
	if strings.Contains(html, "<svg") {
		t.Error("an inline SVG would be stripped, too")
	}
	p := open(t, b, webtest.Setting{}, html)
	expect(t, p, 0, 1)
}

func brokenOption(t *testing.T, b *webtest.Browser) {
	html := htmlOf(t, walks())
	for _, broken := range []string{
		strings.Replace(html, `"renderItem":"t2g.bin"`, `"renderItem":"t2g.later"`, 1),
		strings.Replace(html, `json">{`, `json">{{`, 1),
	} {
		p := open(t, b, webtest.Setting{}, `<script>addEventListener("error", () => window.failed = true)</script>`, library(t), broken, htmlOf(t, comparison()))
		p.Wait("window.failed && " + live + " === 1 && " + images + " === 1")
	}
}

func onPaper(t *testing.T, b *webtest.Browser) {
	n := len(gallery())
	p := galleryPage(t, b, webtest.Setting{}, true)
	p.Set(webtest.Setting{Print: true})
	p.Wait(fmt.Sprintf(`%s === %d && [...document.querySelectorAll(".t2g-live")].every(e => e.offsetHeight === 0)`, images, n))
	p.NoErrors()
	if pdf := p.PDF(); !bytes.HasPrefix(pdf, []byte("%PDF")) {
		t.Errorf("not a PDF: %.20q", pdf)
	}
	p.Set(webtest.Setting{Height: 1000 * n})
	p.Wait(images + ` === 0 && [...document.querySelectorAll(".t2g-live")].every(e => e.offsetHeight > 100)`)
}

// A figure is as wide as its place, and nothing of it leaves its frame.
func narrow(t *testing.T, b *webtest.Browser) {
	p := galleryPage(t, b, webtest.Setting{}, true)
	for _, width := range []int{390, 320, 900, 600, 1280} {
		p.Set(webtest.Setting{Width: width, Height: 1000 * len(gallery())})
		p.Wait(fmt.Sprintf(`[...document.querySelectorAll(".t2g-live svg")].every(s => s.getAttribute("width") === "%d")`, min(width-16, figureWidth)))
		p.Do(painted)
		if webtest.Eval[bool](p, `document.documentElement.scrollWidth > innerWidth`) {
			t.Errorf("at %d pixels the page is wider than the window", width)
		}
		outside := webtest.Eval[[]string](p, `[...document.querySelectorAll(".t2g-live svg")].flatMap(svg => {
			const frame = svg.getBoundingClientRect();
			return [...svg.querySelectorAll("text")].filter(e => {
				const r = e.getBoundingClientRect();
				return r.width && (r.left < frame.left - 1 || r.right > frame.right + 1 || r.top < frame.top - 1 || r.bottom > frame.bottom + 1);
			}).map(e => svg.closest("section").id + ": " + e.textContent);
		})`)
		if len(outside) > 0 {
			t.Errorf("at %d pixels these leave their figures: %q", width, outside)
		}
	}

	p = open(t, b, webtest.Setting{}, library(t), htmlOf(t, walks()))
	expect(t, p, 1, 0)
	for _, width := range []int{390, 320, 900, 600, 1280} {
		p.Set(webtest.Setting{Width: width})
		p.Wait(fmt.Sprintf(`document.querySelector(".t2g-live svg").getAttribute("width") === "%d"`, min(width-16, figureWidth)))
		// The plot keeps a size that can be read.
		if h := webtest.Eval[float64](p, `document.querySelector(".t2g-live svg path[fill='#0072B2']").getBoundingClientRect().height`); h < 150 {
			t.Errorf("at %d pixels the plot is %v pixels high", width, h)
		}
	}
	checkPositions(t, walks(), svgOf(p, ""))
	p.NoErrors()

	// A title that takes more lines on a phone makes the chart higher, not its rows flatter.
	f := comparison()
	f.Title = "The time that a thousand geometric walks of 250 days take"
	p = open(t, b, webtest.Setting{Width: 340}, library(t), htmlOf(t, f))
	expect(t, p, 1, 0)
	p.Wait(`document.querySelector(".t2g-live svg").getAttribute("width") === "324"`)
	var rows []float64
	for _, e := range parseSVG(t, svgOf(p, "")) {
		if strings.HasPrefix(e.text, "Python") || strings.HasPrefix(e.text, "Go, ") {
			rows = append(rows, e.y)
		}
	}
	if len(rows) != 3 || rows[1]-rows[0] != rowHeight || rows[2]-rows[1] != rowHeight {
		t.Errorf("rows at %v, want them %d pixels apart", rows, rowHeight)
	}
}

func tooltips(t *testing.T, b *webtest.Browser) {
	p := open(t, b, webtest.Setting{}, library(t), htmlOf(t, Histogram{Y: "walks", Unit: "€", Values: []float64{0, 1, 1, 1, 2, 4}, Bins: 2}))
	expect(t, p, 1, 0)
	p.Point(250, 300)
	p.Wait(`document.querySelector(".t2g-live").innerText.includes("0 to 2 €\n4 walks")`)
	p.Point(550, 300)
	p.Wait(`document.querySelector(".t2g-live").innerText.includes("2 to 4 €\n2 walks")`)

	p = open(t, b, webtest.Setting{}, library(t), htmlOf(t, comparison()))
	expect(t, p, 1, 0)
	box := webtest.Eval[[2]float64](p, `(() => {
		const rows = [...document.querySelectorAll(".t2g-live path[fill='#BFDCEC']")].map((e) => e.getBoundingClientRect());
		const r = rows.sort((a, b) => a.y - b.y)[1]; // of Go, 1 worker
		return [r.x + r.width / 2 + 2, r.y + 2];
	})()`)
	p.Point(box[0], box[1])
	p.Wait(`/Go, 1 worker\nlowest [\d.]+ ms\nlower quartile [\d.]+ ms\nmedian [\d.]+ ms/.test(document.querySelector(".t2g-live").innerText)`)
}

// The live chart's last tool hands the reader a picture as a file.
func saveAsPicture(t *testing.T, b *webtest.Browser) {
	p := galleryPage(t, b, webtest.Setting{}, true)
	p.Do(`HTMLAnchorElement.prototype.dispatchEvent = function () { window.saved = [this.download, this.href] }`)
	for name := range gallery() {
		d, err := draw(gallery()[name])
		if err != nil {
			t.Fatal(err)
		}
		p.Do(`window.saved = null`)
		frame := webtest.Eval[struct{ Right, Top float64 }](p, fmt.Sprintf(`document.querySelector("#%s .t2g-live").getBoundingClientRect().toJSON()`, name))
		p.ClickAt(frame.Right-10, frame.Top+14)
		p.Wait(`window.saved`)
		saved := webtest.Eval[[]string](p, `window.saved.map(decodeURIComponent)`)
		if saved[0] != cmp.Or(d.title, "figure")+".svg" || !strings.Contains(saved[1], "<svg") || !strings.Contains(saved[1], d.title) {
			t.Errorf("%s: saved %.300q", name, saved)
		}
	}
	p.NoErrors()
}

// A click on a name in the legend hides what has that name, another one shows it again.
func legends(t *testing.T, b *webtest.Browser) {
	p := galleryPage(t, b, webtest.Setting{}, true)
	n := 0
	for name, f := range gallery() {
		d, err := draw(f)
		if err != nil {
			t.Fatal(err)
		}
		if d.option.Legend == nil {
			continue
		}
		n++
		p.Do(fmt.Sprintf(`new Promise(done => done(%s)).then(() => {
			size = () => document.querySelectorAll("#%s .t2g-live svg *").length;
			before = size();
			const r = [...document.querySelectorAll("#%s .t2g-live text")].find(e => e.textContent === %q).getBoundingClientRect();
			at = [r.x + r.width / 2, r.y + r.height / 2];
		})`, painted, name, name, d.option.Legend.Payload.Names[0]))
		at := webtest.Eval[[2]float64](p, `at`)
		p.ClickAt(at[0], at[1])
		p.Point(0, 0)
		p.Wait(`size() < 0.95 * before`)
		p.ClickAt(at[0], at[1])
		p.Point(0, 0)
		p.Wait(`size() === before`)
	}
	if n == 0 {
		t.Error("no figure has a legend")
	}
	p.NoErrors()
}

// Zooming in with the tool shows fewer bins wider, and only the marks that are in sight.
func zoom(t *testing.T, b *webtest.Browser) {
	p := open(t, b, webtest.Setting{}, library(t), htmlOf(t, walks()))
	expect(t, p, 1, 0)
	p.Do(`
		chart = t2gCharts.chart(document.querySelector("figure"));
		place = value => chart.convertToPixel({ xAxisIndex: 0 }, value);
		before = place(110) - place(100)`)
	middle := webtest.Eval[float64](p, fmt.Sprintf("8 + place(%v)", walks().Marks[1].At))
	p.ClickAt(8+figureWidth-94, 8+16+14) // the first tool
	p.Drag(middle-40, 200, middle+40, 250)
	p.Wait(`place(110) - place(100) > 3 * before`)
	p.Do(painted)
	var labels []string
	for _, e := range parseSVG(t, svgOf(p, "")) {
		if e.attrs["stroke-dasharray"] != "" && (e.points[0][0] < 60 || e.points[0][0] > 701) {
			t.Errorf("a mark at %v, outside the plot", e.points)
		}
		if e.points == nil && e.attrs["stroke"] != "" {
			labels = append(labels, e.text)
		}
	}
	if len(labels) != 1 || !strings.HasPrefix(labels[0], "mean: ") {
		t.Errorf("labels in sight: %q, want the mean's", labels)
	}
	p.ClickAt(8+figureWidth-35, 8+16+14) // the third tool shows all
	p.Wait(`Math.abs(place(110) - place(100) - before) < 0.1`)
	p.NoErrors()
	if webtest.Eval[bool](p, `!document.querySelector(".t2g-live svg").dispatchEvent(new WheelEvent("wheel", { deltaY: 100, bubbles: true, cancelable: true, clientX: 300, clientY: 200 }))`) {
		t.Error("the chart takes the wheel from the page")
	}
}

// On a dark page the picture brings its white ground, the text around it takes the page's ink.
func dark(t *testing.T, b *webtest.Browser) {
	figure := walks()
	figure.Caption = "A caption"
	for _, script := range []bool{true, false} {
		p := open(t, b, webtest.Setting{Dark: true, NoScript: !script}, `<style>:root{color-scheme:dark}</style>`, library(t), htmlOf(t, figure))
		if script {
			expect(t, p, 1, 0)
		} else {
			expect(t, p, 0, 1)
		}
		ink := webtest.Eval[string](p, `getComputedStyle(document.querySelector("figcaption")).color`)
		if ink != "rgb(255, 255, 255)" {
			t.Errorf("the caption's ink is %s", ink)
		}
		img, err := png.Decode(bytes.NewReader(p.Screenshot(pick(script, ".t2g-live", "img"))))
		if err != nil {
			t.Fatal(err)
		}
		if r, g, bl, _ := img.At(2, 350).RGBA(); r>>8 != 255 || g>>8 != 255 || bl>>8 != 255 {
			t.Errorf("the ground is %d %d %d", r>>8, g>>8, bl>>8)
		}
	}
}

func pick(yes bool, a, b string) string {
	if yes {
		return a
	}
	return b
}

// The table is the way for the keyboard and for screen readers.
func tableForAll(t *testing.T, b *webtest.Browser) {
	p := open(t, b, webtest.Setting{}, library(t), htmlOf(t, walks()))
	expect(t, p, 1, 0)
	p.Do(`document.querySelector("summary").focus()`)
	p.Press(" ")
	p.Wait(`document.querySelector("details").open`)
	heads := webtest.Eval[int](p, `document.querySelectorAll("tbody tr > th[scope=row]:first-child").length`)
	if heads != 103 {
		t.Errorf("%d rows with a heading, want 3 marks and 100 bins", heads)
	}
	sum := webtest.Eval[int](p, `[...document.querySelectorAll("table:last-of-type td:last-child")].reduce((s, td) => s + +td.innerText.replaceAll(",", ""), 0)`)
	if sum != 1_000_000 {
		t.Errorf("the table counts %d walks, want a million", sum)
	}
	role := webtest.Eval[string](p, `(e => e.getAttribute("role") + ": " + e.getAttribute("aria-label").slice(0, 31))(document.querySelector(".t2g-live"))`)
	if role != "img: Histogram of 1,000,000 walks by" {
		t.Errorf("the live chart is %q to a screen reader", role)
	}
}

func hiddenThenShown(t *testing.T, b *webtest.Browser) {
	p := open(t, b, webtest.Setting{}, library(t), `<div id="tab" style="display:none">`, htmlOf(t, walks()), `</div>`)
	expect(t, p, 0, 0)
	p.Do(`document.querySelector("#tab").style.display = ""`)
	expect(t, p, 1, 0)
	p.Wait(`document.querySelector(".t2g-live svg").getAttribute("width") === "720"`)
}

// Only figures near the window are live, so a long page opens fast.
func manyFigures(t *testing.T, b *webtest.Browser) {
	html := htmlOf(t, comparison())
	p := open(t, b, webtest.Setting{}, library(t), strings.Repeat(html, 200))
	p.Wait(live + " > 2")
	if n := webtest.Eval[int](p, live); n > 10 {
		t.Errorf("%d live charts at once", n)
	}
	p.Do(`scrollTo(0, document.body.scrollHeight)`)
	p.Wait(`[...document.querySelectorAll("figure")].at(-1).querySelector(".t2g-live svg")`)
	p.NoErrors()
}

func savedSVG(t *testing.T, b *webtest.Browser) {
	path := filepath.Join(t.TempDir(), "walks.svg")
	if err := Save(path, walks()); err != nil {
		t.Fatal(err)
	}
	p := b.Open(t, "file://"+path, webtest.Setting{})
	if got := webtest.Eval[string](p, `document.querySelector("title").textContent + ": " + document.querySelector("desc").textContent.slice(0, 28)`); got != "Price after 250 days: Histogram of 1,000,000 walks" {
		t.Errorf("got %q", got)
	}
	p.NoErrors()
	path = filepath.Join(t.TempDir(), "walks.html")
	if err := Save(path, walks()); err != nil {
		t.Fatal(err)
	}
	expect(t, b.Open(t, "file://"+path, webtest.Setting{}), 1, 0)
}
