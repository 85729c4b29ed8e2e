package charts

import (
	"fmt"
	"testing"

	"github.com/threads2go/course/charts/web/webtest"
)

// TestStatisticsInPages is about what lines, distributions and heatmaps alone have.
func TestStatisticsInPages(t *testing.T) {
	environment(t)
	b := webtest.Start(t)
	t.Run("tooltip", func(t *testing.T) { statisticsTooltips(t, b) })
	t.Run("zoom", func(t *testing.T) { zoomedLine(t, b) })
	t.Run("narrow", func(t *testing.T) { narrowStatistics(t, b) })
}

func statisticsTooltips(t *testing.T, b *webtest.Browser) {
	hover := func(f Figure, xy, want string) {
		t.Helper()
		p := open(t, b, webtest.Setting{}, library(t), htmlOf(t, f))
		expect(t, p, 1, 0)
		at := webtest.Eval[[2]float64](p, fmt.Sprintf(`(() => {
			const r = document.querySelector(".t2g-live").getBoundingClientRect();
			const [x, y] = t2gCharts.chart(document.querySelector("figure")).convertToPixel({ gridIndex: 0 }, %s);
			return [r.x + x, r.y + y];
		})()`, xy))
		p.Point(at[0], at[1])
		p.Wait(fmt.Sprintf(`document.querySelector(".t2g-live").innerText.includes(%q)`, want))
		p.NoErrors()
	}
	line := Line{X: "size", XUnit: "items", YUnit: "ns", Series: []Series{
		{Name: "a < b", X: []float64{1, 2, 3}, Y: []float64{1000, 2500.5, 1}, Low: []float64{900, 2000, 0}, High: []float64{1100, 3000, 2}},
	}}
	hover(line, "[2, 2500.5]", "a < b\n2,500.5 ns at 2 items\nfrom 2,000 to 3,000 ns")
	steps := Distribution{Unit: "s", Samples: []Sample{{Name: "x", Values: []float64{0, 1, 1, 2}}}, Bars: true, Bins: 2}
	hover(steps, "[1, 0.75]", "x\n0.75 density at 1 s")
	steps.Panels = true
	hover(steps, "[1, 92/96 - 62/96]", "x\n0.75 density at 1 s")
	heat := Heatmap{Value: "time", Unit: "ns", Columns: []string{"one", "<two>"}, Rows: []string{"up", "down"}, Cells: [][]float64{{1, 2}, {3, 4.25}}}
	hover(heat, "[1, 1]", "down, <two>\ntime 4.25 ns")
	hover(Histogram{Y: "walks", Values: []float64{0, 1, 1, 2}, Bins: 2, Normal: true}, "[1, 1.9543]", "normal distribution")
}

// A zoomed line ends at the plot's edges, and its markers and whiskers with it.
func zoomedLine(t *testing.T, b *webtest.Browser) {
	p := open(t, b, webtest.Setting{}, library(t), htmlOf(t, costs()))
	expect(t, p, 1, 0)
	p.Do(`
		chart = t2gCharts.chart(document.querySelector("figure"));
		place = value => chart.convertToPixel({ xAxisIndex: 0 }, value);
		before = place(100) - place(10)`)
	from := webtest.Eval[float64](p, `8 + place(10)`)
	p.ClickAt(8+figureWidth-94, 8+16+14) // the first tool
	p.Drag(from, 200, from+160, 250)
	p.Wait(`place(100) - place(10) > 2 * before`)
	p.Do(painted)
	markers := `[...document.querySelectorAll(".t2g-live svg path")].filter(e => e.getAttribute("fill") === "#009E73" && e.getBoundingClientRect().width < 12)`
	if n := webtest.Eval[int](p, markers+".length"); n < 1 || n > 3 {
		t.Errorf("%d markers of the third line are in sight, want those of 16 and 64", n)
	}
	if n := webtest.Eval[int](p, `[...document.querySelectorAll(".t2g-live svg path")].filter(e => {
		const plot = { left: 60, right: 700 }, r = e.getBoundingClientRect(), x0 = document.querySelector(".t2g-live").getBoundingClientRect().x;
		return !e.closest("[clip-path]") && !e.getAttribute("clip-path") && ["#0072B2", "#D55E00", "#009E73"].includes(e.getAttribute("fill")) &&
			r.width < 12 && (r.x - x0 < plot.left - 8 || r.right - x0 > plot.right + 8);
	}).length`); n > 0 {
		t.Errorf("%d markers are outside the plot", n)
	}
	p.NoErrors()
}

// On a phone the figures keep their positions right, and the page does not scroll sideways.
func narrowStatistics(t *testing.T, b *webtest.Browser) {
	p := openAll(t, b, webtest.Setting{Width: 390}, looked())
	if webtest.Eval[bool](p, `document.documentElement.scrollWidth > innerWidth`) {
		t.Error("the page is wider than the window")
	}
	for name, f := range looked() {
		t.Run(name, func(t *testing.T) { checkPositions(t, f, svgOf(p, "#"+name)) })
	}
	if out := webtest.Eval[[]string](p, `[...document.querySelectorAll(".t2g-live text")].filter(e => {
		const r = e.getBoundingClientRect(), box = e.closest(".t2g-live").getBoundingClientRect();
		return r.right > box.right + 1 || r.left < box.left - 1;
	}).map(e => e.closest("div[id]").id + ": " + e.textContent)`); len(out) > 0 {
		t.Errorf("texts leave their figure: %q", out)
	}
}
