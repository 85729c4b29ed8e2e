package charts

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"image"
	"image/png"
	"math"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/threads2go/course/charts/web/webtest"
	"github.com/threads2go/course/pkg/timeline"
)

// event is an event whose times are in milliseconds.
func event(who, what string, begin, end float64) timeline.Event {
	at := func(ms float64) time.Duration { return time.Duration(math.Round(ms * 1e6)) }
	return timeline.Event{Who: who, What: what, Begin: at(begin), End: at(end)}
}

// hello is row 4.2 of the course.
func hello() Timeline {
	asleep := event("sleeper", "sleeps", 0.2, 2000)
	asleep.Open = true
	return Timeline{
		Title:  "Hello is printed before the thread wakes",
		Events: []timeline.Event{asleep, event("main", "starts sleeper", 0, 0.2), event("main", "hello", 0.3, 0.3)},
	}
}

// stages are n tasks of two kinds for some workers, with waits between them.
func stages(n, workers int) Timeline {
	r := rand.New(rand.NewPCG(1, 2))
	t := Timeline{Title: "Images, downloaded and processed"}
	at := make([]float64, workers)
	for i := range n {
		w := i % workers
		do := func(what string, ms float64) {
			t.Events = append(t.Events, event(fmt.Sprint("worker ", w), what, at[w], at[w]+ms))
			at[w] += ms
		}
		do([]string{"download", "process"}[i/workers%2], 0.2+3*r.ExpFloat64())
		if i/workers%3 == 0 {
			do("waits for a page", 3*r.ExpFloat64())
		}
		at[w] += r.Float64()
	}
	return t
}

// timelines are those whose positions and looks are tested.
func timelines() map[string]Timeline {
	failed := stages(40, 3)
	failed.Events[7].Err = errors.New("page not found")
	failed.Events[7].Detail = "item 7"
	nested := Timeline{Events: []timeline.Event{
		event("call", "runs", 0, 10), event("call", "waits", 2, 7), event("call", "runs", 3, 4), event("other", "runs", 5, 9),
	}}
	kinds := Timeline{}
	for i := range 12 {
		kinds.Events = append(kinds.Events, event(fmt.Sprint("row ", i%5), fmt.Sprint("kind ", i), float64(i), float64(i+1+i%3)))
	}
	for i := range 3 {
		kinds.Events = append(kinds.Events, event("row 0", fmt.Sprint("waits for ", i), float64(4*i), float64(4*i+1)))
	}
	wide := Timeline{} // a long event among many short ones
	for i := range 3000 {
		wide.Events = append(wide.Events, event("short", "runs", float64(i), float64(i)+0.5))
	}
	wide.Events = append(wide.Events, event("long", "runs", 100, 2900), event("short", "sleeps", 3000, 4000), event("short", "done", 4000, 4000))
	late := Timeline{Events: []timeline.Event{event("a", "runs", 1e7, 1e7+1), event("b", "runs", 1e7+0.5, 1e7+2)}}
	return map[string]Timeline{
		"hello": hello(), "stages": stages(60, 4), "failed": failed, "nested": nested, "kinds": kinds, "late": late,
		"instant": {Events: []timeline.Event{event("main", "hello", 0, 0)}},
		"brief":   {Events: []timeline.Event{event("main", "runs", 0, 1e-6), event("main", "runs", 1e-3, 1)}},
		"wide":    wide, "ten-thousand": stages(10_000, 8), "many-rows": stages(300, 24), "most-rows": stages(10_000, 64),
	}
}

// A bar is a horizontal bar of an SVG: where it begins and ends, and its middle.
type bar struct{ x0, x1, y float64 }

// barsOf finds the bars of a colour: rectangles in a live chart, thick lines in a picture.
func barsOf(elements []element, color string) []bar {
	var out []bar
	for _, e := range elements {
		p := e.points
		switch {
		case e.attrs["stroke-width"] != "" && sameColor(e.attrs["stroke"], color):
			for i := 0; i+1 < len(p); i += 2 {
				if w := numbers(e.attrs["stroke-width"])[0]; p[i][1] == p[i+1][1] && w >= 3 {
					out = append(out, bar{p[i][0], p[i+1][0], p[i][1]})
				}
			}
		case sameColor(e.attrs["fill"], color) && len(p) == 4 && p[0][1] == p[1][1] && p[2][1] == p[3][1]:
			out = append(out, bar{p[0][0], p[1][0], (p[0][1] + p[2][1]) / 2})
		}
	}
	return out
}

