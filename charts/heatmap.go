package charts

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/go-echarts/go-echarts/v2/opts"
)

// A Heatmap shows a number for each pair of two things, as a colour: the time for goroutines
// and shards, the contention of pairs. There are 16 colours from pale to dark, each for a
// sixteenth of the way from the lowest to the highest number. Of at most 64 cells, each has its
// number in it where there is room.
type Heatmap struct {
	Title   string
	Caption string
	X       string // what the columns are: "shards"; "column" if empty
	Y       string // what the rows are: "goroutines"; "row" if empty
	Value   string // what the numbers are: "time"; "value" if empty
	Unit    string // of the numbers: "ns"; none if empty

	// Columns and Rows name the columns, from the left, and the rows, from the top; at most 60
	// of each. Where there is no room for all names, some are left out.
	Columns []string
	Rows    []string

	// Cells has the rows' numbers: Cells[row][column]. All are finite, and there are at most
	// 150 in all.
	Cells [][]float64
}

const (
	maxHeatCells = 150
	tabledCells  = 80 // in a table of all cells
	maxHeatNames = 60 // of rows, and of columns
	heatLevels   = 16
	heatNames    = 110 // pixels, the most for the names of rows and of columns
	heatScale    = 26  // pixels that the scale takes above the plot
)

func (h Heatmap) draw() (*drawing, error) {
	if len(h.Rows) == 0 || len(h.Columns) == 0 {
		return nil, errors.New("Heatmap.Rows or Heatmap.Columns is empty; there is nothing to draw")
	}
	if len(h.Cells) != len(h.Rows) {
		return nil, fmt.Errorf("Heatmap.Cells has %d rows, and Rows %d names; each row needs both", len(h.Cells), len(h.Rows))
	}
	var f heatmapFigure
	var err error
	if f.rows, err = names("Heatmap.Rows", h.Rows); err != nil {
		return nil, err
	}
	if f.columns, err = names("Heatmap.Columns", h.Columns); err != nil {
		return nil, err
	}
	if n := len(h.Rows) * len(h.Columns); n > maxHeatCells {
		return nil, fmt.Errorf("Heatmap.Cells has %d cells, %d × %d; more than %d are too small to see, so put some together",
			n, len(h.Rows), len(h.Columns), maxHeatCells)
	}
	for r, row := range h.Cells {
		if len(row) != len(f.columns) {
			return nil, fmt.Errorf("Heatmap.Cells[%d] (%q) has %d numbers, and there are %d columns", r, f.rows[r], len(row), len(f.columns))
		}
		for c, v := range row {
			if math.IsNaN(v) || math.IsInf(v, 0) {
				return nil, fmt.Errorf("Heatmap.Cells[%d][%d] (%q, %q) is %g; each cell needs a finite number", r, c, f.rows[r], f.columns[c], v)
			}
			f.cells = append(f.cells, heatCell{r, c, v})
		}
	}
	f.order = slices.Clone(f.cells)
	slices.SortStableFunc(f.order, func(a, b heatCell) int { return cmp.Compare(a.v, b.v) })
	f.x, f.y = cmp.Or(clean(h.X), "column"), cmp.Or(clean(h.Y), "row")
	low, high := f.order[0].v, f.order[len(f.order)-1].v
	if f.value, err = newAxis(cmp.Or(clean(h.Value), "value"), clean(h.Unit), low, high, false); err != nil {
		return nil, fmt.Errorf("Heatmap.Cells: %w", err)
	}
	return newDrawing(h.Title, h.Caption, f), nil
}

// names gives clean names, none of them empty.
func names(who string, ss []string) ([]string, error) {
	if len(ss) > maxHeatNames {
		return nil, fmt.Errorf("%s has %d names; more than %d cannot be read, so put some together", who, len(ss), maxHeatNames)
	}
	out := make([]string, len(ss))
	for i, s := range ss {
		if out[i] = clean(s); out[i] == "" {
			return nil, fmt.Errorf("%s[%d] is empty; it needs a name", who, i)
		}
	}
	return out, nil
}

// heatmapFigure is a heatmap whose numbers are known.
type heatmapFigure struct {
	x, y          string
	value         axis
	rows, columns []string
	cells         []heatCell // row by row
	order         []heatCell // from the lowest to the highest
}

type heatCell struct {
	row, column int
	v           float64
}

// at names a cell's place.
func (f heatmapFigure) at(c heatCell) string {
	return fmt.Sprintf("%s %s, %s %s", f.y, f.rows[c.row], f.x, f.columns[c.column])
}

// key says what is not to be seen.
func (f heatmapFigure) key() string {
	if len(f.cells) <= tabledCells {
		return ""
	}
	return fmt.Sprintf("The table has the lowest and the highest of %d cells.", len(f.cells))
}

