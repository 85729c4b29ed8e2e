package charts

import (
	"bytes"
	"cmp"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"html"
	"strings"

	"github.com/threads2go/course/charts/web"
)

// A drawing is a figure worked out: all that its picture, its live chart, its table and its
// text are made of. All its text is clean.
type drawing struct {
	title   string
	alt     string // what is to be seen, in numbers
	caption string
	width   int // pixels
	height  int
	option  option
	tables  []table

	// A Grid has its figures in place of alt, option and tables.
	panels  []*drawing
	columns int // not 0 for a Grid, and only for that
}

// A table is a figure's numbers. The first cell of a row is the row's heading.
type table struct {
	heads []string
	rows  [][]string
}

// A plot is a figure whose numbers are known.
type plot interface {
	key() string               // how to read it, for the caption
	alt(heading string) string // what is to be seen
	tables() []table
	option(heading string) (option, int)
}

// newDrawing draws a plot below a title, with a caption that ends with its key.
func newDrawing(title, caption string, p plot) *drawing {
	heading := clean(title)
	o, height := p.option(heading)
	return &drawing{
		title: heading, caption: strings.TrimSpace(clean(caption) + " " + p.key()), alt: p.alt(heading),
		width: figureWidth, height: height,
		option: o, tables: p.tables(),
	}
}

// text is the figure where there is no HTML.
func (d *drawing) text() string {
	if d.columns > 0 {
		return d.gridText()
	}
	return strings.TrimSpace(strings.Join([]string{d.title, d.alt, d.caption}, "\n"))
}

// json is the option as ECharts takes it. It holds no function.
func (d *drawing) json() ([]byte, error) {
	b, err := json.Marshal(d.option) // writes <, > and & as \u003c and so on: safe in a script
	if err != nil {
		return nil, fmt.Errorf("charts: %w", err)
	}
	return b, nil
}

// check refuses a figure whose texts go-echarts could take for JavaScript.
func (d *drawing) check() error {
	b, err := json.Marshal(d.option)
	if err == nil && bytes.Contains(b, []byte("__f__")) {
		err = errors.New(`a text of the figure contains "__f__", with which go-echarts marks JavaScript; change it`)
	}
	return err
}

// A draft is a drawing's picture, and its option as JSON.
type draft struct {
	svg    string
	option []byte
}

// drafts draws the pictures of drawings, which takes hardly longer than one.
func drafts(ds ...*drawing) ([]draft, error) {
	out := make([]draft, len(ds))
	sketches := make([]sketch, len(ds))
	for i, d := range ds {
		option, err := d.json()
		if err != nil {
			return nil, err
		}
		out[i].option = option
		sketches[i] = sketch{d.width, d.height, option}
	}
	svgs, err := pictures(sketches...)
	if err != nil {
		return nil, err
	}
	for i, svg := range svgs {
		out[i].svg = svg
	}
	return out, nil
}

func (d *drawing) picture() (string, []byte, error) {
	made, err := drafts(d)
	if err != nil {
		return "", nil, err
	}
	return made[0].svg, made[0].option, nil
}

// svg is the picture as a file of its own, with its title and description inside.
func (d *drawing) svg() (string, error) {
	if d.columns > 0 {
		return d.gridSVG()
	}
	svg, _, err := d.picture()
	if err != nil {
		return "", err
	}
	return d.titled(svg) + "\n", nil
}

// titled puts the title and the description into a picture.
func (d *drawing) titled(svg string) string {
	open, rest, _ := strings.Cut(svg, ">")
	return fmt.Sprintf("%s role=\"img\"><title>%s</title><desc>%s</desc>%s",
		open, escape(cmp.Or(d.title, "Figure")), escape(d.alt), rest)
}

// html is the figure in a notebook.
func (d *drawing) html() (string, error) {
	if d.columns > 0 {
		return d.gridHTML()
	}
	svg, option, err := d.picture()
	if err != nil {
		return "", err
	}
	var b strings.Builder
	d.figure(&b, draft{svg, option}, fmt.Sprintf("margin:1em 0;max-width:%dpx", d.width))
	return b.String(), nil
}

// figure writes the element that shows the picture. Its only script adds it to those that the
// runtime, in web/browser.js, makes live.
func (d *drawing) figure(b *strings.Builder, made draft, style string) {
	fmt.Fprintf(b, `<figure class="t2g-figure" data-library="%s" style="%s">`, web.Library(), style)
	// The picture brings its own white ground, so it can be read on a dark page, too.
	// A sanitizer that turns tags into text leaves the description first.
	fmt.Fprintf(b, `<img alt="%s" src="data:image/svg+xml;base64,%s" width="%d" height="%d" style="max-width:100%%;height:auto;background:#fff">`,
		escape(d.alt), base64.StdEncoding.EncodeToString([]byte(made.svg)), d.width, d.height)
	if d.caption != "" {
		fmt.Fprintf(b, `<figcaption style="color:inherit">%s</figcaption>`, escape(d.caption))
	}
	b.WriteString(`<details style="overflow-x:auto"><summary style="display:list-item">The numbers</summary>`)
	for _, t := range d.tables {
		t.html(b)
	}
	b.WriteString(`</details>`)
	fmt.Fprintf(b, `<div class="%s"><script type="application/json">%s</script>`, web.Hidden, made.option)
	b.WriteString(`<script>(window.t2gCharts=window.t2gCharts||[]).push(document.currentScript.closest("figure"))</script></div></figure>`)
}

// html leaves out the end tags and quotes that HTML does not need: a table is a third of a
// figure's bytes.
func (t table) html(b *strings.Builder) {
	b.WriteString("<table><thead><tr>")
	for _, h := range t.heads {
		fmt.Fprintf(b, "<th scope=col>%s", escape(h))
	}
	b.WriteString("<tbody>")
	for _, row := range t.rows {
		for i, cell := range row {
			tag := "<td>"
			if i == 0 {
				tag = "<tr><th scope=row>"
			}
			b.WriteString(tag)
			b.WriteString(escape(cell))
		}
	}
	b.WriteString("</table>")
}

func escape(s string) string { return html.EscapeString(s) }
