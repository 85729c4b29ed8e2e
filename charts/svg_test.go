package charts

import (
	"encoding/xml"
	"errors"
	"io"
	"math"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// An element is a path or a text of an SVG, with its place in the picture.
type element struct {
	attrs  map[string]string // its own and those it inherits
	points [][2]float64      // a path's
	text   string
	x, y   float64 // a text's
	turned bool    // a text that is not horizontal
}

// parseSVG reads what ECharts draws, in the picture and in a live chart: paths of straight
// lines, and texts. It follows transforms that move.
func parseSVG(t *testing.T, svg string) []element {
	t.Helper()
	var out []element
	type level struct {
		attrs map[string]string
		x, y  float64
	}
	stack := []level{{map[string]string{}, 0, 0}}
	dec := xml.NewDecoder(strings.NewReader(svg))
	dec.Entity = xml.HTMLEntity
	for {
		token, err := dec.Token()
		if errors.Is(err, io.EOF) {
			return out
		} else if err != nil {
			t.Fatalf("not XML: %v in %s", err, svg)
		}
		switch token := token.(type) {
		case xml.StartElement:
			top := stack[len(stack)-1]
			next := level{map[string]string{}, top.x, top.y}
			for k, v := range top.attrs {
				next.attrs[k] = v
			}
			turned := false
			for _, a := range token.Attr {
				next.attrs[a.Name.Local] = a.Value
				if a.Name.Local != "transform" {
					continue
				}
				ns := numbers(a.Value)
				switch {
				case strings.HasPrefix(a.Value, "translate(") && len(ns) == 2:
					next.x, next.y = next.x+ns[0], next.y+ns[1]
				case strings.HasPrefix(a.Value, "matrix(") && len(ns) == 6:
					turned = true
				default:
					t.Fatalf("transform %s", a.Value)
				}
			}
			switch token.Name.Local {
			case "path":
				out = append(out, element{attrs: next.attrs, points: corners(t, next.attrs["d"], next.x, next.y)})
			case "text":
				x, _ := strconv.ParseFloat(next.attrs["x"], 64)
				y, _ := strconv.ParseFloat(next.attrs["y"], 64)
				out = append(out, element{attrs: next.attrs, x: x + next.x, y: y + next.y, turned: turned})
			}
			delete(next.attrs, "d")
			delete(next.attrs, "x")
			delete(next.attrs, "y")
			stack = append(stack, next)
		case xml.CharData:
			if n := len(out); n > 0 && stack[len(stack)-1].attrs != nil && out[n-1].points == nil {
				out[n-1].text += string(token)
			}
		case xml.EndElement:
			stack = stack[:len(stack)-1]
		}
	}
}

func numbers(s string) []float64 {
	var out []float64
	for _, f := range regexp.MustCompile(`-?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?`).FindAllString(s, -1) {
		n, _ := strconv.ParseFloat(f, 64)
		out = append(out, n)
	}
	return out
}

// corners are the points of path data, shifted. Of a circle, which begins at its right end, it
// is twice the middle, as of a dot in a picture. Other curves are not among a figure's shapes;
// a path with them has no points.
func corners(t *testing.T, d string, dx, dy float64) [][2]float64 {
	t.Helper()
	out := [][2]float64{}
	var x, y, x0, y0 float64
	for _, m := range regexp.MustCompile(`([A-Za-z])([^A-Za-z]*)`).FindAllStringSubmatch(d, -1) {
		ns := numbers(m[2])
		var px, py float64
		if strings.ToLower(m[1]) == m[1] {
			px, py = x, y
		}
		switch strings.ToUpper(m[1]) {
		case "M", "L":
			for i := 0; i+1 < len(ns); i += 2 {
				x, y = ns[i]+px, ns[i+1]+py
				out = append(out, [2]float64{x + dx, y + dy})
			}
			if m[1] == "M" || m[1] == "m" {
				x0, y0 = x, y
			}
			continue
		case "H":
			x = ns[0] + px
		case "V":
			y = ns[0] + py
		case "Z":
			x, y = x0, y0
			continue
		case "A":
			middle := [2]float64{x - ns[0] + dx, y + dy}
			return [][2]float64{middle, middle}
		default:
			return [][2]float64{}
		}
		out = append(out, [2]float64{x + dx, y + dy})
	}
	return out
}

// A scale is an axis as a reader takes it from its labels.
type scale struct {
	pixel, value float64 // of one label
	perPixel     float64
	log          bool
}

func (s scale) at(v float64) float64 {
	if s.log {
		v = math.Log10(v)
	}
	return s.pixel + (v-s.value)/s.perPixel
}

// readScale finds the numbers beside an axis: the texts whose value read gives, that stand in
// one column (for the vertical axis) or one row.
func readScale(t *testing.T, elements []element, vertical, log bool, read func(string) (float64, bool)) scale {
	t.Helper()
	lines := map[string][][2]float64{} // pixel and value, by the place across the axis
	for _, e := range elements {
		v, ok := read(strings.TrimSpace(e.text))
		if e.points != nil || e.turned || !ok {
			continue
		}
		if log {
			v = math.Log10(v)
		}
		if vertical {
			key := "x" + strconv.FormatFloat(e.x, 'f', 0, 64)
			lines[key] = append(lines[key], [2]float64{e.y, v})
		} else {
			key := "y" + strconv.FormatFloat(e.y, 'f', 0, 64)
			lines[key] = append(lines[key], [2]float64{e.x, v})
		}
	}
	var best [][2]float64
	for _, l := range lines {
		if len(l) > len(best) {
			best = l
		}
	}
	if len(best) < 2 {
		t.Fatalf("no axis in %d elements", len(elements))
	}
	a, b := best[0], best[len(best)-1]
	return scale{pixel: a[0], value: a[1], perPixel: (b[1] - a[1]) / (b[0] - a[0]), log: log}
}

func readNumber(s string) (float64, bool) {
	v, err := strconv.ParseFloat(strings.ReplaceAll(s, ",", ""), 64)
	return v, err == nil
}

// readDuration reads "1.5 ms" as seconds.
func readDuration(s string) (float64, bool) {
	n, unit, ok := strings.Cut(s, " ")
	size, known := map[string]float64{"s": 1, "ms": 1e-3, "µs": 1e-6, "ns": 1e-9}[unit]
	v, err := strconv.ParseFloat(n, 64)
	return v * size, ok && known && err == nil
}