// checkTimeline compares a timeline's shapes in an SVG with its events.
func checkTimeline(t *testing.T, tl Timeline, svg string) {
	t.Helper()
	d, err := tl.draw()
	if err != nil {
		t.Fatal(err)
	}
	f := decided(t, tl)
	elements := parseSVG(t, svg)
	x := readScale(t, elements, false, false, readNumber)
	at := func(d time.Duration) float64 { return x.at(f.on(d)) }
	top := 0.0 // of the plot, from the grid's lines
	for i, r := range f.rows {
		for _, e := range elements {
			if e.points == nil && e.text == r.name && i == 0 {
				top = e.y - float64(r.lanes*f.laneHeight())/2
			}
		}
	}
	if top == 0 {
		t.Fatalf("the row %q has no name in the figure", f.rows[0].name)
	}
	lane := func(i int) (low, high float64) {
		return top + float64(i*f.laneHeight()), top + float64((i+1)*f.laneHeight())
	}
	has := func(bars []bar, x0, x1, low, high float64) bool {
		return slices.ContainsFunc(bars, func(b bar) bool {
			return math.Abs(b.x0-x0) <= 0.5 && math.Abs(b.x1-x1) <= 0.5 && low < b.y && b.y < high
		})
	}
	pixels := pixelsOf(t, svg)
	alone := 0
	for i, k := range f.kinds {
		color := seriesOf(d, i)[0].ItemStyle.Color
		bars := barsOf(elements, color)
		for _, e := range f.events {
			if e.kind != i || e.together || e.instant() {
				continue
			}
			alone++
			begin, end := at(e.begin), at(e.end)
			end = max(end, begin+1) // the least that can be seen
			if e.open {
				end -= min(6, end-begin-1) // there begins the point
			}
			low, high := lane(e.lane)
			if !has(bars, begin, end, low, high) {
				t.Errorf("no bar of %q from %.1f to %.1f in lane %d; there are %.1f", k.name, begin, end, e.lane, bars)
			}
		}
		for _, e := range f.events {
			if e.kind != i || !e.instant() || e.n == 0 {
				continue
			}
			low, high := lane(e.lane)
			found := slices.ContainsFunc(elements, func(el element) bool {
				for k := 0; k+3 < len(el.points); k++ {
					p := el.points[k : k+4]
					if sameColor(el.attrs["fill"], color) && p[0][0] == p[2][0] && math.Abs(p[0][0]-at(e.begin)) <= 0.5 &&
						p[1][1] == p[3][1] && math.Abs(p[1][1]-(low+high)/2) <= 0.5 {
						return true
					}
				}
				return false
			})
			if !found {
				t.Errorf("no diamond of %q at %.1f in lane %d", k.name, at(e.begin), e.lane)
			}
		}
		edges := map[int][][3]float64{} // the horizontal ones of this colour, by whole pixels of their height
		for _, e := range elements {
			if !sameColor(e.attrs["fill"], color) {
				continue
			}
			for j := 1; j < len(e.points); j++ {
				if a, b := e.points[j-1], e.points[j]; a[1] == b[1] {
					edges[int(a[1])] = append(edges[int(a[1])], [3]float64{min(a[0], b[0]), max(a[0], b[0]), a[1]})
				}
			}
		}
		edge := func(from, to, y float64) bool {
			for at := int(y) - 1; at <= int(y)+1; at++ {
				for _, e := range edges[at] {
					if e[0] <= from+0.5 && e[1] >= to-0.5 && math.Abs(e[2]-y) <= 0.5 {
						return true
					}
				}
			}
			return false
		}
		// Of what is drawn together, each step has its upper end where the shares say.
		for n, row := range f.allLoads() {
			low, high := lane(n)
			pad := math.Round(float64(f.laneHeight()) / 8)
			if f.laneHeight() < 16 {
				pad = 1
			}
			low, high = low+pad, high-pad
			for step, heights := range row {
				if heights == nil || heights[i] == 0 {
					continue
				}
				units := 0
				for _, h := range heights[:i+1] {
					units += h
				}
				from := x.at(f.loads.low + float64(step)*f.loads.step)
				to := x.at(f.loads.low + float64(step+1)*f.loads.step)
				y := high - (high-low)*float64(units)/heightUnits
				floor := y + (high-low)*float64(heights[i])/heightUnits
				if pixels != nil {
					if !pixels.paints(color, from, to, y, floor) {
						t.Errorf("step %d in lane %d is not %s from %.1f to %.1f", step, n, k.name, y, floor)
					}
					continue
				}
				if !edge(from, to, y) {
					t.Errorf("step %d of %q in lane %d does not reach to %.1f", step, k.name, n, y)
				}
			}
		}
	}
	if one, _ := f.alone(); alone > one {
		t.Errorf("%d events looked for, %d drawn", alone, one)
	}
}

