package webtest

import (
	"math"
	"os"
	"path/filepath"
	"testing"
)

func TestTexts(t *testing.T) {
	const html = `<!doctype html><meta charset="utf-8"><title>Page</title><body style="background:#fff"><main>
		<p style="color:#000">black <b style="background:#000;color:#777">grey on black</b></p>
		<p style="color:#0000007f">half</p><p style="color:#fefefe">pale</p><p style="display:none">none</p><p style="visibility:hidden">hidden</p>
		<svg width="300" height="60"><rect width="150" height="60" fill="#000"/><text x="160" y="20" fill="#767676">on white</text>
		<text x="10" y="20" fill="#222">on black</text><text x="10" y="50" fill="#222" stroke="#fff" stroke-width="4" paint-order="stroke">with an outline</text>
		<text x="100" y="50" font-size="24" fill="#000">across</text></svg></main><p>elsewhere</p>`
	path := filepath.Join(t.TempDir(), "page.html")
	if err := os.WriteFile(path, []byte(html), 0o644); err != nil {
		t.Fatal(err)
	}
	texts := Start(t).Open(t, "file://"+path, Setting{}).Texts("main")
	want := []Text{
		{"black ", 21}, {"grey on black", 4.69}, {"half", 3.97}, {"pale", 1.01},
		{"on white", 4.54}, {"on black", 1.32}, {"with an outline", 15.91}, {"across", 1},
	}
	if len(texts) != len(want) {
		t.Fatalf("got %v", texts)
	}
	for i, w := range want {
		if got := texts[i]; got.Text != w.Text || math.Abs(got.Contrast-w.Contrast) > 0.05 {
			t.Errorf("got %q with %.2f, want %q with %.2f", got.Text, got.Contrast, w.Text, w.Contrast)
		}
	}
}
