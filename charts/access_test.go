package charts

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/chromedp/kb"

	"github.com/threads2go/course/charts/web/webtest"
)

// screens are the ways in which the figures must be for everyone.
var screens = map[string]webtest.Setting{
	"light":  {},
	"dark":   {Dark: true},
	"narrow": {Width: 390},
}

// A page that has a light and a dark look, as the course's pages have.
const themed = `<style>:root { color-scheme: light dark } body { background: Canvas; color: CanvasText }</style>`

// galleryPage opens a page with the gallery, as live charts or, without scripts, as pictures.
func galleryPage(t *testing.T, b *webtest.Browser, s webtest.Setting, alive bool) *webtest.Page {
	t.Helper()
	parts := []string{themed, "<main><h1>Gallery</h1>"}
	for _, name := range slices.Sorted(maps.Keys(gallery())) {
		parts = append(parts, fmt.Sprintf(`<section id=%q><h2>%s</h2>%s</section>`, name, name, galleryHTML()[name]))
	}
	html := strings.Join(parts, "\n") + "</main>"
	s.Height = 1000 * len(gallery()) // all of them in sight, so all live
	if !alive {
		p := open(t, b, s, stripped(html))
		expect(t, p, 0, len(gallery()))
		return p
	}
	p := open(t, b, s, library(t), html)
	expect(t, p, len(gallery()), 0)
	return p
}

// stripped is HTML as a sanitizer leaves it: without scripts.
func stripped(html string) string {
	return regexp.MustCompile(`(?s)<script.*?</script>`).ReplaceAllString(html, "")
}

// onScreens runs a test on the gallery's live charts and on its pictures, on every screen.
func onScreens(t *testing.T, b *webtest.Browser, test func(*testing.T, *webtest.Page)) {
	for screen, s := range screens {
		for _, alive := range []bool{true, false} {
			t.Run(screen+pick(alive, "", ", pictures"), func(t *testing.T) {
				p := galleryPage(t, b, s, alive)
				test(t, p)
				p.NoErrors()
			})
		}
	}
}

// axe-core finds nothing to object to, whether the numbers are shown or not.
func accessible(t *testing.T, b *webtest.Browser) {
	onScreens(t, b, func(t *testing.T, p *webtest.Page) {
		for _, open := range []bool{false, true} {
			p.Do(fmt.Sprintf(`for (const d of document.querySelectorAll("details")) d.open = %v`, open))
			for _, v := range p.Violations("") {
				t.Errorf("numbers shown: %v: %s", open, v)
			}
		}
		if webtest.Eval[bool](p, `document.documentElement.scrollWidth > innerWidth`) {
			t.Error("the page is wider than the window")
		}
	})
}

// All text of a figure can be read, that in the chart and that beside it. (What is in pictures is
// compared with the live charts by liveEqualsPicture.)
func contrast(t *testing.T, b *webtest.Browser) {
	for screen, s := range map[string]webtest.Setting{"light": {Width: 760}, "dark": {Width: 760, Dark: true}} {
		t.Run(screen, func(t *testing.T) {
			p := galleryPage(t, b, s, true)
			p.Do(`for (const d of document.querySelectorAll("details")) d.open = true`)
			texts := p.Texts("figure")
			if len(texts) < 20*len(gallery()) {
				t.Errorf("only %d texts", len(texts))
			}
			least := 21.0
			for _, text := range texts {
				least = min(least, text.Contrast)
				if text.Contrast < 4.5 {
					t.Errorf("%q has a contrast of %.2f", text.Text, text.Contrast)
				}
			}
			t.Logf("the least contrast is %.1f", least)
		})
	}
}

// Nothing moves by itself: neither for those who prefer that, nor for others. A chart answers
// the pointer, a click on its legend, another width at once, without an animation.
func stillness(t *testing.T, b *webtest.Browser) {
	for _, s := range []webtest.Setting{{StillMotion: true}, {}} {
		p := galleryPage(t, b, s, true)
		p.Do(`still = name => [...document.querySelectorAll("#" + name + " figure")].every(f => t2gCharts.chart(f).getZr().animation.isFinished()) &&
			document.getAnimations().length === 0`)
		for name := range gallery() {
			at := webtest.Eval[[2]float64](p, fmt.Sprintf(`(r => [r.x + r.width / 2, r.y + r.height / 2])(document.querySelector("#%s .t2g-live").getBoundingClientRect())`, name))
			p.Point(at[0]-1, at[1])
			p.Point(at[0], at[1])
			for what, script := range map[string]string{
				"pointed at": ``,
				"restored":   `chart.dispatchAction({ type: "restore" })`,
				"zoomed":     `chart.dispatchAction({ type: "dataZoom", start: 10, end: 60 })`,
				"all hidden": `chart.dispatchAction({ type: "legendInverseSelect" })`,
				"narrow":     `figure.style.width = "400px"; chart.resize()`,
			} {
				if !webtest.Eval[bool](p, fmt.Sprintf(`(() => {
					const figure = document.querySelector("#%s figure"), chart = t2gCharts.chart(figure);
					%s;
					return still(%q);
				})()`, name, script, name)) {
					t.Errorf("%s, %s: it moves", name, what)
				}
			}
		}
		p.NoErrors()
	}
}

// What the eye sees in a figure is there for the keyboard and for screen readers: its
// description as a picture's, and its numbers in a table, each with its headings.
func numbersForAll(t *testing.T, b *webtest.Browser) {
	for _, alive := range []bool{true, false} {
		p := galleryPage(t, b, webtest.Setting{}, alive)
		for _, name := range slices.Sorted(maps.Keys(gallery())) {
			d, err := draw(gallery()[name])
			if err != nil {
				t.Fatal(err)
			}
			// The next stop of the keyboard is the next figure's numbers.
			p.Press(kb.Tab)
			if webtest.Eval[string](p, `document.activeElement.closest("section")?.id + " " + document.activeElement.tagName`) != name+" SUMMARY" {
				t.Fatalf("%s is not reached by the keyboard", name)
			}
			p.Press(" ")
			p.Wait(`document.activeElement.parentElement.open`)
			tree := p.Roles()
			if !slices.Contains(tree, webtest.Role{Role: "image", Name: d.alt}) {
				t.Errorf("%s: no picture with the text %q", name, d.alt)
			}
			cells := 0
			for _, table := range d.tables {
				for _, row := range table.rows {
					for i, cell := range row {
						role := "cell"
						if i == 0 {
							role = "rowheader"
						}
						if cells++; cell != "" && !slices.Contains(tree, webtest.Role{Role: role, Name: cell}) {
							t.Errorf("%s: no %s %q", name, role, cell)
						}
					}
				}
				for _, head := range table.heads {
					if head == "" || !slices.Contains(tree, webtest.Role{Role: "columnheader", Name: head}) {
						t.Errorf("%s: no columnheader %q", name, head)
					}
				}
			}
			if cells == 0 {
				t.Errorf("%s has no numbers", name)
			}
			p.Press(" ")
			p.Wait(`!document.activeElement.parentElement.open`)
		}
	}
}