// seriesOf are the series of a kind.
func seriesOf(d *drawing, kind int) []series {
	var out []series
	for _, s := range d.option.Series {
		if s.Name == fmt.Sprint(kind) {
			out = append(out, s)
		}
	}
	return out
}

// decided is the figure with what draw has decided.
func decided(t *testing.T, tl Timeline) *timelineFigure {
	t.Helper()
	f, err := tl.figure()
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// allLoads are the heights of what is drawn together, by lane and step.
func (f *timelineFigure) allLoads() [][][]int {
	if f.loads == nil {
		return nil
	}
	return f.loads.lanes
}

// A pixelImage is an image in a picture.
type pixelImage struct {
	image.Image
	x, y, width, height float64
}

// pixelsOf finds the image of an SVG; nil if there is none.
func pixelsOf(t *testing.T, svg string) *pixelImage {
	t.Helper()
	_, tag, found := strings.Cut(svg, "<image ")
	if !found {
		return nil
	}
	tag, _, _ = strings.Cut(tag, ">")
	attr := func(name string) string {
		_, value, _ := strings.Cut(" "+tag, " "+name+`="`)
		value, _, _ = strings.Cut(value, `"`)
		return value
	}
	b, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(attr("href"), "data:image/png;base64,"))
	if err != nil {
		t.Fatal(err)
	}
	p := &pixelImage{}
	if p.Image, err = png.Decode(bytes.NewReader(b)); err != nil {
		t.Fatal(err)
	}
	// It is turned: what runs to the right in it runs down in the picture.
	if m := numbers(attr("transform")); len(m) == 6 && slices.Equal(m[:4], []float64{0, 1, 1, 0}) {
		p.x, p.y = m[4], m[5]
	} else {
		t.Fatalf("the image's transform is %q", attr("transform"))
	}
	p.width, _ = strconv.ParseFloat(attr("height"), 64)
	p.height, _ = strconv.ParseFloat(attr("width"), 64)
	return p
}

// paints says whether the image has a colour between two places on the horizontal axis, and
// between two on the vertical one, to half a pixel.
func (p *pixelImage) paints(color string, x0, x1, y0, y1 float64) bool {
	wide, high := p.width/float64(p.Bounds().Dy()), p.height/float64(p.Bounds().Dx())
	k := math.Round((x0 - p.x) / wide)
	if math.Abs(p.x+k*wide-x0) > 0.5 || math.Abs(p.x+(k+1)*wide-x1) > 0.5 || high != 1 {
		return false
	}
	has := func(y float64) bool {
		r, g, b, a := p.At(int(y-p.y), int(k)).RGBA()
		return a > 0 && sameColor(fmt.Sprintf("#%02x%02x%02x", r>>8, g>>8, b>>8), color)
	}
	// From the first whole pixel to the last, and not beyond.
	for y := math.Ceil(y0 + 0.5); y < math.Floor(y1-0.5); y++ {
		if !has(y) {
			return false
		}
	}
	return !has(math.Floor(y0-1)) && !has(math.Ceil(y1+0.5))
}

func TestTimelinePositionsInThePicture(t *testing.T) {
	environment(t)
	for name, f := range timelines() {
		t.Run(name, func(t *testing.T) { checkTimeline(t, f, drawn(t, f)) })
	}
}