func (f heatmapFigure) alt(heading string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "Heatmap of %s", f.value.name)
	if heading != "" {
		fmt.Fprintf(&b, ", “%s”", heading)
	}
	low, high := f.order[0], f.order[len(f.order)-1]
	fmt.Fprintf(&b, ": %s (%s) by %s (%s). ", plural(len(f.rows), "row"), f.y, plural(len(f.columns), "column"), f.x)
	if low.v == high.v {
		fmt.Fprintf(&b, "All cells have %s.", f.value.measured(low.v))
		return b.String()
	}
	values := make([]float64, len(f.order))
	for i, c := range f.order {
		values[i] = c.v
	}
	fmt.Fprintf(&b, "Lowest %s (%s), highest %s (%s), median %s.", f.value.measured(low.v), f.at(low),
		f.value.measured(high.v), f.at(high), f.value.measured(quantile(values, 0.5)))
	return b.String()
}

func (f heatmapFigure) tables() []table {
	name := f.value.name
	if f.value.unit != "" {
		name += " (" + f.value.unit + ")"
	}
	if len(f.cells) <= tabledCells {
		t := table{heads: append([]string{fmt.Sprintf("%s, by %s and %s", name, f.y, f.x)}, f.columns...)}
		for r, row := range f.rows {
			cells := []string{row}
			for c := range f.columns {
				cells = append(cells, f.value.value(f.cells[r*len(f.columns)+c].v))
			}
			t.rows = append(t.rows, cells)
		}
		return []table{t}
	}
	t := table{heads: []string{f.y, f.x, name}}
	const ends = 10
	for i, c := range f.order {
		if i < ends || i >= len(f.order)-ends {
			t.rows = append(t.rows, []string{f.rows[c.row], f.columns[c.column], f.value.value(c.v)})
		}
	}
	return []table{t}
}

func (f heatmapFigure) option(heading string) (option, int) {
	cell := max(3, min(360/len(f.rows), 34)) // height in pixels
	widest := func(names []string) (short []string, width int) {
		for _, n := range names {
			n = shorten(n, labelSize, false, heatNames)
			short = append(short, n)
			width = max(width, int(math.Ceil(textWidth(n, labelSize, false))))
		}
		return short, width
	}
	rows, left := widest(f.rows)
	columns, wide := widest(f.columns)
	plot := max(cell*len(rows), 30)
	m := margins{left: left + 44, right: 20, bottom: 54}
	m.labels = func(int) int { return heatScale }
	turned := 0.0
	if wide+8 > (figureWidth-m.left-m.right)/len(columns) {
		turned = 90
		m.bottom = wide + 42
	}
	o, height := newOption(heading, plot, m)
	o.XAxis.Type, o.XAxis.Data, o.XAxis.Name = "category", columns, shorten(f.x, nameSize, false, float64(slimWidth-m.left+10))
	o.XAxis.NameGap = m.bottom - 22
	o.XAxis.SplitLine = &opts.SplitLine{Show: opts.Bool(false)}
	o.XAxis.AxisTick = &opts.AxisTick{Show: opts.Bool(false)}
	o.XAxis.AxisLabel = &opts.AxisLabel{Rotate: turned}
	o.YAxis = yAxis{
		YAxis: opts.YAxis{
			Type: "category", Data: rows, Name: shorten(f.y, nameSize, false, float64(plot+40)), NameGap: m.left - 18,
			Inverse: opts.Bool(true), SplitLine: &opts.SplitLine{Show: opts.Bool(false)},
		},
		AxisTick: &opts.AxisTick{Show: opts.Bool(false)},
	}
	scale := heatPayload{Low: f.value.place(f.value.low), High: f.value.place(f.value.high), Levels: heatLevels}
	payload := scale
	payload.Columns, payload.Name, payload.Unit = len(columns), f.value.name, f.value.unitOfCounts()
	span := f.value.high - f.value.low
	scale.From = shorten(f.value.name, labelSize, false, 90) + ": " + shorten(number(roundTo(f.value.low, span, 4)), labelSize, false, 60)
	scale.To = shorten(withUnit(number(roundTo(f.value.high, span, 4)), f.value.unit), labelSize, false, 80)
	scale.Width = int(math.Ceil(textWidth(scale.From, labelSize, false)))
	data := make([]float64, len(f.cells))
	for i, c := range f.cells {
		data[i] = f.value.place(c.v)
	}
	o.Series = []series{{
		RenderItem: "t2g.cell", ItemPayload: payload,
		Encode: encode{Tooltip: 0}, Clip: true, Data: data,
	}, {
		RenderItem: "t2g.scale", ItemPayload: scale,
		Silent: true, Data: []int{0},
	}}
	return o, height
}

// heatPayload goes with the shapes t2g.cell, whose data are the cells row by row, and t2g.scale.
type heatPayload struct {
	Low    float64 `json:"low"`
	High   float64 `json:"high"`
	Levels int     `json:"levels"`

	// Of the cells.
	Columns int    `json:"columns,omitempty"` // that a row has
	Name    string `json:"name,omitempty"`
	Unit    string `json:"unit,omitempty"`

	// Of the scale: what is at its ends, and the width of the first.
	From  string `json:"from,omitempty"`
	To    string `json:"to,omitempty"`
	Width int    `json:"width,omitempty"`
}
