package charts

import "cmp"

// The colours of lines, those first that stand out most on white. Lines differ in their markers,
// too, or in their dashes if they have no markers.
var (
	lineColors  = []string{blue, vermilion, "#009E73", "#CC79A7", black, "#E69F00", "#56B4E9"}
	lineDashes  = []string{"solid", "dashed", "dotted", "dash-dot"}
	lineMarkers = []string{"circle", "square", "triangle", "diamond"}
)

// areaIcon is a legend's icon of bars or an area, one of those in web/line.js.
const areaIcon = "area"

// A style tells one line from another. Dashes and markers are those of web/line.js.
type style struct {
	color, dash, marker string
}

// curveStyle is the style of the i-th line.
func curveStyle(i int, marked bool) style {
	s := style{color: lineColors[i%len(lineColors)], dash: lineDashes[i%len(lineDashes)]}
	if marked {
		s.dash, s.marker = lineDashes[0], lineMarkers[i%len(lineMarkers)]
	}
	return s
}

// icon is the name of the style's icon.
func (s style) icon() string { return cmp.Or(s.marker, s.dash) }

// series draws points as a line. A row of data is a point [x, y], or [x, y, low, high] if the
// payload has a band or whiskers.
func (s style) series(name string, p curvePayload, data [][]float64) series {
	p.Dash, p.Marker = s.dash, s.marker
	return series{Name: name, RenderItem: "t2g.line", ItemPayload: p, ItemStyle: fill(s.color), Data: data}
}

// curvePayload goes with the shape t2g.line.
type curvePayload struct {
	Name     string  `json:"name,omitempty"`
	XUnit    string  `json:"xUnit,omitempty"`
	YUnit    string  `json:"yUnit,omitempty"`
	Dash     string  `json:"dash"`
	Marker   string  `json:"marker,omitempty"`
	Steps    bool    `json:"steps,omitempty"` // a value holds until the next point
	Band     bool    `json:"band,omitempty"`
	Whiskers bool    `json:"whiskers,omitempty"`
	Bare     bool    `json:"bare,omitempty"`  // no line joins the points
	Base     float64 `json:"base,omitempty"`  // where the area under the line ends
	Scale    float64 `json:"scale,omitempty"` // a y is told as scale (y - base), if there is one
	Tint     string  `json:"tint,omitempty"`  // of the area under the line
	Fill     float64 `json:"fill,omitempty"`  // opacity of the area under the line
}