// Instants that are close have no label but in the legend: two labels would lie on each other.
func TestTimelineLabelsDoNotOverlap(t *testing.T) {
	environment(t)
	ms := time.Millisecond
	d, err := Timeline{Events: []timeline.Event{
		{Who: "worker 0", What: "worker", End: 1600 * ms},
		{Who: "ApplyAsync", What: "returns", Begin: 600 * ms, End: 600 * ms},
		{Who: "Stream", What: "returns", Begin: 1400 * ms, End: 1400 * ms},
		{Who: "Stream", What: "returns", Begin: 1600 * ms, End: 1600 * ms},
	}}.draw()
	if err != nil {
		t.Fatal(err)
	}
	option, err := d.json()
	if err != nil {
		t.Fatal(err)
	}
	svgs, err := pictures(sketch{figureWidth, d.height, option}, sketch{slimWidth, d.height, option})
	if err != nil {
		t.Fatal(err)
	}
	// The legend's, and: wide, one for each; on a phone, those of the first instants of the rows.
	for i, want := range []int{4, 3} {
		if n := strings.Count(svgs[i], ">returns</text>"); n != want {
			t.Errorf("picture %d: %d times \"returns\", want %d", i, n, want)
		}
	}
}

// timelinePages is about timelines in a browser.
func timelinePages(t *testing.T, b *webtest.Browser) {
	p := openAll(t, b, webtest.Setting{}, timelines())
	still := openAll(t, b, webtest.Setting{NoScript: true}, timelines())
	for name, f := range timelines() {
		t.Run(name, func(t *testing.T) {
			checkTimeline(t, f, svgOf(p, "#"+name))
			if share := differing(t, p.Screenshot("#"+name+" .t2g-live"), still.Screenshot("#"+name+" img")); share >= 0.01 {
				t.Errorf("%.2f %% of the pixels differ between live chart and picture", 100*share)
			}
		})
	}

	p.Set(webtest.Setting{Width: 390, Height: 500 * len(timelines())})
	p.Wait(`[...document.querySelectorAll(".t2g-live svg")].every(s => s.getAttribute("width") === "374")`)
	p.Do(`new Promise(done => requestAnimationFrame(() => setTimeout(done, 50)))`)
	for name, f := range timelines() {
		t.Run(name+" at 390", func(t *testing.T) { checkTimeline(t, f, svgOf(p, "#"+name)) })
	}

	// Zoomed in, what is in sight is wider, and nothing leaves the plot.
	f := stages(60, 4)
	p = open(t, b, webtest.Setting{}, library(t), htmlOf(t, f))
	expect(t, p, 1, 0)
	p.Do(`
		chart = t2gCharts.chart(document.querySelector("figure"));
		place = value => chart.convertToPixel({ xAxisIndex: 0 }, value);
		before = place(20) - place(10)`)
	p.ClickAt(8+figureWidth-94, 8+16+14) // the first tool
	p.Drag(300, 120, 400, 140)
	p.Wait(`place(20) - place(10) > 4 * before`)
	p.Do(`new Promise(done => requestAnimationFrame(() => setTimeout(done, 50)))`)
	elements := parseSVG(t, svgOf(p, ""))
	bars := append(barsOf(elements, blue), barsOf(elements, kindColors[1])...)
	bars = slices.DeleteFunc(bars, func(b bar) bool { return b.y < 60 }) // the legend's
	if len(bars) == 0 || len(bars) > 30 {
		t.Errorf("%d bars in sight", len(bars))
	}
	for _, b := range bars {
		if b.x0 < 70 || b.x1 > 700.5 {
			t.Errorf("a bar from %v to %v, outside the plot", b.x0, b.x1)
		}
	}

	// A kind that is clicked in the legend is hidden; loads of the others stay where they are.
	f = timelines()["ten-thousand"]
	p = open(t, b, webtest.Setting{}, library(t), htmlOf(t, f))
	expect(t, p, 1, 0)
	area := func(color string) string {
		return fmt.Sprintf(`[...document.querySelectorAll(".t2g-live svg path[fill='%s']")].map(e => e.getAttribute("d")).join()`, color)
	}
	above := webtest.Eval[string](p, area(kindColors[1]))
	p.ClickAt(8+60, 8+16+42)
	p.Wait(area(blue) + `.length < 60`) // the legend's icon is grey
	if after := webtest.Eval[string](p, area(kindColors[1])); after != above {
		t.Error("what stood above the hidden kind has moved")
	}

	p = open(t, b, webtest.Setting{}, library(t), htmlOf(t, timelines()["failed"]))
	expect(t, p, 1, 0)
	cross := webtest.Eval[[2]float64](p, `(() => {
		const r = document.querySelector(".t2g-live svg path[stroke='#222222'][stroke-width='2'], .t2g-live svg path[stroke='#222222']").getBoundingClientRect();
		return [r.x + r.width / 2 - 6, r.y + r.height / 2 + 2];
	})()`)
	p.Point(cross[0], cross[1])
	p.Wait(`document.querySelector(".t2g-live").innerText.includes("item 7 error: page not found")`)
	p.NoErrors()
}

