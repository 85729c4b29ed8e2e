package charts

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/threads2go/course/charts/web/webtest"
)

func four() Grid {
	return Grid{
		Title: "Walks and their times", Caption: "Above the walks, below their times.",
		Figures: []Figure{walks(), figures()["few-bins"], comparison(), figures()["apart"]},
	}
}

func TestGridErrorsNameTheFigure(t *testing.T) {
	for _, c := range []struct {
		grid Grid
		want string
	}{
		{Grid{}, "Grid.Figures is empty"},
		{Grid{Figures: make([]Figure, 25)}, "Grid.Figures has 25 figures"},
		{Grid{Figures: []Figure{small}, Columns: 5}, "Grid.Columns is 5; use 1 to 4"},
		{Grid{Figures: []Figure{small}, Columns: -1}, "Grid.Columns is -1"},
		{Grid{Figures: []Figure{small, nil}}, "Grid.Figures[1] is nil"},
		{Grid{Figures: []Figure{small, Timings{}}}, "Grid.Figures[1]: Timings.Runs is empty"},
		{Grid{Figures: []Figure{Grid{Figures: []Figure{small}}}}, "Grid.Figures[0] is a Grid; put its figures in its place"},
	} {
		err := Show(c.grid)
		if err == nil || !strings.HasPrefix(err.Error(), "charts: ") || !strings.Contains(err.Error(), c.want) {
			t.Errorf("got the error %v, want one with %q", err, c.want)
		}
	}
}

func TestGridsTextIsThatOfItsFigures(t *testing.T) {
	d, err := draw(four())
	if err != nil {
		t.Fatal(err)
	}
	text := d.text()
	for i, f := range four().Figures {
		panel, err := draw(f)
		if err != nil {
			t.Fatal(err)
		}
		before, after, found := strings.Cut(text, panel.text())
		if !found {
			t.Errorf("figure %d is not in %q", i, text)
		}
		if i == 0 && !strings.HasPrefix(before, "Walks and their times") {
			t.Errorf("before the figures: %q", before)
		}
		text = after
	}
	if strings.TrimSpace(text) != four().Caption {
		t.Errorf("after the figures: %q", text)
	}
}

// Each figure of a Grid's picture has its shapes at the right places, and its own description.
func TestGridIsOnePicture(t *testing.T) {
	environment(t)
	for columns := range 4 {
		g := four()
		g.Columns = columns
		path := filepath.Join(t.TempDir(), "grid.svg")
		if err := Save(path, g); err != nil {
			t.Fatal(err)
		}
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		parseSVG(t, string(b)) // fails if it is not XML
		panels := strings.Split(string(b), `<g transform="translate(`)[1:]
		if len(panels) != len(g.Figures) {
			t.Fatalf("%d figures in it, want %d", len(panels), len(g.Figures))
		}
		ids := map[string]int{}
		var places [][2]int
		for i, p := range panels {
			var at [2]int
			if _, err := fmt.Sscanf(p, "%d %d)", &at[0], &at[1]); err != nil {
				t.Fatalf("%.20q: %v", p, err)
			}
			places = append(places, at)
			_, p, _ = strings.Cut(p, "<svg")
			p, _, _ = strings.Cut(p, "</svg>")
			svg := "<svg" + p + "</svg>"
			checkPositions(t, g.Figures[i], svg)
			d, err := draw(g.Figures[i])
			if err != nil {
				t.Fatal(err)
			}
			if !strings.Contains(svg, "<desc>"+escape(d.alt)+"</desc>") {
				t.Errorf("figure %d is not described in %.300s", i, svg)
			}
			for _, e := range strings.Split(svg, ` id="`)[1:] {
				id, _, _ := strings.Cut(e, `"`)
				if ids[id]++; ids[id] > 1 {
					t.Errorf("%s is the id of two elements", id)
				}
			}
		}
		across := max(columns, 1)
		if columns == 0 {
			across = 2
		}
		for i := 1; i < len(places); i++ {
			a, b := places[i-1], places[i]
			if i%across == 0 && (b[0] != 0 || b[1] <= a[1]+150) || i%across != 0 && (b[1] != a[1] || b[0] != a[0]+panelWidth+panelGap) {
				t.Errorf("%d columns: figures at %v", columns, places)
			}
		}
	}
}

// gridPages is about Grids in a browser: there are as many columns as there is room for.
func gridPages(t *testing.T, b *webtest.Browser) {
	g := four()
	n := len(g.Figures)
	columns := `new Set([...document.querySelectorAll(".t2g-figure")].map(f => Math.round(f.getBoundingClientRect().x))).size`
	p := open(t, b, webtest.Setting{Height: 2000}, themed, library(t), "<main><h1>A grid</h1>"+htmlOf(t, g)+"</main>")
	expect(t, p, n, 0)
	for i, f := range g.Figures {
		svg := webtest.Eval[string](p, fmt.Sprintf(`new XMLSerializer().serializeToString(document.querySelectorAll(".t2g-live svg")[%d])`, i))
		checkPositions(t, f, svg)
	}
	for width, want := range map[int]int{1280: 2, 800: 2, 600: 1, 390: 1, 320: 1} {
		p.Set(webtest.Setting{Width: width, Height: 4000})
		p.Wait(fmt.Sprintf("%s === %d", columns, want))
		p.Wait(`[...document.querySelectorAll(".t2g-figure")].every(f => f.getBoundingClientRect().width === f.querySelector(".t2g-live svg").getBoundingClientRect().width)`)
		if webtest.Eval[bool](p, `document.documentElement.scrollWidth > innerWidth`) {
			t.Errorf("at %d pixels the page is wider than the window", width)
		}
	}
	p.Do(`for (const d of document.querySelectorAll("details")) d.open = true`)
	for _, v := range p.Violations("") {
		t.Error(v)
	}
	if webtest.Eval[bool](p, `document.documentElement.scrollWidth > innerWidth`) {
		t.Error("with its tables the page is wider than the window")
	}
	p.NoErrors()

	still := open(t, b, webtest.Setting{Height: 2000, NoScript: true}, themed, library(t), "<main><h1>A grid</h1>"+htmlOf(t, g)+"</main>")
	expect(t, still, 0, n)
	if got := webtest.Eval[int](still, columns); got != 2 {
		t.Errorf("the pictures stand in %d columns, want 2", got)
	}

	for want := 1; want <= maxColumns; want++ {
		g.Columns = want
		wide := open(t, b, webtest.Setting{Width: 1500, Height: 2500}, library(t), htmlOf(t, g))
		expect(t, wide, n, 0)
		if got := webtest.Eval[int](wide, columns); got != want {
			t.Errorf("%d columns, want %d", got, want)
		}
	}
	g = four()

	path := filepath.Join(t.TempDir(), "grid.html")
	if err := Save(path, g); err != nil {
		t.Fatal(err)
	}
	expect(t, b.Open(t, "file://"+path, webtest.Setting{Height: 2000}), n, 0)

	// Texts stay texts.
	for _, name := range oddNames {
		html := htmlOf(t, Grid{Title: name, Caption: name, Figures: []Figure{named(small, name), named(small, name)}})
		if n := strings.Count(strings.ToLower(html), "<script"); n != 4 {
			t.Errorf("%q: %d script elements, want 2 of each figure", name, n)
		}
		p := open(t, b, webtest.Setting{Height: 2000}, library(t), html)
		expect(t, p, 2, 0)
		if v := webtest.Eval[string](p, `String(window.pwned)`); v != "undefined" {
			t.Errorf("a name ran as a script: pwned = %s", v)
		}
	}
}
