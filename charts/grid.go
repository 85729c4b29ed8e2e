package charts

import (
	"cmp"
	"errors"
	"fmt"
	"strings"
)

// Grid shows several figures together, from left to right and then down. Each is a figure of
// its own, with its title, caption, text and table, and live by itself. Where there is no room
// for the columns there are fewer of them, on a phone one.
//
// Save writes a Grid as one picture or as one page.
type Grid struct {
	Title   string
	Caption string

	// Columns is the most that stand side by side; 1 to 4, or 0 for 2. Each is 352 pixels
	// wide, and at least 304 where there is less room. A single column is as wide as a figure
	// alone.
	Columns int

	Figures []Figure // at most 24; none is a Grid
}

const (
	maxPanels  = 24
	maxColumns = 4
	panelWidth = 352 // pixels; the layout is that for a phone
	panelLeast = 304 // what a small phone has; two columns fit beside a site's two sidebars
	panelGap   = 16
)

func (g Grid) draw() (*drawing, error) {
	switch {
	case len(g.Figures) == 0:
		return nil, errors.New("Grid.Figures is empty; there is nothing to show")
	case len(g.Figures) > maxPanels:
		return nil, fmt.Errorf("Grid.Figures has %d figures; more than %d cannot be read", len(g.Figures), maxPanels)
	case g.Columns < 0 || g.Columns > maxColumns:
		return nil, fmt.Errorf("Grid.Columns is %d; use 1 to %d, or 0 for 2", g.Columns, maxColumns)
	}
	d := &drawing{
		title: clean(g.Title), caption: clean(g.Caption),
		columns: min(cmp.Or(g.Columns, 2), len(g.Figures)),
	}
	for i, f := range g.Figures {
		if isNil(f) {
			return nil, fmt.Errorf("Grid.Figures[%d] is nil", i)
		}
		panel, err := checked(f)
		if err != nil {
			return nil, fmt.Errorf("Grid.Figures[%d]: %w", i, err)
		}
		if panel.columns > 0 {
			return nil, fmt.Errorf("Grid.Figures[%d] is a Grid; put its figures in its place", i)
		}
		if d.columns > 1 {
			panel.width, panel.height = panelWidth, panel.option.Narrow.Height
		}
		d.panels = append(d.panels, panel)
	}
	d.width = d.columns*d.panels[0].width + (d.columns-1)*panelGap
	return d, nil
}

// gridText is the text of a grid: those of its figures, one after the other.
func (d *drawing) gridText() string {
	parts := []string{d.title}
	for _, p := range d.panels {
		parts = append(parts, p.text())
	}
	return strings.TrimSpace(strings.Join(append(parts, d.caption), "\n\n"))
}

func (d *drawing) gridHTML() (string, error) {
	svgs, err := drafts(d.panels...)
	if err != nil {
		return "", err
	}
	var b strings.Builder
	fmt.Fprintf(&b, `<figure class="t2g-grid" style="margin:1em 0;max-width:%dpx">`, d.width)
	if d.title != "" {
		fmt.Fprintf(&b, `<div style="font-weight:bold;margin-bottom:.5em">%s</div>`, escape(d.title))
	}
	// As many columns as there is room for. JupyterLab's sanitizer leaves these styles, which it
	// does not all of a grid's; where they are taken away there is a single column.
	flex := fmt.Sprintf("flex:1 1 %dpx", d.panels[0].width-panelWidth+panelLeast)
	fmt.Fprintf(&b, `<div style="display:flex;flex-wrap:wrap;gap:%dpx">`, panelGap)
	for i, p := range d.panels {
		p.figure(&b, svgs[i], "margin:0;min-width:0;"+flex)
	}
	for range d.columns - 1 { // or the figures of a row that is not full would be wider
		fmt.Fprintf(&b, `<div style="%s"></div>`, flex)
	}
	b.WriteString("</div>")
	if d.caption != "" {
		fmt.Fprintf(&b, `<figcaption style="color:inherit">%s</figcaption>`, escape(d.caption))
	}
	b.WriteString("</figure>")
	return b.String(), nil
}

// gridSVG places the pictures of the figures side by side in one.
func (d *drawing) gridSVG() (string, error) {
	svgs, err := drafts(d.panels...)
	if err != nil {
		return "", err
	}
	var b strings.Builder
	y := 0
	if d.title != "" {
		lines := wrap(d.title, titleSize, true, float64(d.width-2*titleLeft))
		for i, line := range strings.Split(lines.text, "\n") {
			fmt.Fprintf(&b, `<text x="%d" y="%d" font-family="system-ui,sans-serif" font-size="%d" font-weight="bold" fill="%s" dominant-baseline="central">%s</text>`,
				titleLeft, titleTop+titleLine*i+titleLine/2, titleSize, black, escape(line))
		}
		y = titleTop + titleLine*lines.n + panelGap/2
	}
	for i := 0; i < len(d.panels); i += d.columns {
		height := 0
		for k, p := range d.panels[i:min(i+d.columns, len(d.panels))] {
			fmt.Fprintf(&b, `<g transform="translate(%d %d)">%s</g>`, k*(p.width+panelGap), y, p.titled(svgs[i+k].svg))
			height = max(height, p.height)
		}
		y += height + panelGap
	}
	y -= panelGap
	return fmt.Sprintf(`<svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%d" viewBox="0 0 %d %d" role="img"><title>%s</title><desc>%s</desc><rect width="100%%" height="100%%" fill="#fff"/>%s</svg>`+"\n",
		d.width, y, d.width, y, escape(cmp.Or(d.title, "Figures")), escape(d.gridText()), b.String()), nil
}