func TestTimelineErrorsNameTheEvent(t *testing.T) {
	backwards := event("reader", "reads", 2, 1)
	var rows, overlap []timeline.Event
	for i := range 65 {
		rows = append(rows, event(fmt.Sprint("w", i), "runs", 0, 1))
		overlap = append(overlap, event("pool", "runs", 0, 1))
	}
	for _, c := range []struct {
		events []timeline.Event
		want   string
	}{
		{nil, "Timeline.Events is empty"},
		{[]timeline.Event{event("a", "b", 0, 1), event(" \n", "runs", 0, 1)}, `Timeline.Events[1] ("runs") has no Who`},
		{[]timeline.Event{event("a", "", 0, 1)}, `Timeline.Events[0] (of "a") has no What`},
		{[]timeline.Event{backwards}, `Timeline.Events[0] ("reader", "reads") ends at 1ms, before it begins, at 2ms`},
		{rows, `Timeline.Events[64]: "w64" would be row 65`},
		{overlap, `8 events of "pool" overlap at 0s`},
		{[]timeline.Event{{Who: "a", What: "b", Begin: math.MinInt64, End: math.MaxInt64}}, "longer than a time.Duration can say"},
	} {
		err := Show(Timeline{Events: c.events})
		if err == nil || !strings.HasPrefix(err.Error(), "charts: ") || !strings.Contains(err.Error(), c.want) {
			t.Errorf("got the error %v, want one with %q", err, c.want)
		}
	}
}

func TestTimelineSaysTheNumbers(t *testing.T) {
	for _, c := range []struct {
		timeline Timeline
		want     string
	}{
		{Timeline{Events: []timeline.Event{event("a", "runs", 1e7, 1e7+1), event("b", "runs", 1e7+1, 1e7+4)}},
			"Timeline: 2 events in 2 rows, from 0 to 4 ms after 10,000 s. a: runs from 0 ms to 1 ms. b: runs from 1 ms to 4 ms."},
		{hello(), "Timeline of “Hello is printed before the thread wakes”: 3 events in 2 rows, from 0 to 2 s. main: starts sleeper from 0 s to 0.0002 s. sleeper: sleeps from 0.0002 s, not ended at 2 s. main: hello at 0.0003 s."},
		{Timeline{Events: slices.Repeat([]timeline.Event{event("a", "runs", 0, 3)}, 7)},
			"Timeline: 7 events in 1 row, from 0 to 3 ms. " + strings.TrimSpace(strings.Repeat("a: runs from 0 ms to 3 ms. ", 7))},
		{Timeline{Events: append(slices.Repeat([]timeline.Event{event("a", "beats", 1, 1)}, 20), event("b", "waits", 0, 2), event("b", "runs", 2, 4))},
			"Timeline: 22 events in 2 rows, from 0 to 4 ms. a: 20 × beats. b: waits 2 ms (50 %), runs 2 ms (50 %)."},
	} {
		d, err := draw(c.timeline)
		if err != nil {
			t.Fatal(err)
		}
		if d.alt != c.want {
			t.Errorf("got  %s\nwant %s", d.alt, c.want)
		}
	}
}

// Whatever runs or waits in a step can be seen in it, and so can time that is left.
func TestSharesHideNothing(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 10_000 {
		busy := make([]float64, 1+r.IntN(maxKinds))
		total := 0.0
		for i := range busy {
			if r.IntN(3) > 0 {
				busy[i] = math.Pow(10, -6*r.Float64())
				total += busy[i]
			}
		}
		free := total * (1 + float64(r.IntN(2))*r.Float64())
		heights := shares(busy, free)
		sum := 0
		for i, h := range heights {
			if (h >= leastUnits) != (busy[i] > 0) || h > 0 && h < leastUnits {
				t.Fatalf("%v of %v: heights %v", busy, free, heights)
			}
			if len(busy) == 1 && math.Abs(float64(h)/heightUnits-busy[i]/free) > 0.125 {
				t.Fatalf("%v of %v: heights %v", busy, free, heights)
			}
			sum += h
		}
		if sum > heightUnits || total < 0.995*free && sum > heightUnits-leastUnits {
			t.Fatalf("%v of %v: heights %v reach to %d", busy, free, heights, sum)
		}
	}
}

