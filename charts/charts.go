// Package charts draws figures in a Jupyter notebook on the GoNB kernel. A figure is a value
// that says what to draw; Show displays it, Save writes it to a file:
//
//	err := charts.Show(charts.Histogram{
//		Title:  "Price after 250 days",
//		X:      "price",
//		Values: prices,
//		Bins:   100,
//		Marks:  []charts.Mark{{Name: "mean", At: mean}, {Name: "95 %", At: q95}},
//	})
//
// The figures: [Distribution], [Heatmap], [Histogram], [Line], [Speedup], [Timeline] and
// [Timings], and a [Grid] of any of them.
//
// # What is shown
//
// A figure is an HTML element that holds a picture, a caption, its numbers as a table, and the
// chart itself as data. Where scripts run, and the page has the chart library, the picture is
// replaced by a live chart: values under the pointer, zoom, a legend that hides and shows, save
// as picture. The library comes once per page, by lesson.Begin or by displaying what web.Script
// returns, before or after the figures. Nothing is loaded from a network. A figure takes 3 to
// 12 KB of a notebook, the library once 0.6 MB. Timelines of many rows, timings of many and
// speed-ups of many points take more: their types say how much. A cell that shows a figure takes
// about 0.2 s longer than one that prints its numbers.
//
//	live      JupyterLab and the classic notebook, where the notebook is trusted; pages made
//	          by nbconvert or Sphinx; the pages that Save writes; nbviewer
//	picture   the same where the notebook is not trusted; print and PDF; JavaScript off;
//	          GitHub; Colab, which shows each output in a frame of its own
//	text      nbconvert with sanitize_html, which lets no picture of any kind through: the
//	          description, the caption and the numbers
//
// The tests open figures in all of these but nbviewer, GitHub and Colab, which run elsewhere.
// Of them is known: nbviewer leaves scripts in place by its authors' decision (nbviewer, issue
// 613); GitHub's documentation says that custom JavaScript does not work there, and users report
// that it shows pictures in the form used here (activeviam/atoti-notebooks, issue 425).
//
// # For everyone
//
// The picture carries a text that says what is to be seen, in numbers; a screen reader has it
// for the live chart, too. The table is reached by the keyboard. Text has a contrast of at least
// 4.5 : 1, on light and on dark pages: a chart brings its own white ground, and what stands
// around it takes the page's colours. Nothing moves by itself. Colours are from the palette of
// Okabe and Ito (Color Universal Design, 2008), which people tell apart whatever their colour
// vision. The rules of axe-core find nothing to object to.
//
// # What it needs
//
// Drawing needs the chart library and the program echarts-svg in the environment that
// `make lab` sets up and COURSE_ENV names. Outside a notebook Show prints the figure's text
// and needs neither.
package charts

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strconv"
	"strings"

	"github.com/threads2go/course/charts/web"
	"github.com/threads2go/course/pkg/display"
)

// A Figure is what Show and Save draw: one of those named above, or a pointer to one.
type Figure interface {
	draw() (*drawing, error)
}

// Show displays f in the notebook, or prints its text outside one. It returns when the
// notebook has it; that takes about 0.1 s. If f cannot be drawn, nothing is shown.
func Show(f Figure) error {
	d, err := draw(f)
	if err != nil {
		return err
	}
	if os.Getenv("GONB_TMP_DIR") == "" { // not in a cell, where it is always set
		return display.HTML("", d.text())
	}
	html, err := d.html()
	if err != nil {
		return err
	}
	return display.HTML(html, d.text())
}

// Save writes f to the file at path: as a picture if its name ends in .svg, as a page of its
// own with a live chart, which needs no other file, if it ends in .html. Other endings are an
// error. The file is written whole or not at all.
func Save(path string, f Figure) error {
	d, err := draw(f)
	if err != nil {
		return err
	}
	var content string
	switch ending := strings.ToLower(filepath.Ext(path)); ending {
	case ".svg":
		content, err = d.svg()
	case ".html":
		content, err = d.page()
	default:
		return fmt.Errorf("charts: %q does not end in .svg or .html", path)
	}
	if err != nil {
		return err
	}
	return writeFile(path, content)
}

func draw(f Figure) (*drawing, error) {
	if isNil(f) {
		return nil, errors.New("charts: the figure is nil")
	}
	d, err := checked(f)
	if err != nil {
		return nil, fmt.Errorf("charts: %w", err)
	}
	return d, nil
}

func isNil(f Figure) bool {
	v := reflect.ValueOf(f)
	return f == nil || v.Kind() == reflect.Pointer && v.IsNil()
}

// checked draws a figure. Its errors say which kind of figure it is.
func checked(f Figure) (*drawing, error) {
	d, err := f.draw()
	if err != nil {
		return nil, err
	}
	if err := d.check(); err != nil {
		return nil, fmt.Errorf("%s: %w", strings.TrimPrefix(strings.TrimPrefix(fmt.Sprintf("%T", f), "*"), "charts."), err)
	}
	return d, nil
}

// writeFile replaces the file at path in one step.
func writeFile(path, content string) error {
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*")
	if err != nil {
		return fmt.Errorf("charts: %w", err)
	}
	_, err = f.WriteString(content)
	if err = errors.Join(err, f.Chmod(0o644), f.Close()); err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		os.Remove(f.Name())
		return fmt.Errorf("charts: %w", err)
	}
	return nil
}

// page is a document of its own with the figure, live.
func (d *drawing) page() (string, error) {
	figure, err := d.html()
	if err != nil {
		return "", err
	}
	script, err := web.Script()
	if err != nil {
		return "", err
	}
	title := d.title
	if title == "" {
		title = "Figure"
	}
	return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>` + escape(title) + `</title>
<style>
:root { color-scheme: light dark }
body { margin: 1em auto; padding: 0 1em; max-width: ` + strconv.Itoa(max(figureWidth, d.width)) + `px; font: 1rem/1.5 system-ui, sans-serif }
th, td { padding: 0 .75em; text-align: right }
</style>
<main>
` + figure + `
</main>
` + script + `
</html>
`, nil
}
