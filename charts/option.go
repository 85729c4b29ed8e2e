package charts

import (
	"cmp"
	"strconv"

	"github.com/go-echarts/go-echarts/v2/opts"
)

// The colours of Okabe and Ito that the figures use. What all figures have in common is in
// web/theme.js.
const (
	blue      = "#0072B2"
	blueTint  = "#BFDCEC" // a quarter of blue on white
	vermilion = "#D55E00"
	black     = "#222222"
)

// figureWidth is the width of a picture, and the most that a live chart takes, in pixels. A
// live chart of at most narrowWidth uses the layout made for slimWidth, a phone's.
const (
	figureWidth = 720
	narrowWidth = 560
	slimWidth   = 340
)

// Sizes that web/theme.js sets, in pixels.
const (
	titleSize  = 16
	titleLine  = 22
	titleTop   = 6
	titleLeft  = 14
	toolsWidth = 110 // of the live chart's tools, beside the title
	toolsLine  = 26
	nameSize   = 13 // of axis names
	labelSize  = 12 // of all other text
	legendGap  = 12 // between the items of a legend, in both directions
	legendLine = labelSize + legendGap
	legendIcon = 24 + 5 // an icon's width, and the gap to its text
)

const (
	slimLegend = slimWidth - 60
	legendText = slimLegend - legendIcon // the most for a name, in pixels
)

// An option is what ECharts draws. The types are go-echarts', with what those lack.
type option struct {
	Title   *opts.Title `json:"title,omitempty"`
	Legend  *legend     `json:"legend,omitempty"`
	Grid    opts.Grid   `json:"grid"`
	XAxis   opts.XAxis  `json:"xAxis"`
	YAxis   yAxis       `json:"yAxis"`
	Tooltip struct{}    `json:"tooltip"`
	Toolbox toolbox     `json:"toolbox"`
	Series  []series    `json:"series"`
	Media   []media     `json:"media"`
	Narrow  slimHeight  `json:"narrow"`
}

// A legend says what the series are, and hides one that is clicked. The series are named "0",
// "1" and so on; what a reader sees is in Payload.
type legend struct {
	Data      []legendItem  `json:"data"`
	Payload   legendPayload `json:"itemPayload"`
	Formatter string        `json:"formatter"`
	Top       int           `json:"top"`
	Width     int           `json:"width"`
}

type legendItem struct {
	Name string `json:"name"`
	Icon string `json:"icon"` // one of those in web/line.js and web/timeline.js
}

type legendPayload struct {
	Names []string `json:"names"`
}

// slimHeight is for web/browser.js: the height of a chart that is at most so wide.
type slimHeight struct {
	Width  int `json:"width"`
	Height int `json:"height"`
}

// toolbox names the tools of a live chart, in their order.
type toolbox struct {
	Feature struct {
		DataZoom    struct{} `json:"dataZoom"`
		Restore     struct{} `json:"restore"`
		SaveAsImage struct {
			Name string `json:"name,omitempty"` // of the file; the title as it is drawn if empty
		} `json:"saveAsImage"`
	} `json:"feature"`
}

type yAxis struct {
	opts.YAxis
	Interval float64        `json:"interval,omitempty"`
	AxisTick *opts.AxisTick `json:"axisTick,omitempty"`
}

// series is a series of ECharts' kind custom. Its shape is one of those that web/shapes.js lists,
// which adds the format of the same name for its tooltip, if there is one.
type series struct {
	Name        string          `json:"name,omitempty"` // for the legend
	RenderItem  string          `json:"renderItem"`
	ItemPayload any             `json:"itemPayload,omitempty"`
	Dimensions  []string        `json:"dimensions,omitempty"`
	Encode      encode          `json:"encode,omitzero"`
	ItemStyle   *opts.ItemStyle `json:"itemStyle,omitempty"`
	Clip        bool            `json:"clip,omitempty"`
	Silent      bool            `json:"silent,omitempty"`
	Data        any             `json:"data"`
}

type encode struct {
	X       any `json:"x,omitempty"`
	Y       any `json:"y,omitempty"`
	Tooltip any `json:"tooltip,omitempty"`
}

// media are changes to the option for charts that are at most MaxWidth wide. For all others
// web/shapes.js adds the option's own layout.
type media struct {
	Query  mediaQuery `json:"query"`
	Option layout     `json:"option"`
}

type mediaQuery struct {
	MaxWidth int `json:"maxWidth"`
}

