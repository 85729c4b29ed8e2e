package webtest

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"

	"github.com/chromedp/cdproto/accessibility"
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/heapprofiler"
	"github.com/chromedp/cdproto/memory"
)

// Violations gives what axe-core finds wrong in the first element that matches a CSS selector,
// or in the whole page if that is "": a line for each rule that is broken. The rules are those
// that axe-core has turned on: WCAG 2 at levels A and AA, and good practice. It comes from the
// course's environment, and goes into the page as if from its console.
func (p *Page) Violations(selector string) []string {
	p.t.Helper()
	path := filepath.Join(os.Getenv("COURSE_ENV"), "share", "axe-core", "axe.min.js")
	axe, err := os.ReadFile(path)
	if err != nil {
		p.t.Fatalf("axe-core: %v; run `make test`, which sets it up", err)
	}
	p.Do(`if (!("axe" in window)) {` + string(axe) + `}`)
	r := Eval[struct {
		Violations []string
		Passes     int
	}](p, fmt.Sprintf(`(async () => {
		const place = %q;
		const { violations, passes } = await axe.run(place ? document.querySelector(place) : document);
		return {
			violations: violations.map(v => v.id + ": " + v.help + ": " + v.nodes.map(n => n.html.slice(0, 200) + " " + n.failureSummary).join("; ")),
			passes: passes.length,
		};
	})()`, selector))
	if r.Passes == 0 {
		p.t.Fatalf("%s: axe-core checked nothing in %q", p.url, selector)
	}
	return r.Violations
}

// Counts are what a page holds in memory after a collection of garbage, also beyond what is on
// the screen.
type Counts struct{ Nodes, Listeners int }

// Counts counts the page's DOM nodes and event listeners.
func (p *Page) Counts() Counts {
	p.t.Helper()
	call(p, "collect garbage", heapprofiler.CollectGarbage, cdp.Empty{})
	r := call(p, "count", memory.GetDOMCounters, cdp.Empty{})
	return Counts{int(r.Nodes), int(r.JsEventListeners)}
}

// A Role is what an element is to a screen reader: its role, and its accessible name.
type Role struct{ Role, Name string }

// Roles gives the page as screen readers have it, in order.
func (p *Page) Roles() []Role {
	p.t.Helper()
	tree := call(p, "the accessibility tree", accessibility.GetFullAXTree, accessibility.GetFullAXTreeParams{})
	text := func(v *accessibility.Value) (s string) {
		if v != nil {
			json.Unmarshal(v.Value, &s)
		}
		return s
	}
	var out []Role
	for _, n := range tree.Nodes {
		if !n.Ignored {
			out = append(out, Role{text(n.Role), text(n.Name)})
		}
	}
	return out
}
