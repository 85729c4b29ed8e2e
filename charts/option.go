package charts

import (
	"fmt"

	"github.com/go-echarts/go-echarts/v2/opts"
)

// The colours of Okabe and Ito that the figures use, and inks with a contrast of at least
// 4.5 : 1 to white, as text needs.
const (
	blue      = "#0072B2"
	blueTint  = "#BFDCEC" // a quarter of blue on white
	vermilion = "#D55E00"
	ink       = "#222222"
	paleInk   = "#555555"
	gridline  = "#E4E4E4"
	white     = "#FFFFFF"
)

// figureWidth is the width of a picture, and the most that a live chart takes, in pixels. A
// live chart narrower than narrowWidth uses the layout made for slimWidth, a phone's.
const (
	figureWidth = 720
	narrowWidth = 560
	slimWidth   = 340
)

// An option is what ECharts draws. The types are go-echarts', with what those lack.
type option struct {
	Animation       bool           `json:"animation"`
	BackgroundColor string         `json:"backgroundColor"`
	TextStyle       opts.TextStyle `json:"textStyle"`
	Title           *title         `json:"title,omitempty"`
	Grid            grid           `json:"grid"`
	XAxis           xAxis          `json:"xAxis"`
	YAxis           yAxis          `json:"yAxis"`
	Tooltip         tooltip        `json:"tooltip"`
	Toolbox         toolbox        `json:"toolbox"`
	DataZoom        []dataZoom     `json:"dataZoom"`
	Series          []series       `json:"series"`
	Media           []media        `json:"media"`
}

type title struct {
	opts.Title
	Padding int `json:"padding"`
}

type grid struct {
	opts.Grid
	OuterBoundsMode string `json:"outerBoundsMode"`
}

type xAxis struct {
	opts.XAxis
	NameTextStyle   *opts.TextStyle `json:"nameTextStyle,omitempty"`
	NameMoveOverlap bool            `json:"nameMoveOverlap"`
}

type yAxis struct {
	opts.YAxis
	NameTextStyle   *opts.TextStyle `json:"nameTextStyle,omitempty"`
	NameMoveOverlap bool            `json:"nameMoveOverlap"`
	AxisTick        *opts.AxisTick  `json:"axisTick,omitempty"`
}

type tooltip struct {
	opts.Tooltip
	Confine            bool    `json:"confine"`
	TransitionDuration float64 `json:"transitionDuration"`
}

type toolbox struct {
	opts.Toolbox
	IconStyle opts.ItemStyle `json:"iconStyle"`
}

type dataZoom struct {
	opts.DataZoom
	ZoomOnMouseWheel any  `json:"zoomOnMouseWheel"`
	MoveOnMouseMove  any  `json:"moveOnMouseMove"`
	MoveOnMouseWheel bool `json:"moveOnMouseWheel"`
}

// series is a series of ECharts' kind custom. Its shape is one of web/shapes.js.
type series struct {
	Name        string         `json:"name,omitempty"`
	Type        string         `json:"type"`
	RenderItem  string         `json:"renderItem"`
	ItemPayload any            `json:"itemPayload,omitempty"`
	Dimensions  []string       `json:"dimensions,omitempty"`
	Encode      encode         `json:"encode"`
	ItemStyle   opts.ItemStyle `json:"itemStyle"`
	Tooltip     *opts.Tooltip  `json:"tooltip,omitempty"`
	Clip        bool           `json:"clip"`
	Silent      bool           `json:"silent,omitempty"`
	Data        any            `json:"data"`
}

type encode struct {
	X       any `json:"x,omitempty"`
	Y       any `json:"y,omitempty"`
	Tooltip any `json:"tooltip,omitempty"`
}

// media are changes to the option for charts that are at most MaxWidth wide; without a query,
// for all others.
type media struct {
	Query  *mediaQuery `json:"query,omitempty"`
	Option any         `json:"option"`
}

type mediaQuery struct {
	MaxWidth int `json:"maxWidth"`
}

// A layout is what depends on the width of the chart.
type layout struct {
	Title *struct {
		Text string `json:"text"`
	} `json:"title,omitempty"`
	Grid struct {
		Top string `json:"top"`
	} `json:"grid"`
	XAxis struct {
		SplitNumber int `json:"splitNumber"`
	} `json:"xAxis"`
}

// newOption is an option with all that the figures have in common. The plot has margins of
// left, right and bottom pixels, and rows above it of headroom(width) pixels for a chart of
// that width.
func newOption(heading string, left, right, bottom int, headroom func(width int) int) option {
	o := option{
		BackgroundColor: white,
		TextStyle:       opts.TextStyle{FontFamily: "system-ui,sans-serif"},
		Grid: grid{
			Grid:            opts.Grid{Left: fmt.Sprint(left), Right: fmt.Sprint(right), Bottom: fmt.Sprint(bottom)},
			OuterBoundsMode: "none",
		},
		Tooltip: tooltip{Tooltip: opts.Tooltip{Trigger: "item"}, Confine: true},
		Toolbox: toolbox{
			Toolbox: opts.Toolbox{
				Right: "4", Top: "4",
				Feature: &opts.ToolBoxFeature{
					DataZoom: &opts.ToolBoxFeatureDataZoom{
						YAxisIndex: "none",
						Title:      map[string]string{"zoom": "Zoom: drag over a part", "back": "Undo zoom"},
					},
					Restore:     &opts.ToolBoxFeatureRestore{Title: "Show all"},
					SaveAsImage: &opts.ToolBoxFeatureSaveAsImage{Title: "Save as picture"},
				},
			},
			IconStyle: opts.ItemStyle{BorderColor: paleInk},
		},
		// The wheel belongs to the page, unless Ctrl is held, as on a map.
		DataZoom: []dataZoom{{
			DataZoom:         opts.DataZoom{Type: "inside", FilterMode: "none"},
			ZoomOnMouseWheel: "ctrl", MoveOnMouseMove: "ctrl",
		}},
	}
	wide := fit(heading, figureWidth, headroom)
	slim := fit(heading, slimWidth, headroom)
	if heading != "" {
		o.Title = &title{Title: opts.Title{
			Title: wide.Title.Text, Left: "0", Top: "6",
			TitleStyle: &opts.TextStyle{Color: ink, FontSize: titleSize, LineHeight: titleLine},
		}}
	}
	o.Grid.Top = wide.Grid.Top
	o.XAxis.SplitNumber = wide.XAxis.SplitNumber
	o.Media = []media{{&mediaQuery{narrowWidth}, slim}, {nil, wide}}
	return o
}

const (
	titleSize = 16
	titleLine = 22
	toolsSize = 90 // width that the live chart's tools take beside the title
)

// fit breaks the title into lines and makes room for it, at one width.
func fit(heading string, width int, headroom func(width int) int) layout {
	var l layout
	top := 30 // for the live chart's tools
	if heading != "" {
		lines := wrap(heading, titleSize, true, float64(width-toolsSize))
		l.Title = &struct {
			Text string `json:"text"`
		}{lines.text}
		top = 14 + titleLine*lines.n
	}
	l.Grid.Top = fmt.Sprint(top + headroom(width))
	l.XAxis.SplitNumber = max(3, width/90)
	return l
}

const axisSize = 13

// axisText is the style of an axis' name.
func axisText() *opts.TextStyle { return &opts.TextStyle{Color: ink, FontSize: axisSize} }
