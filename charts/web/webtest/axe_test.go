package webtest

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestViolations(t *testing.T) {
	b := Start(t)
	path := filepath.Join(t.TempDir(), "page.html")
	const html = `<!doctype html><html lang="en"><meta charset="utf-8"><title>Page</title>
		<main><h1 id="good">Good</h1><div id="bad"><img src="data:,"><p style="color:#999">pale</p></div></main>`
	if err := os.WriteFile(path, []byte(html), 0o644); err != nil {
		t.Fatal(err)
	}
	p := b.Open(t, "file://"+path, Setting{})
	if v := p.Violations("#good"); len(v) != 0 {
		t.Errorf("violations where there are none: %q", v)
	}
	if !slices.Contains(p.Roles(), Role{"heading", "Good"}) {
		t.Errorf("no heading in %v", p.Roles())
	}
	for _, selector := range []string{"", "#bad"} {
		got := p.Violations(selector)
		slices.Sort(got)
		if len(got) != 2 || !strings.HasPrefix(got[0], "color-contrast: ") || !strings.HasPrefix(got[1], "image-alt: ") {
			t.Errorf("violations in %q: %q", selector, got)
		}
	}
}

// What is neither on the page nor held by a script does not count.
func TestCounts(t *testing.T) {
	p := Start(t).Open(t, "about:blank", Setting{})
	p.Do(`add = () => { const e = document.createElement("b"); e.onclick = () => {}; return e }`)
	before := p.Counts()
	p.Do(`for (let i = 0; i < 100; i++) add()`)
	if c := p.Counts(); c != before {
		t.Errorf("%+v, and %+v with garbage", before, c)
	}
	p.Do(`kept = []; for (let i = 0; i < 100; i++) kept.push(add())`)
	if c := p.Counts(); c.Nodes != before.Nodes+100 || c.Listeners != before.Listeners+100 {
		t.Errorf("%+v, and %+v with 100 elements more", before, c)
	}
}