// A layout is what depends on the width of the chart.
type layout struct {
	Title  *layoutTitle  `json:"title,omitempty"`
	Legend *layoutLegend `json:"legend,omitempty"`
	Grid   layoutGrid    `json:"grid"`
	XAxis  layoutAxis    `json:"xAxis"`
}

type layoutTitle struct {
	Text string `json:"text"`
}

type layoutLegend struct {
	Top   int `json:"top"`
	Width int `json:"width"`
}

type layoutGrid struct {
	Top  int `json:"top"`
	Left int `json:"left,omitempty"` // if it depends on the width
}

type layoutAxis struct {
	SplitNumber int `json:"splitNumber"`
}

// margins are the pixels around a plot. Above it, below the title, stands a legend, and rows
// of labels that take labels(width) pixels in a chart of that width.
type margins struct {
	left, right, bottom int
	slimLeft            int // in a narrow chart, if not left
	legend              []legendItem
	names               []string // in the legend
	labels              func(width int) int
}

// add puts an item into the legend.
func (m *margins) add(name, icon string) {
	m.legend = append(m.legend, legendItem{m.series(len(m.legend)), icon})
	m.names = append(m.names, name)
}

// series is the name of a series for the legend.
func (m margins) series(i int) string { return strconv.Itoa(i) }

// newOption is an option with what all figures have, for a plot that is height pixels high.
// The second result is the height of all.
func newOption(heading string, height int, m margins) (option, int) {
	wide, slim := fit(heading, figureWidth, m), fit(heading, slimWidth, m)
	o := option{
		Grid: opts.Grid{
			Left: strconv.Itoa(m.left), Right: strconv.Itoa(m.right), Bottom: strconv.Itoa(m.bottom),
			Top: strconv.Itoa(wide.Grid.Top),
		},
		XAxis:  opts.XAxis{SplitNumber: wide.XAxis.SplitNumber},
		Media:  []media{{mediaQuery{narrowWidth}, slim}},
		Narrow: slimHeight{narrowWidth, slim.Grid.Top + height + m.bottom},
	}
	if heading != "" {
		o.Title = &opts.Title{Title: wide.Title.Text}
	}
	if o.Title == nil || o.Title.Title != heading { // none, or one of several lines
		o.Toolbox.Feature.SaveAsImage.Name = cmp.Or(heading, "figure")
	}
	if len(m.legend) > 0 {
		names := make([]string, len(m.names))
		for i, name := range m.names {
			names[i] = shorten(name, labelSize, false, legendText)
		}
		o.Legend = &legend{
			Data: m.legend, Payload: legendPayload{names}, Formatter: "t2g.name",
			Top: wide.Legend.Top, Width: wide.Legend.Width,
		}
	}
	return o, wide.Grid.Top + height + m.bottom
}

// fit breaks the title into lines and makes room above the plot, at one width.
func fit(heading string, width int, m margins) layout {
	l := layout{
		Grid:  layoutGrid{Top: toolsLine},
		XAxis: layoutAxis{max(4, width/90)},
	}
	if m.slimLeft > 0 {
		l.Grid.Left = m.left
		if width < narrowWidth {
			l.Grid.Left = m.slimLeft
		}
	}
	if heading != "" {
		lines := wrap(heading, titleSize, true, float64(width-toolsWidth))
		l.Title = &layoutTitle{lines.text}
		l.Grid.Top = titleTop + titleLine*lines.n + 8
	}
	if len(m.legend) > 0 {
		// As wide as in the narrowest chart of this layout, so that it always has these rows.
		l.Legend = &layoutLegend{l.Grid.Top, narrowWidth - 20}
		if width < narrowWidth {
			l.Legend.Width = slimLegend
		}
		l.Grid.Top += legendLine*legendRows(m.names, l.Legend.Width) + 2
	}
	if m.labels != nil {
		l.Grid.Top += m.labels(width)
	}
	return l
}

// legendRows is the number of rows that a legend's names take, as ECharts places them.
func legendRows(names []string, width int) int {
	rows, x := 1, 0.0
	for _, name := range names {
		w := legendIcon + textWidth(shorten(name, labelSize, false, legendText), labelSize, false)
		if x+w > float64(width) {
			rows, x = rows+1, 0
		}
		x += w + legendGap
	}
	return rows
}

func fill(color string) *opts.ItemStyle { return &opts.ItemStyle{Color: color} }
