package notebooks

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/threads2go/course/charts/web/webtest"
)

// TestPages builds the site from the notebooks that were run and opens each lesson's page as
// readers do: on a light and a dark screen, on a phone, on paper, without JavaScript; never
// with a network. A picture of each stays in build/test/pages.
func TestPages(t *testing.T) {
	lessons := lessons(t)
	figures := map[string]int{}
	for _, path := range lessons {
		n := run(t, path)
		for _, c := range n.Cells {
			for _, o := range c.Outputs {
				figures[path] += strings.Count(string(o.Data["text/html"]), `<figure class="t2g-figure"`)
			}
		}
		if figures[path] == 0 {
			t.Errorf("%s shows no figure", path)
		}
	}
	if os.Getenv("ONLY") != "" {
		t.Skip("ONLY is set: the site needs every notebook")
	}
	site, err := filepath.Abs(filepath.Join(built, "html"))
	if err != nil {
		t.Fatal(err)
	}
	if log, err := python(t, nil, "build.py", "--executed", filepath.Join(built, "notebooks"), "--output", site); err != nil {
		t.Fatalf("%v\n%s", err, log)
	}
	pictures := filepath.Join(built, "pages")
	if err := os.MkdirAll(pictures, 0o777); err != nil {
		t.Fatal(err)
	}

	browser := webtest.Start(t)
	for _, path := range lessons {
		name := strings.TrimSuffix(path, ".ipynb")
		for how, s := range map[string]webtest.Setting{
			"light":    {},
			"dark":     {Dark: true},
			"narrow":   {Width: 390, Height: 844},
			"print":    {Print: true},
			"noscript": {NoScript: true},
		} {
			t.Run(name+"/"+how, func(t *testing.T) {
				page := browser.Open(t, "file://"+filepath.Join(site, name+".html"), s)
				if s.NoScript {
					assertPictures(t, page, figures[path])
				} else {
					showAll(page)
					page.Wait(fmt.Sprintf(`document.querySelectorAll(".t2g-live svg").length === %d`, figures[path]))
				}
				if s.Print {
					assertPictures(t, page, figures[path])
				}
				if wide := webtest.Eval[int](page, `document.documentElement.scrollWidth - innerWidth`); wide > 0 && !s.Print {
					t.Errorf("the page is %d pixels wider than the screen", wide)
				}
				page.NoErrors()
				page.Do(`scrollTo(0, 0)`)
				shot := page.Screenshot("")
				if err := os.WriteFile(filepath.Join(pictures, name+"-"+how+".png"), shot, 0o666); err != nil {
					t.Error(err)
				}
			})
		}
	}
	t.Run("index", func(t *testing.T) {
		page := browser.Open(t, "file://"+filepath.Join(site, "index.html"), webtest.Setting{})
		for _, path := range lessons {
			page.Wait(fmt.Sprintf(`document.querySelector('a[href="%s.html"]')`, strings.TrimSuffix(path, ".ipynb")))
		}
		page.NoErrors()
	})
}

// showAll scrolls through the page, as charts wake when they come near the screen.
func showAll(page *webtest.Page) {
	page.Do(`(async () => {
		for (let y = 0; y < document.documentElement.scrollHeight; y += innerHeight / 2) {
			scrollTo(0, y);
			await new Promise(r => setTimeout(r, 30));
		}
	})()`)
}

// assertPictures: every figure shows its picture, drawn, with a text beside it.
func assertPictures(t *testing.T, page *webtest.Page, figures int) {
	t.Helper()
	page.Wait(fmt.Sprintf(`[...document.querySelectorAll(".t2g-figure > img")].filter(
		i => i.naturalWidth > 0 && i.getBoundingClientRect().height > 100 && i.alt.length > 40).length === %d`, figures))
}