// All events are drawn, alone or together. A figure is as small as all others in up to 8 rows; in
// more it grows with them, as 100 steps of each row are to be seen.
func TestTimelinesFit(t *testing.T) {
	environment(t)
	most := map[int]int{1: 12_000, 4: 12_000, 8: 12_000, 24: 18_000, 40: 27_000, 64: 40_000}
	for _, n := range []int{1, 140, 1000, 10_000} {
		for workers := range most {
			f := decided(t, stages(n, workers))
			for _, e := range f.events {
				if e.together {
					step := int((f.on(e.begin) - f.loads.low) / f.loads.step)
					if heights := f.loads.lanes[e.lane][step]; heights == nil || heights[e.kind] == 0 {
						t.Errorf("%d tasks of %d workers: what begins at %v is not to be seen in step %d", n, workers, e.begin, step)
					}
				}
			}
			if f.loads != nil && len(f.loads.lanes[0]) < 100 {
				t.Errorf("%d tasks of %d workers: time has %d steps", n, workers, len(f.loads.lanes[0]))
			}
			if html := htmlOf(t, stages(n, workers)); len(html) > most[workers] {
				t.Errorf("%d tasks of %d workers take %d bytes", n, workers, len(html))
			}
		}
	}
}

// However many rows there are, with long names or short ones, time has at least 100 steps.
func TestTimelineHasAHundredStepsInAnyNumberOfRows(t *testing.T) {
	for rows := 1; rows <= maxRows; rows++ {
		tl := stages(10_000, rows)
		for i := range tl.Events {
			tl.Events[i].Who += strings.Repeat(" of many", rows%4)
		}
		f := decided(t, tl)
		for lane, steps := range f.loads.lanes {
			if len(steps) < 100 {
				t.Errorf("%d rows: %d steps in lane %d", rows, len(steps), lane)
			}
		}
		if alone, together := f.alone(); alone > 400 || together < 9000 {
			t.Errorf("%d rows: %d events alone, %d together", rows, alone, together)
		}
	}
}

func TestTimelineIsTheSameEveryTime(t *testing.T) {
	var first string
	for i := range 3 {
		d, err := draw(stages(3000, 6))
		if err != nil {
			t.Fatal(err)
		}
		b, err := d.json()
		if err != nil {
			t.Fatal(err)
		}
		if i == 0 {
			first = string(b)
		} else if string(b) != first {
			t.Fatal("the same events give another figure")
		}
	}
}

func TestTooManyKindsAreDrawnAsOne(t *testing.T) {
	f := decided(t, timelines()["kinds"])
	var names []string
	for _, k := range f.kinds {
		names = append(names, k.name)
	}
	// Those that last 2 and 3 ms have a colour of their own, as far as there are colours.
	want := []string{"kind 2", "kind 5", "kind 8", "kind 10", "kind 11", "waits, 3 kinds", "7 other kinds"}
	if !slices.Equal(names, want) {
		t.Errorf("the kinds are %q, want %q", names, want)
	}
	n := 0
	for _, e := range f.events {
		if k := f.kinds[e.kind]; k.others > 0 {
			n++
			if !strings.HasPrefix(e.detail, "kind ") && !strings.HasPrefix(e.detail, "waits for ") {
				t.Errorf("an event of %q does not say what it was: %q", k.name, e.detail)
			}
		}
	}
	if n != 10 {
		t.Errorf("%d events say what they were, want 10", n)
	}
}

// A recorded timeline is shown by one line.
func TestRecordedTimeline(t *testing.T) {
	tl := timeline.New()
	end := tl.Begin("reader", "reads")
	tl.Mark("main", "hello")
	end()
	tl.Begin("sleeper", "sleeps")
	if _, err := draw(Timeline{Events: tl.Events()}); err != nil {
		t.Error(err)
	}
}
