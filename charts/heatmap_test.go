package charts

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

func cells(rows, columns int, f func(r, c int) float64) [][]float64 {
	out := make([][]float64, rows)
	for r := range out {
		for c := range columns {
			out[r] = append(out[r], f(r, c))
		}
	}
	return out
}

func heatmaps() map[string]Heatmap {
	r := rand.New(rand.NewPCG(17, 18))
	return map[string]Heatmap{
		"times": {
			Title: "Time of an increment", X: "shards", Y: "goroutines", Value: "time", Unit: "ns",
			Columns: []string{"1", "2", "4", "8", "16"}, Rows: []string{"10", "20", "40", "80"},
			Cells: cells(4, 5, func(row, column int) float64 { return 3.7 + 40*float64(row)/float64(column+1) + r.Float64() }),
		},
		"one":   {Columns: []string{"c"}, Rows: []string{"r"}, Cells: [][]float64{{-3}}},
		"equal": {Columns: []string{"a", "b"}, Rows: []string{"c", "d"}, Cells: [][]float64{{5, 5}, {5, 5}}},
		"huge":  {Columns: []string{"a", "b"}, Rows: []string{"c", "d"}, Cells: [][]float64{{1e300, 2e300}, {-3e300, 0}}},
	}
}

func TestHeatmapErrorsNameTheCulprit(t *testing.T) {
	two := []string{"a", "b"}
	for _, c := range []struct {
		figure Heatmap
		want   string
	}{
		{Heatmap{}, "Heatmap.Rows or Heatmap.Columns is empty"},
		{Heatmap{Rows: two}, "Heatmap.Rows or Heatmap.Columns is empty"},
		{Heatmap{Rows: two, Columns: two}, "Heatmap.Cells has 0 rows, and Rows 2 names"},
		{Heatmap{Rows: two, Columns: two, Cells: [][]float64{{1, 2}, {3}}}, `Heatmap.Cells[1] ("b") has 1 numbers, and there are 2 columns`},
		{Heatmap{Rows: two, Columns: two, Cells: [][]float64{{1, math.NaN()}, {3, 4}}}, `Heatmap.Cells[0][1] ("a", "b") is NaN`},
		{Heatmap{Rows: two, Columns: two, Cells: [][]float64{{1, 2}, {math.Inf(-1), 4}}}, `Heatmap.Cells[1][0] ("b", "a") is -Inf`},
		{Heatmap{Rows: []string{"a", " "}, Columns: two, Cells: [][]float64{{1, 2}, {3, 4}}}, "Heatmap.Rows[1] is empty"},
		{Heatmap{Rows: two, Columns: []string{"", "b"}, Cells: [][]float64{{1, 2}, {3, 4}}}, "Heatmap.Columns[0] is empty"},
		{Heatmap{Rows: two, Columns: make([]string, 200), Cells: make([][]float64, 2)}, "Heatmap.Columns has 200 names; more than 60 cannot be read, so put some together"},
		{Heatmap{Rows: slices.Repeat(two, 10), Columns: slices.Repeat(two, 10), Cells: make([][]float64, 20)}, "Heatmap.Cells has 400 cells, 20 × 20; more than 150"},
		{Heatmap{Rows: two, Columns: two, Cells: [][]float64{{-1.7e308, 1.7e308}, {0, 0}}}, "wider than a float64"},
	} {
		_, err := draw(c.figure)
		if err == nil || !strings.HasPrefix(err.Error(), "charts: Heatmap.") || !strings.Contains(err.Error(), c.want) {
			t.Errorf("got the error %v, want one with %q", err, c.want)
		}
	}
}

func TestHeatmapIsDescribed(t *testing.T) {
	for name, want := range map[string]string{
		"one":   "Heatmap of value: 1 row (row) by 1 column (column). All cells have −3.",
		"equal": "Heatmap of value: 2 rows (row) by 2 columns (column). All cells have 5.",
		"huge":  "Heatmap of value: 2 rows (row) by 2 columns (column). Lowest −3×10³⁰⁰ (row d, column a), highest 2×10³⁰⁰ (row c, column b), median 5×10²⁹⁹.",
	} {
		d, err := heatmaps()[name].draw()
		if err != nil {
			t.Fatal(err)
		}
		if d.alt != want {
			t.Errorf("got  %s\nwant %s", d.alt, want)
		}
	}
}

// Sixty categories: the names thin out, the cells stay.
func TestManyCategories(t *testing.T) {
	environment(t)
	var names []string
	for i := range 60 {
		names = append(names, fmt.Sprint("category ", i))
	}
	value := func(r, c int) float64 { return float64(r*31%17) + float64(c*17%31)/40 }
	square := Heatmap{Rows: names[:12], Columns: names[:12], Cells: cells(12, 12, value)} // of too many cells for a table
	if d, err := draw(square); err != nil || len(d.tables[0].rows) != 20 || d.caption != "The table has the lowest and the highest of 144 cells." {
		t.Errorf("%v, caption %q", err, d.caption)
	}
	if html := htmlOf(t, square); len(html) > 12_000 {
		t.Errorf("%d bytes in a notebook", len(html))
	}
	for _, h := range []Heatmap{
		{Rows: names, Columns: []string{"a", "b"}, Cells: cells(60, 2, value)},
		{Rows: []string{"a", "b"}, Columns: names, Cells: cells(2, 60, value)},
	} {
		d, err := draw(h)
		if err != nil {
			t.Fatal(err)
		}
		if n := len(d.tables[0].rows); n != 20 {
			t.Errorf("the table has %d rows, want 20", n)
		}
		html := htmlOf(t, h)
		t.Logf("%d bytes", len(html))
		if len(html) > 12_000 {
			t.Errorf("%d bytes in a notebook", len(html))
		}
		n := 0
		for _, e := range parseSVG(t, drawn(t, h)) {
			if strings.HasPrefix(e.text, "category ") {
				n++
			}
		}
		if n < 10 || n > 61 {
			t.Errorf("%d names are written", n)
		}
	}
}

func TestInkStandsOutOnEveryColour(t *testing.T) {
	environment(t)
	h := Heatmap{Cells: [][]float64{nil}, Rows: []string{"r"}}
	for i := range 16 {
		h.Columns = append(h.Columns, string(rune('A'+i)))
		h.Cells[0] = append(h.Cells[0], float64(i))
	}
	inks := map[string]int{}
	for _, e := range parseSVG(t, drawn(t, h)) {
		if v, ok := readNumber(e.text); ok && e.attrs["text-anchor"] == "middle" && v == math.Trunc(v) {
			fill := e.attrs["fill"]
			if fill == "" {
				fill = "#000"
			}
			inks[fill]++
		}
	}
	if len(inks) != 2 || inks["#000"]+inks["#fff"] != 16 || min(inks["#000"], inks["#fff"]) < 4 {
		t.Errorf("inks: %v", inks)
	}
}
